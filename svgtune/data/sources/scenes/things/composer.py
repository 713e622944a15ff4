"""Everyday things: one alone, several of a kind, or two side by side, in a setting or on plain colour."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from svgtune.data.sources.scenes.composition import Composition, Part, Wish, add_article, add_colour
from svgtune.data.sources.scenes.palette import Paint, build_paint, get_paint, measure_distance
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

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}
# Canvas x of the middle and y of the foot of each copy, by count. The same in every setting and for pairs, so
# that a subject in a setting where it was never seen is drawn with the numbers that are known of it.
_ROWS = {
    1: ((100, 164),),
    2: ((54, 156), (146, 156)),
    3: ((36, 156), (100, 156), (164, 156)),
    4: ((54, 96), (146, 96), (54, 180), (146, 180)),
    5: ((36, 104), (100, 104), (164, 104), (64, 180), (136, 180)),
}
_RELATIONS = (
    *("next to", "beside", "and", "to the left of", "to the right of") * 3,
    *("near", "alongside", "together with"),
)
# A second colour before "blue whale" would be a contradiction.
_COLOURED_WORDS = {"orange", "blue", "white"}
_JOINTS = ("with",) * 12 + ("that has", "featuring")
_PICTURES = ("a picture of {}", "a drawing of {}", "an illustration of {}", "an image of {}", "a view of {}")
# Few sizes, so that a subject has few geometries to learn.
_SCALES = {1: 1.4, 2: 0.8, 3: 0.64, 4: 0.8, 5: 0.64}


@dataclass(frozen=True, slots=True)
class _Thing:
    subject: Subject
    word: str
    colour: str | None
    part: str | None

    def phrase(self, rng: random.Random, count: int = 1) -> str:
        """Returns the thing as captions say it, with article or number."""
        noun = self.word if count == 1 else self.plural
        after = ""
        if self.colour:
            style = rng.random()
            if style < 0.04:
                after = f" in {self.colour}"
            elif style < 0.08:
                after = f" colored {self.colour}"
            else:
                noun = add_colour(f"{self.colour}-colored" if style < 0.11 else self.colour, noun)
        text = f"{add_article(noun) if count == 1 else f'{_NUMBERS[count]} {noun}'}{after}"
        if not self.part:
            return text
        joint = "with" if count > 1 or after else rng.choice(_JOINTS)
        return f"{text} {joint} {self.subject.phrase_part(self.part)}"

    @property
    def plural(self) -> str:
        return self.subject.plural or f"{self.subject.words[0]}s"

    def colours(self) -> tuple[str, ...]:
        return tuple(colour for colour in (self.colour, self.part) if colour)

    def paints(self) -> tuple[Paint, Paint]:
        body = get_paint(self.colour) if self.colour else build_paint(self.subject.colour)
        accent = get_paint(self.part) if self.part else build_paint(self.subject.accent)
        return body, accent


def _pick_thing(
    rng: random.Random, wish: Wish, subject: Subject, coloured: bool, with_part: bool,
    avoid: tuple[str, ...] = (),
) -> _Thing:  # fmt: skip
    names = [name for name in wish.colours if all(measure_distance(name, other) > 5 for other in avoid)]
    colour = rng.choice(names) if coloured else None
    taken = (*avoid, *([colour] if colour else []))
    parts = [name for name in wish.colours if all(measure_distance(name, other) > 5 for other in taken)]
    words = [word for word in subject.words if not (colour and _COLOURED_WORDS & set(word.split()))]
    return _Thing(
        subject, rng.choice(words), colour, rng.choice(parts) if with_part and subject.part else None
    )


def _draw_row(sheet: Sheet, things: Sequence[_Thing], *, from_right: bool = False) -> None:
    """Draws things side by side, the first one on the left or, ``from_right``, on the right."""
    scale = _SCALES[len(things)]
    row = _ROWS[len(things)]
    for thing, (centre, foot) in zip(things, row[::-1] if from_right else row, strict=True):
        pen = Pen(sheet, round(centre - 50 * scale), round(foot - 96 * scale), scale)
        thing.subject.draw(pen, *thing.paints())


def _draw_setting(
    sheet: Sheet, rng: random.Random, setting: str, things: tuple[_Thing, ...]
) -> tuple[str, str]:
    """Draws the place; returns its caption phrase and the backdrop's colour name, if any."""
    if setting != "plain":
        place = SETTINGS[setting]
        place.draw(sheet, Pen(sheet))
        return rng.choice(place.phrases), ""
    shown = [paint.main for thing in things for paint in thing.paints()[: 2 if thing.part else 1]]
    colours = list_clear_backdrops(shown)
    named = rng.random() < 0.3
    colour = rng.choice(colours) if named else colours[0]
    draw_backdrop(sheet, colour)
    if named:
        ending = rng.choice(("on {} background",) * 5 + ("against {} background", "on {} backdrop"))
        return ending.format(add_article(colour)), colour
    return "", ""


def _ask(
    rng: random.Random, things: tuple[_Thing, ...], count: int, setting: str, backdrop: str
) -> tuple[Question, ...]:
    main = things[0]
    shown = {thing.subject.name for thing in things}
    groups = {thing.subject.group for thing in things}
    absent = [
        subject.phrase_whole()
        for name, subject in SUBJECTS.items()
        if name not in shown and subject.group not in groups
    ]
    same_group = [
        name
        for name, subject in SUBJECTS.items()
        if subject.group == main.subject.group and name not in shown
    ]
    pool = same_group if len(same_group) >= 3 else [name for name in SUBJECTS if name not in shown]
    text = (
        f"Which {main.subject.group} is shown?" if len(things) == 1 else "Which of these is in the picture?"
    )
    candidates = [
        ask_kind(rng, text, main.subject.name, pool),
        ask_presence(rng, [thing.subject.phrase_whole() for thing in things] if count == 1 else [], absent),
        # Three different ones, so that four questions are left even of two uncoloured things on plain ground.
        *(ask_presence(rng, [], [name]) for name in rng.sample(absent, 3)),
    ]
    for thing in things:
        if thing.colour:
            plural = count > 1
            also = tuple(other.colour for other in things if other is not thing and other.colour)
            word = thing.plural if plural else thing.word
            candidates += [ask_colour(rng, word, thing.colour, plural=plural, also=also)] * 2
        if thing.part:
            word = thing.subject.part_word
            candidates.append(
                ask_colour(rng, word, thing.part, plural=word.endswith("s"), also=thing.colours()[:1])
            )
    if setting != "plain":
        answers = [place.answer for name, place in SETTINGS.items() if name not in _alike(setting)]
        candidates.append(ask_kind(rng, "What is the setting?", SETTINGS[setting].answer, answers))
    elif backdrop:
        candidates.append(ask_colour(rng, "background", backdrop))
    if len(things) == 1:
        candidates.append(ask_count(rng, main.plural, count))
    else:
        everything = [name for name in SUBJECTS if name not in shown]
        candidates.append(
            ask_kind(rng, f"What is next to the {main.word}?", things[1].subject.name, everything)
        )
    return tuple(candidates)


def _alike(setting: str) -> set[str]:
    for group in ({"grass", "forest", "garden", "farm"}, {"water", "underwater"}, {"table", "plate", "room"}):
        if setting in group:
            return group
    return {setting}


def _write_caption(rng: random.Random, phrase: str, where: str) -> str:
    """Joins the things and their place; some captions are as loose as people write them."""
    style = rng.random()
    if where and not where.endswith(("background", "backdrop", "flight")) and style < 0.04:
        return f"{where}, {phrase}"
    text = f"{phrase} {where}".strip()
    if style < 0.11:
        return text.removeprefix("a ").removeprefix("an ")
    return rng.choice(_PICTURES).format(text) if style < 0.15 else text


def compose_everyday(rng: random.Random, wish: Wish) -> Composition:
    """Draws one or two everyday things and writes caption, questions and held-out keys."""
    subject = rng.choice(list(SUBJECTS.values()))
    two = rng.random() < 0.5 if wish.two_colours is None else wish.two_colours
    sheet = Sheet()
    if two:
        if subject.part and rng.random() < 0.5:
            return _compose_one(sheet, rng, wish, _pick_thing(rng, wish, subject, True, True))
        return _compose_pair(sheet, rng, wish, subject, coloured=2)
    roll = rng.random()
    if roll < 0.2:
        return _compose_pair(sheet, rng, wish, subject, coloured=rng.choice((0, 1)))
    thing = _pick_thing(rng, wish, subject, rng.random() < 0.7, False)
    if not thing.colour and subject.part and rng.random() < 0.5:
        thing = _pick_thing(rng, wish, subject, False, True)
    return _compose_row(sheet, rng, wish, thing) if roll < 0.4 else _compose_one(sheet, rng, wish, thing)


def _list_settings(wish: Wish, usual: Sequence[str]) -> tuple[str, ...]:
    return (*(SETTINGS if wish.anywhere else usual), "plain")


def _compose_one(sheet: Sheet, rng: random.Random, wish: Wish, thing: _Thing) -> Composition:
    setting = rng.choice(_list_settings(wish, thing.subject.settings))
    where, backdrop = _draw_setting(sheet, rng, setting, (thing,))
    _draw_row(sheet, (thing,))
    return _finish(rng, sheet, (thing,), 1, setting, backdrop, _write_caption(rng, thing.phrase(rng), where))


def _compose_row(sheet: Sheet, rng: random.Random, wish: Wish, thing: _Thing) -> Composition:
    count = rng.choice((2, 2, 3, 3, 4, 5))
    setting = rng.choice(_list_settings(wish, thing.subject.settings)) if count < 4 else "plain"
    where, backdrop = _draw_setting(sheet, rng, setting, (thing,))
    _draw_row(sheet, (thing,) * count)
    row = rng.choice(("", " in a row", " side by side")) if count < 4 else ""
    caption = _write_caption(rng, thing.phrase(rng, count) + row, where)
    return _finish(rng, sheet, (thing,), count, setting, backdrop, caption)


def _compose_pair(
    sheet: Sheet, rng: random.Random, wish: Wish, subject: Subject, coloured: int
) -> Composition:
    others = [other for other in SUBJECTS.values() if other.name != subject.name]
    friends = [
        other
        for other in others
        if wish.anywhere or other.group == subject.group or set(other.settings) & set(subject.settings)
    ]
    second = rng.choice(friends or others)
    first = _pick_thing(rng, wish, subject, coloured > 0, False)
    other = _pick_thing(rng, wish, second, coloured > 1, False, first.colours())
    shared = sorted(set(subject.settings) & set(second.settings) - {"plain"})
    setting = rng.choice(_list_settings(wish, shared))
    where, backdrop = _draw_setting(sheet, rng, setting, (first, other))
    a, b = first.phrase(rng), other.phrase(rng)
    relation = rng.choice(_RELATIONS)
    _draw_row(sheet, (first, other), from_right=relation == "to the right of")
    caption = _write_caption(rng, f"{a} {relation} {b}", where)
    return _finish(rng, sheet, (first, other), 1, setting, backdrop, caption)


def _finish(
    rng: random.Random, sheet: Sheet, things: tuple[_Thing, ...], count: int, setting: str, backdrop: str,
    caption: str,
) -> Composition:  # fmt: skip
    parts = [Part(thing.subject.name, thing.colours(), count) for thing in things]
    pairs = [(colour, thing.subject.name) for thing in things for colour in thing.colours()]
    pairs += [(thing.subject.name, setting) for thing in things if setting != "plain"]
    if len(things) == 2:
        pairs.append((things[0].subject.name, things[1].subject.name))
    questions = _ask(rng, things, count, setting, backdrop)
    return Composition(caption, sheet, "things", tuple(parts), tuple(pairs), questions)
