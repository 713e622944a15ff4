"""How captions of landscapes are worded: the landmark as a phrase, and captions that are no sentences."""

from __future__ import annotations

import random

from svgtune.data.sources.scenes.composition import add_article, add_colour
from svgtune.data.sources.scenes.landscape.sky import SKIES
from svgtune.data.sources.scenes.subject import Subject

_SCENES = {
    "day": ("a sunny scene", "a daytime scene"), "dawn": ("a sunrise scene", "a morning scene"),
    "dusk": ("an evening scene", "a twilight scene"), "sunset": ("a sunset scene", "an evening scene"),
    "night": ("a night scene", "a nighttime scene"), "cloudy": ("a cloudy scene", "an overcast scene"),
    "storm": ("a stormy scene", "a thunderstorm scene"), "fog": ("a foggy scene", "a misty scene"),
    "rain": ("a rainy scene", "a rainy day scene"), "snowfall": ("a snowfall scene", "a snowy day scene"),
    "rainbow": ("a rainbow scene", "a bright scene"), "aurora": ("an aurora scene", "an arctic night scene"),
}  # fmt: skip


def phrase_landmark(
    rng: random.Random, subject: Subject, colour: str | None, part: str | None, adjectives: tuple[str, ...]
) -> str:
    """Returns a landmark as captions say it, with its article; some carry one of ``adjectives``."""
    word = rng.choice(subject.words)
    if rng.random() < 0.3 and word.split()[0] not in ("old", "small", "ancient"):
        word = f"{rng.choice(adjectives)} {word}"
    phrase = add_article(add_colour(colour, word) if colour else word)
    return f"{phrase} with {subject.phrase_part(part)}" if part else phrase


def drop_article(phrase: str) -> str:
    """Takes ``a`` or ``an`` from the start of a phrase."""
    return phrase.removeprefix("a ").removeprefix("an ")


def write_loosely(rng: random.Random, sky: str, what: str, where: str) -> str:
    """Writes a caption the way people do who do not write sentences; ``where`` may be empty."""
    trailing, scene = rng.choice(SKIES[sky].trailing), rng.choice(_SCENES[sky])
    everything = f"{what} {where}".strip()
    styles = [
        f"{drop_article(everything)} {trailing}", f"{scene} with {everything}",
        f"{drop_article(scene)} with {everything}", f"view of {everything} {trailing}",
        f"{everything} seen {trailing}", f"{drop_article(everything)}, {drop_article(scene)}",
        f"landscape with {everything} {trailing}",
    ]  # fmt: skip
    if trailing.split()[0] in ("in", "on", "at", "by", "under", "beneath", "during"):
        styles += [f"{trailing}, {everything}"] * 2
    if where:
        styles += [f"{drop_article(what)} {where}"]
    return rng.choice(styles)
