from __future__ import annotations

from itertools import islice

import pytest
import torch

from svgtune.config.pretrain import PretrainRecipe
from svgtune.model.nano import build_nano, train_tokenizer
from svgtune.model.packing import HeldOutRows, PackedScenes, encode_scene, pack_documents

RECIPE = PretrainRecipe.model_validate(
    {"tokenizer": {"scenes": 60, "vocab_size": 1536, "markup": 120, "colours": 80}}
)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(RECIPE)


def build_stream(tokenizer, start_row=0, **options):
    scenes = RECIPE.scenes.model_copy(update=options)
    return PackedScenes(tokenizer, scenes, RECIPE.normal_form, seed=1, length=512, start_row=start_row)


def test_loss_covers_the_drawing_and_its_end_only(tokenizer):
    ids, labels = encode_scene(tokenizer, "a red fox", "<svg/>")
    learnt = [label for label in labels if label != -100]
    assert tokenizer.decode(learnt) == "<svg/><|im_end|>"
    assert ids[-len(learnt) :] == learnt
    prompt = tokenizer.decode(ids[: -len(learnt)])
    assert prompt == "<|im_start|>user\na red fox<|im_end|>\n<|im_start|>assistant\n"


def test_packing_keeps_documents_whole_and_fills_rows():
    documents = [([k] * size, [k] * size) for k, size in enumerate((6, 5, 4, 3, 2, 9), start=1)]
    rows = pack_documents(documents, rows=3, length=10, pad=0)
    assert sorted(sum(int((row["input_ids"] == k).sum()) for row in rows) for k in range(1, 7)) == [
        2,
        3,
        4,
        5,
        6,
        9,
    ]
    assert all(len(row["input_ids"]) == 10 for row in rows)
    assert all(torch.equal(row["labels"] == -100, row["input_ids"] == 0) for row in rows)


def test_a_document_without_room_is_left_out_whole():
    rows = pack_documents([([1] * 7, [1] * 7), ([2] * 7, [2] * 7)], rows=1, length=10, pad=0)
    assert rows[0]["input_ids"].tolist() == [1] * 7 + [0] * 3


def test_a_resumed_stream_goes_on_where_it_was(tokenizer):
    whole = list(islice(iter(build_stream(tokenizer)), 70))
    rest = list(islice(iter(build_stream(tokenizer, start_row=66)), 4))
    for expected, found in zip(whole[66:], rest, strict=True):
        assert torch.equal(expected["input_ids"], found["input_ids"])
    fill = torch.stack([row["input_ids"] != tokenizer.pad_token_id for row in whole]).float().mean()
    assert fill > 0.95


def test_held_out_rows_are_fixed(tokenizer):
    first, second = (HeldOutRows(build_stream(tokenizer, split="held_out"), 4) for _ in range(2))
    assert len(first) == 4
    assert all(torch.equal(first[k]["input_ids"], second[k]["input_ids"]) for k in range(4))


def test_nano_has_the_size_that_the_recipe_promises(tokenizer):
    model = build_nano(RECIPE.architecture, tokenizer)
    assert model.config.model_type == "qwen2"
    assert model.get_input_embeddings().num_embeddings % 64 == 0
    assert model.get_input_embeddings().num_embeddings >= len(tokenizer)
    full = PretrainRecipe().tokenizer.vocab_size
    parameters = model.num_parameters() + (full - model.config.vocab_size) * model.config.hidden_size
    assert 5e6 <= parameters <= 8e6
