"""Curves over the steps of a run as SVG text, with a band around each where its spread is known."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 460, 280
MAX_POINTS = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 34, 40
_STEPS = 5  # about so many lines in the grid
_LEGEND_PX = 16
_INK, _GRID = "#1d1f23", "#d9d9d4"
_COLOURS = ("#2f5bd0", "#c2571a", "#1e7a46", "#8a3ab9", "#b3313a", "#1a8a94", "#7a6a1f", "#6b7078")


@dataclass(frozen=True, slots=True)
class Line:
    """One curve.

    Attributes:
        points: Step and value, by step.
        spreads: Half the height of the band around each point; empty for none.
    """

    label: str
    points: Sequence[tuple[float, float]]
    spreads: Sequence[float] = ()


def plot_lines(title: str, lines: Sequence[Line]) -> str:
    """Plots curves that have at least one point each.

    Of a curve with more than 200 points neighbours are averaged, so that it has as many.
    """
    lines = [_thin(line) for line in lines]
    steps = [step for line in lines for step, _ in line.points]
    lows, highs = zip(*(edge for line in lines for edge in _list_edges(line)), strict=True)
    ticks = _find_ticks(min(lows), max(highs))
    first, last = min(steps), max(max(steps), min(steps) + 1)
    height = HEIGHT + _LEGEND_PX * len(lines)

    def place(step: float, value: float) -> str:
        x = _LEFT + (step - first) / (last - first) * (WIDTH - _LEFT - _RIGHT)
        y = HEIGHT - _BOTTOM - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (HEIGHT - _TOP - _BOTTOM)
        return f"{x:.1f} {y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{html.escape(title)}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="DejaVu Sans, Arial, sans-serif" font-size="11" fill="{_INK}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="13" font-weight="bold">{html.escape(title)}</text>',
    ]
    for tick in ticks:
        x, y = place(first, tick).split()
        parts += [
            f'<path d="M{x} {y}H{WIDTH - _RIGHT}" stroke="{_GRID}"/>',
            f'<text x="{_LEFT - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{tick:.4g}</text>',
        ]
    for step, anchor in ((first, "start"), (last, "end")):
        x = place(step, ticks[0]).split()[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="{anchor}">{step:g}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">step</text>')
    for number, line in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        if line.spreads:
            pairs = list(zip(line.points, line.spreads, strict=True))
            above = [place(step, value + spread) for (step, value), spread in pairs]
            below = [place(step, value - spread) for (step, value), spread in reversed(pairs)]
            parts.append(f'<path d="M{"L".join([*above, *below])}z" fill="{colour}" fill-opacity=".15"/>')
        way = "L".join(place(*point) for point in line.points)
        parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        if len(line.points) <= _STEPS * 4:
            dots = (place(*point).split() for point in line.points)
            parts += [f'<circle cx="{x}" cy="{y}" r="2.6" fill="{colour}"/>' for x, y in dots]
        y_legend = HEIGHT - 8 + _LEGEND_PX * number
        parts += [
            f'<rect x="{_LEFT}" y="{y_legend - 8}" width="12" height="8" fill="{colour}"/>',
            f'<text x="{_LEFT + 18}" y="{y_legend}">{html.escape(line.label)}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])


def _thin(line: Line) -> Line:
    """Averages neighbours until there are no more than ``MAX_POINTS``."""
    size = math.ceil(len(line.points) / MAX_POINTS)
    if size <= 1:
        return line
    starts = range(0, len(line.points), size)
    columns = [list(column) for column in zip(*line.points, strict=True)]
    steps, values = ([_mean(column[start : start + size]) for start in starts] for column in columns)
    spreads = [_mean(line.spreads[start : start + size]) for start in starts] if line.spreads else ()
    return Line(line.label, list(zip(steps, values, strict=True)), spreads)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _list_edges(line: Line) -> list[tuple[float, float]]:
    spreads = line.spreads or [0.0] * len(line.points)
    return [(value - spread, value + spread) for (_, value), spread in zip(line.points, spreads, strict=True)]


def _find_ticks(low: float, high: float) -> list[float]:
    """Finds round values that enclose a range."""
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / _STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [k * step for k in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)]
