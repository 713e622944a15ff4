"""What every trainer's arguments are checked for."""

from __future__ import annotations

import dataclasses
import difflib
import logging
import os
from collections.abc import Mapping
from typing import Any

from transformers import TrainingArguments

from svgtune.errors import MachineError, RecipeError

logger = logging.getLogger(__name__)


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
