from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from svgtune.errors import InputError, MissingInputError
from svgtune.generate.prompts_file import read_prompts


def test_texts_become_prompts_with_readable_unique_ids() -> None:
    prompts = read_prompts(["A red ball!", "Ünder  the\tsea\n", "日本の山"])
    assert [p.id for p in prompts] == ["0001-a-red-ball", "0002-under-the-sea", "0003"]
    assert prompts[1].text == "Ünder the sea"
    assert not any(p.refusal for p in prompts)
    assert "CJK" in prompts[2].note
    assert not prompts[1].note


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "prompt: is empty; write what to draw"),
        (" \n\t ", "prompt: is empty; write what to draw"),
        ("x" * 10_001, "prompt: has 10001 characters, and 10000 is the most; shorten it"),
        ("a\x00b", "prompt: holds the control character U+0000 at position 1; remove it"),
        ("red \x1b[31m", "prompt: holds the control character U+001B at position 4; remove it"),
        ("half \ud83d", "prompt: holds one half of a surrogate pair, U+D83D at position 5; remove it"),
    ],
)
def test_a_bad_prompt_is_refused_and_the_others_are_not(text: str, words: str) -> None:
    good, bad, other = read_prompts(["a red ball", text, "x" * 10_000])
    assert bad.refusal == words
    assert (good.refusal, other.refusal) == ("", "")
    assert other.text == "x" * 10_000
    bad.text.encode()


def test_lines_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    path.write_bytes("\ufeffa red ball\r\n\r\n  a blue sea  \nbell \x07".encode())
    first, second, third = read_prompts([str(path)])
    assert (first.text, second.text) == ("a red ball", "a blue sea")
    assert "U+0007" in third.refusal


def test_a_thousand_lines_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    path.write_text("\n".join(f"hill {i}" for i in range(1000)), encoding="utf-8")
    prompts = read_prompts([str(path)])
    assert [p.text for p in prompts] == [f"hill {i}" for i in range(1000)]
    assert len({p.id for p in prompts}) == 1000


def test_csv_columns_and_ids(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        'ID,Description\n02d892,"a purple forest, at dusk"\n,"a ""big"" house"\n../x y,\n', encoding="utf-8"
    )
    prompts = read_prompts([str(path)])
    assert [p.id for p in prompts] == ["02d892", "0002-a-big-house", "x-y"]
    assert [p.text for p in prompts] == ["a purple forest, at dusk", 'a "big" house', ""]
    assert prompts[2].refusal


def test_ids_are_unique_whatever_the_case_and_never_reserved(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    ids = ["A", "a", "CON", "gallery", "..", "a/b", 7]
    path.write_text("\n".join(json.dumps({"id": i, "prompt": "hill"}) for i in ids), encoding="utf-8")
    assert [p.id for p in read_prompts([str(path)])] == [
        "A", "a-2", "id-CON", "id-gallery", "0005-hill", "a-b", "7"
    ]  # fmt: skip


def test_bad_lines_of_jsonl_are_refused_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(
        '{"caption": "hill"}\n{oops\n{"text": "hill"}\n"sea"\n{"prompt": 5}\n[]\n', encoding="utf-8"
    )
    prompts = read_prompts([str(path)])
    assert [bool(p.refusal) for p in prompts] == [False, True, True, False, True, True]
    assert "p.jsonl:2: is not JSON" in prompts[1].refusal
    assert "has the keys 'text'" in prompts[2].refusal
    assert "not a text" in prompts[4].refusal


def test_captions_of_a_prepared_shard(tmp_path: Path) -> None:
    path = tmp_path / "00000.parquet"
    pq.write_table(pa.table({"id": ["s1", "s2"], "svg": ["<svg/>"] * 2, "caption": ["a fox", "a hut"]}), path)
    assert [(one.id, one.text) for one in read_prompts([str(path)])] == [("s1", "a fox"), ("s2", "a hut")]
    pq.write_table(pa.table({"caption": ["a fox"]}), path)
    assert [one.id for one in read_prompts([str(path)])] == ["0001-a-fox"]
    pq.write_table(pa.table({"captoin": ["a fox"]}), path)
    with pytest.raises(MissingInputError, match="is it 'captoin'"):
        read_prompts([str(path)])
    path.write_bytes(b"no parquet")
    with pytest.raises(InputError, match="cannot be read as parquet"):
        read_prompts([str(path)])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"a red ball\nsea\n")))
    assert [p.text for p in read_prompts(["-", "hill"])] == ["a red ball", "sea", "hill"]


def test_a_missing_file_is_named_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("hill")
    with pytest.raises(
        MissingInputError, match=r"there is no file .*prompt\.txt \(did you mean .*prompts\.txt\?\)"
    ):
        read_prompts([str(tmp_path / "prompt.txt")])


def test_a_missing_column_is_named_with_its_neighbour(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,captions\n1,hill\n")
    with pytest.raises(
        MissingInputError, match=r"none called prompt, description or caption \(is it 'captions'\?\)"
    ):
        read_prompts([str(path)])


@pytest.mark.parametrize(
    ("data", "words"), [(b"caf\xe9", "byte 3 .0xe9. is not UTF-8"), (b"\n\n", "holds no prompt")]
)
def test_a_useless_file_is_an_error(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "p.txt"
    path.write_bytes(data)
    with pytest.raises(InputError, match=words):
        read_prompts([str(path)])


def test_no_prompts_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="give --prompts TEXT"):
        read_prompts([])
