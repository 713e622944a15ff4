"""The drawing in a model's answer: as written, cut out of the text around it, or mended."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from xml.sax.saxutils import quoteattr

from svgtune.config.form import NormalForm
from svgtune.svg.colour import is_known_colour
from svgtune.svg.constraints import COMMON_ATTRIBUTES, ELEMENT_ATTRIBUTES, check_svg
from svgtune.svg.geometry import SHAPE_NAMES
from svgtune.svg.parse import SVG_NAMESPACE
from svgtune.svg.path import NUMBER_PATTERN, scan_path, write_path
from svgtune.svg.style import split_declarations
from svgtune.svg.units import has_units, list_transforms, read_view_box

MAX_TEXT_CHARS = 1_000_000
MAX_DEPTH = 32
_MAX_STARTS = 8
_DEFAULT_FORM = NormalForm()

_BLOCKS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!DOCTYPE", ">"))
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*+)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*?)(/?)>")
_ATTRIBUTE = re.compile(r"(?<![\w:.-])([A-Za-z_][\w:.-]*+)\s*+=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>/]+))")
_BROKEN_PATH = re.compile(r"<path\b[^<>]*?\bd\s*=\s*[\"']([^\"'<>]*)$")
_ROOT_END = "</svg>"
_OPENING = re.compile(r"<[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_LEAVES = SHAPE_NAMES | {"stop", "use", "feBlend", "feFlood", "feOffset"}
_TRANSPARENT = frozenset(("a", "switch"))
_PLAIN_NUMBERS = frozenset(
    ("opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity", "stroke-miterlimit")
)
_LENGTHS = frozenset(
    (
        "x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "fx", "fy", "x1", "y1", "x2", "y2",
        "dx", "dy", "offset", "stroke-width", "stroke-dashoffset",
    )
)  # fmt: skip
_COLOURS = frozenset(("fill", "stroke", "stop-color", "flood-color", "color"))
_NUMBER = re.compile(rf"\s*+{NUMBER_PATTERN}\s*+")
_LENGTH = re.compile(rf"\s*+{NUMBER_PATTERN}(?:%|[a-z]{{2}})?\s*+")
# With another number of arguments CairoSVG fails.
_ARGUMENTS = {"matrix": (6,), "rotate": (1, 3)}


class Validity(StrEnum):
    """How much it took to get a drawing out of a text."""

    STRICT = "strict"
    LENIENT = "lenient"
    REPAIRED = "repaired"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a text.

    Attributes:
        svg: Passes ``check_svg``; None if ``validity`` is invalid.
        validity: strict: allowed as written, up to white space around it; lenient: allowed once text
            around it is cut off; repaired: the drawing had to be changed; invalid: nothing came of it.
        detail: What was cut off, changed or missing; empty for a strict drawing.
    """

    svg: str | None
    validity: Validity
    detail: str = ""


def read_drawing(text: str, form: NormalForm = _DEFAULT_FORM) -> Reading:
    """Returns the drawing in a text; a strict one comes back as it was written."""
    whole = text.strip()
    if not whole:
        return Reading(None, Validity.INVALID, "the text is empty")
    violations = check_svg(whole, form.max_bytes)
    if not violations:
        return Reading(whole, Validity.STRICT)
    if len(whole) > MAX_TEXT_CHARS:
        whole = whole[:MAX_TEXT_CHARS]
    for start, end in _spans(whole, form.max_bytes):
        if (start, end) != (0, len(whole)) and not check_svg(whole[start:end], form.max_bytes):
            around = f"{start} characters before and {len(whole) - end} after the drawing cut off"
            return Reading(whole[start:end], Validity.LENIENT, around)
    return mend_drawing(whole, str(violations[0]), form)


def mend_drawing(text: str, fault: str, form: NormalForm = _DEFAULT_FORM) -> Reading:
    """Returns the longest drawing that a text begins, with broken path data cut at its first error.

    Args:
        text: Of a drawing that breaks a rule, or that the renderer cannot draw.
        fault: Why it has to be mended; becomes the detail.
        form: The normal form that the model writes.

    Returns:
        Repaired, or invalid.
    """
    mended = _mend(text, form)
    if mended is None:
        return Reading(None, Validity.INVALID, f"no shape that can be kept; {fault}")
    left = check_svg(mended, form.max_bytes)
    if left:
        return Reading(None, Validity.INVALID, str(left[0]))
    return Reading(mended, Validity.REPAIRED, fault)


def _spans(text: str, max_bytes: int) -> Iterator[tuple[int, int]]:
    """Yields where a whole drawing may stand in a text, likely places first."""
    last = text.rfind(_ROOT_END)
    position = outer = -1
    for _ in range(_MAX_STARTS):
        position = text.find("<svg", position + 1)
        if position < 0:
            return
        if outer >= 0 and _is_inside(text[outer:position]):
            continue
        outer = position
        first = text.find(_ROOT_END, position)
        for end in dict.fromkeys((first, last)):
            if 0 <= end - position <= max_bytes:
                yield position, end + len(_ROOT_END)


def _is_inside(before: str) -> bool:
    """Whether what follows ``before``, which begins with ``<svg``, is a part of that drawing."""
    return _ROOT_END not in before and _OPENING.search(before, 1) is not None


def _mend(text: str, form: NormalForm) -> str | None:
    """Returns the longest allowed drawing that the text begins, or None if it has no shape."""
    text = _CONTROL.sub("", text)
    if "<svg" not in text and "&lt;svg" in text:
        text = html.unescape(text)
    for opening, closing in _BLOCKS:
        text = _cut_blocks(text, opening, closing)
    start = text.find("<svg")
    if start > 0:
        text = text[start:]
    builder = _Builder(form)
    end = 0
    for tag in _TAG.finditer(text):
        end = tag.end()
        if not builder.read(tag[1] == "/", tag[2].rpartition(":")[2], tag[3], tag[4] == "/"):
            break
    if not builder.shapes:
        broken = _BROKEN_PATH.search(text, end)
        if broken and len(scan_path(broken[1])[0]) > 1:
            builder.read(False, "path", f'd="{broken[1]}"', True)
    return builder.finish()


def _cut_blocks(text: str, opening: str, closing: str) -> str:
    """Removes what stands between two marks; an opening that is never closed is left alone."""
    parts = []
    position = 0
    while (begin := text.find(opening, position)) >= 0 and (end := text.find(closing, begin)) >= 0:
        parts.append(text[position:begin])
        position = end + len(closing)
    return "".join(parts) + text[position:]


def _is_drawable(transform: str) -> bool:
    return all(
        len(numbers) in _ARGUMENTS[name] if name in _ARGUMENTS else bool(numbers)
        for name, numbers in list_transforms(transform)
    )


def _read_style(text: str) -> list[tuple[str, str]]:
    try:
        return split_declarations(text)[0]
    except RecursionError:  # a thousand brackets
        return []


@dataclass(slots=True)
class _Builder:
    """Writes allowed elements one by one and knows how many bytes closing them will take."""

    form: NormalForm
    parts: list[str] = field(default_factory=list)
    open_names: list[str] = field(default_factory=list)
    shapes: int = 0
    size: int = 0
    skipping: list[str] = field(default_factory=list)

    def read(self, is_end: bool, name: str, attributes: str, is_empty: bool) -> bool:
        """Takes the next tag; returns False once the drawing is complete or full."""
        if self.skipping:
            if is_end and name == self.skipping[-1]:
                self.skipping.pop()
                return True
            if not is_end and not is_empty:
                self.skipping.append(name)
            # An element that is never closed must not swallow the rest of the drawing.
            if len(self.skipping) > MAX_DEPTH or (is_end and name == "svg"):
                self.skipping.clear()
            return not (is_end and name == "svg" and self.shapes)
        if is_end:
            return self._close(name)
        if name in _TRANSPARENT:
            return True
        if name == "svg" and not self.shapes:
            # An earlier <svg> without shapes was part of the talk before the drawing.
            self.parts, self.open_names, self.size = [], [], 0
            self._open_root(attributes)
            return True
        if not self.open_names:
            self._open_root("")
        if name not in ELEMENT_ATTRIBUTES or len(self.open_names) >= MAX_DEPTH:
            if not is_empty:
                self.skipping.append(name)
            return True
        if name in _LEAVES:
            # These have no children, so one that was left open is closed here.
            is_empty = True
        return self._add(name, self._keep_attributes(name, attributes), is_empty)

    def finish(self) -> str | None:
        """Closes everything that is open; returns None if there is no shape."""
        if not self.shapes:
            return None
        return "".join([*self.parts, *[f"</{name}>" for name in reversed(self.open_names)]])

    def _close(self, name: str) -> bool:
        if name not in self.open_names:
            return True
        if name == "svg" and self.open_names.count("svg") == 1:
            return not self.shapes
        while self.open_names:
            closed = self.open_names.pop()
            self.parts.append(f"</{closed}>")
            self.size += len(closed) + 3
            if closed == name:
                break
        return True

    def _open_root(self, attributes: str) -> None:
        kept = dict(self._keep_attributes("svg", attributes))
        if read_view_box(kept) is None or has_units(kept["viewBox"]):
            kept["viewBox"] = f"0 0 {self.form.canvas} {self.form.canvas}"
        for side in ("width", "height"):
            if not re.fullmatch(r"0*[1-9]\d{0,3}(\.\d*)?(px)?", kept.get(side, "1")):
                del kept[side]
        self._add("svg", [("xmlns", SVG_NAMESPACE), *kept.items()], False)

    def _add(self, name: str, attributes: list[tuple[str, str]], is_empty: bool) -> bool:
        head = "".join(f" {key}={quoteattr(value)}" for key, value in attributes)
        text = f"<{name}{head}{'/' if is_empty else ''}>"
        size = self.size + len(text.encode())
        closing = sum(len(open_name) + 3 for open_name in self.open_names) + (
            0 if is_empty else len(name) + 3
        )
        if size + closing > self.form.max_bytes:
            return False
        self.parts.append(text)
        self.size = size
        if not is_empty:
            self.open_names.append(name)
        if name in SHAPE_NAMES and not {"defs", "pattern", "symbol", "marker"} & set(self.open_names):
            self.shapes += 1
        return True

    def _keep_attributes(self, name: str, text: str) -> list[tuple[str, str]]:
        allowed = ELEMENT_ATTRIBUTES[name] | COMMON_ATTRIBUTES
        kept: dict[str, str] = {}
        styles: list[tuple[str, str]] = []
        for key, double, single, bare in _ATTRIBUTE.findall(text):
            key = key.rpartition(":")[2]
            value = html.unescape(double or single or bare)
            if key == "style":
                styles += _read_style(value)
            elif key in allowed:
                kept.setdefault(key, value)
        for key, value in styles:
            if key in allowed:
                kept[key] = value
        return [(key, fixed) for key, value in kept.items() if (fixed := self._fix(key, value)) is not None]

    def _fix(self, key: str, value: str) -> str | None:
        """Returns a value that is allowed and on which the renderer is not known to fail, or None."""
        value = _CONTROL.sub("", value)
        if "data:" in value.lower() or ";base64" in value or (key == "href" and value[:1] != "#"):
            return None
        if key == "d":
            segments, problem = scan_path(value)
            return write_path(segments, self.form.grid) if problem else value
        if len(value) > self.form.max_bytes:
            return None
        if key in _PLAIN_NUMBERS and not _NUMBER.fullmatch(value):
            return None
        if key in _LENGTHS and not _LENGTH.fullmatch(value):
            return None
        if key in _COLOURS and value.lstrip().lower().startswith("rgb") and not is_known_colour(value):
            return None
        if key.lower().endswith("transform") and not _is_drawable(value):
            return None
        if key == "stroke-dasharray" and "-" in value:
            return None
        return value
