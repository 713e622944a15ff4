from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from svgtune.metric.embedded.aesthetic import WEIGHTS, EmbeddedAesthetic, measure_looks, rate_looks
from svgtune.metric.embedded.damage import DAMAGES, build_pairs
from svgtune.render.raster import render_svg
from tests.unit.metric.embedded.pupils import draw_scene


def test_measures_are_shares_and_blank_pictures_are_worthless():
    for value in (0, 128, 255):
        measures = measure_looks(np.full((384, 384, 3), value, np.uint8))
        assert measures.keys() == WEIGHTS.keys()
        assert measures["colourfulness"] == measures["contrast"] == measures["coverage"] == 0
        assert rate_looks(measures) < 0.15
    noise = np.random.default_rng(0).integers(0, 255, (384, 384, 3), dtype=np.uint8)
    assert all(0 <= value <= 1 for value in measure_looks(noise).values())


def test_colourfulness_is_that_of_the_paper():
    half = np.zeros((96, 96, 3), np.uint8)
    half[:, :48, 0] = 100  # rg is 100 or 0, yb is 50 or 0
    spread, mean = np.hypot(50, 25), np.hypot(50, 25)
    assert measure_looks(half)["colourfulness"] == pytest.approx((spread + 0.3 * mean) / 80)


def test_scene_is_rated_above_its_damaged_forms():
    judge, rng = EmbeddedAesthetic(), np.random.default_rng(0)
    clean = render_svg(draw_scene(4, 2, "held_out").svg)
    for name in ("noise", "low_contrast", "one_colour", "pushed_aside"):
        damaged = DAMAGES[name](clean, rng)
        assert damaged.shape == clean.shape
        assert damaged.dtype == np.uint8
        first, second = judge.rate([Image.fromarray(clean), Image.fromarray(damaged)])
        assert 1 >= first > second >= 0, name


def test_pairs_have_every_damage_as_often(pool):
    pairs = build_pairs(draw_scene, pool, 3, count=6)
    assert [pair.damage for pair in pairs] == list(DAMAGES)
    assert all(pair.clean.shape == pair.damaged.shape == (384, 384, 3) for pair in pairs)
    assert all((pair.clean != pair.damaged).any() for pair in pairs)
