"""Asks a server many times at once, a tenth of it badly, and counts what comes back.

python scripts/bench_serve.py [--requests 1000] [--at_once 64] [--engine transformers] [--KEY VALUE]

The server is one of its own, told to stop at the end; further keys are those of infer/serve.py. Good requests
are captions of benchmarks/embedded, some of which try to end their turn; bad ones are empty, of 10,000
characters, of control characters, or hang up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from svgtune.cli import run_script
from svgtune.serve.benchmark import load_server

ROOT = Path(__file__).resolve().parent.parent
CAPTIONS = ROOT / "benchmarks" / "embedded" / "benchmark.jsonl"
ENTRY = ROOT / "infer" / "serve.py"


def main() -> int:
    """Prints the figures; the status is 1 where anything was invalid, lost or wrong, the stop included."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--at_once", type=int, default=64)
    options, words = parser.parse_known_args()
    captions = [json.loads(line)["prompt"] for line in CAPTIONS.read_text(encoding="utf-8").splitlines()]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(ENTRY), "--port", str(port), *words])
    try:
        process = psutil.Process(server.pid)
        base = f"http://127.0.0.1:{port}"
        figures = asyncio.run(load_server(base, process, captions, options.requests, options.at_once))
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=120)
    figures["exit_status"] = status
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["wrong"] or status else 0


if __name__ == "__main__":
    run_script(main)
