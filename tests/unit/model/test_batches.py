from __future__ import annotations

from itertools import chain, islice

import pytest
import torch

from svgtune.config.pretrain import PretrainRecipe
from svgtune.model.batches import HeldOutBatches, SceneBatches, build_batch, encode_scene, split_documents
from svgtune.model.nano import build_nano, train_tokenizer

RECIPE = PretrainRecipe.model_validate(
    {"tokenizer": {"scenes": 60, "vocab_size": 1536, "markup": 120, "colours": 80}}
)
BATCH_TOKENS = 1500


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(RECIPE)


def build_stream(tokenizer, start_batch=0, max_tokens=512, **options):
    scenes = RECIPE.scenes.model_copy(update=options)
    return SceneBatches(
        tokenizer, scenes, RECIPE.normal_form, seed=1, batch_tokens=BATCH_TOKENS, max_tokens=max_tokens,
        start_batch=start_batch,
    )  # fmt: skip


def test_loss_covers_the_drawing_and_its_end_only(tokenizer):
    ids, labels = encode_scene(tokenizer, "a red fox", "<svg/>")
    learnt = [label for label in labels if label != -100]
    assert tokenizer.decode(learnt) == "<svg/><|im_end|>"
    assert ids[-len(learnt) :] == learnt
    prompt = tokenizer.decode(ids[: -len(learnt)])
    assert prompt == "<|im_start|>user\na red fox<|im_end|>\n<|im_start|>assistant\n"


def test_batches_keep_documents_whole_and_alike():
    documents = [([k] * size, [k] * size) for k, size in enumerate(range(90, 20, -1), start=1)]
    batches = split_documents(documents, 6)
    assert sorted(ids[0] for batch in batches for ids, _ in batch) == list(range(1, 71))
    lengths = [[len(ids) for ids, _ in batch] for batch in batches]
    assert list(chain(*lengths)) == list(range(21, 91))
    padded = [len(batch) * max(batch) for batch in lengths]
    assert max(padded) < 1.4 * min(padded)


def test_padding_is_ignored():
    batch = build_batch([([5, 6], [-100, 6]), ([7, 8, 9], [-100, -100, 9])], pad=0)
    assert batch["input_ids"].tolist() == [[5, 6, 0], [7, 8, 9]]
    assert batch["labels"].tolist() == [[-100, 6, -100], [-100, -100, 9]]


def test_padding_does_not_change_what_a_row_predicts(tokenizer):
    torch.manual_seed(0)
    model = build_nano(RECIPE.architecture, tokenizer).eval()
    short, long = [9, 8, 7], [5, 6, 7, 8, 9, 10, 11]
    batch = build_batch([(short, short), (long, long)], pad=tokenizer.pad_token_id)
    with torch.no_grad():
        together = model(input_ids=batch["input_ids"]).logits[0, : len(short)]
        alone = model(input_ids=torch.tensor([short])).logits[0]
    torch.testing.assert_close(together, alone)


@pytest.mark.slow
def test_a_resumed_stream_goes_on_where_it_was(tokenizer):
    whole = list(islice(iter(build_stream(tokenizer)), 70))
    rest = list(islice(iter(build_stream(tokenizer, start_batch=66)), 4))
    for expected, found in zip(whole[66:], rest, strict=True):
        assert torch.equal(expected["input_ids"], found["input_ids"])
    sizes = [batch["input_ids"].numel() for batch in whole]
    assert 0.85 * BATCH_TOKENS < sum(sizes) / len(sizes) < 1.15 * BATCH_TOKENS
    padding = sum(int((batch["input_ids"] == tokenizer.pad_token_id).sum()) for batch in whole)
    assert padding < 0.08 * sum(sizes)


@pytest.mark.slow
def test_long_scenes_are_passed_over(tokenizer):
    batches = islice(iter(build_stream(tokenizer, max_tokens=200)), 6)
    assert max(batch["input_ids"].shape[1] for batch in batches) <= 200


def test_held_out_batches_are_fixed(tokenizer):
    pad = tokenizer.pad_token_id
    first, second = (HeldOutBatches(build_stream(tokenizer, split="held_out"), 40, pad) for _ in range(2))
    assert [len(batch["input_ids"]) for batch in first] == [16, 16, 8]
    assert all(torch.equal(first[k]["input_ids"], second[k]["input_ids"]) for k in range(3))


def test_nano_has_the_size_that_the_recipe_promises(tokenizer):
    model = build_nano(RECIPE.architecture, tokenizer)
    assert model.config.model_type == "qwen2"
    assert model.get_input_embeddings().num_embeddings % 64 == 0
    assert model.get_input_embeddings().num_embeddings >= len(tokenizer)
    full = PretrainRecipe().tokenizer.vocab_size
    parameters = model.num_parameters() + (full - model.config.vocab_size) * model.config.hidden_size
    assert 5e6 <= parameters <= 8e6
