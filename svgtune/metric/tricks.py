"""Additions to a drawing that raised scores at the competition without showing more of the caption.

They are named so that their effect can be measured, and off by default: a drawing with a decoy is a worse
drawing. Source of both: the public notebooks of Kaggle's 'Drawing with LLMs' (2025).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from svgtune.errors import SvgError
from svgtune.metric.scorer import Entry, Scorer
from svgtune.render.raster import JUDGE_SIZE_PX
from svgtune.svg.constraints import check_svg
from svgtune.svg.parse import parse_svg
from svgtune.svg.units import read_length, read_view_box

Trick = Literal["ocr_decoy", "dark_border"]

# After the root's end only comments and processing instructions may follow, and they may hold anything.
_REST = r"(?=(?:\s|<!--(?:(?!-->).)*+-->|<\?(?:(?!\?>).)*+\?>)*+\Z)"
_ROOT_END = re.compile(rf"</(?:[^\s<>/:]+:)?svg\s*>{_REST}", re.DOTALL)
_CHILDLESS_END = re.compile(rf"/>{_REST}", re.DOTALL)
_HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", re.IGNORECASE)
_EDGE_SHARE = 0.1
"""Middle of the decoy from the corner's sides, of the canvas: the 5 % crop leaves it whole."""
_RADIUS_SHARES = (0.032, 0.018)
_BORDER_SHARE = 0.08
"""Width of the border, of the canvas; the crop of the questions' view takes at most 3 % off a side."""

Box = tuple[float, float, float, float]


def add_ocr_decoy(svg: str) -> str:
    """Puts a ring into the lower right corner, in the drawing's darkest and lightest colours.

    A reader that would invent words on a picture without any reads it as one letter o, which is free.
    """
    x, y, width, height = _read_canvas(svg)
    side = min(width, height)
    shades = sorted(map(_measure_light, _HEX.findall(svg)))
    dark, light = (shades[0][1], shades[-1][1]) if len(shades) > 1 else ("#000", "#fff")
    place = f'cx="{x + width - _EDGE_SHARE * side:.4g}" cy="{y + height - _EDGE_SHARE * side:.4g}"'
    rings = "".join(
        f'<circle {place} r="{share * side:.3g}" fill="{colour}"/>'
        for share, colour in zip(_RADIUS_SHARES, (dark, light), strict=True)
    )
    return _append(svg, rings)


def add_dark_border(svg: str) -> str:
    """Frames the drawing in near-black; raters of looks that learned on photographs like framed pictures."""
    x, y, width, height = _read_canvas(svg)
    line = _BORDER_SHARE * min(width, height)
    frame = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    # Half of the line falls outside the canvas.
    return _append(svg, f'<rect {frame} fill="none" stroke="#111" stroke-width="{2 * line:.4g}"/>')


TRICKS: dict[Trick, Callable[[str], str]] = {"ocr_decoy": add_ocr_decoy, "dark_border": add_dark_border}


def apply_tricks(svg: str, names: Sequence[Trick]) -> str:
    """Applies tricks in the order of their names.

    What is not strictly valid stays as it is, and so does a drawing that cannot be edited, or that would
    break a rule with the addition, such as the byte limit.
    """
    if not names or check_svg(svg):
        return svg
    for name in names:
        try:
            changed = TRICKS[name](svg)
        except SvgError:  # the parser refuses more than the rules do, such as very deep groups
            continue
        if not check_svg(changed):
            svg = changed
    return svg


def compare_tricks(scorer: Scorer, entries: Sequence[Entry]) -> dict[str, dict[str, float]]:
    """Scores drawings as they are and with each trick.

    Returns:
        For ``plain`` and for each trick the mean of ``total``, ``vqa``, ``aesthetic`` and ``ocr``.
    """
    figures: dict[str, dict[str, float]] = {}
    for names in ((), *((name,) for name in TRICKS)):
        scores = scorer.score([replace(entry, svg=apply_tricks(entry.svg, names)) for entry in entries])
        figures[names[0] if names else "plain"] = {
            part: sum(getattr(score, part) for score in scores) / len(scores)
            for part in ("total", "vqa", "aesthetic", "ocr")
        }
    return figures


def _append(svg: str, elements: str) -> str:
    prefix = parse_svg(svg).prefix
    if prefix:
        elements = elements.replace("<", f"<{prefix}:")
    end = _ROOT_END.search(svg)
    if end:
        return f"{svg[: end.start()]}{elements}{svg[end.start() :]}"
    end = _CHILDLESS_END.search(svg)
    if end is None:
        return svg
    name = f"{prefix}:svg" if prefix else "svg"
    return f"{svg[: end.start()]}>{elements}</{name}>{svg[end.end() :]}"


def _read_canvas(svg: str) -> Box:
    """Returns left, top, width and height in user units."""
    own = {str(name): str(value) for name, value in parse_svg(svg).attrib.items()}
    box = read_view_box(own)
    if box is not None:
        return box
    side = float(JUDGE_SIZE_PX)
    if "viewBox" in svg:
        # Wherever it stands, it keeps the judge from putting one on the root.
        return 0, 0, read_length(own.get("width"), side) or side, read_length(own.get("height"), side) or side
    return 0, 0, side, side


def _measure_light(colour: str) -> tuple[float, str]:
    """Returns the luma of a hex colour, 0 to 255, and the colour."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    red, green, blue = (int(digits[place : place + 2], 16) for place in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue, colour
