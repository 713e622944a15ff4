"""Path data to calls of cairo: the calls that CairoSVG makes, for the plain data that makes up nearly all."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = r"(?:\d++(?:\.\d++)?|\.\d++)"
# Possessive throughout: what does not match is known after one pass.
_PLAIN = re.compile(rf"[ \n\r\t,]*+[Mm](?:[MLHVCSQTZmlhvcsqtz \n\r\t,]|-?{_NUMBER})*+")
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_VALUE = re.compile(rf"-?{_NUMBER}")
_ARITY = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2}
_NEXT = {"m": "l", "M": "L"}

Command = tuple[str, list[float]]


def read_outline(d: str) -> list[Command] | None:
    """Returns letters with the numbers of one segment each; None where only CairoSVG knows what it reads.

    Plain data begins with a move, has no arcs and no exponents, and each command has the numbers it needs.
    """
    if not _PLAIN.fullmatch(d):
        return None
    commands: list[Command] = []
    for letter, text in _COMMAND.findall(d):
        values = [float(value) for value in _VALUE.findall(text)]
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

    def close(self, letter: str, v: list[float]) -> None:
        if self.last not in "mMzZ":
            self.context.close_path()
            self.x, self.y = self.start


_DRAW = {
    **dict.fromkeys("mM", _Pen.move),
    **dict.fromkeys("lLhHvV", _Pen.line),
    **dict.fromkeys("cCsS", _Pen.cubic),
    **dict.fromkeys("qQtT", _Pen.quadratic),
    **dict.fromkeys("zZ", _Pen.close),
}
