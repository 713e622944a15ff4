"""A sheet that collects the elements of one drawing, and pens that draw on it in local coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from svgtune.svg.path import Matrix, parse_path, transform_path, write_path

CANVAS = 200
_HEADER = '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


@lru_cache(maxsize=32_768)
def _transform(d: str, matrix: Matrix) -> str:
    return write_path(transform_path(parse_path(d), matrix), 0.01, "absolute")


def _attributes(pairs: dict[str, str | float | None]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{value if isinstance(value, str) else _number(value)}"'
        for name, value in pairs.items()
        if value is not None
    )


class Sheet:
    """One drawing on the 200 x 200 canvas: elements in painting order, and the definitions they use."""

    def __init__(self) -> None:
        self._elements: list[str] = []
        self._definitions: list[str] = []

    def add(self, tag: str, **attributes: str | float | None) -> None:
        """Adds an element; an attribute whose value is None is left out, ``_`` in a name means ``-``."""
        self._elements.append(f"<{tag}{_attributes(attributes)}/>")

    def add_background(self, fill: str) -> None:
        """Fills the whole canvas."""
        self.add("rect", width=CANVAS, height=CANVAS, fill=fill)

    def add_gradient(self, *stops: str, vertical: bool = True) -> str:
        """Defines a linear gradient through evenly spaced colours and returns the paint ``url(#id)``."""
        name = f"g{len(self._definitions)}"
        last = len(stops) - 1
        body = "".join(
            f"<stop{_attributes({'offset': None if k == 0 else k / last, 'stop_color': stop})}/>"
            for k, stop in enumerate(stops)
        )
        direction = ' x2="0" y2="1"' if vertical else ""
        self._definitions.append(f'<linearGradient id="{name}"{direction}>{body}</linearGradient>')
        return f"url(#{name})"

    def add_pattern(self, width: float, height: float, elements: str) -> str:
        """Defines a tile in canvas units, drawn by ``elements`` (SVG text), and returns ``url(#id)``."""
        name = f"p{len(self._definitions)}"
        size = f'width="{_number(width)}" height="{_number(height)}" patternUnits="userSpaceOnUse"'
        self._definitions.append(f'<pattern id="{name}" {size}>{elements}</pattern>')
        return f"url(#{name})"

    def to_svg(self) -> str:
        """Returns the drawing as SVG text, not yet in normal form."""
        definitions = f"<defs>{''.join(self._definitions)}</defs>" if self._definitions else ""
        return f"{_HEADER}{definitions}{''.join(self._elements)}</svg>"


class Pen:
    """Draws in a local box of 100 x 100 units, placed on the sheet by its top left corner and a scale.

    Args:
        x: Canvas x of the local origin; whole numbers keep a subject's geometry the same wherever it stands.
        y: Canvas y of the local origin.
        scale: Canvas pixels for one local unit; 2 fills the canvas.
        flip: Mirrors the subject left to right inside its box.
    """

    def __init__(
        self, sheet: Sheet, x: float = 0, y: float = 0, scale: float = 2, flip: bool = False
    ) -> None:
        self.sheet = sheet
        self.scale = scale
        self._flip = flip
        self._matrix: Matrix = (
            (-scale, 0, 0, scale, x + 100 * scale, y) if flip else (scale, 0, 0, scale, x, y)
        )

    def _point(self, x: float, y: float) -> tuple[float, float]:
        a, _, _, d, e, f = self._matrix
        return a * x + e, d * y + f

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, rx: float = 0,
        opacity: float | None = None,
    ) -> None:  # fmt: skip
        """Draws a rectangle by its top left corner; ``rx`` rounds its corners."""
        left, top = self._point(x + width if self._flip else x, y)
        self.sheet.add(
            "rect", x=left, y=top, width=width * self.scale, height=height * self.scale,
            rx=rx * self.scale if rx else None, fill=fill, opacity=opacity,
        )  # fmt: skip

    def circle(self, cx: float, cy: float, r: float, fill: str, *, opacity: float | None = None) -> None:
        """Draws a disc."""
        x, y = self._point(cx, cy)
        self.sheet.add("circle", cx=x, cy=y, r=r * self.scale, fill=fill, opacity=opacity)

    def ellipse(
        self, cx: float, cy: float, rx: float, ry: float, fill: str, *, opacity: float | None = None
    ) -> None:
        """Draws a filled ellipse with axes along x and y."""
        x, y = self._point(cx, cy)
        self.sheet.add(
            "ellipse", cx=x, cy=y, rx=rx * self.scale, ry=ry * self.scale, fill=fill, opacity=opacity
        )

    def polygon(
        self, points: Sequence[tuple[float, float]], fill: str, *, opacity: float | None = None
    ) -> None:
        """Draws a closed polygon through local points."""
        d = "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"
        self.path(d, fill, opacity=opacity)

    def path(self, d: str, fill: str, *, opacity: float | None = None) -> None:
        """Draws a filled path given in local units."""
        self.sheet.add("path", d=self._place(d), fill=fill, opacity=opacity)

    def stroke(
        self, d: str, colour: str, width: float, *, round_cap: bool = True, opacity: float | None = None
    ) -> None:
        """Draws the outline of a path given in local units, unfilled; ``width`` is in local units too."""
        stroke_width = max(1, round(width * self.scale))
        cap = "round" if round_cap else None
        self.sheet.add(
            "path", d=self._place(d), fill="none", stroke=colour, stroke_width=stroke_width,
            stroke_linecap=cap, opacity=opacity,
        )  # fmt: skip

    def ring(self, cx: float, cy: float, r: float, colour: str, width: float) -> None:
        """Draws the outline of a circle."""
        x, y = self._point(cx, cy)
        stroke_width = max(1, round(width * self.scale))
        self.sheet.add(
            "circle", cx=x, cy=y, r=r * self.scale, fill="none", stroke=colour, stroke_width=stroke_width
        )

    def _place(self, d: str) -> str:
        return _transform(d, self._matrix)
