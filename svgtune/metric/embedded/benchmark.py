"""What the parts of a score cost; behind ``scripts/bench_rewards.py``."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from svgtune.config.form import NormalForm
from svgtune.config.guards import GuardSection
from svgtune.config.score import EmbeddedSection
from svgtune.metric.defence import Defence
from svgtune.metric.embedded.loading import load_embedded_judges
from svgtune.metric.guards import Guards
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Score, Scorer
from svgtune.render.pool import RenderPool
from svgtune.svg.constraints import check_svg


@dataclass(frozen=True, slots=True)
class Way:
    """A way to score.

    Attributes:
        judge: Folder of a trained judge.
        defend: Makes what the judges see.
        judging: Precision, batch size and search for text; the folder is ``judge``.
        guards: Are measured too, in the normal form as it is by default; None for none.
    """

    judge: str
    defend: Defence
    judging: EmbeddedSection
    guards: GuardSection | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a way to score costs.

    Attributes:
        seconds: Wall-clock time of all drawings.
        parts_ms: Wall-clock milliseconds a drawing of each part by itself.
        memory_mib: Peak so far, after each quarter of the drawings.
        scores: Of all drawings.
    """

    seconds: float
    parts_ms: dict[str, float]
    memory_mib: list[int]
    scores: list[Score]


def measure_way(
    way: Way, entries: Sequence[Entry], pool: RenderPool, batch_size: int, parts_count: int
) -> Cost:
    """Scores all entries; the parts are measured on the first ``parts_count`` of them."""
    judges = _load_judges(way)
    scorer = Scorer(judges, pool=pool, batch_size=batch_size, defend=way.defend)
    scorer.score(entries[:batch_size])  # starts workers and loads what is loaded late
    began = time.perf_counter()
    memory: list[int] = []
    scores: list[Score] = []
    for score in scorer.stream(entries):
        scores.append(score)
        if len(scores) % max(1, len(entries) // 4) == 0:
            memory.append(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    seconds = round(time.perf_counter() - began, 2)
    # Others, which have read no statement yet.
    judges = _load_judges(way)
    judges.prepare()
    guards = None if way.guards is None else Guards(way.guards, NormalForm(), judges)
    parts = measure_parts(entries[:parts_count], judges, pool, way.defend, guards)
    return Cost(seconds, {name: round(1e3 * value, 3) for name, value in parts.items()}, memory, scores)


def _load_judges(way: Way) -> Judges:
    how = way.judging
    return load_embedded_judges(
        way.judge,
        batch_size=how.batch_size,
        precision=how.precision,
        search_px=how.search_px,
        text_gate=how.text_gate,
    )


def measure_parts(
    entries: Sequence[Entry],
    judges: Judges,
    pool: RenderPool,
    defend: Defence,
    guards: Guards | None = None,
) -> dict[str, float]:
    """Returns wall-clock seconds a drawing of each part by itself; one thread for the defences.

    Args:
        entries: The drawings.
        judges: All three are asked.
        pool: Draws.
        defend: Makes the defended views.
        guards: Are asked what they need renders for; None for none.
    """
    parts: dict[str, float] = {}

    def take(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        parts[name] = (time.perf_counter() - began) / len(entries)
        return result

    ids = [entry.id for entry in entries]
    take("check", lambda: [check_svg(entry.svg) for entry in entries])
    drawn = take("render", lambda: pool.render([entry.svg for entry in entries]))
    images = [picture.image for picture in drawn if picture.image is not None]
    views = take("defences", lambda: [defend(image, seed) for seed, image in enumerate(images)])
    judged = [view.judged for view in views]
    take("looks", lambda: judges.rate(ids, judged))
    characters = take("text", lambda: judges.count_characters(ids, [view.read for view in views]))
    asked = [
        (entry.id, image, question)
        for entry, image in zip(entries, judged, strict=True)
        for question in entry.questions
    ]
    owners, pictures, questions = zip(*asked, strict=True)
    texts, choices = [question.text for question in questions], [question.choices for question in questions]
    # The first time the statements are put into vectors; a group of drawings of one caption shares these.
    take("statements", lambda: judges.answer(owners, pictures, texts, choices))
    take("questions", lambda: judges.answer(owners, pictures, texts, choices))
    parts["statements"] -= parts["questions"]
    if guards is not None:
        take("faint text", lambda: guards.check_reading(ids, images, characters))
        take("views agree", lambda: guards.check_views(entries, images, [0.5] * len(images)))
    return parts


def compare_scores(exact: Sequence[Score], other: Sequence[Score]) -> dict[str, float]:
    """Says how far scores of the same drawings, made in a quicker way, are off; means over the drawings."""
    pairs = list(zip(exact, other, strict=True))
    figures = {
        f"{name} off by": float(np.mean([abs(getattr(a, name) - getattr(b, name)) for a, b in pairs]))
        for name in ("total", "vqa", "aesthetic", "ocr")
    }
    totals = np.array([[a.total, b.total] for a, b in pairs])
    return figures | {"correlation of totals": float(np.corrcoef(totals.T)[0, 1])}
