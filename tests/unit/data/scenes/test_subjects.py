from __future__ import annotations

import numpy as np
import pytest

from svgtune.data.sources.scenes.abstract.shapes import SHAPES
from svgtune.data.sources.scenes.composition import add_article, add_colour
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS
from svgtune.data.sources.scenes.palette import NAMES, Paint, build_paint, get_hex, get_paint
from svgtune.data.sources.scenes.pen import Pen, Sheet
from svgtune.data.sources.scenes.subject import Catalogue, Subject
from svgtune.data.sources.scenes.things import SUBJECTS
from svgtune.data.sources.scenes.things.settings import SETTINGS
from svgtune.render.raster import render_svg
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg

_EVERYTHING = {**SUBJECTS, **LANDMARKS.subjects}
_MARGIN = 50


def _draw(subject: Subject, paint: Paint, accent: Paint) -> str:
    sheet = Sheet()
    sheet.add_background("#fff")
    subject.draw(Pen(sheet), paint, accent)
    return sheet.to_svg()


def _measure_share(image: np.ndarray, paint: Paint) -> float:
    """Returns which share of the pixels lies within a shade of a paint."""
    near = np.zeros(image.shape[:2], dtype=bool)
    for shade in (paint.main, paint.dark, paint.deep, paint.light):
        colour = [17 * int(digit, 16) for digit in shade[1:]]
        near |= np.linalg.norm(image.astype(int) - colour, axis=2) < 26
    return float(near.mean())


def test_there_is_enough_to_draw() -> None:
    assert len(_EVERYTHING) == len(SUBJECTS) + len(LANDMARKS.subjects) >= 150
    assert len(NAMES) >= 40
    assert len({get_hex(name) for name in NAMES}) == len(NAMES)
    assert len(SHAPES) >= 30
    assert len(TERRAINS) >= 20


def test_every_subject_reaches_normal_form_whole() -> None:
    for subject in _EVERYTHING.values():
        canonical = canonical_svg(_draw(subject, get_paint("teal"), get_paint("amber")))
        assert canonical.lost == (), subject.name
        assert not check_svg(canonical.svg), subject.name


@pytest.mark.slow
@pytest.mark.parametrize("colour", ["teal", "fuchsia", "navy"])
def test_named_colours_are_visible_on_every_subject(colour: str) -> None:
    body, accent = get_paint(colour), get_paint("amber")
    for subject in _EVERYTHING.values():
        image = render_svg(_draw(subject, body, accent), 96)
        assert _measure_share(image, body) >= 0.08, subject.name
        if subject.part:
            assert _measure_share(image, accent) >= 0.02, (subject.name, subject.part)


@pytest.mark.slow
def test_every_subject_stays_near_its_box() -> None:
    for subject in _EVERYTHING.values():
        sheet = Sheet()
        sheet.add_background("#fff")
        subject.draw(Pen(sheet, _MARGIN, _MARGIN, 1), build_paint("#222"), build_paint("#222"))
        ys, xs = np.nonzero((render_svg(sheet.to_svg(), 200) < 200).any(axis=2))
        assert min(xs.min(), ys.min()) >= _MARGIN - 8, subject.name
        assert max(xs.max(), ys.max()) <= _MARGIN + 108, subject.name
        assert ys.max() >= _MARGIN + 50, subject.name


def test_every_subject_knows_where_it_stands() -> None:
    for subject in SUBJECTS.values():
        assert set(subject.settings) <= {"plain", *SETTINGS}, subject.name
        assert subject.part == "" or subject.part.count("{}") == 1, subject.name
    for terrain in TERRAINS.values():
        assert set(terrain.landmarks) <= LANDMARKS.subjects.keys(), terrain.name


def test_a_name_is_registered_once() -> None:
    catalogue = Catalogue("toy")
    catalogue.add("top", colour="#f00")(lambda pen, paint, accent: None)
    with pytest.raises(ValueError, match="'top' is registered twice"):
        catalogue.add("top", colour="#0f0")(lambda pen, paint, accent: None)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("owl", "an owl"), ("cat", "a cat"), ("one-piece swimsuit", "a one-piece swimsuit"),
        ("amber unicorn", "an amber unicorn"), ("unicorn", "a unicorn"), ("hourglass", "an hourglass"),
        ("open umbrella", "an open umbrella"),
    ],
)  # fmt: skip
def test_article_follows_the_sound(phrase: str, expected: str) -> None:
    assert add_article(phrase) == expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("old castle", "old teal castle"), ("wooden chair", "teal wooden chair"), ("cat", "teal cat"),
        ("small old barn", "small old teal barn"), ("field of grain", "teal field of grain"),
    ],
)  # fmt: skip
def test_colour_stands_by_the_noun(phrase: str, expected: str) -> None:
    assert add_colour("teal", phrase) == expected
