"""Trains an embedded judge on fresh scenes and publishes it; see --help."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from svgtune.cli import main
from svgtune.config.judges import JudgesRecipe
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.data.sources.scenes.palette import SHADES
from svgtune.metric.embedded.lessons import Split, Teacher
from svgtune.records import Sample


def build_teacher(options: ScenesOptions) -> Teacher:
    """Builds the source of scenes. What is examined on does not depend on the recipe's options."""

    def draw(seed: int, index: int, split: Split) -> Sample:
        chosen = options if split == "train" else ScenesOptions()
        return sample_scene(seed, index, chosen.model_copy(update={"split": split}))

    return Teacher(draw, SHADES)


def run(recipe: JudgesRecipe, output: Path, *, resume: bool, overwrite: bool) -> dict[str, Any]:
    """Trains, examines and publishes; see ``svgtune.metric.embedded.training.run``."""
    from svgtune.metric.embedded import training

    teacher = build_teacher(recipe.lessons.options)
    return training.run(recipe, output, teacher, resume=resume, overwrite=overwrite)


if __name__ == "__main__":
    sys.exit(main("judges", run=run))
