"""One page about a tuning run, made of its folder alone: curves, settings, drawings before and after.

What a model wrote reaches the page as escaped text or as pixels, never as markup.
"""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from svgtune.errors import InputError, MissingInputError
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER, find_checkpoint
from svgtune.render.line_plot import MAX_POINTS, Line, plot_lines
from svgtune.render.page import build_marks, build_page
from svgtune.render.sheet import cut_strip
from svgtune.runs import RECIPE_FILE, VERSIONS_FILE, write_json_atomic, write_text_atomic
from svgtune.svg.repair import Validity

if TYPE_CHECKING:
    from transformers import TrainerState

logger = logging.getLogger(__name__)

REPORT_FILE, HISTORY_FILE, METRICS_FILE = "report.html", "history.json", "metrics.json"
_STATE_FILE = "trainer_state.json"  # of a checkpoint
DRAWINGS_FOLDER = "drawings"
_MAX_TEXT_CHARS = 4_000

# Title of a plot; its figures with what they are called there. A figure's spread is that of the second name.
_PLOTS: tuple[tuple[str, dict[str, tuple[str, str]]], ...] = (
    (
        "Reward and its spread",
        {"reward": ("training captions", "reward_std"), "eval_reward": ("held-out captions", "")},
    ),
    (
        "Alarm: a judge that no reward has heard",
        {
            "eval_alarm/held_out_score": ("its score, held-out captions", "eval_alarm/held_out_error"),
            "eval_alarm/raised": ("alarm raised", ""),
        },
    ),
    ("Validity classes", {f"validity/{name}": (str(name), "") for name in Validity}),
    (
        "Length of the answers, tokens",
        {
            "completions/mean_length": ("all", ""),
            "completions/mean_terminated_length": ("those that ended by themselves", ""),
        },
    ),
    ("Entropy", {"entropy": ("training captions", "")}),
    ("Answers cut off at the limit", {"completions/clipped_ratio": ("share", "")}),
    ("Tokens whose update was clipped", {"clip_ratio/region_mean": ("share", "")}),
    (
        "Seconds of a step",
        {f"step_seconds/{part}": (part, "") for part in ("generate", "reward", "update")},
    ),
    (
        "Groups without any difference of reward",
        {"groups/flat": ("share", ""), "curriculum/mean_weight": ("mean weight of the chosen captions", "")},
    ),
    ("Drawings that a guard refused", {"guards/flagged": ("share", "")}),
    ("Loss", {"loss": ("training", ""), "eval_loss": ("held out", "")}),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One fixed prompt at one evaluation; ``png`` is None where there is no picture."""

    prompt: str
    text: str
    validity: str
    tokens: int
    png: bytes | None


def write_history(run: Path, state: TrainerState, *, note: str = "") -> None:
    """Writes the log of a run that ends, for ``write_report``; ``note`` says why, where it ends early."""
    content = {"global_step": state.global_step, "max_steps": state.max_steps, "note": note}
    write_json_atomic(run / HISTORY_FILE, {**content, "log_history": state.log_history})


def write_report(run: Path, output: Path | None = None) -> Path:
    """Writes the page of a run, finished or not.

    Args:
        run: Its folder.
        output: The page; None is ``report.html`` in the folder.

    Returns:
        The page's path.

    Raises:
        MissingInputError: The folder holds no log of a trainer.
    """
    state = read_state(run)
    figures = _read_json(run / METRICS_FILE)
    if figures.get("steps") not in (None, state["global_step"]):
        # Of an earlier end of a run that went on since.
        figures = {}
    ended = f"After {state['global_step']} of {state['max_steps']} steps. {state.get('note') or ''}".strip()
    body = (
        f'<div class="figures">\n{_build_table(figures)}\n{build_plots(state["log_history"])}\n'
        f"{_build_settings(run)}</div>\n{_build_drawings(run / DRAWINGS_FOLDER)}"
    )
    page = output or run / REPORT_FILE
    hint = f"Curves of more than {MAX_POINTS} points are averaged down to as many."
    choices = [str(v) for v in Validity]
    title = f"Tuning run {run.absolute().name}"
    write_text_atomic(page, build_page(title=title, note=f"{ended} {hint}", choices=choices, body=body))
    return page


def read_state(run: Path) -> dict[str, Any]:
    """Reads the longest log of a run: that of its end, or that of its last whole checkpoint.

    Raises:
        MissingInputError: There is none.
    """
    checkpoint = find_checkpoint(run / CHECKPOINTS_FOLDER)
    files = [run / HISTORY_FILE, *([checkpoint / _STATE_FILE] if checkpoint else [])]
    wanted = {"global_step", "max_steps", "log_history"}
    states = [state for state in map(_read_json, files) if wanted <= state.keys()]
    if not states:
        raise MissingInputError(
            f"{run}: holds neither {HISTORY_FILE} nor a whole checkpoint; give the --output folder of "
            "train/grpo.py or train/sft.py, after its first checkpoint"
        )
    return max(states, key=lambda state: (state["global_step"], len(state["log_history"])))


def build_plots(history: Sequence[Mapping[str, Any]]) -> str:
    """Plots what a log holds of the known figures, and each reward term that it names."""
    terms = sorted(
        {
            name.removesuffix("/mean")
            for entry in history
            for name in entry
            if name.startswith("rewards/") and name.endswith("/mean")
        }
    )
    own = tuple(
        (
            f"Term {name.removeprefix('rewards/')} and its spread",
            {
                f"{name}/mean": ("training captions", f"{name}/std"),
                f"eval_{name}/mean": ("held-out captions", ""),
            },
        )
        for name in terms
    )
    plots = []
    for title, figures in (*_PLOTS[:2], *own, *_PLOTS[2:]):
        lines = [_read_line(history, *names, figure) for figure, names in figures.items()]
        found = [line for line in lines if line.points]
        if found:
            plots.append(plot_lines(title, found))
    return "\n".join(plots)


def _read_line(history: Sequence[Mapping[str, Any]], label: str, spread: str, figure: str) -> Line:
    rows = [
        (float(entry["step"]), float(entry[figure]), entry.get(spread))
        for entry in history
        if _is_number(entry.get(figure)) and "step" in entry
    ]
    whole = bool(spread) and all(_is_number(width) for _, _, width in rows)
    points = [(step, value) for step, value, _ in rows]
    return Line(label, points, [float(width) for _, _, width in rows if width is not None] if whole else ())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _build_table(figures: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><td>{html.escape(str(name))}</td><td>{html.escape(_format(value))}</td></tr>"
        for name, value in figures.items()
        if isinstance(value, (str, int, float)) and value != ""
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _format(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _build_settings(run: Path) -> str:
    parts = []
    for title, name in (("Settings", RECIPE_FILE), ("Versions", VERSIONS_FILE)):
        file = run / name
        if file.is_file():
            text = html.escape(file.read_text(encoding="utf-8", errors="replace"))
            parts.append(f"<details><summary>{title}</summary><pre>{text}</pre></details>")
    return "\n".join(parts)


def _build_drawings(folder: Path) -> str:
    """Shows the first and the last drawings of the fixed prompts side by side."""
    tables = sorted(folder.glob("step_*.jsonl"))
    tables = [tables[0], tables[-1]] if len(tables) > 1 else tables
    sides = {f"step {int(table.stem.removeprefix('step_'))}": table for table in tables}
    drawn = {name: {one.prompt: one for one in _read_drawn(table)} for name, table in sides.items()}
    prompts = list(dict.fromkeys(prompt for side in drawn.values() for prompt in side))
    if not prompts:
        return "<main></main>"
    heads = "".join(f"<h2>{name}</h2>" for name in drawn)
    rows = [f'<div class="row heads">{heads}</div>']
    for prompt in prompts:
        found = [side.get(prompt) for side in drawn.values()]
        marks = build_marks(" ".join(sorted({one.validity for one in found if one})), prompt)
        cards = "".join(map(_build_card, found))
        rows.append(
            f'<section class="filterable"{marks}><h3>{html.escape(prompt)}</h3>'
            f'<div class="row">{cards}</div></section>'
        )
    return f'<main class="table" style="--columns:{len(drawn)}">\n' + "\n".join(rows) + "\n</main>"


def _build_card(one: Drawn | None) -> str:
    if one is None:
        return '<article class="card missing">not drawn</article>'
    picture = '<div class="picture none">no drawing</div>'
    if one.png is not None:
        data = base64.b64encode(one.png).decode("ascii")
        label = html.escape(one.prompt)
        picture = f'<div class="picture"><img src="data:image/png;base64,{data}" alt="{label}"></div>'
    end = "…" if len(one.text) > _MAX_TEXT_CHARS else ""
    return (
        f'<article class="card">{picture}<p class="facts"><span class="badge {one.validity}">{one.validity}'
        f"</span> {one.tokens} tokens</p><details><summary>what the model wrote</summary>"
        f"<pre>{html.escape(one.text[:_MAX_TEXT_CHARS])}{end}</pre></details></article>"
    )


def _read_drawn(table: Path) -> list[Drawn]:
    """Reads what ``DrawingCallback`` has written at one evaluation.

    Raises:
        InputError: It is not that.
    """
    try:
        rows = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines() if line.strip()]
        values = [
            (str(row["prompt"]), str(row["text"]), str(Validity(row["validity"])), int(row["tokens"]))
            for row in rows
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{table}: is no table of drawings ({error}); remove it") from error
    pictures: list[Image.Image | None] = [None] * len(values)
    try:
        with Image.open(table.with_suffix(".png")) as strip:
            pictures = cut_strip(strip, len(values))
    except OSError as error:
        logger.warning("%s: no pictures (%s)", table, error)
    return [
        Drawn(*own, None if picture is None or own[2] == Validity.INVALID else _encode(picture))
        for own, picture in zip(values, pictures, strict=True)
    ]


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _read_json(path: Path) -> dict[str, Any]:
    """Reads an object from a file; an empty one where there is none, or half of one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
