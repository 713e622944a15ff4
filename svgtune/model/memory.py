"""How the C library's allocator is told to treat the large tensors of training on a CPU."""

from __future__ import annotations

import ctypes
import logging
import sys

logger = logging.getLogger(__name__)

# Parameters of glibc's mallopt(3).
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_MAX = -4
_NEVER = 2**31 - 1
_PAD_BYTES = 64 * 2**20


def keep_freed_memory() -> bool:
    """Makes this process keep the memory that tensors free, instead of handing it back to the system.

    A CPU step frees and takes the same tens of megabytes again and again; each time the system maps and
    zeroes the pages anew, which can cost as much as the arithmetic (``scripts/bench_train.py`` measures it).
    The process then stays as large as it has ever been.

    Returns:
        Whether the C library took the settings; False anywhere but on Linux with glibc.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _NEVER), (_M_TOP_PAD, _PAD_BYTES))
    taken = all(mallopt(parameter, value) == 1 for parameter, value in settings)
    logger.debug("allocator: freed memory is %s", "kept" if taken else "handed back")
    return taken
