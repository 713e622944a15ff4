"""The competition's rules for an SVG, every violation at once.

The tables are the scorer's own list (not the gateway's wider one); two rules are stricter than the scorer,
which is blind there: the root is ``svg``, and there is no text between elements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden

from svgtune.svg.parse import MAX_INPUT_BYTES
from svgtune.svg.safe_xml import read_xml

MAX_BYTES = 10_000
_MOST_VIOLATIONS = 1_000
_LONGEST_PATH = 400
_LONGEST_VALUE = 80


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON_ATTRIBUTES = _names(
    "id clip-path clip-rule color color-interpolation color-interpolation-filters color-rendering display"
    " fill fill-opacity fill-rule filter flood-color flood-opacity lighting-color marker-end marker-mid"
    " marker-start mask opacity paint-order stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset"
    " stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width transform"
)
"""Allowed on every element."""

ELEMENT_ATTRIBUTES: dict[str, frozenset[str]] = {
    "svg": _names("width height viewBox preserveAspectRatio"),
    "g": _names("viewBox"),
    "defs": frozenset(),
    "symbol": _names("viewBox x y width height"),
    "use": _names("x y width height href"),
    "marker": _names("viewBox preserveAspectRatio refX refY markerUnits markerWidth markerHeight orient"),
    "pattern": _names(
        "viewBox preserveAspectRatio x y width height patternUnits patternContentUnits patternTransform href"
    ),
    "linearGradient": _names("x1 x2 y1 y2 gradientUnits gradientTransform spreadMethod href"),
    "radialGradient": _names("cx cy r fx fy fr gradientUnits gradientTransform spreadMethod href"),
    "stop": _names("offset"),
    "filter": _names("x y width height filterUnits primitiveUnits"),
    "feBlend": _names("result in in2 mode"),
    "feFlood": _names("result"),
    "feOffset": _names("result in dx dy"),
    "path": _names("d"),
    "rect": _names("x y width height rx ry"),
    "circle": _names("cx cy r"),
    "ellipse": _names("cx cy rx ry"),
    "line": _names("x1 x2 y1 y2"),
    "polyline": _names("points"),
    "polygon": _names("points"),
}
"""Allowed elements, each with the attributes of its own beside the common ones."""

_SENTENCES = {
    "size": "the drawing is {value} bytes long; keep it within the limit",
    "encoding": "not UTF-8 text ({value}); write it as UTF-8",
    "xml": "not well-formed XML ({value}); check tags and quotes",
    "dtd": "has a document type, an entity or an external reference ({value}); remove it",
    "root": "the root element is <{value}>; it must be <svg>",
    "element": "element <{value}> is not allowed; remove it",
    "attribute": "attribute {value!r} is not allowed here; remove it",
    "href": "href {value!r} points outside the drawing; it must begin with #",
    "data": "embedded data in {value!r}; draw it instead",
    "text": "text {value!r} stands between elements; remove it",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of the rules.

    Attributes:
        path: Where, as ``/svg/g[2]/rect``; indices count siblings of one name from 1. Empty for the whole
            text; a long one keeps its end.
        rule: One of size, encoding, xml, dtd, root, element, attribute, href, data, text.
        value: What was found there, cut to 80 characters.
    """

    path: str
    rule: str
    value: str

    def __str__(self) -> str:
        return f"{self.path or 'SVG'}: {_SENTENCES[self.rule].format(value=self.value)}"


def check_svg(text: str | bytes, max_bytes: int = MAX_BYTES) -> list[Violation]:
    """Returns every violation in document order; an empty list means the drawing is allowed.

    Of more than 1,000 only these are listed, and a path of over 400 characters keeps its end only: what a
    hostile text may cost is bounded.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        data.decode()
    except UnicodeError as error:
        return [Violation("", "encoding", str(error)[:_LONGEST_VALUE])]
    violations = []
    if len(data) > max_bytes:
        violations.append(Violation("", "size", str(len(data))))
        if len(data) > MAX_INPUT_BYTES:
            return violations
    try:
        root = read_xml(data, forbid_dtd=True)
    except (DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden) as error:
        return [*violations, Violation("", "dtd", str(error)[:_LONGEST_VALUE])]
    except (ParseError, ValueError, LookupError) as error:
        # LookupError: an encoding declaration that Python does not know.
        return [*violations, Violation("", "xml", str(error)[:_LONGEST_VALUE])]
    if _local(root.tag) != "svg":
        name = _local(root.tag)[:_LONGEST_VALUE]
        violations.append(Violation(f"/{name}", "root", name))
    violations += islice(_check_tree(root), _MOST_VIOLATIONS - len(violations))
    return violations


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _check_tree(root: Element) -> Iterator[Violation]:
    stack: list[tuple[Element, str]] = [(root, _extend("", _local(root.tag)[:_LONGEST_VALUE]))]
    while stack:
        element, path = stack.pop()
        yield from _check_element(element, path)
        totals = Counter(child.tag for child in element)
        seen: Counter[str] = Counter()
        children = []
        for child in element:
            seen[child.tag] += 1
            index = f"[{seen[child.tag]}]" if totals[child.tag] > 1 else ""
            children.append((child, _extend(path, f"{_local(child.tag)[:_LONGEST_VALUE]}{index}")))
        stack += reversed(children)


def _extend(path: str, step: str) -> str:
    longer = f"{path}/{step}"
    return longer if len(longer) <= _LONGEST_PATH else f"...{longer[-_LONGEST_PATH // 2 :]}"


def _check_element(element: Element, path: str) -> Iterator[Violation]:
    name = _local(element.tag)
    own = ELEMENT_ATTRIBUTES.get(name)
    if own is None:
        yield Violation(path, "element", name[:_LONGEST_VALUE])
    for key, value in element.attrib.items():
        attribute = _local(key)
        if own is not None and attribute not in own and attribute not in COMMON_ATTRIBUTES:
            yield Violation(path, "attribute", attribute[:_LONGEST_VALUE])
        if "data:" in value.lower() or ";base64" in value:
            yield Violation(path, "data", value[:_LONGEST_VALUE])
        if attribute == "href" and not value.startswith("#"):
            yield Violation(path, "href", value[:_LONGEST_VALUE])
    texts = [element.text, *[child.tail for child in element]]
    for text in texts:
        if text and text.strip():
            yield Violation(path, "text", text.strip()[:_LONGEST_VALUE])
