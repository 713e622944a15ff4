"""The competition's own entrance: a table of questions and a table of drawings in, one number out."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import pandas as pd

from svgtune.errors import InputError, MissingInputError, SubmissionError
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Score, Scorer, check_samples
from svgtune.records import Question
from svgtune.render.pool import RenderPool
from svgtune.svg.constraints import check_svg

SVG_COLUMN = "svg"
QUESTION_COLUMNS = ("question", "choices", "answer")


def score(
    solution: pd.DataFrame,
    submission: pd.DataFrame,
    row_id_column_name: str,
    random_seed: int = 0,
    *,
    judges: Judges,
    strict_submission: bool = True,
    pool: RenderPool | None = None,
) -> float:
    """Returns the mean score of a submission, as Kaggle does. See ``score_rows``."""
    rows = score_rows(
        solution,
        submission,
        row_id_column_name,
        random_seed,
        judges=judges,
        strict_submission=strict_submission,
        pool=pool,
    )
    return sum(row.total for row in rows) / len(rows)


def score_rows(
    solution: pd.DataFrame,
    submission: pd.DataFrame,
    row_id_column_name: str,
    random_seed: int = 0,
    *,
    judges: Judges,
    strict_submission: bool = True,
    pool: RenderPool | None = None,
) -> list[Score]:
    """Scores each drawing of a submission.

    Args:
        solution: The id and ``question``, ``choices``, ``answer``: one row for each question, or one row for
            each description with lists of them. Lists may be texts, as in a CSV file.
        submission: The id and ``svg``, one row for each description.
        row_id_column_name: The id's column in both tables.
        random_seed: Gives each description the seed of its image defences.
        judges: Any three judges.
        strict_submission: Whether, as at the competition, a drawing that breaks a rule or cannot be rendered
            fails the submission, and a black picture is judged; else they score 0 with the reason.
        pool: As of ``Scorer``. Its limits are not the competition's, which had none: a canvas of more than
            ``svgtune.render.raster.MAX_CANVAS_PX`` and what takes longer than its time count as not to be
            rendered. On a slow machine give one with more time.

    Returns:
        One score for each description, sorted by id.

    Raises:
        SubmissionError: A drawing fails a strict submission.
        MissingInputError: A column is missing.
        InputError: The tables do not fit together, or one of them cannot be used.
        JudgeError: A judge raised, or answered with what is no judgement.
    """
    questions = read_solution(solution, row_id_column_name)
    svgs = read_submission(submission, row_id_column_name)
    _check_same_ids(questions.keys(), svgs.keys())
    entries = [Entry(row_id, svgs[row_id], questions[row_id]) for row_id in sorted(questions)]
    check_samples(entries)
    if strict_submission:
        _check_rules(entries)
    scorer = Scorer(judges, pool=pool, judge_blank=strict_submission)
    rows = []
    for row in scorer.stream(entries, random_seed):
        if strict_submission and row.reason is not None:
            raise SubmissionError(
                f"submission, id {row.id}: {row.detail}; mend this drawing, or score with "
                "strict_submission=False"
            )
        rows.append(row)
    return rows


def read_solution(solution: pd.DataFrame, id_column: str) -> dict[str, tuple[Question, ...]]:
    """Reads the questions of each description from either form of the table.

    Raises:
        MissingInputError: A column is missing.
        InputError: The table is empty, an id is no text or has two rows of lists, or a cell cannot be read.
    """
    _check_table("solution", solution, id_column, QUESTION_COLUMNS)
    found: dict[str, tuple[Question, ...]] = {}
    whole = set()
    columns = [solution[column] for column in (id_column, *QUESTION_COLUMNS)]
    for row_id, question, choices, answer in zip(*columns, strict=True):
        where = f"solution, id {row_id}"
        options = _read_list(where, "choices", choices)
        if options and all(isinstance(option, str) for option in options):
            new: tuple[Question, ...] = (_build_question(where, question, options, answer),)
        elif not options and isinstance(question, str) and not question.lstrip().startswith(("[", "(")):
            raise InputError(
                f"{where}, question {question!r:.80}: its choices are []; give a list of two or more texts"
            )
        else:
            new = _read_questions(where, question, options, answer)
            whole.add(row_id)
        if row_id in found and row_id in whole:
            raise InputError(
                f"{where}: the id has a row with lists of questions and another one; give it one"
            )
        found[row_id] = found.get(row_id, ()) + new
    return found


def read_submission(submission: pd.DataFrame, id_column: str) -> dict[str, str]:
    """Reads the drawing of each description.

    Raises:
        MissingInputError: A column is missing.
        InputError: The table is empty, or an id is no text or there twice.
    """
    _check_table("submission", submission, id_column, (SVG_COLUMN,))
    twice = submission[id_column][submission[id_column].duplicated()]
    if len(twice):
        raise InputError(f"submission, id {twice.iloc[0]}: the id has more than one row; give it one")
    return dict(zip(submission[id_column], submission[SVG_COLUMN], strict=True))


def _check_table(name: str, table: pd.DataFrame, id_column: str, others: Iterable[str]) -> None:
    for column in (id_column, *others):
        if column not in table.columns:
            raise MissingInputError(
                f"{name}: has no column {column!r}, only {list(table.columns)}; give the competition's form"
            )
    if not len(table):
        raise InputError(f"{name}: has no rows; give at least one")
    for row_id in table[id_column]:
        if not isinstance(row_id, str):
            raise InputError(
                f"{name}, id {row_id!r}: is {type(row_id).__name__}, not text; read the table with "
                f"dtype={{{id_column!r}: str}}"
            )


def _check_same_ids(wanted: Iterable[str], given: Iterable[str]) -> None:
    missing, unknown = sorted(set(wanted) - set(given)), sorted(set(given) - set(wanted))
    if missing:
        raise InputError(
            f"submission, id {missing[0]}: has no drawing ({len(missing)} such ids); add a row for each id "
            "of the solution"
        )
    if unknown:
        raise InputError(
            f"submission, id {unknown[0]}: the solution does not know it ({len(unknown)} such ids); remove "
            "these rows"
        )


def _check_rules(entries: Iterable[Entry]) -> None:
    for entry in entries:
        violations = check_svg(entry.svg)
        if violations:
            raise SubmissionError(
                f"submission, id {entry.id}: {'; '.join(map(str, violations[:5]))}; mend this drawing, or "
                "score with strict_submission=False"
            )


def _read_questions(where: str, question: Any, options: list[Any], answer: Any) -> tuple[Question, ...]:
    """Returns the questions of a row that holds lists of them."""
    texts, answers = _read_list(where, "question", question), _read_list(where, "answer", answer)
    if not len(texts) == len(options) == len(answers):
        raise InputError(
            f"{where}: {len(texts)} questions, {len(options)} lists of choices and {len(answers)} answers; "
            "give as many of each"
        )
    choices = [_read_list(where, "choices", option) for option in options]
    return tuple(_build_question(where, *row) for row in zip(texts, choices, answers, strict=True))


def _build_question(where: str, text: Any, choices: list[Any], answer: Any) -> Question:
    if not isinstance(text, str) or not isinstance(answer, str):
        raise InputError(f"{where}: question {text!r:.80} with answer {answer!r:.80}; both must be text")
    if not choices or not all(isinstance(choice, str) for choice in choices):
        raise InputError(f"{where}, question {text!r}: choices {choices!r:.80}; give a list of texts")
    return Question(text, tuple(choices), answer)


def _read_list(where: str, column: str, cell: Any) -> list[Any]:
    """Returns a cell's list, which a CSV file holds as Python text."""
    if isinstance(cell, str):
        try:
            cell = ast.literal_eval(cell)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            cell = None
    elif hasattr(cell, "tolist"):  # parquet gives numpy arrays
        cell = cell.tolist()
    if not isinstance(cell, (list, tuple)):
        raise InputError(f"{where}: {column} is no list; give a list of texts, or the text of one")
    return list(cell)
