"""What a drawing shows, line by line: the plan that a model can write before it draws."""

from __future__ import annotations

import re

from lxml import etree

from svgtune.errors import SvgError
from svgtune.svg.geometry import SHAPE_NAMES, box_of_geometry, read_geometry
from svgtune.svg.parse import local_name, parse_svg
from svgtune.svg.units import Viewport, read_view_box

MAX_LINES = 8
"""A plan names the largest shapes only, in the order in which they are drawn."""

_START = re.compile(r"^[ \t]*<svg\b", re.MULTILINE)
_SMALL, _LARGE = 0.04, 0.25
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")


def write_plan(svg: str) -> str:
    """Writes the plan of a drawing in normal form: its largest shapes, a line each, from back to front.

    A line is ``# path #080, bottom left, large``: the element, its colour, which ninth of the canvas the
    middle of its box lies in, and how much of the canvas the box takes: small below 4 %, large from 25 %.

    Raises:
        SvgError: It is no SVG.
    """
    root = parse_svg(svg)
    box = read_view_box(_list_attributes(root))
    if box is None:
        raise SvgError("no_view_box", "SVG: has no viewBox; bring it into normal form first")
    left, top, width, height = box
    shapes: list[tuple[float, str]] = []
    for element in root.iterdescendants():
        kind = local_name(element)
        if kind not in SHAPE_NAMES or any(local_name(a) == "defs" for a in element.iterancestors()):
            continue
        own = _list_attributes(element)
        geometry, _ = read_geometry(kind, own, Viewport(width, height), 16.0)
        if geometry is None:
            continue
        x0, y0, x1, y1 = box_of_geometry(geometry)
        share = max(0.0, x1 - x0) * max(0.0, y1 - y0) / (width * height)
        row = _ROWS[_third((y0 + y1) / 2 - top, height)]
        column = _COLUMNS[_third((x0 + x1) / 2 - left, width)]
        size = "small" if share < _SMALL else "large" if share >= _LARGE else "medium"
        colour = own.get("fill", "black")
        colour = own.get("stroke", "none") if colour == "none" else colour
        colour = "gradient or pattern" if colour.startswith("url") else colour
        what = "background" if not shapes and share >= 1 else kind
        place = "" if what == "background" else f", {row} {column}, {size}"
        shapes.append((share, f"# {what} {colour}{place}"))
    kept = sorted(range(len(shapes)), key=lambda k: (-shapes[k][0], k))[:MAX_LINES]
    return "\n".join(shapes[k][1] for k in sorted(kept))


def split_plan(text: str) -> tuple[str, str]:
    """Splits an answer into its plan and what comes after.

    The drawing begins at the first line that begins with ``<svg``, so that a plan may speak of one.

    Returns:
        Both without white space around them; an answer without such a line is all drawing.
    """
    start = _START.search(text)
    if start is None:
        return "", text.strip()
    return text[: start.start()].strip(), text[start.start() :].strip()


def _list_attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def _third(place: float, length: float) -> int:
    return min(2, max(0, int(3 * place / length)))
