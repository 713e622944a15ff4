"""Tokens a second of training a model of nano's shape: packed rows, batches of like length, compiled ones."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from itertools import chain, islice
from pathlib import Path

from svgtune.cli import run_script

ROOT = Path(__file__).resolve().parent.parent
WAYS: dict[str, dict[str, bool]] = {
    "packed rows": {"packed": True},
    "batches of like length": {},
    "the same, compiled": {"compiled": True},
    "compiled, attention too": {"compiled": True, "plain": True},
}
BATCHES, BATCH_TOKENS, ROW_TOKENS, WARM_UP = 12, 2304, 640, 4


def measure_way(packed: bool = False, compiled: bool = False, plain: bool = False) -> float:
    """Trains random weights on scenes; returns tokens a second, without padding and the first steps.

    In the precision that the machine has, as training does; ``plain`` leaves attention to the compiler.
    """
    import torch

    from svgtune.config.pretrain import PretrainRecipe
    from svgtune.model.batches import SceneBatches, build_batch, split_documents
    from svgtune.model.load import load_tokenizer
    from svgtune.model.nano import build_nano
    from svgtune.model.precision import choose_precision

    recipe = PretrainRecipe()
    tokenizer = load_tokenizer(str(ROOT / "models" / "nano"))
    stream = SceneBatches(
        tokenizer, recipe.scenes, recipe.normal_form, seed=1, batch_tokens=BATCH_TOKENS, max_tokens=ROW_TOKENS
    )
    documents = list(islice(stream.encode_scenes(), BATCHES * BATCH_TOKENS // 200))
    if packed:
        ids, labels = (list(chain(*(document[k] for document in documents))) for k in (0, 1))
        starts = range(0, len(ids) - ROW_TOKENS + 1, ROW_TOKENS)
        rows = [(ids[start : start + ROW_TOKENS], labels[start : start + ROW_TOKENS]) for start in starts]
        parts = [
            rows[k : k + BATCH_TOKENS // ROW_TOKENS] for k in range(0, len(rows), BATCH_TOKENS // ROW_TOKENS)
        ]
    else:
        parts = split_documents(documents, BATCHES)
    torch.manual_seed(0)
    model = build_nano(recipe.architecture, tokenizer)
    if plain:
        model.set_attn_implementation("eager")
    forward = torch.compile(model) if compiled else model
    precision = choose_precision("auto", "cpu")
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    began, tokens = 0.0, 0
    for step, part in enumerate([*parts[:WARM_UP], *parts]):
        if step == WARM_UP:
            began = time.perf_counter()
        batch = build_batch(part, tokenizer.pad_token_id)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision.name == "bf16"):
            loss = forward(**batch).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        tokens += sum(len(ids) for ids, _ in part) if step >= WARM_UP else 0
    return tokens / (time.perf_counter() - began)


def main() -> int:
    """Runs each way in turn, in a process of its own, and prints the medians and their ratio to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured; 3")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        sys.stdout.write(json.dumps(measure_way(**WAYS[options.way])))
        return 0
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way, rates in found.items():
            command = [sys.executable, __file__, "--way", way]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            rates.append(float(done.stdout))
    first = statistics.median(next(iter(found.values())))
    for way, rates in found.items():
        rate = statistics.median(rates)
        sys.stdout.write(f"{way:30} {rate:7.0f} tokens/s  x {rate / first:.2f}\n")
    return 0


if __name__ == "__main__":
    run_script(main)
