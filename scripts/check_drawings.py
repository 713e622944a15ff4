"""Checks a model's drawings of scenes without a neural judge, and tells how sure that check is.

python scripts/check_drawings.py --make-prompts 300 --output runs/check/prompts.jsonl
python infer/generate.py --prompts runs/check/prompts.jsonl --output runs/check/drawn --temperature 0.7
python scripts/check_drawings.py --prompts runs/check/prompts.jsonl --drawings runs/check/drawn/drawings.jsonl
    --output runs/check/result
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

from svgtune.cli import run_script
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.data.sources.scenes.palette import SHADES
from svgtune.metric import tally
from svgtune.metric.embedded.asking import ask_about
from svgtune.metric.embedded.lessons import Split
from svgtune.metric.programmatic import Checker
from svgtune.records import Sample, list_columns
from svgtune.runs import write_json_atomic, write_text_atomic

LEARN_SEED, TRIAL_SEED, PROMPTS_SEED = 900_001, 900_002, 900_003


def draw_scenes(count: int, seed: int, split: Split = "held_out") -> list[Sample]:
    """Draws scenes, as many of each category, no caption twice."""
    categories = list(ScenesOptions().categories)
    taken: dict[str, Sample] = {}
    for index in range(20 * count):
        options = ScenesOptions(split=split, categories={categories[len(taken) % len(categories)]: 1.0})
        sample = sample_scene(seed, index, options)
        taken.setdefault(sample.caption, sample)
        if len(taken) == count:
            break
    return list(taken.values())


def build_checker(scenes: int, file: Path | None) -> Checker:
    """Reads what an earlier call learned, or learns from fresh scenes."""
    if file and file.is_file():
        return Checker.load(file, SHADES)
    options = ScenesOptions(
        split="any",
        categories={"landscape": 1.0, "abstract": 1.2, "fashion": 1.5, "things": 2.3},
        two_colours=0.5,
    )
    checker = Checker(SHADES).fit(sample_scene(LEARN_SEED, index, options) for index in range(scenes))
    if file:
        checker.save(file)
    return checker


def write_prompts(scenes: list[Sample], ask_parts: bool, path: Path) -> None:
    """Writes captions with their facts and questions, as infer/generate.py and later calls read them."""
    rows = [
        {"id": s.id, "prompt": s.caption, "category": s.category, "facts": s.facts, "svg": s.svg,
         **list_columns(ask_about(s, SHADES, random.Random(s.id)) if ask_parts else s.questions)}
        for s in scenes
    ]  # fmt: skip
    write_text_atomic(path, "".join(json.dumps(row) + "\n" for row in rows))


def main() -> int:
    """Makes prompts, or checks drawings."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--make-prompts", type=int, metavar="N", help="write N captions with their facts")
    parser.add_argument("--drawings", type=Path, help="drawings.jsonl of infer/generate.py")
    parser.add_argument("--prompts", type=Path, help="the file that --make-prompts wrote")
    parser.add_argument("--output", type=Path, required=True, help="prompts file, or folder of the results")
    parser.add_argument("--split", choices=("held_out", "train"), default="held_out", help="of the prompts")
    parser.add_argument("--ask-parts", action="store_true", help="ask about each part too")
    parser.add_argument("--seed", type=int, default=PROMPTS_SEED, help="of the prompts")
    parser.add_argument("--scenes", type=int, default=9000, help="fresh scenes that the check learns from")
    parser.add_argument("--trial", type=int, default=300, help="scenes to measure the check's own errors on")
    parser.add_argument("--checker", type=Path, help="file that keeps what was learned for later calls")
    options = parser.parse_args()
    if options.make_prompts:
        scenes = draw_scenes(options.make_prompts, options.seed, options.split)
        write_prompts(scenes, options.ask_parts, options.output)
        return 0
    if options.drawings and not options.prompts:
        parser.error("--drawings needs --prompts, the file that --make-prompts wrote")
    options.output.mkdir(parents=True, exist_ok=True)
    checker = build_checker(options.scenes, options.checker)
    result: dict[str, Any] = {}
    if options.trial:
        errors = tally.measure_errors(checker, SHADES, draw_scenes(options.trial, TRIAL_SEED))
        result["check"] = errors.to_json()
        sys.stdout.write(
            "The check itself: true drawings accepted\n" + errors.format_table(tally.FIGURES[1:])
        )
        sys.stdout.write("The check itself: wrong drawings accepted\n" + errors.format_table(tally.ERRORS))
    if options.drawings:
        checked = tally.check_rows(
            checker, tally.read_rows(options.drawings), tally.read_rows(options.prompts)
        )
        counted = tally.tally_rows(checked)
        result["drawings"] = counted.to_json()
        sys.stdout.write(f"{options.drawings}\n" + counted.format_table(tally.FIGURES))
        tally.write_checked(checked, options.output)
    write_json_atomic(options.output / "check.json", result)
    return 0


if __name__ == "__main__":
    run_script(main)
