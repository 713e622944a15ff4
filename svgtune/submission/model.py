"""``class Model`` as the competition wants it: an answer to anything, always valid, always in time."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

from svgtune.assets import find_asset
from svgtune.config import read_recipe
from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import MachineError
from svgtune.generate.budget import Budget
from svgtune.generate.fallback import draw_fallback
from svgtune.generate.prompts_file import build_prompt
from svgtune.submission.engine_process import WORKER, EngineProcess
from svgtune.submission.messages import Answer
from svgtune.svg.constraints import check_svg

logger = logging.getLogger(__name__)

_LAST_RESORT = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 384 384">'
    '<rect width="384" height="384" fill="#8cf"/><circle cx="192" cy="192" r="120" fill="#f80"/></svg>'
)


class Model:
    """Draws descriptions with a model in a process of its own, within the limits of the recipe.

    Loads and warms up at construction. Nothing is fetched from a network.

    Args:
        recipe: A recipe, or the file of one.
        worker: Module of the process that draws.
        must_draw: Whether a model that cannot be loaded is an error; else every answer is made by rules.

    Attributes:
        answer: The latest one; None before the first.

    Raises:
        SvgtuneError: The recipe cannot be used; or, with ``must_draw``, the model cannot be loaded.
    """

    def __init__(
        self, recipe: SubmissionRecipe | str | Path, *, worker: str = WORKER, must_draw: bool = True
    ) -> None:
        if not isinstance(recipe, SubmissionRecipe):
            recipe = read_recipe(SubmissionRecipe, find_asset(recipe))
        self.answer: Answer | None = None
        self._lock = threading.Lock()
        self._budget = Budget(recipe.time)
        self.engine = EngineProcess(recipe, worker)
        draw_fallback("a warm-up")
        try:
            self.engine.start()
        except MachineError:
            if must_draw:
                raise
            logger.exception("submission: there is no model; every drawing is made by rules")

    def predict(self, prompt: str) -> str:
        """Returns a valid SVG for any prompt; never raises, and keeps both limits of time."""
        began = time.monotonic()
        with self._lock:
            try:
                answer = self._answer(prompt)
            except Exception as error:  # an exception fails the whole submission
                logger.exception("submission: a prompt could not be drawn")
                answer = _make_fallback(prompt, f"{type(error).__name__}: {error}"[:300])
            finally:
                self._budget.end()
            self.answer = replace(answer, seconds=time.monotonic() - began)
            return answer.svg

    def close(self) -> None:
        """Ends the drawing process."""
        self.engine.close()

    def _answer(self, text: str) -> Answer:
        seconds = self._budget.begin()
        prompt = build_prompt(text, own_id=f"{self._budget.prompts:05d}")
        if prompt.refusal:
            return _make_fallback(text, prompt.refusal)
        drawn = self.engine.draw(prompt, seconds)
        best = drawn.best
        if best is None or check_svg(best.svg):
            return _make_fallback(text, drawn.detail or "no candidate is valid", drawn.tokens)
        return Answer(
            best.svg, "model", best.finished, best.candidate, best.score, best.validity, drawn.tokens,
            detail=drawn.detail,
        )  # fmt: skip


def _make_fallback(prompt: object, detail: str, tokens: int = 0) -> Answer:
    try:
        svg = draw_fallback(prompt if isinstance(prompt, str) else "")
    except Exception:
        logger.exception("submission: the rules failed")
        svg = _LAST_RESORT
    return Answer(_LAST_RESORT if check_svg(svg) else svg, "fallback", tokens=tokens, detail=detail)
