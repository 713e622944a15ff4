"""Basic shapes and paths: reading, transforming, rounding to the grid, boxes, and writing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from svgtune.svg import arc
from svgtune.svg.layout import SHAPES
from svgtune.svg.path import (
    Matrix,
    Segment,
    format_steps,
    scan_path,
    snap_path,
    transform_path,
    write_steps,
)
from svgtune.svg.units import Viewport, apply, read_length, read_numbers, uniform_scale

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

SHAPE_NAMES = frozenset(SHAPES)


class Geometry(NamedTuple):
    """A shape without its paint.

    Attributes:
        kind: Element name.
        values: rect: x y width height rx ry (radii as given, to be cut to half the side); circle: cx cy r;
            ellipse: cx cy rx ry; line: x1 y1 x2 y2; polyline and polygon: x y x y ...; path: empty.
        segments: Absolute segments of a path.
    """

    kind: str
    values: tuple[float, ...] = ()
    segments: tuple[Segment, ...] = ()


def read_geometry(
    kind: str, own: Mapping[str, str], viewport: Viewport, font_size: float
) -> tuple[Geometry | None, str | None]:
    """Reads a shape; returns None where it draws nothing, and what was wrong with its data, if anything."""
    if kind == "path":
        segments, problem = scan_path(own.get("d", ""))
        return (Geometry("path", (), tuple(segments)) if len(segments) > 1 else None), problem
    if kind in ("polyline", "polygon"):
        numbers = read_numbers(own.get("points", ""))
        points = tuple(numbers[: len(numbers) // 2 * 2])
        problem = "odd number of coordinates" if len(points) != len(numbers) else None
        return (Geometry(kind, points) if len(points) >= 4 else None), problem

    def length(name: str, reference: float) -> float:
        return read_length(own.get(name), reference, 0.0, font_size)

    width, height = viewport
    if kind == "rect":
        return _read_rect(own, viewport, font_size), None
    if kind == "circle":
        r = length("r", viewport.diagonal)
        return (Geometry("circle", (length("cx", width), length("cy", height), r)) if r > 0 else None), None
    if kind == "ellipse":
        rx, ry = length("rx", width), length("ry", height)
        centre = length("cx", width), length("cy", height)
        return (Geometry("ellipse", (*centre, rx, ry)) if rx > 0 and ry > 0 else None), None
    ends = (length("x1", width), length("y1", height), length("x2", width), length("y2", height))
    return Geometry("line", ends), None


def _read_rect(own: Mapping[str, str], viewport: Viewport, font_size: float) -> Geometry | None:
    def length(text: str | None, reference: float) -> float:
        return read_length(text, reference, 0.0, font_size)

    x, y = length(own.get("x"), viewport.width), length(own.get("y"), viewport.height)
    width, height = length(own.get("width"), viewport.width), length(own.get("height"), viewport.height)
    if not width or not height:
        return None
    # CairoSVG draws a negative size to the other side.
    x, y, width, height = min(x, x + width), min(y, y + height), abs(width), abs(height)
    rx = length(own.get("rx", own.get("ry")), viewport.width)
    ry = length(own.get("ry", own.get("rx")), viewport.height)
    if rx <= 0 or ry <= 0:
        rx = ry = 0.0
    return Geometry("rect", (x, y, width, height, rx, ry))


def transform_geometry(geometry: Geometry, m: Matrix, *, keep_start: bool = False) -> Geometry:
    """Maps a shape, as a simpler or equal kind where one fits, else as a polygon or path.

    Args:
        geometry: In user units.
        m: Any affine map.
        keep_start: Where the outline starts matters (dashes), so only upright maps keep the kind.
    """
    kind, v = geometry.kind, geometry.values
    if kind == "path":
        return Geometry("path", (), tuple(transform_path(geometry.segments, m)))
    if kind in ("line", "polyline", "polygon"):
        points = [c for i in range(0, len(v), 2) for c in apply(m, v[i], v[i + 1])]
        return Geometry(kind, tuple(points))
    upright = abs(m[1]) < 1e-9 and abs(m[2]) < 1e-9
    quarter = abs(m[0]) < 1e-9 and abs(m[3]) < 1e-9
    if keep_start and not (upright and m[0] > 0 and m[3] > 0):
        return transform_geometry(path_of_shape(geometry), m)
    if kind == "rect":
        if not upright and not quarter:
            if v[4] == 0:
                x, y, w, h = v[:4]
                corners = (x, y, x + w, y, x + w, y + h, x, y + h)
                return transform_geometry(Geometry("polygon", corners), m)
            return transform_geometry(path_of_shape(geometry), m)
        x0, y0 = apply(m, v[0], v[1])
        x1, y1 = apply(m, v[0] + v[2], v[1] + v[3])
        sx, sy = (abs(m[0]), abs(m[3])) if upright else (abs(m[2]), abs(m[1]))
        rx, ry = (v[4] * sx, v[5] * sy) if upright else (v[5] * sx, v[4] * sy)
        return Geometry("rect", (min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0), rx, ry))
    centre = apply(m, v[0], v[1])
    scale = uniform_scale(m, 1e-6)
    if kind == "circle" and scale is not None:
        return Geometry("circle", (*centre, v[2] * scale))
    rx, ry = (v[2], v[2]) if kind == "circle" else v[2:]
    ellipse = arc.transform_ellipse(rx, ry, 0.0, m[:4])
    if ellipse is not None and ellipse[2] == 0:
        new_rx, new_ry = ellipse[:2]
        if new_rx == new_ry:
            return Geometry("circle", (*centre, new_rx))
        return Geometry("ellipse", (*centre, new_rx, new_ry))
    return transform_geometry(path_of_shape(geometry), m)


def path_of_shape(geometry: Geometry) -> Geometry:
    """Writes a shape as the path that SVG says it stands for."""
    kind, v = geometry.kind, geometry.values
    if kind == "path":
        return geometry
    if kind in ("circle", "ellipse"):
        cx, cy, rx, ry = (*v, v[2]) if kind == "circle" else v
        right, left = (cx + rx, cy), (cx - rx, cy)
        segments = [
            Segment("M", right),
            Segment("A", (rx, ry, 0, 0, 1, *left)),
            Segment("A", (rx, ry, 0, 0, 1, *right)),
            Segment("Z", ()),
        ]
    elif kind == "rect":
        segments = _path_of_rect(v)
    else:
        segments = [Segment("L" if i else "M", (v[i], v[i + 1])) for i in range(0, len(v), 2)]
        if kind == "polygon":
            segments.append(Segment("Z", ()))
    return Geometry("path", (), tuple(segments))


def _path_of_rect(v: tuple[float, ...]) -> list[Segment]:
    x, y, w, h, rx, ry = v
    rx, ry = min(rx, w / 2), min(ry, h / 2)
    right, bottom = x + w, y + h
    if rx == 0:
        corners = [(x, y), (right, y), (right, bottom), (x, bottom)]
        return [*[Segment("L" if i else "M", c) for i, c in enumerate(corners)], Segment("Z", ())]
    return [
        Segment("M", (x + rx, y)),
        Segment("L", (right - rx, y)),
        Segment("A", (rx, ry, 0, 0, 1, right, y + ry)),
        Segment("L", (right, bottom - ry)),
        Segment("A", (rx, ry, 0, 0, 1, right - rx, bottom)),
        Segment("L", (x + rx, bottom)),
        Segment("A", (rx, ry, 0, 0, 1, x, bottom - ry)),
        Segment("L", (x, y + ry)),
        Segment("A", (rx, ry, 0, 0, 1, x + rx, y)),
        Segment("Z", ()),
    ]


def snap_geometry(geometry: Geometry, grid: float) -> Geometry | None:
    """Rounds a shape to the grid; returns it in whole grid steps, or None where nothing is left.

    Sides and radii stay at least one step, so that thin parts do not vanish.
    """
    steps = 1.0 / grid
    kind = geometry.kind
    if kind == "path":
        segments = tuple(snap_path(geometry.segments, grid))
        return Geometry("path", (), segments) if segments else None
    v = [n * steps for n in geometry.values]
    if kind == "rect":
        x, y = round(v[0]), round(v[1])
        w, h = max(1, round(v[0] + v[2]) - x), max(1, round(v[1] + v[3]) - y)
        rx, ry = round(v[4]), round(v[5])
        if rx == 0 or ry == 0:
            rx = ry = 0
        # Half of an odd side would leave the grid; the renderer cuts the radius to the half itself.
        return Geometry("rect", (x, y, w, h, min(rx, (w + 1) // 2), min(ry, (h + 1) // 2)))
    if kind == "circle":
        return Geometry("circle", (round(v[0]), round(v[1]), max(1, round(v[2]))))
    if kind == "ellipse":
        rx, ry = max(1, round(v[2])), max(1, round(v[3]))
        centre = (round(v[0]), round(v[1]))
        return Geometry("circle", (*centre, rx)) if rx == ry else Geometry("ellipse", (*centre, rx, ry))
    points = [float(round(n)) for n in v]
    if kind != "line":
        points = _drop_repeats(points, closed=kind == "polygon")
    return Geometry(kind, tuple(points))


def _drop_repeats(points: list[float], *, closed: bool) -> list[float]:
    kept = points[:2]
    for i in range(2, len(points), 2):
        if points[i : i + 2] != kept[-2:]:
            kept += points[i : i + 2]
    while closed and len(kept) > 2 and kept[-2:] == kept[:2]:
        del kept[-2:]
    # One point alone would not be read as a list of points; a dot needs two.
    return kept if len(kept) > 2 else kept * 2


def simplify_geometry(snapped: Geometry) -> Geometry:
    """Rewrites an upright rectangle as ``rect`` and a polyline of two points as ``line``."""
    kind, v = snapped.kind, snapped.values
    if kind == "polyline" and len(v) == 4:
        return Geometry("line", v)
    if kind == "polygon":
        points = [(v[i], v[i + 1]) for i in range(0, len(v), 2)]
    elif kind == "path":
        if "".join(s.command for s in snapped.segments) != "MLLLZ":
            return snapped
        points = [(s.values[0], s.values[1]) for s in snapped.segments[:4]]
    else:
        return snapped
    if len(points) != 4:
        return snapped
    xs, ys = sorted({p[0] for p in points}), sorted({p[1] for p in points})
    turns = all(
        (p[0] == q[0]) != (p[1] == q[1]) for p, q in zip(points, points[1:] + points[:1], strict=True)
    )
    if len(xs) != 2 or len(ys) != 2 or not turns:
        return snapped
    return Geometry("rect", (xs[0], ys[0], xs[1] - xs[0], ys[1] - ys[0], 0, 0))


def box_of_geometry(geometry: Geometry) -> Box:
    """Returns a box that surely holds the outline: for curves, that of their control points."""
    kind, v = geometry.kind, geometry.values
    if kind == "rect":
        return v[0], v[1], v[0] + v[2], v[1] + v[3]
    if kind in ("circle", "ellipse"):
        rx, ry = v[2], v[-1]
        return v[0] - rx, v[1] - ry, v[0] + rx, v[1] + ry
    if kind != "path":
        xs, ys = v[0::2], v[1::2]
        return min(xs), min(ys), max(xs), max(ys)
    xs_of_path: list[float] = []
    ys_of_path: list[float] = []
    x = y = 0.0
    for command, values in geometry.segments:
        if not values:
            continue
        if command == "A":
            box = arc.box_of_arc(x, y, values)
            xs_of_path += (box[0], box[2])
            ys_of_path += (box[1], box[3])
        else:
            xs_of_path += values[0::2]
            ys_of_path += values[1::2]
        x, y = values[-2:]
    return min(xs_of_path), min(ys_of_path), max(xs_of_path), max(ys_of_path)


def is_closed(geometry: Geometry) -> bool:
    """Whether no part of the outline has an end, so that line caps do not show."""
    if geometry.kind in ("line", "polyline"):
        return False
    if geometry.kind != "path":
        return True
    commands = [s.command for s in geometry.segments]
    return commands.count("M") == commands.count("Z") and len(commands) > 2


def has_area(geometry: Geometry) -> bool:
    """Whether a fill can show at all."""
    if geometry.kind == "line":
        return False
    if geometry.kind in ("polyline", "polygon"):
        return len(geometry.values) > 4
    if geometry.kind == "path":
        return len(geometry.segments) > 2 or any(s.command in "CQA" for s in geometry.segments)
    return True


def write_geometry(snapped: Geometry, decimals: int, commands: str) -> list[tuple[str, str]]:
    """Returns the attributes of a shape given in grid steps, without those that have their default."""
    kind, v = snapped.kind, snapped.values
    values = [format_steps(int(n), decimals) for n in v]
    if kind == "path":
        values = [write_steps(snapped.segments, decimals, commands)]
    elif kind in ("polyline", "polygon"):
        values = [" ".join(values).replace(" -", "-")]
    elif kind == "rect" and v[4] == v[5]:
        values[5] = "0"
    rows = zip(SHAPES[kind], values, strict=True)
    return [(row.name, value) for row, value in rows if value != row.default]
