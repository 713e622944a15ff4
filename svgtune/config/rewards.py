"""The section that says what a drawing earns in reinforcement: weighted terms, guards, limits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section
from svgtune.config.guards import GuardSection


class TermWeights(Section):
    """How much each term counts; every term is 0 to 1, and a weight of 0 leaves it out."""

    score: float = Field(default=1.0, ge=0)
    """The competition's score of the drawing, by the recipe's judges."""
    vqa: float = Field(default=0.0, ge=0)
    """Mean probability of the right answers alone."""
    aesthetic: float = Field(default=0.0, ge=0)
    """Looks alone, cut off at 0 and 1."""
    ocr: float = Field(default=0.0, ge=0)
    """The factor for text in the picture alone."""
    validity: float = Field(default=0.2, ge=0)
    """1 for a drawing that is strictly valid as it was written; nothing that had to be mended counts."""
    length: float = Field(default=0.0, ge=0)
    """1 inside the band of section length, less outside it."""
    reference: float = Field(default=0.0, ge=0)
    """Likeness to the prompt's own drawing, where it has one."""
    variety: float = Field(default=0.0, ge=0)
    """How far a drawing is from the others of its prompt, so that they do not become one."""

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("every weight is 0, so that nothing would be learned; give one a value above 0")
        return self


class LengthBand(Section):
    """Which sizes cost nothing; bytes of UTF-8."""

    least_bytes: int = Field(default=300, ge=1)
    """A shorter drawing gets the share of it that it has."""
    least_of_reference: float | None = Field(default=None, gt=0, le=1)
    """Where a prompt has a drawing of its own, this share of its bytes takes the place of least_bytes."""
    free_bytes: int = Field(default=3_000, ge=1)
    """From here on each byte costs the same, down to 0 at most_bytes."""
    most_bytes: int = Field(default=10_000, ge=2)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.least_bytes <= self.free_bytes < self.most_bytes:
            raise ValueError(
                f"least_bytes {self.least_bytes}, free_bytes {self.free_bytes} and most_bytes "
                f"{self.most_bytes} must rise"
            )
        return self


class RewardSection(Section):
    """What a drawing earns, and what it must keep to."""

    weights: TermWeights = TermWeights()
    length: LengthBand = LengthBand()
    guards: GuardSection | None = GuardSection()
    """Limits against cheating; what breaks one earns nothing. Those that look at pictures look only at
    drawings that earn their caption's mean or more. null: none, to see what a model makes of it."""
    defences: Literal["exact", "reduced"] = "exact"
    """What the judges see: exact is the competition's image defences to the bit; reduced is nearly the same
    at half the size, in a fortieth of the time, for small judges that shrink the picture anyway."""
    encoder: str | None = None
    """Folder of a trained picture reader whose view of a drawing counts in the term reference; null: pixels
    and edges only."""
    batch_size: int = Field(default=32, ge=1)
    """Drawings that are judged together."""
    max_failed_share: float = Field(default=0.05, ge=0, le=1)
    """The run stops when judges have failed on a larger share of the drawings than this."""
