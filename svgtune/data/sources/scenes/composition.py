"""What a composer is asked for, and what it hands back: a caption with the drawing and the truth about it.

Composers draw in the order in which their captions name things, but for what lies behind others, so that a
model has one order to learn.
"""

from __future__ import annotations

from dataclasses import dataclass

from svgtune.data.sources.scenes.palette import NAMES
from svgtune.data.sources.scenes.pen import Sheet
from svgtune.records import Question


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants of one composition.

    Attributes:
        two_colours: True: the caption binds at least two different colours to two different things;
            False: it must not; None: either.
        colours: What colours are drawn from, names or ``#rgb`` codes.
        anywhere: Things and landmarks may be where nobody would look for them, a piano in the snow; shapes
            may be small and aside, clothes of any material.
    """

    two_colours: bool | None = None
    colours: tuple[str, ...] = NAMES
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the caption names.

    Attributes:
        subject: Its singular name.
        colours: The colour names that the caption asks for; empty when it is drawn in its natural colours.
        count: How many of it are drawn.
    """

    subject: str
    colours: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Composition:
    """One caption with its drawing.

    Attributes:
        pairs: Keys by which a split holds combinations out: (colour, subject) of every coloured part, and
            (subject, setting), (subject, material), (subject, pattern) or (subject, arrangement).
        questions: All that may be asked; some have the same text.
    """

    caption: str
    sheet: Sheet
    category: str
    parts: tuple[Part, ...]
    pairs: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]


_A_BEFORE_VOWEL = ("one", "uni", "use", "euro")
_AN_BEFORE_CONSONANT = ("hour", "honest", "heir")
# Opinion, size, age and state come before the colour; kind and material stay with the noun.
_BEFORE_COLOUR = {
    "ancient", "arched", "bare", "big", "broken", "burning", "calm", "cascading", "cozy", "crashing",
    "deep", "dense", "distant", "erupting", "fluffy", "gentle", "grassy", "hilly", "howling", "large",
    "leafless", "lonely", "long", "lush", "misty", "modern", "old", "open", "quiet", "rocky", "rolling",
    "rough", "round", "rugged", "sandy", "short", "small", "smoking", "soft", "solitary", "steep", "still",
    "stormy", "tall", "thick", "tropical", "warm", "wide", "winding", "wrapped",
}  # fmt: skip


def add_article(phrase: str) -> str:
    """Puts ``a`` or ``an`` before a singular phrase, by its sound."""
    word = phrase.lower()
    vowel = word[0] in "aeiou" and not word.startswith(_A_BEFORE_VOWEL)
    return f"{'an' if vowel or word.startswith(_AN_BEFORE_CONSONANT) else 'a'} {phrase}"


def add_colour(colour: str, phrase: str) -> str:
    """Puts a colour where English has it: ``old castle`` becomes ``old lavender castle``."""
    words = phrase.split(" ")
    place = next((k for k, word in enumerate(words[:-1]) if word not in _BEFORE_COLOUR), len(words) - 1)
    return " ".join([*words[:place], colour, *words[place:]])
