from __future__ import annotations

import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch
from peft import get_peft_model
from safetensors.torch import load_file
from trl.generation import vllm_generation
from trl.trainer import grpo_trainer

from svgtune.config.tuning import LoraSection
from svgtune.errors import RecipeError
from svgtune.model.load import load_base
from svgtune.model.lora import build_lora_config
from svgtune.model.vllm_adapter import AdapterGeneration, use_adapter_generation


class FakeLLM:
    """Writes down what it is asked."""

    def __init__(self, **options):
        self.options, self.calls = options, []

    def __getattr__(self, name):
        return lambda *args, **options: self.calls.append((name, args, options))


class FakeServer:
    """Keeps the weights that it was last sent."""

    def __init__(self, **_):
        self.weights = {}

    def update_named_params(self, metadata, weights):
        self.weights = {name: weight.clone() for name, weight in weights}
        assert [name for name, *_ in metadata] == list(self.weights)

    def __getattr__(self, name):
        return lambda *_, **__: None


def build_request(name, number, path):
    return SimpleNamespace(number=number, path=path)


@pytest.fixture
def build_generation(tiny_base, monkeypatch):
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "0")  # TRL sets them; this puts them back afterwards
    monkeypatch.setattr(vllm_generation, "LLM", FakeLLM, raising=False)
    monkeypatch.setattr(vllm_generation, "is_vllm_available", lambda *_, **__: True)
    monkeypatch.setitem(sys.modules, "vllm.lora.request", SimpleNamespace(LoRARequest=build_request))
    monkeypatch.setattr(vllm_generation, "ensure_master_addr_port", lambda: None)
    accelerator = SimpleNamespace(
        num_processes=1, process_index=0, local_process_index=0, wait_for_everyone=lambda: None,
        is_main_process=True, device="cpu",
    )  # fmt: skip
    whole = SimpleNamespace(is_fsdp=False, is_zero3=False, gather_params=lambda _: nullcontext())
    monkeypatch.setattr(vllm_generation, "DistributedBackend", lambda _: whole)
    monkeypatch.setattr(vllm_generation, "VLLMClient", FakeServer, raising=False)
    made = []

    def build(rank=24, mode="colocate"):
        section = LoraSection(rank=24).model_copy(update={"rank": rank})
        model = get_peft_model(load_base(tiny_base()), build_lora_config(section))
        made.append(AdapterGeneration(model, accelerator, None, mode=mode, enable_sleep_mode=True))
        return made[-1]

    yield build
    for one in made:
        one.close()


def test_vllm_gets_the_adapter_and_keeps_the_base(build_generation):
    generation = build_generation()
    llm = generation.llm.llm
    assert llm.options["enable_lora"]
    assert llm.options["max_lora_rank"] == 32
    assert vllm_generation.LLM is FakeLLM
    weights = []
    for value in (1.0, 2.0):
        for name, parameter in generation.model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.constant_(parameter, value)
        generation.sync_weights()
        generation.llm.generate(["prompt"], sampling_params=None)
        request = llm.calls[-1][2]["lora_request"]
        weights.append(load_file(f"{request.path}/adapter_model.safetensors"))
    generation.llm.sleep(level=2)
    names = [name for name, *_ in llm.calls]
    assert names == ["sleep", *["wake_up", "reset_prefix_cache", "generate"] * 2, "sleep"]
    assert all(call[2] == {"level": 1} for call in llm.calls if call[0] == "sleep")
    assert [call[2]["lora_request"].number for call in llm.calls if call[0] == "generate"] == [1, 2]
    assert [next(iter(w[n] for n in w if "lora_B" in n)).unique().item() for w in weights] == [1.0, 2.0]
    assert all(".lora_" in name for name in weights[0])


def test_a_server_gets_the_merged_weights_and_the_base_does_not_drift(build_generation):
    generation = build_generation(mode="server")
    model = generation.model.to(torch.bfloat16)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    for _ in range(3):
        generation.sync_weights()
    name = "model.layers.0.mlp.up_proj"
    sent = generation.vllm_client.weights[f"{name}.weight"]
    assert not sent.equal(before[f"base_model.model.{name}.base_layer.weight"])
    assert all(weight.equal(before[name]) for name, weight in model.state_dict().items())


def test_a_rank_that_vllm_does_not_take_is_refused(build_generation):
    with pytest.raises(RecipeError, match=r"lora\.rank: is 600"):
        build_generation(600)


def test_trl_takes_the_backend_only_inside():
    with use_adapter_generation():
        assert grpo_trainer.VLLMGeneration is AdapterGeneration
    assert grpo_trainer.VLLMGeneration is not AdapterGeneration
