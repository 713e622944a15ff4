from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import cross_entropy

from svgtune.model.losses import WeightedLoss, weigh_tokens

VOCABULARY = {"a": 0, "#f00": 1, "#12ab34": 2, "#g00": 3, " 12": 4}


def test_only_colours_weigh_more():
    tokenizer = SimpleNamespace(get_vocab=lambda: VOCABULARY)
    assert weigh_tokens(tokenizer, 6, 4.0).tolist() == [1, 4, 4, 1, 1, 1]


def test_loss_is_the_weighted_mean_in_training_and_the_plain_mean_in_evaluation():
    torch.manual_seed(0)
    logits = torch.randn(2, 4, 5, requires_grad=True)
    labels = torch.tensor([[-100, 0, 1, 4], [-100, 2, -100, 3]])
    weights = torch.tensor([1.0, 4.0, 4.0, 1.0, 1.0])
    loss = WeightedLoss(weights)
    each = cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none")
    counts = torch.where(labels[:, 1:] >= 0, weights[labels[:, 1:].clamp(min=0)], 0.0)
    expected = (each * counts).sum() / counts.sum()
    assert loss(SimpleNamespace(logits=logits), labels).item() == pytest.approx(expected.item())
    with torch.no_grad():
        plain = loss(SimpleNamespace(logits=logits.detach()), labels)
    assert plain.item() == pytest.approx((each.sum() / (labels[:, 1:] >= 0).sum()).item())
