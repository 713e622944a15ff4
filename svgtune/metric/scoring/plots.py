"""Small plots as SVG text: the histogram of scores, and the reliability of the answers' probabilities."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

WIDTH, HEIGHT = 420, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 34, 46
_BINS = 20
_STEPS = 5  # between the lines of the grid
_BAR, _ZERO, _INK, _GRID = "#2f5bd0", "#b3313a", "#1d1f23", "#d9d9d4"


def plot_scores(judged: Sequence[float], zeros: int, mean: float) -> str:
    """Plots how many drawings have which score.

    Args:
        judged: Scores of the drawings that were judged; those outside 0 to 1 are counted at its ends.
        zeros: Drawings that score 0 because they were not judged; a bar of its own colour.
        mean: Over both; a dashed line.
    """
    places = np.clip((np.asarray(judged, float) * _BINS).astype(int), 0, _BINS - 1)
    counts = np.bincount(places, minlength=_BINS)
    highest = math.ceil(max(int(counts[0]) + zeros, int(counts.max()), 1) / _STEPS) * _STEPS
    step = _WIDTH_OF_PLOT / _BINS
    shapes = []
    for place, count in enumerate(counts):
        low, high = _find_y(0, highest), _find_y(int(count), highest)
        shapes.append(_draw_bar(_LEFT + place * step, high, step, low - high, _BAR))
    if zeros:
        bottom, top = _find_y(int(counts[0]), highest), _find_y(int(counts[0]) + zeros, highest)
        shapes.append(_draw_bar(_LEFT, top, step, bottom - top, _ZERO))
    x = _LEFT + min(1.0, max(0.0, mean)) * _WIDTH_OF_PLOT
    shapes.append(_draw_line(x, _TOP, x, HEIGHT - _BOTTOM, _INK, dashed=True))
    title = f"Scores of {len(judged) + zeros} drawings, mean {mean:.3f}"
    label = f"score ({zeros} not judged, in red)" if zeros else "score"
    return _draw_frame(title, label, "drawings", highest, shapes)


def plot_reliability(reliability: Mapping[str, Any]) -> str:
    """Plots how often answers were right against how probable they were said to be.

    Args:
        reliability: What ``build_reliability`` returns. The area of a point goes with its bin's count.
    """
    bins = reliability["bins"]
    most = max((one["count"] for one in bins), default=1)
    shapes = [_draw_line(_LEFT, HEIGHT - _BOTTOM, WIDTH - _RIGHT, _TOP, _GRID, dashed=True)]
    for one in bins:
        x = _LEFT + one["mean_probability"] * _WIDTH_OF_PLOT
        radius = 3 + 7 * (one["count"] / most) ** 0.5
        y = _find_y(one["share_right"], 1)
        shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_BAR}" fill-opacity=".8"/>')
    answers = sum(one["count"] for one in bins)
    title = f"Reliability of {answers} answers, ECE {reliability['ece']:.3f}"
    return _draw_frame(title, "probability of the chosen answer", "share right", 1, shapes)


_WIDTH_OF_PLOT = WIDTH - _LEFT - _RIGHT


def _find_y(value: float, highest: float) -> float:
    return HEIGHT - _BOTTOM - value / highest * (HEIGHT - _TOP - _BOTTOM)


def _draw_frame(title: str, x_label: str, y_label: str, highest: float, shapes: Sequence[str]) -> str:
    """Puts a title, axes from 0 to 1 and from 0 to ``highest``, and their labels around the shapes."""
    middle = _TOP + (HEIGHT - _TOP - _BOTTOM) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="DejaVu Sans, Arial, sans-serif" font-size="11" '
        f'fill="{_INK}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="13" font-weight="bold">{html.escape(title)}</text>',
    ]
    for tick in range(_STEPS + 1):
        share = tick / _STEPS
        x, y = _LEFT + share * _WIDTH_OF_PLOT, _find_y(share, 1)
        value = share * highest
        shown = f"{value:.1f}" if highest < 5 and value != int(value) else f"{value:.0f}"
        parts += [
            _draw_line(_LEFT, y, WIDTH - _RIGHT, y, _GRID),
            f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 15}" text-anchor="middle">{share:.1f}</text>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{shown}</text>',
        ]
    parts += [
        *shapes,
        _draw_line(_LEFT, HEIGHT - _BOTTOM, WIDTH - _RIGHT, HEIGHT - _BOTTOM, _INK),
        f'<text x="{_LEFT + _WIDTH_OF_PLOT / 2:.1f}" y="{HEIGHT - 12}" text-anchor="middle">'
        f"{html.escape(x_label)}</text>",
        f'<text transform="translate(14 {middle:.1f}) rotate(-90)" text-anchor="middle">'
        f"{html.escape(y_label)}</text>",
        "</svg>\n",
    ]
    return "\n".join(parts)


def _draw_bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{height:.1f}" fill="{colour}"/>'
    )


def _draw_line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"{dash}/>'
