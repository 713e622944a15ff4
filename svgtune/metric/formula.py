"""From three judgements to one score, and the seeds of the image defences: the competition's arithmetic.

Source: the metric of Kaggle's 'Drawing with LLMs', ``svg-image-fidelity``, version 17 of 27 March 2025.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

BETA = 0.5
FREE_CHARACTERS = 4
_MAX_SEED = 2**31 - 1


def harmonic_mean(vqa: float, aesthetic: float, beta: float = BETA) -> float:
    """Returns the weighted harmonic mean; 0 where either is 0 or less.

    A ``beta`` below 1 gives ``vqa`` more weight: ``(1 + beta^2) V A / (beta^2 V + A)``.
    """
    if vqa <= 0 or aesthetic <= 0:
        return 0.0
    return (1 + beta**2) * vqa * aesthetic / (beta**2 * vqa + aesthetic)


def score_ocr(characters: int) -> float:
    """Returns the factor for text in the picture: 1 up to four characters, then a factor e less for each."""
    return min(1.0, math.exp(FREE_CHARACTERS - characters))


def combine(vqa: float, aesthetic: float, ocr: float) -> float:
    """Returns the score of one drawing."""
    return harmonic_mean(vqa, aesthetic) * ocr


def draw_group_seeds(ids: Iterable[str], random_seed: int = 0) -> dict[str, int]:
    """Draws the seed of each id's image defences, in the sorted order of all ids.

    A seed depends on the ids that sort before its own, so that a part of the ids gets other seeds.
    """
    # The legacy generator is the competition's: its stream is what makes the numbers equal.
    generator = np.random.RandomState(random_seed)
    return {sample_id: int(generator.randint(0, _MAX_SEED)) for sample_id in sorted(ids)}
