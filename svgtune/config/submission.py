"""The recipe of ``infer/submission.py``: what draws at the competition, and within which limits."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from svgtune.config.generate import FLAG_ALIASES as DRAW_ALIASES
from svgtune.config.generate import DrawRecipe, TimeSection

HARD_LIMIT_S = 300.0
"""The competition's limit for one answer."""
FLAG_ALIASES: dict[str, str] = dict(DRAW_ALIASES)
"""Short command-line names, as of ``infer/generate.py``."""


class SubmissionRecipe(DrawRecipe):
    """Draws one description after the other as the competition's gateway asks for them."""

    descriptions: Path | None = None
    """CSV with the columns id and description."""
    time: TimeSection = TimeSection(mean_s=63, prompt_s=300, reserve_s=3)
    start_s: float = Field(default=840, gt=0)
    """Most seconds for loading and warming up; the competition's gateway waits 15 minutes."""
    hang_s: float = Field(default=30, gt=0)
    """An engine that has not ended a description so long after its time counts as hung, and is replaced."""
    restarts: int = Field(default=1, ge=0)
    """How often an engine that died or hung is started again; until it is back, rules make the drawings."""

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        if self.time.prompt_s is None or self.time.prompt_s > HARD_LIMIT_S:
            raise ValueError(
                f"time.prompt_s is {self.time.prompt_s}, and the gateway waits {HARD_LIMIT_S:g} s; give that "
                "or less"
            )
        limits = [limit for limit in (self.time.mean_s, self.time.prompt_s) if limit is not None]
        if self.time.reserve_s >= min(limits):
            raise ValueError(
                f"time.reserve_s is {self.time.reserve_s:g}, which leaves nothing of {min(limits):g} s to "
                "draw in; lower it"
            )
        return self
