"""Questions that are kept apart from the drawings: a benchmark's, or the competition's own table."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from svgtune.assets import find_asset
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.table import QUESTION_COLUMNS, read_solution
from svgtune.records import Question, build_questions, list_columns

_ID = "id"
_READERS: dict[str, Callable[..., pd.DataFrame]] = {
    # "None" and "NA" are answers.
    ".csv": lambda path: pd.read_csv(path, dtype=str, keep_default_na=False),
    ".jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    ".parquet": pd.read_parquet,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file of questions says about one prompt.

    Attributes:
        category: Empty where the file has none.
    """

    questions: tuple[Question, ...]
    category: str = ""


def read_question_file(path: Path) -> dict[str, Asked]:
    """Reads the questions of each prompt id.

    Args:
        path: .jsonl, .csv or .parquet with ``id``, ``question(s)``, ``choices``, ``answer(s)`` and perhaps
            ``category``: one row for each question, as the competition has them, or one row of lists for
            each prompt; or a .parquet file of data_prep/prepare.py.

    Raises:
        MissingInputError: The file or a column is not there.
        InputError: The file is of another kind, or cannot be read.
    """
    file = find_asset(path)
    if file.suffix not in _READERS:
        raise InputError(f"questions: {path} is no {', '.join(_READERS)} file; give one of these")
    if not file.is_file():
        raise MissingInputError(f"questions: there is no file {path}; give one that is there")
    try:
        table = _READERS[file.suffix](file)
    except (ValueError, TypeError, OSError) as error:
        raise InputError(f"questions: {path} cannot be read ({error}); mend the file") from error
    if not len(table):
        raise InputError(f"questions: {path} has no rows; give at least one")
    table = _spread_prepared(table, path)
    several = {f"{name}s": name for name in QUESTION_COLUMNS}
    table = table.rename(columns={k: v for k, v in several.items() if v not in table.columns})
    _check_ids(table, path)
    try:
        questions = read_solution(table, _ID)
    except (InputError, MissingInputError) as error:
        raise type(error)(
            f"questions: {path}: {str(error).removeprefix('solution').lstrip(':, ')}"
        ) from error
    for key, own in questions.items():
        for question in own:
            check_question(question, f"questions: {path}: id {key!r}")
    categories = _read_categories(table)
    return {key: Asked(own, categories.get(key, "")) for key, own in questions.items()}


def check_question(question: Question, where: str) -> None:
    """Refuses a question that cannot be answered rightly or wrongly.

    Raises:
        InputError: It has fewer than two choices, or its answer is none of them; begins with ``where``.
    """
    where, choices = f"{where}, question {question.text!r:.80}", list(question.choices)
    if len(choices) < 2:
        raise InputError(f"{where}: its choices are {choices!r:.80}; give a list of two or more texts")
    if question.answer not in choices:
        close = difflib.get_close_matches(question.answer, choices, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "correct the answer or the choices"
        raise InputError(
            f"{where}: the answer {question.answer!r:.80} is not among the choices {choices!r:.200}; {hint}"
        )


def _check_ids(table: pd.DataFrame, path: Path) -> None:
    for row_id in table[_ID] if _ID in table.columns else ():
        if not isinstance(row_id, str):
            remedy = "store the column as text" if path.suffix == ".parquet" else "write it in quotes"
            raise InputError(
                f"questions: {path}: id {row_id!r} is {type(row_id).__name__}, not text; {remedy}"
            )


def _spread_prepared(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Gives the questions that a prepared sample holds as JSON a column for each of their parts."""
    alone = "questions" in table.columns and not {"choices", "answer", "answers"} & set(table.columns)
    if not (alone and all(isinstance(cell, str) for cell in table["questions"])):
        return table
    try:
        columns = [list_columns(build_questions(json.loads(cell))) for cell in table["questions"]]
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(
            f"questions: {path}: the column questions stands without choices and answers, and is not what "
            f"data_prep/prepare.py writes ({error!r}); add the columns choices and answers"
        ) from error
    spread = table.drop(columns="questions").join(pd.DataFrame(columns, table.index))
    return spread[spread["questions"].map(bool)]


def _read_categories(table: pd.DataFrame) -> dict[str, str]:
    if "category" not in table.columns:
        return {}
    return dict(zip(table[_ID], table["category"].fillna("").astype(str), strict=True))
