"""The engine on plain transformers: its own sampling loop, so that a seed means the same in every batch.

``model.generate`` draws a whole batch from one random stream and runs it until its longest row ends. Here
every drawing has its own stream, leaves the batch when it is done, and the next prompt takes its place.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from transformers.cache_utils import DynamicCache

from svgtune.config.generate import Sampling
from svgtune.errors import MachineError
from svgtune.generate.chat import ChatEncoder, Encoded
from svgtune.generate.engine import Completion, Request
from svgtune.generate.sampling import pick_tokens
from svgtune.generate.slots import SlotCache
from svgtune.model.load import find_stop_ids

_MIN_ANSWER_TOKENS = 16
"""With less room than this after the prompt no drawing can come out."""


@dataclass(slots=True)
class _Row:
    """One drawing in the making."""

    request: Request
    candidate: int
    detail: str
    limit: int
    position: int
    began: float
    stream: random.Random
    tokens: list[int] = field(default_factory=list)
    logprob: float = 0.0


@dataclass(frozen=True, slots=True)
class _Job:
    """A prompt and the candidates that are drawn from one reading of it."""

    request: Request
    prompt: Encoded
    candidates: range
    limit: int


class TransformersEngine:
    """Draws with a causal language model that is already loaded.

    Args:
        model: A transformers or PEFT model; it is in evaluation mode while it draws.
        encoder: Holds the model's tokenizer and its way of being asked.
    """

    def __init__(self, model: Any, encoder: ChatEncoder) -> None:
        self.model = model
        self.encoder = encoder
        self.stop_ids = frozenset(find_stop_ids(encoder.tokenizer, model))
        config = model.config.get_text_config()
        self._away_s = 0.0
        self.context_tokens = int(getattr(config, "max_position_embeddings", 0) or 2**31)

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        """Yields the completions of all requests as they finish; a prompt too long for the model is refused.

        Raises:
            MachineError: The device's memory does not hold a batch.
        """
        jobs: deque[_Job] = deque()
        for request in requests:
            prompt = self.encoder.encode(request.prompt)
            room = self.context_tokens - len(prompt.ids)
            if room < min(_MIN_ANSWER_TOKENS, options.max_new_tokens):
                yield _refuse(request, len(prompt.ids), self.context_tokens)
                continue
            limit = min(options.max_new_tokens, room)
            for first in range(0, options.n, options.batch_size):
                candidates = range(first, min(first + options.batch_size, options.n))
                jobs.append(_Job(request, prompt, candidates, limit))
        # Longest first: those that join later then fit into columns that are there already.
        jobs = deque(sorted(jobs, key=lambda job: -len(job.prompt.ids)))
        was_training = self.model.training
        self.model.eval()
        try:
            yield from self._run(jobs, options)
        except torch.OutOfMemoryError as error:
            raise MachineError(
                f"generate: {self.model.device} has too little memory for {options.batch_size} drawings at a "
                f"time; go on with --resume --batch_size {max(options.batch_size // 2, 1)}"
            ) from error
        finally:
            self.model.train(was_training)

    def _run(self, jobs: deque[_Job], options: Sampling) -> Iterator[Completion]:
        total = sum(len(job.candidates) for job in jobs)
        slots = min(options.batch_size, total)
        cache = SlotCache(slots)
        rows: list[_Row] = []
        logits: torch.Tensor | None = None
        while rows or jobs:
            # Joining in groups: a prompt read alone costs as much as a step of the whole batch.
            if jobs and slots - len(rows) >= max(slots // 8, min(len(jobs[0].candidates), slots)):
                batch = _take_jobs(jobs, slots - len(rows))
                first_logits = self._admit(batch, cache, rows)
                logits = first_logits if logits is None else torch.cat([logits, first_logits])
            assert logits is not None
            tokens, logprobs = self._pick(logits, rows, options)
            done = []
            for index, (row, token, logprob) in enumerate(zip(rows, tokens, logprobs, strict=True)):
                row.logprob += logprob
                if token not in self.stop_ids:
                    row.tokens.append(token)
                if token in self.stop_ids or len(row.tokens) >= row.limit:
                    done.append(index)
                    completion = self._complete(row, "stop" if token in self.stop_ids else "length")
                    left = time.perf_counter()
                    yield completion
                    self._away_s += time.perf_counter() - left
            logits = self._step(tokens, rows, done, cache) if len(rows) > len(done) else None
            if logits is None:
                rows.clear()
                cache.clear()

    @torch.inference_mode()
    def _admit(self, jobs: list[_Job], cache: SlotCache, rows: list[_Row]) -> torch.Tensor:
        """Reads the prompts of new jobs, each once, and returns the logits of all their candidates."""
        began = self._now()
        device = self.model.device
        lengths = [len(job.prompt.ids) for job in jobs]
        width = max(lengths)
        filler = next(iter(self.stop_ids), 0)
        ids = torch.tensor(
            [[filler] * (width - len(job.prompt.ids)) + [*job.prompt.ids] for job in jobs], device=device
        )
        starts = torch.tensor([width - length for length in lengths], device=device)
        mask = torch.arange(width, device=device)[None, :] >= starts[:, None]
        positions = (torch.arange(width, device=device)[None, :] - starts[:, None]).clamp(min=0)
        # Without a config: every layer keeps all columns, sliding ones too; the mask does the sliding.
        prefill = DynamicCache()
        output = self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=prefill,
            use_cache=True,
            logits_to_keep=1,
        )
        repeats = [len(job.candidates) for job in jobs]
        cache.admit(prefill, lengths, repeats)
        for job in jobs:
            rows.extend(
                _Row(
                    request=job.request,
                    candidate=candidate,
                    detail=job.prompt.detail,
                    limit=job.limit,
                    position=len(job.prompt.ids),
                    began=began,
                    stream=random.Random(f"{job.request.seed}/{candidate}"),
                )
                for candidate in job.candidates
            )
        return output.logits[:, -1].repeat_interleave(torch.tensor(repeats, device=device), dim=0)

    @torch.inference_mode()
    def _pick(
        self, logits: torch.Tensor, rows: list[_Row], options: Sampling
    ) -> tuple[list[int], list[float]]:
        dice = [row.stream.random() for row in rows] if options.heat > 0 else None
        tokens, logprobs = pick_tokens(logits, dice, options)
        return tokens.tolist(), logprobs.tolist()

    @torch.inference_mode()
    def _step(self, tokens: list[int], rows: list[_Row], done: list[int], cache: SlotCache) -> torch.Tensor:
        """Drops the rows that are done and returns the logits that follow the others' tokens."""
        device = self.model.device
        for index in reversed(done):
            cache.release(index)
            rows[index], tokens[index] = rows[-1], tokens[-1]
            rows.pop()
            tokens.pop()
        cache.trim()
        positions = torch.tensor([[row.position] for row in rows], device=device)
        for row in rows:
            row.position += 1
        output = self.model(
            input_ids=torch.tensor(tokens, device=device)[:, None],
            attention_mask=cache.build_mask(device),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        )
        return output.logits[:, -1]

    def _now(self) -> float:
        """Returns a clock that stands still while a completion is being looked at outside."""
        return time.perf_counter() - self._away_s

    def _complete(self, row: _Row, finish: Literal["stop", "length"]) -> Completion:
        text = self.encoder.tokenizer.decode(
            row.tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return Completion(
            request_id=row.request.id,
            candidate=row.candidate,
            text=text,
            tokens=len(row.tokens),
            seconds=self._now() - row.began,
            finish=finish,
            logprob=row.logprob / (len(row.tokens) + (finish == "stop")),
            detail=row.detail,
        )


def _take_jobs(jobs: deque[_Job], free: int) -> list[_Job]:
    """Takes from the front as many jobs as fit into the free slots."""
    taken = []
    while jobs and len(jobs[0].candidates) <= free:
        taken.append(jobs.popleft())
        free -= len(taken[-1].candidates)
    return taken


def _refuse(request: Request, tokens: int, context_tokens: int) -> Completion:
    detail = f"prompt: has {tokens} tokens of the {context_tokens} that the model can hold; shorten it"
    return Completion(request.id, 0, "", 0, 0.0, "refused", detail=detail)
