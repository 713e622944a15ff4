"""Skies: a gradient, what hangs in it, and the weather that falls in front of everything."""

from __future__ import annotations

import random
from dataclasses import dataclass

from svgtune.data.sources.scenes.palette import Paint, build_paint, get_paint, mix_colour
from svgtune.data.sources.scenes.pen import Pen, Sheet


@dataclass(frozen=True, slots=True)
class Sky:
    """One time of day or weather.

    Attributes:
        stops: The gradient from top to horizon.
        tint: ``#rgb`` that the light lends to things in their natural colours.
        tint_share: How much of it, 0..1.
        trailing: How captions say it after the subject.
        leading: How captions say it before the subject: ``<leading> over ...``.
        answer: How questions name it.
    """

    stops: tuple[str, ...]
    tint: str
    tint_share: float
    trailing: tuple[str, ...]
    leading: tuple[str, ...]
    answer: str


SKIES: dict[str, Sky] = {
    "day": Sky(
        ("#4af", "#cef"), "#fff", 0,
        ("on a sunny day", "under a clear blue sky", "in bright daylight", "under a blue sky",
         "in the sunshine",
         "under the midday sun", "on a clear day"),
        ("a clear blue sky", "a sunny day", "bright sunshine", "a blue summer sky"), "a clear blue sky",
    ),
    "dawn": Sky(
        ("#9bd", "#fcb", "#fea"), "#fff", 0,
        ("at dawn", "at sunrise", "in the early morning", "at daybreak", "under a pink morning sky",
         "at first light"),
        ("sunrise", "dawn", "a pink dawn", "a soft sunrise", "morning light"), "a pink sunrise sky",
    ),
    "dusk": Sky(
        ("#426", "#a57", "#f97"), "#a32", 0.2,
        ("at dusk", "at twilight", "in the evening", "at nightfall", "under a violet evening sky",
         "in the fading light"),
        ("dusk", "twilight", "a quiet evening", "a violet evening sky"), "a violet dusk sky",
    ),
    "sunset": Sky(
        ("#b24", "#f73", "#fc5"), "#a32", 0.2,
        ("at sunset", "under a setting sun", "in the glow of the sunset", "under an orange sky",
         "at the end of the day"),
        ("a sunset", "an orange sunset", "a fiery sunset", "the setting sun", "a glowing red sky"),
         "an orange sunset sky",
    ),
    "night": Sky(
        ("#013", "#146"), "#013", 0.45,
        ("at night", "under a starry sky", "by moonlight", "under the stars", "beneath a full moon",
         "on a starlit night",
         "under a dark night sky"),
        ("a starry night", "a moonlit night", "a night sky", "a starlit sky", "a full moon",
         "a sky full of stars"),
        "a night sky with stars",
    ),
    "cloudy": Sky(
        ("#89a", "#cde"), "#fff", 0,
        ("under a cloudy sky", "on a cloudy day", "under gray clouds", "on an overcast day",
         "beneath heavy clouds"),
        ("a cloudy sky", "gray clouds", "an overcast sky", "drifting clouds"), "a cloudy sky",
    ),
    "storm": Sky(
        ("#223", "#567"), "#013", 0.45,
        ("in a thunderstorm", "under a stormy sky", "during a storm", "under storm clouds",
         "with lightning striking"),
        ("a thunderstorm", "storm clouds", "a stormy sky", "lightning"), "a stormy sky with lightning",
    ),
    "fog": Sky(
        ("#bcc", "#eee"), "#dde", 0.3,
        ("in thick fog", "on a foggy morning", "in the mist", "shrouded in fog", "on a misty day"),
        ("morning mist", "thick fog", "a foggy sky"), "a foggy sky",
    ),
    "rain": Sky(
        ("#678", "#abc"), "#fff", 0,
        ("in the rain", "on a rainy day", "under falling rain", "during a rain shower", "in heavy rain"),
        ("falling rain", "a rainy sky", "a rain shower"), "a rainy sky",
    ),
    "snowfall": Sky(
        ("#68a", "#bcd"), "#dde", 0.3,
        ("in falling snow", "during a snowfall", "on a snowy day", "under falling snow", "in a snowstorm"),
        ("falling snow", "a snowfall", "a snowy sky"), "a sky of falling snow",
    ),
    "rainbow": Sky(
        ("#6be", "#def"), "#fff", 0,
        ("under a rainbow", "beneath a bright rainbow", "with a rainbow in the sky"),
        ("a rainbow", "a bright rainbow", "a wide rainbow"), "a sky with a rainbow",
    ),
    "aurora": Sky(
        ("#024", "#156"), "#013", 0.45,
        ("under the northern lights", "beneath a green aurora", "under an aurora"),
        ("northern lights", "a green aurora", "an aurora"), "a sky with northern lights",
    ),
}  # fmt: skip

SKY_WEIGHTS = {
    "day": 5, "dawn": 3, "dusk": 4, "sunset": 4, "night": 5, "cloudy": 4, "storm": 2, "fog": 2, "rain": 2,
    "snowfall": 2, "rainbow": 1, "aurora": 1,
}  # fmt: skip

_CLOUD = "m0 0q-6 0 -6 -5q0 -5 6 -5q2 -7 9 -6q6 1 7 6q7 0 7 5q0 5 -6 5z"


def paint_in_light(colour: str | None, natural: str, sky: str) -> Paint:
    """Named colours stay what they are; natural ones take on the light of the sky."""
    if colour:
        return get_paint(colour)
    return build_paint(mix_colour(natural, SKIES[sky].tint, SKIES[sky].tint_share))


def _cloud(pen: Pen, x: int, y: int, fill: str) -> None:
    pen.path(f"M{x} {y}{_CLOUD}", fill)


# A few fixed fields instead of loose dots: one path each, so that little of it is left to chance.
_STARS = (
    ((8, 10), (24, 24), (42, 8), (50, 30), (62, 14), (76, 34), (92, 8), (94, 26)),
    ((6, 28), (18, 8), (32, 18), (46, 36), (56, 6), (72, 22), (86, 38), (94, 12)),
)
_DROPS = (
    ((10, 28), (34, 24), (58, 30), (84, 26), (20, 44), (46, 48), (72, 44), (94, 50), (8, 64), (34, 68),
     (60, 62), (82, 70), (20, 84), (50, 86), (76, 88)),
    ((18, 26), (44, 30), (70, 24), (92, 32), (8, 48), (32, 44), (58, 48), (80, 52), (20, 68), (46, 64),
     (72, 70), (94, 66), (12, 86), (38, 88), (64, 84)),
)  # fmt: skip
_FLAKES = (
    ((8, 10), (30, 6), (54, 14), (80, 8), (18, 28), (44, 32), (70, 26), (94, 34), (6, 50), (34, 54), (62, 48),
     (86, 56), (20, 74), (50, 78), (76, 72)),
    ((18, 8), (42, 14), (68, 6), (92, 12), (6, 30), (30, 26), (58, 34), (82, 28), (20, 52), (46, 48),
     (74, 54), (96, 50), (10, 76), (38, 72), (66, 78)),
)  # fmt: skip


def _dots(pen: Pen, spots: tuple[tuple[int, int], ...], width: float) -> None:
    pen.stroke("".join(f"M{x} {y}h.5" for x, y in spots), "#fff", width)


def _draw_rainbow(pen: Pen) -> None:
    for k, colour in enumerate(("#e33", "#f93", "#fe4", "#4b5", "#48e", "#95c")):
        r = 46 - 3 * k
        pen.stroke(f"M{50 - r} 66a{r} {r} 0 0 1 {2 * r} 0", colour, 3, round_cap=False)


def _draw_lights(pen: Pen, rng: random.Random, name: str, x: int, low_sun: int) -> None:
    """Draws sun, moon and stars."""
    if name == "day":
        pen.circle(x, 18, 12, "#fe8", opacity=0.5)
        pen.circle(x, 18, 8, "#fe3")
        if rng.random() < 0.6:
            _cloud(pen, 85 - x, 26, "#fff")
    elif name in ("dawn", "sunset"):
        pen.circle(x, low_sun, 17, "#fe8", opacity=0.4)
        pen.circle(x, low_sun, 11, "#fea" if name == "dawn" else "#fd3")
    elif name == "dusk":
        pen.circle(x, 20, 6, "#fec")
        _dots(pen, _STARS[0][:3], 1)
    elif name == "night":
        _dots(pen, rng.choice(_STARS), 1.5)
        pen.circle(x, 18, 11, "#ffc", opacity=0.2)
        pen.circle(x, 18, 8, "#ffd")


def draw_sky(
    sheet: Sheet, rng: random.Random, name: str, *, avoid: int | None = None, low_sun: int = 48
) -> None:
    """Paints the whole canvas with a sky and what hangs in it.

    Args:
        sheet: Gets the background and what stands before it.
        rng: Moves sun, moon, clouds and stars.
        name: A key of ``SKIES``.
        avoid: Canvas x of something that would hide the sun, the moon or a lightning bolt.
        low_sun: Local y of the rising or setting sun; smaller where the land is high.
    """
    sheet.add_background(sheet.add_gradient(*SKIES[name].stops))
    pen = Pen(sheet)
    x = rng.choice([x for x in (20, 35, 65, 80) if avoid is None or abs(2 * x - avoid) > 55])
    _draw_lights(pen, rng, name, x, low_sun)
    if name == "cloudy":
        low, high = rng.choice(((28, 18), (18, 28)))
        for left, y, fill in ((6, low, "#eee"), (40, high, "#fff"), (72, low, "#dde")):
            _cloud(pen, left, y, fill)
    elif name == "storm":
        for left, y in ((6, 16), (40, 20), (72, 16)):
            _cloud(pen, left, y, "#334")
        pen.path(f"M{x + 4} 18l-10 18h6l-5 16l16 -21h-7l7 -13z", "#fe4")
    elif name == "rain":
        _cloud(pen, 12, 20, "#567")
        _cloud(pen, 58, 16, "#567")
    elif name == "rainbow":
        _draw_rainbow(pen)
    elif name == "aurora":
        _dots(pen, _STARS[1], 1.5)
        pen.path("M0 30q20 -22 45 -8t55 -14v20q-30 0 -52 12t-48 8z", "#5e9", opacity=0.6)
        pen.path("M0 44q28 -14 50 -4t50 -16v10q-28 6 -48 14t-52 6z", "#4cb", opacity=0.5)


def draw_weather(sheet: Sheet, rng: random.Random, name: str) -> None:
    """Draws what falls or drifts in front of the scene; nothing for skies without it."""
    pen = Pen(sheet)
    if name == "rain":
        drops = "".join(f"M{x} {y}l-3 7" for x, y in rng.choice(_DROPS))
        pen.stroke(drops, "#cef", 1, round_cap=False)
    elif name == "snowfall":
        _dots(pen, rng.choice(_FLAKES), 4)
    elif name == "fog":
        pen.rect(0, 52, 100, 10, "#fff", opacity=0.5)
        pen.rect(0, 70, 100, 12, "#fff", opacity=0.4)
