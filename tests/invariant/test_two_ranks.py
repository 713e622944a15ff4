"""Two processes are one process with twice the accumulation."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest


def find_free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.slow
def test_two_gloo_ranks_are_one_rank_with_twice_the_accumulation(
    tiny_base: Callable[..., Path], toy_data: Path, tmp_path: Path, run_command: Callable
) -> None:
    from safetensors.torch import load_file

    from tests.invariant import replay

    two = run_command(
        "-m", "accelerate.commands.launch", "--config_file", "recipes/accelerate/two_cpu_processes.yaml",
        "--main_process_port", str(find_free_port()),
        "tests/invariant/replay.py", tiny_base(), toy_data, tmp_path / "two", "2",
        timeout_s=900, OMP_NUM_THREADS="1", ACCELERATE_USE_CPU="true",
    )  # fmt: skip
    assert two.returncode == 0, two.stderr
    replay.train(tiny_base(), toy_data, tmp_path / "one", 1)

    metrics = {name: json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("one", "two")}
    assert [metrics[name]["processes"] for name in ("one", "two")] == [1, 2]
    one, other = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("one", "two"))
    assert one.keys() == other.keys()
    moved = [name for name in one if "lora_B" in name and one[name].abs().max() > 1e-3]
    assert moved
    for name in one:
        assert (one[name] - other[name]).abs().max() < 1e-4, name
    # The same captions were chosen and earned the same, and the alarm heard the same.
    for figure in (
        "reward", "reward_std", "groups/flat", "curriculum/mean_weight", "completions/mean_length",
        "eval_reward", "eval_alarm/held_out_score",
    ):  # fmt: skip
        own = [metrics[name]["curves"][figure] for name in ("one", "two")]
        assert own[0] == pytest.approx(own[1], abs=1e-5), figure
