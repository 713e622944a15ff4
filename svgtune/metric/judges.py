"""What a judge is, and what happens when one fails: its fault is ours and never costs a drawing points."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from PIL.Image import Image

from svgtune.errors import JudgeError, MachineError, MissingInputError

_SLACK = 1e-4  # half-precision judges round


class VqaJudge(Protocol):
    """Answers multiple-choice questions about pictures."""

    def answer(
        self, images: Sequence[Image], questions: Sequence[str], choices: Sequence[Sequence[str]]
    ) -> Sequence[Sequence[float]]:
        """Returns, for each question, the probability of each of its choices.

        Args:
            images: RGB; one for each question, so that several questions about a picture repeat it.
            questions: As many as images.
            choices: The choices of each question, in the order in which they are offered.
        """
        ...


class AestheticJudge(Protocol):
    """Says how good pictures look."""

    def rate(self, images: Sequence[Image]) -> Sequence[float]:
        """Returns one number for each picture: about 0 (bad) to 1 (good), not clipped."""
        ...


class OcrJudge(Protocol):
    """Reads what is written in pictures."""

    def read(self, images: Sequence[Image]) -> Sequence[str | int]:
        """Returns, for each picture, the text in it or the number of its characters."""
        ...


def _need_nothing() -> None:
    """Prepares judges that are ready as they are."""


@dataclass(frozen=True, slots=True)
class Judges:
    """The three judges of a score. One object may serve in several places.

    The methods ask them and check what they answer. The results of a batch must not depend on what else is in
    the batch. Where a judge finds that a file or a package is missing, its MissingInputError or MachineError
    goes through as it is, for no drawing is to blame.

    Attributes:
        prepare: Loads what is else loaded when first used, so that what is missing is found before any work.
        files: The digest of each file that the judges were read from, by its name; empty where not known.
    """

    vqa: VqaJudge
    aesthetic: AestheticJudge
    ocr: OcrJudge
    prepare: Callable[[], None] = field(default=_need_nothing, compare=False)
    files: Mapping[str, str] = field(default_factory=dict, compare=False)

    def answer(
        self,
        ids: Sequence[str],
        images: Sequence[Image],
        questions: Sequence[str],
        choices: Sequence[Sequence[str]],
    ) -> list[tuple[float, ...]]:
        """Returns the probability of each choice of each question.

        Args:
            ids: The sample of each question, for messages.
            images: As ``VqaJudge.answer`` takes them.
            questions: Likewise.
            choices: Likewise.

        Raises:
            JudgeError: The judge raised, or returned something else than probabilities.
        """
        results = _ask("VQA", self.vqa.answer, ids, images, questions, choices)
        return [_check_probabilities(*row) for row in zip(ids, questions, choices, results, strict=True)]

    def rate(self, ids: Sequence[str], images: Sequence[Image]) -> list[float]:
        """Returns how good each picture looks.

        Raises:
            JudgeError: The judge raised, or returned something else than finite numbers.
        """
        results = _ask("aesthetic", self.aesthetic.rate, ids, images)
        return [_check_number("aesthetic", *pair) for pair in zip(ids, results, strict=True)]

    def count_characters(self, ids: Sequence[str], images: Sequence[Image]) -> list[int]:
        """Returns how many characters are read in each picture; white space counts.

        Raises:
            JudgeError: The judge raised, or returned neither a text nor a count.
        """
        results = _ask("OCR", self.ocr.read, ids, images)
        return [_check_reading(*pair) for pair in zip(ids, results, strict=True)]


def _ask(name: str, ask: Callable[..., Any], ids: Sequence[str], *columns: Sequence[Any]) -> list[Any]:
    """Asks about a batch; the results are as many as the ids, and otherwise unchecked."""
    if not ids:
        return []
    try:
        results = list(ask(*columns))
    except (MissingInputError, MachineError):
        raise
    except Exception as error:
        raise JudgeError(
            f"{_blame(ask, ids, columns)}: the {name} judge raised {type(error).__name__}: {error}; mend the "
            "judge, or leave the sample out, and score again"
        ) from error
    if len(results) != len(ids):
        raise JudgeError(
            f"{_name_all(ids)}: the {name} judge returned {len(results)} results for {len(ids)}; it must "
            "return one for each, in their order"
        )
    return results


def _blame(ask: Callable[..., Any], ids: Sequence[str], columns: Sequence[Sequence[Any]]) -> str:
    """Finds whose sample a batch failed on, by asking about one after the other."""
    for place, sample_id in enumerate(ids) if len(ids) > 1 else ():
        try:
            list(ask(*[[column[place]] for column in columns]))
        except Exception:  # noqa: BLE001 - the failure of the batch is what gets reported
            return f"sample {sample_id}"
    return _name_all(ids)


def _name_all(ids: Sequence[str]) -> str:
    unique = list(dict.fromkeys(ids))
    if len(unique) == 1:
        return f"sample {unique[0]}"
    shown = ", ".join(unique[:8])
    return f"samples {shown}" + (f" and {len(unique) - 8} more" if len(unique) > 8 else "")


def _check_probabilities(
    sample_id: str, question: str, choices: Sequence[str], result: Any
) -> tuple[float, ...]:
    try:
        values = tuple(float(value) for value in result)
    except (TypeError, ValueError):
        values = ()
    if len(values) != len(choices) or not all(-_SLACK <= value <= 1 + _SLACK for value in values):
        raise JudgeError(
            f"sample {sample_id}, question {question!r}: the VQA judge returned {result!r:.200}; it must "
            f"return {len(choices)} probabilities, one for each choice"
        )
    return values


def _check_number(name: str, sample_id: str, result: Any) -> float:
    try:
        value = float(result)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise JudgeError(
            f"sample {sample_id}: the {name} judge returned {result!r:.200}; it must return a finite number. "
            "Where its weights are fp16, try fp32"
        )
    return value


def _check_reading(sample_id: str, result: Any) -> int:
    if isinstance(result, str):
        return len(result)
    if isinstance(result, (int, np.integer)) and result >= 0:
        return int(result)
    raise JudgeError(
        f"sample {sample_id}: the OCR judge returned {result!r:.200}; it must return the text that it read, "
        "or the number of its characters"
    )
