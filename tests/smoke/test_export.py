from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model

from svgtune.model.load import load_base

RunCommand = Callable[..., subprocess.CompletedProcess[str]]
QUICK = ("--check.prompts", "a red circle", "--check.max_new_tokens", "24")


@pytest.fixture(scope="module")
def nano_adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random adapter on the base that ships."""
    folder = tmp_path_factory.mktemp("adapter") / "run"
    torch.manual_seed(1)
    config = LoraConfig(r=8, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    model = get_peft_model(load_base("models/nano"), config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if ".lora_B." in name:
                weight.mul_(0.1)
    model.peft_config["default"].base_model_name_or_path = "models/nano"
    model.save_pretrained(folder)
    return folder


def test_the_command_exports_for_kaggle_without_network(
    run_command: RunCommand, nano_adapter: Path, tmp_path: Path, root: Path
) -> None:
    words = (
        "scripts/export_adapter.py", "--adapter", nano_adapter, "--output", tmp_path / "out", *QUICK,
        "--kaggle", "jane/svg/transformers/nano",
    )  # fmt: skip
    done = run_command(*words, "--dry-run", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert "nothing was uploaded; it would go to jane/svg/transformers/nano under the licence Apache 2.0" in (
        done.stdout
    )
    assert json.loads((tmp_path / "out" / "export.json").read_text())["uploaded"] is False
    PeftModel.from_pretrained(load_base(root / "models" / "nano"), tmp_path / "out")


def test_a_refusal_is_one_sentence_and_leaves_nothing(run_command: RunCommand, tmp_path: Path) -> None:
    words = ("--adapter", tmp_path, "--output", tmp_path / "run", "--kaggle", "a/b/vllm/c", "--hub", "a/b")
    done = run_command("scripts/export_adapter.py", *words)
    assert done.returncode == 2, done.stderr
    assert "kaggle and hub are both given; export to one of them at a time" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()
