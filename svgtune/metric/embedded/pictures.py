"""Lessons to pixels: drawn by the render pool, plain and through the image defences, once for all epochs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from svgtune.errors import RenderError
from svgtune.metric.defence import Defence, defend_image
from svgtune.metric.embedded.lessons import Lesson
from svgtune.render.pool import RenderPool
from svgtune.runs import write_json_atomic

PLAIN, DEFENDED = 0, 1
_CHUNK = 256
_VISIBLE = 40  # levels of 255 in one channel
_MIN_CHANGED = 0.004


def view_lesson(image: np.ndarray, side_px: int, seed: int, defend: Defence = defend_image) -> np.ndarray:
    """Shrinks a render and its defended view; returns uint8 of shape [2, side, side, 3]."""
    size = (side_px, side_px)
    judged = np.asarray(defend(image, seed).judged)
    return np.stack([cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (image, judged)])


def draw_lessons(
    lessons: Sequence[Lesson], side_px: int, pool: RenderPool, threads: int, first_seed: int = 0,
    defend: Defence = defend_image,
) -> Iterator[np.ndarray]:  # fmt: skip
    """Yields both views of each lesson, in order.

    Args:
        lessons: What to draw.
        side_px: Of the views.
        pool: Draws at the judge's size.
        threads: That make the defended views.
        first_seed: Of the first lesson's defence; the next ones follow.
        defend: Makes the defended view.

    Raises:
        RenderError: A scene cannot be drawn.
    """
    with ThreadPoolExecutor(threads) as executor:
        rendered = pool.imap(lesson.svg for lesson in lessons)
        for start in range(0, len(lessons), _CHUNK):
            waiting = []
            for place in range(start, min(start + _CHUNK, len(lessons))):
                result = next(rendered)
                if result.image is None:
                    raise RenderError(
                        f"{lessons[place].id}: {result.reason}: {result.detail}; the scene or the way it was "
                        "made wrong is at fault"
                    )
                waiting.append(
                    executor.submit(view_lesson, result.image, side_px, first_seed + place, defend)
                )
            yield from (future.result() for future in waiting)


def open_pictures(
    folder: Path, lessons: Sequence[Lesson], side_px: int, pool: RenderPool, threads: int, key: str,
    report: Callable[[int, int, float], None], defend: Defence = defend_image,
) -> np.ndarray:  # fmt: skip
    """Draws what an earlier, interrupted run has not drawn yet, and opens the file of all pictures.

    Args:
        folder: Holds ``pictures.npy`` and how far it is filled.
        lessons: The same as then.
        side_px: Likewise.
        pool: Draws.
        threads: Make the defended views.
        key: Names the lessons; pictures of another key are drawn anew.
        report: Is called with pictures done, all pictures, and pictures a second.
        defend: Makes the defended views.

    Returns:
        uint8 of shape [lessons, 2, side, side, 3], mapped into memory: plain and defended views.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file, progress = folder / "pictures.npy", folder / "progress.json"
    shape = (len(lessons), 2, side_px, side_px, 3)
    done = 0
    if file.is_file() and progress.is_file():
        kept = json.loads(progress.read_text(encoding="utf-8"))
        done = kept["done"] if (kept["key"], tuple(kept["shape"])) == (key, shape) else 0
    pixels = np.lib.format.open_memmap(file, "r+" if done else "w+", np.uint8, shape)
    began, first = time.monotonic(), done
    for views in draw_lessons(lessons[done:], side_px, pool, threads, done, defend):
        pixels[done] = views
        done += 1
        if done % _CHUNK == 0 or done == len(lessons):
            pixels.flush()
            write_json_atomic(progress, {"done": done, "shape": shape, "key": key})
            report(done, len(lessons), (done - first) / (time.monotonic() - began))
    return np.load(file, mmap_mode="r")


def find_changed(right: np.ndarray, wrong: np.ndarray) -> bool:
    """Says whether a wrong drawing can be told from the right one at all, by their plain views."""
    apart = np.abs(right[PLAIN].astype(np.int16) - wrong[PLAIN]).max(-1) > _VISIBLE
    return float(apart.mean()) >= _MIN_CHANGED


def count_threads(workers: int | None) -> int:
    """Returns the number of workers asked for, or of usable cores."""
    return workers or len(os.sched_getaffinity(0))
