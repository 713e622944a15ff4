from __future__ import annotations

from typing import Any

import pytest
import torch

from svgtune.model.attention import GROUPED_ATTENTION
from svgtune.model.load import load_base

# The second row is shorter: it is padded on the left, as prompts are.
TOKENS = torch.tensor([[5, 9, 17, 33, 21, 8, 40], [0, 0, 0, 12, 50, 7, 31]])
SEEN = torch.tensor([[1] * 7, [0] * 3 + [1] * 4])


def read(model: Any, *, padded: bool) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Returns log probabilities and the gradients of their sum at the tokens."""
    model.zero_grad()
    rows = slice(None) if padded else slice(1)
    mask = SEEN[rows] if padded else None
    logps = model(input_ids=TOKENS[rows], attention_mask=mask, use_cache=False).logits.log_softmax(-1)
    (logps[SEEN[rows].bool()] ** 2).sum().backward()
    return logps[SEEN[rows].bool()].detach(), [p.grad for p in model.parameters() if p.grad is not None]


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("architecture", ["qwen2", "gemma3_text", "gemma3"])
def test_it_computes_what_eager_attention_does(tiny_base, architecture: str, padded: bool) -> None:
    ours, eager = load_base(tiny_base(architecture)), load_base(tiny_base(architecture), attention="eager")
    assert ours.config._attn_implementation == GROUPED_ATTENTION
    logps, gradients = read(ours, padded=padded)
    expected, true_gradients = read(eager, padded=padded)
    assert torch.allclose(logps, expected, atol=1e-5)
    assert len(gradients) == len(true_gradients)
    for own, true in zip(gradients, true_gradients, strict=True):
        assert torch.allclose(own, true, rtol=1e-3, atol=1e-3 * float(true.abs().max()))


def test_keys_and_values_are_not_repeated_for_the_heads_of_a_group(tiny_base, monkeypatch) -> None:
    shapes = []
    whole = torch.nn.functional.scaled_dot_product_attention

    def note(query: torch.Tensor, key: torch.Tensor, *rest: Any, **options: Any) -> torch.Tensor:
        shapes.append((query.shape[1], key.shape[1], options["attn_mask"] is not None))
        return whole(query, key, *rest, **options)

    monkeypatch.setattr("svgtune.model.attention.scaled_dot_product_attention", note)
    read(load_base(tiny_base()), padded=True)
    assert shapes == [(4, 2, True)] * 2
