"""Writes the page of a tuning run from its folder, also of one that was interrupted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from svgtune.cli import run_script
from svgtune.model.report import write_report


def main() -> int:
    """Writes the page and says where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--run", type=Path, required=True, help="output folder of train/grpo.py or train/sft.py"
    )
    parser.add_argument("--output", type=Path, help="page to write; report.html in that folder")
    options = parser.parse_args()
    page = write_report(options.run, options.output)
    sys.stdout.write(f"open {page} in a browser\n")
    return 0


if __name__ == "__main__":
    run_script(main)
