"""Time limits while drawing: what a prompt may take, and how many candidates fit into it.

A run has a mean and each prompt a limit of its own. What has been measured says what fits; where that is
wrong, the engine's deadline ends a batch that runs over.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from svgtune.config.generate import TimeSection

_REMEMBERED = 32
_MARGIN = 1.25


class Budget:
    """Hands out the seconds of each prompt so that neither limit is exceeded, however many prompts there are.

    After k prompts at most k times the mean is spent, whatever k is; time between prompts does not count.

    Args:
        limits: Mean of the run, and the most for one prompt.
        clock: Monotonic seconds.
    """

    def __init__(self, limits: TimeSection, clock: Callable[[], float] = time.monotonic) -> None:
        self._mean_s = math.inf if limits.mean_s is None else limits.mean_s
        self._prompt_s = math.inf if limits.prompt_s is None else limits.prompt_s
        self._clock = clock
        self._began: float | None = None
        self.prompts = 0
        self.spent_s = 0.0

    def begin(self) -> float:
        """Starts the time of a prompt and returns the seconds that it has; infinite without limits."""
        self.end()
        self.prompts += 1
        self._began = self._clock()
        left = self.prompts * self._mean_s - self.spent_s
        return max(0.0, min(self._prompt_s, left))

    def end(self) -> None:
        """Ends the time of the prompt that was begun, if there is one."""
        if self._began is not None:
            self.spent_s += self._clock() - self._began
            self._began = None


class Pace:
    """Learns how long so many candidates take together.

    A batch of fewer takes at most as long, and one of more at most in proportion: that is what is reckoned
    with, from the slowest of the latest batches of each size, and a quarter on top.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[int, float, bool]] = deque(maxlen=_REMEMBERED)

    def observe(self, count: int, seconds: float, *, late: bool = False) -> None:
        """Notes what a batch took; a late one was ended before it was done, and would have taken longer."""
        if count > 0:
            self._seen.append((count, seconds, late))

    def estimate(self, count: int) -> float:
        """Returns the seconds that ``count`` candidates take at most; infinite where nothing is known."""
        slowest: dict[int, float] = {}
        for size, seconds, late in self._seen:
            slowest[size] = max(slowest.get(size, 0.0), math.inf if late else seconds)
        bounds = (seconds * max(1.0, count / size) for size, seconds in slowest.items())
        return _MARGIN * min(bounds, default=math.inf)

    def fit(self, seconds: float, most: int) -> int:
        """Returns how many candidates to draw next, from ``most`` through halves of it to none.

        Before anything is known it is one, and so it is where one alone may just be done in time. Where it is
        none, all that is known is forgotten.
        """
        if seconds <= 0 or most < 1:
            return 0
        if seconds == math.inf:
            return most
        count = most
        while count >= 1:
            if self.estimate(count) <= seconds:
                return count
            count //= 2
        quickest = min((took if late else took / size for size, took, late in self._seen), default=0.0)
        if quickest < seconds:
            return 1
        # The machine may only have been busy: the next prompt tries one again.
        self._seen.clear()
        return 0
