"""Plain grounds: what a landmark stands on when it is a picture's only subject, and where on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import CANVAS, Pen, Sheet

DrawGround = Callable[[Pen, Paint], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """One kind of plain ground.

    Attributes:
        colour: ``#rgb`` by daylight.
        draw: Draws it with a pen that fills the canvas; it reaches up to where a rainbow ends.
        phrases: How captions say it after what stands there.
    """

    colour: str
    draw: DrawGround
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one landmark stands by itself; always there, so that it has one geometry to learn.

    Attributes:
        ground: A key of ``GROUNDS``, which goes without saying.
        phrases: How captions say it all the same, where the ground's own phrases do not fit.
        elsewhere: Other grounds, which captions name.
        scale: Canvas pixels for one unit of the landmark's box.
        foot: Canvas y of the box's y = 96.
    """

    ground: str = "grass"
    phrases: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    scale: float = 1.5
    foot: int = 164

    def build_pen(self, sheet: Sheet) -> Pen:
        """Returns the pen that draws the landmark in the middle of a sheet."""
        return Pen(sheet, round(CANVAS / 2 - 50 * self.scale), round(self.foot - 96 * self.scale), self.scale)


def _draw_land(pen: Pen, paint: Paint) -> None:
    # Cubic curves, which no terrain is made of: ground must not pass for a plain or a desert.
    pen.path("M0 68c30 -6 70 2 100 -2v34h-100z", paint.main)
    pen.path("M0 88c30 4 70 -6 100 0v12h-100z", paint.dark)


def _draw_water(pen: Pen, paint: Paint) -> None:
    pen.path("M0 68c30 1 70 -1 100 0v32h-100z", paint.main)
    pen.stroke("M8 86c4 -3 8 3 12 0m50 0c4 -3 8 3 12 0m-46 8c4 -3 8 3 12 0", paint.light, 1)


GROUNDS: dict[str, Ground] = {
    "grass": Ground("#7b4", _draw_land, ("on the grass", "in the grass", "on a lawn")),
    "snow": Ground("#eef", _draw_land, ("in the snow", "on snowy ground")),
    "sand": Ground("#eb7", _draw_land, ("in the sand", "on sandy ground")),
    "water": Ground("#38c", _draw_water, ("on the water", "on calm water")),
}

_INLAND = Place(elsewhere=("snow", "sand"))
_AFLOAT = Place("water")

PLACES: dict[str, Place] = {
    **dict.fromkeys(("cottage", "castle", "windmill", "tent", "barn", "tower", "church", "hut"), _INLAND),
    "sailboat": _AFLOAT,
    "rowboat": _AFLOAT,
    "lighthouse": Place("water", ("by the water", "on the rocks", "on a rock in the water")),
    "bridge": Place("water", ("over the water", "across the water"), scale=2),
    "hot air balloon": Place(
        "grass", ("in the air", "high in the air", "floating in the air"), scale=1.4, foot=136
    ),
    "igloo": Place("snow"),
    "pyramid": Place("sand"),
}
