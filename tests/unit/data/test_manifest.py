from __future__ import annotations

import random

import numpy as np
import pytest

from svgtune.data.manifest import Lengths, Manifest, SourceReport, describe_manifest
from svgtune.errors import SvgtuneError


def test_lengths_agree_with_numpy() -> None:
    rng = random.Random(0)
    values = [rng.randint(1, 500) for _ in range(999)]
    lengths = Lengths()
    for value in values:
        lengths.add(value)
    summary = lengths.summarise()
    assert summary["mean"] == pytest.approx(np.mean(values), abs=1e-3)
    assert summary["p90"] == np.quantile(values, 0.9, method="inverted_cdf")
    assert summary["max"] == max(values)
    assert Lengths().summarise() == {}


def test_imbalance_is_an_error() -> None:
    manifest = Manifest(collected=3)
    manifest.dropped["blank"] = 1
    manifest.splits["train"] = 1
    with pytest.raises(SvgtuneError, match="3 samples came in, but 1 were kept and 1 dropped"):
        manifest.check_balance()


def test_summary_says_what_a_person_wants_to_know() -> None:
    manifest = Manifest(
        collected=2,
        sources=[SourceReport("toys", "npm", error="no npm"), SourceReport("a", "folder", 2, 1)],
    )
    manifest.dropped["blank"] = 1
    manifest.add_kept(
        {
            "licence": "MIT",
            "category": "",
            "svg": "<é/>",
            "caption": "a b",
            "tokens": 7,
            "difference": 0.1,
        },
        "train",
    )
    text = describe_manifest(manifest.to_json())
    assert text.startswith("in 2 = kept 1 + dropped 1\n")
    for part in (
        "dropped blank",
        "licence MIT",
        "svg bytes: mean 5",
        "caption words: mean 2",
        "of 255: mean 0.1",
    ):
        assert part in text
    assert "source toys: not collected: no npm" in text
    assert "source a: 1 of 2 kept" in text
