"""Completions for reinforcement by our own decoder, in place of ``model.generate``."""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from trl import GRPOConfig

from svgtune.config.generate import Sampling
from svgtune.errors import RecipeError, TrainingError
from svgtune.model.arguments import has_split_weights
from svgtune.model.constrain import Constraint
from svgtune.model.decoder import Decoder, Guide, Job
from svgtune.model.lora import paused_training


def can_write(args: GRPOConfig) -> bool:
    """Says whether the decoder can do what these arguments ask; otherwise TRL's own ways must."""
    return not (
        args.use_vllm
        or args.use_transformers_continuous_batching
        or has_split_weights(args)
        or args.generation_kwargs
        or args.repetition_penalty != 1.0
    )


def list_round_settings(args: GRPOConfig) -> dict[str, int]:
    """Lists what a round's drawings, and how they lie over steps and processes, follow from."""
    return {
        "num_processes": args.world_size,
        "trainer.steps_per_generation": args.steps_per_generation,
        "trainer.num_iterations": args.num_iterations,
        "trainer.num_generations": args.num_generations,
        "trainer.per_device_train_batch_size": args.per_device_train_batch_size,
    }


def check_same_round(progress: Mapping[str, Any], args: GRPOConfig, checkpoint: Path) -> None:
    """Makes sure that a run goes on with rounds of the shape that its checkpoint has.

    Args:
        progress: As it was saved beside the checkpoint. Earlier versions did not save ``round``; of theirs
            only a round that was not yet learned from tells how many steps it has.
        args: Of the run that goes on.
        checkpoint: For the message.

    Raises:
        RecipeError: A setting differs.
    """
    saved = progress.get("round")
    if saved is None:
        buffered = progress.get("buffered")
        saved = {} if buffered is None else {"trainer.steps_per_generation": len(buffered)}
    for name, value in list_round_settings(args).items():
        if saved.get(name, value) != value:
            raise RecipeError(
                f"{name}: is {value}, but {checkpoint} was written with {saved[name]}; resume with "
                f"{saved[name]}, or begin anew with --overwrite"
            )


def write_completions(
    model: Any,
    prompts: Sequence[Sequence[int]],
    stop_ids: Collection[int],
    args: GRPOConfig,
    batch_size: int,
    guide: Guide | None = None,
) -> list[list[int]]:
    """Writes one completion for each prompt; a prompt that comes several times in a row is read once.

    What is written follows from torch's random state on the CPU, which checkpoints hold, and moves it on by
    one number.

    Args:
        model: The policy, unwrapped; it is in evaluation mode while it writes.
        prompts: Token ids of each.
        stop_ids: Tokens that end a completion.
        args: Temperature, min-p, top-p, top-k and the longest completion.
        batch_size: Completions that grow at the same time.
        guide: Limits what may be written; None lets the model write anything.

    Returns:
        The token ids of each completion; the last one is a stop token unless it was cut off.

    Raises:
        TrainingError: The model's probabilities are no numbers.
    """
    seed = int(torch.randint(2**62, (1,)).item())
    jobs, first = [], 0
    for prompt, same in groupby(map(tuple, prompts)):
        count = len(list(same))
        for start in range(first, first + count, batch_size):
            places = range(start, min(start + batch_size, first + count))
            streams = [random.Random(f"{seed}/{place}") for place in places]
            jobs.append(Job(start, prompt, streams, args.max_completion_length))
        first += count
    options = Sampling(
        temperature=args.temperature,
        top_p=args.top_p,
        top_k=args.top_k or 0,
        min_p=args.min_p or 0.0,
        max_new_tokens=args.max_completion_length,
        batch_size=batch_size,
    )
    completions: list[list[int]] = [[] for _ in prompts]
    with paused_training(model):
        for written in Decoder(model, stop_ids, guide).write(jobs, options):
            if not math.isfinite(written.logprob):
                raise TrainingError("the model's probabilities are no numbers any more")
            end = [] if written.stop is None else [written.stop]
            completions[written.key + written.place] = [*written.tokens, *end]
    return completions


def read_constrained(
    model: Any,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    logits_to_keep: int,
    constraint: Constraint,
    args: GRPOConfig,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Reads completions that were written under a grammar, as the policy under that grammar sees them.

    A token that was the only one allowed has probability 1, and no gradient.

    Args:
        model: The policy or the reference.
        input_ids: [rows, prompt + completion], prompts padded on the left, completions on the right.
        attention_mask: As ``input_ids``, 0 on padding.
        logits_to_keep: Columns of the completion.
        constraint: As it was given to ``write_completions``.
        args: Temperature, and the longest completion.

    Returns:
        Log probabilities and entropies at that temperature, [rows, ``logits_to_keep``]; 0 on padding.
    """
    output = model(
        input_ids=input_ids,
        attention_mask=attention_mask,
        logits_to_keep=logits_to_keep + 1,
        use_cache=False,
    )
    logits = output.logits[:, -logits_to_keep - 1 : -1].float() / args.temperature
    tokens, lengths = input_ids[:, -logits_to_keep:], attention_mask[:, -logits_to_keep:].sum(dim=1)
    # On padding one token is allowed, which has probability 1.
    allowed = torch.zeros_like(logits, dtype=torch.bool).scatter_(-1, tokens[..., None], value=True)
    for row, length in enumerate(lengths.tolist()):
        if length:
            written = tokens[row, :length].tolist()
            allowed[row, :length] = constraint.allow_along(
                written, args.max_completion_length, logits.shape[-1], logits.device
            )
    logps = logits.masked_fill(~allowed, -torch.inf).log_softmax(dim=-1)
    chosen = logps.gather(-1, tokens[..., None])[..., 0]
    known = logps.masked_fill(~allowed, 0.0)
    return chosen, -(known.exp() * known * allowed).sum(dim=-1)
