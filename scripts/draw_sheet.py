"""Puts the drawings of one or more runs on one picture: a column a caption, a row a run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from svgtune.cli import run_script
from svgtune.errors import InputError
from svgtune.render.pool import RenderPool
from svgtune.render.sheet import build_contact_sheet


def read_drawings(folder: Path) -> list[dict[str, str]]:
    """Reads the rows of a run of ``infer/generate.py``."""
    table = folder / "drawings.jsonl"
    if not table.is_file():
        raise InputError(f"{table}: is not there; give the --output folder of infer/generate.py")
    return [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]


def main() -> int:
    """Renders every drawing in the pool and writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="output folders of infer/generate.py")
    parser.add_argument("--output", type=Path, required=True, help="PNG file to write")
    parser.add_argument("--columns", type=int, default=5, help="pictures in a row; 5")
    parser.add_argument("--cell-px", type=int, default=200, help="side of one picture; 200")
    options = parser.parse_args()
    rows = [row for folder in options.folders for row in read_drawings(folder)]
    with RenderPool(size_px=options.cell_px) as pool:
        rendered = pool.render([row["svg"] or "<svg/>" for row in rows])
    items = [(row["prompt"], picture.image) for row, picture in zip(rows, rendered, strict=True)]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    build_contact_sheet(items, options.columns, options.cell_px).save(options.output, optimize=True)
    return 0


if __name__ == "__main__":
    run_script(main)
