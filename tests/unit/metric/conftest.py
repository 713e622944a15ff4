"""Judges that need no model, and tiny random ones of the competition's architectures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from svgtune.metric.judges import Judges
from svgtune.render.pool import RenderPool
from tests.unit.metric.fakes import FakeJudge


@pytest.fixture
def fake_judge() -> FakeJudge:
    return FakeJudge()


@pytest.fixture
def fake_judges(fake_judge: FakeJudge) -> Judges:
    return Judges(fake_judge, fake_judge, fake_judge)


@pytest.fixture(scope="session")
def pool() -> Iterator[RenderPool]:
    with RenderPool(workers=1, timeout_s=10.0) as one:
        yield one


@pytest.fixture(scope="session")
def tiny_paligemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random PaliGemma 2 of two narrow layers and its processor."""
    from tests.unit.metric import tiny_judges  # imports torch

    return tiny_judges.save_paligemma(tmp_path_factory.mktemp("paligemma"))


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random CLIP of two narrow layers, text half included, and its image processor."""
    from tests.unit.metric import tiny_judges

    return tiny_judges.save_clip(tmp_path_factory.mktemp("clip"))
