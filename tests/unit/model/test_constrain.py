from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import tiny_models
import torch

from svgtune.config.form import NormalForm
from svgtune.config.generate import Sampling
from svgtune.errors import InputError
from svgtune.generate.chat import ChatEncoder
from svgtune.generate.engine import Completion, Request
from svgtune.generate.transformers_engine import TransformersEngine
from svgtune.model.card import Traits
from svgtune.model.constrain import Constraint
from svgtune.model.load import load_tokenizer
from svgtune.model.sampling import pick_tokens
from svgtune.prompts import PromptStyle
from svgtune.svg.grammar import build_grammar
from svgtune.svg.repair import Validity, read_drawing

FORM = NormalForm(grid=1.0, path_commands="relative")
REQUESTS = [
    Request(f"p{i}", caption, i) for i, caption in enumerate(["a red ball", "sea", "a teal square"] * 4)
]


@cache
def build_engine(form: NormalForm | None = FORM) -> TransformersEngine:
    tokenizer = tiny_models.build_tokenizer("qwen", plain_template=True)
    model = tiny_models.build_model("qwen2", len(tokenizer))
    return TransformersEngine(model, ChatEncoder(tokenizer, Traits(PromptStyle.CAPTION)), form)


def draw(engine: TransformersEngine, **options: Any) -> dict[str, Completion]:
    sampling = Sampling(**{"temperature": 1.5, "max_new_tokens": 300, **options})
    return {completion.request_id: completion for completion in engine.generate(REQUESTS, sampling)}


@pytest.fixture(scope="module")
def nano() -> Constraint:
    tokenizer = load_tokenizer("models/nano")
    return Constraint(FORM, tokenizer, [tokenizer.eos_token_id])


@pytest.mark.slow
@pytest.mark.parametrize("limit", [60, 100, 300, 900])
def test_a_random_model_writes_only_drawings_and_ends_them_in_time(limit: int) -> None:
    grammar = build_grammar(FORM)
    for completion in draw(build_engine(), max_new_tokens=limit).values():
        assert grammar.accepts(completion.text), completion.text
        assert read_drawing(completion.text, FORM).validity is Validity.STRICT
        assert completion.tokens < limit
        assert completion.finish in ("stop", "budget")


@pytest.mark.slow
def test_a_drawing_ends_within_its_bytes() -> None:
    form = FORM.model_copy(update={"max_bytes": 250})
    completions = draw(build_engine(form), max_new_tokens=900).values()
    assert {completion.finish for completion in completions} >= {"budget"}
    for completion in completions:
        assert len(completion.text) <= 250
        assert read_drawing(completion.text, form).validity is Validity.STRICT


@pytest.mark.slow
def test_a_seed_gives_the_same_drawing_in_any_batch() -> None:
    engine = build_engine()
    together = draw(engine, max_new_tokens=120)
    assert {k: c.text for k, c in draw(engine, max_new_tokens=120, batch_size=1).items()} == {
        k: c.text for k, c in together.items()
    }
    assert len({completion.text for completion in together.values()}) == len(together)


def test_less_room_than_the_shortest_drawing_is_refused() -> None:
    with pytest.raises(InputError, match=r"max_new_tokens: the shortest drawing has \d+ tokens, but 5 are"):
        draw(build_engine(), max_new_tokens=5)


def test_a_tokenizer_that_lacks_a_character_is_refused() -> None:
    class Letters:
        all_special_ids = (0,)
        added_tokens_decoder: dict[int, str] = {}  # noqa: RUF012

        def get_vocab(self) -> dict[str, int]:
            return {"<": 1, "Ġ": 2}

    with pytest.raises(InputError, match=r"has no token for .*; set grammar to false"):
        Constraint(FORM, Letters(), [0])


def test_prepared_drawings_may_be_written_token_by_token(nano: Constraint) -> None:
    tokenizer = load_tokenizer("models/nano")
    for row in tiny_models.build_rows(12):
        tokens = [*tokenizer(row["svg"], add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        track = nano.begin(len(tokens) + 50)
        for token in tokens:
            assert nano.allow([track], 4000, torch.device("cpu"))[0, token]
            track.accept(token)
        assert not nano.was_closed(tokens, len(tokens) + 50)
        assert nano.was_closed(tokens[:3], 12)


def test_at_the_end_only_the_turn_can_end(nano: Constraint) -> None:
    track = nano.begin(nano.least_tokens)
    written = []
    while (token := int(track.list_tokens()[0])) not in nano.stop_ids:
        assert len(track.list_tokens()) == 1
        written.append(token)
        track.accept(token)
    assert track.closed
    assert len(written) == nano.least_tokens - 1
    assert list(track.list_tokens()) == nano.stop_ids


@pytest.mark.parametrize("dice", [None, [0.0], [0.999999]])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_what_is_not_allowed_is_never_picked(dice: list[float] | None, value: float) -> None:
    allowed = torch.zeros(1, 9, dtype=torch.bool)
    allowed[0, [4, 6]] = True
    logits = torch.arange(9.0)[None]
    logits[0, 5] = value
    logits[0, 8] = value
    tokens, _ = pick_tokens(logits, dice, Sampling(temperature=None if dice is None else 1.0), allowed)
    assert int(tokens) in (4, 6)
    everywhere = torch.full((1, 9), value)
    tokens, _ = pick_tokens(everywhere, dice, Sampling(temperature=None if dice is None else 1.0), allowed)
    assert int(tokens) in (4, 6)
