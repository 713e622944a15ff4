"""The engine on transformers behind the server, in a thread of this process: for machines without vLLM.

What waits is drawn in batches of requests with the same options. There is no process that could be restarted:
an error of the engine costs the batch, whose requests are answered by rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

from svgtune.config.generate import Sampling
from svgtune.errors import EngineError
from svgtune.generate.engine import Completion, Request
from svgtune.generate.transformers_engine import TransformersEngine
from svgtune.serve.writer import State


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    request: Request
    options: Sampling
    answer: asyncio.Future[Completion]


class TransformersWriter:
    """Draws in a thread, batch after batch.

    Args:
        load: Loads the engine.
    """

    def __init__(self, load: Callable[[], TransformersEngine]) -> None:
        self.state = State.STARTING
        self.restarts = 0
        self._load = load
        self._engine: TransformersEngine | None = None
        self._numbers = count()
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Loads the engine."""
        self._engine = await asyncio.to_thread(self._load)
        self._worker = asyncio.create_task(self._work())
        self.state = State.READY

    async def write(self, request: Request, options: Sampling) -> Completion:
        """Writes the candidate ``request.first``; one that is cancelled too late is drawn for nobody.

        Raises:
            EngineError: The engine failed.
        """
        answer: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        one = replace(request, id=str(next(self._numbers)))
        self._waiting.append(_Waiting(one, options, answer))
        self._arrived.set()
        return replace(await answer, request_id=request.id)

    async def count_prompt(self, prompt: str) -> int:
        """Returns how many tokens the model reads for a prompt; 0 while it is being loaded."""
        return 0 if self._engine is None else len(self._engine.encoder.encode(prompt).ids)

    async def read_metrics(self) -> str:
        """Returns nothing: this engine counts nothing."""
        return ""

    async def close(self) -> None:
        """Stops drawing after the batch in the making."""
        self.state = State.LOST
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            self._waiting = [one for one in self._waiting if not one.answer.done()]
            if not self._waiting:
                self._arrived.clear()
                continue
            options = self._waiting[0].options
            batch = [one for one in self._waiting if _is_alike(one.options, options)][: options.batch_size]
            self._waiting = [one for one in self._waiting if one not in batch]
            await asyncio.to_thread(self._draw, batch, options, asyncio.get_running_loop())

    def _draw(self, batch: list[_Waiting], options: Sampling, loop: asyncio.AbstractEventLoop) -> None:
        assert self._engine is not None
        by_id = {one.request.id: one.answer for one in batch}

        def settle(answer: asyncio.Future[Completion], result: Completion | EngineError) -> None:
            if answer.done():
                return  # nobody waits for it any more
            if isinstance(result, EngineError):
                answer.set_exception(result)
            else:
                answer.set_result(result)

        failure = "wrote nothing"
        try:
            for completion in self._engine.generate([one.request for one in batch], options):
                loop.call_soon_threadsafe(settle, by_id.pop(completion.request_id), completion)
        except Exception as error:  # noqa: BLE001 - one strange request must not end the server
            failure = f"failed ({type(error).__name__}: {error})"[:300]
        for answer in by_id.values():
            loop.call_soon_threadsafe(settle, answer, EngineError(f"the engine {failure}"))


def _is_alike(one: Sampling, other: Sampling) -> bool:
    """Whether requests can be drawn in one batch; the seed is each request's own."""
    return one.model_copy(update={"seed": other.seed}) == other
