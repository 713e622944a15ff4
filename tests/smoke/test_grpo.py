"""The command itself: started by accelerate, then resumed by plain Python, with an untrained judge."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models

from tests.smoke.untrained import save_untrained_judge

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_two_steps_then_resume(run_command: Callable, tmp_path: Path) -> None:
    judge, second = (save_untrained_judge(tmp_path / name) for name in ("judge", "second"))
    base = tiny_models.save_tiny_model(tmp_path / "base", "qwen2")
    captions = tmp_path / "captions.txt"
    captions.write_text(
        "".join(f"a {colour} {thing}\n" for colour in ("red", "blue") for thing in ("dog", "car"))
    )
    output = tmp_path / "run"
    flags = [
        "train/grpo.py", "--config", "recipes/grpo/nano.yaml", "--output", output, "--base", base,
        "--prompt_style", "caption", "--data.path", captions, "--embedded.folder", judge,
        "--alarm.judge", second,
        "--trainer.max_completion_length", "16", "--trainer.per_device_train_batch_size", "4",
        "--trainer.num_generations", "4", "--trainer.steps_per_generation", "2", "--trainer.save_steps", "2",
        "--trainer.gradient_accumulation_steps", "1", "--drawings.max_new_tokens", "8",
    ]  # fmt: skip
    launch = ["-m", "accelerate.commands.launch", "--num_processes", "1", "--num_machines", "1"]
    settings = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    first = run_command(
        *launch, "--mixed_precision", "no", "--dynamo_backend", "no", *flags, "--trainer.max_steps", "2",
        timeout_s=300, **settings,
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics["steps"] == 2
    # A model that was never trained draws nothing valid.
    assert metrics["curves"]["validity/strict"]["last"] == 0
    assert metrics["curves"]["reward"]["last"] == 0
    assert "nothing to learn from" in first.stderr
    # So that the second judge has nothing to look at.
    assert "eval_alarm/held_out_score" not in metrics["curves"]
    assert "After 2 of 2 steps." in (output / "report.html").read_text()
    assert (output / "adapter_model.safetensors").is_file()

    again = run_command(*flags, "--trainer.max_steps", "4", timeout_s=300, **settings)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    resumed = run_command(*flags, "--trainer.max_steps", "4", "--resume", timeout_s=300, **settings)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 4
    again = run_command("scripts/report_run.py", "--run", output, "--output", tmp_path / "page.html")
    assert again.returncode == 0, again.stderr
    assert "After 4 of 4 steps." in (tmp_path / "page.html").read_text()
