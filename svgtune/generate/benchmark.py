"""One way of drawing, measured in this process: start-up, tokens and valid drawings a second, memory."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from svgtune.config.generate import GenerateRecipe, Sampling
from svgtune.generate.draw import draw_prompts, load_choosing_judges
from svgtune.generate.drawings import read_drawings
from svgtune.generate.engine import Completion, Engine, Request
from svgtune.generate.loading import choose_model, load_engine
from svgtune.generate.prompts_file import Prompt
from svgtune.metric.judges import Judges
from svgtune.model.load import read_answer
from svgtune.svg.repair import Validity, read_drawing

_GIB = 1 << 30


def measure_way(
    recipe: GenerateRecipe,
    captions: Sequence[str],
    batches: Sequence[int],
    rounds: int,
    *,
    plain: bool = False,
) -> dict[str, Any]:
    """Draws with one engine at each batch size, after one drawing that is not counted.

    Args:
        recipe: Where judges choose, reading, rendering, judging and writing are in the time, all candidates'
            tokens count, and of the drawings the chosen ones. Else nothing is rendered.
        captions: They are taken from the front.
        batches: Drawings in the making at the same time.
        rounds: How many times as many drawings each size makes.
        plain: Draw by transformers' own ``generate`` instead of the recipe's engine.

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
    if plain:
        engine = _PlainEngine(engine)
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


class _PlainEngine:
    """``model.generate``: a batch runs until its longest drawing ends, and only then the next one begins.

    Args:
        engine: Has loaded the model.
    """

    def __init__(self, engine: Any) -> None:
        self._model, self._encoder = engine.model, engine.encoder
        self._stop_ids, self._context_tokens = sorted(engine.stop_ids), engine.context_tokens

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        """Yields completions batch by batch; seeds are not kept."""
        tokenizer = self._encoder.tokenizer
        for first in range(0, len(requests), options.batch_size):
            some = requests[first : first + options.batch_size]
            prompts = [list(self._encoder.encode(one.prompt).ids) for one in some]
            read = tokenizer.pad({"input_ids": prompts}, padding_side="left", return_tensors="pt")
            width = read["input_ids"].shape[1]
            began = time.perf_counter()
            written = self._model.generate(
                **read,
                do_sample=True,
                temperature=options.heat,
                top_k=0,
                top_p=1.0,
                max_new_tokens=min(options.max_new_tokens, self._context_tokens - width),
                eos_token_id=self._stop_ids,
                pad_token_id=self._stop_ids[0],
            )
            for one, row in zip(some, written[:, width:].tolist(), strict=True):
                text, length = read_answer(tokenizer, row, self._stop_ids)
                yield Completion(one.id, 0, text, length, time.perf_counter() - began, "stop")


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
