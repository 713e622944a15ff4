from __future__ import annotations

import pytest

from svgtune.config.form import NormalForm
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.errors import SvgError
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.plan import MAX_LINES, split_plan, write_plan
from svgtune.svg.repair import Validity, read_drawing

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><defs><linearGradient id="a"/></defs>'
    '<rect width="200" height="200" fill="#def"/><path d="M0 200V120H200V200z" fill="url(#a)"/>'
    '<circle cx="160" cy="30" r="15" fill="#ff0"/><path d="M10 90h60" fill="none" stroke="#321"/></svg>'
)


def test_a_plan_names_shapes_from_back_to_front():
    assert write_plan(SVG).splitlines() == [
        "# background #def",
        "# path gradient or pattern, bottom centre, large",
        "# circle #ff0, top right, small",
        "# path #321, middle left, small",
    ]


def test_a_long_plan_keeps_the_largest_shapes_in_order():
    dots = "".join(f'<circle cx="{10 * k}" cy="50" r="{k}" fill="#00{k:x}"/>' for k in range(1, 13))
    lines = write_plan(SVG.replace("</svg>", f"{dots}</svg>")).splitlines()
    assert len(lines) == MAX_LINES
    assert lines[0] == "# background #def"
    assert [line for line in lines if "#00" in line][-1].startswith("# circle #00c")


def test_what_is_no_drawing_has_no_plan():
    for text in ("a plan", "<svg", '<svg xmlns="http://www.w3.org/2000/svg"/>'):
        with pytest.raises(SvgError):
            write_plan(text)


@pytest.mark.parametrize(
    ("text", "plan", "rest"),
    [
        (f"# circle #f00\n{SVG}", "# circle #f00", SVG),
        (f"Each <svg begins so.\n\n  {SVG}\n", "Each <svg begins so.", SVG),
        (f"# sky\n```svg\n{SVG}\n```", "# sky\n```svg", f"{SVG}\n```"),
        (SVG, "", SVG),
        ("no drawing", "", "no drawing"),
        (f"plan: {SVG}", "", f"plan: {SVG}"),
    ],
)
def test_the_drawing_is_found_after_the_plan(text: str, plan: str, rest: str):
    assert split_plan(text) == (plan, rest)


def test_every_scene_can_be_planned_and_read_back():
    for index in range(40):
        svg = canonical_svg(sample_scene(3, index, ScenesOptions()).svg, NormalForm()).svg
        plan, rest = split_plan(f"{write_plan(svg)}\n{svg}")
        assert 2 <= len(plan.splitlines()) <= MAX_LINES
        assert read_drawing(rest).validity is Validity.STRICT
        assert rest == svg
