"""The files for people: a table in Markdown, plots, and a gallery page sorted by score."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from svgtune.metric.scoring.plots import HEIGHT, WIDTH, plot_reliability, plot_scores
from svgtune.metric.scoring.rows import Row
from svgtune.metric.scoring.scores import ScoredRow
from svgtune.render.page import build_marks, build_page, build_picture
from svgtune.render.pool import RenderPool
from svgtune.runs import write_text_atomic
from svgtune.svg.repair import Validity

TABLE_FILE, GALLERY_FILE, SCORES_PLOT, RELIABILITY_PLOT = (
    "table.md", "gallery.html", "scores.svg", "reliability.svg",
)  # fmt: skip
PICTURES_FOLDER = "pictures"
MAX_CARDS = 1_000
_HEADS = ("", "drawings", "judged", *Validity, "score", "95 %", "V", "A", "O", "bytes")


def write_report(
    folder: Path,
    scored: Sequence[ScoredRow],
    rows: Mapping[str, Row],
    summary: Mapping[str, Any],
    pool: RenderPool,
) -> None:
    """Writes the table, the plots, the pictures and the gallery page of a run.

    Args:
        folder: The run's.
        scored: The whole table of scores.
        rows: The drawings by id.
        summary: What ``summarise`` returned.
        pool: Draws the pictures.
    """
    judged = [row.score for row in scored if row.reason is None]
    write_text_atomic(folder / TABLE_FILE, build_table(summary))
    write_text_atomic(
        folder / SCORES_PLOT, plot_scores(judged, len(scored) - len(judged), float(summary["mean"]))
    )
    write_text_atomic(folder / RELIABILITY_PLOT, plot_reliability(summary["answers"]))
    write_gallery(folder, scored, rows, summary, pool)


def build_table(summary: Mapping[str, Any]) -> str:
    """Returns the figures as Markdown: all drawings, each category, and why drawings were not judged."""
    lines = [" | ".join(("", *_HEADS, "")).strip(), f"|{'---|' * len(_HEADS)}"]
    lines += [f"| {' | '.join(cells)} |" for cells in _list_table_rows(summary)]
    lines += ["", *_list_notes(summary)]
    return "\n".join(lines) + "\n"


def write_gallery(
    folder: Path,
    scored: Sequence[ScoredRow],
    rows: Mapping[str, Row],
    summary: Mapping[str, Any],
    pool: RenderPool,
) -> Path:
    """Writes ``gallery.html``, best first; of more than 1,000 drawings it shows the best and the worst."""
    page = folder / GALLERY_FILE
    ranked = sorted(scored, key=lambda row: (-row.score, row.reason is not None, row.id))
    shown, note = ranked, ""
    if len(ranked) > MAX_CARDS:
        shown = [*ranked[: MAX_CARDS // 2], *ranked[-MAX_CARDS // 2 :]]
        note = f"The best and the worst {MAX_CARDS // 2:,} of {len(ranked):,}; scores.jsonl has all."
    pictures = _draw_pictures(folder / PICTURES_FOLDER, shown, rows, pool)
    cards = "\n".join(
        _build_card(row, svg, png, page) for row, (svg, png) in zip(shown, pictures, strict=True)
    )
    text = build_page(
        title=f"{summary['in']} drawings, score {summary['mean']:.3f}",
        note=note,
        choices=[str(v) for v in Validity],
        body=f'{_build_figures(summary)}\n<main class="grid">\n{cards}\n</main>',
    )
    write_text_atomic(page, text)
    return page


def _list_table_rows(summary: Mapping[str, Any]) -> Iterator[list[str]]:
    yield _list_cells("all", summary)
    for name, figures in summary.get("by_category", {}).items():
        yield _list_cells(name or "(none)", figures)


def _list_cells(name: str, figures: Mapping[str, Any]) -> list[str]:
    low, high = figures["ci95"]
    parts = [_show(figures[key]) for key in ("vqa", "aesthetic", "ocr")]
    return [
        name.replace("|", "/").replace("\n", " "),
        str(figures["in"]),
        str(figures["scored"]),
        *(str(figures["validity"][name]) for name in Validity),
        _show(figures["mean"]),
        f"{_show(low)} to {_show(high)}",
        *parts,
        str(figures["bytes"]["mean"]),
    ]


def _list_notes(summary: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "The score is over all drawings, 0 where one was not judged; its interval is a bootstrap over "
        "prompts, several drawings of one being drawn together. V, A and O are over the judged drawings."
    )
    if summary["zero_by_reason"]:
        reasons = ", ".join(f"{count} {name}" for name, count in summary["zero_by_reason"].items())
        yield f"\nNot judged: {reasons}."
    made = summary["questions"].get("by rule", 0)
    if made:
        yield f"\nQuestions of {made} drawings were made by rule from their prompts: easier than Kaggle's."
    answers = summary["answers"]
    if answers["count"]:
        right = _show(answers["accuracy"])
        yield f"\nOf {answers['count']} answers {right} were right; ECE {answers['ece']:.3f}."
    similar = summary.get("similarity", {})
    if similar.get("clip_score"):
        cosine = similar["clip_score"]
        distance = f", Frechet distance {similar['frechet']:.4g}" if "frechet" in similar else ""
        yield (
            f"\nBy {similar['model']}: mean cosine with the prompt {cosine['mean']:.4f} "
            f"({cosine['low']:.4f} to {cosine['high']:.4f}, {similar['drawings']} drawings){distance}."
        )
    if "mended" in summary:
        mended = summary["mended"]
        yield (
            f"\nBeside this, {mended['in']} drawings that are not strictly valid were mended and scored "
            f"{_show(mended['mean'])}; no other figure counts these scores."
        )


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _build_figures(summary: Mapping[str, Any]) -> str:
    heads = "".join(f"<th>{head}</th>" for head in _HEADS)
    lines = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"
        for cells in _list_table_rows(summary)
    )
    images = "".join(
        f'<img src="{name}" alt="{label}" width="{WIDTH}" height="{HEIGHT}">'
        for name, label in (
            (SCORES_PLOT, "histogram of scores"),
            (RELIABILITY_PLOT, "reliability of answers"),
        )
    )
    notes = "".join(f"<p>{html.escape(note.strip())}</p>" for note in _list_notes(summary))
    table = f"<div><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>{notes}</div>"
    return f'<section class="figures">{images}{table}</section>'


def _draw_pictures(
    folder: Path, shown: Sequence[ScoredRow], rows: Mapping[str, Row], pool: RenderPool
) -> Iterator[tuple[Path, Path | None]]:
    """Writes SVG and PNG files of strictly valid drawings, named by rank, for ids may be any text."""
    folder.mkdir(exist_ok=True)
    for old in (*folder.glob("*.svg"), *folder.glob("*.png")):
        old.unlink()
    drawn = pool.imap(rows[row.id].svg for row in shown if row.validity is Validity.STRICT)
    for rank, row in enumerate(shown, start=1):
        svg, png = (folder / f"{rank:05d}.{suffix}" for suffix in ("svg", "png"))
        picture = next(drawn) if row.validity is Validity.STRICT else None
        if picture is None or picture.image is None:
            yield svg, None
            continue
        svg.write_text(rows[row.id].svg, encoding="utf-8", newline="\n")
        Image.fromarray(picture.image).save(png, compress_level=3)
        yield svg, png


def _build_card(row: ScoredRow, svg: Path, png: Path | None, page: Path) -> str:
    badge = f'<span class="badge {row.validity}">{row.validity}</span>'
    parts = (
        f"V {row.vqa:.3f} · A {row.aesthetic:.3f} · O {row.ocr:.3f}" if row.reason is None else "not judged"
    )
    facts = [parts, f"{row.bytes} bytes", *([row.category] if row.category else [])]
    if row.mended is not None:
        facts.append(f"mended {row.mended.score:.3f}, not counted")
    asked = "\n".join(_describe_answer(row, place) for place in range(len(row.asked)))
    lines = [
        build_picture(page, row.prompt, svg, png, missing="not drawn"),
        f'<p class="prompt">{html.escape(row.prompt) or "<em>empty prompt</em>"}</p>',
        f'<p class="facts"><span class="score">{row.score:.3f}</span>{badge}</p>',
        f'<p class="facts">{html.escape(" · ".join(facts))}</p>',
        f'<p class="detail">{html.escape(row.detail)}</p>' if row.detail else "",
    ]
    if row.probabilities:
        made = " (by rule)" if row.questions == "by rule" else ""
        lines.append(f"<details><summary>questions{made}</summary><pre>{html.escape(asked)}</pre></details>")
    marks = build_marks(row.validity, f"{row.prompt} {row.id} {row.category} {' '.join(row.reasons)}")
    return f'<article class="card filterable"{marks}>{"".join(lines)}</article>'


def _describe_answer(row: ScoredRow, place: int) -> str:
    if place >= len(row.probabilities):
        return ""
    question = row.asked[place]
    pairs = zip(question["choices"], row.probabilities[place], strict=True)
    choices = ", ".join(f"{'*' if c == question['answer'] else ''}{c} {p:.2f}" for c, p in pairs)
    return f"{question['text']} {choices}"
