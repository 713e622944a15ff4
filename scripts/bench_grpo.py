"""Measures a GRPO step against a plain TRL loop: TRL's generation and padding, drawings judged one by one.

python scripts/bench_grpo.py --start_from runs/nano_lora [--steps 8]

Both train the same model on the same captions with the same settings (recipes/grpo/nano.yaml), one after the
other; the figures are means over optimiser steps. The plain loop draws with svg2png in this process,
without a limit of time: it is here to be measured, not to be used.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from unittest import mock

from trl import GRPOTrainer

from svgtune.cli import run_script
from svgtune.config.grpo import GrpoRecipe
from svgtune.config.loader import read_recipe
from svgtune.metric.embedded.loading import load_embedded_judges
from svgtune.model import grpo
from svgtune.model.grpo_trainer import DrawingTrainer
from svgtune.model.report import HISTORY_FILE
from svgtune.rewards.benchmark import PlainRewards

NANO = Path(__file__).resolve().parent.parent / "recipes" / "grpo" / "nano.yaml"
PARTS = ("generate", "reward", "update")


def measure(recipe: GrpoRecipe, folder: Path, *, plain: bool) -> dict[str, float]:
    """Trains, and returns the mean seconds of a step and of its parts."""
    if plain:
        read = "_get_per_token_logps_and_entropies"
        with (
            mock.patch("svgtune.model.grpo_trainer.can_write", return_value=False),
            mock.patch.object(DrawingTrainer, read, getattr(GRPOTrainer, read)),
        ):
            grpo.run(recipe, folder, rewards=PlainRewards(load_embedded_judges()))
    else:
        grpo.run(recipe, folder)
    history = json.loads((folder / HISTORY_FILE).read_text(encoding="utf-8"))["log_history"]
    steps = [entry for entry in history if f"step_seconds/{PARTS[0]}" in entry]
    # The first round loads what is loaded late.
    round_steps = recipe.trainer["steps_per_generation"] // recipe.trainer["gradient_accumulation_steps"]
    later = steps[round_steps:] or steps
    parts = {part: statistics.mean(entry[f"step_seconds/{part}"] for entry in later) for part in PARTS}
    return parts | {"step": sum(parts.values())}


def main() -> int:
    """Measures and writes the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--start_from", default="null", help="adapter to begin with; none, the base")
    parser.add_argument("--steps", type=int, default=8, help="optimiser steps of each; 8")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    words = ["--start_from", options.start_from, "--trainer.max_steps", str(options.steps)]
    words += ["--data.max_held_out", "1", "--drawings.prompts", "[]"]
    recipe = read_recipe(GrpoRecipe, NANO, words)
    with tempfile.TemporaryDirectory() as made:
        figures = {
            name: measure(recipe, Path(made, name), plain=plain)
            for name, plain in (("svgtune", False), ("plain", True))
        }
    lines = [f"{'':10}" + "".join(f"{part:>10}" for part in (*PARTS, "step"))]
    lines += [f"{name:10}" + "".join(f"{s:9.2f}s" for s in own.values()) for name, own in figures.items()]
    ratio = figures["plain"]["step"] / figures["svgtune"]["step"]
    lines.append(f"a step takes the plain loop {ratio:.2f} times as long")
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    run_script(main)
