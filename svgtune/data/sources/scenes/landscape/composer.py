"""Landscapes: a sky, a terrain, perhaps a landmark, and the caption that names them; or a landmark alone."""

from __future__ import annotations

import random

from svgtune.data.sources.scenes.composition import Composition, Part, Wish, add_article, add_colour
from svgtune.data.sources.scenes.landscape.alone import compose_alone
from svgtune.data.sources.scenes.landscape.asking import ask_about_landmark, ask_about_sky
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import (
    SKIES,
    SKY_WEIGHTS,
    draw_sky,
    draw_weather,
    paint_in_light,
)
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS, Terrain
from svgtune.data.sources.scenes.landscape.wording import phrase_landmark, write_loosely
from svgtune.data.sources.scenes.pen import Pen, Sheet
from svgtune.data.sources.scenes.questions import (
    ask_colour,
    ask_kind,
    ask_presence,
)
from svgtune.data.sources.scenes.subject import Subject
from svgtune.records import Question

_LOOK_ALIKES = (
    {"lagoon", "lake", "ocean", "stormy sea", "beach", "island", "glacier", "swamp", "river", "cliffs"},
    {"plain", "meadow", "hills", "wheat field", "river"},
    {"mountains", "snowy mountains", "volcano", "glacier"},
    {"snowy plain", "glacier", "snowy mountains"},
    {"forest", "jungle", "swamp"},
    {"canyon", "desert", "cliffs"},
)
_ON_WATER = {"ocean", "lake", "lagoon", "stormy sea", "island", "river", "swamp", "glacier", "beach"}
_FLOATING = {"sailboat", "rowboat"}
_ALONE_SHARE = 0.14  # fewer of these are held out, so that of the scenes to train on they are a sixth
_ADJECTIVES = ("lonely", "old", "small", "distant", "quiet", "ancient", "solitary")
_HIGH_LAND = {
    "mountains", "snowy mountains", "volcano", "city", "forest", "jungle", "canyon", "cliffs", "glacier",
    "waterfall",
}  # fmt: skip
# Canvas x of the middle and canvas y of the foot, where a landmark would else stand in the water or hide it.
_SITES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "river": ((44, 156), (164,)), "lake": ((44, 100, 156), (132,)), "lagoon": ((56, 144), (128,)),
    "island": ((100,), (150,)), "cliffs": ((152,), (88,)), "waterfall": ((44, 156), (168,)),
    "glacier": ((56, 100, 144), (148,)),
}  # fmt: skip
_MOORINGS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "beach": ((56, 100, 144), (146,)), "island": ((42, 158), (178,)),
}  # fmt: skip
_ANY_SITE = (tuple(range(44, 160, 4)), tuple(range(128, 180, 4)))
_AFLOAT = {
    "beach": ("near", "off", "by"), "island": ("near", "off", "by"), "glacier": ("near", "beside", "passing"),
}  # fmt: skip
_ASHORE = {
    "island": ("on", "on", "on the shore of"), "cliffs": ("on", "on", "high on"),
    "volcano": ("near", "at the foot of", "in front of"), "waterfall": ("near", "beside", "next to"),
    "glacier": ("near", "beside", "next to"), "mountains": ("below", "in front of", "at the foot of"),
    "snowy mountains": ("below", "in front of", "at the foot of"),
    "wheat field": ("in", "near", "on the edge of"), "desert": ("in", "near", "in front of"),
}  # fmt: skip


def _choose_colours(
    rng: random.Random, terrain: Terrain, landmark: Subject | None, wish: Wish
) -> tuple[str | None, str | None, str | None]:
    """Chooses the colours of terrain, landmark and the landmark's second part; None is natural."""
    slots = [terrain.colourable, landmark is not None, landmark is not None and bool(landmark.part)]
    free = [k for k, open_ in enumerate(slots) if open_]
    if wish.two_colours is True:
        wanted = 2
    elif wish.two_colours is False:
        wanted = rng.choice((0, 1))
    else:
        wanted = rng.choice((0, 0, 1, 1, 2))
    chosen = set(rng.sample(free, min(wanted, len(free))))
    colours = rng.sample(wish.colours, 3)
    picked = [colours[k] if k in chosen else None for k in range(3)]
    return picked[0], picked[1], picked[2]


def _choose_site(
    rng: random.Random, subject: Subject, terrain: str, anywhere: bool
) -> tuple[int, int, float]:
    """Chooses where a landmark stands: canvas x of its middle, canvas y of its foot, and its scale.

    With ``anywhere`` it stands nearer or farther wherever the terrain leaves room.
    """
    scale = 1.0
    centres: tuple[int, ...] = (56, 100, 144)
    if subject.name == "bridge":
        return 100, 180, 1.2
    if subject.name == "hot air balloon":
        return rng.choice(centres), 100, scale
    bases: tuple[int, ...] = (164,)
    sites = _MOORINGS if subject.name in _FLOATING else _SITES
    if terrain in sites:
        centres, bases = sites[terrain]
    elif anywhere:
        centres, bases = _ANY_SITE
    if terrain == "cliffs" or (subject.name in _FLOATING and terrain in sites):
        scale = 0.8
    return rng.choice(centres), rng.choice(bases), scale


def _preposition(rng: random.Random, landmark: str, terrain: str, plural: bool) -> str:
    if landmark in _FLOATING:
        sailing = "sailing on" if landmark == "sailboat" else "floating on"
        return rng.choice(_AFLOAT.get(terrain, ("on", "drifting on", sailing, "crossing")))
    if landmark == "hot air balloon":
        return rng.choice(("over", "above", "floating over", "drifting above", "flying over"))
    if landmark == "bridge":
        return rng.choice(("near", "in front of") if terrain == "city" else ("over", "across", "spanning"))
    if terrain in _ASHORE:
        return rng.choice(_ASHORE[terrain])
    if terrain in _ON_WATER:
        return rng.choice(("by", "beside", "near", "overlooking", "next to"))
    if plural and terrain != "hills":
        return rng.choice(("near", "in front of", "on the edge of"))
    return rng.choice(("in", "near", "on the edge of", "in front of"))


def _phrase_terrain(rng: random.Random, terrain: Terrain, colour: str | None) -> tuple[str, bool]:
    """Returns the terrain as captions say it, without article, and whether that is a plural."""
    words = terrain.tinted if colour and terrain.tinted else terrain.words
    plural = rng.random() < len(terrain.plurals) / (len(words) + len(terrain.plurals))
    word = rng.choice(terrain.plurals if plural else words)
    if not colour:
        return word, plural
    return word.format(colour) if "{}" in word else add_colour(colour, word), plural


def _write_caption(
    rng: random.Random, sky: str, place: str, plural: bool, landmark: str, preposition: str
) -> str:
    subject = place if plural else add_article(place)
    trailing, leading = rng.choice(SKIES[sky].trailing), rng.choice(SKIES[sky].leading)
    roll = rng.random()
    loose = rng.random() < 0.16
    if landmark:
        ground = f"{preposition} {'the ' + place if rng.random() < 0.5 else subject}"
        if loose:
            return write_loosely(rng, sky, landmark, ground)
        where = f"{landmark} {ground}"
        if sky == "day" and roll < 0.35:
            return where
        return where if roll < 0.1 else f"{where} {trailing}" if roll < 0.8 else f"{leading} over {where}"
    if loose:
        return write_loosely(rng, sky, subject, "")
    if sky == "day" and roll < 0.35:
        return subject
    if roll < 0.6:
        return f"{subject} {trailing}"
    if roll < 0.85:
        return f"{leading} over {'the ' + place if rng.random() < 0.3 else subject}"
    return f"{subject} {rng.choice(('under', 'beneath', 'with'))} {leading}"


def _ask(
    rng: random.Random, sky: str, terrain: Terrain, landmark: Subject | None,
    colours: tuple[str | None, str | None, str | None],
) -> tuple[Question, ...]:  # fmt: skip
    alike = set().union(*(group for group in _LOOK_ALIKES if terrain.name in group), {terrain.name})
    others = [name for name in TERRAINS if name not in alike]
    text = rng.choice(("What kind of landscape is shown?", "What natural scene is depicted?"))
    candidates = [*ask_about_sky(rng, sky), ask_kind(rng, text, terrain.name, others)]
    ground, body, part = colours
    if landmark:
        candidates += ask_about_landmark(rng, landmark, body, part)
    else:
        candidates.append(ask_presence(rng, [], [add_article(name) for name in LANDMARKS.subjects]))
        candidates.append(
            ask_presence(rng, [], [add_article(name) for name in ("car", "cat", "chair", "cake", "horse")])
        )
    if ground:
        thing = terrain.tinted_thing
        candidates += [ask_colour(rng, thing, ground, plural=thing.endswith("s"))] * 2
    return tuple(candidates)


def compose_landscape(rng: random.Random, wish: Wish) -> Composition:
    """Draws one landscape and writes its caption, its questions and its held-out keys."""
    if rng.random() < _ALONE_SHARE:
        return compose_alone(rng, wish)
    terrain = rng.choice(list(TERRAINS.values()))
    sky = rng.choices(list(SKY_WEIGHTS), list(SKY_WEIGHTS.values()))[0]
    two = wish.two_colours is True
    landmarks = tuple(LANDMARKS.subjects) if wish.anywhere else terrain.landmarks
    landmark = LANDMARKS.subjects[rng.choice(landmarks)] if two or rng.random() < 0.4 else None
    colours = _choose_colours(rng, terrain, landmark, wish)
    ground, body, part = colours

    place, plural = _phrase_terrain(rng, terrain, ground)
    named = phrase_landmark(rng, landmark, body, part, _ADJECTIVES) if landmark else ""
    preposition = _preposition(rng, landmark.name, terrain.name, plural) if landmark else ""
    caption = _write_caption(rng, sky, place, plural, named, preposition)

    sheet = Sheet()
    site = _choose_site(rng, landmark, terrain.name, wish.anywhere) if landmark else None
    low_sun = 28 if terrain.name in _HIGH_LAND else 48
    draw_sky(sheet, rng, sky, avoid=site[0] if site else None, low_sun=low_sun)
    terrain.draw(Pen(sheet), paint_in_light(ground, terrain.colour, sky), rng)
    if landmark and site:
        centre, base, scale = site
        pen = Pen(sheet, round(centre - 50 * scale), round(base - 96 * scale), scale)
        landmark.draw(
            pen, paint_in_light(body, landmark.colour, sky), paint_in_light(part, landmark.accent, sky)
        )
    draw_weather(sheet, rng, sky)

    parts = [Part(terrain.name, (ground,) if ground else ())]
    # A clear day goes without saying: a terrain by day is no combination.
    pairs = [(terrain.name, sky)] if sky != "day" else []
    if ground:
        pairs.append((ground, terrain.name))
    if landmark:
        parts.append(Part(landmark.name, tuple(c for c in (body, part) if c)))
        pairs.append((landmark.name, terrain.name))
        pairs += [(c, landmark.name) for c in (body, part) if c]
        if sky != "day":
            pairs.append((landmark.name, sky))
    return Composition(
        caption, sheet, "landscape", tuple(parts), tuple(pairs), _ask(rng, sky, terrain, landmark, colours)
    )
