"""The command that compares models, with a judge that has learned nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models

from tests.smoke.untrained import save_untrained_judge

RunCommand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.slow
def test_two_models_in_one_table(run_command: RunCommand, tmp_path: Path) -> None:
    judge = save_untrained_judge(tmp_path / "judge")
    base = tiny_models.save_tiny_model(tmp_path / "base", "qwen2")
    prompts = tmp_path / "prompts.jsonl"
    asked = {"questions": ["Is it red?"], "choices": [["no", "yes"]], "answers": ["yes"], "category": "toys"}
    rows = [{"id": f"p{k}", "prompt": f"a red ball {k}", **asked} for k in range(2)]
    prompts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = (
        "scripts/compare_tuning.py", f"tiny={base}", "nano=models/nano", "--prompts", prompts,
        "--output", tmp_path / "out", "--draw=--sampling.max_new_tokens=300",
        "--judge=--embedded.search_px=128", "--embedded", judge,
    )  # fmt: skip
    done = run_command(*words, timeout_s=900, HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(judge)
    assert done.stdout.splitlines()[5].startswith("| nano | ")
    figures = json.loads((tmp_path / "out" / "comparison.json").read_text())[str(judge)]
    assert figures["tiny"]["score"]["count"] == figures["nano"]["score"]["count"] == 2
    assert figures["nano"]["summary"]["questions"] == {"given": 2}
    assert list(figures["nano"]["summary"]["by_category"]) == ["toys"]
    again = run_command(*words, timeout_s=300)
    assert again.returncode == 2
    assert "--resume" in again.stderr


@pytest.mark.slow
def test_the_best_of_several_against_the_first(run_command: RunCommand, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a red ball\na blue square\n")
    every, best = tmp_path / "all", tmp_path / "best"
    words = ("--prompts", prompts, "--n", "3", "--all", "--temperature", "1", "--max_new_tokens", "120")
    drawn = run_command("infer/generate.py", *words, "--output", every, timeout_s=900, OMP_NUM_THREADS="1")
    assert drawn.returncode == 0, drawn.stderr
    choose = ("scripts/choose_best.py", "--drawings", every, "--output", best, "--counts", "1")
    refused = run_command(*choose, "4", timeout_s=300)
    assert refused.returncode == 2
    assert "has 3 drawings, and the best of 4 is asked for" in refused.stderr
    done = run_command(*choose, "3", timeout_s=900, HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    rows = {n: list(map(json.loads, (best / n / "drawings.jsonl").read_text().splitlines())) for n in "13"}
    assert [row["id"] for row in rows["3"]] == [row["prompt_id"] for row in rows["1"]]
    assert {row["candidate"] for row in rows["1"]} == {0}
    assert all(b["score"] >= a["score"] for a, b in zip(rows["1"], rows["3"], strict=True))
    compare = ("scripts/compare_tuning.py", f"one={best / '1'}", f"three={best / '3'}", "--prompts", prompts)
    table = run_command(*compare, "--output", tmp_path / "out", timeout_s=900, OMP_NUM_THREADS="1")
    assert table.returncode == 0, table.stderr
    figures = json.loads((tmp_path / "out" / "comparison.json").read_text())[""]
    assert figures["one"]["score"]["count"] == figures["three"]["score"]["count"] == 2
    assert not list((tmp_path / "out").glob("*/drawn"))


def test_names_that_cannot_be_used_are_refused(run_command: RunCommand, tmp_path: Path) -> None:
    words = ("--prompts", "recipes/generate/prompts_demo.txt", "--output", tmp_path / "out")
    for contenders, message in (
        (("models/nano",), "is not NAME=FOLDER"),
        (("a=models/nano", "a=models/nano"), "with a name of its own"),
        (("a=models/none",), "there is no folder models/none"),
    ):
        done = run_command("scripts/compare_tuning.py", *contenders, *words, timeout_s=300)
        assert done.returncode == 2, done.stderr
        assert message in done.stderr
        assert not (tmp_path / "out").exists()
