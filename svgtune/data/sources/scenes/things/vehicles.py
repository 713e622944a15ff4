"""Vehicles, seen from the side."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

VEHICLES = Catalogue("vehicle")


def _wheel(pen: Pen, x: float, y: float, r: float, hub: str = "#bbc") -> None:
    pen.circle(x, y, r, "#222")
    pen.circle(x, y, r / 2, hub)


@VEHICLES.add("car", "small car", colour="#d13", accent="#444", part="a {} roof", settings=("road",))
def draw_car(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Body, cabin with two windows, lamps and wheels."""
    pen.path("M20 62l14 -20q2 -4 8 -4h22q5 0 8 4l16 20z", accent.main)
    pen.path("M30 60l9 -13h10v13zM54 47h9l10 13h-19z", "#cef")
    pen.path("M4 86v-16q0 -9 9 -9h66q15 2 15 15v10z", paint.main)
    pen.rect(4, 79, 90, 7, paint.dark)
    pen.path("M88 68h6v6h-6zM4 68h5v6h-5z", "#fe8")
    _wheel(pen, 26, 86, 10)
    _wheel(pen, 74, 86, 10)


@VEHICLES.add(
    "truck",
    "delivery truck",
    "lorry",
    plural="trucks",
    colour="#29f",
    accent="#eee",
    part="a {} trailer",
    settings=("road",),
)
def draw_truck(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A box trailer behind a cab."""
    pen.rect(4, 34, 58, 50, accent.main)
    pen.rect(4, 74, 58, 10, accent.dark)
    pen.path("M62 84v-46h18q4 0 6 4l8 22v20z", paint.main)
    pen.path("M70 46h9l7 16h-16z", "#cef")
    pen.rect(2, 82, 94, 5, "#333")
    for x in (20, 48, 80):
        _wheel(pen, x, 87, 9)


@VEHICLES.add(
    "bus", "city bus", plural="buses", colour="#fb1", accent="#333", part="a {} stripe", settings=("road",)
)
def draw_bus(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A long body with a row of windows and a stripe."""
    pen.rect(4, 34, 92, 53, paint.main, rx=6)
    pen.path("M10 42h14v16h-14zM28 42h14v16h-14zM46 42h14v16h-14zM64 42h14v16h-14zM82 42h11v20h-11z", "#cef")
    pen.rect(4, 64, 92, 8, accent.main)
    pen.rect(4, 80, 92, 6, paint.dark)
    _wheel(pen, 24, 87, 9)
    _wheel(pen, 76, 87, 9)


@VEHICLES.add("bicycle", "bike", colour="#d22", accent="#532", part="a {} saddle", settings=("road", "grass"))
def draw_bicycle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two wheels, a diamond frame, handlebar and saddle."""
    pen.ring(23, 75, 19, "#333", 3)
    pen.ring(77, 75, 19, "#333", 3)
    pen.stroke("M23 75l15 -30h30l-20 30zM34 39l14 36M77 75l-13 -44", paint.main, 6)
    pen.stroke("M56 32l8 -3l8 4", "#333", 3)
    pen.path("M20 32h26q3 10 -5 10h-15q-7 -2 -6 -10z", accent.main)
    pen.circle(48, 75, 5, "#555")


@VEHICLES.add("motorcycle", "motorbike", colour="#d13", accent="#333", part="a {} seat", settings=("road",))
def draw_motorcycle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Fat wheels, tank, seat and engine."""
    _wheel(pen, 20, 78, 17)
    _wheel(pen, 80, 78, 17)
    pen.stroke("M80 78l-16 -38l-8 -4", "#777", 4)
    pen.path("M30 76l8 -20h28l-8 20z", "#667")
    pen.path("M34 60q2 -24 26 -24l12 22q-14 10 -38 2z", paint.main)
    pen.path("M6 58q10 -8 34 -2l-4 8q-18 -4 -30 -6z", accent.main)
    pen.path("M2 66q14 -14 36 -2l-2 14q-16 -12 -34 -12zM64 66q18 -16 32 2l-4 4q-14 -12 -24 2z", paint.dark)
    pen.circle(68, 42, 5, "#fe8")


@VEHICLES.add(
    "train", "steam train", "locomotive", colour="#2a3", accent="#d22", part="a {} cab", settings=("grass",)
)
def draw_train(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A steam locomotive with boiler, chimney and cab."""
    pen.circle(76, 14, 7, "#ddd")
    pen.circle(64, 8, 5, "#eee")
    pen.rect(74, 26, 10, 22, "#333")
    pen.rect(38, 46, 54, 28, paint.main, rx=6)
    pen.rect(56, 46, 5, 28, paint.dark)
    pen.path("M8 24h34v52h-34z", accent.main)
    pen.path("M4 20h42v6h-42z", accent.dark)
    pen.rect(15, 32, 20, 16, "#cef")
    pen.path("M4 74h88l6 12h-94z", "#444")
    for x, r in ((20, 11), (46, 9), (66, 9), (84, 9)):
        _wheel(pen, x, 96 - r, r, "#c33")


@VEHICLES.add(
    "tractor", "farm tractor", colour="#2a3", accent="#fd2", part="{} wheel rims", settings=("farm", "grass")
)
def draw_tractor(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A big rear wheel, bonnet, cab and exhaust."""
    pen.rect(74, 26, 5, 26, "#444")
    pen.path("M22 66v-42h32v42z", paint.dark)
    pen.rect(28, 30, 22, 20, "#cef")
    pen.path("M46 80v-30h44q6 0 6 8v22z", paint.main)
    pen.path("M86 56h8v12h-8z", "#ffc")
    pen.path("M18 20h40v6h-40z", paint.main)
    pen.circle(28, 72, 24, "#222")
    pen.circle(28, 72, 14, accent.main)
    pen.circle(82, 84, 12, "#222")
    pen.circle(82, 84, 7, accent.main)


@VEHICLES.add(
    "airplane", "plane", "jet plane", colour="#eef", accent="#d22", part="{} wings", settings=("sky",)
)
def draw_airplane(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A fuselage with wings, tail and windows."""
    pen.path("M44 44l-16 -28h12l28 28z", accent.dark)
    pen.path("M8 26h12l16 20h-18z", accent.main)
    pen.path("M8 42q4 -4 16 -4h52q16 0 20 12q-4 12 -20 12h-46q-18 -2 -22 -20z", paint.main)
    pen.path("M18 56q4 6 12 6h46q16 0 20 -12q-20 8 -78 6z", paint.dark)
    pen.path("M34 54h36l-30 34h-14z", accent.main)
    pen.path("M80 42q8 1 12 6h-12zM40 43h6v6h-6zM52 43h6v6h-6zM64 43h6v6h-6z", "#269")


@VEHICLES.add("helicopter", colour="#e72", accent="#333", part="a {} rotor", settings=("sky",))
def draw_helicopter(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round cabin, tail boom, rotor and skids."""
    pen.path("M50 46l-44 -8v-14h6l4 10l40 4z", paint.dark)
    pen.path("M36 56q0 -22 26 -22q32 2 32 26q0 18 -28 18q-30 0 -30 -22z", paint.main)
    pen.path("M66 40q22 2 23 20h-23z", "#cef")
    pen.rect(60, 24, 5, 12, "#444")
    pen.path("M18 20h88v6h-88z", accent.main)
    pen.stroke("M50 78l-4 10m32 -10l4 10m-48 0h58", "#444", 4)


@VEHICLES.add(
    "rocket", "space rocket", "rocket ship", colour="#eee", accent="#d22", part="{} fins", settings=("sky",)
)
def draw_rocket(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A pointed body with a porthole, fins and flame."""
    pen.path("M40 76q10 40 20 0z", "#f82")
    pen.path("M45 76q5 22 10 0z", "#fe4")
    pen.path("M34 46l-18 20v18l20 -12zM66 46l18 20v18l-20 -12z", accent.main)
    pen.path("M50 2q24 22 18 74h-36q-6 -52 18 -74z", paint.main)
    pen.path("M50 2q24 22 18 74h-10q4 -48 -8 -74z", paint.dark)
    pen.path("M50 2q10 8 15 24h-30q5 -16 15 -24z", accent.dark)
    pen.circle(50, 42, 9, "#456")
    pen.circle(50, 42, 6, "#8df")


@VEHICLES.add("submarine", colour="#fd2", accent="#d72", part="a {} periscope", settings=("underwater",))
def draw_submarine(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A rounded hull with a tower, portholes and a propeller."""
    pen.path("M56 42v-24h14v7h-7v17z", accent.main)
    pen.path("M38 44l4 -14h26l4 14z", accent.dark)
    pen.path("M4 44l10 16l-10 18q10 0 14 -18q-4 -16 -14 -16z", "#777")
    pen.rect(10, 42, 84, 38, paint.main, rx=19)
    pen.path("M14 66q30 10 78 0q-4 14 -17 14h-44q-14 0 -17 -14z", paint.dark)
    for x in (36, 55, 74):
        pen.circle(x, 58, 7, "#357")
        pen.circle(x, 58, 4, "#aef")


@VEHICLES.add(
    "ship", "steamship", "cargo ship", colour="#125", accent="#d22", part="a {} funnel", settings=("water",)
)
def draw_ship(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A hull with decks, portholes and a funnel."""
    pen.circle(34, 12, 6, "#ccc")
    pen.path("M44 20h18v28h-18z", accent.main)
    pen.path("M44 20h18v6h-18z", "#222")
    pen.path("M24 62v-16h52v16z", "#fff")
    pen.path("M32 50h8v6h-8zM46 50h8v6h-8zM60 50h8v6h-8z", "#37a")
    pen.path("M2 62h96q-4 26 -18 32h-60q-14 -10 -18 -32z", paint.main)
    pen.path("M10 84q4 7 10 10h60q6 -3 10 -10z", "#a22")


@VEHICLES.add("scooter", "motor scooter", colour="#3cc", accent="#532", part="a {} seat", settings=("road",))
def draw_scooter(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A step-through scooter with a shield and a seat."""
    _wheel(pen, 22, 84, 12)
    _wheel(pen, 80, 84, 12)
    pen.path("M8 72q2 -20 24 -20h14v22h16l10 -34h8l4 30q-2 14 -12 16h-46q-14 0 -18 -14z", paint.main)
    pen.path("M8 72q2 -12 18 -12q14 2 14 14q-10 12 -26 8z", paint.dark)
    pen.path("M14 52q-2 -8 8 -8h22q4 0 4 8z", accent.main)
    pen.stroke("M76 44l-6 -14l-8 2", "#444", 3)
    pen.circle(78, 46, 5, "#fe8")
