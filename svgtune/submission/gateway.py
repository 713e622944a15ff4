"""The competition's gateway on this machine: asks a model in another process, and forgives nothing.

As ``kaggle_evaluation`` does: descriptions are asked one by one, each answer has a time limit, and one that
is late, missing or breaks a rule fails the whole submission.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from svgtune.config.submission import HARD_LIMIT_S, SubmissionRecipe
from svgtune.errors import MachineError, SubmissionError
from svgtune.submission.child import Child, ChildLostError
from svgtune.submission.messages import Answer, Started
from svgtune.svg.constraints import check_svg

_SERVER = "svgtune.submission.server"
_START_GRACE_S = 60.0
_END_GRACE_S = 5.0


class Gateway:
    """Holds the model's process; to be used in a ``with`` statement.

    Args:
        recipe: What the model is built from.
        limit_s: Most seconds for one answer.

    Attributes:
        start_s: What loading and warming up the model took.

    Raises:
        MachineError: The model cannot be built; its own words say why.
    """

    def __init__(self, recipe: SubmissionRecipe, limit_s: float = HARD_LIMIT_S) -> None:
        self._limit_s = limit_s
        self._child = Child(_SERVER)
        try:
            self._child.send(recipe)
            # Twice: an engine that dies while it is loading is started again.
            started = self._child.receive(2 * recipe.start_s + _START_GRACE_S)
        except ChildLostError as error:
            raise MachineError(
                f"submission: the model's process ended while it was built (status {self._child.end()}); "
                "read its own message above"
            ) from error
        except BaseException:
            self._child.end()
            raise
        if not isinstance(started, Started) or started.failure:
            self._child.end()
            raise MachineError(started.failure if started else "submission: the model was not built in time")
        self.start_s = started.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.end(_END_GRACE_S)

    def ask(self, name: str, description: str) -> tuple[Answer, float]:
        """Returns the model's answer to a description, and the seconds it took.

        Raises:
            SubmissionError: There is no answer in time, or one that breaks a rule.
        """
        began = time.monotonic()
        try:
            self._child.send(description)
            answer: Answer | None = self._child.receive(self._limit_s)
        except ChildLostError as error:
            raise SubmissionError(
                f"{name}: the model's process ended (status {self._child.end()}), which fails the submission"
                "; read its own message above, mend that and go on with --resume"
            ) from error
        seconds = time.monotonic() - began
        if answer is None:
            raise SubmissionError(
                f"{name}: no answer within {self._limit_s:g} s, which fails the submission; lower "
                "time.prompt_s"
            )
        violations = check_svg(answer.svg)
        if violations:
            raise SubmissionError(f"{name}: {violations[0]}, which fails the submission")
        return answer, seconds
