"""Trains the text gate, which says which pictures are worth reading, on fresh scenes; see --help."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from svgtune.cli import main
from svgtune.config.scenes import ScenesOptions
from svgtune.config.text_gate import TextGateRecipe
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.embedded.lessons import Split
from svgtune.records import Sample


def draw(seed: int, index: int, split: Split) -> Sample:
    """Draws a scene."""
    return sample_scene(seed, index, ScenesOptions(split=split))


def run(recipe: TextGateRecipe, output: Path, *, resume: bool, overwrite: bool) -> dict[str, Any]:
    """Trains, examines and publishes; see ``svgtune.metric.text_gate.training.run``."""
    from svgtune.metric.text_gate import training

    return training.run(recipe, output, draw, resume=resume, overwrite=overwrite)


if __name__ == "__main__":
    sys.exit(main("text_gate", run=run))
