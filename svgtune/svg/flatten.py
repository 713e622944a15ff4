"""A document tree to a flat list of painted shapes in canvas units."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from svgtune.config.form import NormalForm
from svgtune.errors import SvgError
from svgtune.svg.clip import Clip, Verdict, clip_geometry
from svgtune.svg.colour import is_known_colour, read_colour, reference_of, split_paint
from svgtune.svg.geometry import (
    SHAPE_NAMES,
    Box,
    Geometry,
    box_of_geometry,
    has_area,
    is_closed,
    read_geometry,
    simplify_geometry,
    snap_geometry,
    transform_geometry,
    write_geometry,
)
from svgtune.svg.items import Item, Paint, PatternPaint, Shape, Stroke, fade_items
from svgtune.svg.paint import (
    Gradient,
    judge_box,
    keeps_box,
    read_gradient,
    round_matrix,
    solid_of,
    write_in_box,
    write_in_user_space,
    write_matrix,
)
from svgtune.svg.parse import XLINK_HREF, is_svg_element, local_name
from svgtune.svg.path import IDENTITY, Matrix, format_number, write_path
from svgtune.svg.style import Style, StyleSheets, inherit
from svgtune.svg.units import (
    Viewport,
    apply,
    determinant,
    fit_view_box,
    multiply,
    read_length,
    read_number,
    read_numbers,
    read_transform,
    read_view_box,
    uniform_scale,
)

MAX_SHAPES = 5_000
MAX_VISITS = 20_000
MAX_DEPTH = 100
CLIP_SLACK = 0.25
"""Canvas units (half a pixel at the judge's size) by which a shape may leave its clip unreported."""

_UNPAINTED = frozenset(
    ("clipPath", "defs", "filter", "linearGradient", "marker", "mask", "pattern", "radialGradient", "symbol", "style")
)
_REPORTED = {"text": "has_text", "image": "has_image", "foreignObject": "has_foreign_object"}
_ANIMATIONS = frozenset(("animate", "animateTransform", "animateMotion", "animateColor", "set"))
_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
_MARKED_SHAPES = frozenset(("path", "line", "polyline", "polygon"))


@dataclass(slots=True)
class Definitions:
    """Elements by id, as CairoSVG looks them up: the first for ``use``, the last for everything else."""

    by_id: dict[str, etree._Element] = field(default_factory=dict)
    gradients: dict[str, etree._Element] = field(default_factory=dict)
    patterns: dict[str, etree._Element] = field(default_factory=dict)
    outlines: dict[str, etree._Element] = field(default_factory=dict)
    masks: dict[str, etree._Element] = field(default_factory=dict)
    filters: dict[str, etree._Element] = field(default_factory=dict)
    markers: dict[str, etree._Element] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element) -> Definitions:
        """Collects the definitions of a document."""
        found = cls()
        tables = {
            "linearGradient": found.gradients,
            "radialGradient": found.gradients,
            "pattern": found.patterns,
            "clipPath": found.outlines,
            "path": found.outlines,
            "mask": found.masks,
            "filter": found.filters,
            "marker": found.markers,
        }
        for element in root.iter():
            name = element.get("id")
            if name:
                found.by_id.setdefault(name, element)
                table = tables.get(local_name(element))
                if table is not None:
                    table[name] = element
        return found


class Scope(NamedTuple):
    """What holds where an element stands."""

    style: Style
    matrix: Matrix
    viewport: Viewport
    clips: tuple[Clip, ...] = ()
    depth: int = 0


class Flattener:
    """Walks a document and collects what it paints.

    Attributes:
        lost: Reasons for which the result may look different.
        changes: What was rewritten or left out without a visible difference.
    """

    def __init__(self, root: etree._Element, form: NormalForm) -> None:
        self.lost: set[str] = set()
        self.changes: set[str] = set()
        self._form = form
        self._sheets = StyleSheets(root)
        self._definitions = Definitions.of(root)
        self._gradients: dict[str, Gradient] = {}
        self._heir_uses: Counter[str] = Counter()
        self._faded_patterns: set[str] = set()
        self._visits = self._shapes = 0
        self._pattern_depth = 0
        if self._sheets.unsupported:
            self.lost.add("has_style_sheet")
        self.read_attributes = self._sheets.read_attributes

    def flatten(self, element: etree._Element, scope: Scope) -> list[Item]:
        """Returns the items that an element and everything in it paint."""
        self._visits += 1
        if self._visits > MAX_VISITS:
            raise SvgError("too_many_elements", f"SVG: over {MAX_VISITS} elements once <use> is expanded; simplify it")
        if scope.depth > MAX_DEPTH:
            raise SvgError("too_deep", f"SVG: nested over {MAX_DEPTH} deep, perhaps a cycle of <use>; flatten it")
        name = local_name(element) if is_svg_element(element) else ""
        if name in _UNPAINTED:
            return []
        own = self.read_attributes(element)
        if own.get("display") == "none" or _is_empty(own) or not _is_supported(own):
            return []
        if name in _REPORTED:
            self._report(name, element, own)
            return []
        if name in _ANIMATIONS:
            self.changes.add("animation")
            return []
        style = inherit(scope.style, own)
        if name == "use" or name in SHAPE_NAMES:
            self._check_paints(own, style)
        matrix = self._read_matrix(own, scope)
        if determinant(matrix) == 0 or not all(map(math.isfinite, matrix)):
            return []
        inner = scope._replace(style=style, matrix=matrix, depth=scope.depth + 1)
        if not self._keep_effects(own):
            return []
        outline = self._definitions.outlines.get(reference_of(own.get("clip-path")) or "")
        if outline is not None:
            inner = inner._replace(clips=(*inner.clips, self._read_clip(outline, inner)))
        if name in SHAPE_NAMES:
            shape = self._flatten_shape(name, own, inner)
            return [shape] if shape else []
        opacity = read_number(own.get("opacity"), 1.0)
        if name == "use":
            # CairoSVG does not apply the opacity of a <use>.
            return self._flatten_use(own, inner)
        if name == "svg" and element.getparent() is not None:
            inner = self._enter_viewport(own, inner, own)
        return self._flatten_children(element, inner, opacity)

    def _flatten_children(self, element: etree._Element, scope: Scope, opacity: float) -> list[Item]:
        if opacity < 0.0005:
            return []
        items: list[Item] = []
        for child in element:
            items += self.flatten(child, scope)
            if items and local_name(element) == "switch":
                break
        return fade_items(items, opacity) if opacity < 0.9995 else items

    def _read_matrix(self, own: dict[str, str], scope: Scope) -> Matrix:
        text = own.get("transform")
        if not text:
            return scope.matrix
        step = read_transform(text)
        if own.get("transform-origin"):
            origin = read_numbers(own["transform-origin"])
            if len(origin) == 2 and "%" not in own["transform-origin"]:
                x, y = origin
                step = multiply(multiply((1, 0, 0, 1, x, y), step), (1, 0, 0, 1, -x, -y))
            else:
                self.lost.add("has_transform_origin")
        return multiply(scope.matrix, step)

    def _report(self, name: str, element: etree._Element, own: dict[str, str]) -> None:
        if name == "text" and not "".join(element.itertext()).strip():
            return
        if own.get("visibility") != "hidden":
            self.lost.add(_REPORTED[name])

    def _keep_effects(self, own: dict[str, str]) -> bool:
        """Notes effects that the normal form has no place for; returns False if nothing is painted at all."""
        if reference_of(own.get("mask")) in self._definitions.masks:
            self.lost.add("has_mask")
        if reference_of(own.get("filter")) in self._definitions.filters:
            self.lost.add("has_filter")
        if own.get("mix-blend-mode", "normal") != "normal":
            self.lost.add("has_blend_mode")
        if own.get("clip") and "rect" in own["clip"]:
            self.lost.add("has_clip_path")
        return True

    def _check_paints(self, own: dict[str, str], style: Style) -> None:
        """Reports paints that CairoSVG gets wrong: gradients whose stops it loses, colours it does not know."""
        for name in ("fill", "stroke"):
            server, colour = split_paint(style.get(name, "none"))
            gradient = self.gradient(server) if server else None
            if gradient is not None:
                self._heir_uses.update(gradient.heirs)
                if any(self._heir_uses[heir] > 1 for heir in gradient.heirs):
                    self.lost.add("has_reused_gradient")
            elif colour is not None and not is_known_colour(colour):
                self.lost.add("has_unknown_colour")
            if server is not None and server in self._definitions.patterns:
                # CairoSVG multiplies the opacities of all uses of a pattern into it.
                factors = [own.get("opacity"), style.get(f"{name}-opacity")]
                if server in self._faded_patterns:
                    self.lost.add("has_pattern")
                if any(read_number(factor, 1.0) < 0.9995 for factor in factors):
                    self._faded_patterns.add(server)

    def _flatten_use(self, own: dict[str, str], scope: Scope) -> list[Item]:
        href = own.get(XLINK_HREF) or own.get("href") or ""
        if href[:1] != "#":
            if href:
                self.lost.add("has_external_reference")
            return []
        target = self._definitions.by_id.get(href[1:])
        if target is None:
            return []
        self.changes.add("use")
        x = read_length(own.get("x"), scope.viewport.width)
        y = read_length(own.get("y"), scope.viewport.height)
        scope = scope._replace(matrix=multiply(scope.matrix, (1.0, 0.0, 0.0, 1.0, x, y)))
        if local_name(target) not in ("svg", "symbol"):
            return self.flatten(target, scope)
        attributes = self.read_attributes(target)
        if attributes.get("display") == "none" or not self._keep_effects(attributes):
            return []
        size = attributes
        if "width" in own and "height" in own:
            size = {**attributes, "width": own["width"], "height": own["height"]}
        scope = scope._replace(
            matrix=self._read_matrix(attributes, scope), style=inherit(scope.style, attributes), depth=scope.depth + 1
        )
        inner = self._enter_viewport(attributes, scope, size)
        return self._flatten_children(target, inner, read_number(attributes.get("opacity"), 1.0))

    def _enter_viewport(self, own: dict[str, str], scope: Scope, size: dict[str, str]) -> Scope:
        """Returns the scope inside a nested ``svg`` or a used ``symbol``."""
        outer = scope.viewport
        x, y = read_length(own.get("x"), outer.width), read_length(own.get("y"), outer.height)
        view_box = read_view_box(own)
        width = read_length(size.get("width", "100%"), outer.width) or (view_box[2] if view_box else 0)
        height = read_length(size.get("height", "100%"), outer.height) or (view_box[3] if view_box else 0)
        if width <= 0 or height <= 0:
            return scope._replace(clips=(*scope.clips, Clip(None, "has_clip_path")))
        fit, viewport = fit_view_box(
            view_box or (0.0, 0.0, width, height), width, height, own.get("preserveAspectRatio")
        )
        place = multiply(scope.matrix, (1.0, 0.0, 0.0, 1.0, x, y))
        clips = scope.clips
        if own.get("overflow", "hidden") != "visible":
            frame = transform_geometry(Geometry("rect", (0, 0, width, height, 0, 0)), place)
            clips = (*clips, Clip(snap_geometry(frame, self._form.grid), "has_nested_viewport"))
        return scope._replace(matrix=multiply(place, fit), viewport=viewport, clips=clips)

    def _read_clip(self, outline: etree._Element, scope: Scope) -> Clip:
        """Reads a clip path of one shape; any other kind can't be rewritten and hides shapes only to report them."""
        own = self.read_attributes(outline)
        unknown = Clip(Geometry("path", (), ()), "has_clip_path")
        if local_name(outline) != "clipPath" or own.get("clipPathUnits") == "objectBoundingBox":
            return unknown
        matrix = self._read_matrix(own, scope)
        shapes = []
        for child in outline:
            name, attributes = local_name(child), self.read_attributes(child)
            child_matrix = self._read_matrix(attributes, scope._replace(matrix=matrix))
            if name == "use":
                x = read_length(attributes.get("x"), scope.viewport.width)
                y = read_length(attributes.get("y"), scope.viewport.height)
                child_matrix = multiply(child_matrix, (1.0, 0.0, 0.0, 1.0, x, y))
                href = attributes.get(XLINK_HREF) or attributes.get("href") or ""
                target = self._definitions.by_id.get(href[1:])
                if target is None:
                    continue
                name, attributes = local_name(target), self.read_attributes(target)
                child_matrix = self._read_matrix(attributes, scope._replace(matrix=child_matrix))
            if name not in SHAPE_NAMES or attributes.get("clip-path") or determinant(child_matrix) == 0:
                if name not in ("title", "desc", "metadata"):
                    return unknown
                continue
            geometry, _ = read_geometry(name, attributes, scope.viewport, 16.0)
            if geometry and attributes.get("display") != "none":
                shapes.append(snap_geometry(transform_geometry(geometry, child_matrix), self._form.grid))
        if len(shapes) > 1:
            return unknown
        geometry = shapes[0] if shapes else None
        return Clip(simplify_geometry(geometry) if geometry else None, "has_clip_path")

    def _flatten_shape(self, kind: str, own: dict[str, str], scope: Scope) -> Shape | None:
        style = scope.style
        if style.get("visibility") == "hidden":
            return None
        self._shapes += 1
        if self._shapes > MAX_SHAPES:
            raise SvgError("too_many_elements", f"SVG: over {MAX_SHAPES} shapes; simplify the drawing")
        opacity = read_number(own.get("opacity"), 1.0)
        font_size = read_length(style.get("font-size"), 16.0, 16.0)
        geometry, problem = read_geometry(kind, own, scope.viewport, font_size)
        if problem:
            self.lost.add("has_bad_path")
            own = {**own, "d": write_path(geometry.segments, 1e-4) if geometry else ""}
        if geometry is None or opacity < 0.0005:
            return None
        if kind in _MARKED_SHAPES and any(
            reference_of(style.get(marker)) in self._definitions.markers for marker in _MARKERS
        ):
            self.lost.add("has_marker")
        builder = _ShapeBuilder(self, scope, own, geometry, font_size)
        return builder.build(style.get("fill", "black"), min(1.0, opacity))

    def gradient(self, name: str) -> Gradient | None:
        """Returns the gradient with that id, or None."""
        element = self._definitions.gradients.get(name)
        if element is None:
            return None
        if name not in self._gradients:
            self._gradients[name] = read_gradient(element, self._definitions.gradients, self.read_attributes)
        return self._gradients[name]

    def pattern(self, name: str, geometry: Geometry, d: str | None, scope: Scope) -> PatternPaint | None:
        """Returns the flattened pattern with that id, or None if there is none or it can't be kept."""
        element = self._definitions.patterns.get(name)
        if element is None:
            return None
        own = self.read_attributes(element)
        href = own.get(XLINK_HREF) or own.get("href")
        content_in_box = own.get("patternContentUnits") == "objectBoundingBox"
        if own.get("viewBox") or href or content_in_box or self._pattern_depth:
            self.lost.add("has_pattern")
            return None
        unit = scope.viewport
        wide, high = 1.0, 1.0
        if own.get("patternUnits") != "userSpaceOnUse":
            box = judge_box(geometry, d)
            if box is None:
                return None
            unit, wide, high = Viewport(1.0, 1.0), box[2] - box[0], box[3] - box[1]
        x, y = read_length(own.get("x"), unit.width) * wide, read_length(own.get("y"), unit.height) * high
        width, height = read_length(own.get("width"), 1.0) * wide, read_length(own.get("height"), 1.0) * high
        matrix = multiply(scope.matrix, read_transform(own.get("patternTransform", "")))
        scale = math.sqrt(abs(determinant(matrix)))
        if width <= 0 or height <= 0 or scale == 0:
            return None
        scale = 1.0 if abs(scale - 1) < 1e-3 else scale
        if not 0.8 <= scale <= 1.25:
            # CairoSVG draws a tile at one pixel a unit and stretches it, so another scale is another sharpness.
            self.lost.add("has_pattern")
        self._pattern_depth += 1
        style: Style = {}
        for ancestor in reversed([*element.iterancestors()]):
            style = inherit(style, self.read_attributes(ancestor))
        inner = Scope(inherit(style, own), (scale, 0, 0, scale, 0, 0), Viewport(width, height), (), scope.depth + 1)
        items = self._flatten_children(element, inner, read_number(own.get("opacity"), 1.0))
        self._pattern_depth -= 1
        decimals = self._form.decimals
        head = ""
        for key, value in (("x", x), ("y", y), ("width", width), ("height", height)):
            written = format_number(value * scale, decimals + 1)
            if written != "0":
                head += f' {key}="{written}"'
        head += ' patternUnits="userSpaceOnUse"'
        text = write_matrix(multiply(matrix, (1 / scale, 0.0, 0.0, 1 / scale, 0.0, 0.0)), decimals)
        if text:
            head += f' patternTransform="{text}"'
        return PatternPaint(head, tuple(items)) if items else None

    @property
    def form(self) -> NormalForm:
        """The form that the shapes are rounded to."""
        return self._form

    @property
    def in_pattern(self) -> bool:
        """Whether shapes are measured in a pattern's tile and not on the canvas."""
        return self._pattern_depth > 0


class _ShapeBuilder:
    """Brings one shape to the canvas: geometry, stroke, clips and paints."""

    def __init__(
        self, owner: Flattener, scope: Scope, own: dict[str, str], geometry: Geometry, font_size: float
    ) -> None:
        self._owner = owner
        self._scope = scope
        self._own = own
        self._source = geometry
        self._font_size = font_size
        self._grid = owner.form.grid
        self._decimals = owner.form.decimals
        self._d = own.get("d")

    def build(self, fill_text: str, opacity: float, *, may_have_line: bool = True) -> Shape | None:
        """Returns the shape, or None if nothing of it is painted on the canvas."""
        style = self._scope.style
        has_fill = self._is_painted(fill_text, "fill-opacity")
        width = read_length(
            style.get("stroke-width"), self._scope.viewport.diagonal, 1.0, self._font_size
        )
        has_line = may_have_line and width > 0 and self._is_painted(style.get("stroke", "none"), "stroke-opacity")
        if not has_fill and not has_line:
            return None
        matrix, keep = self._scope.matrix, IDENTITY
        scale = uniform_scale(matrix)
        if scale is None:
            scale = math.sqrt(abs(determinant(matrix)))
            if has_line:
                # A distorted line has no attribute of its own, so the distortion stays as a transform.
                scale = 1.0 if abs(scale - 1) < 1e-3 else scale
                keep = multiply(matrix, (1 / scale, 0.0, 0.0, 1 / scale, 0.0, 0.0))
                keep = round_matrix(keep, self._decimals)
                matrix = (scale, 0.0, 0.0, scale, 0.0, 0.0)
        dashes = self._read_dashes(scale) if has_line else ()
        moved = transform_geometry(self._source, matrix, keep_start=bool(dashes))
        snapped = snap_geometry(moved, self._grid)
        if snapped is None:
            return None
        if not dashes:
            snapped = simplify_geometry(snapped)
        has_fill = has_fill and has_area(snapped)
        if not has_fill and not has_line:
            return None
        stroke = self._write_stroke(snapped, width * scale, dashes, scale) if has_line else Stroke()
        reach = self._reach(snapped, width * scale) if has_line else 0.0
        cut = self._clip(snapped, reach, keep, can_cut=not has_line and keep == IDENTITY)
        if cut is None:
            return None
        snapped, box = cut
        fill, fill_alpha = self._paint(fill_text, "fill-opacity", snapped, matrix) if has_fill else ("none", 0.0)
        line_text = style.get("stroke", "none")
        line, line_alpha = self._paint(line_text, "stroke-opacity", snapped, matrix) if has_line else ("none", 0.0)
        if has_line and line == "none":
            # Its gradient or pattern paints nothing; without a line, more may be done to the shape.
            return self.build(fill_text, opacity, may_have_line=False)
        if fill == "none" and line == "none":
            return None
        return Shape(
            geometry=snapped,
            fill=fill,
            line=line,
            stroke=stroke,
            box=box,
            opacity=opacity,
            fill_opacity=fill_alpha if fill != "none" else 1.0,
            line_opacity=line_alpha if line != "none" else 1.0,
            even_odd=style.get("fill-rule") == "evenodd" and snapped.kind in ("path", "polygon", "polyline"),
            transform=write_matrix(keep, self._decimals) if keep != IDENTITY else "",
        )

    def _is_painted(self, text: str, opacity_name: str) -> bool:
        server, colour = split_paint(text)
        if read_number(self._scope.style.get(opacity_name), 1.0) < 0.0005:
            return False
        return server is not None or (colour is not None and read_colour(colour)[1] >= 0.0005)

    def _read_dashes(self, scale: float) -> tuple[float, ...]:
        text = self._scope.style.get("stroke-dasharray", "")
        if not text or text == "none":
            return ()
        diagonal = self._scope.viewport.diagonal
        words = text.replace(",", " ").split()
        lengths = tuple(read_length(w, diagonal, 0.0, self._font_size) * scale for w in words)
        return lengths if sum(lengths) > 0 and min(lengths) >= 0 and len(lengths) <= 64 else ()

    def _write_stroke(
        self, geometry: Geometry, width: float, dashes: tuple[float, ...], scale: float
    ) -> Stroke:
        style, decimals = self._scope.style, self._decimals + 1
        written_width = format_number(max(width, 10.0**-decimals), decimals)
        cap = style.get("stroke-linecap", "butt")
        if cap not in ("round", "square") or (not dashes and is_closed(geometry)):
            cap = "butt"
        join = style.get("stroke-linejoin", "miter")
        if join not in ("round", "bevel") or geometry.kind in ("circle", "ellipse", "line"):
            join = "miter"
        miter = "4"
        if join == "miter" and geometry.kind in ("path", "polyline", "polygon"):
            miter = format_number(max(1.0, read_number(style.get("stroke-miterlimit"), 4.0)), 2)
        written_dashes = " ".join(format_number(n, decimals) for n in dashes)
        offset = "0"
        if dashes:
            length = read_length(
                style.get("stroke-dashoffset"), self._scope.viewport.diagonal, 0.0, self._font_size
            )
            offset = format_number(length * scale, decimals)
        if not written_dashes.replace("0", "").strip():
            written_dashes, offset = "", "0"
        return Stroke(written_width, cap, join, miter, written_dashes, offset)

    def _reach(self, geometry: Geometry, width: float) -> float:
        """How far a line may stand out from its outline, in canvas units."""
        style = self._scope.style
        half = width / 2
        if geometry.kind in ("circle", "ellipse", "rect"):
            return half
        reach = half * 1.4143 if style.get("stroke-linecap") == "square" else half
        if style.get("stroke-linejoin", "miter") not in ("round", "bevel") and geometry.kind != "line":
            reach = max(reach, half * max(1.0, read_number(style.get("stroke-miterlimit"), 4.0)))
        return reach

    def _clip(
        self, geometry: Geometry, reach: float, keep: Matrix, *, can_cut: bool
    ) -> tuple[Geometry, Box] | None:
        """Returns what the clips and the canvas leave of a shape, with its box in canvas units, or None."""
        owner, grid = self._owner, self._grid
        for clip in self._scope.clips:
            box = self._canvas_box(geometry, reach, keep)
            in_steps = (box[0] / grid, box[1] / grid, box[2] / grid, box[3] / grid)
            if clip.geometry is not None and clip.geometry.kind == "path" and not clip.geometry.segments:
                owner.lost.add(clip.reason)
                continue
            verdict, geometry = clip_geometry(
                geometry, in_steps, clip, slack=CLIP_SLACK / grid, can_cut=can_cut
            )
            if verdict is Verdict.OUTSIDE:
                owner.changes.add("clipped_away")
                return None
            if verdict is Verdict.LOST:
                owner.lost.add(clip.reason)
            elif verdict is Verdict.CUT:
                owner.changes.add("clip_path")
                geometry = simplify_geometry(geometry)
        box = self._canvas_box(geometry, reach, keep)
        side = owner.form.canvas
        if not owner.in_pattern and (box[0] >= side or box[1] >= side or box[2] <= 0 or box[3] <= 0):
            owner.changes.add("off_canvas")
            return None
        return geometry, box

    def _canvas_box(self, geometry: Geometry, reach: float, keep: Matrix) -> Box:
        left, top, right, bottom = box_of_geometry(geometry)
        grid = self._grid
        box = (left * grid - reach, top * grid - reach, right * grid + reach, bottom * grid + reach)
        if keep == IDENTITY:
            return box
        corners = [apply(keep, x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def _paint(self, text: str, opacity_name: str, snapped: Geometry, matrix: Matrix) -> tuple[Paint, float]:
        alpha = min(1.0, read_number(self._scope.style.get(opacity_name), 1.0))
        server, fallback = split_paint(text)
        if server is not None:
            gradient = self._owner.gradient(server)
            if gradient is not None:
                paint, own_alpha = self._write_gradient(gradient, snapped, matrix)
                if paint is not None:
                    return (paint, alpha * own_alpha) if own_alpha >= 0.0005 else ("none", 0.0)
            elif pattern := self._pattern(server, matrix):
                return pattern, alpha
        if fallback is None:
            return "none", 0.0
        colour, own_alpha = read_colour(fallback)
        return (colour, alpha * own_alpha) if alpha * own_alpha >= 0.0005 else ("none", 0.0)

    def _pattern(self, server: str, matrix: Matrix) -> PatternPaint | None:
        return self._owner.pattern(server, self._source, self._d, self._scope._replace(matrix=matrix))

    def _write_gradient(
        self, gradient: Gradient, snapped: Geometry, matrix: Matrix
    ) -> tuple[str | None, float]:
        """Returns the gradient's text, or a plain colour if it is one; None where only the fallback is painted."""
        box = None
        if not gradient.in_user_space:
            box = judge_box(self._source, self._d)
            if box is None:
                return None, 0.0
        solid = solid_of(gradient)
        if solid is not None:
            return solid
        if box is not None:
            scaled = Geometry(snapped.kind, tuple(v * self._grid for v in snapped.values), snapped.segments)
            d = None
            if snapped.kind == "path":
                d = dict(write_geometry(snapped, self._decimals, self._owner.form.path_commands))["d"]
            if keeps_box(matrix, box, judge_box(scaled, d), CLIP_SLACK):
                in_box = write_in_box(gradient)
                if in_box is not None:
                    return in_box, 1.0
        written = write_in_user_space(gradient, matrix, self._scope.viewport, box, self._decimals)
        if written is None:
            self._owner.lost.add("has_flat_gradient")
            return gradient.stops[-1][1], gradient.stops[-1][2]
        return written, 1.0


def _is_empty(own: dict[str, str]) -> bool:
    """CairoSVG draws nothing for any element whose own width or height is zero."""
    for name in ("width", "height"):
        text = own.get(name)
        if text is not None and "%" not in text and read_length(text, 0.0) == 0:
            return True
    return False


def _is_supported(own: dict[str, str]) -> bool:
    """Conditional processing: drawings are read as by an English reader without extensions."""
    languages = own.get("systemLanguage")
    if languages is not None and not any(tag.strip().startswith("en") for tag in languages.split(",")):
        return False
    return "requiredExtensions" not in own
