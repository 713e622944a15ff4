"""One canonical text per drawing: a square canvas, a background, flat shapes on a grid."""

from __future__ import annotations

from dataclasses import dataclass

from svgtune.config.form import NormalForm
from svgtune.errors import SvgError
from svgtune.svg.clip import holds_box
from svgtune.svg.colour import shorten_hex
from svgtune.svg.flatten import Flattener
from svgtune.svg.geometry import Box, Geometry
from svgtune.svg.items import Item, Shape, Stroke, Writer
from svgtune.svg.parse import SVG_NAMESPACE, parse_svg
from svgtune.svg.path import IDENTITY, Matrix
from svgtune.svg.scope import Scope
from svgtune.svg.units import Viewport, fit_view_box, multiply, read_length, read_view_box

JUDGE_SIDE = 384.0
_EDGE_SLACK = 0.3
_DEFAULT_FORM = NormalForm()


@dataclass(frozen=True, slots=True)
class Canonical:
    """A drawing in normal form.

    Attributes:
        svg: Passes ``check_svg``; ``canonical_svg(svg)`` returns it unchanged.
        changes: What was rewritten without a visible difference, as snake_case words.
        lost: Why the drawing may look different from the original; empty if it does not.
    """

    svg: str
    changes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def canonical_svg(text: str | bytes, form: NormalForm = _DEFAULT_FORM) -> Canonical:
    """Brings a drawing into normal form.

    The reference is what CairoSVG draws, not what the file's author may have meant: an opacity on ``use``,
    for instance, has no effect there and so none here. A drawing that is not square is centred on the canvas.

    Args:
        text: Any SVG document.
        form: Canvas, grid, path style and limits.

    Raises:
        SvgError: With the reasons of ``parse_svg``, or no_canvas, nothing_drawn, too_many_bytes or
            out_of_range.
    """
    try:
        return _bring(text, form)
    except SvgError:
        raise
    except (ArithmeticError, ValueError, RecursionError) as error:
        # Such as forty nested scales by a million, or a style of a thousand braces.
        raise SvgError(
            "out_of_range",
            f"SVG: numbers or nesting beyond any drawing ({error!s:.60}); write it with coordinates near its "
            "canvas",
        ) from error


def _bring(text: str | bytes, form: NormalForm) -> Canonical:
    root = parse_svg(text, skip_doctype=True)
    flattener = Flattener(root, form)
    own = flattener.read_attributes(root)
    matrix, viewport, content = place_root(own, form.canvas)
    items = flattener.flatten(root, Scope({}, matrix, viewport))
    if not items:
        raise SvgError(
            "nothing_drawn", "SVG: paints nothing inside its canvas; draw at least one visible shape"
        )
    background, items = _take_background(items, content, form)
    items += _cover_bars(items, content, background, form)
    writer = Writer(form.decimals, form.path_commands)
    body = writer.write_items(items)
    if background:
        side = form.canvas
        fill = "" if background == "#000" else f' fill="{background}"'
        body = f'<rect width="{side}" height="{side}"{fill}/>{body}'
    svg = write_head(form) + writer.write_definitions() + body + "</svg>"
    if len(svg) > form.max_bytes:
        raise SvgError(
            "too_many_bytes",
            f"SVG: {len(svg)} bytes in normal form, over the {form.max_bytes} allowed; simplify the drawing",
        )
    return Canonical(svg, tuple(sorted(flattener.changes)), tuple(sorted(flattener.lost)))


def write_head(form: NormalForm) -> str:
    """Writes the root's start tag, the same for every drawing."""
    size = f' width="{form.width_px}" height="{form.width_px}"' if form.width_px else ""
    return f'<svg xmlns="{SVG_NAMESPACE}"{size} viewBox="0 0 {form.canvas} {form.canvas}">'


def place_root(own: dict[str, str], canvas: int) -> tuple[Matrix, Viewport, Box]:
    """Returns the map from user units to the canvas, the root viewport, and where its surface lies."""
    view_box = read_view_box(own)
    if view_box is None and own.get("viewBox"):
        raise SvgError(
            "no_canvas",
            f"SVG: viewBox {own['viewBox'][:60]!r} has no area; give it four numbers, size above 0",
        )
    # Percentages of the root have nothing to refer to: CairoSVG takes the viewBox's size.
    width = read_length(own.get("width"), 0.0) or (view_box[2] if view_box else 0.0)
    height = read_length(own.get("height"), 0.0) or (view_box[3] if view_box else 0.0)
    if view_box is None and not (width > 0 and height > 0):
        # The judge gives a drawing without any size this one.
        width, height = width or JUDGE_SIDE, height or JUDGE_SIDE
        view_box = (0.0, 0.0, JUDGE_SIDE, JUDGE_SIDE)
    if width <= 0 or height <= 0:
        raise SvgError("no_canvas", f"SVG: canvas of {width:g} x {height:g}; give the root a positive size")
    inner, viewport = fit_view_box(
        view_box or (0.0, 0.0, width, height), width, height, own.get("preserveAspectRatio")
    )
    outer, _ = fit_view_box((0.0, 0.0, width, height), float(canvas), float(canvas), None)
    matrix = multiply(outer, inner)
    if all(abs(a - b) < 1e-9 for a, b in zip(matrix, IDENTITY, strict=True)):
        matrix = IDENTITY
    content = (outer[4], outer[5], canvas - outer[4], canvas - outer[5])
    return matrix, viewport, content


def _take_background(items: list[Item], content: Box, form: NormalForm) -> tuple[str, list[Item]]:
    """Returns the background colour, empty if the first item is the background, and the items above."""
    side = form.canvas
    canvas = (0.0, 0.0, float(side), float(side))
    for i in range(len(items) - 1, -1, -1):
        item = items[i]
        if not isinstance(item, Shape) or not _is_opaque_rect(item):
            continue
        if isinstance(item.fill, str) and item.fill[0] == "#" and holds_box(item.box, content, _EDGE_SLACK):
            return item.fill, items[i + 1 :]
        if holds_box(item.box, canvas, 0.0):
            return "", items[i:]
    return shorten_hex(form.background), items


def _is_opaque_rect(shape: Shape) -> bool:
    geometry = shape.geometry
    if geometry.kind != "rect" or geometry.values[4] or shape.line != "none" or shape.transform:
        return False
    if shape.opacity * shape.fill_opacity < 0.9995 or not isinstance(shape.fill, str):
        return False
    return "stop-opacity" not in shape.fill


def _cover_bars(items: list[Item], content: Box, background: str, form: NormalForm) -> list[Item]:
    """Returns rectangles that hide what a drawing that is not square paints beyond its own canvas."""
    left, top, side = content[0], content[1], form.canvas
    if left < 0.05 and top < 0.05:
        return []
    boxes = [shape.box for shape in _shapes_of(items)]
    if all(holds_box(content, box, _EDGE_SLACK) for box in boxes):
        return []
    bars: list[Box] = []
    if left >= 0.05:
        bars = [(0.0, 0.0, left, float(side)), (side - left, 0.0, float(side), float(side))]
    else:
        bars = [(0.0, 0.0, float(side), top), (0.0, side - top, float(side), float(side))]
    return [_bar(bar, background or form.background, form.grid) for bar in bars]


def _bar(box: Box, fill: str, grid: float) -> Shape:
    x, y, right, bottom = (round(n / grid) for n in box)
    geometry = Geometry("rect", (x, y, right - x, bottom - y, 0, 0))
    return Shape(geometry, fill, "none", Stroke(), box)


def _shapes_of(items: list[Item] | tuple[Item, ...]) -> list[Shape]:
    shapes: list[Shape] = []
    for item in items:
        shapes += [item] if isinstance(item, Shape) else _shapes_of(item.items)
    return shapes
