"""How fast the renderer is against the judge's own way, and how hostile files end in it.

Wall and CPU times are both taken: only the latter means anything on a machine that does other work too.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cairosvg
import numpy as np
from PIL import Image

from svgtune.errors import SvgtuneError
from svgtune.render.pool import RenderPool
from svgtune.render.raster import JUDGE_SIZE_PX, render_svg
from svgtune.render.specimens import HOSTILE, write_specimen

Way = Callable[[Sequence[str]], list[np.ndarray | None]]


def render_plainly(svgs: Sequence[str]) -> list[np.ndarray | None]:
    """The judge's own way."""
    images: list[np.ndarray | None] = []
    for svg in svgs:
        boxed = svg if "viewBox" in svg else svg.replace("<svg", '<svg viewBox="0 0 384 384"')
        try:
            png = cairosvg.svg2png(bytestring=boxed.encode())
            image = (
                Image.open(io.BytesIO(png))
                .convert("RGB")
                .resize((JUDGE_SIZE_PX, JUDGE_SIZE_PX), Image.Resampling.BICUBIC)
            )
            images.append(np.array(image))
        except Exception:  # noqa: BLE001 (CairoSVG raises whatever the file provokes)
            images.append(None)
    return images


def render_directly(svgs: Sequence[str]) -> list[np.ndarray | None]:
    """The surface path, in this process."""
    images: list[np.ndarray | None] = []
    for svg in svgs:
        try:
            images.append(render_svg(svg))
        except SvgtuneError:
            images.append(None)
    return images


def count_equal(left: Sequence[np.ndarray | None], right: Sequence[np.ndarray | None]) -> int:
    """Returns how many pairs are the same picture; a missing one equals nothing."""
    pairs = zip(left, right, strict=True)
    return sum(a is not None and b is not None and np.array_equal(a, b) for a, b in pairs)


def read_cpu_s(pids: Sequence[int]) -> float:
    """Returns the CPU time of this process and of ``pids`` so far."""
    # schedstat counts nanoseconds; the ticks of /proc/PID/stat are samples.
    on_cpu_ns = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)
    return time.process_time() + on_cpu_ns / 1e9


def measure_ways(svgs: Sequence[str], rounds: int, workers: int) -> dict[str, dict[str, float]]:
    """Times each way in turn, ``rounds`` times over; medians in ms per drawing."""
    with RenderPool(1) as single, RenderPool(workers) as pool:
        ways: dict[str, tuple[Way, RenderPool | None]] = {
            "svg2png + PIL": (render_plainly, None),
            "surface, in-process": (render_directly, None),
            "pool, 1 worker": (lambda batch: [r.image for r in single.render(batch)], single),
            f"pool, {workers} workers": (lambda batch: [r.image for r in pool.render(batch)], pool),
        }
        expected = render_plainly(svgs)
        drawn = sum(image is not None for image in expected)
        table: dict[str, dict[str, float]] = {}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for way, _ in ways.values():
            way(svgs[: 20 * workers])
        for _ in range(rounds):
            for name, (way, owner) in ways.items():
                wall, cpu = time.perf_counter(), read_cpu_s(owner.worker_pids if owner else ())
                images = way(svgs)
                cpu = read_cpu_s(owner.worker_pids if owner else ()) - cpu
                times[name].append((time.perf_counter() - wall, cpu))
                same = count_equal(images, expected)
                table[name] = {"bit_exact_share": same / max(1, drawn)}
        for name, row in table.items():
            row["wall_ms"] = statistics.median(wall for wall, _ in times[name]) * 1e3 / len(svgs)
            row["cpu_ms"] = statistics.median(cpu for _, cpu in times[name]) * 1e3 / len(svgs)
        return table


def measure_hostile(workers: int, timeout_s: float) -> dict[str, dict[str, Any]]:
    """Draws each hostile file among 16 good ones; tells how it ended and whether the others were right."""
    good = [write_specimen(seed) for seed in range(16)]
    expected = render_directly(good)
    table: dict[str, dict[str, Any]] = {}
    with RenderPool(workers, timeout_s=timeout_s) as pool:
        for name, write in HOSTILE.items():
            pool.render(good[:1])
            hostile, *others = pool.render([write(), *good])
            right = count_equal([result.image for result in others], expected) == len(good)
            table[name] = {"reason": hostile.reason, "seconds": hostile.seconds, "others_right": right}
    return table
