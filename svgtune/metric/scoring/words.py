"""The word lists by which a prompt is understood: colours, numbers, times of day, and things by group."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from svgtune.assets import find_asset
from svgtune.errors import InputError, MissingInputError

_ENDINGS = (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""))
_NO_PLURAL = ("ss", "us", "is")


@dataclass(frozen=True)
class Words:
    """What the rules know.

    Attributes:
        colours: The ``#rgb`` of each colour.
        spellings: Other words for colours.
        numbers: Number words.
        times: Words that tell ``night``, ``sunset``, ``sunrise`` or ``day``.
        groups: Things by group; each entry holds the words for things that look alike, with ``/`` between
            them and ``_`` for a space.
        incidental: Things that a drawing may show though its prompt does not name them: never asked for as
            absent.
        mass: Things without an article.
        plurals: Words that are plural though they do not look like it, or have no singular.
        vague: Nouns that are never asked about.
        breaks: Words that end a noun phrase.
        qualities: Adjectives that may follow a noun or be taken for one.
    """

    colours: Mapping[str, str]
    spellings: Mapping[str, str]
    numbers: Mapping[str, int]
    times: Mapping[str, Sequence[str]]
    groups: Mapping[str, Sequence[str]]
    incidental: Sequence[str]
    mass: Sequence[str]
    plurals: Sequence[str]
    vague: Sequence[str]
    breaks: Sequence[str]
    qualities: Sequence[str]

    @cached_property
    def entries(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """For each known noun its group and the nouns that look alike; a noun of two groups has the first."""
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for group, entries in self.groups.items():
            for entry in entries:
                alike = tuple(word.replace("_", " ") for word in entry.split("/"))
                for word in alike:
                    found.setdefault(word, (group, alike))
        return found

    def find_entry(self, noun: str) -> tuple[str, tuple[str, ...]] | None:
        """Returns the group of a noun, singular or plural, and what looks like it; None if unknown."""
        for form in self.list_forms(noun):
            if form in self.entries:
                return self.entries[form]
        return None

    def is_vague(self, noun: str) -> bool:
        """Says whether a noun, singular or plural, says nothing that a picture shows."""
        return bool(
            {*self.list_forms(noun)}
            & {*self.vague, *(word for words in self.times.values() for word in words)}
        )

    def is_one_name(self, phrase: str) -> bool:
        """Says whether several words are one thing's name, such as ``bow tie`` or ``hot air balloon``."""
        return phrase in self.plurals or self.find_entry(phrase) is not None

    def is_plural(self, noun: str) -> bool:
        """Says whether a noun is one of several things."""
        last = noun.split(" ")[-1]
        if last in self.plurals or noun in self.plurals:
            return True
        return last.endswith("s") and not last.endswith(_NO_PLURAL) and last not in self.mass

    def list_forms(self, noun: str) -> list[str]:
        """Returns a noun and, where it may be a plural, what its singular may be."""
        singulars = [
            noun.removesuffix(ending) + instead
            for ending, instead in _ENDINGS
            if noun.endswith(ending) and not noun.endswith(_NO_PLURAL)
        ]
        return [noun, *singulars]


def measure_distance(shade: str, other: str) -> float:
    """Returns the Euclidean RGB distance of two ``#rgb`` shades, in levels: 0 to 26."""
    pairs = zip(shade[1:4], other[1:4], strict=True)
    return sum((int(x, 16) - int(y, 16)) ** 2 for x, y in pairs) ** 0.5


def read_words(path: Path) -> Words:
    """Reads word lists.

    Raises:
        MissingInputError: The file or a list is not there.
        InputError: It is not what it should be.
    """
    where = find_asset(path)
    try:
        content: Any = json.loads(where.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingInputError(
            f"{path}: is not there; give --words FILE, or leave it away for the one that ships"
        ) from error
    except ValueError as error:
        raise InputError(f"{path}: is not JSON in UTF-8 ({error}); correct it") from error
    names = [field.name for field in fields(Words)]
    missing = [name for name in names if not isinstance(content, dict) or name not in content]
    if missing:
        raise MissingInputError(
            f"{path}: has no list {missing[0]!r}; write all of {', '.join(names)}, as "
            "recipes/score/words.json does"
        )
    return Words(**{name: content[name] for name in names})
