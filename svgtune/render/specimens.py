"""Drawings to measure the renderer with: random ones that use every feature it has, and hostile ones."""

from __future__ import annotations

import random
from collections.abc import Callable

_COLOURS = ("red", "#0a7", "#123456", "rgb(200,100,50)", "gold", "rgba(10,20,200,.4)", "#fff", "none")
_ROOT_SIZES = (
    'viewBox="0 0 200 200" width="384" height="384"',
    'viewBox="0 0 200 200"',
    'viewBox="0 0 200 200" width="96" height="96"',
    'viewBox="0 0 24 24"',
    'viewBox="-50 -20 300 240" width="160" height="120"',
    'viewBox="20 20 160 160" width="411" height="77"',
    'viewBox="0 0 200 100" width="3in" height="50mm" preserveAspectRatio="xMaxYMin slice"',
    "",
)


def _write_shape(rng: random.Random, paints: list[str]) -> str:
    def number(low: float = -20, high: float = 220) -> str:
        return f"{rng.uniform(low, high):.{rng.randint(0, 2)}f}"

    kind = rng.choice(("rect", "circle", "ellipse", "line", "polygon", "polyline", "path", "use"))
    if kind == "rect":
        size = f'width="{number(1, 150)}" height="{number(1, 150)}" rx="{number(0, 20)}"'
        shape = f'x="{number()}" y="{number()}" {size}'
    elif kind == "circle":
        shape = f'cx="{number()}" cy="{number()}" r="{number(1, 80)}"'
    elif kind == "ellipse":
        shape = f'cx="{number()}" cy="{number()}" rx="{number(1, 80)}" ry="{number(1, 80)}"'
    elif kind == "line":
        shape = f'x1="{number()}" y1="{number()}" x2="{number()}" y2="{number()}"'
    elif kind in ("polygon", "polyline"):
        shape = 'points="' + " ".join(f"{number()},{number()}" for _ in range(rng.randint(3, 9))) + '"'
    elif kind == "use":
        return f'<use href="#stamp" x="{number(0, 150)}" y="{number(0, 150)}" opacity="{number(0.2, 1)}"/>'
    else:
        curve = f"C{number()} {number()} {number()} {number()} {number()} {number()}"
        arc = f"A{number(5, 60)} {number(5, 60)} {number(0, 90)} {rng.randint(0, 1)} 1 {number()} {number()}"
        end = rng.choice(("z", ""))
        shape = f'd="M{number()} {number()}{curve}{arc}q{number(-40, 40)} 9 30-20{end}" fill-rule="evenodd"'
    return f"<{kind} {shape} {_write_style(rng, paints, number)}/>"


def _write_style(rng: random.Random, paints: list[str], number: Callable[[float, float], str]) -> str:
    style = f'fill="{rng.choice(paints)}"'
    if rng.random() < 0.5:
        style += f' stroke="{rng.choice(paints)}" stroke-width="{number(0.2, 15)}" stroke-linejoin="round"'
    if rng.random() < 0.2:
        style += f' stroke-dasharray="{number(1, 20)} {number(1, 9)}" stroke-linecap="round"'
    for name in ("opacity", "fill-opacity", "stroke-opacity"):
        if rng.random() < 0.25:
            style += f' {name}="{rng.random():.2f}"'
    if rng.random() < 0.3:
        style += f' transform="rotate({number(-90, 90)} 100 100) scale({number(0.5, 1.5)})"'
    return style


def write_specimen(seed: int) -> str:
    """Returns a random drawing: shapes, gradients, patterns, groups, opacity, strokes and its own canvas.

    About half of them have a transparent background. The same seed gives the same text.
    """
    rng = random.Random(seed)
    stops = "".join(
        f'<stop offset="{i / 2}" stop-color="{rng.choice(_COLOURS[:6])}" '
        f'stop-opacity="{rng.uniform(0.2, 1):.2f}"/>'
        for i in range(3)
    )
    spread = rng.choice(("pad", "reflect", "repeat"))
    tile = f'width="{rng.randint(5, 30)}" height="{rng.randint(5, 30)}" patternUnits="userSpaceOnUse"'
    defs = (
        f'<linearGradient id="l" x2="{rng.random():.2f}" y2="{rng.random():.2f}" spreadMethod="{spread}">'
        f"{stops}</linearGradient>"
        f'<radialGradient id="r" r="{rng.uniform(0.2, 0.8):.2f}">{stops}</radialGradient>'
        f'<pattern id="p" {tile}>'
        f'<circle cx="5" cy="5" r="4" fill="{rng.choice(_COLOURS)}" fill-opacity=".7"/></pattern>'
        f'<g id="stamp"><rect width="30" height="12" fill="url(#l)"/><circle r="9" fill="teal"/></g>'
    )
    paints = [*_COLOURS, "url(#l)", "url(#r)", "url(#p)"]
    body = ""
    if rng.random() < 0.5:
        body += f'<rect x="-99" y="-99" width="999" height="999" fill="{rng.choice(_COLOURS[:5])}"/>'
    for _ in range(rng.randint(1, 7)):
        shape = _write_shape(rng, paints)
        body += shape if rng.random() < 0.8 else f'<g opacity="{rng.random():.2f}">{shape}</g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {rng.choice(_ROOT_SIZES)}><defs>{defs}</defs>{body}</svg>'
    )


def _wrap(body: str, root: str = 'viewBox="0 0 200 200" width="384" height="384"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {root}>{body}</svg>'


def _write_use_bomb() -> str:
    levels = "".join(
        f'<g id="u{level}">' + f'<use href="#u{level - 1}"/>' * 10 + "</g>" for level in range(1, 6)
    )
    return _wrap(f'<defs><rect id="u0" width="9" height="9"/>{levels}</defs><use href="#u5"/>')


def _write_entity_bomb() -> str:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE svg [<!ENTITY e0 "ha">{entities}]>' + _wrap("<desc>&e9;</desc>")


def _write_dash_bomb() -> str:
    # Each dash gets two round caps and cairo intersects them all.
    line = "M0 0L190 199" * 600
    style = 'stroke="red" stroke-width="9" stroke-linecap="round" stroke-dasharray=".3"'
    return _wrap(f'<path d="{line}" fill="none" {style}/>')


def _write_dash_flood() -> str:
    line = "M0 0" + "h190v.1h-190v.1" * 500
    return _wrap(f'<path d="{line}" stroke="red" stroke-width="9" stroke-dasharray=".2 .1"/>')


def _write_opacity_stack() -> str:
    # Each group holds a canvas of 64 MB while its children are drawn.
    depth = 120
    body = '<g opacity=".9">' * depth + '<rect width="9" height="9"/>' + "</g>" * depth
    return _wrap(body, 'viewBox="0 0 4000 4000"')


# Each must be refused or killed, whichever comes first; none may give a picture.
HOSTILE: dict[str, Callable[[], str]] = {
    "nested_use": _write_use_bomb,
    "use_cycle": lambda: _wrap('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    "pattern_cycle": lambda: _wrap(
        '<pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse"><rect width="9" height="9" '
        'fill="url(#p)"/></pattern><rect width="99" height="99" fill="url(#p)"/>'
    ),
    "huge_canvas": lambda: _wrap('<rect width="9" height="9"/>', 'width="1e6" height="1e6"'),
    "wide_canvas": lambda: _wrap('<rect width="9" height="9"/>', 'width="30000" height="30000"'),
    "nan_canvas": lambda: _wrap('<rect width="9" height="9"/>', 'width="nan" height="384"'),
    "infinite_canvas": lambda: _wrap('<rect width="9" height="9"/>', 'width="1e999" height="384"'),
    "zero_view_box": lambda: _wrap('<rect width="9" height="9"/>', 'viewBox="0 0 0 0"'),
    "negative_canvas": lambda: _wrap('<rect width="9" height="9"/>', 'width="-5" height="384"'),
    "huge_dash": _write_dash_bomb,
    "dash_flood": _write_dash_flood,
    "deep_nesting": lambda: _wrap("<g>" * 20_000 + "</g>" * 20_000),
    "opacity_stack": _write_opacity_stack,
    "entity_bomb": _write_entity_bomb,
    "external_entity": lambda: (
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + _wrap("<desc>&x;</desc>")
    ),
    "embedded_image": lambda: _wrap(
        '<image href="data:image/png;base64,iVBORw0KGgo=" width="9" height="9"/>'
    ),
    "not_xml": lambda: "<svg><rect></svg>",
    "not_svg": lambda: "<html><body/></html>",
    "empty": lambda: "",
}
