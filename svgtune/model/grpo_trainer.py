"""TRL's GRPO trainer, made to resume exactly, to read answers as inference does, and to say what is wrong."""

from __future__ import annotations

import errno
import logging
import math
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast_object_list, gather_object
from safetensors import SafetensorError
from torch.nn.functional import pad
from trl import GRPOTrainer
from trl.models.utils import unwrap_model_for_generation
from trl.trainer.utils import RepeatSampler

from svgtune.errors import RecipeError, TrainingError
from svgtune.model.alarm import Alarm
from svgtune.model.checkpoints import find_checkpoint
from svgtune.model.constrain import Constraint
from svgtune.model.curriculum import Curriculum
from svgtune.model.load import read_answer
from svgtune.model.rollouts import (
    can_write,
    check_same_round,
    list_round_settings,
    read_constrained,
    write_completions,
)
from svgtune.model.vllm_adapter import use_adapter_generation

logger = logging.getLogger(__name__)

# Rewards closer than this are one and the same.
_SPREAD = 1e-6
# Sequences of like length that are read together in an update.
_ROWS_TOGETHER = 4
# A checkpoint that could not be written with less room than this left was cut off by the full disk.
_FULL_DISK_BYTES = 64 << 20


class EpochSampler(RepeatSampler):
    """TRL's sampler with an order that follows from seed and epoch alone.

    TRL's own goes on with one random stream from epoch to epoch, so that a run resumed in its second epoch
    would draw the captions of the first again.

    Args:
        find_epoch: Returns the epoch, from 0, that is about to begin or to go on.
    """

    def __init__(self, *args: Any, seed: int, find_epoch: Callable[[], int], **kwargs: Any) -> None:
        super().__init__(*args, seed=seed, **kwargs)
        self._base_seed = seed
        self._find_epoch = find_epoch

    def __iter__(self) -> Iterator[int]:
        if self.shuffle:
            self.generator.manual_seed(self._base_seed + 1_000_003 * self._find_epoch())
        yield from super().__iter__()


class DrawingTrainer(GRPOTrainer):
    """GRPO on drawings.

    Beside TRL's figures it logs ``step_seconds/generate``, ``/reward`` and ``/update`` for each optimiser
    step, ``groups/flat`` (share of groups without any difference of reward) and ``rewards/unscored`` (share
    of completions that no reward could judge).

    Args:
        stop_ids: Tokens that end an answer, as inference has them.
        flat_rounds: As ``StopSection.flat_rounds``.
        rollout_batch_size: As ``GrpoRecipe.rollout_batch_size``.
        constraint: The grammar that the policy writes under: what it does not allow has no probability, in
            drawing as in learning. None lets the policy write anything.
        negative_weight: As ``GrpoRecipe.negative_weight``.
        alarm: Looks at the drawings of every evaluation; None for none.
        curriculum: Chooses what is drawn; None draws all captions equally often.
    """

    def __init__(
        self,
        *args: Any,
        stop_ids: Sequence[int],
        flat_rounds: int | None,
        rollout_batch_size: int = 64,
        constraint: Constraint | None = None,
        negative_weight: float = 1.0,
        alarm: Alarm | None = None,
        curriculum: Curriculum | None = None,
        **kwargs: Any,
    ) -> None:
        self.stop_ids = tuple(stop_ids)
        self.flat_rounds = flat_rounds
        self.rollout_batch_size = rollout_batch_size
        self.constraint = constraint
        self.negative_weight = negative_weight
        self.alarm = alarm
        self.curriculum = curriculum
        self._chosen: list[int] = []
        self._flat_so_far = 0
        self._spent: defaultdict[str, float] = defaultdict(float)
        with use_adapter_generation():
            super().__init__(*args, **kwargs)

    def _get_train_sampler(self, dataset: Any = None) -> EpochSampler:
        return EpochSampler(
            data_source=self.train_dataset if dataset is None else dataset,
            mini_repeat_count=self.num_generations,
            batch_size=self.args.generation_batch_size // self.num_generations,
            repeat_count=self.num_iterations * self.args.steps_per_generation,
            shuffle=self.shuffle_dataset,
            seed=self.args.seed,
            find_epoch=lambda: int(self.state.epoch or 0),
        )

    def _generate_and_score_completions(self, inputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
        if self.curriculum is not None and self.model.training:
            inputs = self._choose_rows(self.curriculum, len(inputs))
        outputs = super()._generate_and_score_completions(inputs)
        if self.model.training:
            # Below 1 a group's advantages no longer sum to 0, so that whatever was drawn becomes likelier.
            advantages = outputs["advantages"]
            outputs["advantages"] = torch.where(advantages < 0, self.negative_weight * advantages, advantages)
        return outputs

    def _choose_rows(self, curriculum: Curriculum, count: int) -> list[dict[str, Any]]:
        """Chooses what is drawn in a round, whatever the data loader brought, which cannot know the spreads.

        Returns:
            As many rows for this process; groups lie over the processes as TRL's sampler would lay them.
        """
        groups = count * self.accelerator.num_processes // self.num_generations
        number = self._step // (self.args.steps_per_generation * self.num_iterations)
        # The first process decides, so that all draw the same captions whatever their floats do.
        (self._chosen,) = broadcast_object_list([curriculum.choose(groups, number)])
        for name, value in curriculum.summarise(self._chosen).items():
            self._metrics["train"][name].append(value)
        places = [place for place in self._chosen for _ in range(self.num_generations)]
        start = self.accelerator.process_index * count
        return [dict(self.train_dataset[place]) for place in places[start : start + count]]

    def _generate_single_turn(
        self, prompt_ids: list[list[int]], *args: Any, **kwargs: Any
    ) -> tuple[list[list[int]], Any]:
        began = time.perf_counter()
        try:
            if can_write(self.args):
                completion_ids, logprobs = self._write(prompt_ids), None
            else:
                completion_ids, logprobs = super()._generate_single_turn(prompt_ids, *args, **kwargs)
        except (RuntimeError, TrainingError) as error:
            if "probabilit" not in str(error):
                raise
            raise TrainingError(
                f"trainer: after step {self.state.global_step} the model's probabilities are no numbers any "
                f"more; lower trainer.learning_rate and go on with --resume{self._tell_kept()}"
            ) from error
        self._spend("generate", began)
        empty = [place for place, ids in enumerate(completion_ids) if len(ids) == 0]
        for place in empty:
            # An engine that leaves out the end of a turn has nothing to show for an empty answer, and TRL
            # looks at the last token of each.
            completion_ids[place] = [self.eos_token_ids[0]]
            if logprobs is not None:
                logprobs[place] = [0.0]
        if empty:
            logger.warning("%d of %d completions are empty", len(empty), len(completion_ids))
        return completion_ids, logprobs

    def _write(self, prompt_ids: list[list[int]]) -> list[list[int]]:
        checkpointing = self.args.gradient_checkpointing_kwargs
        with (
            unwrap_model_for_generation(
                self.model_wrapped, self.accelerator, gradient_checkpointing_kwargs=checkpointing
            ) as model,
            self.accelerator.autocast(),
        ):
            return write_completions(
                model, prompt_ids, self.stop_ids, self.args, self.rollout_batch_size, self.constraint
            )

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Sequence[Sequence[int]]
    ) -> torch.Tensor:
        began = time.perf_counter()
        # TRL's own decoding leaves out special tokens, so that an answer with one in its middle would be
        # rewarded for a drawing that inference does not see.
        texts = [read_answer(self._tokenizer, ids, self.stop_ids)[0] for ids in completion_ids_list]
        completions = [[{"role": "assistant", "content": text}] for text in texts]
        rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        self._spend("reward", began)
        rewards = self._check_rewards(rewards)
        if self.alarm is not None and not self.model.training:
            self._show_alarm(self.alarm, inputs, texts, rewards)
        return rewards

    def _show_alarm(
        self, alarm: Alarm, inputs: Sequence[Mapping[str, Any]], texts: Sequence[str], rewards: torch.Tensor
    ) -> None:
        """Has a batch of an evaluation judged a second time; the figures of all processes are taken together.

        Args:
            alarm: The trainer's.
            inputs: Rows of this process.
            texts: Answers of this process.
            rewards: [completions, terms] of all processes.
        """
        own = [math.nan if score is None else score for score in alarm.rate(inputs, texts)]
        totals = (rewards * self.reward_weights.to(rewards.device)).nansum(dim=1)
        totals[torch.isnan(rewards).all(dim=1)] = torch.nan
        alarm.add(gather_object([row["id"] for row in inputs]), gather_object(own), totals.tolist())

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Does TRL's evaluation, then asks the alarm what it makes of it.

        Raises:
            TrainingError: The alarm is raised, and is to stop the run.
        """
        metrics = super().evaluate(*args, **kwargs)
        if self.alarm is None:
            return metrics
        figures, sentence = self.alarm.close(self.state.global_step, self.state.log_history)
        if figures:
            self.log(dict(figures))
        if sentence is not None and self.alarm.section.action == "stop":
            raise TrainingError(
                f"{sentence}; mend rewards (its guards, or another judge) and begin anew, or set "
                f"alarm.action to warn and go on with --resume{self._tell_kept()}"
            )
        if sentence is not None:
            logger.warning("%s", sentence)
        return metrics

    def _check_rewards(self, rewards: torch.Tensor) -> torch.Tensor:
        """Takes out completions that were judged in part, and looks for rounds that teach nothing.

        Args:
            rewards: [completions, terms] of all processes, NaN where a term has no answer.

        Returns:
            The same, all NaN for a completion that lacks a term which others of its group have: the sum of
            the rest would call it bad for a fault of ours.
        """
        training = self.model.training
        size = self.num_generations if training else self.num_generations_eval
        groups = rewards.view(-1, size, rewards.shape[1])
        missing = torch.isnan(groups)
        partly = (missing & ~missing.all(dim=1, keepdim=True)).any(dim=2)
        rewards = groups.masked_fill(partly.unsqueeze(2), torch.nan).view_as(rewards)
        unscored = torch.isnan(rewards).all(dim=1)
        metrics = self._metrics["train" if training else "eval"]
        metrics["rewards/unscored"].append(unscored.float().mean().item())
        if not training:
            return rewards
        if bool(unscored.all()):
            raise TrainingError(
                f"rewards: none of the {len(rewards)} drawings of step {self.state.global_step + 1} could be "
                "judged; see what the judges raised above, mend that and go on with --resume"
                f"{self._tell_kept()}"
            )
        totals = (rewards * self.reward_weights.to(rewards.device)).nansum(dim=1).view(-1, size)
        known = ~unscored.view(-1, size)
        highest = totals.masked_fill(~known, -torch.inf).amax(dim=1)
        lowest = totals.masked_fill(~known, torch.inf).amin(dim=1)
        flat = ~(highest - lowest > _SPREAD)
        metrics["groups/flat"].append(flat.float().mean().item())
        if self.curriculum is not None:
            pairs = zip(totals, known, strict=True)
            spreads = [own[judged].std().item() if judged.sum() > 1 else None for own, judged in pairs]
            self.curriculum.record(self._chosen, spreads)
        self._count_flat(bool(flat.all()), totals[known])
        return rewards

    def _count_flat(self, flat: bool, totals: torch.Tensor) -> None:
        self._flat_so_far = self._flat_so_far + 1 if flat else 0
        step = self.state.global_step + 1
        if flat and self._flat_so_far == 1:
            logger.warning(
                "step %d: all drawings of every caption earn the same (mean %.3f): nothing to learn from",
                step,
                totals.mean().item(),
            )
        if self.flat_rounds is not None and self._flat_so_far >= self.flat_rounds:
            raise TrainingError(
                f"rewards: for {self._flat_so_far} rounds up to step {step} all drawings of every caption "
                f"earned the same (now {totals.mean().item():.3f} on average), so that nothing is learned; "
                "raise trainer.temperature or trainer.num_generations, give a reward that tells drawings "
                f"apart, or set stop.flat_rounds to null{self._tell_kept()}"
            )

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **others: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        """Reads sequences of like length together, each few without the padding that only others need.

        TRL pads to the longest sequence of a whole round, which of drawings is often twice the mean.

        Args:
            model: The policy or the reference.
            input_ids: [rows, prompt + completion], prompts padded on the left, completions on the right.
            attention_mask: As ``input_ids``, 0 on padding.
            logits_to_keep: Columns of the completion.
            batch_size: Most rows at a time.
            compute_entropy: Also return entropies.
            others: Pictures and such, which drawings do not come with.

        Returns:
            Log probabilities and entropies [rows, ``logits_to_keep``], 0 on padding; no auxiliary loss.
        """
        if any(value is not None and value is not False for value in others.values()):
            assert self.constraint is None, "drawings come without pictures"
            return super()._get_per_token_logps_and_entropies(
                model, input_ids, attention_mask, logits_to_keep, batch_size, compute_entropy, **others
            )
        width = input_ids.shape[1]
        prompt = width - logits_to_keep
        columns = torch.arange(width, device=input_ids.device)
        seen = attention_mask.bool()
        starts = torch.where(seen, columns, width).amin(dim=1)
        # An empty completion still keeps one column: the model has to be asked for something.
        ends = torch.where(seen, columns + 1, 0).amax(dim=1).clamp(min=prompt + 1)
        order = torch.argsort(ends - starts, stable=True)
        logps: list[torch.Tensor] = []
        entropies: list[torch.Tensor] = []
        for rows in order.split(min(batch_size or _ROWS_TOGETHER, _ROWS_TOGETHER)):
            start, end = int(starts[rows].min()), int(ends[rows].max())
            ids, mask = input_ids[rows, start:end], attention_mask[rows, start:end]
            if self.constraint is None:
                own, entropy, _ = super()._get_per_token_logps_and_entropies(
                    model, ids, mask, end - prompt, compute_entropy=compute_entropy
                )
            else:
                with self.accelerator.autocast():
                    own, entropy = read_constrained(
                        model, ids, mask, end - prompt, self.constraint, self.args
                    )
            logps.append(pad(own, (0, width - end)))
            if compute_entropy:
                entropies.append(pad(entropy, (0, width - end)))
        back = torch.argsort(order)
        return torch.cat(logps)[back], torch.cat(entropies)[back] if compute_entropy else None, None

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """Does TRL's step, measures its parts, and stops at a loss that is no number."""
        began = time.perf_counter()
        elsewhere = self._spent["generate"] + self._spent["reward"]
        loss = super().training_step(model, inputs, num_items_in_batch)
        elsewhere = self._spent["generate"] + self._spent["reward"] - elsewhere
        self._spent["update"] += time.perf_counter() - began - elsewhere
        if not bool(torch.isfinite(loss)):
            raise TrainingError(
                f"trainer: the loss of step {self.state.global_step + 1} is {loss.item()}; lower "
                "trainer.learning_rate, or set precision to bf16 or fp32, and go on with --resume"
                f"{self._tell_kept()}"
            )
        if self.accelerator.sync_gradients:
            for part in ("generate", "reward", "update"):
                self._metrics["train"][f"step_seconds/{part}"].append(self._spent.pop(part, 0.0))
        return loss

    def close(self) -> None:
        """Frees what generation keeps outside this process's memory."""
        if self.use_vllm:
            self.vllm_generation.close()

    def _spend(self, part: str, began: float) -> None:
        if self.model.training:
            self._spent[part] += time.perf_counter() - began

    def _tell_kept(self) -> str:
        kept = find_checkpoint(Path(self.args.output_dir))
        return f" ({kept.name} is whole)" if kept is not None else " (there is no checkpoint yet)"

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self._get_output_dir(trial=trial), f"checkpoint-{self.state.global_step}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            torch.save(self._read_progress(), folder / self._progress_file)
            # The trainer's state is written last, by one process: nobody else may still be writing then.
            self.accelerator.wait_for_everyone()
            super()._save_checkpoint(model, trial)
        except (RuntimeError, SafetensorError) as error:
            if shutil.disk_usage(folder).free < _FULL_DISK_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error
            raise

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None:
            super()._load_optimizer_and_scheduler(None)
            return
        progress = self._load_progress(Path(checkpoint))
        super()._load_optimizer_and_scheduler(checkpoint)
        self._step = progress["step"]
        self._flat_so_far = progress["flat_so_far"]
        self._buffered_inputs = progress["buffered"]
        if self.alarm is not None:
            self.alarm.history = progress.get("alarm") or []
        if self.curriculum is not None:
            self.curriculum.spreads = progress.get("spreads") or {}

    def _load_progress(self, checkpoint: Path) -> dict[str, Any]:
        """Loads what ``_read_progress`` returned; refuses a checkpoint whose rounds were of another shape."""
        file = checkpoint / self._progress_file
        # All processes learn of it: one alone would stop, and the others wait for it.
        if not all(gather_object([file.is_file()])):
            raise RecipeError(
                f"{checkpoint}: holds no rollouts_*.pt for some of the {self.args.world_size} processes: "
                "fewer wrote it, or it was moved in part; resume with as many processes as wrote it, or "
                "begin anew with --overwrite"
            )
        progress: dict[str, Any] = torch.load(file, map_location=self.accelerator.device, weights_only=True)
        check_same_round(progress, self.args, checkpoint)
        return progress

    @property
    def _progress_file(self) -> str:
        return f"rollouts_{self.args.process_index}.pt"

    def _read_progress(self) -> dict[str, Any]:
        """Returns what TRL only keeps in memory: how far the round is, and what is still to be learned."""
        inside = self._step % (self.args.steps_per_generation * self.num_iterations) != 0
        return {
            "round": list_round_settings(self.args),
            "step": self._step,
            "flat_so_far": self._flat_so_far,
            "buffered": self._buffered_inputs if inside else None,
            "alarm": None if self.alarm is None else self.alarm.history,
            "spreads": None if self.curriculum is None else self.curriculum.spreads,
        }
