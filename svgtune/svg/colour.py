"""Colours and paints: any notation to the shortest hexadecimal one."""

from __future__ import annotations

import re
from functools import lru_cache

from cairosvg.colors import COLORS, HEX_RGB, HEX_RRGGBB, RGB, RGBA, color

# CairoSVG's patterns take the square of a text's length; no colour that anybody means is as long.
_MAX_CHARS = 200
_URL = re.compile(r"url\(\s*+['\"]?([^'\")]*+)['\"]?\s*+\)\s*+(.*)", re.DOTALL)


@lru_cache(maxsize=8192)
def read_colour(text: str) -> tuple[str, float]:
    """Returns ``#rgb`` or ``#rrggbb`` and the colour's own opacity.

    Reads what CairoSVG reads: unknown words are black, ``none`` and ``transparent`` have opacity 0. What it
    fails on (``is_known_colour`` says so) is black too.
    """
    if len(text) > _MAX_CHARS:
        return "#000", 1.0
    try:
        red, green, blue, alpha = color(text)
    except ValueError:
        return "#000", 1.0
    levels = [min(255, max(0, round(level * 255))) for level in (red, green, blue)]
    return shorten_hex("#{:02x}{:02x}{:02x}".format(*levels)), min(1.0, max(0.0, alpha))


def shorten_hex(colour: str) -> str:
    """Writes ``#aabbcc`` as ``#abc``; anything else stays."""
    if len(colour) == 7 and colour[1::2] == colour[2::2]:
        return f"#{colour[1]}{colour[3]}{colour[5]}"
    return colour


@lru_cache(maxsize=8192)
def is_known_colour(text: str) -> bool:
    """Whether CairoSVG understands a colour.

    What it does not, as ``hsl()``, it paints opaque black; a broken ``rgb()`` it cannot draw at all.
    """
    text = text.strip().lower()
    if len(text) > _MAX_CHARS:
        return False
    try:
        color(text)
    except ValueError:
        return False
    return text in COLORS or any(pattern.search(text) for pattern in (RGBA, RGB, HEX_RRGGBB, HEX_RGB))


@lru_cache(maxsize=8192)
def split_paint(text: str) -> tuple[str | None, str | None]:
    """Returns the id of the paint server, if any, and the plain or fallback colour, if any."""
    text = text.strip()
    match = _URL.search(text)
    if match is None:
        return None, text or None
    return match[1].strip().partition("#")[2] or None, match[2].strip() or None


def reference_of(text: str | None) -> str | None:
    """Returns the id in ``url(#id)``, or None."""
    return split_paint(text)[0] if text else None
