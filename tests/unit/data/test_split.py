from __future__ import annotations

from collections import Counter

import pytest

from svgtune.config.prepare import Split
from svgtune.data.split import deal_family, read_stated_split
from svgtune.records import Sample


def test_families_are_dealt_by_their_shares_and_always_the_same_way() -> None:
    options = Split(fractions={"held_out": 0.1, "validation": 0.2})
    dealt = {f"family {n}": deal_family(f"family {n}", options) for n in range(5000)}
    counts = Counter(dealt.values())
    assert counts["held_out"] == pytest.approx(500, abs=70)
    assert counts["validation"] == pytest.approx(1000, abs=90)
    assert dealt == {family: deal_family(family, options) for family in dealt}


def test_seed_deals_anew() -> None:
    moved = sum(
        deal_family(f"f{n}", Split(fractions={"held_out": 0.5}, seed=1))
        != deal_family(f"f{n}", Split(fractions={"held_out": 0.5}))
        for n in range(200)
    )
    assert 60 < moved < 140


@pytest.mark.parametrize("stated", ["../x", "Held Out", 3])
def test_stated_split_must_be_a_plain_word(stated: object) -> None:
    sample = Sample("i", "c", "s", "x", "o", "CC0-1.0", facts={"split": stated})
    with pytest.raises(ValueError, match="use lower-case words such as held_out"):
        read_stated_split(sample)
