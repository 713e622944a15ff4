from __future__ import annotations

from pathlib import Path

import pytest
from trl import DPOConfig

from svgtune.config import read_recipe
from svgtune.config.dpo import DpoRecipe
from svgtune.model import dpo
from svgtune.model.arguments import check_trainer_keys
from svgtune.model.precision import Precision

FILES = sorted((Path(__file__).parents[3] / "recipes" / "dpo").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_trl_takes_every_recipe(file: Path, tmp_path: Path) -> None:
    recipe = read_recipe(DpoRecipe, file, [])
    check_trainer_keys(recipe.trainer, DPOConfig, dpo.MANAGED)
    args = dpo.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))
    assert recipe.name == file.stem
    assert args.max_length == recipe.trainer["max_length"]
    assert args.loss_type == ["sigmoid", "sft"]
    assert args.save_steps == args.eval_steps
    if file.stem != "nano":
        assert recipe.device == "cuda"
        assert recipe.quantisation == "nf4"
        assert args.gradient_checkpointing
