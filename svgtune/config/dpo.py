"""The recipe of preference tuning."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from svgtune.config.base import Section
from svgtune.config.tuning import TuningRecipe


class PairDataSection(Section):
    """Where the pairs of drawings come from."""

    path: Path | None = None
    """A folder of data_prep/prefer.py, one with train/ and held_out/ (parquet or jsonl), or one such file."""
    caption_column: str = "caption"
    chosen_column: str = "chosen"
    """The drawing to be preferred."""
    rejected_column: str = "rejected"
    """The drawing of the same caption that it is set against."""
    held_out_share: float = Field(default=0.05, gt=0, lt=1)
    """Share of captions held out where files have no split of their own."""
    max_pairs: int | None = Field(default=None, ge=1)
    """Train on the first so many only; None is all."""
    max_held_out: int | None = Field(default=256, ge=1)
    """Evaluate on the first so many only; None is all."""


class DpoRecipe(TuningRecipe):
    """What ``train/dpo.py`` does: a model learns to prefer one drawing of a caption to another.

    The reference that it is held to is what it starts with: ``start_from`` on its base, or the base alone.
    """

    name: str = "dpo"
    data: PairDataSection = PairDataSection()
