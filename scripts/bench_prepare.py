"""Measures how fast prepare works and how much memory it takes, all its processes together.

python scripts/bench_prepare.py --config recipes/data/openmoji.yaml [--key value ...]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from svgtune.cli import run_script
from svgtune.config.loader import read_recipe
from svgtune.config.prepare import PrepareRecipe
from svgtune.data import prepare

SAMPLE_EVERY_S = 0.5


class TreeMeter:
    """Watches this process and all below it.

    Attributes:
        peak_mib: Largest sum of the processes' proportional memory (shared pages are counted once).
    """

    def __init__(self) -> None:
        self.peak_mib = 0.0
        self._cpu: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> TreeMeter:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def cpu_s(self) -> float:
        """Processor time so far, in seconds."""
        return sum(self._cpu.values())

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_EVERY_S):
            memory = 0.0
            for pid in list_tree(os.getpid()):
                cpu_s, memory_mib = read_process(pid)
                self._cpu[pid] = max(cpu_s, self._cpu.get(pid, 0.0))
                memory += memory_mib
            self.peak_mib = max(self.peak_mib, memory)


def list_tree(root: int) -> list[int]:
    """Returns a process and all below it."""
    tree = [root]
    for pid in tree:
        try:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                tree += map(int, children.read_text().split())
        except OSError:
            continue
    return tree


def read_process(pid: int) -> tuple[float, float]:
    """Returns processor seconds and proportional memory (MiB) of a process; zeros where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0, 0.0
    ticks = int(fields[11]) + int(fields[12])
    memory_kib = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return ticks / os.sysconf("SC_CLK_TCK"), memory_kib / 1024


def main() -> int:
    """Runs prepare in a temporary folder and reports."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--config", type=Path, default=Path("recipes/data/scenes.yaml"))
    parser.add_argument("--output", type=Path, help="keep the data set there; default: a temporary folder")
    known, overrides = parser.parse_known_args()
    recipe = read_recipe(PrepareRecipe, known.config, overrides)
    with tempfile.TemporaryDirectory() as folder, TreeMeter() as meter:
        started = time.monotonic()
        report = prepare.run(recipe, known.output or Path(folder, "run"))
        seconds = time.monotonic() - started
    rows = report.manifest["in"]
    sys.stdout.write(
        f"{report}\n"
        f"{rows:,} rows in {seconds:.1f} s and {meter.cpu_s:.1f} s of processor time\n"
        f"{rows / seconds:.0f} rows/s, {rows / meter.cpu_s:.0f} rows/s per core that it has to itself\n"
        f"peak memory of all processes {meter.peak_mib:.0f} MiB\n"
    )
    return 0


if __name__ == "__main__":
    run_script(main)
