"""What a flattened drawing is made of, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from svgtune.svg.geometry import Box, Geometry, write_geometry
from svgtune.svg.layout import FILL, FILL_RULE, GROUP, OPACITIES, STROKE, STROKE_DETAILS, TRANSFORM, WORDS
from svgtune.svg.paint import OPACITY_DECIMALS
from svgtune.svg.path import format_number

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class PatternPaint:
    """A pattern whose content is already flattened.

    Attributes:
        head: The attributes of the pattern element, each with a space before it.
    """

    head: str
    items: tuple[Item, ...]


Paint = str | PatternPaint
"""``none``, a hexadecimal colour, a gradient element without id (it begins with ``<``), or a pattern."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Everything about a line but its colour; texts are as they are written."""

    width: str = "1"
    cap: str = "butt"
    join: str = "miter"
    miter_limit: str = "4"
    dashes: str = ""
    dash_offset: str = "0"


@dataclass(frozen=True, slots=True)
class Shape:
    """One painted shape.

    Attributes:
        geometry: In whole grid steps.
        box: What it may cover on the canvas, stroke included, in canvas units.
        transform: Written only where a stroke is distorted, else empty.
    """

    geometry: Geometry
    fill: Paint
    line: Paint
    stroke: Stroke
    box: Box
    opacity: float = 1.0
    fill_opacity: float = 1.0
    line_opacity: float = 1.0
    even_odd: bool = False
    transform: str = ""

    def has_one_paint(self) -> bool:
        """Whether only the inside or only the outline is painted."""
        return self.fill == "none" or self.line == "none"


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are painted together and then made translucent."""

    opacity: float
    items: tuple[Item, ...]


Item = Shape | Group


def fade_items(items: list[Item], opacity: float) -> list[Item]:
    """Makes items translucent as one picture, without a group where that gives the same pixels."""
    if len(items) == 1 and isinstance(items[0], Group):
        return [replace(items[0], opacity=items[0].opacity * opacity)]
    shapes = [item for item in items if isinstance(item, Shape) and item.has_one_paint()]
    if len(shapes) == len(items) <= 16 and _are_apart([shape.box for shape in shapes]):
        return [replace(shape, opacity=shape.opacity * opacity) for shape in shapes]
    return [Group(opacity, tuple(items))] if items else []


def _are_apart(boxes: list[Box]) -> bool:
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                return False
    return True


class Writer:
    """Writes items and gathers the definitions they need, named a, b, c ... in the order of first use."""

    def __init__(self, decimals: int, path_commands: str) -> None:
        self._decimals = decimals
        self._path_commands = path_commands
        self._ids: dict[str, str] = {}

    def write_definitions(self) -> str:
        """Returns the ``defs`` element for everything written so far, or nothing if nothing needs it."""
        parts = []
        for text, name in self._ids.items():
            end = min(i for i in (text.find(" "), text.find(">")) if i > 0)
            parts.append(f'{text[:end]} id="{name}"{text[end:]}')
        return f"<defs>{''.join(parts)}</defs>" if parts else ""

    def write_items(self, items: tuple[Item, ...] | list[Item]) -> str:
        """Returns the items' elements without anything between them."""
        return "".join([self._write_item(item) for item in items])

    def _write_item(self, item: Item) -> str:
        strength = format_number(_find_strength(item), OPACITY_DECIMALS)
        if strength == "0":
            # Factors that each can be seen may come to nothing together.
            return ""
        if isinstance(item, Group):
            inside = self.write_items(item.items)
            return f'<g {GROUP[0].name}="{strength}">{inside}</g>' if inside else ""
        return self._write_shape(item)

    def _write_shape(self, shape: Shape) -> str:
        kind = shape.geometry.kind
        pairs = write_geometry(shape.geometry, self._decimals, self._path_commands)
        if kind != "line":
            fill = self._write_paint(shape.fill)
            if fill != FILL.default:
                pairs.append((FILL.name, fill))
        has_fill = shape.fill != "none" and kind != "line"
        has_line = shape.line != "none"
        if has_line:
            pairs.append((STROKE.name, self._write_paint(shape.line)))
            pairs += _write_stroke(shape.stroke)
        pairs += _write_opacities(shape, has_fill, has_line)
        if shape.even_odd and has_fill:
            pairs.append((FILL_RULE.name, WORDS[FILL_RULE.kind][0]))
        if shape.transform:
            pairs.append((TRANSFORM.name, shape.transform))
        attributes = "".join([f' {name}="{value}"' for name, value in pairs])
        return f"<{kind}{attributes}/>"

    def _write_paint(self, paint: Paint) -> str:
        if isinstance(paint, PatternPaint):
            text = f"<pattern{paint.head}>{self.write_items(paint.items)}</pattern>"
        elif paint[0] == "<":
            text = paint
        else:
            return paint
        name = self._ids.setdefault(text, _name_of(len(self._ids)))
        return f"url(#{name})"


def _find_strength(item: Item) -> float:
    """Returns the opacity that an item has as a whole."""
    if isinstance(item, Group) or (item.fill != "none" and item.line != "none"):
        return item.opacity
    return item.opacity * (item.line_opacity if item.fill == "none" else item.fill_opacity)


def _write_stroke(stroke: Stroke) -> list[tuple[str, str]]:
    values = (
        stroke.width,
        stroke.cap,
        stroke.join,
        stroke.miter_limit,
        stroke.dashes,
        stroke.dash_offset,
    )
    rows = zip(STROKE_DETAILS, values, strict=True)
    return [(row.name, value) for row, value in rows if value != row.default]


def _write_opacities(shape: Shape, has_fill: bool, has_line: bool) -> list[tuple[str, str]]:
    opacity, fill, line = shape.opacity, shape.fill_opacity, shape.line_opacity
    if not (has_fill and has_line):
        # With one paint the two factors are one; the shorter attribute holds it.
        opacity, fill, line = opacity * (fill if has_fill else line), 1.0, 1.0
    values = [format_number(value, OPACITY_DECIMALS) for value in (opacity, fill, line)]
    rows = zip(OPACITIES, values, strict=True)
    return [(row.name, value) for row, value in rows if value != row.default]


def _name_of(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = _ID_LETTERS[rest] + name
    return name
