from __future__ import annotations

from contextlib import suppress

import pytest
import tiny_models
import torch
from peft import LoraConfig, get_peft_model

from svgtune.config.sft import SftRecipe
from svgtune.config.tuning import LoraSection
from svgtune.errors import RecipeError
from svgtune.model.lora import (
    build_lora_config,
    check_plain_adapter,
    count_parameters,
    merged,
    unmerged_after,
)
from svgtune.model.tuning import settle_adapter


def adapt(config):
    return get_peft_model(tiny_models.build_model("qwen2", tiny_models.VOCABULARY), config)


def test_all_linear_adapts_every_layer_but_the_head():
    model = adapt(build_lora_config(LoraSection(rank=4)))
    check_plain_adapter(model, tiny_models.VOCABULARY)
    adapted = {
        name.split(".lora_A")[0].split(".")[-1] for name, _ in model.named_parameters() if "lora_A" in name
    }
    assert adapted == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_modules_trained_whole_are_refused():
    config = LoraConfig(r=4, target_modules=["q_proj"], modules_to_save=["lm_head"], task_type="CAUSAL_LM")
    model = adapt(config)
    with pytest.raises(RecipeError, match=r"modules_to_save=.*which vLLM refuses"):
        check_plain_adapter(model, tiny_models.VOCABULARY)


def test_added_tokens_are_refused():
    model = adapt(build_lora_config(LoraSection(rank=4)))
    with pytest.raises(RecipeError, match="tokenizer has 385 tokens and the base model 384 embeddings"):
        check_plain_adapter(model, tiny_models.VOCABULARY + 1)


def test_trainable_parameters_are_the_adapter():
    model = adapt(build_lora_config(LoraSection(rank=4, target_modules=("q_proj",))))
    counts = count_parameters(model)
    assert counts["trainable"] == 2 * (4 * 64 + 64 * 4)
    assert counts["parameters"] > counts["trainable"]


def test_merged_weights_say_the_same_and_the_very_same_come_back():
    model = adapt(build_lora_config(LoraSection(rank=4))).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_B" in key:
                parameter.normal_(std=0.1)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    name = "base_model.model.model.layers.0.mlp.up_proj.base_layer.weight"
    ids = torch.arange(24).view(2, 12)
    plain = model(ids).logits
    with suppress(KeyError), merged(model):
        adapted = model.state_dict()[name]
        assert not torch.equal(adapted, before[name])
        assert torch.allclose(model(ids).logits, plain, atol=1e-4)
        raise KeyError("whatever ends the writing")
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert torch.equal(model(ids).logits, plain)


def test_half_precision_is_left_as_it_is():
    model = adapt(build_lora_config(LoraSection(rank=4))).to(torch.bfloat16)
    with merged(model):
        assert not any(getattr(module, "merged", False) for module in model.modules())


def test_an_adapter_is_trained_in_fp32_whatever_trl_makes_of_it():
    model = adapt(build_lora_config(LoraSection(rank=4)))
    for parameter in model.parameters():
        parameter.data = parameter.data.bfloat16()
    settle_adapter(model, SftRecipe(name="x", base="tiny"), ["a token"] * tiny_models.VOCABULARY)
    types = {parameter.requires_grad: parameter.dtype for parameter in model.parameters()}
    assert types == {True: torch.float32, False: torch.bfloat16}


@pytest.mark.parametrize("ending", [None, KeyError])
def test_a_bf16_base_is_bit_for_bit_what_it_was_after_a_merge_by_others(ending):
    model = adapt(build_lora_config(LoraSection(rank=4))).to(torch.bfloat16)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_B" in key:
                parameter.normal_(std=0.1)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with suppress(KeyError), unmerged_after(model):
        model.merge_adapter()
        assert any(not value.equal(before[key]) for key, value in model.state_dict().items())
        if ending is not None:
            raise ending("the server is gone")
        model.unmerge_adapter()
    assert all(value.equal(before[key]) for key, value in model.state_dict().items())
    assert not any(getattr(module, "merged", False) for module in model.modules())
