"""One request from prompt to drawings: a place, the engine, the reading, the choice; or rules, in time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from svgtune.config.generate import Sampling
from svgtune.config.serve import ServeRecipe
from svgtune.errors import EngineError, SvgtuneError
from svgtune.generate.candidates import CandidateReader
from svgtune.generate.engine import Completion, Request, find_seed
from svgtune.generate.prompts_file import Prompt
from svgtune.generate.rounds import build_fallback, plan_round
from svgtune.generate.select import Candidate, Chooser, select_best
from svgtune.render.pool import RenderPool
from svgtune.serve.places import Places
from svgtune.serve.refusal import RefusalError
from svgtune.serve.writer import Writer
from svgtune.svg.constraints import check_svg

logger = logging.getLogger(__name__)

_READERS = 2
_T = TypeVar("_T")


class Desk:
    """Takes prompts, and gives drawings that break no rule, each within the recipe's time.

    Args:
        writer: The engine.
        recipe: Of the server.
        pool: Draws; no drawing is rendered in this process.
        chooser: Compares and scores the candidates of one prompt; used by one thread at a time.
    """

    def __init__(self, writer: Writer, recipe: ServeRecipe, pool: RenderPool, chooser: Chooser) -> None:
        self.writer = writer
        self.places = Places(recipe.sampling.batch_size, recipe.limits.queue)
        self._recipe = recipe
        self._pool = pool
        self._chooser = chooser
        self._reader = CandidateReader(recipe.normal_form, pool, recipe.sampling.seed)
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="read")
        self._choosing = ThreadPoolExecutor(1, thread_name_prefix="choose")
        self._making: set[asyncio.Task[Completion]] = set()
        self._hurried = False

    async def draw(self, prompt: Prompt, options: Sampling) -> list[Candidate]:
        """Draws ``options.n`` candidates; one that cannot be used is replaced by a drawing made by rules.

        Raises:
            RefusalError: There is no place, or the prompt is too long for the model.
        """
        with self.places.admit(options.n):
            return await self._draw(prompt, options, time.monotonic())

    async def _draw(self, prompt: Prompt, options: Sampling, began: float) -> list[Candidate]:
        written, reason = await self._write(prompt, options, began)
        usable = await self._read(prompt, written)
        missing = options.n - len(usable)
        if missing:
            reason = reason or "no candidate can be used"
            rules = await _run(
                self._reading, build_fallback, prompt, self._pool, reason, time.monotonic() - began
            )
            if check_svg(rules.drawing.svg or ""):
                raise RefusalError(500, "there is no drawing that keeps the rules")
            usable += [rules] * missing
        return usable

    async def draw_best(self, prompt: Prompt, options: Sampling) -> Candidate:
        """Draws ``options.n`` candidates and returns the best, with its score where judges choose in time.

        Raises:
            RefusalError: As of ``draw``.
        """
        began = time.monotonic()
        with self.places.admit(options.n):  # until it is chosen: what waits for the judges waits, too
            candidates = await self._draw(prompt, options, began)
            own = [one for one in candidates if one.drawing.finish != "fallback"]
            if not own:
                return candidates[0]
            best = await self._choose(own, began)
        return replace(best, drawing=replace(best.drawing, drawn=len(own)))

    async def _choose(self, candidates: list[Candidate], began: float) -> Candidate:
        limit = self._recipe.time.prompt_s
        assert limit is not None  # the recipe has seen to it
        try:
            async with asyncio.timeout(began + limit - time.monotonic()):
                (best,) = await _run(self._choosing, self._chooser.choose, [candidates])
        except (SvgtuneError, TimeoutError):
            logger.exception("serve: the judges failed or are late; the likeliest candidate is taken")
            return select_best(candidates)
        return best

    def hurry(self) -> None:
        """Gives up whatever is in the making or waits, now and from now on: rules answer at once."""
        self._hurried = True
        for task in self._making:
            task.cancel()

    def close(self) -> None:
        """Ends the threads."""
        self._reading.shutdown(wait=False, cancel_futures=True)
        self._choosing.shutdown(wait=False, cancel_futures=True)

    async def _write(self, prompt: Prompt, options: Sampling, began: float) -> tuple[list[Completion], str]:
        """Returns what was written in time, and why some was not."""
        if self._hurried:
            return [], "the server is stopping"
        limits = self._recipe.time
        assert limits.prompt_s is not None  # the recipe has seen to it
        seconds = limits.prompt_s - limits.reserve_s
        asked = Request(
            prompt.id, prompt.text, find_seed(options.seed, prompt.text), deadline=began + seconds
        )
        single = plan_round(options, 1)
        tasks = [
            asyncio.create_task(self._write_one(replace(asked, first=place), single))
            for place in range(options.n)
        ]
        self._making.update(tasks)
        try:
            await asyncio.wait(tasks, timeout=seconds)
        finally:
            self._making.difference_update(tasks)
            for task in tasks:
                task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        written: list[Completion] = []
        reason = ""
        for result in results:
            if isinstance(result, Completion):
                if result.finish == "refused":
                    raise RefusalError(413, result.detail, param="prompt")
                if result.finish != "time":
                    written.append(result)
                    continue
                reason = f"it was not drawn within {limits.prompt_s:g} s"
            elif isinstance(result, asyncio.CancelledError):
                late = f"it was not drawn within {limits.prompt_s:g} s"
                reason = "the server is stopping" if self._hurried else late
            elif isinstance(result, EngineError):
                reason = str(result)
            else:
                raise result
        return written, reason

    async def _write_one(self, request: Request, options: Sampling) -> Completion:
        await self.places.take()
        began = time.monotonic()
        try:
            return await self.writer.write(request, options)
        finally:
            self.places.give_back(time.monotonic() - began)

    async def _read(self, prompt: Prompt, written: Sequence[Completion]) -> list[Candidate]:
        if not written:
            return []
        try:
            read = await _run(self._reading, self._reader.build, written, {prompt.id: prompt})
        except SvgtuneError:
            logger.exception("serve: the renderer failed; rules make the drawing")
            return []
        return [one for one in read if one.drawing.rendered and not check_svg(one.drawing.svg or "")]


async def _run(threads: ThreadPoolExecutor, work: Callable[..., _T], *arguments: Any) -> _T:
    return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
