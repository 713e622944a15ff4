from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from svgtune.errors import MachineError
from svgtune.generate.footprint import (
    GIB,
    Footprint,
    check_fits_cpu,
    check_fits_gpu,
    compute_memory_share,
    estimate_footprint,
)
from svgtune.generate.tensors import TensorHeader

# Qwen2.5-7B: 28 layers, 4 heads of keys and values of 128 numbers; 7.62 billion weights.
QWEN_7B = SimpleNamespace(
    num_hidden_layers=28, num_attention_heads=28, num_key_value_heads=4, hidden_size=3584
)
T4_TOTAL, T4_FREE = 15 * GIB, int(14.6 * GIB)


def build_qwen_7b(*, packed: bool) -> dict[str, TensorHeader]:
    tensors = {
        "model.embed_tokens.weight": TensorHeader((152064, 3584), "BF16"),
        "lm_head.weight": TensorHeader((152064, 3584), "BF16"),
    }
    shapes = {"q": (3584, 3584), "k": (512, 3584), "v": (512, 3584), "o": (3584, 3584)}
    shapes |= {"gate": (18944, 3584), "up": (18944, 3584), "down": (3584, 18944)}
    for layer in range(28):
        for name, (rows, columns) in shapes.items():
            stem = f"model.layers.{layer}.{name}_proj"
            if packed:
                tensors[f"{stem}.qweight"] = TensorHeader((columns, rows // 8), "I32")
                tensors[f"{stem}.scales"] = TensorHeader((columns // 128, rows), "F16")
            else:
                tensors[f"{stem}.weight"] = TensorHeader((rows, columns), "BF16")
    return tensors


def test_a_model_is_counted_as_the_engine_stores_it() -> None:
    tensors = build_qwen_7b(packed=False)
    plain = estimate_footprint(tensors, QWEN_7B, number_bytes=2, nf4=False)
    assert plain.weights / GIB == pytest.approx(14.19, abs=0.01)
    assert plain.token == 57_344
    assert estimate_footprint(tensors, QWEN_7B, number_bytes=4, nf4=False).token == 114_688
    nf4 = estimate_footprint(tensors, QWEN_7B, number_bytes=2, nf4=True)
    awq = estimate_footprint(build_qwen_7b(packed=True), QWEN_7B, number_bytes=2, nf4=False)
    assert nf4.weights / GIB == pytest.approx(5.45, abs=0.05)
    assert awq.weights / GIB == pytest.approx(5.2, abs=0.1)
    assert (plain.four_bit, nf4.four_bit, awq.four_bit) == (False, True, True)
    assert estimate_footprint({}, QWEN_7B, number_bytes=2, nf4=False, adapter_bytes=7).weights == 7


def test_the_share_is_the_budget_without_what_cuda_takes_and_never_more_than_is_free() -> None:
    assert compute_memory_share(15.5, 80 * GIB, 79 * GIB) == pytest.approx(15 / 80)
    assert compute_memory_share(15.5, T4_TOTAL, T4_FREE) == pytest.approx(14.1 / 15)
    assert compute_memory_share(8, T4_TOTAL, T4_FREE) == pytest.approx(7.5 / 15)
    with pytest.raises(MachineError, match=r"1\.0 of the card's 15\.0 GiB are free, .* end what else runs"):
        compute_memory_share(15.5, T4_TOTAL, GIB)


def test_what_does_not_fit_a_card_is_told_what_would() -> None:
    share = compute_memory_share(15.5, T4_TOTAL, T4_FREE)
    card = {"share": share, "total": T4_TOTAL, "vram_gib": 15.5}
    plain = estimate_footprint(build_qwen_7b(packed=False), QWEN_7B, number_bytes=2, nf4=False)
    awq = estimate_footprint(build_qwen_7b(packed=True), QWEN_7B, number_bytes=2, nf4=False)
    check_fits_gpu(awq, tokens=8192, **card)
    with pytest.raises(
        MachineError, match=r"takes 14\.2 GiB .* leaves 14\.1 GiB; take a recipe in four bits"
    ):
        check_fits_gpu(plain, tokens=4096, **card)
    with pytest.raises(MachineError, match=r"max_model_len to \d+ or less$") as error:
        check_fits_gpu(awq, tokens=1_000_000, **card)
    fitting = int(re.findall(r"to (\d+) or less", str(error.value))[0])
    check_fits_gpu(awq, tokens=fitting, **card)
    with pytest.raises(MachineError):
        check_fits_gpu(awq, tokens=fitting + 64, **card)


def test_a_budget_below_the_card_can_be_raised() -> None:
    plain = Footprint(weights=10 * GIB, token=50_000, four_bit=False)
    small = compute_memory_share(8, 24 * GIB, 23 * GIB)
    with pytest.raises(MachineError, match=r"raise vllm\.vram_gib to ([\d.]+)") as error:
        check_fits_gpu(plain, tokens=2048, share=small, total=24 * GIB, vram_gib=8)
    vram_gib = float(re.findall(r"vram_gib to ([\d.]+)", str(error.value))[0]) + 0.05
    enough = compute_memory_share(vram_gib, 24 * GIB, 23 * GIB)
    check_fits_gpu(plain, tokens=2048, share=enough, total=24 * GIB, vram_gib=vram_gib)


def test_main_memory_must_hold_the_model_and_the_cache_a_drawing() -> None:
    model = Footprint(weights=3 * GIB, token=1 << 20, four_bit=False)
    check_fits_cpu(model, tokens=1024, kv_cache_gib=1, available=6 * GIB)
    with pytest.raises(
        MachineError, match=r"takes 2\.00 GiB; raise it, or set vllm\.max_model_len to 1024 or"
    ):
        check_fits_cpu(model, tokens=2048, kv_cache_gib=1, available=6 * GIB)
    with pytest.raises(MachineError, match=r"5\.0 GiB of memory are available; lower vllm\.kv_cache_gib"):
        check_fits_cpu(model, tokens=1024, kv_cache_gib=1, available=5 * GIB)
