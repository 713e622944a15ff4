from __future__ import annotations

import numpy as np

from svgtune.metric.embedded.lessons import Lessons
from svgtune.metric.embedded.pictures import DEFENDED, PLAIN, draw_lessons, find_changed, open_pictures
from tests.unit.metric.embedded.pupils import TEACHER


def test_pictures_are_drawn_once_and_again_for_other_lessons(pool, tmp_path):
    lessons = [right for right, _ in Lessons(TEACHER, 2, "train").read(0, 4)]
    reports: list[tuple[int, int]] = []

    def report(done: int, count: int, _per_s: float) -> None:
        reports.append((done, count))

    first = np.array(open_pictures(tmp_path, lessons, 32, pool, 1, "one", report))
    assert first.shape == (4, 2, 32, 32, 3)
    assert reports == [(4, 4)]
    assert (open_pictures(tmp_path, lessons, 32, pool, 1, "one", report) == first).all()
    assert len(reports) == 1
    open_pictures(tmp_path, lessons, 32, pool, 1, "other", report)
    assert len(reports) == 2


def test_defended_view_is_like_the_plain_one_but_not_the_same(pool):
    pairs = [pair for pair in Lessons(TEACHER, 2, "train", ("bare",)).read(0, 2) if pair[1]]
    right, wrong = draw_lessons(pairs[0], 48, pool, 1)
    apart = np.abs(right[PLAIN].astype(int) - right[DEFENDED]).mean()
    assert 0 < apart < 30
    assert find_changed(right, wrong)
    assert not find_changed(right, right)
