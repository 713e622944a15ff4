"""Which drawing of a caption is the best, which is set against it, and why the others are not taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from svgtune.config.prefer import PairsSection, PreferRecipe
from svgtune.data.contamination import ContaminationFinder
from svgtune.data.sources.base import caption_key
from svgtune.data.sources.scenes.teacher import is_never_drawn
from svgtune.metric.guards import Guards
from svgtune.preference.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes of the drawings of one caption.

    Attributes:
        best: None where no drawing is good enough, or the caption may not be tuned on.
        rejected: What the best one is set against; None where there is no pair.
        dropped: The other drawings by id, each with its reason. The rejected one is among them: it is not
            tuned on by itself.
        pair_reason: Why there is a best drawing but no pair; empty where there is one.
    """

    best: Candidate | None = None
    rejected: Candidate | None = None
    dropped: dict[str, str] = field(default_factory=dict)
    pair_reason: str = ""


class CaptionGuard:
    """Knows which captions may not be tuned on.

    Args:
        benchmark: Captions of the benchmark; those near them count too.
        held_out: Captions that are kept for evaluation; those of the same words count too.
        near: As in ``ContaminationFinder``.
    """

    def __init__(self, benchmark: Sequence[str], held_out: Iterable[str], near: float) -> None:
        self._finder = ContaminationFinder(benchmark, near)
        self._held_out = {caption_key(caption) for caption in held_out}

    def find_fault(self, caption: str) -> str:
        """Returns the reason for which a caption is dropped; empty for one that may be tuned on."""
        if not caption_key(caption):
            return "empty_caption"
        if is_never_drawn(caption) or self._finder.find(caption) is not None:
            return "benchmark_caption"
        return "held_out_caption" if caption_key(caption) in self._held_out else ""


def find_cheats(groups: Sequence[Sequence[Candidate]], recipe: PreferRecipe) -> dict[str, str]:
    """Finds drawings that break one of the recipe's guards; those that need a picture or judges are left out.

    Args:
        groups: The drawings of each caption; one drawing for many captions is looked for in all of them.
        recipe: Its guards, and the normal form that they go by.

    Returns:
        The first guard that a drawing breaks, by the drawing's id.
    """
    if recipe.guards is None:
        return {}
    limits = recipe.guards.model_copy(update={"max_characters": None, "max_view_gap": None})
    guards = Guards(limits, recipe.normal_form)
    valid = [one for group in groups for one in group if one.strict]
    repeats = guards.check_repeats([one.caption for one in valid], [one.svg for one in valid])
    flags = (
        (one.id, [*guards.check_text(one.svg), *again]) for one, again in zip(valid, repeats, strict=True)
    )
    return {name: broken[0].guard for name, broken in flags if broken}


def choose(
    group: Sequence[Candidate], recipe: PreferRecipe, guard: CaptionGuard, cheats: Mapping[str, str]
) -> Choice:
    """Chooses among the drawings of one caption.

    Of drawings with the same score the shorter one is the better, then the earlier.

    Args:
        group: The drawings.
        recipe: What a drawing must be like.
        guard: Knows the captions that are kept for evaluation.
        cheats: Of ``find_cheats``: these drawings are dropped, each with its guard as the reason.
    """
    fault = guard.find_fault(group[0].caption)
    if not fault and len(group) < recipe.min_candidates:
        fault = "single_candidate" if len(group) == 1 else "few_candidates"
    if fault:
        return Choice(dropped=dict.fromkeys((one.id for one in group), fault))
    dropped = {one.id: reason for one in group if (reason := _find_fault(one, recipe, cheats))}
    good = [one for one in group if one.id not in dropped]
    if not good:
        return Choice(dropped=dropped)
    best = min(good, key=lambda one: (-one.score, len(one.svg)))
    dropped.update((one.id, "not_best") for one in good if one is not best)
    worst, reason = _find_worst(best, group, recipe.pairs)
    return Choice(best, worst, dropped, reason)


def _find_fault(candidate: Candidate, recipe: PreferRecipe, cheats: Mapping[str, str]) -> str:
    if not candidate.svg:
        return "no_drawing"
    if not candidate.strict:
        return "not_strict"
    if not candidate.finished:
        return "cut_off"
    if candidate.id in cheats:
        return cheats[candidate.id]
    return "" if candidate.score > recipe.min_score else "low_score"


def _find_worst(
    best: Candidate, group: Sequence[Candidate], section: PairsSection
) -> tuple[Candidate | None, str]:
    """Returns the worst drawing that may be set against the best, or None and why there is none."""
    others = [
        one
        for one in group
        if one.svg not in ("", best.svg) and one.finished and (one.strict or section.invalid_rejected)
    ]
    if not others:
        return None, "no_rejected"
    worst = min(others, key=lambda one: one.score)
    margin = best.score - worst.score
    # Scores are rounded when they are written.
    if margin <= 0 or margin < section.min_margin - 1e-9:
        return None, "small_margin"
    return worst, ""
