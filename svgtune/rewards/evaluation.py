"""Completions to judged drawings: read, checked, drawn, guarded and scored in batches, each text once."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean

import numpy as np

from svgtune.config.form import NormalForm
from svgtune.config.guards import GuardSection
from svgtune.config.rewards import RewardSection
from svgtune.errors import JudgeError
from svgtune.metric.defence import DEFENCES
from svgtune.metric.guards import Flag, Guards
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Score, Scorer
from svgtune.records import Question
from svgtune.render.pool import Rendered, RenderPool
from svgtune.svg.repair import Validity, read_drawing

logger = logging.getLogger(__name__)

# Before so many drawings a share of failures says little.
_MIN_JUDGED = 64


@dataclass(frozen=True, slots=True)
class Task:
    """What a model was asked to draw.

    Attributes:
        reference: A drawing of the caption; empty where there is none.
    """

    id: str
    caption: str
    questions: tuple[Question, ...]
    reference: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What became of one completion.

    Attributes:
        text: As the model wrote it.
        validity: Of the text; only a strict drawing is drawn and judged.
        image: uint8 [384, 384, 3]; None where it was not drawn.
        score: None where it was not judged.
        flags: Guards that it breaks.
        failed: Whether a judge failed on it. That is our fault: it earns neither something nor nothing.
    """

    task: Task
    text: str
    validity: Validity
    image: np.ndarray | None = None
    score: Score | None = None
    flags: tuple[Flag, ...] = ()
    failed: bool = False

    @property
    def counts(self) -> bool:
        """Whether it can earn anything: drawn, judged and honest."""
        return self.score is not None and self.score.reason is None and not self.flags

    @property
    def total(self) -> float:
        """What it earns by the score alone."""
        return self.score.total if self.counts and self.score is not None else 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Equal for the same drawing of the same task."""
        return self.task.id, self.svg

    @property
    def svg(self) -> str:
        """The drawing, without white space around it."""
        return self.text.strip()


class Evaluator:
    """Judges completions batch by batch.

    Args:
        section: Guards, batch size and how many failures are borne.
        judges: Of the reward.
        pool: Draws.
        form: The normal form that the model writes.
        earn: What drawings of a batch earn in all; None: their scores.
    """

    def __init__(
        self,
        section: RewardSection,
        judges: Judges,
        pool: RenderPool,
        form: NormalForm,
        earn: Callable[[Sequence[Judged]], list[float]] | None = None,
    ) -> None:
        self._earn = earn or (lambda batch: [one.total for one in batch])
        self._section = section
        self._pool = pool
        self._form = form
        defend = DEFENCES[section.defences]
        self._scorer = Scorer(judges, pool=pool, batch_size=section.batch_size, defend=defend)
        self._guards = None if section.guards is None else Guards(section.guards, form, judges)
        self.judged = self.failed = 0

    def evaluate(self, tasks: Sequence[Task], texts: Sequence[str], seed: int = 0) -> list[Judged]:
        """Judges one completion for each task.

        Args:
            tasks: A task stands once for each of its completions.
            texts: What the model wrote.
            seed: Changes the image defences; drawings of one task always share theirs, so that they are
                compared through the same crop.

        Raises:
            JudgeError: Judges have failed on too many drawings of the run so far.
        """
        read = [self._read(task, text) for task, text in zip(tasks, texts, strict=True)]
        first: dict[tuple[str, str], int] = {}
        for place, one in enumerate(read):
            if one.validity is Validity.STRICT and not one.flags:
                first.setdefault(one.key, place)
        places = list(first.values())
        drawn = self._pool.render([read[place].svg for place in places])
        known = dict(zip(places, self._judge([read[place] for place in places], drawn, seed), strict=True))
        results = []
        for place, one in enumerate(read):
            same = first.get(one.key, place)
            results.append(replace(known[same], text=one.text) if same in known else one)
        # First what lowers a task's mean: whoever is above it then is to be looked at.
        results = self._flag_pictures(self._flag_repeats(results))
        self._count(results)
        return results

    def _read(self, task: Task, text: str) -> Judged:
        validity = read_drawing(text, self._form).validity
        one = Judged(task, text, validity)
        if validity is not Validity.STRICT or self._guards is None:
            return one
        return replace(one, flags=tuple(self._guards.check_text(one.svg)))

    def _judge(self, some: Sequence[Judged], drawn: Sequence[Rendered], seed: int) -> Iterator[Judged]:
        size = self._section.batch_size
        for start in range(0, len(some), size):
            batch, pictures = some[start : start + size], drawn[start : start + size]
            try:
                yield from self._judge_batch(batch, pictures, seed)
            except JudgeError as error:
                logger.warning("rewards: %d drawings cannot be judged: %s", len(batch), error)
                yield from (replace(one, failed=True) for one in batch)

    def _judge_batch(self, batch: Sequence[Judged], pictures: Sequence[Rendered], seed: int) -> list[Judged]:
        entries = [
            Entry(f"{one.task.id}/{place}", one.svg, one.task.questions) for place, one in enumerate(batch)
        ]
        seeds = {entry.id: find_seed(one.task.id, seed) for entry, one in zip(entries, batch, strict=True)}
        scores = list(self._scorer.stream(entries, group_seeds=seeds, pictures=pictures))
        return [
            replace(one, image=picture.image, score=score)
            for one, picture, score in zip(batch, pictures, scores, strict=True)
        ]

    def _flag_pictures(self, results: list[Judged]) -> list[Judged]:
        """Asks the guards that look at pictures about every drawing that could be encouraged.

        They cost as much as the judges, and what earns less than the mean of its task's drawings is
        discouraged anyway. A drawing that is flagged lowers that mean, so they are asked until all above it
        have been looked at.
        """
        if self._guards is None:
            return results
        size = self._section.batch_size
        checked: set[tuple[str, str]] = set()
        while wanted := self._find_encouraged(results, checked):
            for start in range(0, len(wanted), size):
                batch = wanted[start : start + size]
                checked.update(one.key for one in batch)
                found = dict(zip([one.key for one in batch], self._check(batch, self._guards), strict=True))
                results = [
                    replace(found[one.key], text=one.text) if one.counts and one.key in found else one
                    for one in results
                ]
        return results

    def _find_encouraged(
        self, results: Sequence[Judged], checked: Collection[tuple[str, str]]
    ) -> list[Judged]:
        """Returns one of each drawing that earns no less than its task's mean and was not looked at yet."""
        rewards = self._earn(results)
        earned = defaultdict(list)
        for one, reward in zip(results, rewards, strict=True):
            earned[one.task.id].append(reward)
        found = {
            one.key: one
            for one, reward in zip(results, rewards, strict=True)
            if one.counts and one.key not in checked and reward >= mean(earned[one.task.id])
        }
        return list(found.values())

    @staticmethod
    def _check(batch: list[Judged], guards: Guards) -> list[Judged]:
        """Asks the guards about pictures; a judge that fails them fails the drawings."""
        entries = [Entry(one.task.id, one.svg, one.task.questions) for one in batch]
        images = [one.image for one in batch if one.image is not None]
        scores = [one.score for one in batch if one.score is not None]
        try:
            flags = zip(
                map(guards.check_picture, images),
                guards.check_reading(
                    [entry.id for entry in entries], images, [score.characters for score in scores]
                ),
                guards.check_views(entries, images, [score.vqa for score in scores]),
                strict=True,
            )
            return [
                replace(one, flags=tuple(flag for some in own for flag in some))
                for one, own in zip(batch, flags, strict=True)
            ]
        except JudgeError as error:
            logger.warning("rewards: guards cannot judge %d drawings: %s", len(batch), error)
            return [replace(one, image=None, score=None, failed=True) for one in batch]

    def _flag_repeats(self, results: list[Judged]) -> list[Judged]:
        if self._guards is None:
            return results
        flags = self._guards.check_repeats(
            [one.task.caption for one in results], [one.svg for one in results]
        )
        return [
            replace(one, flags=(*one.flags, *own)) if one.score is not None else one
            for one, own in zip(results, flags, strict=True)
        ]

    def _count(self, results: Sequence[Judged]) -> None:
        self.judged += sum(one.failed or one.score is not None for one in results)
        self.failed += sum(one.failed for one in results)
        share = self.failed / max(1, self.judged)
        if self.judged >= _MIN_JUDGED and share > self._section.max_failed_share:
            raise JudgeError(
                f"rewards: judges failed on {self.failed} of {self.judged} drawings, over "
                f"{self._section.max_failed_share:.0%}; mend the judge (the log says what it raised), or "
                "raise rewards.max_failed_share"
            )


def find_seed(task_id: str, seed: int) -> int:
    """Returns the seed of a task's image defences in one round."""
    digest = hashlib.blake2b(f"{seed}/{task_id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1


def count_classes(judged: Sequence[Judged]) -> dict[str, float]:
    """Returns shares and means of a batch, for the log: validity classes, guards, V, A, O, bytes."""
    count = max(1, len(judged))
    classes = Counter(one.validity for one in judged)
    figures = {f"validity/{name}": classes[name] / count for name in Validity}
    figures["guards/flagged"] = sum(bool(one.flags) for one in judged) / count
    flagged = Counter(flag.guard for one in judged for flag in one.flags)
    # Each of them always: the log averages over the batches that name a figure.
    for guard in GuardSection.model_fields:
        figures[f"guards/{guard}"] = flagged[guard] / count
    figures["judges/failed"] = sum(one.failed for one in judged) / count
    figures["drawing/bytes"] = float(np.mean([len(one.svg.encode()) for one in judged] or [0]))
    scores = [one.score for one in judged if one.score is not None and one.score.reason is None]
    for name in ("total", "vqa", "aesthetic", "ocr") if scores else ():
        figures[f"metric/{name}"] = float(np.mean([getattr(score, name) for score in scores]))
    return figures
