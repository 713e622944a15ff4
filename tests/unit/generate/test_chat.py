from __future__ import annotations

import pytest
import tiny_models

from svgtune.config.form import NormalForm
from svgtune.generate.chat import ChatEncoder
from svgtune.model.card import Traits
from svgtune.model.data import Wording
from svgtune.prompts import PromptStyle


@pytest.mark.parametrize("family", ["qwen", "gemma"])
@pytest.mark.parametrize("style", list(PromptStyle))
@pytest.mark.parametrize(("canvas", "max_bytes"), [(200, 10_000), (512, 4_000)])
def test_models_are_asked_as_they_were_tuned(
    family: str, style: PromptStyle, canvas: int, max_bytes: int
) -> None:
    tokenizer = tiny_models.build_tokenizer(family)
    caption = "a red  circle"
    wording = Wording(tokenizer, style, NormalForm(canvas=canvas, max_bytes=max_bytes), None)
    tuned_with = tokenizer.apply_chat_template(
        wording.build_prompt(caption), add_generation_prompt=True, tokenize=False
    )
    asked_with = ChatEncoder(tokenizer, Traits(style, canvas, max_bytes)).encode(caption)
    assert tokenizer.decode(asked_with.ids) == tuned_with
    assert asked_with.detail == ""
    assert (f"{canvas} {canvas}" in tuned_with) == (style is PromptStyle.INSTRUCT)
