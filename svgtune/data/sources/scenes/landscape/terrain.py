"""Terrains: what a landscape is made of below its sky."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from svgtune.data.sources.scenes.palette import Paint, build_paint
from svgtune.data.sources.scenes.pen import Pen

DrawTerrain = Callable[[Pen, Paint, random.Random], None]


@dataclass(frozen=True, slots=True)
class Terrain:
    """One kind of land or water.

    Attributes:
        words: How captions name it; plural wordings are in ``plurals``.
        tinted: How captions name it with a colour in the place of ``{}``; empty where ``words`` serve.
        tinted_thing: What the colour paints, as questions call it.
        colour: ``#rgb`` of what ``paint`` colours when the caption names no colour.
        colourable: Whether captions may colour it.
        landmarks: Names of landmarks that may stand there.
    """

    name: str
    words: tuple[str, ...]
    plurals: tuple[str, ...]
    colour: str
    draw: DrawTerrain
    landmarks: tuple[str, ...]
    colourable: bool
    tinted: tuple[str, ...]
    tinted_thing: str


TERRAINS: dict[str, Terrain] = {}
_INLAND = ("cottage", "castle", "windmill", "tent", "barn", "tower", "church", "hot air balloon")
_SHORE = ("lighthouse", "cottage", "sailboat", "hot air balloon", "tower")
_WATER = ("sailboat", "lighthouse", "rowboat", "hot air balloon")


def _terrain(
    name: str, *words: str, colour: str, plurals: tuple[str, ...] = (), landmarks: tuple[str, ...] = _INLAND,
    colourable: bool = True, tinted: tuple[str, ...] = (), tinted_thing: str = "",
) -> Callable[[DrawTerrain], DrawTerrain]:  # fmt: skip
    def register(draw: DrawTerrain) -> DrawTerrain:
        TERRAINS[name] = Terrain(
            name, words or (name,), plurals, colour, draw, landmarks, colourable, tinted, tinted_thing or name
        )
        return draw

    return register


def _conifers(pen: Pen, paint: Paint, spots: tuple[tuple[int, int], ...], height: int) -> None:
    trunks = "".join(f"M{x - 1} {y - 3}h2v6h-2z" for x, y in spots)
    pen.path(trunks, "#532")
    half, third = height // 3, height // 2
    for k, (x, y) in enumerate(spots):
        fill = paint.dark if k % 2 else paint.main
        pen.path(
            f"M{x} {y - height}l{half - 3} {third}h-3"
            f"l6 {height - third - 2}h{-2 * half}l6 {third + 2 - height}h-3z",
            fill,
        )


def draw_palm(pen: Pen, x: int, y: int) -> None:
    """Draws a small palm tree by the foot of its trunk."""
    pen.stroke(f"M{x} {y}q-3 -10 2 -20", "#852", 2)
    pen.stroke(f"M{x + 2} {y - 20}q-8 -5 -12 3m12 -3q8 -5 12 3m-12 -3q-3 -8 -9 -7m9 7q3 -8 9 -7", "#2a4", 2)


def _waves(pen: Pen, colour: str, rows: tuple[int, ...]) -> None:
    starts = zip((12, 60, 28, 44), rows, strict=False)
    pen.stroke("".join(f"M{x} {y}q6 -3 12 0t12 0" for x, y in starts), colour, 1)


@_terrain("forest", "forest", "pine forest", "woodland", "dense forest", plurals=("woods",), colour="#275")
def _forest(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 64l8 -20l7 12l8 -18l8 16l8 -20l8 18l8 -16l8 18l9 -20l8 16l8 -14l12 20v36h-100z", paint.deep)
    pen.rect(0, 66, 100, 34, paint.dark)
    _conifers(pen, paint, ((14, 78), (38, 74), (64, 76), (88, 79)), 34)
    _conifers(pen, paint, ((26, 92), (52, 90), (76, 93)) if rng.random() < 0.5 else ((24, 93), (78, 91)), 38)


def _peaks(pen: Pen, paint: Paint, snow: bool, rng: random.Random) -> None:
    middle = rng.choice((44, 56))
    for x, y, half, left, right in (
        (20, 40, 34, paint.dark, paint.deep),
        (82, 36, 36, paint.dark, paint.deep),
        (middle, 24, 42, paint.main, paint.dark),
    ):
        pen.polygon(((x - half, 84), (x, y), (x + half, 84)), left)
        pen.polygon(((x, y), (x + half, 84), (x - 4, 84), (x + 4, y + 26)), right)
        if snow:
            pen.path(f"M{x} {y}l{half // 3} {(84 - y) // 3}l-7 -3l-5 6l-6 -6l-7 5z", "#fff")


@_terrain(
    "mountains",
    "mountain range",
    "rugged mountain range",
    plurals=("mountains", "peaks", "rocky mountains"),
    colour="#778",
)
def _mountains(pen: Pen, paint: Paint, rng: random.Random) -> None:
    _peaks(pen, paint, False, rng)
    pen.path("M0 80q30 -8 55 0t45 -2v22h-100z", "#475")


@_terrain("snowy mountains", "snowy mountain range", "snow-capped mountain range",
          plurals=("snow-covered mountains", "snow-capped peaks", "snowy peaks", "icy mountains",
                   "snowy mountains"),
          colour="#678", colourable=False)  # fmt: skip
def _snowy_mountains(pen: Pen, paint: Paint, rng: random.Random) -> None:
    _peaks(pen, paint, True, rng)
    pen.path("M0 80q30 -8 55 0t45 -2v22h-100z", "#eef")


@_terrain("ocean", "ocean", "sea", "calm ocean", "open sea", colour="#26a", landmarks=_WATER)
def _ocean(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 60, 100, 40, paint.main)
    pen.path("M0 78q25 -6 50 0t50 0v22h-100z", paint.dark)
    _waves(pen, paint.light, (68, 76, 86, 94))


@_terrain(
    "stormy sea",
    "stormy sea",
    "rough ocean",
    plurals=("crashing waves", "high waves"),
    colour="#257",
    landmarks=("lighthouse", "sailboat"),
)
def _stormy_sea(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 62q8 -10 16 0q8 -12 18 0q8 -14 18 0q8 -12 16 0q8 -12 16 0q8 -10 16 -2v40h-100z", paint.dark)
    pen.path("M0 78q10 -14 20 0q10 -16 22 0q10 -14 20 0q10 -16 20 0q8 -12 18 -2v24h-100z", paint.main)
    pen.stroke("M4 78q8 -10 15 -2m6 3q8 -12 16 -2m5 2q8 -10 15 -2m6 2q8 -12 15 -2", "#fff", 1.5)


@_terrain(
    "beach",
    "beach",
    "sandy beach",
    "sandy shore",
    "tropical beach",
    colour="#ed9",
    landmarks=("lighthouse", "sailboat", "hut", "hot air balloon"),
)
def _beach(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 58, 100, 42, "#29c")
    _waves(pen, "#cef", (64, 70))
    pen.path("M0 82q40 -12 100 -2v20h-100z", "#fff")
    pen.path("M0 84q40 -12 100 -2v18h-100z", paint.main)
    if rng.random() < 0.6:
        draw_palm(pen, rng.choice((18, 82)), 88)


@_terrain(
    "lagoon",
    "lagoon",
    "tropical lagoon",
    "quiet lagoon",
    colour="#3cc",
    landmarks=("hut", "rowboat", "sailboat"),
)
def _lagoon(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 60l20 -9l24 7l30 -11l26 10v43h-100z", "#486")
    pen.path("M0 62h100v38h-100z", "#db8")
    pen.ellipse(50, 80, 45, 16, paint.main)
    pen.ellipse(50, 82, 34, 10, paint.light)
    _waves(pen, paint.main, (80, 86))
    draw_palm(pen, 10, 72)
    draw_palm(pen, 88, 72)


@_terrain(
    "lake",
    "lake",
    "still lake",
    "mountain lake",
    "pond",
    colour="#38c",
    landmarks=("cottage", "sailboat", "rowboat", "castle", "tent", "hot air balloon"),
)
def _lake(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 60l22 -14l20 12l26 -18l32 20v40h-100z", "#576")
    pen.rect(0, 60, 100, 40, "#5a4")
    pen.path("M8 80q4 -14 42 -14t42 14q-4 16 -42 16t-42 -16z", paint.main)
    pen.path("M14 84q8 10 36 10t36 -10q-10 6 -36 6t-36 -6z", paint.dark)
    _waves(pen, paint.light, (74, 80, 86))


@_terrain("plain", "plain", "grassy plain", "grassland", "open field", "prairie", colour="#7b4")
def _plain(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 62, 100, 38, paint.main)
    pen.path("M0 76q50 -12 100 2v22h-100z", paint.dark)
    blades = ((16, 74), (70, 80), (40, 84), (88, 88), (22, 92), (60, 96))
    pen.stroke("".join(f"M{x} {y}l-2 -5m2 5l2 -5" for x, y in blades), paint.light, 1)


@_terrain("meadow", "meadow", "field of flowers", "flower meadow", "flowering field", colour="#f5a",
          tinted=("field of {} flowers", "meadow of {} flowers", "meadow with {} flowers"),
          tinted_thing="flowers")  # fmt: skip
def _meadow(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 60, 100, 40, "#7b4")
    pen.path("M0 72q50 -10 100 2v26h-100z", "#593")
    far, near = (
        ((12, 68), (46, 66), (80, 70), (28, 76), (64, 77)),
        ((14, 86), (40, 92), (58, 84), (76, 94), (90, 84)),
    )
    for spots, width in ((far, 4), (near, 7)):
        pen.stroke("".join(f"M{x} {y}h.5" for x, y in spots), paint.main, width)


@_terrain("snowy plain", "snowy plain", "snow-covered field", "snowfield", "frozen plain", colour="#eef",
          colourable=False, landmarks=("cottage", "igloo", "church", "barn", "tent"))  # fmt: skip
def _snowy_plain(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 62, 100, 38, "#dde")
    pen.path("M0 70q40 -10 100 4v26h-100z", "#fff")
    pen.path("M0 88q55 -14 100 -2v14h-100z", "#eef")
    pen.stroke("M10 80q15 -4 28 0m20 2q14 -4 28 0", "#bce", 1)
    if rng.random() < 0.5:
        _conifers(pen, build_paint("#486"), ((86, 68),), 22)


@_terrain(
    "desert",
    "desert",
    "sandy desert",
    plurals=("sand dunes", "dunes", "desert dunes"),
    colour="#eb7",
    landmarks=("tent", "pyramid", "tower", "hot air balloon"),
)
def _desert(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 62q22 -14 50 0t50 -6v44h-100z", paint.dark)
    pen.path("M0 74q28 -16 58 2t42 -4v28h-100z", paint.main)
    pen.path("M0 90q40 -16 100 -2v12h-100z", paint.light)
    if rng.random() < 0.5:
        x = rng.choice((16, 80))
        pen.stroke(f"M{x} 86v-24m0 14h-6v-8m6 4h6v-8", "#386", 4)


@_terrain(
    "hills",
    "hilly countryside",
    plurals=("rolling hills", "hills", "gentle hills", "grassy hills"),
    colour="#7b4",
)
def _hills(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.ellipse(16, 96, 50, 40, paint.deep)
    pen.ellipse(86, 98, 50, 44, paint.dark)
    pen.ellipse(46, 112, 66, 40, paint.main)
    if rng.random() < 0.5:
        pen.path("M70 76h2v-6h-2zM28 78h2v-6h-2z", "#532")
        pen.path("M71 60a5 6 0 1 1 0 12a5 6 0 1 1 0 -12zM29 62a5 6 0 1 1 0 12a5 6 0 1 1 0 -12z", "#364")


@_terrain("river", "river", "winding river", "river valley", "stream", colour="#39d",
          landmarks=("cottage", "castle", "windmill", "tent", "bridge", "church"),
          tinted=("{} river", "winding {} river", "{} stream"))  # fmt: skip
def _river(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 60q25 -12 50 0t50 -4v44h-100z", "#6a3")
    pen.path("M48 60q14 10 -4 18t-16 22h46q-10 -12 2 -20t-20 -20z", paint.main)
    pen.stroke("M50 70q4 6 -4 12m-4 14q0 -8 8 -12", paint.light, 1)
    _conifers(pen, build_paint("#275"), ((12, 74), (86, 72)), 24)


@_terrain(
    "island",
    "island",
    "small island",
    "desert island",
    "tropical island",
    colour="#ed9",
    landmarks=("lighthouse", "hut", "castle", "sailboat"),
)
def _island(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 60, 100, 40, "#28b")
    _waves(pen, "#8ce", (86, 94))
    pen.path("M14 76q36 -26 72 0q-36 10 -72 0z", paint.main)
    pen.path("M14 76q36 10 72 0q-36 4 -72 0z", paint.dark)
    draw_palm(pen, 38, 68)
    draw_palm(pen, 62, 68)


@_terrain(
    "waterfall",
    "waterfall",
    "tall waterfall",
    "cascading waterfall",
    colour="#4ae",
    landmarks=("tent", "bridge"),
)
def _waterfall(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 34h30l8 10v50h-38zM100 34h-30l-8 10v50h38z", "#655")
    pen.path("M0 28h32v6h-32zM68 28h32v6h-32z", "#5a4")
    pen.rect(0, 84, 100, 16, paint.dark)
    pen.path("M32 30h36v58h-36z", paint.main)
    pen.stroke("M40 32v52m10 -52v52m10 -52v52", "#fff", 2)
    pen.ellipse(50, 88, 26, 5, "#fff", opacity=0.8)


@_terrain(
    "canyon",
    "canyon",
    "deep canyon",
    "rocky canyon",
    colour="#c63",
    landmarks=("bridge", "hot air balloon", "tent"),
)
def _canyon(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 62h100v38h-100z", paint.light)
    pen.path("M0 36h26l4 16h6l4 18h-4l4 30h-40zM100 40h-24l-4 14h-6l-4 16h4l-6 30h40z", paint.main)
    pen.path("M0 52h30l2 6h-32zM100 54h-28l-2 6h30zM0 74h38l1 6h-39zM100 74h-35l-1 6h36z", paint.dark)


@_terrain(
    "volcano",
    "volcano",
    "erupting volcano",
    "smoking volcano",
    colour="#544",
    landmarks=("hut", "hot air balloon"),
)
def _volcano(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M50 32q-6 -8 0 -14q-8 -8 2 -14q14 2 10 12q6 8 -4 16z", "#777", opacity=0.7)
    pen.path("M4 88l34 -54h24l34 54z", paint.main)
    pen.path("M50 34h12l34 54h-36z", paint.dark)
    pen.path("M38 34h24l4 8l-6 10l-4 -6l-5 18l-6 -18l-5 4z", "#f52")
    pen.rect(0, 86, 100, 14, "#453")


@_terrain(
    "cliffs",
    "rocky coast",
    "cliff by the sea",
    plurals=("cliffs", "steep cliffs", "sea cliffs"),
    colour="#a98",
    landmarks=("lighthouse", "castle", "church"),
)
def _cliffs(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 62, 100, 38, "#27a")
    _waves(pen, "#8ce", (70, 78, 88))
    pen.path("M100 44h-46l-6 6l4 14l-6 12l4 24h50z", paint.main)
    pen.path("M54 44l-6 6l4 14l-6 12l4 24h8l-4 -22l6 -14l-4 -20z", paint.dark)
    pen.path("M100 40h-46q-4 2 -4 6h50z", "#5a4")


@_terrain(
    "glacier",
    "glacier",
    "icy sea",
    "iceberg",
    plurals=("icebergs",),
    colour="#9de",
    landmarks=("igloo", "sailboat"),
    tinted=("{} iceberg", "{} glacier", "floating {} iceberg"),
)
def _glacier(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.rect(0, 66, 100, 34, "#258")
    pen.path("M10 72l10 -28l14 -14l12 22l6 20z", paint.main)
    pen.path("M34 30l12 22l6 20h-14z", paint.dark)
    pen.path("M58 74l8 -20l12 -8l14 28z", paint.light)
    pen.path("M78 46l14 28h-12z", paint.main)
    _waves(pen, "#adf", (82, 92))


@_terrain(
    "city",
    "city skyline",
    "modern city",
    "skyline",
    plurals=("skyscrapers", "city buildings"),
    colour="#567",
    landmarks=("hot air balloon", "bridge"),
)
def _city(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 88v-36h14v-14h14v22h12v-34h16v26h12v-18h14v10h18v44z", paint.dark)
    pen.path("M6 92v-24h16v-16h18v24h10v-14h18v-20h14v26h14v24z", paint.main)
    pen.path(
        "M26 58h4v4h-4zM34 58h4v4h-4zM26 68h4v4h-4zM54 68h4v4h-4zM72 48h4v4h-4zM72 58h4v4h-4zM72 70h4v4h-4z"
        "M12 76h4v4h-4zM34 80h4v4h-4zM88 76h4v4h-4z",
        "#fe8",
    )
    pen.rect(0, 90, 100, 10, "#333")


@_terrain(
    "wheat field",
    "wheat field",
    "field of grain",
    "farmland",
    plurals=("crop fields",),
    colour="#eb4",
    landmarks=("barn", "windmill", "cottage", "hot air balloon"),
)
def _wheat_field(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 60q30 -8 60 0t40 -2v6h-100z", "#685")
    pen.rect(0, 62, 100, 38, paint.main)
    pen.path("M46 62l-46 26v12h10zM50 62l-18 38h16zM52 62l10 38h16zM55 62l45 34v-14z", paint.dark)


@_terrain(
    "swamp",
    "swamp",
    "misty swamp",
    "marsh",
    plurals=("wetlands",),
    colour="#563",
    landmarks=("hut", "rowboat"),
)
def _swamp(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 62q14 -20 30 -6q16 -18 34 0q18 -16 36 0v44h-100z", "#243")
    pen.rect(0, 66, 100, 34, paint.main)
    pen.ellipse(30, 82, 22, 4, paint.light)
    pen.ellipse(74, 90, 20, 4, paint.dark)
    pen.stroke("M14 92v-22m4 22v-18m68 10v-24m4 24v-18", "#795", 1.5)
    pen.stroke("M14 70v-5m4 9v-5m68 -9v-5m4 13v-5", "#632", 3)


@_terrain(
    "jungle",
    "jungle",
    "lush jungle",
    "rainforest",
    "tropical rainforest",
    colour="#2a4",
    landmarks=("hut", "tower", "pyramid"),
)
def _jungle(pen: Pen, paint: Paint, rng: random.Random) -> None:
    pen.path("M0 56q8 -20 22 -10q10 -16 26 -2q12 -16 28 0q14 -10 24 8v48h-100z", paint.deep)
    pen.path("M16 100q4 -30 -2 -52h6q4 24 2 52zM78 100q-4 -30 4 -56h5q-6 26 -3 56z", "#532")
    pen.path(
        "M16 50q-16 -14 -22 4q12 -6 22 -2q-4 8 0 16q6 -8 4 -16q12 -6 20 6q0 -18 -24 -8z"
        "M84 46q-16 -14 -22 4q12 -6 22 -2q-4 8 0 16q6 -8 4 -16q10 -6 16 6q0 -18 -20 -8z",
        paint.main,
    )
    pen.path("M0 84q12 -14 24 0q12 -16 26 0q12 -14 26 0q12 -14 24 0v16h-100z", paint.dark)
