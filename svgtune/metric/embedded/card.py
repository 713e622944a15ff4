"""The card of a trained judge: what it was trained on, what it is worth, and what it cannot judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svgtune.config import dump_recipe
from svgtune.config.judges import JudgesRecipe
from svgtune.runs import write_text_atomic

_LIMITS = (
    "It has seen svgtune's procedural scenes, and drawings like them, only: some 300 subjects, 54 colours, "
    "landscapes, abstract shapes, clothes and everyday things, drawn flat. Of subjects, colours or words "
    "outside them it knows nothing; what it answers there is a guess with a probability on it.",
    "Statements are compared as sentence embeddings: counts above five, positions and negations inside a "
    "sentence are weak, and two words for like things are hard to tell apart.",
    "It is small and was never shown drawings made to deceive it. A reward from it needs guards, and a "
    "result needs a second opinion: the held-out judge, the programmatic check, a person.",
    "The measures of looks tell a scene from a damaged one. They are not taste: a plain good drawing can be "
    "rated below a gaudy one, and the numbers are not those of the competition's judge.",
    "The OCR judge invents and misses characters of its own kind, not of PaliGemma's.",
)


def write_card(folder: Path, recipe: JudgesRecipe, metrics: Mapping[str, Any]) -> None:
    """Writes the model card, ``README.md``.

    Args:
        folder: Where the judge lies.
        recipe: What trained it.
        metrics: As ``metrics.json`` holds them.
    """
    sections = [
        "---",
        "library_name: svgtune",
        "license: apache-2.0",
        "tags: [svg, visual-question-answering, svgtune]",
        "---",
        f"# {recipe.title}",
        "",
        f"A picture encoder and statement reader of {metrics['parameters'] / 1e6:.2f}M parameters, float16 "
        f"on disk, that judges renders of {recipe.encoder.image_px} px through the competition's image "
        f"defences. Made by `scripts/train_judges.py`; text embeddings by "
        f"`{recipe.text.source}` (frozen, not here).",
        "",
        f"Trained on {metrics['pictures']:,} pictures of {recipe.lessons.scenes:,} procedural scenes "
        f"(CC0-1.0), seed {recipe.seed}{_name_drawings(metrics)}; {metrics['steps']:,} steps; "
        "no held-out combination among them. "
        + _name_start(recipe)
        + "All figures below are of held-out combinations, with 95 % bootstrap intervals.",
        "",
        "## Questions",
        "",
        *_write_questions(metrics),
        "",
        "## Right against wrong drawings",
        "",
        *_write_pairs(metrics["pairs"]),
        "",
        "## Captions",
        "",
        *_write_captions(metrics),
        "",
        "## Calibration",
        "",
        *_write_reliability(metrics),
        "",
        "## Looks",
        "",
        *_write_looks(metrics["aesthetic"]),
        "",
        "## What it cannot judge",
        "",
        *(f"- {limit}" for limit in _LIMITS),
        "",
        "## Settings",
        "",
        "```yaml",
        dump_recipe(recipe).strip(),
        "```",
        "",
    ]
    write_text_atomic(folder / "README.md", "\n".join(sections))


def _cell(figure: Mapping[str, float | int] | None) -> str:
    if figure is None or not figure["count"]:
        return "-"
    return f"{figure['mean']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}), n = {figure['count']}"


_KINDS = {"choices": "four choices", "yes_no": "two choices"}


def _name_drawings(metrics: Mapping[str, Any]) -> str:
    if not (count := metrics["pictures_of_drawings"]):
        return ""
    return (
        f", and, {count:,} of them, of captions that a model drew, with what the programmatic check found in "
        "its drawings"
    )


def _name_start(recipe: JudgesRecipe) -> str:
    start = recipe.training.start_from
    if start is None:
        return ""
    return f"It began as the judge that lay in `{start}` before, trained on scenes of the same split. "


def _write_questions(metrics: Mapping[str, Any]) -> list[str]:
    rows = ["| accuracy on | plain render | defended render | another picture |", "|---|---|---|---|"]
    for kind, name in _KINDS.items():
        cells = [metrics[view]["questions"].get(kind, {}).get("accuracy") for view in ("plain", "defended")]
        cells.append(metrics["another_picture"].get(kind))
        rows.append(f"| {name} | " + " | ".join(map(_cell, cells)) + " |")
    return rows


def _write_pairs(pairs: Mapping[str, Any]) -> list[str]:
    return [
        "Share of pairs in which the right drawing is judged above the wrong one. Own: by the scene's four "
        "questions, and by them where the fault surely changes the answer to one. Asked: by these and "
        "questions about each part that the caption names.",
        "",
        "| fault | own, one is about it | own | asked | caption as a statement | cosine with the caption |",
        "|---|---|---|---|---|---|",
        *(
            f"| {fault} | "
            + " | ".join(
                _cell(row[name])
                for name in ("own_where_one_is_about_it", "own", "asked", "caption", "cosine")
            )
            + " |"
            for fault, row in pairs.items()
        ),
    ]


def _write_captions(metrics: Mapping[str, Any]) -> list[str]:
    rows = ["| | plain render | defended render |", "|---|---|---|"]
    views = [metrics["plain"], metrics["defended"]]
    rows.append("| cosine with the caption | " + " | ".join(_cell(view["cosine"]) for view in views) + " |")
    others = [f"{view['cosine_of_another_caption']:.3f}" for view in views]
    rows.append("| cosine with another caption | " + " | ".join(others) + " |")
    for name in ("caption_first", "caption_in_five", "picture_first", "picture_in_five"):
        cells = [_cell(view["retrieval"][name]) for view in views]
        words = f"{name.replace('_', ' ')} among {views[0]['retrieval']['among']}"
        rows.append(f"| {words} | {' | '.join(cells)} |")
    return rows


def _write_reliability(metrics: Mapping[str, Any]) -> list[str]:
    temperatures = metrics["temperatures"]
    rows = [
        f"Temperatures {temperatures['choices']:.2f} (four choices) and {temperatures['yes_no']:.2f} (two), "
        "fitted on other held-out scenes. Of the chosen answers on the defended render:",
        "",
        "| probability | four choices: mean, share right, count | two choices: mean, share right, count |",
        "|---|---|---|",
    ]
    curves = {
        kind: {bin_["from"]: bin_ for bin_ in found["reliability"]["bins"]}
        for kind, found in metrics["defended"]["questions"].items()
    }
    for start in sorted({start for curve in curves.values() for start in curve}):
        cells = []
        for kind in _KINDS:
            found = curves.get(kind, {}).get(start)
            cells.append(
                f"{found['mean_probability']:.3f}, {found['share_right']:.3f}, {found['count']}"
                if found
                else "-"
            )
        rows.append(f"| {start:.1f} to {start + 0.1:.1f} | {' | '.join(cells)} |")
    eces = [
        f"{_KINDS[kind]} {found['reliability']['ece']:.3f}"
        for kind, found in metrics["defended"]["questions"].items()
    ]
    return [*rows, "", f"Expected calibration error: {', '.join(eces)}."]


def _write_looks(looks: Mapping[str, Any]) -> list[str]:
    published, control = looks["published"], looks["control"]
    rows = [
        f"Share of {published['all']['count']} pairs, a clean scene against the same one damaged, in the "
        "evident order; `pairs.json` has the published ones, which the weights were chosen by. Nothing was "
        "chosen by the control pairs.",
        "",
        "| measure | published pairs | control pairs |",
        "|---|---|---|",
        f"| combined | {_cell(published['all'])} | {_cell(control['all'])} |",
    ]
    alone = [name for name in published if name not in ("all", "by_damage")]
    rows += [f"| {name} alone | {published[name]:.3f} | {control[name]:.3f} |" for name in alone]
    damages = published["by_damage"]
    rows += [
        f"| combined, {kind.replace('_', ' ')} | {damages[kind]:.3f} | {control['by_damage'][kind]:.3f} |"
        for kind in damages
    ]
    return rows
