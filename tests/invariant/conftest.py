from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory):
    """Returns a function that gives the folder of a tiny model of an architecture, made once a session."""
    made: dict[str, Path] = {}

    def find(architecture: str = "qwen2") -> Path:
        if architecture not in made:
            folder = tmp_path_factory.mktemp("base") / architecture
            made[architecture] = tiny_models.save_tiny_model(folder, architecture)
        return made[architecture]

    return find


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory):
    """Returns a folder of toy drawings as ``prepare`` writes them."""
    return tiny_models.save_toy_data(tmp_path_factory.mktemp("toy"), train=32, held_out=8)
