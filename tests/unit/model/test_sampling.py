from __future__ import annotations

import pytest
import torch

from svgtune.config.generate import Sampling
from svgtune.model.sampling import pick_tokens

LOGITS = torch.tensor([0.1, 2.0, -1.0, 1.0, 0.5])


def draw_many(options: Sampling, count: int = 2000) -> torch.Tensor:
    dice = [(i + 0.5) / count for i in range(count)]
    tokens, _ = pick_tokens(LOGITS.expand(count, -1), dice, options)
    return torch.bincount(tokens, minlength=5) / count


def test_without_dice_the_likeliest_token_is_taken() -> None:
    tokens, logprobs = pick_tokens(torch.stack([LOGITS, -LOGITS]), None, Sampling())
    assert tokens.tolist() == [1, 2]
    assert logprobs[0] == pytest.approx(float(LOGITS.log_softmax(-1)[1]), abs=1e-6)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_even_dice_reproduce_the_distribution(temperature: float) -> None:
    shares = draw_many(Sampling(temperature=temperature))
    assert torch.allclose(shares, (LOGITS / temperature).softmax(-1), atol=2e-3)


def test_top_k_keeps_the_k_likeliest_in_proportion() -> None:
    shares = draw_many(Sampling(temperature=1.0, top_k=2))
    assert shares[[0, 2, 4]].sum() == 0
    assert shares[1] / shares[3] == pytest.approx(float(torch.e), rel=0.02)


def test_top_p_keeps_the_token_that_crosses_the_limit() -> None:
    # Sorted probabilities .53 .20 .12 .08 .03 ...: the third crosses 0.8.
    shares = draw_many(Sampling(temperature=1.0, top_p=0.8))
    assert (shares > 0).tolist() == [False, True, False, True, True]


def test_top_k_and_top_p_work_together() -> None:
    shares = draw_many(Sampling(temperature=1.0, top_k=3, top_p=0.7))
    assert (shares > 0).tolist() == [False, True, False, True, False]


def test_min_p_keeps_what_is_likely_beside_the_likeliest_and_its_proportions() -> None:
    # Of the likeliest, the others have .15, .05, .37 and .22; at temperature .5 the squares of that.
    shares = draw_many(Sampling(temperature=1.0, min_p=0.2))
    assert (shares > 0).tolist() == [False, True, False, True, True]
    assert shares[1] / shares[3] == pytest.approx(float(torch.e), rel=0.02)
    assert (draw_many(Sampling(temperature=0.5, min_p=0.1)) > 0).tolist() == [False, True, False, True, False]


@pytest.mark.parametrize(
    "options",
    [
        Sampling(temperature=1.0),
        Sampling(temperature=1.0, top_p=0.9, top_k=4),
        Sampling(temperature=1.0, min_p=0.5),
    ],
)
def test_extreme_dice_stay_among_likely_tokens(options: Sampling) -> None:
    logits = torch.tensor([[0.0, -torch.inf, 0.0, -torch.inf]]).expand(2, -1)
    tokens, _ = pick_tokens(logits, [0.0, 1 - 1e-16], options)
    assert set(tokens.tolist()) == {0, 2}
