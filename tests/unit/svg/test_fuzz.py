from __future__ import annotations

import random
import time

import pytest

from svgtune.errors import SvgError
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


def test_damaged_drawings_never_crash_nor_pass() -> None:
    for seed in range(1_000):
        _survives(seed)


@pytest.mark.slow
def test_ten_thousand_damaged_drawings_never_crash_nor_pass() -> None:
    for seed in range(10_000):
        _survives(seed)
