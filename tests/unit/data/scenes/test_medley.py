from __future__ import annotations

import re

import pytest

from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene, teacher
from svgtune.data.sources.scenes.abstract.shapes import SHAPES
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import SKIES
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS
from svgtune.data.sources.scenes.medley import _CLEAR
from svgtune.data.sources.scenes.things import SUBJECTS
from svgtune.records import Sample
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg

_MEDLEYS = ScenesOptions(categories={"medley": 1.0})


@pytest.fixture(scope="module")
def medleys() -> list[Sample]:
    return [sample_scene(50, index, _MEDLEYS) for index in range(400)]


def test_only_what_has_one_name_is_drawn() -> None:
    assert len(_CLEAR) > 200
    for name in ("kite", "pyramid"):  # a toy and a shape, a landmark and a shape
        assert name in SHAPES
        assert name in {*SUBJECTS, *LANDMARKS.subjects}
        assert name not in _CLEAR


def test_what_never_goes_together_goes_together(medleys: list[Sample]) -> None:
    kinds = {frozenset(_CLEAR[part["subject"]][0] for part in s.facts["parts"]) for s in medleys}
    assert {
        frozenset(pair) for pair in (("thing", "shape"), ("thing", "landmark"), ("shape", "landmark"))
    } <= kinds
    # What another category may draw otherwise is left to it.
    assert frozenset({"shape"}) not in kinds
    assert all(len({p["subject"] for p in s.facts["parts"]}) == len(s.facts["parts"]) for s in medleys)


def test_every_part_is_named_and_has_its_colour(medleys: list[Sample]) -> None:
    for sample in medleys:
        assert sample.category == "medley"
        for part in sample.facts["parts"]:
            assert all(colour in sample.caption for colour in part["colours"])
            kind, subject = _CLEAR[part["subject"]]
            words = subject.words if subject else (SHAPES[part["subject"]].name,)
            plural = (subject.plural or f"{words[0]}s") if subject else SHAPES[part["subject"]].plural
            # A colour stands inside "small blue house"; the last word is there in any case.
            last = {word.split()[-1] for word in (*words, plural)}
            assert any(word in sample.caption for word in last), (kind, sample.caption)


def test_split_holds_out_companies_and_places_too(medleys: list[Sample]) -> None:
    assert not any(teacher.is_held_out(tuple(pair)) for sample in medleys for pair in sample.facts["pairs"])
    options = _MEDLEYS.model_copy(update={"split": "held_out"})
    for index in range(20):
        pairs = sample_scene(51, index, options).facts["pairs"]
        assert any(teacher.is_held_out(tuple(pair)) for pair in pairs)
    keys = {pair[1] for sample in medleys for pair in sample.facts["pairs"]}
    assert {"above", "below", "left", "right", "inside", "around", "three shapes", "row", "group"} <= keys


def test_split_knows_grounds_and_skies_by_the_keys_of_other_scenes(medleys: list[Sample]) -> None:
    grounds = skies = 0
    for sample in medleys:
        pairs = {tuple(pair) for pair in sample.facts["pairs"]}
        named = re.search(r"(?:on|against) an? ([a-z ]+) (?:background|backdrop)$", sample.caption)
        if named:
            grounds += 1
            assert (named[1], "background") in pairs
        names = {part["subject"] for part in sample.facts["parts"]}
        for terrain in {second for first, second in pairs if first in names} & TERRAINS.keys():
            under = {sky for first, sky in pairs if first == terrain}
            spoken = [sky for sky in SKIES if sample.caption.endswith(SKIES[sky].trailing)]
            assert under <= set(spoken) - {"day"}
            assert under or not set(spoken) - {"day"}
            skies += len(under)
            assert all((name, sky) in pairs for name in names for sky in under)
    assert grounds > 30
    assert skies > 10


def test_captions_and_questions_read_well(medleys: list[Sample]) -> None:
    for sample in medleys:
        assert not re.search(r"  | ,|[{}]", sample.caption), sample.caption
        assert not re.search(r"\b(?:a [aeio]|an [bcdfgjklmnpqrstvwxyz])(?!ne-)", sample.caption), (
            sample.caption
        )
        assert len({question.text for question in sample.questions}) == 4
        assert all(question.answer in question.choices for question in sample.questions)


def test_what_is_around_another_lies_behind_it(medleys: list[Sample]) -> None:
    seen = 0
    for sample in medleys:
        around = [name for name, key in sample.facts["pairs"] if key == "around"]
        if around:
            seen += 1
            part = next(p for p in sample.facts["parts"] if p["subject"] == around[0])
            assert sample.facts["parts"][-1] == part
            assert SHAPES[around[0]].kind == "flat"
    assert seen > 10


def test_medleys_reach_normal_form_whole(medleys: list[Sample]) -> None:
    for sample in medleys[:60]:
        canonical = canonical_svg(sample.svg)
        assert canonical.lost == (), sample.caption
        assert not check_svg(canonical.svg), sample.caption
