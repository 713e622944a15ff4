from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from svgtune.config.guards import GuardSection
from svgtune.config.prefer import PreferRecipe
from svgtune.config.prepare import Split
from svgtune.config.score import ScoreRecipe
from svgtune.errors import InputError, MissingInputError, OutputExistsError, RecipeError
from svgtune.metric.scoring.questions import make_questions
from svgtune.metric.scoring.rows import read_rows
from svgtune.metric.scoring.scores import ScoredRow
from svgtune.metric.scoring.words import read_words
from svgtune.preference import stage
from svgtune.preference.candidates import read_candidates
from svgtune.records import Sample
from svgtune.svg.repair import Validity

COLOURS = ("red", "blue", "teal", "pink", "gray", "gold", "navy", "plum")


def draw(radius: int, colour: str = "#c31") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
        f'<circle cx="100" cy="100" r="{radius}" fill="{colour}"/></svg>'
    )


def build_drawings(captions: int, candidates: int) -> list[dict[str, Any]]:
    """Returns rows as ``infer/generate.py --all`` writes them; the last of each caption is not valid."""
    rows = []
    for place in range(captions):
        for k in range(candidates):
            is_last = k == candidates - 1
            rows.append(
                {
                    "id": f"p{place}-{k + 1:02d}",
                    "prompt_id": f"p{place}",
                    "prompt": f"a {COLOURS[place % 8]} ball number {place}",
                    "svg": None if is_last else draw(20 + k),
                    "validity": "invalid" if is_last else "strict",
                    "text": "<svg" if is_last else None,
                    "finish": "stop",
                    "tokens": 9,
                    "seconds": 0.1,
                    "seed": 0,
                    "candidate": k,
                }
            )
    return rows


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_run(
    folder: Path, rows: list[dict[str, Any]], scores: list[dict[str, Any]] | None = None
) -> PreferRecipe:
    """Writes drawings with scores that rise with the candidate's number, unless they are given."""
    if scores is None:
        scores = [
            {"id": row["id"], "score": 0.0 if row["validity"] == "invalid" else 0.2 + 0.1 * row["candidate"]}
            for row in rows
        ]
    write_lines(folder / "drawn" / "drawings.jsonl", rows)
    write_lines(folder / "scored" / "scores.jsonl", scores)
    return PreferRecipe(drawings=folder / "drawn", scores=folder / "scored", licence="CC0-1.0", guards=None)


def read_shards(folder: Path) -> list[dict[str, Any]]:
    return [
        row
        for shard in sorted(folder.glob("*.parquet"))
        for row in pyarrow.parquet.read_table(shard).to_pylist()
    ]


def test_a_run_keeps_the_best_and_pairs_and_accounts_for_every_drawing(tmp_path: Path) -> None:
    rows = build_drawings(40, 4)
    rows.append({**rows[0], "id": "lonely", "prompt": "a single cone"})
    recipe = write_run(tmp_path, rows)
    report = stage.run(recipe, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest == report.manifest
    assert (manifest["in"], manifest["kept"]) == (161, 40)
    assert manifest["dropped"] == {"not_best": 80, "not_strict": 40, "single_candidate": 1}
    assert sum(manifest["dropped"].values()) == 121
    assert manifest["captions"] == {"in": 41, "kept": 40, "dropped": 1}
    assert manifest["pairs"]["in"] == manifest["pairs"]["kept"] == 40
    assert manifest["scores"]["best"]["mean"] == pytest.approx(0.4)
    assert manifest["scores"]["rejected"]["mean"] == pytest.approx(0.2)
    assert manifest["licences"] == {"CC0-1.0": 40}
    assert "pairs: in 40 captions, kept 40, dropped 0" in str(report)

    train, held_out = (read_shards(tmp_path / "out" / split) for split in ("train", "held_out"))
    assert len(train) + len(held_out) == 40
    assert 0 < len(held_out) < 10
    sample = Sample.from_row(train[0])
    assert sample.svg == draw(22)
    assert sample.facts == {"score": 0.4, "mean_score": 0.225, "candidates": 4}
    pairs = {split: read_shards(tmp_path / "out" / "pairs" / split) for split in ("train", "held_out")}
    assert {row["id"] for row in pairs["train"]} == {row["id"] for row in train}
    assert {row["id"] for row in pairs["held_out"]} == {row["id"] for row in held_out}
    assert (pairs["train"][0]["chosen"], pairs["train"][0]["rejected"]) == (draw(22), draw(20))
    assert pairs["train"][0]["chosen_score"] == pytest.approx(0.4)
    with gzip.open(tmp_path / "out" / "dropped" / "drawings.jsonl.gz", "rt") as lines:
        dropped = [json.loads(line) for line in lines]
    assert len(dropped) == 121
    assert len({row["id"] for row in dropped} | {row["id"] for row in train + held_out}) == 161
    assert not (tmp_path / "out" / ".work").exists()


def test_drawings_that_break_a_guard_are_counted_under_its_name(tmp_path: Path) -> None:
    recipe = write_run(tmp_path, build_drawings(6, 4))
    limits = GuardSection(min_bytes=None, max_repeats=5)
    rows = build_drawings(6, 4)
    rows[2]["svg"] = draw(22).replace("<circle", "<!--" + " a red ball" * 40 + " --><circle")
    for place in range(1, 6):
        rows[4 * place + 1]["svg"] = draw(31 + place)
        rows[4 * place + 2]["svg"] = draw(41 + place)
    write_lines(tmp_path / "drawn" / "drawings.jsonl", rows)
    manifest = stage.run(recipe.model_copy(update={"guards": limits}), tmp_path / "out").manifest
    assert manifest["dropped"] == {"not_best": 5, "not_strict": 6, "max_repeats": 6, "max_padding": 1}
    assert manifest["in"] == manifest["kept"] + sum(manifest["dropped"].values()) == 24
    with pytest.raises(InputError, match=r"no drawing of 6 captions is left .*'min_bytes': 17.*see .*guards"):
        stage.run(recipe.model_copy(update={"guards": GuardSection()}), tmp_path / "none")


def test_a_folder_is_not_written_over_and_a_whole_one_is_left_as_it_is(tmp_path: Path) -> None:
    recipe = write_run(tmp_path, build_drawings(3, 3))
    first = stage.run(recipe, tmp_path / "out")
    with pytest.raises(OutputExistsError, match="--resume"):
        stage.run(recipe, tmp_path / "out")
    assert stage.run(recipe, tmp_path / "out", resume=True).manifest == first.manifest
    with pytest.raises(RecipeError, match=r"min_score = 0\.0, now it is 0\.1"):
        stage.run(recipe.model_copy(update={"min_score": 0.1}), tmp_path / "out", resume=True)
    (tmp_path / "out" / "manifest.json").unlink()
    again = stage.run(recipe, tmp_path / "out", resume=True).manifest
    assert {**again, "timing": {}} == {**first.manifest, "timing": {}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s[:-1], r"holds no score of 'p1-03' and 0 others of the 6 drawings"),
        (lambda s: [*s, {"id": "x", "score": 1.0}], r"scores 'x' and 0 others that .* does not hold"),
        (lambda s: [*s, s[0]], r"scores.jsonl:7: the id 'p0-01' is on line 1 too"),
        (lambda s: [{**s[0], "score": float("nan")}, *s[1:]], r"scores.jsonl:1, id 'p0-01': score is nan"),
        (lambda s: [{**s[0], "score": None}, *s[1:]], r"score is None, not a finite number"),
        (lambda s: [{"id": s[0]["id"]}, *s[1:]], r"score is None"),
        (lambda s: [{**s[0], "score": "0.5"}, *s[1:]], r"score is '0.5'"),
        (lambda s: [{"score": 0.5}, *s[1:]], r"has no 'id'"),
        (lambda s: [{**s[0], "digest": "0" * 16}, *s[1:]], r"is of another drawing, or of one with tricks"),
        (lambda s: [{**s[0], "asked": [1]}, *s[1:]], r"not questions"),
        (lambda s: [], r"holds no scores"),
        (lambda s: [{**one, "score": 0.0} for one in s], r"no drawing of 2 captions is left"),
    ],
)
def test_scores_that_do_not_fit_are_refused_before_anything_is_written(
    tmp_path: Path, change: Any, message: str
) -> None:
    rows = build_drawings(2, 3)
    recipe = write_run(tmp_path, rows)
    scores = [json.loads(line) for line in (tmp_path / "scored" / "scores.jsonl").open()]
    write_lines(tmp_path / "scored" / "scores.jsonl", change(scores))
    with pytest.raises(InputError, match=message):
        stage.run(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_drawings_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    rows = build_drawings(2, 3)
    recipe = write_run(tmp_path, [*rows, rows[0]])
    with pytest.raises(InputError, match=r"drawings.jsonl:7: the id 'p0-01' is on line 1 too"):
        stage.run(recipe, tmp_path / "out")
    write_lines(tmp_path / "drawn" / "drawings.jsonl", rows)
    with pytest.raises(MissingInputError, match="there is no such file"):
        stage.run(recipe.model_copy(update={"scores": tmp_path / "none"}), tmp_path / "out")
    with pytest.raises(RecipeError, match="scores: were not given"):
        stage.run(recipe.model_copy(update={"scores": None}), tmp_path / "out")


def test_scores_of_the_scorer_are_matched_by_their_digest(tmp_path: Path) -> None:
    """A drawing that was changed after it was scored is found."""
    rows = build_drawings(2, 3)
    recipe = write_run(tmp_path, rows)
    words = read_words(ScoreRecipe().words)
    lines = []
    for number, row in enumerate(read_rows(tmp_path / "drawn", lambda prompt: make_questions(prompt, words))):
        asked = tuple({"text": q.text, "choices": list(q.choices), "answer": q.answer} for q in row.questions)
        scored = ScoredRow(
            row.id, row.prompt, "", 0.1 * number, 0.5, 0.5, 1.0, Validity.STRICT, (), "", (), asked,
            "by rule", 100, 0.1, 7, row.digest,
        )  # fmt: skip
        lines.append(json.loads(scored.to_json()))
    write_lines(tmp_path / "scored" / "scores.jsonl", lines)
    groups = read_candidates(tmp_path / "drawn", tmp_path / "scored", 10_000)
    assert [one.score for one in groups[1]] == pytest.approx([0.3, 0.4, 0.5])
    assert groups[0][0].questions
    assert [one.strict for one in groups[0]] == [True, True, False]
    rows[1]["svg"] = draw(99)
    write_lines(tmp_path / "drawn" / "drawings.jsonl", rows)
    with pytest.raises(InputError, match="'p0-02' is of another drawing"):
        stage.run(recipe, tmp_path / "out")


def test_held_out_captions_come_from_folders_and_files(tmp_path: Path) -> None:
    recipe = write_run(tmp_path, build_drawings(8, 3))
    first = stage.run(
        recipe.model_copy(update={"split": Split(fractions={"held_out": 0.5})}), tmp_path / "first"
    )
    assert first.manifest["kept"] == 8
    (tmp_path / "captions.txt").write_text("A red ball, number 0\n\n")
    write_lines(tmp_path / "more.jsonl", [{"prompt": "a blue ball number 1"}])
    held = {row["caption"] for row in read_shards(tmp_path / "first" / "held_out")}
    kept_out = {*held, "a red ball number 0", "a blue ball number 1"}
    places = (tmp_path / "first", tmp_path / "captions.txt", tmp_path / "more.jsonl")
    second = stage.run(recipe.model_copy(update={"held_out": places}), tmp_path / "second")
    assert second.manifest["dropped"]["held_out_caption"] == 3 * len(kept_out)
    assert second.manifest["kept"] == 8 - len(kept_out)
    for path, message in ((tmp_path / "drawn", "holds no held_out"), (tmp_path / "none", "is not there")):
        with pytest.raises(MissingInputError, match=message):
            stage.run(recipe.model_copy(update={"held_out": (path,)}), tmp_path / "third")


def test_the_benchmark_is_never_tuned_on(tmp_path: Path, root: Path) -> None:
    rows = build_drawings(2, 3)
    prompt = json.loads((root / "benchmarks/embedded/benchmark.jsonl").open().readline())["prompt"]
    for row in rows[:3]:
        row["prompt"] = prompt.replace("khaki ", "khaki, ")
    manifest = stage.run(write_run(tmp_path, rows), tmp_path / "out").manifest
    assert manifest["dropped"]["benchmark_caption"] == 3
    assert manifest["kept"] == 1
