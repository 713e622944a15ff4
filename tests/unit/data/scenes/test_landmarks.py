"""Landmarks as the only subject of a landscape."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene, teacher
from svgtune.data.sources.scenes.composition import Composition, Wish
from svgtune.data.sources.scenes.landscape.alone import compose_alone
from svgtune.data.sources.scenes.landscape.grounds import GROUNDS, PLACES
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import SKIES
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS
from svgtune.data.sources.scenes.palette import build_paint
from svgtune.data.sources.scenes.pen import CANVAS, Sheet
from svgtune.records import Sample
from svgtune.render.raster import render_svg
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg

_LANDSCAPES = ScenesOptions(categories={"landscape": 1.0})
_SKY_WORDS = re.compile(
    r"day|dawn|sun|morning|light|dusk|twilight|evening|night|moon|star|sky|cloud|overcast|storm|lightning"
    r"|fog|mist|rain|shower|falling|snowstorm|snowfall|aurora|end of"
)


@pytest.fixture(scope="module")
def scenes() -> list[Composition]:
    return [compose_alone(random.Random(index), Wish()) for index in range(300)]


@pytest.fixture(scope="module")
def train() -> list[Sample]:
    return [sample_scene(31, index, _LANDSCAPES) for index in range(400)]


def _find_sky(svg: str) -> str:
    stops = tuple(re.findall(r'stop-color="(#[0-9a-f]{3})"', svg.split("</linearGradient>")[0]))
    return next(name for name, sky in SKIES.items() if sky.stops == stops)


def _find_landmark(sample: Sample) -> str | None:
    return next((p["subject"] for p in sample.facts["parts"] if p["subject"] in LANDMARKS.subjects), None)


def test_about_a_sixth_of_the_landscapes_to_train_on_show_a_landmark_alone(train: list[Sample]) -> None:
    alone = [s for s in train if not any(part["subject"] in TERRAINS for part in s.facts["parts"])]
    assert 0.13 < len(alone) / len(train) < 0.22
    assert {_find_landmark(sample) for sample in alone} == LANDMARKS.subjects.keys()


def test_every_landmark_has_a_place() -> None:
    assert PLACES.keys() == LANDMARKS.subjects.keys()
    for place in PLACES.values():
        assert {place.ground, *place.elsewhere} <= GROUNDS.keys()


def test_a_landmark_alone_is_large_and_whole() -> None:
    for name, place in PLACES.items():
        sheet = Sheet()
        sheet.add_background("#fff")
        ink = build_paint("#222")
        LANDMARKS.subjects[name].draw(place.build_pen(sheet), ink, ink)
        ys, xs = np.nonzero((render_svg(sheet.to_svg(), CANVAS) < 200).any(axis=2))
        width, height = np.ptp(xs) / CANVAS, np.ptp(ys) / CANVAS
        assert ys.min() >= 4, name
        assert max(width, height) > 0.5, name
        assert width * height > 0.14, name


def test_captions_name_the_landmark_and_all_of_its_colours(scenes: list[Composition]) -> None:
    terrains = {word for terrain in TERRAINS.values() for word in (terrain.name, *terrain.plurals)}
    for scene in scenes:
        (part,) = scene.parts
        said = set(re.findall(r"\w+", scene.caption))
        # A colour may stand inside the wording: "an arched lime bridge".
        words = LANDMARKS.subjects[part.subject].words
        assert any(set(word.split()) <= said for word in words), scene.caption
        assert all(colour in scene.caption for colour in part.colours)
        assert not any(re.search(rf"\b{terrain}\b", scene.caption) for terrain in terrains), scene.caption


def test_a_caption_that_says_nothing_of_the_sky_has_a_clear_day(scenes: list[Composition]) -> None:
    silent = [scene for scene in scenes if not _SKY_WORDS.search(scene.caption.replace("lighthouse", ""))]
    assert len(silent) > 30
    assert {_find_sky(scene.sheet.to_svg()) for scene in silent} == {"day"}


def test_the_ground_is_the_one_that_the_caption_names(scenes: list[Composition]) -> None:
    named = 0
    for scene in scenes:
        said = [ground for ground, kind in GROUNDS.items() if any(p in scene.caption for p in kind.phrases)]
        asked = [question for question in scene.questions if "stand on?" in question.text]
        assert all([question.answer] == said for question in asked), scene.caption
        landmark, sky = scene.parts[0].subject, _find_sky(scene.sheet.to_svg())
        usual = (
            "snow" if sky == "snowfall" and PLACES[landmark].ground == "grass" else PLACES[landmark].ground
        )
        ground = said[0] if said else usual
        named += ground != usual
        if SKIES[sky].tint_share == 0:
            assert f'fill="{GROUNDS[ground].colour}"' in scene.sheet.to_svg(), scene.caption
        assert ((landmark, ground) in scene.pairs) == (ground != usual), scene.caption
    assert named > 15


def test_training_never_shows_a_landmark_under_a_sky_or_in_a_colour_that_is_held_out(
    train: list[Sample],
) -> None:
    shown = {(name, _find_sky(s.svg)) for s in train if (name := _find_landmark(s))}
    assert len(shown) > 80
    assert [pair for pair in shown if pair[1] != "day" and teacher.is_held_out(pair)] == []
    coloured = {(c, p["subject"]) for s in train for p in s.facts["parts"] for c in p["colours"]}
    assert [pair for pair in coloured if teacher.is_held_out(pair)] == []


def test_drawings_keep_the_rules_and_are_short(scenes: list[Composition]) -> None:
    for scene in scenes[:60]:
        canonical = canonical_svg(scene.sheet.to_svg())
        assert canonical.lost == (), scene.caption
        assert not check_svg(canonical.svg), scene.caption
        assert len(canonical.svg) < 3_000, scene.caption


def test_questions_never_offer_what_passes_for_the_landmark(scenes: list[Composition]) -> None:
    for scene in scenes:
        for question in scene.questions:
            if question.answer in ("lighthouse", "tower"):
                assert {"lighthouse", "tower"} & set(question.choices) == {question.answer}
            if question.text.startswith("What color"):
                others = set(scene.parts[0].colours) - {question.answer}
                assert not others & set(question.choices), scene.caption
