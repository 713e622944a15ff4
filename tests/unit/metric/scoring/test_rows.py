from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.scoring.rows import read_rows
from svgtune.records import Question
from svgtune.svg.repair import Validity

ASKED = {"questions": ["What colour?"], "choices": [["blue", "red"]], "answers": ["red"]}
BASE = {"id": "a", "prompt": "a red ball", "svg": "<svg/>"}
MADE = Question("Is there a ball?", ("no", "yes"), "yes")


def make_one(prompt: str) -> tuple[Question, ...]:
    return (MADE,) if prompt else ()


def save(folder: Path, *rows: Any) -> Path:
    path = folder / "drawings.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_questions_of_the_file_are_taken_and_others_made(tmp_path: Path) -> None:
    file = save(tmp_path, BASE | ASKED, "", BASE | {"id": "b", "category": "toys", "questions": None})
    given, made = read_rows(file, make_one)
    assert (given.origin, given.questions) == ("given", (Question("What colour?", ("blue", "red"), "red"),))
    assert (made.origin, made.questions, made.category) == ("by rule", (MADE,), "toys")
    assert read_rows(tmp_path, make_one) == [given, made]


def test_what_the_model_wrote_is_told_from_what_was_made_of_it(tmp_path: Path) -> None:
    file = save(
        tmp_path,
        BASE | {"validity": "strict", "text": " <svg/>\n"},
        BASE | {"id": "b", "validity": "lenient", "text": "Sure: <svg/>"},
        BASE | {"id": "c", "validity": "repaired"},
        BASE | {"id": "d", "validity": "invalid", "svg": None, "text": "no drawing"},
        BASE | {"id": "e", "validity": "invalid", "svg": None, "prompt": ""},
    )
    rows = read_rows(file, make_one)
    assert [row.svg for row in rows] == ["<svg/>", "Sure: <svg/>", "<svg/>", "no drawing", ""]
    assert [row.mended for row in rows] == [None, "<svg/>", "<svg/>", None, None]
    assert [row.declared for row in rows] == [*Validity][:3] + [Validity.INVALID] * 2
    assert rows[4].questions == ()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ('{"id": "b",', r":2: is not JSON .*; write one object a line"),
        ("[1]", r":2: holds \[1\], not an object"),
        (BASE, r":2: the id 'a' is on line 1 too; give every drawing its own id"),
        ({"id": "b", "promt": "x", "svg": ""}, r":2, id 'b': has no 'prompt', .*is it 'promt'\? rename it"),
        ({"id": "b", "prompt": "x", "SVG": ""}, r":2, id 'b': has no 'svg', .*is it 'SVG'\? rename it"),
        ({"prompt": "x", "svg": ""}, r":2: has no 'id', only 'prompt', 'svg'; add it"),
        (BASE | {"id": 7}, r":2: id is 7 \(int\), not text; write it in quotes"),
        (BASE | {"id": ""}, r":2: id is empty"),
        (BASE | {"id": "b", "svg": 3}, r":2, id 'b': svg is 3 \(int\), not text; give the SVG as a text"),
        (BASE | {"id": "b", "svg": None}, r"svg is None"),
        (BASE | {"id": "b", "validity": "fine"}, r"validity is 'fine'; write one of strict, lenient"),
        (BASE | {"id": "b", "category": 3}, r"category is 3, not text"),
        (BASE | {"id": "b", "prompt": ""}, r"no questions can be made of the prompt ''"),
        (BASE | {"id": "b", "questions": ["x"]}, r"has questions, but no 'choices'"),
        (BASE | {"id": "b"} | ASKED | {"answers": ["rad"]}, r"'rad' is not among .*; did you mean 'red'\?"),
        (
            BASE | {"id": "b"} | ASKED | {"answers": ["red", "x"]},
            r"1 questions, 1 lists of choices and 2 ans",
        ),
        (BASE | {"id": "b"} | ASKED | {"choices": ["red"]}, r"its choices are 'red'; give a list of two"),
        (BASE | {"id": "b"} | ASKED | {"choices": "red"}, r"choices is 'red', not a list"),
        (BASE | {"id": "b"} | ASKED | {"answers": [1]}, r"with answer 1; both must be text"),
    ],
)
def test_bad_rows_are_named_by_file_and_line(tmp_path: Path, row: Any, sentence: str) -> None:
    file = save(tmp_path, BASE, row)
    with pytest.raises(InputError, match=sentence) as caught:
        read_rows(file, make_one)
    assert str(caught.value).startswith(f"{file}:2")


def test_a_file_that_is_empty_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no drawings"):
        read_rows(save(tmp_path, "", " "), make_one)
    with pytest.raises(MissingInputError, match="there is no such file"):
        read_rows(tmp_path / "none.jsonl", make_one)
    (tmp_path / "bytes.jsonl").write_bytes(b'\n{"id": "\xff"}\n')
    with pytest.raises(InputError, match=r"bytes\.jsonl:2: is not UTF-8"):
        read_rows(tmp_path / "bytes.jsonl", make_one)


def test_the_digest_tells_drawings_and_questions_apart(tmp_path: Path) -> None:
    rows = [BASE, BASE | {"id": "b", "svg": "<svg />"}, BASE | {"id": "c"} | ASKED, BASE | {"id": "d"}]
    one, other, asked, same = (row.digest for row in read_rows(save(tmp_path, *rows), make_one))
    assert len({one, other, asked}) == 3
    assert one == same
