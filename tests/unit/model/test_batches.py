from __future__ import annotations

import random
from itertools import chain, islice

import pytest
import torch

from svgtune.config.pretrain import PretrainRecipe
from svgtune.model.batches import (
    HeldOutBatches,
    SceneBatches,
    build_batch,
    encode_scene,
    find_openings,
    hide_elements,
    split_documents,
)
from svgtune.model.nano import build_nano, train_tokenizer

RECIPE = PretrainRecipe.model_validate(
    {"tokenizer": {"scenes": 60, "vocab_size": 1536, "markup": 120, "colours": 80}}
)
BATCH_TOKENS = 1500


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(RECIPE)


def build_stream(tokenizer, start_batch=0, max_tokens=512, hidden=0.0, **options):
    scenes = RECIPE.scenes.model_copy(update=options)
    return SceneBatches(
        tokenizer, scenes, RECIPE.normal_form, seed=1, batch_tokens=BATCH_TOKENS, max_tokens=max_tokens,
        hidden=hidden, start_batch=start_batch,
    )  # fmt: skip


def test_loss_covers_the_drawing_and_its_end_only(tokenizer):
    ids, labels = encode_scene(tokenizer, "a red fox", "<svg/>")
    learnt = [label for label in labels if label != -100]
    assert tokenizer.decode(learnt) == "<svg/><|im_end|>"
    assert ids[-len(learnt) :] == learnt
    prompt = tokenizer.decode(ids[: -len(learnt)])
    assert prompt == "<|im_start|>user\na red fox<|im_end|>\n<|im_start|>assistant\n"


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
    '<rect width="200" height="200" fill="#fff"/><circle cx="100" cy="90" r="40" fill="#e33"/>'
    '<rect x="20" y="30" width="50" height="60" fill="#29f"/></svg>'
)


def test_hidden_elements_are_neither_seen_nor_learned(tokenizer):
    blank = tokenizer.pad_token_id
    openings = find_openings(tokenizer)
    ids, labels = encode_scene(tokenizer, "a red circle", DRAWING)
    starts = [k for k, id_ in enumerate(ids) if labels[k] != -100 and id_ in openings]
    assert len(starts) == 4  # three elements and the end
    seen = set()
    for seed in range(60):
        hidden_ids, hidden_labels = hide_elements((ids, labels), openings, blank, random.Random(seed))
        hidden = [hidden_ids[start] == blank for start in starts[:-1]]
        seen.add(tuple(hidden))
        expected_ids, expected_labels = list(ids), list(labels)
        for k in (k for k, it_is in enumerate(hidden) if it_is):
            start, end = starts[k], starts[k + 1]
            expected_ids[start:end] = [blank] * (end - start)
            expected_labels[start + 1 : end + 1] = [-100] * (end - start)
        assert (hidden_ids, hidden_labels) == (expected_ids, expected_labels)
    assert len(seen) == 8
    assert blank not in ids


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
def test_a_share_of_the_scenes_has_hidden_elements(tokenizer):
    pad = tokenizer.pad_token_id

    def read(**settings):
        scenes = build_stream(tokenizer, **settings).encode_scenes(3)
        return [ids for ids, _ in islice(scenes, 200)]

    plain, hidden = read(), read(hidden=0.5)
    assert [len(ids) for ids in plain] == [len(ids) for ids in hidden]
    assert 60 < sum(pad in ids for ids in hidden) < 110
    assert not any(pad in ids for ids in plain)
    assert read(hidden=0.5) == hidden


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
