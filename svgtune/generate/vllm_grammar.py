"""The grammar and its budget inside vLLM, as a logits processor.

vLLM's own structured outputs know no budget: a drawing that reaches ``max_tokens`` is cut. Here each request
is a ``Track``, as in the transformers engine. Give the class to the engine (``logits_processors``) or to
vLLM's server (``--logits-processors``; its requests' ``vllm_xargs`` are the ``extra_args`` here), and
``ask_grammar`` to each request; ``Constraint.was_closed`` tells afterwards which drawings the budget ended.
"""

from __future__ import annotations

import torch
from vllm import SamplingParams
from vllm.config import VllmConfig
from vllm.tokenizers import cached_tokenizer_from_config
from vllm.v1.sample.logits_processor import BatchUpdate, LogitsProcessor
from vllm.v1.sample.logits_processor.builtin import process_dict_updates

from svgtune.config.form import NormalForm
from svgtune.generate.vllm_engine import GRAMMAR_KEY
from svgtune.model.constrain import Constraint, Track


class GrammarProcessor(LogitsProcessor):
    """Leaves only tokens that go on with a drawing; other requests of the batch are not touched."""

    def __init__(self, vllm_config: VllmConfig, device: torch.device, is_pin_memory: bool) -> None:
        self._tokenizer = cached_tokenizer_from_config(vllm_config.model_config)
        self._constraints: dict[tuple[str, tuple[int, ...]], Constraint] = {}
        self._requests: dict[int, _Request] = {}

    @classmethod
    def validate_params(cls, sampling_params: SamplingParams) -> None:
        """Checks what ``ask_grammar`` gave.

        Raises:
            ValueError: It is not a normal form, or ``max_tokens`` is missing.
        """
        asked = (sampling_params.extra_args or {}).get(GRAMMAR_KEY)
        if asked is None:
            return
        NormalForm.model_validate_json(asked)
        if sampling_params.max_tokens is None:
            raise ValueError("max_tokens: is not set; a grammar needs it to end the drawing in time")

    def is_argmax_invariant(self) -> bool:
        """The likeliest token may not be allowed."""
        return False

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        """Follows requests that join, leave and move in the batch."""
        process_dict_updates(self._requests, batch_update, self._begin)

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Bars tokens, in place."""
        groups: dict[int, list[int]] = {}
        for row, request in self._requests.items():
            # Read here and not before: with asynchronous scheduling the last token is known only now.
            request.catch_up()
            groups.setdefault(id(request.constraint), []).append(row)
        for rows in map(sorted, groups.values()):
            tracks = [self._requests[row].track for row in rows]
            allowed = self._requests[rows[0]].constraint.allow(tracks, logits.shape[-1], logits.device)
            if len(rows) == len(logits):
                logits.masked_fill_(~allowed, -torch.inf)
            else:
                places = torch.tensor(rows, device=logits.device)
                logits[places] = logits[places].masked_fill(~allowed, -torch.inf)
        return logits

    def _begin(
        self, params: SamplingParams, _prompt_ids: list[int] | None, output_ids: list[int]
    ) -> _Request | None:
        asked = (params.extra_args or {}).get(GRAMMAR_KEY)
        if asked is None:
            return None
        key = asked, tuple(sorted(params.all_stop_token_ids))
        if key not in self._constraints:
            form = NormalForm.model_validate_json(asked)
            self._constraints[key] = Constraint(form, self._tokenizer, key[1])
        constraint = self._constraints[key]
        # An error here would end the engine with all that it draws; what does not fit is cut off instead.
        return _Request(constraint, max(params.max_tokens or 0, constraint.least_tokens), output_ids)


class _Request:
    """One request: its track, and how much of its output the track has taken in."""

    def __init__(self, constraint: Constraint, max_tokens: int, output_ids: list[int]) -> None:
        self.constraint = constraint
        self.track: Track = constraint.begin(max_tokens)
        self._output_ids = output_ids
        self._taken = 0

    def catch_up(self) -> None:
        for token in self._output_ids[self._taken :]:
            if token < 0:
                break
            self.track.accept(token)
            self._taken += 1
