"""Text to an element tree, with nothing that an SVG file could use to reach out or blow up."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from svgtune.errors import SvgError

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

MAX_INPUT_BYTES = 4 << 20
MAX_DEPTH = 64
MAX_ELEMENTS = 20_000

_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_HARMLESS_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[\]<>]*>", re.IGNORECASE)
_ENCODING = re.compile(r"^\s*<\?xml[^>]*\?>")


def parse_svg(
    text: str | bytes,
    *,
    max_bytes: int = MAX_INPUT_BYTES,
    max_elements: int = MAX_ELEMENTS,
    skip_doctype: bool = False,
) -> etree._Element:
    """Parses an SVG document and returns its root.

    Args:
        text: Bytes may be UTF-8 or UTF-16 with a byte order mark; a declared encoding is not followed.
        max_bytes: Longer input is refused before anything reads it.
        max_elements: More elements are refused.
        skip_doctype: Cut out a document type without an internal subset, which old drawing programs write;
            nothing is fetched for it either way.

    Raises:
        SvgError: With reason too_large, not_text, not_xml, has_dtd, not_svg, too_deep or too_many_elements.
    """
    size = len(text)
    if size > max_bytes:
        raise SvgError(
            "too_large", f"SVG: {size} bytes, over the {max_bytes} allowed; give a smaller drawing"
        )
    characters = _decode(text) if isinstance(text, bytes) else text
    # The declaration is dropped because the characters are decoded already.
    characters = _ENCODING.sub("", characters.removeprefix("\ufeff"), count=1).strip()
    if skip_doctype:
        characters = _HARMLESS_DOCTYPE.sub("", characters, count=1)
    try:
        data = characters.encode()
    except UnicodeEncodeError as error:
        raise SvgError(
            "not_text", f"SVG: lone surrogate at position {error.start}; give valid text"
        ) from error
    if len(data) > max_bytes:
        raise SvgError(
            "too_large", f"SVG: {len(data)} bytes, over the {max_bytes} allowed; give a smaller drawing"
        )
    if _DOCTYPE.search(data):
        raise SvgError(
            "has_dtd", "SVG: has a document type, which may define entities; remove <!DOCTYPE ...>"
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SvgError("not_xml", f"SVG: not well-formed XML: {error}; check tags and quotes") from error
    if local_name(root) != "svg":
        raise SvgError("not_svg", f"SVG: the root element is <{local_name(root)}>; it must be <svg>")
    _check_size(root, max_elements)
    return root


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return _split_tag(element.tag)[1]


def svg_name(element: etree._Element) -> str:
    """The element's name if it is in SVG's namespace or in none, else an empty text."""
    namespace, name = _split_tag(element.tag)
    return name if namespace in ("", SVG_NAMESPACE) else ""


@lru_cache(maxsize=4096)
def _split_tag(tag: object) -> tuple[str, str]:
    text = str(tag)
    if text[:1] != "{":
        return "", text
    end = text.index("}")
    return text[1:end], text[end + 1 :]


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SvgError(
            "not_text", f"SVG: byte {error.start} is not {encoding.upper()}; save the file as UTF-8"
        ) from error


def _check_size(root: etree._Element, max_elements: int) -> None:
    count = 0
    level = [root]
    depth = 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH:
            raise SvgError("too_deep", f"SVG: elements are nested over {MAX_DEPTH} deep; flatten the groups")
        if count > max_elements:
            raise SvgError("too_many_elements", f"SVG: over {max_elements} elements; simplify the drawing")
        level = [child for element in level for child in element]
