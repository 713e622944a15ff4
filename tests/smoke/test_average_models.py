from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

COMMAND = "scripts/average_models.py"


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    folders = tmp_path / "a", tmp_path / "b"
    for folder, value in zip(folders, (1.0, 3.0), strict=True):
        folder.mkdir()
        (folder / "config.json").write_text(f'{{"of": {value}}}')
        save_file({"w": torch.full((2, 3), value, dtype=torch.bfloat16)}, folder / "model.safetensors")
    return folders


def test_the_mean_keeps_precision_and_the_first_models_files(run_command, models, tmp_path):
    done = run_command(COMMAND, *models, "--shares", 0.75, 0.25, "--output", tmp_path / "mean")
    assert done.returncode == 0, done.stderr
    weights = load_file(tmp_path / "mean" / "model.safetensors")
    assert weights["w"].dtype == torch.bfloat16
    assert weights["w"].tolist() == [[1.5] * 3] * 2
    assert (tmp_path / "mean" / "config.json").read_text() == '{"of": 1.0}'
    done = run_command(COMMAND, *models, models[1], models[1], "--output", tmp_path / "four")
    assert done.returncode == 0, done.stderr
    assert load_file(tmp_path / "four" / "model.safetensors")["w"].tolist() == [[2.5] * 3] * 2
    again = run_command(COMMAND, *models, "--output", tmp_path / "mean")
    assert (again.returncode, "already holds files" in again.stderr) == (2, True)


def test_what_cannot_be_averaged_is_named(run_command, models, tmp_path):
    first, second = models
    output = tmp_path / "mean"
    save_file({"w": torch.zeros(2, 2)}, second / "model.safetensors")
    done = run_command(COMMAND, first, second, "--output", output)
    assert (done.returncode, "w is not as in" in done.stderr) == (2, True)
    (second / "model.safetensors").write_bytes(b"broken")
    assert "cannot be read" in run_command(COMMAND, first, second, "--output", output).stderr
    (second / "model.safetensors").unlink()
    assert "is not there; give folders" in run_command(COMMAND, first, second, "--output", output).stderr
    for shares in ([1], [0.5, 0.6], [1.5, -0.5]):
        done = run_command(COMMAND, first, second, "--output", output, "--shares", *shares)
        assert (done.returncode, "one of each of 2 models, together 1" in done.stderr) == (2, True)
    assert not output.exists()
