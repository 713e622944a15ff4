from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from svgtune.config.grpo import CurriculumSection
from svgtune.model.curriculum import Curriculum

IDS = [f"caption-{number}" for number in range(20)]


def build(seed=1, **values):
    return Curriculum(CurriculumSection(**values), IDS, seed)


def count_draws(curriculum, rounds=400, count=4):
    return Counter(place for number in range(rounds) for place in curriculum.choose(count, number))


def test_nothing_known_is_uniform():
    drawn = count_draws(build())
    assert min(drawn[place] for place in range(20)) > 50
    assert sum(drawn.values()) == 1600


def test_a_round_draws_each_caption_at_most_once():
    for number in range(50):
        assert sorted(build().choose(20, number)) == list(range(20))


def test_spread_is_drawn_more_often_and_flat_groups_seldom():
    curriculum = build(memory=0)
    curriculum.record(range(10), [0.4] * 5 + [0.0] * 5)
    weights = curriculum.find_weights()
    assert weights.tolist() == pytest.approx([2.0] * 5 + [0.1] * 5 + [1.5] * 10)
    drawn = count_draws(curriculum)
    parts = (range(5), range(5, 10), range(10, 20))
    wide, flat, unseen = (np.mean([drawn[place] for place in part]) for part in parts)
    assert wide > unseen > 5 * flat > 0


def test_where_nothing_taught_anything_the_unseen_come_next():
    curriculum = build()
    curriculum.record(range(16), [0.0] * 16)
    weights = curriculum.find_weights()
    assert weights.tolist() == pytest.approx([0.1] * 16 + [1.5] * 4)


def test_earlier_spreads_fade_and_what_was_not_judged_is_no_spread():
    curriculum = build(memory=0.5)
    curriculum.record([3], [0.4])
    curriculum.record([3, 4], [0.0, None])
    assert curriculum.spreads == {"caption-3": pytest.approx(0.2)}


def test_the_choice_follows_from_seed_round_and_spreads():
    one, other = build(), build()
    one.record([1, 2], [0.3, 0.1])
    other.spreads = dict(one.spreads)
    assert one.choose(6, 7) == other.choose(6, 7)
    assert one.choose(6, 7) != one.choose(6, 8)
    assert one.choose(6, 7) != build(seed=2).choose(6, 7)


def test_figures_of_a_choice():
    curriculum = build(memory=0)
    curriculum.record(range(20), [0.3] * 10 + [0.1] * 10)
    assert curriculum.summarise(range(10))["curriculum/mean_weight"] == pytest.approx(1.5)
    assert curriculum.summarise(range(20)) == {
        "curriculum/mean_weight": pytest.approx(1.0), "curriculum/seen": 1.0,
    }  # fmt: skip
