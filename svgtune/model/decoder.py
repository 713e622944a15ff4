"""Writes token sequences with a causal language model: many at once, each with its own random stream.

``model.generate`` draws a whole batch from one random stream and runs it until its longest row ends. Here a
row leaves the batch when it is done, and the next prompt takes its place.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from transformers.cache_utils import DynamicCache

from svgtune.config.generate import Sampling
from svgtune.model.sampling import pick_tokens
from svgtune.model.slots import SlotCache


@dataclass(frozen=True, slots=True)
class Job:
    """A prompt, and the sequences that are to follow one reading of it.

    Attributes:
        key: Whatever tells the jobs of one call apart.
        prompt_ids: At least one token.
        streams: The random numbers of each sequence; as many as there are to be sequences.
        limit: Most tokens of a sequence.
        deadline: Time of ``time.monotonic`` at which what is not done is given up.
    """

    key: Any
    prompt_ids: Sequence[int]
    streams: Sequence[random.Random]
    limit: int
    deadline: float = math.inf


class Track(Protocol):
    """What a sequence may go on with, where that is limited."""

    closed: bool

    def accept(self, token: int) -> None:
        """Takes in the token that was chosen."""
        ...


class Guide(Protocol):
    """Limits what may be written, token by token."""

    def begin(self, max_tokens: int) -> Track:
        """Begins a sequence of at most so many tokens, the one that ends it included."""
        ...

    def allow(self, tracks: Sequence[Any], width: int, device: torch.device) -> torch.Tensor:
        """Returns True where a token may be chosen next, [tracks, width] bool."""
        ...


@dataclass(slots=True)
class Written:
    """One sequence, as it grows and when it is done.

    Attributes:
        key: Of its job.
        place: Among the job's sequences.
        stop: The token that ended it; None where the limit or the deadline did.
        logprob: Sum over its tokens, the one that ended it too.
        closed: It was brought to its end because its room ran out.
        seconds: From the reading of the prompt to the end.
        late: Whether the deadline of its job came first; ``tokens`` are those that were there by then.
    """

    key: Any
    place: int
    tokens: list[int] = field(default_factory=list)
    stop: int | None = None
    logprob: float = 0.0
    seconds: float = 0.0
    closed: bool = False
    late: bool = False


@dataclass(slots=True)
class _Row:
    written: Written
    stream: random.Random
    limit: int
    position: int
    began: float
    deadline: float
    track: Track | None = None


class Decoder:
    """Writes sequences with a model that is already loaded and in evaluation mode.

    Args:
        model: A transformers or PEFT model.
        stop_ids: Tokens that end a sequence.
        guide: Limits what may be written; None lets the model write anything.
    """

    def __init__(self, model: Any, stop_ids: Collection[int], guide: Guide | None = None) -> None:
        self.model = model
        self.stop_ids = frozenset(stop_ids)
        self.guide = guide
        self._away_s = 0.0

    def write(self, jobs: Sequence[Job], options: Sampling) -> Iterator[Written]:
        """Yields all sequences of all jobs as they end.

        Args:
            jobs: None with more sequences than ``options.batch_size``.
            options: How tokens are chosen, and how many sequences grow at the same time; limits and seeds are
                the jobs'.
        """
        # Longest first: those that join later then fit into columns that are there already.
        waiting = deque(sorted(jobs, key=lambda job: -len(job.prompt_ids)))
        slots = min(options.batch_size, sum(len(job.streams) for job in jobs))
        cache = SlotCache(slots)
        rows: list[_Row] = []
        logits: torch.Tensor | None = None
        while rows or waiting:
            waiting, late = _give_up(waiting)
            yield from late
            if not rows and not waiting:
                break
            # Joining in groups: a prompt read alone costs as much as a step of the whole batch.
            if waiting and slots - len(rows) >= max(slots // 8, min(len(waiting[0].streams), slots)):
                batch = _take_jobs(waiting, slots - len(rows))
                first_logits = self._admit(batch, cache, rows)
                logits = first_logits if logits is None else torch.cat([logits, first_logits])
            assert logits is not None
            now = time.monotonic()
            tokens, logprobs = self._pick(logits, rows, options)
            done = []
            for index, (row, token, logprob) in enumerate(zip(rows, tokens, logprobs, strict=True)):
                written = row.written
                written.logprob += logprob
                if row.track is not None:
                    row.track.accept(token)
                    written.closed = row.track.closed
                if token in self.stop_ids:
                    written.stop = token
                else:
                    written.tokens.append(token)
                ended = token in self.stop_ids or len(written.tokens) >= row.limit
                if ended or now >= row.deadline:
                    written.late = not ended
                    done.append(index)
                    written.seconds = self._now() - row.began
                    left = time.perf_counter()
                    yield written
                    self._away_s += time.perf_counter() - left
            logits = self._step(tokens, rows, done, cache) if len(rows) > len(done) else None
            if logits is None:
                rows.clear()
                cache.clear()

    @torch.inference_mode()
    def _admit(self, jobs: list[Job], cache: SlotCache, rows: list[_Row]) -> torch.Tensor:
        """Reads the prompts of new jobs, each once, and returns the logits of all their sequences."""
        began = self._now()
        device = self.model.device
        lengths = [len(job.prompt_ids) for job in jobs]
        width = max(lengths)
        filler = next(iter(self.stop_ids), 0)
        ids = torch.tensor(
            [[filler] * (width - len(job.prompt_ids)) + [*job.prompt_ids] for job in jobs], device=device
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
        repeats = [len(job.streams) for job in jobs]
        cache.admit(prefill, lengths, repeats)
        for job in jobs:
            rows.extend(
                _Row(
                    Written(job.key, place),
                    stream,
                    job.limit,
                    len(job.prompt_ids),
                    began,
                    job.deadline,
                    self.guide.begin(job.limit) if self.guide is not None else None,
                )
                for place, stream in enumerate(job.streams)
            )
        return output.logits[:, -1].repeat_interleave(torch.tensor(repeats, device=device), dim=0)

    @torch.inference_mode()
    def _pick(
        self, logits: torch.Tensor, rows: list[_Row], options: Sampling
    ) -> tuple[list[int], list[float]]:
        dice = [row.stream.random() for row in rows] if options.heat > 0 else None
        allowed = None
        if self.guide is not None:
            allowed = self.guide.allow([row.track for row in rows], logits.shape[-1], logits.device)
        tokens, logprobs = pick_tokens(logits, dice, options, allowed)
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
        """Returns a clock that stands still while a sequence is being looked at outside."""
        return time.perf_counter() - self._away_s


def _give_up(waiting: deque[Job]) -> tuple[deque[Job], list[Written]]:
    """Returns the jobs that may still begin, and the empty sequences of those that are too late."""
    now = time.monotonic()
    late = [job for job in waiting if job.deadline <= now]
    if not late:
        return waiting, []
    written = [Written(job.key, place, late=True) for job in late for place in range(len(job.streams))]
    return deque(job for job in waiting if job.deadline > now), written


def _take_jobs(jobs: deque[Job], free: int) -> list[Job]:
    """Takes from the front as many jobs as fit into the free slots."""
    taken = []
    while jobs and len(jobs[0].streams) <= free:
        taken.append(jobs.popleft())
        free -= len(taken[-1].streams)
    return taken
