"""What vLLM takes as an adapter beside its base, checked before an engine is started."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from svgtune.config.tuning import VLLM_RANKS, VLLM_REFUSED
from svgtune.errors import InputError, MissingInputError
from svgtune.generate.tensors import TensorHeader, read_headers

_MERGE = (
    "merge it into its base with scripts/export_adapter.py --merged and give the result as --model, or use "
    "--engine transformers"
)
_WEIGHTS = (".weight", ".qweight", ".weight_packed")


def find_adapter_folder(adapter: str) -> Path:
    """Returns the folder of an adapter, fetching one that is on the hub.

    Raises:
        MissingInputError: It cannot be fetched.
    """
    if Path(adapter).is_dir():
        return Path(adapter)
    from huggingface_hub import snapshot_download

    names = ["adapter_config.json", "adapter_model.safetensors"]
    try:
        folder = Path(snapshot_download(adapter, allow_patterns=names))
    except (OSError, ValueError) as error:
        raise MissingInputError(
            f"adapter: {adapter} cannot be fetched ({str(error).splitlines()[0]}); give an adapter's "
            "folder, or a hub id that this machine can reach"
        ) from error
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise MissingInputError(f"adapter: {adapter} has no {missing[0]}; give an adapter in safetensors")
    return folder


def check_served_adapter(folder: Path, base: Mapping[str, TensorHeader]) -> int:
    """Makes sure that vLLM can serve an adapter, and that it was trained on this base.

    Args:
        folder: Of a PEFT adapter in safetensors.
        base: The base's tensors.

    Returns:
        The largest rank that the engine must be ready for.

    Raises:
        InputError: vLLM refuses such an adapter, a file of it cannot be read, or it is another base's.
    """
    where = folder / "adapter_config.json"
    try:
        config: dict[str, Any] = json.loads(where.read_text(encoding="utf-8"))
        rank = max(int(config["r"]), *map(int, (config.get("rank_pattern") or {}).values()), 1)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{where}: is no configuration of a LoRA adapter ({error}); save it anew") from error
    for field in VLLM_REFUSED:
        if config.get(field):
            raise InputError(f"{where}: has {field}={config[field]}, which vLLM refuses; {_MERGE}")
    if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none":
        kind = f"peft_type {config.get('peft_type')} with bias {config.get('bias')}"
        raise InputError(f"{where}: is of {kind}, and vLLM serves LORA without; {_MERGE}")
    if rank > VLLM_RANKS[-1]:
        raise InputError(f"{where}: has rank {rank}, and vLLM takes up to {VLLM_RANKS[-1]}; {_MERGE}")
    _check_tensors(folder, read_headers(folder / "adapter_model.safetensors"), base)
    return next(size for size in VLLM_RANKS if size >= rank)


def fit_whole_model(folder: Path) -> Path:
    """Returns an adapter of a text half that fits the picture-and-text model which vLLM loads.

    There the same layers have longer names, and vLLM would pass over an adapter that calls them otherwise.

    Args:
        folder: Of the adapter, which stays as it is.

    Returns:
        Another folder that is removed when Python ends; or the same one, where its names are the long ones.
    """
    weights = load_file(folder / "adapter_model.safetensors")
    short, long = "base_model.model.model.layers.", "base_model.model.model.language_model.layers."
    if not any(name.startswith(short) for name in weights):
        return folder
    copy = Path(tempfile.mkdtemp(prefix="svgtune-adapter-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    shutil.copy(folder / "adapter_config.json", copy)
    renamed = {name.replace(short, long, 1): tensor for name, tensor in weights.items()}
    save_file(renamed, copy / "adapter_model.safetensors")
    return copy


def _check_tensors(
    folder: Path, adapter: Mapping[str, TensorHeader], base: Mapping[str, TensorHeader]
) -> None:
    modules = {_shorten(name): tensor for name, tensor in base.items() if name.endswith(_WEIGHTS)}
    for name, tensor in adapter.items():
        module, _, side = name.removesuffix(".weight").rpartition(".")
        if side not in ("lora_A", "lora_B"):
            raise InputError(
                f"adapter: {folder} holds {name} as a whole, as adapters with added tokens do, which vLLM "
                f"refuses; {_MERGE}"
            )
        weight = modules.get(_shorten(f"{module}.weight"))
        # A weight has its inputs as columns, like lora_A, and its outputs as rows, like lora_B. Packed
        # weights have other shapes.
        axis = 1 if side == "lora_A" else 0
        if weight is None or (weight.is_float and weight.shape[axis] != tensor.shape[axis]):
            found = "has no such weight" if weight is None else f"has it as {list(weight.shape)}"
            raise InputError(
                f"adapter: {folder} cannot be put on this base: {name} is {list(tensor.shape)}, and the base "
                f"{found}; give the base model that it was trained on"
            )


def _shorten(name: str) -> str:
    """Leaves out what stands before the layers: it differs between a model and its picture-and-text form."""
    for ending in _WEIGHTS:
        name = name.removesuffix(ending)
    name = name.removeprefix("base_model.model.")
    place = name.find("layers.")
    return name if place < 0 or "vision" in name else name[place:]
