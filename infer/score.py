"""Scores drawings as the competition does, with figures and a gallery page; see --help."""

from __future__ import annotations

import sys

from svgtune.cli import main

if __name__ == "__main__":
    sys.exit(main("score"))
