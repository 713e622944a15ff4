"""From log-odds of statements to probabilities of choices, and how far these can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

_GRID = np.geomspace(0.2, 8.0, 75)
_BINS = 10


@dataclass(frozen=True, slots=True)
class Temperatures:
    """What log-odds are divided by (Guo et al. 2017, "On Calibration of Modern Neural Networks").

    Attributes:
        choices: Where the choices are statements of their own.
        yes_no: Where they are yes and no.
    """

    choices: float = 1.0
    yes_no: float = 1.0

    def to_json(self) -> dict[str, float]:
        """Returns both by name."""
        return asdict(self)


def find_yes(logit: float, temperature: float) -> float:
    """Returns the probability that a statement is true."""
    return float(1 / (1 + np.exp(-np.clip(logit / temperature, -60, 60))))


def share_out(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Returns the probability of each choice, the last axis; each row sums to 1.

    "None of them" takes part with log-odds 0; what it gets is shared out evenly, as by somebody who must
    guess.
    """
    scaled = np.asarray(logits, np.float64) / temperature
    top = np.maximum(scaled.max(-1, keepdims=True), 0)
    weights = np.exp(scaled - top)
    none = np.exp(-top)
    total = weights.sum(-1, keepdims=True) + none
    return (weights + none / scaled.shape[-1]) / total


def fit_temperature(logits: Sequence[np.ndarray], targets: Sequence[int], yes_no: bool) -> float:
    """Finds the temperature of the smallest mean negative log-likelihood, on a grid from 0.2 to 8.

    Args:
        logits: For each question, of its choices; of its one statement where ``yes_no``.
        targets: The right choice; for ``yes_no`` 0 where the statement is true, else another number.
        yes_no: Which kind.
    """
    if not logits:
        return 1.0

    def measure(temperature: float) -> float:
        right = [
            find_right(row, target, temperature, yes_no) for row, target in zip(logits, targets, strict=True)
        ]
        return float(-np.log(np.maximum(right, 1e-9)).mean())

    return float(min(_GRID, key=measure))


def find_right(logits: np.ndarray, target: int, temperature: float, yes_no: bool) -> float:
    """Returns the probability of the right choice of one question."""
    if yes_no:
        yes = find_yes(float(logits[0]), temperature)
        return yes if target == 0 else 1 - yes
    return float(share_out(logits, temperature)[target])


def build_reliability(sure: Sequence[float], right: Sequence[bool]) -> dict[str, Any]:
    """Builds the reliability curve of the chosen answers.

    Args:
        sure: Probability of each chosen answer.
        right: Whether it was the right one.

    Returns:
        ``bins`` (``from``, ``to``, ``count``, ``mean_probability``, ``share_right``) and ``ece``, the mean
        distance of the two, weighted by count.
    """
    values, hits = np.asarray(sure, float), np.asarray(right, float)
    places = np.minimum((values * _BINS).astype(int), _BINS - 1)
    bins, ece = [], 0.0
    for k in range(_BINS):
        inside = places == k
        if not inside.any():
            continue
        mean, share = float(values[inside].mean()), float(hits[inside].mean())
        ece += abs(mean - share) * float(inside.mean())
        bins.append(
            {"from": k / _BINS, "to": (k + 1) / _BINS, "count": int(inside.sum()),
             "mean_probability": round(mean, 4), "share_right": round(share, 4)}
        )  # fmt: skip
    return {"ece": round(ece, 4), "bins": bins}


def number_groups(names: Iterable[str]) -> list[int]:
    """Numbers names by their first occurrence, as ``groups`` of ``bootstrap_mean``."""
    places: dict[str, int] = {}
    return [places.setdefault(name, len(places)) for name in names]


def bootstrap_mean(
    values: Sequence[float] | np.ndarray, groups: Sequence[int] | None = None, *, rounds: int = 1000
) -> dict[str, float | int]:
    """Returns a mean with its 95 % interval by the percentile bootstrap (Efron 1979).

    Args:
        values: What is averaged.
        groups: What belongs together and is drawn together, such as the questions about one picture; None
            draws each value for itself.
        rounds: Draws.
    """
    numbers = np.asarray(values, float)
    if not len(numbers):
        return {"mean": 0.0, "low": 0.0, "high": 1.0, "count": 0}
    keys = np.arange(len(numbers)) if groups is None else np.unique(groups, return_inverse=True)[1]
    sums, counts = np.bincount(keys, numbers), np.bincount(keys)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(sums), (rounds, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"mean": round(float(numbers.mean()), 4), "low": round(float(low), 4),
            "high": round(float(high), 4), "count": len(numbers)}  # fmt: skip
