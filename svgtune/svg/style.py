"""Which properties hold on an element: attributes, style attribute, style sheets, inheritance."""

from __future__ import annotations

from collections.abc import Mapping

import cssselect2
import tinycss2
from cairosvg.css import parse_declarations
from lxml import etree

from svgtune.svg.parse import SVG_NAMESPACE
from svgtune.svg.units import read_numbers

Style = dict[str, str]

INHERITED = frozenset(
    (
        "fill",
        "fill-opacity",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-opacity",
        "color",
        "visibility",
        "font-size",
        "marker",
        "marker-start",
        "marker-mid",
        "marker-end",
    )
)

# CairoSVG sets these on the drawing state and never sets them back to the initial value, so inside a group
# that set one, an element that asks for the initial value does not get it.
_STICKY = {
    "stroke-linecap": frozenset(("round", "square")),
    "stroke-linejoin": frozenset(("round", "bevel")),
}

Declarations = tuple[list[tuple[str, str]], list[tuple[str, str]]]


def split_declarations(text: str) -> Declarations:
    """Splits a style attribute into normal and important (name, value) pairs."""
    if any(mark in text for mark in ("/*", "\\", "!", '"', "'", "{", "@")):
        normal, important = parse_declarations(text)
        return list(normal), list(important)
    normal = []
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if colon and name and name[0] != "-":
            normal.append((name, value.strip()))
    return normal, []


class StyleSheets:
    """The rules of a document's ``<style>`` elements.

    Attributes:
        unsupported: At-rules that were met and not applied, such as ``@media``.
    """

    def __init__(self, root: etree._Element) -> None:
        self.unsupported: set[str] = set()
        self._matches: dict[etree._Element, Declarations] = {}
        sheets = list(root.iter(f"{{{SVG_NAMESPACE}}}style"))
        if not sheets:
            return
        normal, important = cssselect2.Matcher(), cssselect2.Matcher()
        found = False
        for sheet in sheets:
            if sheet.text and sheet.get("type", "text/css") == "text/css":
                found |= self._add_rules(sheet.text, normal, important)
        if found:
            for wrapper in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree():
                plain = [pair for match in normal.match(wrapper) for pair in match[-1]]
                strong = [pair for match in important.match(wrapper) for pair in match[-1]]
                if plain or strong:
                    self._matches[wrapper.etree_element] = (plain, strong)

    def _add_rules(self, text: str, normal: cssselect2.Matcher, important: cssselect2.Matcher) -> bool:
        found = False
        for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
            if rule.type == "at-rule" and rule.lower_at_keyword not in ("charset", "font-face", "namespace"):
                self.unsupported.add(rule.lower_at_keyword)
            if rule.type != "qualified-rule":
                continue
            plain, strong = parse_declarations(rule.content)
            try:
                selectors = cssselect2.compile_selector_list(rule.prelude)
            except cssselect2.SelectorError:
                self.unsupported.add("selector")
                continue
            for selector in selectors:
                if selector.pseudo_element is None and not selector.never_matches:
                    found = True
                    if plain:
                        normal.add_selector(selector, plain)
                    if strong:
                        important.add_selector(selector, strong)
        return found

    def read_attributes(self, element: etree._Element) -> dict[str, str]:
        """Returns the element's own attributes with all style declarations folded in by the cascade."""
        own: dict[str, str] = dict(element.attrib)  # type: ignore[arg-type]
        inline = own.pop("style", None)
        if inline is None and not self._matches:
            return own
        plain, strong = split_declarations(inline) if inline else ([], [])
        sheet_plain, sheet_strong = self._matches.get(element, ([], []))
        for declarations in (sheet_plain, plain, sheet_strong, strong):
            own.update(declarations)
        return own


def inherit(parent: Style, own: Mapping[str, str]) -> Style:
    """Returns the inherited properties that hold inside an element."""
    changed: Style | None = None
    for name, value in own.items():
        if name not in INHERITED or value == "inherit":
            continue
        if name in _STICKY and value not in _STICKY[name]:
            continue
        if name == "stroke-dasharray" and not sum(read_numbers(value)):
            continue  # sticky as well
        if changed is None:
            changed = dict(parent)
        changed[name] = value
    if changed is None:
        return parent
    for name in ("fill", "stroke"):
        if changed.get(name) == "currentColor":
            changed[name] = changed.get("color", "black")
    return changed
