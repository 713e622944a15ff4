"""Exports a tuned adapter, alone or merged, and uploads it to Kaggle or the hub; see --help."""

from __future__ import annotations

import sys

from svgtune.cli import main

if __name__ == "__main__":
    sys.exit(main("export"))
