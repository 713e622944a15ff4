"""Random SVG documents for property tests and the fuzz test."""

from __future__ import annotations

import random

COLOURS = (
    "red",
    "#123",
    "#a1b2c3",
    "none",
    "url(#g)",
    "url(#h) #0f0",
    "rgb(1,2,3)",
    "currentColor",
    "rgba(9,9,9,.5)",
)
TRANSFORMS = (
    "translate(3,-4)",
    "scale(2)",
    "scale(-1,1)",
    "scale(1.5 .5)",
    "rotate(30)",
    "rotate(90 50 50)",
    "skewX(10)",
    "matrix(1 .2 .3 1 5 6)",
    "scale(0)",
)
DEFINITIONS = (
    '<defs><linearGradient id="g"><stop offset=".2" stop-color="#f00"/><stop offset="1" stop-opacity=".5"/>'
    '</linearGradient><radialGradient id="h" href="#g" gradientUnits="userSpaceOnUse" cx="40" cy="40" r="30"'
    ' gradientTransform="scale(1 .7)"/><pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse">'
    '<circle r="4" fill="#00f"/></pattern><clipPath id="c"><circle cx="50" cy="50" r="30"/></clipPath>'
    '<clipPath id="d"><rect x="20" y="20" width="50" height="60"/></clipPath>'
    '<symbol id="s" viewBox="0 0 10 10"><path d="M1 1h8v8z"/></symbol></defs>'
)


def write_document(chance: random.Random) -> str:
    """Returns a well-formed document with most features that drawings use."""
    body = "".join(write_element(chance, 0) for _ in range(chance.randint(1, 6)))
    box = chance.choice(("0 0 100 100", "0 0 36 36", "-10 -10 120 60", "0 0 512 512"))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{DEFINITIONS}{body}</svg>'


def write_element(chance: random.Random, depth: int) -> str:
    """Returns one element, perhaps with children."""
    kind = chance.choice(
        ("rect", "circle", "ellipse", "line", "polygon", "polyline", "path", "path", "g", "use")
    )
    look = write_look(chance)
    if kind == "g":
        inner = (
            "".join(write_element(chance, depth + 1) for _ in range(chance.randint(0, 3)))
            if depth < 3
            else ""
        )
        return f"<g{look}>{inner}</g>"

    def number() -> str:
        return f"{chance.uniform(-10, 110):.{chance.randint(0, 3)}f}"

    def size() -> str:
        return f"{chance.uniform(0, 60):.{chance.randint(0, 2)}f}"

    names = {
        "rect": (("x", number), ("y", number), ("width", size), ("height", size), ("rx", size)),
        "circle": (("cx", number), ("cy", number), ("r", size)),
        "ellipse": (("cx", number), ("cy", number), ("rx", size), ("ry", size)),
        "line": (("x1", number), ("y1", number), ("x2", number), ("y2", number)),
        "use": (("x", number), ("y", number)),
    }
    if kind in names:
        own = "".join(f' {name}="{make()}"' for name, make in names[kind] if chance.random() < 0.9)
        own += f' href="#{chance.choice("sgc")}"' if kind == "use" else ""
    elif kind == "path":
        own = f' d="{write_data(chance)}"'
    else:
        own = f' points="{" ".join(number() for _ in range(2 * chance.randint(1, 5)))}"'
    return f"<{kind}{own}{look}/>"


def write_look(chance: random.Random) -> str:
    """Returns paint and transform attributes."""
    parts = []
    if chance.random() < 0.7:
        parts.append(f'fill="{chance.choice((*COLOURS, "url(#p)"))}"')
    if chance.random() < 0.4:
        parts.append(f'stroke="{chance.choice(COLOURS)}" stroke-width="{chance.uniform(0, 8):.2f}"')
    if chance.random() < 0.2:
        parts.append(f'opacity="{chance.random():.3f}"')
    if chance.random() < 0.1:
        parts.append('style="fill-opacity:.5;stroke-linecap:round;stroke-dasharray:3 1"')
    if chance.random() < 0.3:
        parts.append(f'transform="{chance.choice(TRANSFORMS)}"')
    if chance.random() < 0.1:
        parts.append(f'clip-path="url(#{chance.choice("cd")})"')
    return "".join(f" {part}" for part in parts)


def write_data(chance: random.Random) -> str:
    """Returns path data with all commands."""
    parts = [f"M{chance.uniform(0, 100):.2f} {chance.uniform(0, 100):.2f}"]
    for _ in range(chance.randint(1, 8)):
        letter = chance.choice("MmLlHhVvCcSsQqTtAaZz")
        count = {"H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "A": 2, "Z": 0}.get(letter.upper(), 2)
        low, high = (-40, 40) if letter.islower() else (0, 100)
        numbers = [f"{chance.uniform(low, high):.{chance.randint(0, 3)}f}" for _ in range(count)]
        if letter in "Aa":
            numbers = [
                f"{chance.uniform(1, 50):.1f}",
                f"{chance.uniform(1, 50):.1f}",
                str(chance.randint(-90, 90)),
                f"{chance.randint(0, 1)} {chance.randint(0, 1)}",
                *numbers,
            ]
        parts.append(letter + " ".join(numbers))
    return "".join(parts)


def mutate_text(chance: random.Random, text: str) -> str:
    """Damages a text the way a confused writer, a cut connection or an attacker would."""
    marks = (
        "<",
        ">",
        '"',
        "/",
        "&",
        "<g>",
        "</g>",
        "</svg>",
        "<svg>",
        "NaN",
        "1e308",
        "-",
        "url(#g)",
        "%",
        "\x00",
        "\ud800",
    )
    bombs = (
        "<!DOCTYPE svg [<!ENTITY a 'b'>]>",
        "<style>*{fill:red}</style>",
        "<text>hi</text>",
        '<use href="#s"/>',
        '<image href="data:image/png;base64,AA"/>',
        "<g>" * 80,
        "<!--",
        '<svg width="0"/>',
        '<use id="s" href="#s"/>',
        '<linearGradient id="g" href="#h"/>',
    )
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text) + 1)
        action = chance.randrange(7)
        if action == 0:
            text = text[:at]
        elif action == 1:
            text = text[:at] + text[at + chance.randint(1, 20) :]
        elif action == 2:
            text = text[:at] + chance.choice(marks) + text[at:]
        elif action == 3:
            end = min(len(text), at + chance.randint(1, 60))
            text = text[:at] + text[at:end] * chance.randint(2, 4) + text[end:]
        elif action == 4:
            position = text.find(">", at) + 1
            text = text[:position] + chance.choice(bombs) + text[position:]
        elif action == 5:
            text = (
                text[:at] + chr(chance.choice((0, 9, 34, 60, 62, 127, 233, 0x2028, 0x1F600))) + text[at + 1 :]
            )
        else:
            other = chance.randrange(len(text) + 1)
            text = (
                text[: min(at, other)] + text[max(at, other) :] if chance.random() < 0.3 else "Sure!\n" + text
            )
    return text
