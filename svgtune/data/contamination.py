"""Captions of a benchmark that turn up in training data, word for word or nearly so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NEAR = 0.8

_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
# They tell nothing about the picture.
_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "with",
        "and",
        "by",
        "to",
        "its",
        "his",
        "her",
        "their",
        "is",
        "are",
        "there",
        "that",
    ]
)


@dataclass(frozen=True, slots=True)
class Match:
    """A training caption that is too close to a caption of the benchmark.

    Attributes:
        likeness: Jaccard index of their words, small words left out; 1 for the same set.
    """

    benchmark: str
    training: str
    likeness: float

    def __str__(self) -> str:
        return f"{self.benchmark!r} is near {self.training!r} ({self.likeness:.2f})"


def list_words(caption: str) -> frozenset[str]:
    """Returns the words of a caption that say something, in lower case."""
    words = frozenset(_WORD.findall(caption.lower()))
    return words - _SMALL or words


class ContaminationFinder:
    """Finds the captions of a benchmark in a stream of training captions.

    Args:
        benchmark: Captions that must not be trained on.
        near: Two captions match if the Jaccard index of their words (Jaccard 1901) is at least this.

    Raises:
        ValueError: ``near`` is not above 0 and at most 1.
    """

    def __init__(self, benchmark: Sequence[str], near: float = NEAR) -> None:
        if not 0 < near <= 1:
            raise ValueError(f"near is {near}; give a number above 0, at most 1")
        self._near = near
        self._captions = list(benchmark)
        self._words = [list_words(caption) for caption in benchmark]
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(self._words):
            for word in words:
                self._places[word].append(place)

    def find(self, caption: str) -> Match | None:
        """Returns the benchmark's caption that is nearest to a training caption, if it is near enough."""
        words = list_words(caption)
        shared: dict[int, int] = defaultdict(int)
        for word in words:
            for place in self._places.get(word, ()):
                shared[place] += 1
        best, likeness = -1, 0.0
        for place, count in shared.items():
            value = count / (len(words) + len(self._words[place]) - count)
            if value > likeness:
                best, likeness = place, value
        if likeness < self._near:
            return None
        return Match(self._captions[best], caption, likeness)

    def find_all(self, captions: Iterable[str]) -> list[Match]:
        """Returns the matches of many training captions, each pair once."""
        found = (self.find(caption) for caption in captions)
        return list(dict.fromkeys(match for match in found if match is not None))
