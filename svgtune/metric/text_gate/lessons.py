"""Lessons of the text gate: scenes with and without writing, and what the reader reads in them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from svgtune.errors import RenderError
from svgtune.metric.defence import defend_reduced
from svgtune.metric.embedded.lessons import Split
from svgtune.metric.embedded.ocr import EmbeddedOcr
from svgtune.metric.guards import show_faint
from svgtune.metric.text_gate.network import shrink_to_gate
from svgtune.metric.text_gate.writing import write_on
from svgtune.records import Sample
from svgtune.render.pool import RenderPool

logger = logging.getLogger(__name__)

SEARCHES_PX = (160, 256)
_CHUNK = 500
_WRITTEN, _FAINT = 0.5, 0.5  # shares of the pictures
_HIDDEN_IN_FAINT, _HIDDEN_IN_PLAIN = 0.8, 0.15  # of what is written

Draw = Callable[[int, int, Split], Sample]
"""Draws the scene of a seed and a number."""


@dataclass(frozen=True, slots=True, eq=False)
class GateLessons:
    """Pictures and what the reader reads in them.

    Attributes:
        pixels: uint8 of shape [pictures, GATE_PX, GATE_PX, 3].
        read: Characters read, of shape [pictures, searches], for each of ``SEARCHES_PX``.
        written: Whether something was written there, bool of shape [pictures].
        faint: Whether they are what the guards show of what is faint, bool of shape [pictures].
    """

    pixels: np.ndarray
    read: np.ndarray
    written: np.ndarray
    faint: np.ndarray


def read_lessons(
    draw: Draw, seed: int, count: int, split: Split, pool: RenderPool, threads: int | None, folder: Path
) -> GateLessons:
    """Makes lessons of ``count`` scenes, or reads from ``folder`` what an interrupted run has made.

    Raises:
        RenderError: A scene cannot be drawn.
        MachineError: The reader is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in range(0, count, _CHUNK):
        size = min(_CHUNK, count - start)
        file = folder / f"{split}-{seed}-{start}-{size}.npz"
        if not file.is_file():
            made = _make_lessons(draw, seed, start, size, split, pool, threads)
            temporary = file.with_name(f".{file.name}")
            np.savez(temporary, **made)
            temporary.replace(file)
        with np.load(file) as kept:
            parts.append(dict(kept))
        logger.info("%s pictures: %d of %d", split, start + size, count)
    return GateLessons(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _make_lessons(
    draw: Draw, seed: int, start: int, count: int, split: Split, pool: RenderPool, threads: int | None
) -> dict[str, Any]:
    scenes = [draw(seed, start + number, split) for number in range(count)]
    renders = render_scenes([scene.id for scene in scenes], [scene.svg for scene in scenes], pool)
    with ThreadPoolExecutor(threads) as executor:
        seen = list(executor.map(partial(_view, seed), scenes, renders, range(start, start + count)))
    images = [Image.fromarray(view) for view, _, _ in seen]
    read = [
        [len(text) for text in EmbeddedOcr(search_px=px, threads=threads).read(images)] for px in SEARCHES_PX
    ]
    return {
        "pixels": np.stack([shrink_to_gate(view) for view, _, _ in seen]),
        "read": np.array(read, np.int32).T,
        "written": np.array([written for _, written, _ in seen]),
        "faint": np.array([faint for _, _, faint in seen]),
    }


def render_scenes(ids: Sequence[str], svgs: Sequence[str], pool: RenderPool) -> list[np.ndarray]:
    """Draws scenes, uint8 of shape [384, 384, 3].

    Raises:
        RenderError: A scene cannot be drawn.
    """
    images = []
    for sample_id, picture in zip(ids, pool.render(svgs), strict=True):
        if picture.image is None:
            raise RenderError(f"{sample_id}: {picture.reason}: {picture.detail}; the scene is at fault")
        images.append(picture.image)
    return images


def _view(seed: int, scene: Sample, image: np.ndarray, number: int) -> tuple[np.ndarray, bool, bool]:
    """Returns a view of a scene, whether something is written there, and whether it is the faint view."""
    rng = np.random.default_rng((seed, number))
    faint, written = bool(rng.random() < _FAINT), bool(rng.random() < _WRITTEN)
    if written:
        hidden = bool(rng.random() < (_HIDDEN_IN_FAINT if faint else _HIDDEN_IN_PLAIN))
        image = write_on(image, scene.caption, rng, faint=hidden)
    view = show_faint(image) if faint else np.asarray(defend_reduced(image, number).read)
    return view, written, faint
