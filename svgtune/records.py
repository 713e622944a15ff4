"""The records that travel through every stage: a sample, its questions, and a drop."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """One multiple-choice question about a drawing.

    Attributes:
        choices: Two (``no``, ``yes``) or four, sorted.
        answer: One of ``choices``.
    """

    text: str
    choices: tuple[str, ...]
    answer: str


def build_questions(rows: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Builds questions of mappings with ``text``, ``choices`` and ``answer``, as parquet shards hold them.

    Raises:
        KeyError: A part is missing.
        TypeError: These are no mappings.
    """
    return tuple(Question(row["text"], tuple(row["choices"]), row["answer"]) for row in rows)


def list_columns(questions: Sequence[Question]) -> dict[str, list[Any]]:
    """Returns questions as files of prompts have them: ``questions``, ``choices``, ``answers``."""
    return {
        "questions": [question.text for question in questions],
        "choices": [list(question.choices) for question in questions],
        "answers": [question.answer for question in questions],
    }


@dataclass(frozen=True, slots=True)
class Sample:
    """A caption and the SVG that shows it.

    Attributes:
        id: Unique in its source and stable between runs.
        source: Name of the source, such as ``scenes`` or ``npm``.
        origin: Where exactly it came from: seed and index, package@version/file, path, data set id.
        licence: SPDX identifier, or the source's own words; ``unknown`` where none is stated.
        category: Coarse subject group, such as ``landscape``; empty where unknown.
        family: Samples that must land in the same split share it; near duplicates do too.
        facts: What is known to be in the picture, for programmatic checks; JSON values only.
    """

    id: str
    caption: str
    svg: str
    source: str
    origin: str
    licence: str
    category: str = ""
    family: str = ""
    questions: tuple[Question, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def to_row(self) -> dict[str, str]:
        """Returns the flat string columns that parquet shards hold; nested fields as JSON."""
        row = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        row["questions"] = json.dumps([dataclasses.asdict(q) for q in self.questions], ensure_ascii=False)
        row["facts"] = json.dumps(self.facts, ensure_ascii=False, sort_keys=True)
        return row

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Sample:
        """Rebuilds a sample from ``to_row``'s columns; columns it does not know are ignored."""
        values = {f.name: row[f.name] for f in dataclasses.fields(cls) if f.name in row}
        values["questions"] = build_questions(json.loads(values.get("questions") or "[]"))
        values["facts"] = json.loads(values.get("facts") or "{}")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Drop:
    """A sample that a step refused.

    Attributes:
        reason: A snake_case word; drops are counted by it.
        detail: A sentence for a person, with the offending value.
    """

    id: str
    reason: str
    detail: str
    source: str
    origin: str
