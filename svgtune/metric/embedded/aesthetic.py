"""The embedded judge of looks: classical measures of a picture, without a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL.Image import Image

from svgtune.metric.defence import defend_image
from svgtune.metric.embedded.calibration import bootstrap_mean
from svgtune.metric.embedded.damage import DAMAGES, build_pairs
from svgtune.metric.embedded.lessons import Split
from svgtune.metric.guards import find_ink
from svgtune.records import Sample
from svgtune.render.pool import RenderPool
from svgtune.runs import write_json_atomic

PAIRS_FILE = "pairs.json"
PUBLISHED_SEED, CONTROL_SEED = 710_000_001, 710_000_002
_SIDE_PX = 96
_LEVELS = 6
_LEVEL_OF = (np.arange(256) * _LEVELS // 256).astype(np.uint8)  # the 216 codes of three fit a byte too
_FULL_COLOURFULNESS = 80.0
_FULL_CONTRAST = 60.0
_FULL_EDGES = 22.0

WEIGHTS: dict[str, float] = {
    "colourfulness": 1.0,
    "contrast": 4.0,
    "balance": 1.0,
    "coverage": 1.0,
    "calm": 4.0,
    "order": 1.0,
}
"""How much each measure counts: of all whole numbers from 1 to 4, those that put the most of the 60 published
pairs into the evident order, and these the furthest apart."""


def measure_looks(image: np.ndarray) -> dict[str, float]:
    """Measures a picture, uint8 of shape [height, width, 3]; each number is 0 to 1, and 1 is good.

    Returns:
        ``colourfulness``: Hasler & Suesstrunk 2003, "Measuring colourfulness in natural images", equation 2,
        of 80 (between "quite" and "highly" colourful).
        ``contrast``: standard deviation of the luma, of 60.
        ``balance``: 1 less twice the distance of the ink's middle from the picture's, of its side.
        ``coverage``: how much is not the commonest colour; 1 from a third to nine tenths.
        ``calm``: 1 less the mean step between neighbouring pixels, of 22 levels; noise has many.
        ``order``: how much of the picture belongs to areas of one colour that are larger than a thousandth.
    """
    small = cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    pixels = small.astype(np.float32)
    luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    ink = find_ink(small)
    share = float(ink.mean())
    return {
        "colourfulness": min(1.0, _measure_colourfulness(pixels) / _FULL_COLOURFULNESS),
        "contrast": min(1.0, float(luma.std()) / _FULL_CONTRAST),
        "balance": _measure_balance(ink),
        "coverage": max(0.0, min(1.0, share * 3, (1 - share) * 10)),
        "calm": max(0.0, 1 - _measure_steps(luma) / _FULL_EDGES),
        "order": _measure_order(small),
    }


def rate_looks(measures: dict[str, float], weights: dict[str, float] | None = None) -> float:
    """Combines measures to one number, 0 to 1: their weighted geometric mean, so that each can spoil all."""
    weights = WEIGHTS if weights is None else weights
    total = sum(weights.values())
    logs = sum(weight * np.log(max(measures[name], 0.02)) for name, weight in weights.items())
    return float(np.exp(logs / total))


class EmbeddedAesthetic:
    """Rates looks by ``measure_looks``. It knows good craft from damage, not beauty."""

    def rate(self, images: Sequence[Image]) -> list[float]:
        """Returns one number for each picture, 0 to 1."""
        return [rate_looks(measure_looks(np.asarray(image))) for image in images]


def examine_aesthetic(
    draw: Callable[[int, int, Split], Sample], pool: RenderPool, count: int = 60, output: Path | None = None
) -> dict[str, Any]:
    """Measures how often the clean picture of a pair is rated above the damaged one, both defended.

    Args:
        draw: Draws scenes, as ``Teacher.draw``.
        pool: Draws their pixels.
        count: Pairs of each of the two sets.
        output: Gets ``pairs.json``: what the published pairs are and how they were measured.

    Returns:
        Shares of pairs in the evident order: of the combination and of each measure alone, on the published
        pairs and on as many others that nothing was chosen by; and of the combination by kind of damage.
    """
    figures: dict[str, Any] = {}
    for name, seed in (("published", PUBLISHED_SEED), ("control", CONTROL_SEED)):
        rows = measure_pairs(draw, pool, seed, count)
        figures[name] = {
            "all": bootstrap_mean([_is_better(row, None) for row in rows]),
            **{
                measure: round(float(np.mean([_is_better(row, {measure: 1.0}) for row in rows])), 4)
                for measure in WEIGHTS
            },
            "by_damage": {
                kind: round(
                    float(np.mean([_is_better(row, None) for row in rows if row["damage"] == kind])), 4
                )
                for kind in DAMAGES
            },
        }
        if name == "published" and output is not None:
            write_json_atomic(output / PAIRS_FILE, rows)
    return figures


def measure_pairs(
    draw: Callable[[int, int, Split], Sample], pool: RenderPool, seed: int, count: int
) -> list[dict[str, Any]]:
    """Builds pairs and measures both pictures of each, defended."""
    return [
        {
            "id": pair.id,
            "caption": pair.caption,
            "damage": pair.damage,
            "clean": measure_looks(np.asarray(defend_image(pair.clean, 0).judged)),
            "damaged": measure_looks(np.asarray(defend_image(pair.damaged, 0).judged)),
        }
        for pair in build_pairs(draw, pool, seed, count)
    ]


def _is_better(row: dict[str, Any], weights: dict[str, float] | None) -> float:
    clean, damaged = rate_looks(row["clean"], weights), rate_looks(row["damaged"], weights)
    return 0.5 if clean == damaged else float(clean > damaged)


def _measure_colourfulness(pixels: np.ndarray) -> float:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = float(np.hypot(red_green.std(), yellow_blue.std()))
    return spread + 0.3 * float(np.hypot(red_green.mean(), yellow_blue.mean()))


def _measure_balance(ink: np.ndarray) -> float:
    if not ink.any():
        return 0.0
    y, x = np.nonzero(ink)
    middle = (_SIDE_PX - 1) / 2
    away = float(np.hypot(y.mean() - middle, x.mean() - middle))
    return max(0.0, 1 - 2 * away / _SIDE_PX)


def _measure_steps(luma: np.ndarray) -> float:
    return float((np.abs(np.diff(luma, axis=0)).mean() + np.abs(np.diff(luma, axis=1)).mean()) / 2)


def _measure_order(small: np.ndarray) -> float:
    levels = cv2.LUT(small, _LEVEL_OF)
    codes = (levels[..., 0] * _LEVELS + levels[..., 1]) * _LEVELS + levels[..., 2]
    # Pixels lie on even places; between two of one colour lies a link, so that one search finds all areas.
    linked = np.zeros((2 * _SIDE_PX - 1,) * 2, np.uint8)
    linked[::2, ::2] = 1
    linked[::2, 1::2] = codes[:, 1:] == codes[:, :-1]
    linked[1::2, ::2] = codes[1:] == codes[:-1]
    _, labels = cv2.connectedComponents(linked, connectivity=4)
    areas = np.bincount(labels[::2, ::2].ravel())
    return int(areas[areas > _SIDE_PX * _SIDE_PX // 1000].sum()) / codes.size
