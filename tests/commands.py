"""Runs scripts of the checkout in processes forked from one that has imported the slow libraries already.

A process of its own spends eight seconds on importing torch and transformers, several times what most tests'
commands take after that. All else is as in a fresh process: working folder, environment, exit status, output,
and the checkout's own modules, none of which are imported beforehand.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

_SLOW = [
    "torch",
    "datasets",
    "scipy.stats",
    "transformers.models.auto.modeling_auto",
    "transformers.models.qwen2.modeling_qwen2",
    "transformers.trainer",
    "peft",
]


def run_python(
    words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], timeout_s: float, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Runs ``python WORDS...`` and returns the finished process with its text, whatever its exit status.

    ``words`` begin with a script, or with ``-m`` and a module, which gets its own process. The output waits
    in ``folder`` until it is read.

    Raises:
        subprocess.TimeoutExpired: It took longer than ``timeout_s``; it and its children have been killed.
    """
    if words[0].startswith("-"):
        return subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_SLOW)
    output, errors = folder / "command.stdout", folder / "command.stderr"
    for file in (output, errors):
        file.write_bytes(b"")
    process = context.Process(target=_become, args=(list(words), cwd, dict(environment), output, errors))
    process.start()
    process.join(timeout_s)
    if process.exitcode is None:
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
        raise subprocess.TimeoutExpired(list(words), timeout_s, output.read_text(), errors.read_text())
    return subprocess.CompletedProcess(list(words), process.exitcode, output.read_text(), errors.read_text())


def _become(words: list[str], cwd: Path, environment: dict[str, str], output: Path, errors: Path) -> None:
    """Makes this process what ``python WORDS...`` would be, and runs it to its end."""
    for descriptor, file, mode in ((0, Path(os.devnull), "rb"), (1, output, "wb"), (2, errors, "wb")):
        with file.open(mode) as opened:
            os.dup2(opened.fileno(), descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    sys.path[:0] = [
        str(Path(words[0]).resolve().parent),
        *environment.get("PYTHONPATH", "").split(os.pathsep),
    ]
    try:
        runpy.run_path(words[0], run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out
