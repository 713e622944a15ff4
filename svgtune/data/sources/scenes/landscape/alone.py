"""A landmark as the only subject: a plain ground, a sky and a caption that names no terrain."""

from __future__ import annotations

import random

from svgtune.data.sources.scenes.composition import Composition, Part, Wish
from svgtune.data.sources.scenes.landscape.asking import ask_about_landmark, ask_about_sky
from svgtune.data.sources.scenes.landscape.grounds import GROUNDS, PLACES
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import (
    SKIES,
    SKY_WEIGHTS,
    draw_sky,
    draw_weather,
    paint_in_light,
)
from svgtune.data.sources.scenes.landscape.wording import drop_article, phrase_landmark, write_loosely
from svgtune.data.sources.scenes.palette import get_hex, measure_contrast, measure_distance
from svgtune.data.sources.scenes.pen import CANVAS, Pen, Sheet
from svgtune.data.sources.scenes.questions import ask_kind, ask_presence
from svgtune.data.sources.scenes.subject import Subject
from svgtune.records import Question

# A caption that says nothing of the sky has a clear day, so there are more of these.
_WEIGHTS = {**SKY_WEIGHTS, "day": 12}
_ADJECTIVES = ("lonely", "old", "quiet", "ancient", "solitary", "big", "large")
_PICTURES = ("a picture of {}", "a drawing of {}", "an illustration of {}", "an image of {}")
# Last words of what something can stand under or against: "under a sunny day" nobody says.
_OVERHEAD = {
    "sky", "clouds", "stars", "moon", "sunrise", "dawn", "sunset", "sun", "rainbow", "aurora", "lights",
}  # fmt: skip
_HIGH_SUN = 28


def _choose_colours(rng: random.Random, wish: Wish, sky: str) -> tuple[str | None, str | None]:
    """Chooses colours of a landmark and of its second part, clearly different; None is natural."""
    counts = {True: (2,), False: (0, 1, 1, 1), None: (0, 1, 1, 2)}[wish.two_colours]
    count = rng.choice(counts)
    seen = [
        name for name in wish.colours if all(measure_contrast(get_hex(name), c) > 3 for c in SKIES[sky].stops)
    ]
    body = rng.choice(seen) if count == 2 or (count == 1 and rng.random() < 0.75) else None
    if count == 0 or (count == 1 and body):
        return body, None
    return body, rng.choice([name for name in wish.colours if not body or measure_distance(name, body) > 5])


def _choose_ground(rng: random.Random, landmark: str, sky: str) -> tuple[str, str]:
    """Chooses the ground, and what the caption says of it, if anything."""
    place = PLACES[landmark]
    roll = rng.random()
    if sky == "snowfall" and place.ground == "grass":
        return "snow", ""
    if place.elsewhere and roll < 0.15:
        ground = rng.choice(place.elsewhere)
        return ground, rng.choice(GROUNDS[ground].phrases)
    said = roll > 0.85
    return place.ground, rng.choice(place.phrases or GROUNDS[place.ground].phrases) if said else ""


def _write_caption(rng: random.Random, sky: str, what: str) -> str:
    trailing, leading = rng.choice(SKIES[sky].trailing), rng.choice(SKIES[sky].leading)
    roll = rng.random()
    if sky == "day" and rng.random() < 0.6:
        if roll < 0.12:
            return drop_article(what)
        return rng.choice(_PICTURES).format(what) if roll < 0.2 else what
    if roll < 0.16:
        return write_loosely(rng, sky, what, "")
    if roll < 0.7:
        return f"{what} {trailing}"
    if roll < 0.9:
        return f"{leading} over {what}"
    overhead = rng.choice([phrase for phrase in SKIES[sky].leading if phrase.split()[-1] in _OVERHEAD])
    return f"{what} {rng.choice(('under', 'beneath', 'against'))} {overhead}"


def _ask(
    rng: random.Random, sky: str, landmark: Subject, colours: tuple[str | None, str | None], ground: str
) -> tuple[Question, ...]:
    """Asks about sky and landmark, and about the ground where ``ground`` is not empty."""
    candidates = [*ask_about_sky(rng, sky), *ask_about_landmark(rng, landmark, *colours)]
    things = ("a car", "a cat", "a chair", "a cake", "a horse", "a bicycle", "a teapot", "a guitar")
    candidates += [ask_presence(rng, [], [thing]) for thing in rng.sample(things, 2)]
    if ground:
        candidates.append(ask_kind(rng, f"What does the {landmark.name} stand on?", ground, list(GROUNDS)))
    return tuple(candidates)


def compose_alone(rng: random.Random, wish: Wish) -> Composition:
    """Draws one landmark by itself and writes its caption, its questions and its held-out keys.

    A clear day and the usual ground go without saying and are no held-out keys.
    """
    landmark = rng.choice(list(LANDMARKS.subjects.values()))
    place = PLACES[landmark.name]
    sky = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    body, part = colours = _choose_colours(rng, wish, sky)
    ground, where = _choose_ground(rng, landmark.name, sky)
    what = f"{phrase_landmark(rng, landmark, body, part, _ADJECTIVES)} {where}".strip()
    caption = _write_caption(rng, sky, what)

    sheet = Sheet()
    draw_sky(sheet, rng, sky, avoid=CANVAS // 2, low_sun=_HIGH_SUN)
    GROUNDS[ground].draw(Pen(sheet), paint_in_light(None, GROUNDS[ground].colour, sky))
    landmark.draw(
        place.build_pen(sheet),
        paint_in_light(body, landmark.colour, sky),
        paint_in_light(part, landmark.accent, sky),
    )
    draw_weather(sheet, rng, sky)

    pairs = [(colour, landmark.name) for colour in colours if colour]
    if sky != "day":
        pairs.append((landmark.name, sky))
    if where and ground != place.ground:
        pairs.append((landmark.name, ground))
    told = ground if where in GROUNDS[ground].phrases and ground != "water" else ""
    parts = (Part(landmark.name, tuple(colour for colour in colours if colour)),)
    questions = _ask(rng, sky, landmark, colours, told)
    return Composition(caption, sheet, "landscape", parts, tuple(pairs), questions)
