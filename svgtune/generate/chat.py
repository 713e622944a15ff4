"""A caption as the token ids that a model was tuned to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from svgtune.model.card import Traits
from svgtune.model.prompting import Prompter
from svgtune.prompts import normalise_caption
from svgtune.svg.plan import split_plan


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt ready for a model.

    Attributes:
        detail: What had to be changed or left out; empty where nothing was.
    """

    ids: tuple[int, ...]
    detail: str


class ChatEncoder:
    """Writes captions in a model's own chat format.

    Args:
        tokenizer: A Hugging Face tokenizer with a chat template.
        traits: How the model was asked when it was tuned.
        prompter: What stands beside the caption; None is what the traits say.
    """

    def __init__(self, tokenizer: Any, traits: Traits, prompter: Prompter | None = None) -> None:
        self.tokenizer = tokenizer
        self.prompter = prompter or Prompter(tokenizer, traits)
        self.traits = self.prompter.traits

    def encode(self, caption: str) -> Encoded:
        """Returns the ids of the whole prompt, ready for the answer's first token."""
        asked = self.prompter.write(caption)
        text = self.tokenizer.apply_chat_template(asked.messages, add_generation_prompt=True, tokenize=False)
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        changed = normalise_caption(caption) != " ".join(caption.split())
        notes = ("chat marks in the prompt were broken up" if changed else "", asked.detail)
        return Encoded(tuple(ids), "; ".join(note for note in notes if note))

    def split_answer(self, text: str) -> tuple[str, str]:
        """Splits an answer into its plan and the drawing; there is no plan where none was asked for."""
        return split_plan(text) if self.traits.plan else ("", text)
