from __future__ import annotations

from dataclasses import replace

from svgtune.generate.drawings import Drawing
from svgtune.generate.select import select_best
from svgtune.svg.repair import Validity

BASE = Drawing("a-01", "a", "hill", "<svg/>", Validity.STRICT, 9, 0.1, 0, logprob=-1.0, rendered=True)


def test_validity_counts_before_everything_else() -> None:
    lenient = replace(BASE, validity=Validity.LENIENT, logprob=-0.1)
    repaired = replace(BASE, validity=Validity.REPAIRED, logprob=-0.05)
    invalid = replace(BASE, validity=Validity.INVALID, svg=None, rendered=False, logprob=-0.01)
    assert select_best([invalid, repaired, lenient, BASE]) is BASE
    assert select_best([invalid, repaired, lenient]) is lenient
    assert select_best([invalid, repaired]) is repaired


def test_one_that_renders_is_better_than_one_that_does_not() -> None:
    assert select_best([replace(BASE, rendered=False, logprob=-0.1), BASE]) is BASE


def test_then_the_likeliest_and_then_the_first() -> None:
    likelier, unknown = replace(BASE, logprob=-0.5, candidate=1), replace(BASE, logprob=None)
    assert select_best([unknown, BASE, likelier]) is likelier
    assert select_best([replace(BASE, candidate=1), BASE]) is BASE
