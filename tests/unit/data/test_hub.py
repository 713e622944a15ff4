from __future__ import annotations

import csv
import json
import sys
import types
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from svgtune.config.prepare import HubSource
from svgtune.data.sources import hub
from svgtune.data.sources.base import read_items
from svgtune.data.sources.hub import HubRows
from svgtune.errors import InputError, MissingInputError, SourceError
from svgtune.records import Drop, Sample

ROWS = [
    {"text": f"fox number {n}", "code": f'<svg><path d="M{n} 0h1"/></svg>', "rights": "CC0-1.0"}
    for n in range(23)
]
COLUMNS = {"caption": "text", "svg": "code", "licence": "rights"}


def build_source(path: object, work: Path, columns: dict[str, str] = COLUMNS, **section: object) -> HubRows:
    values = {"kind": "hub", "path": str(path), "columns": columns, **section}
    return HubRows(HubSource.model_validate(values), work)


def write_table(path: Path) -> Path:
    if path.suffix.lower() == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=10)
    elif path.suffix.lower() == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(ROWS[0]))
            writer.writeheader()
            writer.writerows(ROWS)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv", ".PARQUET", ".CSV"])
def test_parts_of_a_local_table_are_the_whole(tmp_path: Path, suffix: str) -> None:
    source = build_source(write_table(tmp_path / f"foxes{suffix}"), tmp_path / "work")
    source.fetch()
    samples = [item for rank in range(4) for item in source.read(rank, 4)]
    assert [s.caption for s in samples if isinstance(s, Sample)] == [row["text"] for row in ROWS]
    assert {s.licence for s in samples if isinstance(s, Sample)} == {"CC0-1.0"}
    assert len({s.id for s in samples}) == source.len_hint == 23


def test_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "foxes"
    folder.mkdir()
    for name in ("b", "a"):
        write_table(folder / f"{name}.parquet")
    source = build_source(folder, tmp_path / "work", max_rows=30)
    source.fetch()
    samples = [item for rank in range(3) for item in source.read(rank, 3)]
    assert [s.id for s in samples[:1]] == ["foxes/a.parquet:1"]
    assert len(samples) == 30


def test_missing_column_and_file_are_named(tmp_path: Path) -> None:
    table = write_table(tmp_path / "foxes.parquet")
    with pytest.raises(
        MissingInputError, match=r"foxes\.parquet: has no column 'txt'; did you mean 'text'\?"
    ):
        build_source(table, tmp_path, {"caption": "txt", "svg": "code"}).fetch()
    with pytest.raises(MissingInputError, match=r"there is no such table; did you mean 'foxes\.parquet'\?"):
        build_source(tmp_path / "foxs.parquet", tmp_path).fetch()
    (tmp_path / "bad.parquet").write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"bad\.parquet: is not a parquet file"):
        build_source(tmp_path / "bad.parquet", tmp_path).fetch()


def test_bad_rows_are_drops_with_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MAX_LINE_BYTES", 300)
    good = json.dumps(ROWS[0])
    lines = [
        good,
        "{",
        json.dumps(ROWS[0] | {"text": None}),
        json.dumps(ROWS[0] | {"code": "x" * 900}),
        good,
    ]
    (tmp_path / "foxes.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    source = build_source(tmp_path / "foxes.jsonl", tmp_path)
    source.fetch()
    items = list(source.read(0, 1))
    drops = [item for item in items if isinstance(item, Drop)]
    assert [type(item).__name__ for item in items] == ["Sample", "Drop", "Drop", "Drop", "Sample"]
    assert drops[0].detail.startswith("foxes.jsonl:2: is not JSON")
    assert drops[1].detail == "foxes.jsonl:3: column 'text' holds None, not text; correct the row"
    assert drops[2].detail == "foxes.jsonl:4: is longer than 300 bytes; simplify the drawing"


def test_data_set_not_to_be_had_is_a_source_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*_: object, **__: object) -> None:
        raise ConnectionError("no route\nmore")

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=load_dataset))
    with pytest.raises(SourceError) as caught:
        build_source("someone/foxes", tmp_path / "work").fetch()
    assert str(caught.value) == (
        "someone/foxes: the data set cannot be had (no route); check id, split and network"
    )


def test_data_set_is_copied_once_to_local_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Rows:
        column_names = tuple(ROWS[0])

        def select_columns(self, names: list[str]) -> Rows:
            assert names == ["text", "code", "rights"]
            return self

        def to_parquet(self, path: Path, batch_size: int) -> None:
            pq.write_table(pa.Table.from_pylist(ROWS), path)

    calls: list[object] = []
    fake = types.SimpleNamespace(load_dataset=lambda *a, **k: calls.append((a, k)) or Rows())
    monkeypatch.setitem(sys.modules, "datasets", fake)
    for _ in range(2):
        source = build_source("someone/foxes", tmp_path / "work", split="test")
        source.fetch()
        assert source.len_hint == 23
    assert calls == [(("someone/foxes", None), {"split": "test", "revision": None})]


def test_what_no_table_can_hold_is_a_drop(tmp_path: Path) -> None:
    rows = [
        json.dumps(ROWS[0] | {"key": "a"}),
        json.dumps(ROWS[0]),
        json.dumps(ROWS[0] | {"key": "c", "text": "a fox \ud83e"}),
        "[" * 200_000,
    ]
    (tmp_path / "foxes.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    source = build_source(tmp_path / "foxes.jsonl", tmp_path, COLUMNS | {"id": "key"})
    source.fetch()
    good, *drops = read_items(source)
    assert isinstance(good, Sample)
    assert [drop.reason for drop in drops if isinstance(drop, Drop)] == ["bad_row", "not_text", "bad_row"]
    assert "foxes.jsonl:2: has no 'key'" in drops[0].detail
    assert drops[1].detail.endswith("caption holds half of a character; write it as UTF-8")
    for drop in drops:
        json.dumps(asdict(drop), ensure_ascii=False).encode()
