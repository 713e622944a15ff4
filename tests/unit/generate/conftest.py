"""Tiny random models in memory, and an engine that answers without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from PIL.Image import Image

from svgtune.config.generate import Sampling
from svgtune.generate.engine import Completion, Request

GOOD_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
    '<rect width="200" height="200" fill="#fff"/><circle cx="100" cy="100" r="40" fill="#f00"/></svg>'
)


class FakeEngine:
    """Answers every request with a text made from its prompt and candidate, in reverse order of asking."""

    def __init__(self, write: Callable[[str, int], str] = lambda prompt, candidate: GOOD_SVG) -> None:
        self.write = write
        self.asked: list[Request] = []

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        self.asked += requests
        for request in reversed(requests):
            for candidate in reversed(range(request.first, request.first + options.n)):
                text = self.write(request.prompt, candidate)
                yield Completion(request.id, candidate, text, 10, 0.5, "stop", -0.1 * (candidate + 1))


class RedLover:
    """Finds right what is red, and nothing else."""

    def __init__(self) -> None:
        self.asked = 0

    def answer(
        self, images: Sequence[Image], questions: Sequence[str], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        self.asked += len(images)
        rows = []
        for image, own in zip(images, choices, strict=True):
            red = np.asarray(image).mean((0, 1))[0] / 255
            rows.append([red] + [(1 - red) / (len(own) - 1)] * (len(own) - 1))
        return rows

    def rate(self, images: Sequence[Image]) -> list[float]:
        return [float(np.asarray(image).mean((0, 1))[0] / 255) for image in images]

    def read(self, images: Sequence[Image]) -> list[str]:
        return [""] * len(images)


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """An engine that ``draw.run`` takes instead of loading a model."""
    from svgtune.generate import draw
    from svgtune.generate.loading import ModelChoice

    engine = FakeEngine()
    monkeypatch.setattr(draw, "choose_model", lambda recipe: ModelChoice("fake", None))
    monkeypatch.setattr(draw, "load_engine", lambda recipe, choice: engine)
    return engine
