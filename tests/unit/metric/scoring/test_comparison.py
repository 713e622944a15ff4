from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from svgtune.errors import InputError
from svgtune.metric.scoring.comparison import compare_totals, format_comparison
from svgtune.metric.scoring.scores import Total, read_totals


def build_run(shift: float, seed: int, prompts: int = 40, drawings: int = 2) -> dict[str, Total]:
    """Returns scores whose prompts differ much, and whose drawings of a prompt differ little."""
    hard = np.random.default_rng(0).uniform(0.2, 0.6, prompts)
    noise = np.random.default_rng(seed).normal(0, 0.01, (prompts, drawings))
    return {
        f"p{p}-{d}": Total(f"p{p}-{d}", float(hard[p] + noise[p, d] + shift), prompt=f"prompt {p}")
        for p in range(prompts)
        for d in range(drawings)
    }


def test_paired_differences_are_surer_than_means() -> None:
    figures = compare_totals({"sft": build_run(0, 1), "dpo": build_run(0.03, 2), "same": build_run(0, 3)})
    assert figures["sft"]["difference"] is None
    assert figures["sft"]["score"]["count"] == 80
    assert figures["dpo"]["score"]["low"] < figures["sft"]["score"]["high"]
    difference = figures["dpo"]["difference"]
    assert difference["mean"] == pytest.approx(0.03, abs=0.01)
    assert 0 < difference["low"] < difference["high"] < 0.05
    assert figures["same"]["difference"]["low"] < 0 < figures["same"]["difference"]["high"]


def test_drawings_of_one_prompt_are_no_more_prompts() -> None:
    once, often = build_run(0, 1, drawings=1), build_run(0, 1, drawings=8)
    widths = []
    for run in (once, often):
        score = compare_totals({"a": run})["a"]["score"]
        widths.append(score["high"] - score["low"])
    assert widths[1] == pytest.approx(widths[0], rel=0.2)


def test_scores_without_prompts_are_drawn_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    run = {key: Total(key, one.score) for key, one in build_run(0, 1, drawings=1).items()}
    score = compare_totals({"a": run})["a"]["score"]
    assert score["high"] - score["low"] > 0.03
    assert not caplog.records
    compare_totals({"a": {key: Total(key, 0.5, prompt="p") for key in run}})
    assert "of one prompt only" in caplog.text


def test_runs_of_other_drawings_are_refused() -> None:
    run = build_run(0, 1)
    renamed = {**run, "p0-0": Total("p0-0", 0.5, prompt="another")}
    for other in (build_run(0, 1, prompts=39), renamed):
        with pytest.raises(InputError, match=r"b: 'p.*others are not drawings of a too"):
            compare_totals({"a": run, "b": other})


def test_the_table_says_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "scores.jsonl"
    file.write_text(
        "".join(json.dumps({"id": f"d{k}", "prompt": f"p{k}", "score": k / 4}) + "\n" for k in range(4))
    )
    totals = read_totals(tmp_path)
    figures = compare_totals({"base": totals, "tuned": totals})
    figures["tuned"]["training"] = {"seconds": 1234.5, "tokens": 98_765}
    figures["tuned"]["summary"] = {
        "in": 4, "validity": {"strict": 3}, "vqa": 0.5, "aesthetic": 0.25, "ocr": None,
    }  # fmt: skip
    lines = format_comparison(figures).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| base | 0.3750 |")
    assert "| +0.0000 | +0.0000 to +0.0000 | 0.750 | 0.5000 | 0.2500 |  | 1,234 | 98,765 |" in lines[3]
