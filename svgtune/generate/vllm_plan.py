"""From a recipe to the arguments of a vLLM engine; whatever would fail is refused before it is started."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import torch
from huggingface_hub import snapshot_download

from svgtune.config.generate import DrawRecipe
from svgtune.errors import MachineError, MissingInputError, RecipeError
from svgtune.generate.footprint import (
    GIB,
    Footprint,
    check_fits_cpu,
    check_fits_gpu,
    compute_memory_share,
    estimate_footprint,
)
from svgtune.generate.served_adapter import check_served_adapter, find_adapter_folder, fit_whole_model
from svgtune.generate.tensors import read_headers, read_model_headers
from svgtune.model.load import find_base, read_model_type, read_text_config
from svgtune.model.precision import Device, Precision

_PROMPT_TOKENS = 4096
_MIB = 1 << 20
_PICTURE_AND_TEXT = "gemma3"
# The half that sees, by its names in files of older and newer transformers.
_SIGHT = ("vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector.")
# vLLM keeps keys and values in blocks of 128 tokens on a CPU.
_BLOCK_TOKENS = 128
_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
_FILES = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")


@dataclass(frozen=True, slots=True)
class VllmPlan:
    """What an engine is started with.

    Attributes:
        arguments: Of vLLM's ``EngineArgs``.
        adapter: Folder of the adapter to serve; None without one.
    """

    arguments: dict[str, Any]
    adapter: Path | None


def plan_vllm(
    recipe: DrawRecipe, base: str, adapter: str | None, device: Device, precision: Precision
) -> VllmPlan:
    """Checks that vLLM can load a model on this machine, and says how; reads no more than the files' headers.

    Raises:
        MachineError: Memory does not hold the model, or the device cannot run it.
        InputError: A file is not whole or a pickle, or the adapter is another base's or one vLLM refuses.
        MissingInputError: The model or the adapter is not there.
        RecipeError: More tokens are asked for than the model can see at once.
    """
    section = recipe.vllm
    quantization = section.quantization or ("bitsandbytes" if recipe.quantisation == "nf4" else None)
    if device == "cpu" and quantization == "bitsandbytes":
        raise MachineError(
            "quantisation: vLLM packs weights into four bits on a GPU only; use --engine transformers"
        )
    folder = fetch_model(base, recipe.revision)
    whole = read_model_type(folder) == _PICTURE_AND_TEXT
    if whole and find_spec("torchvision") is None:
        raise MachineError(
            f"model: {base} also takes pictures, and vLLM loads such a model with torchvision only; install "
            "the torchvision of this torch, or use --engine transformers"
        )
    tensors = {n: t for n, t in read_model_headers(folder).items() if not (whole and n.startswith(_SIGHT))}
    config = read_text_config(folder)
    tokens = choose_length(section.max_model_len, recipe.sampling.max_new_tokens, config)
    number_bytes = precision.dtype.itemsize
    arguments: dict[str, Any] = {
        "model": str(folder),
        "dtype": _DTYPES[precision.name],
        "quantization": quantization,
        "max_model_len": tokens,
        "max_num_seqs": recipe.sampling.batch_size,
        "enforce_eager": device == "cpu" if section.enforce_eager is None else section.enforce_eager,
        "enable_prefix_caching": True,
        # Of a prompt that is read in parts vLLM throws tokens away and turns the request's generator back,
        # which those of a CPU cannot do: the engine dies.
        "enable_chunked_prefill": False if device == "cpu" else None,
        "disable_log_stats": True,
        "use_tqdm_on_load": False,
        # A picture-and-text model is loaded without the half that sees.
        "language_model_only": True,
    }
    served, adapter_bytes = None, 0
    if adapter is not None:
        served = find_adapter_folder(adapter)
        rank = check_served_adapter(served, tensors)
        if whole:
            served = fit_whole_model(served)
        matrices = read_headers(served / "adapter_model.safetensors").values()
        adapter_bytes = sum(matrix.numbers for matrix in matrices) * number_bytes
        arguments |= {"enable_lora": True, "max_lora_rank": rank, "max_loras": 1}
    need = estimate_footprint(
        tensors, config, number_bytes=number_bytes, nf4=quantization == "bitsandbytes",
        adapter_bytes=adapter_bytes,
    )  # fmt: skip
    arguments |= _reserve_memory(recipe, need, tokens, device)
    return VllmPlan(arguments, served)


def choose_length(asked: int | None, max_new_tokens: int, config: Any) -> int:
    """Chooses vLLM's ``max_model_len``.

    Args:
        asked: The recipe's.
        max_new_tokens: Of a drawing.
        config: A transformers configuration of the language model.

    Raises:
        RecipeError: More is asked for than the model can see at once.
    """
    context = getattr(config, "max_position_embeddings", None)
    if asked is None:
        return min(max_new_tokens + _PROMPT_TOKENS, context or max_new_tokens + _PROMPT_TOKENS)
    if context is not None and asked > context:
        raise RecipeError(f"vllm.max_model_len: is {asked}, and the model sees {context} tokens; lower it")
    return asked


def fetch_model(base: str, revision: str | None = None) -> Path:
    """Returns the folder of a model, fetching one that is on the hub; weights in safetensors only.

    Raises:
        MissingInputError: It cannot be fetched.
    """
    source = find_base(base)
    if Path(source).is_dir():
        return Path(source)
    try:
        return Path(snapshot_download(source, revision=revision, allow_patterns=list(_FILES)))
    except (OSError, ValueError) as error:
        raise MissingInputError(
            f"model: {base} cannot be fetched ({str(error).splitlines()[0]}); give a model folder, or a hub "
            "id that this machine can reach"
        ) from error


def read_gpu_memory() -> tuple[int, int]:
    """Reads how many bytes the first card has and how many are free, taking none of them as CUDA would.

    Raises:
        MachineError: nvidia-smi does not answer.
    """
    name = f"GPU-{torch.cuda.get_device_properties(0).uuid}"
    command = [
        "nvidia-smi",
        f"--id={name}",
        "--query-gpu=memory.total,memory.free",
        "--format=csv,noheader,nounits",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        total, free = (int(figure) * _MIB for figure in done.stdout.split(","))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise MachineError(
            f"vllm: nvidia-smi does not say how much memory is free ({error}); make it run, or use "
            "--engine transformers"
        ) from error
    return total, free


def _reserve_memory(recipe: DrawRecipe, need: Footprint, tokens: int, device: Device) -> dict[str, Any]:
    section = recipe.vllm
    if device == "cpu":
        available = psutil.virtual_memory().available
        check_fits_cpu(need, tokens=tokens, kv_cache_gib=section.kv_cache_gib, available=available)
        # No more than all drawings can fill when each is of the longest kind.
        most = (recipe.sampling.batch_size + 1) * _round_up(tokens) * need.token
        return {"kv_cache_memory_bytes": min(int(section.kv_cache_gib * GIB), most)}
    total, free = read_gpu_memory()
    share = compute_memory_share(section.vram_gib, total, free)
    check_fits_gpu(need, tokens=tokens, share=share, total=total, vram_gib=section.vram_gib)
    return {"gpu_memory_utilization": share}


def _round_up(tokens: int) -> int:
    return -(-tokens // _BLOCK_TOKENS) * _BLOCK_TOKENS
