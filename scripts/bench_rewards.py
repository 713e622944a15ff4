"""Measures what scoring costs: the embedded judges on many drawings, whole and part by part, time and memory.

python scripts/bench_rewards.py [--count 2048] [--judge models/judges]

Exactly as infer/score.py does it, and as recipes/grpo/nano.yaml has it done for rewards, with reduced
defences and text searched in smaller pictures: each drawing with a caption of its own, then as GRPO draws,
eight of each caption. Last, how far the first two are apart, on drawings a third of which belong to another
caption.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from svgtune.cli import run_script
from svgtune.config.form import NormalForm
from svgtune.config.grpo import GrpoRecipe
from svgtune.config.guards import GuardSection
from svgtune.config.loader import read_recipe
from svgtune.config.score import ScoreRecipe
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.defence import defend_image, defend_reduced
from svgtune.metric.embedded.benchmark import Cost, Way, compare_scores, measure_way
from svgtune.metric.embedded.loading import DEFAULT_FOLDER
from svgtune.metric.scorer import Entry
from svgtune.render.pool import RenderPool
from svgtune.svg.canonical import canonical_svg

SEED = 720_000_001
GROUP = 8
NANO = Path(__file__).resolve().parent.parent / "recipes" / "grpo" / "nano.yaml"


def draw_entries(count: int) -> list[Entry]:
    """Draws scenes in normal form; every third entry has the drawing of the one before it."""
    form = NormalForm()
    scenes = [sample_scene(SEED, index) for index in range(count)]
    svgs = [canonical_svg(scene.svg, form).svg for scene in scenes]
    return [
        Entry(scene.id, svgs[place - (place % 3 == 2)], scene.questions) for place, scene in enumerate(scenes)
    ]


def group_entries(entries: list[Entry]) -> list[Entry]:
    """Gives every eight entries the questions of their first."""
    return [replace(entry, questions=entries[k - k % GROUP].questions) for k, entry in enumerate(entries)]


def find_ways(judge: str) -> dict[str, Way]:
    """Returns the way of infer/score.py and that of the nano model's rewards."""
    nano = read_recipe(GrpoRecipe, NANO, [])
    guards = nano.rewards.guards or GuardSection()
    return {
        "score": Way(judge, defend_image, ScoreRecipe().embedded),
        "reward": Way(judge, defend_reduced, nano.embedded, guards),
    }


def format_cost(name: str, way: Way, cost: Cost, count: int) -> str:
    """Writes one way's table."""
    together = sum(cost.parts_ms.values())
    how = f"text searched at {way.judging.search_px} px, precision {way.judging.precision}"
    lines = [f"{name}: defences {way.defend.__name__}, {how}"]
    lines += [f"  {part:14}{ms:8.2f} ms{ms / together:8.1%}" for part, ms in cost.parts_ms.items()]
    lines += [
        f"  {count} drawings scored in {cost.seconds:.1f} s, {1e3 * cost.seconds / count:.2f} ms each",
        f"  peak memory at each quarter: {', '.join(map(str, cost.memory_mib))} MiB",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measures and writes the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=2048, help="drawings; 2048")
    parser.add_argument("--parts-count", type=int, default=256, help="drawings of the parts' figures; 256")
    parser.add_argument("--batch-size", type=int, default=64, help="drawings judged together; 64")
    parser.add_argument(
        "--judge", default=DEFAULT_FOLDER, help=f"folder of a trained judge; {DEFAULT_FOLDER}"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    entries = draw_entries(options.count)
    figures: dict[str, Any] = {"judge": options.judge, "count": options.count}
    scores = {}
    with RenderPool() as pool:
        ways = find_ways(options.judge)
        cases = {name: (way, entries) for name, way in ways.items()}
        cases["reward, eight of each"] = ways["reward"], group_entries(entries)
        for name, (way, some) in cases.items():
            cost = measure_way(way, some, pool, options.batch_size, options.parts_count)
            scores[name] = cost.scores
            sys.stdout.write(format_cost(name, way, cost, options.count))
            figures[name] = {
                "seconds": cost.seconds, "parts_ms": cost.parts_ms, "memory_mib": cost.memory_mib
            }  # fmt: skip
    figures["apart"] = compare_scores(scores["score"], scores["reward"])
    sys.stdout.write("".join(f"{name}: {value:.4f}\n" for name, value in figures["apart"].items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    run_script(main)
