"""A caption as the token ids that a model was tuned to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from svgtune.model.card import Traits
from svgtune.prompts import build_messages, normalise_caption


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt ready for a model.

    Attributes:
        detail: What had to be changed in the caption; empty where nothing was.
    """

    ids: tuple[int, ...]
    detail: str


class ChatEncoder:
    """Writes captions in a model's own chat format.

    Args:
        tokenizer: A Hugging Face tokenizer with a chat template.
        traits: How the model was asked when it was tuned.
    """

    def __init__(self, tokenizer: Any, traits: Traits) -> None:
        self.tokenizer = tokenizer
        self.traits = traits

    def encode(self, caption: str) -> Encoded:
        """Returns the ids of the whole prompt, ready for the answer's first token."""
        messages = build_messages(
            caption, self.traits.prompt_style, canvas=self.traits.canvas, max_bytes=self.traits.max_bytes
        )
        text = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        changed = normalise_caption(caption) != " ".join(caption.split())
        return Encoded(tuple(ids), "chat marks in the prompt were broken up" if changed else "")
