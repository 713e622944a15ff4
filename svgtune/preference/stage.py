"""The stage: scored drawings in; the best of each caption and pairs out, as training data."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from svgtune.assets import find_checkout
from svgtune.config.prefer import PreferRecipe
from svgtune.data.manifest import MANIFEST_FILE, Lengths, Manifest, SourceReport, describe_manifest
from svgtune.data.prepare import DROPPED_FOLDER, WORK_FOLDER, check_same_recipe
from svgtune.data.shards import SplitWriter, move_finished, open_drops, write_drop
from svgtune.data.sources.base import caption_key
from svgtune.data.split import deal_family
from svgtune.data.steps import MAX_KEPT_ASIDE_CHARS, Dropped
from svgtune.errors import InputError, RecipeError, SvgtuneError
from svgtune.preference import PAIRS_FOLDER
from svgtune.preference.candidates import Candidate, describe_candidate, read_candidates, read_captions
from svgtune.preference.choice import CaptionGuard, Choice, choose, find_cheats
from svgtune.records import Drop, Sample
from svgtune.runs import check_output, open_run, write_json_atomic

logger = logging.getLogger(__name__)

BENCHMARK = Path("benchmarks", "embedded", "benchmark.jsonl")

PAIR_SCHEMA = pa.schema(
    [
        *(
            pa.field(name, pa.string(), nullable=False)
            for name in ("id", "caption", "chosen", "rejected", "source", "licence", "category", "family")
        ),
        pa.field("chosen_score", pa.float32()),
        pa.field("rejected_score", pa.float32()),
    ]
)
"""Columns of the shards of pairs."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has made; as text, the summary for a person.

    Attributes:
        manifest: What ``manifest.json`` holds.
    """

    manifest: dict[str, Any]

    def __str__(self) -> str:
        pairs, scores = self.manifest["pairs"], self.manifest["scores"]
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in pairs["dropped"].items())
        lines = [
            describe_manifest(self.manifest),
            f"pairs: in {pairs['in']:,} captions, kept {pairs['kept']:,}, dropped {dropped or 0}",
        ]
        for name in ("all", "best", "rejected"):
            if scores[name]:
                lines.append(f"mean score, {name}: {scores[name]['mean']:.4f}")
        return "\n".join(lines)


@dataclass
class _Tally:
    """Counts of the pairs, and the scores of what was taken."""

    kept: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    captions: Counter[str] = field(default_factory=Counter)
    all: Lengths = field(default_factory=Lengths)
    best: Lengths = field(default_factory=Lengths)
    rejected: Lengths = field(default_factory=Lengths)
    margin: Lengths = field(default_factory=Lengths)

    def add(self, group: Sequence[Candidate], choice: Choice, split: str) -> None:
        """Takes in a caption; ``split`` is empty where it has no best drawing."""
        for one in group:
            self.all.add(round(one.score, 6))
        self.captions["kept" if choice.best else "dropped"] += 1
        if choice.best is None:
            return
        self.best.add(round(choice.best.score, 6))
        if choice.rejected is None:
            self.dropped[choice.pair_reason] += 1
            return
        self.kept[split] += 1
        self.rejected.add(round(choice.rejected.score, 6))
        self.margin.add(round(choice.best.score - choice.rejected.score, 6))

    def to_json(self) -> dict[str, Any]:
        """Returns the parts of the manifest that only this stage has."""
        return {
            "captions": {"in": self.captions.total(), **dict(sorted(self.captions.items(), reverse=True))},
            "pairs": {
                "in": self.captions["kept"],
                "kept": self.kept.total(),
                "dropped": dict(self.dropped.most_common()),
                "splits": dict(self.kept),
                "margin": self.margin.summarise(),
            },
            "scores": {
                "all": self.all.summarise(),
                "best": self.best.summarise(),
                "rejected": self.rejected.summarise(),
            },
        }


def run(recipe: PreferRecipe, output: Path, *, resume: bool = False, overwrite: bool = False) -> Report:
    """Chooses among scored drawings, and writes shards as ``data_prep/prepare.py`` does.

    ``output`` holds the best drawing of each caption in ``train`` and ``held_out``, pairs in ``pairs/train``
    and ``pairs/held_out``, what was not taken in ``dropped``, and ``manifest.json``, written last: there
    ``in`` counts drawings, and ``pairs.in`` the captions that have a best one.

    Raises:
        RecipeError: No drawings or scores were given, or a run is resumed with another recipe.
        MissingInputError: A file or a key is not there.
        InputError: A line cannot be used, drawings and scores do not belong together, or nothing is left.
        OutputExistsError: The folder holds something, and neither ``resume`` nor ``overwrite`` is set.
    """
    if recipe.drawings is None or recipe.scores is None:
        missing = "drawings" if recipe.drawings is None else "scores"
        raise RecipeError(f"{missing}: were not given; give --drawings FOLDER and --scores FOLDER")
    check_output(output, resume=resume, overwrite=overwrite)
    if resume:
        check_same_recipe(recipe, output)
        if (output / MANIFEST_FILE).exists():
            logger.info("%s: is complete already; nothing is done", output)
            return Report(json.loads((output / MANIFEST_FILE).read_bytes()))
    began = time.monotonic()
    guard = build_guard(recipe)
    groups = read_candidates(recipe.drawings, recipe.scores, recipe.max_bytes)
    cheats = find_cheats(groups, recipe)
    choices = [choose(group, recipe, guard, cheats) for group in groups]
    if not any(choice.best for choice in choices):
        reasons = dict(Counter(reason for choice in choices for reason in choice.dropped.values()))
        raise InputError(
            f"{recipe.drawings}: no drawing of {len(groups)} captions is left ({reasons}); draw several of "
            "each caption with infer/generate.py --n N --all, or see min_score, guards and normal_form"
        )
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    work = output / WORK_FOLDER
    shutil.rmtree(work, ignore_errors=True)
    manifest, tally = _write_files(recipe, groups, choices, work)
    manifest.check_balance()
    if tally.captions["kept"] != tally.kept.total() + tally.dropped.total():
        raise SvgtuneError("prefer: the pairs do not add up; this is a bug of ours, please report it")
    manifest.timing = {"seconds": round(time.monotonic() - began, 2)}
    figures = {**manifest.to_json(), **tally.to_json()}
    move_finished(work, output)
    work.rmdir()
    write_json_atomic(output / MANIFEST_FILE, figures)
    return Report(figures)


def build_guard(recipe: PreferRecipe) -> CaptionGuard:
    """Reads which captions may not be tuned on."""
    checkout = find_checkout()
    benchmark = recipe.benchmark
    if benchmark is None and checkout is not None and (checkout / BENCHMARK).is_file():
        benchmark = checkout / BENCHMARK
    if benchmark is None:
        logger.warning("the benchmark is not there: only captions of its exact words are dropped")
    known = list(read_captions(benchmark)) if benchmark is not None else []
    held_out = (caption for path in recipe.held_out for caption in read_captions(path))
    return CaptionGuard(known, held_out, recipe.near)


def _write_files(
    recipe: PreferRecipe, groups: Sequence[Sequence[Candidate]], choices: Sequence[Choice], work: Path
) -> tuple[Manifest, _Tally]:
    report = SourceReport(recipe.source, "drawings")
    manifest, tally = Manifest(sources=[report]), _Tally()
    # There even without a pair, so that nobody takes the best drawings for pairs.
    (work / PAIRS_FOLDER).mkdir(parents=True)
    with (
        SplitWriter(work, recipe.shard_rows) as best,
        SplitWriter(work / PAIRS_FOLDER, recipe.shard_rows, PAIR_SCHEMA) as pairs,
        open_drops(work / DROPPED_FOLDER / "drawings.jsonl.gz") as drops,
    ):
        for group, choice in zip(groups, choices, strict=True):
            split = ""
            if choice.best is not None:
                row = _build_row(choice.best, group, recipe)
                split = deal_family(row["family"], recipe.split)
                best.write(split, row)
                manifest.add_kept({**row, "tokens": None, "difference": None}, split)
            if choice.best is not None and choice.rejected is not None:
                pairs.write(split, _build_pair(row, choice.best, choice.rejected))
            tally.add(group, choice, split)
            manifest.collected += len(group)
            manifest.dropped.update(choice.dropped.values())
            for one in group:
                if one.id in choice.dropped:
                    detail = describe_candidate(one)
                    record = Drop(one.id, choice.dropped[one.id], detail, recipe.source, str(recipe.drawings))
                    write_drop(drops, Dropped(record, one.caption, one.svg[:MAX_KEPT_ASIDE_CHARS]))
    report.collected, report.kept = manifest.collected, manifest.kept
    return manifest, tally


def _build_row(best: Candidate, group: Sequence[Candidate], recipe: PreferRecipe) -> dict[str, str]:
    scores = [one.score for one in group]
    sample = Sample(
        id=best.id,
        caption=best.caption,
        svg=best.svg,
        source=recipe.source,
        origin=f"{recipe.drawings}: {best.id}",
        licence=recipe.licence,
        category=best.category,
        family=caption_key(best.caption),
        questions=best.questions,
        facts={
            "score": best.score,
            "mean_score": round(sum(scores) / len(scores), 6),
            "candidates": len(group),
        },
    )
    return sample.to_row()


def _build_pair(row: dict[str, str], best: Candidate, rejected: Candidate) -> dict[str, Any]:
    return {
        **row,
        "chosen": best.svg,
        "rejected": rejected.svg,
        "chosen_score": best.score,
        "rejected_score": rejected.score,
    }
