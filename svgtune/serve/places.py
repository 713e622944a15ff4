"""Who may draw now, who waits, and who is turned away."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager

from svgtune.serve.refusal import RefusalError


class Places:
    """So many drawings are in the making at a time, so many more may wait, and all others are refused.

    Args:
        count: Drawings in the making.
        queue: Drawings that may wait.
    """

    def __init__(self, count: int, queue: int) -> None:
        self._count = count
        self._queue = queue
        self._admitted = 0
        self._drawing = 0
        self._turn = asyncio.Semaphore(count)
        self._mean_s = 1.0

    @property
    def drawing(self) -> int:
        """Drawings in the making."""
        return self._drawing

    @property
    def waiting(self) -> int:
        """Drawings that wait for their turn."""
        return self._admitted - self._drawing

    @contextmanager
    def admit(self, drawings: int) -> Iterator[None]:
        """Lets a request in with all its drawings, until the block ends.

        Raises:
            RefusalError: There is no room; it says when to come again.
        """
        if self._admitted + drawings > self._count + self._queue:
            wait_s = math.ceil(max(1.0, self.waiting / self._count * self._mean_s))
            raise RefusalError(
                429,
                f"{self._drawing} drawings are in the making and {self.waiting} of at most {self._queue} "
                f"wait; try again in {wait_s} s",
                retry_after_s=wait_s,
            )
        self._admitted += drawings
        try:
            yield
        finally:
            self._admitted -= drawings

    async def take(self) -> None:
        """Waits for a place."""
        await self._turn.acquire()
        self._drawing += 1

    def give_back(self, seconds: float) -> None:
        """Frees a place that was held for so many seconds."""
        self._drawing -= 1
        self._mean_s += (seconds - self._mean_s) / 16
        self._turn.release()
