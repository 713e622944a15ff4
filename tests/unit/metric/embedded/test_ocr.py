from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from svgtune.errors import MachineError
from svgtune.metric.embedded.ocr import EmbeddedOcr


def write_picture(text: str) -> Image.Image:
    image = Image.new("RGB", (384, 384), "white")
    ImageDraw.Draw(image).text((60, 150), text, "black", font=ImageFont.load_default(56))
    return image


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    with pytest.raises(MachineError, match="--no-deps rapidocr-onnxruntime"):
        EmbeddedOcr().read([write_picture("HELLO")])


class DarkOnly:
    """A gate that lets dark pictures through."""

    def find(self, images):
        return [np.asarray(image).mean() < 200 for image in images]


def test_nothing_is_read_in_what_the_gate_holds_back():
    pytest.importorskip("rapidocr_onnxruntime")
    light = write_picture("HELLO")
    dark = Image.fromarray(np.asarray(light) // 2)
    assert EmbeddedOcr(gate=DarkOnly()).read([light, dark, light]) == ["", "HELLO", ""]


def test_text_is_read_alike_alone_and_together():
    pytest.importorskip("rapidocr_onnxruntime")
    judge = EmbeddedOcr(threads=3)
    images = [write_picture("HELLO"), write_picture(""), write_picture("WORLD 42"), write_picture("HELLO")]
    texts = judge.read(images)
    assert texts == [judge.read([image])[0] for image in images]
    assert texts[0] == texts[3] == "HELLO"
    assert texts[1] == ""
    assert texts[2].replace(" ", "") == "WORLD42"
