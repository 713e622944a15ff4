"""One way of drawing, measured in this process: start-up, tokens and valid drawings a second, memory."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from svgtune.config.generate import GenerateRecipe
from svgtune.generate.draw import draw_prompts, load_choosing_judges
from svgtune.generate.drawings import read_drawings
from svgtune.generate.engine import Engine, Request
from svgtune.generate.loading import choose_model, load_engine
from svgtune.generate.prompts_file import Prompt
from svgtune.metric.judges import Judges
from svgtune.svg.repair import Validity, read_drawing

_GIB = 1 << 30


def measure_way(
    recipe: GenerateRecipe, captions: Sequence[str], batches: Sequence[int], rounds: int
) -> dict[str, Any]:
    """Draws with one engine at each batch size, after one drawing that is not counted.

    Args:
        recipe: Where judges choose, reading, rendering, judging and writing are in the time, all candidates'
            tokens count, and of the drawings the chosen ones. Else nothing is rendered.
        captions: They are taken from the front.
        batches: Drawings in the making at the same time.
        rounds: How many times as many drawings each size makes.

    Returns:
        ``start_s``, from the beginning of this process; ``memory_gib``, the peak with child processes, pages
        that they share divided; ``batches``, for each size its ``drawings``, ``valid_per_s`` and
        ``tokens_per_s``.
    """
    peak = [0]
    threading.Thread(target=_watch_memory, args=(peak,), daemon=True).start()
    recipe = _set_batch(recipe, max(batches))
    engine, judges = load_engine(recipe, choose_model(recipe)), load_choosing_judges(recipe)
    found: dict[str, Any] = {"start_s": time.time() - psutil.Process().create_time(), "batches": {}}
    list(engine.generate([Request("warm", captions[0], 0)], recipe.sampling))
    for batch in batches:
        some = captions[: max(1, batch * rounds // recipe.sampling.n)]
        own = _set_batch(recipe, batch)
        began = time.perf_counter()
        valid, tokens = _draw_chosen(engine, own, some, judges) if judges else _draw_all(engine, own, some)
        seconds = time.perf_counter() - began
        found["batches"][batch] = {
            "drawings": len(some),
            "valid_per_s": valid / seconds,
            "tokens_per_s": tokens / seconds,
        }
    found["memory_gib"] = peak[0] / _GIB
    return found


def _set_batch(recipe: GenerateRecipe, batch: int) -> GenerateRecipe:
    sampling = recipe.sampling.model_copy(update={"batch_size": batch})
    return recipe.model_copy(update={"sampling": sampling})


def _draw_all(engine: Engine, recipe: GenerateRecipe, captions: Sequence[str]) -> tuple[int, int]:
    """Returns how many drawings are strictly valid, and the tokens of all."""
    asked = [Request(str(k), caption, k) for k, caption in enumerate(captions)]
    drawn = list(engine.generate(asked, recipe.sampling))
    read = [read_drawing(one.text, recipe.normal_form).validity for one in drawn]
    return read.count(Validity.STRICT), sum(one.tokens for one in drawn)


def _draw_chosen(
    engine: Engine, recipe: GenerateRecipe, captions: Sequence[str], judges: Judges
) -> tuple[int, int]:
    """Returns how many chosen drawings are strictly valid, and the tokens of all candidates."""
    prompts = [Prompt(str(k), caption) for k, caption in enumerate(captions)]
    with tempfile.TemporaryDirectory() as made:
        tokens, _ = draw_prompts(prompts, engine, recipe, Path(made), judges)
        valid = sum(one.validity is Validity.STRICT for one in read_drawings(Path(made)))
    return valid, tokens


def _watch_memory(peak: list[int]) -> None:
    """Keeps the most bytes that this process and its children take."""
    own = psutil.Process()
    while True:
        try:
            taken = sum(one.memory_full_info().pss for one in (own, *own.children(recursive=True)))
            peak[0] = max(peak[0], taken)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            pass  # one of them ended while it was looked at
        time.sleep(0.5)
