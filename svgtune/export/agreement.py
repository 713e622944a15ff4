"""Whether an export does what the adapter did: the same greedy drawings, and the same likelihoods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from svgtune.config.export import CheckSection
from svgtune.config.generate import Sampling
from svgtune.errors import InputError
from svgtune.generate.chat import ChatEncoder
from svgtune.generate.engine import Request
from svgtune.generate.transformers_engine import TransformersEngine

MAX_DIVERGENCE = {torch.float32: 1e-5, torch.float16: 0.002, torch.bfloat16: 0.01}
"""Mean Kullback-Leibler divergence, in nats for each token, up to which two models count as the same one:
what the rounding of merged weights and of the arithmetic makes of it, with room to spare."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near a merged model is to the base with its adapter.

    Attributes:
        divergence: Mean Kullback-Leibler divergence of the merged model's next tokens, in nats.
        logit_difference: Largest difference between two logits.
        same_token: Share of places where both find the same token likeliest.
        places: Tokens that were compared.
    """

    divergence: float
    logit_difference: float
    same_token: float
    places: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A greedy drawing as token ids: the prompt's and the answer's."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


def draw_greedily(model: Any, encoder: ChatEncoder, check: CheckSection) -> list[Drawn]:
    """Draws the check's prompts at temperature 0."""
    engine = TransformersEngine(model, encoder)
    requests = [Request(str(place), prompt, 0) for place, prompt in enumerate(check.prompts)]
    options = Sampling(temperature=0, max_new_tokens=check.max_new_tokens)
    texts = {c.request_id: c.text for c in engine.generate(requests, options)}
    return [
        Drawn(
            encoder.encode(request.prompt).ids,
            tuple(encoder.tokenizer(texts[request.id], add_special_tokens=False)["input_ids"]),
        )
        for request in requests
    ]


@torch.inference_mode()
def read_logits(model: Any, drawings: Sequence[Drawn]) -> list[torch.Tensor]:
    """Returns the logits of each answer's tokens and of what comes after, (tokens + 1, vocabulary), fp32."""
    model.eval()
    logits = []
    for drawn in drawings:
        ids = torch.tensor([[*drawn.prompt, *drawn.answer]], device=model.device)
        out = model(input_ids=ids, logits_to_keep=len(drawn.answer) + 1)
        logits.append(out.logits[0].float())
    return logits


def compare_logits(before: Sequence[torch.Tensor], after: Sequence[torch.Tensor]) -> Agreement:
    """Compares what two models expect at the same places."""
    one, other = torch.cat(list(before)), torch.cat(list(after))
    divergence = functional.kl_div(
        other.log_softmax(-1), one.log_softmax(-1), log_target=True, reduction="none"
    ).sum(-1)
    return Agreement(
        divergence=float(divergence.mean().clamp(min=0)),
        logit_difference=float((one - other).abs().max()),
        same_token=float((one.argmax(-1) == other.argmax(-1)).float().mean()),
        places=len(one),
    )


def check_agreement(agreement: Agreement, dtype: torch.dtype) -> None:
    """Refuses a merged model that is another one than the adapter on its base.

    Raises:
        InputError: They diverge by more than rounding explains.
    """
    limit = MAX_DIVERGENCE[dtype]
    # Written so that NaN is refused as well.
    if not agreement.divergence <= limit:
        raise InputError(
            f"merged: the merged weights diverge from the adapter by {agreement.divergence:.2g} nats a token,"
            f" and {str(dtype).removeprefix('torch.')} explains {limit:g}; export with --precision fp32"
        )
