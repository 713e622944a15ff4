from __future__ import annotations

import io
import urllib.request
from pathlib import Path

import cairosvg
import cairosvg.url
import numpy as np
import pytest
from PIL import Image

from svgtune.errors import RenderError
from svgtune.render.raster import MAX_SVG_BYTES, render_svg
from svgtune.render.specimens import write_specimen


def render_plainly(svg: str) -> np.ndarray:
    """The judge's own way, PNG round trip included."""
    if "viewBox" not in svg:
        svg = svg.replace("<svg", '<svg viewBox="0 0 384 384"')
    png = cairosvg.svg2png(bytestring=svg.encode())
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB").resize((384, 384)))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 520, 104))
def test_520_random_drawings_are_bit_exact(first: int) -> None:
    svgs = [write_specimen(seed) for seed in range(first, first + 104)]
    different = [svg for svg in svgs if not np.array_equal(render_svg(svg), render_plainly(svg))]
    assert different == []


def test_specimens_cover_what_they_claim() -> None:
    text = "".join(write_specimen(seed) for seed in range(100))
    for feature in (
        "url(#l)",
        "url(#r)",
        "url(#p)",
        "<use",
        "opacity",
        "stroke-dasharray",
        "transform",
        "<g op",
    ):
        assert feature in text
    own_sizes = {render_plainly(write_specimen(seed)).tobytes() for seed in range(20)}
    assert len(own_sizes) == 20


@pytest.mark.parametrize("alpha", [0.002, 0.004, 0.01, 0.1, 0.33, 0.5, 0.75, 0.99])
def test_translucent_colours_are_bit_exact(alpha: float) -> None:
    stops = "".join(f'<stop offset="{i / 6}" stop-color="hsl({i * 60},90%,50%)"/>' for i in range(7))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="384" height="384">'
        f'<linearGradient id="a">{stops}<stop offset="1" stop-opacity="0"/></linearGradient>'
        f'<rect width="9" height="9" fill="url(#a)" opacity="{alpha}"/>'
        f'<circle r="5" opacity="{alpha}"/></svg>'
    )
    assert np.array_equal(render_svg(svg), render_plainly(svg))


def test_transparent_background_is_black() -> None:
    image = render_svg(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="1" height="1"/></svg>'
    )
    assert image.dtype == np.uint8
    assert image.shape == (384, 384, 3)
    assert not image.any()


def test_view_box_is_added_where_the_text_has_none() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><rect width="192" height="384" fill="#fff"/>'
        '<svg x="200" y="9" width="100" height="99"><rect width="384" height="384" fill="red"/></svg></svg>'
    )
    image = render_svg(svg)
    assert image[:, :190].min() == 255
    assert image[200:, 200:].max() == 0
    assert np.array_equal(image, render_plainly(svg))


def test_view_box_rule_looks_at_the_text_only() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">'
        '<!-- viewBox --><rect width="5" height="10" fill="#fff"/></svg>'
    )
    assert np.array_equal(render_svg(svg), render_plainly(svg))


@pytest.mark.parametrize("size_px", [64, 200, 777])
def test_previews_have_the_asked_size(size_px: int) -> None:
    assert render_svg(write_specimen(3), size_px).shape == (size_px, size_px, 3)


def test_result_is_writable_and_outlives_the_surface() -> None:
    svg = write_specimen(5)
    first = render_svg(svg)
    kept = first.copy()
    for seed in range(10):
        render_svg(write_specimen(seed))
    assert np.array_equal(first, kept)
    first[:] = 0


@pytest.mark.parametrize(
    ("svg", "sentence"),
    [
        ("", "empty text"),
        ("   ", "ParseError"),
        ("no svg at all", "ParseError"),
        ('<svg viewBox="0 0 9 9" width="1e6" height="1e6"/>', "canvas of 1e"),
        ('<svg viewBox="0 0 9 9" width="20000" height="20000"/>', "keep width x height within"),
        ('<svg viewBox="0 0 9 9" width="nan" height="9"/>', "canvas of nan x 9 px"),
        ('<svg viewBox="0 0 9 9" width="9" height="-1e308"/>', "canvas of 9 x -1e"),
        ('<svg viewBox="0 0 0 0"/>', "canvas of 0 x 0 px"),
        ('<svg viewBox="0 0 9"/>', "IndexError"),
        ('<svg viewBox="0 0 nan nan"/>', "canvas of nan"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9">&a;</svg>', "EntitiesForbidden"),
        ("<svg viewBox='0 0 9 9'>\ud800</svg>", "UnicodeEncodeError"),
    ],
)
def test_bad_text_is_refused_with_a_sentence(svg: str, sentence: str) -> None:
    with pytest.raises(RenderError, match=sentence) as caught:
        render_svg(svg)
    assert str(caught.value).startswith("render: ")
    assert ";" in str(caught.value)


def test_a_text_of_many_megabytes_is_refused() -> None:
    with pytest.raises(RenderError, match="keep it within"):
        render_svg("<svg>" + " " * MAX_SVG_BYTES)


def test_nothing_outside_the_text_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a reference was followed")

    monkeypatch.setattr(cairosvg.url, "urlopen", refuse)
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    red = tmp_path / "red.svg"
    red.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect id="a" width="9" height="9"/></svg>'
    )
    Image.new("RGB", (9, 9), "red").save(tmp_path / "red.png")
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
    square = '<rect width="4" height="4" fill="#fff"/>'
    plain = render_svg(f"{head}{square}</svg>")
    for reference in (
        f'<image href="file://{tmp_path}/red.png" width="9" height="9"/>',
        f'<image x:href="{tmp_path}/red.png" width="9" height="9"/>',
        '<image href="http://localhost:9/red.png" width="9" height="9"/>',
        f'<use href="file://{red}#a" fill="red"/>',
        '<use href="https://localhost:9/red.svg#a" fill="red"/>',
        f"<style>@import url(file://{red});</style>",
    ):
        assert np.array_equal(render_svg(f"{head}{square}{reference}</svg>"), plain), reference


def test_embedded_raster_is_refused() -> None:
    image = '<image href="data:image/png;base64,AA"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{image}</svg>'
    with pytest.raises(RenderError, match="data: reference"):
        render_svg(svg)
