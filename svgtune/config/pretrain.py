"""The recipe of the nano model's training from scratch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section
from svgtune.config.form import NormalForm
from svgtune.config.scenes import ScenesOptions


class ArchitectureSection(Section):
    """Shape of the Qwen2 model; the embedding is tied to the output head."""

    hidden_size: int = Field(default=256, ge=32)
    layers: int = Field(default=6, ge=1)
    heads: int = Field(default=4, ge=1)
    key_value_heads: int = Field(default=2, ge=1)
    mlp_size: int = Field(default=704, ge=32)
    max_length: int = Field(default=1024, ge=64)
    """Longest sequence, in tokens."""

    @model_validator(mode="after")
    def _check_heads(self) -> Self:
        if self.hidden_size % self.heads or self.heads % self.key_value_heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} must be a multiple of heads {self.heads}, "
                f"and that of key_value_heads {self.key_value_heads}"
            )
        return self


class TokenizerSection(Section):
    """How the tokenizer is trained, on scenes of every category and both sides of the split."""

    vocab_size: int = Field(default=2816, ge=1024)
    colours: int = Field(default=400, ge=0)
    """How many of the most frequent colours are one token each."""
    markup: int = Field(default=300, ge=0)
    """How many of the most frequent stretches of markup are one token each."""
    scenes: int = Field(default=20_000, ge=10)
    """How many scenes it is trained on."""


class PretrainRecipe(Section):
    """What ``scripts/pretrain_nano.py`` does: a Qwen2 model learns to draw fresh scenes, none seen twice."""

    name: str = "nano"
    title: str = "svgtune nano"
    """Heading of the model card."""
    start_from: Path | None = None
    """A model folder whose weights and tokenizer training goes on from; null starts from random weights."""
    grow_to_layers: int | None = Field(default=None, ge=1)
    """How many layers the model of ``start_from`` is grown to; the new ones change nothing until they have
    learned. Null keeps those it has."""
    architecture: ArchitectureSection = ArchitectureSection()
    tokenizer: TokenizerSection = TokenizerSection()
    scenes: ScenesOptions = ScenesOptions()
    seed: int = Field(default=1, ge=0)
    normal_form: NormalForm = NormalForm(grid=1, path_commands="relative")
    batch_tokens: int = Field(default=4608, ge=64)
    """About how many tokens a batch holds; its rows are scenes of like length, the padding is counted."""
    max_tokens: int = Field(default=640, ge=64)
    """Scenes of more tokens, caption included, are passed over."""
    held_out_scenes: int = Field(default=384, ge=1)
    """Scenes of held-out combinations for the evaluation loss."""
    hidden: float = Field(default=0.0, ge=0, le=1)
    """Share of scenes some of whose elements are hidden from what is drawn after them, so that the model
    learns to draw by the caption, not by what it has drawn."""
    colour_weight: float = Field(default=1.0, gt=0)
    """How much a colour counts in the training loss against any other token: few tokens depend on the colour
    that a caption names, and it is what the model learns last."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of the features of each embedding and each layer's output that is dropped while it trains."""
    threads: int | None = Field(default=None, ge=1)
    """Compute threads; null is one a core."""
    trainer: dict[str, Any] = Field(default_factory=dict)
    """Goes whole to transformers.TrainingArguments."""

    @model_validator(mode="after")
    def _check_growth(self) -> Self:
        if self.grow_to_layers is not None and self.start_from is None:
            raise ValueError(
                "grow_to_layers grows the model of start_from, which is null; set architecture.layers instead"
            )
        return self
