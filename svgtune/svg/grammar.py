"""The normal form as a grammar: what a model may write, so that every finished drawing is strictly valid.

One description, made from the form's own settings and the rows of ``layout``, read in four ways: as EBNF
(xgrammar's dialect), as a regular expression that accepts whole drawings, as a source of random ones, and by
``automaton``. Nesting and numbers are bounded, so the language is regular; the rules are written so that each
text has one derivation.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from svgtune.config.form import NormalForm
from svgtune.svg.canonical import write_head
from svgtune.svg.layout import (
    FILL,
    FILL_RULE,
    GRADIENTS,
    GROUP,
    MAX_DASHES,
    OPACITIES,
    PATTERN,
    SHAPES,
    STOP,
    STROKE,
    STROKE_DETAILS,
    TRANSFORM,
    WORDS,
    Attribute,
)
from svgtune.svg.paint import MATRIX_DECIMALS, OPACITY_DECIMALS, SHARE_DECIMALS

MAX_DEPTH = 3
"""Groups inside groups; of 300 scenes and 7,500 emoji of four sets none has even one."""
_TILE_DEPTH = 1
_INTEGER_DIGITS = 4
_FEW = 2
"""Repetitions that a random derivation makes at most where none are set."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set, written as inside square brackets."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Seq:
    """One after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """One of several."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """The same again and again; ``most`` is None where there is no limit."""

    part: Part
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A rule by its name."""

    name: str


Part = str | Chars | Seq | Alt | Many | Ref


def _seq(*parts: Part) -> Seq:
    return Seq(parts)


def _alt(*parts: Part) -> Alt:
    return Alt(parts)


def _opt(part: Part) -> Many:
    return Many(part, 0, 1)


@dataclass(frozen=True)
class Grammar:
    """A set of rules that refer to each other without a circle.

    Attributes:
        rules: By name; the drawing is ``root``.
    """

    rules: dict[str, Part]

    def to_ebnf(self) -> str:
        """Returns the rules in the EBNF that xgrammar and llama.cpp read."""
        return "".join(f"{name} ::= {_write_ebnf(part)}\n" for name, part in self.rules.items())

    def accepts(self, text: str) -> bool:
        """Whether a text is a drawing of the grammar."""
        return self._pattern.fullmatch(text) is not None

    def derive(self, rng: random.Random) -> str:
        """Returns a random drawing."""
        return self._derive(self.rules["root"], rng)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        written: dict[str, str] = {}

        def write(part: Part) -> str:
            if isinstance(part, str):
                return re.escape(part)
            if isinstance(part, Chars):
                return f"[{part.pattern}]"
            if isinstance(part, Seq):
                return "".join(map(write, part.parts))
            if isinstance(part, Alt):
                return f"(?:{'|'.join(map(write, part.parts))})"
            if isinstance(part, Many):
                most = "" if part.most is None else part.most
                return f"(?:{write(part.part)}){{{part.least},{most}}}"
            if part.name not in written:
                written[part.name] = write(self.rules[part.name])
            return f"(?:{written[part.name]})"

        return re.compile(write(self.rules["root"]))

    def _derive(self, part: Part, rng: random.Random) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Chars):
            return rng.choice(list_chars(part.pattern))
        if isinstance(part, Seq):
            return "".join(self._derive(each, rng) for each in part.parts)
        if isinstance(part, Alt):
            return self._derive(rng.choice(part.parts), rng)
        if isinstance(part, Many):
            most = part.least + _FEW if part.most is None else part.most
            return "".join(self._derive(part.part, rng) for _ in range(rng.randint(part.least, most)))
        return self._derive(self.rules[part.name], rng)


@cache
def list_chars(pattern: str) -> str:
    """Returns the characters that ``Chars`` stands for."""
    return "".join(char for char in map(chr, range(33, 127)) if re.match(f"[{pattern}]", char))


def build_grammar(form: NormalForm, max_depth: int = MAX_DEPTH) -> Grammar:
    """Builds the grammar of a normal form.

    Args:
        form: Head, grid and path style are fixed by it.
        max_depth: How deep groups may be nested.
    """
    rules: dict[str, Part] = {
        "root": _seq(write_head(form), _opt(Ref("defs")), Ref("items0"), "</svg>"),
        "defs": _seq("<defs>", Many(_alt(Ref("gradient"), Ref("pattern")), 1), "</defs>"),
    }
    rules |= _build_servers() | _build_items("", max_depth) | _build_items("tile", _TILE_DEPTH)
    rules |= _build_values() | _build_path(form)
    rules |= _build_numbers(form.decimals)
    return Grammar(rules)


def _write_rows(rows: Iterable[Attribute]) -> list[Part]:
    """Attributes in this order; those that have a default may be left out."""
    written = [(row, _seq(f' {row.name}="', Ref(row.kind), '"')) for row in rows]
    return [part if row.default is None else _opt(part) for row, part in written]


def _build_items(where: str, max_depth: int) -> dict[str, Part]:
    """Shapes and groups of them, on the canvas or in a pattern's ``tile``.

    What a tile is painted with has no name: a pattern that is painted with itself never ends.
    """
    fill, line = (row._replace(kind=f"{where}paint") for row in (FILL, STROKE))
    stroke = _seq(*_write_rows([line._replace(default=None), *STROKE_DETAILS]))
    after = [*_write_rows([*OPACITIES, FILL_RULE, TRANSFORM]), "/>"]
    # A line has no inside, and nothing to be seen without a stroke.
    ends = {name: Ref(f"{where}paints") for name in SHAPES} | {"line": Ref(f"{where}outline")}
    shapes = [_seq(name, *_write_rows(rows), ends[name]) for name, rows in SHAPES.items()]
    rules: dict[str, Part] = {
        f"{where}shape": _seq("<", _alt(*shapes)),
        f"{where}paints": _seq(*_write_rows([fill]), _opt(stroke), *after),
        f"{where}outline": _seq(stroke, *after),
    }
    for depth in range(max_depth + 1):
        inner: list[Part] = [Ref(f"{where}shape")]
        if depth < max_depth:
            content = Ref(f"{where}items{depth + 1}")
            rules[f"{where}group{depth}"] = _seq("<g", *_write_rows(GROUP), ">", content, "</g>")
            inner.append(Ref(f"{where}group{depth}"))
        rules[f"{where}items{depth}"] = Many(_alt(*inner), 1)
    return rules


def _build_values() -> dict[str, Part]:
    return {
        "paint": _alt("none", Ref("colour"), _seq("url(#", Ref("name"), ")")),
        "tilepaint": _alt("none", Ref("colour")),
        "colour": _seq("#", Many(Chars("0-9a-f"), 3, 3), _opt(Many(Chars("0-9a-f"), 3, 3))),
        "name": Many(Chars("a-z"), 1, 2),
        "points": _seq(Ref("number"), Ref("next"), Many(Many(Ref("next"), 2, 2), 1)),
        "dashes": _seq(Ref("width"), Many(_seq(" ", Ref("width")), 0, MAX_DASHES - 1)),
        **{kind: _alt(*words) for kind, words in WORDS.items()},
    }


def _build_servers() -> dict[str, Part]:
    def open_server(name: str, rows: Iterable[Attribute]) -> Seq:
        return _seq(f'<{name} id="', Ref("name"), '"', *_write_rows(rows), ">")

    gradients = [
        _seq(open_server(name, rows), Many(Ref("stop")), f"</{name}>") for name, rows in GRADIENTS.items()
    ]
    return {
        "gradient": _alt(*gradients),
        "stop": _seq("<stop", *_write_rows(STOP), "/>"),
        "pattern": _seq(open_server("pattern", PATTERN), Ref("tileitems0"), "</pattern>"),
    }


def _build_path(form: NormalForm) -> dict[str, Part]:
    """Numbers follow each other after a space or a minus sign; each command has its own count of them."""
    small, large = form.path_commands != "absolute", form.path_commands != "relative"

    def build_command(letter: str, count: int) -> Part:
        both = (letter.lower() if small else "") + (letter if large else "")
        further = Many(Ref("next"), count, count)
        first = _seq(Ref("number"), Many(Ref("next"), count - 1, count - 1)) if count > 1 else Ref("number")
        return _seq(Chars(both), first, Many(further))

    # An arc's letter is absolute only where the style is; its flags are single digits.
    flags = _seq(" ", Chars("01"), " ", Chars("01"), Many(Ref("next"), 2, 2))
    radii = _seq(" ", Ref("length"), Ref("turn"))
    arc = _seq(
        Chars(("a" if small else "") + ("A" if large else "")),
        _seq(Ref("length"), radii, flags),
        Many(_seq(" ", Ref("length"), radii, flags)),
    )
    counts = {"L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "M": 2}
    return {
        "path": _seq("M", Ref("number"), Ref("next"), Many(Many(Ref("next"), 2, 2)), Many(Ref("command"))),
        "command": _alt(
            *(build_command(letter, count) for letter, count in counts.items()), arc, "z",
        ),
    }  # fmt: skip


def _build_numbers(decimals: int) -> dict[str, Part]:
    """Numbers as ``format_number`` writes them: no zero before the point, none at the end."""

    def build_positive(most_decimals: int, digits: int = _INTEGER_DIGITS) -> Part:
        """A number above 0."""
        whole = _seq(Chars("1-9"), Many(Chars("0-9"), 0, digits - 1))
        if not most_decimals:
            return whole
        behind = _seq(".", Many(Chars("0-9"), 0, most_decimals - 1), Chars("1-9"))
        return _alt(_seq(whole, _opt(behind)), behind)

    behind_share = _seq(".", Many(Chars("0-9"), 0, OPACITY_DECIMALS - 1), Chars("1-9"))
    fine = build_positive(max(decimals + 2, SHARE_DECIMALS))
    factor = build_positive(MATRIX_DECIMALS)
    return {
        "number": _alt("0", _seq(_opt("-"), Ref("positive"))),
        "next": _alt(" 0", _seq(" ", Ref("positive")), _seq("-", Ref("positive"))),
        "length": _alt("0", Ref("positive")),
        "positive": build_positive(decimals),
        "width": _alt("0", build_positive(max(2, decimals + 1))),
        "share": _alt("0", "1", behind_share),
        "fine": _alt("0", _seq(_opt("-"), fine)),
        "span": _alt("0", fine),
        "turn": _alt(" 0", _seq(_alt(" ", "-"), build_positive(2, 3))),
        "factor": _alt("0", _seq(_opt("-"), factor)),
        "matrix": _alt(
            _seq("translate(", Ref("fine"), " ", Ref("fine"), ")"),
            _seq(
                "matrix(",
                Ref("factor"),
                Many(_seq(" ", Ref("factor")), 3, 3),
                Many(_seq(" ", Ref("fine")), 2, 2),
                ")",
            ),
        ),
    }


def _write_ebnf(part: Part) -> str:
    if isinstance(part, str):
        return f'"{part.replace(chr(34), chr(92) + chr(34))}"'
    if isinstance(part, Chars):
        return f"[{part.pattern}]"
    if isinstance(part, Seq):
        return " ".join(map(_write_ebnf, part.parts))
    if isinstance(part, Alt):
        return f"({' | '.join(map(_write_ebnf, part.parts))})"
    if isinstance(part, Many):
        inner = _write_ebnf(part.part)
        inner = inner if isinstance(part.part, (Chars, Ref, Alt)) else f"({inner})"
        counts = {(0, 1): "?", (0, None): "*", (1, None): "+"}
        most = "" if part.most is None else part.most
        return inner + counts.get((part.least, part.most), f"{{{part.least},{most}}}")
    return part.name
