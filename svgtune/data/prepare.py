"""Collects captioned drawings and writes training data: the stage behind ``data_prep/prepare.py``."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count as count_from
from pathlib import Path
from typing import Any

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.utils.stats import PipelineStats
from loguru import logger as datatrove_log
from tqdm import tqdm

from svgtune.config.base import Section
from svgtune.config.loader import read_recipe
from svgtune.config.prepare import PrepareRecipe
from svgtune.data.dedup import DuplicateIndex, Entry
from svgtune.data.manifest import MANIFEST_FILE, Manifest, SourceReport, describe_manifest
from svgtune.data.shards import (
    SAMPLE_SCHEMA,
    SplitWriter,
    WriteRank,
    join_drops,
    move_finished,
    open_drops,
    read_rows,
    read_signature,
    write_drop,
    write_whole,
)
from svgtune.data.sources import Source, build_source
from svgtune.data.split import deal_family, read_stated_split
from svgtune.data.steps import (
    Dropped,
    FilterPicture,
    FilterText,
    NormaliseDrawing,
    ReadSource,
    RenderDrawing,
    Task,
    close_pools,
    load_tokenizer,
    share_pool,
)
from svgtune.errors import RecipeError, SourceError
from svgtune.records import Drop, Sample
from svgtune.render.sheet import build_contact_sheet
from svgtune.runs import RECIPE_FILE, check_output, open_run, write_json_atomic

log = logging.getLogger(__name__)

WORK_FOLDER = ".work"
DROPPED_FOLDER = "dropped"
SHEET_FILE = "contact_sheet.png"

# These change how fast the work is done, not what comes out.
_FREE_KEYS = frozenset({"workers"})
# Below it a second worker takes longer to start than it saves.
_MIN_TASK_ROWS = 250
_SHEET_COLUMNS = 12
_SHEET_CELL_PX = 128


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has made; as text, the summary for a person.

    Attributes:
        manifest: What ``manifest.json`` holds.
    """

    manifest: dict[str, Any]

    def __str__(self) -> str:
        return describe_manifest(self.manifest)


@dataclass
class _Plan:
    """Which sources could be had, and how their items are cut into tasks; fixed when a run first starts."""

    reports: list[SourceReport] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    rows: int = 0


def run(recipe: PrepareRecipe, output: Path, *, resume: bool = False, overwrite: bool = False) -> Report:
    """Prepares a data set.

    Everything is made below ``output/.work`` and moved into place at the end, ``manifest.json`` last: a
    folder with a manifest is whole. Tasks that a killed run had finished are not done again.

    Raises:
        OutputExistsError: The folder holds something, and neither ``resume`` nor ``overwrite`` is set.
        RecipeError: A run is resumed with another recipe.
        SourceError: No source could be collected.
        InputError: A source names something that is not there or cannot be used.
        OSError: The disk is full, for instance; what was whole before still is, and the run can be resumed.
    """
    check_output(output, resume=resume, overwrite=overwrite)
    if resume:
        check_same_recipe(recipe, output)
    manifest_file = output / MANIFEST_FILE
    if resume and manifest_file.exists():
        log.info("%s: is complete already; nothing is done", output)
        shutil.rmtree(output / WORK_FOLDER, ignore_errors=True)
        return Report(json.loads(manifest_file.read_bytes()))
    if recipe.filters.tokenizer is not None:
        load_tokenizer(recipe.filters)
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    work = output / WORK_FOLDER
    sources = _build_sources(recipe, work)
    plan = _make_plan(recipe, sources, work)
    started = time.monotonic()
    done_before = _count_done(work)
    try:
        workers = _run_tasks(recipe, sources, plan, work)
        seconds = time.monotonic() - started
        manifest = _finish(recipe, plan, work)
    finally:
        close_pools()
    manifest.timing = {
        "workers": workers,
        "seconds": round(time.monotonic() - started, 2),
        "rows_per_s": round((plan.rows - done_before) / seconds, 1) if plan.rows > done_before else 0.0,
    }
    _publish(work, output, manifest)
    shutil.rmtree(work)
    return Report(manifest.to_json())


def check_same_recipe(recipe: Section, output: Path) -> None:
    """Checks that a run is resumed with the recipe it was started with; the number of workers may differ.

    Raises:
        RecipeError: Naming the first key that differs.
    """
    kept = output / RECIPE_FILE
    if not kept.is_file():
        return
    before = _flatten(read_recipe(type(recipe), kept, []).model_dump(mode="json"))
    now = _flatten(recipe.model_dump(mode="json"))
    for key in sorted(before.keys() | now.keys()):
        if key not in _FREE_KEYS and before.get(key) != now.get(key):
            raise RecipeError(
                f"{output}: was started with {key} = {before.get(key)!r}, now it is {now.get(key)!r}; "
                "resume with the same recipe, or use --overwrite"
            )


def _flatten(values: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(values, dict):
        return {prefix: values}
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flatten(value, f"{prefix}.{key}" if prefix else key)
    return flat


def _build_sources(recipe: PrepareRecipe, work: Path) -> list[Source]:
    """Builds the sources; a name that comes twice gets a number, for it is part of the samples' ids."""
    sources: list[Source] = []
    for index, section in enumerate(recipe.list_sources()):
        source = build_source(section, work / "sources" / f"{index:02d}")
        taken = {other.name for other in sources}
        if source.name in taken:
            source.name = next(name for n in count_from(2) if (name := f"{source.name}-{n}") not in taken)
        sources.append(source)
    return sources


def _make_plan(recipe: PrepareRecipe, sources: Sequence[Source], work: Path) -> _Plan:
    """Fetches the sources and cuts them into tasks, or reads back what an earlier start has decided.

    Raises:
        SourceError: No source could be had.
    """
    plan_file = work / "plan.json"
    if plan_file.exists():
        kept = json.loads(plan_file.read_bytes())
        reports = [SourceReport(**report) for report in kept["reports"]]
        for source, report in zip(sources, reports, strict=True):
            if not report.error:
                source.fetch()
        return _Plan(reports, [Task(**task) for task in kept["tasks"]], kept["rows"])
    plan, failures = _Plan(), []
    for index, (source, section) in enumerate(zip(sources, recipe.list_sources(), strict=True)):
        report = SourceReport(source.name, section.kind)
        plan.reports.append(report)
        log.info("collecting %s", source.name)
        try:
            source.fetch()
        except SourceError as error:
            failures.append(error)
            report.error = str(error)
            log.warning("%s; the other sources go on", error)
            continue
        rows = source.len_hint
        parts = max(-(-rows // recipe.rows_per_task), min(_count_workers(recipe), rows // _MIN_TASK_ROWS))
        plan.tasks += [Task(index, part, parts) for part in range(parts)]
        plan.rows += rows
    if not plan.tasks:
        raise failures[0] if failures else SourceError("sources: hold nothing; check their paths and counts")
    write_json_atomic(plan_file, asdict(plan))
    return plan


def _count_workers(recipe: PrepareRecipe) -> int:
    return recipe.workers or len(os.sched_getaffinity(0))


class _Executor(LocalPipelineExecutor):
    """datatrove's local executor without its log on stderr; what went wrong comes back as an exception."""

    def _run_for_rank(self, rank: int, local_rank: int = 0, node_rank: int = -1) -> PipelineStats:
        datatrove_log.disable("datatrove")
        return super()._run_for_rank(rank, local_rank, node_rank)


def _run_tasks(recipe: PrepareRecipe, sources: Sequence[Source], plan: _Plan, work: Path) -> int:
    """Runs what is left of the tasks; returns the number of workers."""
    workers = min(_count_workers(recipe), len(plan.tasks))
    compare = recipe.filters.max_difference is not None
    executor = _Executor(
        pipeline=[
            ReadSource(sources, plan.tasks),
            NormaliseDrawing(recipe.normal_form),
            FilterText(recipe.filters),
            RenderDrawing(recipe.normal_form, recipe.render, compare),
            FilterPicture(recipe.filters),
            WriteRank(work),
        ],
        tasks=len(plan.tasks),
        workers=workers,
        logging_dir=str(work / "executor"),
    )
    datatrove_log.disable("datatrove")
    try:
        with _show_progress(work, plan.rows):
            executor.run()
    finally:
        datatrove_log.enable("datatrove")
    return workers


@contextmanager
def _show_progress(work: Path, rows: int) -> Iterator[None]:
    """Shows how many rows all ranks have done, also those of earlier starts."""
    stop = threading.Event()
    with tqdm(total=rows, unit="row", desc="prepare", initial=_count_done(work), mininterval=0.5) as bar:

        def watch() -> None:
            while not stop.wait(0.5):
                bar.update(_count_done(work) - bar.n)

        watcher = threading.Thread(target=watch, name="progress", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()
            bar.update(_count_done(work) - bar.n)


def _count_done(work: Path) -> int:
    done = 0
    for file in (work / "progress").glob("*"):
        text = file.read_text(encoding="ascii")
        done += int(text) if text.isdigit() else 0
    return done


def _finish(recipe: PrepareRecipe, plan: _Plan, work: Path) -> Manifest:
    """Makes the finished files below ``work/final`` from what the ranks have written, and counts all."""
    final = work / "final"
    shutil.rmtree(final, ignore_errors=True)
    manifest = Manifest(sources=plan.reports)
    for report in plan.reports:
        report.collected = report.kept = 0
    for rank, task in enumerate(plan.tasks):
        counts = json.loads((work / "counts" / f"{rank:05d}.json").read_bytes())
        manifest.collected += counts["in"]
        manifest.dropped.update(counts["dropped"])
        plan.reports[task.source].collected += counts["in"]
    index = DuplicateIndex(work / "duplicates.sqlite", recipe.dedup)
    try:
        _find_duplicates(index, plan, work, manifest)
        drawings = _write_splits(recipe, index, plan, work, manifest)
    finally:
        index.close()
    for number, report in enumerate(plan.reports):
        ranks = [rank for rank, task in enumerate(plan.tasks) if task.source == number]
        parts = (work / DROPPED_FOLDER / f"{rank:05d}.jsonl.gz" for rank in ranks)
        if ranks:
            join_drops(parts, final / DROPPED_FOLDER / f"{_file_name(number, report.name)}.jsonl.gz")
    (work / "duplicates.jsonl.gz").replace(final / DROPPED_FOLDER / "duplicates.jsonl.gz")
    manifest.check_balance()
    _draw_sheet(recipe, drawings, final / SHEET_FILE)
    return manifest


def _file_name(number: int, name: str) -> str:
    return f"{number:02d}-" + "".join(c if c.isalnum() or c in "._" else "-" for c in name).strip("-")


def _find_duplicates(index: DuplicateIndex, plan: _Plan, work: Path, manifest: Manifest) -> None:
    """Writes the duplicates of the whole run, in order: places for the next pass, and drops to keep aside."""
    names = [*SAMPLE_SCHEMA.names, "digest", "phash", "thumb"]
    with (
        write_whole(work / "duplicates.txt") as places_file,
        places_file.open("w", encoding="ascii") as places,
        open_drops(work / "duplicates.jsonl.gz") as drops,
    ):
        place = 0
        for rank in range(len(plan.tasks)):
            for row in read_rows(work / "kept" / f"{rank:05d}.parquet", names):
                sample = Sample.from_row(row)
                entry = Entry(
                    sample.id, sample.caption, sample.family, read_stated_split(sample), read_signature(row)
                )
                problem = index.add(entry)
                if problem is not None:
                    record = Drop(sample.id, *problem, sample.source, sample.origin)
                    write_drop(drops, Dropped(record, sample.caption, sample.svg))
                    manifest.dropped[record.reason] += 1
                    places.write(f"{place}\n")
                place += 1


def _write_splits(
    recipe: PrepareRecipe, index: DuplicateIndex, plan: _Plan, work: Path, manifest: Manifest
) -> list[tuple[str, str]]:
    """Writes the parquet shards; returns captions and drawings for the sheet, evenly from the whole run."""
    drawings: list[tuple[str, str]] = []
    step = max((manifest.collected - manifest.dropped.total()) / max(recipe.sheet_drawings, 1), 1)
    with (
        (work / "duplicates.txt").open(encoding="ascii") as places,
        SplitWriter(work / "final", recipe.shard_rows) as writer,
    ):
        next_duplicate = partial(next, places, "-1")
        place, duplicate = 0, int(next_duplicate())
        for rank, task in enumerate(plan.tasks):
            for row in read_rows(
                work / "kept" / f"{rank:05d}.parquet", [*SAMPLE_SCHEMA.names, "difference", "tokens"]
            ):
                place += 1
                if place - 1 == duplicate:
                    duplicate = int(next_duplicate())
                    continue
                row["family"] = index.find_family(row["family"])
                split = read_stated_split(Sample.from_row(row)) or deal_family(row["family"], recipe.split)
                if len(drawings) < recipe.sheet_drawings and manifest.kept >= len(drawings) * step:
                    drawings.append((row["caption"], row["svg"]))
                writer.write(split, row)
                manifest.add_kept(row, split)
                plan.reports[task.source].kept += 1
    return drawings


def _draw_sheet(recipe: PrepareRecipe, drawings: Sequence[tuple[str, str]], path: Path) -> None:
    if not drawings:
        return
    rendered = share_pool(recipe.render).render([svg for _, svg in drawings])
    pictures = [picture.image for picture in rendered]
    items = [(caption, picture) for (caption, _), picture in zip(drawings, pictures, strict=True)]
    sheet = build_contact_sheet(items, columns=_SHEET_COLUMNS, cell_px=_SHEET_CELL_PX)
    with write_whole(path) as unfinished:
        sheet.save(unfinished, format="PNG")


def _publish(work: Path, output: Path, manifest: Manifest) -> None:
    """Moves the finished files into place and writes the manifest last."""
    move_finished(work / "final", output)
    write_json_atomic(output / MANIFEST_FILE, manifest.to_json())
