from __future__ import annotations

import pytest

from svgtune.config.form import NormalForm
from svgtune.render.raster import render_svg
from svgtune.svg.constraints import check_svg
from svgtune.svg.repair import Validity, mend_drawing, read_drawing

GOOD = '<svg viewBox="0 0 9 9"><rect width="5" height="5"/></svg>'
ROOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'


def test_a_strict_drawing_comes_back_as_written() -> None:
    reading = read_drawing(f"\n {GOOD} \n")
    assert (reading.svg, reading.validity, reading.detail) == (GOOD, Validity.STRICT, "")


@pytest.mark.parametrize(
    "text",
    [
        f"Here you are:\n```svg\n{GOOD}\n```\nEnjoy!",
        f"{GOOD}\n{GOOD}",
        f"I start with <svg> and end with </svg>:\n{GOOD}",
        f"<p>{GOOD}</p>",
    ],
)
def test_text_around_makes_it_lenient(text: str) -> None:
    reading = read_drawing(text)
    assert reading.validity is Validity.LENIENT
    assert reading.svg is not None
    assert reading.svg in text
    assert "cut off" in reading.detail


@pytest.mark.parametrize(
    ("text", "svg"),
    [
        ('<svg viewBox="0 0 9 9"><g><rect x="1"/><path d="M0 0L5', f'{ROOT}<g><rect x="1"/></g></svg>'),
        (
            '<svg viewBox="0 0 9 9"><rect x="1" style="fill:red;font:a"/></svg>',
            f'{ROOT}<rect x="1" fill="red"/></svg>',
        ),
        ('<svg viewBox="0 0 9 9"><text>a<tspan>b</tspan></text><rect/></svg>', f"{ROOT}<rect/></svg>"),
        ('<svg viewBox="0 0 9 9"><rect x=1 y=\'2\' onclick="a()"></svg>', f'{ROOT}<rect x="1" y="2"/></svg>'),
        ('<svg viewBox="0 0 9 9"><a href="http://x"><rect/></a></svg>', f"{ROOT}<rect/></svg>"),
        ('<svg viewBox="0 0 9 9"><g><rect/></svg>', f"{ROOT}<g><rect/></g></svg>"),
        ('<svg viewBox="0 0 9 9"><rect/>stray & text</svg>', f"{ROOT}<rect/></svg>"),
        (
            '<svg viewBox="0 0 9 9"><rect opacity="half"/><use href="x.svg#a"/>x</svg>',
            f"{ROOT}<rect/><use/></svg>",
        ),
        ('<svg viewBox="0 0 9 9"><path d="M0 0h5v5h-5z M1 1 L2', f'{ROOT}<path d="M0 0h5v5H0z"/></svg>'),
        ('Sure: <svg viewBox="0 0 9 9"><rect/>', f"{ROOT}<rect/></svg>"),
        ('<!DOCTYPE svg><svg viewBox="0 0 9 9"><!-- c --><rect/></svg> <b>', None),
    ],
)
def test_mends(text: str, svg: str | None) -> None:
    reading = read_drawing(text)
    assert reading.validity is (Validity.REPAIRED if svg else Validity.LENIENT)
    if svg:
        assert reading.svg == svg
    assert reading.detail


@pytest.mark.parametrize(
    "text",
    ["", "  \n", "Sorry, I cannot draw.", "<svg></svg", "<html><p>x</p></html>", "<svg><defs><rect/></defs>"],
)
def test_invalid_is_invalid(text: str) -> None:
    reading = read_drawing(text)
    assert (reading.svg, reading.validity) == (None, Validity.INVALID)
    assert reading.detail


def test_keeps_as_many_shapes_as_fit() -> None:
    reading = read_drawing(
        "<svg>" + "<g><rect fill='é'/>" + "<rect fill='é'/>" * 2000, NormalForm(max_bytes=1000)
    )
    assert reading.validity is Validity.REPAIRED
    assert reading.svg is not None
    assert 1000 - 40 < len(reading.svg.encode()) <= 1000
    assert check_svg(reading.svg, 1000) == []


def test_a_long_drawing_is_not_strict() -> None:
    reading = read_drawing("<svg viewBox='0 0 9 9'>" + "<rect/>" * 2000 + "</svg>")
    assert reading.validity is Validity.REPAIRED
    assert reading.svg is not None
    assert reading.svg.endswith("<rect/></svg>")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "<svg" + " a" * 300_000,
        "<!--" * 200_000,
        "<svg><" + "a" * 500_000,
        "<svg>" * 100_000,
        "<path d='" * 50_000,
    ],
)
def test_long_nonsense_is_read_quickly(text: str) -> None:
    assert read_drawing(text).validity is Validity.INVALID


def test_a_drawing_inside_a_drawing_is_not_taken_for_it() -> None:
    inner = '<svg><circle r="5"/></svg>'
    text = f'{ROOT}<rect width="9" height="9" class="a"/>{inner}<rect x="5" width="4" height="4"/></svg>'
    reading = read_drawing(text)
    assert reading.validity is Validity.REPAIRED
    assert reading.svg == text.replace(' class="a"', "")


def test_what_is_skipped_may_hold_a_drawing() -> None:
    text = (
        f'{ROOT}<foreignObject><svg><rect width="1" height="1"/></svg></foreignObject><circle r="5"/></svg>'
    )
    assert read_drawing(text).svg == f'{ROOT}<circle r="5"/></svg>'


@pytest.mark.parametrize(
    "attribute",
    [
        'fill="rgb(1 2 3)"', 'transform="rotate(4 1)"', 'transform="matrix(1 0 0 1 0 0 0)"', 'x="abcpx"',
        'stroke="#000" stroke-dasharray="-1 2"',
    ],
)  # fmt: skip
def test_what_the_renderer_fails_on_is_taken_away(attribute: str) -> None:
    text = f'<svg viewBox="0 0 200px 200px"><rect width="9" height="9" {attribute}/></svg>'
    with pytest.raises(Exception, match=r"."):
        render_svg(text)
    mended = mend_drawing(text, "render_error")
    assert mended.validity is Validity.REPAIRED
    render_svg(mended.svg or "")


def test_a_style_of_a_thousand_brackets_is_left_out() -> None:
    text = f'{ROOT}<rect width="9" height="9" style="fill:{"{" * 1500}"/></svg>'
    assert read_drawing(text).svg == f'{ROOT}<rect width="9" height="9"/></svg>'


@pytest.mark.parametrize(
    "attribute",
    [f'fill="{"rgb(" * 200_000}"', f'transform="{"rotate(" * 60_000}"', f'x="{"1" * 10_001}"'],
)  # fmt: skip
def test_a_value_that_is_far_too_long_is_left_out_unread(attribute: str) -> None:
    # Unbounded, the first would take hours of this very process.
    assert read_drawing(f'{ROOT}<rect width="9" {attribute} height="9"/></svg>').svg == (
        f'{ROOT}<rect width="9" height="9"/></svg>'
    )
