"""What the parts of a score cost; behind ``scripts/bench_rewards.py``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from svgtune.metric.defence import Defence
from svgtune.metric.guards import Guards
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Score
from svgtune.render.pool import RenderPool
from svgtune.svg.constraints import check_svg


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
