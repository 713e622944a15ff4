from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from svgtune.assets import find_asset
from svgtune.config import read_recipe
from svgtune.config.submission import SubmissionRecipe
from svgtune.submission.notebook import build_notebook, write_notebook

nbformat = pytest.importorskip("nbformat", reason="needs the extra kaggle")


def read_kaggle_recipe(*words: str) -> SubmissionRecipe:
    return read_recipe(SubmissionRecipe, find_asset("recipes/submission/qwen2.5_3b.yaml"), words)


def list_code(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebook_is_valid_the_same_each_time_and_its_cells_compile(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_notebook(build_notebook(read_kaggle_recipe()), tmp_path / f"{name}.ipynb")
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
    cells = list_code(tmp_path / "one.ipynb")
    for cell in cells:
        compile(cell, "cell", "exec")
    assert cells[0] == "#| default_exp core"
    exported = [cell for cell in cells if cell.startswith("#| export")]
    assert any("class Model:" in cell for cell in exported)
    assert not any("kaggle_evaluation" in cell for cell in exported)
    metadata = json.loads((tmp_path / "one.ipynb").read_text())["metadata"]
    assert metadata["kaggle"]["isInternetEnabled"] is False


def test_the_recipe_in_it_is_the_recipe_and_the_extras_are_what_it_needs(tmp_path: Path) -> None:
    recipe = read_kaggle_recipe("--sampling.n", "5", "--sampling.temperature", "0.5")
    write_notebook(build_notebook(recipe, "/kaggle/input/my-wheels"), tmp_path / "n.ipynb")
    space: dict[str, object] = {}
    exec(list_code(tmp_path / "n.ipynb")[1], space)
    assert SubmissionRecipe.model_validate(yaml.safe_load(str(space["RECIPE"]))) == recipe
    assert space["WHEELS"] == "/kaggle/input/my-wheels"
    assert "[gpu,judges]" in str(space["REQUIREMENT"])


@pytest.mark.slow
def test_its_exported_cells_draw_with_a_model_in_another_folder(tmp_path: Path, root: Path) -> None:
    recipe = read_recipe(
        SubmissionRecipe,
        root / "recipes/submission/nano.yaml",
        ["--model", str(root / "models/nano-drawing"), "--sampling.n", "1", "--select.by", "likelihood"],
    )
    write_notebook(build_notebook(recipe, str(tmp_path)), tmp_path / "n.ipynb")
    cells = [cell for cell in list_code(tmp_path / "n.ipynb") if "kaggle_evaluation.test" not in cell]
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    code = (
        "import json, pathlib; space = {}; "
        "[exec(cell, space) for cell in json.loads(pathlib.Path('cells.json').read_text())]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "source='model'" in done.stdout
    assert "<svg" in done.stdout
