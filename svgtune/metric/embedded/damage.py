"""Pairs of pictures of which everybody sees the better one: a scene, and the same scene damaged."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from svgtune.errors import RenderError
from svgtune.metric.embedded.lessons import Split
from svgtune.metric.tally import leave_out
from svgtune.records import Sample
from svgtune.render.pool import RenderPool

_TILES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One scene as it should be, and damaged.

    Attributes:
        clean: uint8 of shape [384, 384, 3].
        damaged: Likewise.
    """

    id: str
    caption: str
    damage: str
    clean: np.ndarray
    damaged: np.ndarray


def add_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Adds noise in coarse grains, which the image defences cannot wash out."""
    side = image.shape[0] // 4
    grain = rng.normal(0, 70, (side, side, 3)).astype(np.float32)
    noise = cv2.resize(grain, image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def shuffle_tiles(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cuts the picture into 6 x 6 tiles and lays them anew."""
    size = image.shape[0] // _TILES
    tiles = [
        image[y * size : (y + 1) * size, x * size : (x + 1) * size]
        for y in range(_TILES)
        for x in range(_TILES)
    ]
    order = rng.permutation(len(tiles))
    rows = [
        np.concatenate([tiles[k] for k in order[start : start + _TILES]], 1)
        for start in range(0, len(tiles), _TILES)
    ]
    return np.concatenate(rows, 0)


def push_aside(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pushes the picture so far to a corner that most of it is cut off; its edge fills the rest."""
    reach = int(image.shape[0] * rng.uniform(0.55, 0.7))
    down, right = rng.choice((-1, 1), 2) * reach
    shift = np.array([[1, 0, right], [0, 1, down]], np.float32)
    corner = tuple(int(value) for value in image[0, 0])
    return cv2.warpAffine(
        image, shift, image.shape[1::-1], borderMode=cv2.BORDER_CONSTANT, borderValue=corner
    )


def fade(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Takes away most of the contrast."""
    kept = rng.uniform(0.12, 0.22)
    return (image.mean((0, 1)) * (1 - kept) + image * kept).astype(np.uint8)


def tint(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Leaves shades of one murky colour."""
    luma = image @ np.array([0.299, 0.587, 0.114])
    colour = rng.uniform(0.35, 0.75, 3)
    return (luma[..., None] * colour).astype(np.uint8)


DAMAGES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray] | None] = {
    "noise": add_noise,
    "shuffled": shuffle_tiles,
    "pushed_aside": push_aside,
    "low_contrast": fade,
    "one_colour": tint,
    "shapes_missing": None,
}
"""What is done to a render; ``shapes_missing`` leaves most shapes out of the SVG instead."""


def build_pairs(
    draw: Callable[[int, int, Split], Sample], pool: RenderPool, seed: int, count: int = 60
) -> list[Pair]:
    """Builds pairs, as many of each damage.

    Args:
        draw: Draws scenes, as ``Teacher.draw``.
        pool: Draws their pixels.
        seed: Of scenes and damages.
        count: Of pairs.

    Raises:
        RenderError: A scene cannot be drawn.
    """
    kinds = list(DAMAGES)
    samples = [draw(seed, index, "held_out") for index in range(count)]
    svgs = [
        leave_out(sample.svg, random.Random(f"{seed}/{index}"), 0.85)
        if DAMAGES[kinds[index % len(kinds)]] is None
        else sample.svg
        for index, sample in enumerate(samples)
    ]
    results = pool.render(
        [text for sample, svg in zip(samples, svgs, strict=True) for text in (sample.svg, svg)]
    )
    pairs = []
    for index, sample in enumerate(samples):
        clean, damaged = results[2 * index].image, results[2 * index + 1].image
        if clean is None or damaged is None:
            raise RenderError(f"{sample.id}: {results[2 * index].detail}; the scene is at fault")
        kind = kinds[index % len(kinds)]
        change = DAMAGES[kind]
        if change is not None:
            damaged = change(damaged, np.random.default_rng((seed, index)))
        pairs.append(Pair(sample.id, sample.caption, kind, clean, damaged))
    return pairs
