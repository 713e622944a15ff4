"""Measures the renderer: svg2png + PIL against the surface path and the pool, and how hostile files end."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from svgtune.render.benchmark import measure_hostile, measure_ways
from svgtune.render.specimens import write_specimen


def main() -> None:
    """Measures what the command line asks for and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="SVG files to draw; random ones without it")
    parser.add_argument("--count", type=int, default=300, help="drawings to measure with at most")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--timeout-s", type=float, default=2.0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    if options.folder:
        files = sorted(options.folder.rglob("*.svg"))[: options.count]
        svgs = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    else:
        svgs = [write_specimen(seed) for seed in range(options.count)]
    if not svgs:
        parser.error(f"{options.folder}: no SVG files; name another folder")
    ways = measure_ways(svgs, options.rounds, options.workers)
    hostile = measure_hostile(options.workers, options.timeout_s)
    base = ways["surface, in-process"]
    lines = [
        f"{len(svgs)} drawings, {options.rounds} rounds, medians",
        f"{'way':22} wall ms  cpu ms  cpu ratio  bit-exact",
    ]
    for name, row in ways.items():
        ratio = row["cpu_ms"] / base["cpu_ms"]
        lines.append(
            f"{name:22}{row['wall_ms']:8.2f}{row['cpu_ms']:8.2f}{ratio:11.2f}{row['bit_exact_share']:11.1%}"
        )
    lines += ["", f"{'hostile file':22}{'seconds':>8}  reason          others right"]
    lines += [
        f"{n:22}{r['seconds']:8.2f}  {r['reason'] or 'drawn':16}{r['others_right']}"
        for n, r in hostile.items()
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json:
        options.json.write_text(json.dumps({"ways": ways, "hostile": hostile}, indent=1))


if __name__ == "__main__":
    main()
