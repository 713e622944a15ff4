"""Files of a run, each whole or not there: rows between the stages, parquet shards, drops kept aside."""

from __future__ import annotations

import dataclasses
import errno
import gzip
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datatrove.pipeline.base import PipelineStep

from svgtune.data.dedup import Signature
from svgtune.data.steps import Candidate, Dropped
from svgtune.records import Sample

BATCH_ROWS = 512

SAMPLE_SCHEMA = pa.schema(
    [pa.field(field.name, pa.string(), nullable=False) for field in dataclasses.fields(Sample)]
)
"""Columns of the finished shards: those of ``Sample.to_row``."""

ROW_SCHEMA = pa.schema(
    [
        *SAMPLE_SCHEMA,
        pa.field("difference", pa.float32()),
        pa.field("tokens", pa.int32()),
        pa.field("digest", pa.binary(16), nullable=False),
        pa.field("phash", pa.uint64(), nullable=False),
        pa.field("thumb", pa.binary(), nullable=False),
    ]
)
"""Columns between the stages: the sample, what was measured on it, and its signature."""

_NUMBERS = {pa.float32(): np.float32, pa.int32(): np.int32, pa.uint64(): np.uint64}


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Gives a path to write to, which becomes ``path`` at the end; a failure leaves the earlier file there.

    Raises:
        OSError: As it came up, but naming the file, for a full disk says nothing about where.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        number = error.errno or (errno.ENOSPC if "No space left" in str(error) else errno.EIO)
        raise OSError(number, os.strerror(number), str(path)) from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def build_table(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Returns a table of rows; the columns of the schema are read from each."""
    columns = [_build_column([row[field.name] for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _build_column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Lays a column out by hand: ``pa.array`` imports pandas, up to a second in each process."""
    is_there = [value is not None for value in values]
    missing = len(values) - sum(is_there)
    buffers = [pa.py_buffer(np.packbits(is_there, bitorder="little")) if missing else None]
    if kind in _NUMBERS:
        numbers = np.array([0 if value is None else value for value in values], _NUMBERS[kind])
        buffers.append(pa.py_buffer(numbers))
    else:
        texts = [value.encode() if isinstance(value, str) else value or b"" for value in values]
        if not pa.types.is_fixed_size_binary(kind):
            ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
            buffers.append(pa.py_buffer(ends))
        buffers.append(pa.py_buffer(b"".join(texts)))
    return pa.Array.from_buffers(kind, len(values), buffers, null_count=missing)


class RowWriter:
    """Writes rows into one parquet file, a batch at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", write_statistics=False)
        self._rows: list[dict[str, Any]] = []

    def write(self, row: dict[str, Any]) -> None:
        """Adds a row."""
        self._rows.append(row)
        if len(self._rows) >= BATCH_ROWS:
            self._flush()

    def close(self) -> None:
        """Writes what is left and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(build_table(self._rows, self._schema))
            self._rows.clear()


@contextmanager
def open_rows(path: Path, schema: pa.Schema) -> Iterator[RowWriter]:
    """Opens a parquet file that appears whole at the end."""
    with write_whole(path) as unfinished:
        writer = RowWriter(unfinished, schema)
        try:
            yield writer
        finally:
            writer.close()


def read_rows(path: Path, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yields the rows of a parquet file without holding more than a batch."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(BATCH_ROWS, columns=columns):
            yield from batch.to_pylist()


@contextmanager
def open_drops(path: Path) -> Iterator[TextIO]:
    """Opens a gzip file of JSON lines that appears whole at the end; equal drops give equal bytes."""
    with write_whole(path) as unfinished, ExitStack() as stack:
        raw = stack.enter_context(unfinished.open("wb"))
        packed = stack.enter_context(
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6)
        )
        yield stack.enter_context(_TextOut(packed))


class _TextOut:
    """Writes text as UTF-8 into a binary file."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc_info: object) -> None:
        return None

    def write(self, text: str) -> int:
        return int(self._file.write(text.encode("utf-8", "replace")))


def write_drop(file: TextIO, dropped: Dropped) -> None:
    """Writes one drop, with what is kept aside of it, as a JSON line."""
    row = dataclasses.asdict(dropped.record) | {"caption": dropped.caption, "svg": dropped.svg}
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


class WriteRank(PipelineStep):
    """Writes what a rank has kept and dropped; the counts come last and mean that the rank is done.

    Attributes:
        folder: The stage's own folder; ``kept``, ``dropped``, ``counts`` and ``progress`` lie below it.
    """

    type = "write"
    name = "rank"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> None:
        """Takes the rank's whole stream."""
        name, counts, done = f"{rank:05d}", Counter[str](), 0
        progress = self.folder / "progress" / name
        progress.parent.mkdir(parents=True, exist_ok=True)
        with (
            open_rows(self.folder / "kept" / f"{name}.parquet", ROW_SCHEMA) as kept,
            open_drops(self.folder / "dropped" / f"{name}.jsonl.gz") as drops,
        ):
            for item in data:
                done += 1
                if isinstance(item, Dropped):
                    counts[item.record.reason] += 1
                    write_drop(drops, item)
                else:
                    kept.write(_build_row(item))
                if done % 32 == 0:
                    progress.write_text(str(done), encoding="ascii")
        progress.write_text(str(done), encoding="ascii")
        total = {"in": done, "kept": done - counts.total(), "dropped": dict(sorted(counts.items()))}
        with write_whole(self.folder / "counts" / f"{name}.json") as unfinished:
            unfinished.write_text(json.dumps(total), encoding="utf-8")


def _build_row(candidate: Candidate) -> dict[str, Any]:
    signature = candidate.signature
    if signature is None:
        raise ValueError(f"{candidate.sample.id}: has no signature; put FilterPicture before WriteRank")
    return candidate.sample.to_row() | {
        "difference": candidate.difference,
        "tokens": candidate.tokens,
        "digest": signature.digest,
        "phash": signature.phash,
        "thumb": signature.thumb,
    }


def read_signature(row: dict[str, Any]) -> Signature:
    """Returns the signature that a row between the stages holds."""
    return Signature(row["digest"], row["phash"], row["thumb"])


class SplitWriter:
    """Deals rows out to one folder a split, in shards of equal length.

    Attributes:
        counts: Rows of each split so far.
    """

    def __init__(self, folder: Path, shard_rows: int, schema: pa.Schema = SAMPLE_SCHEMA) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = folder
        self._shard_rows = shard_rows
        self._schema = schema
        self._open: dict[str, tuple[RowWriter, Any]] = {}

    def __enter__(self) -> SplitWriter:
        return self

    def __exit__(self, *exc_info: Any) -> None:
        for split in list(self._open):
            self._close(split, exc_info)

    def write(self, split: str, row: dict[str, Any]) -> None:
        """Adds a row to a split."""
        if split not in self._open:
            shard = self.counts[split] // self._shard_rows
            context = open_rows(self._folder / split / f"{shard:05d}.parquet", self._schema)
            self._open[split] = (context.__enter__(), context)
        self._open[split][0].write({name: row[name] for name in self._schema.names})
        self.counts[split] += 1
        if self.counts[split] % self._shard_rows == 0:
            self._close(split, (None, None, None))

    def _close(self, split: str, exc_info: Any) -> None:
        _, context = self._open.pop(split)
        context.__exit__(*exc_info)


def join_drops(parts: Iterable[Path], path: Path) -> None:
    """Joins gzip files of JSON lines into one, without unpacking them."""
    with write_whole(path) as unfinished, unfinished.open("wb") as joined:
        for part in parts:
            with part.open("rb") as file:
                while block := file.read(1 << 20):
                    joined.write(block)


def move_finished(folder: Path, output: Path) -> None:
    """Moves what is finished to where it belongs, each file or folder in the place of an earlier one."""
    for entry in sorted(folder.iterdir()):
        target = output / entry.name
        if target.is_dir():
            shutil.rmtree(target)
        entry.replace(target)
