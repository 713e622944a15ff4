from __future__ import annotations

import numpy as np

from svgtune.metric.embedded.calibration import build_reliability
from svgtune.metric.scoring.plots import plot_reliability, plot_scores
from svgtune.render.pool import RenderPool

BAR, ZERO = (47, 91, 208), (179, 49, 58)


def count_pixels(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(image.astype(int) - colour).max(-1) < 40).sum())


def test_plots_are_drawn_as_large_as_what_they_show(pool: RenderPool) -> None:
    sure, right = [0.9] * 9 + [0.4], [True] * 9 + [False]
    plots = [
        plot_scores([0.5] * 4, 0, 0.5),
        plot_scores([0.5, 0.72, 1.4, -1.0], 4, 0.3),
        plot_scores([], 0, 0.0),
        plot_reliability(build_reliability(sure, right)),
        plot_reliability(build_reliability([], [])),
    ]
    images = []
    for drawn in pool.render(plots):
        assert drawn.image is not None, drawn.detail
        images.append(drawn.image)
    bars = [count_pixels(image, BAR) for image in images]
    zeros = [count_pixels(image, ZERO) for image in images]
    assert bars[0] > 1000 < bars[1]
    assert bars[2] == bars[4] == 0 < bars[3]
    assert zeros[0] == zeros[2] == 0 < zeros[1]
