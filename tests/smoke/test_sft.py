"""The command itself: started by accelerate, then resumed by plain Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models
from peft import PeftModel
from transformers import AutoModelForCausalLM

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "train" / "sft.py")
RECIPE = str(ROOT / "recipes" / "sft" / "nano_lora.yaml")


def run_command(*words):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_two_steps_then_resume(tmp_path):
    base = tiny_models.save_tiny_model(tmp_path / "base", "qwen2")
    output = tmp_path / "run"
    flags = [
        SCRIPT, "--config", RECIPE, "--output", str(output), "--base", str(base), "--prompt_style", "caption",
        "--data.path", str(tiny_models.save_toy_data(tmp_path / "data", train=16, held_out=4)),
        "--trainer.max_length", "1024", "--drawings.max_new_tokens", "8",
    ]  # fmt: skip
    launch = ["-m", "accelerate.commands.launch", "--num_processes", "1", "--num_machines", "1"]
    first = run_command(
        *launch, "--mixed_precision", "no", "--dynamo_backend", "no", *flags, "--trainer.max_steps", "2"
    )
    assert first.returncode == 0, first.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 2
    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), output)

    again = run_command(*flags, "--trainer.max_steps", "4")
    assert again.returncode == 2
    assert "--resume" in again.stderr
    resumed = run_command(*flags, "--trainer.max_steps", "4", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 4
