from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from svgtune.config.generate import GenerateRecipe, Sampling, SelectSection, TimeSection
from svgtune.errors import InputError, MachineError, OutputExistsError, RecipeError
from svgtune.generate import candidates, draw, loading
from svgtune.generate.engine import Completion
from svgtune.metric.judges import Judges
from svgtune.svg.repair import Validity

from .conftest import GOOD_SVG, FakeEngine, RedLover


def build_recipe(*prompts: str, **values: Any) -> GenerateRecipe:
    return GenerateRecipe(prompts=prompts, render_workers=1, **values)


def read_rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "drawings.jsonl").read_text().splitlines()]


def test_every_prompt_gets_a_row_and_good_ones_their_files(tmp_path: Path, fake_engine: FakeEngine) -> None:
    fake_engine.write = lambda prompt, candidate: "no drawing" if prompt == "bad" else GOOD_SVG
    summary = draw.run(build_recipe("a red ball", "", "bad", "sea"), tmp_path / "run")
    rows = read_rows(tmp_path / "run")
    assert [r["prompt"] for r in rows] == ["a red ball", "", "bad", "sea"]
    assert [r["validity"] for r in rows] == ["strict", "invalid", "invalid", "strict"]
    assert {"id", "prompt", "svg", "validity", "tokens", "seconds"} <= rows[0].keys()
    assert rows[1]["detail"] == "prompt: is empty; write what to draw"
    assert rows[2]["text"] == "no drawing"
    assert rows[0]["svg"] == (tmp_path / "run" / "0001-a-red-ball.svg").read_text() == GOOD_SVG
    assert Image.open(tmp_path / "run" / "0004-sea.png").size == (384, 384)
    assert sorted(p.suffix for p in (tmp_path / "run").iterdir()) == sorted(
        [".svg", ".svg", ".png", ".png", ".jsonl", ".html", ".json", ".json", ".yaml"]
    )
    assert isinstance(summary, draw.Summary)
    assert (summary.prompts, summary.drawings, summary.refused) == (4, 4, 1)
    assert summary.validity["strict"] == 2


def test_all_prompts_refused_gives_its_own_exit_status(tmp_path: Path, fake_engine: FakeEngine) -> None:
    assert draw.run(build_recipe("", "\x00"), tmp_path / "run") == draw.EXIT_NOTHING_DRAWN
    assert [r["finish"] for r in read_rows(tmp_path / "run")] == ["refused", "refused"]
    assert not fake_engine.asked


def test_the_best_candidate_is_kept(tmp_path: Path, fake_engine: FakeEngine) -> None:
    fake_engine.write = lambda prompt, candidate: ["broken", f"Here: {GOOD_SVG}", GOOD_SVG, GOOD_SVG][
        candidate
    ]
    draw.run(build_recipe("ball", sampling=Sampling(n=4)), tmp_path / "run")
    (row,) = read_rows(tmp_path / "run")
    assert (row["id"], row["candidate"], row["validity"]) == ("0001-ball", 2, "strict")


def test_what_the_renderer_stops_at_is_mended_and_says_so(tmp_path: Path, fake_engine: FakeEngine) -> None:
    broken = GOOD_SVG.replace("</svg>", '<path d="M9 9h50v50zA44 4 48" fill="#123"/></svg>')
    fake_engine.write = lambda prompt, candidate: broken if prompt == "bad" else GOOD_SVG
    draw.run(build_recipe("bad", "sea"), tmp_path / "run")
    bad, good = read_rows(tmp_path / "run")
    assert (bad["validity"], bad["rendered"], good["validity"]) == ("repaired", True, "strict")
    assert bad["detail"].startswith("render_error: ")
    assert bad["text"] == broken
    assert bad["svg"] != broken
    assert Image.open(tmp_path / "run" / f"{bad['id']}.png").size == (384, 384)


def test_judges_choose_where_the_recipe_says_so(
    tmp_path: Path, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = ["#00f", "#f00", "#0f0"]
    fake_engine.write = lambda prompt, candidate: GOOD_SVG.replace(
        "</svg>", f'<rect width="200" height="200" fill="{colours[candidate]}"/></svg>'
    )
    judge = RedLover()
    monkeypatch.setattr(draw, "load_judges", lambda recipe: Judges(judge, judge, judge))
    recipe = build_recipe("a red ball", sampling=Sampling(n=3), select=SelectSection(by="judges"))
    draw.run(recipe, tmp_path / "run")
    (row,) = read_rows(tmp_path / "run")
    assert (row["candidate"], row["id"]) == (1, "0001-a-red-ball")
    assert row["score"] > 0.2
    assert draw.load_choosing_judges(build_recipe("a red ball", sampling=Sampling(n=3))) is None


def test_all_keeps_every_candidate(tmp_path: Path, fake_engine: FakeEngine) -> None:
    draw.run(build_recipe("ball", "", "sea", all=True, sampling=Sampling(n=3)), tmp_path / "run")
    rows = read_rows(tmp_path / "run")
    assert [r["id"] for r in rows] == [
        "0001-ball-01", "0001-ball-02", "0001-ball-03", "0002-01", "0003-sea-01", "0003-sea-02", "0003-sea-03"
    ]  # fmt: skip
    assert all((tmp_path / "run" / f"{r['id']}.png").exists() for r in rows if r["rendered"])
    assert sum(r["rendered"] for r in rows) == 6


@pytest.mark.slow
def test_a_killed_run_resumes_without_loss_or_repetition(tmp_path: Path, fake_engine: FakeEngine) -> None:
    recipe = build_recipe(*(f"hill {i}" for i in range(6)), "")
    whole = fake_engine.generate

    def stop_half_way(requests: Any, options: Sampling) -> Iterator[Completion]:
        for count, completion in enumerate(whole(requests, options)):
            if count == 3:
                raise KeyboardInterrupt
            yield completion

    fake_engine.generate = stop_half_way  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        draw.run(recipe, tmp_path / "run")
    assert len(read_rows(tmp_path / "run")) == 4
    with pytest.raises(OutputExistsError, match="--resume"):
        draw.run(recipe, tmp_path / "run")
    fake_engine.generate = whole  # type: ignore[method-assign]
    fake_engine.asked.clear()
    draw.run(recipe, tmp_path / "run", resume=True)
    assert [r.prompt for r in fake_engine.asked] == ["hill 0", "hill 1", "hill 2"]
    assert [r["prompt"] for r in read_rows(tmp_path / "run")] == [*(f"hill {i}" for i in range(6)), ""]
    fake_engine.asked.clear()
    draw.run(recipe, tmp_path / "run", resume=True)
    assert not fake_engine.asked


def test_overwrite_begins_anew(tmp_path: Path, fake_engine: FakeEngine) -> None:
    draw.run(build_recipe("hill"), tmp_path / "run")
    draw.run(build_recipe("sea"), tmp_path / "run", overwrite=True)
    assert [r["prompt"] for r in read_rows(tmp_path / "run")] == ["sea"]
    assert not list((tmp_path / "run").glob("*hill*"))


@pytest.mark.slow
def test_seeds_belong_to_prompts_not_to_places(tmp_path: Path, fake_engine: FakeEngine) -> None:
    draw.run(build_recipe("hill", "sea", "hill"), tmp_path / "one")
    draw.run(build_recipe("sea", "hill"), tmp_path / "two")
    draw.run(build_recipe("sea", sampling=Sampling(seed=1)), tmp_path / "three")
    seeds = [request.seed for request in fake_engine.asked]
    assert seeds[0] != seeds[2]
    assert (seeds[1], seeds[0]) == (seeds[3], seeds[4])
    assert seeds[5] != seeds[3]


def test_a_drawing_that_breaks_the_reader_costs_only_itself(
    tmp_path: Path, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = candidates.read_drawing

    def fail_once(text: str, form: Any) -> Any:
        if text == "boom":
            raise RecursionError("too deep")
        return read(text, form)

    monkeypatch.setattr(candidates, "read_drawing", fail_once)
    fake_engine.write = lambda prompt, candidate: "boom" if prompt == "hill" else GOOD_SVG
    draw.run(build_recipe("hill", "sea"), tmp_path / "run")
    hill, sea = read_rows(tmp_path / "run")
    assert (hill["validity"], sea["validity"]) == ("invalid", "strict")
    assert "RecursionError: too deep" in hill["detail"]


def test_refusals_come_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    with pytest.raises(MachineError, match=r"vLLM is not installed; .* or use --engine transformers"):
        draw.run(build_recipe("hill", engine="vllm"), tmp_path / "run")
    with pytest.raises(InputError, match="holds no prompt"):
        draw.run(build_recipe(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_several_candidates_need_chance() -> None:
    assert Sampling(n=4).heat == 0.7
    assert Sampling().heat == 0
    with pytest.raises(ValueError, match="all candidates are the same"):
        Sampling(n=4, temperature=0)


def test_validity_words_are_the_four_of_the_table() -> None:
    assert {str(v) for v in Validity} == {"strict", "lenient", "repaired", "invalid"}


def test_prompts_may_be_one_text_in_a_recipe(tmp_path: Path) -> None:
    from svgtune.config import read_recipe

    path = tmp_path / "r.yaml"
    path.write_text("prompts: a red ball\n")
    assert read_recipe(GenerateRecipe, path, []).prompts == ("a red ball",)
    words = ["--prompts", "no", "a: b", "1e5", "--sampling.n", "2"]
    assert read_recipe(GenerateRecipe, path, words).prompts == ("no", "a: b", "1e5")
    with pytest.raises(RecipeError, match="temperatur"):
        read_recipe(GenerateRecipe, path, ["--sampling.temperatur", "1"])


@pytest.mark.slow
def test_a_score_that_is_good_enough_ends_a_prompt_and_the_others_go_on(
    tmp_path: Path, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"a red ball": 1, "a red barn": 3, "a red boat": 9}

    def write(prompt: str, candidate: int) -> str:
        colour = "#f00" if good[prompt] == candidate else "#00f"
        return GOOD_SVG.replace("</svg>", f'<rect width="200" height="200" fill="{colour}"/></svg>')

    fake_engine.write = write
    judge = RedLover()
    monkeypatch.setattr(draw, "load_judges", lambda recipe: Judges(judge, judge, judge))
    select = SelectSection(by="judges", stop_at_score=0.2, round_size=2)
    recipe = build_recipe(*good, sampling=Sampling(n=5), select=select)
    draw.run(recipe, tmp_path / "run")
    rows = {row["prompt"]: row for row in read_rows(tmp_path / "run")}
    assert [rows[prompt]["candidate"] for prompt in list(good)[:2]] == [1, 3]
    assert rows["a red boat"]["score"] < 0.2
    asked = [(request.prompt, request.first) for request in fake_engine.asked]
    assert asked == [(p, 0) for p in good] + [(p, 2) for p in list(good)[1:]] + [("a red boat", 4)]
    assert (tmp_path / "run" / "0001-a-red-ball.png").exists()


@pytest.mark.slow
def test_within_limits_of_time_each_prompt_gets_a_drawing(tmp_path: Path, fake_engine: FakeEngine) -> None:
    fake_engine.write = lambda prompt, candidate: "no drawing" if prompt == "bad" else GOOD_SVG
    recipe = build_recipe("a red ball", "bad", "", sampling=Sampling(n=2), time=TimeSection(prompt_s=60))
    draw.run(recipe, tmp_path / "run")
    ball, bad, empty = read_rows(tmp_path / "run")
    assert (ball["finish"], ball["svg"], ball["id"], ball["drawn"]) == (
        "stop",
        GOOD_SVG,
        "0001-a-red-ball",
        2,
    )
    assert (bad["finish"], bad["validity"], bad["rendered"]) == ("fallback", "strict", True)
    assert bad["detail"] == "made of the caption by rules: no candidate can be used"
    assert empty["finish"] == "refused"
    draw.run(build_recipe("hill", time=TimeSection(mean_s=0.001)), tmp_path / "short")
    (row,) = read_rows(tmp_path / "short")
    assert (row["finish"], row["detail"]) == (
        "fallback", "made of the caption by rules: time for 0 of 1 candidates"
    )  # fmt: skip


def test_all_candidates_and_an_early_end_exclude_each_other() -> None:
    for early in ({"select": {"by": "judges", "stop_at_score": 0.5}}, {"time": {"mean_s": 5}}):
        with pytest.raises(ValueError, match="all keeps every candidate"):
            build_recipe("hill", all=True, **early)
