from __future__ import annotations

from pathlib import Path

import pytest
from trl import SFTConfig

from svgtune.config import read_recipe
from svgtune.config.sft import SftRecipe
from svgtune.model import sft
from svgtune.model.arguments import check_trainer_keys
from svgtune.model.precision import Precision

FILES = sorted((Path(__file__).parents[3] / "recipes" / "sft").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_trl_takes_every_recipe(file, tmp_path):
    recipe = read_recipe(SftRecipe, file, [])
    check_trainer_keys(recipe.trainer, SFTConfig, sft.MANAGED)
    # The CPU has none of bitsandbytes' optimisers, but knows their names.
    args = sft.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))
    assert recipe.name == file.stem
    assert args.max_length == recipe.trainer["max_length"]
    assert args.completion_only_loss


def test_the_models_that_are_promised_have_recipes():
    names = {file.stem for file in FILES}
    sizes = [f"qwen2.5_{size}_{kind}" for size in ("0.5b", "1.5b", "3b", "7b") for kind in ("lora", "qlora")]
    assert {"nano_lora", "nano_full", *sizes, "gemma2_2b_lora", "gemma3_1b_lora", "gemma3_4b_lora"} <= names


@pytest.mark.parametrize(
    "file", [f for f in FILES if not f.stem.startswith("nano")], ids=lambda file: file.stem
)
def test_recipes_of_real_models_ask_for_a_gpu(file):
    recipe = read_recipe(SftRecipe, file, [])
    assert recipe.device == "cuda"
    assert (recipe.quantisation == "nf4") == file.stem.endswith("qlora")
    assert recipe.trainer["gradient_checkpointing"]
