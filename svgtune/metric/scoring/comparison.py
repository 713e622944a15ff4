"""Several models on the same prompts: mean scores, and differences to the first, with intervals."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from svgtune.errors import InputError
from svgtune.metric.embedded.calibration import bootstrap_mean, number_groups
from svgtune.metric.scoring.scores import Total

logger = logging.getLogger(__name__)

_HEADS = (
    "",
    "score",
    "95 %",
    "less the first",
    "95 %",
    "strict",
    "V",
    "A",
    "O",
    "training s",
    "training tokens",
)


def compare_totals(runs: Mapping[str, Mapping[str, Total]]) -> dict[str, dict[str, Any]]:
    """Compares scores of the same prompts.

    The intervals are by the percentile bootstrap over prompts, several drawings of one being drawn together;
    where the scores come without prompts, over drawings.
    Those of the differences are paired: a prompt that is hard for all is no noise.

    Args:
        runs: By name, what ``read_totals`` returns. The first one is what the others are compared with.

    Returns:
        For each name ``score`` and ``difference`` (None for the first), each with ``mean``, ``low``, ``high``
        and ``count``, the number of drawings.

    Raises:
        InputError: The runs are not of the same drawings' ids.
    """
    first_name, first = next(iter(runs.items()))
    ids = sorted(first)
    groups = number_groups(first[i].prompt or i for i in ids)
    if len(set(groups)) < 2:
        logger.warning("%s: of one prompt only, so that its intervals say nothing; draw more", first_name)
    figures: dict[str, dict[str, Any]] = {}
    for name, totals in runs.items():
        strange = set(ids) ^ totals.keys() or {i for i in ids if totals[i].prompt != first[i].prompt}
        if strange:
            raise InputError(
                f"{name}: {min(strange)!r} and {len(strange) - 1} others are not drawings of {first_name} "
                "too; compare runs of the same prompts and number of candidates"
            )
        differences = [totals[i].score - first[i].score for i in ids]
        figures[name] = {
            "score": bootstrap_mean([totals[i].score for i in ids], groups),
            "difference": None if name == first_name else bootstrap_mean(differences, groups),
        }
    return figures


def format_comparison(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns a comparison as a table in Markdown.

    Args:
        figures: What ``compare_totals`` returns, each perhaps with ``summary`` (of ``infer/score.py``) and
            ``training`` (of ``metrics.json``).
    """
    lines = [f"| {' | '.join(_HEADS)} |", f"|{'---|' * len(_HEADS)}"]
    for name, one in figures.items():
        score, difference = one["score"], one["difference"]
        summary, training = one.get("summary") or {}, one.get("training") or {}
        strict = (summary.get("validity") or {}).get("strict")
        cells = [
            name,
            f"{score['mean']:.4f}",
            f"{score['low']:.4f} to {score['high']:.4f}",
            "" if difference is None else f"{difference['mean']:+.4f}",
            "" if difference is None else f"{difference['low']:+.4f} to {difference['high']:+.4f}",
            "" if strict is None else f"{strict / summary['in']:.3f}",
            *(_format(summary.get(key)) for key in ("vqa", "aesthetic", "ocr")),
            "" if training.get("seconds") is None else f"{training['seconds']:,.0f}",
            "" if training.get("tokens") is None else f"{training['tokens']:,}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _format(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
