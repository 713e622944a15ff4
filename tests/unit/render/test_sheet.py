from __future__ import annotations

import numpy as np
import pytest

from svgtune.render.sheet import build_contact_sheet

RED = np.full((384, 384, 3), (255, 0, 0), np.uint8)
BLUE = np.full((100, 100, 3), (0, 0, 255), np.uint8)


def test_pictures_stand_in_rows_in_order() -> None:
    sheet = build_contact_sheet([("one", RED), ("two", BLUE), ("three", RED)], columns=2, cell_px=100)
    assert sheet.mode == "RGB"
    assert sheet.width == 2 * 108 + 8
    pixels = np.asarray(sheet)
    assert tuple(pixels[50, 50]) == (255, 0, 0)
    assert tuple(pixels[50, 160]) == (0, 0, 255)
    assert tuple(pixels[-60, 50]) == (255, 0, 0)
    assert tuple(pixels[-60, 160]) == (255, 255, 255)


def test_caption_is_written_below_its_picture() -> None:
    with_caption = np.asarray(build_contact_sheet([("a purple forest at dusk", RED)], cell_px=120))
    assert (with_caption[128:] < 128).all(axis=2).any()


def test_long_captions_are_wrapped_and_end() -> None:
    short = build_contact_sheet([("a", RED)], cell_px=100)
    wrapped = build_contact_sheet([("a lighthouse overlooking the ocean", RED)], cell_px=100)
    longest = build_contact_sheet([("word " * 2000, RED)], cell_px=100)
    unbroken = build_contact_sheet([("x" * 10_000, RED)], cell_px=100)
    assert short.height < wrapped.height <= longest.height == unbroken.height < 200
    assert {short.width, wrapped.width, longest.width, unbroken.width} == {116}


@pytest.mark.parametrize("caption", ["", "two\nlines\tand\x07bell", "Ночной лес", "夜の森", "🌲"])
def test_any_caption_can_be_written(caption: str) -> None:
    assert build_contact_sheet([(caption, RED)], cell_px=64).width == 80


def test_missing_picture_is_crossed_out() -> None:
    pixels = np.asarray(build_contact_sheet([("gone", None)], cell_px=100))
    assert tuple(pixels[58, 58]) != (255, 255, 255)
    assert tuple(pixels[30, 60]) == (226, 226, 226)


def test_no_items_give_an_empty_sheet() -> None:
    assert build_contact_sheet([]).size == (208, 8)
