from __future__ import annotations

from pathlib import Path

import pytest

from svgtune import assets
from svgtune.assets import find_asset


def test_a_checkout_serves_its_own_recipes(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "recipes/generate/prompts_demo.txt"
    assert find_asset(name) == root / name
    (tmp_path / "recipes/generate").mkdir(parents=True)
    (tmp_path / name).write_text("mine")
    assert find_asset(name) == Path(name)


def test_an_installed_package_serves_packed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "svgtune" / "_models" / "nano"
    packed.mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", tmp_path / "svgtune")
    monkeypatch.chdir(tmp_path)
    assert find_asset("models/nano") == packed


@pytest.mark.parametrize("name", ["models/none-such", "somewhere/else", "Qwen/Qwen2.5-0.5B"])
def test_what_does_not_ship_stays_as_written(name: str) -> None:
    assert find_asset(name) == Path(name)
