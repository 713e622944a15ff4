from __future__ import annotations

import random
import time

import pytest

from svgtune.errors import SvgError
from svgtune.render.pool import RenderPool
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg
from svgtune.svg.repair import Validity, read_drawing
from tests.unit.svg.drawings import mutate_text, write_document

SLOWEST_ALLOWED_S = 2.0


def _survives(seed: int) -> None:
    """Sends one damaged drawing through rules, normal form and repair."""
    chance = random.Random(seed)
    text = mutate_text(chance, write_document(chance))
    begin = time.process_time()
    violations = check_svg(text)
    try:
        canonical = canonical_svg(text)
    except SvgError:
        pass
    else:
        assert check_svg(canonical.svg) == [], text
        assert canonical_svg(canonical.svg).svg == canonical.svg, text
    reading = read_drawing(text)
    if reading.validity is Validity.INVALID:
        assert reading.svg is None, text
    else:
        assert reading.svg is not None
        assert check_svg(reading.svg) == [], text
    if reading.validity is Validity.STRICT:
        assert check_svg(text.strip()) == [], text
        assert reading.svg == text.strip()
    elif not violations:
        assert text != text.strip(), text
    if reading.validity is Validity.LENIENT:
        assert reading.svg in text
    assert time.process_time() - begin < SLOWEST_ALLOWED_S, text


@pytest.mark.slow
def test_damaged_drawings_never_crash_nor_pass() -> None:
    for seed in range(1_000):
        _survives(seed)


@pytest.mark.slow
def test_ten_thousand_damaged_drawings_never_crash_nor_pass() -> None:
    for seed in range(10_000):
        _survives(seed)


@pytest.mark.slow
def test_damaged_drawings_never_break_the_render_pool() -> None:
    """What is read of 10,000 damaged drawings, and every fifth as it is, is drawn or refused by name."""
    texts = []
    for seed in range(10_000):
        chance = random.Random(seed)
        text = mutate_text(chance, write_document(chance))
        svg = read_drawing(text).svg
        texts += [svg] if svg is not None else []
        texts += [text] if seed % 5 == 0 else []
    drawn = 0
    with RenderPool(workers=2, size_px=48) as pool:
        for picture in pool.imap(texts):
            drawn += picture.image is not None
            assert (picture.image is None) == (picture.reason is not None)
            assert picture.seconds < 2.5
    assert drawn > len(texts) / 2
