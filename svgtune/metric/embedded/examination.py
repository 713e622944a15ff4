"""What a trained picture reader is worth, on held-out scenes that no training recipe can reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from svgtune.metric.embedded.calibration import (
    Temperatures,
    bootstrap_mean,
    build_reliability,
    find_right,
    find_yes,
    fit_temperature,
    share_out,
)
from svgtune.metric.embedded.lessons import NONE, Fault, Lesson, Lessons, Task, Teacher, build_task
from svgtune.metric.embedded.pictures import DEFENDED, PLAIN, draw_lessons, find_changed
from svgtune.metric.embedded.vqa import fit_statements, see_pictures
from svgtune.metric.inversion.network import PictureReader
from svgtune.metric.inversion.text import TextCache
from svgtune.render.pool import RenderPool

PAIR_FAULTS: tuple[Fault, ...] = ("recoloured", "exchanged", "missing", "bare")
FIRST_EXAM_SEED = 700_000_001
"""Seeds from here on are the examination's: calibration, test, then the pairs of each fault."""
_OWN = 4
_RETRIEVED = 200
_PAIRS_AT_ONCE = 64
_MOST_TRIES = 40
_BATCH = 64

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Who is examined.

    Attributes:
        model: In evaluation mode.
        texts: Embeds the statements.
        pool: Draws the examination's pictures.
        threads: Make their defended views.
    """

    model: PictureReader
    texts: TextCache
    pool: RenderPool
    threads: int

    def draw(self, lessons: Sequence[Lesson]) -> np.ndarray:
        """Returns both views of each drawing."""
        side = self.model.shape.image_px
        return np.stack(list(draw_lessons(lessons, side, self.pool, self.threads)))

    def fit_tasks(self, pixels: np.ndarray, tasks: Sequence[Sequence[Task]]) -> list[list[np.ndarray]]:
        """Returns the log-odds of each picture's tasks' statements."""
        wanted = [[text for task in row for text in task.statements] for row in tasks]
        fitted = fit_statements(self.model, self.texts, pixels, wanted)
        results = []
        for logits, row in zip(fitted, tasks, strict=True):
            ends = np.cumsum([len(task.statements) for task in row])
            results.append(np.split(logits, ends[:-1]))
        return results


def read_right(teacher: Teacher, seed: int, count: int) -> list[Lesson]:
    """Returns the right lessons of held-out scenes."""
    return [right for right, _ in Lessons(teacher, seed, "held_out", wrong_share=0.0).read(0, count)]


def calibrate(candidate: Candidate, teacher: Teacher, scenes: int) -> Temperatures:
    """Fits the temperatures on defended views of held-out scenes, by the scenes' own questions."""
    lessons = read_right(teacher, FIRST_EXAM_SEED, scenes)
    tasks = [_list_own(lesson) for lesson in lessons]
    fitted = candidate.fit_tasks(candidate.draw(lessons)[:, DEFENDED], tasks)

    def fit(kind: str) -> float:
        rows = [
            (logits, task.target)
            for own, found in zip(tasks, fitted, strict=True)
            for task, logits in zip(own, found, strict=True)
            if task.kind == kind
        ]
        return fit_temperature([row[0] for row in rows], [row[1] for row in rows], kind == "yes_no")

    return Temperatures(fit("choices"), fit("yes_no"))


def examine(
    candidate: Candidate,
    teacher: Teacher,
    temperatures: Temperatures,
    scenes: int,
    pairs: int,
    report: Report,
) -> dict[str, Any]:
    """Measures everything that the card publishes; see the card for what each figure means.

    Args:
        candidate: Who is examined.
        teacher: Draws the scenes.
        temperatures: Of ``calibrate``.
        scenes: Of the questions, retrieval and cosine.
        pairs: Of each fault.
        report: Is told what comes next.
    """
    report(f"examination: questions about {scenes} held-out scenes")
    lessons = read_right(teacher, FIRST_EXAM_SEED + 1, scenes)
    views = candidate.draw(lessons)
    figures: dict[str, Any] = {}
    for name, view in (("plain", PLAIN), ("defended", DEFENDED)):
        figures[name] = _examine_view(candidate, lessons, views[:, view], temperatures)
    others = np.roll(views[:, DEFENDED], 1, axis=0)
    shuffled = _answer(candidate, lessons, others, temperatures)
    figures["another_picture"] = {kind: rows["accuracy"] for kind, rows in shuffled.items()}
    figures["pairs"] = {}
    for place, fault in enumerate(PAIR_FAULTS):
        report(f"examination: {pairs} pairs, {fault}")
        figures["pairs"][fault] = _examine_pairs(
            candidate, teacher, temperatures, fault, pairs, FIRST_EXAM_SEED + 2 + place
        )
    return figures


def _list_own(lesson: Lesson) -> list[Task]:
    return [build_task(question, question.answer) for question in lesson.questions[:_OWN]]


def _examine_view(
    candidate: Candidate, lessons: Sequence[Lesson], pixels: np.ndarray, temperatures: Temperatures
) -> dict[str, Any]:
    predicted = np.concatenate(
        [
            see_pictures(candidate.model, pixels[start : start + _BATCH]).caption.cpu().numpy()
            for start in range(0, len(pixels), _BATCH)
        ]
    )
    captions = candidate.texts.encode([lesson.caption for lesson in lessons])
    cosines = (predicted * captions).sum(1)
    return {
        "questions": _answer(candidate, lessons, pixels, temperatures),
        "cosine": bootstrap_mean(cosines),
        "cosine_of_another_caption": round(
            float((predicted * np.roll(captions, 1, axis=0)).sum(1).mean()), 4
        ),
        "retrieval": _examine_retrieval(predicted, captions),
    }


def _answer(
    candidate: Candidate, lessons: Sequence[Lesson], pixels: np.ndarray, temperatures: Temperatures
) -> dict[str, dict[str, Any]]:
    """Returns accuracy and reliability for questions of both kinds."""
    tasks = [_list_own(lesson) for lesson in lessons]
    rows: dict[str, list[tuple[int, float, bool, float]]] = {"choices": [], "yes_no": []}
    for number, (own, fitted) in enumerate(zip(tasks, candidate.fit_tasks(pixels, tasks), strict=True)):
        for task, logits in zip(own, fitted, strict=True):
            if task.kind == "yes_no":
                yes = find_yes(float(logits[0]), temperatures.yes_no)
                sure, right = max(yes, 1 - yes), (yes > 0.5) == (task.target == 0)
                mine = yes if task.target == 0 else 1 - yes
            else:
                shares = share_out(logits, temperatures.choices)
                sure, right = float(shares.max()), int(shares.argmax()) == task.target
                mine = float(shares[task.target])
            rows[task.kind].append((number, sure, right, mine))
    return {
        kind: {
            "accuracy": bootstrap_mean([row[2] for row in found], [row[0] for row in found]),
            "probability_of_the_right_one": bootstrap_mean(
                [row[3] for row in found], [row[0] for row in found]
            ),
            "reliability": build_reliability([row[1] for row in found], [row[2] for row in found]),
        }
        for kind, found in rows.items()
        if found
    }


def _examine_retrieval(predicted: np.ndarray, captions: np.ndarray) -> dict[str, Any]:
    """Ranks captions for pictures and pictures for captions, among at most 200; equal ones count as one."""
    found: dict[str, list[float]] = {"caption_first": [], "caption_in_five": [], "picture_first": [],
                                     "picture_in_five": []}  # fmt: skip
    size = min(_RETRIEVED, len(predicted))
    for start in range(0, len(predicted) - size + 1, size):
        similarity = predicted[start : start + size] @ captions[start : start + size].T
        for name, table in (("caption", similarity), ("picture", similarity.T)):
            better = (table > np.diagonal(table)[:, None] + 1e-6).sum(1)
            found[f"{name}_first"] += list(better < 1)
            found[f"{name}_in_five"] += list(better < 5)
    return {"among": size, **{name: bootstrap_mean(values) for name, values in found.items()}}


def _examine_pairs(
    candidate: Candidate, teacher: Teacher, temperatures: Temperatures, fault: Fault, count: int, seed: int
) -> dict[str, Any]:
    """Counts in how many pairs the right drawing is judged above the wrong one, on defended views.

    ``own`` goes by the scene's four questions, of which often none is about what is wrong; ``asked`` by
    these and those about the parts that the caption names; ``caption`` by the caption as a statement, and
    ``cosine`` by its embedding.
    """
    source = iter(Lessons(teacher, seed, "held_out", (fault,)).read(0, _MOST_TRIES * count))
    better: dict[str, list[bool]] = {"own": [], "asked": [], "caption": [], "cosine": []}
    touched: list[bool] = []
    while len(touched) < count:
        pairs = list(islice(source, _PAIRS_AT_ONCE))
        if not pairs:
            break
        made = [(right, wrong) for right, wrong in pairs if wrong is not None]
        if not made:
            continue
        views = candidate.draw([lesson for pair in made for lesson in pair])
        views = views.reshape(len(made), 2, *views.shape[1:])
        kept = [k for k in range(len(made)) if find_changed(views[k, 0], views[k, 1])]
        kept = kept[: count - len(touched)]
        if not kept:
            continue
        lessons = [made[k][0] for k in kept]
        right = _mark(candidate, lessons, views[kept, 0, DEFENDED], temperatures)
        wrong = _mark(candidate, lessons, views[kept, 1, DEFENDED], temperatures)
        for name, values in better.items():
            values += [high > low for high, low in zip(right[name], wrong[name], strict=True)]
        touched += [_touches(made[k][0], made[k][1]) for k in kept]
    return {
        **{name: bootstrap_mean(values) for name, values in better.items()},
        "own_where_one_is_about_it": bootstrap_mean(
            [value for value, hit in zip(better["own"], touched, strict=True) if hit]
        ),
    }


def _touches(right: Lesson, wrong: Lesson) -> bool:
    """Says whether the fault surely changes the answer to one of the scene's own questions."""
    after = {task.statements: task.target for task in wrong.tasks}
    return any(after.get(task.statements, task.target) != task.target for task in _list_own(right))


def _mark(
    candidate: Candidate, lessons: Sequence[Lesson], pixels: np.ndarray, temperatures: Temperatures
) -> dict[str, list[float]]:
    """Marks pictures by what should be in them."""
    tasks = [
        [build_task(question, question.answer) for question in lesson.questions]
        + [Task((lesson.caption,), 0, "caption")]
        for lesson in lessons
    ]
    marks: dict[str, list[float]] = {"own": [], "asked": [], "caption": []}
    for row, fitted in zip(tasks, candidate.fit_tasks(pixels, tasks), strict=True):
        values = [
            _find_value(task, logits, temperatures)
            for task, logits in zip(row[:-1], fitted[:-1], strict=True)
        ]
        marks["own"].append(float(np.mean(values[:_OWN])))
        marks["asked"].append(float(np.mean(values)))
        marks["caption"].append(float(fitted[-1][0]))
    captions = candidate.texts.encode([lesson.caption for lesson in lessons])
    cosines = (see_pictures(candidate.model, pixels).caption.cpu().numpy() * captions).sum(1)
    return {**marks, "cosine": cosines.tolist()}


def _find_value(task: Task, logits: np.ndarray, temperatures: Temperatures) -> float:
    if task.kind == "yes_no":
        return find_right(logits, 0 if task.target != NONE else 1, temperatures.yes_no, True)
    return find_right(logits, task.target, temperatures.choices, False)
