"""The recipe of supervised fine-tuning."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section
from svgtune.config.prompting import PromptingSection
from svgtune.config.scenes import ScenesOptions
from svgtune.config.tuning import TuningRecipe


class SftDataSection(Section):
    """Where captions and drawings come from."""

    kind: Literal["scenes", "files"] = "scenes"
    """``scenes`` draws them in memory; ``files`` reads ``path``. A path given means ``files``."""
    path: Path | None = None
    """A folder with train/ and held_out/ (parquet or jsonl), or one such file."""
    caption_column: str = "caption"
    svg_column: str = "svg"
    count: int = Field(default=6000, ge=1)
    """How many scenes to draw for training."""
    seed: int = 1
    """Seed of the scenes."""
    scenes: ScenesOptions = ScenesOptions()
    """Which scenes; their split is train for training and held_out for what is held out."""
    held_out_share: float = Field(default=0.05, gt=0, lt=1)
    """Share of families held out where files have no split of their own."""
    max_samples: int | None = Field(default=None, ge=1)
    """Train on the first so many only; None is all."""
    max_held_out: int | None = Field(default=256, ge=1)
    """Evaluate on the first so many only; None is all."""

    @model_validator(mode="after")
    def _check_path(self) -> Self:
        if self.kind == "files" and self.path is None:
            raise ValueError("kind is files but path is not set; give data.path")
        return self


class EarlyStoppingSection(Section):
    """Stop when the held-out loss no longer falls; the best checkpoint is then what is kept."""

    patience: int = Field(default=3, ge=1)
    """Evaluations without improvement before stopping."""
    min_delta: float = Field(default=0.0, ge=0)
    """How much the loss must fall to count as improvement."""


class SftRecipe(TuningRecipe):
    """What ``train/sft.py`` does: which base model, adapter and data, and how long."""

    name: str = "sft"
    data: SftDataSection = SftDataSection()
    prompting: PromptingSection = PromptingSection()
    early_stopping: EarlyStoppingSection | None = None
