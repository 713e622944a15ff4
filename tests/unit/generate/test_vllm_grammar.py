"""The processor in vLLM's own interface, without an engine around it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from svgtune.config.form import NormalForm
from svgtune.svg.repair import Validity, read_drawing

pytest.importorskip("vllm", reason="vLLM is not installed")

from vllm import SamplingParams
from vllm.config import ModelConfig
from vllm.v1.sample.logits_processor import BatchUpdate, MoveDirectionality

from svgtune.generate.vllm_engine import GRAMMAR_KEY, ask_grammar
from svgtune.generate.vllm_grammar import GrammarProcessor

FORM = NormalForm(grid=1.0, path_commands="relative")
WIDTH = 2816


def ask(max_tokens: int, stop: int) -> SamplingParams:
    return SamplingParams(max_tokens=max_tokens, stop_token_ids=[stop], extra_args=ask_grammar(FORM))


@pytest.fixture(scope="module")
def processor() -> Any:
    config = SimpleNamespace(model_config=ModelConfig(model="models/nano", max_model_len=1024))
    return GrammarProcessor(config, torch.device("cpu"), False)


def test_requests_that_join_and_leave_each_get_a_whole_drawing(processor: Any) -> None:
    tokenizer = processor._tokenizer
    generator = torch.Generator().manual_seed(3)
    rows: list[tuple[int, list[int]]] = [(limit, []) for limit in (40, 25)]
    free: list[int] = []
    stop = tokenizer.eos_token_id
    added = [(i, ask(limit, stop), [1], written) for i, (limit, written) in enumerate(rows)]
    # The third request has no grammar.
    added.append((2, SamplingParams(max_tokens=9), [1], free))
    processor.update_state(BatchUpdate(3, [], added, []))
    batch = [rows[0], rows[1], (9, free)]
    drawings = []
    while batch:
        logits = processor.apply(torch.zeros(len(batch), WIDTH))
        tokens = torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0].tolist()
        if batch[-1][1] is free:
            assert bool((logits[len(batch) - 1] == 0).all())
        for (_, written), token in zip(batch, tokens, strict=True):
            written.append(token)
        processor.update_state(None)
        done = [i for i, (limit, written) in enumerate(batch) if stop in written or len(written) == limit]
        for index in reversed(done):
            _, written = batch[index]
            if written is not free:
                assert written[-1] == stop
                drawings.append(tokenizer.decode(written[:-1]))
            last = len(batch) - 1
            moved = [(last, index, MoveDirectionality.UNIDIRECTIONAL)] if index != last else []
            batch[index] = batch[last]
            batch.pop()
            processor.update_state(BatchUpdate(len(batch), [] if moved else [index], [], moved))
    assert len(drawings) == 2
    assert all(read_drawing(drawing, FORM).validity is Validity.STRICT for drawing in drawings)


def test_a_limit_below_any_drawing_does_not_end_the_engine(processor: Any) -> None:
    stop = processor._tokenizer.eos_token_id
    processor.update_state(BatchUpdate(1, [], [(0, ask(1, stop), [1], [])], []))
    assert bool((processor.apply(torch.zeros(1, WIDTH)) == 0).any())
    processor.update_state(BatchUpdate(0, [0], [], []))


def test_parameters_that_cannot_be_kept_are_refused() -> None:
    with pytest.raises(ValueError, match="max_tokens: is not set"):
        GrammarProcessor.validate_params(SamplingParams(max_tokens=None, extra_args=ask_grammar(FORM)))
    with pytest.raises(ValueError, match="canvas"):
        GrammarProcessor.validate_params(SamplingParams(extra_args={GRAMMAR_KEY: '{"canvas": 0}'}))
    GrammarProcessor.validate_params(SamplingParams())
