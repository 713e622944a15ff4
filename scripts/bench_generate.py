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
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from svgtune.config.generate import GenerateRecipe
    from svgtune.generate.engine import Engine
    from svgtune.metric.judges import Judges

CAPTIONS = Path(__file__).resolve().parent.parent / "benchmarks" / "embedded" / "benchmark.jsonl"
# A way is a recipe of infer/generate.py. The word ADAPTER stands for a new adapter, which changes no drawing.
WAYS: dict[str, dict[str, Any]] = {
    "transformers": {"engine": "transformers", "grammar": False},
    "transformers + grammar": {"engine": "transformers"},
    "vLLM": {"engine": "vllm", "grammar": False},
    "vLLM + LoRA": {"engine": "vllm", "grammar": False, "adapter": "ADAPTER"},
    "vLLM + grammar": {"engine": "vllm"},
    "vLLM + grammar, best of 8": {"engine": "vllm", "select": {"by": "judges"}},
}
BEST_OF = 8
GIB = 1 << 30


def watch_memory(peak: list[int]) -> None:
    """Keeps the most bytes that this process and its children take; pages that they share are divided."""
    own = psutil.Process()
    while True:
        try:
            taken = sum(one.memory_full_info().pss for one in (own, *own.children(recursive=True)))
            peak[0] = max(peak[0], taken)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            pass  # one of them ended while it was looked at
        time.sleep(0.5)


def measure_way(values: dict[str, Any], batches: list[int], rounds: int) -> dict[str, Any]:
    """Draws with one engine at each batch size, after one drawing that is not counted."""
    peak = [0]
    threading.Thread(target=watch_memory, args=(peak,), daemon=True).start()

    from svgtune.config.generate import GenerateRecipe
    from svgtune.generate.draw import load_choosing_judges
    from svgtune.generate.engine import Request
    from svgtune.generate.loading import choose_model, load_engine

    n = BEST_OF if "select" in values else 1
    recipe = GenerateRecipe(**values, sampling={"batch_size": max(batches), "temperature": 1.0, "n": n})
    engine, judges = load_engine(recipe, choose_model(recipe)), load_choosing_judges(recipe)
    found: dict[str, Any] = {"start_s": time.time() - psutil.Process().create_time(), "batches": {}}
    captions = [json.loads(line)["prompt"] for line in CAPTIONS.read_text(encoding="utf-8").splitlines()]
    list(engine.generate([Request("warm", captions[0], 0)], recipe.sampling))
    for batch in batches:
        own = recipe.model_copy(update={"sampling": recipe.sampling.model_copy(update={"batch_size": batch})})
        some = captions[: max(1, batch * rounds // n)]
        began = time.perf_counter()
        strict, tokens = draw_chosen(engine, own, some, judges) if judges else draw_plainly(engine, own, some)
        seconds = time.perf_counter() - began
        found["batches"][batch] = {
            "drawings": len(some), "valid_per_s": strict / seconds, "tokens_per_s": tokens / seconds
        }  # fmt: skip
    found["memory_gib"] = peak[0] / GIB
    return found


def draw_plainly(engine: Engine, recipe: GenerateRecipe, captions: list[str]) -> tuple[int, int]:
    """Returns how many drawings are strictly valid, and the tokens of all; nothing is rendered."""
    from svgtune.generate.engine import Request
    from svgtune.svg.repair import Validity, read_drawing

    asked = [Request(str(k), caption, k) for k, caption in enumerate(captions)]
    drawn = list(engine.generate(asked, recipe.sampling))
    read = [read_drawing(one.text, recipe.normal_form).validity for one in drawn]
    return read.count(Validity.STRICT), sum(one.tokens for one in drawn)


def draw_chosen(
    engine: Engine, recipe: GenerateRecipe, captions: list[str], judges: Judges
) -> tuple[int, int]:
    """Returns how many chosen drawings are strictly valid, and the tokens of all candidates."""
    from svgtune.generate.draw import draw_prompts
    from svgtune.generate.drawings import read_drawings
    from svgtune.generate.prompts_file import Prompt
    from svgtune.svg.repair import Validity

    prompts = [Prompt(str(k), caption) for k, caption in enumerate(captions)]
    with tempfile.TemporaryDirectory() as made:
        tokens, _ = draw_prompts(prompts, engine, recipe, Path(made), judges)
        strict = sum(one.validity is Validity.STRICT for one in read_drawings(Path(made)))
    return strict, tokens


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
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--rounds", type=int, default=4, help="how many batches of each size; 4")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--recipe", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.recipe:
        sys.stdout.write(json.dumps(measure_way(options.recipe, options.batches, options.rounds)))
        return 0
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as made:
        save_adapter(options.model, made)
        for way in options.ways:
            recipe = json.dumps({"model": options.model, **WAYS[way]}).replace("ADAPTER", made)
            words = ["--recipe", recipe, "--rounds", str(options.rounds), "--batches"]
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
    sys.exit(main())
