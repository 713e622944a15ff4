"""Drawings of like captions, found in a prepared folder to be shown in a prompt."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from svgtune.config.prefer import PreferRecipe
from svgtune.config.prompting import PromptingSection
from svgtune.data.contamination import list_words
from svgtune.errors import InputError
from svgtune.model.card import Traits
from svgtune.model.data import list_shards, read_shards, take
from svgtune.model.prompting import Prompter
from svgtune.preference.stage import build_guard
from svgtune.prompts import Example
from svgtune.svg.constraints import check_svg

logger = logging.getLogger(__name__)

Measure = Callable[[Sequence[str]], np.ndarray]
"""Returns the likeness of texts with every caption of the library, float of shape (texts, captions)."""


class ExampleLibrary:
    """Drawings by caption, and the likest of them.

    Args:
        examples: At least one.
        retriever: As in ``PromptingSection``.

    Raises:
        InputError: There are no examples.
    """

    def __init__(self, examples: Iterable[Example], retriever: str = "words") -> None:
        self.examples = list(examples)
        if not self.examples:
            raise InputError("prompting.library: holds no drawing that may be shown; give another")
        captions = [example.caption for example in self.examples]
        self._words = [list_words(caption) for caption in captions]
        self._measure = _measure_meaning(captions) if retriever == "embedding" else _measure_words(captions)

    def find(self, caption: str, count: int) -> list[Example]:
        """Returns the drawings of the likest captions, the likest last, next to the question.

        One of the same words is left out: where prompts are trained on, it would be the answer itself.
        """
        own, likeness = list_words(caption), self._measure([caption])[0]
        found: list[Example] = []
        shown: set[frozenset[str]] = {own}
        for place in np.argsort(-likeness, kind="stable"):
            if len(found) == count:
                break
            if self._words[place] not in shown:
                shown.add(self._words[place])
                found.append(self.examples[place])
        return found[::-1]


def load_library(section: PromptingSection, max_bytes: int) -> ExampleLibrary | None:
    """Loads the library of a recipe; None where no examples are shown.

    Captions near to one of the benchmark are left out, and so are drawings that break a rule.

    Raises:
        MissingInputError: The library or a column is not there.
        InputError: It cannot be read, or no drawing of it may be shown.
    """
    if not section.examples or section.library is None:
        return None
    rows = take(read_library(section.library), section.max_library)
    guard = build_guard(PreferRecipe())
    dropped: Counter[str] = Counter()
    examples = []
    for caption, svg in zip(rows["caption"], rows["svg"], strict=True):
        fault = guard.find_fault(caption or "") or ("rule_broken" if check_svg(svg or "", max_bytes) else "")
        if fault:
            dropped[fault] += 1
        else:
            examples.append(Example(caption, svg))
    logger.info(
        "prompting: %s: in %d, kept %d, dropped %s",
        section.library, len(rows), len(examples), dict(dropped) or 0,
    )  # fmt: skip
    return ExampleLibrary(examples, section.retriever)


def build_prompter(
    section: PromptingSection,
    tokenizer: Any,
    traits: Traits,
    *,
    context_tokens: int | None,
    answer_tokens: int,
) -> Prompter:
    """Builds the prompts' writer of a recipe.

    Examples leave room for the answer, or half of what the model can see where that is more.

    Args:
        section: Of the recipe.
        tokenizer: The model's.
        traits: How the model was tuned; a recipe's ``plan`` comes before theirs.
        context_tokens: How many tokens the model can see at once; None where nobody knows.
        answer_tokens: How long an answer may become.

    Raises:
        MissingInputError: The library or a column is not there.
        InputError: The library cannot be used.
    """
    traits = traits if section.plan is None else replace(traits, plan=section.plan)
    library = load_library(section, traits.max_bytes)
    room = None if context_tokens is None else max(context_tokens - answer_tokens, context_tokens // 2)
    find = None if library is None else library.find
    return Prompter(tokenizer, traits, find=find, examples=section.examples, max_tokens=room)


def read_library(path: Path) -> Any:
    """Reads captions and drawings of a prepared folder's training part, or of one file."""
    train, _ = list_shards(path)
    return read_shards(train, {"caption": "caption", "svg": "svg"}, ())


def _measure_words(captions: Sequence[str]) -> Measure:
    # Imported here, for training without examples should not wait for it.
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer=lambda caption: sorted(list_words(caption)), sublinear_tf=True)
    known = vectoriser.fit_transform(captions)
    return lambda texts: np.asarray((vectoriser.transform(texts) @ known.T).todense())


def _measure_meaning(captions: Sequence[str]) -> Measure:
    from svgtune.metric.inversion.text import SentenceEncoder

    encoder = SentenceEncoder()
    known = encoder.encode(captions)
    return lambda texts: encoder.encode(texts) @ known.T
