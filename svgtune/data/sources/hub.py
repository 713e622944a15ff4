"""Rows of a data set: by its id through ``datasets``, or a local parquet, JSONL or CSV table."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from svgtune.config.prepare import HubSource
from svgtune.data.sources.base import (
    Item,
    caption_family,
    clean_caption,
    decode_svg,
    part_bounds,
    suggest_name,
)
from svgtune.data.sources.captions import Row, parse_json_row, read_rows
from svgtune.errors import InputError, MissingInputError, SourceError, SvgError
from svgtune.records import Drop, Sample

log = logging.getLogger(__name__)

_TABLE_SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".csv", ".tsv")
_BATCH_ROWS = 256
MAX_LINE_BYTES = 10_000_000


class HubRows:
    """A table with a caption and a drawing in each row."""

    is_foreign = True

    def __init__(self, section: HubSource, work: Path) -> None:
        self.name = section.name or (Path(section.path).stem if _is_local(section.path) else section.path)
        self._section = section
        self._work = work
        self._count: int | None = None

    @property
    def len_hint(self) -> int:
        """Rows of all files together, at most ``max_rows``."""
        if self._count is None:
            count = sum(_count_rows(file) for file in self._files)
            self._count = min(count, self._section.max_rows or count)
        return self._count

    @property
    def _files(self) -> list[Path]:
        if not _is_local(self._section.path):
            return [self._work / "rows.parquet"]
        path = Path(self._section.path)
        return sorted(path.rglob("*.parquet")) if path.is_dir() else [path]

    def fetch(self) -> None:
        """Checks the local table, or copies the data set's columns into one parquet file.

        Raises:
            MissingInputError: The file, or a column of it, is not there.
            SourceError: The data set cannot be had.
        """
        if not _is_local(self._section.path):
            if not self._files[0].exists():
                self._download()
        elif not self._files or not all(file.is_file() for file in self._files):
            path = Path(self._section.path)
            known = sorted(p.name for p in path.parent.glob("*")) if path.parent.is_dir() else []
            raise MissingInputError(f"{path}: there is no such table; {suggest_name(path.name, known[:50])}")
        for file in self._files:
            known = _read_columns(file)
            for column in self._columns:
                if column not in known:
                    raise MissingInputError(
                        f"{file}: has no column {column!r}; {suggest_name(column, known)}"
                    )

    @property
    def _columns(self) -> list[str]:
        return list(dict.fromkeys(c for c in self._section.columns.model_dump().values() if c))

    def _download(self) -> None:
        section = self._section
        # Imported here because it is slow, and may load torch.
        import datasets

        try:
            rows = datasets.load_dataset(
                section.path, section.subset, split=section.split, revision=section.revision
            )
        except Exception as error:
            # The loader hands on what its many file systems and clients raise; none of it is ours.
            reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise SourceError(
                f"{section.path}: the data set cannot be had ({reason}); check id, split and network"
            ) from error
        missing = [column for column in self._columns if column not in rows.column_names]
        if missing:
            hint = suggest_name(missing[0], rows.column_names)
            raise MissingInputError(f"{section.path}: has no column {missing[0]!r}; {hint}")
        self._work.mkdir(parents=True, exist_ok=True)
        unfinished = self._work / "rows.unfinished"
        rows.select_columns(self._columns).to_parquet(unfinished, batch_size=_BATCH_ROWS)
        unfinished.replace(self._files[0])

    def read(self, rank: int, world: int) -> Iterator[Item]:
        """Yields the rows of one part; a row that cannot be used is a drop."""
        start, end = part_bounds(self.len_hint, rank, world)
        for file in self._files:
            count = _count_rows(file)
            if start < count and end > 0:
                for where, row in _read_slice(file, max(start, 0), min(end, count), self._columns):
                    yield self._read_row(where, row)
            start, end = start - count, end - count

    def _read_row(self, where: str, row: Row | InputError) -> Item:
        columns = self._section.columns
        sample_id, origin = f"{self.name}/{where}", f"{self._section.path}#{where}"
        if isinstance(row, InputError):
            return Drop(sample_id, "bad_row", str(row), self.name, origin)
        caption, svg = row.get(columns.caption), row.get(columns.svg)
        own_id = row.get(columns.id) if columns.id else where
        if own_id is None:
            detail = f"{where}: has no {columns.id!r}, which names the rows; give every row one"
            return Drop(sample_id, "bad_row", detail, self.name, origin)
        for column, value in ((columns.caption, caption), (columns.svg, svg)):
            if not isinstance(value, str | bytes):
                detail = f"{where}: column {column!r} holds {value!r:.40}, not text; correct the row"
                return Drop(sample_id, "bad_row", detail, self.name, origin)
        try:
            text = decode_svg(svg, where) if isinstance(svg, bytes) else str(svg)
        except SvgError as error:
            return Drop(sample_id, error.reason, str(error), self.name, origin)
        caption = clean_caption(
            caption.decode(errors="replace") if isinstance(caption, bytes) else str(caption)
        )
        return Sample(
            id=f"{self.name}/{own_id}",
            caption=caption,
            svg=text,
            source=self.name,
            origin=origin,
            licence=_text_of(row, columns.licence) or self._section.licence,
            category=_text_of(row, columns.category),
            family=_text_of(row, columns.family) or caption_family(caption),
        )


def _is_local(path: str) -> bool:
    return Path(path).suffix.lower() in _TABLE_SUFFIXES or Path(path).is_dir()


def _text_of(row: Row, column: str | None) -> str:
    value = row.get(column) if column else None
    return "" if value is None else str(value)


def _count_rows(file: Path) -> int:
    if file.suffix.lower() == ".parquet":
        return int(pq.read_metadata(file).num_rows)
    if file.suffix.lower() in (".csv", ".tsv"):
        return sum(1 for _ in read_rows(file))
    with file.open("rb") as lines:
        return sum(1 for _ in _bounded_lines(lines))


def _read_columns(file: Path) -> list[str]:
    if file.suffix.lower() == ".parquet":
        try:
            return list(pq.read_schema(file).names)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{file}: is not a parquet file ({str(error)[:80]}); write it again") from None
    _, row = next(iter(read_rows(file)), (0, {}))
    return list(row)


def _read_slice(
    file: Path, start: int, end: int, columns: list[str]
) -> Iterator[tuple[str, Row | InputError]]:
    """Yields a name for the place and the row; rows before ``start`` are passed over without being kept."""
    if file.suffix.lower() == ".parquet":
        yield from _read_parquet(file, start, end, columns)
    elif file.suffix.lower() in (".csv", ".tsv"):
        for number, row in islice(read_rows(file), start, end):
            yield f"{file.name}:{number}", row
    else:
        with file.open("rb") as lines:
            for number, line in islice(enumerate(_bounded_lines(lines), 1), start, end):
                where = f"{file.name}:{number}"
                yield where, _parse_line(line, where)


def _bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yields lines, an overlong one cut off after the limit, so that no line fills the memory."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE_BYTES + 1)
        yield line


def _parse_line(line: bytes, where: str) -> Row | InputError:
    if len(line) > MAX_LINE_BYTES:
        return InputError(f"{where}: is longer than {MAX_LINE_BYTES:,} bytes; simplify the drawing")
    try:
        return parse_json_row(line, where)
    except InputError as error:
        return error


def _read_parquet(file: Path, start: int, end: int, columns: list[str]) -> Iterator[tuple[str, Row]]:
    table = pq.ParquetFile(file)
    first = 0
    for group in range(table.num_row_groups):
        count = table.metadata.row_group(group).num_rows
        if first < end and first + count > start:
            position = first
            for batch in table.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns):
                yield from _rows_between(batch, position, start, end, file.name)
                position += batch.num_rows
        first += count


def _rows_between(batch: Any, position: int, start: int, end: int, name: str) -> Iterator[tuple[str, Row]]:
    low, high = max(start - position, 0), min(end - position, batch.num_rows)
    if low < high:
        for offset, row in enumerate(batch.slice(low, high - low).to_pylist(), position + low):
            yield f"{name}:{offset + 1}", row
