from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from svgtune.config.form import NormalForm
from svgtune.config.prepare import Filters, RenderLimits
from svgtune.data.steps import (
    Candidate,
    CandidateStep,
    Dropped,
    FilterPicture,
    FilterText,
    Item,
    NormaliseDrawing,
    RenderDrawing,
    build_reference,
    check_caption,
    compare_pictures,
    measure_one_colour,
)
from svgtune.errors import MissingInputError
from svgtune.records import Drop, Sample
from svgtune.render.raster import render_svg

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M2 2h5v5h-5z"/></svg>'


def build_candidate(svg: str, caption: str = "a black square") -> Candidate:
    return Candidate(Sample("i", caption, svg, "toys", "toys/i.svg", "CC0-1.0"), original=svg)


def pass_on(step: CandidateStep, *candidates: Item) -> list[Item]:
    return list(step.run(iter(candidates)))


def wrap(body: str, attributes: str = 'viewBox="0 0 9 9"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'


@pytest.mark.parametrize(
    ("caption", "reason"),
    [
        ("a red fox", None),
        ("fox", None),
        ("狐の絵", None),
        ("..a!", "caption_too_short"),
        ("", "caption_too_short"),
        ("x" * 201, "caption_too_long"),
        ("Untitled", "caption_boilerplate"),
        ("icon 12", "caption_boilerplate"),
        ("1F98A-200D", "caption_boilerplate"),
        ("12 34 56", "caption_boilerplate"),
        ("see https://example.org/x", "caption_boilerplate"),
        ("layered cake", None),
    ],
)
def test_captions_that_say_nothing_are_dropped(caption: str, reason: str | None) -> None:
    problem = check_caption(caption, Filters())
    assert (problem and problem[0]) == reason


BAD_DRAWINGS = {
    "not XML": ("<svg><path></svg>", "not_xml", "not well-formed XML"),
    "not SVG": ("<html/>", "not_svg", "the root element is <html>; it must be <svg>"),
    "entities": ('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "has_dtd", "document type"),
    "long": (wrap("<path/>") + " " * 5_000_000, "too_large", "bytes, over the"),
    "deep": (wrap("<g>" * 99 + "<path/>" + "</g>" * 99), "too_deep", "nested over"),
}


@pytest.mark.parametrize("name", BAD_DRAWINGS)
def test_bad_drawing_is_dropped_with_a_sentence(name: str) -> None:
    svg, reason, sentence = BAD_DRAWINGS[name]
    (item,) = pass_on(NormaliseDrawing(NormalForm()), build_candidate(svg))
    assert isinstance(item, Dropped)
    assert item.record.reason == reason
    assert sentence in item.record.detail
    assert len(item.svg) <= 20_000


HOSTILE_DRAWINGS = {
    "cycle of use": wrap('<g id="a"><use href="#a"/></g><path d="M2 2h5v5h-5z"/>'),
    "cycle of gradients": wrap(
        '<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>'
        '<path fill="url(#a)" d="M2 2h5v5z"/>'
    ),
    "NaN": wrap('<circle cx="nan" cy="NaN" r="3"/>'),
    "1e308": wrap('<path d="M1e308 1e308h-1e308v5z"/>'),
    "negative size": wrap('<rect width="-5" height="-5"/>'),
    "zero viewBox": wrap('<path d="M2 2h5v5z"/>', 'viewBox="0 0 0 0"'),
    "nested use": wrap(
        '<path id="a0" d="M2 2h5v5z"/>'
        + "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 9))
    ),
}


@pytest.mark.slow
def test_hostile_drawings_are_kept_sane_or_dropped_with_a_sentence() -> None:
    candidates = [build_candidate(svg) for svg in HOSTILE_DRAWINGS.values()]
    stream = RenderDrawing(NormalForm(), RenderLimits(), compare=False).run(
        NormaliseDrawing(NormalForm()).run(iter(candidates))
    )
    for name, item in zip(HOSTILE_DRAWINGS, stream, strict=True):
        if isinstance(item, Dropped):
            assert item.record.reason.isidentifier(), name
            assert item.record.reason != "normal_form_error", item.record.detail
            assert len(item.record.detail) > 10, name
        else:
            assert item.image is not None
            assert "nan" not in item.sample.svg.lower(), name


def test_lost_features_are_the_reason() -> None:
    svg = wrap('<text x="1" y="5">fox</text><path d="M2 2h5v5z"/>')
    (item,) = pass_on(NormaliseDrawing(NormalForm()), build_candidate(svg))
    assert isinstance(item, Dropped)
    assert item.record.reason == "has_text"
    assert item.record.detail == "the normal form would lose: has_text"


def test_bug_in_the_normal_form_costs_one_counted_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, form: NormalForm) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("svgtune.data.steps.canonical_svg", fail)
    (item,) = pass_on(NormaliseDrawing(NormalForm()), build_candidate(SQUARE))
    assert isinstance(item, Dropped)
    assert (item.record.reason, item.record.detail) == ("normal_form_error", "ZeroDivisionError: oops")


def test_what_is_dropped_passes_by_in_its_place() -> None:
    dropped = Dropped(Drop("d", "blank", "", "toys", "d"))
    items = pass_on(NormaliseDrawing(NormalForm()), build_candidate(SQUARE), dropped, build_candidate("<a"))
    assert [type(item).__name__ for item in items] == ["Candidate", "Dropped", "Dropped"]
    assert items[1] is dropped


def test_tokens_are_counted_and_limited(tmp_path: Path) -> None:
    characters = {chr(code): code - 32 for code in range(32, 127)}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "model": {"type": "BPE", "vocab": characters, "merges": []},
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    filters = Filters(tokenizer=tmp_path, max_tokens=len(SQUARE))
    kept, dropped = pass_on(
        FilterText(filters), build_candidate(SQUARE), build_candidate(SQUARE + "<!-- -->")
    )
    assert isinstance(kept, Candidate)
    assert kept.tokens == len(SQUARE)
    assert isinstance(dropped, Dropped)
    assert dropped.record.detail == f"{len(SQUARE) + 8} tokens, over {len(SQUARE)}"
    with pytest.raises(
        MissingInputError, match=r"there is no tokenizer; give a folder with a tokenizer\.json"
    ):
        FilterText(Filters(tokenizer=tmp_path / "gone"))


def test_one_colour_share() -> None:
    picture = np.full((384, 384, 3), (250, 10, 10), np.uint8)
    assert measure_one_colour(picture) == 1.0
    picture[:96] = (0, 200, 0)
    assert measure_one_colour(picture) == 0.75
    picture[96:100] = (248, 12, 8)
    assert measure_one_colour(picture) == 0.75


@pytest.mark.parametrize(
    ("mark", "difference", "reason"),
    [
        (0, None, "blank"),
        (5, None, "nearly_one_colour"),
        (100, 1.5, "changed_by_normal_form"),
        (100, 0.5, None),
    ],
)
def test_pictures_with_nothing_on_them_are_dropped(
    mark: int, difference: float | None, reason: str | None
) -> None:
    candidate = build_candidate(SQUARE)
    candidate.image = np.full((384, 384, 3), 255, np.uint8)
    candidate.image[:mark, :mark] = 0
    candidate.difference = difference
    (item,) = pass_on(FilterPicture(Filters()), candidate)
    assert (item.record.reason if isinstance(item, Dropped) else None) == reason
    if isinstance(item, Candidate):
        assert item.image is None
        assert item.signature is not None


@pytest.mark.parametrize("view_box", ["0 0 20 10", "-5 -5 10 20", "0 0 16 16"])
def test_reference_frames_the_original_as_the_normal_form_does(view_box: str) -> None:
    x, y, width, height = (float(n) for n in view_box.split())
    body = f'<style>rect{{fill:red}}</style><circle cx="{x + width}" cy="{y + height}" r="4" fill="#00f"/>'
    picture = render_svg(build_reference(wrap(body, f'viewBox="{view_box}" fill-opacity=".5"'), NormalForm()))
    assert picture[0, 0].tolist() == [255, 255, 255]
    painted = cv2.findNonZero(255 - picture[..., 0])
    left, top, across, down = cv2.boundingRect(painted)
    scale = 384 / max(width, height)
    assert left + across == pytest.approx(192 + width / 2 * scale, abs=1.5)
    assert top + down == pytest.approx(192 + height / 2 * scale, abs=1.5)


def test_compare_is_the_mean_difference() -> None:
    assert compare_pictures(np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 3, np.uint8)) == 3.0
