from __future__ import annotations

import math

import pytest

from svgtune.metric.formula import combine, draw_group_seeds, harmonic_mean, score_ocr


@pytest.mark.parametrize(
    ("vqa", "aesthetic", "expected"),
    [
        (1.0, 1.0, 1.0),
        (0.8, 0.4, 0.32 * 1.25 / 0.6),  # 1.25 V A / (0.25 V + A) = 2/3
        (0.4, 0.8, 0.4 / 0.9),
        (0.7, 0.42, 0.3675 / 0.595),
        (0.5, 1.2, 0.75 / 1.325),  # an aesthetic mark may be above 1
        (0.0, 0.5, 0.0),
        (0.5, 0.0, 0.0),
        (0.5, -0.1, 0.0),
    ],
)
def test_vqa_weighs_more_than_looks(vqa, aesthetic, expected):
    assert harmonic_mean(vqa, aesthetic) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("characters", "expected"),
    [(0, 1.0), (4, 1.0), (5, 0.36787944117144233), (6, 0.1353352832366127), (12, 0.00033546262790251185)],
)
def test_four_characters_are_free(characters, expected):
    assert score_ocr(characters) == pytest.approx(expected, rel=1e-15)


def test_ocr_is_a_factor():
    assert combine(0.8, 0.4, score_ocr(5)) == pytest.approx(2 / 3 / math.e, abs=1e-15)


def test_published_score_is_reproduced():
    # METRIC.md, section 7: direct SVG by a GPT-4-class model. The mean of products is not the product of
    # means, so that the agreement is rough.
    assert combine(0.808, 0.454, 0.873) == pytest.approx(0.6016, abs=0.02)


def test_seeds_are_drawn_in_sorted_order():
    assert draw_group_seeds(["b", "c", "a"]) == {"a": 209652396, "b": 398764591, "c": 924231285}
    assert draw_group_seeds(["02d892", "0dcd2e"], 1) == {"02d892": 1791095845, "0dcd2e": 2135392491}


def test_ids_are_sorted_as_text():
    assert draw_group_seeds(["10", "9", "B", "a"]) == dict(
        zip(["10", "9", "B", "a"], [209652396, 398764591, 924231285, 1478610112], strict=True)
    )
