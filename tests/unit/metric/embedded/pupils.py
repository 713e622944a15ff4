"""A tiny teacher, a text encoder without a model, and an untrained judge."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from svgtune.config.judges import EncoderSection
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.data.sources.scenes.palette import SHADES
from svgtune.metric.embedded.lessons import Split, Teacher
from svgtune.records import Sample

TEXT_WIDTH = 24
SHAPE = EncoderSection(image_px=32, widths=(8, 12, 16), colour_width=8, heads=2, reader_width=16)


def draw_scene(seed: int, index: int, split: Split) -> Sample:
    return sample_scene(seed, index, ScenesOptions(split=split))


TEACHER = Teacher(draw_scene, SHADES)


class WordEncoder:
    """Sums a fixed random vector for each word; counts how many texts it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += len(texts)
        rows = np.stack([sum(map(_draw_vector, text.lower().strip(".").split())) for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _draw_vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "little")
    return np.random.default_rng(seed).normal(size=TEXT_WIDTH)
