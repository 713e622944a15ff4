"""An adapter merged into its base: a plain model folder that quantisers and other servers read."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from svgtune.errors import InputError
from svgtune.export.adapter import find_base_file
from svgtune.model.load import find_stop_ids
from svgtune.runs import write_json_atomic

logger = logging.getLogger(__name__)

CONFIG_FILE = "config.json"


def merge_adapter(tuned: PeftModel) -> PreTrainedModel:
    """Merges the adapter into the weights of its base, which must not be quantised.

    PEFT computes what it adds to half-precision weights on a CPU in fp32, so that it is rounded just once to
    the weights' own format and once when it is added.

    Raises:
        InputError: A merged weight is not finite.
    """
    try:
        model = tuned.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise InputError(
            f"merged: {str(error).strip().splitlines()[0]:.200}; export with --precision fp32"
        ) from error
    return model


def save_merged(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, target: Path, max_shard_gb: float
) -> None:
    """Writes a model folder: safetensors shards, tied weights once, and the tokens that end an answer."""
    if model.generation_config is not None:
        stops = find_stop_ids(tokenizer, model)
        model.generation_config.eos_token_id = stops[0] if len(stops) == 1 else stops
    model.config.use_cache = True
    model.save_pretrained(target, max_shard_size=f"{round(max_shard_gb * 1000)}MB")
    add_earlier_keys(target / CONFIG_FILE)


def add_earlier_keys(path: Path) -> None:
    """Says again in a model's config.json what transformers 5 says under new names.

    AutoAWQ and converters of before 2026 look for ``rope_theta`` and ``torch_dtype``, and take a default
    without a word where they find none, which makes a Qwen2.5 talk nonsense.
    """
    config = json.loads(path.read_text(encoding="utf-8"))
    rope: dict[str, Any] = config.get("rope_parameters") or {}
    far = rope.get("full_attention", rope)
    if "rope_theta" in far:
        config.setdefault("rope_theta", far["rope_theta"])
    if far.get("rope_type", "default") != "default":
        scaling = {key: value for key, value in far.items() if key != "rope_theta"}
        config.setdefault("rope_scaling", scaling)
    if "sliding_attention" in rope:
        config.setdefault("rope_local_base_freq", rope["sliding_attention"]["rope_theta"])
    if "dtype" in config:
        config.setdefault("torch_dtype", config["dtype"])
    write_json_atomic(path, config)


def copy_sentencepiece(base: str, target: Path, *, revision: str | None) -> None:
    """Copies ``tokenizer.model`` where the base has one; llama.cpp's converter wants it of a Gemma."""
    if (target / "tokenizer.model").exists():
        return
    path = find_base_file(base, "tokenizer.model", revision=revision)
    if path is not None:
        shutil.copyfile(path, target / "tokenizer.model")


def find_dtype(precision: str, stored: torch.dtype) -> torch.dtype:
    """Returns the torch type of merged weights; ``auto`` is the one that the base is stored in."""
    named = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    return named.get(precision, stored)
