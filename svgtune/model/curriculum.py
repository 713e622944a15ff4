"""Which captions are drawn next: more often those whose drawings differed in reward when last drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from svgtune.config.grpo import CurriculumSection


class Curriculum:
    """Chooses captions with weights that go by the spread of reward of their groups.

    What is chosen follows from the seed, the round and the recorded spreads alone, so that a resumed run
    chooses as an uninterrupted one.

    Args:
        section: Of the recipe.
        ids: Of all captions that can be chosen.
        seed: Of the run.

    Attributes:
        spreads: By caption id, for those that have been drawn; a checkpoint holds them.
    """

    def __init__(self, section: CurriculumSection, ids: Sequence[str], seed: int) -> None:
        self._section = section
        self._ids = tuple(ids)
        self._seed = seed
        self.spreads: dict[str, float] = {}

    def choose(self, count: int, number: int) -> list[int]:
        """Chooses captions for a round, each at most once.

        Weighted sampling without replacement by Efraimidis and Spirakis (2006): the largest u^(1/w).

        Args:
            count: How many; at most as many as there are.
            number: Of the round.

        Returns:
            Their places among the ids.
        """
        draws = np.random.default_rng([self._seed, number]).random(len(self._ids))
        return np.argsort(np.log(draws) / self.find_weights())[::-1][:count].tolist()

    def find_weights(self) -> np.ndarray:
        """Returns the weight of each caption; they are 1 in the mean of those that have been drawn."""
        known = [self.spreads[row_id] for row_id in self._ids if row_id in self.spreads]
        mean = float(np.mean(known)) if known else 0.0
        if mean == 0:
            # Nothing is known, or nothing drawn so far taught anything: on to what has not been drawn.
            seen, unseen = self._section.least, self._section.unseen
            return np.array([seen if row_id in self.spreads else unseen for row_id in self._ids])
        spreads = [self.spreads.get(row_id, mean * self._section.unseen) for row_id in self._ids]
        return np.maximum(np.array(spreads) / mean, self._section.least)

    def record(self, places: Sequence[int], spreads: Sequence[float | None]) -> None:
        """Remembers what the groups of a round came to; None where too few of a group were judged."""
        for place, spread in zip(places, spreads, strict=True):
            if spread is None:
                continue
            row_id = self._ids[place]
            kept = self._section.memory if row_id in self.spreads else 0.0
            self.spreads[row_id] = kept * self.spreads.get(row_id, 0.0) + (1 - kept) * spread

    def summarise(self, places: Sequence[int]) -> dict[str, float]:
        """Returns figures of a choice, for the log, before its spreads are recorded."""
        weights = self.find_weights()
        return {
            "curriculum/mean_weight": float(np.mean(weights[list(places)]) / np.mean(weights)),
            "curriculum/seen": len(self.spreads) / len(self._ids),
        }
