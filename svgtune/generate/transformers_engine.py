"""The engine on plain transformers: our own decoding, so that a seed means the same in every batch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from svgtune.config.form import NormalForm
from svgtune.config.generate import Sampling
from svgtune.errors import MachineError
from svgtune.generate.chat import ChatEncoder
from svgtune.generate.engine import MIN_ANSWER_TOKENS, Completion, Request, refuse_long_prompt
from svgtune.model.constrain import Constraint
from svgtune.model.decoder import Decoder, Job, Written
from svgtune.model.load import find_stop_ids


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a job was made of; ``first`` is its first candidate."""

    request: Request
    detail: str
    first: int


class TransformersEngine:
    """Draws with a causal language model that is already loaded.

    Args:
        model: A transformers or PEFT model; it is in evaluation mode while it draws.
        encoder: Holds the model's tokenizer and its way of being asked.
        form: The normal form whose grammar drawings keep; None lets the model write anything.
    """

    def __init__(self, model: Any, encoder: ChatEncoder, form: NormalForm | None = None) -> None:
        self.model = model
        self.encoder = encoder
        self.stop_ids = frozenset(find_stop_ids(encoder.tokenizer, model))
        self.constraint = Constraint(form, encoder.tokenizer, self.stop_ids) if form is not None else None
        config = model.config.get_text_config()
        self.context_tokens = int(getattr(config, "max_position_embeddings", 0) or 2**31)

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        """Yields the completions of all requests as they finish; a prompt too long for the model is refused.

        Raises:
            InputError: ``max_new_tokens`` does not hold the shortest drawing of the grammar.
            MachineError: The device's memory does not hold a batch.
        """
        if self.constraint is not None:
            self.constraint.check_room(options.max_new_tokens)
        jobs: list[Job] = []
        for request in requests:
            prompt = self.encoder.encode(request.prompt)
            room = self.context_tokens - len(prompt.ids)
            if room < min(self._count_least(), options.max_new_tokens):
                yield refuse_long_prompt(request, len(prompt.ids), self.context_tokens)
                continue
            end = request.first + options.n
            for first in range(request.first, end, options.batch_size):
                candidates = range(first, min(first + options.batch_size, end))
                streams = [random.Random(f"{request.seed}/{candidate}") for candidate in candidates]
                asked = _Asked(request, prompt.detail, first)
                limit = min(options.max_new_tokens, room)
                jobs.append(Job(asked, prompt.ids, streams, limit, request.deadline))
        was_training = self.model.training
        self.model.eval()
        try:
            for written in Decoder(self.model, self.stop_ids, self.constraint).write(jobs, options):
                yield self._complete(written)
        except torch.OutOfMemoryError as error:
            raise MachineError(
                f"generate: {self.model.device} has too little memory for {options.batch_size} drawings at a "
                f"time; go on with --resume --batch_size {max(options.batch_size // 2, 1)}"
            ) from error
        finally:
            self.model.train(was_training)

    def _count_least(self) -> int:
        return MIN_ANSWER_TOKENS if self.constraint is None else self.constraint.least_tokens

    def _complete(self, written: Written) -> Completion:
        text = self.encoder.tokenizer.decode(
            written.tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        plan, text = self.encoder.split_answer(text)
        asked: _Asked = written.key
        return Completion(
            request_id=asked.request.id,
            candidate=asked.first + written.place,
            text=text,
            tokens=len(written.tokens),
            seconds=written.seconds,
            finish=_name_finish(written),
            logprob=written.logprob / max(1, len(written.tokens) + (written.stop is not None)),
            detail=asked.detail,
            plan=plan,
        )


def _name_finish(written: Written) -> Literal["stop", "budget", "length", "time"]:
    if written.late:
        return "time"
    if written.closed:
        return "budget"
    return "length" if written.stop is None else "stop"
