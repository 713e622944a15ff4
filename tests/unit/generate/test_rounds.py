from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from svgtune.config.generate import DrawRecipe, Sampling, SelectSection
from svgtune.generate.candidates import CandidateReader
from svgtune.generate.draw import build_chooser
from svgtune.generate.engine import Completion, Request
from svgtune.generate.prompts_file import Prompt
from svgtune.generate.rounds import BestOf, Outcome
from svgtune.generate.select import Candidate
from svgtune.metric.judges import Judges
from svgtune.render.pool import RenderPool

from .conftest import GOOD_SVG, RedLover
from .test_budget import Clock

PROMPT = Prompt("p", "a red ball")


class SteadyEngine:
    """Writes candidates in so many seconds each, one after the other, and keeps to the deadline."""

    def __init__(
        self, clock: Clock, seconds: float = 1.0, texts: Sequence[str] = (GOOD_SVG,), done: Any = "stop"
    ) -> None:
        self.clock = clock
        self.seconds = seconds
        self.texts = texts
        self.done = done
        self.asked: list[tuple[int, int]] = []

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        (request,) = requests
        self.asked.append((request.first, options.n))
        for candidate in range(request.first, request.first + options.n):
            done = self.clock.now + self.seconds <= request.deadline
            self.clock.now = min(self.clock.now + self.seconds, max(request.deadline, self.clock.now))
            text = self.texts[candidate % len(self.texts)]
            yield Completion(
                "p", candidate, text, 10, 1.0, self.done if done else "time", -0.1 * (candidate + 1)
            )


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    with RenderPool(1) as pool:
        yield pool


def paint(colour: str) -> str:
    return GOOD_SVG.replace("</svg>", f'<rect width="200" height="200" fill="{colour}"/></svg>')


def build(pool: RenderPool, engine: SteadyEngine, n: int, **select: Any) -> BestOf:
    recipe = DrawRecipe(sampling=Sampling(n=n), select=SelectSection(**select))
    judge = RedLover()
    judges = Judges(judge, judge, judge) if recipe.select.by == "judges" else None
    chooser = build_chooser(recipe, judges, pool)
    return BestOf(engine, recipe, CandidateReader(recipe.normal_form, pool, 0), chooser, engine.clock)


def find_candidate(outcome: Outcome) -> int:
    assert outcome.best is not None
    return outcome.best.drawing.candidate


def test_without_limits_all_are_drawn_at_once(pool: RenderPool) -> None:
    engine = SteadyEngine(Clock())
    outcome = build(pool, engine, 8).draw(PROMPT, 1)
    assert engine.asked == [(0, 8)]
    assert (outcome.finished, outcome.tokens, outcome.detail) == (8, 80, "")
    assert find_candidate(outcome) == 0


def test_a_good_score_spares_the_other_rounds_and_counts_candidates_on(pool: RenderPool) -> None:
    colours = ["#00f", "#00f", "#00f", "#f00", "#00f", "#00f"]
    engine = SteadyEngine(Clock(), texts=[paint(colour) for colour in colours])
    outcome = build(pool, engine, 6, by="judges", stop_at_score=0.2, round_size=2).draw(PROMPT, 1)
    assert engine.asked == [(0, 2), (2, 2)]
    assert (find_candidate(outcome), outcome.finished) == (3, 4)
    none = SteadyEngine(Clock(), texts=[paint("#00f")])
    assert build(pool, none, 6, by="judges", stop_at_score=0.2, round_size=4).draw(PROMPT, 1).finished == 6
    assert none.asked == [(0, 4), (4, 2)]


def test_fewer_are_drawn_as_time_gets_short(pool: RenderPool) -> None:
    engine = SteadyEngine(Clock(), seconds=1.0)
    best_of = build(pool, engine, 8)
    best_of.draw(PROMPT, 1)
    engine.asked.clear()
    began = engine.clock.now
    outcome = best_of.draw(PROMPT, 1, seconds=6)
    # Eight took eight seconds; of one it is not known that it takes less, until it has been tried.
    assert engine.asked == [(0, 1), (1, 3), (4, 1)]
    assert engine.clock.now - began <= 6
    assert 1 <= outcome.finished < 8
    assert outcome.detail == f"time for {outcome.finished} of 8 candidates"
    assert best_of.draw(PROMPT, 1, seconds=0.01).best is None


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 3.0, 7.0, 20.0])
def test_the_time_is_never_exceeded_even_by_an_engine_of_unknown_pace(
    pool: RenderPool, seconds: float
) -> None:
    for step in (0.1, 1.0, 10.0):
        engine = SteadyEngine(Clock(), step)
        best_of = build(pool, engine, 8)
        for _ in range(3):
            began = engine.clock.now
            outcome = best_of.draw(PROMPT, 1, seconds)
            assert engine.clock.now - began <= seconds + 1e-9
            assert (outcome.best is None) == (outcome.finished == 0)


def test_what_was_finished_before_the_deadline_is_used(pool: RenderPool) -> None:
    engine = SteadyEngine(Clock(), seconds=1.0)
    best_of = build(pool, engine, 8)
    engine.seconds = 0.1
    best_of.draw(PROMPT, 1)  # makes it believe in a tenth of a second
    engine.seconds = 1.0
    outcome = best_of.draw(PROMPT, 1, seconds=3.5)
    assert outcome.finished == 3
    assert find_candidate(outcome) == 0


def test_garbage_and_what_breaks_rules_is_never_the_best(pool: RenderPool) -> None:
    engine = SteadyEngine(Clock(), texts=["no drawing", "<svg><script/></svg>", ""])
    outcome = build(pool, engine, 3).draw(PROMPT, 1)
    assert outcome.best is None or outcome.best.drawing.svg is not None
    nothing = build(pool, SteadyEngine(Clock(), texts=["no drawing"]), 3).draw(PROMPT, 1)
    assert (nothing.best, nothing.finished, nothing.detail) == (None, 3, "no candidate can be used")


def test_the_best_so_far_is_reported_before_it_is_judged(pool: RenderPool) -> None:
    seen: list[tuple[int, float | None]] = []

    def report(best: Candidate, finished: int) -> None:
        seen.append((finished, best.drawing.score))

    engine = SteadyEngine(Clock(), texts=[paint("#f00")])
    build(pool, engine, 2, by="judges").draw(PROMPT, 1, math.inf, report)
    assert [finished for finished, _ in seen] == [2, 2]
    assert seen[0][1] is None
    assert (seen[1][1] or 0) > 0.2


def test_a_drawing_that_the_grammar_closed_counts(pool: RenderPool) -> None:
    engine = SteadyEngine(Clock(), done="budget")
    outcome = build(pool, engine, 2).draw(PROMPT, 1)
    assert (outcome.finished, find_candidate(outcome)) == (2, 0)
