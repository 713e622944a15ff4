"""Says whether a drawing shows what its caption names, without a neural judge: objects, colours, binding.

It knows the teacher's drawings only. From samples with facts it learns which pieces (shapes regardless of
place and size) each subject is made of and which of them carry the subject's colour; a drawing then shows the
subject if enough of its distinctive pieces are there, in the right colour if those that carry it have it.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from svgtune.errors import InputError
from svgtune.metric.pieces import Piece, list_pieces
from svgtune.records import Sample
from svgtune.render.pool import RenderPool
from svgtune.runs import write_text_atomic

_VERSION = 3
_SAME_FORM = 0.03
_LIKE_FORM = 0.06
_MAX_STEP = 0.2
_MIN_CLAIM = 0.5
_MIN_CARRY = 0.6
_MIN_SURE = 0.9
_MIN_CLAIMED = 3
_MIN_COMPANION = 0.95
_MIN_SEEN = 2
_OBJECT_SHARE = 0.4
_USUAL_QUANTILE = 0.25
_COLOUR_SHARE = 0.6
_PAINT_SLACK = 12.0
_PIXEL_SLACK = 40.0
_MIN_PIXELS = 0.0015
_MIN_LOOSE_PIXELS = 0.005

# Words for what the teacher draws alike.
_ALIASES = {
    **dict.fromkeys(("panel", "veil", "pane"), "sheet"),
    **dict.fromkeys(("ribbons", "strings", "strands", "cords"), "threads"),
    "ellipse": "oval",
}

_FORM = re.compile(r"p\d+")
_SCENE = re.compile(r"^.*?\b(?:scene|landscape|view) with ")

Shades = Mapping[str, Sequence[str]]
"""For each colour name its ``#rgb`` shades, the colour itself first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One colour that a caption asks for.

    Attributes:
        slot: What carries it, such as ``things/teapot/body``; the key of what was learned about it.
    """

    slot: str
    colour: str


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in one drawing.

    Attributes:
        objects: For each subject, how much of what makes it up was found; about 1 when all of it was.
        colours: For each wanted colour, the share of the pieces that should carry it and do.
        bound: For each wanted colour, whether the pieces that should carry it were found; where not, the
            colour was looked for anywhere.
        object_right: All subjects are there.
        colours_right: For each wanted colour, whether it is right.
        shown: As ``objects``, for every subject of the category of which anything was found.
        painted: For each wanted colour, the one that most of what should carry it has instead or indeed;
            None where there is no such one.
    """

    objects: dict[str, float] = field(default_factory=dict)
    colours: tuple[float, ...] = ()
    bound: tuple[bool, ...] = ()
    object_right: bool = False
    colours_right: tuple[bool, ...] = ()
    shown: dict[str, float] = field(default_factory=dict)
    painted: tuple[str | None, ...] = ()


def name_subject(subject: str) -> str:
    """Returns the name that words for what the teacher draws alike share."""
    return _ALIASES.get(subject, subject)


def list_main_parts(category: str, facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Lists the parts that must be seen: all but backgrounds and borders, and of clothes only the garment."""
    parts = [part for part in facts["parts"] if part["subject"] not in ("background", "border")]
    return parts[:1] if category == "fashion" else parts


def list_subjects(category: str, facts: Mapping[str, Any]) -> list[str]:
    """Lists what must be seen, as ``category/subject``."""
    parts = list_main_parts(category, facts)
    return sorted({f"{category}/{name_subject(part['subject'])}" for part in parts})


def list_wanted(category: str, facts: Mapping[str, Any], caption: str) -> list[Wanted]:
    """Lists the colours that the caption binds, and to what."""
    wanted = []
    parts = facts["parts"]
    for place, part in enumerate(parts):
        colours = part["colours"]
        subject = name_subject(part["subject"])
        where = f"{category}/{subject}"
        if category == "fashion" and place and subject != "background":
            where = f"{category}/{parts[0]['subject']}+{subject}"
        for k, colour in enumerate(colours):
            second = k > 0
            if len(colours) == 1 and category in ("things", "landscape"):
                told = _SCENE.sub("", caption)
                second = re.search(rf"\bwith (an? )?{re.escape(colour)} ", told) is not None
            wanted.append(Wanted(f"{where}/{'second' if second else 'first'}", colour))
    return wanted


class Forms:
    """Numbers the forms of pieces; like forms have one number."""

    def __init__(self) -> None:
        self._tables: dict[str, np.ndarray] = {}
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self.count = 0

    def find(self, piece: Piece, *, learn: bool = False) -> int:
        """Returns the number of the nearest known form, or -1; with ``learn`` a new one is added."""
        kind = f"{piece.kind} {len(piece.form)}"
        numbers = self._numbers[kind] if learn else self._numbers.get(kind, [])
        if numbers:
            gaps = self._tables[kind][: len(numbers)] - piece.form
            distances = np.einsum("ij,ij->i", gaps, gaps) / gaps.shape[1]
            near = int(distances.argmin())
            close = distances[near] <= (_SAME_FORM if learn else _LIKE_FORM) ** 2
            if close and np.abs(gaps[near]).max() <= _MAX_STEP:
                return numbers[near]
        if not learn:
            return -1
        self._append(kind, piece.form)
        numbers.append(self.count)
        self.count += 1
        return self.count - 1

    def to_json(self) -> dict[str, Any]:
        """Returns everything that was learned."""
        return {
            kind: {"numbers": numbers, "forms": np.round(self._tables[kind][: len(numbers)], 4).tolist()}
            for kind, numbers in self._numbers.items()
        }

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Forms:
        """Rebuilds what ``to_json`` returned."""
        forms = cls()
        for kind, entry in table.items():
            forms._numbers[kind] = list(entry["numbers"])
            forms._tables[kind] = np.array(entry["forms"], np.float32)
            forms.count = max(forms.count, *(n + 1 for n in entry["numbers"]))
        return forms

    def _append(self, kind: str, form: np.ndarray) -> None:
        count = len(self._numbers[kind])
        table = self._tables.get(kind)
        if table is None or count == len(table):
            larger = np.zeros((max(4, 2 * count), len(form)), np.float32)
            if table is not None:
                larger[:count] = table
            self._tables[kind] = table = larger
        table[count] = form


def _is_shadow(piece: Piece) -> bool:
    return not piece.opaque and piece.paints <= {"#000", "#fff"}


def _size_step(piece: Piece) -> int:
    return round(2 * np.log2(max(piece.size, 1e-3)))


def _list_marks(pieces: Sequence[Piece], numbers: Sequence[int]) -> set[str]:
    """Returns what identifies a drawing: its forms, alone, with their sizes, numbers and neighbours."""
    marks = set()
    counts: Counter[str] = Counter()
    before = "-"
    for piece, number in zip(pieces, numbers, strict=True):
        if number < 0:
            before = "?"
            continue
        # A figure counts alike as an element of its own and as one of the copies that share a path.
        names = [f"{'h' if piece.hatch else 'p'}{number}"] if piece.part or piece.kind.count("M") < 2 else []
        names += [] if piece.part else [f"f{number}"]
        for name in names:
            marks |= {name, f"{name}@{_size_step(piece)}"}
            counts[name] += 1
        if not piece.part:
            marks.add(f"{before}>{number}")
            before = f"{number}"
    marks.add(f"{before}>-")
    marks |= {f"{name}x{min(count, 9)}" for name, count in counts.items() if count > 1}
    return marks


def _list_keys(pieces: Sequence[Piece], numbers: Sequence[int]) -> list[tuple[str, ...]]:
    """Returns names for each piece, from specific to general: with size and place in the order, without."""
    after: Counter[str] = Counter()
    keys: list[tuple[str, ...]] = []
    for piece, number in zip(reversed(pieces), reversed(numbers), strict=True):
        if number < 0:
            keys.append(())
            continue
        sized = f"{number}@{_size_step(piece)}"
        # All circles have one form: far from its size such a piece is another thing.
        general = f"{number}" if "M" in piece.kind else f"{number}@~{(_size_step(piece) + 1) // 3}"
        keys.append((f"{sized}#{after[sized]}", sized, general))
        after[sized] += 1
    return keys[::-1]


@lru_cache(maxsize=65536)
def _to_rgb(colour: str) -> tuple[int, int, int]:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:4])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


@lru_cache(maxsize=65536)
def _measure(a: str, b: str) -> float:
    return sum((x - y) ** 2 for x, y in zip(_to_rgb(a), _to_rgb(b), strict=True)) ** 0.5


_Row = tuple[Sample, list[Piece], list[int]]


class Checker:
    """Checks drawings against facts; ``fit`` must have seen samples of every subject first."""

    def __init__(self, shades: Shades) -> None:
        self._shades = {name: tuple(values) for name, values in shades.items()}
        # A drawing to be checked may be a model's: it is never rendered in this process.
        self._pool = RenderPool(workers=1)
        self._forms = Forms()
        self._claims: dict[str, dict[str, float]] = {}
        self._usual: dict[str, float] = {}
        self._carriers: dict[str, dict[str, float]] = {}
        # By form that is mostly a part of one subject: what is always there when it is that.
        self._companions: dict[str, str] = {}

    def fit(self, samples: Iterable[Sample]) -> Checker:
        """Learns from true samples; the same samples always give the same checker."""
        rows: list[_Row] = []
        for sample in samples:
            pieces = list_pieces(sample.svg)
            numbers = [self._forms.find(piece, learn=True) for piece in pieces]
            rows.append((sample, pieces, numbers))
        self._learn(rows)
        return self

    def _learn(self, rows: Sequence[_Row]) -> None:
        marked = [
            (list_subjects(s.category, s.facts), _list_marks(pieces, numbers)) for s, pieces, numbers in rows
        ]
        self._learn_subjects(marked)
        self._learn_companions(marked)
        self._learn_subjects([(subjects, self._add_lone(marks)) for subjects, marks in marked])
        self._learn_carriers(rows)

    def save(self, path: Path) -> None:
        """Writes what was learned, but not the shades."""
        learned = {
            "version": _VERSION, "forms": self._forms.to_json(), "claims": self._claims, "usual": self._usual,
            "carriers": self._carriers, "companions": self._companions,
        }  # fmt: skip
        write_text_atomic(path, json.dumps(learned))

    @classmethod
    def load(cls, path: Path, shades: Shades) -> Checker:
        """Reads what ``save`` wrote."""
        learned = json.loads(path.read_text(encoding="utf-8"))
        if learned.get("version") != _VERSION:
            raise InputError(f"{path}: was learned by another version of the check; delete it")
        checker = cls(shades)
        checker._forms = Forms.from_json(learned["forms"])
        checker._claims, checker._usual = learned["claims"], learned["usual"]
        checker._carriers, checker._companions = learned["carriers"], learned["companions"]
        return checker

    def _learn_subjects(self, rows: Sequence[tuple[list[str], set[str]]]) -> None:
        # Where a circle is a shape, it is told from other shapes, not from suns and eyes.
        total: dict[str, Counter[str]] = defaultdict(Counter)
        for subjects, marks in rows:
            for category in {subject.split("/")[0] for subject in subjects}:
                total[category].update(marks)
        together: dict[str, Counter[str]] = defaultdict(Counter)
        for subjects, marks in rows:
            for subject in subjects:
                together[subject].update(marks)
        for subject, counts in together.items():
            among = total[subject.split("/")[0]]
            self._claims[subject] = {
                mark: count / (among[mark] + 1)
                for mark, count in sorted(counts.items())
                if count >= _MIN_CLAIMED and count / (among[mark] + 1) >= _MIN_CLAIM
            }
        found: dict[str, list[float]] = defaultdict(list)
        for subjects, marks in rows:
            for subject in subjects:
                found[subject].append(self._sum_claims(subject, marks))
        self._usual = {
            subject: float(np.quantile(sums, _USUAL_QUANTILE)) or 1.0 for subject, sums in found.items()
        }

    def _learn_companions(self, rows: Sequence[tuple[list[str], set[str]]]) -> None:
        """Learns what tells a form alone from the same form as a part: a rhombus from the top of a cube."""
        total: Counter[str] = Counter()
        together: dict[str, Counter[str]] = defaultdict(Counter)
        count: Counter[str] = Counter()
        for subjects, marks in rows:
            total.update(marks)
            count.update(subjects)
            for subject in subjects:
                together[subject].update(marks)
        always = {
            subject: [
                mark for mark in sorted(self._claims[subject])
                if _FORM.fullmatch(mark) and counts[mark] >= _MIN_COMPANION * count[subject]
            ]
            for subject, counts in together.items()
        }  # fmt: skip
        for mark in filter(_FORM.fullmatch, sorted(total)):
            owners = [subject for subject, marks in always.items() if set(marks) - {mark}]
            owner = max(owners, key=lambda subject: together[subject][mark], default="")
            if owner and together[owner][mark] >= _MIN_COMPANION * count[owner]:
                others = [other for other in always[owner] if other != mark]
                self._companions[mark] = max(others, key=lambda other: self._claims[owner][other])

    def _add_lone(self, marks: set[str]) -> set[str]:
        """Adds those forms that are there without their companions."""
        lone = {f"{m}-" for m in marks if m in self._companions and self._companions[m] not in marks}
        return marks | lone

    def _sum_claims(self, subject: str, marks: set[str]) -> float:
        claims = self._claims.get(subject, {})
        return sum(claims[mark] for mark in sorted(marks & claims.keys()))

    def _learn_carriers(self, rows: Sequence[_Row]) -> None:
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        carried: dict[str, Counter[str]] = defaultdict(Counter)
        for sample, pieces, numbers in rows:
            keys = _list_keys(pieces, numbers)
            for want in list_wanted(sample.category, sample.facts, sample.caption):
                for piece, names in zip(pieces, keys, strict=True):
                    seen[want.slot].update(names)
                    if names and self._is_painted(piece, want.colour):
                        carried[want.slot].update(names)
        for slot, counts in seen.items():
            rates = {key: carried[slot][key] / n for key, n in sorted(counts.items()) if n >= _MIN_SEEN}
            self._carriers[slot] = rates if any(rate >= _MIN_CARRY for rate in rates.values()) else {}

    def _rate(self, slot: str, keys: Sequence[str]) -> float:
        """Returns how surely a piece carries a slot's colour, by its most specific key that was seen."""
        rates = self._carriers.get(slot, {})
        key = next((key for key in keys if key in rates), "")
        # At a size that was never seen, a form that now and then carries the colour tells nothing.
        return rates.get(key, 0.0) if "@" in key or rates.get(key, 0.0) >= _MIN_SURE else 0.0

    def _is_painted(self, piece: Piece, colour: str) -> bool:
        return any(
            _measure(paint, shade) <= _PAINT_SLACK for paint in piece.paints for shade in self._shades[colour]
        )

    def check(self, category: str, facts: Mapping[str, Any], caption: str, svg: str) -> Check:
        """Checks one drawing; one that cannot be read shows nothing.

        Raises:
            InputError: Too few samples of a subject were seen to tell it from others.
        """
        subjects = list_subjects(category, facts)
        for subject in subjects:
            if not self._claims.get(subject):
                raise InputError(
                    f"{subject}: the check has not seen it often enough; let it learn more scenes, anew"
                )
        pieces = list_pieces(svg)
        wanted = list_wanted(category, facts, caption)
        if not pieces:
            return Check(
                colours_right=(False,) * len(wanted),
                colours=(0.0,) * len(wanted),
                bound=(False,) * len(wanted),
                painted=(None,) * len(wanted),
            )
        numbers = [self._forms.find(piece) for piece in pieces]
        keys = _list_keys(pieces, numbers)
        marks = self._add_lone(_list_marks(pieces, numbers))
        shown = {
            subject: share
            for subject in self._list_known(category)
            if (share := self._sum_claims(subject, marks) / self._usual.get(subject, 1.0))
        }
        objects = {subject: shown.get(subject, 0.0) for subject in subjects}
        pixels = self._render(svg) if wanted else None
        shares, bound, right, painted = [], [], [], []
        for want in wanted:
            carriers = self._find_carriers(pieces, keys, want, wanted)
            visible = self._share_pixels(pixels, want.colour)
            bound.append(bool(carriers))
            painted.append(self._find_paint(carriers, want.colour))
            shares.append(self._share_paint(carriers, want.colour) if carriers else visible)
            if carriers:
                right.append(shares[-1] >= _COLOUR_SHARE and visible >= _MIN_PIXELS)
            else:
                right.append(visible >= _MIN_LOOSE_PIXELS)
        return Check(
            objects,
            tuple(shares),
            tuple(bound),
            all(v >= _OBJECT_SHARE for v in objects.values()),
            tuple(right),
            shown,
            tuple(painted),
        )

    def _list_known(self, category: str) -> list[str]:
        """Lists the subjects of a category that it can tell from others, as ``category/subject``."""
        return [s for s, claims in sorted(self._claims.items()) if claims and s.startswith(f"{category}/")]

    def _find_carriers(
        self, pieces: Sequence[Piece], keys: Sequence[tuple[str, ...]], want: Wanted, wanted: Sequence[Wanted]
    ) -> list[tuple[Piece, float]]:
        """Returns what should carry the colour, with weights."""
        others = [other for other in wanted if other is not want]
        found = []
        for piece, names in zip(pieces, keys, strict=True):
            rate = self._rate(want.slot, names)
            if rate < _MIN_CARRY or _is_shadow(piece) or not piece.area:
                continue
            mine = self._is_painted(piece, want.colour)
            if mine or not any(self._may_carry(other, piece, names) for other in others):
                found.append((piece, rate * piece.area**0.5))
        return found

    def _share_paint(self, carriers: Sequence[tuple[Piece, float]], colour: str) -> float:
        """Returns how much of what should carry a colour has this one."""
        good = sum((weight for piece, weight in carriers if self._is_painted(piece, colour)), 0.0)
        return good / sum(weight for _, weight in carriers)

    def _find_paint(self, carriers: Sequence[tuple[Piece, float]], wanted: str) -> str | None:
        """Returns the colour that most carriers have; where several names fit, the wanted one."""
        if not carriers:
            return None
        # Two names may share a shade: the wanted one first, the others in their order.
        names = [wanted, *(name for name in self._shades if name != wanted)]
        share, name = max(((self._share_paint(carriers, name), -k) for k, name in enumerate(names)))
        return names[-name] if share >= _COLOUR_SHARE else None

    def _may_carry(self, want: Wanted, piece: Piece, keys: Sequence[str]) -> bool:
        """Says whether a piece of a form that several parts have, such as a border's, is another part's."""
        if not self._is_painted(piece, want.colour):
            return False
        return self._rate(want.slot, keys) >= _MIN_CARRY or "/border/" in want.slot

    def _render(self, svg: str) -> np.ndarray | None:
        image = self._pool.render([svg])[0].image
        return None if image is None else image[1::4, 1::4].reshape(-1, 3).astype(np.int32)

    def _share_pixels(self, pixels: np.ndarray | None, colour: str) -> float:
        if pixels is None:
            return 0.0
        shades = np.array([_to_rgb(shade) for shade in self._shades[colour]])
        gaps = ((pixels[:, None, :] - shades[None]) ** 2).sum(-1).min(1)
        return float((gaps <= _PIXEL_SLACK**2).mean())
