"""What the normal form writes: its elements, and their attributes in order.

The writers (``geometry``, ``items``, ``paint``, ``flatten``) and the grammar read the same rows.
"""

from __future__ import annotations

from typing import NamedTuple


class Attribute(NamedTuple):
    """An attribute of an element.

    Attributes:
        kind: What its value is; the grammar has a rule of this name.
        default: The value that is not written; None where the attribute always is.
    """

    name: str
    kind: str
    default: str | None = None


def _rows(kind: str, names: str, default: str | None = None) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, kind, default) for name in names.split())


SHAPES: dict[str, tuple[Attribute, ...]] = {
    "path": (Attribute("d", "path"),),
    "rect": (
        *_rows("number", "x y", "0"),
        *_rows("length", "width height"),
        *_rows("length", "rx ry", "0"),
    ),
    "circle": (*_rows("number", "cx cy", "0"), *_rows("length", "r")),
    "ellipse": (*_rows("number", "cx cy", "0"), *_rows("length", "rx ry")),
    "line": _rows("number", "x1 y1 x2 y2", "0"),
    "polygon": (Attribute("points", "points"),),
    "polyline": (Attribute("points", "points"),),
}
"""Each shape's own attributes; what follows them is the same for all."""

FILL = Attribute("fill", "paint", "#000")
STROKE = Attribute("stroke", "paint", "none")
STROKE_DETAILS = (
    Attribute("stroke-width", "width", "1"),
    Attribute("stroke-linecap", "cap", "butt"),
    Attribute("stroke-linejoin", "join", "miter"),
    Attribute("stroke-miterlimit", "width", "4"),
    Attribute("stroke-dasharray", "dashes", ""),
    Attribute("stroke-dashoffset", "number", "0"),
)
"""Only after ``STROKE``."""
MAX_DASHES = 64
"""Lengths of one ``stroke-dasharray``; with more of them none is written."""
OPACITIES = _rows("share", "opacity fill-opacity stroke-opacity", "1")
FILL_RULE = Attribute("fill-rule", "rule", "nonzero")
TRANSFORM = Attribute("transform", "matrix", "")
GROUP = _rows("share", "opacity")

LINEAR_ENDS = (*_rows("fine", "x1 y1", "0"), Attribute("x2", "fine", "1"), Attribute("y2", "fine", "0"))
RADIAL_ENDS = _rows("fine", "cx cy r fx fy", ".5")
GRADIENT_UNITS = Attribute("gradientUnits", "units", "objectBoundingBox")
GRADIENT_TRANSFORM = Attribute("gradientTransform", "matrix", "")
SPREAD = Attribute("spreadMethod", "spread", "pad")
GRADIENTS: dict[str, tuple[Attribute, ...]] = {
    "linearGradient": (*LINEAR_ENDS, GRADIENT_UNITS, GRADIENT_TRANSFORM, SPREAD),
    "radialGradient": (*RADIAL_ENDS, GRADIENT_UNITS, GRADIENT_TRANSFORM, SPREAD),
}
"""After ``id``. The defaults of the ends are those of shares of the shape's box."""
STOP = (
    Attribute("offset", "share", "0"),
    Attribute("stop-color", "colour", "#000"),
    Attribute("stop-opacity", "share", "1"),
)
PATTERN = (
    *_rows("fine", "x y", "0"),
    *_rows("span", "width height", "0"),
    Attribute("patternUnits", "units"),
    Attribute("patternTransform", "matrix", ""),
)
"""After ``id``."""

USER_SPACE = "userSpaceOnUse"
WORDS: dict[str, tuple[str, ...]] = {
    "cap": ("round", "square"),
    "join": ("round", "bevel"),
    "rule": ("evenodd",),
    "spread": ("reflect", "repeat"),
    "units": (USER_SPACE,),
}
"""The words of each kind that are written, defaults left out."""


def write_attributes(pairs: list[tuple[Attribute, str]]) -> str:
    """Writes attributes that differ from their default, each with a space before it."""
    return "".join([f' {row.name}="{value}"' for row, value in pairs if value != row.default])
