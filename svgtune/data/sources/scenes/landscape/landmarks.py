"""Landmarks: buildings, boats and the like that stand in a landscape; base at y = 96 of their box."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

LANDMARKS = Catalogue("landmark")


@LANDMARKS.add("lighthouse", colour="#fff", accent="#d22", part="{} stripes")
def draw_lighthouse(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A banded tower on a rock, lamp room and roof."""
    pen.path("M16 98q6 -16 34 -14t34 14z", "#655")
    pen.path("M36 90l6 -58h16l6 58z", paint.main)
    pen.path("M39 64h22l1 12h-24zM41 42h18l1 10h-20z", accent.main)
    pen.path("M54 32h4l6 58h-7z", paint.dark)
    pen.rect(38, 28, 24, 5, "#333")
    pen.rect(43, 14, 14, 14, "#fe6")
    pen.path("M40 15l10 -13l10 13z", accent.dark)


@LANDMARKS.add("cottage", "cabin", "small house", "house", colour="#dca", accent="#a43", part="a {} roof")
def draw_cottage(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Walls, gable roof, door, window and chimney."""
    pen.rect(66, 30, 10, 22, "#755")
    pen.rect(16, 54, 68, 42, paint.main)
    pen.rect(66, 54, 18, 42, paint.dark)
    pen.path("M6 58l44 -34l44 34z", accent.main)
    pen.path("M28 96v-26h16v26z", "#532")
    pen.rect(56, 66, 16, 14, "#fe8")


@LANDMARKS.add("castle", "stone castle", "old castle", colour="#999", accent="#a23", part="{} roofs")
def draw_castle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two towers with pointed roofs, a battlement and a gate."""
    pen.path("M26 96v-44h8v6h8v-6h8v6h8v-6h8v6h8v38z", paint.main)
    pen.path("M10 96v-56h20v56zM70 96v-56h20v56z", paint.dark)
    pen.path("M6 42l14 -26l14 26zM66 42l14 -26l14 26z", accent.main)
    pen.path("M40 96v-14q10 -14 20 0v14z", "#321")
    pen.path("M17 52h6v10h-6zM77 52h6v10h-6z", "#223")


@LANDMARKS.add("sailboat", "sailing boat", "yacht", colour="#fff", accent="#843", part="a {} hull")
def draw_sailboat(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two sails, a mast and a hull."""
    pen.rect(48, 6, 3, 68, "#531")
    pen.path("M53 8q34 30 34 58h-34z", paint.main)
    pen.path("M46 16v50h-30q6 -26 30 -50z", paint.light)
    pen.path("M8 72h84q-4 18 -16 22h-52q-12 -4 -16 -22z", accent.main)
    pen.path("M12 82h76l-3 5h-70z", accent.dark)


@LANDMARKS.add("rowboat", "wooden boat", "canoe", colour="#a63", accent="#dca", part="{} oars")
def draw_rowboat(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An open hull with benches and two oars."""
    pen.path("M4 66q46 14 92 0q-6 24 -24 28h-44q-18 -4 -24 -28z", paint.main)
    pen.path("M10 74q40 12 80 0l-3 7q-37 8 -74 0z", paint.dark)
    pen.stroke("M30 70l-22 26m62 -26l22 26", accent.main, 4)


@LANDMARKS.add("windmill", "old windmill", colour="#edc", accent="#fff", part="{} sails")
def draw_windmill(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A tapering tower with a cap and four sails."""
    pen.path("M32 96l6 -54h24l6 54z", paint.main)
    pen.path("M54 42h8l6 54h-12z", paint.dark)
    pen.path("M36 42q14 -20 28 0z", "#843")
    pen.path("M43 96v-14h12v14z", "#532")
    pen.path("M50 36l30 -24l6 8l-36 16l24 30l-8 6l-16 -36l-30 24l-6 -8l36 -16l-24 -30l8 -6z", accent.main)
    pen.circle(50, 36, 4, "#444")


@LANDMARKS.add("tent", "camping tent", colour="#e72", accent="#531", part="a {} entrance")
def draw_tent(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A ridge tent with an open front."""
    pen.path("M4 96l46 -62l46 62z", paint.main)
    pen.path("M50 34l46 62h-26z", paint.dark)
    pen.path("M30 96l20 -44l20 44z", accent.main)
    pen.path("M50 52l4 44h-8z", accent.light)


@LANDMARKS.add("barn", "old barn", "farmhouse", colour="#b22", accent="#fff", part="a {} door")
def draw_barn(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A gambrel roof over walls with a cross-braced door."""
    pen.path("M12 96v-44l12 -20l26 -14l26 14l12 20v44z", paint.main)
    pen.path("M6 56l14 -26l30 -16l30 16l14 26l-6 2l-13 -23l-25 -13l-25 13l-13 23z", paint.deep)
    pen.rect(34, 64, 32, 32, accent.main)
    pen.stroke("M34 64l32 32m0 -32l-32 32m16 -32v32", paint.dark, 3)
    pen.circle(50, 44, 7, "#321")


@LANDMARKS.add("tower", "stone tower", "watchtower", colour="#998", accent="#c33", part="a {} flag")
def draw_tower(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round tower with battlements, a door and a flag."""
    pen.path("M34 96v-60h-5v-14h8v6h8v-6h10v6h8v-6h8v14h-5v60z", paint.main)
    pen.path("M58 36h8v60h-8z", paint.dark)
    pen.path("M44 96v-14q6 -8 12 0v14zM46 46h6v12h-6z", "#321")
    pen.stroke("M50 28v-26", "#444", 2)
    pen.path("M51 2h28l-8 8l8 8h-28z", accent.main)


@LANDMARKS.add("church", "small church", "chapel", colour="#eee", accent="#754", part="a {} roof")
def draw_church(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A nave and a steeple with a cross."""
    pen.path("M38 96v-34l27 -18l27 18v34z", paint.main)
    pen.path("M34 66l31 -24l31 24l-4 4l-27 -20l-27 20z", accent.main)
    pen.rect(12, 48, 26, 48, paint.light)
    pen.path("M8 50l17 -32l17 32z", accent.dark)
    pen.stroke("M25 18v-14m-5 5h10", "#444", 2)
    pen.path("M18 96v-16q7 -10 14 0v16zM58 90v-16q7 -10 14 0v16z", "#345")


@LANDMARKS.add(
    "hot air balloon", "balloon", colour="#e33", accent="#fd4", part="{} stripes", plural="hot air balloons"
)
def draw_hot_air_balloon(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A striped envelope with ropes and a basket."""
    pen.path("M50 4q34 0 34 32q0 22 -24 38h-20q-24 -16 -24 -38q0 -32 34 -32z", paint.main)
    pen.path("M50 4q16 4 16 34q0 20 -9 36h-14q-9 -16 -9 -36q0 -30 16 -34z", accent.main)
    pen.path("M50 4q6 8 6 34q0 20 -3 36h-6q-3 -16 -3 -36q0 -26 6 -34z", paint.dark)
    pen.stroke("M41 74l3 12m15 -12l-3 12", "#432", 1)
    pen.rect(42, 84, 16, 12, "#852", rx=2)


@LANDMARKS.add("bridge", "stone bridge", "arched bridge", colour="#a98", accent="#765", part="{} railings")
def draw_bridge(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An arch with a railing."""
    pen.path("M0 96v-22q50 -36 100 0v22h-14q-6 -28 -36 -28t-36 28z", paint.main)
    pen.stroke("M2 66q48 -34 96 0", accent.main, 4)
    pen.stroke("M2 66v10m16 -20v12m16 -18v12m16 -14v12m16 -10v12m16 -6v12m16 -2v10", accent.main, 3)


@LANDMARKS.add("igloo", colour="#def", accent="#246", part="a {} entrance")
def draw_igloo(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A dome of snow blocks with an entrance."""
    pen.path("M8 96q0 -52 42 -52t42 52z", paint.main)
    pen.stroke("M12 78h76m-66 -18h56m-28 -16v16m-16 0v18m32 -18v18m-44 0v18", "#9bd", 2)
    pen.path("M32 96v-12q18 -22 36 0v12z", paint.dark)
    pen.path("M40 96v-8q10 -14 20 0v8z", accent.main)


@LANDMARKS.add("hut", "wooden hut", "thatched hut", colour="#a74", accent="#db6", part="a {} roof")
def draw_hut(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round hut under a deep thatched roof."""
    pen.path("M20 58h60v38h-60z", paint.main)
    pen.path("M4 64q26 -12 46 -46q20 34 46 46z", accent.main)
    pen.path("M50 18q20 34 46 46h-30q-12 -20 -16 -46z", accent.dark)
    pen.path("M42 96v-26h16v26z", "#321")
    pen.stroke("M30 66v28m38 -28v28", paint.dark, 2)


@LANDMARKS.add("pyramid", "stone pyramid", "ancient pyramid", colour="#da5", accent="#fd4", part="a {} tip")
def draw_pyramid(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A square pyramid, lit from the left, with a capstone."""
    pen.path("M2 96l48 -76l48 76z", paint.main)
    pen.path("M50 20l48 76h-34z", paint.dark)
    pen.stroke("M20 68h40m-28 -19h24m-44 32h52", paint.deep, 1)
    pen.path("M50 20l15 24h-30z", accent.main)
