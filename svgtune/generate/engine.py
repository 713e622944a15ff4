"""What every engine does: requests in, completions out, in whatever order they finish."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from svgtune.config.generate import Sampling

MIN_ANSWER_TOKENS = 16
"""With less room than this after the prompt no drawing can come out."""


@dataclass(frozen=True, slots=True)
class Request:
    """One caption to be drawn ``Sampling.n`` times.

    Attributes:
        id: Unique among the requests of one call.
        seed: Together with the candidate's number it fixes the random choices of a drawing.
        first: Number of its first candidate: those before it have been asked for already.
        deadline: Time of ``time.monotonic`` at which what is not done is given up.
    """

    id: str
    prompt: str
    seed: int
    first: int = 0
    deadline: float = math.inf


@dataclass(frozen=True, slots=True)
class Completion:
    """One candidate as the model wrote it.

    Attributes:
        candidate: From ``Request.first`` on; 0 where the request was refused.
        tokens: Tokens generated, without the one that ends the turn.
        seconds: From the moment the model began to read the prompt to the last token. Candidates share the
            machine with others of their batch, so these do not add up to the run's time.
        finish: ``stop``: the model ended its turn; ``budget``: the grammar ended the drawing, as its bytes or
            tokens ran out; ``length``: cut at the limit; ``time``: given up at the deadline; ``refused``:
            never begun.
        logprob: Mean log probability of the tokens at temperature 1; None where there are none.
        detail: What a person should know about it, such as why it was refused; usually empty.
        plan: What a model that plans first wrote before ``text``; it is counted in ``tokens``.
    """

    request_id: str
    candidate: int
    text: str
    tokens: int
    seconds: float
    finish: Literal["stop", "budget", "length", "time", "refused"]
    logprob: float | None = None
    detail: str = ""
    plan: str = ""


class Engine(Protocol):
    """Generates drawings for captions."""

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        """Yields ``options.n`` completions for each request, or a single refused one, as they finish."""
        ...


def refuse_long_prompt(request: Request, tokens: int, context_tokens: int) -> Completion:
    """Returns the answer to a prompt that leaves no room for a drawing."""
    detail = f"prompt: has {tokens} tokens of the {context_tokens} that the model can hold; shorten it"
    return Completion(request.id, 0, "", 0, 0.0, "refused", detail=detail)


def find_seed(run_seed: int, prompt: str, copy: int = 0) -> int:
    """Returns the seed of a prompt in a run; the same text again, as another ``copy``, gets another."""
    key = f"{run_seed}\0{copy}\0{prompt}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 1
