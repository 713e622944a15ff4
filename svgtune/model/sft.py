"""Supervised fine-tuning: captions in, drawings out, with the loss on the drawing only."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback
from trl import SFTConfig, SFTTrainer

from svgtune.config.sft import SftRecipe
from svgtune.errors import RecipeError
from svgtune.model import tuning
from svgtune.model.arguments import fill_arguments
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER, find_checkpoint
from svgtune.model.data import Corpus, Wording, load_corpus
from svgtune.model.lora import build_lora_config
from svgtune.model.precision import Device, Precision
from svgtune.model.tuning import build_wording
from svgtune.runs import open_run

logger = logging.getLogger(__name__)

# Set by the recipe's other fields, or fixed because something else depends on them.
MANAGED = {
    **tuning.MANAGED,
    "completion_only_loss": "the loss is always on the completion only",
    "assistant_only_loss": "the loss is always on the completion only",
    "chat_template_path": "it can add tokens, which vLLM refuses in an adapter",
    "load_best_model_at_end": "set early_stopping",
    "metric_for_best_model": "set early_stopping",
}
_DEFAULTS: dict[str, Any] = {
    "eval_strategy": "steps",
    "eval_steps": 100,
    "save_total_limit": 2,
    "report_to": ["tensorboard"],
    "gradient_checkpointing": False,
    "eval_packing": False,
    "include_num_input_tokens_seen": "non_padding",
}


def run(recipe: SftRecipe, output: Path, *, resume: bool = False, overwrite: bool = False) -> dict[str, Any]:
    """Tunes a base model by a recipe, and leaves the adapter or model in ``output``.

    ``output`` also gets ``metrics.json`` (held-out loss before and after, and what it took), ``README.md``,
    ``svgtune.json``, ``logs/`` (TensorBoard), ``drawings/`` and ``checkpoints/``.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        RecipeError: A setting that cannot be used; nothing has been written then.
        MachineError: The recipe needs another machine.
        MissingInputError: The base model, the adapter, data or a column is not there.
    """
    began = time.monotonic()
    opened = tuning.open_tuning(recipe, output, SFTConfig, MANAGED, build_arguments)
    args, precision = opened.args, opened.precision
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    wording = build_wording(recipe, opened.base, args.max_length, adapter=opened.start)
    corpus = load_corpus(recipe.data, wording)
    trainer = build_trainer(recipe, output, args, corpus, wording, precision, opened.start)
    checkpoint = find_checkpoint(output / CHECKPOINTS_FOLDER) if resume else None
    if resume and checkpoint is None:
        logger.warning("%s: no whole checkpoint to resume from; starting at the first step", output)

    before = tuning.read_metric(output, "held_out_loss_before") if checkpoint else None
    if before is None:
        before = tuning.evaluate_first(trainer)["eval_loss"]
        tuning.write_metrics(trainer, output, {"held_out_loss_before": before})
    logger.info("held-out loss before training: %.4f", before)
    result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    after = _find_loss_after(trainer)
    logger.info("held-out loss: %.4f before, %.4f after %d steps", before, after, trainer.state.global_step)

    metrics: dict[str, Any] = {
        "held_out_loss_before": before,
        "held_out_loss_after": after,
        "train_loss": result.training_loss,
        **tuning.describe_run(trainer, recipe, precision, began),
        "data": corpus.counts,
    }
    tuning.publish(
        trainer,
        recipe,
        output,
        style=wording.style,
        plan=wording.traits.plan,
        licences=corpus.licences,
        metrics=metrics,
        made_by="train/sft.py",
    )
    tuning.write_metrics(trainer, output, metrics)
    return metrics


def build_arguments(recipe: SftRecipe, output: Path, device: Device, precision: Precision) -> SFTConfig:
    """Builds the trainer's arguments: our defaults, the recipe's ``trainer``, and what the recipe settles.

    Raises:
        RecipeError: SFTConfig refuses a value.
    """
    values = {**_DEFAULTS, **recipe.trainer, "completion_only_loss": True}
    if recipe.early_stopping is not None:
        saved = values.get("save_strategy", values["eval_strategy"])
        if values["eval_strategy"] == "no" or saved != values["eval_strategy"]:
            raise RecipeError(
                f"early_stopping: needs evaluation and saving at the same steps, but eval_strategy is "
                f"{values['eval_strategy']} and save_strategy {saved}; set both to steps"
            )
        values.update(
            load_best_model_at_end=True,
            metric_for_best_model="eval_loss",
            greater_is_better=False,
            restore_callback_states_from_checkpoint=True,
        )
    return fill_arguments(SFTConfig, recipe, values, output, device, precision)


def build_trainer(
    recipe: SftRecipe,
    output: Path,
    args: SFTConfig,
    corpus: Corpus,
    wording: Wording,
    precision: Precision,
    start: Path | None = None,
) -> SFTTrainer:
    """Loads the base model, puts the adapter on it, and builds the trainer with its callbacks."""
    lora = recipe.method == "lora"
    model = tuning.load_policy(recipe, args, precision, start)
    drawing, callbacks = tuning.build_observers(recipe, output, args, wording)
    if recipe.early_stopping is not None:
        stop = recipe.early_stopping
        callbacks.append(EarlyStoppingCallback(stop.patience, stop.min_delta))
    trainer = SFTTrainer(
        model=model,
        args=args,
        train_dataset=corpus.train,
        eval_dataset=corpus.held_out,
        processing_class=wording.tokenizer,
        peft_config=build_lora_config(recipe.lora) if lora and start is None else None,
        callbacks=callbacks,
    )
    if lora:
        tuning.settle_adapter(trainer.model, recipe, wording.tokenizer)
    if drawing is not None:
        drawing.log = trainer.log
    return trainer


def _find_loss_after(trainer: SFTTrainer) -> float:
    """Returns the held-out loss of the weights that are kept, measuring it unless training just did."""
    state = trainer.state
    kept = state.best_global_step if trainer.args.load_best_model_at_end else state.global_step
    measured = {entry["step"]: entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry}
    if kept in measured:
        return float(measured[kept])
    return float(trainer.evaluate()["eval_loss"])
