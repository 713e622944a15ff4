"""The competition's table of descriptions, as strict as the competition is about it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from svgtune.assets import find_asset
from svgtune.errors import InputError, MissingInputError
from svgtune.generate.prompts_file import Prompt, build_prompt, read_table

_COLUMNS = ("id", "description")


@dataclass(frozen=True, slots=True)
class Description:
    """One row.

    Attributes:
        id: As the table has it.
        text: As the table has it; this is what the model is asked.
        prompt: The same made fit for file names and pages.
    """

    id: str
    text: str
    prompt: Prompt


def read_descriptions(path: Path) -> list[Description]:
    """Reads a CSV with the columns id and description, in the order of its rows.

    Raises:
        MissingInputError: A column is not there.
        InputError: It is not CSV in UTF-8, holds no description, or an id is missing or there twice.
    """
    header, rows = read_table(find_asset(path).read_bytes(), str(path))
    if not header:
        raise InputError(f"{path}: is empty; give a CSV with the columns id and description")
    id_place, text_place = (_find_column(name, header, path) for name in _COLUMNS)
    found: list[Description] = []
    lines: dict[str, int] = {}
    taken: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if not any(row):
            continue
        own_id = row[id_place].strip() if id_place < len(row) else ""
        if not own_id:
            raise InputError(f"{path}: row {number} has no id; give every description its own")
        if own_id in lines:
            raise InputError(
                f"{path}: the id {own_id!r:.80} is in rows {lines[own_id]} and {number}; give every "
                "description its own"
            )
        lines[own_id] = number
        text = row[text_place] if text_place < len(row) else ""
        found.append(Description(own_id, text, build_prompt(text, own_id, index=number, taken=taken)))
    if not found:
        raise InputError(f"{path}: holds no description; give a CSV with at least one row below its header")
    return found


def _find_column(name: str, header: list[str], path: Path) -> int:
    if name in header:
        return header.index(name)
    close = difflib.get_close_matches(name, header, n=1)
    hint = f" (is it {close[0]!r}?)" if close else ""
    raise MissingInputError(
        f"{path}: has the columns {', '.join(map(repr, header))[:300]} and none called {name}{hint}; rename "
        "one"
    )
