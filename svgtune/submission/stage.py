"""The stage: a table of descriptions through the gateway, and out comes what the competition would score."""

from __future__ import annotations

import csv
import io
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from svgtune.config.submission import HARD_LIMIT_S, SubmissionRecipe
from svgtune.errors import RecipeError
from svgtune.generate.draw import write_files
from svgtune.generate.drawings import Drawing, DrawingsTable, read_drawings
from svgtune.generate.gallery import write_gallery
from svgtune.generate.loading import choose_model
from svgtune.generate.select import Candidate
from svgtune.render.pool import RenderPool
from svgtune.runs import check_output, open_run, write_json_atomic, write_text_atomic
from svgtune.submission.descriptions import Description, read_descriptions
from svgtune.submission.gateway import Gateway
from svgtune.submission.messages import Answer

logger = logging.getLogger(__name__)

SUBMISSION_FILE = "submission.csv"
TIMING_FILE = "timing.json"


@dataclass(frozen=True, slots=True)
class Result:
    """What came out, as one line for the terminal; ``figures`` are those of ``timing.json``."""

    figures: Mapping[str, Any]

    def __str__(self) -> str:
        figures = self.figures
        return (
            f"{figures['descriptions']} descriptions: {figures['fallback']} drawn by rules; mean "
            f"{figures['mean_s']:.1f} s of {figures['limits']['mean_s'] or 'any'}, most "
            f"{figures['max_s']:.1f} s of {figures['limits']['prompt_s']:g}"
        )


def run(recipe: SubmissionRecipe, output: Path, *, resume: bool = False, overwrite: bool = False) -> Result:
    """Runs the gateway's protocol over the descriptions of a recipe into a folder.

    Raises:
        RecipeError: No descriptions were given.
        InputError: The table of descriptions cannot be used, or a resumed run does not fit its beginning.
        MachineError: The model cannot be built.
        SubmissionError: The submission would have failed at the competition.
    """
    if recipe.descriptions is None:
        raise RecipeError("descriptions: no file was given; give --descriptions FILE.csv")
    descriptions = read_descriptions(recipe.descriptions)
    choice = choose_model(recipe)
    check_output(output, resume=resume, overwrite=overwrite)
    folder = open_run(output, recipe, resume=resume, overwrite=overwrite)
    answer_descriptions(descriptions, recipe, folder)
    figures = _summarise(folder, recipe)
    _write_submission(folder, descriptions)
    write_json_atomic(folder / TIMING_FILE, figures)
    write_gallery(folder, title=f"{len(descriptions)} descriptions by {choice.name}")
    logger.info("%s: %s is what the competition would score", folder, SUBMISSION_FILE)
    return Result(figures)


def answer_descriptions(descriptions: Sequence[Description], recipe: SubmissionRecipe, folder: Path) -> None:
    """Asks for what is not in the folder's table yet, and writes each answer as it comes."""
    wanted = {one.prompt.id: (one.prompt.text, frozenset({one.prompt.id})) for one in descriptions}
    with (
        DrawingsTable(folder, wanted) as table,
        tqdm(
            total=len(descriptions), initial=len(table.done), unit="drawing", desc="predict", disable=None
        ) as bar,
    ):
        if table.done:
            logger.info("%s: %d of %d descriptions are done already", folder, len(table.done), len(wanted))
        todo = [one for one in descriptions if one.prompt.id not in table.done]
        if todo:
            with Gateway(recipe) as gateway, RenderPool(workers=1) as pool:
                for one in todo:
                    answer, seconds = gateway.ask(one.id, one.text)
                    (picture,) = pool.render([answer.svg])
                    drawing = _build_drawing(one, answer, seconds, recipe, picture.image is not None)
                    write_files(folder, Candidate(drawing, picture))
                    table.append([drawing])
                    bar.update(1)
        table.sort()


def _build_drawing(
    one: Description, answer: Answer, seconds: float, recipe: SubmissionRecipe, rendered: bool
) -> Drawing:
    by_rules = answer.source == "fallback"
    return Drawing(
        id=one.prompt.id,
        prompt_id=one.prompt.id,
        prompt=one.prompt.text,
        svg=answer.svg,
        validity=answer.validity,
        tokens=answer.tokens,
        seconds=seconds,
        seed=recipe.sampling.seed,
        candidate=answer.candidate,
        finish="fallback" if by_rules else "stop",
        drawn=answer.finished,
        score=answer.score,
        rendered=rendered,
        detail=f"made of the caption by rules: {answer.detail}" if by_rules else answer.detail,
    )


def _write_submission(folder: Path, descriptions: Sequence[Description]) -> None:
    drawn = {drawing.prompt_id: drawing.svg for drawing in read_drawings(folder)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "svg"))
    writer.writerows((one.id, drawn[one.prompt.id]) for one in descriptions)
    write_text_atomic(folder / SUBMISSION_FILE, text.getvalue())


def _summarise(folder: Path, recipe: SubmissionRecipe) -> dict[str, Any]:
    rows = list(read_drawings(folder))
    seconds = sorted(row.seconds for row in rows)
    fallback = [row for row in rows if row.finish == "fallback"]
    counts = Counter(row.drawn or 0 for row in rows)
    return {
        "descriptions": len(rows),
        "mean_s": round(sum(seconds) / len(seconds), 3),
        "median_s": round(seconds[len(seconds) // 2], 3),
        "max_s": round(seconds[-1], 3),
        "total_s": round(sum(seconds), 1),
        "limits": {"mean_s": recipe.time.mean_s, "prompt_s": recipe.time.prompt_s, "hard_s": HARD_LIMIT_S},
        "fallback": len(fallback),
        "fallback_share": round(len(fallback) / len(rows), 4),
        "fallback_reasons": dict(Counter(row.detail for row in fallback).most_common(20)),
        "candidates": {str(count): counts[count] for count in sorted(counts)},
        "validity": dict(Counter(str(row.validity) for row in rows)),
        "tokens": sum(row.tokens for row in rows),
    }
