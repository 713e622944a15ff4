from __future__ import annotations

import json
from pathlib import Path

import pytest

TINY = (
    "--scenes", "24", "--test_scenes", "24", "--steps", "4", "--batch_size", "8", "--widths", "4", "8",
    "--log_every_steps", "2", "--workers", "1", "--publish", "null",
)  # fmt: skip


def test_gate_is_trained_examined_and_gone_on_with(run_command, tmp_path: Path) -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    output = tmp_path / "gate"
    done = run_command("scripts/train_text_gate.py", "--output", output, *TINY)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics["lessons"] == 24
    assert metrics["cheats"]["letter_shapes"]["caught_by_the_reader"]["count"] == 2
    assert "What it can't judge" in (output / "README.md").read_text()
    lessons = sorted((output / "lessons").iterdir())
    assert len(lessons) == 3
    before, weights = (
        [file.stat().st_mtime_ns for file in lessons],
        (output / "gate.safetensors").read_bytes(),
    )
    again = run_command("scripts/train_text_gate.py", "--output", output, "--resume", *TINY)
    assert again.returncode == 0, again.stderr
    assert [file.stat().st_mtime_ns for file in lessons] == before
    assert (output / "gate.safetensors").read_bytes() == weights
