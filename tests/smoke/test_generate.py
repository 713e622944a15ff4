from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models

from svgtune.model.card import Traits, write_traits
from svgtune.prompts import PromptStyle

RunCommand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_models.save_tiny_model(tmp_path_factory.mktemp("model") / "base", "qwen2")
    write_traits(folder, Traits(PromptStyle.CAPTION))
    return folder


def test_the_command_draws_and_two_runs_with_one_seed_are_the_same(
    run_command: RunCommand, tiny_base: Path, tmp_path: Path
) -> None:
    tables = []
    for name, batch_size in (("one", 64), ("two", 3)):
        done = run_command(
            "infer/generate.py", "--prompts", "a red ball", "", "a blue sea: calm", "--model", tiny_base,
            "--output", tmp_path / name, "--n", "3", "--all", "--temperature", "1", "--seed", "5",
            "--max_new_tokens", "120", "--batch_size", str(batch_size),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "gallery.html" in done.stdout
        rows = [json.loads(line) for line in (tmp_path / name / "drawings.jsonl").read_text().splitlines()]
        tables.append([{k: v for k, v in row.items() if k != "seconds"} for row in rows])
    assert tables[0] == tables[1]
    assert len(tables[0]) == 7
    assert all(row["tokens"] and row["validity"] == "strict" for row in tables[0] if row["prompt"])
    assert (tmp_path / "one" / "gallery.html").stat().st_size > 1000


def test_refusals_are_one_sentence_and_leave_nothing(run_command: RunCommand, tmp_path: Path) -> None:
    for words, sentence in (
        (("--prompts", "nowhere.txt"), "prompts: there is no file nowhere.txt; give a file that is there"),
        (("--prompts", "hill", "--n", "4", "--temperature", "0"), "all candidates are the same"),
    ):
        done = run_command("infer/generate.py", *words, "--output", tmp_path / "run")
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "run").exists()
