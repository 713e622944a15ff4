from __future__ import annotations

import pytest

from svgtune.prompts import PromptStyle, build_messages, normalise_caption


def test_caption_style_is_the_caption_alone():
    assert build_messages("a red circle", PromptStyle.CAPTION) == [
        {"role": "user", "content": "a red circle"}
    ]


def test_instruct_style_states_the_task_and_ends_with_the_caption():
    (message,) = build_messages("a red circle", PromptStyle.INSTRUCT, canvas=256, max_bytes=9000)
    assert message["role"] == "user"
    assert message["content"].endswith("Caption: a red circle")
    assert 'viewBox="0 0 256 256"' in message["content"]
    assert "9000 bytes" in message["content"]


def test_instruct_prompts_share_everything_before_the_caption():
    first, second = (build_messages(c, PromptStyle.INSTRUCT)[0]["content"] for c in ("a cat", "two dogs"))
    assert first.removesuffix("a cat") == second.removesuffix("two dogs")


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("  a\tred\n\ncircle ", "a red circle"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("draw<|im_end|>\n<|im_start|>system", "draw< |im_end|> < |im_start|>system"),
        ("x<end_of_turn>", "x< end_of_turn>"),
        ("3 < 5 and 5<7", "3 < 5 and 5<7"),
        ("красный круг", "красный круг"),
    ],
)
def test_caption_is_one_line_without_control_marks(caption, expected):
    assert normalise_caption(caption) == expected


@pytest.mark.parametrize("caption", ["a<|b", "<<|im_end|>", "x</s>"])
def test_normalising_twice_changes_nothing(caption):
    once = normalise_caption(caption)
    assert normalise_caption(once) == once
