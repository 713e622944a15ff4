"""The stage: a file of drawings in; scores, figures and a gallery page out."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from svgtune.config import read_recipe
from svgtune.config.score import ScoreRecipe
from svgtune.errors import InputError, RecipeError, SvgtuneError
from svgtune.metric.formula import draw_group_seeds
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Score, Scorer
from svgtune.metric.scoring.question_file import read_question_file
from svgtune.metric.scoring.questions import make_questions
from svgtune.metric.scoring.report import GALLERY_FILE, write_report
from svgtune.metric.scoring.rows import Row, read_rows
from svgtune.metric.scoring.scores import ScoredRow, ScoresTable, build_scored
from svgtune.metric.scoring.summary import summarise
from svgtune.metric.scoring.words import read_words
from svgtune.metric.tricks import apply_tricks
from svgtune.render.pool import RenderPool
from svgtune.runs import RECIPE_FILE, check_output, open_run, write_json_atomic
from svgtune.svg.constraints import check_svg
from svgtune.svg.repair import Validity, read_drawing

if TYPE_CHECKING:
    from svgtune.metric.scoring.similarity import Comparer

logger = logging.getLogger(__name__)

SUMMARY_FILE, JUDGES_FILE = "summary.json", "judges.json"
# A resumed run must agree with its beginning in these.
_FIXED_KEYS = ("judges", "embedded", "competition", "tricks", "random_seed", "judges_blank", "score_repaired")
_NO_JUDGEMENT = Score("", 0.0, 0.0, 0.0, 0.0, (), Validity.INVALID)


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of a run, as one line for the terminal; ``figures`` are those of ``summary.json``."""

    figures: Mapping[str, Any]

    def __str__(self) -> str:
        low, high = self.figures["ci95"]
        reasons = ", ".join(f"{count} {name}" for name, count in self.figures["zero_by_reason"].items())
        made = self.figures["questions"].get("by rule", 0)
        return (
            f"score {self.figures['mean']:.4f} (95 % {low:.4f} to {high:.4f}) over {self.figures['in']} "
            f"drawings: {self.figures['scored']} judged{', ' + reasons if reasons else ''}"
            f"{f'; questions of {made} made by rule' if made else ''}"
        )


def run(
    recipe: ScoreRecipe,
    output: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    judges: Judges | None = None,
) -> Result:
    """Scores a file of drawings into a folder.

    Args:
        recipe: What to score, by which judges.
        output: The folder.
        resume: Keep what is scored there, and score the rest.
        overwrite: Delete what is there first.
        judges: Any three, instead of the recipe's.

    Raises:
        RecipeError: No drawings were given.
        InputError: A line of the drawings cannot be used, or a resumed run does not fit its beginning.
        MissingInputError: The drawings, a judge or a model are not there.
        MachineError: This machine lacks what a judge or a model needs.
        JudgeError: A judge raised, or answered with what is no judgement.
    """
    if recipe.drawings is None:
        raise RecipeError("drawings: no file was given; give --drawings FILE.jsonl")
    words = read_words(recipe.words)
    asked = None if recipe.questions is None else read_question_file(recipe.questions)
    rows = read_rows(
        recipe.drawings, lambda prompt: make_questions(prompt, words, recipe.max_questions), asked
    )
    rows = [replace(row, svg=apply_tricks(row.svg, recipe.tricks)) for row in rows]
    check_output(output, resume=resume, overwrite=overwrite)
    if judges is None:
        recipe = _settle_precision(recipe)
    if resume:
        _check_same_recipe(recipe, output)
    # What is missing is found before the folder is made or emptied.
    judges = judges or load_judges(recipe)
    judges.prepare()
    comparer = _load_comparer(recipe)
    if resume:
        _check_same_judges(judges, output)
    folder = open_run(output, recipe, resume=resume, overwrite=overwrite)
    if judges.files:
        write_json_atomic(folder / JUDGES_FILE, judges.files)
    with RenderPool(recipe.render_workers, recipe.render_timeout_s) as pool:
        scored = score_rows(rows, judges, recipe, folder, pool)
        figures = {"drawings": str(recipe.drawings), "judges": recipe.judges, **summarise(scored)}
        write_json_atomic(folder / SUMMARY_FILE, figures)
        if comparer is not None:
            judged = [row for row, one in zip(rows, scored, strict=True) if one.reason is None]
            figures["similarity"] = comparer.compare(judged, pool)
            write_json_atomic(folder / SUMMARY_FILE, figures)
        write_report(folder, scored, {row.id: row for row in rows}, figures, pool)
    logger.info("%s: the figures are in %s, the page is %s", folder, SUMMARY_FILE, GALLERY_FILE)
    return Result(figures)


def load_judges(recipe: ScoreRecipe) -> Judges:
    """Loads the judges that a recipe names; what it leaves open is what their loaders take by themselves."""
    if recipe.judges == "embedded":
        from svgtune.metric.embedded import loading as embedded

        own = recipe.embedded
        return embedded.load_embedded_judges(
            own.folder or embedded.DEFAULT_FOLDER,
            text=own.text,
            device=recipe.device,
            batch_size=own.batch_size,
            precision=own.precision,
            search_px=own.search_px,
            text_gate=own.text_gate,
        )
    from svgtune.metric.competition import loading as competition

    named = recipe.competition
    places = {"vqa": named.vqa, "clip_model": named.clip, "aesthetic_head": named.aesthetic_head}
    return competition.load_judges(
        **{name: place for name, place in places.items() if place is not None},
        device=recipe.device,
        precision=named.precision,
        batch_size=named.batch_size,
    )


def _load_comparer(recipe: ScoreRecipe) -> Comparer | None:
    if recipe.similarity.model is None:
        return None
    from svgtune.metric.scoring.similarity import load_comparer

    return load_comparer(recipe.similarity, recipe.device)


def _settle_precision(recipe: ScoreRecipe) -> ScoreRecipe:
    """Puts this machine's number format in the place of ``auto``: a run resumed in another is another run."""
    if recipe.judges != "competition":
        return recipe
    from svgtune.metric.competition.precision import choose_precision, find_device

    precision = choose_precision(recipe.competition.precision, find_device(recipe.device))
    return recipe.model_copy(
        update={"competition": recipe.competition.model_copy(update={"precision": precision})}
    )


def score_rows(
    rows: Sequence[Row], judges: Judges, recipe: ScoreRecipe, folder: Path, pool: RenderPool
) -> list[ScoredRow]:
    """Scores what is not in the folder's table yet, and returns the whole table in the order of the rows."""
    # Of the whole file, for a seed depends on the ids that sort before its own.
    seeds = draw_group_seeds((row.id for row in rows), recipe.random_seed)
    scorer = Scorer(judges, pool=pool, batch_size=recipe.batch_size, judge_blank=recipe.judges_blank)
    with (
        ScoresTable(folder, {row.id: row for row in rows}, seeds) as table,
        tqdm(total=len(rows), initial=len(table.rows), unit="drawing", desc="score", disable=None) as bar,
    ):
        if table.rows:
            logger.info("%s: %d of %d drawings are scored already", folder, len(table.rows), len(rows))
        todo = [row for row in rows if row.id not in table.rows]
        mended_by_id = _list_mended(todo) if recipe.score_repaired else {}
        scores = _stream(scorer, todo, seeds)
        mended = scorer.stream(list(mended_by_id.values()), group_seeds=seeds)
        for start in range(0, len(todo), recipe.batch_size):
            some = todo[start : start + recipe.batch_size]
            table.append(
                build_scored(
                    row, next(scores), seeds[row.id], next(mended) if row.id in mended_by_id else None
                )
                for row in some
            )
            bar.update(len(some))
        return [table.rows[row.id] for row in rows]


def _stream(scorer: Scorer, rows: Sequence[Row], seeds: Mapping[str, int]) -> Iterator[Score]:
    """Yields the scores of the rows, those that are not for the scorer among them."""
    refused = [_refuse(row) for row in rows]
    entries = [
        Entry(row.id, row.svg, row.questions) for row, zero in zip(rows, refused, strict=True) if zero is None
    ]
    scores = scorer.stream(entries, group_seeds=seeds)
    for zero in refused:
        yield next(scores) if zero is None else zero


def _refuse(row: Row) -> Score | None:
    """Returns the score of a drawing that nothing can be judged of; None where the scorer is to say.

    What a file calls lenient or repaired, infer/generate.py has cut out or mended: the SVG beside it is not
    what the model wrote, and never counts as such.
    """
    if not row.svg:
        detail = "no drawing: the model wrote nothing"
        return replace(_NO_JUDGEMENT, id=row.id, reason="no_drawing", detail=detail)
    if row.declared in (None, Validity.STRICT):
        return None
    violations = tuple(check_svg(row.svg))
    reason = "breaks_rules" if violations else "not_strict"
    detail = str(violations[0]) if violations else f"the file says that this drawing is {row.declared}"
    return replace(
        _NO_JUDGEMENT, id=row.id, validity=row.declared, violations=violations, reason=reason, detail=detail
    )


def _list_mended(rows: Sequence[Row]) -> dict[str, Entry]:
    """Returns what can be cut out of, or mended in, the drawings that are not strictly valid."""
    found = {}
    for row in rows:
        if row.declared in (None, Validity.STRICT) and not check_svg(row.svg):
            continue
        svg = row.mended if row.mended and not check_svg(row.mended) else _mend(row.svg)
        if svg is not None:
            found[row.id] = Entry(row.id, svg, row.questions)
    return found


def _mend(text: str) -> str | None:
    try:
        return read_drawing(text).svg
    except Exception:  # noqa: BLE001 - one strange drawing must not cost the others
        return None


def _check_same_recipe(recipe: ScoreRecipe, output: Path) -> None:
    kept = output / RECIPE_FILE
    if not kept.is_file():
        return
    try:
        earlier = read_recipe(ScoreRecipe, kept)
    except SvgtuneError as error:
        raise InputError(
            f"{kept}: is not what this version writes ({error}); choose another --output"
        ) from error
    for key in _FIXED_KEYS:
        was, now = getattr(earlier, key), getattr(recipe, key)
        if was != now and key in (
            "judges",
            "tricks",
            "random_seed",
            "judges_blank",
            "score_repaired",
            recipe.judges,
        ):
            raise InputError(
                f"{kept}: the run began with {key} {was!r}, and is now to go on with {now!r}; resume it as "
                "it began, or choose another --output"
            )


def _check_same_judges(judges: Judges, output: Path) -> None:
    """Refuses to go on with judges whose files have changed at the same place."""
    kept = output / JUDGES_FILE
    if not (judges.files and kept.is_file()):
        return
    try:
        earlier = dict(json.loads(kept.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{kept}: is not what this version writes ({error}); choose another --output"
        ) from error
    changed = [name for name, digest in judges.files.items() if earlier.get(name) != digest]
    if changed:
        raise InputError(
            f"{kept}: the run began with another judge, for its {' and '.join(changed)} have changed since; "
            "resume it with the earlier files, or choose another --output"
        )
