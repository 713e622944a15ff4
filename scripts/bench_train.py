"""Tokens a second of training a model of nano's shape, eager and compiled."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

WAYS: dict[str, dict[str, bool]] = {"eager": {}, "compiled": {"compile": True}}
ROWS, LENGTH, VOCABULARY = 8, 640, 2816


def measure_way(compile: bool = False, steps: int = 6) -> float:  # noqa: A002
    """Trains random weights on random tokens; returns tokens a second of the median step after two."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from svgtune.config.pretrain import ArchitectureSection

    torch.manual_seed(0)
    shape = ArchitectureSection()
    config = Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=shape.hidden_size, intermediate_size=shape.mlp_size,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads, tie_word_embeddings=True, use_cache=False,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config)
    forward = torch.compile(model, dynamic=False) if compile else model
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    tokens = torch.randint(0, VOCABULARY, (ROWS, LENGTH))
    seconds = []
    for _ in range(steps + 2):
        began = time.perf_counter()
        forward(input_ids=tokens, labels=tokens).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        seconds.append(time.perf_counter() - began)
    return ROWS * LENGTH / statistics.median(seconds[2:])


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
            environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            rates.append(float(done.stdout))
    first = statistics.median(found["eager"])
    for way, rates in found.items():
        rate = statistics.median(rates)
        sys.stdout.write(f"{way:30} {rate:7.0f} tokens/s  x {rate / first:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
