from __future__ import annotations

from itertools import islice

import pytest
from transformers import AutoTokenizer, Qwen2Config

from svgtune.config.form import NormalForm
from svgtune.config.scenes import ScenesOptions
from svgtune.model.nano import draw_scenes
from svgtune.model.tokenizer import build_tokenizer, choose_svg_tokens

FORM = NormalForm(grid=1, path_commands="relative")


@pytest.fixture(scope="module")
def scenes():
    return [(s.caption, svg) for s, svg in islice(draw_scenes(3, 0, ScenesOptions(), FORM), 120)]


@pytest.fixture(scope="module")
def tokenizer(scenes):
    pieces = choose_svg_tokens((svg for _, svg in scenes), 200, 100, 100)
    captions = (caption for caption, _ in scenes)
    return build_tokenizer(captions, pieces, vocab_size=1600, max_length=1024)


def test_every_drawing_and_caption_comes_back_as_it_was(tokenizer, scenes):
    for caption, svg in scenes:
        assert tokenizer.decode(tokenizer(svg)["input_ids"]) == svg
        assert tokenizer.decode(tokenizer(caption)["input_ids"]) == caption


def test_tokens_are_the_same_after_reloading_by_auto_class(tokenizer, scenes, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    Qwen2Config(vocab_size=len(tokenizer)).save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert type(again).__name__ == "Qwen2Tokenizer"
    for caption, svg in scenes:
        assert again(svg)["input_ids"] == tokenizer(svg)["input_ids"]
        assert again(caption)["input_ids"] == tokenizer(caption)["input_ids"]
    messages = [{"role": "user", "content": "a red fox"}]
    ours = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert ours == "<|im_start|>user\na red fox<|im_end|>\n<|im_start|>assistant\n"
    assert again.apply_chat_template(messages, tokenize=False, add_generation_prompt=True) == ours


def test_numbers_and_the_root_are_one_token_each(tokenizer, scenes):
    root = scenes[0][1].partition(">")[0] + ">"
    for piece in ("7", " 128", "-200", root):
        assert len(tokenizer(piece)["input_ids"]) == 1


def test_words_are_not_cut_by_svg_tokens(tokenizer, scenes):
    added = {token.content for token in tokenizer.added_tokens_decoder.values() if not token.special}
    assert {'"/><path d="M', "10", "-10"} <= added
    for caption, _ in scenes:
        assert not added & {tokenizer.decode([i]) for i in tokenizer(caption)["input_ids"]}


def test_unknown_script_survives(tokenizer):
    text = "été 雪 Ω 🙂"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_too_small_a_vocabulary_is_refused():
    with pytest.raises(ValueError, match="leave 37 of 100 for words; raise vocab_size"):
        build_tokenizer(["a"], (f'"{k}' for k in range(60)), vocab_size=100, max_length=64)
