"""vLLM's own OpenAI server as a process that ends when its parent is gone."""

from __future__ import annotations

import os
import signal
import threading
import time


def main() -> None:
    """Runs vLLM's server; the command line is its own."""
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    # Not vllm.entrypoints.openai.api_server, which leads here and says that it will go.
    from vllm.entrypoints.launchers.api_server.entry import main as serve

    serve()


def _watch_parent(pid: int) -> None:
    while os.getppid() == pid:
        time.sleep(1.0)
    os.killpg(0, signal.SIGKILL)  # its engine is a process of the same group


if __name__ == "__main__":
    main()
