"""Trains a picture backbone to predict the embeddings of prompts; see --help."""

from __future__ import annotations

import sys

from svgtune.cli import main

if __name__ == "__main__":
    sys.exit(main("inversion"))
