"""Measures what scoring costs: the embedded judges on many drawings, whole and part by part, time and memory.

python scripts/bench_rewards.py [--count 2048] [--judge models/judges]

Twice: exactly as infer/score.py does it, and as recipes/grpo/nano.yaml has it done for rewards, with reduced
defences and text searched in smaller pictures; then how far the two are apart, on drawings a third of which
belong to another caption. Where no judge has been trained yet, weights by chance take its place: the time
does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svgtune.assets import find_asset
from svgtune.config.form import NormalForm
from svgtune.config.grpo import GrpoRecipe
from svgtune.config.guards import GuardSection
from svgtune.config.judges import JudgesRecipe
from svgtune.config.loader import read_recipe
from svgtune.config.score import ScoreRecipe
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.defence import Defence, defend_image, defend_reduced
from svgtune.metric.embedded.benchmark import compare_scores, measure_parts
from svgtune.metric.embedded.calibration import Temperatures
from svgtune.metric.embedded.loading import (
    DEFAULT_FOLDER,
    JUDGE_FILE,
    WEIGHTS_FILE,
    load_embedded_judges,
    write_judge,
)
from svgtune.metric.guards import Guards
from svgtune.metric.inversion.network import PictureReader, save_weights
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Score, Scorer
from svgtune.render.pool import RenderPool
from svgtune.svg.canonical import canonical_svg

SEED = 720_000_001
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Way:
    """A way to score: what the judges see, and how closely text is looked for."""

    defend: Defence
    search_px: int
    guards: GuardSection | None = None


def draw_entries(count: int) -> list[Entry]:
    """Draws scenes in normal form; every third entry has the drawing of the one before it."""
    form = NormalForm()
    scenes = [sample_scene(SEED, index) for index in range(count)]
    svgs = [canonical_svg(scene.svg, form).svg for scene in scenes]
    return [
        Entry(scene.id, svgs[place - (place % 3 == 2)], scene.questions) for place, scene in enumerate(scenes)
    ]


def load_judges(folder: str, search_px: int) -> tuple[Judges, str]:
    """Loads the trained judge, or one of the same shape with weights by chance; also says which."""
    if (find_asset(folder) / JUDGE_FILE).is_file():
        return load_embedded_judges(folder, search_px=search_px), folder
    recipe = read_recipe(JudgesRecipe, ROOT / "recipes" / "judges" / "embedded.yaml", [])
    width = 384
    with tempfile.TemporaryDirectory() as made:
        write_judge(Path(made), recipe, Temperatures(1.0, 1.0), width)
        save_weights(PictureReader(recipe.encoder, width), Path(made) / WEIGHTS_FILE)
        return load_embedded_judges(made, search_px=search_px), "weights by chance"


def find_ways() -> dict[str, Way]:
    """Returns the way of infer/score.py and that of the nano model's rewards."""
    nano = read_recipe(GrpoRecipe, ROOT / "recipes" / "grpo" / "nano.yaml", [])
    return {
        "score": Way(defend_image, ScoreRecipe().embedded.search_px),
        "reward": Way(defend_reduced, nano.embedded.search_px, nano.rewards.guards),
    }


def measure(
    name: str, way: Way, entries: list[Entry], pool: RenderPool, options: argparse.Namespace
) -> tuple[list[Score], dict[str, Any]]:
    """Scores all entries in one way; returns the scores and what they cost."""
    judges, which = load_judges(options.judge, way.search_px)
    guards = None if way.guards is None else Guards(way.guards, NormalForm(), judges)
    scorer = Scorer(judges, pool=pool, batch_size=options.batch_size, defend=way.defend)
    scorer.score(entries[: options.batch_size])  # starts workers and loads what is loaded late
    parts = measure_parts(entries[: options.parts_count], judges, pool, way.defend, guards)
    began, memory, scores = time.perf_counter(), [], []
    for number, score in enumerate(scorer.stream(entries), 1):
        scores.append(score)
        if number % max(1, options.count // 4) == 0:
            memory.append(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    seconds = time.perf_counter() - began
    together = sum(parts.values())
    lines = [f"{name}: {which}, defences {way.defend.__name__}, text searched at {way.search_px} px"]
    lines += [f"  {part:14}{1e3 * value:8.2f} ms{value / together:8.1%}" for part, value in parts.items()]
    lines += [
        f"  {options.count} drawings scored in {seconds:.1f} s, {1e3 * seconds / options.count:.2f} ms each",
        f"  peak memory at each quarter: {', '.join(map(str, memory))} MiB",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    milliseconds = {part: round(1e3 * value, 3) for part, value in parts.items()}
    return scores, {"seconds": round(seconds, 2), "parts_ms": milliseconds, "memory_mib": memory}


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
        for name, way in find_ways().items():
            scores[name], figures[name] = measure(name, way, entries, pool, options)
    figures["apart"] = compare_scores(scores["score"], scores["reward"])
    sys.stdout.write("".join(f"{name}: {value:.4f}\n" for name, value in figures["apart"].items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
