from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.numpy import load_file, save_file

from svgtune.errors import InputError, MissingInputError
from svgtune.generate.served_adapter import check_served_adapter, find_adapter_folder, fit_whole_model
from svgtune.generate.tensors import TensorHeader, read_model_headers
from svgtune.model.load import load_base

TinyBase = Callable[..., Path]
WEIGHTS = "adapter_model.safetensors"


@pytest.fixture
def adapter(tiny_base: TinyBase, tmp_path: Path) -> Path:
    """An adapter of rank 4 on the tiny Qwen2."""
    torch.manual_seed(0)
    model = get_peft_model(load_base(tiny_base()), LoraConfig(r=4, target_modules="all-linear"))
    model.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def change(adapter: Path, **values: object) -> None:
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_plain_adapter_of_this_base_is_taken(adapter: Path, tiny_base: TinyBase) -> None:
    headers = read_model_headers(tiny_base())
    assert check_served_adapter(adapter, headers) == 8
    change(adapter, rank_pattern={"q_proj": 40})
    assert check_served_adapter(adapter, headers) == 64


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"modules_to_save": ["embed_tokens"]},
            r"has modules_to_save=\['embed_tokens'\], which vLLM refuses",
        ),
        ({"trainable_token_indices": [1, 2]}, "has trainable_token_indices"),
        ({"use_dora": True}, "has use_dora=True"),
        ({"bias": "all"}, "is of peft_type LORA with bias all"),
        ({"peft_type": "IA3"}, "is of peft_type IA3"),
        ({"r": 600}, "has rank 600, and vLLM takes up to 512"),
    ],
)
def test_what_vllm_refuses_can_be_merged(
    adapter: Path, tiny_base: TinyBase, values: dict[str, object], sentence: str
) -> None:
    change(adapter, **values)
    with pytest.raises(InputError, match=rf"{sentence}.*export_adapter\.py --merged"):
        check_served_adapter(adapter, read_model_headers(tiny_base()))


def test_added_tokens_are_found_in_the_weights(adapter: Path, tiny_base: TinyBase) -> None:
    tensors = load_file(adapter / WEIGHTS)
    name = "base_model.model.model.embed_tokens.weight"
    save_file({**tensors, name: np.zeros((9, 64), np.float32)}, adapter / WEIGHTS)
    with pytest.raises(
        InputError, match=r"embed_tokens\.weight as a whole, as adapters with added tokens do"
    ):
        check_served_adapter(adapter, read_model_headers(tiny_base()))


def test_an_adapter_of_another_base_is_refused(adapter: Path, tiny_base: TinyBase) -> None:
    headers = read_model_headers(tiny_base())
    wider = {
        name: TensorHeader((h.shape[0], 96), h.dtype) if name.endswith("q_proj.weight") else h
        for name, h in headers.items()
    }
    with pytest.raises(InputError, match=r"lora_A\.weight is \[4, 64\], and the base has it as \[64, 96\]"):
        check_served_adapter(adapter, wider)
    shallower = {name: h for name, h in headers.items() if "layers.1." not in name}
    with pytest.raises(InputError, match="the base has no such weight; give the base model"):
        check_served_adapter(adapter, shallower)


def test_an_adapter_of_gemma_3s_text_half_is_renamed_for_the_whole(
    tiny_base: TinyBase, tmp_path: Path
) -> None:
    base = tiny_base("gemma3")
    model = get_peft_model(load_base(base), LoraConfig(r=4, target_modules="all-linear"))
    model.save_pretrained(tmp_path)
    assert check_served_adapter(tmp_path, read_model_headers(base)) == 8
    renamed = fit_whole_model(tmp_path)
    assert check_served_adapter(renamed, read_model_headers(base)) == 8
    short, long = load_file(tmp_path / WEIGHTS), load_file(renamed / WEIGHTS)
    prefix = "base_model.model.model."
    assert {n.replace(prefix, f"{prefix}language_model.") for n in short} == long.keys()
    assert fit_whole_model(renamed) == renamed


def test_packed_weights_are_known_by_name(adapter: Path, tiny_base: TinyBase) -> None:
    packed = {
        name.replace("_proj.weight", "_proj.qweight"): TensorHeader((h.shape[-1], h.shape[0] // 8), "I32")
        for name, h in read_model_headers(tiny_base()).items()
    }
    assert check_served_adapter(adapter, packed) == 8


def test_a_broken_adapter_is_named(adapter: Path, tiny_base: TinyBase) -> None:
    headers = read_model_headers(tiny_base())
    (adapter / WEIGHTS).write_bytes((adapter / WEIGHTS).read_bytes()[:-4])
    with pytest.raises(InputError, match="is no whole safetensors file"):
        check_served_adapter(adapter, headers)
    (adapter / "adapter_config.json").write_text("[]")
    with pytest.raises(InputError, match="is no configuration of a LoRA adapter"):
        check_served_adapter(adapter, headers)


def test_a_hub_adapter_that_is_out_of_reach_is_named(adapter: Path) -> None:
    assert find_adapter_folder(str(adapter)) == adapter
    with pytest.raises(MissingInputError, match="adapter: nobody/nothing cannot be fetched"):
        find_adapter_folder("nobody/nothing")
