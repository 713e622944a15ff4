"""vLLM's own server as a child process on a private socket, asked with token ids; started again when it dies.

The prompt goes to it as token ids in the model's own chat format, so that nothing in it is read as a turn.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2

from svgtune.config.form import NormalForm
from svgtune.config.generate import Sampling
from svgtune.config.serve import ServeRecipe
from svgtune.errors import EngineError
from svgtune.generate.chat import ChatEncoder
from svgtune.generate.engine import MIN_ANSWER_TOKENS, Completion, Request, refuse_long_prompt
from svgtune.generate.loading import ModelChoice, find_form, prepare_model
from svgtune.generate.vllm_engine import (
    ENVIRONMENT,
    PROCESSOR,
    ask_grammar,
    name_finish,
    name_sampling,
)
from svgtune.generate.vllm_plan import plan_vllm
from svgtune.model.constrain import Constraint
from svgtune.model.load import read_answer, read_stop_ids
from svgtune.serve.writer import State
from svgtune.svg.grammar import build_grammar

logger = logging.getLogger(__name__)

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_MODULE = "svgtune.serve.vllm_child"
_BASE = "base"
_ADAPTER = "adapter"
_WARM_UP = "a red lighthouse at dusk"
_END_GRACE_S = 10.0
_POLL_S = 0.2
_SOCKET_CHARS = 100  # the kernel takes 107


class VllmWriter:
    """Keeps one child and speaks to it over HTTP.

    Args:
        recipe: Of the server.
        arguments: Of vLLM's ``EngineArgs``.
        encoder: Holds the model's tokenizer and its way of being asked.
        stop_ids: Tokens that end a drawing.
        adapter: Folder of a LoRA adapter; None draws with the base.
        form: The normal form whose grammar drawings keep; None lets the model write anything.

    Raises:
        InputError: The tokenizer cannot write a drawing of this form, or the recipe's ``max_new_tokens`` do
            not hold the shortest one.
    """

    def __init__(
        self,
        recipe: ServeRecipe,
        arguments: Mapping[str, Any],
        encoder: ChatEncoder,
        stop_ids: Sequence[int],
        *,
        adapter: Path | None = None,
        form: NormalForm | None = None,
    ) -> None:
        self.state = State.STARTING
        self.restarts = 0
        self._recipe = recipe
        self._encoder = encoder
        self._stop_ids = sorted(stop_ids)
        self._context_tokens = int(arguments["max_model_len"])
        self._constraint: Constraint | None = None
        self._least_tokens = MIN_ANSWER_TOKENS
        self._form: dict[str, Any] = {}
        self._model = _BASE if adapter is None else _ADAPTER
        self._folder = Path(tempfile.mkdtemp(prefix="svgtune-"))
        if len(str(self._folder)) > _SOCKET_CHARS - len("/vllm.sock"):
            self._folder.rmdir()
            self._folder = Path(tempfile.mkdtemp(prefix="svgtune-", dir="/tmp"))
        self._socket = self._folder / "vllm.sock"
        self._flags = write_flags(arguments)
        if adapter is not None:
            self._flags += ["--lora-modules", f"{_ADAPTER}={adapter}"]
        if form is not None and recipe.vllm.grammar_backend == "svgtune":
            # The child has one of its own; this one says which drawings the budget closed.
            self._constraint = Constraint(form, encoder.tokenizer, self._stop_ids)
            self._constraint.check_room(recipe.sampling.max_new_tokens)
            self._least_tokens = self._constraint.least_tokens
            self._form = {"vllm_xargs": ask_grammar(form)}
            self._flags += ["--logits-processors", PROCESSOR]
        elif form is not None:
            self._form = {"structured_outputs": {"grammar": build_grammar(form).to_ebnf()}}
            backend = {"backend": recipe.vllm.grammar_backend}
            self._flags += ["--structured-outputs-config", json.dumps(backend)]
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # ready, or lost for good
        self._encoding = asyncio.Lock()  # a tokenizer is for one thread at a time
        self._encode = lru_cache(maxsize=64)(encoder.encode)
        self._client = httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(
                uds=str(self._socket), limits=httpx2.Limits(max_connections=recipe.sampling.batch_size + 4)
            ),
            base_url="http://vllm",
            timeout=None,  # whoever asks gives up in time
        )

    @property
    def pid(self) -> int | None:
        """Of the child; None before the first start."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Starts the child and waits until it answers.

        Raises:
            EngineError: It dies on the way, or takes too long.
        """
        await self._launch()
        self._watcher = asyncio.create_task(self._watch())

    async def write(self, request: Request, options: Sampling) -> Completion:
        """Writes the candidate ``request.first``; cancelled, the child drops it.

        Raises:
            EngineError: The child died, is lost, or does not take the request.
        """
        await self._settled.wait()
        if self.state is State.LOST:
            raise EngineError("the engine is gone")
        async with self._encoding:
            prompt = await asyncio.to_thread(self._encode, request.prompt)
        room = self._context_tokens - len(prompt.ids)
        if room < self._least_tokens:
            return refuse_long_prompt(request, len(prompt.ids), self._context_tokens)
        # Less than the shortest drawing has would draw nothing.
        limit = max(self._least_tokens, min(options.max_new_tokens, room))
        began = time.perf_counter()
        choice = await self._ask(prompt.ids, **name_sampling(options, request.seed, request.first, limit))
        text, length = read_answer(self._encoder.tokenizer, choice["token_ids"], self._stop_ids)
        plan, text = self._encoder.split_answer(text)
        logprobs = (choice.get("logprobs") or {}).get("token_logprobs") or []
        return Completion(
            request_id=request.id,
            candidate=request.first,
            text=text,
            tokens=length,
            seconds=time.perf_counter() - began,
            finish=name_finish(self._constraint, choice["token_ids"], limit, choice["finish_reason"]),
            logprob=sum(logprobs) / len(logprobs) if logprobs else None,
            detail=prompt.detail,
            plan=plan,
        )

    async def count_prompt(self, prompt: str) -> int:
        """Returns how many tokens the child is sent for a prompt."""
        async with self._encoding:
            return len((await asyncio.to_thread(self._encode, prompt)).ids)

    async def read_metrics(self) -> str:
        """Returns what the child's ``/metrics`` says; nothing while it does not answer."""
        if self.state is not State.READY:
            return ""
        try:
            response = await self._client.get("/metrics", timeout=5)
        except httpx2.HTTPError:
            return ""
        return response.text if response.status_code == httpx2.codes.OK else ""

    async def close(self) -> None:
        """Ends the child: politely, then by force."""
        if self._watcher is not None:
            self._watcher.cancel()
        await self._client.aclose()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _END_GRACE_S)
            await self._bury()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _ask(self, ids: Sequence[int], **options: Any) -> dict[str, Any]:
        body = {
            "model": self._model,
            "prompt": ids,
            "stop_token_ids": self._stop_ids,
            "logprobs": 0,
            "return_token_ids": True,
            **self._form,
            **options,
        }
        try:
            response = await self._client.post("/v1/completions", json=body)
        except httpx2.HTTPError as error:
            raise EngineError(f"the engine was lost ({type(error).__name__})") from error
        if response.status_code != httpx2.codes.OK:
            logger.warning("serve: vLLM answered %d: %.300s", response.status_code, response.text)
            raise EngineError(f"the engine answered {response.status_code}")
        choice: dict[str, Any] = response.json()["choices"][0]
        return choice

    async def _launch(self) -> None:
        began = time.monotonic()
        self._socket.unlink(missing_ok=True)
        search = [str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", _MODULE,
            "--uds", str(self._socket),
            "--served-model-name", _BASE,
            "--generation-config", "vllm",  # and not what the model's makers recommend
            "--uvicorn-log-level", "warning",
            "--disable-uvicorn-access-log",
            *self._flags,
            env={**ENVIRONMENT, **os.environ, "PYTHONPATH": os.pathsep.join(search)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        while not await self._answers():
            status = self._process.returncode
            late = time.monotonic() - began > self._recipe.start_s
            if status is not None or late:
                await self._bury()
                what = f"was not ready within {self._recipe.start_s:g} s" if late else f"ended ({status})"
                raise EngineError(
                    f"serve: vLLM's server {what}; what it wrote above says why, and VLLM_LOGGING_LEVEL=INFO "
                    "shows more; or use --engine transformers"
                )
            await asyncio.sleep(_POLL_S)
        # The first drawing takes longest.
        await self._ask(self._encode(_WARM_UP).ids, max_tokens=max(16, self._least_tokens))
        self.state = State.READY
        self._settled.set()
        logger.info("serve: vLLM started in %.1f s", time.monotonic() - began)

    async def _answers(self) -> bool:
        if not self._socket.exists():
            return False
        try:
            response = await self._client.get("/health", timeout=10)
        except httpx2.HTTPError:
            return False
        return response.status_code == httpx2.codes.OK

    async def _watch(self) -> None:
        """Starts the child again when it ends, as often as the recipe allows."""
        while self._process is not None:
            status = await self._process.wait()
            self._settled.clear()
            await self._bury()
            if self.restarts >= self._recipe.restarts:
                logger.error("serve: the engine died (status %d) and stays away", status)
                break
            self.state = State.RESTARTING
            self.restarts += 1
            logger.warning("serve: the engine died (status %d); starting it again", status)
            try:
                await self._launch()
            except EngineError:
                logger.exception("serve: the engine cannot be started again")
                break
        self.state = State.LOST
        self._settled.set()

    async def _bury(self) -> None:
        """Ends whatever is left of the child and of what it started."""
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


def load_vllm_writer(recipe: ServeRecipe, choice: ModelChoice) -> VllmWriter:
    """Checks that vLLM can load the model, and prepares its server; nothing is started yet.

    Raises:
        SvgtuneError: As of ``plan_vllm``.
    """
    ready = prepare_model(recipe, choice)
    plan = plan_vllm(recipe, choice.base, choice.adapter, ready.device, ready.precision)
    stop_ids = read_stop_ids(ready.encoder.tokenizer, choice.base, revision=recipe.revision)
    if ready.device == "cpu":
        # vLLM would compute on a single core.
        os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0))))
    arguments = {name: value for name, value in plan.arguments.items() if name != "disable_log_stats"}
    form = find_form(recipe, choice, ready.encoder.traits)
    return VllmWriter(recipe, arguments, ready.encoder, stop_ids, adapter=plan.adapter, form=form)


def write_flags(arguments: Mapping[str, Any]) -> list[str]:
    """Writes arguments of vLLM's ``EngineArgs`` as words of its command line."""
    words: list[str] = []
    for name, value in arguments.items():
        flag = name.replace("_", "-")
        if value is None:
            continue
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words += [f"--{flag}", str(value)]
    return words
