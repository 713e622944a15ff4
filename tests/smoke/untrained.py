"""A judge that has learned nothing, for commands that need one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def save_untrained_judge(folder: Path) -> Path:
    """Saves a random judge as scripts/train_judges.py writes it, and returns its folder."""
    for package in ("sentence_transformers", "rapidocr_onnxruntime"):
        if importlib.util.find_spec(package) is None:  # importing it here would take as long as the command
            pytest.skip(f"needs {package}")
    from svgtune.config.judges import JudgesRecipe
    from svgtune.metric.embedded.calibration import Temperatures
    from svgtune.metric.embedded.loading import WEIGHTS_FILE, write_judge
    from svgtune.metric.inversion.network import PictureReader, save_weights
    from tests.unit.metric.embedded.pupils import SHAPE

    folder.mkdir(parents=True, exist_ok=True)
    save_weights(PictureReader(SHAPE), folder / WEIGHTS_FILE)
    write_judge(folder, JudgesRecipe(encoder=SHAPE), Temperatures(), 384)
    return folder
