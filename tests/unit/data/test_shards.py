from __future__ import annotations

import errno
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from svgtune.data.shards import (
    ROW_SCHEMA,
    SAMPLE_SCHEMA,
    SplitWriter,
    build_table,
    join_drops,
    open_drops,
    write_drop,
    write_whole,
)
from svgtune.data.steps import Dropped
from svgtune.records import Drop, Sample


def test_full_disk_leaves_the_earlier_file_and_names_it(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("earlier", encoding="utf-8")

    def fill_disk() -> None:
        with write_whole(file) as unfinished:
            unfinished.write_text("half", encoding="utf-8")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left on device") as caught:
        fill_disk()
    assert caught.value.filename == str(file)
    assert caught.value.errno == errno.ENOSPC
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert file.read_text(encoding="utf-8") == "earlier"


def test_arrow_error_without_a_number_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, write_whole(tmp_path / "a"):
        raise OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")
    assert caught.value.errno == errno.ENOSPC


def build_row(index: int) -> dict[str, Any]:
    return Sample(f"i{index}", "c", "s", "x", "o", "CC0-1.0", facts={"n": index}).to_row() | {"tokens": 1}


def test_splits_are_written_in_shards_of_equal_length(tmp_path: Path) -> None:
    with SplitWriter(tmp_path, shard_rows=3) as writer:
        for index in range(8):
            writer.write("held_out" if index == 5 else "train", build_row(index))
    files = {
        p.relative_to(tmp_path).as_posix(): pq.read_table(p) for p in sorted(tmp_path.rglob("*.parquet"))
    }
    assert {name: table.num_rows for name, table in files.items()} == {
        "held_out/00000.parquet": 1,
        "train/00000.parquet": 3,
        "train/00001.parquet": 3,
        "train/00002.parquet": 1,
    }
    assert all(table.schema.equals(SAMPLE_SCHEMA) for table in files.values())
    rows = [row for name, table in files.items() if name.startswith("train") for row in table.to_pylist()]
    assert [Sample.from_row(row).facts["n"] for row in rows] == [0, 1, 2, 3, 4, 6, 7]


def test_failed_split_leaves_no_half_shard(tmp_path: Path) -> None:
    def fail() -> None:
        with SplitWriter(tmp_path, shard_rows=3) as writer:
            writer.write("train", build_row(0))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not list(tmp_path.rglob("*.parquet*"))


def test_drops_join_into_one_file_with_equal_bytes(tmp_path: Path) -> None:
    parts = [tmp_path / "1.jsonl.gz", tmp_path / "2.jsonl.gz"]
    for part in parts:
        with open_drops(part) as drops:
            write_drop(drops, Dropped(Drop("i", "blank", "\ud800 odd", "x", "o"), "é", "<svg/>"))
    assert parts[0].read_bytes() == parts[1].read_bytes()
    join_drops(parts, tmp_path / "all.jsonl.gz")
    lines = gzip.decompress((tmp_path / "all.jsonl.gz").read_bytes()).decode().splitlines()
    assert [json.loads(line)["caption"] for line in lines] == ["é", "é"]


def test_columns_are_those_that_arrow_makes() -> None:
    texts = {name: f"ü {name}" for name in ROW_SCHEMA.names}
    rows = [
        texts
        | {"difference": None if i % 3 else i / 7, "tokens": None if i % 2 else i, "digest": bytes(16)}
        | {"phash": 2**64 - 1 - i, "thumb": bytes([i]) * i}
        for i in range(20)
    ]
    for part in (rows, rows[:1], []):
        table = build_table(part, ROW_SCHEMA)
        table.validate(full=True)
        assert table.equals(pa.Table.from_pylist(part, ROW_SCHEMA))


@pytest.mark.slow
def test_writing_rows_does_not_import_pandas(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from svgtune.data.shards import SAMPLE_SCHEMA, open_rows, read_rows\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "with open_rows(path, SAMPLE_SCHEMA) as writer:\n"
        "    writer.write({name: 'x' for name in SAMPLE_SCHEMA.names})\n"
        "assert len(list(read_rows(path))) == 1\n"
        "sys.exit('pandas' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.parquet")], check=True)
