"""A Python module as a process of its own, with a channel to it, that can be killed whatever it does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from svgtune.threads import set_waiting

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_SETTINGS = {
    # Nothing is fetched at the competition, and a client that tries would wait for its timeouts.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class ChildLostError(Exception):
    """The process is gone, or has closed its channel."""


class Child:
    """Starts ``python -m module FD``; whatever can be pickled goes both ways.

    It has a session of its own, so that Ctrl-C does not reach it, and what it started is killed with it.

    Args:
        module: Dotted name; its main gets the channel's file descriptor as its only argument.
    """

    def __init__(self, module: str) -> None:
        near, far = socket.socketpair()
        search = [str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**_SETTINGS, **os.environ, "PYTHONPATH": os.pathsep.join(search)}
        set_waiting(environment)
        with far:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(far.fileno())],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(far.fileno(),),
                start_new_session=True,
            )
        self._channel = Connection(near.detach())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, message: Any) -> None:
        """Sends a message.

        Raises:
            ChildLostError: It is gone.
        """
        try:
            self._channel.send(message)
        except OSError as error:
            raise ChildLostError from error

    def receive(self, timeout_s: float) -> Any:
        """Returns its next message; None where none has come in time.

        Raises:
            ChildLostError: It is gone.
        """
        try:
            if not self._channel.poll(max(0.0, timeout_s)):
                return None
            return self._channel.recv()
        except (EOFError, OSError) as error:
            raise ChildLostError from error

    def end(self, grace_s: float = 0.0) -> int:
        """Ends it, by force where it does not go by itself in time.

        Returns:
            Its exit status, or minus the signal that ended it.
        """
        self._channel.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()


def open_channel(argument: str) -> Connection:
    """Returns the channel to the parent, in a child; from now on the child ends when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    return Connection(int(argument))


def _watch_parent(pid: int) -> None:
    while os.getppid() == pid:
        time.sleep(1.0)
    os._exit(1)


def find_left_s(end: float) -> float:
    """Returns the seconds until a time of ``time.monotonic``, at least 0."""
    return max(0.0, end - time.monotonic())
