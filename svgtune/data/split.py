"""Families dealt out to splits, the same way on every run."""

from __future__ import annotations

import hashlib
import re

from svgtune.config.prepare import TRAIN_SPLIT, Split
from svgtune.records import Sample

_SPLIT_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def read_stated_split(sample: Sample) -> str:
    """Returns the split that a sample's facts state; empty where they leave it open.

    Raises:
        ValueError: The stated name cannot be a folder's.
    """
    stated = sample.facts.get("split", "")
    if stated and not (isinstance(stated, str) and _SPLIT_NAME.fullmatch(stated)):
        raise ValueError(
            f"{sample.id}: facts state the split {stated!r}; use lower-case words such as held_out"
        )
    return str(stated)


def deal_family(family: str, options: Split) -> str:
    """Returns the split of a family; adding families does not move the others."""
    digest = hashlib.blake2b(f"{options.seed}|{family}".encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "big") / 2**64
    for name, share in options.fractions.items():
        if place < share:
            return name
        place -= share
    return TRAIN_SPLIT
