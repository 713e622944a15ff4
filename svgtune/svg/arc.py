"""Elliptical arcs: affine maps, rounding that keeps their shape, and cubics (SVG 1.1, appendix F.6)."""

from __future__ import annotations

import math
from typing import NamedTuple

ROTATION_DECIMALS = 2

_MAX_DEVIATION_STEPS = 0.75
"""A rounded arc may stray this far, about what rounding does to any other point, before it becomes cubics."""


class _Centred(NamedTuple):
    cx: float
    cy: float
    rx: float
    ry: float
    cos: float
    sin: float
    start: float
    sweep: float

    def point(self, angle: float) -> tuple[float, float]:
        u, v = self.rx * math.cos(angle), self.ry * math.sin(angle)
        return self.cx + u * self.cos - v * self.sin, self.cy + u * self.sin + v * self.cos

    def direction(self, angle: float) -> tuple[float, float]:
        u, v = -self.rx * math.sin(angle), self.ry * math.cos(angle)
        return u * self.cos - v * self.sin, u * self.sin + v * self.cos


def transform_ellipse(
    rx: float, ry: float, rotation_deg: float, matrix: tuple[float, float, float, float]
) -> tuple[float, float, float] | None:
    """Returns an ellipse's radii and rotation under a linear map (a, b, c, d), or None if flattened."""
    a, b, c, d = matrix
    turn = math.radians(rotation_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    p, q = rx * (a * cos + c * sin), ry * (c * cos - a * sin)
    r, s = rx * (b * cos + d * sin), ry * (d * cos - b * sin)
    # Singular values and left rotation of the 2 x 2 matrix ((p, q), (r, s)) in closed form.
    e, f, g, h = (p + s) / 2, (p - s) / 2, (r + q) / 2, (r - q) / 2
    major, minor = math.hypot(e, h), math.hypot(f, g)
    new_rx, new_ry = major + minor, abs(major - minor)
    if new_ry < 1e-6 * max(new_rx, 1e-9):
        return None
    if new_rx - new_ry < 1e-6 * new_rx:
        return new_rx, new_ry, 0.0
    angle = math.degrees((math.atan2(h, e) + math.atan2(g, f)) / 2) % 180.0
    if abs(angle - 90) < 1e-6:
        return new_ry, new_rx, 0.0
    if angle < 1e-6 or angle > 180 - 1e-6:
        angle = 0.0
    return new_rx, new_ry, angle - 180 if angle > 90 else angle


def _centre(x0: float, y0: float, v: tuple[float, ...]) -> _Centred | None:
    rx, ry, rotation, large, sweep, x1, y1 = v
    turn = math.radians(rotation)
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = (x0 - x1) / 2, (y0 - y1) / 2
    if dx == 0 and dy == 0:
        return None
    ux, uy = (cos * dx + sin * dy) / rx, (cos * dy - sin * dx) / ry
    length = ux * ux + uy * uy
    if length > 1:
        scale = math.sqrt(length)
        rx, ry, ux, uy, length = rx * scale, ry * scale, ux / scale, uy / scale, 1.0
    factor = math.sqrt(max(0.0, 1 / length - 1)) * (-1 if bool(large) == bool(sweep) else 1)
    ox, oy = factor * uy, -factor * ux
    start = math.atan2(uy - oy, ux - ox)
    delta = math.atan2(-uy - oy, -ux - ox) - start
    if sweep and delta < 0:
        delta += math.tau
    elif not sweep and delta > 0:
        delta -= math.tau
    cx = cos * ox * rx - sin * oy * ry + (x0 + x1) / 2
    cy = sin * ox * rx + cos * oy * ry + (y0 + y1) / 2
    return _Centred(cx, cy, rx, ry, cos, sin, start, delta)


def cubics_of_arc(x0: float, y0: float, arc: tuple[float, ...]) -> list[tuple[float, ...]]:
    """Returns cubic control points (x1 y1 x2 y2 x y) that follow an arc, at most a quarter turn each.

    Args:
        x0: Start of the arc.
        y0: Start of the arc.
        arc: rx, ry, rotation in degrees, large, sweep, x, y.
    """
    centred = _centre(x0, y0, arc)
    if centred is None:
        return []
    count = max(1, math.ceil(abs(centred.sweep) / (math.pi / 2) - 1e-6))
    step = centred.sweep / count
    reach = 4 / 3 * math.tan(step / 4)
    curves: list[tuple[float, ...]] = []
    x, y = x0, y0
    for i in range(count):
        begin, end = centred.start + i * step, centred.start + (i + 1) * step
        tx, ty = centred.direction(begin)
        ux, uy = centred.direction(end)
        ex, ey = centred.point(end) if i < count - 1 else (arc[5], arc[6])
        curves.append((x + reach * tx, y + reach * ty, ex - reach * ux, ey - reach * uy, ex, ey))
        x, y = ex, ey
    return curves


def box_of_arc(x0: float, y0: float, arc: tuple[float, ...]) -> tuple[float, float, float, float]:
    """Returns a box (left, top, right, bottom) that surely holds the arc."""
    points = [(x0, y0), (arc[5], arc[6])]
    for curve in cubics_of_arc(x0, y0, arc):
        points += [(curve[0], curve[1]), (curve[2], curve[3])]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def snap_arc(x0: float, y0: float, arc: tuple[float, ...]) -> list[tuple[str, tuple[float, ...]]]:
    """Rounds an arc, given in grid steps, to whole steps as one ``A`` or, where that bends it, as ``C``.

    Near a half turn a small change of the radius moves the middle of an arc a lot, so several are tried.
    """
    rx, ry, rotation, large, sweep, x1, y1 = arc
    start = (float(round(x0)), float(round(y0)))
    end = (float(round(x1)), float(round(y1)))
    rotation = round(rotation, ROTATION_DECIMALS)
    rounded = (float(max(1, round(rx))), float(max(1, round(ry))))
    if not large and start != end and _half_chord(x0, y0, arc) < 0.85:
        return [("A", (*rounded, _turn_of(rounded, rotation), large, sweep, *end))]
    true = _centre(x0, y0, arc)
    if true is None:
        return []
    candidates = [rounded]
    candidates += [
        (float(max(1, way(rx) + shift)), float(max(1, way(ry) + shift)))
        for way, shift in ((math.floor, 0), (math.ceil, 0), (math.floor, -1), (math.ceil, 1))
    ]
    if start != end:
        for radii in candidates:
            snapped = (*radii, _turn_of(radii, rotation), large, sweep, *end)
            if _deviation(true, _centre(*start, snapped)) <= _MAX_DEVIATION_STEPS:
                return [("A", snapped)]
    curves = cubics_of_arc(x0, y0, arc)
    return [("C", tuple(float(round(n)) for n in curve)) for curve in curves]


def _turn_of(radii: tuple[float, float], rotation: float) -> float:
    return 0.0 if radii[0] == radii[1] else rotation


def _half_chord(x0: float, y0: float, v: tuple[float, ...]) -> float:
    """Half of the chord where the ellipse is the unit circle; 1 for a half turn."""
    turn = math.radians(v[2])
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = (x0 - v[5]) / 2, (y0 - v[6]) / 2
    return math.hypot((cos * dx + sin * dy) / v[0], (cos * dy - sin * dx) / v[1])


def _deviation(true: _Centred, other: _Centred | None) -> float:
    if other is None:
        return math.inf
    return max(
        math.dist(true.point(true.start + t * true.sweep), other.point(other.start + t * other.sweep))
        for t in (0.25, 0.5, 0.75)
    )
