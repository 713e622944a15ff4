"""Cloth and cut: how a garment is described by layers, and how a material or a pattern fills them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from svgtune.data.sources.scenes.palette import Paint, build_paint, mix_colour
from svgtune.data.sources.scenes.pen import Sheet
from svgtune.svg.path import parse_path, transform_path, write_path

Number = Literal["one", "many", "mass"]
_TO_CANVAS = (2, 0, 0, 2, 0, 0)
_STEP = re.compile(r"-?\d*\.?\d+|[A-Za-z]")
_MIRROR = (-1, 0, 0, 1, 100, 0)


class Layer(NamedTuple):
    """One shape of a garment in its box of 100 x 100 units.

    Attributes:
        tone: ``cloth``, ``fold`` (a part of the cloth that lies in shade), ``shade`` (a shadow on the cloth),
            ``crease`` (a line), ``lining``; ``main``, ``dark``, ``deep``, ``light`` of its paint; ``#rgb``.
        d: A path, or ``@cx cy r`` for a disc.
        width: Width of the line; 0 fills the shape.
    """

    tone: str
    d: str
    width: float = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """Something that a garment may have, drawn in a paint of its own.

    Attributes:
        name: As questions call it, such as ``buttons``.
        words: Wordings for captions, without article and colour.
        layers: Tones are those of the detail's own paint.
        number: Whether the words take an article (``one``), are plural (``many``) or neither (``mass``).
        natural: ``#rgb`` when the caption names no colour; empty: a dark shade of the garment.
        colours: Which colours a caption may give it: ``metal``, ``any``, ``fur`` or empty for none.
        place: Two details with the same place never come together.
        count: How many of it are drawn, where they can be counted.
    """

    name: str
    words: tuple[str, ...]
    layers: tuple[Layer, ...]
    number: Number = "many"
    natural: str = ""
    colours: str = "any"
    place: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Garment:
    """Something to wear or carry.

    Attributes:
        name: As questions call it; plural for pants and shoes.
        words: Wordings for captions.
        group: Look-alikes; wrong answers never come from the same group.
        layers: Its shapes in painting order.
        plural: Its name is a plural.
        pair: It may be called a pair.
        gloss: Path of the highlight that silk, satin and leather have.
        stitch: Path of the seams that denim shows.
        natural: Colour name when the caption names none.
        materials: What it may be made of.
        patterned: Whether it may carry a pattern.
    """

    name: str
    words: tuple[str, ...]
    group: str
    layers: tuple[Layer, ...]
    details: tuple[Detail, ...] = ()
    plural: bool = False
    pair: bool = False
    gloss: str = ""
    stitch: str = ""
    natural: str = "gray"
    materials: tuple[str, ...] = field(default=())
    patterned: bool = True


class Cloth(NamedTuple):
    """What a garment is filled with.

    Attributes:
        fill: A colour, or ``url(#id)`` of a pattern or gradient.
        paint: The shades of its main colour.
        textured: Whether the fill is more than a colour.
    """

    fill: str
    paint: Paint
    textured: bool


def mirror(d: str) -> str:
    """Returns a path together with its mirror image about x = 50."""
    return d + write_path(transform_path(parse_path(d), _MIRROR), 0.01, "absolute")


@lru_cache(maxsize=4096)
def _place(d: str) -> str:
    return write_path(transform_path(parse_path(d), _TO_CANVAS), 0.01, "absolute")


@lru_cache(maxsize=4096)
def _measure_path(d: str) -> int:
    return len(_STEP.findall(d))


def measure_layers(layers: tuple[Layer, ...]) -> int:
    """Returns about how many numbers, path commands and attributes the layers take in the file."""
    return sum(_measure_path(layer.d) + (9 if layer.width else 5) for layer in layers)


def _add_shape(sheet: Sheet, layer: Layer, colour: str, opacity: float | None = None, edge: str = "") -> None:
    if layer.d.startswith("@"):
        cx, cy, r = (2 * float(part) for part in layer.d[1:].split())
        sheet.add("circle", cx=cx, cy=cy, r=r, fill=colour, opacity=opacity)
    elif layer.width:
        sheet.add(
            "path", d=_place(layer.d), fill="none", stroke=colour, stroke_width=round(2 * layer.width),
            stroke_linecap="round", opacity=opacity,
        )  # fmt: skip
    else:
        sheet.add(
            "path", d=_place(layer.d), fill=colour, stroke=edge or None, stroke_width=2 if edge else None,
            opacity=opacity,
        )  # fmt: skip


def draw_layers(sheet: Sheet, layers: tuple[Layer, ...], cloth: Cloth) -> None:
    """Draws a garment's or a detail's shapes in painting order."""
    paint = cloth.paint
    for layer in layers:
        tone = layer.tone
        if tone == "cloth":
            _add_shape(sheet, layer, cloth.fill)
        elif tone == "fold":
            _add_shape(
                sheet,
                layer,
                cloth.fill if cloth.textured else paint.dark,
                edge=paint.deep if cloth.textured else "",
            )
        elif tone == "shade" and cloth.textured:
            _add_shape(sheet, layer, "#000", 0.2)
        else:
            tones = {
                "shade": paint.dark, "crease": paint.deep, "lining": paint.deep, "main": paint.main,
                "dark": paint.dark, "deep": paint.deep, "light": paint.light,
            }  # fmt: skip
            _add_shape(sheet, layer, tones.get(tone, tone))


def draw_finish(sheet: Sheet, garment: Garment, material: str) -> None:
    """Draws what a material shows on top of its fill: the highlight of silk, the seams of denim."""
    if material in ("silk", "satin", "leather", "patent leather") and garment.gloss:
        sheet.add(
            "path", d=_place(garment.gloss), fill="none", stroke="#fff", stroke_width=6,
            stroke_linecap="round", opacity=0.5 if material != "leather" else 0.35,
        )  # fmt: skip
    if material == "denim" and garment.stitch:
        sheet.add(
            "path",
            d=_place(garment.stitch),
            fill="none",
            stroke="#fc6",
            stroke_width=2,
            stroke_dasharray="6 3",
        )


def _rect(size: str, fill: str) -> str:
    return f'<rect {size} fill="{fill}"/>'


def _path(d: str, fill: str, extra: str = "") -> str:
    return f'<path d="{d}" fill="{fill}"{extra}/>'


def _line(d: str, colour: str, width: int) -> str:
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _add_tile(sheet: Sheet, width: int, height: int, ground: str, body: str) -> str:
    return sheet.add_pattern(width, height, _rect(f'width="{width}" height="{height}"', ground) + body)


_CHECK = "M0 0h12v12H0zM12 12h12v12H12z"
_HOUND = "M0 0h12v12l12 12h-6l-6 -6v6H6v-6L0 12z"
_PETALS = "M14 14C8 2 20 2 14 14C26 8 26 20 14 14C20 26 8 26 14 14C2 20 2 8 14 14z"
_STAR = "M14 5l3 7h7l-6 4l2 7l-6 -4l-6 4l2 -7l-6 -4h7z"
_HEART = "M14 23q-9 -7 -9 -12t9 -2q9 -3 9 2t-9 12z"
_CHEVRON = "M0 0l12 10l12 -10v10l-12 10L0 10z"

PATTERNS: dict[str, Callable[[Sheet, str, str], str]] = {
    "checkered": lambda sheet, a, b: _add_tile(sheet, 24, 24, a, _path(_CHECK, b)),
    "striped": lambda sheet, a, b: _add_tile(sheet, 20, 20, a, _rect('width="20" height="10"', b)),
    "vertically striped": lambda sheet, a, b: _add_tile(sheet, 20, 20, a, _rect('width="10" height="20"', b)),
    "plaid": lambda sheet, a, b: _add_tile(
        sheet,
        32,
        32,
        a,
        _path("M0 6h32v14H0zM6 0h14v32H6z", b, ' opacity=".6"') + _line("M0 28h32M28 0v32", b, 2),
    ),
    "gingham": lambda sheet, a, b: _add_tile(
        sheet,
        20,
        20,
        b,
        _path("M0 0h10v20H0z", a, ' opacity=".6"') + _path("M0 0h20v10H0z", a, ' opacity=".6"'),
    ),
    "polka dot": lambda sheet, a, b: _add_tile(
        sheet,
        28,
        28,
        a,
        f'<circle cx="7" cy="7" r="5" fill="{b}"/><circle cx="21" cy="21" r="5" fill="{b}"/>',
    ),
    "houndstooth": lambda sheet, a, b: _add_tile(sheet, 24, 24, a, _path(_HOUND, b)),
    "floral": lambda sheet, a, b: _add_tile(
        sheet, 28, 28, a, _path(_PETALS, b) + '<circle cx="14" cy="14" r="3" fill="#fd3"/>'
    ),
    "zigzag": lambda sheet, a, b: _add_tile(sheet, 24, 20, a, _path(_CHEVRON, b)),
    "argyle": lambda sheet, a, b: _add_tile(
        sheet, 32, 48, a, _path("M16 0l16 24l-16 24l-16 -24z", b) + _line("M0 0l32 48M32 0l-32 48", "#fff", 1)
    ),
    "star print": lambda sheet, a, b: _add_tile(sheet, 28, 28, a, _path(_STAR, b)),
    "heart print": lambda sheet, a, b: _add_tile(sheet, 28, 28, a, _path(_HEART, b)),
}


_TEXTURES: dict[str, Callable[[Sheet, Paint], str]] = {
    "corduroy": lambda sheet, p: _add_tile(sheet, 10, 10, p.main, _rect('width="4" height="10"', p.dark)),
    "knit": lambda sheet, p: _add_tile(sheet, 14, 12, p.main, _line("M0 2l7 7l7 -7", p.dark, 3)),
    "cable-knit": lambda sheet, p: _add_tile(sheet, 20, 16, p.main, _line("M0 2l10 10l10 -10", p.dark, 4)),
    "tweed": lambda sheet, p: _add_tile(
        sheet, 16, 16, p.main, _line("M1 3h5M9 11h5", p.deep, 3) + _line("M9 3h5M1 11h5", p.light, 3)
    ),
    "wool": lambda sheet, p: _add_tile(sheet, 16, 16, p.main, _line("M2 6l4 -4M10 14l4 -4", p.dark, 3)),
    "linen": lambda sheet, p: _add_tile(sheet, 12, 12, p.main, _line("M0 3h12M3 0v12", p.light, 2)),
    "denim": lambda sheet, p: _add_tile(
        sheet, 8, 8, p.main, _line("M0 8l8 -8", mix_colour(p.main, p.dark, 0.5), 3)
    ),
    "lace": lambda sheet, p: _add_tile(
        sheet, 20, 20, p.main,
        _line("M16 10a6 6 0 0 1 -12 0a6 6 0 0 1 12 0", p.light, 3),
    ),
    "flannel": lambda sheet, p: PATTERNS["plaid"](sheet, p.main, p.dark),
    "sequined": lambda sheet, p: _add_tile(
        sheet, 14, 14, p.main,
        f'<circle cx="4" cy="4" r="3" fill="{p.light}"/><circle cx="11" cy="11" r="3" fill="{p.dark}"/>',
    ),
    "faux fur": lambda sheet, p: _add_tile(
        sheet, 16, 16, p.main, _line("M2 2q3 4 1 8M11 8q3 3 1 7", p.dark, 3) + _line("M8 0q3 3 1 6", p.light,
            3)
    ),
    "straw": lambda sheet, p: _add_tile(sheet, 16, 12, p.main, _line("M0 3h10M8 9h8", p.dark, 3)),
    "velvet": lambda sheet, p: sheet.add_gradient(p.dark, p.main, p.light, p.main, p.deep, vertical=False),
    "silk": lambda sheet, p: sheet.add_gradient(
        p.main, p.light, p.main, p.dark, p.main, p.light, p.main, vertical=False
    ),
    "satin": lambda sheet, p: sheet.add_gradient(p.light, p.main, p.dark, p.main, p.light, vertical=False),
    "suede": lambda sheet, p: sheet.add_gradient(mix_colour(p.main, p.light, 0.4), p.main, p.dark),
    "leather": lambda sheet, p: sheet.add_gradient(p.main, p.dark),
    "patent leather": lambda sheet, p: sheet.add_gradient(p.main, p.dark),
}  # fmt: skip


def cut_cloth(sheet: Sheet, colour: str, *, material: str = "", pattern: str = "", second: str = "") -> Cloth:
    """Defines on the sheet what a garment is filled with.

    Args:
        sheet: Gets the pattern or gradient.
        colour: ``#rgb``.
        material: Smooth materials, such as cotton, have no texture and stay a plain colour.
        pattern: A key of ``PATTERNS``; takes precedence over the material's texture.
        second: ``#rgb`` of the pattern's second colour.
    """
    paint = build_paint(colour)
    if pattern:
        return Cloth(PATTERNS[pattern](sheet, colour, second), paint, textured=True)
    fill = _TEXTURES[material](sheet, paint) if material in _TEXTURES else paint.main
    return Cloth(fill, paint, textured=fill != paint.main)
