"""What every tuning of a base model does alike: loading, drawing on the way, saving and publishing."""

from __future__ import annotations

import json
import logging
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic

import torch
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainerCallback, TrainingArguments
from transformers.integrations import TensorBoardCallback

from svgtune.config import dump_recipe
from svgtune.config.sft import SftRecipe
from svgtune.config.tuning import TuningRecipe
from svgtune.errors import RecipeError, TrainingError
from svgtune.model.arguments import Arguments, check_trainer_keys, check_world_size
from svgtune.model.callbacks import DrawingCallback, FiniteGradients
from svgtune.model.card import METRICS_FILE, Traits, read_traits, write_card, write_traits
from svgtune.model.data import Wording
from svgtune.model.examples import build_prompter
from svgtune.model.load import find_base, load_base, load_tokenizer, read_context, read_model_type
from svgtune.model.lora import check_plain_adapter, count_parameters
from svgtune.model.precision import Device, Precision, choose_precision, find_device
from svgtune.model.start import find_start, put_adapter
from svgtune.prompts import PromptStyle
from svgtune.runs import write_json_atomic

logger = logging.getLogger(__name__)

MANAGED = {
    "output_dir": "it is --output",
    "bf16": "set precision",
    "fp16": "set precision",
    "use_cpu": "set device",
    "seed": "set seed at the top of the recipe",
    "resume_from_checkpoint": "give --resume",
    "model_init_kwargs": "set base, precision, quantisation and attention",
}
"""Keys of a trainer section that the recipe's other fields set, and where."""


def set_environment(output: Path) -> None:
    """Keeps the loggers at home: in the run's own folder, and off the hub."""
    # TRL otherwise reports every run to the hub, and waits for it where there is no network.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TRACKIO_DIR", str(output.absolute() / "logs"))


@dataclass(frozen=True, slots=True)
class Opening(Generic[Arguments]):
    """What is settled before anything is loaded or written.

    Attributes:
        base: The base model's folder or hub id.
        start: Folder of the adapter to begin with; None for none.
        args: The trainer's arguments.
    """

    base: str
    start: Path | None
    device: Device
    precision: Precision
    args: Arguments


def open_tuning(
    recipe: TuningRecipe,
    output: Path,
    arguments: type[Arguments],
    managed: Mapping[str, str],
    build_arguments: Callable[[Any, Path, Device, Precision], Arguments],
) -> Opening[Arguments]:
    """Finds the models, the machine's part and the arguments of a run, whose folder is not yet touched.

    Args:
        recipe: The run's recipe.
        output: The run's folder.
        arguments: The class of the trainer's arguments.
        managed: Keys of the trainer section that are set elsewhere, and where.
        build_arguments: Takes recipe, folder, device and precision.

    Raises:
        RecipeError: A setting that cannot be used.
        MachineError: The recipe needs another machine.
        MissingInputError: The base model or the adapter is not there.
    """
    set_environment(output)
    check_trainer_keys(recipe.trainer, arguments, managed)
    device = find_device(recipe.device, quantised=recipe.quantisation != "none", name=recipe.name)
    base = find_base(recipe.base)
    start = find_start(recipe)
    model_type = read_model_type(base, revision=recipe.revision)
    precision = choose_precision(recipe.precision, device, model_type=model_type)
    args = build_arguments(recipe, output, device, precision)
    check_world_size(args.world_size, recipe.processes)
    logger.info("%s on %s in %s (%s)", base, device, precision.name, precision.reason)
    return Opening(base, start, device, precision, args)


def build_wording(
    recipe: TuningRecipe, base: str, max_length: int | None, *, adapter: Path | None = None
) -> Wording:
    """Builds the wording of the training prompts, from the recipe and the model's own traits.

    Args:
        recipe: Its ``prompt_style`` decides, unless it is ``auto``.
        base: The base model's folder or hub id.
        max_length: As in ``Wording``.
        adapter: The adapter that is tuned further; its traits come before the base's.

    Raises:
        RecipeError: The adapter plans before it draws, and the recipe is no supervised one.
    """
    style = recipe.prompt_style
    traits = read_traits(adapter or base)
    prompt_style = traits.prompt_style if style == "auto" else PromptStyle(style)
    tokenizer = load_tokenizer(base, revision=recipe.revision)
    wording = Wording(tokenizer, prompt_style, recipe.normal_form, max_length)
    if isinstance(recipe, SftRecipe):
        own = replace(wording.traits, plan=traits.plan)
        length = max_length or read_context(base, revision=recipe.revision)
        return replace(
            wording,
            prompter=build_prompter(
                recipe.prompting, tokenizer, own, context_tokens=length, answer_tokens=length or 0
            ),
        )
    if traits.plan:
        raise RecipeError(
            f"{adapter or base}: writes a plan before it draws, which only train/sft.py can train; start "
            "from another"
        )
    return wording


def load_trainable(recipe: TuningRecipe, args: TrainingArguments, precision: Precision) -> PreTrainedModel:
    """Loads the base model as it is to be tuned: quantised, halved or whole, on this process's device."""
    lora = recipe.method == "lora"
    on_gpu = args.device.type == "cuda"
    # Frozen weights may be half precision; weights that are trained stay fp32, so that small updates count.
    half = lora and (on_gpu or recipe.quantisation != "none")
    return load_base(
        recipe.base,
        dtype=precision.dtype if half else torch.float32,
        quantisation=recipe.quantisation,
        device=f"cuda:{args.local_process_index}" if on_gpu else "cpu",
        attention=recipe.attention,
        revision=recipe.revision,
    )


def load_policy(
    recipe: TuningRecipe, args: TrainingArguments, precision: Precision, start: Path | None
) -> Any:
    """Loads what is to be tuned: the base, with the adapter that the recipe starts from, if there is one."""
    model = load_trainable(recipe, args, precision)
    return model if start is None else put_adapter(model, start, merge=recipe.method != "lora")


def settle_adapter(model: PeftModel, recipe: TuningRecipe, tokenizer: PreTrainedTokenizerBase) -> None:
    """Checks the trainer's adapter, and sets what TRL and PEFT would leave to chance.

    Raises:
        RecipeError: vLLM would refuse it.
    """
    check_plain_adapter(model, len(tokenizer))
    config = model.peft_config["default"]
    # As the recipe names it, so that an adapter on models/nano is found in another checkout.
    config.base_model_name_or_path = recipe.base
    if recipe.lora.target_modules == "all-linear":
        # PEFT lists the modules of every layer, in an order that changes from run to run; their last names
        # mean the same.
        config.target_modules = sorted({name.rpartition(".")[2] for name in config.target_modules})
    # TRL turns a quantised model's adapter into bf16. There a step at reinforcement's rates is rounded away
    # (at 1e-5 in four of five weights of A); a resumed run would go on in fp32, as PEFT loads it; and fp16's
    # gradient scaler cannot handle it.
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def build_observers(
    recipe: TuningRecipe, output: Path, args: TrainingArguments, wording: Wording
) -> tuple[DrawingCallback | None, list[TrainerCallback]]:
    """Builds the callbacks that watch a run: its gradients, TensorBoard, and drawings of fixed prompts.

    Returns:
        The drawing callback, which still needs the trainer's ``log``, or None; and all callbacks.
    """
    callbacks: list[TrainerCallback] = [FiniteGradients()]
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
    return drawing, callbacks


def evaluate_first(trainer: Trainer) -> dict[str, float]:
    """Evaluates a trainer that is still to train.

    That marks its model as prepared, and ``train()`` would then take it as it is, without DDP, so that each
    of several processes would go its own way without a word. The mark is taken off again.
    """
    figures: dict[str, float] = trainer.evaluate()
    if trainer.args.world_size > 1 and not (trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled):
        vars(trainer.model).pop("_is_accelerate_prepared", None)
    return figures


def write_metrics(trainer: Trainer, output: Path, metrics: Mapping[str, Any]) -> None:
    """Writes the figures of a run, on its first process."""
    if trainer.is_world_process_zero():
        write_json_atomic(output / METRICS_FILE, dict(metrics))


def describe_run(
    trainer: Trainer, recipe: TuningRecipe, precision: Precision, began: float
) -> dict[str, Any]:
    """Returns the figures that every finished run has: how long it was, on what, and how much was trained.

    Args:
        trainer: After training.
        recipe: The run's recipe.
        precision: The run's number format.
        began: ``time.monotonic()`` of its beginning.
    """
    args, state = trainer.args, trainer.state
    figures: dict[str, Any] = {
        "steps": state.global_step,
        "epochs": state.epoch,
        "tokens": int(state.num_input_tokens_seen),
        "seconds": round(time.monotonic() - began, 1),
        "device": args.device.type,
        "precision": precision.name,
        "processes": args.world_size,
        "seed": recipe.seed,
        **count_parameters(trainer.model),
    }
    if args.device.type == "cuda":
        figures["peak_gpu_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return figures


def read_metric(output: Path, name: str) -> float | None:
    """Reads a figure that an earlier part of the run has written; None where there is none."""
    try:
        return float(json.loads((output / METRICS_FILE).read_text(encoding="utf-8"))[name])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def publish(
    trainer: Trainer,
    recipe: TuningRecipe,
    output: Path,
    *,
    style: PromptStyle,
    plan: bool = False,
    licences: Mapping[str, int],
    metrics: Mapping[str, Any],
    made_by: str,
) -> None:
    """Saves the result under ``output``: written aside first, and moved there when it is whole.

    Raises:
        TrainingError: The held-out loss after training is no number; the checkpoints are left as they are.
    """
    loss = metrics.get("held_out_loss_after")
    if loss is not None and not math.isfinite(loss):
        raise TrainingError(
            f"trainer: the held-out loss after step {trainer.state.global_step} is {loss}, so that nothing "
            "is published (the checkpoints are kept); lower trainer.learning_rate, or set precision to bf16 "
            "or fp32, and begin anew"
        )
    aside = output / ".publishing"
    trainer.save_model(str(aside))
    if not trainer.is_world_process_zero():
        return
    # A pickle of the arguments, paths of this machine included; recipe.yaml says the same.
    (aside / "training_args.bin").unlink(missing_ok=True)
    base = recipe.base if recipe.method == "lora" else ""
    traits = Traits.of_form(style, recipe.normal_form, base, plan=plan)
    write_traits(aside, traits, data_licences=licences)
    write_card(
        aside,
        title=recipe.name,
        base=recipe.base,
        method=recipe.method,
        licences=licences,
        metrics=metrics,
        recipe_text=dump_recipe(recipe),
        made_by=made_by,
    )
    for path in sorted(aside.iterdir()):
        path.replace(output / path.name)
    shutil.rmtree(aside)
