"""The noun phrases of a prompt: what it names, in which colours, how many."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from svgtune.metric.scoring.words import Words

_TOKEN = re.compile(r"[a-z]+(?:[-'][a-z]+)*|[0-9]+|[,.;:!?()]")
_JOINS = frozenset(("and", "or", ","))
_ARTICLES = frozenset(("a", "an"))
_DETERMINERS = frozenset(("a", "an", "the", "one", "this", "its"))
_MAX_COUNT = 9
_ABSENCES = frozenset(("no", "without", "lacking", "neither", "nor"))
_DENIALS = frozenset((*_ABSENCES, "not", "never"))
_CARRIERS = frozenset((*_JOINS, *_DETERMINERS, "any", "of", "with"))
"""Words that may carry a denial on to the next thing, as in ``without wheels or doors``."""

Stance = Literal["shown", "absent", "unclear"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing that a prompt names.

    Attributes:
        noun: Without its adjectives, as the prompt has it, such as ``buttons``.
        colours: Of the palette's names, those that the prompt gives it.
        count: How many, where the prompt says a number from 2 to 9.
        article: Whether ``a`` or ``an`` fits before it.
    """

    noun: str
    colours: tuple[str, ...] = ()
    count: int | None = None
    article: bool = False


@dataclass(slots=True)
class _Chunk:
    """Words between two breaks; ``before`` holds the breaks that led to it.

    ``stance`` is ``unclear`` where the prompt denies something of it, or may: a cat ``not on a mat``.
    """

    before: list[str]
    tokens: list[str] = field(default_factory=list)
    stance: Stance = "shown"


def split_words(prompt: str) -> list[str]:
    """Returns the words, numbers and marks of a prompt in lower case."""
    return _TOKEN.findall(prompt.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def find_phrases(prompt: str, words: Words) -> list[Phrase]:
    """Finds the things that a prompt says to be there, by rules: strange nouns are found too.

    What stands after ``without``, ``no`` or ``not`` is none of them, up to the next break of the phrase.
    """
    found: list[Phrase] = []
    waiting: tuple[str, ...] = ()  # colours of a phrase that is still to come
    behind = False  # whether they belong to the phrase before, as in "stars in coral and teal"
    chunks = _split_chunks(prompt, words)
    for place, chunk in enumerate(chunks):
        if chunk.stance != "shown":
            waiting = ()
            continue
        after = chunks[place + 1].before if place + 1 < len(chunks) else []
        noun, colours, count = _read_chunk(chunk, after, words)
        if noun is None:
            behind = behind if waiting else chunk.before[-1:] == ["in"]
            waiting = (*waiting, *colours)
            if set(after) & _JOINS:
                continue
            if behind and found:
                found[-1] = replace(found[-1], colours=(*found[-1].colours, *waiting))
            waiting = ()
            continue
        colours = tuple(dict.fromkeys((*waiting, *colours)))
        waiting = ()
        if all(noun != phrase.noun for phrase in found):
            found.append(Phrase(noun, colours, count, _takes_article(noun, chunk, place == 0, words)))
    return found


def find_absent(prompt: str, words: Words) -> list[Phrase]:
    """Finds the things that a prompt plainly says not to be there, such as ``wheels`` after ``without``.

    A thing with an adjective is none of them, for without red wheels there may be others; and neither is one
    that the prompt names elsewhere as well.
    """
    shown = find_phrases(prompt, words)
    forms = {form for phrase in shown for form in words.list_forms(phrase.noun)}
    entries = [words.find_entry(phrase.noun) for phrase in shown]
    found: dict[str, Phrase] = {}
    for chunk in _split_chunks(prompt, words):
        noun, _, _ = _read_chunk(chunk, [], words)
        if chunk.stance != "absent" or noun is None or [t for t in chunk.tokens if t != "any"] != [noun]:
            continue
        entry = words.find_entry(noun)
        if not forms & {*words.list_forms(noun)} and (entry is None or entry not in entries):
            found[noun] = Phrase(noun, article=_takes_article(noun, chunk, False, words))
    return list(found.values())


def find_colours(prompt: str, words: Words, *, shown: bool = False) -> list[str]:
    """Returns every colour of the palette that a prompt names, things of such a name included.

    Args:
        prompt: What was to be drawn.
        words: The word lists.
        shown: Leave out those that the prompt denies, or may.
    """
    chunks = [chunk for chunk in _split_chunks(prompt, words) if chunk.stance == "shown" or not shown]
    named = (_name_colour(token, words) for chunk in chunks for token in chunk.tokens)
    return list(dict.fromkeys(name for name in named if name))


def list_shown_words(prompt: str, words: Words) -> set[str]:
    """Returns the words of a prompt but those that it denies, or may."""
    chunks = [chunk for chunk in _split_chunks(prompt, words) if chunk.stance == "shown"]
    return {word for chunk in chunks for token in chunk.tokens for word in token.split(" ")}


def add_article(noun: str) -> str:
    """Puts ``a`` or ``an`` before a noun, by its first letter."""
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith(('uni', 'use', 'eu')) else 'a'} {noun}"


def _join_names(tokens: list[str], words: Words) -> list[str]:
    """Makes one token of a name of two or three words: ``sky blue``, ``ice cream cone``."""
    joined: list[str] = []
    for token in tokens:
        for size in (2, 1):
            name = " ".join([*joined[-size:], token])
            if len(joined) >= size and (name in words.colours or words.is_one_name(name)):
                joined[-size:] = [name]
                break
        else:
            joined.append(token)
    return joined


def _name_colour(token: str, words: Words) -> str | None:
    name = words.spellings.get(token, token)
    return name if name in words.colours else None


def _split_chunks(prompt: str, words: Words) -> list[_Chunk]:
    chunks = [_Chunk([])]
    for token in _join_names(split_words(prompt), words):
        chunk = chunks[-1]
        is_break = token in words.breaks or not token[0].isalnum() or _is_denial(token)
        # "lighthouse overlooking calm seas": a participle after a known noun is a verb.
        is_verb = _is_participle(token) and bool(chunk.tokens) and words.find_entry(chunk.tokens[-1])
        if not is_break and not is_verb:
            chunk.tokens.append(token)
        elif chunk.tokens:
            chunks.append(_Chunk([token]))
        else:
            chunk.before.append(token)
    whole = [chunk for chunk in chunks if chunk.tokens]
    for place, chunk in enumerate(whole):
        chunk.stance = _take_stance(chunk, whole[place - 1] if place else None)
    return whole


def _is_denial(token: str) -> bool:
    return token in _DENIALS or token.endswith("n't")


def _take_stance(chunk: _Chunk, earlier: _Chunk | None) -> Stance:
    """Says whether a chunk's thing is there, by the words before it and what was said of the chunk before."""
    before = chunk.before
    denials = [place for place, word in enumerate(before) if _is_denial(word)]
    if denials:
        plain = before[denials[-1]] in _ABSENCES and set(before[denials[-1] + 1 :]) <= _DETERMINERS
        return "absent" if plain else "unclear"
    carried = all(word in _CARRIERS or _is_participle(word) for word in before)
    if earlier is None or earlier.stance == "shown" or not carried:
        return "shown"
    if "or" in before:
        return earlier.stance
    # "no people, a red boat": what is listed after "no" has no article.
    ends = "no" in earlier.before and {",", "and"} & set(before) and _ARTICLES & set(before)
    return "shown" if ends else "unclear"


def _is_participle(token: str) -> bool:
    return len(token) > 5 and token.endswith(("ing", "ed"))


def _is_quality(token: str, words: Words) -> bool:
    return token in words.qualities or (_is_participle(token) and words.find_entry(token) is None)


def _read_chunk(
    chunk: _Chunk, after: list[str], words: Words
) -> tuple[str | None, tuple[str, ...], int | None]:
    """Returns the noun of a chunk or None, its colours, and its count or None."""
    tokens = list(chunk.tokens)
    colours: list[str] = []
    content: list[str] = []
    count = None
    for place, token in enumerate(tokens):
        colour = _name_colour(token, words)
        number = words.numbers.get(token, int(token) if token.isdigit() else None)
        if colour and not _is_thing(place, chunk, after, words):
            colours.append(colour)
        elif number is not None:
            count = number if 2 <= number <= _MAX_COUNT else None
        elif not _is_quality(token, words) or (place == len(tokens) - 1 and words.find_entry(token)):
            content.append(token)
    while content and words.is_vague(content[-1]):
        content.pop()
    if not content:
        return None, tuple(colours), None
    return content[-1], tuple(colours), count


def _is_thing(place: int, chunk: _Chunk, after: list[str], words: Words) -> bool:
    """Says whether a colour's name stands for a thing, as in ``an orange`` or ``three roses``."""
    token = chunk.tokens[place]
    if place != len(chunk.tokens) - 1 or words.find_entry(token) is None or set(after) & _JOINS:
        return False
    return bool(set(chunk.before) & _ARTICLES) or place > 0


def _takes_article(noun: str, chunk: _Chunk, is_first: bool, words: Words) -> bool:
    if words.is_plural(noun) or noun.split(" ")[-1] in words.mass:
        return False
    known = words.find_entry(noun) is not None
    return known or is_first or bool(set(chunk.before) & _DETERMINERS)
