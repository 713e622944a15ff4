from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from svgtune.config.prepare import Dedup
from svgtune.data.dedup import DuplicateIndex, Entry, sign_picture


def paint(seed: int, noise: int = 0) -> np.ndarray:
    """Returns a picture of random blocks, with a little noise on top."""
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    picture = np.kron(blocks, np.ones((64, 64, 1), np.uint8)).astype(np.int16)
    picture += np.random.default_rng(seed + 1).integers(-noise, noise + 1, picture.shape, dtype=np.int16)
    return np.clip(picture, 0, 255).astype(np.uint8)


def build_entry(
    name: str, picture: np.ndarray, caption: str = "", family: str = "", split: str = ""
) -> Entry:
    return Entry(
        name, caption or f"caption {name}", family or name, split, sign_picture(picture, f"<{name}>")
    )


def add_all(index: DuplicateIndex, *entries: Entry) -> list[str]:
    return [(index.add(entry) or ("kept", ""))[0] for entry in entries]


def test_near_pictures_are_found_and_different_ones_are_not(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "i.sqlite", Dedup())
    entries = [build_entry(f"p{n}", paint(n)) for n in range(40)]
    copies = [build_entry(f"q{n}", paint(n, noise=6)) for n in range(40)]
    assert add_all(index, *entries) == ["kept"] * 40
    assert add_all(index, *copies) == ["duplicate_near"] * 40


def test_recoloured_picture_is_another_one(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "i.sqlite", Dedup())
    grey = np.full((384, 384, 3), 120, np.uint8)
    red, blue = grey.copy(), grey.copy()
    red[100:200, 100:200], blue[100:200, 100:200] = (200, 60, 60), (60, 60, 200)
    assert add_all(index, build_entry("red", red), build_entry("blue", blue)) == ["kept", "kept"]


def test_same_text_is_exact_even_without_near(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "i.sqlite", Dedup(near=False))
    one = build_entry("a", paint(1), caption="a red fox")
    assert add_all(index, one, one, build_entry("b", paint(1))) == ["kept", "duplicate_exact", "kept"]


def test_other_captions_of_a_picture_are_kept_up_to_the_limit_and_share_a_family(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "i.sqlite", Dedup(captions_per_picture=2))
    captions = ["A red fox.", "a red  fox", "a fox", "an animal"]
    entries = [build_entry(str(n), paint(1), caption, family=f"f{n}") for n, caption in enumerate(captions)]
    assert add_all(index, *entries) == ["kept", "duplicate_near", "kept", "duplicate_near"]
    assert {index.find_family(f"f{n}") for n in range(4)} == {"f0"}


def test_families_join_across_several_pictures(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "i.sqlite", Dedup())
    chain = [("a", 1, "x"), ("b", 2, "y"), ("c", 1, "y"), ("d", 3, "z"), ("e", 2, "z")]
    add_all(index, *(build_entry(name, paint(seed), family=family) for name, seed, family in chain))
    assert len({index.find_family(family) for family in "xyz"}) == 1


def test_same_picture_never_stands_in_two_stated_splits(tmp_path: Path) -> None:
    index = DuplicateIndex(tmp_path / "i.sqlite", Dedup(captions_per_picture=5))
    one = build_entry("a", paint(1), split="train")
    other = build_entry("b", paint(1), split="held_out")
    assert add_all(index, one, other) == ["kept", "duplicate_across_splits"]


@pytest.mark.parametrize("restart", [False, True])
def test_index_starts_empty(tmp_path: Path, restart: bool) -> None:
    if restart:
        earlier = DuplicateIndex(tmp_path / "i.sqlite", Dedup())
        earlier.add(build_entry("a", paint(1)))
        earlier.close()
    assert DuplicateIndex(tmp_path / "i.sqlite", Dedup()).add(build_entry("a", paint(1))) is None
