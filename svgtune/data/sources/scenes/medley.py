"""Medleys: things, landmarks and shapes among each other anywhere, likely or not.

Elsewhere a picture tells half of what it shows: on a farm there are animals, around a dot there are petals. A
model learns such company by heart and draws it instead of what the caption says. Here only the caption tells
what comes next. Medleys are for training; captions of this kind are asked of nobody.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from svgtune.data.sources.scenes.abstract.shapes import SHAPES, Spot, draw_shapes
from svgtune.data.sources.scenes.composition import Composition, Part, Wish, add_article, add_colour
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import (
    SKIES,
    SKY_WEIGHTS,
    draw_sky,
    draw_weather,
    paint_in_light,
)
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS
from svgtune.data.sources.scenes.palette import NAMES, get_hex, measure_contrast, measure_distance
from svgtune.data.sources.scenes.pen import Pen, Sheet
from svgtune.data.sources.scenes.questions import (
    ask_colour,
    ask_count,
    ask_kind,
    ask_presence,
)
from svgtune.data.sources.scenes.subject import Subject
from svgtune.data.sources.scenes.things import SUBJECTS
from svgtune.data.sources.scenes.things.settings import SETTINGS, draw_backdrop, list_clear_backdrops
from svgtune.records import Question

_NUMBERS = {2: "two", 3: "three", 4: "four"}
_DISTINCT = 6.0
_DAY = "day"
_KIND_WEIGHTS = {"thing": 5, "shape": 4, "landmark": 2}
_COLOURED_SHARE = 0.75
_PART_SHARE = 0.2
_NAMED_GROUND_SHARE = 0.35
_LOW_SUN = 28
_SHIFT_PX = 10

Row = tuple[Spot, ...]
# A standing row is for any place; the others need a plain ground.
_ROWS: dict[int, Row] = {
    2: (Spot(54, 119, 40), Spot(146, 119, 40)),
    3: (Spot(36, 127, 32), Spot(100, 127, 32), Spot(164, 127, 32)),
    4: (Spot(54, 59, 40), Spot(146, 59, 40), Spot(54, 143, 40), Spot(146, 143, 40)),
}
_TRIANGLE: Row = (Spot(54, 62, 40), Spot(146, 70, 40), Spot(98, 148, 40))
_ABOVE: Row = (Spot(100, 52, 40), Spot(100, 148, 40))
_INSIDE: Row = (Spot(100, 100, 40), Spot(100, 100, 90))

# What the caption says of two, the keys by which the split knows it, and where the first and second stand.
_BESIDE = (
    (("{} next to {}", "{} beside {}", "{} and {}", "{} near {}", "{} alongside {}"), "", "", _ROWS[2]),
    (("{} to the left of {}", "{} on the left of {}"), "left", "", _ROWS[2]),
    (("{} to the right of {}", "{} on the right of {}"), "right", "", _ROWS[2][::-1]),
)
_APART = (
    (("{} above {}", "{} floating above {}", "{} hovering over {}"), "above", "", _ABOVE),
    (("{} below {}", "{} beneath {}", "{} underneath {}"), "below", "", _ABOVE[::-1]),
    (("{} inside {}", "{} within {}", "{} in the middle of {}", "{} centered in {}", "{} in front of {}"),
     "inside", "around", _INSIDE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the things stand.

    Attributes:
        text: What the caption says, ``{}`` being one kind of thing.
        keys: By which the split knows each kind's part in it; may be empty.
        counts: How many of each kind.
        spots: Where they stand, those of the first kind first.
        plain: Not for a place with a ground to stand on.
    """

    text: str
    keys: tuple[str, ...]
    counts: tuple[int, ...]
    spots: Row
    plain: bool


@dataclass(frozen=True, slots=True)
class _Item:
    """One kind of thing in the picture, mostly ``shade``; ``draw(sheet, spots, sky)`` draws its copies."""

    name: str
    word: str
    plural: str
    colour: str | None
    part: str | None
    after: str
    shade: str
    draw: Callable[[Sheet, Sequence[Spot], str], None]

    @property
    def colours(self) -> tuple[str, ...]:
        return tuple(colour for colour in (self.colour, self.part) if colour)

    def phrase(self, count: int = 1) -> str:
        noun = self.word if count == 1 else self.plural
        noun = add_colour(self.colour, noun) if self.colour else noun
        return (add_article(noun) if count == 1 else f"{_NUMBERS[count]} {noun}") + self.after


def _list_clear_words() -> dict[str, tuple[str, Subject | None]]:
    """Lists what can be drawn by a name that means one thing only."""
    subjects = {"thing": SUBJECTS, "landmark": LANDMARKS.subjects}
    words = Counter(
        word for table in subjects.values() for s in table.values() for word in {s.name, *s.words}
    )
    words.update(list(SHAPES))
    clear: dict[str, tuple[str, Subject | None]] = {
        s.name: (kind, s)
        for kind, table in subjects.items()
        for s in table.values()
        if all(words[word] == 1 for word in {s.name, *s.words})
    }
    return clear | {name: ("shape", None) for name in SHAPES if words[name] == 1}


_CLEAR = _list_clear_words()
_OUTER = [name for name in _CLEAR if name in SHAPES and SHAPES[name].kind == "flat"]


def _pick_colour(rng: random.Random, wish: Wish, taken: Sequence[str]) -> str:
    pool = wish.colours if rng.random() < 0.7 else NAMES
    return next(
        name for name in rng.sample(pool, len(pool))
        if all(measure_distance(name, other) > _DISTINCT for other in taken)
    )  # fmt: skip


def _build_subject(rng: random.Random, subject: Subject, colour: str | None, part: str | None) -> _Item:
    def draw(sheet: Sheet, spots: Sequence[Spot], sky: str) -> None:
        paints = (
            paint_in_light(colour, subject.colour, sky),
            paint_in_light(part, subject.accent, sky),
        )
        for spot in spots:
            scale = spot.r / 50
            pen = Pen(sheet, round(spot.x - spot.r), round(spot.y - spot.r), scale)
            subject.draw(pen, *paints)

    words = [word for word in subject.words if not (colour and set(word.split()) & set(NAMES))]
    return _Item(
        subject.name, rng.choice(words or list(subject.words)), subject.plural or f"{subject.words[0]}s",
        colour, part, f" with {subject.phrase_part(part)}" if part else "",
        get_hex(colour) if colour else subject.colour, draw,
    )  # fmt: skip


def _build_shape(name: str, colour: str) -> _Item:
    shape = SHAPES[name]

    def draw(sheet: Sheet, spots: Sequence[Spot], sky: str) -> None:
        draw_shapes(sheet, shape, [spot._replace(r=0.9 * spot.r) for spot in spots],
                    paint_in_light(colour, colour, sky))  # fmt: skip

    return _Item(name, shape.name, shape.plural, colour, None, "", get_hex(colour), draw)


def _pick_items(rng: random.Random, wish: Wish, names: Sequence[str]) -> list[_Item]:
    """Builds what is drawn; at least two of it are coloured if so wished, or at most one."""
    sure = 2 if wish.two_colours else 0
    taken: list[str] = []
    items = []
    for name in names:
        subject = _CLEAR[name][1]
        if wish.two_colours is False and taken:
            colour = None if subject else taken[0]
        else:
            coloured = len(taken) < sure or not subject or rng.random() < _COLOURED_SHARE
            colour = _pick_colour(rng, wish, taken) if coloured else None
        taken += [colour] if colour else []
        if not subject:
            items.append(_build_shape(name, taken[-1]))
            continue
        part = None
        if subject.part and wish.two_colours is not False and rng.random() < _PART_SHARE:
            part = _pick_colour(rng, wish, taken)
            taken.append(part)
        items.append(_build_subject(rng, subject, colour, part))
    return items


def _draw_names(rng: random.Random, count: int, around: bool) -> list[str]:
    """Draws what is shown, the last one around the others if so wished.

    Never shapes alone, nor two things: other categories have the same captions and may draw them otherwise.
    """
    while True:
        kinds = rng.choices(list(_KIND_WEIGHTS), list(_KIND_WEIGHTS.values()), k=count)
        if around:
            kinds[-1] = "shape"
        if len(set(kinds)) > 1 or (count == 1 and kinds != ["shape"]):
            break
    names: list[str] = []
    for place, kind in enumerate(kinds):
        pool = _OUTER if around and place == count - 1 else [n for n, (k, _) in _CLEAR.items() if k == kind]
        names.append(rng.choice([name for name in pool if name not in names]))
    return names


def _shift(rng: random.Random, spots: Row) -> Row:
    dx, dy = rng.randint(-_SHIFT_PX, _SHIFT_PX), rng.randint(-_SHIFT_PX, _SHIFT_PX)
    return tuple(spot._replace(x=spot.x + dx, y=spot.y + dy) for spot in spots)


def _draw_place(
    sheet: Sheet, rng: random.Random, items: Sequence[_Item], plain: bool
) -> tuple[str, list[tuple[str, str]], str]:
    """Draws where it all is; returns the caption's phrase, the keys of the split, and the sky."""
    roll = rng.random()
    if plain or roll < 0.55:
        return *_draw_plain(sheet, rng, [item.shade for item in items]), _DAY
    if roll < 0.8:
        setting = rng.choice([name for name, setting in SETTINGS.items() if setting.phrases])
        SETTINGS[setting].draw(sheet, Pen(sheet))
        return rng.choice(SETTINGS[setting].phrases), [(item.name, setting) for item in items], _DAY
    terrain = rng.choice(list(TERRAINS.values()))
    sky = rng.choices(list(SKY_WEIGHTS), list(SKY_WEIGHTS.values()))[0]
    draw_sky(sheet, rng, sky, avoid=None, low_sun=_LOW_SUN)
    terrain.draw(Pen(sheet), paint_in_light(None, terrain.colour, sky), rng)
    words = [add_article(word) for word in terrain.words if "{}" not in word] + list(terrain.plurals)
    where = f"{rng.choice(('in front of', 'near', 'by'))} {rng.choice(words)}"
    keys = [(item.name, terrain.name) for item in items]
    if sky != _DAY:
        keys += [(terrain.name, sky), *((item.name, sky) for item in items)]
    elif rng.random() < 0.5:
        return where, keys, sky
    return f"{where} {rng.choice(SKIES[sky].trailing)}", keys, sky


def _draw_plain(sheet: Sheet, rng: random.Random, shown: Sequence[str]) -> tuple[str, list[tuple[str, str]]]:
    """Fills the background; some captions name its colour."""
    clear = [n for n in NAMES if min(measure_contrast(get_hex(n), shade) for shade in shown) > _DISTINCT]
    if not clear or rng.random() > _NAMED_GROUND_SHARE:
        draw_backdrop(sheet, list_clear_backdrops(shown)[0])
        return "", []
    colour = rng.choice(clear)
    draw_backdrop(sheet, colour)
    ending = rng.choice(("on {} background", "against {} background", "on {} backdrop"))
    return ending.format(add_article(colour)), [(colour, "background")]


def _ask(rng: random.Random, items: Sequence[_Item], counts: Sequence[int]) -> list[Question]:
    shown = {item.name for item in items}
    absent = [name for name in _CLEAR if name not in shown]
    candidates = [ask_presence(rng, [], [add_article(name)]) for name in rng.sample(absent, 3)]
    candidates.append(ask_kind(rng, "Which of these is in the picture?", items[0].name, absent))
    for item, count in zip(items, counts, strict=True):
        thing = item.word if count == 1 else item.plural
        candidates.append(ask_presence(rng, [add_article(thing) if count == 1 else thing], []))
        if item.colour:
            also = [colour for other in items for colour in other.colours if colour != item.colour]
            candidates.append(ask_colour(rng, thing, item.colour, plural=count > 1, also=also))
        if count > 1:
            candidates.append(ask_count(rng, item.plural, count))
    return candidates


def _choose_layout(rng: random.Random, wish: Wish) -> _Layout:
    style = rng.choice(("several", "beside", "beside", "apart", "apart", "three", "three", "counts"))
    if style == "several" and not wish.two_colours:
        count = rng.choice((2, 3, 4))
        return _Layout("{}", ("row",), (count,), _ROWS[count], plain=count == 4)
    if style == "counts":
        counts = rng.choice(((1, 2), (2, 1), (2, 2), (1, 3), (3, 1)))
        return _Layout("{} and {}", ("group", "group"), counts, _ROWS[sum(counts)], plain=True)
    if style == "three":
        row = rng.random() < 0.5
        text = "{}, {} and {}" + (rng.choice((" in a row", " side by side", "")) if row else "")
        spots = _ROWS[3] if row else _TRIANGLE
        return _Layout(text, ("three shapes",) * 3, (1, 1, 1), spots, plain=not row)
    # In one colour, nobody would see a thing before what is around it.
    apart = _APART[:-1] if wish.two_colours is False else _APART
    phrases, first, second, spots = rng.choice(apart if style == "apart" else _BESIDE)
    return _Layout(rng.choice(phrases), (first, second), (1, 1), spots, plain=style == "apart")


def compose_medley(rng: random.Random, wish: Wish) -> Composition:
    """Draws two or three things that have nothing to do with each other, or several of one."""
    layout = _choose_layout(rng, wish)
    counts = layout.counts
    items = _pick_items(rng, wish, _draw_names(rng, len(counts), "around" in layout.keys))
    sheet = Sheet()
    where, keys, sky = _draw_place(sheet, rng, items, layout.plain)
    spots = _shift(rng, layout.spots) if len(items) > 1 else layout.spots
    starts = [sum(counts[:k]) for k in range(len(counts))]
    # What is around another comes last in the caption and lies behind.
    order = reversed(range(len(items))) if "around" in layout.keys else range(len(items))
    for k in order:
        items[k].draw(sheet, spots[starts[k] : starts[k] + counts[k]], sky)
    draw_weather(sheet, rng, sky)

    said = layout.text.format(*(item.phrase(count) for item, count in zip(items, counts, strict=True)))
    pairs = [*keys, *((colour, item.name) for item in items for colour in item.colours)]
    pairs += [(item.name, key) for item, key in zip(items, layout.keys, strict=True) if key]
    pairs += [(one.name, next_.name) for one, next_ in itertools.pairwise(items)]
    parts = tuple(Part(i.name, i.colours, count) for i, count in zip(items, counts, strict=True))
    questions = tuple(_ask(rng, items, counts))
    return Composition(f"{said} {where}".strip(), sheet, "medley", parts, tuple(pairs), questions)
