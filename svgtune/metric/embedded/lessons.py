"""What is learned from one scene: its right drawing and a wrong one, with what is true of each.

Scenes are handed in by whoever may import the teacher: this room stands on the same floor as ``data``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from svgtune.metric.embedded.asking import Part, ask_about, count_word, list_parts, list_unlike, mentions
from svgtune.metric.embedded.statements import is_yes_no, state_choice
from svgtune.metric.tally import leave_out, recolour
from svgtune.records import Question, Sample

Split = Literal["train", "held_out"]
Fault = Literal["recoloured", "exchanged", "missing", "bare", "cut", "drawn"]
FAULTS: tuple[Fault, ...] = ("recoloured", "exchanged", "missing", "bare", "cut")
"""Those that are made of a right drawing; ``drawn`` is a model's own."""

NONE = -1
"""Target of a task whose statements are all false."""

_ELEMENT = re.compile(r"<(?:path|rect|circle|ellipse)\b[^>]*/>")
_HEX = re.compile(r"#[0-9a-f]{3}(?![0-9a-f])")
_CUT_SHARES = (0.4, 0.75)
_ANYTHING = re.compile(r"Is there anything (.+) in the image\?")
_BEHIND = frozenset(("background", "border"))


@dataclass(frozen=True, slots=True)
class Teacher:
    """Where scenes come from.

    Attributes:
        draw: Scene ``index`` of the stream ``seed`` on one side of the split; the same three arguments always
            give the same sample.
        shades: For each colour name its ``#rgb`` shades, the colour itself first.
    """

    draw: Callable[[int, int, Split], Sample]
    shades: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Task:
    """Statements of which one or none is true of a picture.

    Attributes:
        target: Place of the true one, or ``NONE``.
        kind: ``choices``, ``yes_no`` or ``caption``.
    """

    statements: tuple[str, ...]
    target: int
    kind: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One drawing with what is known about it.

    Attributes:
        fault: How it was made wrong; None for the right one.
        caption: What it shows; of a drawing with parts missing, what it should show.
        captioned: Whether ``caption`` is true of it.
        false_captions: Captions like it that are not true of it.
        questions: Of a scene's right drawing, in the competition's manner, more than its own four.
        labels: Every subject, colour, material, pattern, setting and hour that the facts name; empty for a
            wrong drawing and for a model's, of which this is not known.
    """

    id: str
    svg: str
    fault: Fault | None
    caption: str
    captioned: bool
    false_captions: tuple[str, ...]
    tasks: tuple[Task, ...]
    questions: tuple[Question, ...] = ()
    category: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Gone:
    """A part that was taken away, with its colours."""

    subject: str
    colours: tuple[str, ...]


class Lessons:
    """Makes lessons of a teacher's scenes; each depends on its seed and index alone.

    Args:
        teacher: Draws the scenes.
        seed: Of the stream.
        split: Of the scenes.
        faults: Kinds of wrong drawings to draw from.
        wrong_share: Share of scenes of which a wrong drawing is made, where the drawn kind can be made.
    """

    def __init__(
        self,
        teacher: Teacher,
        seed: int,
        split: Split,
        faults: Sequence[Fault] = FAULTS,
        wrong_share: float = 1.0,
    ) -> None:
        self._teacher = teacher
        self._seed = seed
        self._split: Split = split
        self._faults = faults
        self._wrong_share = wrong_share

    def read(self, start: int, stop: int) -> Iterator[tuple[Lesson, Lesson | None]]:
        """Yields the right and, where there is one, the wrong lesson of each scene."""
        for index in range(start, stop):
            sample = self._teacher.draw(self._seed, index, self._split)
            rng = random.Random(f"lesson/{self._seed}/{index}")
            right = self.build_right(sample, rng)
            wrong = None
            if rng.random() < self._wrong_share:
                for fault in rng.sample(list(self._faults), len(self._faults)):
                    wrong = self.build_wrong(right, sample, fault, rng)
                    if wrong is not None:
                        break
            yield right, wrong

    def build_right(self, sample: Sample, rng: random.Random) -> Lesson:
        """Makes the lesson of a scene as it is."""
        questions = ask_about(sample, self._teacher.shades, rng)
        false_captions = self.falsify(sample, rng)
        tasks = [build_task(question, question.answer) for question in questions]
        tasks.append(Task((sample.caption, *false_captions)[:4], 0, "caption"))
        return Lesson(
            sample.id, sample.svg, None, sample.caption, True, false_captions, tuple(tasks), questions,
            sample.category, _list_labels(sample),
        )  # fmt: skip

    def falsify(self, sample: Sample, rng: random.Random) -> tuple[str, ...]:
        """Writes captions like the sample's that are false: another colour, two exchanged."""
        found = []
        used = [colour for part in sample.facts["parts"] for colour in part["colours"]]
        named = [colour for colour in dict.fromkeys(used) if count_word(colour, sample.caption) == 1]
        pair = _find_pair(sample)
        if pair:
            found.append(_replace(sample.caption, {pair[0].colour: pair[1].colour,
                                                   pair[1].colour: pair[0].colour}))  # fmt: skip
        others = list_unlike(self._teacher.shades, used)
        for colour in rng.sample(named, len(named)):
            if others:
                found.append(_replace(sample.caption, {colour: rng.choice(others)}))
        return tuple(dict.fromkeys(text for text in found if text != sample.caption))[:3]

    def build_wrong(self, right: Lesson, sample: Sample, fault: Fault, rng: random.Random) -> Lesson | None:
        """Makes a wrong drawing of a right one; None where this fault cannot be made of this scene.

        Args:
            right: Of the sample.
            sample: A scene with facts.
            fault: What is to be wrong.
            rng: Chooses the part and the colour.
        """
        if fault in ("recoloured", "exchanged"):
            changes = self._choose_changes(sample, fault, rng)
            if not changes:
                return None
            svg = recolour(sample.svg, self._teacher.shades, changes)
            caption = _replace(sample.caption, changes)
            tasks = [t for q in right.questions if (t := _retell_colour(q, changes)) is not None]
            tasks.append(Task((caption, right.caption), 0, "caption"))
            captioned, false_captions = True, (right.caption,)
        else:
            gone = self._choose_gone(sample, fault, rng)
            if gone is None:
                return None
            svg, parts = gone
            alone = len(sample.facts["parts"]) == 1 or fault == "bare"
            tasks = [] if fault == "cut" else [
                t for q in right.questions if (t := _retell_missing(q, parts, alone)) is not None
            ]  # fmt: skip
            if fault != "cut":
                tasks.append(Task((right.caption,), NONE, "caption"))
            caption, captioned, false_captions = right.caption, False, (right.caption,)
        if svg == sample.svg:
            return None
        return replace(
            right, svg=svg, fault=fault, caption=caption, captioned=captioned, tasks=tuple(tasks),
            false_captions=false_captions, labels=(),
        )  # fmt: skip

    def _choose_changes(self, sample: Sample, fault: Fault, rng: random.Random) -> dict[str, str]:
        if fault == "exchanged":
            pair = _find_pair(sample)
            return {pair[0].colour: pair[1].colour, pair[1].colour: pair[0].colour} if pair else {}
        used = [colour for part in sample.facts["parts"] for colour in part["colours"]]
        named = [part.colour for part in list_parts(sample) if count_word(part.colour, sample.caption) == 1]
        others = list_unlike(self._teacher.shades, used)
        return {rng.choice(named): rng.choice(others)} if named and others else {}

    def _choose_gone(
        self, sample: Sample, fault: Fault, rng: random.Random
    ) -> tuple[str, list[_Gone]] | None:
        """Takes elements away; returns the SVG and the parts that are gone with them."""
        all_parts = [_Gone(part["subject"], tuple(part["colours"])) for part in sample.facts["parts"]]
        if fault == "cut":
            return leave_out(sample.svg, rng, rng.uniform(*_CUT_SHARES)), []
        if fault == "bare":
            return leave_out(sample.svg, rng, 1.0), all_parts
        parts = [part for part in list_parts(sample) if part.subject not in _BEHIND]
        if not parts:
            return None
        part = rng.choice(parts)
        shades = set(self._teacher.shades[part.colour])
        return _remove_painted(sample.svg, shades), [_Gone(part.subject, (part.colour,))]


def build_task(question: Question, answer: str | None) -> Task:
    """Turns a question into statements; a yes-no question has one, which ``no`` makes false.

    Args:
        question: With its choices.
        answer: One of them; None where all are wrong.
    """
    if is_yes_no(question.choices):
        statement = state_choice(question.text, "yes").text
        true = answer is not None and not state_choice(question.text, answer).negated
        return Task((statement,), 0 if true else NONE, "yes_no")
    statements = tuple(state_choice(question.text, choice).text for choice in question.choices)
    return Task(statements, NONE if answer is None else question.choices.index(answer), "choices")


def _retell_colour(question: Question, changes: Mapping[str, str]) -> Task | None:
    """Answers a question anew for a recoloured drawing; None where the answer is not sure."""
    colours = set(changes) | set(changes.values())
    asked = _ANYTHING.fullmatch(question.text)
    if asked and asked[1] in colours:
        return build_task(question, "yes" if asked[1] in changes.values() else "no")
    if any(count_word(colour, question.text) for colour in colours):
        return None
    if question.answer in changes:
        new = changes[question.answer]
        return build_task(question, new if new in question.choices else None)
    if any(count_word(colour, question.answer) for colour in changes):
        return None
    return build_task(question, question.answer)


def _retell_missing(question: Question, gone: Sequence[_Gone], alone: bool) -> Task | None:
    """Answers a question anew for a drawing without these parts; None where the answer is not sure."""
    about = any(mentions(question.text, part.subject) for part in gone)
    if is_yes_no(question.choices):
        if question.text.startswith(("Is there", "Are there")):
            if question.answer == "no":
                return build_task(question, "no")
            return build_task(question, "no") if about else None
        return None
    # A part may be asked for by another word than its subject, but only it has its colour.
    if question.text.startswith("What color") and any(question.answer in part.colours for part in gone):
        return build_task(question, None)
    if any(mentions(question.answer, part.subject) for part in gone):
        return build_task(question, None)
    return None if about or alone else build_task(question, question.answer)


def _list_labels(sample: Sample) -> tuple[str, ...]:
    named = {word for pair in sample.facts.get("pairs", ()) for word in pair}
    for part in sample.facts["parts"]:
        named |= {part["subject"], *part["colours"]}
    return tuple(sorted(named))


def _find_pair(sample: Sample) -> tuple[Part, Part] | None:
    parts = [part for part in list_parts(sample) if count_word(part.colour, sample.caption) == 1]
    return (parts[0], parts[1]) if len(parts) >= 2 else None


def _remove_painted(svg: str, shades: set[str]) -> str:
    """Takes away the elements that are painted in one of these shades, never the background."""
    head, mark, body = svg.rpartition("</defs>")
    elements = _ELEMENT.findall(body)
    kept = [e for k, e in enumerate(elements) if k == 0 or not shades & set(_HEX.findall(e))]
    return head + mark + body[: body.index(elements[0])] + "".join(kept) + "</svg>"


def _replace(text: str, changes: Mapping[str, str]) -> str:
    pattern = "|".join(sorted(map(re.escape, changes), key=len, reverse=True))
    return re.sub(rf"(?<![\w])({pattern})(?![\w])", lambda match: changes[match[0]], text)
