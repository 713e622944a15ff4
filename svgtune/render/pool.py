"""Drawing in worker processes that can be killed, so that a hostile SVG costs one drawing and no more."""

from __future__ import annotations

import json
import math
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from svgtune.errors import RenderError
from svgtune.render.raster import JUDGE_SIZE_PX, MAX_SVG_BYTES
from svgtune.render.worker import BEGUN, READY, WorkerOptions, map_pixels

_CHUNK = 8
_CHUNK_CHARS = 1_000_000
_START_LIMIT_S = 60.0
_SEND_LIMIT_S = 5
_START_ATTEMPTS = 3
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_WORKER_SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # glibc would hand the pixels of each drawing back to the kernel and ask for them again at the next, which
    # costs a third of its time; what is larger than 8 MiB still goes back.
    "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of one drawing.

    Attributes:
        image: uint8 of shape [size, size, 3]; None where ``reason`` is set.
        reason: None, or ``render_timeout``, ``render_memory``, ``render_crash`` or ``render_error``.
        detail: A sentence for a person; empty where the drawing succeeded.
        seconds: Wall-clock time in the worker.
    """

    image: np.ndarray | None
    reason: str | None
    detail: str
    seconds: float


@dataclass(slots=True)
class _Run:
    """One call of ``imap``: what waits for a worker, and what is done but not yet handed out."""

    pending: deque[_Job] = field(default_factory=deque)
    finished: dict[int, Rendered] = field(default_factory=dict)


@dataclass(slots=True)
class _Job:
    index: int
    svg: str
    run: _Run

    def finish(self, image: np.ndarray | None, reason: str | None, detail: str, seconds: float) -> None:
        self.run.finished[self.index] = Rendered(image, reason, detail, seconds)


class _Lost(Exception):  # noqa: N818 (a state, not a failure of the caller)
    """The worker process is gone."""


class _Worker:
    """The pool's end of one worker process."""

    def __init__(self, size_px: int, timeout_s: float, memory_mib: int) -> None:
        near, far = socket.socketpair()
        # A worker that does not read must not stop the pool from watching the others.
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", _SEND_LIMIT_S, 0))
        with os.fdopen(os.memfd_create("svgtune-pixels"), "w+b") as memory, far:
            memory.truncate(_CHUNK * size_px * size_px * 3)
            self._pixels = map_pixels(memory.fileno(), _CHUNK, size_px)
            options = WorkerOptions(far.fileno(), memory.fileno(), _CHUNK, size_px, timeout_s, memory_mib)
            search = [str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "svgtune.render.worker", options.to_argument()],
                env={**os.environ, **_WORKER_SETTINGS, "PYTHONPATH": os.pathsep.join(search)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(far.fileno(), memory.fileno()),
                start_new_session=True,
            )
        self.channel = Connection(near.detach())
        # Connection.poll builds a selector at each call, which costs more than all the rest of a reply.
        self._arrivals = select.poll()
        self._arrivals.register(self.channel, select.POLLIN)
        self.chunk: deque[_Job] = deque()
        self.ready = False
        self.begun = False
        self.spent = False  # to be replaced once it is idle
        self.drawn = 0
        self._place = 0
        self.since = time.monotonic()
        self._timeout_s = timeout_s

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def idle(self) -> bool:
        return self.ready and not self.chunk

    @property
    def deadline(self) -> float:
        """Monotonic time at which what it does now has taken too long; infinite while idle."""
        if not self.ready:
            return self.since + _START_LIMIT_S
        return self.since + self._timeout_s if self.chunk else math.inf

    def send(self, jobs: Sequence[_Job]) -> None:
        """Hands it a chunk; raises OSError where it is gone or does not read."""
        self.channel.send_bytes(pickle.dumps([job.svg for job in jobs], pickle.HIGHEST_PROTOCOL))
        self.chunk.extend(jobs)
        self.begun = False
        self._place = 0
        self.since = time.monotonic()

    def receive(self) -> None:
        """Takes in every reply that has arrived; raises _Lost where the process is gone."""
        try:
            while self._arrivals.poll(0):
                message = self.channel.recv_bytes()
                self.since = time.monotonic()
                if message in (READY, BEGUN):
                    self.ready = True
                    self.begun = message == BEGUN
                    continue
                reason, detail, seconds = json.loads(message)
                image = None if reason else np.array(self._pixels[self._place])
                self.chunk.popleft().finish(image, reason, detail, seconds)
                self._place += 1
                self.drawn += 1
                # What is left of a drawing that ran out of memory may be in the next one's way.
                self.spent = self.spent or reason == "render_memory"
        except (EOFError, OSError) as error:
            raise _Lost from error

    def kill(self) -> None:
        """Ends the process now, whatever it does."""
        self._process.kill()
        self._process.wait()
        self.channel.close()

    def read_status(self) -> int:
        """Returns how a lost process ended: its exit status, or minus the signal that killed it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)  # the channel may close a moment before the process is gone
        self.kill()
        return self._process.returncode


def _wait_for_replies(workers: Sequence[_Worker], timeout_s: float) -> list[_Worker]:
    """Returns the workers that have something to say or are gone, as soon as there is one."""
    arrivals = select.poll()
    for worker in workers:
        arrivals.register(worker.channel, select.POLLIN)
    readable = {number for number, _ in arrivals.poll(math.ceil(timeout_s * 1000))}
    return [worker for worker in workers if worker.channel.fileno() in readable]


def _kill_all(workers: list[_Worker]) -> None:
    while workers:
        workers.pop().kill()


class RenderPool:
    """Worker processes that draw SVGs as the judge does, each drawing within limits of time and memory.

    A drawing that takes too long, too much memory or its worker down is reported as such; the worker is
    replaced and the other drawings are not touched. Workers start on first use, import no torch, and end with
    the pool or with the process that owns it. Threads may share a pool.

    Args:
        workers: Number of processes; None for one per usable core.
        timeout_s: Wall-clock limit per drawing, from its own start in the worker.
        memory_mib: What a drawing may take on top of an idle worker.
        recycle_after: Drawings after which a worker is replaced, against slow leaks.
        size_px: Side of the pictures; only 384 is what the judge sees.
    """

    def __init__(
        self,
        workers: int | None = None,
        timeout_s: float = 2.0,
        memory_mib: int = 512,
        recycle_after: int = 20_000,
        size_px: int = JUDGE_SIZE_PX,
    ) -> None:
        self._count = workers or len(os.sched_getaffinity(0))
        self._timeout_s = timeout_s
        self._memory_mib = memory_mib
        self._recycle_after = recycle_after
        self._size_px = size_px
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._lock = threading.Lock()
        self._finalizer = weakref.finalize(self, _kill_all, self._workers)

    def __enter__(self) -> RenderPool:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the workers; what they were drawing is lost. A later call starts new ones."""
        with self._lock:
            _kill_all(self._workers)

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        return [worker.pid for worker in self._workers]

    def render(self, svgs: Sequence[str]) -> list[Rendered]:
        """Draws all of them; the results are in the order of ``svgs``."""
        return list(self.imap(svgs, look_ahead=len(svgs)))

    def imap(self, svgs: Iterable[str], look_ahead: int | None = None) -> Iterator[Rendered]:
        """Draws a stream; yields results in order while later ones are being drawn.

        Args:
            svgs: Any iterable; it is read as the drawings are asked for.
            look_ahead: How many drawings may be taken from ``svgs`` beyond the last one yielded, finished
                pictures included (442 kB each at 384 px); None for 64 per worker.
        """
        limit = max(1, 64 * self._count if look_ahead is None else look_ahead)
        run = _Run()
        source = enumerate(svgs)
        taken = yielded = 0
        exhausted = False
        while not exhausted or yielded < taken:
            while not exhausted and taken - yielded < limit:
                index, svg = next(source, (-1, ""))
                exhausted = index < 0
                if not exhausted:
                    taken += 1
                    self._queue(_Job(index, svg, run))
                if len(run.pending) == _CHUNK:
                    self._step(run, block=False)  # draws while a slow source still fills the look-ahead
            if yielded in run.finished:
                if run.pending:
                    self._step(run, block=False)  # keeps the workers busy while the caller takes its time
                yield run.finished.pop(yielded)
                yielded += 1
            elif yielded < taken:
                self._step(run, block=True)

    def _queue(self, job: _Job) -> None:
        if len(job.svg) > MAX_SVG_BYTES:
            detail = f"render: text of {len(job.svg)} characters; keep it within {MAX_SVG_BYTES}"
            job.finish(None, "render_error", detail, 0.0)
        else:
            job.run.pending.append(job)

    def _step(self, run: _Run, *, block: bool) -> None:
        """Gives idle workers work, takes in replies, and kills what is over its time."""
        with self._lock:
            self._refill()
            for worker in self._workers:
                if worker.idle and run.pending:
                    self._dispatch(worker, run)
            earliest = min((worker.deadline for worker in self._workers), default=math.inf)
            # With nothing under way there is nothing to wait for: another thread has taken the reply in.
            waits = block and earliest < math.inf
            timeout_s = max(0.0, earliest - time.monotonic()) if waits else 0.0
            for worker in _wait_for_replies(self._workers, timeout_s):
                try:
                    worker.receive()
                except _Lost:
                    self._bury(worker)
            now = time.monotonic()
            for worker in [w for w in self._workers if w.deadline <= now]:
                self._bury(worker, overdue=True)

    def _refill(self) -> None:
        for worker in [w for w in self._workers if w.idle and (w.spent or w.drawn >= self._recycle_after)]:
            self._workers.remove(worker)
            worker.kill()
        while len(self._workers) < self._count:
            self._workers.append(_Worker(self._size_px, self._timeout_s, self._memory_mib))

    def _dispatch(self, worker: _Worker, run: _Run) -> None:
        """Sends a chunk: small near the end of the queue, so that the workers end together."""
        most = min(_CHUNK, max(1, math.ceil(len(run.pending) / (2 * self._count))))
        jobs: list[_Job] = []
        characters = 0
        while run.pending and len(jobs) < most and characters < _CHUNK_CHARS:
            jobs.append(run.pending.popleft())
            characters += len(jobs[-1].svg)
        try:
            worker.send(jobs)
        except OSError:  # gone while idle: no drawing is to blame
            run.pending.extendleft(reversed(jobs))
            self._bury(worker)

    def _bury(self, worker: _Worker, *, overdue: bool = False) -> None:
        """Removes a lost or overdue worker; its current drawing is lost, the rest of its chunk requeued."""
        self._workers.remove(worker)
        if overdue:
            worker.kill()
            status = -signal.SIGALRM
        else:
            status = worker.read_status()
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _START_ATTEMPTS:
                self._failed_starts = 0
                raise RenderError(
                    f"render pool: {_START_ATTEMPTS} workers did not start, the last ended with status "
                    f"{status}; read its own message on stderr"
                )
            return
        self._failed_starts = 0
        if worker.chunk and (worker.begun or overdue):
            job = worker.chunk.popleft()
            seconds = time.monotonic() - worker.since
            if status == -signal.SIGALRM:
                detail = f"render: over {self._timeout_s:g} s; simplify the drawing"
                job.finish(None, "render_timeout", detail, seconds)
            else:
                detail = f"render: the worker ended with status {status}; the drawing may have killed it"
                job.finish(None, "render_crash", detail, seconds)
        while worker.chunk:
            job = worker.chunk.pop()
            job.run.pending.appendleft(job)
