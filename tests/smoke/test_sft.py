"""The command itself: started by accelerate, then resumed by plain Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_models
from peft import PeftModel
from transformers import AutoModelForCausalLM

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "train" / "sft.py")
RECIPE = str(ROOT / "recipes" / "sft" / "nano_lora.yaml")


@pytest.mark.slow
def test_two_steps_then_resume(run_command, tmp_path):
    base = tiny_models.save_tiny_model(tmp_path / "base", "qwen2")
    output = tmp_path / "run"
    flags = [
        SCRIPT, "--config", RECIPE, "--output", str(output), "--base", str(base), "--prompt_style", "caption",
        "--data.path", str(tiny_models.save_toy_data(tmp_path / "data", train=16, held_out=4)),
        "--trainer.max_length", "1024", "--drawings.max_new_tokens", "8",
    ]  # fmt: skip
    launch = [
        "-m", "accelerate.commands.launch", "--num_processes", "1", "--num_machines", "1",
        "--mixed_precision", "no", "--dynamo_backend", "no",
    ]  # fmt: skip
    first = run_command(*launch, *flags, "--trainer.max_steps", "2", timeout_s=300)
    assert first.returncode == 0, first.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 2
    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), output)

    again = run_command(*flags, "--trainer.max_steps", "4", timeout_s=300)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    resumed = run_command(*flags, "--trainer.max_steps", "4", "--resume", timeout_s=300)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 4
