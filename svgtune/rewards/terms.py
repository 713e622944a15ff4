"""The terms that a reward is made of, each 0 to 1; 0 is the model's fault, None is ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from svgtune.config.rewards import LengthBand
from svgtune.metric.scorer import Score
from svgtune.rewards.evaluation import Judged
from svgtune.svg.repair import Validity

Term = Callable[[Sequence[Judged]], list[float | None]]

_THUMB_PX = 32
_FAR = 0.25
"""Mean absolute difference of two thumbnails, of full scale, from which on they count as wholly different."""


def give(rate: Callable[[Judged], float]) -> Term:
    """Makes a term of a rating of single drawings: 0 for what earns nothing, None where a judge failed."""

    def term(batch: Sequence[Judged]) -> list[float | None]:
        return [None if one.failed else rate(one) if one.counts else 0.0 for one in batch]

    return term


def give_score(pick: Callable[[Score], float]) -> Term:
    """Makes a term of a part of the score."""
    return give(lambda one: pick(one.score) if one.score is not None else 0.0)


def rate_validity(batch: Sequence[Judged]) -> list[float | None]:
    """Rates whether the text is strictly valid, can be drawn, and breaks no guard."""
    return [None if one.failed else float(one.validity is Validity.STRICT and one.counts) for one in batch]


def rate_length(svg: str, band: LengthBand, reference: str = "") -> float:
    """Rates a drawing's size: 1 inside the band, linear outside it.

    Args:
        svg: The drawing.
        band: Which sizes cost nothing.
        reference: The prompt's own drawing; empty where there is none.
    """
    size_bytes, least = len(svg.encode()), float(band.least_bytes)
    if band.least_of_reference is not None and reference:
        least = band.least_of_reference * len(reference.encode())
    if size_bytes < least:
        return size_bytes / least
    over = max(0, size_bytes - band.free_bytes) / (band.most_bytes - band.free_bytes)
    return max(0.0, 1 - over)


def rate_variety(batch: Sequence[Judged]) -> list[float | None]:
    """Rates how far each drawing is, in the mean, from the others of its task that count.

    The distance is the mean absolute difference of 32 px thumbnails; an only one gets 0.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(batch):
        if one.counts:
            groups[one.task.id].append(place)
    rates: list[float | None] = [None if one.failed else 0.0 for one in batch]
    for places in groups.values():
        if len(places) < 2:
            continue
        thumbs = np.stack([_shrink(batch[place].image) for place in places]).astype(np.float32) / 255
        apart = np.abs(thumbs[:, None] - thumbs[None]).mean((2, 3, 4))
        for place, row in zip(places, np.minimum(1, apart / _FAR), strict=True):
            rates[place] = float(row.sum() / (len(places) - 1))
    return rates


def _shrink(image: np.ndarray | None) -> np.ndarray:
    return cv2.resize(np.asarray(image), (_THUMB_PX, _THUMB_PX), interpolation=cv2.INTER_AREA)
