"""A document tree to a flat list of painted shapes in canvas units."""

from __future__ import annotations

import math
from collections import Counter

from lxml import etree

from svgtune.config.form import NormalForm
from svgtune.errors import SvgError
from svgtune.svg.clip import Clip
from svgtune.svg.colour import is_known_colour, reference_of, split_paint
from svgtune.svg.geometry import (
    SHAPE_NAMES,
    Geometry,
    read_geometry,
    simplify_geometry,
    snap_geometry,
    transform_geometry,
)
from svgtune.svg.items import Item, PatternPaint, Shape, fade_items
from svgtune.svg.layout import PATTERN, USER_SPACE, write_attributes
from svgtune.svg.paint import (
    Gradient,
    judge_box,
    read_gradient,
    write_matrix,
)
from svgtune.svg.parse import XLINK_HREF, local_name, svg_name
from svgtune.svg.path import Matrix, format_number, write_path
from svgtune.svg.scope import Definitions, Scope
from svgtune.svg.shape import ShapeBuilder
from svgtune.svg.style import Style, StyleSheets, inherit
from svgtune.svg.units import (
    Viewport,
    determinant,
    fit_view_box,
    has_units,
    multiply,
    read_length,
    read_number,
    read_numbers,
    read_transform,
    read_view_box,
)

MAX_SHAPES = 5_000
MAX_VISITS = 20_000
MAX_DEPTH = 100

_UNPAINTED = frozenset(
    (
        "clipPath",
        "defs",
        "filter",
        "linearGradient",
        "marker",
        "mask",
        "pattern",
        "radialGradient",
        "symbol",
        "style",
    )
)
_REPORTED = {"text": "has_text", "image": "has_image", "foreignObject": "has_foreign_object"}
_ANIMATIONS = frozenset(("animate", "animateTransform", "animateMotion", "animateColor", "set"))
_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
_MARKED_SHAPES = frozenset(("path", "line", "polyline", "polygon"))
_CONDITIONS = frozenset(("display", "width", "height", "systemLanguage", "requiredExtensions"))
_EFFECTS = frozenset(("mask", "filter", "mix-blend-mode", "clip"))


class Flattener:
    """Walks a document and collects what it paints.

    Attributes:
        lost: Reasons for which the result may look different.
        changes: What was rewritten or left out without a visible difference.
    """

    def __init__(self, root: etree._Element, form: NormalForm) -> None:
        self.lost: set[str] = set()
        self.changes: set[str] = set()
        self.form = form
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
        self._count_visit(scope)
        name = svg_name(element)
        if name in _UNPAINTED:
            return []
        own = self.read_attributes(element)
        if not _CONDITIONS.isdisjoint(own) and _is_left_out(own):
            return []
        if name in _REPORTED or name in _ANIMATIONS:
            self._report(name, element, own)
            return []
        inner = self._enter(own, scope, is_paintable=name == "use" or name in SHAPE_NAMES)
        if inner is None:
            return []
        if name in SHAPE_NAMES:
            shape = self._flatten_shape(name, own, inner)
            return [shape] if shape else []
        if name == "use":
            # CairoSVG does not apply the opacity of a <use>.
            return self._flatten_use(own, inner)
        if name == "svg" and element.getparent() is not None:
            inner = self._enter_viewport(own, inner, own)
        return self._flatten_children(element, inner, read_number(own.get("opacity"), 1.0))

    def _count_visit(self, scope: Scope) -> None:
        self._visits += 1
        if self._visits > MAX_VISITS:
            raise SvgError(
                "too_many_elements", f"SVG: over {MAX_VISITS} elements once <use> is expanded; simplify it"
            )
        if scope.depth > MAX_DEPTH:
            raise SvgError(
                "too_deep", f"SVG: nested over {MAX_DEPTH} deep, perhaps a cycle of <use>; flatten it"
            )

    def _enter(self, own: dict[str, str], scope: Scope, *, is_paintable: bool) -> Scope | None:
        """Returns the scope inside an element, or None if nothing in it can be painted."""
        style = inherit(scope.style, own)
        if is_paintable:
            self._check_paints(own, style)
        matrix = self._read_matrix(own, scope)
        if determinant(matrix) == 0 or not all(map(math.isfinite, matrix)):
            return None
        if not _EFFECTS.isdisjoint(own):
            self._check_effects(own)
        inner = scope._replace(style=style, matrix=matrix, depth=scope.depth + 1)
        outline = self._definitions.outlines.get(reference_of(own.get("clip-path")) or "")
        if outline is None:
            return inner
        return inner._replace(clips=(*inner.clips, self._read_clip(outline, inner)))

    def _flatten_children(self, element: etree._Element, scope: Scope, opacity: float) -> list[Item]:
        if opacity < 0.0005:
            return []
        items: list[Item] = []
        is_switch = local_name(element) == "switch"
        for child in element:
            items += self.flatten(child, scope)
            if items and is_switch:
                break
        return fade_items(items, opacity) if opacity < 0.9995 else items

    def _read_matrix(self, own: dict[str, str], scope: Scope) -> Matrix:
        text = own.get("transform")
        if not text:
            return scope.matrix
        step = read_transform(text)
        if has_units(text):
            self.lost.add("has_transform_units")
        if own.get("transform-origin"):
            origin = read_numbers(own["transform-origin"])
            if len(origin) == 2 and "%" not in own["transform-origin"]:
                x, y = origin
                step = multiply(multiply((1, 0, 0, 1, x, y), step), (1, 0, 0, 1, -x, -y))
            else:
                self.lost.add("has_transform_origin")
        return multiply(scope.matrix, step)

    def _report(self, name: str, element: etree._Element, own: dict[str, str]) -> None:
        if name in _ANIMATIONS:
            self.changes.add("animation")
            return
        if name == "text" and not "".join(map(str, element.itertext())).strip():
            return
        if own.get("visibility") != "hidden":
            self.lost.add(_REPORTED[name])

    def _check_effects(self, own: dict[str, str]) -> None:
        """Reports effects that the normal form has no place for."""
        if reference_of(own.get("mask")) in self._definitions.masks:
            self.lost.add("has_mask")
        if reference_of(own.get("filter")) in self._definitions.filters:
            self.lost.add("has_filter")
        if own.get("mix-blend-mode", "normal") != "normal":
            self.lost.add("has_blend_mode")
        if own.get("clip") and "rect" in own["clip"]:
            self.lost.add("has_clip_path")

    def _check_paints(self, own: dict[str, str], style: Style) -> None:
        """Reports paints that CairoSVG gets wrong: gradients that lose their stops, unknown colours."""
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
        if attributes.get("display") == "none":
            return []
        self._check_effects(attributes)
        size = attributes
        if "width" in own and "height" in own:
            size = {**attributes, "width": own["width"], "height": own["height"]}
        scope = scope._replace(
            matrix=self._read_matrix(attributes, scope),
            style=inherit(scope.style, attributes),
            depth=scope.depth + 1,
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
            clips = (*clips, Clip(snap_geometry(frame, self.form.grid), "has_nested_viewport"))
        return scope._replace(matrix=multiply(place, fit), viewport=viewport, clips=clips)

    def _read_clip(self, outline: etree._Element, scope: Scope) -> Clip:
        """Reads a clip path of one shape; any other kind is only reported."""
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
                shapes.append(snap_geometry(transform_geometry(geometry, child_matrix), self.form.grid))
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
        if (
            self._definitions.markers
            and kind in _MARKED_SHAPES
            and any(reference_of(style.get(marker)) in self._definitions.markers for marker in _MARKERS)
        ):
            self.lost.add("has_marker")
        builder = ShapeBuilder(self, scope, own, geometry, font_size)
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
            # CairoSVG draws a tile at one pixel a unit and stretches it, so another scale is another
            # sharpness.
            self.lost.add("has_pattern")
        self._pattern_depth += 1
        style: Style = {}
        for ancestor in reversed([*element.iterancestors()]):
            style = inherit(style, self.read_attributes(ancestor))
        inner = Scope(
            inherit(style, own), (scale, 0, 0, scale, 0, 0), Viewport(width, height), (), scope.depth + 1
        )
        items = self._flatten_children(element, inner, read_number(own.get("opacity"), 1.0))
        self._pattern_depth -= 1
        decimals = self.form.decimals
        written = [format_number(value * scale, decimals + 1) for value in (x, y, width, height)]
        transform = write_matrix(multiply(matrix, (1 / scale, 0.0, 0.0, 1 / scale, 0.0, 0.0)), decimals)
        pairs = list(zip(PATTERN, (*written, USER_SPACE, transform), strict=True))
        return PatternPaint(write_attributes(pairs), tuple(items)) if items else None

    @property
    def in_pattern(self) -> bool:
        """Whether shapes are measured in a pattern's tile and not on the canvas."""
        return self._pattern_depth > 0


def _is_left_out(own: dict[str, str]) -> bool:
    return own.get("display") == "none" or _is_empty(own) or not _is_supported(own)


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
