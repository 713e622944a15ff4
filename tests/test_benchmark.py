"""The embedded benchmark is frozen, well formed, and nothing that is trained on comes near it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from svgtune.config.scenes import ScenesOptions
from svgtune.data.contamination import ContaminationFinder
from svgtune.data.sources.scenes import sample_scene, teacher

FILE = Path(__file__).resolve().parent.parent / "benchmarks" / "embedded" / "benchmark.jsonl"
FROZEN = "f183dacaa95f4e7d52ffbd00c7b8cfd847d099d56a9b33e5164b0b5a7298fec5"
TRAINING_CAPTIONS = 4_000


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def test_benchmark_is_frozen() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == FROZEN, "figures would no longer compare"


def test_rows_are_whole(rows: list[dict]) -> None:
    assert Counter(row["part"] for row in rows) == {"held_out": 100, "free": 100, "outside": 100}
    assert len({row["prompt"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert len(row["questions"]) == len(row["choices"]) == len(row["answers"]) == 4
        assert len(set(row["questions"])) == 4, row["prompt"]
        for choices, answer in zip(row["choices"], row["answers"], strict=True):
            assert answer in choices
            assert choices == sorted(choices)
            assert choices == ["no", "yes"] or len(set(choices)) == 4


def test_no_caption_may_be_drawn(rows: list[dict]) -> None:
    assert all(teacher.hash_caption(row["prompt"]) in teacher._NEVER_DRAWN for row in rows)


def test_training_scenes_do_not_come_near(rows: list[dict]) -> None:
    finder = ContaminationFinder([row["prompt"] for row in rows])
    options = ScenesOptions(split="train")
    captions = (sample_scene(1, index, options).caption for index in range(TRAINING_CAPTIONS))
    assert [str(match) for match in finder.find_all(captions)] == []
