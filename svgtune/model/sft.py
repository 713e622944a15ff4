"""Supervised fine-tuning: captions in, drawings out, with the loss on the drawing only."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import EarlyStoppingCallback, PreTrainedTokenizerBase, TrainerCallback
from transformers.integrations import TensorBoardCallback
from trl import SFTConfig, SFTTrainer

from svgtune.config import dump_recipe
from svgtune.config.sft import SftRecipe
from svgtune.errors import RecipeError
from svgtune.model.arguments import check_trainer_keys, check_world_size
from svgtune.model.callbacks import DrawingCallback
from svgtune.model.card import Traits, read_traits, write_card, write_traits
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER, find_checkpoint
from svgtune.model.data import Corpus, Wording, load_corpus
from svgtune.model.load import find_base, load_base, load_tokenizer, read_model_type
from svgtune.model.lora import build_lora_config, check_plain_adapter, count_parameters
from svgtune.model.precision import Device, Precision, choose_precision, find_device
from svgtune.prompts import PromptStyle
from svgtune.runs import open_run, write_json_atomic

logger = logging.getLogger(__name__)

METRICS_FILE = "metrics.json"

# Set by the recipe's other fields, or fixed because something else depends on them.
MANAGED = {
    "output_dir": "it is --output",
    "bf16": "set precision",
    "fp16": "set precision",
    "use_cpu": "set device",
    "seed": "set seed at the top of the recipe",
    "resume_from_checkpoint": "give --resume",
    "completion_only_loss": "the loss is always on the completion only",
    "assistant_only_loss": "the loss is always on the completion only",
    "chat_template_path": "it can add tokens, which vLLM refuses in an adapter",
    "model_init_kwargs": "set base, precision, quantisation and attention",
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
        MissingInputError: The base model, data or a column is not there.
    """
    began = time.monotonic()
    # TRL otherwise reports every run to the hub, and waits for it where there is no network.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TRACKIO_DIR", str(output.absolute() / "logs"))
    check_trainer_keys(recipe.trainer, SFTConfig, MANAGED)
    device = find_device(recipe.device, quantised=recipe.quantisation != "none", name=recipe.name)
    base = find_base(recipe.base)
    model_type = read_model_type(base, revision=recipe.revision)
    precision = choose_precision(recipe.precision, device, model_type=model_type)
    args = build_arguments(recipe, output, device, precision)
    check_world_size(args.world_size, recipe.processes)
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    logger.info("%s on %s in %s (%s)", base, device, precision.name, precision.reason)

    wording = build_wording(recipe, base, args.max_length)
    corpus = load_corpus(recipe.data, wording)
    trainer = build_trainer(recipe, output, args, corpus, wording, precision)
    checkpoint = find_checkpoint(output / CHECKPOINTS_FOLDER) if resume else None
    if resume and checkpoint is None:
        logger.warning("%s: no whole checkpoint to resume from; starting at the first step", output)

    before = _read_loss_before(output) if checkpoint else None
    if before is None:
        before = trainer.evaluate()["eval_loss"]
        _write_metrics(trainer, output, {"held_out_loss_before": before})
    logger.info("held-out loss before training: %.4f", before)
    result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    after = _find_loss_after(trainer)
    logger.info("held-out loss: %.4f before, %.4f after %d steps", before, after, trainer.state.global_step)

    metrics: dict[str, Any] = {
        "held_out_loss_before": before,
        "held_out_loss_after": after,
        "train_loss": result.training_loss,
        "steps": trainer.state.global_step,
        "epochs": trainer.state.epoch,
        "tokens": int(trainer.state.num_input_tokens_seen),
        "seconds": round(time.monotonic() - began, 1),
        "device": device,
        "precision": precision.name,
        "processes": args.world_size,
        "seed": recipe.seed,
        **count_parameters(trainer.model),
        "data": corpus.counts,
    }
    if device == "cuda":
        metrics["peak_gpu_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    publish(trainer, recipe, output, wording, corpus, metrics)
    _write_metrics(trainer, output, metrics)
    return metrics


def build_arguments(recipe: SftRecipe, output: Path, device: Device, precision: Precision) -> SFTConfig:
    """Builds the trainer's arguments: our defaults, the recipe's ``trainer``, and what the recipe settles.

    Raises:
        RecipeError: SFTConfig refuses a value.
    """
    values = {**_DEFAULTS, **recipe.trainer}
    values.setdefault("save_strategy", values["eval_strategy"])
    values.setdefault("save_steps", values["eval_steps"])
    values["report_to"] = _list_loggers(values["report_to"])
    if recipe.early_stopping is not None:
        if values["eval_strategy"] == "no" or values["save_strategy"] != values["eval_strategy"]:
            raise RecipeError(
                f"early_stopping: needs evaluation and saving at the same steps, but eval_strategy is "
                f"{values['eval_strategy']} and save_strategy {values['save_strategy']}; set both to steps"
            )
        values.update(
            load_best_model_at_end=True,
            metric_for_best_model="eval_loss",
            greater_is_better=False,
            restore_callback_states_from_checkpoint=True,
        )
    try:
        return SFTConfig(
            output_dir=str(output.absolute() / CHECKPOINTS_FOLDER),
            seed=recipe.seed,
            use_cpu=device == "cpu",
            bf16=precision.name == "bf16",
            fp16=precision.name == "fp16",
            completion_only_loss=True,
            **values,
        )
    except (ValueError, TypeError, ImportError) as error:
        raise RecipeError(
            f"trainer: trl.SFTConfig refuses it ({error}); correct the trainer section"
        ) from error


def build_wording(recipe: SftRecipe, base: str, max_length: int | None) -> Wording:
    """Builds the wording of the training prompts, from the recipe and the base model's own traits."""
    style = recipe.prompt_style
    prompt_style = read_traits(base).prompt_style if style == "auto" else PromptStyle(style)
    tokenizer = load_tokenizer(base, revision=recipe.revision)
    return Wording(tokenizer, prompt_style, recipe.normal_form, max_length)


def build_trainer(
    recipe: SftRecipe,
    output: Path,
    args: SFTConfig,
    corpus: Corpus,
    wording: Wording,
    precision: Precision,
) -> SFTTrainer:
    """Loads the base model and builds the trainer with its callbacks."""
    lora = recipe.method == "lora"
    on_gpu = args.device.type == "cuda"
    # Frozen weights may be half precision; weights that are trained stay fp32, so that small updates count.
    half = lora and (on_gpu or recipe.quantisation != "none")
    model = load_base(
        recipe.base,
        dtype=precision.dtype if half else torch.float32,
        quantisation=recipe.quantisation,
        device=f"cuda:{args.local_process_index}" if on_gpu else "cpu",
        attention=recipe.attention,
        revision=recipe.revision,
    )
    drawing, callbacks = _build_callbacks(recipe, output, args, wording)
    trainer = SFTTrainer(
        model=model,
        args=args,
        train_dataset=corpus.train,
        eval_dataset=corpus.held_out,
        processing_class=wording.tokenizer,
        peft_config=build_lora_config(recipe.lora) if lora else None,
        callbacks=callbacks,
    )
    if lora:
        _settle_adapter(trainer.model, recipe, wording.tokenizer, precision)
    if drawing is not None:
        drawing.log = trainer.log
    return trainer


def publish(
    trainer: SFTTrainer,
    recipe: SftRecipe,
    output: Path,
    wording: Wording,
    corpus: Corpus,
    metrics: Mapping[str, Any],
) -> None:
    """Saves the result under ``output``: written aside first, and moved there when it is whole."""
    aside = output / ".publishing"
    trainer.save_model(str(aside))
    if not trainer.is_world_process_zero():
        return
    # A pickle of the arguments, paths of this machine included; recipe.yaml says the same.
    (aside / "training_args.bin").unlink(missing_ok=True)
    form = recipe.normal_form
    base = recipe.base if recipe.method == "lora" else ""
    traits = Traits(wording.style, form.canvas, form.max_bytes, base)
    write_traits(aside, traits, data_licences=corpus.licences)
    write_card(
        aside,
        title=recipe.name,
        base=recipe.base,
        method=recipe.method,
        licences=corpus.licences,
        metrics=metrics,
        recipe_text=dump_recipe(recipe),
    )
    for path in sorted(aside.iterdir()):
        path.replace(output / path.name)
    shutil.rmtree(aside)


def _build_callbacks(
    recipe: SftRecipe, output: Path, args: SFTConfig, wording: Wording
) -> tuple[DrawingCallback | None, list[TrainerCallback]]:
    callbacks: list[TrainerCallback] = []
    tensorboard = None
    if "tensorboard" in args.report_to:
        # Built here rather than by name: the first evaluation comes before training begins, when the
        # trainer's own callback does not yet know its folder and would write to ./runs.
        args.report_to = [name for name in args.report_to if name != "tensorboard"]
        tensorboard = TensorBoardCallback()
        tensorboard.logging_dir = str(output / "logs")
        callbacks.append(tensorboard)
    drawing = None
    if recipe.drawings.prompts:
        drawing = DrawingCallback(
            recipe.drawings.prompts,
            wording,
            output / "drawings",
            max_new_tokens=recipe.drawings.max_new_tokens,
            size_px=recipe.drawings.size_px,
            tensorboard=tensorboard,
            report_to=args.report_to,
        )
        callbacks.append(drawing)
    if recipe.early_stopping is not None:
        stop = recipe.early_stopping
        callbacks.append(EarlyStoppingCallback(stop.patience, stop.min_delta))
    return drawing, callbacks


def _settle_adapter(
    model: PeftModel, recipe: SftRecipe, tokenizer: PreTrainedTokenizerBase, precision: Precision
) -> None:
    check_plain_adapter(model, len(tokenizer))
    config = model.peft_config["default"]
    # As the recipe names it, so that an adapter on models/nano is found in another checkout.
    config.base_model_name_or_path = recipe.base
    if recipe.lora.target_modules == "all-linear":
        # PEFT lists the modules of every layer, in an order that changes from run to run; their last names
        # mean the same.
        config.target_modules = sorted({name.rpartition(".")[2] for name in config.target_modules})
    if precision.name != "bf16":
        # TRL turns a quantised model's adapter into bf16, which fp16's gradient scaler cannot handle and
        # which is slow where bf16 is not native.
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()


def _list_loggers(report_to: Any) -> list[str]:
    names = [report_to] if isinstance(report_to, str) else list(report_to or [])
    if "all" in names:
        raise RecipeError("trainer.report_to: all is not taken; name them, such as [tensorboard, trackio]")
    return [name for name in names if name != "none"]


def _read_loss_before(output: Path) -> float | None:
    try:
        value = json.loads((output / METRICS_FILE).read_text(encoding="utf-8"))["held_out_loss_before"]
    except (OSError, ValueError, KeyError):
        return None
    return float(value)


def _write_metrics(trainer: SFTTrainer, output: Path, metrics: Mapping[str, Any]) -> None:
    if trainer.is_world_process_zero():
        write_json_atomic(output / METRICS_FILE, dict(metrics))


def _find_loss_after(trainer: SFTTrainer) -> float:
    """Returns the held-out loss of the weights that are kept, measuring it unless training just did."""
    state = trainer.state
    kept = state.best_global_step if trainer.args.load_best_model_at_end else state.global_step
    measured = {entry["step"]: entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry}
    if kept in measured:
        return float(measured[kept])
    return float(trainer.evaluate()["eval_loss"])
