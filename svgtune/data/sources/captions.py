"""Captions from annotation tables, file names, code points and metadata files."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import string
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from svgtune.config.prepare import CodePointCaptions, FileNameCaptions, MetadataCaptions, TableCaptions
from svgtune.data.sources.base import Listing, suggest_name
from svgtune.errors import InputError, MissingInputError

Row: TypeAlias = Mapping[str, Any]
AnyCaptions = FileNameCaptions | CodePointCaptions | TableCaptions | MetadataCaptions

MAX_JSON_BYTES = 100_000_000
MAX_METADATA_BYTES = 1_000_000
MAX_CELL_CHARS = 10_000_000

_COUNTER = re.compile(r"[\s_-]*[_-]?\d+$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINERS = frozenset({0x200D, 0xFE0F, 0xFE0E, 0x20E3})
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def write_captions(
    files: Iterable[str],
    captions: AnyCaptions,
    root: Path,
    rows: Iterable[tuple[int, Row]] = (),
    table: Path | None = None,
) -> Iterator[Listing]:
    """Pairs files with captions.

    Args:
        files: Paths relative to ``root``.
        captions: Where the captions come from.
        root: Folder of the files.
        rows: Line numbers and rows of the caption table; only for a table.
        table: Path of the caption table, for messages.

    Yields:
        Files in their order. With a table, only those that it names.
    """
    if isinstance(captions, TableCaptions):
        yield from _join_table(files, captions, rows, table or Path(captions.file))
        return
    for file in files:
        if isinstance(captions, MetadataCaptions):
            metadata = _find_metadata(root, PurePosixPath(file).parent, captions.file)
            category = str(metadata.get(captions.category, "")) if captions.category else ""
            yield Listing(file, _fill(captions.caption, metadata), category=category)
        elif isinstance(captions, CodePointCaptions):
            yield Listing(file, name_code_points(PurePosixPath(file).stem))
        else:
            yield Listing(file, name_file(PurePosixPath(file).stem, captions.remove))


def name_file(stem: str, remove: Iterable[str] = ()) -> str:
    """Returns the caption that a file name stands for: ``red-fox_2`` is ``red fox``."""
    for pattern in remove:
        stem = re.sub(pattern, "", stem)
    words = _CAMEL.sub(" ", _COUNTER.sub("", stem)).replace("-", " ").replace("_", " ")
    return " ".join(words.lower().split())


def name_code_points(stem: str) -> str:
    """Returns the names of hyphenated code points: ``1f98a`` is ``fox face``; empty where one has none."""
    try:
        points = [int(part, 16) for part in stem.split("-")]
        names = [_name_point(p) for p in points if p not in _JOINERS]
    except ValueError:
        return ""
    if points and all(p in _REGIONAL_INDICATORS for p in points):
        return "flag " + "".join(names)
    tones = [
        n for p, n in zip((p for p in points if p not in _JOINERS), names, strict=True) if p in _SKIN_TONES
    ]
    plain = [n for n in names if n not in tones]
    return ", ".join(plain) + (": " + ", ".join(dict.fromkeys(tones)) if tones and plain else "")


def _name_point(point: int) -> str:
    name = unicodedata.name(chr(point)) if point < 0x110000 else ""
    if not name:
        raise ValueError(point)
    if point in _REGIONAL_INDICATORS:
        return name[-1]
    if point in _SKIN_TONES:
        return name.removeprefix("EMOJI MODIFIER ").replace("FITZPATRICK ", "skin tone ").lower()
    return name.lower()


def read_rows(table: Path) -> Iterator[tuple[int, Row]]:
    """Yields the rows of a CSV, JSON or JSONL table with the line (JSON: the entry) each stands on.

    Raises:
        MissingInputError: There is no such file.
        InputError: It is of another kind, or a line cannot be read.
    """
    if not table.is_file():
        known = sorted(p.name for p in table.parent.glob("*.*")) if table.parent.is_dir() else []
        raise MissingInputError(
            f"{table}: there is no such caption file; {suggest_name(table.name, known[:50])}"
        )
    suffix = table.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return _read_csv(table, "\t" if suffix == ".tsv" else ",")
    if suffix in (".jsonl", ".ndjson"):
        return _read_jsonl(table)
    if suffix == ".json":
        return _read_json(table)
    raise InputError(
        f"{table}: captions are read from .csv, .tsv, .json or .jsonl, not {suffix!r}; convert it"
    )


def _read_csv(table: Path, delimiter: str) -> Iterator[tuple[int, Row]]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        csv.field_size_limit(MAX_CELL_CHARS)
        reader = csv.DictReader(file, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(
                        f"{table}:{reader.line_num}: has not as many cells as the heading has columns "
                        f"({len(reader.fieldnames or ())}); quote cells that hold commas"
                    )
                yield reader.line_num, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(
                f"{table}:{reader.line_num + 1}: is not CSV in UTF-8 ({error}); correct it"
            ) from None


def _read_jsonl(table: Path) -> Iterator[tuple[int, Row]]:
    with table.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            yield number, parse_json_row(line, f"{table}:{number}")


def parse_json_row(line: bytes, where: str) -> Row:
    """Parses one line of JSONL.

    Raises:
        InputError: It is not a JSON object.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: is not JSON ({error}); write one object on each line") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: holds {str(row)[:40]!r}, not an object; write one object on each line")
    return row


def _read_json(table: Path) -> Iterator[tuple[int, Row]]:
    if table.stat().st_size > MAX_JSON_BYTES:
        raise InputError(
            f"{table}: has more than {MAX_JSON_BYTES:,} bytes; write it as .jsonl, which is read by lines"
        )
    try:
        entries = json.loads(table.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{table}: is not JSON ({error}); correct it") from None
    if isinstance(entries, dict):
        entries = [
            {"key": key, **(value if isinstance(value, dict) else {"caption": value})}
            for key, value in entries.items()
        ]
    for number, row in enumerate(entries if isinstance(entries, list) else [entries], 1):
        if not isinstance(row, dict):
            raise InputError(f"{table}: entry {number} is {str(row)[:40]!r}, not an object; write objects")
        yield number, row


def _join_table(
    files: Iterable[str], captions: TableCaptions, rows: Iterable[tuple[int, Row]], table: Path
) -> Iterator[Listing]:
    wanted = [*_template_columns(captions.caption), captions.key, *captions.family, *captions.facts]
    wanted += [column for column in (captions.category, captions.licence) if column]
    # An empty name is a database in a temporary file: a table of any length stays out of memory.
    with closing(sqlite3.connect("")) as named:
        named.execute("CREATE TABLE named (key TEXT PRIMARY KEY, listing TEXT) WITHOUT ROWID")
        for number, row in rows:
            for column in wanted:
                if column not in row:
                    hint = suggest_name(column, list(row))
                    raise MissingInputError(f"{table}:{number}: has no column {column!r}; {hint}")
            listing = json.dumps(asdict(_build_listing(captions, row)), ensure_ascii=False)
            named.execute("INSERT OR REPLACE INTO named VALUES (?, ?)", (_text(row[captions.key]), listing))
        for file in files:
            path = PurePosixPath(file)
            for key in (file, path.name, path.stem):
                found = named.execute("SELECT listing FROM named WHERE key = ?", (key,)).fetchone()
                if found is not None:
                    yield Listing(**(json.loads(found[0]) | {"file": file}))
                    break


def _build_listing(captions: TableCaptions, row: Row) -> Listing:
    return Listing(
        file="",
        caption=_fill(captions.caption, row),
        licence=_text(row[captions.licence]) if captions.licence else "",
        category=_text(row[captions.category]) if captions.category else "",
        family=next((_text(row[c]) for c in captions.family if _text(row[c])), ""),
        facts={column: row[column] for column in captions.facts} or None,
    )


def _find_metadata(root: Path, folder: PurePosixPath, name: str) -> Row:
    """Returns the nearest metadata file's object, in the folder or above; empty where there is none."""
    for above in (folder, *folder.parents):
        metadata = _read_metadata(root / above / name)
        if metadata:
            return metadata
    return {}


@lru_cache(maxsize=256)
def _read_metadata(path: Path) -> Row:
    if not path.is_file() or path.stat().st_size > MAX_METADATA_BYTES:
        return {}
    try:
        metadata = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _template_columns(template: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(template) if name]
    except ValueError as error:
        raise InputError(
            f"captions.caption: {template!r} is not a template ({error}); write it like '{{name}}'"
        ) from None


def _fill(template: str, row: Row) -> str:
    """Fills a template; a missing column leaves nothing, so that the caption filters see an empty caption."""
    for column in _template_columns(template):
        template = template.replace("{" + column + "}", _text(row.get(column)))
    return template


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
