from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError
from transformers import Qwen2Config, Qwen2ForCausalLM

from svgtune.config.pretrain import PretrainRecipe
from svgtune.model.nano import add_dropout, grow_layers


def _build_model() -> Qwen2ForCausalLM:
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=64, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, tie_word_embeddings=True,
    )  # fmt: skip
    return Qwen2ForCausalLM(config)


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_a_grown_model_computes_the_same_until_it_learns(layers, tmp_path):
    model = _build_model().eval()
    grown = grow_layers(model, layers).eval()
    ids = torch.arange(12)[None]
    assert len(grown.model.layers) == layers
    assert torch.equal(grown(ids).logits, model(ids).logits)
    assert grown.lm_head.weight is grown.model.embed_tokens.weight

    loss = grown.train()(ids, labels=ids).loss
    loss.backward()
    # What the copies add has a gradient, so that they learn.
    assert all(layer.mlp.down_proj.weight.grad.abs().sum() > 0 for layer in grown.model.layers)
    torch.optim.SGD(grown.parameters(), lr=0.1).step()
    assert not torch.allclose(grown.eval()(ids).logits, model(ids).logits)

    grown.save_pretrained(tmp_path)
    again = Qwen2ForCausalLM.from_pretrained(tmp_path).eval()
    assert torch.equal(again(ids).logits, grown(ids).logits)


@pytest.mark.parametrize("layers", [1, 5])
def test_a_model_grows_to_twice_its_layers_at_most(layers):
    with pytest.raises(ValueError, match=f"a model of 2 layers grows to at most 4 and not to {layers}"):
        grow_layers(_build_model(), layers)


def test_growth_wants_a_model_to_start_from():
    with pytest.raises(ValidationError, match=r"set architecture\.layers instead"):
        PretrainRecipe(grow_to_layers=8)


def test_dropout_is_for_training_only():
    model = _build_model()
    ids = torch.arange(12)[None]
    before = model.eval()(ids).logits
    names = set(model.state_dict())
    add_dropout(model, 0.5)
    assert torch.equal(model(ids).logits, before)
    assert set(model.state_dict()) == names
    first, second = model.train()(ids).logits, model(ids).logits
    assert not torch.allclose(first, second)
    # The embedding, and attention and MLP of both layers.
    assert sum(len(module._forward_hooks) for module in model.modules()) == 5
