"""A model's own drawings as lessons: what the programmatic check found in them is what is true of them."""

from __future__ import annotations

import logging
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svgtune.errors import InputError
from svgtune.metric.embedded.asking import find_plural, list_unlike, mentions, write_presence
from svgtune.metric.embedded.lessons import NONE, Lesson, Lessons, Task, build_task
from svgtune.metric.embedded.statements import is_yes_no
from svgtune.metric.programmatic import Shades, name_subject
from svgtune.metric.tally import correlate, read_rows
from svgtune.records import Question, Sample

PROMPTS_FILE, DRAWINGS_FILE, MARKS_FILE = "prompts.jsonl", "drawn/drawings.jsonl", "marks.jsonl"

_THERE, _GONE = 0.5, 0.2  # shares of what makes up a subject; between them nobody should be sure
_INSTEAD = 0.8  # likewise, of what nobody asked for: scraps of a shape are like many others
_CHOICES = 4
_ASKS_COLOUR = re.compile(r"What color (?:is|are) the (.+)\?")
_ASKS_PRESENCE = re.compile(r"(?:Is|Are) there (?:an? )?(.+) in the image\?")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Coloured:
    """A part that a caption gives a colour.

    Attributes:
        painted: The colour that it has in the drawing; None where unclear.
        alone: Whether nothing else should have the wanted one.
    """

    subject: str
    wanted: str
    painted: str | None
    alone: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the check found in one drawing.

    Attributes:
        verdict: ``right``, ``wrong``, or why nobody should say which.
        shown: How much of what makes up each subject is there, for all subjects of the category.
        coloured: Of the parts that are there.
        instead: Subjects that are there and not asked for.
    """

    verdict: str
    shown: Mapping[str, float]
    coloured: tuple[_Coloured, ...]
    instead: tuple[str, ...]

    @classmethod
    def build(cls, row: Mapping[str, Any], mark: Mapping[str, Any], known: Iterable[str]) -> _Found:
        """Reads a drawing's mark; what the check knows and did not find is not there."""
        shown = {
            subject.partition("/")[2]: mark["shown"].get(subject, 0.0)
            for subject in sorted(known)
            if subject.startswith(f"{row['category']}/")
        }
        coloured, place, wanted = [], 0, set()
        everything = [colour for part in row["facts"]["parts"] for colour in part["colours"]]
        for part in row["facts"]["parts"]:
            colours = mark["painted"][place : place + len(part["colours"])]
            place += len(part["colours"])
            wanted.add(name_subject(part["subject"]))
            # Where the subject is not there, something else may carry a colour by chance.
            if len(colours) == 1 and shown.get(name_subject(part["subject"]), 1.0) >= _THERE:
                colour = part["colours"][0]
                alone = everything.count(colour) == 1
                coloured.append(_Coloured(part["subject"], colour, colours[0], alone))
        instead = tuple(name for name, share in shown.items() if share >= _INSTEAD and name not in wanted)
        verdict = "right, but for something else too" if instead else "right"
        if mark["mark"] < 1:
            verdict = "wrong" if mark["strict"] else "not strictly valid"
        return cls(verdict, shown, tuple(coloured), instead)


class DrawnLessons:
    """Makes lessons of a folder in which ``scripts/check_drawings.py`` has checked a model's drawings.

    Only what the check can tell is asked: whether its subjects are there, and what colours parts have.

    Args:
        lessons: Makes the lesson of a scene, for captions that the model never drew right.
        shades: Of every colour name.
    """

    def __init__(self, lessons: Lessons, shades: Shades) -> None:
        self._lessons = lessons
        self._shades = shades

    def read(self, folder: Path) -> Iterator[tuple[Lesson, Lesson | None]]:
        """Yields pairs as ``Lessons.read`` does: a right drawing of a caption, and a wrong one.

        A caption has as many pairs as wrong drawings, or one without a wrong drawing.

        Raises:
            MissingInputError: A file is not there.
            InputError: Files do not belong together, or captions are held out.
        """
        prompts = {str(row["id"]): row for row in read_rows(folder / PROMPTS_FILE)}
        drawings = {str(row["id"]): row for row in read_rows(folder / DRAWINGS_FILE)}
        marks, known = _read_marks(folder / MARKS_FILE)
        counts: Counter[str] = Counter()
        drawn: dict[str, list[Lesson]] = defaultdict(list)
        for mark in marks:
            row, drawing = prompts.get(mark["prompt"]), drawings.get(mark["id"])
            if row is None or drawing is None:
                raise InputError(
                    f"{folder / MARKS_FILE}: knows {mark['id']!r} of {mark['prompt']!r}, which the prompts "
                    "or the drawings beside it do not; check the drawings anew"
                )
            if row["facts"].get("split") != "train":
                raise InputError(
                    f"{folder / PROMPTS_FILE}: {row['id']!r} is held out, for examinations; make prompts "
                    "with --split train"
                )
            found = _Found.build(row, mark, known)
            counts[found.verdict] += 1
            if found.verdict in ("right", "wrong"):
                drawn[mark["prompt"]].append(self._build(row, drawing["svg"], mark["id"], found))
        words = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        logger.info("%s: %d drawings: %s", folder, len(marks), words)
        for key, some in drawn.items():
            yield from self._pair(prompts[key], some)

    def _pair(
        self, row: Mapping[str, Any], drawn: Sequence[Lesson]
    ) -> Iterator[tuple[Lesson, Lesson | None]]:
        right = [lesson for lesson in drawn if lesson.fault is None]
        wrong = [lesson for lesson in drawn if lesson.fault is not None]
        if not right:
            sample = _build_sample(row)
            right = [self._lessons.build_right(sample, random.Random(f"scene/{sample.id}"))]
        for place, lesson in enumerate(wrong):
            yield right[place % len(right)], lesson
        if not wrong:
            yield right[0], None

    def _build(self, row: Mapping[str, Any], svg: str, key: str, found: _Found) -> Lesson:
        sample = _build_sample(row)
        rng = random.Random(f"drawn/{key}")
        right = found.verdict == "right"
        false_captions = self._lessons.falsify(sample, rng) if right else ()
        captions = (sample.caption, *false_captions)[:_CHOICES]
        tasks = [*_retell(sample.questions, found, self._shades), *self._ask(sample, found, rng)]
        tasks.append(Task(captions, 0 if right else NONE, "caption"))
        return Lesson(
            key, svg, None if right else "drawn", sample.caption, right, false_captions, tuple(tasks),
            category=sample.category,
        )  # fmt: skip

    def _ask(self, sample: Sample, found: _Found, rng: random.Random) -> Iterator[Task]:
        """Asks for the colour of each part, and for the subjects that should be or are there."""
        colours = list(dict.fromkeys(part.wanted for part in found.coloured))
        for part in found.coloured:
            if part.painted is None:
                continue
            near = [c for c in (part.wanted, *colours) if c in list_unlike(self._shades, [part.painted])]
            far = list_unlike(self._shades, [part.painted, *colours])
            choices = list(dict.fromkeys([part.painted, *near, *rng.sample(far, min(3, len(far)))]))
            things, verb = find_plural(part.subject, sample.caption)
            yield build_task(
                Question(f"What color {verb} the {things}?", tuple(sorted(choices[:_CHOICES])), part.painted),
                part.painted,
            )
        wanted = {name_subject(part["subject"]): part["subject"] for part in sample.facts["parts"]}
        for subject in (*wanted, *found.instead):
            share = found.shown.get(subject)
            if share is not None and not _GONE < share < _THERE:
                answer = "yes" if share >= _THERE else "no"
                text = write_presence(wanted.get(subject, subject), sample.caption)
                yield build_task(Question(text, ("no", "yes"), answer), answer)


def measure_ceiling(marks: Sequence[Path], prompts: Path, shades: Shades) -> dict[str, float | None]:
    """Correlates marks with a judge that answers as the check would, and right where the check cannot tell.

    What is missing to 1 these questions do not ask for; no judge can be blamed for it.

    Args:
        marks: What ``svgtune.metric.tally.write_checked`` wrote, for each model that drew.
        prompts: Rows with facts and questions.
        shades: Of every colour name.
    """
    asked = {str(row["id"]): row for row in read_rows(prompts)}
    rows, known = [], set()
    for path in marks:
        found_marks, subjects = _read_marks(path)
        rows += [row for row in found_marks if row["strict"]]
        known |= subjects
    values = []
    for mark in rows:
        row = asked[mark["prompt"]]
        found = _Found.build(row, mark, known)
        right = [_rate_truth(question, found, shades) for question in _build_sample(row).questions]
        values.append(sum(right) / len(right))
    return correlate([row["mark"] for row in rows], values, [row["prompt"] for row in rows])


def _read_marks(path: Path) -> tuple[list[dict[str, Any]], set[str]]:
    """Returns the marks, and the subjects that were found in any drawing: those that the check can find."""
    marks = read_rows(path)
    for number, mark in enumerate(marks, start=1):
        if not mark.keys() >= {"id", "prompt", "mark", "strict", "shown", "painted"}:
            raise InputError(f"{path}:{number}: lacks what was found; let check_drawings.py write it anew")
    return marks, {subject for mark in marks for subject in mark["shown"]}


def _rate_truth(question: Question, found: _Found, shades: Shades) -> float:
    """Returns what a judge that knows what was found would give the right answer."""
    task = next(_retell((question,), found, shades), None)
    if task is None or task.target == build_task(question, question.answer).target:
        return 1.0
    return 1 / _CHOICES if task.kind == "choices" and task.target == NONE else 0.0


def _build_sample(row: Mapping[str, Any]) -> Sample:
    columns = zip(row["questions"], row["choices"], row["answers"], strict=True)
    questions = tuple(Question(text, tuple(choices), answer) for text, choices, answer in columns)
    return Sample(
        id=row["id"], caption=row["prompt"], svg=row.get("svg", ""), source="scenes", origin="",
        licence="CC0-1.0", category=row["category"], questions=questions,
        facts=row["facts"],
    )  # fmt: skip


def _retell(questions: Sequence[Question], found: _Found, shades: Shades) -> Iterator[Task]:
    """Answers questions by what was found; those that this does not answer are left out."""
    shown = found.shown
    for question in questions:
        asked = _ASKS_COLOUR.fullmatch(question.text)
        if asked:
            for part in found.coloured:
                # By whatever word it is asked for: where it alone should have a colour, it is meant.
                meant = part.alone or mentions(asked[1], part.subject)
                if meant and question.answer == part.wanted and part.painted:
                    yield from _answer_colour(question, part.painted, shades)
            continue
        if is_yes_no(question.choices):
            asked = _ASKS_PRESENCE.fullmatch(question.text)
            share = shown.get(_find_subject(asked[1], shown)) if asked else None
            if share is not None and not _GONE < share < _THERE:
                yield build_task(question, "yes" if share >= _THERE else "no")
            continue
        shares = [shown.get(_find_subject(choice, shown)) for choice in question.choices]
        sure = [share for share in shares if share is not None and not _GONE < share < _THERE]
        there = [c for c, share in zip(question.choices, shares, strict=True) if (share or 0) >= _THERE]
        if len(sure) == len(shares) and len(there) <= 1:
            yield build_task(question, there[0] if there else None)


def _answer_colour(question: Question, painted: str, shades: Shades) -> Iterator[Task]:
    """Answers what colour a part has; not where a choice is hardly another colour."""
    if painted in question.choices:
        yield build_task(question, painted)
    elif set(question.choices) <= set(list_unlike(shades, [painted])):
        yield build_task(question, None)


def _find_subject(text: str, subjects: Mapping[str, float]) -> str:
    """Returns the longest of the subjects that a text names; empty where there is none."""
    return max((s for s in subjects if mentions(text, s)), key=len, default="")
