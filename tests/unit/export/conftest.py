"""Runs as train/sft.py leaves them, on tiny bases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoTokenizer

from svgtune.model.card import Traits, write_traits
from svgtune.model.load import load_base
from svgtune.prompts import PromptStyle

MakeRun = Callable[..., Path]


def save_run(base: Path, folder: Path, **options: object) -> Path:
    """Puts a random adapter on a base, and saves it with what a run writes beside it."""
    torch.manual_seed(1)
    config = {"r": 4, "target_modules": "all-linear", "init_lora_weights": False, **options}
    get_peft_model(load_base(base), LoraConfig(task_type="CAUSAL_LM", **config)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    traits = Traits(PromptStyle.CAPTION, base=str(base))
    write_traits(folder, traits, data_licences={"emoji: CC-BY-4.0": 7})
    (folder / "metrics.json").write_text(json.dumps({"held_out_loss_after": 0.25}))
    (folder / "recipe.yaml").write_text(f"name: my_run\nbase: {base}\nstart_from: null\n")
    (folder / "README.md").write_text("Made by `train/sft.py` of svgtune.")
    (folder / "optimizer.pt").write_bytes(b"not for others")
    return folder


@pytest.fixture(scope="session")
def tiny_run(tiny_base: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """Returns a function that gives the run folder of an architecture, made once a session."""
    made: dict[str, Path] = {}

    def find(architecture: str = "qwen2") -> Path:
        if architecture not in made:
            folder = tmp_path_factory.mktemp("runs") / f"{architecture}_run"
            made[architecture] = save_run(tiny_base(architecture), folder)
        return made[architecture]

    return find


@pytest.fixture
def other_base(tmp_path: Path) -> MakeRun:
    """Returns a function that saves another tiny base of the given sizes."""

    def make(name: str = "other", **sizes: int) -> Path:
        folder = tiny_models.save_tiny_model(tmp_path / name, "qwen2")
        vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
        tiny_models.build_model("qwen2", vocabulary, **sizes).save_pretrained(folder)
        return folder

    return make
