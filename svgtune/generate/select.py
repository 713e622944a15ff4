"""Choosing the best of several candidates, by the model's own likelihood or by judges."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from svgtune.generate.drawings import Drawing
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Scorer
from svgtune.metric.scoring.questions import make_questions
from svgtune.metric.scoring.words import Words
from svgtune.render.pool import Rendered, RenderPool
from svgtune.svg.repair import Validity

_RANKS = {Validity.STRICT: 0, Validity.LENIENT: 1, Validity.REPAIRED: 2, Validity.INVALID: 3}


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One drawing to choose from.

    Attributes:
        picture: What became of its rendering; None where there was nothing to render.
    """

    drawing: Drawing
    picture: Rendered | None = None


class Chooser(Protocol):
    """Finds the best candidate of each prompt."""

    def choose(self, groups: Sequence[Sequence[Candidate]]) -> list[Candidate]:
        """Returns one of each group, which holds all candidates of one prompt."""


def rank_drawing(drawing: Drawing) -> tuple[int, int, float, float, int]:
    """Returns a key that sorts the better candidate first.

    A drawing before none, one valid as written before any that needed help, one that the renderer could draw
    before one it could not, then the higher score where there are scores, and then the one that the model
    itself found likeliest, by the mean log probability of its tokens.
    """
    score = -math.inf if drawing.score is None else drawing.score
    logprob = -math.inf if drawing.logprob is None else drawing.logprob
    return _RANKS[drawing.validity], 0 if drawing.rendered else 1, -score, -logprob, drawing.candidate


def select_best(candidates: Sequence[Candidate]) -> Candidate:
    """Returns the best candidate of one prompt, by what is known of them."""
    return min(candidates, key=lambda candidate: rank_drawing(candidate.drawing))


class LikelihoodChooser:
    """Goes by what the engine said, without a judge."""

    def choose(self, groups: Sequence[Sequence[Candidate]]) -> list[Candidate]:
        """Returns the likeliest of the most valid candidates of each group."""
        return [select_best(group) for group in groups]


class JudgeChooser:
    """Scores all strictly valid candidates with questions made of their prompt by rule.

    A prompt that nothing can be asked of goes by likelihood.

    Args:
        judges: As of ``Scorer``.
        words: Of the questions.
        pool: Draws nothing more here, but the scorer wants one.
        max_questions: About a prompt.
    """

    def __init__(self, judges: Judges, words: Words, pool: RenderPool, max_questions: int) -> None:
        self._scorer = Scorer(judges, pool=pool)
        self._words = words
        self._max_questions = max_questions

    def choose(self, groups: Sequence[Sequence[Candidate]]) -> list[Candidate]:
        """Returns the best candidate of each group, with its score; those that have one are not judged again.

        Raises:
            JudgeError: A judge raised, or answered with what is no judgement.
        """
        entries: dict[str, Entry] = {}
        pictures: list[Rendered] = []
        seeds: dict[str, int] = {}
        for group in groups:
            prompt = group[0].drawing.prompt
            questions = make_questions(prompt, self._words, self._max_questions)
            for one in group if questions else ():
                drawing = one.drawing
                if drawing.validity is not Validity.STRICT or one.picture is None or drawing.svg is None:
                    continue
                if drawing.score is not None:
                    continue  # of an earlier round
                entries[drawing.id] = Entry(drawing.id, drawing.svg, questions)
                pictures.append(one.picture)
                seeds[drawing.id] = _find_seed(prompt)
        scored = self._scorer.stream(list(entries.values()), group_seeds=seeds, pictures=pictures)
        totals = {score.id: score.total for score in scored}

        def rate(candidate: Candidate) -> Candidate:
            drawing = candidate.drawing
            score = totals.get(drawing.id, drawing.score)
            return replace(candidate, drawing=replace(drawing, score=score))

        return [select_best([rate(candidate) for candidate in group]) for group in groups]


def _find_seed(prompt: str) -> int:
    """Returns a seed of the image defences, the same for all candidates of a prompt."""
    return int.from_bytes(hashlib.blake2b(prompt.encode(), digest_size=4).digest(), "big") >> 1
