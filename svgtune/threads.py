"""How the threads of a process wait for each other; to be set before torch is loaded."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}
"""Environment of libgomp, with which torch computes on a CPU: look for work a thousand times, then sleep.

A small model's products take less time than falling asleep and waking up, so that threads that sleep at
once are slower alone; threads that look on, as libgomp's own do, are fast alone, and take three times as
long where something else keeps a core. This lies between. ``scripts/bench_threads.py`` measures all three.
"""


def set_waiting(environment: MutableMapping[str, str] = os.environ) -> None:
    """Sets what is not yet set; a wait policy of the user's own stands, with whatever count belongs to it."""
    if "OMP_WAIT_POLICY" not in environment:
        for name, value in WAITING.items():
            environment.setdefault(name, value)
