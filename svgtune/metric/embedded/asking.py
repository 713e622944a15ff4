"""Questions about every part of a scene: which colour it has, and whether it is there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from svgtune.metric.programmatic import list_main_parts
from svgtune.records import Question, Sample

_APART = 100.0  # of 255, the distance of colours that nobody takes for each other
_CHOICES = 4
_MOST_WORDS = 4
# What ends the words for one thing: "a red boat | with white sails | on the lake".
_LINK = re.compile(
    r"[^\w\s'-]|\b(?:about|above|across|against|along|alongside|amid|among|and|around|as|at|before|behind|below|beneath|"
    r"beside|between|beyond|by|down|for|from|in|inside|interwoven|into|like|made|near|next|of|off|on|onto|or|out|over|"
    r"past|seen|side|spread|that|through|to|together|toward|towards|under|underneath|underwater|up|upon|when|where|"
    r"while|with|within|without|arranged|colored|coloured|covered|crossed|layered|perched|scattered|stacked|"
    r"surrounded|tied|(?!building|earring|frosting|frying|lightning|sailing|string|wing)\w{2,}ing)\b"
)
_ONE = re.compile(r"\b(?:an?|one)\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a scene and a colour of it that no other part has."""

    subject: str
    colour: str


def ask_about(
    sample: Sample, shades: Mapping[str, Sequence[str]], rng: random.Random
) -> tuple[Question, ...]:
    """Returns a scene's own questions, and what they may leave out: each colour, and each part's presence.

    Args:
        sample: A scene with facts.
        shades: Of every colour name.
        rng: Chooses the wrong answers.
    """
    return sample.questions + tuple(_ask_about_parts(sample, shades, rng))


def _ask_about_parts(
    sample: Sample, shades: Mapping[str, Sequence[str]], rng: random.Random
) -> Iterator[Question]:
    coloured = _list_coloured(sample)
    alone = list_parts(sample)
    others = list_unlike(shades, [colour for part in sample.facts["parts"] for colour in part["colours"]])
    for part in coloured:
        named = name_coloured(part.colour, sample.caption, list(shades))
        if named is None and part in alone and part.subject in sample.caption:
            named = find_plural(part.subject, sample.caption)
        if named is None or len(others) < _CHOICES - 1:
            continue
        absent = rng.sample(others, _CHOICES - 1)
        # With absent colours alone it would do to see which there are, whatever they are on.
        unlike = list_unlike(shades, [part.colour])
        elsewhere = [other.colour for other in coloured if other.colour in unlike][:2]
        choices = (part.colour, *elsewhere, *absent[len(elsewhere) :])
        things, verb = named
        yield Question(f"What color {verb} the {things}?", tuple(sorted(choices)), part.colour)
    for main in list_main_parts(sample.category, sample.facts):
        yield Question(write_presence(main["subject"], sample.caption), ("no", "yes"), "yes")


def _list_coloured(sample: Sample, most: int | None = None) -> list[Part]:
    """Lists the colours that only one part has, with their parts; of parts with at most so many colours."""
    parts = sample.facts["parts"]
    colours = [colour for part in parts for colour in part["colours"]]
    return [
        Part(part["subject"], colour)
        for part in parts
        for colour in part["colours"]
        if colours.count(colour) == 1 and len(part["colours"]) <= (most or len(colours))
    ]


def list_parts(sample: Sample) -> list[Part]:
    """Lists the parts with one colour, which no other part has."""
    return _list_coloured(sample, 1)


def list_unlike(shades: Mapping[str, Sequence[str]], used: Sequence[str]) -> list[str]:
    """Lists the colours that look like none of ``used``."""

    def read(name: str) -> list[int]:
        return [int(digit, 16) * 17 for digit in shades[name][0][1:]]

    def gap(one: str, other: str) -> float:
        return sum((x - y) ** 2 for x, y in zip(read(one), read(other), strict=True)) ** 0.5

    return [name for name in shades if all(gap(name, other) > _APART for other in used)]


def name_coloured(colour: str, caption: str, colours: Sequence[str]) -> tuple[str, str] | None:
    """Returns what a caption says has a colour, in its own words, with its verb.

    Args:
        colour: ``maroon`` in "a pyramid with a maroon tip".
        caption: Of the scene.
        colours: Every colour name; of "red and blue waves" neither colour is that of the waves.

    Returns:
        ``("tip", "is")``; None where the caption has the colour not once, or not before what it belongs to.
    """
    if count_word(colour, caption) != 1:
        return None
    before, _, after = re.split(rf"(?<!\w)({re.escape(colour)})(?!\w)", caption)
    end = _LINK.search(after)
    words = after[: end.start() if end else len(after)].split()
    while words and words[-1].endswith("ed"):  # "a red cone | flanked | by two cubes"
        words.pop()
    if (
        not after.startswith(" ")
        or not words
        or len(words) > _MOST_WORDS
        or any(count_word(name, " ".join(words)) for name in colours)
    ):
        return None
    if re.search(rf"\b(?:{'|'.join(map(re.escape, colours))}) (?:and|or) $", before):
        return None
    own = before[max((link.end() for link in _LINK.finditer(before)), default=0) :]
    many = words[-1].endswith("s") and not words[-1].endswith("ss") and not _ONE.search(own)
    return " ".join(words), "are" if many else "is"


def find_plural(subject: str, caption: str) -> tuple[str, str]:
    """Returns the subject as the caption has it, with its verb."""
    found = re.search(rf"(?<![\w]){re.escape(subject)}(e?s)(?![\w])", caption)
    if found:
        return found[0], "are"
    return subject, "are" if subject.endswith("s") and not subject.endswith("ss") else "is"


def write_presence(subject: str, caption: str) -> str:
    """Asks whether a subject is in the image."""
    things, verb = find_plural(subject, caption)
    return f"{verb.title()} there {_add_article(things, verb)} in the image?"


def _add_article(phrase: str, verb: str) -> str:
    if verb == "are":
        return phrase
    return f"{'an' if phrase[0] in 'aeio' else 'a'} {phrase}"


def count_word(word: str, text: str) -> int:
    """Counts how often a word or phrase stands by itself in a text."""
    return len(re.findall(rf"(?<![\w]){re.escape(word)}(?![\w])", text))


def mentions(text: str, subject: str) -> bool:
    """Says whether a text names a subject, in the singular or the plural."""
    stem = subject[:-1] if subject.endswith("y") else subject
    return re.search(rf"(?<![\w]){re.escape(stem)}\w{{0,3}}(?![\w])", text) is not None
