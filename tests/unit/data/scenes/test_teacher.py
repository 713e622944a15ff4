from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
from collections.abc import Set

import pytest

from svgtune.config.scenes import Category, ScenesOptions
from svgtune.data.sources.scenes import sample_scene, teacher
from svgtune.data.sources.scenes.fashion.composer import WARDROBE
from svgtune.data.sources.scenes.landscape import composer
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.palette import NAMES, get_hex, measure_distance
from svgtune.data.sources.scenes.things import SUBJECTS
from svgtune.data.sources.scenes.things.settings import SETTINGS
from svgtune.records import Sample
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg

_DIGEST = (
    "import hashlib; from svgtune.data.sources.scenes import sample_scene; "
    "rows = [repr(sorted(sample_scene(3, k).to_row().items())) for k in range(40)]; "
    "print(hashlib.sha256(''.join(rows).encode()).hexdigest())"
)


@pytest.fixture(scope="module")
def train() -> list[Sample]:
    return [sample_scene(20, index) for index in range(1000)]


@pytest.fixture(scope="module")
def held_out() -> list[Sample]:
    options = ScenesOptions(split="held_out")
    return [sample_scene(21, index, options) for index in range(40)]


def _has_held_out(sample: Sample) -> bool:
    return any(teacher.is_held_out(tuple(pair)) for pair in sample.facts["pairs"])


def test_same_arguments_give_same_sample(train: list[Sample]) -> None:
    assert [sample_scene(20, index) for index in range(10)] == train[:10]
    assert sample_scene(21, 0) != train[0]


@pytest.mark.slow
def test_scenes_are_equal_in_another_process() -> None:
    run = subprocess.run([sys.executable, "-c", _DIGEST], capture_output=True, text=True, check=True)
    rows = [repr(sorted(sample_scene(3, index).to_row().items())) for index in range(40)]
    assert run.stdout.strip() == hashlib.sha256("".join(rows).encode()).hexdigest()


def test_split_is_honest(train: list[Sample], held_out: list[Sample]) -> None:
    assert not any(_has_held_out(sample) for sample in train)
    assert all(_has_held_out(sample) for sample in held_out)
    assert {sample.facts["split"] for sample in train} == {"train"}
    assert {sample.facts["split"] for sample in held_out} == {"held_out"}


def test_every_category_is_drawn_and_weights_are_obeyed(train: list[Sample]) -> None:
    counts = {name: sum(sample.category == name for sample in train) for name in ScenesOptions().categories}
    assert sum(counts.values()) == len(train)
    assert min(counts.values()) > 150
    options = ScenesOptions(categories={"abstract": 1.0})
    assert {sample_scene(1, index, options).category for index in range(12)} == {"abstract"}


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("category", ["landscape", "abstract", "fashion", "things", "medley"])
def test_two_colours_are_bound_as_wished(category: str, share: float) -> None:
    options = ScenesOptions(two_colours=share, split="any", categories={category: 1.0})
    for index in range(10):
        parts = sample_scene(4, index, options).facts["parts"]
        coloured = [part["colours"] for part in parts if part["colours"]]
        bound = len(coloured) >= 2 or any(len(colours) >= 2 for colours in coloured)
        several = len({colour for colours in coloured for colour in colours}) >= 2
        if share:
            assert bound, parts
            assert several, parts
        else:
            assert len(coloured) <= 1 or not several, parts


def test_questions_are_well_formed(train: list[Sample], held_out: list[Sample]) -> None:
    for sample in [*train, *held_out]:
        assert len({question.text for question in sample.questions}) == 4, sample.caption
        for question in sample.questions:
            assert question.text.endswith("?")
            assert question.answer in question.choices
            assert len(set(question.choices)) == len(question.choices) in (2, 4)
            assert list(question.choices) == sorted(question.choices)
            if len(question.choices) == 2:
                assert question.choices == ("no", "yes")


def test_colour_choices_are_clearly_different(train: list[Sample]) -> None:
    seen = 0
    for sample in train:
        for question in sample.questions:
            if question.text.startswith("What color "):
                seen += 1
                wrong = [choice for choice in question.choices if choice != question.answer]
                assert min(measure_distance(question.answer, other) for other in wrong) > 5, question
    assert seen > 300


def test_colour_answers_agree_with_the_caption(train: list[Sample]) -> None:
    """A natural colour may be asked for too, but a colour that the parts bind must be the true one."""
    for sample in train:
        bound = {part["subject"]: part["colours"] for part in sample.facts["parts"] if part["colours"]}
        for question in sample.questions:
            match = re.fullmatch(r"What color (?:is|are) the (.+)\?", question.text)
            if match and match[1] in bound:
                assert question.answer in bound[match[1]], (sample.caption, question)


def test_captions_read_well(train: list[Sample], held_out: list[Sample]) -> None:
    for sample in [*train, *held_out]:
        caption = sample.caption
        assert 0 < len(caption) <= 200
        assert caption == caption.strip()
        assert not re.search(r"  | ,|[{}]", caption), caption
        assert not re.search(r"\b(?:a [aeio]|an [bcdfgjklmnpqrstvwxyz])(?!ne-)", caption), caption
        assert not re.search(r"\b(\w+) \1\b", caption), caption
        assert teacher.hash_caption(caption) not in teacher._NEVER_DRAWN


def test_bound_colours_stand_in_the_caption(train: list[Sample]) -> None:
    for sample in train:
        for part in sample.facts["parts"]:
            assert all(colour in NAMES and colour in sample.caption for colour in part["colours"])


def test_refused_captions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    first = sample_scene(5, 0)
    monkeypatch.setattr(teacher, "_NEVER_DRAWN", frozenset({teacher.hash_caption(first.caption.upper())}))
    assert sample_scene(5, 0).caption != first.caption


def test_scenes_reach_normal_form_whole(train: list[Sample]) -> None:
    for sample in train[:60]:
        canonical = canonical_svg(sample.svg)
        assert canonical.lost == (), sample.caption
        assert not check_svg(canonical.svg), sample.caption


def test_codes_stand_for_colours_in_captions_and_drawings() -> None:
    options = ScenesOptions(codes=1.0)
    codes = 0
    for index in range(60):
        sample = sample_scene(30, index, options)
        named = {colour for part in sample.facts["parts"] for colour in part["colours"]}
        written = {colour for colour in named if colour.startswith("#")}
        assert all(colour in sample.caption for colour in written)
        if sample.category == "abstract":  # no light of dusk over it, no natural colours
            assert written == named
            assert all(colour in sample.svg for colour in written)
        assert not written & {get_hex(name) for name in NAMES}
        codes += len(written)
    assert codes >= 60


def test_as_many_questions_are_asked_as_are_wished_for_and_can_be() -> None:
    few, many = ScenesOptions(questions=6), ScenesOptions(questions=40)
    for index in range(60):
        asked = sample_scene(37, index, many).questions
        assert 4 <= len({question.text for question in asked}) == len(asked)
        assert all(question.answer in question.choices for question in asked)
        assert {len(question.choices) for question in asked} == {2, 4}
        assert len(sample_scene(37, index, few).questions) <= 6
    total = sum(len(sample_scene(37, index, many).questions) for index in range(60))
    assert total > 60 * 6.5


def test_anywhere_puts_things_where_they_never_are_otherwise() -> None:
    def list_places(anywhere: float) -> set[tuple[str, str]]:
        options = ScenesOptions(anywhere=anywhere, categories={"things": 1.0}, split="any")
        samples = [sample_scene(31, index, options) for index in range(200)]
        pairs = {tuple(pair) for sample in samples for pair in sample.facts["pairs"]}
        return {(name, place) for name, place in pairs if name in SUBJECTS and place in SETTINGS}

    def is_usual(pair: tuple[str, str]) -> bool:
        return pair[1] in SUBJECTS[pair[0]].settings

    assert all(map(is_usual, list_places(0.0)))
    unusual = [pair for pair in list_places(1.0) if not is_usual(pair)]
    assert len(unusual) >= 40


def test_anywhere_lets_shapes_be_of_any_size_anywhere() -> None:
    def list_starts(anywhere: float) -> set[tuple[str, str]]:
        options = ScenesOptions(anywhere=anywhere, categories={"abstract": 1.0}, split="any")
        svgs = [sample_scene(33, index, options).svg for index in range(300)]
        return {start for svg in svgs for start in re.findall(r'd="M(\d+) (\d+)', svg)}

    assert len(list_starts(1.0)) > 1.5 * len(list_starts(0.0))


def test_anywhere_makes_clothes_of_any_material() -> None:
    usual = {(garment.name, material) for garment in WARDROBE for material in garment.materials}
    materials = {material for _, material in usual}

    def list_made(anywhere: float) -> set[tuple[str, str]]:
        options = ScenesOptions(anywhere=anywhere, categories={"fashion": 1.0}, split="any")
        samples = [sample_scene(35, index, options) for index in range(200)]
        pairs = {tuple(pair) for sample in samples for pair in sample.facts["pairs"]}
        return {(name, quality) for name, quality in pairs if quality in materials}

    assert list_made(0.0) <= usual
    assert len(list_made(1.0) - usual) >= 40


def test_anywhere_lets_landmarks_stand_at_any_height() -> None:
    def list_feet(anywhere: bool) -> set[int]:
        rng = random.Random(5)
        barn = LANDMARKS.subjects["barn"]
        return {composer._choose_site(rng, barn, "plain", anywhere)[1] for _ in range(80)}

    assert list_feet(False) == {164}
    assert len(list_feet(True)) > 8


@pytest.mark.parametrize(
    ("category", "keys"),
    [
        ("things", SETTINGS.keys()),
        ("medley", {"left", "right", "above", "below", "three shapes"}),
        ("abstract", {"left", "right", "above", "below", "three shapes", "center"}),
    ],
)
def test_what_does_not_lie_behind_is_drawn_in_the_order_of_the_caption(
    category: Category, keys: Set[str]
) -> None:
    # Codes, unlike named colours, are in no setting.
    options = ScenesOptions(codes=1.0, categories={category: 1.0}, two_colours=1.0)
    seen = set()
    for index in range(150):
        sample = sample_scene(32, index, options)
        parts = [part for part in sample.facts["parts"] if part["subject"] != "background"]
        found = [sample.svg.find(part["colours"][0]) for part in parts if part["colours"]]
        held = {key for _, key in sample.facts["pairs"]} & keys
        if held and len(found) > 1 and -1 not in found:
            assert found == sorted(found), sample.caption
            seen |= held
    assert len(seen) >= 4
