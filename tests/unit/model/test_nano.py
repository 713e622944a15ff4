from __future__ import annotations

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from svgtune.model.nano import add_dropout


def test_dropout_is_for_training_only():
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=64, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, tie_word_embeddings=True,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config)
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
