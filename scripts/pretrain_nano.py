"""Trains the nano base model from scratch; see --help."""

from __future__ import annotations

import sys

from svgtune.cli import main

if __name__ == "__main__":
    sys.exit(main("pretrain"))
