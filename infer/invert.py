"""Predicts the embeddings of the captions that pictures were made for; see --help."""

from __future__ import annotations

import sys

from svgtune.cli import main

if __name__ == "__main__":
    sys.exit(main("invert"))
