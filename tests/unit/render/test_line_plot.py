from __future__ import annotations

import pytest
from lxml import etree

from svgtune.render.line_plot import Line, _find_ticks, _thin, plot_lines


def test_a_plot_is_well_formed_and_keeps_inside():
    lines = [Line("a < b", [(0, 1.0), (10, 3.0)], [0.5, 1.0]), Line("one point", [(5, -2.0)])]
    root = etree.fromstring(plot_lines('reward & "spread"', lines))
    assert root.get("aria-label") == 'reward & "spread"'
    assert "a < b" in [text.text for text in root.iter("{*}text")]
    ways = [path.get("d") for path in root.iter("{*}path") if path.get("fill") is not None]
    numbers = [float(n) for d in ways for n in d.replace("M", " ").replace("L", " ").replace("z", "").split()]
    assert min(numbers) >= 0
    assert max(numbers) <= 460


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1, 17, [-5, 0, 5, 10, 15, 20]),
        (0.5, 0.5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_ticks_are_round_and_enclose(low, high, ticks):
    assert _find_ticks(low, high) == pytest.approx(ticks)


def test_long_curves_are_averaged_down():
    line = _thin(Line("x", [(k, k % 2) for k in range(1000)], [0.1] * 1000))
    assert len(line.points) == len(line.spreads) == 200
    assert line.points[0] == (2.0, pytest.approx(0.4))
