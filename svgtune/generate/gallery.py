"""Pages that show drawings: one run as a grid of cards, or several runs side by side.

What a model wrote reaches a page only as escaped text or through an image element, where scripts do not run.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from svgtune.generate.drawings import Drawing, read_drawings
from svgtune.metric.scoring.scores import Total, read_totals
from svgtune.render.page import build_marks, build_page, build_picture
from svgtune.runs import write_text_atomic
from svgtune.svg.repair import Validity

MAX_CARDS = 2_000
_MAX_TEXT_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Column:
    """One run on a page.

    Attributes:
        label: Heading; empty for none.
        folder: Where the drawings' files are.
    """

    label: str
    folder: Path
    drawings: Sequence[Drawing]


def write_gallery(folder: Path, *, title: str) -> Path:
    """Writes ``gallery.html`` for a run's folder; beyond 2,000 drawings it shows the first and says so."""
    return build_gallery([_read_column("", folder)], folder, title=title)


def write_comparison(
    folders: Mapping[str, Path],
    output: Path,
    *,
    title: str = "Side by side",
    scores: Mapping[str, Path] | None = None,
) -> Path:
    """Writes a page with one column for each run, and one row for each prompt.

    Args:
        folders: Output folders of ``infer/generate.py`` by heading, such as ``before tuning``.
        output: The page, or the folder that ``gallery.html`` is written into. Pictures stay where they are;
            the page refers to them relative to itself.
        title: Heading of the page.
        scores: Output folders of ``infer/score.py`` by the same headings, as far as there are any: shown with
            each drawing, and their mean in the heading.

    Returns:
        The page's path.

    Raises:
        MissingInputError: A folder holds no drawings, or no scores.
    """
    totals = {label: read_totals(folder) for label, folder in (scores or {}).items()}
    columns = [_read_column(label, folder) for label, folder in folders.items()]
    columns = [replace(run, drawings=_add_scores(run, totals.get(run.label, {}))) for run in columns]
    return build_gallery(columns, output, title=title)


def build_gallery(runs: Sequence[Column], path: Path, *, title: str = "Drawings") -> Path:
    """Writes the page of one or several runs, to ``path`` or to ``gallery.html`` in the folder ``path``."""
    page = path if path.suffix == ".html" else path / "gallery.html"
    shown = [Column(run.label, run.folder, run.drawings[:MAX_CARDS]) for run in runs]
    cut = any(len(run.drawings) > MAX_CARDS for run in runs)
    body = _build_grid(shown[0], page) if len(shown) == 1 else _build_table(shown, page)
    note = f"The first {MAX_CARDS:,} drawings; drawings.jsonl has all." if cut else ""
    text = build_page(title=title, note=note, choices=[str(v) for v in Validity], body=body)
    write_text_atomic(page, text)
    return page


def _read_column(label: str, folder: Path) -> Column:
    return Column(label, folder, list(islice(read_drawings(folder), MAX_CARDS + 1)))


def _add_scores(run: Column, totals: Mapping[str, Total]) -> list[Drawing]:
    return [
        replace(drawing, score=totals[drawing.id].score) if drawing.id in totals else drawing
        for drawing in run.drawings
    ]


def _build_grid(run: Column, page: Path) -> str:
    cards = "\n".join(_build_card(drawing, run.folder, page) for drawing in run.drawings)
    return f'<main class="grid">\n{cards}\n</main>'


def _build_table(runs: Sequence[Column], page: Path) -> str:
    """Joins runs by prompt and candidate, in the order of the first run that has it."""
    cells: dict[tuple[str, int], dict[int, Drawing]] = {}
    for place, run in enumerate(runs):
        seen: dict[str, int] = {}
        for drawing in run.drawings:
            number = seen.get(drawing.prompt, 0)
            seen[drawing.prompt] = number + 1
            cells.setdefault((drawing.prompt, number), {})[place] = drawing
    heads = "".join(f"<h2>{html.escape(run.label)}{_count(run)}</h2>" for run in runs)
    rows = [f'<div class="row heads">{heads}</div>']
    for (prompt, _), found in cells.items():
        cards = [
            _build_card(found[place], run.folder, page, with_prompt=False)
            if place in found
            else '<article class="card missing">not drawn</article>'
            for place, run in enumerate(runs)
        ]
        validities = " ".join(sorted({d.validity for d in found.values()}))
        rows.append(
            f'<section class="filterable"{build_marks(validities, prompt)}>'
            f'<h3>{html.escape(prompt)}</h3><div class="row">{"".join(cards)}</div></section>'
        )
    return f'<main class="table" style="--columns:{len(runs)}">\n' + "\n".join(rows) + "\n</main>"


def _count(run: Column) -> str:
    strict = sum(drawing.validity is Validity.STRICT for drawing in run.drawings)
    known = [drawing.score for drawing in run.drawings if drawing.score is not None]
    mean = f", mean score {sum(known) / len(known):.3f}" if known else ""
    return f" <small>{strict} of {len(run.drawings)} strictly valid{mean}</small>"


def _build_card(drawing: Drawing, folder: Path, page: Path, *, with_prompt: bool = True) -> str:
    prompt = html.escape(drawing.prompt) or "<em>empty prompt</em>"
    facts = [f"{drawing.tokens} tokens", f"{drawing.seconds:.1f} s"]
    if drawing.score is not None:
        facts.insert(0, f"score {drawing.score:.2f}")
    if drawing.candidate or drawing.id != drawing.prompt_id:
        facts.append(f"candidate {drawing.candidate + 1}")
    badge = f'<span class="badge {drawing.validity}">{drawing.validity}</span>'
    parts = [
        _build_picture(drawing, folder, page),
        f'<p class="prompt">{prompt}</p>' if with_prompt else "",
        f'<p class="facts">{badge} {" · ".join(facts)}</p>',
        f'<p class="detail">{html.escape(drawing.detail)}</p>' if drawing.detail else "",
    ]
    if drawing.text:
        end = "…" if len(drawing.text) > _MAX_TEXT_CHARS else ""
        written = html.escape(drawing.text[:_MAX_TEXT_CHARS]) + end
        parts.append(f"<details><summary>what the model wrote</summary><pre>{written}</pre></details>")
    if not with_prompt:
        return f'<article class="card">{"".join(parts)}</article>'
    marks = build_marks(drawing.validity, f"{drawing.prompt} {drawing.id}")
    return f'<article class="card filterable"{marks}>{"".join(parts)}</article>'


def _build_picture(drawing: Drawing, folder: Path, page: Path) -> str:
    svg, png = (folder / f"{drawing.id}.{suffix}" for suffix in ("svg", "png"))
    missing = "no picture" if drawing.svg else "no drawing"
    return build_picture(page, drawing.prompt, svg, png if drawing.rendered else None, missing=missing)
