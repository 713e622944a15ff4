"""Scores drawings as the competition does: rules, render, defences, judges, formula."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from svgtune.errors import InputError
from svgtune.metric.defence import Defence, DefendedViews, defend_image
from svgtune.metric.formula import combine, draw_group_seeds, score_ocr
from svgtune.metric.judges import Judges
from svgtune.records import Question, Sample
from svgtune.render.pool import Rendered, RenderPool
from svgtune.svg.constraints import Violation, check_svg
from svgtune.svg.repair import Validity, read_drawing


@dataclass(frozen=True, slots=True)
class Entry:
    """A drawing to be scored, where there is no whole ``Sample`` of it.

    Attributes:
        svg: The text as the model wrote it.
        questions: At least one, each with its answer among its choices.
    """

    id: str
    svg: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a drawing was worth, and why.

    Attributes:
        total: The competition's score of the drawing; 0 where ``reason`` is set.
        vqa: Mean probability of the right answers; 0 where ``reason`` is set, as the next two are.
        aesthetic: About 0 to 1, not clipped.
        ocr: Above 0, at most 1; 1 where at most four characters were read.
        probabilities: For each question, the probability of each of its choices; empty where ``reason`` is
            set.
        validity: What ``read_drawing`` makes of the text. Only a strict one is judged; nothing is mended.
        violations: Of the competition's rules, all of them.
        reason: Why it was not judged: ``breaks_rules``, ``render_blank``, or the reason of ``Rendered``; None
            where it was.
        detail: A sentence for a person; empty where it was judged.
        characters: How many were read in it.
        seconds: Wall-clock time of its own rendering and defences, and its share of its batch's judging.
    """

    id: str
    total: float
    vqa: float
    aesthetic: float
    ocr: float
    probabilities: tuple[tuple[float, ...], ...]
    validity: Validity
    violations: tuple[Violation, ...] = ()
    reason: str | None = None
    detail: str = ""
    characters: int = 0
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A drawing that goes to the judges; ``seconds`` is what it has taken so far."""

    sample: Sample | Entry
    views: DefendedViews
    seconds: float


class Scorer:
    """Scores drawings with any three judges.

    A drawing's score does not depend on what else is scored with it, but for its seed, which depends on the
    ids that sort before its own: give ``group_seeds`` to score a part of a table as in the whole.

    Args:
        judges: Their faults raise ``JudgeError``.
        pool: Draws in processes that can be killed; None for one of its own.
        batch_size: Drawings that are judged together.
        judge_blank: Whether an all-black picture goes to the judges, as at the competition; else it scores 0.
            A drawing that paints nothing is all black.
        threads: That make the defended views; None for one a core.
        defend: Makes the defended views.
    """

    def __init__(
        self,
        judges: Judges,
        *,
        pool: RenderPool | None = None,
        batch_size: int = 16,
        judge_blank: bool = False,
        threads: int | None = None,
        defend: Defence = defend_image,
    ) -> None:
        if batch_size < 1:
            raise InputError(f"scorer: batch_size is {batch_size}; give 1 or more")
        self._judges = judges
        self._pool = pool or RenderPool()
        self._batch_size = batch_size
        self._judge_blank = judge_blank
        self._threads = threads or len(os.sched_getaffinity(0))
        self._defend = defend

    def score(
        self,
        samples: Sequence[Sample | Entry],
        random_seed: int = 0,
        *,
        group_seeds: Mapping[str, int] | None = None,
    ) -> list[Score]:
        """Scores drawings; the scores are in the order of the samples. See ``stream``."""
        return list(self.stream(samples, random_seed, group_seeds=group_seeds))

    def stream(
        self,
        samples: Sequence[Sample | Entry],
        random_seed: int = 0,
        *,
        group_seeds: Mapping[str, int] | None = None,
        pictures: Iterable[Rendered] | None = None,
    ) -> Iterator[Score]:
        """Yields scores in the order of the samples, batch by batch; those that are out are not lost.

        Args:
            samples: With unique ids.
            random_seed: Of the competition's run; it gives each id its own seed.
            group_seeds: The seed of each id, instead of those that ``random_seed`` gives.
            pictures: Renders of those samples that break no rule, in order; None to draw them here.

        Raises:
            InputError: A sample that cannot be scored at all, such as one without questions; before any work.
            JudgeError: A judge raised, or answered with what is no judgement.
        """
        check_samples(samples)
        if group_seeds is None:
            group_seeds = draw_group_seeds((sample.id for sample in samples), random_seed)
        unseeded = [sample.id for sample in samples if sample.id not in group_seeds]
        if unseeded:
            raise InputError(f"sample {unseeded[0]}: has no group seed; draw the seeds of all ids together")
        return self._stream(samples, group_seeds, pictures)

    def _stream(
        self,
        samples: Sequence[Sample | Entry],
        seeds: Mapping[str, int],
        pictures: Iterable[Rendered] | None,
    ) -> Iterator[Score]:
        checked = [(sample, tuple(check_svg(sample.svg))) for sample in samples]
        valid = (sample.svg for sample, violations in checked if not violations)
        drawings = self._pool.imap(valid) if pictures is None else iter(pictures)
        with ThreadPoolExecutor(self._threads) as executor:
            for start in range(0, len(checked), self._batch_size):
                some = checked[start : start + self._batch_size]
                drawn = [None if violations else next(drawings) for _, violations in some]
                ids = [sample.id for sample, _ in some]
                batch = list(executor.map(self._prepare, some, drawn, map(seeds.__getitem__, ids)))
                judged = self._judge([case for case in batch if isinstance(case, _Case)])
                for case in batch:
                    yield case if isinstance(case, Score) else next(judged)

    def _prepare(
        self, checked: tuple[Sample | Entry, tuple[Violation, ...]], picture: Rendered | None, seed: int
    ) -> _Case | Score:
        sample, violations = checked
        if picture is None:
            return _refuse(sample, violations)
        reason, detail, image = picture.reason, picture.detail, picture.image
        if image is not None and not self._judge_blank and not image.any():
            reason, detail = "render_blank", "render: every pixel is black; draw something, on a background"
        if image is None or reason is not None:
            return _score_zero(sample.id, Validity.STRICT, reason, detail, seconds=picture.seconds)
        began = time.perf_counter()
        views = self._defend(image, seed)
        return _Case(sample, views, picture.seconds + time.perf_counter() - began)

    def _judge(self, cases: Sequence[_Case]) -> Iterator[Score]:
        began = time.perf_counter()
        ids = [case.sample.id for case in cases]
        ratings = self._judges.rate(ids, [case.views.judged for case in cases])
        counts = self._judges.count_characters(ids, [case.views.read for case in cases])
        asked = [(case, question) for case in cases for question in case.sample.questions]
        answers = iter(
            self._judges.answer(
                [case.sample.id for case, _ in asked],
                [case.views.judged for case, _ in asked],
                [question.text for _, question in asked],
                [question.choices for _, question in asked],
            )
        )
        share_s = (time.perf_counter() - began) / max(1, len(cases))
        for case, aesthetic, count in zip(cases, ratings, counts, strict=True):
            questions = case.sample.questions
            probabilities = tuple(next(answers) for _ in questions)
            vqa, ocr = find_vqa(questions, probabilities), score_ocr(count)
            yield Score(
                id=case.sample.id,
                total=combine(vqa, aesthetic, ocr),
                vqa=vqa,
                aesthetic=aesthetic,
                ocr=ocr,
                probabilities=probabilities,
                validity=Validity.STRICT,
                characters=count,
                seconds=case.seconds + share_s,
            )


def check_samples(samples: Sequence[Sample | Entry]) -> None:
    """Refuses samples that cannot be scored.

    Raises:
        InputError: An id that is there twice, an SVG that is not text, no questions, or a question whose
            answer is not among its choices.
    """
    for sample_id, count in Counter(sample.id for sample in samples).items():
        if count > 1:
            raise InputError(
                f"sample {sample_id}: this id is there {count} times; give every drawing its own id"
            )
    for sample in samples:
        if not isinstance(sample.svg, str):
            raise InputError(
                f"sample {sample.id}: svg is {sample.svg!r:.80} ({type(sample.svg).__name__}), not text; "
                "give the SVG as a string, an empty one where there is no drawing"
            )
        if not sample.questions:
            raise InputError(f"sample {sample.id}: has no questions; give at least one")
        for question in sample.questions:
            _check_question(sample.id, question)


def _check_question(sample_id: str, question: Question) -> None:
    if question.answer not in question.choices:
        raise InputError(
            f"sample {sample_id}, question {question.text!r}: the answer {question.answer!r} is not among "
            f"the choices {list(question.choices)}; correct the answer or the choices"
        )


def find_vqa(questions: Sequence[Question], probabilities: Sequence[Sequence[float]]) -> float:
    """Returns the mean probability of the right answers."""
    right = [p[q.choices.index(q.answer)] for q, p in zip(questions, probabilities, strict=True)]
    return sum(right) / len(right)


def _refuse(sample: Sample | Entry, violations: tuple[Violation, ...]) -> Score:
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    detail = f"{violations[0]}{more}"
    return _score_zero(sample.id, _classify(sample.svg), "breaks_rules", detail, violations)


def _classify(svg: str) -> Validity:
    """Says how much it would take to make a drawing of a text that breaks the rules."""
    try:
        validity = read_drawing(svg).validity
    except Exception:  # noqa: BLE001 - one strange drawing must not cost the others
        return Validity.INVALID
    # White space around a drawing is no fault to read_drawing, but it may be one to the competition.
    return Validity.LENIENT if validity is Validity.STRICT else validity


def _score_zero(
    sample_id: str,
    validity: Validity,
    reason: str | None = None,
    detail: str = "",
    violations: tuple[Violation, ...] = (),
    seconds: float = 0.0,
) -> Score:
    return Score(sample_id, 0.0, 0.0, 0.0, 0.0, (), validity, violations, reason, detail, seconds=seconds)
