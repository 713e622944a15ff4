"""Tokens and valid drawings a second of every way of drawing at several batch sizes, in one run.

python scripts/bench_generate.py [--ways vLLM "vLLM + LoRA"] [--batches 1 16 64] [--rounds 4]

Each way has a process of its own. Captions are those of benchmarks/embedded, at temperature 1. Start-up is
the time until the first request can be asked, imports included; memory is the peak, child processes included.
A batch is the number of drawings in the making. Of the best of eight all candidates' tokens count, but only
the chosen drawings, and reading, rendering, judging and writing are in the time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from svgtune.cli import run_script

CAPTIONS = Path(__file__).resolve().parent.parent / "benchmarks" / "embedded" / "benchmark.jsonl"
# A way is a recipe of infer/generate.py, but for the key plain: transformers' own loop in place of our
# decoder. The word ADAPTER stands for a new adapter, which changes no drawing.
WAYS: dict[str, dict[str, Any]] = {
    "transformers' generate()": {"engine": "transformers", "grammar": False, "plain": True},
    "transformers": {"engine": "transformers", "grammar": False},
    "transformers + grammar": {"engine": "transformers"},
    "vLLM": {"engine": "vllm", "grammar": False},
    "vLLM + LoRA": {"engine": "vllm", "grammar": False, "adapter": "ADAPTER"},
    "vLLM + grammar": {"engine": "vllm"},
    "vLLM + xgrammar": {"engine": "vllm", "vllm": {"grammar_backend": "xgrammar"}},
    "vLLM + grammar, best of 8": {"engine": "vllm", "select": {"by": "judges"}},
}
BEST_OF = 8


def measure(values: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Measures one way in this process."""
    from svgtune.assets import find_asset
    from svgtune.config import GenerateRecipe, read_recipe
    from svgtune.generate.benchmark import measure_way

    shipped = read_recipe(GenerateRecipe, find_asset(options.generate), []).model_dump()
    sampling = shipped["sampling"] | {"temperature": 1.0, "n": BEST_OF if "select" in values else 1}
    is_plain = values.pop("plain", False)
    recipe = GenerateRecipe.model_validate({**shipped, **values, "sampling": sampling})
    captions = [json.loads(line)["prompt"] for line in CAPTIONS.read_text(encoding="utf-8").splitlines()]
    return measure_way(recipe, captions, options.batches, options.rounds, plain=is_plain)


def save_adapter(model: str, folder: str) -> None:
    """Saves a new adapter of the usual shape."""
    from peft import get_peft_model

    from svgtune.config.tuning import LoraSection
    from svgtune.model.load import load_base
    from svgtune.model.lora import build_lora_config

    get_peft_model(load_base(model), build_lora_config(LoraSection())).save_pretrained(folder)


def main() -> int:
    """Measures each way in turn and prints a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--model", default="models/nano-drawing")
    parser.add_argument("--generate", default="recipes/generate/nano.yaml", help="recipe of its drawings")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--rounds", type=int, default=4, help="how many batches of each size; 4")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--recipe", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.recipe:
        sys.stdout.write(json.dumps(measure(options.recipe, options)))
        return 0
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as made:
        save_adapter(options.model, made)
        for way in options.ways:
            recipe = json.dumps({"model": options.model, **WAYS[way]}).replace("ADAPTER", made)
            words = ["--recipe", recipe, "--generate", options.generate]
            words += ["--rounds", str(options.rounds), "--batches"]
            command = [sys.executable, __file__, *words, *map(str, options.batches)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            own = figures[way] = json.loads(done.stdout.splitlines()[-1])
            sys.stdout.write(f"{way:26} start {own['start_s']:5.1f} s, memory {own['memory_gib']:5.2f} GiB")
            for size, at in own["batches"].items():
                sys.stdout.write(
                    f" | {size:>2}: {at['tokens_per_s']:6.0f} tokens/s {at['valid_per_s']:6.2f} valid/s"
                )
            sys.stdout.write("\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    run_script(main)
