"""What looks on while a model trains: drawings of fixed prompts at every evaluation, and its gradients."""

from __future__ import annotations

import importlib
import json
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations import TensorBoardCallback

from svgtune.config.generate import Sampling
from svgtune.errors import TrainingError
from svgtune.model.arguments import has_split_weights
from svgtune.model.checkpoints import find_checkpoint
from svgtune.model.data import Wording
from svgtune.model.decoder import Decoder, Job
from svgtune.model.load import find_stop_ids, read_answer
from svgtune.model.lora import paused_training
from svgtune.render.pool import RenderPool
from svgtune.render.sheet import build_strip
from svgtune.runs import write_text_atomic
from svgtune.svg.plan import split_plan
from svgtune.svg.repair import Validity, read_drawing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DrawnPrompt:
    """One prompt as the model draws it now.

    Attributes:
        text: The model's answer, as written.
        finished: Whether it ended by itself, rather than at the token limit.
    """

    prompt: str
    text: str
    tokens: int
    finished: bool
    validity: Validity
    image: np.ndarray | None


class DrawingCallback(TrainerCallback):
    """Draws fixed prompts greedily whenever the trainer evaluates.

    Pictures go to ``folder``, to TensorBoard, and to W&B or Trackio where the run reports to them.

    Args:
        log: Takes the figures; the trainer's own ``log``, once there is a trainer.
        tensorboard: The run's TensorBoard callback; None where it does not report there.
        report_to: Names of the other loggers, as in the trainer's arguments.
    """

    def __init__(
        self,
        prompts: Sequence[str],
        wording: Wording,
        folder: Path,
        *,
        max_new_tokens: int,
        size_px: int,
        tensorboard: TensorBoardCallback | None = None,
        report_to: Sequence[str] = (),
    ) -> None:
        self.prompts = tuple(prompts)
        self.wording = wording
        self.folder = folder
        self.max_new_tokens = max_new_tokens
        self.size_px = size_px
        self.tensorboard = tensorboard
        self.report_to = tuple(report_to)
        self.log: Callable[[dict[str, float]], None] | None = None
        # Starts its worker at the first drawing, and keeps it until training ends.
        self._pool = RenderPool(workers=1, size_px=size_px)

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: PreTrainedModel | None = None,
        **_: Any,
    ) -> None:
        """Draws on the first process; the others wait for it at their next common step."""
        if not self.prompts or model is None or not state.is_world_process_zero:
            return
        if has_split_weights(args):
            # Their weights lie in pieces on all processes; one process alone cannot generate.
            return
        drawn = self.draw(model)
        self._write_files(drawn, state.global_step)
        figures = summarise_drawings(drawn)
        logger.info("drawings at step %d: %s", state.global_step, json.dumps(figures))
        if self.log is not None:
            self.log({f"eval_drawings_{name}": value for name, value in figures.items()})
        self._log_pictures(drawn, state.global_step)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Ends the render worker."""
        self._pool.close()

    def draw(self, model: PreTrainedModel) -> list[DrawnPrompt]:
        """Draws every prompt with the model as it is now."""
        answers = generate_greedily(model, self.wording, self.prompts, self.max_new_tokens)
        texts = [split_plan(text)[1] if self.wording.traits.plan else text for text, _, _ in answers]
        readings = [read_drawing(text, self.wording.normal_form) for text in texts]
        rendered = self._pool.render([reading.svg or "<svg/>" for reading in readings])
        return [
            DrawnPrompt(prompt, *answer, reading.validity, picture.image if reading.svg else None)
            for prompt, answer, reading, picture in zip(
                self.prompts, answers, readings, rendered, strict=True
            )
        ]

    def _write_files(self, drawn: Sequence[DrawnPrompt], step: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {
                "prompt": d.prompt,
                "text": d.text,
                "tokens": d.tokens,
                "finished": d.finished,
                "validity": d.validity,
            }
            for d in drawn
        ]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        write_text_atomic(self.folder / f"step_{step:06d}.jsonl", text)
        strip = build_strip([d.image for d in drawn], self.size_px)
        Image.fromarray(strip).save(self.folder / f"step_{step:06d}.png")

    def _log_pictures(self, drawn: Sequence[DrawnPrompt], step: int) -> None:
        pictures = {f"{i}_{d.prompt[:60]}": d.image for i, d in enumerate(drawn) if d.image is not None}
        writer = self.tensorboard.tb_writer if self.tensorboard is not None else None
        if writer is not None:
            for name, image in pictures.items():
                writer.add_image(f"drawings/{name}", image, step, dataformats="HWC")
            writer.flush()
        for name in {"wandb", "trackio"} & set(self.report_to):
            # Both are optional, and take pictures by the same two names.
            remote = importlib.import_module(name)
            remote.log({f"drawings/{title}": remote.Image(image) for title, image in pictures.items()})


class EarlierFigures(TrainerCallback):
    """Puts what was logged before training at the head of the log, which every training begins anew.

    Args:
        entries: Of ``TrainerState.log_history``.
    """

    def __init__(self, entries: Sequence[dict[str, Any]]) -> None:
        self.entries = list(entries)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Leaves the log of a resumed training as it is."""
        if not state.log_history:
            state.log_history.extend(self.entries)


class FiniteGradients(TrainerCallback):
    """Stops before a gradient that is no number reaches the weights.

    With fp16 the gradient scaler does that by itself, and skips the step.
    """

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: Any = None,
        **_: Any,
    ) -> None:
        """Looks at the norms of all gradients."""
        gradients = [p.grad for p in model.parameters() if p.grad is not None] if model is not None else []
        if args.fp16 or not gradients:
            return
        norms = torch.stack([norm.float() for norm in torch._foreach_norm(gradients)])
        if not bool(torch.isfinite(norms).all()):
            kept = find_checkpoint(Path(args.output_dir))
            raise TrainingError(
                f"trainer: the gradient of step {state.global_step + 1} holds NaN or infinity; lower "
                "trainer.learning_rate, or set precision to bf16 or fp32, and go on with --resume "
                f"({f'{kept.name} is whole' if kept else 'there is no checkpoint yet'})"
            )


def summarise_drawings(drawn: Sequence[DrawnPrompt]) -> dict[str, float]:
    """Returns the share of each validity, of finished answers, and the mean length in tokens."""
    figures = {str(v): float(np.mean([d.validity is v for d in drawn])) for v in Validity}
    figures["finished"] = float(np.mean([d.finished for d in drawn]))
    figures["tokens"] = float(np.mean([d.tokens for d in drawn]))
    return figures


@torch.no_grad()
def generate_greedily(
    model: PreTrainedModel, wording: Wording, prompts: Sequence[str], max_new_tokens: int
) -> list[tuple[str, int, bool]]:
    """Generates one answer for each prompt: its text, its length in tokens, and whether it ended by itself.

    Greedy, so that it takes nothing from the random streams that training goes on with.
    """
    tokenizer = wording.tokenizer
    texts = [
        tokenizer.apply_chat_template(wording.build_prompt(p), tokenize=False, add_generation_prompt=True)
        for p in prompts
    ]
    stop_ids = find_stop_ids(tokenizer, model)
    prompt_ids = tokenizer(texts, add_special_tokens=False)["input_ids"]
    jobs = [Job(place, ids, [random.Random(0)], max_new_tokens) for place, ids in enumerate(prompt_ids)]
    answers = [("", 0, False)] * len(jobs)
    with paused_training(model):
        for written in Decoder(model, stop_ids).write(jobs, Sampling(temperature=0)):
            text, length = read_answer(tokenizer, written.tokens, stop_ids)
            answers[written.key] = (text, length, written.stop is not None)
    return answers
