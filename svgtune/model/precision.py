"""Which device a run computes on, and in which number format."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import MethodType
from typing import Any, Literal

import torch
from accelerate.utils.operations import ConvertOutputsToFp32
from torch import nn

from svgtune.errors import MachineError
from svgtune.processor import has_fast_bf16, read_cpu_flags

logger = logging.getLogger(__name__)

Device = Literal["cpu", "cuda"]
PrecisionName = Literal["bf16", "fp16", "fp32"]

WHAT_RUNS_HERE = "recipes/sft/nano_lora.yaml runs on this machine"

# Their residual stream grows beyond 65,504, the largest fp16 number.
_OVERFLOWS_FP16 = frozenset({"gemma2", "gemma3", "gemma3_text"})
_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Precision:
    """The number format of the forward pass; optimiser states and trained weights stay fp32.

    Attributes:
        reason: Why this one, for the log.
    """

    name: PrecisionName
    reason: str

    @property
    def dtype(self) -> torch.dtype:
        """The torch type of the same name."""
        return _DTYPES[self.name]


def find_device(
    requested: Literal["auto", "cpu", "cuda"], *, quantised: bool = False, name: str = ""
) -> Device:
    """Finds the device to run on.

    Args:
        requested: As in the recipe; ``auto`` takes the GPU where there is one.
        quantised: Whether the weights are 4-bit. Those run on a CPU too, far too slowly for a real model, so
            a CPU must be asked for by name.
        name: The recipe's name, for the message.

    Raises:
        MachineError: The recipe needs a GPU that this machine does not have.
    """
    if requested == "cpu":
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    if requested == "cuda" or quantised:
        asked = "device is cuda" if requested == "cuda" else "quantisation is nf4"
        raise MachineError(
            f"recipe {name or 'sft'}: {asked}, but torch finds no CUDA device; {WHAT_RUNS_HERE}"
        )
    return "cpu"


def choose_precision(
    requested: Literal["auto", "bf16", "fp16", "fp32"],
    device: Device,
    *,
    model_type: str = "",
    cpu_flags: frozenset[str] | None = None,
    capability: tuple[int, int] | None = None,
) -> Precision:
    """Chooses the number format: bf16 only where it is fast, fp16 on older GPUs, else fp32.

    Args:
        requested: As in the recipe.
        device: Where the model runs.
        model_type: As in the model's config.json; some families overflow in fp16.
        cpu_flags: Feature flags of the processor; None reads this machine's.
        capability: CUDA compute capability; None asks torch.

    Raises:
        MachineError: The format asked for does not exist on this device.
    """
    if device == "cuda" and capability is None:
        capability = torch.cuda.get_device_capability()
    flags = read_cpu_flags() if cpu_flags is None else cpu_flags
    if requested == "auto":
        return _fastest_precision(device, model_type, flags, capability)
    if requested == "fp16" and device == "cpu":
        raise MachineError("precision: fp16 does not train on a CPU; set precision to auto, bf16 or fp32")
    if requested == "bf16" and capability is not None and capability < (8, 0):
        raise MachineError(
            f"precision: bf16 needs compute capability 8.0 and this GPU has {capability[0]}.{capability[1]}; "
            "set precision to auto or fp16"
        )
    if requested == "fp16" and model_type in _OVERFLOWS_FP16:
        logger.warning(
            "precision: %s overflows in fp16, the loss may turn into NaN; auto picks fp32", model_type
        )
    if requested == "bf16" and device == "cpu" and not has_fast_bf16(flags):
        logger.warning("precision: this processor has no bf16 instructions, so bf16 is slower than fp32 here")
    return Precision(requested, "asked for by the recipe")


def _fastest_precision(
    device: Device, model_type: str, flags: frozenset[str], capability: tuple[int, int] | None
) -> Precision:
    if device == "cpu":
        if has_fast_bf16(flags):
            return Precision("bf16", "the processor has bf16 instructions")
        return Precision("fp32", "the processor has no bf16 instructions")
    if capability is not None and capability >= (8, 0):
        return Precision("bf16", f"compute capability {capability[0]}.{capability[1]}")
    if model_type in _OVERFLOWS_FP16:
        return Precision("fp32", f"the GPU has no bf16, and {model_type} overflows in fp16")
    return Precision("fp16", "the GPU has no bf16")


@contextmanager
def unrounded(model: nn.Module) -> Iterator[None]:
    """Lets float32 weights on the CPU compute as they are, whatever autocast would make of them.

    A step of decoding reads one token a row: rounding all weights to bf16 each time takes longer than the
    faster products save. Other models are left as they are.

    Args:
        model: As it is, or as accelerate has prepared it, once or more, with autocast around its ``forward``.
    """
    if any(p.device.type != "cpu" or p.dtype != torch.float32 for p in model.parameters()):
        yield
        return
    own = vars(model)
    prepared = own.get("forward")
    if prepared is not None:
        own["forward"] = _take_off_autocast(prepared)
    try:
        with torch.autocast("cpu", enabled=False):
            yield
    finally:
        if prepared is not None:
            own["forward"] = prepared


def _take_off_autocast(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Returns what accelerate has put its autocast around, however often it did; anything else stays."""
    function: Any = getattr(forward, "__func__", forward)
    while isinstance(getattr(function, "__wrapped__", None), ConvertOutputsToFp32):
        # Outermost the conversion of the outputs, then torch's decorator, then what it decorates.
        function = function.__wrapped__.model_forward.__wrapped__
    owner = getattr(forward, "__self__", None)
    return function if owner is None else MethodType(function, owner)
