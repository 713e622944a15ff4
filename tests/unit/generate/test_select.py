from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from svgtune.config.generate import GenerateRecipe
from svgtune.generate.draw import build_chooser
from svgtune.generate.drawings import Drawing
from svgtune.generate.select import Candidate, LikelihoodChooser, rank_drawing
from svgtune.metric.judges import Judges
from svgtune.render.pool import RenderPool
from svgtune.svg.repair import Validity

from .conftest import RedLover

BASE = Drawing("a-01", "a", "hill", "<svg/>", Validity.STRICT, 9, 0.1, 0, logprob=-1.0, rendered=True)


def pick(*drawings: Drawing) -> Drawing:
    return min(drawings, key=rank_drawing)


def test_validity_counts_before_everything_else() -> None:
    lenient = replace(BASE, validity=Validity.LENIENT, logprob=-0.1, score=0.9)
    repaired = replace(BASE, validity=Validity.REPAIRED, logprob=-0.05)
    invalid = replace(BASE, validity=Validity.INVALID, svg=None, rendered=False, logprob=-0.01)
    assert pick(invalid, repaired, lenient, BASE) is BASE
    assert pick(invalid, repaired, lenient) is lenient
    assert pick(invalid, repaired) is repaired


def test_one_that_renders_is_better_than_one_that_does_not() -> None:
    assert pick(replace(BASE, rendered=False, logprob=-0.1), BASE) is BASE


def test_then_the_score_then_the_likeliest_and_then_the_first() -> None:
    better, likelier, unknown = (
        replace(BASE, score=0.2, logprob=-2.0, candidate=2),
        replace(BASE, logprob=-0.5, candidate=1),
        replace(BASE, logprob=None),
    )
    assert pick(unknown, BASE, likelier, better) is better
    assert pick(unknown, BASE, likelier) is likelier
    assert pick(replace(BASE, candidate=1), BASE) is BASE


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    with RenderPool(1) as pool:
        yield pool


def build_group(pool: RenderPool, prompt: str, *colours: str) -> list[Candidate]:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
    svgs = [f'{head}<rect width="200" height="200" fill="{colour}"/></svg>' for colour in colours]
    group = []
    for place, (svg, picture) in enumerate(zip(svgs, pool.render(svgs), strict=True)):
        own = replace(BASE, id=f"{prompt}-{place}", prompt=prompt, svg=svg, candidate=place, logprob=-place)
        group.append(Candidate(own, picture))
    return group


def test_judges_choose_among_the_strict_ones_and_likelihood_where_nothing_can_be_asked(pool) -> None:
    judge = RedLover()
    chooser = build_chooser(GenerateRecipe(), Judges(judge, judge, judge), pool)
    asked = build_group(pool, "a red barn", "#00f", "#f00", "#fff")
    asked[2] = replace(asked[2], drawing=replace(asked[2].drawing, validity=Validity.REPAIRED))
    nothing = build_group(pool, "...", "#00f", "#f00")
    first, second = chooser.choose([asked, nothing])
    assert first.drawing.id == "a red barn-1"
    assert first.drawing.score > 0.5
    assert first.picture is asked[1].picture
    assert second.drawing.id == "...-0"
    assert second.drawing.score is None
    assert [c.drawing.id for c in LikelihoodChooser().choose([asked, nothing])] == ["a red barn-0", "...-0"]


@pytest.mark.parametrize("most", [2, 8])
def test_max_questions_bounds_what_is_asked_of_a_prompt(pool, most: int) -> None:
    judge = RedLover()
    recipe = GenerateRecipe.model_validate({"select": {"max_questions": most}})
    chooser = build_chooser(recipe, Judges(judge, judge, judge), pool)
    chooser.choose([build_group(pool, "a red barn and a blue boat under three green kites", "#f00")])
    assert judge.asked == most
