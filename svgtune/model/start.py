"""The adapter that a tuning begins with: found, checked, and put on the base."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from peft import PeftModel
from transformers import PreTrainedModel

from svgtune.assets import find_asset
from svgtune.config.tuning import TuningRecipe
from svgtune.errors import InputError, MissingInputError, RecipeError

logger = logging.getLogger(__name__)

ADAPTER_FILE, WEIGHTS_FILE = "adapter_config.json", "adapter_model.safetensors"


def find_start(recipe: TuningRecipe) -> Path | None:
    """Finds the adapter of ``start_from``; None for a start from the base alone.

    Raises:
        MissingInputError: There is no whole adapter.
        InputError: Its configuration cannot be read.
        RecipeError: It was trained on another base than the recipe's.
    """
    if recipe.start_from is None:
        return None
    folder = find_asset(recipe.start_from)
    if not (folder / ADAPTER_FILE).is_file() and (folder / "config.json").is_file():
        raise RecipeError(f"start_from: {folder} is a model, not an adapter; set base to it instead")
    for name in (ADAPTER_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise MissingInputError(
                f"start_from: {folder} holds no {name}; give the folder of a finished adapter, as "
                "train/sft.py leaves it"
            )
    try:
        config = json.loads((folder / ADAPTER_FILE).read_text(encoding="utf-8"))
        base = str(config["base_model_name_or_path"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder / ADAPTER_FILE}: names no base model ({error}); write the adapter anew"
        ) from error
    # An adapter may name its base by another path to the same folder; PEFT finds out what does not fit.
    if find_asset(base).name != find_asset(recipe.base).name:
        raise RecipeError(
            f"start_from: {folder} was trained on {base}, and the recipe's base is {recipe.base}; set base "
            "to that of the adapter"
        )
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if recipe.method == "lora" and (rank, alpha) != (recipe.lora.rank, recipe.lora.alpha):
        logger.warning(
            "start_from: %s has rank %s and alpha %s, and keeps them; lora.rank %s and lora.alpha %s of the "
            "recipe count for new adapters only",
            folder,
            rank,
            alpha,
            recipe.lora.rank,
            recipe.lora.alpha,
        )
    return folder


def put_adapter(model: PreTrainedModel, folder: Path, *, merge: bool) -> Any:
    """Puts an adapter on its base, to be trained on, or merges it into the weights.

    Raises:
        InputError: It does not fit.
    """
    try:
        tuned = PeftModel.from_pretrained(
            model, folder, is_trainable=not merge, torch_device=str(model.device), use_safetensors=True
        )
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"start_from: {folder} cannot be put on the base ({lines[0]:.200}); give the adapter's own base"
        ) from error
    if not merge:
        return tuned
    # PEFT freezes what it wraps, and leaves it so.
    return tuned.merge_and_unload().requires_grad_(True)
