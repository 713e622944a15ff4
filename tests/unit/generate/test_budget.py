from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svgtune.config.generate import TimeSection
from svgtune.generate.budget import Budget, Pace


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_without_limits_there_is_all_the_time_in_the_world() -> None:
    assert Budget(TimeSection(), Clock()).begin() == math.inf


def test_what_a_prompt_leaves_over_the_next_ones_may_use_up_to_the_limit_of_one() -> None:
    clock = Clock()
    budget = Budget(TimeSection(mean_s=60, prompt_s=100), clock)
    assert budget.begin() == 60
    clock.now += 10
    budget.end()
    clock.now += 1000  # between prompts nobody draws
    assert budget.begin() == 100
    clock.now += 100
    assert budget.begin() == 70
    clock.now += 90  # more than it had
    assert budget.begin() == 40
    assert budget.spent_s == 200


def test_an_overdrawn_budget_leaves_nothing() -> None:
    clock = Clock()
    budget = Budget(TimeSection(mean_s=10), clock)
    budget.begin()
    clock.now += 35
    assert [budget.begin(), budget.begin()] == [0, 0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.5, 100), st.floats(0.5, 400))
def test_neither_limit_is_ever_exceeded(uses: list[float], mean_s: float, prompt_s: float) -> None:
    clock = Clock()
    budget = Budget(TimeSection(mean_s=mean_s, prompt_s=prompt_s), clock)
    for count, use in enumerate(uses, start=1):
        seconds = budget.begin()
        assert 0 <= seconds <= prompt_s
        clock.now += use * seconds
        budget.end()
        assert budget.spent_s <= count * mean_s * (1 + 1e-9) + 1e-6


def test_a_pace_that_knows_nothing_tries_one() -> None:
    pace = Pace()
    assert pace.fit(10, 8) == 1
    assert pace.fit(math.inf, 8) == 8
    assert pace.fit(0, 8) == 0
    assert pace.estimate(3) == math.inf


def test_a_pace_halves_until_the_slowest_batch_and_a_quarter_fit() -> None:
    pace = Pace()
    for seconds in (8, 10, 9):
        pace.observe(8, seconds)
    pace.observe(1, 4)
    assert pace.estimate(8) == 12.5
    assert pace.estimate(16) == 25
    assert pace.estimate(2) == 10  # twice one, which is less than what eight take
    assert [pace.fit(seconds, 16) for seconds in (30, 13, 10.5, 5, 3, 1)] == [16, 8, 2, 1, 1, 0]


def test_a_late_batch_is_no_bound_and_the_way_back_is_open() -> None:
    pace = Pace()
    pace.observe(8, 20, late=True)
    assert pace.fit(30, 8) == 1
    assert [pace.fit(15, 8), pace.fit(15, 8)] == [0, 1]
    pace.observe(1, 3)
    assert pace.fit(15, 8) == 4


@pytest.mark.parametrize("seed", range(5))
def test_a_fit_is_never_more_than_what_was_measured_allows(seed: int) -> None:
    rng = random.Random(seed)
    pace = Pace()
    for _ in range(40):
        pace.observe(rng.choice((1, 2, 4, 8)), rng.uniform(1, 20))
    for _ in range(50):
        seconds, most = rng.uniform(0, 60), rng.randint(1, 32)
        count = pace.fit(seconds, most)
        assert count <= most
        assert count <= 1 or pace.estimate(count) <= seconds
