from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from svgtune.config.form import NormalForm
from svgtune.data.sources.scenes import sample_scene
from svgtune.errors import SvgError
from svgtune.render.specimens import write_specimen
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import COMMON_ATTRIBUTES, ELEMENT_ATTRIBUTES, check_svg
from svgtune.svg.grammar import MAX_DEPTH, build_grammar

FORMS = {
    "nano": NormalForm(grid=1.0, path_commands="relative"),
    "default": NormalForm(),
    "absolute": NormalForm(grid=0.01, path_commands="absolute", width_px=None, canvas=1000),
}
NANO = build_grammar(FORMS["nano"])
NO_LIMIT = 10**9


def write_drawing(body: str, defs: str = "") -> str:
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
    return f"{head}{defs}{body}</svg>"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_scene_in_normal_form_is_accepted(name):
    form, grammar = FORMS[name], build_grammar(FORMS[name])
    for index in range(80):
        svg = canonical_svg(sample_scene(5, index).svg, form).svg
        assert grammar.accepts(svg), svg


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_random_drawing_in_normal_form_is_accepted(name):
    form, grammar = FORMS[name], build_grammar(FORMS[name], max_depth=6)
    accepted = 0
    for seed in range(100):
        try:
            svg = canonical_svg(write_specimen(seed), form).svg
        except SvgError:
            continue
        assert grammar.accepts(svg), svg
        accepted += 1
    assert accepted > 50


def test_golden_drawings_are_accepted():
    files = sorted((Path(__file__).parents[2] / "golden").rglob("*.svg"))
    drawings = [file.read_text(encoding="utf-8").strip() for file in files]
    grammar = build_grammar(FORMS["default"], max_depth=6)
    normal = [svg for svg in drawings if not check_svg(svg) and canonical_svg(svg).svg == svg]
    assert len(normal) > 5
    assert [svg for svg in normal if not grammar.accepts(svg)] == []


@pytest.mark.parametrize("name", sorted(FORMS))
def test_whatever_is_derived_keeps_the_rules_and_is_accepted(name):
    grammar, rng = build_grammar(FORMS[name]), random.Random(1)
    for _ in range(100):
        svg = grammar.derive(rng)
        assert check_svg(svg, NO_LIMIT) == [], svg
        assert grammar.accepts(svg), svg


@pytest.mark.slow
def test_ten_thousand_derivations_keep_the_rules():
    rng = random.Random(2)
    for _ in range(10_000):
        svg = NANO.derive(rng)
        assert check_svg(svg, NO_LIMIT) == [], svg


def test_only_what_the_rules_allow_is_in_the_grammar():
    text = NANO.to_ebnf()
    elements = set(re.findall(r"<(\w+)", text)) | {"rect", "circle", "ellipse", "line", "polygon", "polyline"}
    assert elements <= ELEMENT_ATTRIBUTES.keys()
    attributes = set(re.findall(r'" ([a-zA-Z-]+)=\\"', text))
    assert attributes <= COMMON_ATTRIBUTES.union(*ELEMENT_ATTRIBUTES.values())
    assert len(attributes) > 30


@pytest.mark.parametrize(
    "body",
    [
        "",
        '<rect width="9" height="9" onclick="x"/>',
        '<rect height="9" width="9"/>',
        '<rect width="09" height="9"/>',
        '<rect width="9.5" height="9"/>',
        '<rect width="99999" height="9"/>',
        '<path d="M1 2"/>x',
        '<path d="1 2"/>',
        '<path d="M1 2 3"/>',
        '<polygon points="1 2 3 4 5"/>',
        '<path d="M1 2l3"/>',
        '<path d="M1 2h3" fill="red"/>',
        '<text x="1">a</text>',
        '<g opacity=".5"></g>',
        "<rect width='9' height='9'/>",
        '<rect width="9" height="9">',
    ],
)
def test_anything_else_is_refused(body):
    assert not NANO.accepts(write_drawing(body))


def test_a_pattern_is_not_painted_with_a_server():
    def write_pattern(fill: str) -> str:
        tile = f'<rect width="9" height="9" fill="{fill}"/>'
        pattern = f'<pattern id="a" width="9" height="9" patternUnits="userSpaceOnUse">{tile}</pattern>'
        return write_drawing('<circle r="9" fill="url(#a)"/>', f"<defs>{pattern}</defs>")

    assert NANO.accepts(write_pattern("#123"))
    # CairoSVG would draw the pattern with itself until the stack ends.
    assert not NANO.accepts(write_pattern("url(#a)"))


def test_nesting_is_bounded():
    shape = '<rect width="9" height="9"/>'

    def nest(depth: int) -> str:
        return write_drawing('<g opacity=".5">' * depth + shape + "</g>" * depth)

    assert NANO.accepts(nest(MAX_DEPTH))
    assert not NANO.accepts(nest(MAX_DEPTH + 1))


def test_rules_are_all_reachable_and_have_no_circle():
    def visit(name: str, above: tuple[str, ...]) -> set[str]:
        assert name not in above
        found = {name}
        for inner in set(
            re.findall(r"\b([a-z]+\d*)\b", re.sub(r'"(?:\\.|[^"\\])*"|\[[^]]*\]', "", bodies[name]))
        ):
            found |= visit(inner, (*above, name))
        return found

    bodies = dict(line.split(" ::= ", 1) for line in NANO.to_ebnf().splitlines())
    assert visit("root", ()) == bodies.keys()
