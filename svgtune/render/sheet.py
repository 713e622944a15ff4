"""Contact sheets and strips: many pictures in one image, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

_GAP_PX = 8
_MAX_LINES = 4
_INK = (34, 34, 34)
_ALARM = (190, 40, 40)
_EMPTY = (226, 226, 226)
_STRIP_GAP_PX, _STRIP_EMPTY = 4, 224


def _load_font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size_px)  # more scripts than PIL's own font
    except OSError:
        return ImageFont.load_default(size_px)


def _wrap_caption(
    caption: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int
) -> list[str]:
    """Breaks a caption into at most ``_MAX_LINES`` lines, too wide words too; what is left is elided."""
    lines = [""]
    for word in caption.split():
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= width_px:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and font.getlength(lines[-1] + character) > width_px:
                lines.append("")
            lines[-1] += character
        if len(lines) > _MAX_LINES:
            break
    if len(lines) > _MAX_LINES:
        lines = lines[:_MAX_LINES]
        last = lines[-1]
        while last and font.getlength(last + "…") > width_px:
            last = last[:-1]
        lines[-1] = last + "…"
    return lines


def build_contact_sheet(
    items: Sequence[tuple[str, np.ndarray | None]], columns: int = 5, cell_px: int = 192
) -> Image.Image:
    """Lays pictures out in rows, each with its caption below.

    Args:
        items: Caption and uint8 picture [height, width, 3]; None is shown as a crossed-out cell.
        columns: Pictures in a row; fewer where there are fewer items.
        cell_px: Side of the square that a picture is fitted into.
    """
    columns = max(1, min(columns, len(items)))
    font_px = max(10, cell_px // 14)
    line_px = round(font_px * 1.3)
    font = _load_font(font_px)
    captions = [_wrap_caption(caption, font, cell_px) for caption, _ in items]
    rows = [range(first, min(first + columns, len(items))) for first in range(0, len(items), columns)]
    heights = [cell_px + _GAP_PX // 2 + line_px * max(len(captions[i]) for i in row) for row in rows]

    width = columns * (cell_px + _GAP_PX) + _GAP_PX
    sheet = Image.new("RGB", (width, sum(heights) + _GAP_PX * (len(rows) + 1)), "white")
    draw = ImageDraw.Draw(sheet)
    top = _GAP_PX
    for row, height in zip(rows, heights, strict=True):
        for place, i in enumerate(row):
            left = _GAP_PX + place * (cell_px + _GAP_PX)
            image = items[i][1]
            if image is None:
                box = (left, top, left + cell_px - 1, top + cell_px - 1)
                draw.rectangle(box, fill=_EMPTY)
                draw.line(box, fill=_ALARM, width=2)
                draw.line((box[0], box[3], box[2], box[1]), fill=_ALARM, width=2)
            else:
                picture = ImageOps.pad(Image.fromarray(image), (cell_px, cell_px), color="white")
                sheet.paste(picture, (left, top))
            for number, line in enumerate(captions[i]):
                ink = _INK if image is not None else _ALARM
                draw.text((left, top + cell_px + _GAP_PX // 2 + number * line_px), line, fill=ink, font=font)
        top += height + _GAP_PX
    return sheet


def build_strip(pictures: Sequence[np.ndarray | None], side_px: int) -> np.ndarray:
    """Lays square pictures side by side, uint8 [side, width, 3]; None is a grey square."""
    strip = np.full((side_px, len(pictures) * (side_px + _STRIP_GAP_PX) - _STRIP_GAP_PX, 3), 255, np.uint8)
    for place, picture in enumerate(pictures):
        left = place * (side_px + _STRIP_GAP_PX)
        strip[:, left : left + side_px] = _STRIP_EMPTY if picture is None else picture
    return strip


def cut_strip(strip: Image.Image, count: int) -> list[Image.Image | None]:
    """Cuts what ``build_strip`` laid out into its pictures; None for those that are not on it."""
    side = strip.height
    lefts = [place * (side + _STRIP_GAP_PX) for place in range(count)]
    return [
        strip.crop((left, 0, left + side, side)) if left + side <= strip.width else None for left in lefts
    ]
