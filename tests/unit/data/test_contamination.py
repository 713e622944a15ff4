from __future__ import annotations

import pytest

from svgtune.data.contamination import ContaminationFinder, list_words


def test_word_for_word_whatever_the_case_and_small_words():
    finder = ContaminationFinder(["A red barn at dusk"])
    match = finder.find("the red barn, at dusk!")
    assert match is not None
    assert match.likeness == 1
    assert str(match) == "'A red barn at dusk' is near 'the red barn, at dusk!' (1.00)"


def test_near_but_not_far():
    finder = ContaminationFinder(["five small red stars around one large gold moon"], near=0.7)
    assert finder.find("five small red stars around one large moon") is not None
    assert finder.find("five small blue squares around one large cone") is None
    assert finder.find("") is None


def test_the_nearest_is_named_and_each_pair_once():
    finder = ContaminationFinder(["a teal cat", "a teal cat on a sofa"], near=0.6)
    found = finder.find_all(["teal cat on the sofa", "teal cat on the sofa", "a brown bear"])
    assert [(match.benchmark, match.likeness) for match in found] == [("a teal cat on a sofa", 1.0)]


def test_captions_of_small_words_only_keep_them():
    assert list_words("on and on") == {"on", "and"}


@pytest.mark.parametrize("near", [0, -1, 1.2])
def test_nearness_out_of_range_is_refused(near):
    with pytest.raises(ValueError, match="above 0, at most 1"):
        ContaminationFinder([], near)
