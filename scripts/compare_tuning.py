"""Draws and scores the same prompts with several models, and writes one table of what each is worth.

python scripts/compare_tuning.py sft=runs/nano_lora best=runs/nano_best_of dpo=runs/nano_dpo
    grpo=runs/nano_grpo --prompts benchmarks/embedded/benchmark.jsonl --output runs/compared
    --embedded models/judges models/judges/held_out

Each name is followed by an adapter's folder or a model's, or by one that infer/generate.py has filled with
drawings of these prompts. The questions of a .jsonl file of prompts go on to the judges. Differences are to
the first, prompt by prompt.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from svgtune.assets import find_asset
from svgtune.cli import run_script
from svgtune.config import GenerateRecipe, read_recipe
from svgtune.config.score import ScoreRecipe
from svgtune.errors import InputError
from svgtune.generate import draw
from svgtune.generate.drawings import DRAWINGS_FILE
from svgtune.metric.scoring import stage
from svgtune.metric.scoring.comparison import compare_totals, format_comparison
from svgtune.metric.scoring.rows import QUESTION_KEYS
from svgtune.metric.scoring.scores import read_totals
from svgtune.runs import check_output, write_json_atomic, write_text_atomic


def read_contenders(words: list[str]) -> dict[str, Path]:
    """Reads NAME=FOLDER words."""
    found: dict[str, Path] = {}
    for word in words:
        name, equals, folder = word.partition("=")
        if not (name and equals and folder) or name in found or Path(name).name != name:
            raise InputError(f"{word}: is not NAME=FOLDER with a name of its own; write sft=runs/nano_lora")
        if not find_asset(folder).is_dir():
            raise InputError(f"{word}: there is no folder {folder}; give an adapter's, a model's or a run's")
        found[name] = find_asset(folder)
    return found


def find_questions(prompts: Path) -> Path | None:
    """Returns the file of prompts where it brings questions; None where they are to be made by rule."""
    file = find_asset(prompts)
    first = file.read_text(encoding="utf-8").partition("\n")[0] if file.suffix == ".jsonl" else "{}"
    return file if json.loads(first).keys() & set(QUESTION_KEYS[0]) else None


def draw_prompts(folder: Path, output: Path, options: argparse.Namespace) -> Path:
    """Draws the prompts with one model; returns where the drawings are, which may be there already."""
    if (folder / DRAWINGS_FILE).is_file():
        return folder
    recipe = read_recipe(GenerateRecipe, find_asset(options.generate), options.draw)
    place = "adapter" if (folder / "adapter_config.json").is_file() else "model"
    recipe = recipe.model_copy(update={"prompts": (str(options.prompts),), place: str(folder)})
    draw.run(recipe, output, resume=options.resume)
    return output


def compare(
    contenders: dict[str, Path], drawn: dict[str, Path], judge: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Scores the drawings of all contenders by one judge, and compares them."""
    keys = [*options.judge, *(["--embedded.folder", judge] if judge else [])]
    recipe = read_recipe(ScoreRecipe, find_asset(options.score), keys)
    judges = stage.load_judges(recipe)
    folders = {name: options.output / name / f"scored{judge.replace('/', '-')}" for name in contenders}
    for name, folder in folders.items():
        where = {"drawings": drawn[name], "questions": find_questions(options.prompts)}
        stage.run(recipe.model_copy(update=where), folder, resume=options.resume, judges=judges)
    figures = compare_totals({name: read_totals(folder) for name, folder in folders.items()})
    for name, folder in folders.items():
        metrics = contenders[name] / "metrics.json"
        training = json.loads(metrics.read_text(encoding="utf-8")) if metrics.is_file() else {}
        figures[name]["training"] = {key: training.get(key) for key in ("seconds", "tokens", "steps")}
        figures[name]["summary"] = json.loads((folder / stage.SUMMARY_FILE).read_text(encoding="utf-8"))
    return figures


def main() -> int:
    """Compares, and writes comparison.md and comparison.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contenders", nargs="+", metavar="NAME=FOLDER", help="adapters, models or drawings")
    parser.add_argument("--prompts", type=Path, required=True, help=".txt or .jsonl, as infer/generate.py")
    parser.add_argument("--output", type=Path, required=True, help="folder of the results")
    parser.add_argument("--generate", default="recipes/generate/nano.yaml", help="recipe of the drawing")
    parser.add_argument("--score", default="recipes/score/embedded.yaml", help="recipe of the scoring")
    parser.add_argument("--draw", action="append", default=[], help="key of the first: --draw=--sampling.n=4")
    parser.add_argument("--judge", action="append", default=[], help="key of the second, likewise")
    parser.add_argument(
        "--embedded", nargs="+", default=[""], metavar="FOLDER", help="embedded judges, a table for each"
    )
    parser.add_argument("--resume", action="store_true", help="go on with what is there")
    options = parser.parse_args()
    contenders = read_contenders(options.contenders)
    check_output(options.output, resume=options.resume, overwrite=False)
    drawn = {
        name: draw_prompts(folder, options.output / name / "drawn", options)
        for name, folder in contenders.items()
    }
    figures = {judge: compare(contenders, drawn, judge, options) for judge in options.embedded}
    tables = [f"{judge}\n\n{format_comparison(own)}".lstrip() for judge, own in figures.items()]
    write_text_atomic(options.output / "comparison.md", "\n".join(tables))
    write_json_atomic(options.output / "comparison.json", figures)
    sys.stdout.write("\n".join(tables))
    return 0


if __name__ == "__main__":
    run_script(main)
