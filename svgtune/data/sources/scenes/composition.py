"""What a composer is asked for, and what it hands back: a caption with the drawing and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass

from svgtune.data.sources.scenes.pen import Sheet
from svgtune.records import Question


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants of one composition.

    Attributes:
        two_colours: True: the caption binds at least two different colours to two different things;
            False: it must not; None: either.
    """

    two_colours: bool | None = None


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
        questions: Four, each true of the drawing.
    """

    caption: str
    sheet: Sheet
    category: str
    parts: tuple[Part, ...]
    pairs: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]


def add_article(phrase: str) -> str:
    """Puts ``a`` or ``an`` before a singular phrase."""
    return f"{'an' if phrase[0].lower() in 'aeiou' else 'a'} {phrase}"
