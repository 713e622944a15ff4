"""What every source offers, and how drawings are read from files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from svgtune.errors import SvgError
from svgtune.records import Drop, Sample

Item: TypeAlias = Sample | Drop

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_GZIP_MARK = b"\x1f\x8b"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufe0e\ufe0f\ufeff]+")


class Source(Protocol):
    """A stream of samples that can be read in parts.

    Attributes:
        name: Unique in a recipe; every sample of the source carries it.
        is_foreign: Whether others drew the pictures, so that the normal form is compared with the original.
    """

    name: str
    is_foreign: bool

    def fetch(self) -> None:
        """Brings everything to this machine; called once, before any ``read``, and again on resume.

        Raises:
            SourceError: The source is not to be had; other sources can go on.
            InputError: The recipe names something that is not there or cannot be used.
        """

    @property
    def len_hint(self) -> int:
        """Items that all parts together yield; known after ``fetch``."""

    def read(self, rank: int, world: int) -> Iterator[Item]:
        """Yields part ``rank`` of ``world`` equal parts, in a fixed order; the parts joined are the whole."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One drawing that a source has found, and what is known of it before it is read."""

    file: str
    caption: str
    licence: str = ""
    category: str = ""
    family: str = ""
    facts: dict[str, Any] | None = None


def read_items(source: Source, rank: int = 0, world: int = 1) -> Iterator[Item]:
    """Yields a part of a source; what cannot be written as UTF-8, such as half an emoji, is a drop."""
    for item in source.read(rank, world):
        values = {field.name: getattr(item, field.name) for field in fields(item)}
        texts = {name: value for name, value in values.items() if isinstance(value, str)}
        broken = [name for name, text in texts.items() if not _is_utf8(text)]
        if not broken:
            yield item
            continue
        readable = {name: text.encode(errors="backslashreplace").decode() for name, text in texts.items()}
        detail = f"{readable['id']}: {broken[0]} holds half of a character; write it as UTF-8"
        yield Drop(readable["id"], "not_text", detail, readable["source"], readable["origin"])


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def part_bounds(count: int, rank: int, world: int) -> tuple[int, int]:
    """Returns the first and the end index of part ``rank`` of ``count`` items cut into ``world`` parts."""
    return count * rank // world, count * (rank + 1) // world


def clean_caption(text: str) -> str:
    """Returns a caption on one line, without control characters, joiners or doubled spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())


def caption_key(caption: str) -> str:
    """Returns what two captions that say the same have in common: lower-case words without punctuation."""
    return " ".join(re.findall(r"\w+", caption.casefold()))


def caption_family(caption: str) -> str:
    """Returns the family of a drawing that states none: its caption, without what follows a colon.

    Emoji names put their variants there: ``waving hand: dark skin tone``.
    """
    return caption_key(caption.partition(":")[0]) or caption_key(caption)


def read_svg_file(path: Path, max_bytes: int) -> str:
    """Reads an SVG file as text; a file over the limit is not read at all.

    Raises:
        SvgError: ``too_large``, ``not_text`` (not UTF-8), ``not_xml`` (a gzip file) or ``unreadable``.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise SvgError(
                "too_large", f"{path.name}: has {size:,} bytes, more than {max_bytes:,}; simplify it"
            )
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise SvgError(
            "unreadable", f"{path.name}: cannot be read ({error.strerror}); check the file"
        ) from None
    return decode_svg(data, path.name)


def decode_svg(data: bytes, where: str) -> str:
    """Decodes the bytes of an SVG file: UTF-8, or UTF-16 with a byte order mark.

    Raises:
        SvgError: ``not_text`` where it is neither, ``not_xml`` where it is compressed.
    """
    if data[:2] == _GZIP_MARK:
        raise SvgError("not_xml", f"{where}: is gzip-compressed (svgz), not XML; unpack it first")
    encoding = "utf-16" if data[:2] in _UTF16_MARKS else "utf-8-sig"
    if encoding != "utf-16" and b"\x00" in data[:4]:
        raise SvgError(
            "not_text", f"{where}: is UTF-16 or UTF-32 without a byte order mark; save it as UTF-8"
        )
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise SvgError(
            "not_text", f"{where}: is not {name} text (byte {error.start}); save it as UTF-8"
        ) from None


def suggest_name(name: str, known: Sequence[str]) -> str:
    """Returns what to do about a name that is not there: the near match, or all that is there."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(map(repr, known))}" if known else "there are none"
