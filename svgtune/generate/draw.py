"""The stage: prompts in, drawings, their pictures, a table and a gallery out."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from svgtune.config.generate import DrawRecipe, GenerateRecipe
from svgtune.config.score import ScoreRecipe
from svgtune.generate.budget import Budget
from svgtune.generate.candidates import CandidateReader, name_drawing
from svgtune.generate.drawings import DrawingsTable, read_drawings
from svgtune.generate.engine import Completion, Engine, Request, find_seed
from svgtune.generate.gallery import write_gallery
from svgtune.generate.loading import choose_model, load_engine
from svgtune.generate.prompts_file import Prompt, read_prompts
from svgtune.generate.rounds import BestOf, build_fallback, find_round_size, plan_round
from svgtune.generate.select import Candidate, Chooser, JudgeChooser, LikelihoodChooser
from svgtune.metric.judges import Judges
from svgtune.metric.scoring.stage import load_judges
from svgtune.metric.scoring.words import read_words
from svgtune.render.pool import RenderPool
from svgtune.runs import check_output, open_run, write_json_atomic
from svgtune.svg.repair import Validity

logger = logging.getLogger(__name__)

EXIT_NOTHING_DRAWN = 3
SUMMARY_FILE = "summary.json"
GALLERY_FILE = "gallery.html"
_FLUSH_DRAWINGS = 64
_FLUSH_S = 3.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out of a run, earlier parts of a resumed one included.

    Attributes:
        drawings: Rows of the table.
        refused: Prompts that were never drawn.
        closed: Drawings that the grammar ended, as their bytes or tokens ran out.
        validity: Drawings by class; refused prompts count as ``invalid``.
        tokens: Tokens that the model wrote for the rows, now and earlier.
        seconds: Time of the part that ran now, loading excluded.
        tokens_per_s: Of the part that ran now, candidates that were not kept included.
    """

    model: str
    prompts: int
    drawings: int
    refused: int
    closed: int
    validity: dict[str, int]
    tokens: int
    seconds: float
    tokens_per_s: float

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.validity.items() if count)
        return (
            f"{self.prompts} prompts, {self.drawings} drawings: {counts}; {self.refused} prompts refused; "
            f"{self.closed} closed by the budget; "
            f"{self.seconds:.1f} s at {self.tokens_per_s:.0f} tokens/s with {self.model}"
        )


def run(
    recipe: GenerateRecipe, output: Path, *, resume: bool = False, overwrite: bool = False
) -> Summary | int:
    """Draws the prompts of a recipe into a folder.

    A prompt that cannot be drawn becomes a row with validity ``invalid`` and the reason; the others go on.

    Returns:
        What came out; or ``EXIT_NOTHING_DRAWN`` where every single prompt was refused.
    """
    prompts = read_prompts(recipe.prompts)
    choice = choose_model(recipe)
    check_output(output, resume=resume, overwrite=overwrite)
    engine = load_engine(recipe, choice) if any(not p.refusal for p in prompts) else None
    judges = None if recipe.all else load_choosing_judges(recipe)
    folder = open_run(output, recipe, resume=resume, overwrite=overwrite)
    tokens, seconds = draw_prompts(prompts, engine, recipe, folder, judges)
    summary = _summarise(folder, choice.name, len(prompts), tokens, seconds)
    write_json_atomic(folder / SUMMARY_FILE, asdict(summary))
    write_gallery(folder, title=f"{summary.drawings} drawings by {choice.name}")
    if summary.refused == summary.prompts:
        logger.error("%s: all %d prompts were refused; drawings.jsonl says why", folder, summary.prompts)
        return EXIT_NOTHING_DRAWN
    return summary


def draw_prompts(
    prompts: Sequence[Prompt],
    engine: Engine | None,
    recipe: GenerateRecipe,
    folder: Path,
    judges: Judges | None = None,
) -> tuple[int, float]:
    """Draws what is not in the folder's table yet.

    The engine may be None only where every prompt is refused. Without judges likelihood chooses.

    Returns:
        How many tokens were generated, and in how many seconds.
    """
    wanted = {p.id: (p.text, _list_drawing_ids(p.id, recipe)) for p in prompts}
    requests = _build_requests(prompts, recipe.sampling.seed)
    began = time.perf_counter()
    with (
        DrawingsTable(folder, wanted) as table,
        RenderPool(workers=recipe.render_workers) as pool,
        tqdm(total=len(prompts), initial=len(table.done), unit="prompt", desc="draw", disable=None) as bar,
    ):
        if table.done:
            logger.info("%s: %d of %d prompts are done already", folder, len(table.done), len(prompts))
        chooser = build_chooser(recipe, judges, pool)
        reader = CandidateReader(recipe.normal_form, pool, recipe.sampling.seed)
        desk = _Desk(recipe, folder, table, reader, chooser, {p.id: p for p in prompts}, bar.update)
        for prompt in prompts:
            if prompt.refusal and prompt.id not in table.done:
                desk.take(Completion(prompt.id, 0, "", 0, 0.0, "refused", detail=prompt.refusal))
        todo = [request for request in requests if request.id not in table.done]
        try:
            if todo and engine is not None and recipe.time.limited:
                _draw_in_time(engine, todo, recipe, desk, pool)
            elif todo and engine is not None:
                _draw_in_rounds(engine, todo, recipe, desk)
        finally:
            desk.flush()
        table.sort()
    return desk.tokens, time.perf_counter() - began


def load_choosing_judges(recipe: DrawRecipe) -> Judges | None:
    """Loads the judges that choose among candidates; None where they have no choice.

    Raises:
        MissingInputError: A judge is not there.
    """
    if recipe.select.by == "likelihood" or recipe.sampling.n == 1:
        return None
    return load_named_judges(recipe)


def build_chooser(recipe: DrawRecipe, judges: Judges | None, pool: RenderPool) -> Chooser:
    """Builds what finds the best candidate of a prompt: the judges, or without any the model's likelihood."""
    if judges is None:
        return LikelihoodChooser()
    return JudgeChooser(judges, read_words(recipe.select.words), pool, recipe.select.max_questions)


def load_named_judges(recipe: DrawRecipe) -> Judges:
    """Loads the judges that a recipe names.

    Raises:
        MissingInputError: A judge is not there.
    """
    own = recipe.select
    return load_judges(
        ScoreRecipe(
            judges=own.judges, embedded=own.embedded, competition=own.competition, device=recipe.device
        )
    )


class _Desk:
    """Collects completions until a prompt has all of a round, then reads, renders, chooses, and writes."""

    def __init__(
        self,
        recipe: GenerateRecipe,
        folder: Path,
        table: DrawingsTable,
        reader: CandidateReader,
        chooser: Chooser,
        prompts: dict[str, Prompt],
        advance: Callable[[int], object],
    ) -> None:
        self.recipe = recipe
        self.folder = folder
        self.table = table
        self.reader = reader
        self.chooser = chooser
        self.prompts = prompts
        self.advance = advance
        self.tokens = 0
        self._count = recipe.sampling.n
        self._is_last = True
        self._best: dict[str, Candidate] = {}
        self._open: dict[str, list[Completion]] = {}
        self._ready: list[Completion] = []
        self._flushed = time.monotonic()

    def begin_round(self, count: int, *, is_last: bool) -> None:
        """Says how many completions of each open prompt come next, and whether the best is kept then."""
        self._count, self._is_last = count, is_last

    def take(self, completion: Completion) -> None:
        """Takes in one completion, and writes when enough has come together."""
        self.tokens += completion.tokens
        group = self._open.setdefault(completion.request_id, [])
        group.append(completion)
        if completion.finish == "refused" or len(group) == self._count:
            self._ready += self._open.pop(completion.request_id)
        if len(self._ready) >= _FLUSH_DRAWINGS or (
            self._ready and time.monotonic() - self._flushed > _FLUSH_S
        ):
            self.flush()

    def flush(self) -> None:
        """Writes the prompts that are complete."""
        self._flushed = time.monotonic()
        ready, self._ready = self._ready, []
        if not ready:
            return
        built = self.reader.build(ready, self.prompts)
        groups = [
            sorted(group, key=lambda one: one.drawing.candidate)
            for _, group in groupby(built, key=lambda one: one.drawing.prompt_id)
        ]
        if _keeps_all(self.recipe):
            self._write([candidate for group in groups for candidate in group], len(groups))
            return
        rated = self.chooser.choose([self._add_earlier(group) for group in groups])
        kept = [best for best in rated if self._is_enough(best)]
        self._best |= {best.drawing.prompt_id: best for best in rated if not self._is_enough(best)}
        self._write([name_alone(best) for best in kept], len(kept))

    def write(self, candidate: Candidate) -> None:
        """Writes the one drawing of a prompt."""
        self._write([candidate], 1)

    def _add_earlier(self, group: list[Candidate]) -> list[Candidate]:
        earlier = self._best.pop(group[0].drawing.prompt_id, None)
        return group if earlier is None else [earlier, *group]

    def _is_enough(self, best: Candidate) -> bool:
        stop_at, score = self.recipe.select.stop_at_score, best.drawing.score
        is_good = stop_at is not None and score is not None and score >= stop_at
        return self._is_last or is_good or best.drawing.finish == "refused"

    def _write(self, kept: Sequence[Candidate], prompts: int) -> None:
        for candidate in kept:
            write_files(self.folder, candidate)
        self.table.append(candidate.drawing for candidate in kept)
        self.advance(prompts)


def write_files(folder: Path, candidate: Candidate) -> None:
    """Writes the SVG and the PNG of a drawing, as far as there are any."""
    drawing, picture = candidate.drawing, candidate.picture
    if drawing.svg is not None:
        (folder / f"{drawing.id}.svg").write_text(drawing.svg, encoding="utf-8", newline="\n")
    if picture is not None and picture.image is not None:
        Image.fromarray(picture.image).save(folder / f"{drawing.id}.png", compress_level=3)


def name_alone(best: Candidate) -> Candidate:
    """Gives the only drawing of a prompt the prompt's own id."""
    return replace(best, drawing=replace(best.drawing, id=best.drawing.prompt_id))


def _draw_in_rounds(engine: Engine, requests: Sequence[Request], recipe: GenerateRecipe, desk: _Desk) -> None:
    """Draws all prompts together, round by round, until each has all candidates or one that is good."""
    n, size = recipe.sampling.n, find_round_size(recipe)
    todo = list(requests)
    for first in range(0, n, size):
        count = min(size, n - first)
        desk.begin_round(count, is_last=first + count == n)
        todo = [replace(request, first=first) for request in todo if request.id not in desk.table.done]
        for completion in engine.generate(todo, plan_round(recipe.sampling, count)):
            desk.take(completion)
        desk.flush()


def _draw_in_time(
    engine: Engine, requests: Sequence[Request], recipe: GenerateRecipe, desk: _Desk, pool: RenderPool
) -> None:
    """Draws one prompt after the other within the limits of time, at worst by rules."""
    budget = Budget(recipe.time)
    best_of = BestOf(engine, recipe, desk.reader, desk.chooser)
    for request in requests:
        prompt = desk.prompts[request.id]
        seconds = max(0.0, budget.begin() - recipe.time.reserve_s)
        began = time.monotonic()
        outcome = best_of.draw(prompt, request.seed, seconds)
        desk.tokens += outcome.tokens
        best = outcome.best or build_fallback(prompt, pool, outcome.detail, time.monotonic() - began)
        desk.write(name_alone(replace(best, drawing=replace(best.drawing, drawn=outcome.finished))))
        budget.end()


def _build_requests(prompts: Sequence[Prompt], seed: int) -> list[Request]:
    """Gives every prompt a seed that does not depend on its place; the same text again gets another one."""
    seen: Counter[str] = Counter()
    requests = []
    for prompt in prompts:
        if prompt.refusal:
            continue
        own = find_seed(seed, prompt.text, seen[prompt.text])
        seen[prompt.text] += 1
        requests.append(Request(prompt.id, prompt.text, own))
    return requests


def _keeps_all(recipe: GenerateRecipe) -> bool:
    return recipe.all and recipe.sampling.n > 1


def _list_drawing_ids(prompt_id: str, recipe: GenerateRecipe) -> frozenset[str]:
    if not _keeps_all(recipe):
        return frozenset({prompt_id})
    return frozenset(name_drawing(prompt_id, candidate) for candidate in range(recipe.sampling.n))


def _summarise(folder: Path, model: str, prompts: int, tokens: int, seconds: float) -> Summary:
    counts = {str(validity): 0 for validity in Validity}
    rows = refused = closed = written = 0
    for drawing in read_drawings(folder):
        rows += 1
        refused += drawing.finish == "refused"
        closed += drawing.finish == "budget"
        written += drawing.tokens
        counts[drawing.validity] += 1
    speed = round(tokens / seconds, 1)
    return Summary(model, prompts, rows, refused, closed, counts, written, round(seconds, 2), speed)
