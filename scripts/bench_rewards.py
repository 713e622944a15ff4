"""Measures what scoring costs: the embedded judges on many drawings, whole and part by part, time and memory.

python scripts/bench_rewards.py [--count 2048] [--judge models/judges]

Where no judge has been trained yet, weights by chance take its place: the time does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from svgtune.assets import find_asset
from svgtune.config.form import NormalForm
from svgtune.config.judges import JudgesRecipe
from svgtune.config.loader import read_recipe
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.embedded.benchmark import measure_parts
from svgtune.metric.embedded.calibration import Temperatures
from svgtune.metric.embedded.loading import DEFAULT_FOLDER, JUDGE_FILE, load_embedded_judges, write_judge
from svgtune.metric.inversion.network import PictureReader, save_weights
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Scorer
from svgtune.render.pool import RenderPool
from svgtune.svg.canonical import canonical_svg

SEED = 720_000_001
ROOT = Path(__file__).resolve().parent.parent


def draw_entries(count: int) -> list[Entry]:
    """Draws scenes in normal form."""
    form = NormalForm()
    scenes = (sample_scene(SEED, index) for index in range(count))
    return [Entry(scene.id, canonical_svg(scene.svg, form).svg, scene.questions) for scene in scenes]


def load_judges(folder: str) -> tuple[Judges, str]:
    """Loads the trained judge, or one of the same shape with weights by chance; also says which."""
    if (find_asset(folder) / JUDGE_FILE).is_file():
        return load_embedded_judges(folder), folder
    recipe = read_recipe(JudgesRecipe, ROOT / "recipes" / "judges" / "embedded.yaml", [])
    width = 384
    with tempfile.TemporaryDirectory() as made:
        write_judge(Path(made), recipe, Temperatures(1.0, 1.0), width)
        save_weights(PictureReader(recipe.encoder, width), Path(made) / "judge.safetensors")
        return load_embedded_judges(made), "weights by chance"


def main() -> int:
    """Measures and writes the table."""
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
    judges, which = load_judges(options.judge)
    entries = draw_entries(options.count)
    with RenderPool() as pool:
        scorer = Scorer(judges, pool=pool, batch_size=options.batch_size)
        scorer.score(entries[: options.batch_size])  # starts workers and loads what is loaded late
        parts = measure_parts(entries[: options.parts_count], judges, pool)
        began, memory = time.perf_counter(), []
        for number, _ in enumerate(scorer.stream(entries), 1):
            if number % (options.count // 4) == 0:
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        seconds = time.perf_counter() - began
    lines = [f"judge: {which}", f"{'part':12}{'ms a drawing':>14}{'share':>8}"]
    together = sum(parts.values())
    lines += [f"{name:12}{1e3 * value:14.2f}{value / together:8.1%}" for name, value in parts.items()]
    lines += [
        f"{options.count} drawings scored in {seconds:.1f} s, {1e3 * seconds / options.count:.2f} ms each",
        "peak memory at each quarter: " + ", ".join(f"{mib:.0f}" for mib in memory) + " MiB",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json:
        figures: dict[str, Any] = {"judge": which, "count": options.count, "seconds": round(seconds, 2)}
        figures |= {"parts_ms": {name: round(1e3 * value, 3) for name, value in parts.items()}}
        options.json.write_text(json.dumps(figures | {"memory_mib": memory}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
