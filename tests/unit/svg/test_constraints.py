from __future__ import annotations

import pytest

from svgtune.svg.constraints import ELEMENT_ATTRIBUTES, MAX_BYTES, check_svg


@pytest.mark.parametrize(
    "text",
    [
        '<svg viewBox="0 0 1 1"/>',
        '<svg xmlns="http://www.w3.org/2000/svg"><!-- a remark --><path d="M0 0"/></svg>',
        '<?xml version="1.0" encoding="UTF-8"?>\n<svg><g><rect x="1" fill="red"/></g></svg>',
        '<svg xmlns:x="http://www.w3.org/1999/xlink"><use x:href="#a"/></svg>',
        '<svg><filter><feBlend in="a" mode="x"/><feFlood result="r"/><feOffset dx="1"/></filter></svg>',
        "<svg>" + " " * (MAX_BYTES - 11) + "</svg>",
    ],
)
def test_accepts(text: str) -> None:
    assert check_svg(text) == []


@pytest.mark.parametrize(
    ("text", "rule", "path", "value"),
    [
        ("", "xml", "", "no element found"),
        ("<svg>", "xml", "", "no element found"),
        ("<g/>", "root", "/g", "g"),
        ("<svg>hi</svg>", "text", "/svg", "hi"),
        ("<svg><rect/>hi</svg>", "text", "/svg", "hi"),
        ("<svg><rect/><rect style=''/></svg>", "attribute", "/svg/rect[2]", "style"),
        ("<svg class='a'/>", "attribute", "/svg", "class"),
        ("<svg><rect cx='1'/></svg>", "attribute", "/svg/rect", "cx"),
        ("<svg><g><text/></g></svg>", "element", "/svg/g/text", "text"),
        ("<svg><use href='x#a'/></svg>", "href", "/svg/use", "x#a"),
        ("<svg><rect fill='DATA:x'/></svg>", "data", "/svg/rect", "DATA:x"),
        ("<svg><rect fill='a;base64'/></svg>", "data", "/svg/rect", "a;base64"),
        ("<!DOCTYPE svg><svg/>", "dtd", "", "DTDForbidden"),
        ("<svg>" + " " * MAX_BYTES + "</svg>", "size", "", "10011"),
        ("<svg>\ud800</svg>", "encoding", "", "surrogates"),
        (b"<svg>\xff</svg>", "encoding", "", "0xff"),
    ],
)
def test_refuses(text: str | bytes, rule: str, path: str, value: str) -> None:
    violation = check_svg(text)[0]
    assert (violation.rule, violation.path) == (rule, path)
    assert value in violation.value
    assert str(violation).startswith(f"{path or 'SVG'}: ")


@pytest.mark.parametrize(
    "name", ["style", "text", "tspan", "image", "clipPath", "mask", "script", "title", "animate"]
)
def test_refuses_elements_named_in_the_rules(name: str) -> None:
    assert name not in ELEMENT_ATTRIBUTES
    assert [v.rule for v in check_svg(f"<svg><{name}/></svg>")] == ["element"]


@pytest.mark.parametrize(
    "name", ["feColorMatrix", "feComposite", "feGaussianBlur", "feMerge", "feTurbulence"]
)
def test_stays_inside_the_scorers_list(name: str) -> None:
    assert check_svg(f"<svg><filter><{name}/></filter></svg>")[0].rule == "element"


def test_reports_every_violation_at_once() -> None:
    rules = [v.rule for v in check_svg("<svg class='a'><image href='data:,'/>x<rect r='1'/></svg>")]
    assert rules == ["attribute", "text", "element", "data", "href", "attribute"]


def test_counts_bytes_and_not_characters() -> None:
    text = "<svg><g fill='" + "é" * 60 + "'/></svg>"
    assert check_svg(text, max_bytes=len(text) + 60) == []
    assert [v.rule for v in check_svg(text, max_bytes=len(text) + 59)] == ["size"]


def test_what_a_hostile_text_costs_is_bounded() -> None:
    deep = check_svg("<svg>" + "<b>" * 4000 + "</b>" * 4000 + "</svg>")
    long = check_svg(f"<svg><{'n' * 20_000}>{'<b/>' * 2000}</{'n' * 20_000}></svg>")
    for found in (deep, long):
        assert len(found) == 1000
        assert max(len(violation.path) for violation in found) <= 400
