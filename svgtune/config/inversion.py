"""The recipe of the training that inverts pictures into the embeddings of their prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from svgtune.config.base import Section
from svgtune.config.judges import TextSection


class PairsSection(Section):
    """A folder of pictures and the table of the prompts that they were made for."""

    path: Path | None = None
    """The folder; must be given. Its table is metadata.jsonl, .csv or .parquet, as Hugging Face's imagefolder
    has it, or else the only file of these kinds. Columns: file_name, image_name or imgId (an id is a file
    name without its suffix), and text, prompt or caption."""
    table: Path | None = None
    """The table, where it is none of those."""
    pictures: Path | None = None
    """Folder that file names are relative to; null is the table's own."""
    held_out_share: float = Field(default=0.05, gt=0, lt=1)
    """Share of pairs, chosen by prompt, that nothing is trained on and the figures are of."""
    near_share: float = Field(default=0.8, gt=0, le=1)
    """A prompt that shares at least this much of its words with a held-out one (Jaccard index of the sets of
    words) is not trained on; 1 drops only those of the very same words."""
    seed: int = Field(default=0, ge=0)
    """Of the choice of held-out prompts."""


class BackboneSection(Section):
    """The model that looks at the pictures."""

    source: str = "openai/clip-vit-large-patch14"
    """A folder, hub id or Kaggle handle of a CLIP, SigLIP, ConvNeXt, ViT or DINOv2 that transformers reads;
    timm:NAME for a model of timm; or random, a small ConvNeXt with random weights, for trying things out. The
    picture's side is that of the model's own image processor."""


class ProbeSection(Section):
    """Stage 1: a linear map is learned on the features of the untouched backbone, which are computed once."""

    epochs: int = Field(default=20, ge=1)
    batch_size: int = Field(default=256, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    """At its peak, after a first twentieth of steps; it falls on a cosine to zero."""
    weight_decay: float = Field(default=1e-4, ge=0)


class FineTuneSection(Section):
    """Stage 2: backbone and linear map are trained on together, from where the probe ended."""

    epochs: int = Field(default=3, ge=0)
    """0 leaves it at the probe."""
    batch_size: int = Field(default=32, ge=1)
    """Pictures that are computed together."""
    accumulation: int = Field(default=4, ge=1)
    """Batches that make one step."""
    learning_rate: float = Field(default=2e-5, gt=0)
    """Of the linear map and what follows the last block, at its peak; it falls on a cosine to zero."""
    layer_decay: float = Field(default=0.9, gt=0, le=1)
    """Each block learns so many times as fast as the one after it; 1 gives all the same rate."""
    warmup_share: float = Field(default=0.1, ge=0, lt=1)
    """Share of steps over which the rate rises."""
    weight_decay: float = Field(default=0.05, ge=0)
    """Of matrices; norms and biases do not decay."""
    ema_decay: float = Field(default=0.999, ge=0, lt=1)
    """Of the exponential moving average of the weights, which is what is kept; less in the first steps, and 0
    keeps the last weights themselves."""
    crop_scale: float = Field(default=0.8, gt=0, le=1)
    """Pictures are cropped to a random share of their area, at least this one; 1 shows them whole."""
    max_gradient: float = Field(default=1.0, gt=0)
    """Longer gradients are shortened to this norm."""
    gradient_checkpointing: bool = False
    """Less memory for about a third more time."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto is bf16 on a GPU that has it, fp16 on another one, and fp32 on a CPU; weights stay fp32."""
    log_every_steps: int = Field(default=20, ge=1)
    checkpoint_every_steps: int = Field(default=500, ge=1)


class InversionRecipe(Section):
    """What ``train/invert.py`` does: a picture backbone learns to predict the prompt's embedding."""

    name: str = "inversion"
    title: str = "svgtune inverter"
    """Heading of the model card."""
    seed: int = Field(default=0, ge=0)
    """Of the linear map's first weights, the order and the crops."""
    data: PairsSection = PairsSection()
    text: TextSection = TextSection()
    backbone: BackboneSection = BackboneSection()
    probe: ProbeSection = ProbeSection()
    tune: FineTuneSection = FineTuneSection()
    device: str = "auto"
    """auto, cpu, cuda or cuda:N."""
    feature_batch_size: int = Field(default=64, ge=1)
    """Pictures that the backbone sees together where nothing is learned."""
    workers: int | None = Field(default=None, ge=1)
    """Threads that read pictures; null is one a core."""
