"""Path data: text to absolute segments, affine transforms, and back to short text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from svgtune.svg import arc

Matrix = tuple[float, float, float, float, float, float]
"""Affine map (a, b, c, d, e, f) as in SVG: x' = a x + c y + e, y' = b x + d y + f."""

_Control = tuple[str, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_MAX_COORDINATE = 1e7
_MAX_DECIMALS = 16
_MAX_TEXTS = 1 << 16
_IMPLIED = {"M": "L", "m": "l"}
_COMMAND = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LARGE = re.compile(r"[0-9]{7}|[eE]")
_FOREIGN = re.compile(r"[^MmZzLlHhVvCcSsQqTtAaeE0-9+\-.,\s]")
# Possessive throughout: digits that may be shared out among numbers in many ways would take minutes.
NUMBER_PATTERN = r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?+"
_ARC = re.compile(
    r"[\s,]*+".join(["", *[f"({NUMBER_PATTERN})"] * 3, "([01])", "([01])", *[f"({NUMBER_PATTERN})"] * 2])
)
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}


class Segment(NamedTuple):
    """One absolute path segment.

    Attributes:
        command: ``M``, ``L``, ``C``, ``Q``, ``A`` or ``Z``; every other command is rewritten into these.
        values: Control points, then the end point. For ``A``: rx, ry, rotation in degrees, large, sweep, x,
            y.
    """

    command: str
    values: tuple[float, ...]


def parse_path(d: str) -> list[Segment]:
    """Reads path data; as SVG 1.1 (F.2) asks, everything before the first error is kept."""
    return scan_path(d)[0]


def scan_path(d: str) -> tuple[list[Segment], str | None]:
    """Reads path data and says what ended it early, or None if all of it was read."""
    problem = None
    foreign = _FOREIGN.search(d)
    if foreign:
        problem = f"character {foreign.group()!r} at position {foreign.start()}"
        d = d[: foreign.start()]
    reader = _PathReader(d)
    first = _COMMAND.search(d)
    if first is None:
        return [], problem or ("no command" if d.strip() else None)
    if d[: first.start()].strip():
        return [], f"numbers before the first command: {d[: first.start()].strip()[:20]!r}"
    for letter, arguments in _COMMAND.findall(d):
        error = reader.read(letter, arguments)
        if error:
            return reader.segments, error
    return reader.segments, problem


class _PathReader:
    """Keeps the current point and the last control point while commands are read.

    Attributes:
        is_small: No number of the path can be out of range.
    """

    def __init__(self, d: str) -> None:
        self.is_small = not _LARGE.search(d)
        self.segments: list[Segment] = []
        self.x = self.y = self.start_x = self.start_y = 0.0
        self.control: tuple[str, float, float] | None = None

    def read(self, letter: str, arguments: str) -> str | None:
        """Appends the segments of one command with all its repeats; returns the error, if any."""
        command = letter.upper()
        if not self.segments and command != "M":
            return f"path begins with {letter!r} instead of a move"
        if command == "Z":
            self.segments.append(Segment("Z", ()))
            self.x, self.y, self.control = self.start_x, self.start_y, None
            return "numbers after z" if arguments.strip(" ,\t\r\n\f") else None
        relative = letter.islower()
        if command == "A":
            return self._read_arcs(arguments, relative)
        numbers = list(map(float, _NUMBER.findall(arguments)))
        arity = _ARITY[command]
        in_range = self.is_small or all(-_MAX_COORDINATE < n < _MAX_COORDINATE for n in numbers)
        if len(numbers) == arity and in_range:
            self._append(command, numbers, relative)
            return None
        whole = len(numbers) - len(numbers) % arity
        for i in range(0, whole, arity):
            group = numbers[i : i + arity]
            if not in_range and not all(-_MAX_COORDINATE < n < _MAX_COORDINATE for n in group):
                return f"coordinate out of range in {letter}"
            self._append("L" if command == "M" and i else command, group, relative)
        if whole != len(numbers) or not numbers:
            return f"{letter} has {len(numbers)} numbers, not a multiple of {arity}"
        return None

    def _append(self, command: str, n: list[float], relative: bool) -> None:
        x, y = (self.x, self.y) if relative else (0.0, 0.0)
        control = None
        if command == "L" or command == "M":
            point = (n[0] + x, n[1] + y)
            self.segments.append(Segment(command, point))
            if command == "M":
                self.start_x, self.start_y = point
        elif command == "C":
            values = (n[0] + x, n[1] + y, n[2] + x, n[3] + y, n[4] + x, n[5] + y)
            self.segments.append(Segment("C", values))
            control, point = ("C", values[2], values[3]), values[4:]
        elif command == "H":
            point = (n[0] + x, self.y)
            self.segments.append(Segment("L", point))
        elif command == "V":
            point = (self.x, n[0] + y)
            self.segments.append(Segment("L", point))
        elif command == "S":
            point = (n[2] + x, n[3] + y)
            control = ("C", n[0] + x, n[1] + y)
            self.segments.append(Segment("C", (*self._reflection("C"), *control[1:], *point)))
        else:
            head = (n[0] + x, n[1] + y) if command == "Q" else self._reflection("Q")
            point = (n[-2] + x, n[-1] + y)
            control = ("Q", *head)
            self.segments.append(Segment("Q", (*head, *point)))
        self.x, self.y = point
        self.control = control

    def _reflection(self, kind: str) -> tuple[float, float]:
        if self.control is None or self.control[0] != kind:
            return self.x, self.y
        return 2 * self.x - self.control[1], 2 * self.y - self.control[2]

    def _read_arcs(self, arguments: str, relative: bool) -> str | None:
        position = 0
        while match := _ARC.match(arguments, position):
            rx, ry, rotation, large, sweep, x, y = (float(g) for g in match.groups())
            if not all(-_MAX_COORDINATE < n < _MAX_COORDINATE for n in (rx, ry, rotation, x, y)):
                return "coordinate out of range in an arc"
            if relative:
                x, y = x + self.x, y + self.y
            if rx == 0 or ry == 0:
                self.segments.append(Segment("L", (x, y)))
            else:
                self.segments.append(Segment("A", (abs(rx), abs(ry), rotation, large, sweep, x, y)))
            self.x, self.y, self.control = x, y, None
            position = match.end()
        rest = arguments[position:].strip(" ,\t\r\n\f")
        return f"arc has bad arguments {rest[:20]!r}" if rest or not position else None


def transform_path(segments: Sequence[Segment], matrix: Matrix) -> list[Segment]:
    """Maps segments through an affine matrix; arcs stay arcs unless the matrix is singular."""
    a, b, c, d, e, f = matrix
    if matrix == IDENTITY:
        return list(segments)
    result = []
    for command, v in segments:
        if command == "C":
            x1, y1, x2, y2, x, y = v
            values: tuple[float, ...] = (
                a * x1 + c * y1 + e,
                b * x1 + d * y1 + f,
                a * x2 + c * y2 + e,
                b * x2 + d * y2 + f,
                a * x + c * y + e,
                b * x + d * y + f,
            )
        elif command == "A":
            end = (a * v[5] + c * v[6] + e, b * v[5] + d * v[6] + f)
            ellipse = arc.transform_ellipse(v[0], v[1], v[2], (a, b, c, d))
            if ellipse is None:
                result.append(Segment("L", end))
                continue
            flip = a * d - b * c < 0
            values = (*ellipse, v[3], 1.0 - v[4] if flip else v[4], *end)
        elif len(v) == 2:
            x, y = v
            values = (a * x + c * y + e, b * x + d * y + f)
        elif command == "Q":
            x1, y1, x, y = v
            values = (a * x1 + c * y1 + e, b * x1 + d * y1 + f, a * x + c * y + e, b * x + d * y + f)
        else:
            values = ()
        result.append(Segment(command, values))
    return result


def snap_path(segments: Sequence[Segment], grid: float) -> list[Segment]:
    """Rounds absolute points to the grid and drops what that leaves without length.

    Values are returned in grid steps (whole numbers), so that later differences carry no error. An arc whose
    shape would suffer from rounded radii becomes cubics.
    """
    steps = 1.0 / grid
    snapped: list[Segment] = []
    x = y = start_x = start_y = 0.0
    for segment in segments:
        command, v = segment
        if command == "A":
            scaled = (v[0] * steps, v[1] * steps, v[2], v[3], v[4], v[5] * steps, v[6] * steps)
            for letter, values in arc.snap_arc(x * steps, y * steps, scaled):
                snapped.append(Segment(letter, values))
        elif len(v) == 2:
            snapped.append(Segment(command, (round(v[0] * steps), round(v[1] * steps))))
        else:
            snapped.append(Segment(command, tuple([round(n * steps) for n in v])) if v else segment)
        if v:
            x, y = v[-2], v[-1]
            if command == "M":
                start_x, start_y = x, y
        else:
            x, y = start_x, start_y
    return _drop_idle(snapped)


def _drop_idle(snapped: list[Segment]) -> list[Segment]:
    """Removes moves that draw nothing, segments without length, and lines that only close."""
    result: list[Segment] = []
    subpath: list[Segment] = []
    start = (0.0, 0.0)
    for segment in snapped:
        if segment.command == "M":
            result += _clean_subpath(start, subpath)
            start, subpath = (segment.values[0], segment.values[1]), []
        elif segment.command == "Z":
            if subpath:
                result += _clean_subpath(start, [*subpath, segment])
            subpath = []
        else:
            subpath.append(segment)
    return result + _clean_subpath(start, subpath)


def _clean_subpath(start: tuple[float, float], subpath: list[Segment]) -> list[Segment]:
    if not subpath:
        return []
    kept: list[Segment] = []
    last: tuple[float, ...] = start
    for segment in subpath:
        v = segment.values
        if segment.command == "Z":
            while kept and kept[-1].command == "L" and kept[-1].values == start and len(kept) > 1:
                kept.pop()
            kept.append(segment)
            break
        end = v[-2:]
        if end != last or not (len(v) == 2 or segment.command == "A" or v == end * (len(v) // 2)):
            kept.append(segment)
        last = end
    if not kept or kept[0].command == "Z":
        # A subpath of length zero is still drawn as a dot where the line cap is round.
        kept.insert(0, Segment("L", start))
    return [Segment("M", start), *kept]


class _StepTexts(dict[float, str]):
    """Texts of whole numbers of 10^-decimals steps, made when first asked for."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self.decimals = decimals

    def __missing__(self, steps: float) -> str:
        if len(self) >= _MAX_TEXTS:
            self.clear()
        text = self[steps] = _format_steps(int(steps), self.decimals)
        return text


def _format_steps(steps: int, decimals: int) -> str:
    if not decimals:
        return str(steps)
    digits = str(abs(steps)).zfill(decimals + 1)
    whole, fraction = digits[:-decimals], digits[-decimals:].rstrip("0")
    if fraction:
        whole = f"{'' if whole == '0' else whole}.{fraction}"
    return f"-{whole}" if steps < 0 else whole


_STEP_TEXTS = [_StepTexts(decimals) for decimals in range(_MAX_DECIMALS + 1)]


def format_steps(steps: float, decimals: int) -> str:
    """Writes a whole number of 10^-decimals steps as the shortest decimal, such as ``-.5``."""
    return _STEP_TEXTS[decimals][steps]


def format_number(value: float, decimals: int) -> str:
    """Writes a number with at most so many decimals, as short as it goes."""
    return _STEP_TEXTS[decimals][round(value * 10**decimals)]


def write_path(segments: Sequence[Segment], grid: float = 0.1, commands: str = "shortest") -> str:
    """Writes path data on a grid of 1 or a power of ten below it.

    Args:
        segments: Absolute segments in user units.
        grid: Points are rounded to multiples of it before differences are taken: errors do not add up.
        commands: ``shortest`` (per segment, relative in a tie), ``relative`` or ``absolute``.
    """
    return write_steps(snap_path(segments, grid), round(-math.log10(grid)), commands)


def write_steps(snapped: Sequence[Segment], decimals: int, commands: str = "shortest") -> str:
    """Writes what ``snap_path`` returned."""
    parts: list[str] = []
    x = y = start_x = start_y = 0.0
    control: _Control | None = None
    implied = ""
    # The first move is absolute in any style: a relative one means the same, but reads worse.
    texts = _STEP_TEXTS[decimals]
    for command, v in snapped:
        if command == "Z":
            parts.append("z")
            x, y, control, implied = start_x, start_y, None, ""
            continue
        head = ""
        if command == "A":
            rotation = format_number(v[2], arc.ROTATION_DECIMALS)
            head = f"{texts[v[0]]} {texts[v[1]]} {rotation} {int(v[3])} {int(v[4])} "
            letter, points, next_control = "A", v[5:], None
        else:
            letter, points, next_control = _shorten(command, v, x, y, control)
        chosen = letter.lower() if parts and commands != "absolute" else letter
        numbers = points if chosen == letter else _relative(letter, points, x, y)
        best = _spell(chosen, head, numbers, texts, implied)
        if chosen != letter and commands == "shortest":
            absolute = _spell(letter, head, points, texts, implied)
            if len(absolute) < len(best):
                best, chosen = absolute, letter
        parts.append(best)
        x, y, control = v[-2], v[-1], next_control
        if command == "M":
            start_x, start_y = x, y
        implied = _IMPLIED.get(chosen, chosen)
    return "".join(parts)


def _spell(name: str, head: str, numbers: Sequence[float], texts: _StepTexts, implied: str) -> str:
    text = (head + " ".join(map(texts.__getitem__, numbers))).replace(" -", "-")
    if name != implied:
        return name + text
    return text if text[0] == "-" else " " + text


def _relative(letter: str, points: Sequence[float], x: float, y: float) -> Sequence[float]:
    if len(points) == 2:
        return (points[0] - x, points[1] - y)
    if len(points) == 1:
        return (points[0] - (x if letter == "H" else y),)
    return [n - (y if i & 1 else x) for i, n in enumerate(points)]


def _shorten(
    command: str, v: tuple[float, ...], x: float, y: float, control: _Control | None
) -> tuple[str, tuple[float, ...], _Control | None]:
    """Returns the shortest letter, its absolute points, and the control point that the next one reflects."""
    if command == "L":
        if v[1] == y:
            return "H", v[:1], None
        return ("V", v[1:], None) if v[0] == x else ("L", v, None)
    if command == "M":
        return "M", v, None
    smooth = v[0] == x and v[1] == y
    if control and control[0] == command:
        smooth = v[0] == 2 * x - control[1] and v[1] == 2 * y - control[2]
    if command == "C":
        return "S" if smooth else "C", v[2:] if smooth else v, ("C", v[2], v[3])
    # A T after anything but a quadratic would be a straight line; it is written only in a chain.
    return ("T", v[2:], ("Q", v[0], v[1])) if smooth and control else ("Q", v, ("Q", v[0], v[1]))
