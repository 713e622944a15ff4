"""CairoSVG with less work for plain documents: the same calls of cairo in the same order, so the same pixels.

CairoSVG looks every element up in the style sheets and asks it for masks, filters, clips, markers, fonts and
positions of text. Where a document has no rules, and an element no such attributes, the answers are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import cairocffi
import cssselect2
from cairosvg import css, shapes
from cairosvg.colors import color
from cairosvg.defs import gradient_or_pattern
from cairosvg.helpers import PointError, normalize, paint, size, transform
from cairosvg.parser import Node, Tree
from cairosvg.path import path
from cairosvg.surface import PNGSurface

from svgtune.render.outline import draw_outline, read_outline
from svgtune.svg.safe_xml import read_xml

_SHAPES = {
    "circle": shapes.circle,
    "ellipse": shapes.ellipse,
    "line": shapes.line,
    "path": path,
    "polygon": shapes.polygon,
    "polyline": shapes.polyline,
    "rect": shapes.rect,
}
_LINE = frozenset(
    {"stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"}
    | {"stroke-miterlimit", "stroke-width"}
)
_GEOMETRY = frozenset(
    {"cx", "cy", "d", "height", "points", "r", "rx", "ry", "width", "x", "x1", "x2", "y", "y1", "y2"}
)
_PAINT = frozenset({"fill", "fill-opacity", "fill-rule", "id", "opacity", "stroke-opacity", "transform"})
# Of no effect, or read when the tree is built.
_SPENT = frozenset({"class", "style", "version"})
_PLAIN = _LINE | _GEOMETRY | _PAINT | _SPENT
"""Attributes of an element that can be drawn without any of CairoSVG's special cases."""

_CAPS = {"square": cairocffi.LINE_CAP_SQUARE, "round": cairocffi.LINE_CAP_ROUND}
_JOINS = {"round": cairocffi.LINE_JOIN_ROUND, "bevel": cairocffi.LINE_JOIN_BEVEL}

_FONT_SIZE = 12 * (96 * (1 / 72))
"""CairoSVG's 12pt, in which ``em`` is counted where no font size is given."""

_read_paint = lru_cache(maxsize=4096)(paint)
_read_colour = lru_cache(maxsize=4096)(color)


class _NoRules:
    """Stands for the matcher of a document without rules."""

    def match(self, element: Any) -> tuple[()]:
        return ()


_NO_RULES = (_NoRules(), _NoRules())


@lru_cache(maxsize=4096)
def _split_tag(tag: str) -> tuple[str, str]:
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name


class _PlainElement:
    """What a ``Node`` asks of an element that no selector looks at."""

    __slots__ = ("etree_element", "local_name", "namespace_url")

    def __init__(self, element: Element) -> None:
        self.etree_element = element
        self.namespace_url, self.local_name = _split_tag(element.tag)

    def iter_children(self) -> Iterator[_PlainElement]:
        return map(_PlainElement, self.etree_element)


class Document(Tree):
    """CairoSVG's tree of one text.

    Args:
        bytestring: The text.
        url_fetcher: Called for every reference that leads out of it.
    """

    def __init__(self, *, bytestring: bytes, url_fetcher: Callable[[str, str], bytes]) -> None:
        self.url = None
        self.url_fetcher = url_fetcher
        self.xml_tree = root = read_xml(bytestring)
        style = css.parse_stylesheets(self, None)
        if any(matcher.order for matcher in style):
            element = cssselect2.ElementWrapper.from_xml_root(root)
        else:
            style, element = _NO_RULES, _PlainElement(root)
        Node.__init__(self, element, style, url_fetcher)
        self.root = True


class LeanSurface(PNGSurface):
    """CairoSVG's image surface with a short way for plain shapes and groups."""

    font_size: float

    def draw(self, node: Node) -> None:
        """Draws a node and its children."""
        plain = node.keys() <= _PLAIN
        if plain and node.tag in _SHAPES and not node.children:
            self._draw_shape(node)
            return
        if not plain or node.tag != "g":
            super().draw(node)
            return
        # Children are drawn from here: a method of their own would halve the possible depth.
        if self._is_empty(node):
            return
        context, font_size = self.context, self.font_size
        opacity = self._enter(node)
        is_layer = opacity < 1 and node.children
        if is_layer:
            context.push_group()
        context.move_to(size(self, node.get("x"), "x"), size(self, node.get("y"), "y"))
        self._set_line(node)
        for child in node.children:
            self.draw(child)
        if is_layer:
            context.pop_group_to_source()
            context.paint_with_alpha(opacity)
        context.restore()
        self.font_size = font_size

    def _is_empty(self, node: Node) -> bool:
        return ("width" in node and size(self, node["width"]) == 0) or (
            "height" in node and size(self, node["height"]) == 0
        )

    def _enter(self, node: Node) -> float:
        """Saves the context and applies the transform; returns the opacity."""
        self.font_size = _FONT_SIZE
        self.context.save()
        if "transform" in node:
            transform(self, node["transform"])
        return float(node.get("opacity", 1))

    def _set_line(self, node: Node) -> None:
        if _LINE.isdisjoint(node):
            return
        context = self.context
        cap, join = node.get("stroke-linecap"), node.get("stroke-linejoin")
        if cap in _CAPS:
            context.set_line_cap(_CAPS[cap])
        if join in _JOINS:
            context.set_line_join(_JOINS[join])
        if "stroke-dasharray" in node:
            dashes = [size(self, dash) for dash in normalize(node["stroke-dasharray"]).split()]
            if sum(dashes):
                context.set_dash(dashes, size(self, node.get("stroke-dashoffset")))
        context.set_miter_limit(float(node.get("stroke-miterlimit", 4)))

    def _draw_shape(self, node: Node) -> None:
        if self._is_empty(node):
            return
        context, font_size = self.context, self.font_size
        opacity = self._enter(node)
        context.move_to(size(self, node.get("x"), "x"), size(self, node.get("y"), "y"))
        self._set_line(node)
        outline = read_outline(node.get("d", "")) if node.tag == "path" else None
        if outline is not None:
            draw_outline(context, outline)
        else:
            with suppress(PointError):  # the points before the bad one are drawn
                _SHAPES[node.tag](self, node)
        factor = opacity if opacity < 1 else 1.0
        fill_opacity = float(node.get("fill-opacity", 1)) * factor
        line_opacity = float(node.get("stroke-opacity", 1)) * factor
        if self.stroke_and_fill:
            # A shape in a marker would have that of the marked one.
            context.set_antialias(cairocffi.ANTIALIAS_DEFAULT)
            if node.get("fill-rule") == "evenodd":
                context.set_fill_rule(cairocffi.FILL_RULE_EVEN_ODD)
            self._paint(node, node.get("fill", "black"), fill_opacity, context.fill_preserve)
            context.set_line_width(size(self, node.get("stroke-width", "1")))
            self._paint(node, node.get("stroke"), line_opacity, context.stroke)
            context.new_path()
        context.restore()
        self.font_size = font_size

    def _paint(self, node: Node, value: str | None, opacity: float, put: Callable[[], None]) -> None:
        server, plain = _read_paint(value)
        if server is None:
            colour = _read_colour(plain, opacity)
            if colour[3] == 0:
                return
            self.context.set_source_rgba(*colour)
            put()
            return
        # A pattern leaves its transform in the context.
        self.context.save()
        if not gradient_or_pattern(self, node, server, opacity):
            self.context.set_source_rgba(*_read_colour(plain, opacity))
        put()
        self.context.restore()
