"""Lessons as arrays of numbers, in which a text is its place in the table of embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from svgtune.metric.embedded.lessons import NONE, Lesson
from svgtune.metric.inversion.text import TextCache

CHOICES = 4
NO_TASK = -100
_FALSE_CAPTIONS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What the trainer needs to know about each picture.

    Attributes:
        right: For each scene, the picture of its right drawing.
        wrong: For each scene, the picture of its wrong drawing, or -1.
        caption: Text of each picture's caption.
        captioned: Whether it is true of the picture.
        false_captions: [pictures, 3] texts; -1 where there are fewer.
        statements: [pictures, tasks, 4] texts; -1 where there are fewer.
        targets: [pictures, tasks]: the true statement, 4 where none is true, ``NO_TASK`` where there is no
            task.
        labels: [pictures, labels] of bool: what each picture shows; all False where that is not known.
    """

    right: np.ndarray
    wrong: np.ndarray
    caption: np.ndarray
    captioned: np.ndarray
    false_captions: np.ndarray
    statements: np.ndarray
    targets: np.ndarray
    labels: np.ndarray


def list_texts(lessons: Sequence[Lesson]) -> list[str]:
    """Lists every text that the lessons mention, once."""
    found: dict[str, None] = {}
    for lesson in lessons:
        found[lesson.caption] = None
        found.update(dict.fromkeys(lesson.false_captions))
        for task in lesson.tasks:
            found.update(dict.fromkeys(task.statements))
    return list(found)


def build_course(pairs: Sequence[tuple[Lesson, Lesson | None]], texts: TextCache) -> Course:
    """Turns pairs of a right and perhaps a wrong lesson into arrays.

    Args:
        pairs: Their pictures stand in the order of ``flatten``.
        texts: Knows or encodes every text.
    """
    lessons = flatten(pairs)
    most = max(len(lesson.tasks) for lesson in lessons)
    statements = np.full((len(lessons), most, CHOICES), -1, np.int32)
    targets = np.full((len(lessons), most), NO_TASK, np.int64)
    false_captions = np.full((len(lessons), _FALSE_CAPTIONS), -1, np.int32)
    for row, lesson in enumerate(lessons):
        false_captions[row, : len(lesson.false_captions)] = texts.find_rows(lesson.false_captions)
        for place, task in enumerate(lesson.tasks):
            statements[row, place, : len(task.statements)] = texts.find_rows(task.statements)
            targets[row, place] = CHOICES if task.target == NONE else task.target
    wrong_rows = np.array([pair[1] is not None for pair in pairs])
    right = np.arange(len(pairs)) + np.concatenate([[0], np.cumsum(wrong_rows)[:-1]])
    return Course(
        right=right,
        wrong=np.where(wrong_rows, right + 1, -1),
        caption=texts.find_rows([lesson.caption for lesson in lessons]),
        captioned=np.array([lesson.captioned for lesson in lessons]),
        false_captions=false_captions,
        statements=statements,
        targets=targets,
        labels=_mark_labels(lessons),
    )


def _mark_labels(lessons: Sequence[Lesson]) -> np.ndarray:
    places = {name: place for place, name in enumerate(sorted({n for one in lessons for n in one.labels}))}
    marks = np.zeros((len(lessons), len(places)), bool)
    for row, lesson in enumerate(lessons):
        marks[row, [places[name] for name in lesson.labels]] = True
    return marks


def flatten(pairs: Sequence[tuple[Lesson, Lesson | None]]) -> list[Lesson]:
    """Lists the lessons, each right one followed by its wrong one."""
    return [lesson for pair in pairs for lesson in pair if lesson is not None]
