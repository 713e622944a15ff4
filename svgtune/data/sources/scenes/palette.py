"""The named colours that captions use, and the shades that drawings use for them.

Every shade has the short ``#rgb`` form, so that one colour is one token for a model whose tokenizer knows it.
"""

from __future__ import annotations

import random
from dataclasses import astuple, dataclass
from functools import cache

_HEX = {
    "crimson": "d13", "scarlet": "f31", "red": "e11", "maroon": "722", "burgundy": "814", "ruby": "b15",
    "pink": "f9c", "rose": "f58", "salmon": "f97", "coral": "f65", "peach": "fc9", "apricot": "fa6",
    "orange": "f80", "amber": "fb1", "gold": "db2", "yellow": "fe2", "mustard": "ca2", "khaki": "cb8",
    "beige": "edc", "cream": "ffd", "tan": "da7", "brown": "852", "bronze": "b73", "copper": "c64",
    "chocolate": "531", "rust": "a42", "olive": "772", "lime": "ad2", "green": "2a3", "emerald": "1b6",
    "mint": "aec", "jade": "3a7", "teal": "088", "turquoise": "3cc", "cyan": "1de", "aquamarine": "7ec",
    "azure": "29f", "sky blue": "8cf", "blue": "23d", "navy": "125", "indigo": "418", "violet": "84e",
    "purple": "829", "plum": "737", "lavender": "caf", "lilac": "c9d", "magenta": "d1a", "fuchsia": "f3c",
    "black": "111", "charcoal": "444", "gray": "888", "silver": "bbc", "ivory": "ffe", "white": "fff",
}  # fmt: skip

NAMES: tuple[str, ...] = tuple(_HEX)
_CODES: tuple[str, ...] = tuple(
    code for code in (f"#{value:03x}" for value in range(16**3)) if code[1:] not in _HEX.values()
)


@dataclass(frozen=True, slots=True)
class Paint:
    """One colour in the shades that give a flat drawing its form; each is ``#rgb``.

    Attributes:
        main: The colour itself.
        dark: Its shaded side.
        deep: Creases and outlines on it.
        light: Its lit side.
    """

    main: str
    dark: str
    deep: str
    light: str


def _shade(channels: list[float]) -> str:
    return "#" + "".join(f"{max(0, min(15, round(c))):x}" for c in channels)


def mix_colour(colour: str, other: str, share: float) -> str:
    """Mixes ``share`` (0..1) of ``other`` into ``colour``; both and the result are ``#rgb``."""
    pairs = zip(colour[1:4], other[1:4], strict=True)
    return _shade([int(a, 16) * (1 - share) + int(b, 16) * share for a, b in pairs])


@cache
def build_paint(colour: str) -> Paint:
    """Builds the shades of a ``#rgb`` colour; near-black is shaded upwards and near-white downwards."""
    level = sum(int(c, 16) for c in colour[1:4])
    if level <= 6:
        return Paint(colour, mix_colour(colour, "#fff", 0.16), mix_colour(colour, "#fff", 0.3), "#555")
    light = mix_colour(colour, "#fff", 0.42) if level < 40 else mix_colour(colour, "#aab", 0.25)
    dark, deep = mix_colour(colour, "#000", 0.28), mix_colour(colour, "#000", 0.5)
    return Paint(colour, dark if level < 40 else "#ccd", deep if level < 40 else "#99a", light)


def draw_codes(rng: random.Random) -> tuple[str, ...]:
    """Draws as many ``#rgb`` codes as there are names, none of them a named colour's."""
    return tuple(rng.sample(_CODES, len(NAMES)))


def get_hex(name: str) -> str:
    """Returns the ``#rgb`` of a named colour, and a code as it is; KeyError for a name not in ``NAMES``."""
    return name if name.startswith("#") else "#" + _HEX[name]


def get_paint(name: str) -> Paint:
    """Returns the shades of a named colour."""
    return build_paint(get_hex(name))


SHADES: dict[str, tuple[str, ...]] = {name: astuple(get_paint(name)) for name in NAMES}
"""For each colour name its ``#rgb`` shades, the colour itself first."""


@cache
def measure_contrast(shade: str, other: str) -> float:
    """Returns the Euclidean RGB distance of two ``#rgb`` shades, in levels: 0 to 26."""
    pairs = zip(shade[1:], other[1:], strict=True)
    return sum((int(x, 16) - int(y, 16)) ** 2 for x, y in pairs) ** 0.5


def measure_distance(name: str, other: str) -> float:
    """Returns the Euclidean RGB distance of two named colours, in levels: 0 to 26."""
    return measure_contrast(get_hex(name), get_hex(other))
