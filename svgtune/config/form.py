"""The section that fixes what a drawing in normal form looks like."""

from __future__ import annotations

import math
import re
from typing import Literal

from pydantic import Field, field_validator

from svgtune.config.base import Section


class NormalForm(Section):
    """How drawings are written: canvas, grid, path style and size limit.

    Attributes:
        canvas: Side of the square viewBox, in user units.
        grid: Coordinates are rounded to multiples of it: 1 or a power of ten below it.
        width_px: Width and height on the root, the size the judge renders at; None leaves them out.
        background: Paint behind a drawing that has no background of its own, as ``#rgb`` or ``#rrggbb``.
        path_commands: Which path commands are written; ``shortest`` picks the shorter for each segment.
        max_bytes: Upper limit of the UTF-8 size of a drawing.
    """

    canvas: int = Field(default=200, ge=1, le=10_000)
    grid: float = 0.1
    width_px: int | None = Field(default=384, ge=1, le=4096)
    background: str = "#fff"
    path_commands: Literal["shortest", "relative", "absolute"] = "shortest"
    max_bytes: int = Field(default=10_000, ge=200)

    @field_validator("grid")
    @classmethod
    def _check_grid(cls, grid: float) -> float:
        if not 1e-6 <= grid <= 1 or not math.isclose(grid, 10.0 ** round(math.log10(grid))):
            raise ValueError(f"{grid} is not 1, 0.1, 0.01, ... 0.000001")
        return grid

    @field_validator("background")
    @classmethod
    def _check_background(cls, background: str) -> str:
        if not re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", background):
            raise ValueError(f"{background!r} is not a colour like #fff or #ffffff")
        return background.lower()

    @property
    def decimals(self) -> int:
        """Digits after the decimal point that the grid stands for."""
        return round(-math.log10(self.grid))
