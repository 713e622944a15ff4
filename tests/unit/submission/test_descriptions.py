from __future__ import annotations

from pathlib import Path

import pytest

from svgtune.errors import InputError, MissingInputError
from svgtune.submission.descriptions import read_descriptions


def write(folder: Path, data: str | bytes) -> Path:
    path = folder / "d.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_rows_are_kept_as_they_are_and_ids_made_fit_for_files(tmp_path: Path) -> None:
    path = write(tmp_path, '\ufeffID,Description,more\na/b,"a ""red"" ball,\nround",1\nA-B,,\n\n..,x\n')
    first, second, third = read_descriptions(path)
    assert (first.id, first.text) == ("a/b", 'a "red" ball,\nround')
    assert (first.prompt.id, first.prompt.text) == ("a-b", 'a "red" ball, round')
    assert (second.id, second.text, second.prompt.id) == ("A-B", "", "A-B-2")
    assert second.prompt.refusal
    assert "/" not in third.prompt.id


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ("", InputError, "d.csv: is empty"),
        ("id,description\n", InputError, "holds no description"),
        (
            "id,descripton\n1,a\n",
            MissingInputError,
            r"none called description \(is it 'descripton'\?\); rename",
        ),
        ("description\na\n", MissingInputError, "none called id"),
        ("id,description\n1,a\n2,b\n1,c\n", InputError, "the id '1' is in rows 1 and 3"),
        ("id,description\n1,a\n,b\n", InputError, "row 2 has no id"),
        (b"id,description\n1,\xff\n", InputError, "is not UTF-8"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, data: str | bytes, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_descriptions(write(tmp_path, data))
