"""The drawing process from outside: started, asked, watched, and started again once it is lost."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import MachineError
from svgtune.generate.prompts_file import Prompt
from svgtune.submission.child import Child, ChildLostError, find_left_s
from svgtune.submission.messages import Best, Done, Started, Task

logger = logging.getLogger(__name__)

WORKER = "svgtune.submission.worker"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came back for one description.

    Attributes:
        best: The best drawing that was reported; None where there was none.
        detail: What went wrong, or fell short; empty otherwise.
    """

    best: Best | None
    detail: str
    tokens: int = 0


class EngineProcess:
    """Keeps one drawing process, and never waits longer than it is told to.

    Args:
        recipe: What it loads.
        worker: Module that it runs.
    """

    def __init__(self, recipe: SubmissionRecipe, worker: str = WORKER) -> None:
        self._recipe = recipe
        self._worker = worker
        self._child: Child | None = None
        self._ready = False
        self._started_at = 0.0
        self._starts = 0
        self._number = 0
        self._due: float | None = None  # when a description that was asked for should have been done
        self.start_s = 0.0

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none."""
        return None if self._child is None else self._child.pid

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return max(0, self._starts - 1)

    def start(self) -> None:
        """Starts the process and waits until it can draw, once again where it dies on the way.

        Raises:
            MachineError: It cannot be started, or not in time.
        """
        end = time.monotonic() + self._recipe.start_s
        self._spawn()
        detail = ""
        while self._child is not None and not self._ready and time.monotonic() < end:
            detail = self._await_ready(end)
        if not self._ready:
            self.close()
            raise MachineError(
                f"submission: {detail or f'the engine was not ready within {self._recipe.start_s:g} s'}; "
                "its own messages are above"
            )

    def draw(self, prompt: Prompt, seconds: float) -> Drawn:
        """Draws one description, or returns what there is when the time is over.

        A process that is gone or hangs is started again if the recipe allows it. One that is merely late is
        waited for at the next description.
        """
        reserve_s = self._recipe.time.reserve_s
        end = time.monotonic() + seconds - reserve_s / 4
        detail = "" if self._ready else self._await_ready(end)
        detail = detail or self._await_idle(end)
        if detail or self._child is None:
            return Drawn(None, detail)
        best: Best | None = None
        self._number += 1
        left = max(0.0, find_left_s(end) - reserve_s * 3 / 4)
        try:
            self._child.send(Task(self._number, prompt, left))
            self._due = time.monotonic() + left
            while (message := self._child.receive(find_left_s(end))) is not None:
                if isinstance(message, Done):
                    self._due = None
                    return Drawn(best, message.detail, message.tokens)
                best = message
        except ChildLostError:
            return Drawn(best, self._replace("the engine was lost"))
        return Drawn(best, "the engine did not answer in time")

    def close(self) -> None:
        """Ends the process."""
        if self._child is not None:
            self._child.end()
        self._child, self._ready = None, False

    def _spawn(self) -> None:
        self._starts += 1
        self._started_at = time.monotonic()
        self._ready = False
        self._child = Child(self._worker)
        try:
            self._child.send(self._recipe)
        except ChildLostError:
            logger.warning("submission: the engine died at once")

    def _await_ready(self, end: float) -> str:
        """Waits for a process that is loading; returns why it still cannot draw, or nothing."""
        if self._child is None:
            return "there is no engine any more"
        try:
            message = self._child.receive(find_left_s(end))
        except ChildLostError:
            return self._replace("the engine was lost while it was loading")
        if message is None:
            if time.monotonic() - self._started_at > self._recipe.start_s:
                return self._replace("the engine did not load in time")
            return "the engine is still loading"
        assert isinstance(message, Started)
        if message.failure:
            self.close()
            return message.failure
        self._ready, self.start_s = True, message.seconds
        return ""

    def _await_idle(self, end: float) -> str:
        """Waits for a process that is late with an earlier description; returns why it still is."""
        while self._due is not None and self._child is not None:
            hung = self._due + self._recipe.hang_s
            try:
                message = self._child.receive(find_left_s(min(end, hung)))
            except ChildLostError:
                return self._replace("the engine was lost")
            if isinstance(message, Done) and message.number == self._number:
                self._due = None
            elif message is None and time.monotonic() >= hung:
                return self._replace("the engine hung")
            elif message is None:
                return "the engine is still busy with an earlier description"
        return ""

    def _replace(self, reason: str) -> str:
        """Ends the process and starts another if there may be one; returns what happened."""
        assert self._child is not None
        status = self._child.end()
        self._child, self._ready, self._due = None, False, None
        detail = f"{reason} (status {status})"
        again = self._starts <= self._recipe.restarts
        logger.warning("submission: %s; %s", detail, "starting it again" if again else "it stays away")
        if again:
            self._spawn()
        return detail
