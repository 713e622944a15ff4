"""Writing on pictures, as lessons of the text gate: words in several hands, sizes and strengths."""

from __future__ import annotations

import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

_HANDS = 8  # Hershey's, by OpenCV's numbers
_CASES = (str.lower, str.upper, str.title)
_LETTERS = np.array(list(string.ascii_letters + string.digits))


def write_on(image: np.ndarray, caption: str, rng: np.random.Generator, *, faint: bool = False) -> np.ndarray:
    """Writes one to three lines somewhere on a picture.

    Args:
        image: uint8 of shape [height, width, 3].
        caption: Some of the words are its; the others are random letters.
        rng: Chooses words, hand, size, slant, place and colours.
        faint: Whether the letters stand off their ground by a few levels only.

    Returns:
        A new picture of the same shape.
    """
    shape = image.shape[:2]
    lines = [_choose_words(caption, rng) for _ in range(rng.integers(1, 4))]
    mask = _turn(_write_lines(lines, shape, rng), rng)
    ground = image.astype(np.float32)
    if rng.random() < 0.5:
        ground = _lay_card(ground, mask, rng)
    if faint:
        signs = rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1, 3)
        ink = ground + signs * rng.uniform(3, 20)
    else:
        ink = np.broadcast_to(rng.uniform(0, 255, 3), ground.shape)
    share = mask[..., None].astype(np.float32) / 255
    return np.clip(ground * (1 - share) + ink * share, 0, 255).astype(np.uint8)


def _choose_words(caption: str, rng: np.random.Generator) -> str:
    words = caption.split()
    first = int(rng.integers(0, len(words)))
    line = " ".join(words[first : first + int(rng.integers(1, 4))])
    if rng.random() < 0.4:
        line = "".join(rng.choice(_LETTERS, rng.integers(3, 12)))
    case = _CASES[rng.integers(0, len(_CASES))]
    return case(line[:18])


def _write_lines(lines: list[str], shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Returns how much of each pixel is covered, uint8 of the shape."""
    longest = max(map(len, lines))
    size = min(float(rng.uniform(14, 90)), 1.8 * shape[1] / longest)
    x = float(rng.uniform(0.01, 0.3)) * shape[1]
    top = float(rng.uniform(0.02, 0.7)) * shape[0]
    tops = [top + 1.3 * size * number for number in range(len(lines))]
    if rng.random() < 0.35:
        canvas = Image.new("L", shape[::-1])
        font = ImageFont.load_default(size)
        for line, y in zip(lines, tops, strict=True):
            ImageDraw.Draw(canvas).text((x, y), line, fill=255, font=font)
        return np.array(canvas)
    mask = np.zeros(shape, np.uint8)
    hand = int(rng.integers(0, _HANDS)) | (cv2.FONT_ITALIC if rng.random() < 0.2 else 0)
    thickness = max(1, round(size * float(rng.uniform(0.04, 0.2))))
    for line, y in zip(lines, tops, strict=True):
        corner = (round(x), round(y + size))
        cv2.putText(mask, line, corner, hand, size / 30, 255, thickness, cv2.LINE_AA)
    return mask


def _turn(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.6:
        return mask
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 12)), 1.0)
    return cv2.warpAffine(mask, turn, (width, height))


def _lay_card(ground: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lays a card of one colour under what is written."""
    x, y, width, height = cv2.boundingRect(mask)
    more = int(rng.integers(2, 40))
    ground = ground.copy()
    ground[max(0, y - more) : y + height + more, max(0, x - more) : x + width + more] = rng.uniform(0, 255, 3)
    return ground
