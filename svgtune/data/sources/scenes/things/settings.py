"""Settings: where everyday things stand, drawn behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from svgtune.data.sources.scenes.palette import get_hex, get_paint, measure_contrast
from svgtune.data.sources.scenes.pen import Pen, Sheet

_BACKDROPS = ("cream", "mint", "lavender", "sky blue", "peach", "beige", "white", "navy", "pink", "gray")
_CLEAR_CONTRAST = 6

DrawSetting = Callable[[Sheet, Pen], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """One place.

    Attributes:
        phrases: How captions say it after the things; empty for a setting that goes without saying.
        answer: How questions name it.
        draw: Draws it; its ground reaches up to canvas y 150, so that things stand at one height everywhere.
    """

    phrases: tuple[str, ...]
    answer: str
    draw: DrawSetting


SETTINGS: dict[str, Setting] = {}


def _setting(name: str, answer: str, *phrases: str) -> Callable[[DrawSetting], DrawSetting]:
    def register(draw: DrawSetting) -> DrawSetting:
        SETTINGS[name] = Setting(phrases, answer, draw)
        return draw

    return register


def list_clear_backdrops(shown: Sequence[str]) -> list[str]:
    """Lists the backdrops that all ``shown`` shades (``#rgb``) stand off from, or the best one if none is."""

    def measure(name: str) -> float:
        return min(measure_contrast(get_hex(name), colour) for colour in shown)

    clear = [name for name in _BACKDROPS if measure(name) > _CLEAR_CONTRAST]
    return clear or [max(_BACKDROPS, key=measure)]


def draw_backdrop(sheet: Sheet, colour: str) -> None:
    """Fills the canvas with a named colour, with a soft light in the middle."""
    paint = get_paint(colour)
    sheet.add_background(paint.main)
    Pen(sheet).circle(50, 50, 44, paint.light, opacity=0.5)


@_setting("grass", "grass", "in the grass", "on green grass", "on a lawn", "in a meadow")
def _draw_grass(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background(sheet.add_gradient("#6be", "#def"))
    pen.path("M0 70q50 -10 100 0v30h-100z", "#7b4")
    pen.path("M0 86q50 -8 100 2v12h-100z", "#593")


@_setting("forest", "a forest", "in a forest", "in the woods", "among the trees")
def _draw_forest(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#bdc")
    pen.path("M6 74v-44h5v44zM88 74v-48h5v48zM28 70v-30h3v30zM70 70v-32h3v32z", "#754")
    pen.path("M8 4l14 34h-28zM90 0l14 34h-28zM30 18l10 28h-20zM72 14l10 30h-20z", "#385")
    pen.path("M0 70q50 -8 100 0v30h-100z", "#563")


@_setting("water", "a pond", "on a pond", "on the water", "on a lake", "in the water")
def _draw_water(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#bdf")
    pen.path("M0 52q26 -10 52 -2t48 -2v20h-100z", "#6a5")
    pen.rect(0, 60, 100, 40, "#38c")
    pen.stroke("M8 86q6 -3 12 0t12 0m30 6q6 -3 12 0t12 0", "#8ce", 1)


@_setting(
    "underwater",
    "the deep sea",
    "under the sea",
    "in the deep blue sea",
    "underwater",
    "in the ocean",
)
def _draw_underwater(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background(sheet.add_gradient("#3ad", "#047"))
    pen.path("M0 92q26 -8 52 0t48 -2v10h-100z", "#db8")
    pen.stroke("M10 94q-6 -10 0 -18t0 -18m80 36q6 -8 0 -16t0 -16", "#2a7", 3)
    pen.path("M22 20a3 3 0 1 1 0 6a3 3 0 1 1 0 -6zM80 34a2 2 0 1 1 0 4a2 2 0 1 1 0 -4z", "#aef")


@_setting("sky", "the sky", "in the sky", "in a blue sky", "in flight", "among the clouds")
def _draw_sky(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background(sheet.add_gradient("#5af", "#cef"))
    pen.path(
        "M4 84q0 -8 10 -8q4 -10 14 -6q10 -2 12 6q10 0 8 8zM66 22q0 -6 8 -6q4 -8 11 -4q8 0 8 6q6 0 5 4z",
        "#fff",
    )


@_setting("snow", "snow", "in the snow", "on a snowy field", "on the ice")
def _draw_snow(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#9be")
    pen.path("M0 66q50 -12 100 0v34h-100z", "#fff")
    pen.path("M0 88q50 -8 100 0v12h-100z", "#dde")


@_setting("desert", "a desert", "in the desert", "on desert sand", "on sand dunes")
def _draw_desert(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background(sheet.add_gradient("#7ce", "#fec"))
    pen.path("M0 68q26 -12 52 0t48 -2v34h-100z", "#eb7")
    pen.path("M0 88q40 -10 100 0v12h-100z", "#d96")


@_setting("farm", "a farmyard", "on a farm", "in a farmyard", "by a fence")
def _draw_farm(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#aef")
    pen.rect(0, 66, 100, 34, "#8b4")
    pen.path(
        "M0 50h100v4h-100zM0 60h100v4h-100zM8 46h5v26h-5zM34 46h5v26h-5zM62 46h5v26h-5zM88 46h5v26h-5z",
        "#fff",
    )
    pen.path("M0 88q50 -6 100 0v12h-100z", "#ca6")


@_setting("table", "a table", "on a table", "on a wooden table", "on the kitchen table")
def _draw_table(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#edc")
    pen.rect(0, 72, 100, 22, "#a74")
    pen.rect(0, 94, 100, 6, "#753")


@_setting("plate", "a plate", "on a plate", "on a white plate")
def _draw_plate(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#8ab")
    pen.ellipse(50, 79, 47, 15, "#ccd")
    pen.ellipse(50, 77, 47, 15, "#fff")
    pen.ellipse(50, 77, 34, 9, "#eee")


@_setting("garden", "a garden", "in a garden", "in a flower bed", "in the garden")
def _draw_garden(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#cef")
    pen.path("M0 56q8 -12 18 -2q10 -12 22 0q10 -12 20 0q10 -12 22 0q10 -10 18 2v26h-100z", "#5a4")
    pen.rect(0, 75, 100, 25, "#642")


@_setting("room", "a room", "in a room", "in a living room", "by a window")
def _draw_room(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#edc")
    pen.rect(8, 8, 30, 34, "#fff")
    pen.path("M10 10h12v14h-12zM24 10h12v14h-12zM10 26h12v14h-12zM24 26h12v14h-12z", "#8ce")
    pen.rect(0, 75, 100, 25, "#b85")


@_setting("road", "a road", "on the road", "on a street", "on a road")
def _draw_road(sheet: Sheet, pen: Pen) -> None:
    sheet.add_background("#aef")
    pen.path("M0 66h100v10h-100z", "#7b4")
    pen.rect(0, 74, 100, 26, "#555")
    pen.path("M4 92h16v2h-16zM42 92h16v2h-16zM80 92h16v2h-16z", "#fff")
