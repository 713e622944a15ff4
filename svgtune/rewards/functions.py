"""Reward functions as TRL calls them: one for each term, all of them fed by one evaluation of the batch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from svgtune.config.form import NormalForm
from svgtune.config.rewards import RewardSection
from svgtune.metric.judges import Judges
from svgtune.records import build_questions
from svgtune.render.pool import RenderPool
from svgtune.rewards.evaluation import Evaluator, Judged, Task, count_classes
from svgtune.rewards.reference import Embed, ReferenceTerm
from svgtune.rewards.terms import Term, give, give_score, rate_length, rate_validity, rate_variety

RewardFunction = Callable[..., list[float | None]]
Completion = str | Sequence[dict[str, str]]


class Rewards:
    """The terms of a reward, ready for ``GRPOTrainer``.

    Attributes:
        functions: One for each term, named after it. Each takes what TRL gives: ``prompts``, ``completions``
            and the dataset's columns ``id``, ``caption``, ``questions`` (JSON, as ``Sample.to_row`` writes
            them) and ``reference`` (SVG or an empty text).
        weights: As many.
        last: What the last batch was judged to be.
    """

    def __init__(self, evaluator: Evaluator, terms: dict[str, tuple[Term, float]]) -> None:
        self._evaluator = evaluator
        self._key: tuple[Any, ...] = ()
        self.last: list[Judged] = []
        self.functions: list[RewardFunction] = [
            self._build_function(name, term) for name, (term, _) in terms.items()
        ]
        self.weights = [weight for _, weight in terms.values()]

    def evaluate(
        self,
        tasks: Sequence[Task],
        texts: Sequence[str],
        seed: int = 0,
        log: Callable[[str, float], None] | None = None,
    ) -> list[Judged]:
        """Judges a batch, or remembers what it was judged to be; see ``Evaluator.evaluate``."""
        key = (seed, *(task.id for task in tasks), *texts)
        if key != self._key:
            began = time.perf_counter()
            self.last = self._evaluator.evaluate(tasks, texts, seed)
            self._key = key
            if log is not None:
                figures = count_classes(self.last) | {"seconds/reward": time.perf_counter() - began}
                for name, value in figures.items():
                    log(name, value)
        return self.last

    def _build_function(self, name: str, term: Term) -> RewardFunction:
        def function(
            *,
            completions: Sequence[Completion],
            trainer_state: Any = None,
            log_metric: Callable[[str, float], None] | None = None,
            **columns: Any,
        ) -> list[float | None]:
            texts = [text if isinstance(text, str) else text[-1]["content"] for text in completions]
            step = int(getattr(trainer_state, "global_step", 0))
            return term(self.evaluate(read_tasks(columns), texts, step, log_metric))

        function.__name__ = name
        return function


def read_tasks(columns: Mapping[str, Sequence[str]]) -> list[Task]:
    """Reads tasks from the columns ``id``, ``caption``, ``questions`` and, perhaps, ``reference``."""
    questions = [build_questions(json.loads(text)) for text in columns["questions"]]
    references = columns.get("reference") or [""] * len(questions)
    return [Task(*row) for row in zip(columns["id"], columns["caption"], questions, references, strict=True)]


def build_rewards(
    section: RewardSection, judges: Judges, pool: RenderPool, form: NormalForm, *, embed: Embed | None = None
) -> Rewards:
    """Builds the terms that have a weight.

    Args:
        section: Of the recipe.
        judges: Of the reward.
        pool: Draws; stays open.
        form: The normal form that the model writes.
        embed: For the term ``reference``, instead of what ``section.encoder`` names.

    Raises:
        MissingInputError: ``section.encoder`` is not there.
        InputError: It cannot be used.
    """
    weights = section.weights
    terms: dict[str, tuple[Term, float]] = {
        "score": (give_score(lambda score: score.total), weights.score),
        "vqa": (give_score(lambda score: score.vqa), weights.vqa),
        "aesthetic": (give_score(lambda score: min(1.0, max(0.0, score.aesthetic))), weights.aesthetic),
        "ocr": (give_score(lambda score: score.ocr), weights.ocr),
        "validity": (rate_validity, weights.validity),
        "length": (
            give(lambda one: rate_length(one.svg, section.length, one.task.reference)),
            weights.length,
        ),
        "variety": (rate_variety, weights.variety),
    }
    if weights.reference:
        if embed is None and section.encoder is not None:
            embed = load_encoder(section.encoder)
        terms["reference"] = (ReferenceTerm(pool, embed), weights.reference)
    used = {name: term for name, term in terms.items() if term[1]}

    def earn(batch: Sequence[Judged]) -> list[float]:
        totals = np.zeros(len(batch))
        for term, weight in used.values():
            totals += weight * np.array([rate or 0.0 for rate in term(batch)])
        return totals.tolist()

    return Rewards(Evaluator(section, judges, pool, form, earn), used)


def load_encoder(folder: str) -> Embed:
    """Loads a trained picture reader as an encoder of pictures."""
    from svgtune.metric.embedded.loading import load_reader
    from svgtune.metric.embedded.vqa import see_pictures
    from svgtune.metric.inversion.network import shrink

    model, _ = load_reader(folder)
    side = model.shape.image_px

    def embed(pictures: np.ndarray) -> np.ndarray:
        small = np.stack([shrink(picture, side) for picture in pictures])
        return see_pictures(model, small).caption.cpu().numpy()

    return embed
