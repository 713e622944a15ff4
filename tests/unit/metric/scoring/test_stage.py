from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL.Image import Image

from svgtune.config.score import ScoreRecipe, SimilaritySection
from svgtune.errors import InputError, JudgeError, MissingInputError, RecipeError
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Scorer
from svgtune.metric.scoring import report, stage
from svgtune.records import Question
from tests.unit.metric.fakes import FakeJudge, draw

ASKED = {"questions": ["Is there a ball?"], "choices": [["no", "yes"]], "answers": ["yes"]}
HOSTILE = '"><script>alert(1)</script> $body'


class StoppingJudge(FakeJudge):
    """Answers some batches and then fails."""

    def __init__(self, good: int) -> None:
        super().__init__()
        self.good = good

    def rate(self, images: Sequence[Image]) -> Any:
        self.good -= 1
        if self.good < 0:
            raise RuntimeError("power cut")
        return super().rate(images)


def build_row(name: str, svg: str | None, **more: Any) -> dict[str, Any]:
    return {"id": name, "prompt": f"a red ball, {name}", "svg": svg, "category": name[0], **ASKED, **more}


ROWS = [
    build_row("c1", draw("#c31", 80)),
    build_row("a1", draw("#1c3", 70), questions=None, choices=None, answers=None, prompt="a green ball"),
    build_row("a2", f"Sure: {draw()}"),
    build_row("b1", draw("#13c"), validity="repaired", text="<svg><circle"),
    build_row("b2", draw("#13c"), validity="repaired"),
    build_row("b3", None, validity="invalid", text=HOSTILE, prompt=HOSTILE),
    build_row("c2", "", prompt=""),
    build_row("c3", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'),
    build_row("c4", draw("#111", 60)),
]


def save(folder: Path, rows: Sequence[dict[str, Any]] = ROWS) -> Path:
    path = folder / "drawings.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def score(folder: Path, name: str = "run", *, judge: Any = None, resume: bool = False, **values: Any) -> Any:
    judge = judge or FakeJudge()
    recipe = ScoreRecipe(drawings=folder / "drawings.jsonl", batch_size=2, render_workers=1, **values)
    result = stage.run(recipe, folder / name, resume=resume, judges=Judges(judge, judge, judge))
    return result.figures


def read_scores(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]


def drop_times(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rows above, scored with what was mended."""
    folder = tmp_path_factory.mktemp("scored")
    save(folder)
    score(folder, score_repaired=True)
    return folder


def test_every_row_is_scored_as_the_scorer_does_or_says_why_not(scored: Path) -> None:
    rows = {row["id"]: row for row in read_scores(scored / "run")}
    assert list(rows) == [row["id"] for row in ROWS]
    keys = {"id", "score", "vqa", "aesthetic", "ocr", "validity", "reasons", "prompt", "category", "bytes"}
    assert keys | {"probabilities", "seconds", "questions"} <= rows["c1"].keys()
    assert {name: row["validity"] for name, row in rows.items()} == {
        "c1": "strict", "a1": "strict", "a2": "lenient", "b1": "repaired", "b2": "repaired",
        "b3": "invalid", "c2": "invalid", "c3": "strict", "c4": "strict",
    }  # fmt: skip
    assert {name: row["reasons"][:1] for name, row in rows.items() if row["reasons"]} == {
        "a2": ["breaks_rules"], "b1": ["breaks_rules"], "b2": ["not_strict"], "b3": ["breaks_rules"],
        "c2": ["no_drawing"], "c3": ["render_blank"],
    }  # fmt: skip
    judge = FakeJudge()
    seeds = {name: row["seed"] for name, row in rows.items()}
    entry = Entry("c1", ROWS[0]["svg"], (Question("Is there a ball?", ("no", "yes"), "yes"),))
    (alone,) = Scorer(Judges(judge, judge, judge)).score([entry], group_seeds=seeds)
    assert rows["c1"]["score"] == round(alone.total, 6)
    assert rows["c1"]["probabilities"] == [[round(p, 6) for p in alone.probabilities[0]]]


def test_the_summary_counts_every_row_once(scored: Path) -> None:
    figures = json.loads((scored / "run" / "summary.json").read_text())
    rows = read_scores(scored / "run")
    assert figures["in"] == len(ROWS) == figures["scored"] + sum(figures["zero_by_reason"].values())
    assert figures["zero_by_reason"] == {
        "breaks_rules": 3, "not_strict": 1, "no_drawing": 1, "render_blank": 1,
    }  # fmt: skip
    assert figures["validity"] == {"strict": 4, "lenient": 1, "repaired": 2, "invalid": 2}
    assert figures["questions"] == {"given": 8, "by rule": 1}
    assert figures["mean"] == pytest.approx(sum(row["score"] for row in rows) / len(rows), abs=1e-4)
    low, high = figures["ci95"]
    assert low < figures["mean"] < high
    judged = [row for row in rows if not row["reasons"]]
    assert figures["vqa"] == pytest.approx(sum(row["vqa"] for row in judged) / len(judged), abs=1e-4)
    assert {name: one["in"] for name, one in figures["by_category"].items()} == {"a": 2, "b": 3, "c": 4}
    assert figures["by_category"]["b"]["vqa"] is None
    assert figures["answers"]["count"] == sum(len(row["probabilities"]) for row in judged)


def test_what_was_mended_stands_apart(scored: Path, tmp_path: Path) -> None:
    mended = {row["id"]: row["mended"] for row in read_scores(scored / "run") if row["mended"]}
    assert set(mended) == {"a2", "b1", "b2"}
    assert all(one["aesthetic"] > 0 for one in mended.values())
    save(tmp_path)
    plain = score(tmp_path)
    figures = json.loads((scored / "run" / "summary.json").read_text())
    assert figures["mended"]["in"] == 3
    assert "mended" not in plain
    assert plain["mean"] == figures["mean"]


def test_the_files_for_people_are_there_and_safe(scored: Path) -> None:
    page = (scored / "run" / "gallery.html").read_text()
    assert page.count("<script>") == 1
    assert "alert(1)&lt;/script&gt;" in page
    places = [page.index(f"a red ball, {name}</p>") for name in ("c1", "c4")]
    scores = {row["id"]: row["score"] for row in read_scores(scored / "run")}
    assert (places[0] < places[1]) == (scores["c1"] > scores["c4"])
    assert len(list((scored / "run" / "pictures").glob("*.png"))) == 4
    table = (scored / "run" / "table.md").read_text()
    assert "| drawings | judged | strict | lenient | repaired | invalid |" in table
    assert "| all | 9 | 3 | 4 | 1 | 2 | 2 |" in table
    assert "a bootstrap over prompts" in table
    assert "<th>strict</th><th>lenient</th><th>repaired</th><th>invalid</th>" in page
    assert "Questions of 1 drawings were made by rule" in table
    assert "no other figure counts these scores" in table


@pytest.mark.slow
def test_a_killed_run_keeps_what_it_had_and_ends_as_an_uninterrupted_one(
    scored: Path, tmp_path: Path
) -> None:
    file = save(tmp_path)
    with pytest.raises(JudgeError, match="power cut"):
        score(tmp_path, judge=StoppingJudge(1), score_repaired=True)
    table = tmp_path / "run" / "scores.jsonl"
    kept = len(read_scores(tmp_path / "run"))
    assert 0 < kept < len(ROWS)
    with table.open("a") as out:
        out.write('{"id": "c4", "sc')
    judge = FakeJudge()
    figures = score(tmp_path, judge=judge, resume=True, score_repaired=True)
    assert drop_times(read_scores(tmp_path / "run")) == drop_times(read_scores(scored / "run"))
    assert figures["in"] == len(ROWS)
    again = FakeJudge()
    assert score(tmp_path, judge=again, resume=True, score_repaired=True)["mean"] == figures["mean"]
    assert not again.seen
    assert file.is_file()


@pytest.mark.parametrize(
    ("rows", "values", "sentence"),
    [
        (ROWS[1:], {}, "scores.jsonl:1: scores 'c1', which the drawings no longer hold"),
        ([*ROWS, build_row("a0", draw())], {}, "'c1' had another seed"),
        ([build_row("c1", draw("#222")), *ROWS[1:]], {}, "'c1' was another drawing, or had other questions"),
        ([ROWS[0] | {"category": "z"}, *ROWS[1:]], {}, "'c1' had category 'c', now 'z'"),
        ([ROWS[0] | {"prompt": "a bell"}, *ROWS[1:]], {}, "'c1' had prompt .*, now 'a bell'"),
        (ROWS, {"random_seed": 5}, "the run began with random_seed 0, and is now to go on with 5"),
        (ROWS, {"score_repaired": False}, "the run began with score_repaired True"),
    ],
)
def test_a_run_is_resumed_only_as_it_began(
    scored: Path, rows: list[dict[str, Any]], values: dict[str, Any], sentence: str
) -> None:
    before = (scored / "run" / "scores.jsonl").read_bytes()
    try:
        save(scored, rows)
        with pytest.raises(InputError, match=sentence):
            score(scored, resume=True, **({"score_repaired": True} | values))
    finally:
        save(scored)
        (scored / "run" / "recipe.1.yaml").unlink(missing_ok=True)
    assert (scored / "run" / "scores.jsonl").read_bytes() == before


@pytest.mark.slow
def test_tricks_are_played_only_when_asked_for(tmp_path: Path) -> None:
    save(tmp_path, [build_row("c1", draw())])
    plain, framed = FakeJudge(), FakeJudge()
    score(tmp_path, "plain", judge=plain)
    score(tmp_path, "framed", judge=framed, tricks=("dark_border",))
    corners = [np.asarray(judge.seen[0])[5, 5].max() for judge in (plain, framed)]
    assert corners[0] > 200
    assert corners[1] < 40
    with pytest.raises(InputError, match="tricks"):
        score(tmp_path, "framed", resume=True)


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    save(tmp_path)
    score(tmp_path)
    table = tmp_path / "run" / "scores.jsonl"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join([lines[0], "{}\n", *lines[2:]]))
    with pytest.raises(InputError, match=r"scores\.jsonl:2: is not a score .*; remove the line"):
        score(tmp_path, resume=True)


def test_bad_rows_leave_no_folder(tmp_path: Path) -> None:
    save(tmp_path, [*ROWS, ROWS[0]])
    with pytest.raises(InputError, match="the id 'c1' is on line 1 too"):
        score(tmp_path)
    assert not (tmp_path / "run").exists()
    with pytest.raises(RecipeError, match="give --drawings FILE"):
        stage.run(ScoreRecipe(), tmp_path / "run")


def test_nothing_to_judge_is_a_score_of_zero(tmp_path: Path) -> None:
    save(tmp_path, [build_row("x", "", category=None)])
    figures = score(tmp_path)
    assert (figures["mean"], figures["scored"], figures["vqa"]) == (0.0, 0, None)
    assert "by_category" not in figures


def test_what_is_missing_is_found_before_old_scores_are_deleted(tmp_path: Path) -> None:
    def find_nothing() -> None:
        raise MissingInputError("text encoder: is not there")

    save(tmp_path)
    score(tmp_path)
    before = (tmp_path / "run" / "scores.jsonl").read_bytes()
    recipe = ScoreRecipe(drawings=tmp_path / "drawings.jsonl", render_workers=1)
    judge = FakeJudge()
    unready = Judges(judge, judge, judge, prepare=find_nothing)
    with pytest.raises(MissingInputError, match="text encoder"):
        stage.run(recipe, tmp_path / "run", overwrite=True, judges=unready)
    (tmp_path / "empty").mkdir()
    compared = recipe.model_copy(
        update={"similarity": SimilaritySection(model="m", references=tmp_path / "empty")}
    )
    with pytest.raises(MissingInputError, match=r"similarity\.references: .* holds 0 pictures"):
        stage.run(compared, tmp_path / "run", overwrite=True, judges=Judges(judge, judge, judge))
    assert (tmp_path / "run" / "scores.jsonl").read_bytes() == before


def test_a_run_is_resumed_only_by_the_judges_that_began_it(tmp_path: Path) -> None:
    save(tmp_path)
    recipe = ScoreRecipe(drawings=tmp_path / "drawings.jsonl", render_workers=1)
    judge = FakeJudge()
    old, new = (Judges(judge, judge, judge, files={"j.json": "1", "j.weights": n}) for n in "23")
    figures = stage.run(recipe, tmp_path / "run", judges=old).figures
    with pytest.raises(InputError, match=r"the run began with another judge, for its j\.weights have chang"):
        stage.run(recipe, tmp_path / "run", resume=True, judges=new)
    again = stage.run(recipe, tmp_path / "run", resume=True, judges=old).figures
    assert again["mean"] == figures["mean"]


def test_a_drawing_has_the_recipes_time(tmp_path: Path) -> None:
    save(tmp_path, [build_row("c1", draw())])
    figures = score(tmp_path, render_timeout_s=1e-6)
    assert figures["zero_by_reason"] == {"render_timeout": 1}


def test_a_long_gallery_shows_the_best_and_the_worst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MAX_CARDS", 4)
    save(tmp_path)
    score(tmp_path)
    page = (tmp_path / "run" / "gallery.html").read_text()
    assert page.count("<article") == 4
    assert "The best and the worst 2 of 9" in page
