"""The process behind ``pool.RenderPool``: draws what it is sent until the other end hangs up.

It is started as ``python -m svgtune.render.worker`` and not through multiprocessing, because spawn and
forkserver import the main script again, and that script may import torch. Nothing here imports more than
CairoSVG, numpy and PIL.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import pickle
import resource
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from svgtune.errors import RenderError
from svgtune.render.raster import render_svg

READY = b"ready"
BEGUN = b"begun"
_MIB = 1 << 20
# How much later than the pool's own kill the kernel ends a hung worker, should the pool be busy or gone.
_ALARM_GRACE_S = 0.5


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What the pool tells a worker on its command line.

    Attributes:
        channel_fd: Socket on which chunks of SVG texts arrive and BEGUN and one JSON reply per drawing leave.
        pixels_fd: Memory of ``slots`` pictures; the drawing at place i of a chunk is written to slot i.
        memory_mib: Address space a drawing may take on top of what the started worker holds.
    """

    channel_fd: int
    pixels_fd: int
    slots: int
    size_px: int
    timeout_s: float
    memory_mib: int

    def to_argument(self) -> str:
        """Returns the options as one command-line argument."""
        return json.dumps(asdict(self))


def map_pixels(pixels_fd: int, slots: int, size_px: int) -> np.ndarray:
    """Returns the shared pictures, uint8 of shape [slots, size, size, 3]."""
    shape = (slots, size_px, size_px, 3)
    return np.frombuffer(mmap.mmap(pixels_fd, math.prod(shape)), dtype=np.uint8).reshape(shape)


def _limit_memory(memory_mib: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = held + memory_mib * _MIB
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _render_into(slot: np.ndarray, svg: str, options: WorkerOptions) -> tuple[str | None, str]:
    try:
        slot[:] = render_svg(svg, options.size_px)
    except RenderError as error:
        return "render_error", str(error)
    except MemoryError:
        return "render_memory", f"render: more than {options.memory_mib} MiB; simplify the drawing"
    return None, ""


def serve(options: WorkerOptions) -> None:
    """Draws chunk after chunk until the channel closes."""
    channel = Connection(options.channel_fd)
    pixels = map_pixels(options.pixels_fd, options.slots, options.size_px)
    _limit_memory(options.memory_mib)
    channel.send_bytes(READY)
    # pixman reports odd input on stderr; the pool reports it as the drawing's own error.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    with suppress(EOFError, ConnectionError):
        while True:
            message = channel.recv_bytes()
            channel.send_bytes(BEGUN)  # a worker lost before this has hurt itself on no drawing
            svgs: list[str] = pickle.loads(message)
            for slot, svg in zip(pixels, svgs, strict=False):
                signal.setitimer(signal.ITIMER_REAL, options.timeout_s + _ALARM_GRACE_S)
                start = time.perf_counter()
                reason, detail = _render_into(slot, svg, options)
                seconds = time.perf_counter() - start
                channel.send_bytes(json.dumps((reason, detail, seconds)).encode())
            signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pool's process, which ends the workers
    serve(WorkerOptions(**json.loads(sys.argv[1])))
