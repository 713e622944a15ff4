from __future__ import annotations

import numpy as np
import pytest

from svgtune.metric.embedded.calibration import (
    bootstrap_mean,
    build_reliability,
    find_right,
    find_yes,
    fit_temperature,
    share_out,
)


def test_shares_sum_to_one_and_none_is_a_guess():
    shares = share_out(np.array([[4.0, 0.0, -2.0, 1.0], [-30.0, -30.0, -30.0, -29.0]]), 1.0)
    assert shares.sum(-1) == pytest.approx([1, 1])
    assert shares[0].argmax() == 0
    assert shares[1] == pytest.approx([0.25] * 4, abs=1e-6)
    assert share_out(np.array([0.0, 0.0]), 1.0) == pytest.approx([0.5, 0.5])


def test_huge_log_odds_overflow_nothing():
    assert share_out(np.array([1e6, -1e6]), 0.2) == pytest.approx([1, 0])
    assert find_yes(-1e6, 0.2) == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
def test_temperature_of_honest_log_odds_is_one_and_of_boastful_ones_higher():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, 1500)
    targets = [0 if rng.random() < find_yes(value, 1.0) else 1 for value in logits]
    honest = fit_temperature([np.array([value]) for value in logits], targets, True)
    boastful = fit_temperature([np.array([3 * value]) for value in logits], targets, True)
    assert honest == pytest.approx(1, abs=0.2)
    assert boastful == pytest.approx(3, abs=0.6)
    assert fit_temperature([], [], False) == 1.0


def test_right_probability_of_both_kinds():
    assert find_right(np.array([2.0]), 1, 1.0, True) == pytest.approx(1 - find_yes(2.0, 1.0))
    assert find_right(np.array([2.0, 0.0]), 0, 1.0, False) > 0.5


def test_reliability_curve_has_the_error_of_its_bins():
    curve = build_reliability([0.95, 0.95, 0.55, 0.55], [True, True, True, False])
    assert curve["ece"] == pytest.approx(0.05)
    assert [(row["count"], row["share_right"]) for row in curve["bins"]] == [(2, 0.5), (2, 1.0)]


def test_bootstrap_interval_holds_the_mean_and_grows_with_groups():
    values = np.repeat([0.0, 1.0], 50)
    alone, together = bootstrap_mean(values), bootstrap_mean(values, list(np.repeat(range(4), 25)))
    assert alone["low"] < alone["mean"] == 0.5 < alone["high"]
    assert together["high"] - together["low"] > alone["high"] - alone["low"]
    assert bootstrap_mean([])["count"] == 0
