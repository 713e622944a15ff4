from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from svgtune.errors import InputError, MissingInputError
from svgtune.generate.drawings import Drawing, DrawingsTable, read_drawings
from svgtune.svg.repair import Validity

ONE = Drawing("a", "a", "hill \u2028", "<svg/>", Validity.STRICT, 9, 0.1234, 0, logprob=-1.0, rendered=True)
WANTED = {
    "a": (ONE.prompt, frozenset({"a"})),
    "b": ("sea", frozenset({"b-01", "b-02"})),
    "c": ("sky", frozenset({"c"})),
}


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    with DrawingsTable(tmp_path, WANTED) as table:
        table.append([ONE])
    assert list(read_drawings(tmp_path)) == [replace(ONE, seconds=0.123)]


def test_a_table_cut_in_the_middle_keeps_the_prompts_that_are_whole(tmp_path: Path) -> None:
    b1, b2 = (replace(ONE, id=f"b-0{i}", prompt_id="b", prompt="sea", candidate=i - 1) for i in (1, 2))
    lines = [ONE.to_json(), b1.to_json(), b2.to_json()[:-20]]
    (tmp_path / "drawings.jsonl").write_text("\n".join(lines))
    with DrawingsTable(tmp_path, WANTED) as table:
        assert table.done == {"a"}
        table.append([b1, b2])
    assert [d.id for d in read_drawings(tmp_path)] == ["a", "b-01", "b-02"]


def test_sorting_puts_rows_in_the_order_of_the_prompts(tmp_path: Path) -> None:
    c = replace(ONE, id="c", prompt_id="c", prompt="sky")
    b1, b2 = (replace(ONE, id=f"b-0{i}", prompt_id="b", prompt="sea", candidate=i - 1) for i in (1, 2))
    with DrawingsTable(tmp_path, WANTED) as table:
        table.append([c])
        table.append([b2, b1])
        table.append([ONE])
        table.sort()
        table.append([])
    assert [d.id for d in read_drawings(tmp_path)] == ["a", "b-01", "b-02", "c"]


def test_resuming_with_other_prompts_is_refused(tmp_path: Path) -> None:
    with DrawingsTable(tmp_path, WANTED) as table:
        table.append([ONE])
    with pytest.raises(InputError, match=r"a was drawn for .*hill.* and is now 'moon'; resume with the same"):
        DrawingsTable(tmp_path, {"a": ("moon", frozenset({"a"}))})


def test_resuming_never_throws_drawings_away(tmp_path: Path) -> None:
    refused = replace(ONE, id="b", prompt_id="b", prompt="sea", svg="", finish="refused")
    with DrawingsTable(tmp_path, WANTED) as table:
        table.append([ONE, refused])
    before = (tmp_path / "drawings.jsonl").read_bytes()
    with pytest.raises(InputError, match=r"a was drawn for .*hill.*, and is none of the prompts now"):
        DrawingsTable(tmp_path, {"b": WANTED["b"]})
    with pytest.raises(InputError, match="a is none of the drawings that a is to have now"):
        DrawingsTable(tmp_path, WANTED | {"a": (ONE.prompt, frozenset({"a-01", "a-02"}))})
    assert (tmp_path / "drawings.jsonl").read_bytes() == before
    with DrawingsTable(tmp_path, WANTED) as table:
        assert table.done == {"a", "b"}


def test_reading_says_what_is_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"holds no drawings\.jsonl"):
        list(read_drawings(tmp_path))
    (tmp_path / "drawings.jsonl").write_text(f"{ONE.to_json()}\n{{")
    with pytest.raises(InputError, match=r"drawings\.jsonl:2: is not a drawing"):
        list(read_drawings(tmp_path))
