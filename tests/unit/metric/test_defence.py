"""The defences against a second way to them: plain PIL, numpy and OpenCV, step by step by METRIC.md."""

from __future__ import annotations

import hashlib
import io
import platform

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter, features

from svgtune.metric.defence import defend_image, defend_reduced
from svgtune.render.raster import render_svg

SCENE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
    '<rect width="200" height="200" fill="#bde"/><circle cx="90" cy="100" r="40" fill="#c31"/>'
    '<path d="M10 10L190 30L60 190Z" fill="#28c" opacity=".6"/>'
    '<rect x="120" y="130" width="3" height="50"/></svg>'
)
DISC = np.array([[(y - 192) ** 2 + (x - 192) ** 2 <= 96 * 96 for x in range(384)] for y in range(384)])


def make_images() -> dict[str, np.ndarray]:
    y, x = np.mgrid[:384, :384]
    noise = np.random.default_rng(5).integers(0, 256, (384, 384, 3), np.uint8)
    waves = np.stack([127 + 127 * np.sin(x * y / 900), x * 255 / 383, y * 255 / 383], -1).astype(np.uint8)
    plain = np.full((384, 384, 3), (128, 255, 0), np.uint8)
    return {"scene": render_svg(SCENE), "noise": noise, "waves": waves, "plain": plain}


def recompress(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality)
    buffer.seek(0)
    return Image.open(buffer)


def crop_by(image: Image.Image, offsets: list[int]) -> Image.Image:
    left, top, right, bottom = offsets
    cut = image.crop((left, top, 384 - right, 384 - bottom))
    return cut.resize((384, 384), Image.BILINEAR)


def pass_low(image: Image.Image) -> Image.Image:
    pixels = np.array(image, dtype=np.float32)
    result = np.zeros_like(pixels)
    for channel in range(3):
        spectrum = np.fft.fftshift(np.fft.fft2(pixels[:, :, channel]))
        result[:, :, channel] = np.real(np.fft.ifft2(np.fft.ifftshift(spectrum * DISC.astype(np.float32))))
    return Image.fromarray(np.clip(result, 0, 255).astype(np.uint8))


def defend_plainly(pixels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.RandomState(seed)
    render = Image.fromarray(pixels)
    image = crop_by(render, [rng.randint(0, 12) for _ in range(4)])
    image = recompress(image, 95).filter(ImageFilter.MedianFilter(size=9))
    image = Image.fromarray(cv2.bilateralFilter(np.array(pass_low(image)), 5, 75, 75))
    judged = recompress(image, 92)
    read = recompress(crop_by(render, [rng.randint(0, 20) for _ in range(4)]), 90)
    return np.array(judged), np.array(read)


@pytest.mark.parametrize(
    ("name", "seed"),
    [("scene", 209652396), ("scene", 398764591), ("noise", 924231285), ("waves", 209652396), ("plain", 0)],
)
def test_both_views_are_bit_exact(name, seed):
    image = make_images()[name]
    views = defend_image(image, seed)
    judged, read = defend_plainly(image, seed)
    assert np.array_equal(np.array(views.judged), judged)
    assert np.array_equal(np.array(views.read), read)
    assert views.judged.mode == views.read.mode == "RGB"
    assert views.judged.size == views.read.size == (384, 384)


def test_offsets_are_drawn_left_top_right_bottom_twice_from_one_stream():
    rng = np.random.RandomState(209652396)
    drawn = [rng.randint(0, 12) for _ in range(4)] + [rng.randint(0, 20) for _ in range(4)]
    assert drawn == [3, 2, 0, 0, 18, 9, 7, 3]


def test_same_seed_gives_the_same_views_and_the_render_is_left_alone():
    image = make_images()["scene"]
    before = image.copy()
    first, again, other = (defend_image(image, seed) for seed in (7, 7, 8))
    assert np.array_equal(np.array(first.judged), np.array(again.judged))
    assert np.array_equal(np.array(first.read), np.array(again.read))
    assert not np.array_equal(np.array(first.judged), np.array(other.judged))
    assert np.array_equal(image, before)


@pytest.mark.skipif(
    platform.machine() != "x86_64" or not features.check_feature("libjpeg_turbo"),
    reason="another processor or JPEG library may round otherwise",
)
@pytest.mark.parametrize(
    ("name", "judged", "read"),
    [
        ("scene", "49a1a70631e44cdf", "5ab38a4b54a3d40e"),
        ("noise", "983a23c40ec98d65", "a1634d10dd7ba4a0"),
        ("waves", "8d810bb7a6ac5b24", "7f7c387cf4fbe220"),
        ("plain", "a1e40abf26d65916", "a1e40abf26d65916"),
    ],
)
def test_views_are_frozen(name, judged, read):
    views = defend_image(make_images()[name], 209652396)
    found = [hashlib.sha256(np.array(v).tobytes()).hexdigest()[:16] for v in (views.judged, views.read)]
    assert found == [judged, read]


def see_small(image: np.ndarray | Image.Image) -> np.ndarray:
    """Returns the picture as a small judge sees it."""
    return cv2.resize(np.asarray(image), (96, 96), interpolation=cv2.INTER_AREA).astype(int)


def test_reduced_views_show_a_small_judge_what_the_exact_ones_do():
    images = make_images()
    for name in ("scene", "noise", "plain"):
        exact, reduced = defend_image(images[name], 7), defend_reduced(images[name], 7)
        # Half of what the crop leaves: at most 11 px off each side, and 19 px for the reader.
        assert all(181 <= side <= 192 for side in reduced.judged.size)
        assert all(173 <= side <= 192 for side in reduced.read.size)
        off = np.abs(see_small(reduced.judged) - see_small(exact.judged)).mean()
        undefended = np.abs(see_small(images[name]) - see_small(exact.judged)).mean()
        assert off < max(1.0, undefended / 2)
        # The JPEG that the reduced view for the reader does without takes away the colours of noise.
        off = np.abs(see_small(reduced.read) - see_small(exact.read)).mean()
        assert off < (10 if name == "noise" else 1)
