"""The words a model is asked with: one wording for training and for inference."""

from __future__ import annotations

import re
from enum import StrEnum

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


def normalise_caption(caption: str) -> str:
    """Returns the caption on one line, with nothing in it that a tokenizer could read as a control token.

    ``<|im_end|>`` or ``<end_of_turn>`` inside a caption would otherwise end the user's turn.
    """
    return _CONTROL_MARK.sub("< ", " ".join(_CONTROL_CHARACTER.sub(" ", caption).split()))


def build_messages(
    caption: str, style: PromptStyle, *, canvas: int = 200, max_bytes: int = 10_000
) -> list[dict[str, str]]:
    """Builds the conversation that asks for a drawing, ready for a tokenizer's chat template.

    There is no system turn, because Gemma's template has none. The instructions come before the caption, so
    that servers can keep their part of the prompt cached.

    Args:
        caption: What to draw, in the user's words.
        style: The wording that the model was, or will be, tuned with.
        canvas: Side of the square viewBox that the model was trained on; unused by the caption style.
        max_bytes: Size limit of the drawing; unused by the caption style.
    """
    text = normalise_caption(caption)
    if style is PromptStyle.INSTRUCT:
        text = (
            "Draw the caption below as an SVG file.\n"
            f'- Answer with the SVG code only. The root is <svg> with viewBox="0 0 {canvas} {canvas}", its '
            "first shape a background rect.\n"
            f"- Elements allowed: {_DRAWING_ELEMENTS}. Colours as attributes; no text, style, image, mask, "
            "clipPath, filter or script.\n"
            f"- At most {max_bytes} bytes.\n"
            f"Caption: {text}"
        )
    return [{"role": "user", "content": text}]
