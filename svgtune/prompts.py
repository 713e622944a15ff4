"""The words a model is asked with: one wording for training and for inference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from svgtune.svg.plan import MAX_LINES, write_plan

# Written out here, in prose order, rather than read from the rule tables: a model learns these very words,
# so they may only change together with a new training run.
_DRAWING_ELEMENTS = (
    "path, rect, circle, ellipse, line, polyline, polygon, g, defs, linearGradient, radialGradient, stop, "
    "pattern, symbol, use"
)
_CONTROL_MARK = re.compile(r"<(?=\||/?[A-Za-z_]+>)")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class PromptStyle(StrEnum):
    """How a model wants to be asked; it is stored beside the model's weights."""

    CAPTION = "caption"
    INSTRUCT = "instruct"


@dataclass(frozen=True, slots=True)
class Example:
    """A drawing that a prompt shows before it asks for another one."""

    caption: str
    svg: str


def normalise_caption(caption: str) -> str:
    """Returns the caption on one line, with nothing in it that a tokenizer could read as a control token.

    ``<|im_end|>`` or ``<end_of_turn>`` inside a caption would otherwise end the user's turn.
    """
    return _CONTROL_MARK.sub("< ", " ".join(_CONTROL_CHARACTER.sub(" ", caption).split()))


def build_messages(
    caption: str,
    style: PromptStyle,
    *,
    canvas: int = 200,
    max_bytes: int = 10_000,
    examples: Sequence[Example] = (),
    plan: bool = False,
) -> list[dict[str, str]]:
    """Builds the conversation that asks for a drawing, ready for a tokenizer's chat template.

    There is no system turn, because Gemma's template has none. The instructions come before the caption, so
    that servers can keep their part of the prompt cached.

    Args:
        caption: What to draw, in the user's words.
        style: The wording that the model was, or will be, tuned with.
        canvas: Side of the square viewBox that the model was trained on; unused by the caption style.
        max_bytes: Size limit of the drawing; unused by the caption style.
        examples: Drawings shown as earlier turns, the first one first; the instructions stand in the first.
        plan: Whether the answer begins with a plan, as ``build_answer`` writes it.

    Raises:
        SvgError: An example is no SVG.
    """
    messages = []
    for example in examples:
        messages += [
            {"role": "user", "content": normalise_caption(example.caption)},
            {"role": "assistant", "content": build_answer(example.svg, plan=plan)},
        ]
    messages.append({"role": "user", "content": normalise_caption(caption)})
    first = messages[0]
    if style is PromptStyle.INSTRUCT:
        first["content"] = _write_instructions(canvas, max_bytes, plan=plan) + first["content"]
        for later in messages[2::2]:
            later["content"] = f"Caption: {later['content']}"
    elif plan:
        for turn in messages[::2]:
            turn["content"] += "\nPlan first."
    return messages


def build_answer(svg: str, *, plan: bool = False) -> str:
    """Returns what a model is to answer: the drawing alone, or the plan of it and the drawing after that.

    Raises:
        SvgError: A plan is wanted of what is no SVG.
    """
    return f"{write_plan(svg)}\n{svg}" if plan else svg


def _write_instructions(canvas: int, max_bytes: int, *, plan: bool) -> str:
    answer = "Answer with the SVG code only."
    if plan:
        answer = (
            f"First plan the picture from back to front, in at most {MAX_LINES} lines such as "
            '"# circle #f00, top left, small": element, colour, place and size. Then write the SVG code.'
        )
    return (
        "Draw the caption below as an SVG file.\n"
        f'- {answer} The root is <svg> with viewBox="0 0 {canvas} {canvas}", its '
        "first shape a background rect.\n"
        f"- Elements allowed: {_DRAWING_ELEMENTS}. Colours as attributes; no text, style, image, mask, "
        "clipPath, filter or script.\n"
        f"- At most {max_bytes} bytes.\n"
        "Caption: "
    )
