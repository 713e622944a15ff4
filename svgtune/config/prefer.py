"""The recipe of ``data_prep/prefer.py``: which of a model's own drawings it is tuned on."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from svgtune.config.base import Section
from svgtune.config.form import NormalForm
from svgtune.config.guards import GuardSection
from svgtune.config.prepare import Split


class PairsSection(Section):
    """Which drawings of a caption are set against each other: the best one against the worst."""

    min_margin: float = Field(default=0.1, ge=0, le=1)
    """Least difference of their scores; drawings of one score never make a pair."""
    invalid_rejected: bool = False
    """Whether a drawing that is not strictly valid may be the worst one. Such drawings score 0, so that most
    pairs would then teach the rules rather than the picture. One that was cut off at the token limit is never
    taken: with an end put behind it, it would be another answer than the model's."""


class PreferRecipe(Section):
    """Chooses among scored drawings of the same caption: the best to tune on, and pairs to prefer by."""

    drawings: Path | None = None
    """The output folder of infer/generate.py with ``--n N --all``, or JSONL with ``id``, ``prompt`` and
    ``svg``, perhaps ``validity``, ``text``, ``finish`` and ``category``."""
    scores: Path | None = None
    """The output folder of infer/score.py for these drawings, or JSONL with their ``id`` and ``score``."""
    min_candidates: int = Field(default=2, ge=2)
    """A caption with fewer drawings is dropped, for there is nothing to choose."""
    min_score: float = Field(default=0.0, ge=0, lt=1)
    """The best drawing of a caption must score more than this."""
    max_bytes: int = Field(default=10_000, ge=200)
    """A larger drawing is not strictly valid."""
    normal_form: NormalForm = NormalForm()
    """What the drawings' model writes, for the guards: its canvas, and how short a drawing can be said."""
    guards: GuardSection | None = GuardSection()
    """Limits that the best drawing of a caption must keep, whatever it scores; null turns all off. Those that
    look at pictures or ask judges (``min_ink``, ``max_characters``, ``max_view_gap``) are not looked at, for
    nothing is rendered here. A drawing that breaks a limit may still be the worst one of a pair."""
    pairs: PairsSection = PairsSection()
    benchmark: Path | None = None
    """JSONL of captions that nobody may be tuned on. None: benchmarks/embedded, of which an installed package
    knows the exact words only."""
    near: float = Field(default=0.8, gt=0, le=1)
    """A caption that shares this much of its words with one of the benchmark is dropped (Jaccard index)."""
    held_out: tuple[Path, ...] = ()
    """What else is kept for evaluation: prepared folders, of which held_out/ is read, or .txt, .jsonl or
    .parquet files of captions. A caption of the same words is dropped; near ones are not, for held-out scenes
    differ from others by a colour."""
    split: Split = Split()
    source: str = Field(default="own drawings", min_length=1)
    """What the data's source is called, in the manifest and in the card of what is tuned on it."""
    licence: str = Field(default="unknown", min_length=1)
    """Licence of the drawings: that of what their model was trained on."""
    shard_rows: int = Field(default=10_000, ge=1)
    """Rows in one parquet file."""
