"""A drawing taken apart: each shape without its place and size, with the colours that it is painted in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from lxml import etree

from svgtune.errors import SvgError
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.parse import parse_svg
from svgtune.svg.path import Segment, parse_path

_HEX = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DRAWN = frozenset(("path", "rect", "circle", "ellipse"))
_CANVAS = 200.0


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One shape of a drawing: an element, or one of the closed figures that a path is made of.

    Attributes:
        kind: Its path commands or element name, and whether it is filled or only outlined.
        form: Its points, in a box whose longer side is 1, mirrored into one of two poses; float32.
        size: The longer side of its box, of the canvas.
        area: The area of its box, of the canvas, cut to the canvas.
        paints: Every ``#rgb`` or ``#rrggbb`` that it is filled, outlined, patterned or graded with.
        opaque: Whether it hides what is below.
        part: It is one figure of a path that also comes as a whole.
        hatch: It belongs to the tile of a pattern.
    """

    kind: str
    form: np.ndarray
    size: float
    area: float
    paints: frozenset[str]
    opaque: bool = True
    part: bool = False
    hatch: bool = False


def list_pieces(svg: str) -> list[Piece]:
    """Lists the pieces of a drawing in painting order; empty if it cannot be brought into normal form."""
    try:
        root = parse_svg(canonical_svg(svg).svg)
    except SvgError:
        return []
    paints = {
        element.get("id", ""): frozenset(
            _HEX.findall(" ".join(str(value) for inner in element.iter() for value in inner.attrib.values()))
        )
        for element in root.iter()
        if element.get("id")
    }
    return [piece for element in root.iter() for piece in _read_element(element, paints)]


def _read_element(element: etree._Element, paints: dict[str, frozenset[str]]) -> Iterator[Piece]:
    name = etree.QName(element).localname
    if name not in _DRAWN:
        return
    fill, stroke = element.get("fill", "#000"), element.get("stroke", "none")
    colours = frozenset().union(*(_list_paints(paint, paints) for paint in (fill, stroke)))
    faint = any(float(element.get(key, "1")) < 0.99 for key in ("opacity", "fill-opacity", "stroke-opacity"))
    hatch = any(etree.QName(above).localname == "pattern" for above in element.iterancestors())
    mark = "line " if fill == "none" else ""
    figures: list[tuple[str, list[tuple[float, float]]]]
    if name == "path":
        whole = parse_path(element.get("d", ""))
        figures = [_trace(whole)]
        loops = _split(whole)
        figures += [_trace(loop) for loop in loops] if len(loops) > 1 else []
    else:
        figures = [(name, _box_points(name, element))]
    for k, (commands, points) in enumerate(figures):
        piece = _build(mark + commands, points, colours, not faint, k > 0, hatch)
        if piece is not None:
            yield piece


def _list_paints(paint: str, paints: dict[str, frozenset[str]]) -> frozenset[str]:
    reference = _REFERENCE.match(paint)
    if reference:
        return paints.get(reference[1], frozenset())
    return frozenset((paint,)) if paint.startswith("#") else frozenset()


def _split(segments: list[Segment]) -> list[list[Segment]]:
    loops: list[list[Segment]] = []
    for segment in segments:
        if segment.command == "M" or not loops:
            loops.append([])
        loops[-1].append(segment)
    return [loop for loop in loops if len(loop) > 1]


def _trace(segments: list[Segment]) -> tuple[str, list[tuple[float, float]]]:
    """Returns the commands without closing ones, and all end and control points."""
    points: list[tuple[float, float]] = []
    for command, values in segments:
        numbers = values[-2:] if command == "A" else values
        points += list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "A":
            # How far an arc bulges, as a point below its end, which a mirror image leaves in place.
            points.append((numbers[0], numbers[1] + max(values[0], values[1])))
    return "".join(s.command for s in segments if s.command != "Z"), points


def _box_points(name: str, element: etree._Element) -> list[tuple[float, float]]:
    def read(key: str) -> float:
        return float(element.get(key, "0"))

    if name == "rect":
        x, y, width, height = read("x"), read("y"), read("width"), read("height")
        rx = min(read("rx") or read("ry"), width / 2, height / 2)
        return [(x, y), (x + width, y + height), (x + rx, y + height)]
    rx, ry = (read("r"), read("r")) if name == "circle" else (read("rx"), read("ry"))
    x, y = read("cx"), read("cy")
    thick = float(element.get("stroke-width", "1")) / 2 if element.get("fill") == "none" else 0.0
    return [(x - rx, y - ry), (x + rx, y + ry), (x, y + min(thick, ry))]


def _build(
    kind: str,
    points: list[tuple[float, float]],
    paints: frozenset[str],
    opaque: bool,
    part: bool,
    hatch: bool,
) -> Piece | None:
    if len(points) < 2:
        return None
    xy = np.array(points, np.float64)
    low, high = xy.min(0), xy.max(0)
    longer = float((high - low).max())
    if not math.isfinite(longer) or longer <= 0:
        return None
    form = (xy - (low + high) / 2) / longer
    # Of a shape and its mirror image, the one with the positive moment stands for both.
    moment = float((form[:, 0] * np.sin(1.7 * np.arange(len(form)) + 1)).sum())
    if moment < 0:
        form[:, 0] *= -1
    inside = np.clip(high, 0, _CANVAS) - np.clip(low, 0, _CANVAS)
    area = max(float(inside[0]), 1.0) * max(float(inside[1]), 1.0) / _CANVAS**2
    return Piece(kind, form.astype(np.float32).ravel(), longer / _CANVAS, area, paints, opaque, part, hatch)
