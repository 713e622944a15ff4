"""Arrangements: where the copies of a shape stand, and how a caption says so."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from svgtune.data.sources.scenes.abstract.shapes import Shape, Spot

# Shapes with more numbers than this stand in smaller numbers, so that drawings stay short.
_CHEAP = 18
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way to arrange copies of a single shape.

    Attributes:
        answer: What a question about the arrangement is answered with.
        family: Arrangements of one family look alike, so they are never wrong answers for each other.
        phrases: Captions with ``{}`` for the coloured plural.
        place: Returns the spots; turned ones only for shapes that may be turned.
        apart: The copies do not overlap.
        opacity: Of each copy; None is opaque.
        turning: The arrangement is seen only with shapes that may be turned.
        counted: The caption may say how many there are.
        copies: About how many costly shapes it takes.
    """

    name: str
    answer: str
    family: str
    phrases: tuple[str, ...]
    place: Callable[[random.Random, Shape], list[Spot]]
    apart: bool = True
    opacity: float | None = None
    turning: bool = False
    counted: bool = False
    copies: int = 6


def _find_polar(radius: float, degrees: float) -> tuple[int, int]:
    angle = math.radians(degrees)
    return round(100 + radius * math.cos(angle)), round(100 + radius * math.sin(angle))


def place_grid(rng: random.Random, shape: Shape) -> list[Spot]:
    """Three rows of three, or two rows of three."""
    if shape.cost <= _CHEAP and rng.random() < 0.7:
        return [Spot(x, y, 24) for y in (40, 100, 160) for x in (40, 100, 160)]
    return [Spot(x, y, 28) for y in (66, 134) for x in (36, 100, 164)]


_SHIFTS = (
    ((-8, 6), (10, -8), (4, 10), (12, -6), (-10, 4), (-4, -10), (2, 12), (-12, 8), (8, -4)),
    ((10, -4), (-6, 12), (-10, -8), (-12, 8), (8, -10), (10, 6), (6, -12), (12, 4), (-8, 10)),
)


def _place_jumbled(rng: random.Random, shape: Shape) -> list[Spot]:
    rows = (38, 100, 162) if shape.cost <= _CHEAP else (60, 140)
    shifts = rng.choice(_SHIFTS)
    spots = [(x, y) for y in rows for x in (38, 100, 162)]
    return [
        Spot(x + dx, y + dy, 18 if k % 3 == 1 else 25)
        for k, ((x, y), (dx, dy)) in enumerate(zip(spots, shifts, strict=False))
    ]


def _place_row(rng: random.Random, shape: Shape) -> list[Spot]:
    count = rng.choice((3, 4) if shape.kind == "line" else (3, 4, 5))
    r = {3: 28, 4: 22, 5: 18}[count]
    return [Spot(round(200 / count * (k + 0.5)), 100, r) for k in range(count)]


def _place_column(rng: random.Random, shape: Shape) -> list[Spot]:
    return [Spot(spot.y, spot.x, spot.r) for spot in _place_row(rng, shape)]


def _place_diagonal(rng: random.Random, shape: Shape) -> list[Spot]:
    rising = rng.random() < 0.5
    return [Spot(x, 200 - x if rising else x, 22) for x in (34, 78, 122, 166)]


def place_circle(rng: random.Random, shape: Shape) -> list[Spot]:
    """Six or eight on a circle."""
    count = rng.choice((6, 8)) if shape.cost <= _CHEAP else 6
    return [Spot(*_find_polar(70, 360 * k / count - 90), 24 if count == 6 else 20) for k in range(count)]


_SCATTERS = (
    ((40, 44, 26), (112, 34, 18), (166, 62, 24), (68, 106, 20), (136, 120, 28), (36, 160, 22), (98, 168, 20)),
    ((32, 60, 22), (88, 40, 28), (158, 40, 20), (120, 96, 22), (50, 120, 24), (166, 122, 26), (104, 160, 28)),
    ((56, 36, 20), (140, 46, 30), (34, 98, 24), (96, 104, 20), (168, 112, 18), (66, 160, 28), (142, 162, 22)),
)  # fmt: skip


def place_scattered(rng: random.Random, shape: Shape) -> list[Spot]:
    """Seven, or five costly ones, of different sizes in one of three layouts."""
    spots = rng.choice(_SCATTERS)[: 7 if shape.cost <= _CHEAP else 5]
    return [Spot(x, y, r) for x, y, r in spots]


def _place_stack(rng: random.Random, shape: Shape) -> list[Spot]:
    count = rng.choice((3, 4))
    r = {3: 38, 4: 30}[count]
    step = {3: 50, 4: 42}[count]
    top = 100 + step * (count - 1) / 2
    return [Spot(100, round(top - step * k), r) for k in range(count)]


def _place_pile(rng: random.Random, shape: Shape) -> list[Spot]:
    return [
        Spot(100 + dx, y, 27) for y, row in ((154, (-54, 0, 54)), (104, (-27, 27)), (54, (0,))) for dx in row
    ]


def _place_overlap(rng: random.Random, shape: Shape) -> list[Spot]:
    layouts = (
        ((66, 72), (134, 72), (100, 128)), ((64, 64), (136, 64), (64, 136), (136, 136)),
        ((52, 100), (84, 100), (116, 100), (148, 100)), ((60, 60), (86, 86), (114, 114), (140, 140)),
    )  # fmt: skip
    return [Spot(x, y, 50) for x, y in rng.choice(layouts)]


def place_spiral(rng: random.Random, shape: Shape) -> list[Spot]:
    """A spiral from the centre outwards; the copies grow on the way."""
    count, step = (9, 48) if shape.cost <= _CHEAP else (7, 56)
    return [
        Spot(*_find_polar(8 + 64 * k / (count - 1), step * k), round(9 + 14 * k / (count - 1)))
        for k in range(count)
    ]


def place_orbit(rng: random.Random, shape: Shape, *, spiral: bool) -> list[Spot]:
    """Around something in the centre: evenly on a circle, or along a spiral with growing copies."""
    if spiral:
        count = 8 if shape.cost <= _CHEAP else 7
        return [Spot(*_find_polar(52 + 4 * k, 52 * k - 90), 9 + round(1.4 * k)) for k in range(count)]
    count = rng.choice((6, 8)) if shape.cost <= _CHEAP else 6
    return [Spot(*_find_polar(76, 360 * k / count - 90), 20 if count == 6 else 17) for k in range(count)]


def _place_radiating(rng: random.Random, shape: Shape) -> list[Spot]:
    return [Spot(*_find_polar(60, 45 * k - 90), 26, 45 * k) for k in range(8)]


def _place_growing(rng: random.Random, shape: Shape) -> list[Spot]:
    spots = [(22, 10), (54, 17), (98, 25), (158, 34)]
    return [Spot(x, 100, r) for x, r in spots]


def _place_arch(rng: random.Random, shape: Shape) -> list[Spot]:
    count = 7 if shape.cost <= _CHEAP else 5
    spots = [_find_polar(76, 180 + 180 * k / (count - 1)) for k in range(count)]
    return [Spot(x, y + 40, 18 if count == 7 else 23) for x, y in spots]


def _place_cross(rng: random.Random, shape: Shape) -> list[Spot]:
    return [Spot(x, y, 25) for x, y in ((45, 45), (155, 45), (100, 100), (45, 155), (155, 155))]


def _place_corners(rng: random.Random, shape: Shape) -> list[Spot]:
    return [Spot(x, y, 28) for x, y in ((38, 38), (162, 38), (38, 162), (162, 162))]


def _place_group(rng: random.Random, shape: Shape) -> list[Spot]:
    layouts = (
        ((62, 100), (138, 100)), ((60, 66), (140, 66), (100, 138)), ((62, 62), (138, 62), (62, 138), (138,
            138)),
        ((50, 52), (150, 52), (100, 100), (50, 148), (150, 148)),
        ((40, 66), (100, 66), (160, 66), (40, 134), (100, 134), (160, 134)),
    )  # fmt: skip
    spots = rng.choice(layouts)
    r = {2: 34, 3: 32, 4: 30, 5: 26, 6: 25}[len(spots)]
    return [Spot(x, y, r) for x, y in spots]


def _place_single(rng: random.Random, shape: Shape) -> list[Spot]:
    return [Spot(100, 100, 76)]


def _place_symmetrical(rng: random.Random, shape: Shape) -> list[Spot]:
    left = [Spot(40, 46, 25), Spot(52, 104, 18), Spot(40, 158, 25)]
    return [*left, *(spot._replace(x=200 - spot.x) for spot in left), Spot(100, 100, 25)]


ARRANGEMENTS: tuple[Arrangement, ...] = (
    Arrangement("grid", "in a neat grid", "grid", (
        "a grid of {}", "{} arranged in a grid", "{} in a neat grid", "{} in neat rows",
        "{} forming a regular grid",
        "a neat grid of {}"), place_grid),
    Arrangement("jumbled grid", "in a chaotic grid", "grid", (
        "{} forming a chaotic grid", "a chaotic grid of {}", "{} in a jumbled grid", "a messy grid of {}",
        "{} forming an irregular grid", "{} making up a disorderly grid", "{} arranged in a chaotic grid"),
        _place_jumbled),
    Arrangement("row", "in a row", "row", ("a row of {}", "{} in a row", "{} lined up in a row",
        "a line of {}"),
                _place_row, counted=True, copies=4),
    Arrangement("column", "in a column", "column", ("a column of {}", "{} in a column",
        "a vertical line of {}",
                "{} lined up vertically"), _place_column, counted=True, copies=4),
    Arrangement("diagonal", "along a diagonal", "row", ("a diagonal line of {}", "{} along a diagonal",
        "{} lined up diagonally",
                "{} in a diagonal row"), _place_diagonal, counted=True, copies=4),
    Arrangement("circle", "in a circle", "circle", ("a circle of {}", "{} arranged in a circle",
        "{} forming a circle",
                "{} in a ring formation", "{} placed in a circle"), place_circle, counted=True),
    Arrangement("scatter", "scattered", "grid", ("scattered {}", "{} scattered at random",
        "{} scattered around",
                "randomly placed {}", "an assortment of {}", "{} of different sizes"), place_scattered,
                copies=5),
    Arrangement("stack", "stacked on each other", "column", ("a stack of {}", "stacked {}",
        "{} stacked vertically",
                "{} stacked on top of each other", "a tower of {}"), _place_stack, apart=False, counted=True,
                copies=4),
    Arrangement("pile", "in a pyramid formation", "pile", ("a pile of {}", "{} stacked in a pyramid",
        "{} in a triangle formation",
                "{} piled up", "{} arranged in a pyramid formation"), _place_pile),
    Arrangement("overlap", "overlapping", "overlap", ("overlapping {}", "translucent {} overlapping",
        "{} overlapping each other",
                "overlapping translucent {}"), _place_overlap, apart=False, opacity=0.6, copies=4),
    Arrangement("spiral", "in a spiral", "circle", ("a spiral of {}", "{} forming a spiral",
        "{} arranged in a spiral",
                "{} spiraling outward", "{} swirling outward"), place_spiral, copies=7),
    Arrangement("radiating", "radiating from the center", "circle", ("{} radiating from the center",
        "{} radiating outward",
                "a burst of {}", "{} fanning out from the center", "{} pointing away from the center"),
                _place_radiating,
                turning=True, copies=8),
    Arrangement("growing", "from small to large", "row", ("{} growing in size from left to right",
        "{} from small to large",
                "{} of increasing size", "a row of {} growing larger"), _place_growing, copies=4),
    Arrangement("arch", "in an arch", "circle", ("an arch of {}", "{} forming an arch",
        "{} arranged in an arch"), _place_arch, copies=5),
    Arrangement("cross", "in an X formation", "grid", ("{} forming an X", "{} arranged in an X shape"),
        _place_cross, copies=5),
    Arrangement("corners", "in the four corners", "corners", ("{} in the four corners", "{} in each corner"),
        _place_corners, copies=4),
    Arrangement("group", "side by side", "group", ("{}", "{}", "a group of {}"), _place_group, counted=True,
        copies=4),
    Arrangement("single", "alone in the center", "single", ("{}",), _place_single, copies=1),
    Arrangement("symmetrical", "in a symmetrical pattern", "grid", ("a symmetrical pattern of {}",
        "{} in a symmetrical arrangement",
                "a symmetrical arrangement of {}", "{} arranged symmetrically"), _place_symmetrical,
                copies=7),
)  # fmt: skip
