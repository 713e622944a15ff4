"""Questions about what any landscape may hold: its sky, what hangs in it or falls from it, and a landmark."""

from __future__ import annotations

import random

from svgtune.data.sources.scenes.composition import add_article
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import SKIES
from svgtune.data.sources.scenes.questions import ask_colour, ask_kind, ask_presence
from svgtune.data.sources.scenes.subject import Subject
from svgtune.records import Question

_EXTRAS = {
    "night": ("stars", "a full moon"), "day": ("a sun",), "sunset": ("a setting sun",),
    "dawn": ("a rising sun",), "storm": ("a lightning bolt", "dark clouds"), "cloudy": ("clouds",),
    "rain": ("falling rain",), "snowfall": ("falling snow",), "rainbow": ("a rainbow",), "fog": ("fog",),
    "dusk": ("a moon",), "aurora": ("northern lights",),
}  # fmt: skip
# Skies that share something with another: neither its name nor what it shows is a sure wrong answer.
_ALIKE = {
    "rain": {"cloudy", "storm"}, "cloudy": {"rain", "fog", "storm"}, "fog": {"cloudy", "snowfall"},
    "snowfall": {"fog"}, "storm": {"rain", "cloudy"}, "dawn": {"sunset"}, "sunset": {"dawn"},
    "night": {"aurora", "dusk"}, "dusk": {"night"}, "aurora": {"night"}, "day": {"rainbow", "cloudy"},
}  # fmt: skip
# Landmarks that pass for one another: a lighthouse is a tower, and a small house may be called a hut.
_LOOK_ALIKES = (
    {"lighthouse", "tower", "castle", "windmill", "church"},
    {"cottage", "hut", "barn"},
    {"sailboat", "rowboat"},
)
_NO_BUILDINGS = {"sailboat", "rowboat", "tent", "hot air balloon", "bridge"}


def ask_about_sky(rng: random.Random, sky: str) -> list[Question]:
    """Asks what the sky is like, and whether something is in it."""
    others = [name for name in SKIES if name != sky and name not in _ALIKE.get(sky, set())]
    absent = [extra for name in others for extra in _EXTRAS[name]
              if extra not in _EXTRAS[sky] and extra not in ("a moon", "a sun", "a rising sun")]  # fmt: skip
    text = rng.choice(("What does the sky look like?", "What is the sky like?"))
    return [
        ask_kind(rng, text, SKIES[sky].answer, [SKIES[name].answer for name in others]),
        ask_presence(rng, _EXTRAS[sky], absent),
    ]


def ask_about_landmark(
    rng: random.Random, landmark: Subject, body: str | None, part: str | None
) -> list[Question]:
    """Asks which landmark it is and, where they are named, for its colours."""
    alike = set().union(*(group for group in _LOOK_ALIKES if landmark.name in group), {landmark.name})
    others = [name for name in LANDMARKS.subjects if name not in alike]
    questions = [
        ask_presence(rng, [add_article(landmark.name)], [add_article(name) for name in others]),
        ask_kind(rng, "What stands out in the scene?", landmark.name, others),
    ]
    if landmark.name not in _NO_BUILDINGS:
        buildings = [name for name in others if name not in _NO_BUILDINGS]
        questions.append(ask_kind(rng, "What building is shown?", landmark.name, buildings))
    if body:
        questions += [ask_colour(rng, landmark.name, body, also=(part,) if part else ())] * 2
    if part:
        word = landmark.part_word
        also = (body,) if body else ()
        thing = f"{landmark.name}'s {word}"
        questions.append(ask_colour(rng, thing, part, plural=word.endswith("s"), also=also))
    return questions
