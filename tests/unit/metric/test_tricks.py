from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from svgtune.metric.defence import READ_CROP_SHARE
from svgtune.metric.scorer import Entry, Scorer
from svgtune.metric.tricks import TRICKS, apply_tricks, compare_tricks
from svgtune.render.raster import render_svg
from svgtune.svg.constraints import MAX_BYTES, check_svg
from tests.unit.metric.fakes import COLOUR, draw

PLAIN = '<svg viewBox="0 0 200 200"><rect width="200" height="200" fill="#48c"/></svg>'
SHIFTED = '<svg viewBox="-50, 10 100 100"><rect x="-50" y="10" width="100" height="100" fill="#48c"/></svg>'
INNER = '<svg width="100" height="50"><g viewBox="0 0 9 9"/><rect width="100" height="50" fill="#48c"/></svg>'
NO_CANVAS = '<svg><rect width="384" height="384" fill="#48c"/></svg>'


def crop_most(image: np.ndarray) -> np.ndarray:
    """Cuts off as much as the reader's view can lose."""
    most = int(image.shape[0] * READ_CROP_SHARE)
    cut = Image.fromarray(image).crop((most, most, image.shape[1] - most, image.shape[0] - most))
    return np.asarray(cut)


@pytest.mark.parametrize("svg", [PLAIN, SHIFTED, NO_CANVAS, PLAIN.replace('"', "'"), INNER])
@pytest.mark.parametrize("name", sorted(TRICKS))
def test_a_trick_is_valid_and_seen_whatever_the_canvas(name, svg):
    changed = TRICKS[name](svg)
    assert not check_svg(changed)
    before, after = crop_most(render_svg(svg)), crop_most(render_svg(changed))
    assert 0.001 < (before != after).any(-1).mean() < 0.25


def test_the_decoy_lies_in_the_corner_and_survives_the_crop_whole():
    image = render_svg(TRICKS["ocr_decoy"](PLAIN))
    rows, columns = np.nonzero((image != render_svg(PLAIN)).any(-1))
    most = 384 * (1 - READ_CROP_SHARE)
    assert min(rows.min(), columns.min()) > 384 * 0.8
    assert max(rows.max(), columns.max()) < most


def test_the_decoy_is_drawn_in_the_drawings_own_extremes():
    svg = PLAIN.replace(
        "</svg>", '<circle cx="9" cy="9" r="3" fill="#FFE8d0"/><path d="M0 0H9V9z" fill="#123"/></svg>'
    )
    rings = TRICKS["ocr_decoy"](svg).removeprefix(svg.removesuffix("</svg>"))
    assert 'fill="#123"' in rings
    assert 'fill="#FFE8d0"' in rings
    assert rings.index("#123") < rings.index("#FFE8d0")


def test_the_border_is_as_wide_on_all_sides():
    changed = (render_svg(TRICKS["dark_border"](SHIFTED)) != render_svg(SHIFTED)).any(-1)
    assert not changed[192, 40:344].any()
    assert not changed[40:344, 192].any()
    for side in (changed[192, :30], changed[192, -30:], changed[:30, 192], changed[-30:, 192]):
        assert side.all()


def test_both_can_be_applied_and_none_is_none():
    both = apply_tricks(PLAIN, ("dark_border", "ocr_decoy"))
    assert both.count("<circle") == 2
    assert 'stroke="#111"' in both
    assert not check_svg(both)
    assert apply_tricks(PLAIN, ()) == PLAIN


def test_what_breaks_a_rule_or_has_no_room_stays_as_it_is():
    broken = PLAIN.replace("rect", "text")
    assert apply_tricks(broken, ("ocr_decoy",)) == broken
    filler = '<path d="M0 0"/>'
    full = PLAIN.replace("</svg>", filler * ((MAX_BYTES - len(PLAIN)) // len(filler)) + "</svg>")
    assert not check_svg(full)
    assert apply_tricks(full, ("ocr_decoy", "dark_border")) == full


def test_a_root_without_children_gets_some():
    changed = TRICKS["dark_border"]('<svg viewBox="0 0 9 9"/>')
    assert changed.endswith("/></svg>")
    assert not check_svg(changed)


def test_tricks_are_compared_with_the_same_drawings_without_them(pool, fake_judges):
    entries = [Entry(f"e{n}", draw(x=60 + 20 * n), (COLOUR,)) for n in range(3)]
    scorer = Scorer(fake_judges, pool=pool)
    figures = compare_tricks(scorer, entries)
    assert list(figures) == ["plain", *TRICKS]
    framed = [Entry(one.id, TRICKS["dark_border"](one.svg), one.questions) for one in entries]
    for name, drawn in (("plain", entries), ("dark_border", framed)):
        scores = scorer.score(drawn)
        assert figures[name]["vqa"] == pytest.approx(np.mean([score.vqa for score in scores]))
        assert figures[name]["total"] == pytest.approx(np.mean([score.total for score in scores]))
    assert figures["plain"] != figures["dark_border"]


def test_what_only_the_parser_refuses_stays_as_it_is() -> None:
    deep = PLAIN.replace("</svg>", f"{'<g>' * 70}{'</g>' * 70}</svg>")
    typed = PLAIN.replace("</svg>", "<!-- <!DOCTYPE svg> --></svg>")
    for svg in (deep, typed):
        assert not check_svg(svg)
        assert apply_tricks(svg, ("ocr_decoy", "dark_border")) == svg


@pytest.mark.parametrize("name", sorted(TRICKS))
@pytest.mark.parametrize(
    "svg",
    [
        PLAIN.replace("<svg", '<s:svg xmlns:s="http://www.w3.org/2000/svg"')
        .replace("</svg", "</s:svg")
        .replace("<rect", "<s:rect"),
        '<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>',
        PLAIN + "<!-- the end: </svg> -->",
        PLAIN.replace("</svg>", "<!-- </svg> --></svg >\n"),
        '<svg viewBox="0 0 9 9"/><!-- <a/> -->',
    ],
)
def test_an_addition_is_seen_wherever_the_root_ends(name: str, svg: str) -> None:
    changed = apply_tricks(svg, (name,))
    assert not check_svg(changed)
    assert (render_svg(svg) != render_svg(changed)).any()


@pytest.mark.parametrize("box", ["0 0 100% 100%", "0 0 384px 384px", "0 0 10 10,", "0 0"])
def test_a_strange_canvas_stops_nothing(box: str) -> None:
    svg = PLAIN.replace("0 0 200 200", box)
    assert not check_svg(svg)
    assert not check_svg(apply_tricks(svg, ("ocr_decoy", "dark_border")))
