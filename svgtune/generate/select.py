"""Choosing the best of several candidates without a judge."""

from __future__ import annotations

import math
from collections.abc import Sequence

from svgtune.generate.drawings import Drawing
from svgtune.svg.repair import Validity

_RANKS = {Validity.STRICT: 0, Validity.LENIENT: 1, Validity.REPAIRED: 2, Validity.INVALID: 3}


def rank_candidate(drawing: Drawing) -> tuple[int, int, float, int]:
    """Returns a key that sorts the better candidate first.

    A drawing before none, one valid as written before any that needed help, one that the renderer could draw
    before one it could not, and then the one that the model itself found likeliest, by the mean log
    probability of its tokens.
    """
    logprob = -math.inf if drawing.logprob is None else drawing.logprob
    return _RANKS[drawing.validity], 0 if drawing.rendered else 1, -logprob, drawing.candidate


def select_best(candidates: Sequence[Drawing]) -> Drawing:
    """Returns the best candidate of one prompt."""
    return min(candidates, key=rank_candidate)
