"""How every trainer's arguments are built, and what they are checked for."""

from __future__ import annotations

import dataclasses
import difflib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from transformers import TrainingArguments

from svgtune.config.tuning import TuningRecipe
from svgtune.errors import MachineError, RecipeError
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER
from svgtune.model.precision import Device, Precision

logger = logging.getLogger(__name__)

Arguments = TypeVar("Arguments", bound=TrainingArguments)


def has_split_weights(args: TrainingArguments) -> bool:
    """Says whether the weights lie in pieces on all processes, set by the recipe or by the launcher."""
    return bool(args.fsdp or args.deepspeed or getattr(args, "deepspeed_plugin", None))


def check_trainer_keys(
    trainer: Mapping[str, Any], arguments: type[TrainingArguments], managed: Mapping[str, str]
) -> None:
    """Refuses ``trainer`` keys that ``arguments`` does not know, or that the recipe sets elsewhere.

    Args:
        trainer: The recipe's ``trainer`` section.
        arguments: The class that takes it whole.
        managed: Keys that are set elsewhere, and where.

    Raises:
        RecipeError: With the nearest known key.
    """
    name = f"{arguments.__module__.partition('.')[0]}.{arguments.__name__}"
    known = {field.name for field in dataclasses.fields(arguments) if field.init}
    for key in trainer:
        if key in managed:
            raise RecipeError(f"trainer.{key}: is not set here; {managed[key]}")
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean trainer.{near[0]}?" if near else f"{name} lists the keys there are"
            raise RecipeError(f"trainer.{key}: {name} has no such field; {hint}")


def fill_arguments(
    arguments: type[Arguments],
    recipe: TuningRecipe,
    values: Mapping[str, Any],
    output: Path,
    device: Device,
    precision: Precision,
) -> Arguments:
    """Builds a trainer's arguments: what was chosen, and what the recipe and the machine settle.

    Args:
        arguments: The class, such as ``trl.SFTConfig``.
        recipe: Says the seed.
        values: The fields, ``eval_strategy``, ``eval_steps`` and ``report_to`` among them. Unless they say
            otherwise it is saved when it is evaluated; with ``save_steps``, or without evaluation, by steps.
        output: The run's folder.
        device: To train on.
        precision: To train in.

    Raises:
        RecipeError: The class refuses a value.
    """
    by_steps = "save_steps" in values or values["eval_strategy"] == "no"
    strategy = "steps" if by_steps else values["eval_strategy"]
    chosen = {"save_strategy": strategy, "save_steps": values["eval_steps"], **values}
    chosen["report_to"] = list_loggers(values["report_to"])
    try:
        return arguments(
            output_dir=str(output.absolute() / CHECKPOINTS_FOLDER),
            seed=recipe.seed,
            use_cpu=device == "cpu",
            bf16=precision.name == "bf16",
            fp16=precision.name == "fp16",
            **chosen,
        )
    except (ValueError, TypeError, ImportError) as error:
        raise RecipeError(
            f"trainer: trl.{arguments.__name__} refuses it ({error}); correct the trainer section"
        ) from error


def list_loggers(report_to: Any) -> list[str]:
    """Lists the loggers that ``trainer.report_to`` names.

    Raises:
        RecipeError: It is ``all``, which would also take loggers that nobody thought of.
    """
    names = [report_to] if isinstance(report_to, str) else list(report_to or [])
    if "all" in names:
        raise RecipeError("trainer.report_to: all is not taken; name them, such as [tensorboard, trackio]")
    return [name for name in names if name != "none"]


def check_world_size(world_size: int, wanted: int | None) -> None:
    """Makes sure that as many processes run as were asked for.

    ``accelerate launch --cpu --num_processes 2`` starts one process without a word: it sets a master address,
    as for several, but no world size.

    Raises:
        MachineError: Fewer or more processes run than wanted.
    """
    logger.info("processes: %d", world_size)
    if wanted is None and "MASTER_ADDR" in os.environ and "WORLD_SIZE" not in os.environ:
        raise MachineError(
            "processes: the launcher was asked for several processes and started one; on CPUs use "
            "ACCELERATE_USE_CPU=true accelerate launch --multi_gpu --num_processes N"
        )
    if wanted is not None and world_size != wanted:
        raise MachineError(
            f"processes: the recipe wants {wanted} and accelerate runs {world_size}; start it with "
            f"accelerate launch --num_processes {wanted} "
            "(on CPUs add --multi_gpu and set ACCELERATE_USE_CPU=true)"
        )


def find_judge_device(wanted: str, args: TrainingArguments) -> str:
    """Returns where the judges of this process compute: on its own GPU, unless the recipe says otherwise."""
    if wanted == "auto" and args.device.type == "cuda":
        return f"cuda:{args.local_process_index}"
    return wanted
