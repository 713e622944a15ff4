"""Checks a judge: does it follow the programmatic check on a model's own drawings, do cheats or tricks pay?

R=runs/judge_check
python scripts/check_drawings.py --make-prompts 100 --seed 7 --ask-parts --output $R/prompts.jsonl
python infer/generate.py --prompts $R/prompts.jsonl --n 8 --all --temperature 1 --output $R/drawn
python scripts/check_drawings.py --prompts $R/prompts.jsonl --drawings $R/drawn/drawings.jsonl --output $R
python infer/score.py --drawings $R/drawn --questions $R/prompts.jsonl --output $R/scored
python scripts/check_judges.py --marks $R/marks.jsonl --scores $R/scored/scores.jsonl
    --prompts $R/prompts.jsonl
python scripts/check_judges.py --cheats 40
python scripts/check_judges.py --tricks 100
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

from svgtune.cli import run_script
from svgtune.config.form import NormalForm
from svgtune.config.rewards import RewardSection
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.data.sources.scenes.palette import SHADES
from svgtune.metric.cheats import CHEATS
from svgtune.metric.embedded.drawn import measure_ceiling
from svgtune.metric.embedded.loading import DEFAULT_FOLDER, load_embedded_judges
from svgtune.metric.scorer import Entry, Scorer
from svgtune.metric.tally import measure_agreement
from svgtune.metric.tricks import compare_tricks
from svgtune.records import Sample
from svgtune.render.pool import RenderPool
from svgtune.rewards.evaluation import Evaluator, Task
from svgtune.runs import write_json_atomic
from svgtune.svg.canonical import canonical_svg

SEED = 730_000_001
FORM = NormalForm(grid=1.0, path_commands="relative")


def draw_honest(count: int) -> tuple[list[Sample], list[str]]:
    """Draws scenes of held-out combinations; returns them and their SVG in the normal form."""
    options = ScenesOptions(split="held_out")
    scenes = [sample_scene(SEED, index, options) for index in range(count)]
    return scenes, [canonical_svg(scene.svg, FORM).svg for scene in scenes]


def measure_cheats(judge: str, count: int) -> dict[str, Any]:
    """Lets every cheat meet an honest drawing of its caption, under guards and judge.

    Returns:
        For each cheat the share of drawings that earn less than the honest one, and both mean scores.
    """
    scenes, honest = draw_honest(count)
    tasks = [Task(scene.id, scene.caption, scene.questions) for scene in scenes]
    pairs = list(enumerate(zip(honest, scenes, strict=True)))
    figures: dict[str, Any] = {}
    with RenderPool() as pool:
        evaluator = Evaluator(RewardSection(), load_embedded_judges(judge), pool, FORM)

        def earn(svgs: list[str]) -> list[float]:
            judged = evaluator.evaluate(tasks, svgs)
            return [one.total for one in judged]

        fair = earn(honest)
        for name, cheat in CHEATS.items():
            got = earn([cheat(svg, scene.caption, FORM, random.Random(n)) for n, (svg, scene) in pairs])
            beaten = sum(a < b for a, b in zip(got, fair, strict=True)) / count
            figures[name] = {"beaten": beaten, "mean": sum(got) / count, "honest": sum(fair) / count}
    return figures


def measure_tricks(judge: str, count: int) -> dict[str, dict[str, float]]:
    """Lets every trick be put on honest drawings, without guards, as at the competition."""
    scenes, honest = draw_honest(count)
    entries = [Entry(one.id, svg, one.questions) for one, svg in zip(scenes, honest, strict=True)]
    with RenderPool() as pool:
        return compare_tricks(Scorer(load_embedded_judges(judge), pool=pool), entries)


def main() -> int:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--marks", type=Path, nargs="+", help="of scripts/check_drawings.py, for each model")
    parser.add_argument("--scores", type=Path, nargs="+", help="scores.jsonl of infer/score.py, for each")
    parser.add_argument("--prompts", type=Path, help="also what a judge like the check reaches by these")
    parser.add_argument("--cheats", type=int, metavar="N", help="honest drawings for each cheat to meet")
    parser.add_argument("--tricks", type=int, metavar="N", help="honest drawings for each trick to be put on")
    parser.add_argument("--judge", default=DEFAULT_FOLDER, help=f"for the last two; {DEFAULT_FOLDER}")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    if len(options.marks or ()) != len(options.scores or ()) or not (
        options.marks or options.cheats or options.tricks
    ):
        parser.error("give --marks with as many --scores, --cheats N or --tricks N")
    result: dict[str, Any] = {}
    if options.marks:
        result["agreement"] = measure_agreement(zip(options.marks, options.scores, strict=True))
        if options.prompts:
            result["agreement"]["ceiling"] = measure_ceiling(options.marks, options.prompts, SHADES)
    if options.cheats:
        result["cheats"] = measure_cheats(options.judge, options.cheats)
    if options.tricks:
        result["tricks"] = measure_tricks(options.judge, options.tricks)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    if options.json:
        write_json_atomic(options.json, result)
    return 0


if __name__ == "__main__":
    run_script(main)
