"""What stands behind the server: an engine that writes one candidate for each call."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from svgtune.config.generate import Sampling
from svgtune.generate.engine import Completion, Request


class State(StrEnum):
    """What an engine is doing; ``lost`` is for good."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    LOST = "lost"


class Writer(Protocol):
    """Writes candidates side by side, as many as it is asked for at a time."""

    @property
    def state(self) -> State:
        """Whether it can write now."""

    @property
    def restarts(self) -> int:
        """How often it was started again."""

    async def start(self) -> None:
        """Loads the model.

        Raises:
            EngineError: It does not start.
        """

    async def write(self, request: Request, options: Sampling) -> Completion:
        """Writes the candidate ``request.first``; waits where the engine is being started. May be cancelled.

        Raises:
            EngineError: The engine died, or is lost.
        """

    async def count_prompt(self, prompt: str) -> int:
        """Returns how many tokens the model reads for a prompt."""

    async def read_metrics(self) -> str:
        """Returns the engine's own figures in Prometheus' text form; nothing where it has none."""

    async def close(self) -> None:
        """Ends the engine."""
