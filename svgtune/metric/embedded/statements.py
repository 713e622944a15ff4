"""A question and one of its choices as one sentence: what must be true of the picture for that answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_YES, _NO = frozenset(("yes", "true")), frozenset(("no", "false"))


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence about a picture.

    Attributes:
        text: Always in the affirmative, for text embeddings hardly tell a sentence from its negation.
        negated: Whether the answer is that it is not so.
    """

    text: str
    negated: bool = False


def state_choice(question: str, choice: str) -> Statement:
    """Turns a question and one of its choices into a statement, by rules.

    A wording that no rule knows keeps the question's words: ``What next?`` and ``rain`` give
    ``What next: rain.``
    """
    text = " ".join(question.split()).rstrip("?. ").strip()
    if choice.lower() in _YES | _NO:
        return Statement(_finish(_state_yes(text)), choice.lower() in _NO)
    for pattern, write in _OPEN:
        match = pattern.fullmatch(text)
        if match:
            return Statement(_finish(write(choice, *match.groups())))
    return Statement(_finish(f"{text}: {choice}"))


def is_yes_no(choices: tuple[str, ...] | list[str]) -> bool:
    """Says whether the choices are yes and no, in any order."""
    words = {choice.lower() for choice in choices}
    return len(choices) == 2 and bool(words & _YES) and bool(words & _NO)


def _finish(sentence: str) -> str:
    sentence = " ".join(sentence.split())
    return f"{sentence[:1].upper()}{sentence[1:]}."


# Where the subject of "is the long red scarf tied in a knot" may end; the last word is taken otherwise.
_PREDICATE_STARTS = frozenset({
    "a", "about", "above", "across", "against", "an", "and", "around", "as", "at", "behind", "below",
    "beneath", "beside", "between", "by", "covered", "from", "full", "in", "inside", "made", "mostly",
    "near", "next", "of", "off", "on", "one", "out", "over", "part", "plain", "shown", "taller", "larger",
    "smaller", "bigger", "surrounded", "the", "through", "to", "under", "visible", "wearing", "with",
    "without",
})  # fmt: skip
_DO_VERBS = {"have": "has", "do": "does", "go": "goes"}


def _state_yes(text: str) -> str:
    """Turns a yes-no question without its mark into the statement that ``yes`` makes."""
    there = re.fullmatch(r"(is|are) there (?:anything|something) (.+)", text, re.IGNORECASE)
    if there:
        return f"there is something {there[2]}"
    there = re.fullmatch(r"(is|are|was|were) there (.+)", text, re.IGNORECASE)
    if there:
        return f"there {there[1].lower()} {there[2]}"
    copula = re.fullmatch(r"(is|are|was|were|can|has|have) (.+)", text, re.IGNORECASE)
    if copula:
        subject, predicate = _split_subject(copula[2])
        return f"{subject} {copula[1].lower()} {predicate}"
    asked = re.fullmatch(r"(does|do|did) ((?:the|this|these|any|each|a|an) )?(.+)", text, re.IGNORECASE)
    if asked:
        return _inflect(asked[1].lower(), asked[2] or "", asked[3])
    return f"{text}: yes"


def _split_subject(words: str) -> tuple[str, str]:
    """Splits ``the sweater covered in dots`` before its predicate."""
    parts = words.split(" ")
    for place in range(2 if parts[0].lower() in ("the", "a", "an", "this", "any") else 1, len(parts)):
        word = parts[place].lower()
        if word in _PREDICATE_STARTS - {"of"} or (word.endswith("ed") and word not in ("red", "bed", "sled")):
            return " ".join(parts[:place]), " ".join(parts[place:])
    return " ".join(parts[:-1]), parts[-1]


_PLAIN_VERBS = frozenset({
    "appear", "carry", "come", "contain", "cover", "display", "face", "feature", "fly", "float", "go",
    "grow", "hang", "have", "hold", "include", "lead", "lean", "lie", "look", "overlap", "point", "reach",
    "show", "sit", "stand", "stretch", "touch", "use", "wear",
})  # fmt: skip


def _inflect(auxiliary: str, article: str, rest: str) -> str:
    """Turns ``does`` and ``hat have a brim`` into ``the hat has a brim``."""
    words = rest.split(" ")
    place = next((k for k, word in enumerate(words) if k and word.lower() in _PLAIN_VERBS), 1)
    if place >= len(words):
        return f"{article}{rest}"
    if auxiliary == "does":
        verb = words[place]
        ending = "es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s"
        words[place] = _DO_VERBS.get(verb, f"{verb}{ending}")
    return f"{article}{' '.join(words)}"


def _state_what_does(choice: str, noun: str, auxiliary: str, subject: str, verb: str, rest: str) -> str:
    verb = _inflect(auxiliary, "", f"x {verb}").removeprefix("x ")
    rest = rest.strip()
    if rest.split(" ")[-1] in ("of", "from", "in", "on", "with", "like"):
        return f"{subject} {verb} {rest} {choice}"
    return f"{subject} {verb} {_with_noun(choice, noun)} {rest}"


def _with_noun(choice: str, noun: str) -> str:
    """Adds the noun to choices that say little alone: ``dots`` becomes ``dots pattern``."""
    return f"{choice} {noun}" if noun in ("color", "colour", "pattern") and noun not in choice else choice


def _rule(pattern: str, write: Callable[..., str]) -> tuple[re.Pattern[str], Callable[..., str]]:
    return re.compile(pattern, re.IGNORECASE), write


# The first rule that fits is taken.
_OPEN = (
    _rule(
        r"(?:what|which) colou?r (is|are) (.+)",
        lambda choice, verb, thing: f"{thing} {verb.lower()} {choice}",
    ),
    _rule(
        r"(?:what|which) colou?rs? (\w+s?) (.+)",
        lambda choice, verb, rest: f"the color {choice} {verb} {rest}",
    ),
    _rule(
        r"how many (.+?) (?:are|is) there(?: (.+))?",
        lambda choice, things, rest: f"there are {choice} {things} {rest or ''}",
    ),
    _rule(
        r"how many (.+?) (?:are|is|can be seen) (.+)",
        lambda choice, things, rest: f"there are {choice} {things} {rest}",
    ),
    _rule(
        r"how many (.+) (does|do) (.+) have",
        lambda choice, things, verb, owner: (
            f"{owner} {'has' if verb.lower() == 'does' else 'have'} {choice} {things}"
        ),
    ),
    _rule(
        r"how (is|are) (.+) (\w+)",
        lambda choice, verb, thing, state: f"{thing} {verb.lower()} {state} {choice}",
    ),
    _rule(
        r"where (is|are) (.+) relative to (.+)",
        lambda choice, verb, thing, other: f"{thing} {verb.lower()} {choice} {other}",
    ),
    _rule(r"where (is|are) (.+)", lambda choice, verb, thing: f"{thing} {verb.lower()} {choice}"),
    _rule(
        r"what (does|do) (.+) look like",
        lambda choice, verb, thing: f"{thing} look{'s' if verb.lower() == 'does' else ''} like {choice}",
    ),
    _rule(
        rf"(?:what|which)(?: (.+?))?? (does|do) (.+?) ({'|'.join(sorted(_PLAIN_VERBS))})\b(.*)",
        lambda choice, noun, verb, thing, main, rest: _state_what_does(
            choice, noun or "", verb.lower(), thing, main, rest
        ),
    ),
    _rule(r"which of (?:these|them|the following) (.+)", lambda choice, rest: f"{choice} {rest}"),
    _rule(r"what (is|are) (.+) like", lambda choice, verb, thing: f"{thing} {verb.lower()} {choice}"),
    _rule(
        r"what (is|are) ((?:the|this|these) .+?) (\w+) (with|in|on|by|under|from|of)",
        lambda choice, verb, thing, state, link: f"{thing} {verb.lower()} {state} {link} {choice}",
    ),
    _rule(
        r"(?:what|which) (is|are) ((?:the|this|these) .+)",
        lambda choice, verb, thing: f"{thing} {verb.lower()} {choice}",
    ),
    _rule(
        r"(?:what|who|which) (is|are) (.+)",
        lambda choice, verb, rest: f"{choice} {verb.lower()} {rest}",
    ),
    _rule(
        r"(?:what|which) ((?:kind|type|sort|style) of .+?) (is|are) (.+)",
        lambda choice, noun, verb, rest: f"the {noun} {rest} {verb.lower()} {choice}",
    ),
    _rule(
        r"(?:what|which) (\w+) (is|are) ((?:the|this|these) .+)",
        lambda choice, noun, verb, thing: f"the {noun} of {thing} is {choice}",
    ),
    _rule(
        r"(?:what|which) (.+?) (is|are) (.+)",
        lambda choice, noun, verb, rest: f"the {noun} {rest} {verb.lower()} {choice}",
    ),
    _rule(
        r"(?:what|which) (\w+) (\w+[^s\W]s) (.+)",
        lambda choice, noun, verb, rest: f"the {_with_noun(choice, noun)} {verb} {rest}",
    ),
    _rule(r"(?:what|which|who) (\w+s) (.+)", lambda choice, verb, rest: f"{choice} {verb} {rest}"),
)
