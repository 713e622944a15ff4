"""How much memory a model takes in vLLM, and whether it fits: known before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from svgtune.errors import MachineError
from svgtune.generate.tensors import TensorHeader

GIB = 1 << 30
# What CUDA itself takes on a card; vLLM does not count it as its own.
_CONTEXT_BYTES = GIB // 2
# Activations, sampling and CUDA graphs; vLLM measures them only after the weights are loaded.
_WORKING_BYTES = 5 * GIB // 4
# nf4: half a byte for a weight, and four bytes of scale for 64 of them.
_NF4_BYTES = 0.5 + 4 / 64
# Less room than this draws nothing worth having.
_USEFUL_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a model needs.

    Attributes:
        weights: Bytes, with the adapter's.
        token: Bytes of keys and values that one token of a drawing takes.
        four_bit: Whether the weights are counted, or stored, in four bits.
    """

    weights: int
    token: int
    four_bit: bool


def estimate_footprint(
    tensors: Mapping[str, TensorHeader], config: Any, *, number_bytes: int, nf4: bool, adapter_bytes: int = 0
) -> Footprint:
    """Estimates a model's memory from its files' headers and its configuration.

    Args:
        tensors: Of the model; floats are loaded in the engine's format, packed integers as they are.
        config: A transformers configuration of the language model.
        number_bytes: Of the engine's format: 2 or 4.
        nf4: Whether vLLM packs the linear layers when it loads them.
        adapter_bytes: Of the adapter, in the engine's format.
    """
    heads = config.num_attention_heads
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // heads
    kv_heads = getattr(config, "num_key_value_heads", None) or heads
    weights = 0.0
    for name, tensor in tensors.items():
        if nf4 and name.endswith("_proj.weight"):
            weights += tensor.numbers * _NF4_BYTES
        else:
            weights += tensor.numbers * number_bytes if tensor.is_float else tensor.stored_bytes
    return Footprint(
        weights=int(weights) + adapter_bytes,
        token=2 * config.num_hidden_layers * kv_heads * head_dim * number_bytes,
        four_bit=nf4 or any(name.endswith(".qweight") for name in tensors),
    )


def compute_memory_share(vram_gib: float, total: int, free: int) -> float:
    """Computes vLLM's ``gpu_memory_utilization``: what it may take of a card, CUDA's own part left out.

    Args:
        vram_gib: The recipe's budget.
        total: Bytes of the card.
        free: Bytes of it that nobody has taken.

    Raises:
        MachineError: Nothing useful is left.
    """
    share = (min(vram_gib * GIB, free) - _CONTEXT_BYTES) / total
    if share * total < _WORKING_BYTES:
        raise MachineError(
            f"vllm.vram_gib: is {vram_gib:g}, and {free / GIB:.1f} of the card's {total / GIB:.1f} GiB are "
            "free, which no model fits into; end what else runs there, or raise it"
        )
    return share


def check_fits_gpu(footprint: Footprint, *, tokens: int, share: float, total: int, vram_gib: float) -> None:
    """Makes sure that a GPU holds a model and one drawing of the longest kind.

    Args:
        footprint: Of the model.
        tokens: ``max_model_len``.
        share: Of the card, as ``compute_memory_share`` gives it.
        total: Bytes of the card.
        vram_gib: The recipe's budget, for the message.

    Raises:
        MachineError: It does not; the message says what would fit.
    """
    room = share * total - _WORKING_BYTES - footprint.weights
    need = tokens * footprint.token
    if need <= room:
        return
    remedies = []
    if room >= _USEFUL_TOKENS * footprint.token:
        remedies.append(f"set vllm.max_model_len to {_round_tokens(room / footprint.token)} or less")
    wanted = (footprint.weights + need + _WORKING_BYTES + _CONTEXT_BYTES) / GIB
    if wanted <= total / GIB:
        remedies.append(f"raise vllm.vram_gib to {wanted:.1f}, with as much free")
    if not footprint.four_bit:
        remedies.append("take a recipe in four bits, such as recipes/generate/qwen2.5_7b_awq_vllm.yaml")
    remedies = remedies or ["take a smaller model"]
    raise MachineError(
        f"vllm: the model takes {footprint.weights / GIB:.1f} GiB and a drawing of {tokens} tokens "
        f"{need / GIB:.2f} GiB, beside {_WORKING_BYTES / GIB:.2f} GiB to work in, and vllm.vram_gib "
        f"{vram_gib:g} leaves {share * total / GIB:.1f} GiB; {', or '.join(remedies)}"
    )


def check_fits_cpu(footprint: Footprint, *, tokens: int, kv_cache_gib: float, available: int) -> None:
    """Makes sure that main memory holds a model, and the cache one drawing of the longest kind.

    Args:
        footprint: Of the model.
        tokens: ``max_model_len``.
        kv_cache_gib: As in the recipe.
        available: Bytes that a new process can have.

    Raises:
        MachineError: It does not; the message says what would fit.
    """
    need = tokens * footprint.token
    if need > kv_cache_gib * GIB:
        shorter = _round_tokens(kv_cache_gib * GIB / footprint.token)
        raise MachineError(
            f"vllm.kv_cache_gib: is {kv_cache_gib:g}, and a drawing of {tokens} tokens takes "
            f"{need / GIB:.2f} GiB; raise it, or set vllm.max_model_len to {shorter} or less"
        )
    wanted = footprint.weights + kv_cache_gib * GIB + _WORKING_BYTES
    if wanted > available:
        raise MachineError(
            f"vllm: the model takes {footprint.weights / GIB:.1f} GiB, its cache {kv_cache_gib:g} and the "
            f"engine {_WORKING_BYTES / GIB:.2f}, and {available / GIB:.1f} GiB of memory are available; "
            "lower vllm.kv_cache_gib, or take a smaller model"
        )


def _round_tokens(tokens: float) -> int:
    return int(tokens) // 32 * 32
