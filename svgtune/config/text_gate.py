"""The recipe of the text gate: a small network that says which pictures are worth reading."""

from __future__ import annotations

from pydantic import Field

from svgtune.config.base import Section


class TextGateRecipe(Section):
    """What ``scripts/train_text_gate.py`` does: a small network learns in which pictures the reader reads."""

    seed: int = Field(default=31, ge=0)
    """Of the training scenes, what is written on them and the weights; not of what is examined on."""
    scenes: int = Field(default=40_000, ge=8)
    """Fresh scenes, one picture each; half of them get writing, half are seen as the guards show what is
    faint."""
    test_scenes: int = Field(default=2_000, ge=8)
    """Scenes of held-out combinations for the threshold, and as many others for the examination."""
    recall: float = Field(default=0.995, gt=0, le=1)
    """Share of the pictures with text, of those that the threshold is chosen on, that are to be read."""
    widths: tuple[int, ...] = (12, 24, 48, 64)
    """Channels after each halving of the side."""
    steps: int = Field(default=7_000, ge=1)
    batch_size: int = Field(default=64, ge=1)
    learning_rate: float = Field(default=3e-3, gt=0)
    log_every_steps: int = Field(default=50, ge=1)
    workers: int | None = Field(default=None, ge=1)
    """Render processes, and threads that make views and read; null is one a core."""
    publish: str | None = None
    """Folder under models/ that weights, card and figures are copied to at the end; null copies nothing."""
