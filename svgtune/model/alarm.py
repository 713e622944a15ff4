"""An alarm for runs whose reward rises while a judge that no reward has heard thinks less of the drawings.

Overoptimisation of a learned reward looks like this (Gao et al., arXiv 2210.10760): the proxy goes on rising,
and what it stands for turns.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import TrainingArguments

from svgtune.assets import find_asset
from svgtune.config.grpo import AlarmSection, GrpoRecipe
from svgtune.config.rewards import RewardSection
from svgtune.errors import MissingInputError, RecipeError
from svgtune.metric.embedded import loading as embedded
from svgtune.model.arguments import find_judge_device
from svgtune.render.pool import RenderPool
from svgtune.rewards.evaluation import Evaluator
from svgtune.rewards.functions import read_tasks

Row = Mapping[str, Any]
Rate = Callable[[Sequence[Row], Sequence[str]], Sequence[float | None]]
"""Rates answers, 0 to 1, by the rows of the data they were given for; None for what could not be judged."""

FIGURES = "eval_alarm/"
"""What the names of all figures of the alarm begin with."""


@dataclass(frozen=True, slots=True)
class Change:
    """How far a mean has moved, and its standard error; not a number where too little is known."""

    mean: float = math.nan
    error: float = math.nan

    def exceeds(self, errors: float) -> bool:
        """Says whether it is a rise by more than so many standard errors."""
        return self.mean > errors * self.error

    def __str__(self) -> str:
        return f"{self.mean:+.3f} (standard error {self.error:.3f})"


class Alarm:
    """Remembers the evaluations of a window, and compares their newer half with the older one.

    Attributes:
        rate: The second judge.
        section: Of the recipe.
        history: The last evaluations: ``step``, and by caption id ``score`` of the second judge and
            ``reward``. Numbers and texts only, so that a checkpoint can hold it.
    """

    def __init__(self, section: AlarmSection, rate: Rate) -> None:
        self.section = section
        self.rate = rate
        self.history: list[dict[str, Any]] = []
        self._seen: dict[str, defaultdict[str, list[float]]] = {}
        self._forget()

    def add(self, ids: Sequence[str], scores: Sequence[float], rewards: Sequence[float]) -> None:
        """Takes a batch of the evaluation that is going on; NaN where there is no judgement."""
        for name, values in (("score", scores), ("reward", rewards)):
            for row_id, value in zip(ids, values, strict=True):
                if math.isfinite(value):
                    self._seen[name][row_id].append(float(value))

    def close(self, step: int, log: Iterable[Mapping[str, Any]]) -> tuple[dict[str, float], str | None]:
        """Ends an evaluation.

        Args:
            step: After which it was made.
            log: ``TrainerState.log_history``; its ``reward`` is that of the captions trained on.

        Returns:
            Figures for the log, empty where nothing was judged; and a sentence where the alarm is raised.
        """
        now = {
            name: {row_id: float(np.mean(values)) for row_id, values in seen.items()}
            for name, seen in self._seen.items()
        }
        self._forget()
        if not now["score"]:
            return {}, None
        earlier = [one for one in self.history if one["step"] < step]
        self.history = [*earlier, {"step": step, **now}][-self.section.window :]
        scores = list(now["score"].values())
        figures = {"held_out_score": float(np.mean(scores)), "held_out_error": find_error(scores)}
        sentence = None
        if len(self.history) == self.section.window:
            score, reward = (compare_captions([one[name] for one in self.history]) for name in now)
            trained = compare_rounds(log, self.history[0]["step"], step)
            risen = any(one.exceeds(self.section.standard_errors) for one in (trained, reward))
            fall = Change(-score.mean, score.error)
            fallen = fall.exceeds(self.section.standard_errors) and fall.mean >= self.section.least_fall
            figures |= {
                "held_out_score_change": score.mean,
                "held_out_score_change_error": score.error,
                "held_out_reward_change": reward.mean,
                "reward_change": trained.mean,
                "raised": float(risen and fallen),
            }
            if risen and fallen:
                sentence = (
                    f"alarm: from step {self.history[0]['step']} to {step} the reward has changed by "
                    f"{trained} on training captions and {reward} on held-out ones, and the score of a judge "
                    f"that it has not heard by {score}: the model learns to please the reward, not to draw"
                )
        known = {f"{FIGURES}{name}": value for name, value in figures.items() if math.isfinite(value)}
        return known, sentence

    def _forget(self) -> None:
        self._seen = {"score": defaultdict(list), "reward": defaultdict(list)}


def find_error(values: Sequence[float] | np.ndarray) -> float:
    """Returns the standard error of a mean; NaN for fewer than two values."""
    return float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else math.nan


def compare_captions(evaluations: Sequence[Mapping[str, float]]) -> Change:
    """Compares the newer half of some evaluations with the older one, caption by caption.

    The captions are the same each time, so that the error is that of the differences, in which it does not
    count that some captions are harder than others.
    """
    half = len(evaluations) // 2
    common = sorted(set.intersection(*(set(one) for one in evaluations)))
    if len(common) < 2:
        return Change()
    table = np.array([[one[key] for key in common] for one in evaluations])
    differences = table[-half:].mean(0) - table[:half].mean(0)
    return Change(float(differences.mean()), find_error(differences))


def compare_rounds(log: Iterable[Mapping[str, Any]], after: int, last: int) -> Change:
    """Compares the training reward of the newer half of some steps with that of the older half."""
    rounds = [
        (entry["step"], entry["reward"])
        for entry in log
        if after < entry.get("step", -1) <= last and entry.get("reward") is not None
    ]
    old = [reward for step, reward in rounds if step <= (after + last) / 2]
    new = [reward for step, reward in rounds if step > (after + last) / 2]
    if min(len(old), len(new)) < 2:
        return Change()
    return Change(float(np.mean(new) - np.mean(old)), math.hypot(find_error(old), find_error(new)))


@contextmanager
def open_alarm(
    recipe: GrpoRecipe, args: TrainingArguments, rate: Rate | None = None
) -> Iterator[Alarm | None]:
    """Gives the alarm of a recipe with its judge, or None where the recipe sets none.

    Args:
        recipe: Says which judge.
        args: The trainer's.
        rate: Any judge, instead of the recipe's.

    Raises:
        RecipeError: The judge is that of the reward, or there will be no evaluations.
        MissingInputError: There is no such judge.
    """
    section = recipe.alarm
    if section is None:
        yield None
        return
    if args.eval_strategy == "no":
        raise RecipeError(
            "alarm: looks at the evaluations, and trainer.eval_strategy is no; set it to steps, or alarm to "
            "null"
        )
    if rate is not None:
        yield Alarm(section, rate)
        return
    check_judge(recipe, section)
    judges = embedded.load_embedded_judges(
        section.judge,
        text=section.text,
        device=find_judge_device(recipe.judge_device, args),
        batch_size=section.batch_size,
    )
    own = RewardSection(guards=None, batch_size=section.batch_size, max_failed_share=1)
    with RenderPool(workers=1) as pool:
        evaluator = Evaluator(own, judges, pool, recipe.normal_form)

        def judge(rows: Sequence[Row], texts: Sequence[str]) -> list[float | None]:
            tasks = read_tasks({name: [row[name] for row in rows] for name in ("id", "caption", "questions")})
            # Of the answers only: looks, text and validity are the reward's as well, and would hide a fall.
            return [
                one.score.vqa if one.counts and one.score is not None else None
                for one in evaluator.evaluate(tasks, texts)
            ]

        yield Alarm(section, judge)


def check_judge(recipe: GrpoRecipe, section: AlarmSection) -> None:
    """Makes sure that the second judge is there, and is not the first one.

    Raises:
        RecipeError: It is the reward's.
        MissingInputError: It is not there.
    """
    folder = find_asset(section.judge)
    if not (folder / embedded.JUDGE_FILE).is_file():
        raise MissingInputError(
            f"alarm.judge: there is no trained judge in {folder}; train it with scripts/train_judges.py "
            "--config recipes/judges/held_out.yaml, or set alarm to null"
        )
    first = find_asset(recipe.embedded.folder or embedded.DEFAULT_FOLDER)
    if recipe.judges == "embedded" and folder.resolve() == first.resolve():
        raise RecipeError(
            f"alarm.judge: {section.judge} is the judge of the reward as well; give another, such as "
            "models/judges/held_out"
        )
