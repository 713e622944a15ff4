from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from svgtune.config.prepare import FileNameCaptions, FolderSource
from svgtune.data.sources.base import Item, caption_family, clean_caption, part_bounds, read_items
from svgtune.data.sources.captions import name_code_points, name_file
from svgtune.data.sources.folder import FolderFiles
from svgtune.errors import InputError, MissingInputError
from svgtune.records import Drop, Sample

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0h9v9z"/></svg>'


def read_all(path: Path, work: Path, **section: object) -> list[Item]:
    source = FolderFiles(FolderSource.model_validate({"kind": "folder", "path": path, **section}), work)
    source.fetch()
    return list(source.read(0, 1))


@pytest.mark.parametrize(
    ("stem", "caption"),
    [
        ("red-fox_2", "red fox"),
        ("redFox", "red fox"),
        ("RED_FOX-12", "red fox"),
        ("mp3", "mp"),
        ("a  b", "a b"),
    ],
)
def test_file_name_becomes_caption(stem: str, caption: str) -> None:
    assert name_file(stem) == caption


def test_suffixes_are_cut_from_file_names() -> None:
    assert name_file("waving-hand-medium-dark", ["-(medium-dark|dark)$"]) == "waving hand"


@pytest.mark.parametrize(
    ("stem", "caption"),
    [
        ("1f98a", "fox face"),
        ("2764-fe0f", "heavy black heart"),
        ("1f44b-1f3fd", "waving hand sign: skin tone type-4"),
        ("1f1eb-1f1f7", "flag FR"),
        ("logo", ""),
        ("110000", ""),
    ],
)
def test_code_points_become_captions(stem: str, caption: str) -> None:
    assert name_code_points(stem) == caption


def test_variants_share_a_family() -> None:
    assert caption_family("Waving hand: dark skin tone") == caption_family("waving hand") == "waving hand"


def test_caption_loses_controls_and_joiners() -> None:
    assert clean_caption(" red\u200d\tfox\x00\nface ") == "red fox face"


def test_parts_are_the_whole() -> None:
    bounds = [part_bounds(10, rank, 4) for rank in range(4)]
    assert [i for start, end in bounds for i in range(start, end)] == list(range(10))


def test_files_are_read_in_order_with_licence_and_origin(tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    (folder / "sub").mkdir(parents=True)
    for name in ("b-cat.svg", "sub/c-dog.svg", "a-fish.svg", "notes.txt"):
        (folder / name).write_text(SVG, encoding="utf-8")
    items = read_all(folder, tmp_path / "work", licence="CC0-1.0")
    assert [(i.id, i.caption) for i in items if isinstance(i, Sample)] == [
        ("pets/a-fish.svg", "a fish"),
        ("pets/b-cat.svg", "b cat"),
        ("pets/sub/c-dog.svg", "c dog"),
    ]
    assert {(i.licence, i.source, i.origin) for i in items[:1] if isinstance(i, Sample)} == {
        ("CC0-1.0", "pets", "pets/a-fish.svg")
    }


@pytest.mark.parametrize(
    ("data", "reason", "sentence"),
    [
        (
            b"\xff\xfe" + b"\x00\xd8" * 3,
            "not_text",
            "x.svg: is not UTF-16 text (byte 2); save it as UTF-8",
        ),
        (
            "<svg/>".encode("utf-16-le"),
            "not_text",
            "is UTF-16 or UTF-32 without a byte order mark; save it as UTF-8",
        ),
        (b"<svg>\xe9</svg>", "not_text", "x.svg: is not UTF-8 text (byte 5); save it as UTF-8"),
        (
            gzip.compress(b"<svg/>", mtime=0),
            "not_xml",
            "x.svg: is gzip-compressed (svgz), not XML; unpack it first",
        ),
    ],
)
def test_undecodable_file_is_a_drop_with_a_sentence(
    tmp_path: Path, data: bytes, reason: str, sentence: str
) -> None:
    (tmp_path / "x.svg").write_bytes(data)
    (drop,) = read_all(tmp_path, tmp_path / "work")
    assert isinstance(drop, Drop)
    assert drop.reason == reason
    assert sentence in drop.detail


def test_utf16_with_its_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_bytes("<svg>é</svg>".encode("utf-16"))
    (sample,) = read_all(tmp_path, tmp_path / "work")
    assert isinstance(sample, Sample)
    assert sample.svg == "<svg>é</svg>"


def test_gigabyte_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "x.svg").open("wb") as file:
        file.truncate(1_000_000_000)
    source = FolderFiles(FolderSource(kind="folder", path=tmp_path), tmp_path / "work")
    source.fetch()
    opened: list[Path] = []
    original = Path.open
    monkeypatch.setattr(Path, "open", lambda p, *a, **k: opened.append(p) or original(p, *a, **k))
    (drop,) = source.read(0, 1)
    assert isinstance(drop, Drop)
    assert (drop.reason, drop.detail) == (
        "too_large",
        "x.svg: has 1,000,000,000 bytes, more than 2,000,000; simplify it",
    )
    assert tmp_path / "x.svg" not in opened


def test_caption_table_names_files_by_path_name_or_stem(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.svg", "b.svg", "sub/c.svg", "d.svg"):
        (tmp_path / name).write_text(SVG, encoding="utf-8")
    table = 'file,title,kind\na.svg,"a fox, red",animal\nb,a boat,thing\nsub/c.svg,a cup,thing\n'
    (tmp_path / "captions.csv").write_text(table, encoding="utf-8")
    captions = {
        "kind": "table",
        "file": "captions.csv",
        "caption": "{title}",
        "category": "kind",
        "facts": ["kind"],
    }
    items = [i for i in read_all(tmp_path, tmp_path / "work", captions=captions) if isinstance(i, Sample)]
    assert [(i.caption, i.category, i.facts) for i in items] == [
        ("a fox, red", "animal", {"kind": "animal"}),
        ("a boat", "thing", {"kind": "thing"}),
        ("a cup", "thing", {"kind": "thing"}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("c.csv", "file,captoin\na,b\n", "c.csv:2: has no column 'caption'; did you mean 'captoin'?"),
        (
            "c.csv",
            "file,caption\na,b,c\n",
            "c.csv:2: has not as many cells as the heading has columns (2)",
        ),
        ("c.jsonl", '{"file": "a", "caption": "b"}\n{"file"\n', "c.jsonl:2: is not JSON ("),
        ("c.jsonl", "[1]\n", "c.jsonl:1: holds '[1]', not an object; write one object on each line"),
        (
            "c.xlsx",
            "",
            "c.xlsx: captions are read from .csv, .tsv, .json or .jsonl, not '.xlsx'; convert it",
        ),
    ],
)
def test_bad_caption_table_names_file_line_and_column(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    (tmp_path / "a.svg").write_text(SVG, encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_all(tmp_path, tmp_path / "work", captions={"kind": "table", "file": name})
    assert sentence in str(caught.value)


def test_missing_folder_and_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"gone: there is no such folder; correct the source's path"):
        read_all(tmp_path / "gone", tmp_path / "work")
    (tmp_path / "captions.csv").write_text("file,caption\n", encoding="utf-8")
    with pytest.raises(
        MissingInputError, match=r"caption\.csv: there is no such caption file; did you mean 'captions"
    ):
        read_all(tmp_path, tmp_path / "work", captions={"kind": "table", "file": "caption.csv"})


def test_metadata_files_give_captions(tmp_path: Path) -> None:
    folder = tmp_path / "emoji" / "fox" / "flat"
    folder.mkdir(parents=True)
    (folder / "fox_flat.svg").write_text(SVG, encoding="utf-8")
    (folder.parent / "metadata.json").write_text(
        json.dumps({"cldr": "fox", "group": "Animals"}), encoding="utf-8"
    )
    (sample,) = read_all(tmp_path, tmp_path / "work", captions={"kind": "metadata", "category": "group"})
    assert isinstance(sample, Sample)
    assert (sample.caption, sample.category) == ("fox", "Animals")


def test_empty_folder_is_refused(tmp_path: Path, write_drawings: Callable[..., Path]) -> None:
    with pytest.raises(
        InputError, match=r"no captioned file matches '\*\.png'; correct path, pattern or captions"
    ):
        read_all(write_drawings(1), tmp_path / "work", pattern="*.png")


def test_an_empty_folder_is_looked_at_again(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(InputError, match="no captioned file matches"):
        read_all(folder, tmp_path / "work")
    (folder / "red-fox.svg").write_text(SVG)
    assert len(read_all(folder, tmp_path / "work")) == 1


def test_a_file_name_that_is_not_utf8_is_a_drop(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.svg")).write_text(SVG)
    source = FolderFiles(FolderSource.model_validate({"kind": "folder", "path": folder}), tmp_path / "work")
    source.fetch()
    (drop,) = read_items(source)
    assert isinstance(drop, Drop)
    assert drop.reason == "not_text"
    assert "caf\\udce9" in drop.id


def test_a_bad_pattern_is_named() -> None:
    with pytest.raises(ValueError, match="is not a regular expression"):
        FileNameCaptions(remove=("(",))
