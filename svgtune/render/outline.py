"""Path data to calls of cairo: the calls that CairoSVG makes, for the plain data that makes up nearly all."""

from __future__ import annotations

import re
from math import hypot, radians
from typing import Any

from cairosvg.helpers import point_angle, rotate

_NUMBER = r"(?:\d++(?:\.\d++)?|\.\d++)"
# Possessive throughout: what does not match is known after one pass.
_PLAIN = re.compile(rf"[ \n\r\t,]*+[Mm](?:[MLHVCSQTAZmlhvcsqtaz \n\r\t,]|-?{_NUMBER})*+")
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_VALUE = re.compile(rf"-?{_NUMBER}")
_ARITY = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7}
_FLAGS = frozenset({"0", "1"})
_NEXT = {"m": "l", "M": "L"}

Command = tuple[str, list[float]]


def read_outline(d: str) -> list[Command] | None:
    """Returns letters with the numbers of one segment each; None where only CairoSVG knows what it reads.

    Plain data begins with a move, has no exponents, each command has the numbers that it needs, and arcs have
    radii and flags that stand alone.
    """
    if not _PLAIN.fullmatch(d):
        return None
    commands: list[Command] = []
    for letter, text in _COMMAND.findall(d):
        texts = _VALUE.findall(text)
        values = [float(value) for value in texts]
        if letter in "aA" and not _is_plain_arc(texts, values):
            return None
        arity = _ARITY.get(letter.lower(), 0)
        if len(values) == arity:
            commands.append((letter, values))
        elif not arity or not values or len(values) % arity:
            return None
        else:
            for i in range(0, len(values), arity):
                commands.append((letter, values[i : i + arity]))
                letter = _NEXT.get(letter, letter)
    return commands


def _is_plain_arc(texts: list[str], values: list[float]) -> bool:
    return _FLAGS.issuperset(texts[3::7] + texts[4::7]) and all(r > 0 for r in values[::7] + values[1::7])


def draw_outline(context: Any, commands: list[Command]) -> None:
    """Adds segments to the path of a cairo context."""
    pen = _Pen(context)
    if commands[0][0] == "m":
        # Under a transform not quite where it was put: cairo keeps points of the device.
        pen.x, pen.y = context.get_current_point()
    for letter, values in commands:
        if pen.last in "mMzZ" and letter not in "mMzZ":
            pen.start = pen.x, pen.y
        _DRAW[letter](pen, letter, values)
        pen.last = letter


class _Pen:
    """Keeps the current point and the last control points, as CairoSVG does.

    Cairo rounds points, so a relative segment must stay a relative call. Of cubics the last two points are
    kept absolute, of quadratics all three as they were read.
    """

    __slots__ = ("context", "last", "points", "start", "x", "y")

    def __init__(self, context: Any) -> None:
        self.context = context
        self.x = self.y = 0.0
        self.start = 0.0, 0.0
        self.points: tuple[float, ...] = ()
        self.last = "z"

    def move(self, letter: str, v: list[float]) -> None:
        if letter == "M":
            self.context.move_to(*v)
            self.x, self.y = v
        else:
            self.context.rel_move_to(*v)
            self.x, self.y = self.x + v[0], self.y + v[1]

    def line(self, letter: str, v: list[float]) -> None:
        if letter in "lhv":
            dx, dy = v if letter == "l" else (v[0], 0) if letter == "h" else (0, v[0])
            self.context.rel_line_to(dx, dy)
            self.x, self.y = self.x + dx, self.y + dy
        else:
            self.x, self.y = v if letter == "L" else (v[0], self.y) if letter == "H" else (self.x, v[0])
            self.context.line_to(self.x, self.y)

    def cubic(self, letter: str, v: list[float]) -> None:
        is_relative = letter in "cs"
        x, y = (self.x, self.y) if is_relative else (0.0, 0.0)
        if letter in "sS":
            head = (self.x - x, self.y - y)
            if self.last in "csCS":
                x2, y2, x3, y3 = self.points
                head = (x3 - x2, y3 - y2) if is_relative else (x3 + (x3 - x2), y3 + (y3 - y2))
            v = [*head, *v]
        put = self.context.rel_curve_to if is_relative else self.context.curve_to
        put(*v)
        self.x, self.y = v[4] + x, v[5] + y
        self.points = (v[2] + x, v[3] + y, self.x, self.y)

    def quadratic(self, letter: str, v: list[float]) -> None:
        is_relative = letter in "qt"
        x1, y1 = (0.0, 0.0) if is_relative else (self.x, self.y)
        if letter in "tT":
            v = [*self._reflect(x1, y1, is_relative), *v]
        x2, y2, x3, y3 = v
        put = self.context.rel_curve_to if is_relative else self.context.curve_to
        put(x2 * 2 / 3 + x1 / 3, y2 * 2 / 3 + y1 / 3, x2 * 2 / 3 + x3 / 3, y2 * 2 / 3 + y3 / 3, x3, y3)
        self.x, self.y = (self.x + x3, self.y + y3) if is_relative else (x3, y3)
        self.points = (x1, y1, x2, y2, x3, y3)

    def _reflect(self, x: float, y: float, is_relative: bool) -> tuple[float, float]:
        if self.last not in "qtQT":
            return x, y
        x1, y1, x2, y2, x3, y3 = self.points
        if self.last.islower() != is_relative:
            dx, dy = (-x1, -y1) if is_relative else (x, y)
            x2, y2, x3, y3 = x2 + dx, y2 + dy, x3 + dx, y3 + dy
        return x + (x3 - x2), y + (y3 - y2)

    def arc(self, letter: str, v: list[float]) -> None:
        rx, ry, degrees, large, sweep, x, y = v
        if letter == "A":
            x, y = x - self.x, y - self.y
        rotation, ratio = radians(degrees), ry / rx
        # The chord, in a frame in which the ellipse is a circle.
        end_x, end_y = rotate(x, y, -rotation)
        end_y /= ratio
        slope, chord = point_angle(0, 0, end_x, end_y), hypot(end_x, end_y)
        rx = max(rx, chord / 2)
        height = (rx**2 - (chord / 2) ** 2) ** 0.5
        end = rotate(chord, 0, slope)
        centre = rotate(chord / 2, height if large != sweep else -height, slope)
        context = self.context
        context.set_tolerance(0.00001)
        context.save()
        context.translate(self.x, self.y)
        context.rotate(rotation)
        context.scale(1, ratio)
        put = context.arc if sweep else context.arc_negative
        put(*centre, rx, point_angle(*centre, 0, 0), point_angle(*centre, *end))
        context.restore()
        self.x, self.y = self.x + x, self.y + y

    def close(self, letter: str, v: list[float]) -> None:
        if self.last not in "mMzZ":
            self.context.close_path()
            self.x, self.y = self.start


_DRAW = {
    **dict.fromkeys("mM", _Pen.move),
    **dict.fromkeys("lLhHvV", _Pen.line),
    **dict.fromkeys("cCsS", _Pen.cubic),
    **dict.fromkeys("qQtT", _Pen.quadratic),
    **dict.fromkeys("aA", _Pen.arc),
    **dict.fromkeys("zZ", _Pen.close),
}
