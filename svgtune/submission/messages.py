"""What goes over the channels between the processes of a submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from svgtune.generate.prompts_file import Prompt
from svgtune.svg.repair import Validity


@dataclass(frozen=True, slots=True)
class Task:
    """One description to draw within so many seconds from its arrival; answers bear its number."""

    number: int
    prompt: Prompt
    seconds: float


@dataclass(frozen=True, slots=True)
class Started:
    """The process can draw; or, where there is a failure, never will."""

    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Best:
    """The best drawing so far; there may be better ones to come.

    Attributes:
        finished: Candidates that were drawn to their end.
    """

    number: int
    svg: str
    finished: int
    candidate: int
    score: float | None
    validity: Validity


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more comes for this task."""

    number: int
    detail: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of ``Model``, and how it came about.

    Attributes:
        source: ``model``, or ``fallback``: made of the caption by rules.
        finished: Candidates that it was chosen from; 0 for a fallback.
        candidate: Number of the one that was chosen.
        seconds: From the question to the answer.
        detail: Why it is a fallback, or what fell short; empty otherwise.
    """

    svg: str
    source: Literal["model", "fallback"]
    finished: int = 0
    candidate: int = 0
    score: float | None = None
    validity: Validity = Validity.STRICT
    tokens: int = 0
    seconds: float = 0.0
    detail: str = ""
