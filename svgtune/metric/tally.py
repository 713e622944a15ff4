"""Counts what the programmatic check says: of a model's drawings, and of known right and wrong ones."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.programmatic import Check, Checker, Shades, list_subjects, list_wanted
from svgtune.records import Sample
from svgtune.render.pool import RenderPool
from svgtune.render.sheet import build_contact_sheet
from svgtune.runs import write_text_atomic

FIGURES = ("strict validity", "object", "one colour", "two colours, both")
ERRORS = (
    "object of another caption",
    "another colour",
    "one of two in another colour",
    "two colours exchanged",
    "half of the shapes left out",
)

_HEX = re.compile(r"#[0-9a-f]{3}(?![0-9a-f])")
_ELEMENT = re.compile(r"<(?:path|rect|circle|ellipse)\b[^>]*/>")
_APART = 80.0
_MAX_FAILURES = 60


@dataclass
class Tally:
    """Hits and trials by figure and category; ``all`` is every category together."""

    counts: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, figure: str, category: str, hit: bool) -> None:
        """Counts one trial."""
        for key in ((figure, category), (figure, "all")):
            counts = self.counts.setdefault(key, [0, 0])
            counts[0] += hit
            counts[1] += 1

    def to_json(self) -> dict[str, dict[str, dict[str, float]]]:
        """Returns hits, trials, share and its 95 % interval by figure and category."""
        table: dict[str, dict[str, dict[str, float]]] = {}
        for (figure, category), (hits, trials) in self.counts.items():
            low, high = find_interval(hits, trials)
            table.setdefault(figure, {})[category] = {
                "hits": hits, "trials": trials, "share": round(hits / trials, 4),
                "low": round(low, 4), "high": round(high, 4),
            }  # fmt: skip
        return table

    def format_table(self, figures: Sequence[str]) -> str:
        """Returns a table for people: a row for each figure, a column for each category."""
        categories = ["all", *sorted({category for _, category in self.counts} - {"all"})]
        lines = [f"{'':30}" + "".join(f"{name:>28}" for name in categories)]
        for figure in figures:
            cells = [self._format_cell(self.counts.get((figure, category))) for category in categories]
            lines.append(f"{figure:30}" + "".join(f"{cell:>28}" for cell in cells))
        return "\n".join(lines) + "\n"

    def _format_cell(self, counts: list[int] | None) -> str:
        if not counts:
            return "-"
        low, high = find_interval(*counts)
        return f"{counts[0] / counts[1]:.3f} [{low:.3f} {high:.3f}] {counts[1]:>4}"


def find_interval(hits: int, trials: int) -> tuple[float, float]:
    """Returns Wilson's 95 % interval of a share (Wilson 1927, "Probable inference")."""
    if not trials:
        return 0.0, 1.0
    z, share = 1.959964, hits / trials
    middle = share + z * z / (2 * trials)
    reach = z * (share * (1 - share) / trials + z * z / (4 * trials**2)) ** 0.5
    scale = 1 + z * z / trials
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def add_check(tally: Tally, category: str, check: Check) -> bool:
    """Counts one drawing's check; returns whether all of it is right."""
    tally.add("object", category, check.object_right)
    if len(check.colours_right) == 1:
        tally.add("one colour", category, check.colours_right[0])
    elif check.colours_right:
        tally.add("two colours, both", category, all(check.colours_right))
    return check.object_right and all(check.colours_right)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Reads a file of one JSON object a line."""
    if not path.is_file():
        raise MissingInputError(f"{path}: is not there; give a file of one JSON object a line")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        try:
            rows += [json.loads(line)] if line.strip() else []
        except ValueError as error:
            raise InputError(f"{path}:{number}: is not JSON ({error}); write one object a line") from error
    return rows


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """What the check says of one drawing.

    Attributes:
        id: Of the drawing.
        prompt: Its row, with ``id``, ``prompt``, ``category`` and ``facts``.
        svg: As the model wrote it.
        strict: Whether it is strictly valid; one that is not counts as showing nothing.
    """

    id: str
    prompt: Mapping[str, Any]
    svg: str | None
    strict: bool
    check: Check

    @property
    def mark(self) -> float:
        """How much of what was asked for is right, 0 to 1: the object, and each colour."""
        marks = [self.check.object_right, *self.check.colours_right]
        return sum(marks) / len(marks)


def check_rows(
    checker: Checker, drawings: Sequence[Mapping[str, Any]], prompts: Sequence[Mapping[str, Any]]
) -> list[CheckedRow]:
    """Checks a model's drawings as they are, repairing nothing.

    Args:
        checker: Knows the subjects of the prompts.
        drawings: Rows with ``id`` (or ``prompt_id``), ``svg`` and ``validity``.
        prompts: Rows with ``id``, ``prompt``, ``category`` and ``facts``.
    """
    asked = {str(row["id"]): row for row in prompts}
    checked = []
    for row in drawings:
        key = str(row.get("prompt_id") or row["id"])
        if key not in asked:
            raise InputError(
                f"drawings: {key!r} has no facts among the prompts; give the file it was drawn from"
            )
        prompt, strict = asked[key], row["validity"] == "strict"
        check = checker.check(
            prompt["category"], prompt["facts"], prompt["prompt"], row["svg"] if strict else ""
        )
        checked.append(CheckedRow(str(row["id"]), prompt, row["svg"], strict, check))
    return checked


def tally_rows(checked: Sequence[CheckedRow]) -> Tally:
    """Counts drawings by figure and category."""
    tally = Tally()
    for row in checked:
        category = row.prompt["category"]
        tally.add(FIGURES[0], category, row.strict)
        add_check(tally, category, row.check)
    return tally


def write_checked(checked: Sequence[CheckedRow], folder: Path) -> None:
    """Writes ``marks.jsonl`` with what was found in each drawing, and ``failures.png`` of what is wrong."""
    marks = [
        {"id": row.id, "prompt": row.prompt["id"], "mark": row.mark, "strict": row.strict,
         "object_right": row.check.object_right, "colours_right": row.check.colours_right,
         "shown": {name: round(share, 3) for name, share in row.check.shown.items()},
         "painted": row.check.painted}
        for row in checked
    ]  # fmt: skip
    write_text_atomic(folder / "marks.jsonl", "".join(json.dumps(mark) + "\n" for mark in marks))
    failures = [row for row in checked if row.mark < 1][:_MAX_FAILURES]
    if failures:
        build_failure_sheet(failures).save(folder / "failures.png")


def correlate(
    marks: Sequence[float], values: Sequence[float], groups: Sequence[str]
) -> dict[str, float | None]:
    """Says how far a judge's values go along with marks: Pearson's r.

    Args:
        marks: Of drawings, as ``CheckedRow.mark``.
        values: A judge's, of the same drawings.
        groups: The prompt of each.

    Returns:
        ``overall``, and ``within a prompt``: of what differs from the mean of its prompt, which prompts whose
        drawings all have one mark do not enter. None where nothing differs.
    """
    x, y, names = np.asarray(marks, float), np.asarray(values, float), np.asarray(groups)
    inside_x, inside_y = [], []
    for name in dict.fromkeys(groups):
        own = names == name
        if np.ptp(x[own]):
            inside_x.append(x[own] - x[own].mean())
            inside_y.append(y[own] - y[own].mean())
    return {
        "overall": _find_pearson(x, y),
        "within a prompt": _find_pearson(np.concatenate(inside_x), np.concatenate(inside_y))
        if inside_x
        else None,
    }


def measure_agreement(pairs: Iterable[tuple[Path, Path]]) -> dict[str, Any]:
    """Correlates a judge's scores with the check's marks, drawing by drawing.

    Args:
        pairs: For each model that drew the prompts, what ``write_checked`` wrote, and ``scores.jsonl`` of
            infer/score.py.

    Raises:
        InputError: A drawing that was checked has no score.
    """
    judged: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for marks, scores in pairs:
        known = {row["id"]: row for row in read_rows(scores)}
        for row in read_rows(marks):
            if row["id"] not in known:
                raise InputError(
                    f"{scores}: has no score of {row['id']!r}; score the drawings that were checked"
                )
            # What breaks a rule or shows nothing has no answers; rules see to it, not the judge.
            if not known[row["id"]]["reasons"]:
                judged.append((row, known[row["id"]]))
    marked, groups = [mark["mark"] for mark, _ in judged], [mark["prompt"] for mark, _ in judged]
    figures: dict[str, Any] = {"drawings": len(judged), "prompts": len(set(groups))}
    for name in ("vqa", "score"):
        figures[name] = correlate(marked, [score[name] for _, score in judged], groups)
    return figures


def _find_pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    return float(np.corrcoef(x, y)[0, 1]) if len(x) and np.ptp(x) and np.ptp(y) else None


def build_failure_sheet(failures: Sequence[CheckedRow]) -> Image.Image:
    """Draws what is wrong, with captions."""
    with RenderPool() as pool:
        pictures = pool.render([row.svg or "" for row in failures])
    captions = [f"{row.prompt['prompt']} [{_describe(row.check, row.strict)}]" for row in failures]
    items = [(caption, picture.image) for caption, picture in zip(captions, pictures, strict=True)]
    return build_contact_sheet(items, columns=6)


def _describe(check: Check, strict: bool) -> str:
    if not strict:
        return "not strictly valid"
    words = (
        [] if check.object_right else [f"{name.split('/')[1]} {v:.2f}" for name, v in check.objects.items()]
    )
    pairs = zip(check.colours, check.colours_right, strict=True)
    return "; ".join(words + [f"colour {share:.2f}" for share, right in pairs if not right])


def recolour(svg: str, shades: Shades, changes: Mapping[str, str]) -> str:
    """Paints every shade of one named colour in the like shade of another, for all changes at once."""
    table = {a: b for old, new in changes.items() for a, b in zip(shades[old], shades[new], strict=True)}
    table |= {shades[old][0]: shades[new][0] for old, new in changes.items()}
    return _HEX.sub(lambda match: table.get(match[0], match[0]), svg)


def leave_out(svg: str, rng: random.Random, share: float) -> str:
    """Takes away about this share of a drawing's elements, never its background or a definition."""
    head, mark, body = svg.rpartition("</defs>")
    first, *others = _ELEMENT.findall(body)
    start, end = body[: body.index(first)], "</svg>"
    return head + mark + start + first + "".join(e for e in others if rng.random() >= share) + end


def _list_unlike(shades: Shades, used: Iterable[str]) -> list[str]:
    def read(name: str) -> list[int]:
        return [int(digit, 16) * 17 for digit in shades[name][0][1:]]

    def gap(a: str, b: str) -> float:
        return sum((x - y) ** 2 for x, y in zip(read(a), read(b), strict=True)) ** 0.5

    taken = list(used)
    return [name for name in shades if all(gap(name, other) > _APART for other in taken)]


def measure_errors(
    checker: Checker, shades: Shades, samples: Sequence[Sample], seed: int = 0,
    watch: Callable[[Sample, str, Check], None] | None = None,
) -> Tally:  # fmt: skip
    """Checks drawings known to be right, and the same drawings made wrong on purpose.

    Args:
        checker: Has not seen ``samples``.
        shades: Of every colour name.
        samples: The teacher's own.
        seed: Of the choice of wrong captions and colours.
        watch: Is called with every sample whose check is an error, and the kind of error.

    Returns:
        Shares of right drawings accepted (object, one colour, two colours) and of wrong ones accepted
        (``ERRORS``), by category.
    """
    rng = random.Random(seed)
    tally = Tally()

    def note(sample: Sample, kind: str, check: Check, accepted: bool) -> None:
        tally.add(kind, sample.category, accepted)
        if watch and accepted:
            watch(sample, kind, check)

    for sample in samples:
        category, facts, caption = sample.category, sample.facts, sample.caption
        check = checker.check(category, facts, caption, sample.svg)
        if not add_check(tally, category, check) and watch:
            watch(sample, "right, but refused", check)
        mine = set(list_subjects(category, facts))
        others = [
            s for s in samples if s.category == category and not mine <= set(list_subjects(category, s.facts))
        ]
        if others:
            other = checker.check(category, facts, caption, rng.choice(others).svg)
            note(sample, ERRORS[0], other, other.object_right)
        holed = checker.check(category, facts, caption, leave_out(sample.svg, rng, 0.5))
        note(sample, ERRORS[4], holed, holed.object_right)
        wanted = list_wanted(category, facts, caption)
        colours = [want.colour for want in wanted]
        if colours:
            wrong = {rng.choice(colours): rng.choice(_list_unlike(shades, colours))}
            changed = checker.check(category, facts, caption, recolour(sample.svg, shades, wrong))
            kind = ERRORS[1] if len(colours) == 1 else ERRORS[2]
            note(sample, kind, changed, all(changed.colours_right))
        if len(wanted) == 2 and _can_bind(category, facts["parts"]) and colours[0] != colours[1]:
            swapped = recolour(sample.svg, shades, dict(zip(colours, colours[::-1], strict=True)))
            exchanged = checker.check(category, facts, caption, swapped)
            note(sample, ERRORS[3], exchanged, all(exchanged.colours_right))
    return tally


def _can_bind(category: str, parts: Sequence[Mapping[str, Any]]) -> bool:
    """Says whether a caption tells which of two colours is where: "red and blue stripes" does not."""
    return category in ("things", "landscape") or all(len(part["colours"]) < 2 for part in parts)
