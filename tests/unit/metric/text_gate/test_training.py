from __future__ import annotations

import numpy as np
import pytest

from svgtune.config.text_gate import TextGateRecipe
from svgtune.errors import InputError
from svgtune.metric.text_gate.lessons import GateLessons
from svgtune.metric.text_gate.network import GATE_PX, TextGate
from svgtune.metric.text_gate.training import choose_threshold, examine, train


def build_lessons(count: int = 48) -> GateLessons:
    """Grey pictures, of which every other one has dark bars in which six characters are read."""
    rng = np.random.default_rng(2)
    pixels = rng.integers(150, 170, (count, GATE_PX, GATE_PX, 3)).astype(np.uint8)
    for row in range(0, count, 2):
        top = int(rng.integers(20, 100))
        pixels[row, top : top + 30, 30:130:6] = 0
    written = np.arange(count) % 2 == 0
    read = np.repeat(6 * written[:, None], 2, axis=1)
    return GateLessons(pixels, read, written, np.arange(count) % 4 < 2)


def test_gate_learns_to_let_writing_through_and_nothing_else() -> None:
    recipe = TextGateRecipe(widths=(8, 8), steps=60, batch_size=16, learning_rate=0.02)
    lessons = build_lessons()
    network = train(recipe, lessons)
    gate = TextGate(network, choose_threshold(network, lessons, recall=1.0))
    figures = examine(gate, lessons)
    assert figures["with_text"]["read_at_160_px"] == {"share": 1.0, "count": 24}
    assert figures["without_writing"] == {name: {"share": 0.0, "count": 12} for name in ("plain", "faint")}


def test_threshold_needs_pictures_with_text() -> None:
    lessons = build_lessons(8)
    unread = GateLessons(lessons.pixels, 0 * lessons.read, lessons.written, lessons.faint)
    network = train(TextGateRecipe(widths=(4,), steps=1, batch_size=2), lessons)
    with pytest.raises(InputError, match=r"nothing is read in the 8 scenes.*give more test_scenes"):
        choose_threshold(network, unread, recall=0.9)


def test_a_share_of_none_is_none() -> None:
    lessons = build_lessons(8)
    network = train(TextGateRecipe(widths=(4,), steps=1, batch_size=2), lessons)
    plain_only = GateLessons(lessons.pixels, lessons.read, lessons.written, np.zeros(8, bool))
    figures = examine(TextGate(network, 0.0), plain_only)
    assert figures["without_writing"]["faint"] == {"share": None, "count": 0}
