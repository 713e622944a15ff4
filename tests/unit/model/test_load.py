from __future__ import annotations

import pytest
import tiny_models
import torch
from safetensors.torch import load_file, save_file

from svgtune.errors import InputError, MissingInputError
from svgtune.model.attention import GROUPED_ATTENTION
from svgtune.model.load import find_base, find_stop_ids, load_base, load_tokenizer, read_model_type


def test_a_folder_is_found_and_a_hub_id_is_kept(tiny_base):
    assert find_base(tiny_base()) == str(tiny_base())
    assert find_base("Qwen/Qwen2.5-0.5B-Instruct") == "Qwen/Qwen2.5-0.5B-Instruct"


@pytest.mark.parametrize("base", ["models/nanno", "./here", "/no/such/model", "runs/demo/base/x"])
def test_a_missing_folder_is_not_taken_for_a_hub_id(base):
    with pytest.raises(MissingInputError, match="there is no model folder"):
        find_base(base)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(MissingInputError, match=r"holds no config\.json"):
        find_base(tmp_path)


def test_gemma3_with_vision_loads_its_text_half(tiny_base):
    whole = load_file(tiny_base("gemma3") / "model.safetensors")
    model = load_base(tiny_base("gemma3"))
    name = "model.layers.1.mlp.up_proj.weight"
    assert model.config.model_type == "gemma3_text"
    assert torch.equal(model.state_dict()[name], whole[f"language_model.{name}"])
    assert not any("vision" in name for name, _ in model.named_parameters())


def test_gemma2_attends_with_its_soft_cap(tiny_base):
    assert load_base(tiny_base("gemma2")).config._attn_implementation == "eager"
    assert load_base(tiny_base("qwen2")).config._attn_implementation == GROUPED_ATTENTION
    assert load_base(tiny_base("qwen2"), attention="sdpa").config._attn_implementation == "sdpa"


def test_a_model_with_missing_weights_is_refused(tiny_base, tmp_path):
    tiny_models.save_tiny_model(tmp_path, "qwen2")
    weights = load_file(tmp_path / "model.safetensors")
    del weights["model.layers.0.mlp.up_proj.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"lacks 1 weights, such as model\.layers\.0\.mlp\.up_proj\.weight"):
        load_base(tmp_path)


def test_nf4_refuses_widths_that_its_blocks_do_not_divide(tmp_path):
    model = tiny_models.build_model("qwen2", tiny_models.VOCABULARY, intermediate_size=96)
    model.save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"down_proj of .* has 96 inputs, and nf4 needs a multiple of 64"):
        load_base(tmp_path, quantisation="nf4")


def test_an_evaluation_leaves_the_gradients_through_nf4_as_they_were(tiny_base):
    model = load_base(tiny_base(), quantisation="nf4")
    tokens = torch.arange(12)[None]

    def find_gradient() -> torch.Tensor:
        model.train().zero_grad()
        model(input_ids=tokens, labels=tokens).loss.backward()
        return model.get_input_embeddings().weight.grad.clone()

    before = find_gradient()
    assert before.abs().sum() > 0
    with torch.no_grad():
        model.eval()(input_ids=tokens)
    torch.testing.assert_close(find_gradient(), before, rtol=0, atol=0)


def test_a_tokenizer_without_chat_template_is_refused(tmp_path):
    tiny_models.build_model("qwen2", tiny_models.VOCABULARY).save_pretrained(tmp_path)
    tokenizer = tiny_models.build_tokenizer("qwen")
    tokenizer.chat_template = None
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(InputError, match="has no chat template"):
        load_tokenizer(tmp_path)


@pytest.mark.parametrize(("architecture", "turn_end"), [("qwen2", "<|im_end|>"), ("gemma2", "<end_of_turn>")])
def test_the_end_of_a_turn_stops_an_answer(tiny_base, architecture, turn_end):
    tokenizer = load_tokenizer(tiny_base(architecture))
    stop_ids = find_stop_ids(tokenizer, load_base(tiny_base(architecture)))
    assert tokenizer.convert_tokens_to_ids(turn_end) in stop_ids
    assert tokenizer.eos_token_id in stop_ids


def test_model_type_is_read_without_loading_weights(tiny_base):
    assert read_model_type(tiny_base("gemma2")) == "gemma2"


def test_the_text_half_of_gemma3_is_saved_as_a_text_model(tiny_base, tmp_path):
    half = load_base(tiny_base("gemma3"))
    half.save_pretrained(tmp_path / "half")
    tiny_models.build_tokenizer("gemma").save_pretrained(tmp_path / "half")
    again = load_base(tmp_path / "half")
    assert again.config.model_type == "gemma3_text"
    weights = half.state_dict()
    assert all(torch.equal(weights[name], weight) for name, weight in again.state_dict().items())
