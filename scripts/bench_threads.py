"""What the way threads wait for each other costs nano, alone and beside a process that keeps one core busy.

python scripts/bench_threads.py [--rounds 3]

Each way has a process of its own, in turn. Written are tokens a second of drawing 4 and 64 captions at a time
with our decoder, and of training on batches of eight drawings; in brackets the ratio to the first way.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from svgtune.cli import run_script
from svgtune.threads import WAITING

CAPTIONS = Path(__file__).resolve().parent.parent / "benchmarks" / "embedded" / "benchmark.jsonl"
BUSY = "while True: pass"
WAYS = {
    "sleep at once": {"OMP_WAIT_POLICY": "PASSIVE"},
    "a thousand looks": WAITING,
    "libgomp's own": {},
}
TASKS = {"drawing 4": (4, 300), "drawing 64": (64, 60), "training": (0, 0)}
"""How many captions are drawn at a time, and how many tokens of each; none where updates are measured."""
UPDATES = 6


def measure() -> dict[str, float]:
    """Returns tokens a second of each task, in this process."""
    import torch

    from svgtune.config.generate import Sampling
    from svgtune.model.decoder import Decoder, Job
    from svgtune.model.load import load_base, load_tokenizer

    model, tokenizer = load_base("models/nano"), load_tokenizer("models/nano")
    captions = [json.loads(line)["prompt"] for line in CAPTIONS.read_text(encoding="utf-8").splitlines()]
    prompts = [tokenizer(caption)["input_ids"] for caption in captions]
    rates = {}
    for task, (rows, length) in TASKS.items():
        ids = torch.randint(100, 2000, (8, 200), generator=torch.Generator().manual_seed(0))
        optimiser = torch.optim.AdamW(model.parameters(), lr=0.0, fused=True)
        for _ in range(2):  # the first warms up
            began = time.perf_counter()
            if rows:
                jobs = [Job(k, prompts[k], [random.Random(k)], length) for k in range(rows)]
                options = Sampling(temperature=0, batch_size=rows)
                tokens = sum(
                    len(written.tokens) for written in Decoder(model.eval(), []).write(jobs, options)
                )
            else:
                for _ in range(UPDATES):
                    model.train()(input_ids=ids, labels=ids).loss.backward()
                    optimiser.step()
                    optimiser.zero_grad()
                tokens = ids.numel() * UPDATES
            rates[task] = tokens / (time.perf_counter() - began)
    return rates


def main() -> int:
    """Measures every way under both conditions and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured; 3")
    options = parser.parse_args()
    plain = {name: value for name, value in os.environ.items() if name not in WAITING}
    for condition in ("alone", "one core busy"):
        found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        busy = subprocess.Popen([sys.executable, "-c", BUSY]) if condition != "alone" else None
        try:
            for _ in range(options.rounds):
                for way, settings in WAYS.items():
                    command = [sys.executable, __file__, "--here"]
                    done = subprocess.run(
                        command, stdout=subprocess.PIPE, text=True, check=True, env={**plain, **settings}
                    )
                    found[way].append(json.loads(done.stdout))
        finally:
            if busy is not None:
                busy.kill()
                busy.wait()
        first: dict[str, float] = {}
        for way, rounds in found.items():
            rates = {task: statistics.median(own[task] for own in rounds) for task in TASKS}
            first = first or rates
            figures = [f"{task} {rate:6.0f} (x {rate / first[task]:.2f})" for task, rate in rates.items()]
            sys.stdout.write(f"{condition:14} {way:17} {'  '.join(figures)} tokens/s\n")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--here"]:  # under the settings it was given, where run_script would add ours
        sys.stdout.write(json.dumps(measure()))
    else:
        run_script(main)
