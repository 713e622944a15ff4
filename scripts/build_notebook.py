"""Writes the notebook of a submission recipe, ready to upload to Kaggle; --KEY VALUE sets a key of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from svgtune.assets import find_asset
from svgtune.cli import run_script
from svgtune.config import read_recipe
from svgtune.config.submission import FLAG_ALIASES, SubmissionRecipe
from svgtune.submission.notebook import WHEELS_FOLDER, build_notebook, write_notebook


def main() -> int:
    """Reads the recipe and writes the notebook."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: --model /kaggle/input/mine --n 8")
    parser.add_argument("--config", default="recipes/submission/qwen2.5_3b.yaml", help="submission recipe")
    parser.add_argument("--wheels", default=WHEELS_FOLDER, help=f"folder of wheels; {WHEELS_FOLDER}")
    parser.add_argument("--output", type=Path, required=True, help="file to write, such as submission.ipynb")
    options, words = parser.parse_known_args()
    for short, full in FLAG_ALIASES.items():
        words = [f"--{full}" if word == f"--{short}" else word for word in words]
    recipe = read_recipe(SubmissionRecipe, find_asset(options.config), words)
    write_notebook(build_notebook(recipe, options.wheels), options.output)
    sys.stdout.write(f"{options.output}: written; upload it to Kaggle and attach the folders that it names\n")
    return 0


if __name__ == "__main__":
    run_script(main)
