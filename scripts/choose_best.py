"""Chooses the best of the first 1, 2, 4, ... candidates of each prompt, as infer/generate.py would have.

python infer/generate.py --prompts benchmarks/embedded/benchmark.jsonl --n 32 --all --temperature 1
    --output runs/all
python scripts/choose_best.py --drawings runs/all --output runs/best
python scripts/compare_tuning.py 1=runs/best/1 8=runs/best/8 --prompts benchmarks/embedded/benchmark.jsonl
    --embedded models/judges models/judges/held_out --output runs/best_compared

Every candidate is scored once, with questions made of its prompt by rule; each number has a folder of its
own, named after it. Keys of the recipe that names the judges may follow: --select.max_questions 4.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from svgtune.assets import find_asset
from svgtune.cli import run_script
from svgtune.config import GenerateRecipe, read_recipe
from svgtune.errors import InputError
from svgtune.generate.draw import build_chooser, load_named_judges, name_alone
from svgtune.generate.drawings import DRAWINGS_FILE, Drawing, read_drawings
from svgtune.generate.select import Candidate, Chooser, select_best
from svgtune.render.pool import RenderPool
from svgtune.runs import check_output, write_text_atomic


def read_groups(folder: Path, most: int) -> list[list[Drawing]]:
    """Reads the first candidates of each prompt, in their order."""
    groups: defaultdict[str, list[Drawing]] = defaultdict(list)
    for drawing in read_drawings(folder):
        groups[drawing.prompt_id].append(drawing)
    for name, group in groups.items():
        if len(group) < most:
            raise InputError(
                f"{folder}: {name} has {len(group)} drawings, and the best of {most} is asked for; draw with "
                f"--n {most} --all, or give fewer with --counts"
            )
    return [sorted(group, key=lambda one: one.candidate)[:most] for group in groups.values()]


def rate(groups: Sequence[list[Drawing]], chooser: Chooser, pool: RenderPool) -> Iterator[list[Candidate]]:
    """Yields the candidates of each prompt with their scores, and without their pictures."""
    for group in tqdm(groups, unit="prompt", desc="choose", disable=None):
        drawn = pool.imap(one.svg for one in group if one.svg is not None)
        alone = [[Candidate(one, None if one.svg is None else next(drawn))] for one in group]
        yield [replace(one, picture=None) for one in chooser.choose(alone)]


def main() -> int:
    """Writes a table of drawings for each number of candidates."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--drawings", type=Path, required=True, help="folder of infer/generate.py --all")
    parser.add_argument("--output", type=Path, required=True, help="folder of the results")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--generate", default="recipes/generate/nano.yaml", help="recipe that names judges")
    options, overrides = parser.parse_known_args()
    check_output(options.output, resume=False, overwrite=False)
    recipe = read_recipe(GenerateRecipe, find_asset(options.generate), overrides)
    groups = read_groups(options.drawings, max(options.counts))
    judges = load_named_judges(recipe)
    with RenderPool(workers=recipe.render_workers) as pool:
        rated = list(rate(groups, build_chooser(recipe, judges, pool), pool))
    for count in options.counts:
        best = [name_alone(select_best(group[:count])).drawing for group in rated]
        folder = options.output / str(count)
        folder.mkdir(parents=True)
        write_text_atomic(folder / DRAWINGS_FILE, "".join(f"{one.to_json()}\n" for one in best))
    return 0


if __name__ == "__main__":
    run_script(main)
