from __future__ import annotations

import numpy as np
import pytest

from svgtune.metric.text_gate.writing import write_on


@pytest.mark.parametrize("seed", range(20))
def test_writing_covers_a_part_of_the_picture(seed: int) -> None:
    image = np.full((384, 384, 3), 120, np.uint8)
    written = write_on(image, "a red lighthouse at dusk", np.random.default_rng(seed))
    again = write_on(image, "a red lighthouse at dusk", np.random.default_rng(seed))
    changed = (written != image).any(-1).mean()
    assert np.array_equal(written, again)
    assert (image == 120).all()
    assert 0.001 < changed < 0.95


@pytest.mark.parametrize("seed", range(20))
def test_faint_letters_are_a_few_levels_off_their_ground(seed: int) -> None:
    image = np.full((384, 384, 3), 120, np.uint8)
    written = write_on(image, "a", np.random.default_rng(seed), faint=True)
    colours, counts = np.unique(written.reshape(-1, 3), axis=0, return_counts=True)
    grounds = colours[counts > 1_000].astype(int)
    nearest = np.abs(colours[:, None].astype(int) - grounds[None]).max(-1).min(-1)
    assert len(colours) > 1
    assert nearest.max() <= 20
