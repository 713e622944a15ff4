"""Prompts as users have them: texts, files of them, or lines from standard input."""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svgtune.assets import find_asset
from svgtune.errors import InputError, MissingInputError

MAX_PROMPT_CHARS = 10_000
"""A longer caption is refused rather than cut."""
PROMPT_COLUMNS = ("prompt", "description", "caption")
_SUFFIXES = (".txt", ".csv", ".jsonl", ".parquet")
_SLUG_CHARS = 40
_MAX_ID_CHARS = 80
_RESERVED_NAMES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|gallery|drawings)(\.|$)")
_FORBIDDEN = {"Cc": "the control character", "Cs": "one half of a surrogate pair,"}
_LINE_BREAKS = frozenset("\t\n\r\v\f\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One caption to draw.

    Attributes:
        id: Unique in its run, also where case does not count, and safe as a file name.
        text: As given, on one line.
        refusal: Why it is not drawn; empty for a prompt that is.
        note: What a person should know about a prompt that is drawn; usually empty.
    """

    id: str
    text: str
    refusal: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Raw:
    text: Any
    id: str = ""
    refusal: str = ""


def read_prompts(sources: Sequence[str]) -> list[Prompt]:
    """Reads all prompts; one that cannot be drawn comes with a refusal instead of stopping the others.

    Args:
        sources: Each a text; the path of a .txt file (one prompt a line), or of a .csv, .jsonl or .parquet
            file (a column or key ``prompt``, ``description`` or ``caption``, perhaps ``id``; prepared data
            has these); or ``-``: lines from standard input.

    Raises:
        MissingInputError: A file or its column is not there.
        InputError: A file is not UTF-8, or there is no prompt at all.
    """
    raws = [raw for source in sources for raw in _read_source(source)]
    if not raws:
        where = ", ".join(sources) or "prompts"
        raise InputError(
            f"{where:.200}: holds no prompt; give --prompts TEXT ..., a .txt, .csv, .jsonl or .parquet file, "
            "or -"
        )
    taken: set[str] = set()
    return [_build_prompt(raw, index, taken) for index, raw in enumerate(raws, start=1)]


def _read_source(source: str) -> Iterator[_Raw]:
    if source == "-":
        yield from _read_lines(sys.stdin.buffer.read(), "standard input")
        return
    suffix = Path(source).suffix.lower() if len(source) < 1000 and "\n" not in source else ""
    if suffix not in _SUFFIXES:
        yield _Raw(source)
        return
    path = find_asset(source)
    if not path.is_file():
        raise MissingInputError(
            f"prompts: there is no file {source}{_suggest_file(path)}; give a file that is there"
        )
    if suffix == ".parquet":
        yield from _read_parquet(path, source)
        return
    data = path.read_bytes()
    if suffix == ".txt":
        yield from _read_lines(data, source)
    elif suffix == ".csv":
        yield from _read_csv(data, source)
    else:
        yield from _read_jsonl(data, source)


def build_prompt(text: str, own_id: str = "", *, index: int = 1, taken: set[str] | None = None) -> Prompt:
    """Checks one text; one that cannot be drawn comes with a refusal.

    Args:
        text: Anything.
        own_id: What becomes the id, as far as it may name a file; empty for one made of text and index.
        index: Place in its list, from 1.
        taken: Ids that are taken, in lower case; the new one is added.
    """
    return _build_prompt(_Raw(text, own_id), index, set() if taken is None else taken)


def _suggest_file(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    names = [p.name for p in path.parent.iterdir() if p.suffix.lower() in _SUFFIXES]
    close = difflib.get_close_matches(path.name, names, n=1)
    return f" (did you mean {path.with_name(close[0])}?)" if close else ""


def _decode(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; save the file as UTF-8"
        ) from error


def _read_lines(data: bytes, where: str) -> Iterator[_Raw]:
    # Not str.splitlines: it also splits at control characters that should be refused by name.
    for line in re.split(r"\r\n|\n|\r", _decode(data, where)):
        if line.strip():
            yield _Raw(line)


def read_table(data: bytes, where: str) -> tuple[list[str], list[list[str]]]:
    """Reads CSV: the names of its columns in lower case, and its rows, as long as they happen to be.

    Raises:
        InputError: It is not UTF-8, or not CSV.
    """
    text = _decode(data, where)
    csv.field_size_limit(min(max(len(text), 131_072), 2**31 - 1))
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise InputError(f"{where}: cannot be read as CSV ({error}); check its quotes") from error
    return [name.strip().lower() for name in rows[0]] if rows else [], rows[1:]


def _read_csv(data: bytes, where: str) -> Iterator[_Raw]:
    header, rows = read_table(data, where)
    if not header:
        return
    column = _find_column(header, where)
    id_column = header.index("id") if "id" in header else None
    for row in rows:
        if not any(row):
            continue
        own_id = row[id_column] if id_column is not None and id_column < len(row) else ""
        yield _Raw(row[column] if column < len(row) else "", own_id)


def _find_column(header: Sequence[str], where: str) -> int:
    for name in PROMPT_COLUMNS:
        if name in header:
            return header.index(name)
    close = [c for name in PROMPT_COLUMNS for c in difflib.get_close_matches(name, header, n=1)]
    hint = f" (is it {close[0]!r}?)" if close else ""
    raise MissingInputError(
        f"{where}: has the columns {', '.join(map(repr, header))[:300]} and none called prompt, description "
        f"or caption{hint}; rename one"
    )


def _read_jsonl(data: bytes, where: str) -> Iterator[_Raw]:
    for number, line in enumerate(re.split(r"\r\n|\n|\r", _decode(data, where)), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            refusal = f"{where}:{number}: is not JSON ({error}); write one object a line"
            yield _Raw(line[:200], refusal=refusal)
            continue
        if not isinstance(value, Mapping):
            yield _Raw(value)
            continue
        key = next((name for name in PROMPT_COLUMNS if name in value), None)
        own_id = value.get("id", "")
        own_id = str(own_id) if isinstance(own_id, (str, int)) else ""
        if key is None:
            keys = ", ".join(map(repr, value))[:200]
            refusal = f"{where}:{number}: has the keys {keys} and no prompt, description or caption; add one"
            yield _Raw(line[:200], own_id, refusal)
        else:
            yield _Raw(value[key], own_id)


def _read_parquet(path: Path, where: str) -> Iterator[_Raw]:
    # Takes a while to import, and most prompts are no parquet.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        header = pq.read_schema(path).names
        column = header[_find_column([name.lower() for name in header], where)]
        wanted = [column, *(["id"] if "id" in header else [])]
        for row in pq.read_table(path, columns=wanted).to_pylist():
            yield _Raw(row[column], str(row.get("id") or ""))
    except pa.ArrowException as error:
        raise InputError(f"{where}: cannot be read as parquet ({error}); write it anew") from error


def _build_prompt(raw: _Raw, index: int, taken: set[str]) -> Prompt:
    refusal = raw.refusal
    if isinstance(raw.text, str):
        text, problem, note = _check_text(raw.text)
    else:
        text, note = str(raw.text)[:200], ""
        problem = f"prompt: is {raw.text!r:.80}, not a text; write it in quotes"
    own_id = _make_safe(raw.id) if raw.id else ""
    name = own_id or f"{index:04d}-{_make_slug(text)}".rstrip("-")
    unique = name
    copy = 2
    while unique.lower() in taken:
        unique = f"{name}-{copy}"
        copy += 1
    taken.add(unique.lower())
    return Prompt(unique, text, refusal or problem, note)


def _check_text(raw: str) -> tuple[str, str, str]:
    """Returns the text on one line, why it is refused or nothing, and a note or nothing."""
    text = " ".join("".join(" " if c in _LINE_BREAKS else c for c in raw).split())
    if not text:
        return "", "prompt: is empty; write what to draw", ""
    if len(text) > MAX_PROMPT_CHARS:
        problem = f"prompt: has {len(text)} characters, and {MAX_PROMPT_CHARS} is the most; shorten it"
        return text[:200] + " ...", problem, ""
    bad = next((place for place, c in enumerate(text) if unicodedata.category(c) in _FORBIDDEN), None)
    if bad is not None:
        shown = "".join(
            "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _FORBIDDEN else c for c in text
        )
        what = _FORBIDDEN[unicodedata.category(text[bad])]
        return shown, f"prompt: holds {what} U+{ord(text[bad]):04X} at position {bad}; remove it", ""
    if not any(c.isalnum() for c in text):
        return text, "", "the prompt holds no letter or digit"
    strange = next((c for c in text if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN")), None)
    if strange is not None:
        name = unicodedata.name(strange, f"U+{ord(strange):04X}")
        note = f"the prompt is not all in Latin script ({name}); models here are tuned on English captions"
        return text, "", note
    return text, "", ""


def _make_slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_CHARS].strip("-")


def _make_safe(own_id: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", own_id.strip()).strip("-. ")[:_MAX_ID_CHARS].strip("-. ")
    return f"id-{safe}" if _RESERVED_NAMES.match(safe.lower()) else safe
