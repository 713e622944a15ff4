"""Chooses among a model's own scored drawings what to tune it on; see --help."""

from __future__ import annotations

import sys

from svgtune.cli import main

if __name__ == "__main__":
    sys.exit(main("prefer"))
