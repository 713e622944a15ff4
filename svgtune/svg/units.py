"""Lengths, transforms and viewports, read the way CairoSVG reads them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from svgtune.svg.path import IDENTITY, Matrix

_DPI = 96
_UNITS = {"mm": _DPI / 25.4, "cm": _DPI / 2.54, "in": float(_DPI), "pt": _DPI / 72, "pc": _DPI / 6, "px": 1.0}
_LENGTH = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zA-Z%]*)\s*")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(?<!\w)(\w++)\s*+\(([^)]*+)\)")
_WITH_UNIT = re.compile(r"[\d.](?:%|(?![eE][-+\d])[A-Za-z])")
_MAX_LENGTH = 1e7
DEFAULT_FONT_SIZE = 16.0


class Viewport(NamedTuple):
    """Size of the nearest viewport in its own user units, which percentages refer to."""

    width: float
    height: float

    @property
    def diagonal(self) -> float:
        """What percentages refer to that are neither along x nor along y."""
        return math.hypot(self.width, self.height) / math.sqrt(2)


@lru_cache(maxsize=1 << 14)
def _read_quantity(text: str) -> tuple[float, str]:
    """Returns number and unit; what makes no sense is 0 without a unit."""
    match = _LENGTH.match(text)
    if match is None:
        return 0.0, ""
    value = float(match[1])
    return (value, match[2]) if -_MAX_LENGTH < value < _MAX_LENGTH else (0.0, "")


def read_length(text: str | None, reference: float, default: float = 0.0, font_size: float = 16.0) -> float:
    """Reads a length in user units; percentages are of ``reference``; what makes no sense is 0."""
    if text is None:
        return default
    value, unit = _read_quantity(text)
    if not unit:
        return value
    if unit == "%":
        return value * reference / 100
    if unit == "em":
        return value * font_size
    if unit in ("ex", "ch"):
        return value * font_size / 2
    return value * _UNITS.get(unit, 0.0)


def read_number(text: str | None, default: float) -> float:
    """Reads a plain number or percentage such as an opacity."""
    return read_length(text, 1.0, default)


def read_numbers(text: str) -> list[float]:
    """Reads all numbers of a list, leaving out what is beyond any drawing."""
    return [n for n in map(float, _NUMBER.findall(text)) if -_MAX_LENGTH < n < _MAX_LENGTH]


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """The map that applies ``n`` first and then ``m``."""
    if n == IDENTITY:
        return m
    if m == IDENTITY:
        return n
    a, b, c, d, e, f = m
    g, h, i, j, k, o = n
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * o + e, b * k + d * o + f)


def apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    """Maps a point."""
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def determinant(m: Matrix) -> float:
    """Signed area scale of the map."""
    return m[0] * m[3] - m[1] * m[2]


def uniform_scale(m: Matrix, tolerance: float = 2e-3) -> float | None:
    """Returns the scale of a map that keeps shapes similar (turned or mirrored too), or None."""
    a, b, c, d = m[:4]
    scale = math.sqrt(abs(a * d - b * c))
    if scale == 0:
        return None
    sign = 1.0 if a * d - b * c > 0 else -1.0
    if abs(a - sign * d) + abs(b + sign * c) > tolerance * scale:
        return None
    return scale


def is_upright(m: Matrix) -> bool:
    """Whether the map only scales by positive factors and moves."""
    return abs(m[1]) < 1e-9 and abs(m[2]) < 1e-9 and m[0] > 0 and m[3] > 0


def list_transforms(text: str) -> list[tuple[str, list[float]]]:
    """Lists the functions of a transform list with their numbers."""
    return [(name, read_numbers(arguments)) for name, arguments in _TRANSFORM.findall(text)]


@lru_cache(maxsize=4096)
def read_transform(text: str) -> Matrix:
    """Reads a transform list; unknown functions are skipped, as CairoSVG does."""
    matrix = IDENTITY
    for name, n in list_transforms(text):
        step = _transform_step(name, n)
        if step is not None:
            matrix = multiply(matrix, step)
    return matrix


def has_units(text: str) -> bool:
    """Whether numbers of a list have units or are percentages, which the readers here take no notice of."""
    return _WITH_UNIT.search(text) is not None


def _transform_step(name: str, n: list[float]) -> Matrix | None:
    if name == "matrix" and len(n) == 6:
        return (n[0], n[1], n[2], n[3], n[4], n[5])
    if not n:
        return None
    if name == "translate":
        return (1.0, 0.0, 0.0, 1.0, n[0], n[1] if len(n) > 1 else 0.0)
    if name == "scale":
        return (n[0], 0.0, 0.0, n[1] if len(n) > 1 else n[0], 0.0, 0.0)
    if name == "rotate":
        turn = math.radians(n[0])
        cos, sin = math.cos(turn), math.sin(turn)
        x, y = (n[1], n[2]) if len(n) > 2 else (0.0, 0.0)
        return (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)
    if name == "skewX":
        return (1.0, 0.0, math.tan(math.radians(n[0])), 1.0, 0.0, 0.0)
    if name == "skewY":
        return (1.0, math.tan(math.radians(n[0])), 0.0, 1.0, 0.0, 0.0)
    return None


def fit_view_box(
    view_box: tuple[float, float, float, float], width: float, height: float, aspect: str | None
) -> tuple[Matrix, Viewport]:
    """Returns the map from a viewBox into a viewport of that size at the origin, and the new viewport.

    This is CairoSVG's arithmetic, which for a ``none`` ratio and for ``slice`` is the specification's too.
    """
    x, y, box_width, box_height = view_box
    scale_x = width / box_width if box_width > 0 else 1.0
    scale_y = height / box_height if box_height > 0 else 1.0
    words = (aspect or "xMidYMid").split() or ["xMidYMid"]
    align_x = align_y = "min"
    if words[0] != "none":
        scale = max(scale_x, scale_y) if words[1:2] == ["slice"] else min(scale_x, scale_y)
        scale_x = scale_y = scale
        align_x, align_y = words[0][1:4].lower(), words[0][5:].lower()
    share = {"mid": 0.5, "max": 1.0}
    move_x = share.get(align_x, 0.0) * (width / scale_x - box_width)
    move_y = share.get(align_y, 0.0) * (height / scale_y - box_height)
    matrix = (scale_x, 0.0, 0.0, scale_y, (move_x - x) * scale_x, (move_y - y) * scale_y)
    return matrix, Viewport(width / scale_x, height / scale_y)


def read_view_box(own: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    """Returns x, y, width and height, or None where there is none or it has no area."""
    numbers = read_numbers(own.get("viewBox", ""))
    if len(numbers) != 4 or numbers[2] <= 0 or numbers[3] <= 0:
        return None
    return (numbers[0], numbers[1], numbers[2], numbers[3])
