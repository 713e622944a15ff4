"""How a model is asked: alone, with examples, with a plan first."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section


class PromptingSection(Section):
    """What stands in a prompt beside the caption; by default nothing."""

    examples: int = Field(default=0, ge=0, le=32)
    """Drawings of like captions that the prompt shows first, as earlier turns; 0 shows none. Fewer are shown
    where the model's context is too short for them."""
    library: Path | None = None
    """Where examples come from: a prepared folder, of which train/ is read, or one .parquet or .jsonl file.
    Captions near to one of the benchmark are left out, and a drawing of the asked words is never shown."""
    retriever: Literal["words", "embedding"] = "words"
    """How like captions are found: words they share (TF-IDF), or all-MiniLM-L6-v2's embedding of them, which
    needs the extra judges."""
    max_library: int = Field(default=20_000, ge=1)
    """Only the library's first so many drawings are looked at."""
    plan: bool | None = None
    """Whether the model first writes what it will draw, line by line, and the SVG after it. None: as it was
    tuned, and no for others."""

    @model_validator(mode="after")
    def _check_library(self) -> Self:
        if self.examples and self.library is None:
            raise ValueError(
                f"examples is {self.examples} but there is no library; give prompting.library, a folder"
            )
        return self
