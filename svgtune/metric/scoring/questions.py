"""Multiple-choice questions made of a prompt by rules, for drawings that come without any."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from svgtune.metric.scoring.phrases import (
    Phrase,
    add_article,
    find_absent,
    find_colours,
    find_phrases,
    list_shown_words,
    split_words,
)
from svgtune.metric.scoring.words import Words, measure_distance
from svgtune.records import Question

_CLEARLY_DIFFERENT = 6.0  # of 26 levels; nobody takes such colours for each other
_YES_NO = ("no", "yes")
_USUAL_GROUPS = ("animal", "vehicle", "food", "household item")
_TIME_QUESTIONS = {
    "night": ("Is it night in the image?", "yes"),
    "day": ("Is it night in the image?", "no"),
    "sunset": ("Does the image show a sunset?", "yes"),
    "sunrise": ("Does the image show a sunrise?", "yes"),
}


def make_questions(prompt: str, words: Words, count: int = 4) -> tuple[Question, ...]:
    """Makes questions of a prompt; the same prompt always gets the same ones.

    They hold what the prompt says to be true of the drawing, and what it denies or does not name to be
    absent. Colours are those of the word lists, wrong ones clearly different from every colour that the
    prompt names. Both kinds, of four choices and of two, are among them wherever the prompt allows.

    Args:
        prompt: What was to be drawn, in English.
        words: The word lists.
        count: Most questions, at least 2.

    Returns:
        2 to ``count`` questions; none where the prompt names no thing, colour or time of day.
    """
    rng = random.Random(prompt)  # a text seeds alike in every process
    phrases = find_phrases(prompt, words)
    colours = find_colours(prompt, words)
    times = _ask_time(prompt, words)
    denied = find_absent(prompt, words)
    if not (phrases or colours or times or denied):
        return ()
    absent = _list_absent(rng, phrases, prompt, words)
    shown = find_colours(prompt, words, shown=True)
    four = [*_ask_colours(rng, phrases, colours, shown, words), *_ask_which(phrases, absent)]
    yes = [question for question in times if question.answer == "yes"] + list(
        _ask_present(rng, phrases, words)
    )
    no = [question for question in times if question.answer == "no"]
    no += [_ask_presence(phrase.noun, words, article=phrase.article) for phrase in denied]
    no += [_ask_presence(thing, words) for thing in absent[:1]]
    no += _ask_wrong_colour(rng, phrases, colours, words)
    no += [_ask_presence(thing, words) for thing in absent[1:2]]
    two = [q for pair in zip_longest(*rng.sample((yes, no), 2)) for q in pair if q is not None]
    mixed = [q for pair in zip_longest(four, two) for q in pair if q is not None]
    unique = {question.text: question for question in reversed(mixed)}
    return tuple(list(reversed(unique.values()))[:count])


def _ask_colours(
    rng: random.Random,
    phrases: Sequence[Phrase],
    colours: Sequence[str],
    shown: Sequence[str],
    words: Words,
) -> Iterator[Question]:
    """Asks for the colour of what has one, for one colour of what has several, and for counts.

    ``colours`` are those that the prompt names, ``shown`` those of them that it does not deny.
    """
    for phrase in phrases:
        if len(phrase.colours) == 1:
            verb = "are" if words.is_plural(phrase.noun) else "is"
            text = f"What color {verb} the {phrase.noun}?"
            yield _build_four(text, phrase.colours[0], _list_other_colours(rng, colours, words))
        if phrase.count is not None:
            low = max(1, phrase.count - rng.randrange(4))
            choices = tuple(sorted(str(low + k) for k in range(4)))
            yield Question(f"How many {phrase.noun} are in the image?", choices, str(phrase.count))
    if any(len(phrase.colours) > 1 for phrase in phrases) or (shown and not phrases):
        several = [c for phrase in phrases if len(phrase.colours) > 1 for c in phrase.colours] or list(shown)
        others = _list_other_colours(rng, colours, words)
        yield _build_four("Which color appears in the image?", rng.choice(several), others)


def _ask_which(phrases: Sequence[Phrase], absent: Sequence[str]) -> Iterator[Question]:
    for phrase in phrases[:1]:
        if len(absent) >= 5:  # the first two are asked about one by one
            yield _build_four("Which of these is shown in the image?", phrase.noun, absent[2:5])


def _ask_present(rng: random.Random, phrases: Sequence[Phrase], words: Words) -> Iterator[Question]:
    # The first phrase is what the other questions are mostly about.
    for phrase in (*rng.sample(phrases[1:], len(phrases[1:])), *phrases[:1]):
        yield _ask_presence(phrase.noun, words, answer="yes", article=phrase.article)


def _ask_presence(noun: str, words: Words, *, answer: str = "no", article: bool | None = None) -> Question:
    plural = words.is_plural(noun)
    if article is None:
        article = not plural and noun not in words.mass
    thing = add_article(noun) if article else noun
    return Question(f"{'Are' if plural else 'Is'} there {thing} in the image?", _YES_NO, answer)


def _ask_wrong_colour(
    rng: random.Random, phrases: Sequence[Phrase], colours: Sequence[str], words: Words
) -> list[Question]:
    for phrase in phrases:
        if phrase.colours:
            verb = "Are" if words.is_plural(phrase.noun) else "Is"
            other = _list_other_colours(rng, colours, words)[:1]
            return [Question(f"{verb} the {phrase.noun} {name}?", _YES_NO, "no") for name in other]
    return []


def _ask_time(prompt: str, words: Words) -> list[Question]:
    tokens = list_shown_words(prompt, words)
    for time, (text, answer) in _TIME_QUESTIONS.items():
        if tokens & set(words.times.get(time, ())):
            return [Question(text, _YES_NO, answer)]
    return []


def _list_other_colours(rng: random.Random, named: Sequence[str], words: Words) -> list[str]:
    """Returns colours clearly different from every named one and from each other, in random order."""
    found: list[str] = []
    for name in rng.sample(list(words.colours), len(words.colours)):
        shade = words.colours[name]
        others = (words.colours[other] for other in (*named, *found))
        if all(measure_distance(shade, other) > _CLEARLY_DIFFERENT for other in others):
            found.append(name)
    return found


def _list_absent(rng: random.Random, phrases: Sequence[Phrase], prompt: str, words: Words) -> list[str]:
    """Returns things that the prompt neither names nor implies; plausible ones, of its own groups, first."""
    tokens = split_words(prompt)
    known = [entry for token in tokens if (entry := words.find_entry(token))]
    known += [entry for phrase in phrases if (entry := words.find_entry(phrase.noun))]
    named = {word for _, alike in known for word in alike} | set(tokens)
    groups = [*dict.fromkeys(group for group, _ in known), *_USUAL_GROUPS]
    found: list[str] = []
    for group in dict.fromkeys(groups):
        pool = [entry.split("/") for entry in words.groups.get(group, ())]
        free = [
            alike[0].replace("_", " ")
            for alike in pool
            if not {word.replace("_", " ") for word in alike} & named and alike[0] not in words.incidental
        ]
        found += rng.sample(free, min(len(free), 6 if len(found) < 6 else 2))
    return found


def _build_four(text: str, answer: str, others: Sequence[str]) -> Question:
    wrong = [other for other in others if other != answer][:3]
    return Question(text, tuple(sorted([answer, *wrong])), answer)
