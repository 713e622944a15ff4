"""The stage: prompts in, drawings, their pictures, a table and a gallery out."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from svgtune.config.form import NormalForm
from svgtune.config.generate import GenerateRecipe
from svgtune.config.score import ScoreRecipe
from svgtune.generate.drawings import Drawing, DrawingsTable, read_drawings
from svgtune.generate.engine import Completion, Engine, Request
from svgtune.generate.gallery import write_gallery
from svgtune.generate.loading import choose_model, load_engine
from svgtune.generate.prompts_file import Prompt, read_prompts
from svgtune.generate.select import Candidate, Chooser, JudgeChooser, LikelihoodChooser
from svgtune.metric.judges import Judges
from svgtune.metric.scoring.stage import load_judges
from svgtune.metric.scoring.words import read_words
from svgtune.render.pool import Rendered, RenderPool
from svgtune.runs import check_output, open_run, write_json_atomic
from svgtune.svg.repair import Reading, Validity, mend_drawing, read_drawing

logger = logging.getLogger(__name__)

EXIT_NOTHING_DRAWN = 3
SUMMARY_FILE = "summary.json"
GALLERY_FILE = "gallery.html"
_FLUSH_DRAWINGS = 64
_FLUSH_S = 3.0
_NOTHING = Reading(None, Validity.INVALID)


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
    judges = load_choosing_judges(recipe)
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
        chooser: Chooser = LikelihoodChooser()
        if judges is not None:
            chooser = JudgeChooser(judges, read_words(recipe.select.words), pool)
        desk = _Desk(recipe, folder, table, pool, chooser, {p.id: p for p in prompts}, bar.update)
        for prompt in prompts:
            if prompt.refusal and prompt.id not in table.done:
                desk.take(Completion(prompt.id, 0, "", 0, 0.0, "refused", detail=prompt.refusal))
        todo = [request for request in requests if request.id not in table.done]
        try:
            if todo and engine is not None:
                for completion in engine.generate(todo, recipe.sampling):
                    desk.take(completion)
        finally:
            desk.flush()
        table.sort()
    return desk.tokens, time.perf_counter() - began


def load_choosing_judges(recipe: GenerateRecipe) -> Judges | None:
    """Loads the judges that choose among candidates; None where they have no choice.

    Raises:
        MissingInputError: A judge is not there.
    """
    own = recipe.select
    if own.by == "likelihood" or recipe.sampling.n == 1 or recipe.all:
        return None
    return load_judges(
        ScoreRecipe(
            judges=own.judges, embedded=own.embedded, competition=own.competition, device=recipe.device
        )
    )


class _Desk:
    """Collects completions until a prompt has all of them, then reads, renders, chooses, and writes."""

    def __init__(
        self,
        recipe: GenerateRecipe,
        folder: Path,
        table: DrawingsTable,
        pool: RenderPool,
        chooser: Chooser,
        prompts: dict[str, Prompt],
        advance: Callable[[int], object],
    ) -> None:
        self.recipe = recipe
        self.folder = folder
        self.table = table
        self.pool = pool
        self.chooser = chooser
        self.prompts = prompts
        self.advance = advance
        self.tokens = 0
        self._open: dict[str, list[Completion]] = {}
        self._ready: list[Completion] = []
        self._flushed = time.monotonic()

    def take(self, completion: Completion) -> None:
        """Takes in one completion, and writes when enough has come together."""
        self.tokens += completion.tokens
        group = self._open.setdefault(completion.request_id, [])
        group.append(completion)
        if completion.finish == "refused" or len(group) == self.recipe.sampling.n:
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
        readings = [_read(c, self.recipe.normal_form) for c in ready]
        drawn = zip(ready, *self._render(readings), strict=True)
        groups = [
            [self._build_candidate(*one) for one in sorted(some, key=lambda one: one[0].candidate)]
            for _, some in groupby(drawn, key=lambda one: one[0].request_id)
        ]
        if _keeps_all(self.recipe):
            kept = [candidate for group in groups for candidate in group]
        else:
            kept = [
                replace(best, drawing=replace(best.drawing, id=best.drawing.prompt_id))
                for best in self.chooser.choose(groups)
            ]
        for candidate in kept:
            self._write_files(candidate)
        self.table.append(candidate.drawing for candidate in kept)
        self.advance(len(groups))

    def _render(self, readings: list[Reading]) -> tuple[list[Reading], list[Rendered | None]]:
        """Draws what was read; what the rules allow and the renderer still stops at is mended."""
        pictures = self._draw(readings)
        again = [
            mend_drawing(reading.svg, f"{picture.reason}: {picture.detail}", self.recipe.normal_form)
            if reading.svg is not None and picture is not None and picture.reason == "render_error"
            else None
            for reading, picture in zip(readings, pictures, strict=True)
        ]
        mended = self._draw([reading or _NOTHING for reading in again])
        return (
            [new or old for new, old in zip(again, readings, strict=True)],
            [new or old for new, old in zip(mended, pictures, strict=True)],
        )

    def _draw(self, readings: Sequence[Reading]) -> list[Rendered | None]:
        drawn = self.pool.imap(reading.svg for reading in readings if reading.svg is not None)
        return [None if reading.svg is None else next(drawn) for reading in readings]

    def _write_files(self, candidate: Candidate) -> None:
        drawing, picture = candidate.drawing, candidate.picture
        if drawing.svg is not None:
            (self.folder / f"{drawing.id}.svg").write_text(drawing.svg, encoding="utf-8", newline="\n")
        if picture is not None and picture.image is not None:
            Image.fromarray(picture.image).save(self.folder / f"{drawing.id}.png", compress_level=3)

    def _build_candidate(
        self, completion: Completion, reading: Reading, picture: Rendered | None
    ) -> Candidate:
        prompt = self.prompts[completion.request_id]
        detail = _join(prompt.note, completion.detail)
        if completion.finish == "length":
            detail = _join(detail, f"cut after {completion.tokens} tokens")
        if completion.finish == "budget":
            detail = _join(detail, f"closed after {completion.tokens} tokens, as its room ran out")
        detail = _join(detail, reading.detail)
        if picture is not None and picture.reason is not None:
            detail = _join(detail, f"{picture.reason}: {picture.detail}")
        text = f"{completion.plan}\n{completion.text}" if completion.plan else completion.text
        drawing = Drawing(
            id=_name_drawing(prompt.id, completion.candidate),
            prompt_id=prompt.id,
            prompt=prompt.text,
            svg=reading.svg,
            validity=reading.validity,
            tokens=completion.tokens,
            seconds=completion.seconds,
            seed=self.recipe.sampling.seed,
            candidate=completion.candidate,
            finish=completion.finish,
            logprob=completion.logprob,
            rendered=picture is not None and picture.image is not None,
            detail=detail,
            text=text if text not in ("", reading.svg) else None,
        )
        return Candidate(drawing, picture)


def _read(completion: Completion, form: NormalForm) -> Reading:
    if completion.finish == "refused":
        return _NOTHING
    try:
        return read_drawing(completion.text, form)
    except Exception as error:  # noqa: BLE001 - one strange output must not cost the others
        return Reading(None, Validity.INVALID, f"cannot be read: {type(error).__name__}: {error}"[:300])


def _build_requests(prompts: Sequence[Prompt], seed: int) -> list[Request]:
    """Gives every prompt a seed that does not depend on its place; the same text again gets another one."""
    seen: Counter[str] = Counter()
    requests = []
    for prompt in prompts:
        if prompt.refusal:
            continue
        key = f"{seed}\0{seen[prompt.text]}\0{prompt.text}".encode()
        seen[prompt.text] += 1
        own = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 1
        requests.append(Request(prompt.id, prompt.text, own))
    return requests


def _keeps_all(recipe: GenerateRecipe) -> bool:
    return recipe.all and recipe.sampling.n > 1


def _list_drawing_ids(prompt_id: str, recipe: GenerateRecipe) -> frozenset[str]:
    if not _keeps_all(recipe):
        return frozenset({prompt_id})
    return frozenset(_name_drawing(prompt_id, candidate) for candidate in range(recipe.sampling.n))


def _name_drawing(prompt_id: str, candidate: int) -> str:
    return f"{prompt_id}-{candidate + 1:02d}"


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


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
