"""Attention for the CPU whose heads share keys and values without copies of them."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

GROUPED_ATTENTION = "svgtune_grouped_sdpa"
"""The name it has as a model's ``attn_implementation``."""


def attend_grouped(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Computes what transformers' ``sdpa`` does.

    That one repeats keys and values for every head of a group as soon as there is a mask, because CUDA's fast
    kernels want it; the CPU's do not, and the copies were a fifth of a step of decoding.

    Args:
        module: The attention layer.
        query: [rows, heads, new columns, width].
        key: [rows, key heads, columns, width].
        value: As ``key``.
        attention_mask: [rows or 1, 1, new columns, columns], True where a column is seen; None for causal
            attention.
        dropout: Share of attention weights that are dropped.
        scaling: Factor of the scores; None for 1 / sqrt(width).
        is_causal: None for the layer's own.

    Returns:
        [rows, new columns, heads, width], and no attention weights.
    """
    causal = getattr(module, "is_causal", True) if is_causal is None else is_causal
    output = scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=attention_mask,
        dropout_p=dropout,
        is_causal=causal and attention_mask is None and query.shape[2] > 1,
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return output.transpose(1, 2).contiguous(), None


AttentionInterface.register(GROUPED_ATTENTION, attend_grouped)
AttentionMaskInterface.register(GROUPED_ATTENTION, sdpa_mask)
