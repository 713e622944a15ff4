"""The one place where a caption becomes a prompt, for training and for drawing alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from svgtune.model.card import Traits
from svgtune.prompts import Example, build_answer, build_messages

FindExamples = Callable[[str, int], list[Example]]
"""Finds at most so many drawings of captions like the given one, the likest last."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A conversation that asks for a drawing.

    Attributes:
        detail: What did not fit; empty where everything did.
    """

    messages: list[dict[str, str]]
    detail: str = ""


class Prompter:
    """Writes prompts: the caption in the model's wording, with examples and a plan where they are wanted.

    Args:
        tokenizer: With a chat template.
        traits: Wording, canvas, size limit, and whether there is a plan.
        find: Finds examples; None shows none.
        examples: How many are shown at most.
        max_tokens: Examples are left out, the least like first, until the prompt is no longer than this.
            None is no limit.
    """

    def __init__(
        self,
        tokenizer: Any,
        traits: Traits,
        *,
        find: FindExamples | None = None,
        examples: int = 0,
        max_tokens: int | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.traits = traits
        self.find = find
        self.examples = examples
        self.max_tokens = max_tokens

    def write(self, caption: str) -> Asked:
        """Writes the prompt of a caption, with as many examples as fit."""
        shown = self.find(caption, self.examples) if self.find is not None else []
        wanted = len(shown)
        messages = self._write(caption, shown)
        while shown and not self._fits(messages):
            shown = shown[1:]
            messages = self._write(caption, shown)
        left_out = wanted - len(shown)
        return Asked(messages, f"{left_out} of {wanted} examples did not fit" if left_out else "")

    def write_answer(self, svg: str) -> str:
        """Returns what a model is trained to answer.

        Raises:
            SvgError: A plan is wanted of what is no SVG.
        """
        return build_answer(svg, plan=self.traits.plan)

    def _write(self, caption: str, examples: list[Example]) -> list[dict[str, str]]:
        return build_messages(
            caption,
            self.traits.prompt_style,
            canvas=self.traits.canvas,
            max_bytes=self.traits.max_bytes,
            examples=examples,
            plan=self.traits.plan,
        )

    def _fits(self, messages: list[dict[str, str]]) -> bool:
        if self.max_tokens is None:
            return True
        text = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"]) <= self.max_tokens
