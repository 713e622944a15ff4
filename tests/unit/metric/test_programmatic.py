"""The programmatic check takes the teacher's own drawings and refuses them once they are made wrong."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.data.sources.scenes.abstract.shapes import SHAPES, Spot, draw_shapes
from svgtune.data.sources.scenes.palette import NAMES, SHADES, get_paint, measure_distance
from svgtune.data.sources.scenes.pen import Sheet
from svgtune.errors import InputError
from svgtune.metric.pieces import list_pieces
from svgtune.metric.programmatic import Checker, list_subjects, list_wanted
from svgtune.metric.tally import (
    Tally,
    check_rows,
    correlate,
    find_interval,
    leave_out,
    measure_agreement,
    measure_errors,
    read_rows,
    recolour,
    tally_rows,
    write_checked,
)
from svgtune.records import Sample

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'


def draw_scenes(seed: int, count: int) -> list[Sample]:
    options = ScenesOptions(categories={"landscape": 1.0}, split="any", two_colours=0.6)
    return [sample_scene(seed, index, options) for index in range(count)]


def draw_landmarks(count: int) -> list[Sample]:
    """Returns those of ``count`` landscapes that show one of four landmarks and nothing else."""
    options = ScenesOptions(categories={"landscape": 1.0}, two_colours=0.0)
    scenes = [sample_scene(3, index, options) for index in range(count)]
    names = ("barn", "lighthouse", "castle", "igloo")
    return [s for s in scenes if len(s.facts["parts"]) == 1 and s.facts["parts"][0]["subject"] in names]


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker(SHADES).fit(draw_scenes(1, 300))


@pytest.fixture(scope="module")
def fresh() -> list[Sample]:
    return draw_scenes(2, 40)


def facts_of(*parts: tuple[str, list[str]]) -> dict[str, list[dict[str, object]]]:
    return {"parts": [{"subject": name, "colours": colours, "count": 1} for name, colours in parts]}


def draw_shape(name: str, place: int, copies: int = 1, r: int = 34) -> Sample:
    sheet = Sheet()
    sheet.add_background("#fff")
    spots = [Spot(60 + 3 * place, 30 + 40 * k, r) for k in range(copies)]
    draw_shapes(sheet, SHAPES[name], spots, get_paint("red"))
    facts = facts_of((name, ["red"]))
    return Sample(
        f"{name}-{place}",
        f"a red {name}",
        sheet.to_svg(),
        "scenes",
        "here",
        "CC0-1.0",
        "abstract",
        facts=facts,
    )


def test_a_form_alone_is_told_from_the_same_form_as_a_part() -> None:
    """Most drawings with the form of a cube's top are cubes; half of these have it in the rhombuses' size."""
    cubes = [draw_shape("cube", place, r=34 if place % 2 else 46) for place in range(24)]
    hearts = [draw_shape("heart", place) for place in range(12)]
    rhombuses = [draw_shape("rhombus", copies, copies) for copies in (2, 3, 4, 5)]
    checker = Checker(SHADES).fit([*cubes, *hearts, *rhombuses])
    for sample in (*cubes, *rhombuses):
        assert checker.check("abstract", sample.facts, sample.caption, sample.svg).object_right, sample.id
    cube, rhombus = cubes[0], rhombuses[0]
    assert not checker.check("abstract", rhombus.facts, rhombus.caption, cube.svg).object_right
    assert not checker.check("abstract", cube.facts, cube.caption, rhombus.svg).object_right


@pytest.mark.slow
def test_right_drawings_are_accepted_and_wrong_ones_refused(checker: Checker, fresh: list[Sample]) -> None:
    table = measure_errors(checker, SHADES, fresh).to_json()
    for figure in ("object", "one colour", "two colours, both"):
        assert table[figure]["all"]["share"] >= 0.9, table[figure]
    for error in (
        "object of another caption",
        "another colour",
        "one of two in another colour",
        "two colours exchanged",
    ):
        assert table[error]["all"]["trials"] >= 5
        assert table[error]["all"]["share"] <= 0.1, table[error]


@pytest.mark.slow
def test_what_was_painted_and_shown_instead_is_named(checker: Checker) -> None:
    scenes = draw_landmarks(300)
    seen = 0
    for sample, other in zip(scenes, [*scenes[1:], scenes[0]], strict=True):
        wanted = sample.facts["parts"][0]["colours"]
        if wanted:
            new = "lime" if wanted != ["lime"] else "navy"
            svg = recolour(sample.svg, SHADES, {wanted[0]: new})
            check = checker.check(sample.category, sample.facts, sample.caption, svg)
            assert check.painted == (new,)
            seen += 1
        instead = f"landscape/{other.facts['parts'][0]['subject']}"
        check = checker.check(sample.category, sample.facts, sample.caption, other.svg)
        assert check.shown[instead] >= 0.5, (instead, check.shown)
        mine = f"landscape/{sample.facts['parts'][0]['subject']}"
        assert mine == instead or check.shown.get(mine, 0.0) < 0.4
    assert seen >= 5


def test_a_landmark_alone_is_told_from_another_and_from_another_colour(checker: Checker) -> None:
    alone = draw_landmarks(400)
    coloured = [sample for sample in alone if sample.facts["parts"][0]["colours"]]
    assert len(coloured) >= 5
    for sample, other in zip(coloured, [*coloured[1:], coloured[0]], strict=True):
        (part,) = sample.facts["parts"]
        asked = (sample.category, sample.facts, sample.caption)
        right = checker.check(*asked, sample.svg)
        assert right.object_right, sample.caption
        assert all(right.colours_right), sample.caption
        if other.facts["parts"][0]["subject"] != part["subject"]:
            assert not checker.check(*asked, other.svg).object_right, (sample.caption, other.caption)
        (colour,) = part["colours"]
        unlike = max(NAMES, key=lambda name: measure_distance(name, colour))
        painted = recolour(sample.svg, SHADES, {colour: unlike})
        assert not any(checker.check(*asked, painted).colours_right), sample.caption


def test_leaving_out_shapes_keeps_the_background_and_the_definitions() -> None:
    body = '<rect width="200" height="200" fill="#fff"/>' + '<circle cx="9" cy="9" r="5" fill="#111"/>' * 40
    svg = f'{HEAD}<defs><linearGradient id="a"><stop stop-color="#111"/></linearGradient></defs>{body}</svg>'
    left = leave_out(svg, random.Random(0), 0.5)
    assert left.startswith(svg[: svg.index("<circle")])
    assert left.endswith("</svg>")
    assert 10 <= left.count("<circle") <= 30
    assert leave_out(f"{HEAD}{body}</svg>", random.Random(0), 0.0) == f"{HEAD}{body}</svg>"


def test_a_subject_is_known_wherever_it_stands_and_whichever_way_it_looks() -> None:
    plain = list_pieces(f'{HEAD}<path d="M20 20L60 20L50 80z" fill="#d13"/></svg>')[-1]
    moved = list_pieces(f'{HEAD}<path d="M180 40L100 40L120 160z" fill="#23d"/></svg>')[-1]
    other = list_pieces(f'{HEAD}<path d="M20 20L80 20L20 50z" fill="#d13"/></svg>')[-1]
    assert plain.kind == moved.kind == other.kind
    assert abs(plain.form - moved.form).max() < 0.02
    assert abs(plain.form - other.form).max() > 0.2
    assert moved.size == pytest.approx(2 * plain.size)


def test_pieces_know_the_colours_of_their_patterns() -> None:
    svg = (
        f'{HEAD}<defs><pattern id="a" width="20" height="20" patternUnits="userSpaceOnUse">'
        '<rect width="20" height="20" fill="#f3c"/><rect width="20" height="10" fill="#1de"/></pattern>'
        "</defs>"
        '<rect width="200" height="200" fill="#fff"/><circle cx="90" cy="100" r="50" fill="url(#a)"/></svg>'
    )
    circle = next(piece for piece in list_pieces(svg) if piece.kind == "circle")
    assert circle.paints >= {"#f3c", "#1de"}
    assert sum(piece.hatch for piece in list_pieces(svg)) == 2


def test_text_that_is_no_drawing_shows_nothing(checker: Checker, fresh: list[Sample]) -> None:
    for svg in ("", "a lighthouse", "<svg", f"{HEAD}</svg>"):
        sample = fresh[0]
        check = checker.check(sample.category, sample.facts, sample.caption, svg)
        assert not check.object_right
        assert not any(check.colours_right)


def test_a_subject_that_was_hardly_seen_is_not_judged(checker: Checker, fresh: list[Sample]) -> None:
    with pytest.raises(InputError, match="landscape/gazebo: the check has not seen it often enough"):
        checker.check("landscape", facts_of(("gazebo", ["red"])), "a red gazebo", fresh[0].svg)


def test_wanted_colours_are_bound_to_what_the_caption_says() -> None:
    body = list_wanted("landscape", facts_of(("cottage", ["plum"])), "a plum cottage by a lake")
    roof = list_wanted("landscape", facts_of(("cottage", ["plum"])), "a cottage with a plum roof by a lake")
    both = list_wanted("things", facts_of(("train", ["navy", "ivory"])), "a navy train with an ivory cab")
    assert [want.slot for want in body] == ["landscape/cottage/first"]
    assert [want.slot for want in roof] == ["landscape/cottage/second"]
    assert [want.slot for want in both] == ["things/train/first", "things/train/second"]
    worn = facts_of(("shirt", ["red"]), ("buttons", ["gold"]), ("background", ["teal"]))
    slots = [want.slot for want in list_wanted("fashion", worn, "a red shirt with gold buttons")]
    assert slots == ["fashion/shirt/first", "fashion/shirt+buttons/first", "fashion/background/first"]
    assert list_subjects("fashion", worn) == ["fashion/shirt"]


def test_recolouring_exchanges_two_colours_in_all_their_shades() -> None:
    red, blue = SHADES["red"], SHADES["blue"]
    svg = f'<a fill="{red[0]}"/><a fill="{blue[0]}"/><a fill="{red[1]}"/>'
    assert recolour(svg, SHADES, {"red": "blue", "blue": "red"}) == (
        f'<a fill="{blue[0]}"/><a fill="{red[0]}"/><a fill="{blue[1]}"/>'
    )


def test_what_was_learned_can_be_kept(checker: Checker, fresh: list[Sample], tmp_path: Path) -> None:
    checker.save(tmp_path / "check.json")
    again = Checker.load(tmp_path / "check.json", SHADES)
    for sample in fresh[:5]:
        asked = (sample.category, sample.facts, sample.caption, sample.svg)
        assert again.check(*asked) == checker.check(*asked)


def test_a_drawing_that_is_not_strictly_valid_counts_as_wrong(
    checker: Checker, fresh: list[Sample], tmp_path: Path
) -> None:
    good = next(s for s in fresh if checker.check(s.category, s.facts, s.caption, s.svg).object_right)
    prompts = [{"id": "a", "prompt": good.caption, "category": good.category, "facts": good.facts}]
    rows = [
        {"id": "a-0", "prompt_id": "a", "svg": good.svg, "validity": "strict"},
        {"id": "a-1", "prompt_id": "a", "svg": good.svg, "validity": "repaired"},
    ]
    checked = check_rows(checker, rows, prompts)
    tally = tally_rows(checked)
    assert [row.mark for row in checked] == [1.0, 0.0]
    assert tally.counts[("strict validity", "all")] == [1, 2]
    assert tally.counts[("object", "landscape")] == [1, 2]
    write_checked(checked, tmp_path)
    marks = [json.loads(line) for line in (tmp_path / "marks.jsonl").read_text().splitlines()]
    assert [(m["id"], m["prompt"], m["mark"], m["strict"], m["object_right"]) for m in marks] == [
        ("a-0", "a", 1.0, True, True),
        ("a-1", "a", 0.0, False, False),
    ]
    assert (all(marks[0]["colours_right"]), any(marks[1]["colours_right"])) == (True, False)
    named = {f"landscape/{part['subject']}" for part in good.facts["parts"]}
    assert marks[0]["shown"].keys() & named
    assert not marks[1]["shown"]
    assert Image.open(tmp_path / "failures.png").width > 100
    with pytest.raises(InputError, match="'b' has no facts"):
        check_rows(checker, [{"id": "b", "svg": "", "validity": "strict"}], prompts)


def test_rows_that_are_not_json_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\n{"id": \n', encoding="utf-8")
    with pytest.raises(InputError, match=r"rows\.jsonl:2: is not JSON"):
        read_rows(path)


def test_intervals_are_wilsons() -> None:
    low, high = find_interval(95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)
    assert find_interval(0, 0) == (0.0, 1.0)
    tally = Tally()
    for hit in (True, True, False, True):
        tally.add("object", "things", hit)
    assert tally.to_json()["object"]["all"]["share"] == 0.75
    assert "0.750" in tally.format_table(["object"])


def test_correlation_overall_and_within_a_prompt() -> None:
    # Within each prompt the judge follows the marks; between prompts it does not.
    marks, values = [0.0, 1.0, 0.0, 1.0, 1.0, 1.0], [0.5, 0.6, 0.1, 0.2, 0.9, 0.0]
    figures = correlate(marks, values, ["a", "a", "b", "b", "c", "c"])
    assert figures["within a prompt"] == pytest.approx(1.0)
    assert figures["overall"] == pytest.approx(np.corrcoef(marks, values)[0, 1])
    assert correlate([1.0, 1.0], [0.2, 0.4], ["a", "a"]) == {"overall": None, "within a prompt": None}


def test_agreement_is_of_the_drawings_that_were_judged(tmp_path: Path) -> None:
    marks, scores = tmp_path / "marks.jsonl", tmp_path / "scores.jsonl"
    rows = [
        ("a", 1.0, 0.9, []),
        ("b", 0.5, 0.6, []),
        ("c", 0.0, 0.1, []),
        ("d", 0.0, 0.9, ["not_strict"]),
        ("e", 1.0, 0.0, ["render_blank"]),
    ]
    marks.write_text("".join(json.dumps({"id": i, "prompt": "p", "mark": m}) + "\n" for i, m, *_ in rows))
    scored = [{"id": i, "vqa": v, "score": v, "reasons": k} for i, _, v, k in rows]
    scores.write_text("".join(json.dumps(row) + "\n" for row in scored))
    figures = measure_agreement([(marks, scores)])
    assert (figures["drawings"], figures["prompts"]) == (3, 1)
    assert figures["vqa"]["overall"] > 0.95
    # Another model's drawings of the same prompts, whose ids are the same.
    both = measure_agreement([(marks, scores), (marks, scores)])
    assert (both["drawings"], both["prompts"]) == (6, 1)
    assert both["vqa"]["overall"] == pytest.approx(figures["vqa"]["overall"])
    scores.write_text("".join(json.dumps(row | {"reasons": ["render_blank"]}) + "\n" for row in scored))
    assert measure_agreement([(marks, scores)])["score"] == {"overall": None, "within a prompt": None}
    scores.write_text(json.dumps(scored[0]) + "\n")
    with pytest.raises(InputError, match="has no score of 'b'"):
        measure_agreement([(marks, scores)])
