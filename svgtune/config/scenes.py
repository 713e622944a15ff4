"""The section that says which scenes the procedural teacher draws."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from svgtune.config.base import Section

Category = Literal["landscape", "abstract", "fashion", "things", "medley"]


class ScenesOptions(Section):
    """Which scenes are drawn; a scene is fixed by its seed, its index and these options."""

    categories: dict[Category, float] = Field(
        default={"landscape": 1.0, "abstract": 1.0, "fashion": 1.0, "things": 1.5},
        description="Relative weight of each category; a category left out is never drawn. medley, "
        "things and shapes among each other, is for training a model that draws anything, and nothing else.",
    )
    split: Literal["train", "held_out", "any"] = Field(
        default="train",
        description="train never shows a held-out combination (colour x subject, subject x setting), "
        "held_out always shows one, and any takes both, for prepare to sort.",
    )
    two_colours: float | None = Field(
        default=0.45,
        ge=0,
        le=1,
        description="Share of captions that bind two colours to two things; null leaves it to the composers.",
    )
    codes: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Share of scenes whose captions give colours as #rgb codes, of which there are so many "
        "that a model must learn a thing apart from its colours.",
    )
    anywhere: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Share of scenes that put things, landmarks and shapes anywhere, likely or not, shapes "
        "in any size, and make clothes of any material, so that a model learns a thing apart from its "
        "company.",
    )
    questions: int = Field(
        default=4,
        ge=4,
        description="Questions of each scene, or as many as it has: four, as in the competition, "
        "more to teach a judge.",
    )

    @field_validator("categories")
    @classmethod
    def _check_weights(cls, categories: dict[Category, float]) -> dict[Category, float]:
        if not categories or min(categories.values()) < 0 or sum(categories.values()) <= 0:
            raise ValueError(f"{categories} must hold at least one positive weight and no negative one")
        return categories
