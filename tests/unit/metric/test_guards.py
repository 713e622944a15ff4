from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from svgtune.config.form import NormalForm
from svgtune.config.guards import GuardSection
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.cheats import CHEATS
from svgtune.metric.embedded.aesthetic import measure_looks, rate_looks
from svgtune.metric.guards import Guards, find_ink, show_faint
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry
from svgtune.records import Question
from svgtune.render.pool import RenderPool
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg

FORM = NormalForm(grid=1.0, path_commands="relative")
TEXT_ONLY = GuardSection(max_characters=None, max_view_gap=None)
COUNT = 24


@pytest.fixture(scope="module")
def honest() -> list[tuple[str, str]]:
    samples = [sample_scene(77, index, ScenesOptions(split="held_out")) for index in range(COUNT)]
    return [(sample.caption, canonical_svg(sample.svg, FORM).svg) for sample in samples]


@pytest.fixture(scope="module")
def pool():
    with RenderPool(1, timeout_s=10) as pool:
        yield pool


def build_cheats(name: str, honest: list[tuple[str, str]]) -> list[str]:
    return [CHEATS[name](svg, caption, FORM, random.Random(n)) for n, (caption, svg) in enumerate(honest)]


def render(pool: RenderPool, svgs: list[str]) -> list[np.ndarray]:
    return [result.image for result in pool.render(svgs)]


class Reader:
    """Reads a character for every ten dark pixels."""

    def read(self, images):
        return [int((np.asarray(image).max(-1) < 200).sum() // 10) for image in images]


class Swayed:
    """Answers right where a picture has the marker's colour, else by chance."""

    def answer(self, images, questions, choices):
        return [
            [0.9, 0.1] if (np.asarray(image)[0, 0] == 255).all() else [0.5, 0.5]
            for image, _, _ in zip(images, questions, choices, strict=True)
        ]


def test_honest_scenes_pass(honest, pool) -> None:
    guards = Guards(TEXT_ONLY, FORM)
    for caption, svg in honest:
        assert guards.check_text(svg) == [], caption
    for image in render(pool, [svg for _, svg in honest]):
        assert guards.check_picture(image) == []
    assert guards.check_repeats(*zip(*honest, strict=True)) == [[]] * COUNT


@pytest.mark.parametrize(
    ("cheat", "guard"),
    [
        ("zoomed_canvas", "fixed_canvas"),
        ("collapsed", "min_bytes"),
        ("grown", "max_bytes"),
        ("grown", "max_padding"),
    ],
)
def test_cheats_in_the_text_are_flagged(cheat: str, guard: str, honest) -> None:
    guards = Guards(TEXT_ONLY, FORM)
    for svg in build_cheats(cheat, honest):
        assert check_svg(svg) == []
        assert guard in [flag.guard for flag in guards.check_text(svg)]


@pytest.mark.parametrize("cheat", ["text", "broken_off"])
def test_cheats_that_break_a_rule_are_not_strict(cheat: str, honest) -> None:
    assert all(check_svg(svg) for svg in build_cheats(cheat, honest))


def test_collapsed_drawings_have_no_ink(honest, pool) -> None:
    guards = Guards(TEXT_ONLY, FORM)
    for image in render(pool, build_cheats("collapsed", honest)):
        (flag,) = guards.check_picture(image)
        assert flag.guard == "min_ink"
        assert flag.detail == "paints 0.00% of the picture, under 1.00%"


def test_one_drawing_for_all_is_flagged(honest) -> None:
    guards = Guards(TEXT_ONLY, FORM)
    svgs = build_cheats("one_for_all", honest)
    flags = guards.check_repeats([caption for caption, _ in honest], svgs)
    assert all(flag.guard == "max_repeats" for (flag,) in flags)
    # The same caption may be drawn alike as often as it comes.
    assert guards.check_repeats(["a cat"] * COUNT, svgs) == [[]] * COUNT


def test_decoration_looks_worse_than_the_drawing_under_it(honest, pool) -> None:
    plain = render(pool, [svg for _, svg in honest])
    decorated = render(pool, build_cheats("decoration", honest))
    worse = [
        rate_looks(measure_looks(cheat)) < rate_looks(measure_looks(image))
        for image, cheat in zip(plain, decorated, strict=True)
    ]
    assert np.mean(worse) >= 0.9


def test_readable_pictures_are_flagged() -> None:
    guards = Guards(GuardSection(), FORM, Judges(vqa=Swayed(), aesthetic=None, ocr=Reader()))
    dark = np.zeros((8, 8, 3), np.uint8)
    flags = guards.check_reading(["a", "b"], [dark, dark], [4, 5])
    assert [[flag.guard for flag in row] for row in flags] == [[], ["max_characters"]]
    assert flags[1][0].detail == "5 characters can be read in it, over 4"


def test_what_can_be_read_once_it_is_no_longer_faint_is_flagged() -> None:
    guards = Guards(GuardSection(), FORM, Judges(vqa=Swayed(), aesthetic=None, ocr=Reader()))
    plain = np.full((64, 64, 3), 120, np.uint8)
    marked = plain.copy()
    marked[20:40:4, 10:50] = marked[21:40:4, 10:50] = 124
    flags = guards.check_reading(["a", "b"], [plain, marked], [0, 0])
    assert [[flag.guard for flag in row] for row in flags] == [[], ["max_characters"]]


def test_what_only_one_view_shows_is_flagged() -> None:
    guards = Guards(GuardSection(), FORM, Judges(vqa=Swayed(), aesthetic=None, ocr=Reader()))
    entry = Entry("a", "", (Question("Is it?", ("no", "yes"), "no"),))
    marked, other = np.full((4, 4, 3), 255, np.uint8), np.zeros((4, 4, 3), np.uint8)
    flags = guards.check_views([entry, entry], [marked, other], [0.5, 0.5])
    assert [[flag.guard for flag in row] for row in flags] == [["max_view_gap"], []]
    assert flags[0][0].detail == "gets 0.90 as it is and 0.50 through the defences, over 0.35 apart"


def test_guards_that_look_through_judges_need_them() -> None:
    with pytest.raises(ValueError, match="max_characters and max_view_gap need judges"):
        Guards(GuardSection(), FORM)


def test_ink_is_what_differs_from_the_commonest_colour() -> None:
    image = np.zeros((10, 10, 3), np.uint8)
    image[2:4, 2:7] = 200
    assert find_ink(image).sum() == 10


def test_what_is_faint_is_shown_and_what_is_plain_is_not() -> None:
    image = np.full((64, 64, 3), 120, np.uint8)
    image[20:40:4, 10:40] = image[21:40:4, 10:40] = 122
    image[:, 54:] = 255
    shown = show_faint(image)
    assert shown.shape == (32, 32, 3)
    assert (shown[10:20:2, 5:20] == 255 - 160).all()
    assert (shown[11:20:2] == 255).all()
    assert (shown[:, 27:] == 255).all()


@pytest.mark.slow
@pytest.mark.parametrize(("search_px", "gate"), [(256, None), (160, None), (160, "models/judges/text_gate")])
@pytest.mark.parametrize("cheat", ["letter_shapes", "hidden_text"])
def test_letters_are_read_by_the_embedded_reader(cheat: str, search_px: int, gate, honest, pool) -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    from svgtune.metric.embedded.ocr import EmbeddedOcr
    from svgtune.metric.text_gate.network import load_gate

    judges = Judges(
        vqa=Swayed(), aesthetic=None, ocr=EmbeddedOcr(search_px=search_px, gate=gate and load_gate(gate))
    )
    guards = Guards(GuardSection(max_view_gap=None), FORM, judges)
    ids = [str(n) for n in range(COUNT)]

    def flag(svgs: list[str]) -> list[bool]:
        images = render(pool, svgs)
        characters = judges.count_characters(ids, [Image.fromarray(image) for image in images])
        return [bool(flags) for flags in guards.check_reading(ids, images, characters)]

    assert np.mean(flag(build_cheats(cheat, honest))) >= 0.9
    assert np.mean(flag([svg for _, svg in honest])) <= 0.05
