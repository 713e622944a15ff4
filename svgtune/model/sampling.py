"""From logits to tokens, with the randomness handed in."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from svgtune.config.generate import Sampling


def pick_tokens(
    logits: torch.Tensor,
    dice: Sequence[float] | None,
    options: Sampling,
    allowed: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Chooses one token a row, by inverting the cumulative distribution at the row's own random number.

    Temperature, then min-p, then top-k, then top-p, as in vLLM.

    Args:
        logits: [rows, vocabulary].
        dice: One number in [0, 1) a row; None is greedy.
        options: Temperature, min-p, top-k and top-p.
        allowed: True for tokens that may be chosen, [rows, vocabulary]; None allows all.

    Returns:
        The tokens [rows], and their log probabilities [rows] at temperature 1 with all tokens and no cut.
    """
    logits = logits.float()
    open_logits = logits if allowed is None else logits.masked_fill(~allowed, -torch.inf)
    if dice is None:
        tokens = open_logits.argmax(dim=-1)
    else:
        tokens = _sample(open_logits / options.heat, torch.tensor(dice, device=logits.device), options)
    if allowed is not None and not (fits := allowed.gather(-1, tokens[:, None])[:, 0]).all():
        # Logits that are no numbers choose anything.
        tokens = torch.where(fits, tokens, allowed.int().argmax(dim=-1))
    chosen = logits.gather(-1, tokens[:, None])[:, 0]
    return tokens, chosen - logits.logsumexp(dim=-1)


def _sample(logits: torch.Tensor, dice: torch.Tensor, options: Sampling) -> torch.Tensor:
    if options.min_p:
        # A token is min_p times as likely as the likeliest where its logit is log(min_p) below.
        least = logits.amax(dim=-1, keepdim=True) + math.log(options.min_p)
        logits = logits.masked_fill(logits < least, -torch.inf)
    order: torch.Tensor | None = None
    if 0 < options.top_k < logits.shape[-1]:
        logits, order = logits.topk(options.top_k, dim=-1)
    elif options.top_p < 1:
        logits, order = logits.sort(dim=-1, descending=True)
    probabilities = logits.softmax(dim=-1)
    cumulative = probabilities.cumsum(dim=-1)
    total = cumulative[:, -1:]
    if options.top_p < 1:
        # The token that crosses top_p still belongs to the nucleus.
        inside = cumulative - probabilities < options.top_p
        total = cumulative.masked_fill(~inside, 0.0).amax(dim=-1, keepdim=True)
    places = torch.searchsorted(cumulative, dice[:, None].to(cumulative.dtype) * total, right=True)
    # Rounding may put the threshold at the very end, behind the last token that can be drawn.
    last = (cumulative < total).sum(dim=-1, keepdim=True).clamp(max=cumulative.shape[-1] - 1)
    places = torch.minimum(places, last)
    return (places if order is None else order.gather(-1, places))[:, 0]
