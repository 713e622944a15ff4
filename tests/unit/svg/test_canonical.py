from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest
from cairosvg.parser import Tree
from cairosvg.surface import PNGSurface
from hypothesis import example, given, settings
from hypothesis import strategies as st

from svgtune.config.form import NormalForm
from svgtune.errors import SvgError
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg
from tests.unit.svg.drawings import write_document

GOLDEN = Path(__file__).parents[2] / "golden" / "svg"
NAMES = sorted(path.name.removesuffix(".in.svg") for path in GOLDEN.glob("*.in.svg"))
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
WHITE = '<rect width="200" height="200" fill="#fff"/>'


def _wrap(body: str, box: str = "0 0 200 200") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


def _body(text: str, form: NormalForm | None = None) -> str:
    svg = canonical_svg(text, form or NormalForm()).svg
    return svg[svg.index(">") + 1 :].removeprefix(WHITE).removesuffix("</svg>")


def _pixels(svg: str | bytes) -> np.ndarray:
    surface = PNGSurface(
        Tree(bytestring=svg), None, 96, output_width=384, output_height=384, background_color="#fff"
    )
    return np.frombuffer(surface.cairo.get_data(), np.uint8).reshape(384, 384, 4)[:, :, :3].astype(np.int16)


@pytest.mark.parametrize("name", NAMES)
def test_golden_pair(name: str) -> None:
    expected = (GOLDEN / f"{name}.out.svg").read_text().rstrip("\n")
    canonical = canonical_svg((GOLDEN / f"{name}.in.svg").read_bytes())
    assert canonical.svg == expected
    assert check_svg(expected) == []
    assert canonical_svg(expected).svg == expected


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("background_and_letterbox", "pattern")])
def test_golden_pair_looks_the_same(name: str) -> None:
    canonical = canonical_svg((GOLDEN / f"{name}.in.svg").read_bytes())
    assert canonical.lost == ()
    before, after = _pixels((GOLDEN / f"{name}.in.svg").read_bytes()), _pixels(canonical.svg)
    assert np.abs(before - after).mean() <= 0.15


@settings(max_examples=60, deadline=None)
@example(1675)  # opacities that come to nothing together
@given(st.integers(0, 2**32))
def test_normal_form_is_allowed_and_stable(seed: int) -> None:
    try:
        svg = canonical_svg(write_document(random.Random(seed))).svg
    except SvgError:
        return
    assert check_svg(svg) == []
    assert canonical_svg(svg).svg == svg


@pytest.mark.parametrize("commands", ["relative", "absolute"])
@pytest.mark.parametrize("grid", [1.0, 0.01])
def test_every_form_is_stable(grid: float, commands: str) -> None:
    form = NormalForm(canvas=100, grid=grid, width_px=None, background="#ABCDEF", path_commands=commands)
    for seed in range(25):
        try:
            svg = canonical_svg(write_document(random.Random(seed)), form).svg
        except SvgError:
            continue
        assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">')
        assert canonical_svg(svg, form).svg == svg


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<rect width='9' height='9'/><text>hi</text>", "has_text"),
        ("<rect width='9' height='9'/><image href='a.png' width='9' height='9'/>", "has_image"),
        ("<mask id='m'/><rect width='9' height='9' mask='url(#m)'/>", "has_mask"),
        ("<filter id='f'/><rect width='9' height='9' filter='url(#f)'/>", "has_filter"),
        (
            "<clipPath id='c'><circle r='5'/></clipPath><path d='M0 0q9 9 9 0z' clip-path='url(#c)'/>",
            "has_clip_path",
        ),
        (
            "<marker id='m'><path d='M0 0h9v9'/></marker><path d='M0 0h9v9' marker-end='url(#m)'/>",
            "has_marker",
        ),
        ("<style>@media print{rect{fill:red}}</style><rect width='9' height='9'/>", "has_style_sheet"),
        ("<rect width='9' height='9' style='mix-blend-mode:multiply'/>", "has_blend_mode"),
        ("<rect width='9' height='9' fill='hsl(9,9%,9%)'/>", "has_unknown_colour"),
        ("<rect width='9' height='9' fill='rgb(9 9 9)'/>", "has_unknown_colour"),
        ("<rect width='9' height='9' style='transform:rotate(45deg)'/>", "has_transform_units"),
        ("<rect width='9' height='9' transform='translate(50%)'/>", "has_transform_units"),
        ("<path d='M0 0h9v9z X'/>", "has_bad_path"),
        ("<rect width='9' height='9'/><use href='other.svg#a'/>", "has_external_reference"),
        ("<svg width='9' height='9'><circle r='20'/></svg>", "has_nested_viewport"),
    ],
)
def test_reports_what_it_could_not_keep(body: str, reason: str) -> None:
    assert reason in canonical_svg(_wrap(body)).lost


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<svg", "not_xml"),
        ("<g/>", "not_svg"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", "has_dtd"),
        (_wrap(""), "nothing_drawn"),
        (_wrap("<circle r='NaN'/>"), "nothing_drawn"),
        (_wrap("<circle cx='1e308' r='1e308'/>"), "nothing_drawn"),
        (_wrap("<rect width='9' height='9'/>", "0 0 0 0"), "no_canvas"),
        (_wrap("<rect width='9' height='9'/>", "0 0 -5 5"), "no_canvas"),
        (_wrap("<use id='a' href='#a'/>"), "too_deep"),
        (
            _wrap(
                "<g id='a'>" + "<use href='#b'/>" * 200 + "</g><g id='b'>" + "<use href='#c'/>" * 200 + "</g>"
            ),
            "too_many_elements",
        ),
        (_wrap("<path d='M1 2l3 3h7v-9z'/>" * 2000), "too_many_bytes"),
        (_wrap("<g>" * 70 + "</g>" * 70), "too_deep"),
        (_wrap(f"<g transform='{'scale(1e6)' * 26}'><circle r='9'/></g>"), "out_of_range"),
        (_wrap(f"<rect width='9' height='9' style='fill:{'{' * 1500}'/>"), "out_of_range"),
        (b"\xff\xfe<", "not_text"),
        (b"a\xff", "not_text"),
    ],
)
def test_refuses_with_a_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(SvgError) as caught:
        canonical_svg(text)
    assert caught.value.reason == reason
    assert str(caught.value).startswith("SVG: ")
    assert "; " in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        f"<path d='M0 0A{'3' * 9000}'/><rect width='9' height='9'/>",
        f"<rect width='9' height='9' fill='url({' ' * 9000}x'/>",
        f"<rect width='9' height='9' transform='{'a' * 9000}'/>",
        "".join(f"<rect width='9' height='9' fill='{'rgb(' * n}'/>" for n in range(2_400, 2_430)),
    ],
    ids=["arc", "url", "transform", "colour"],
)
def test_a_long_value_is_read_in_no_time(body: str) -> None:
    began = time.process_time()
    canonical_svg(_wrap(body))
    # Patterns that could share the characters out in many ways took minutes to hours.
    assert time.process_time() - began < 1


def test_dashes_stay_as_cairosvg_leaves_them() -> None:
    dashed = "<g stroke='#000' stroke-dasharray='20 20'><path d='M10 100H190'{}/></g>"
    inherited = canonical_svg(_wrap(dashed.format(""))).svg
    assert "stroke-dasharray" in inherited
    assert canonical_svg(_wrap(dashed.format(" stroke-dasharray='none'"))).svg == inherited


def test_a_nest_of_uses_is_bounded() -> None:
    levels = "".join(f"<g id='l{i}'>" + f"<use href='#l{i + 1}'/>" * 10 + "</g>" for i in range(8))
    with pytest.raises(SvgError) as caught:
        canonical_svg(_wrap(levels + "<circle id='l8' r='5'/>"))
    assert caught.value.reason == "too_many_elements"


def test_reads_utf16_and_old_document_types() -> None:
    text = _wrap("<rect width='9' height='9'/>")
    assert canonical_svg(text.encode("utf-16")).svg == canonical_svg(text).svg
    old = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">' + text
    assert canonical_svg(old).svg == canonical_svg(text).svg


def test_a_gradient_cycle_ends() -> None:
    body = "<linearGradient id='a' href='#b'/><linearGradient id='b' href='#a'/>"
    assert _body(_wrap(body + "<rect width='9' height='9' fill='url(#a)' stroke='#111'/>")) != ""


def test_colours_are_the_shortest_hexadecimal() -> None:
    shapes = "".join(
        f"<circle r='5' fill='{c}'/>" for c in ("red", "#AABBCC", "#a1b2c3", "rgb(0, 0, 255)", "black")
    )
    assert _body(_wrap(shapes)) == (
        '<circle r="5" fill="#f00"/><circle r="5" fill="#abc"/><circle r="5" fill="#a1b2c3"/>'
        '<circle r="5" fill="#00f"/><circle r="5"/>'
    )


def test_ids_follow_first_use_and_equal_gradients_are_one() -> None:
    def gradient(name: str, colour: str) -> str:
        return f"<linearGradient id='{name}'><stop/><stop offset='1' stop-color='{colour}'/></linearGradient>"

    body = gradient("late", "red") + gradient("first", "blue") + gradient("twin", "blue")
    body += "".join(f"<rect width='9' height='9' fill='url(#{name})'/>" for name in ("first", "late", "twin"))
    svg = _body(_wrap(body))
    assert svg.count("<linearGradient") == 2
    assert [part[0] for part in svg.split("url(#")[1:]] == ["a", "b", "a"]
