from __future__ import annotations

import io
import random

import cairosvg
import numpy as np
import pytest
from PIL import Image

from svgtune.render.outline import read_outline
from svgtune.render.raster import render_svg

_ARITIES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}


def render_plainly(body: str) -> np.ndarray:
    png = cairosvg.svg2png(bytestring=_wrap(body).encode())
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _wrap(body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="128" height="128">{body}</svg>'
    )


def _write_number(rng: random.Random) -> str:
    whole = rng.random() < 0.6
    return str(rng.randint(-60, 120)) if whole else f"{rng.uniform(-1, 50):.1f}".replace("0.", ".")


def _write_arc(rng: random.Random) -> list[str]:
    radii = [f"{rng.uniform(0.5, 60):.{rng.randint(0, 1)}f}".replace("0.", ".") for _ in range(2)]
    radii = ["1" if float(radius) == 0 else radius for radius in radii]
    end = ["0", "0"] if rng.random() < 0.1 else [_write_number(rng), _write_number(rng)]
    return [*radii, rng.choice(("0", "30", "-45.5")), rng.choice("01"), rng.choice("01"), *end]


def _write_data(rng: random.Random) -> str:
    """Returns path data in which any command may follow any other, with separators of every kind."""
    gap = rng.choice((" ", " ", ",", ", ", "\n\t"))
    d = rng.choice("Mm") + _write_number(rng) + gap + _write_number(rng)
    for _ in range(rng.randint(1, 12)):
        letter = rng.choice("mlhvcsqtazMLHVCSQTAZ")
        times = rng.choice((1, 1, 2))
        if letter in "aA":
            numbers = [number for _ in range(times) for number in _write_arc(rng)]
        else:
            numbers = [_write_number(rng) for _ in range(times * _ARITIES[letter.lower()])]
        d += letter + gap.join(numbers) + rng.choice(("", " "))
    return d.replace(gap + "-", "-") if rng.random() < 0.5 else d


@pytest.mark.parametrize("seed", range(8))
def test_any_chain_of_commands_is_bit_exact(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(15):
        d = _write_data(rng)
        assert read_outline(d) is not None, d
        body = f'<path d="{d}" fill="gold" fill-rule="evenodd" stroke="#00f" stroke-width="2"/>'
        if rng.random() < 0.5:
            body = f'<g transform="translate(3.3 -1.7) scale({rng.uniform(0.3, 2):.3f})">{body}</g>'
        assert np.array_equal(render_svg(_wrap(body), 128), render_plainly(body)), d


@pytest.mark.parametrize(
    "d",
    [
        "",
        "M1 1L9",
        "M1 1a5 5 0 019 9",
        "M1 1a5 5 0 0 19 9",
        "M1 1a5 5 0 0 1.9 9",
        "M1 1a0 5 0 0 1 9 9",
        "M1 1a5-5 0 0 1 9 9",
        "M1 1l1e1 5",
        "M1. 1",
        "M1 +1",
        "M1 - 1",
        "L1 1",
        "M1 1z5",
        "M",
    ],
)
def test_unusual_data_is_left_to_cairosvg(d: str) -> None:
    assert read_outline(d) is None


def test_a_long_run_of_digits_is_refused_at_once() -> None:
    assert read_outline("M1 1L" + "1" * 200_000 + "x") is None


@pytest.mark.parametrize(
    "body",
    [
        '<g stroke-linecap="round" stroke-linejoin="bevel" stroke-dasharray="9 4" stroke-width="5">'
        '<path d="M9 9h50v50" fill="none" stroke="red" stroke-linecap="butt" stroke-linejoin="miter"/></g>',
        '<g opacity=".5"><g opacity=".5" transform="rotate(9)"><circle cx="50" cy="50" r="40"/>'
        '<rect x="30" y="30" width="50" height="40" rx="9" fill="red" opacity=".4" stroke="lime"/></g></g>',
        '<clipPath id="c"><circle cx="50" cy="50" r="30"/></clipPath>'
        '<g clip-path="url(#c)"><rect width="99" height="60" fill="red" stroke="blue"/></g>',
        '<marker id="m" markerWidth="9" markerHeight="9"><path d="M0 0h3" stroke="red"/>'
        '<g><circle r="1em" fill="lime"/></g></marker><path d="M9 9L50 50L90 20" font-size="3" '
        'shape-rendering="crispEdges" fill="none" stroke="#000" marker-mid="url(#m)" marker-end="url(#m)"/>',
        '<style>.a{fill:red} #b{stroke:blue}</style><g class="a"><rect id="b" width="50" height="50"/></g>',
        '<g version="1.1" style="fill:red;stroke:#0F0"><path d="m9,9 50,0 0,50z" style="stroke-width:3"/>'
        '<g class="a" style="opacity:.5;display:inline"><circle r="30" style="FILL:blue"/></g></g>',
        '<rect width="0" height="9" stroke="red"/><rect width="50%" height="2em" fill="rgb(0,90%,3%)"/>'
        '<g width="0"><rect width="9" height="9"/></g><path fill="url(#none) teal" d="M1 1h60v60"/>',
        '<polygon points="1 1 50 9 9" fill="red"/><polyline points="" stroke="red"/>'
        '<line x2="90" y2="90" stroke="red" stroke-opacity=".5" opacity="2"/>',
        '<rect width="90" height="90" transform="scale(0)"/><g transform="matrix(1 2 2 4 0 0)">'
        '<rect width="9" height="9"/></g><circle r="9" fill="inherit" stroke="currentColor" color="red"/>',
        '<pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(20)">'
        '<rect width="5" height="5" fill="red"/></pattern>'
        '<path d="M5 5h80v80" fill="url(#p)" stroke="url(#p)" stroke-width="9" opacity=".7"/>',
    ],
)
def test_states_that_reach_from_one_element_to_another_are_bit_exact(body: str) -> None:
    assert np.array_equal(render_svg(_wrap(body), 128), render_plainly(body))


@pytest.mark.parametrize("attribute", ["", 'display="inline"'])
def test_deep_groups_are_drawn_as_before(attribute: str) -> None:
    body = f"<g {attribute}>" * 400 + '<rect width="50" height="50" fill="red"/>' + "</g>" * 400
    assert np.array_equal(render_svg(_wrap(body), 128), render_plainly(body))
