"""Best of N for one prompt, in rounds: as many candidates as time allows, and no more than are needed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from svgtune.config.generate import DrawRecipe, Sampling
from svgtune.generate.budget import Pace
from svgtune.generate.candidates import CandidateReader, join_details
from svgtune.generate.drawings import Drawing
from svgtune.generate.engine import Completion, Engine, Request
from svgtune.generate.fallback import draw_fallback
from svgtune.generate.prompts_file import Prompt
from svgtune.generate.select import Candidate, Chooser, select_best
from svgtune.render.pool import RenderPool
from svgtune.svg.constraints import check_svg
from svgtune.svg.repair import Validity

Report = Callable[[Candidate, int], object]
"""Is told the best candidate so far, and how many have been finished."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one prompt.

    Attributes:
        best: A drawing that breaks no rule and can be rendered; None where there is none.
        finished: Candidates that were drawn to their end.
        tokens: Of all candidates, those that were given up among them.
        detail: Why there is no drawing, or fewer candidates than were wanted; empty otherwise.
    """

    best: Candidate | None
    finished: int
    tokens: int
    detail: str = ""


def find_round_size(recipe: DrawRecipe) -> int:
    """Returns how many candidates of a prompt are drawn together: all, where no score can spare any."""
    n = recipe.sampling.n
    return n if recipe.select.stop_at_score is None else min(n, recipe.select.round_size)


def plan_round(options: Sampling, count: int) -> Sampling:
    """Returns the options of a round of ``count`` candidates, at the temperature of the whole."""
    return options.model_copy(update={"n": count, "temperature": options.heat})


class BestOf:
    """Draws a prompt several times and keeps the best one.

    Args:
        engine: Ends a batch at ``Request.deadline``.
        recipe: How many candidates, how they are chosen, and when one is good enough.
        reader: Makes candidates of what the engine wrote.
        chooser: Compares them.
        clock: That of ``Request.deadline``.
    """

    def __init__(
        self,
        engine: Engine,
        recipe: DrawRecipe,
        reader: CandidateReader,
        chooser: Chooser,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._sampling = recipe.sampling
        self._stop_at = math.inf if recipe.select.stop_at_score is None else recipe.select.stop_at_score
        self._round_size = find_round_size(recipe)
        self._reader = reader
        self._chooser = chooser
        self._clock = clock
        self._drawing, self._choosing = Pace(), Pace()

    def draw(
        self, prompt: Prompt, seed: int, seconds: float = math.inf, report: Report | None = None
    ) -> Outcome:
        """Draws one prompt.

        Args:
            prompt: Not one that is refused.
            seed: As of ``Request``.
            seconds: What all of it may take.
            report: Called whenever there is a better candidate, and before candidates are judged.

        Raises:
            JudgeError: A judge raised, or answered with what is no judgement.
        """
        end = self._clock() + seconds
        best: Candidate | None = None
        asked = finished = tokens = 0
        detail = ""
        while asked < self._sampling.n:
            most = min(self._sampling.n - asked, self._round_size)
            count = self._plan(end - self._clock(), most)
            if count == 0:
                detail = f"time for {finished} of {self._sampling.n} candidates"
                break
            written = self._write(prompt, Request(prompt.id, prompt.text, seed, asked), count, end)
            asked += count
            tokens += sum(one.tokens for one in written)
            done = [one for one in written if one.finish not in ("time", "refused")]
            finished += len(done)
            best = self._choose(prompt, best, done, finished, report)
            if len(done) < count:
                detail = next((one.detail for one in written if one.finish == "refused"), "")
                detail = detail or f"time for {finished} of {self._sampling.n} candidates"
                break
            if best is not None and (best.drawing.score or 0.0) >= self._stop_at:
                break
        return Outcome(best, finished, tokens, detail if best or detail else "no candidate can be used")

    def _plan(self, seconds: float, most: int) -> int:
        count = self._drawing.fit(seconds, most)
        while count > 1 and self._drawing.estimate(count) + self._find_choosing_s(count) > seconds:
            count //= 2
        return count

    def _find_choosing_s(self, count: int) -> float:
        """Returns what reading and judging take; 0 before the first time."""
        estimate = self._choosing.estimate(count)
        return 0.0 if estimate == math.inf else estimate

    def _write(self, prompt: Prompt, request: Request, count: int, end: float) -> list[Completion]:
        began = self._clock()
        deadline = max(began, end - self._find_choosing_s(count))
        requests = [replace(request, deadline=deadline)]
        written = list(self._engine.generate(requests, plan_round(self._sampling, count)))
        late = any(one.finish == "time" for one in written)
        self._drawing.observe(count, self._clock() - began, late=late)
        return written

    def _choose(
        self,
        prompt: Prompt,
        best: Candidate | None,
        done: list[Completion],
        finished: int,
        report: Report | None,
    ) -> Candidate | None:
        began = self._clock()
        read = self._reader.build(done, {prompt.id: prompt})
        usable = [one for one in read if one.drawing.rendered and not check_svg(one.drawing.svg or "")]
        if not usable:
            return best
        group = [*([best] if best else []), *usable]
        if report is not None and best is None:
            report(select_best(group), finished)
        (chosen,) = self._chooser.choose([group])
        self._choosing.observe(len(done), self._clock() - began)
        if report is not None:
            report(chosen, finished)
        return chosen


def build_fallback(prompt: Prompt, pool: RenderPool, reason: str, seconds: float) -> Candidate:
    """Makes the drawing of a prompt that no candidate was had of, from its caption alone."""
    svg = draw_fallback(prompt.text)
    (picture,) = pool.render([svg])
    drawing = Drawing(
        id=prompt.id,
        prompt_id=prompt.id,
        prompt=prompt.text,
        svg=svg,
        validity=Validity.STRICT,
        tokens=0,
        seconds=seconds,
        seed=0,
        finish="fallback",
        rendered=picture.image is not None,
        detail=join_details(prompt.note, f"made of the caption by rules: {reason}"),
    )
    return Candidate(drawing, picture)
