"""The nano model: a Qwen2 of a few million parameters with its own tokenizer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import torch.nn.functional as f
from torch import nn
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

from svgtune.config.form import NormalForm
from svgtune.config.pretrain import ArchitectureSection, PretrainRecipe
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.model.tokenizer import build_tokenizer, choose_svg_tokens
from svgtune.records import Sample
from svgtune.svg.canonical import canonical_svg


def draw_scenes(
    seed: int, start: int, options: ScenesOptions, form: NormalForm
) -> Iterator[tuple[Sample, str]]:
    """Draws scenes ``start``, ``start + 1``, ... without end, each with its SVG in normal form."""
    index = start
    while True:
        sample = sample_scene(seed, index, options)
        yield sample, canonical_svg(sample.svg, form).svg
        index += 1


def train_tokenizer(recipe: PretrainRecipe) -> Qwen2Tokenizer:
    """Trains the tokenizer on scenes of every category, so that it knows words the base has yet to learn."""
    everything = ScenesOptions(split="any")
    scenes = draw_scenes(recipe.seed, 0, everything, recipe.normal_form)
    settings = recipe.tokenizer
    drawn = [(sample.caption, svg) for sample, svg in islice(scenes, settings.scenes)]
    pieces = choose_svg_tokens(
        (svg for _, svg in drawn), recipe.normal_form.canvas, settings.colours, settings.markup
    )
    return build_tokenizer(
        (caption for caption, _ in drawn),
        pieces,
        vocab_size=settings.vocab_size,
        max_length=recipe.architecture.max_length,
    )


def build_nano(shape: ArchitectureSection, tokenizer: Qwen2Tokenizer) -> Qwen2ForCausalLM:
    """Builds the model with random weights; its vocabulary is the tokenizer's, rounded up to 64."""
    config = Qwen2Config(
        vocab_size=-(-len(tokenizer) // 64) * 64,
        hidden_size=shape.hidden_size,
        intermediate_size=shape.mlp_size,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        max_position_embeddings=shape.max_length,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen2ForCausalLM(config)


def grow_layers(model: Qwen2ForCausalLM, layers: int) -> Qwen2ForCausalLM:
    """Builds a deeper model that computes exactly what ``model`` does, to be trained on.

    Some layers are followed by a copy of themselves whose output projections are zero (block expansion, arXiv
    2401.02415); the copies are spread over the depth.

    Raises:
        ValueError: The model has more layers, or less than half as many.
    """
    old = model.config.num_hidden_layers
    if not old <= layers <= 2 * old:
        raise ValueError(f"a model of {old} layers grows to at most {2 * old} and not to {layers}")
    config = Qwen2Config.from_dict(
        {**model.config.to_dict(), "num_hidden_layers": layers, "layer_types": ["full_attention"] * layers}
    )
    grown = Qwen2ForCausalLM(config).to(model.dtype)
    grown.set_attn_implementation(model.config._attn_implementation)
    grown.generation_config = model.generation_config
    grown.model.embed_tokens.load_state_dict(model.model.embed_tokens.state_dict())
    grown.model.norm.load_state_dict(model.model.norm.state_dict())
    sources = [layer * old // layers for layer in range(layers)]
    for layer, (source, before) in enumerate(zip(sources, [None, *sources[:-1]], strict=True)):
        target = grown.model.layers[layer]
        target.load_state_dict(model.model.layers[source].state_dict())
        if source == before:
            nn.init.zeros_(target.self_attn.o_proj.weight)
            nn.init.zeros_(target.mlp.down_proj.weight)
    return grown


def add_dropout(model: Qwen2ForCausalLM, share: float) -> None:
    """Drops a share of the features of every embedding and of what every layer adds, while the model trains.

    As in arXiv 1706.03762, but for attention weights: the only dropout that Qwen2 has by itself.
    """
    layers = model.model.layers
    for part in (model.model.embed_tokens, *(p for one in layers for p in (one.self_attn, one.mlp))):
        part.register_forward_hook(lambda module, _, output: _drop(output, share, training=module.training))


def _drop(output: Any, share: float, *, training: bool) -> Any:
    if isinstance(output, tuple):
        return (f.dropout(output[0], share, training), *output[1:])
    return f.dropout(output, share, training)
