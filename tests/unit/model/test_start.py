from __future__ import annotations

import json

import pytest

from svgtune.config.grpo import GrpoRecipe
from svgtune.model.start import find_start


@pytest.fixture
def start(tiny_base, tmp_path):
    """Returns the folder of an adapter of rank 8 and alpha 16, whose weights nobody reads."""
    config = {"base_model_name_or_path": str(tiny_base()), "r": 8, "lora_alpha": 16}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (tmp_path / "adapter_model.safetensors").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({"lora": {"rank": 8, "alpha": 16}}, False),
        ({"lora": {"rank": 8, "alpha": 32}}, True),
        ({"lora": {"rank": 64, "alpha": 16}}, True),
        ({"method": "full", "lora": {"rank": 64, "alpha": 16}}, False),
    ],
)
def test_a_start_of_another_shape_than_the_recipes_is_told(tiny_base, start, caplog, changes, warned):
    recipe = GrpoRecipe(base=str(tiny_base()), start_from=start, **changes)
    assert find_start(recipe) == start
    assert ("has rank 8 and alpha 16, and keeps them" in caplog.text) is warned
    if warned:
        assert f"lora.rank {recipe.lora.rank} and lora.alpha {recipe.lora.alpha}" in caplog.text
