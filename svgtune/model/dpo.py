"""Preference tuning: of two drawings of a caption, the better one becomes likelier than the worse.

DPO as by Rafailov et al. (arXiv 2305.18290), by TRL.
"""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import Any

from peft import PeftModel
from trl import DPOConfig, DPOTrainer

from svgtune.config.dpo import DpoRecipe
from svgtune.model import tuning
from svgtune.model.arguments import fill_arguments
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER, find_checkpoint
from svgtune.model.curves import summarise_curves
from svgtune.model.data import Corpus, Wording
from svgtune.model.lora import build_lora_config
from svgtune.model.pairs import load_pairs
from svgtune.model.precision import Device, Precision
from svgtune.runs import check_output, open_run

logger = logging.getLogger(__name__)

MANAGED = {
    **tuning.MANAGED,
    "sync_ref_model": "the reference is what the run starts with, and stays so",
    "truncation_mode": "nothing is cut off; a pair longer than max_length is dropped",
    "load_best_model_at_end": "the last weights are kept; save_total_limit keeps earlier ones as checkpoints",
    "metric_for_best_model": "the last weights are kept; save_total_limit keeps earlier ones as checkpoints",
}
_DEFAULTS: dict[str, Any] = {
    "eval_strategy": "steps",
    "eval_steps": 50,
    "save_total_limit": 2,
    "logging_steps": 1,
    "report_to": ["tensorboard"],
    "gradient_checkpointing": False,
    "include_num_input_tokens_seen": "non_padding",
}
# What is measured on the held-out pairs, and where TRL logs it.
_FIGURES = {
    "loss": "eval_loss",
    "accuracy": "eval_rewards/accuracies",
    "margin": "eval_rewards/margins",
    "chosen_logp": "eval_logps/chosen",
    "rejected_logp": "eval_logps/rejected",
}
_REFERENCE = "ref"


class PreferenceTrainer(DPOTrainer):
    """TRL's trainer, with checkpoints that it can be resumed from.

    TRL keeps the adapter that a run starts with beside the one that is trained, under the name ``ref``. Both
    would be saved, and a checkpoint with such a folder makes transformers load that folder alone, so that
    training would go on from the start's weights. The reference is built anew from the start instead.
    """

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        super()._save(output_dir, state_dict)
        if self.args.should_save:
            shutil.rmtree(Path(output_dir or self.args.output_dir) / _REFERENCE, ignore_errors=True)


def run(recipe: DpoRecipe, output: Path, *, resume: bool = False, overwrite: bool = False) -> dict[str, Any]:
    """Tunes a model by preference, and leaves the adapter or model in ``output``.

    ``output`` also gets ``metrics.json`` (loss, accuracy, margin and mean log probabilities on held-out pairs
    before and after, and where the curves began and ended), ``README.md``, ``svgtune.json``, ``logs/``
    (TensorBoard), ``drawings/`` and ``checkpoints/``.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        RecipeError: A setting that cannot be used; nothing has been written then.
        MachineError: The recipe needs another machine.
        MissingInputError: The base model, the adapter, the pairs or a column is not there.
        InputError: No pair is left.
        TrainingError: A gradient, or the held-out loss at the end, is no number; nothing is published.
    """
    began = time.monotonic()
    opened = tuning.open_tuning(recipe, output, DPOConfig, MANAGED, build_arguments)
    args, precision = opened.args, opened.precision
    if args.process_index == 0:
        check_output(output, resume=resume, overwrite=overwrite)
    wording = tuning.build_wording(recipe, opened.base, args.max_length, adapter=opened.start)
    corpus = load_pairs(recipe.data, wording)
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    trainer = build_trainer(recipe, output, args, corpus, wording, precision, opened.start)
    figures = _train(trainer, output, resume=resume)
    if isinstance(trainer.model, PeftModel) and _REFERENCE in trainer.model.peft_config:
        trainer.model.delete_adapter(_REFERENCE)
    metrics = {
        **figures,
        **tuning.describe_run(trainer, recipe, precision, began),
        "curves": summarise_curves(trainer.state.log_history),
        "data": corpus.counts,
    }
    tuning.publish(
        trainer,
        recipe,
        output,
        style=wording.style,
        licences=corpus.licences,
        metrics=metrics,
        made_by="train/dpo.py",
    )
    tuning.write_metrics(trainer, output, metrics)
    return metrics


def build_arguments(recipe: DpoRecipe, output: Path, device: Device, precision: Precision) -> DPOConfig:
    """Builds the trainer's arguments: our defaults, the recipe's ``trainer``, and what the recipe settles.

    Raises:
        RecipeError: DPOConfig refuses a value.
    """
    values = {**_DEFAULTS, **recipe.trainer}
    return fill_arguments(DPOConfig, recipe, values, output, device, precision)


def build_trainer(
    recipe: DpoRecipe,
    output: Path,
    args: DPOConfig,
    corpus: Corpus,
    wording: Wording,
    precision: Precision,
    start: Path | None = None,
) -> PreferenceTrainer:
    """Loads what is tuned and what it is held to, and builds the trainer with its callbacks.

    An adapter's reference is a copy of the adapter that it starts from, or the base without it where it is a
    new one; TRL sees to both. The reference of all weights is a second model.
    """
    lora = recipe.method == "lora"
    model = tuning.load_policy(recipe, args, precision, start)
    reference = None if lora else tuning.load_policy(recipe, args, precision, start).requires_grad_(False)
    drawing, callbacks = tuning.build_observers(recipe, output, args, wording)
    trainer = PreferenceTrainer(
        model=model,
        ref_model=reference,
        args=args,
        train_dataset=corpus.train,
        eval_dataset=corpus.held_out,
        processing_class=wording.tokenizer,
        peft_config=build_lora_config(recipe.lora) if lora and start is None else None,
        callbacks=callbacks,
    )
    if lora:
        tuning.settle_adapter(trainer.model, recipe, wording.tokenizer)
        settle_reference(trainer.model)
    if drawing is not None:
        drawing.log = trainer.log
    return trainer


def settle_reference(model: PeftModel) -> None:
    """Makes the adapter that is trained and its reference the same numbers.

    TRL turns a quantised model's adapter into bf16, but not the copy that it has just made of it; both get
    what they can hold alike of the adapter as it was read.
    """
    if _REFERENCE not in model.peft_config:
        return
    for name, parameter in model.named_parameters():
        if ".default." in name:
            kept = model.get_parameter(name.replace(".default.", f".{_REFERENCE}."))
            parameter.data.copy_(kept.data)
            kept.data = parameter.data.clone()


def _train(trainer: PreferenceTrainer, output: Path, *, resume: bool) -> dict[str, Any]:
    """Trains, from the last whole checkpoint where there is one, and measures before and after."""
    checkpoint = find_checkpoint(output / CHECKPOINTS_FOLDER) if resume else None
    if resume and checkpoint is None:
        logger.warning("%s: no whole checkpoint to resume from; starting at the first step", output)
    names = [f"held_out_{name}_before" for name in _FIGURES]
    before = {name: tuning.read_metric(output, name) if checkpoint else None for name in names}
    if None in before.values():
        first = tuning.evaluate_first(trainer)
        before = {name: float(first[key]) for name, key in zip(names, _FIGURES.values(), strict=True)}
        tuning.write_metrics(trainer, output, before)
    logger.info("held-out pairs before training: loss %.4f", before["held_out_loss_before"])
    result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    state = trainer.state
    entries = (e for e in reversed(state.log_history) if e["step"] == state.global_step and "eval_loss" in e)
    measured = next(entries, None) or trainer.evaluate()
    after = {f"held_out_{name}_after": float(measured[key]) for name, key in _FIGURES.items()}
    logger.info(
        "held-out pairs after %d steps: loss %.4f, accuracy %.3f, margin %.4f",
        state.global_step,
        *(after[f"held_out_{name}_after"] for name in ("loss", "accuracy", "margin")),
    )
    return {**before, **after, "train_loss": result.training_loss}
