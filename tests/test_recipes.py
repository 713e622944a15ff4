"""Every recipe that ships can be read, and every path and text it names is there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from svgtune.cli import STAGES
from svgtune.config import Section, dump_recipe, read_recipe
from svgtune.config.dpo import DpoRecipe
from svgtune.config.export import ExportRecipe
from svgtune.config.generate import GenerateRecipe
from svgtune.config.grpo import GrpoRecipe
from svgtune.config.inversion import InversionRecipe
from svgtune.config.judges import InvertRecipe, JudgesRecipe
from svgtune.config.prefer import PreferRecipe
from svgtune.config.prepare import PrepareRecipe
from svgtune.config.pretrain import PretrainRecipe
from svgtune.config.score import ScoreRecipe
from svgtune.config.serve import ServeRecipe
from svgtune.config.sft import SftRecipe
from svgtune.config.submission import SubmissionRecipe
from svgtune.config.text_gate import TextGateRecipe

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ROOT / "recipes"
CLASSES: dict[str, type[Section]] = {
    "data": PrepareRecipe,
    "pretrain": PretrainRecipe,
    "sft": SftRecipe,
    "grpo": GrpoRecipe,
    "dpo": DpoRecipe,
    "generate": GenerateRecipe,
    "score": ScoreRecipe,
    "submission": SubmissionRecipe,
    "serve": ServeRecipe,
    "prefer": PreferRecipe,
    "judges": JudgesRecipe,
    "text_gate": TextGateRecipe,
    "inversion": InversionRecipe,
    "invert": InvertRecipe,
    "export": ExportRecipe,
}
FILES = sorted(p for folder in CLASSES for p in (RECIPES / folder).glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda p: str(p.relative_to(RECIPES)))
def test_recipe_loads_and_survives_a_round_trip(file: Path, tmp_path: Path) -> None:
    cls = CLASSES[file.parent.name]
    recipe = read_recipe(cls, file)
    (tmp_path / "again.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
    assert read_recipe(cls, tmp_path / "again.yaml") == recipe


@pytest.mark.parametrize("file", FILES, ids=lambda p: str(p.relative_to(RECIPES)))
def test_recipe_says_what_it_is_for(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# "), (
        "begin with a comment: what, on which machine, how long"
    )


def test_every_recipe_folder_has_a_class() -> None:
    folders = {p.name for p in RECIPES.iterdir() if p.is_dir()} - {"accelerate"}
    assert folders == set(CLASSES)
    assert not list(RECIPES.rglob("*.yml")), "recipes end with .yaml"


def test_every_recipe_is_listed_in_the_readme() -> None:
    text = (RECIPES / "README.md").read_text(encoding="utf-8")
    missing = [
        name for p in sorted(RECIPES.rglob("*.yaml")) if (name := str(p.relative_to(RECIPES))) not in text
    ]
    assert missing == []


@pytest.mark.parametrize("name", list(STAGES))
def test_default_recipes_ship(name: str) -> None:
    assert (ROOT / STAGES[name].default).is_file()


@pytest.mark.parametrize("file", sorted((RECIPES / "accelerate").glob("*.yaml")), ids=lambda p: p.name)
def test_accelerate_takes_its_configs(file: Path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(file))
    assert config.num_processes == yaml.safe_load(file.read_text(encoding="utf-8"))["num_processes"]


def test_demo_prompts_are_fifteen_and_short() -> None:
    prompts = (RECIPES / "generate" / "prompts_demo.txt").read_text(encoding="utf-8").splitlines()
    assert len(prompts) == len(set(prompts)) == 15
    assert all(len(prompt) <= 200 and prompt.isascii() for prompt in prompts)
