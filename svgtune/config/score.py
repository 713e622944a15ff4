"""The recipe of ``infer/score.py``: which drawings are scored, by which judges."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section


class EmbeddedSection(Section):
    """Where the embedded judges are."""

    folder: str | None = None
    """Folder of a trained judge. None: the one that ships, models/judges."""
    text: str | None = None
    """Its text model: a package, folder or hub id. None: where the training had it."""
    batch_size: int = Field(default=32, ge=1)
    """Pictures that the judge sees together."""
    precision: Literal["auto", "bf16", "fp32"] = "fp32"
    """Of the picture reader and the text model; auto is bf16 where the machine computes it fast, in half the
    time. For rewards only: a score that is to be published takes fp32."""
    search_px: int = Field(default=256, ge=32, le=736)
    """Longer side of the pictures in which lines of text are searched, before they are read at full size; the
    time goes with its square."""
    text_gate: str | None = None
    """Folder of a trained text gate, such as models/judges/text_gate, that spares the reader pictures without
    writing. For rewards only. None: every picture is searched."""


class CompetitionSection(Section):
    """Where the competition's judges are."""

    vqa: str | None = None
    """PaliGemma: a folder, a hub id or a Kaggle handle. None: the competition's on the hub."""
    clip: str | None = None
    """CLIP ViT-L/14, likewise."""
    aesthetic_head: str | None = None
    """The head on CLIP, likewise, or its file."""
    precision: Literal["auto", "nf4", "fp16", "bf16", "fp32"] = "auto"
    """Of PaliGemma; auto is nf4 on a GPU, as at the competition, and fp32 on a CPU."""
    batch_size: int = Field(default=4, ge=1)
    """Questions that PaliGemma sees together."""


class SimilaritySection(Section):
    """Scores of published tables, beside the metric: CLIP score, and FID on the same model's vectors."""

    model: str | None = None
    """A CLIP or SigLIP: a folder, a hub id or a Kaggle handle. None: these scores are left out."""
    references: Path | None = None
    """Folder of pictures that the drawings as a whole should be like; None: no FID."""
    batch_size: int = Field(default=16, ge=1)
    """Pictures that the model sees together."""

    @model_validator(mode="after")
    def _check_model(self) -> Self:
        if self.references is not None and self.model is None:
            raise ValueError("references needs a model; give similarity.model")
        return self


class ScoreRecipe(Section):
    """Scores a file of drawings with the competition's metric."""

    drawings: Path | None = None
    """JSONL with ``id``, ``prompt`` and ``svg``, perhaps ``questions``, ``choices`` and ``answers``,
    ``category``, ``validity`` and ``text``; or the output folder of infer/generate.py."""
    questions: Path | None = None
    """Questions of the prompts, by id: .jsonl, .csv or .parquet with ``id``, ``question(s)``, ``choices`` and
    ``answer(s)``, one row a question or one row of lists a prompt. None: those of the drawings' file, or made
    by rule."""
    judges: Literal["embedded", "competition"] = "embedded"
    embedded: EmbeddedSection = EmbeddedSection()
    competition: CompetitionSection = CompetitionSection()
    similarity: SimilaritySection = SimilaritySection()
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    """auto, cpu, cuda or cuda:N."""
    tricks: tuple[Literal["ocr_decoy", "dark_border"], ...] = ()
    """Additions to every strictly valid drawing whose effect is to be measured; see svgtune.metric.tricks."""
    random_seed: int = Field(default=0, ge=0, lt=2**32)
    """Of the competition's run: with the ids of the whole file it gives each drawing the seed of its image
    defences."""
    judge_blank: bool | None = None
    """Whether an all-black picture is judged, as at the competition; else it scores 0. None: with the
    competition's judges only."""
    score_repaired: bool = False
    """Also judge what can be cut out of, or mended in, drawings that are not strictly valid. Their scores
    stand apart and never enter the mean."""
    words: Path = Path("recipes/score/words.json")
    """Word lists by which questions are made where a row brings none."""
    max_questions: int = Field(default=4, ge=2, le=4)
    """Most questions that are made for a prompt."""
    batch_size: int = Field(default=16, ge=1)
    """Drawings that are judged together, and written together."""
    render_workers: int | None = Field(default=None, ge=1)
    """Processes that draw. None: one for each CPU core."""
    render_timeout_s: float = Field(default=2.0, gt=0, allow_inf_nan=False)
    """Longest that a drawing may take; what takes longer scores 0. Give more on a slow machine."""

    @property
    def judges_blank(self) -> bool:
        """Whether a black picture is judged, with None resolved."""
        return self.judges == "competition" if self.judge_blank is None else self.judge_blank
