"""The competition's image defences: what the judges see instead of the plain render.

They blur away marks that a person would not see but that would sway a judge. Bit for bit as the competition
makes them; the order of the random draws is part of that.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from PIL import Image

CROP_SHARE = 0.03
READ_CROP_SHARE = 0.05
_MEDIAN_PX = 9
_CUTOFF = 0.5
_BILATERAL = (5, 75, 75)  # diameter in pixels, sigma of colour, sigma of space
_REDUCED_MEDIAN_PX = 5

Defence = Callable[[np.ndarray, int], "DefendedViews"]
"""Makes the defended views of a render, uint8 of shape [height, width, 3], by a group seed."""


@dataclass(frozen=True, slots=True, eq=False)
class DefendedViews:
    """What the judges are shown of one render; RGB, of the render's size; half of it from ``defend_reduced``.

    Attributes:
        judged: For the questions and the aesthetic judge.
        read: For the OCR judge.
    """

    judged: Image.Image
    read: Image.Image


def defend_image(image: np.ndarray, group_seed: int) -> DefendedViews:
    """Makes both views of a render.

    Args:
        image: uint8 of shape [height, width, 3].
        group_seed: Of ``formula.draw_group_seeds``. One generator serves both views; the second view starts
            from the render again, but the generator goes on.
    """
    generator = np.random.RandomState(group_seed)
    pixels = _compress(_crop(image, CROP_SHARE, generator), quality=95)
    pixels = _smooth(pixels)
    judged = _compress(pixels, quality=92)
    read = _compress(_crop(image, READ_CROP_SHARE, generator), quality=90)
    return DefendedViews(Image.fromarray(judged), Image.fromarray(read))


def defend_reduced(image: np.ndarray, group_seed: int) -> DefendedViews:
    """Makes both views of a render nearly as ``defend_image`` does, in a fortieth of its time.

    Both have half the size of what is left of the render, which is not stretched back: the low-pass has
    nothing left to remove there, and small judges shrink the picture anyway. The view for the questions and
    the aesthetic judge goes through the median only; bilateral filter and JPEG move the totals of scenes by
    less than .001 more. For rewards only: a score that is to be published takes the exact defences.
    ``scripts/bench_rewards.py`` measures the time, and how far the judges' answers move.
    """
    generator = np.random.RandomState(group_seed)
    judged = cv2.medianBlur(halve(_cut(image, CROP_SHARE, generator)), _REDUCED_MEDIAN_PX)
    read = halve(_cut(image, READ_CROP_SHARE, generator))
    return DefendedViews(Image.fromarray(judged), Image.fromarray(read))


def halve(image: np.ndarray) -> np.ndarray:
    """Shrinks a picture to half its size, by means of four pixels; an odd last row or column is left out."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    # Six times as fast as any other factor.
    return cv2.resize(image[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)


DEFENCES: dict[str, Defence] = {"exact": defend_image, "reduced": defend_reduced}
"""By the names that recipes give them."""


def _crop(image: np.ndarray, share: float, generator: np.random.RandomState) -> np.ndarray:
    """Cuts a random strip off each side and stretches the rest back to the old size."""
    height, width = image.shape[:2]
    cut = Image.fromarray(_cut(image, share, generator))
    return np.asarray(cut.resize((width, height), Image.Resampling.BILINEAR))


def _cut(image: np.ndarray, share: float, generator: np.random.RandomState) -> np.ndarray:
    height, width = image.shape[:2]
    most_x, most_y = int(width * share), int(height * share)
    # An offset is drawn for each side, in this order.
    left = generator.randint(0, most_x + 1)
    top = generator.randint(0, most_y + 1)
    right = width - generator.randint(0, most_x + 1)
    bottom = height - generator.randint(0, most_y + 1)
    return image[top:bottom, left:right]


def _compress(pixels: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def _smooth(pixels: np.ndarray) -> np.ndarray:
    # The median of OpenCV is PIL's to the bit, edges included, at a fifth to a twentieth of its time.
    pixels = cv2.medianBlur(pixels, _MEDIAN_PX)
    return cv2.bilateralFilter(_pass_low(pixels), *_BILATERAL)


class _Buffers(threading.local):
    """Room for one channel's spectrum, kept by each thread: fresh pages cost more than the transforms."""

    def __init__(self) -> None:
        self.wide = np.empty((0, 0), np.complex128)
        self.narrow = np.empty((0, 0), np.complex64)

    def fit(self, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Returns both buffers, complex128 and complex64, in the shape asked for."""
        if self.wide.shape != shape:
            self.wide, self.narrow = np.empty(shape, np.complex128), np.empty(shape, np.complex64)
        return self.wide, self.narrow


_buffers = _Buffers()


def _pass_low(pixels: np.ndarray) -> np.ndarray:
    """Removes all frequencies outside a disc of half the highest one's radius, channel by channel.

    The competition's ``ifft2(fft2(channel) * disc)`` on float32, to the bit: numpy transforms forward in
    double precision, rounds to single after each axis, and transforms back in single.
    """
    kept = _build_disc(*pixels.shape[:2])
    wide, narrow = _buffers.fit(pixels.shape[:2])
    smooth = np.empty(pixels.shape, np.uint8)
    for channel in range(3):
        narrow[...] = pixels[:, :, channel]
        for axis in (1, 0):
            wide[...] = narrow
            narrow[...] = np.fft.fft(wide, axis=axis, out=wide)
        narrow *= kept
        for axis in (1, 0):
            np.fft.ifft(narrow, axis=axis, out=narrow)
        smooth[:, :, channel] = np.clip(narrow.real, 0, 255)
    return smooth


@cache
def _build_disc(height: int, width: int) -> np.ndarray:
    """Returns 1 inside the disc and 0 outside, float32, with frequency zero at the corner as FFTs have it."""
    middle_y, middle_x = height // 2, width // 2
    radius = int(min(middle_y, middle_x) * _CUTOFF)
    y, x = np.ogrid[:height, :width]
    disc = (y - middle_y) ** 2 + (x - middle_x) ** 2 <= radius**2
    return np.fft.ifftshift(disc.astype(np.float32))
