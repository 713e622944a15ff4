"""Judges that need no model, and what they are asked about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from svgtune.records import Question


class FakeJudge:
    """Judges by the picture's bytes: any change of a pixel, a question or an order shows in the numbers."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.seen: list[Image] = []

    def answer(
        self, images: Sequence[Image], questions: Sequence[str], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        self.batches.append(len(images))
        rows = []
        for image, question, own in zip(images, questions, choices, strict=True):
            weights = [1 + _digest(image, question, choice) for choice in own]
            rows.append([weight / sum(weights) for weight in weights])
        return rows

    def rate(self, images: Sequence[Image]) -> np.ndarray:
        self.seen += images
        return np.array([_digest(image, "looks") for image in images])

    def read(self, images: Sequence[Image]) -> list[str]:
        return ["x" * int(8 * _digest(image, "text")) for image in images]


def _digest(image: Image, *words: str) -> float:
    digest = hashlib.blake2b(image.tobytes() + "|".join(words).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def draw(colour: str = "#c31", x: int = 90) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
        '<rect width="200" height="200" fill="#fff"/>'
        f'<circle cx="{x}" cy="100" r="40" fill="{colour}"/></svg>'
    )


COLOUR = Question("What colour is the circle?", ("blue", "green", "red", "white"), "red")
SQUARE = Question("Is there a square?", ("no", "yes"), "no")
