"""The recipe of ``infer/serve.py``: what draws, where it listens, and how much it takes on."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from svgtune.config.base import Section
from svgtune.config.generate import FLAG_ALIASES as DRAW_ALIASES
from svgtune.config.generate import DrawRecipe, TimeSection

FLAG_ALIASES: dict[str, str] = dict(DRAW_ALIASES)
"""Short command-line names, as of ``infer/generate.py``."""


class LimitsSection(Section):
    """What a request may ask for, and how many may wait."""

    max_body_bytes: int = Field(default=65_536, ge=1024)
    """Largest body of a request; more is refused with 413."""
    max_prompt_chars: int = Field(default=2000, ge=1, le=9999)
    """Longest prompt; more is refused with 413."""
    max_n: int = Field(default=16, ge=1)
    """Most drawings that one request may ask for; more is refused with 422."""
    queue: int = Field(default=128, ge=0)
    """Drawings that may wait for a place among ``sampling.batch_size``; more are refused with 429."""
    body_s: float = Field(default=10, gt=0)
    """Seconds in which a request's body must have come; else it is refused with 408."""


class ServeRecipe(DrawRecipe):
    """Answers requests over HTTP, in OpenAI's form and in a plain one.

    ``time.prompt_s`` is the most that a request may take, waiting included; what is not drawn by then is
    drawn by rules. ``sampling.n`` is what ``/draw`` chooses from where a request does not say.
    """

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 is every one of this machine."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """Port to listen on; 0 takes a free one."""
    name: str | None = None
    """What the model is called in requests. None: its folder's name, or the adapter's."""
    limits: LimitsSection = LimitsSection()
    time: TimeSection = TimeSection(prompt_s=60, reserve_s=2)
    start_s: float = Field(default=900, gt=0)
    """Most seconds for loading the model, before the server gives up."""
    stop_s: float = Field(default=20, gt=0)
    """When it is told to stop, drawings in the making have so long to be finished; then rules make them."""
    restarts: int = Field(default=1, ge=0)
    """How often an engine that died is started again. Until it is back, new requests wait for it in their
    time; once it stays away, rules make all drawings."""

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        if self.time.prompt_s is None or self.time.mean_s is not None:
            raise ValueError("a server needs time.prompt_s, and knows no time.mean_s; set the one alone")
        if self.time.reserve_s >= self.time.prompt_s:
            raise ValueError(
                f"time.reserve_s is {self.time.reserve_s:g}, and time.prompt_s only {self.time.prompt_s:g}; "
                "lower it"
            )
        if self.select.stop_at_score is not None:
            raise ValueError("a server draws all candidates at once; leave select.stop_at_score away")
        most = self.sampling.batch_size + self.limits.queue
        if not self.sampling.n <= self.limits.max_n <= most:
            raise ValueError(
                f"limits.max_n is {self.limits.max_n}; it must hold sampling.n, {self.sampling.n}, and fit "
                f"into batch_size and queue, {most} together"
            )
        return self
