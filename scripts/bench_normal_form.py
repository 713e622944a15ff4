"""Measures the normal form on folders of SVG files: fidelity, size, speed, and what is dropped and why.

python scripts/bench_normal_form.py FOLDER [FOLDER ...] --limit 3000 --seed 0
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from cairosvg.parser import Tree
from cairosvg.surface import PNGSurface
from lxml import etree
from tqdm import tqdm

from svgtune.config.form import NormalForm
from svgtune.errors import RenderError, SvgError
from svgtune.render.raster import render_svg
from svgtune.svg.canonical import canonical_svg, place_root
from svgtune.svg.parse import parse_svg

SIZE_PX = 384


def render_reference(text: bytes, form: NormalForm) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Draws the original centred on a square; returns the pixels and the part that is the original."""
    root = parse_svg(text, skip_doctype=True)
    _, viewport, content = place_root({str(k): str(v) for k, v in root.attrib.items()}, 1)
    width, height = content[2] - content[0], content[3] - content[1]
    if not root.get("viewBox"):
        root.set("viewBox", f"0 0 {viewport.width} {viewport.height}")
    for name, value in (("x", content[0]), ("y", content[1]), ("width", width), ("height", height)):
        root.set(name, str(value))
    frame = etree.Element("{http://www.w3.org/2000/svg}svg", viewBox="0 0 1 1", width="1", height="1")
    frame.append(root)
    surface = _draw(etree.tostring(frame), form)
    pixels = np.frombuffer(surface.cairo.get_data(), np.uint8).reshape(SIZE_PX, SIZE_PX, 4)
    left, top, right, bottom = (n * SIZE_PX for n in content)
    inside = slice(int(np.ceil(top)), int(bottom)), slice(int(np.ceil(left)), int(right))
    return pixels[:, :, 2::-1].copy(), inside


def _draw(text: bytes, form: NormalForm) -> PNGSurface:
    return PNGSurface(
        Tree(bytestring=text),
        None,
        96,
        output_width=SIZE_PX,
        output_height=SIZE_PX,
        background_color=form.background,
    )


def measure(path: Path, form: NormalForm) -> dict[str, Any]:
    """Returns one drawing's figures; ``reason`` is empty for a drawing that is kept."""
    text = path.read_bytes()
    row: dict[str, Any] = {"path": str(path), "bytes_in": len(text), "reason": ""}
    begin = time.process_time()
    try:
        canonical = canonical_svg(text, form)
    except SvgError as error:
        return row | {"reason": error.reason, "ms": (time.process_time() - begin) * 1000}
    row |= {"ms": (time.process_time() - begin) * 1000, "bytes_out": len(canonical.svg)}
    row["reason"] = canonical.lost[0] if canonical.lost else ""
    try:
        reference, inside = render_reference(text, form)
        drawn = render_svg(canonical.svg, SIZE_PX)
    except (RenderError, ValueError, TypeError, AttributeError) as error:
        return row | {"reason": row["reason"] or "not_rendered", "detail": str(error)}
    difference = np.abs(reference[inside].astype(np.int16) - drawn[inside].astype(np.int16))
    return row | {"difference": float(difference.mean())}


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns the published figures."""
    kept = [row for row in rows if not row["reason"]]
    differences = np.array([row["difference"] for row in kept] or [0.0])
    return {
        "drawings": len(rows),
        "kept": len(kept),
        "kept_share": round(len(kept) / max(1, len(rows)), 4),
        "dropped": dict(Counter(str(row["reason"]) for row in rows if row["reason"]).most_common()),
        "difference_mean": round(float(differences.mean()), 4),
        "difference_p50_p95_p99_max": [
            round(float(np.quantile(differences, q)), 3) for q in (0.5, 0.95, 0.99, 1)
        ],
        "bytes_ratio": round(sum(r["bytes_out"] for r in kept) / max(1, sum(r["bytes_in"] for r in kept)), 4),
        "ms_mean": round(float(np.mean([row["ms"] for row in rows])), 3),
        "ms_median": round(float(np.median([row["ms"] for row in rows])), 3),
    }


def main() -> None:
    """Runs the measurement and prints a JSON summary, the worst drawings last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=3000, help="drawings taken at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worst", type=int, default=0, help="how many of the kept drawings to list")
    options = parser.parse_args()
    paths = sorted(path for folder in options.folders for path in folder.rglob("*.svg"))
    random.Random(options.seed).shuffle(paths)
    chosen = tqdm(paths[: options.limit], unit="drawing", disable=None)
    rows = [measure(path, NormalForm()) for path in chosen]
    sys.stdout.write(json.dumps(summarise(rows), indent=2) + "\n")
    kept = sorted((r for r in rows if not r["reason"]), key=lambda r: -float(r.get("difference", 0)))
    for row in kept[: options.worst]:
        sys.stdout.write(f"{row['difference']:.3f} {row['path']}\n")


if __name__ == "__main__":
    main()
