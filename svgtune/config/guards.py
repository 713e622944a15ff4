"""The section that sets what the guards against reward cheating let pass."""

from __future__ import annotations

from pydantic import Field

from svgtune.config.base import Section


class GuardSection(Section):
    """Limits that honest drawings keep and cheats break; null turns a guard off."""

    fixed_canvas: bool = True
    """Whether the root must be the normal form's to the letter, so that nothing is zoomed or moved."""
    min_bytes: int | None = Field(default=250, ge=0)
    """A drawing that is shorter has given up; the shortest honest scenes have some 300 bytes."""
    max_bytes: int | None = Field(default=6_000, ge=200)
    """A drawing that is longer than any reference."""
    max_padding: float | None = Field(default=1.4, ge=1)
    """Bytes of the text over those of its normal form: comments, invisible shapes and idle digits pad."""
    min_ink: float | None = Field(default=0.01, ge=0, le=1)
    """Share of the pixels that must differ from the commonest colour."""
    max_repeats: int | None = Field(default=2, ge=1)
    """How many different captions may get one and the same drawing."""
    max_characters: int | None = Field(default=4, ge=0)
    """How many characters may be read in the drawing, and in what of it is faint."""
    max_view_gap: float | None = Field(default=0.35, ge=0, le=1)
    """How far the questions' score on the plain render may differ from that on the defended one."""
