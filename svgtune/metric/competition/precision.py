"""In which number format a judge runs, and where."""

from __future__ import annotations

import importlib.util
from typing import Any, Literal

import torch
from transformers import BitsAndBytesConfig

from svgtune.errors import MachineError
from svgtune.processor import has_fast_bf16, read_cpu_flags

Precision = Literal["auto", "nf4", "fp16", "bf16", "fp32"]

_DTYPES = {"nf4": torch.float16, "fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
_BF16_CAPABILITY = (8, 0)


def find_device(requested: str = "auto") -> str:
    """Finds the device; ``auto`` is the GPU where there is one.

    Raises:
        MachineError: A GPU is asked for, and there is none.
    """
    has_gpu = torch.cuda.is_available()
    if requested == "auto":
        return "cuda" if has_gpu else "cpu"
    if requested.startswith("cuda") and not has_gpu:
        raise MachineError(
            f"judge: device is {requested}, but torch finds no CUDA device; set it to auto or cpu"
        )
    return requested


def choose_precision(requested: Precision, device: str) -> Precision:
    """Chooses the number format of a large judge.

    ``auto`` is nf4 on a GPU with bitsandbytes, as at the competition; without bitsandbytes bf16 where the GPU
    has it, else fp16; and fp32 on a CPU.

    Raises:
        MachineError: nf4 is asked for, and bitsandbytes or a GPU is missing.
    """
    on_gpu = device.startswith("cuda")
    has_bitsandbytes = importlib.util.find_spec("bitsandbytes") is not None
    if requested == "nf4" and not (on_gpu and has_bitsandbytes):
        lacking = "the device is " + device if has_bitsandbytes else "bitsandbytes is not installed"
        raise MachineError(
            f"judge: precision is nf4, but {lacking}; set it to auto, or pip install svgtune[gpu]"
        )
    if requested != "auto":
        return requested
    if not on_gpu:
        return "fp32"
    if has_bitsandbytes:
        return "nf4"
    return "bf16" if is_fast_in_bf16(device) else "fp16"


def is_fast_in_bf16(device: str) -> bool:
    """Says whether this machine computes faster in bf16 than in fp32."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(device) >= _BF16_CAPABILITY
    return has_fast_bf16(read_cpu_flags())


def list_load_options(precision: Precision, device: str) -> dict[str, Any]:
    """Returns the options of ``from_pretrained`` for a format that ``choose_precision`` returned."""
    options: dict[str, Any] = {"dtype": _DTYPES[precision], "device_map": {"": device}}
    if precision == "nf4":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float16,
        )
    return options
