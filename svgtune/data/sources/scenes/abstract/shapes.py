"""Flat shapes, lines and solids for abstract pictures, and how copies of them are drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Sheet
from svgtune.svg.path import Segment, parse_path, transform_path, write_path

_NUMBER = re.compile(r"-?[\d.]+")
# Half sizes that shapes are drawn in: few, so that a shape has few geometries to learn.
_SIZES = (12, 18, 25, 34, 46, 68, 90)


class Face(NamedTuple):
    """One part of a shape, in a box from -50 to 50.

    Attributes:
        tone: A shade of ``Paint``.
        d: A path, or ``@cx cy r`` for a disc.
        width: Width of the line; 0 fills the face.
    """

    tone: str
    d: str
    width: float = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with its words.

    Attributes:
        family: Shapes of one family look alike, so they are never wrong answers for each other.
        kind: ``flat``, ``line`` or ``solid``.
        turns: It looks different when turned, and a turned copy still reads as the same shape.
    """

    name: str
    plural: str
    family: str
    kind: str
    faces: tuple[Face, ...]
    turns: bool = False

    @property
    def cost(self) -> int:
        """About how many numbers and commands one copy takes."""
        return sum(2 + len(_NUMBER.findall(face.d)) for face in self.faces)


class Spot(NamedTuple):
    """Where one copy stands: its centre and half its size in canvas units, and its turn in degrees."""

    x: float
    y: float
    r: float
    turn: float = 0


def _find_corners(count: int, radius: float = 48, start: float = -90) -> list[tuple[float, float]]:
    angles = [math.radians(start + 360 * k / count) for k in range(count)]
    return [(round(radius * math.cos(a), 1), round(radius * math.sin(a), 1)) for a in angles]


def _join(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "z"


def _cut_star(count: int, inner: float) -> str:
    outer, low = _find_corners(count), _find_corners(count, inner, -90 + 180 / count)
    return _join([point for pair in zip(outer, low, strict=True) for point in pair])


def _cut_dodecahedron() -> tuple[Face, ...]:
    rim, core = _find_corners(10, 49), _find_corners(5, 28)
    dark = [
        _join([core[k], rim[2 * k], rim[2 * k + 1], rim[(2 * k + 2) % 10], core[(k + 1) % 5]]) for k in (1, 2)
    ]
    edges = "".join(f"M{x} {y}L{rim[2 * k][0]} {rim[2 * k][1]}" for k, (x, y) in enumerate(core))
    return (
        Face("main", _join(rim)), Face("dark", "".join(dark)), Face("light", _join(core)), Face("deep",
            edges, 3),
    )  # fmt: skip


def _cut_icosahedron() -> tuple[Face, ...]:
    rim, core = _find_corners(6, 49), _find_corners(3, 30)
    dark = _join([core[1], rim[1], rim[2]]) + _join([core[1], rim[2], rim[3], core[2]])
    edges = "".join(
        f"M{core[k][0]} {core[k][1]}L{rim[i % 6][0]} {rim[i % 6][1]}"
        for k in range(3)
        for i in (2 * k - 1, 2 * k, 2 * k + 1)
    )
    return (Face("main", _join(rim)), Face("dark", dark), Face("light", _join(core)), Face("deep", edges, 3))


def _flat(name: str, d: str, *, plural: str = "", family: str = "", turns: bool = False) -> Shape:
    return Shape(name, plural or name + "s", family or name, "flat", (Face("main", d),), turns)


def _line(name: str, d: str, width: float, *, family: str = "", plural: str = "") -> Shape:
    return Shape(name, plural or name + "s", family or name, "line", (Face("main", d, width),))


def _solid(name: str, *faces: Face, plural: str = "", family: str = "") -> Shape:
    return Shape(name, plural or name + "s", family or name, "solid", faces)


_ALL: tuple[Shape, ...] = (
    _flat("circle", "@0 0 46", family="round"),
    _flat("square", "M0 -42H42V42H-42V-42z", family="square", turns=True),
    _flat("rectangle", "M0 -28H48V28H-48V-28z", family="square", turns=True),
    _flat("triangle", "M0 -48L48 36H-48z", family="triangle", turns=True),
    _flat("pentagon", _join(_find_corners(5)), family="polygon"),
    _flat("hexagon", _join(_find_corners(6)), family="polygon"),
    _flat("octagon", _join(_find_corners(8, 48, -67.5)), family="polygon"),
    _flat("star", _cut_star(5, 21), turns=True),
    _flat("six-pointed star", _cut_star(6, 27), family="star"),
    _flat("crescent", "M24 -44A48 48 0 1 0 24 44A36 36 0 1 1 24 -44z", turns=True),
    _flat("diamond", "M0 -48L34 0L0 48L-34 0z", family="rhombus"),
    _flat("rhombus", "M0 -30L50 0L0 30L-50 0z", family="rhombus", plural="rhombuses"),
    _flat("kite", "M0 -48L34 -14L0 48L-34 -14z", family="rhombus", turns=True),
    _flat("trapezoid", "M0 -32H24L48 32H-48L-24 -32z", family="slanted", turns=True),
    _flat("parallelogram", "M0 -30H50L24 30H-50L-24 -30z", family="slanted"),
    _flat("heart", "M0 -22Q4 -40 20 -42C44 -46 64 4 0 46C-64 4 -44 -46 -20 -42Q-4 -40 0 -22z", turns=True),
    _flat("cross", "M0 -46H16V-16H46V16H16V46H-16V16H-46V-16H-16V-46z", plural="crosses", turns=True),
    _flat("oval", "M0 -32A50 32 0 0 1 0 32A50 32 0 0 1 0 -32z", family="round"),
    _flat("ellipse", "M0 -28A50 28 0 0 1 0 28A50 28 0 0 1 0 -28z", family="round"),
    _flat("semicircle", "M0 -26A48 48 0 0 1 48 22H-48A48 48 0 0 1 0 -26z", family="round", turns=True),
    _flat("arrow", "M0 -48L36 -4H14V48H-14V-4H-36z", turns=True),
    _flat("teardrop", "M0 -48C8 -30 34 -8 34 16A34 34 0 0 1 -34 16C-34 -8 -8 -30 0 -48z", family="drop",
        turns=True),
    _flat("petal", "M0 -48Q44 0 0 48Q-44 0 0 -48z", family="drop", turns=True),
    _flat("chevron", "M0 -40L46 24V50L0 -12L-46 50V24z", turns=True),
    _flat("lightning bolt", "M0 -34L12 -50L6 -14H34L-14 50L-4 10H-32z", family="zigzag"),
    _line("ring", "@0 0 38", 16, family="ring"),
    _line("spiral", "M0 0a8 8 0 0 1 16 0a16 16 0 0 1 -32 0a24 24 0 0 1 48 0a32 32 0 0 1 -64 0"
        "a40 40 0 0 1 80 0", 9),
    _line("wave", "M-48 4q12 -40 24 0t24 0t24 0t24 0", 12, family="zigzag"),
    _line("zigzag", "M-48 16l16 -32l16 32l16 -32l16 32l16 -32l16 32", 11, family="zigzag"),
    _solid(
        "cube", Face("main", "M0 -4V46L-42 24V-26z"), Face("dark", "M0 -4L42 -26V24L0 46z"),
        Face("light", "M0 -48L42 -26L0 -4L-42 -26z"), family="box",
    ),
    _solid(
        "pyramid", Face("main", "M0 -48L-48 28L8 46z"), Face("dark", "M0 -48L8 46L48 22z"), family="pointed",
    ),
    _solid(
        "cone", Face("main", "M0 -48L-40 32A40 14 0 0 0 40 32z"), Face("dark",
            "M0 -48L40 32A40 14 0 0 1 8 46z"),
        family="pointed",
    ),
    _solid(
        "cylinder", Face("main", "M0 -34H36V34A36 13 0 0 1 -36 34V-34z"), Face("dark",
            "M12 -34H36V34A36 13 0 0 1 12 46z"),
        Face("light", "M0 -47A36 13 0 0 1 0 -21A36 13 0 0 1 0 -47z"),
    ),
    _solid(
        "sphere", Face("main", "@0 0 46"), Face("dark", "M33 -32A46 46 0 0 1 -32 33A56 56 0 0 0 33 -32z"),
        Face("light", "@-16 -18 9"), family="round",
    ),
    _solid(
        "prism", Face("main", "M-22 -32L-48 34H6z"), Face("dark", "M-22 -32L22 -46L48 18L6 34z"),
        family="pointed",
    ),
    _solid(
        "torus",
        Face("main", "M-50 0A50 34 0 0 1 50 0A50 34 0 0 1 -50 0zM-20 -4A20 9 0 0 0 20 -4A20 9 0 0 0 -20 -4z"),
        Face("dark", "M-50 0A50 34 0 0 0 50 0A50 22 0 0 1 -50 0z"), Face("light",
            "M-38 -8A40 22 0 0 1 -4 -25", 6),
        plural="toruses", family="ring",
    ),
    _solid("dodecahedron", *_cut_dodecahedron(), plural="dodecahedrons", family="polyhedron"),
    _solid("icosahedron", *_cut_icosahedron(), plural="icosahedrons", family="polyhedron"),
    _solid(
        "tetrahedron", Face("main", "M0 -48L-48 36L6 12z"), Face("dark", "M0 -48L6 12L48 36z"),
        Face("deep", "M-48 36L6 12L48 36z"), family="pointed",
    ),
    _solid(
        "octahedron", Face("light", "M0 -48L-40 -4L-8 10z"), Face("main", "M0 -48L-8 10L40 -4z"),
        Face("main", "M0 48L-40 -4L-8 10z"), Face("dark", "M0 48L-8 10L40 -4z"), family="rhombus",
    ),
)  # fmt: skip

SHAPES: dict[str, Shape] = {shape.name: shape for shape in _ALL}


@lru_cache(maxsize=512)
def _parse(d: str) -> list[Segment]:
    return parse_path(d)


@lru_cache(maxsize=65536)
def _place(d: str, spot: Spot) -> str:
    scale, angle = spot.r / 50, math.radians(spot.turn)
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    return write_path(transform_path(_parse(d), (a, b, -b, a, spot.x, spot.y)), 1, "absolute")


def _snap_size(r: float) -> float:
    return min(_SIZES, key=lambda size: abs(size - r))


def _draw_face(sheet: Sheet, face: Face, spots: Sequence[Spot], colour: str, opacity: float | None) -> None:
    spots = [spot._replace(r=_snap_size(spot.r)) for spot in spots]
    width = max(2, round(face.width * spots[0].r / 50)) if face.width else None
    if face.d.startswith("@"):
        cx, cy, r = (float(part) for part in face.d[1:].split())
        for spot in spots:
            scale = spot.r / 50
            sheet.add(
                "circle", cx=round(spot.x + cx * scale), cy=round(spot.y + cy * scale), r=round(r * scale),
                fill="none" if width else colour, stroke=colour if width else None, stroke_width=width,
                    opacity=opacity,
            )  # fmt: skip
        return
    d = "".join(_place(face.d, spot) for spot in spots)
    if width:
        sheet.add(
            "path",
            d=d,
            fill="none",
            stroke=colour,
            stroke_width=width,
            stroke_linecap="round",
            opacity=opacity,
        )
    else:
        sheet.add("path", d=d, fill=colour, opacity=opacity)


def draw_shapes(
    sheet: Sheet,
    shape: Shape,
    spots: Sequence[Spot],
    paint: Paint,
    *,
    apart: bool = True,
    opacity: float | None = None,
) -> None:
    """Draws copies of a shape in one paint.

    Args:
        sheet: Is drawn on.
        shape: What is drawn.
        spots: Where its copies stand, from the back to the front.
        paint: Their colour.
        opacity: Of every copy; None is opaque.
        apart: The copies do not overlap, so their like-coloured faces can share one path; where they do
            overlap, opaque flat copies alternate between two shades.
    """
    if apart:
        for face in shape.faces:
            _draw_face(sheet, face, spots, getattr(paint, face.tone), opacity)
        return
    for k, spot in enumerate(spots):
        for face in shape.faces:
            alternate = k % 2 and shape.kind == "flat" and opacity is None
            _draw_face(sheet, face, [spot], paint.dark if alternate else getattr(paint, face.tone), opacity)


def draw_shadow(sheet: Sheet, shape: Shape, spot: Spot) -> None:
    """Draws a soft shadow where one large shape will stand above the ground."""
    _draw_face(sheet, shape.faces[0], [spot._replace(x=spot.x + 6, y=spot.y + 8)], "#000", 0.25)


def draw_plain(sheet: Sheet, shape: Shape, spot: Spot, colour: str) -> None:
    """Draws one flat copy in one ``#rgb`` colour."""
    _draw_face(sheet, shape.faces[0], [spot], colour, None)
