"""Makes multiple-choice questions whose wrong answers are plausible and surely wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence

from svgtune.data.sources.scenes.palette import NAMES, measure_distance
from svgtune.records import Question

_CLEARLY_DIFFERENT = 6.0
_YES_NO = ("no", "yes")
_FEWEST = 4


def find_other_colours(rng: random.Random, true_colours: Sequence[str], count: int = 3) -> list[str]:
    """Draws colours that are clearly different from every true one and from each other."""
    found: list[str] = []
    for name in rng.sample(NAMES, len(NAMES)):
        if all(measure_distance(name, other) > _CLEARLY_DIFFERENT for other in (*true_colours, *found)):
            found.append(name)
        if len(found) == count:
            break
    return found


def ask_kind(rng: random.Random, text: str, answer: str, others: Sequence[str]) -> Question:
    """Asks a four-choice question; wrong answers are three of ``others``, which may hold the answer."""
    pool = sorted(set(others) - {answer})
    if len(pool) < 3:
        raise ValueError(f"question {text!r}: three wrong answers are needed, not {pool}; give more others")
    return Question(text, tuple(sorted([answer, *rng.sample(pool, 3)])), answer)


def ask_colour(
    rng: random.Random, thing: str, colour: str, *, plural: bool = False, also: Sequence[str] = ()
) -> Question:
    """Asks for the colour of ``thing``; ``also`` are other colours of the picture, so never choices."""
    text = f"What color {'are' if plural else 'is'} the {thing}?"
    return ask_kind(rng, text, colour, find_other_colours(rng, (colour, *also)))


def ask_presence(
    rng: random.Random, present: Sequence[str], absent: Sequence[str], *, answer: str | None = None
) -> Question:
    """Asks whether something is in the image; phrases come with their article or in the plural without one.

    Args:
        rng: Draws the thing, and the answer where it is free.
        present: Phrases for what is there, such as ``a belt`` or ``stars``.
        absent: Phrases for what is surely not there.
        answer: ``yes`` or ``no``; drawn when None.
    """
    if answer is None:
        answer = rng.choice(_YES_NO) if present and absent else "yes" if present else "no"
    thing = rng.choice(list(present if answer == "yes" else absent))
    verb = "Is" if thing.split()[0] in ("a", "an", "one") else "Are" if thing.endswith("s") else "Is"
    return Question(f"{verb} there {thing} in the image?", _YES_NO, answer)


def ask_anything_coloured(
    rng: random.Random, colours: Sequence[str], *, answer: str | None = None
) -> Question:
    """Asks whether anything has some colour; ``colours`` must be all that the picture shows."""
    answer = answer or rng.choice(_YES_NO)
    colour = rng.choice(list(colours)) if answer == "yes" else find_other_colours(rng, colours, 1)[0]
    return Question(f"Is there anything {colour} in the image?", _YES_NO, answer)


def ask_statement(text: str, truth: bool) -> Question:
    """Makes a two-choice question of a text that is already worded as one."""
    return Question(text, _YES_NO, "yes" if truth else "no")


def ask_count(rng: random.Random, things: str, count: int) -> Question:
    """Asks how many ``things`` (plural) there are; choices are four nearby numbers in digits."""
    low = max(1, count - rng.choice((0, 1, 2, 3)))
    choices = tuple(sorted(str(low + k) for k in range(4)))
    return Question(f"How many {things} are in the image?", choices, str(count))


def choose_questions(rng: random.Random, candidates: Sequence[Question], count: int) -> tuple[Question, ...]:
    """Draws ``count`` questions with different texts, both kinds among them where possible, and shuffles.

    Where there are fewer it takes all, but never fewer than four.
    """
    unique = list(
        {question.text: question for question in rng.sample(list(candidates), len(candidates))}.values()
    )
    short = [question for question in unique if len(question.choices) == 2]
    long = [question for question in unique if len(question.choices) == 4]
    share = min(len(short), rng.choice((1, 1, 2)))
    chosen = long[: count - share] + short
    chosen = chosen[:count]
    if len(chosen) < _FEWEST:
        raise ValueError(f"questions: {_FEWEST} are needed, not {len(chosen)}; offer more candidates")
    rng.shuffle(chosen)
    return tuple(chosen)
