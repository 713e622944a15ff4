"""The file of drawings that is scored: read whole and checked before any work."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.scoring.question_file import Asked, check_question
from svgtune.records import Question
from svgtune.svg.repair import Validity

DRAWINGS_FILE = "drawings.jsonl"
PROMPT_KEYS = ("prompt", "caption", "description")
QUESTION_KEYS = (("questions", "question"), ("choices",), ("answers", "answer"))
_KNOWN = (
    "id",
    "svg",
    "category",
    "validity",
    "text",
    "finish",
    *PROMPT_KEYS,
    *(k for keys in QUESTION_KEYS for k in keys),
)

Origin = Literal["given", "by rule"]
MakeQuestions = Callable[[str], tuple[Question, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One drawing to be scored.

    Attributes:
        svg: What the model wrote, as far as the file holds it; empty where it wrote nothing.
        mended: What the file holds as cut out of it or mended; None where it holds no such drawing.
        declared: The class that the file gives the drawing; None where it gives none.
        questions: Empty only where there is no drawing, or none were to be made.
        origin: Whether the file brought the questions, or rules made them of the prompt.
        finished: Whether the model ended the drawing by itself; true where the file does not say.
    """

    id: str
    prompt: str
    svg: str
    questions: tuple[Question, ...]
    origin: Origin
    category: str = ""
    declared: Validity | None = None
    mended: str | None = None
    finished: bool = True

    @property
    def digest(self) -> str:
        """Tells this drawing and its questions from others."""
        asked = [[q.text, list(q.choices), q.answer] for q in self.questions]
        content = json.dumps([self.svg, self.mended, self.declared, asked])
        return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def read_rows(
    path: Path, make_questions: MakeQuestions | None, asked: Mapping[str, Asked] | None = None
) -> list[Row]:
    """Reads the drawings of a file; questions that it does not bring are made of the prompts.

    Args:
        path: JSONL, or a folder that holds ``drawings.jsonl``.
        make_questions: Called with a prompt; returns nothing where it can make none. None: questions are not
            needed.
        asked: The questions of each ``prompt_id``, or ``id`` where a row has none, instead of all others.

    Raises:
        MissingInputError: The file or a column is not there.
        InputError: The file is empty or not UTF-8, a line cannot be used, or nothing is asked about its id.
    """
    file = path / DRAWINGS_FILE if path.is_dir() else path
    if not file.is_file():
        raise MissingInputError(f"{file}: there is no such file; give --drawings FILE.jsonl")
    rows: list[Row] = []
    places: dict[str, int] = {}
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        row = _read_row(parse_line(line, f"{file}:{number}"), f"{file}:{number}", make_questions, asked)
        if row.id in places:
            raise InputError(
                f"{file}:{number}: the id {row.id!r} is on line {places[row.id]} too; give every drawing its "
                "own id"
            )
        places[row.id] = number
        rows.append(row)
    if not rows:
        raise InputError(f"{file}: holds no drawings; write one JSON object a line, with id, prompt and svg")
    return rows


def parse_line(line: bytes, where: str) -> Mapping[str, Any]:
    """Parses a line of JSONL, which must hold an object.

    Raises:
        InputError: It does not; the message begins with ``where``.
    """
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: is not JSON ({error}); write one object a line") from error
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: holds {value!r:.40}, not an object; write one object a line")
    return value


def _read_row(
    value: Mapping[str, Any],
    where: str,
    make_questions: MakeQuestions | None,
    asked: Mapping[str, Asked] | None,
) -> Row:
    row_id = read_text(value, ("id",), where)
    if not row_id:
        raise InputError(f"{where}: id is empty; give every drawing its own id")
    where = f"{where}, id {row_id!r}"
    prompt = read_text(value, PROMPT_KEYS, where)
    declared = _read_validity(value, where)
    svg, mended = _read_drawing(value, declared, where)
    category = value.get("category") or ""
    if not isinstance(category, str):
        raise InputError(f"{where}: category is {category!r:.40}, not text; write it in quotes")
    if asked is None:
        questions = read_questions(value, where)
    else:
        known = _find_asked(value, row_id, asked, where)
        questions, category = known.questions, category or known.category
    origin: Origin = "given" if questions else "by rule"
    if not questions and svg and make_questions is not None:
        questions = make_questions(prompt)
        if not questions:
            raise InputError(
                f"{where}: no questions can be made of the prompt {prompt!r:.80}, which names no thing or "
                "colour in English; give questions, choices and answers"
            )
    finished = value.get("finish", "stop") == "stop"
    return Row(row_id, prompt, svg, questions, origin, category, declared, mended, finished)


def _find_asked(value: Mapping[str, Any], row_id: str, asked: Mapping[str, Asked], where: str) -> Asked:
    key = str(value.get("prompt_id") or row_id)
    if key not in asked:
        close = difflib.get_close_matches(key, asked, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "give the questions of its prompt"
        raise InputError(f"{where}: the file of questions knows no {key!r}; {hint}")
    return asked[key]


def _find_key(value: Mapping[str, Any], names: Sequence[str], where: str) -> str:
    for name in names:
        if name in value:
            return name
    unknown = [key for key in value if key not in _KNOWN]
    lower = {key.lower(): key for key in unknown}
    close = [lower[c] for name in names for c in difflib.get_close_matches(name, lower, n=1)]
    hint = f"is it {close[0]!r}? rename it" if close else "add it"
    raise MissingInputError(f"{where}: has no {names[0]!r}, only {', '.join(map(repr, value))[:200]}; {hint}")


def read_text(value: Mapping[str, Any], names: Sequence[str], where: str) -> str:
    """Reads a text under the first of several keys that is there.

    Raises:
        MissingInputError: None of them is.
        InputError: It is no text, or none that can be written as UTF-8.
    """
    key = _find_key(value, names, where)
    text = value[key]
    if not isinstance(text, str):
        kind = type(text).__name__
        raise InputError(f"{where}: {key} is {text!r:.80} ({kind}), not text; write it in quotes")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError(f"{where}: {key} is {text!r:.80}, which holds half of a character; write it anew")
    return text


def _read_validity(value: Mapping[str, Any], where: str) -> Validity | None:
    declared = value.get("validity")
    if declared is None:
        return None
    try:
        return Validity(declared)
    except ValueError as error:
        words = ", ".join(Validity)
        raise InputError(
            f"{where}: validity is {declared!r:.40}; write one of {words}, or leave it away"
        ) from error


def _read_drawing(value: Mapping[str, Any], declared: Validity | None, where: str) -> tuple[str, str | None]:
    """Returns what the model wrote and what was made of it, as ``infer/generate.py`` tells them apart."""
    key = _find_key(value, ("svg",), where)
    svg, text = value[key], value.get("text")
    if svg is None and declared is Validity.INVALID:
        return (text if isinstance(text, str) else ""), None
    if not isinstance(svg, str):
        raise InputError(
            f"{where}: svg is {svg!r:.80} ({type(svg).__name__}), not text; give the SVG as a text, an empty "
            "one where there is no drawing"
        )
    if declared in (None, Validity.STRICT):
        return svg, None
    written = text if isinstance(text, str) and text else svg
    return written, svg if declared in (Validity.LENIENT, Validity.REPAIRED) else None


def read_questions(value: Mapping[str, Any], where: str) -> tuple[Question, ...]:
    """Reads the questions of a row; none where it has no ``questions``, ``choices`` and ``answers``.

    Raises:
        MissingInputError: It has some of the three and not the others.
        InputError: They do not fit together.
    """
    given = [next((key for key in keys if value.get(key)), None) for keys in QUESTION_KEYS]
    if not any(given):
        return ()
    columns = []
    for keys, key in zip(QUESTION_KEYS, given, strict=True):
        cell = value.get(key) if key else None
        if cell is None:
            held = ", ".join(name for name in given if name)
            raise MissingInputError(
                f"{where}: has {held}, but no {keys[0]!r}; give questions, choices and answers, or none of "
                "them"
            )
        if not isinstance(cell, list):
            raise InputError(
                f"{where}: {key} is {cell!r:.60}, not a list; give a list with one for each question"
            )
        columns.append(cell)
    texts, choices, answers = columns
    if not len(texts) == len(choices) == len(answers):
        raise InputError(
            f"{where}: has {len(texts)} questions, {len(choices)} lists of choices and {len(answers)} "
            "answers; give as many of each"
        )
    return tuple(_read_question(where, *one) for one in zip(texts, choices, answers, strict=True))


def _read_question(where: str, text: Any, choices: Any, answer: Any) -> Question:
    if not isinstance(text, str) or not isinstance(answer, str):
        raise InputError(f"{where}: question {text!r:.80} with answer {answer!r:.80}; both must be text")
    if not isinstance(choices, list) or not all(isinstance(c, str) for c in choices):
        raise InputError(
            f"{where}, question {text!r:.80}: its choices are {choices!r:.80}; give a list of two or more "
            "texts"
        )
    question = Question(text, tuple(choices), answer)
    check_question(question, where)
    return question
