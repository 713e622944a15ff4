from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from svgtune.config.generate import GenerateRecipe
from svgtune.errors import InputError, MachineError, MissingInputError, RecipeError
from svgtune.generate import vllm_plan
from svgtune.generate.footprint import GIB
from svgtune.generate.vllm_plan import choose_length, plan_vllm
from svgtune.model.precision import choose_precision

TinyBase = Callable[..., Path]
CPU = choose_precision("fp32", "cpu")


def build_recipe(**vllm: Any) -> GenerateRecipe:
    return GenerateRecipe.model_validate({"engine": "vllm", "vllm": vllm})


def test_a_cpu_gets_a_cache_that_all_drawings_fill(tiny_base: TinyBase) -> None:
    plan = plan_vllm(build_recipe(), str(tiny_base()), None, "cpu", CPU)
    assert plan.adapter is None
    asked = plan.arguments
    assert (asked["dtype"], asked["max_model_len"], asked["enforce_eager"]) == ("float32", 1024, True)
    # 2 layers, keys and values of 2 heads of 16 numbers of 4 bytes; 64 drawings at a time, and one to spare.
    assert asked["kv_cache_memory_bytes"] == 65 * 1024 * 2 * 2 * 2 * 16 * 4
    small = plan_vllm(build_recipe(kv_cache_gib=0.01), str(tiny_base()), None, "cpu", CPU)
    assert small.arguments["kv_cache_memory_bytes"] == int(0.01 * GIB)


def test_a_t4_computes_in_fp16_within_the_budget(
    tiny_base: TinyBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vllm_plan, "read_gpu_memory", lambda: (15 * GIB, int(14.6 * GIB)))
    precision = choose_precision("auto", "cuda", model_type="qwen2", capability=(7, 5))
    asked = plan_vllm(build_recipe(vram_gib=8), str(tiny_base()), None, "cuda", precision).arguments
    assert (asked["dtype"], asked["enforce_eager"], asked["quantization"]) == ("float16", False, None)
    assert asked["gpu_memory_utilization"] == pytest.approx(7.5 / 15)
    assert "kv_cache_memory_bytes" not in asked
    nf4 = GenerateRecipe(engine="vllm", quantisation="nf4")
    asked = plan_vllm(nf4, str(tiny_base()), None, "cuda", precision).arguments
    assert asked["quantization"] == "bitsandbytes"


def test_the_length_holds_prompt_and_drawing_and_never_more_than_the_model() -> None:
    config = SimpleNamespace(max_position_embeddings=32768)
    assert choose_length(None, 1024, config) == 5120
    assert choose_length(None, 1024, SimpleNamespace(max_position_embeddings=1024)) == 1024
    assert choose_length(None, 1024, SimpleNamespace()) == 5120
    assert choose_length(2048, 1024, config) == 2048
    with pytest.raises(RecipeError, match=r"vllm\.max_model_len: is 40000, and the model sees 32768 tokens"):
        choose_length(40000, 1024, config)


def test_what_cannot_work_is_refused_before_an_engine_is_started(tiny_base: TinyBase, tmp_path: Path) -> None:
    nf4 = GenerateRecipe(engine="vllm", quantisation="nf4")
    with pytest.raises(MachineError, match="packs weights into four bits on a GPU only"):
        plan_vllm(nf4, str(tiny_base()), None, "cpu", CPU)
    with pytest.raises(MachineError, match=r"vllm\.kv_cache_gib: is 0\.0001"):
        plan_vllm(build_recipe(kv_cache_gib=0.0001), str(tiny_base()), None, "cpu", CPU)
    with pytest.raises(MissingInputError, match="nobody/nothing cannot be fetched"):
        plan_vllm(build_recipe(), "nobody/nothing", None, "cpu", CPU)
    broken = shutil.copytree(tiny_base(), tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(InputError, match=r"model\.safetensors: is no whole safetensors file"):
        plan_vllm(build_recipe(), str(broken), None, "cpu", CPU)


def test_a_picture_and_text_model_needs_torchvision(
    tiny_base: TinyBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = str(tiny_base("gemma3"))
    monkeypatch.setattr(vllm_plan, "find_spec", lambda name: None)
    with pytest.raises(
        MachineError, match="also takes pictures, and vLLM loads such a model with torchvision"
    ):
        plan_vllm(build_recipe(), base, None, "cpu", CPU)
    monkeypatch.setattr(vllm_plan, "find_spec", lambda name: object())
    assert plan_vllm(build_recipe(), base, None, "cpu", CPU).arguments["language_model_only"]


def test_two_ways_of_packing_are_one_too_many() -> None:
    with pytest.raises(ValueError, match=r"quantisation is nf4, and vllm\.quantization is awq"):
        GenerateRecipe.model_validate({"quantisation": "nf4", "vllm": {"quantization": "awq"}})
