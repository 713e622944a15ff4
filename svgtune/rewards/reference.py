"""Likeness of a drawing to its prompt's own: pixels, edges and, if given, a picture encoder's view."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import cv2
import numpy as np

from svgtune.render.pool import RenderPool
from svgtune.rewards.evaluation import Judged

_SIDE_PX = 128
_KEPT = 4096

Embed = Callable[[np.ndarray], np.ndarray]
"""Turns pictures, uint8 [pictures, height, width, 3], into unit vectors [pictures, width]."""


class ReferenceTerm:
    """Rates likeness, 0 to 1; None where a prompt has no reference that can be drawn.

    The mean of 1 less the root mean square difference of the pixels, the cosine of the edges' strengths, and
    the cosine of the encoder's vectors (cut off at 0). After RLRF (arXiv 2505.20793), which rewards likeness
    of pixels, edges and an encoder's features.

    Args:
        pool: Draws the references, each once.
        embed: The encoder; None leaves its part out.
    """

    def __init__(self, pool: RenderPool, embed: Embed | None = None) -> None:
        self._pool = pool
        self._embed = embed
        self._drawn: dict[str, np.ndarray] = {}

    def __call__(self, batch: Sequence[Judged]) -> list[float | None]:
        """Rates a batch."""
        rates: list[float | None] = [None if one.failed or not one.task.reference else 0.0 for one in batch]
        self._draw({one.task.reference for one in batch if one.task.reference})
        pairs = {}
        for place, one in enumerate(batch):
            if rates[place] is None:
                continue
            reference = self._drawn.get(one.task.reference)
            if reference is None:
                rates[place] = None
            elif one.counts:
                pairs[place] = (_shrink(np.asarray(one.image)), reference)
        if not pairs:
            return rates
        drawn, meant = (np.stack(column) for column in zip(*pairs.values(), strict=True))
        parts = [_compare_pixels(drawn, meant), _compare_edges(drawn, meant)]
        if self._embed is not None:
            parts.append(np.maximum(0, (self._embed(drawn) * self._embed(meant)).sum(-1)))
        for place, rate in zip(pairs, np.mean(parts, axis=0), strict=True):
            rates[place] = float(rate)
        return rates

    def _draw(self, references: Collection[str]) -> None:
        """Draws what was not drawn yet; what fails, perhaps on a busy machine, is tried again next time."""
        for svg in list(self._drawn)[: max(0, len(self._drawn) - _KEPT)]:
            if svg not in references:
                del self._drawn[svg]
        new = sorted(svg for svg in references if svg not in self._drawn)
        for svg, picture in zip(new, self._pool.render(new), strict=True):
            if picture.image is not None:
                self._drawn[svg] = _shrink(picture.image)


def _shrink(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)


def _compare_pixels(drawn: np.ndarray, meant: np.ndarray) -> np.ndarray:
    apart = (drawn.astype(np.float32) - meant.astype(np.float32)) / 255
    return 1 - np.sqrt((apart**2).mean((1, 2, 3)))


def _compare_edges(drawn: np.ndarray, meant: np.ndarray) -> np.ndarray:
    rates = []
    for one, other in zip(drawn, meant, strict=True):
        a, b = _find_edges(one), _find_edges(other)
        length = float(np.linalg.norm(a) * np.linalg.norm(b))
        rates.append(float((a * b).sum()) / length if length else float(not a.any() and not b.any()))
    return np.array(rates)


def _find_edges(image: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 1.0).astype(np.float32)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
