"""The loss of pretraining: cross-entropy in which some tokens count more than others."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import PreTrainedTokenizerBase

_COLOUR = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")


def weigh_tokens(tokenizer: PreTrainedTokenizerBase, size: int, colour_weight: float) -> torch.Tensor:
    """Returns a weight for each of ``size`` vocabulary entries: ``colour_weight`` for colours, else 1."""
    weights = torch.ones(size)
    for piece, index in tokenizer.get_vocab().items():
        if _COLOUR.fullmatch(piece):
            weights[index] = colour_weight
    return weights


class WeightedLoss:
    """Weighted mean over a batch's labelled tokens; the plain mean where no gradient is taken."""

    def __init__(self, weights: torch.Tensor) -> None:
        self._weights = weights

    def __call__(self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
        """Computes the loss of ``outputs.logits`` [batch, length, vocabulary] at labels [batch, length]."""
        logits = outputs.logits[:, :-1].flatten(0, 1).float()
        weights = self._weights.to(logits) if logits.requires_grad else None
        return cross_entropy(logits, labels[:, 1:].flatten(), weight=weights)
