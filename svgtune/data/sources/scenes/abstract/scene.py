"""One abstract picture while it is composed: what it shows so far, and what can be asked about it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from svgtune.data.sources.scenes.abstract.arrangements import ARRANGEMENTS
from svgtune.data.sources.scenes.abstract.shapes import SHAPES, Shape, Spot
from svgtune.data.sources.scenes.composition import Composition, Part, add_article
from svgtune.data.sources.scenes.palette import NAMES, get_hex, measure_contrast, measure_distance
from svgtune.data.sources.scenes.pen import Sheet
from svgtune.data.sources.scenes.questions import (
    ask_anything_coloured,
    ask_colour,
    ask_kind,
    ask_presence,
    ask_statement,
)
from svgtune.records import Question

_DISTINCT = 7.5
# With ``anywhere``: the smallest scale, and how far the middle would move at scale 0, in canvas units.
_LEAST_SCALE = 0.6
_REACH_PX = 50
_KINDS = ("flat", "flat", "flat", "line", "solid", "solid")
_COOL_GROUNDS = (("#eff", "#bcd"), ("#fff", "#dde"))
_WARM_GROUNDS = (("#ffe", "#ec9"), ("#fff", "#dde"))
_OTHER_GROUNDS = (("#345", "#123"), ("#544", "#322"), ("#99a", "#778"))
_ENDINGS = (
    "on {} background",
    "against {} background",
    "on {} backdrop",
    "over {} background",
    "on {} canvas",
)
_ALIKE: tuple[set[str], ...] = (
    {"round", "ring", "spiral", "drop", "polygon", "cylinder", "polyhedron"}, {"pointed", "triangle",
        "chevron", "arrow"},
    {"box", "square", "polygon", "polyhedron", "slanted", "cylinder"}, {"rhombus", "slanted", "square",
        "drop", "pointed"},
    {"chevron", "zigzag"},
)  # fmt: skip


class Scene:
    """One abstract picture while it is composed.

    Attributes:
        two: The caption must bind two colours to two things; otherwise it must not.
        pool: What colours are drawn from.
        anywhere: All shapes are smaller and aside, so that none is known in a few sizes and places only.
        shown: Every shape that is drawn, so that questions never offer it, or one alike, as absent.
        answer: How the shapes are arranged, and the family of like arrangements; empty if not asked.
    """

    def __init__(
        self, rng: random.Random, *, two: bool, pool: tuple[str, ...] = NAMES, anywhere: bool = False
    ) -> None:
        self.rng = rng
        self.two = two
        self.pool = pool
        self.anywhere = anywhere
        self._scale, self._middle = 1.0, (100, 100)
        if anywhere:
            self._scale = rng.uniform(_LEAST_SCALE, 1)
            reach = round(_REACH_PX * (1 - self._scale))
            self._middle = (100 + rng.randint(-reach, reach), 100 + rng.randint(-reach, reach))
        self.sheet = Sheet()
        self.caption = ""
        self.parts: list[Part] = []
        self.pairs: list[tuple[str, str]] = []
        self.colours: list[str] = []
        self.shown: list[Shape] = []
        self.asked: list[Question] = []
        self.answer = ("", "")

    def draw_colour(self) -> str:
        """Draws a colour well apart from those in the picture, and remembers it."""
        pool = self.rng.sample(self.pool, len(self.pool))
        colour = next(
            name for name in pool if all(measure_distance(name, other) > _DISTINCT for other in self.colours)
        )
        self.colours.append(colour)
        return colour

    def draw_shape(
        self,
        kinds: Sequence[str] = _KINDS,
        *,
        copies: int = 1,
        max_numbers: int = 190,
        turning: bool = False,
    ) -> Shape:
        """Draws a shape that looks unlike those in the picture, and remembers it.

        Args:
            kinds: One of them is drawn first; another kind comes only where none of it is cheap enough.
            copies: How many of it will be drawn.
            max_numbers: What all copies may cost in path numbers.
            turning: Only shapes that look different when turned by 45 degrees.
        """
        kind = self.rng.choice(kinds)
        pool = [
            shape for shape in SHAPES.values()
            if shape.cost * copies <= max_numbers
            and all(shape.family != other.family for other in self.shown)
            and (not turning or (shape.turns and shape.name not in ("square", "cross", "star")))
        ]  # fmt: skip
        shape = self.rng.choice([shape for shape in pool if shape.kind == kind] or pool)
        self.shown.append(shape)
        return shape

    def vary(self, spots: Sequence[Spot]) -> list[Spot]:
        """Returns where shapes stand: as given, or with ``anywhere`` all of the picture smaller and aside."""
        if not self.anywhere:
            return list(spots)
        scale, (x, y) = self._scale, self._middle
        return [
            spot._replace(
                x=round(x + scale * (spot.x - 100)),
                y=round(y + scale * (spot.y - 100)),
                r=round(scale * spot.r),
            )
            for spot in spots
        ]

    def name_background(self) -> None:
        """Fills the background with a colour that the caption names."""
        colour = self.draw_colour()
        self.sheet.add_background(get_hex(colour))
        self.caption += " " + self.rng.choice(_ENDINGS).format(add_article(colour))
        self.note("background", (colour,))
        others = [other for other in self.colours if other != colour]
        self.asked.append(ask_colour(self.rng, "background", colour, also=others))

    def paint_ground(self) -> None:
        """Fills the background with the first neutral gradient that all colours stand off from."""
        shades = [get_hex(name) for name in self.colours]
        red, blue = (sum(int(shade[k], 16) for shade in shades) for k in (1, 3))
        grounds = (*(_COOL_GROUNDS if red >= blue else _WARM_GROUNDS), *_OTHER_GROUNDS)

        def measure(ground: tuple[str, str]) -> float:
            return min(measure_contrast(end, shade) for end in ground for shade in shades)

        ground = next((ground for ground in grounds if measure(ground) > 6), max(grounds, key=measure))
        self.sheet.add_background(self.sheet.add_gradient(*ground))

    def add_ground(self, named_share: float = 0.12) -> None:
        """Names the background in some captions, else paints a neutral one."""
        if self.two and self.rng.random() < named_share:
            self.name_background()
        else:
            self.paint_ground()

    def note(self, subject: str, colours: tuple[str, ...], count: int = 1, quality: str = "") -> None:
        """Notes a part that the caption names, with its keys for the split."""
        self.parts.append(Part(subject, colours, count))
        self.pairs += [(colour, subject) for colour in colours]
        if quality:
            self.pairs.append((subject, quality))

    def find_other_shapes(self) -> list[Shape]:
        """Returns the shapes that nobody could see in the picture."""
        families = {shape.family for shape in self.shown}
        near = {family for group in _ALIKE if group & families for family in group} | families
        return [
            shape for shape in SHAPES.values()
            if shape.family not in near and shape.name.split()[-1] not in self.caption
        ]  # fmt: skip

    def ask_shape(self, shape: Shape, colour: str, *, plural: bool) -> None:
        """Offers the questions that every coloured shape allows; the caption must be complete."""
        rng = self.rng
        thing = shape.plural if plural else shape.name
        also = [other for other in self.colours if other != colour]
        self.asked.append(ask_colour(rng, thing, colour, plural=plural, also=also))
        others = [other.plural if plural else other.name for other in self.find_other_shapes()]
        alone = len(self.shown) == 1
        if plural:
            text = "What shape is repeated?" if alone else f"What are the {colour} shapes?"
        else:
            text = "What shape is shown?" if alone else f"What {colour} shape is shown?"
        self.asked.append(ask_kind(rng, text, thing, others))
        wrong = rng.choice(others)
        self.asked.append(ask_presence(rng, [], [wrong if plural else add_article(wrong)]))
        self.asked.append(ask_presence(rng, [thing if plural else add_article(thing)], []))

    def finish(self) -> Composition:
        """Adds the questions about the whole picture."""
        rng = self.rng
        answer, family = self.answer
        if answer:
            others = [a.answer for a in ARRANGEMENTS if a.family not in (family, "group", "single", "grid")]
            self.asked.append(ask_kind(rng, "How are the shapes arranged?", answer, others))
        if self.colours:
            self.asked.append(ask_anything_coloured(rng, self.colours))
            self.asked.append(ask_anything_coloured(rng, self.colours, answer="no"))
        if self.shown and len({shape.kind == "solid" for shape in self.shown}) == 1:
            solid = self.shown[0].kind == "solid"
            self.asked.append(ask_statement("Does the image show three-dimensional shapes?", solid))
        return Composition(
            self.caption, self.sheet, "abstract", tuple(self.parts), tuple(self.pairs),
            tuple(self.asked),
        )  # fmt: skip
