"""What a table of scores comes to: means with intervals, counts, and the answers' reliability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from svgtune.metric.embedded.calibration import bootstrap_mean, build_reliability, number_groups
from svgtune.metric.scoring.scores import ScoredRow
from svgtune.svg.repair import Validity

_ROUNDS = 1000
_MAX_DRAWS = 20_000_000  # of 8 bytes each, held at once


def summarise(rows: Sequence[ScoredRow]) -> dict[str, Any]:
    """Returns the figures of a table that has at least one row.

    ``mean`` and ``ci95`` are over all rows, those that score 0 without having been judged included, and the
    interval is by the bootstrap over prompts, several drawings of one being drawn together; ``vqa``,
    ``aesthetic`` and ``ocr`` are over the judged ones. ``in`` is ``scored`` and the counts of
    ``zero_by_reason`` together. What was mended has figures of its own, beside the others.
    """
    names = sorted({row.category for row in rows})
    figures = _count(rows)
    if names != [""]:
        figures["by_category"] = {name: _count([r for r in rows if r.category == name]) for name in names}
    figures["questions"] = dict(Counter(row.questions for row in rows if row.asked))
    figures["broken_rules"] = dict(Counter(rule for row in rows for rule in row.reasons[1:]).most_common())
    sure, right = list_answers(rows)
    figures["answers"] = {"count": len(sure), "accuracy": _mean(right), **build_reliability(sure, right)}
    mended = [row.mended for row in rows if row.mended is not None]
    if mended:
        judged = [one for one in mended if not one.reasons]
        figures["mended"] = {
            "in": len(mended),
            "scored": len(judged),
            "mean": _mean([one.score for one in mended]),
            "vqa": _mean([one.vqa for one in judged]),
            "aesthetic": _mean([one.aesthetic for one in judged]),
            "ocr": _mean([one.ocr for one in judged]),
        }
    figures["seconds"] = round(sum(row.seconds for row in rows), 2)
    return figures


def list_answers(rows: Sequence[ScoredRow]) -> tuple[list[float], list[bool]]:
    """Returns the probability of each likeliest choice, and whether it was the right one."""
    sure, right = [], []
    for row in rows:
        for question, own in zip(row.asked, row.probabilities, strict=False):
            best = int(np.argmax(own))
            sure.append(min(1.0, max(0.0, own[best])))
            right.append(question["choices"][best] == question["answer"])
    return sure, right


def _count(rows: Sequence[ScoredRow]) -> dict[str, Any]:
    judged = [row for row in rows if row.reason is None]
    rounds = max(100, min(_ROUNDS, _MAX_DRAWS // len(rows)))
    groups = number_groups(row.prompt or row.id for row in rows)
    drawn = bootstrap_mean([row.score for row in rows], groups, rounds=rounds)
    sizes = [row.bytes for row in rows]

    def mean_of(read: Callable[[ScoredRow], float]) -> float | None:
        return _mean([read(row) for row in judged])

    return {
        "in": len(rows),
        "scored": len(judged),
        "zero_by_reason": dict(Counter(row.reason for row in rows if row.reason).most_common()),
        "mean": drawn["mean"],
        "ci95": [drawn["low"], drawn["high"]],
        "vqa": mean_of(lambda row: row.vqa),
        "aesthetic": mean_of(lambda row: row.aesthetic),
        "ocr": mean_of(lambda row: row.ocr),
        "validity": {str(v): sum(row.validity is v for row in rows) for v in Validity},
        "bytes": {"mean": round(sum(sizes) / len(sizes)), "median": int(np.median(sizes)), "max": max(sizes)},
    }


def _mean(values: Sequence[float]) -> float | None:
    """Returns None where there is nothing to average."""
    return round(float(np.mean(values)), 4) if len(values) else None
