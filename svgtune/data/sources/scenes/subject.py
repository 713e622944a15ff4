"""What a scene can show: a subject with its words, its colours and the function that draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from svgtune.data.sources.scenes.composition import add_article
from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen

Draw = Callable[[Pen, Paint, Paint], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can be drawn.

    Attributes:
        name: Singular, as questions and facts call it.
        words: Singular wordings that captions choose from; the first is the usual one.
        group: Such as ``animal`` or ``vehicle``; wrong answers are not taken from the same look-alikes.
        draw: ``draw(pen, paint, accent)`` in the pen's box, 100 x 100, feet or base at y = 96.
        colour: ``#rgb`` of the body when the caption names no colour.
        accent: ``#rgb`` of the second part when the caption does not colour it.
        part: What ``accent`` paints, as it reads after "with", ``{}`` being the colour: ``a {} roof``,
            ``{} wings``; empty when nothing else is coloured.
        plural: Wording for several; the first word with an s when empty.
        settings: Names of settings where it may stand, such as ``grass`` or ``table``.
    """

    name: str
    words: tuple[str, ...]
    group: str
    draw: Draw
    colour: str
    accent: str = "#444"
    part: str = ""
    plural: str = ""
    settings: tuple[str, ...] = field(default=("plain",))

    def phrase_part(self, colour: str) -> str:
        """Returns the second part in a colour: ``an amber roof``."""
        if self.part.startswith("a {} "):
            return add_article(self.part.removeprefix("a ").format(colour))
        return self.part.format(colour)

    def phrase_whole(self) -> str:
        """Returns the usual wording with its article: ``a bunch of grapes``."""
        return add_article(self.words[0])

    @property
    def part_word(self) -> str:
        """The second part's bare noun: ``roof``."""
        return self.part.removeprefix("a ").removeprefix("{} ")


class Catalogue:
    """A registry that draw functions join by decorator."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.subjects: dict[str, Subject] = {}

    def add(
        self, *words: str, colour: str, accent: str = "#444", part: str = "", plural: str = "",
        settings: tuple[str, ...] = ("plain",), name: str = "",
    ) -> Callable[[Draw], Draw]:  # fmt: skip
        """Registers the decorated draw function; see ``Subject`` for the fields."""

        def register(draw: Draw) -> Draw:
            key = name or words[0]
            if key in self.subjects:
                raise ValueError(f"subject {key!r} is registered twice")
            self.subjects[key] = Subject(key, words, self.group, draw, colour, accent, part, plural, settings)
            return draw

        return register
