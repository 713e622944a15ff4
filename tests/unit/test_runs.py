from __future__ import annotations

import json
from pathlib import Path

import pytest

from svgtune import runs
from svgtune.config import Section, read_recipe
from svgtune.errors import InputError, OutputExistsError
from svgtune.runs import check_output, open_run, write_json_atomic, write_text_atomic


class Recipe(Section):
    seed: int = 1


def test_a_new_run_says_what_it_was_made_with(tmp_path: Path) -> None:
    output = open_run(tmp_path / "a" / "b", Recipe(seed=5))
    assert read_recipe(Recipe, output / "recipe.yaml") == Recipe(seed=5)
    versions = json.loads((output / "versions.json").read_text())
    assert versions["packages"]["pydantic"]
    assert versions["python"].startswith("3.")
    assert output.is_absolute()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert open_run(tmp_path, Recipe()) == tmp_path


def test_a_run_is_neither_mixed_nor_lost(tmp_path: Path) -> None:
    output = open_run(tmp_path / "run", Recipe())
    (output / "result").write_text("kept")
    with pytest.raises(OutputExistsError, match=r"already holds files; give --resume .* --overwrite"):
        open_run(output, Recipe())
    assert (output / "result").read_text() == "kept"


def test_resume_keeps_files_and_the_earlier_recipe(tmp_path: Path) -> None:
    output = open_run(tmp_path / "run", Recipe(seed=1))
    (output / "result").write_text("kept")
    open_run(output, Recipe(seed=1), resume=True)
    assert not (output / "recipe.1.yaml").exists()
    open_run(output, Recipe(seed=2), resume=True)
    open_run(output, Recipe(seed=3), resume=True)
    assert (output / "result").read_text() == "kept"
    assert [
        read_recipe(Recipe, output / f).seed for f in ("recipe.1.yaml", "recipe.2.yaml", "recipe.yaml")
    ] == [1, 2, 3]


def test_overwrite_deletes_a_run_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    output = open_run(tmp_path / "run", Recipe())
    (output / "folder").mkdir()
    (output / "folder" / "result").write_text("old")
    (output / "link").symlink_to(outside)
    open_run(output, Recipe(seed=2), overwrite=True)
    assert sorted(p.name for p in output.iterdir()) == ["recipe.yaml", "versions.json"]
    assert (outside / "file").read_text() == "kept"
    with pytest.raises(OutputExistsError, match=r"no recipe\.yaml.*will not\s+delete"):
        open_run(outside, Recipe(), overwrite=True)
    assert (outside / "file").read_text() == "kept"


def test_outputs_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputExistsError, match="is a file, not a folder"):
        check_output(tmp_path / "file", resume=False, overwrite=True)
    with pytest.raises(InputError, match="exclude each other"):
        check_output(tmp_path / "new", resume=True, overwrite=True)


def test_later_ranks_take_the_folder_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = open_run(tmp_path / "run", Recipe(seed=1))
    monkeypatch.setenv("RANK", "1")
    assert open_run(output, Recipe(seed=2)) == output
    assert read_recipe(Recipe, output / "recipe.yaml").seed == 1


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "folder" / "manifest.json"
    write_json_atomic(file, {"kept": 1, "café": None})
    assert json.loads(file.read_text(encoding="utf-8")) == {"kept": 1, "café": None}

    def fill_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs.os, "fsync", fill_disk)
    with pytest.raises(OSError, match="No space left"):
        write_text_atomic(file, "half")
    assert [p.name for p in file.parent.iterdir()] == ["manifest.json"]
    assert json.loads(file.read_text(encoding="utf-8"))["kept"] == 1
