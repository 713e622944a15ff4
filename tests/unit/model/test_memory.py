from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
from pathlib import Path
from svgtune.model.memory import keep_freed_memory

def count_faults():
    return int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[7])

if {keep}:
    assert keep_freed_memory()
np.ones(8_000_000)
before = count_faults()
for _ in range(5):
    np.ones(8_000_000)
print(count_faults() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_kept_memory_is_not_mapped_anew():
    faults = [
        int(
            subprocess.run(
                [sys.executable, "-c", PROGRAM.format(keep=keep)], capture_output=True, text=True, check=True
            ).stdout
        )
        for keep in (False, True)
    ]
    assert faults[1] < faults[0] / 10
