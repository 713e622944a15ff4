from __future__ import annotations

import pytest
import torch

from svgtune.errors import MachineError
from svgtune.model.precision import choose_precision, find_device

PLAIN = frozenset({"avx2", "fma"})
FAST = frozenset({"avx2", "avx512f", "avx512_bf16"})


@pytest.mark.parametrize(
    ("device", "model_type", "flags", "capability", "expected"),
    [
        ("cpu", "qwen2", PLAIN, None, "fp32"),
        ("cpu", "qwen2", FAST, None, "bf16"),
        ("cpu", "qwen2", frozenset({"amx_bf16"}), None, "bf16"),
        ("cuda", "qwen2", PLAIN, (8, 0), "bf16"),
        ("cuda", "gemma3_text", PLAIN, (9, 0), "bf16"),
        ("cuda", "qwen2", PLAIN, (7, 5), "fp16"),
        ("cuda", "gemma2", PLAIN, (7, 5), "fp32"),
        ("cuda", "gemma3_text", PLAIN, (7, 5), "fp32"),
    ],
)
def test_auto_takes_bf16_only_where_it_is_fast(device, model_type, flags, capability, expected):
    chosen = choose_precision("auto", device, model_type=model_type, cpu_flags=flags, capability=capability)
    assert chosen.name == expected
    assert chosen.dtype is {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[expected]


def test_recipe_overrides_the_choice_and_slow_bf16_warns(caplog):
    assert choose_precision("bf16", "cpu", cpu_flags=PLAIN).name == "bf16"
    assert "slower than fp32" in caplog.text
    assert choose_precision("fp32", "cpu", cpu_flags=FAST).name == "fp32"


def test_bf16_on_an_old_gpu_is_refused():
    with pytest.raises(MachineError, match=r"compute capability 8\.0 and this GPU has 7\.5"):
        choose_precision("bf16", "cuda", cpu_flags=PLAIN, capability=(7, 5))


def test_fp16_on_a_cpu_is_refused():
    with pytest.raises(MachineError, match="fp16 does not train on a CPU"):
        choose_precision("fp16", "cpu", cpu_flags=PLAIN)


@pytest.mark.parametrize(("requested", "quantised"), [("cuda", False), ("auto", True), ("cuda", True)])
def test_gpu_recipe_without_a_gpu_names_what_runs_here(monkeypatch, requested, quantised):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(
        MachineError, match=r"no CUDA device; recipes/sft/nano_lora\.yaml runs on this machine"
    ):
        find_device(requested, quantised=quantised, name="qwen2.5-7b-qlora")


def test_quantised_weights_run_on_a_cpu_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("cpu", quantised=True) == "cpu"
    assert find_device("auto") == "cpu"
