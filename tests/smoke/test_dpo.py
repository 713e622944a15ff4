"""The commands from scored drawings to a tuned model: choose, prefer, resume, tune on the best."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

RunCommand = Callable[..., subprocess.CompletedProcess[str]]
SETTINGS = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def write_scored_drawings(folder: Path, captions: int) -> None:
    """Writes three drawings of each caption, with made-up scores."""
    drawings, scores = [], []
    for place, row in enumerate(tiny_models.build_rows(captions)):
        for k in range(3):
            svg = row["svg"].replace("</svg>", '<path d="M90 90h20v20z"/>' * k + "</svg>")
            drawings.append({"id": f"p{place}-{k}", "prompt": f"{row['caption']} {place}", "svg": svg})
            scores.append({"id": f"p{place}-{k}", "score": 0.9 - 0.3 * k})
    for name, rows in (("drawings", drawings), ("scores", scores)):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.slow
def test_choose_then_two_steps_then_resume_then_best_of(run_command: RunCommand, tmp_path: Path) -> None:
    write_scored_drawings(tmp_path, 24)
    preferred = tmp_path / "preferred"
    done = run_command(
        "data_prep/prefer.py", "--drawings", tmp_path / "drawings", "--scores", tmp_path / "scores",
        "--output", preferred, "--split.fractions", "{held_out: 0.2}", "--guards", "null", timeout_s=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "pairs: in 24 captions, kept 24, dropped 0" in done.stdout

    base = tiny_models.save_tiny_model(tmp_path / "base", "qwen2")
    output = tmp_path / "run"
    flags = [
        "--base", base, "--prompt_style", "caption", "--data.path", preferred,
        "--drawings.max_new_tokens", "8", "--trainer.max_length", "1024",
    ]  # fmt: skip
    words = ["train/dpo.py", "--config", "recipes/dpo/nano.yaml", "--output", output, *flags]
    first = run_command(*words, "--trainer.max_steps", "2", timeout_s=900, **SETTINGS)
    assert first.returncode == 0, first.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 2
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), output)
    assert any(p.abs().max() > 0 for name, p in model.named_parameters() if "lora_B" in name)

    again = run_command(*words, "--trainer.max_steps", "4", timeout_s=900, **SETTINGS)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    resumed = run_command(*words, "--trainer.max_steps", "4", "--resume", timeout_s=900, **SETTINGS)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 4

    best = run_command(
        "train/sft.py", "--config", "recipes/sft/nano_best_of.yaml", "--start_from", output,
        "--output", tmp_path / "best", *flags, "--trainer.max_steps", "2", timeout_s=900, **SETTINGS,
    )  # fmt: skip
    assert best.returncode == 0, best.stderr
    before, after = (load_file(f / "adapter_model.safetensors") for f in (output, tmp_path / "best"))
    assert before.keys() == after.keys()
    assert any(not before[name].equal(after[name]) for name in before)
