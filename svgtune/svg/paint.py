"""Paint servers: gradients read from a document and rewritten for the canvas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cairosvg.bounding_box import bounding_box_path
from cairosvg.helpers import PointError
from lxml import etree

from svgtune.svg.colour import read_colour
from svgtune.svg.geometry import Box, Geometry, box_of_geometry
from svgtune.svg.layout import (
    GRADIENT_TRANSFORM,
    GRADIENT_UNITS,
    LINEAR_ENDS,
    RADIAL_ENDS,
    SPREAD,
    STOP,
    USER_SPACE,
    WORDS,
    Attribute,
    write_attributes,
)
from svgtune.svg.parse import XLINK_HREF, local_name
from svgtune.svg.path import Matrix, format_number
from svgtune.svg.units import (
    Viewport,
    apply,
    determinant,
    is_upright,
    multiply,
    read_length,
    read_number,
    read_transform,
    uniform_scale,
)

MAX_HREF_CHAIN = 16
OPACITY_DECIMALS = 3
SHARE_DECIMALS = 3
MATRIX_DECIMALS = 4
_SHORT_VECTOR = 5.0

_Pairs = list[tuple[Attribute, str]]

Stop = tuple[float, str, float]
"""Offset, colour, opacity."""


@dataclass(frozen=True, slots=True)
class Gradient:
    """A gradient as the document gives it, with its href chain followed.

    Attributes:
        heirs: Ids on the chain, this one included, of gradients that take their stops from another one.
            CairoSVG loses these stops every second time that such a gradient is used.
    """

    radial: bool
    values: Mapping[str, str]
    stops: tuple[Stop, ...]
    heirs: tuple[str, ...] = ()

    @property
    def in_user_space(self) -> bool:
        """Whether coordinates are the shape's user units and not shares of its box."""
        return self.values.get("gradientUnits") == USER_SPACE


def read_gradient(
    element: etree._Element,
    definitions: Mapping[str, etree._Element],
    read_attributes: Callable[[etree._Element], dict[str, str]],
) -> Gradient:
    """Reads a gradient; what it lacks comes from the gradients it refers to."""
    values: dict[str, str] = {}
    stops: tuple[Stop, ...] = ()
    heirs = []
    node: etree._Element | None = element
    for _ in range(MAX_HREF_CHAIN):
        if node is None:
            break
        own = read_attributes(node)
        values = {**own, **values}
        own_stops = _read_stops(node, read_attributes)
        stops = stops or own_stops
        href = own.get(XLINK_HREF) or own.get("href") or ""
        node = definitions.get(href[1:]) if href[:1] == "#" else None
        if node is not None and not own_stops:
            heirs.append(own.get("id", ""))
    return Gradient(local_name(element) == "radialGradient", values, stops, tuple(heirs))


def _read_stops(
    node: etree._Element, read_attributes: Callable[[etree._Element], dict[str, str]]
) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    least = 0.0
    for child in node:
        if local_name(child) != "stop":
            continue
        own = read_attributes(child)
        least = max(least, read_number(own.get("offset"), 0.0))
        text = own.get("stop-color", "black")
        if text == "currentColor":
            text = own.get("color", "black")
        colour, alpha = read_colour(text)
        opacity = alpha * read_number(own.get("stop-opacity"), 1.0)
        stops.append((round(min(1.0, least), SHARE_DECIMALS), colour, round(opacity, OPACITY_DECIMALS)))
    return tuple(stops)


def solid_of(gradient: Gradient) -> tuple[str, float] | None:
    """Returns colour and opacity if the gradient is the same everywhere; opacity 0 if it has no stops."""
    paints = {stop[1:] for stop in gradient.stops}
    if not paints:
        return "none", 0.0
    return paints.pop() if len(paints) == 1 else None


def judge_box(geometry: Geometry, d: str | None) -> Box | None:
    """Returns the box that CairoSVG hangs an ``objectBoundingBox`` gradient on, or None if it has no area.

    Args:
        geometry: The shape in the units the box is wanted in.
        d: Path data in those units, free of errors (on some, CairoSVG never returns). CairoSVG takes the
            control points of a path, and not all of them.
    """
    if geometry.kind == "path":
        try:
            x, y, width, height = bounding_box_path(None, {"d": d})
        except (ValueError, IndexError, ZeroDivisionError, PointError):
            return None
        box = (x, y, x + width, y + height)
    else:
        box = box_of_geometry(geometry)
    if not all(map(math.isfinite, box)) or box[2] == box[0] or box[3] == box[1]:
        return None
    return box


def write_in_box(gradient: Gradient) -> str | None:
    """Writes a gradient in shares of the shape's box; None if only user units can hold it."""
    values = gradient.values
    transform = read_transform(values.get("gradientTransform", ""))
    unit = Viewport(1.0, 1.0)
    if gradient.radial:
        numbers = _radial_numbers(values, unit)
        scale = uniform_scale(transform)
        if scale is None:
            return None
        attributes = _move_radial(numbers, transform, scale)
        rows = RADIAL_ENDS
        written = [format_number(n, SHARE_DECIMALS) for n in attributes]
        # The focus is at the centre by default.
        rows = (*rows[:3], *(row._replace(default=own) for row, own in zip(rows[3:], written, strict=False)))
    else:
        ends = _move_linear(_linear_numbers(values, unit), transform)
        if ends is None:
            return None
        rows = LINEAR_ENDS
        written = [format_number(n, SHARE_DECIMALS) for n in ends]
    return _write_gradient(gradient, list(zip(rows, written, strict=True)))


def write_in_user_space(
    gradient: Gradient, matrix: Matrix, viewport: Viewport, box: Box | None, grid_decimals: int
) -> str | None:
    """Writes a gradient in canvas units.

    Args:
        gradient: As read.
        matrix: From the shape's user units to the canvas.
        viewport: What percentages of a user-space gradient refer to.
        box: The shape's box in its user units; only needed for ``objectBoundingBox``.
        grid_decimals: Decimals of canvas coordinates.

    Returns:
        The element without an id, or None if the gradient has collapsed.
    """
    values = gradient.values
    transform = read_transform(values.get("gradientTransform", ""))
    unit = viewport
    if not gradient.in_user_space:
        if box is None:
            return None
        unit = Viewport(1.0, 1.0)
        transform = multiply((box[2] - box[0], 0.0, 0.0, box[3] - box[1], box[0], box[1]), transform)
    transform = multiply(matrix, transform)
    pairs: _Pairs | None
    if gradient.radial:
        pairs = _write_radial(_radial_numbers(values, unit), transform, grid_decimals)
    else:
        pairs = _write_linear(_move_linear(_linear_numbers(values, unit), transform), grid_decimals)
    return None if pairs is None else _write_gradient(gradient, pairs)


def _linear_numbers(values: Mapping[str, str], unit: Viewport) -> tuple[float, ...]:
    return (
        read_length(values.get("x1"), unit.width, 0.0),
        read_length(values.get("y1"), unit.height, 0.0),
        read_length(values.get("x2"), unit.width, unit.width),
        read_length(values.get("y2"), unit.height, 0.0),
    )


def _radial_numbers(values: Mapping[str, str], unit: Viewport) -> tuple[float, ...]:
    diagonal = unit.diagonal
    cx = read_length(values.get("cx"), unit.width, unit.width / 2)
    cy = read_length(values.get("cy"), unit.height, unit.height / 2)
    r = read_length(values.get("r"), diagonal, diagonal / 2)
    fx, fy = read_length(values.get("fx"), unit.width, cx), read_length(values.get("fy"), unit.height, cy)
    return cx, cy, r, fx, fy


def _move_linear(ends: tuple[float, ...], m: Matrix) -> tuple[float, ...] | None:
    """Moves the gradient vector so that its lines of equal colour stay where an affine map puts them."""
    x1, y1, x2, y2 = ends
    (ax, ay), (bx, by) = apply(m, x1, y1), apply(m, x2, y2)
    # A line of equal colour runs across the vector; its image need not be square to the vector's image.
    dx, dy = x2 - x1, y2 - y1
    px, py = -m[0] * dy + m[2] * dx, -m[1] * dy + m[3] * dx
    length = px * px + py * py
    if length < 1e-12:
        return None
    along = ((bx - ax) * px + (by - ay) * py) / length
    return ax, ay, bx - along * px, by - along * py


def _move_radial(numbers: tuple[float, ...], m: Matrix, scale: float) -> tuple[float, ...]:
    cx, cy, r, fx, fy = numbers
    return (*apply(m, cx, cy), r * scale, *apply(m, fx, fy))


def _write_linear(ends: tuple[float, ...] | None, decimals: int) -> _Pairs | None:
    if ends is None:
        return None
    fine = [round(n, decimals + 2) for n in ends]
    if math.hypot(fine[2] - fine[0], fine[3] - fine[1]) < _SHORT_VECTOR:
        decimals += 2
    written = [format_number(n, decimals) for n in ends]
    if written[:2] == written[2:]:
        return None
    # A default of 1 is a share of the box; in user space it is the canvas's width.
    rows = [row if row.default == "0" else row._replace(default=None) for row in LINEAR_ENDS]
    return [*zip(rows, written, strict=True), (GRADIENT_UNITS, USER_SPACE)]


def _write_radial(numbers: tuple[float, ...], m: Matrix, decimals: int) -> _Pairs | None:
    scale = uniform_scale(m)
    transform = ""
    if scale is None:
        # An ellipse: the unit circle under a matrix, so that one text stands for one gradient.
        cx, cy, r, fx, fy = numbers
        if r <= 0 or abs(determinant(m)) < 1e-9:
            return None
        m = multiply(m, (r, 0.0, 0.0, r, cx, cy))
        moved: tuple[float, ...] = (0.0, 0.0, 1.0, (fx - cx) / r, (fy - cy) / r)
        transform = write_matrix(m, decimals)
        decimals = SHARE_DECIMALS
    else:
        moved = _move_radial(numbers, m, scale)
        if round(moved[2], decimals + 2) < _SHORT_VECTOR:
            decimals += 2
    written = [format_number(n, decimals) for n in moved]
    if written[2] == "0":
        return None
    # Only the focus has a default that is not a share of the box: the centre.
    defaults = (None, None, None, *written[:2])
    rows = [row._replace(default=default) for row, default in zip(RADIAL_ENDS, defaults, strict=True)]
    return [*zip(rows, written, strict=True), (GRADIENT_UNITS, USER_SPACE), (GRADIENT_TRANSFORM, transform)]


def round_matrix(m: Matrix, decimals: int) -> Matrix:
    """Returns the map as ``write_matrix`` writes it."""
    a, b, c, d = (round(n, MATRIX_DECIMALS) for n in m[:4])
    return a, b, c, d, round(m[4], decimals), round(m[5], decimals)


def write_matrix(m: Matrix, decimals: int) -> str:
    """Writes a transform as one ``matrix`` or ``translate``, with the translation on the grid."""
    linear = [format_number(n, MATRIX_DECIMALS) for n in m[:4]]
    move = [format_number(n, decimals) for n in m[4:]]
    if linear == ["1", "0", "0", "1"]:
        return "" if move == ["0", "0"] else f"translate({' '.join(move)})"
    return f"matrix({' '.join(linear + move)})"


def _write_gradient(gradient: Gradient, pairs: _Pairs) -> str:
    name = "radialGradient" if gradient.radial else "linearGradient"
    spread = gradient.values.get(SPREAD.name)
    if spread in WORDS[SPREAD.kind]:
        pairs = [*pairs, (SPREAD, spread)]
    return f"<{name}{write_attributes(pairs)}>{''.join(map(_write_stop, gradient.stops))}</{name}>"


def _write_stop(stop: Stop) -> str:
    offset, colour, opacity = stop
    values = (format_number(offset, SHARE_DECIMALS), colour, format_number(opacity, OPACITY_DECIMALS))
    return f"<stop{write_attributes(list(zip(STOP, values, strict=True)))}/>"


def keeps_box(matrix: Matrix, before: Box, after: Box | None, tolerance: float) -> bool:
    """Whether a box-bound gradient lies right on the shape as written, given both boxes."""
    if after is None or not is_upright(matrix):
        return False
    corners = (*apply(matrix, before[0], before[1]), *apply(matrix, before[2], before[3]))
    return all(abs(a - b) <= tolerance for a, b in zip(corners, after, strict=True))
