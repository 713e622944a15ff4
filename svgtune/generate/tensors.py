"""What safetensors files hold, read from their headers: shapes and sizes, and whether they are whole."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from safetensors import SafetensorError, safe_open

from svgtune.errors import InputError, MissingInputError

_INDEX_FILE = "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
_FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
_WIDE = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """One tensor of a file.

    Attributes:
        dtype: As safetensors writes it, such as ``BF16``.
    """

    shape: tuple[int, ...]
    dtype: str

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    @property
    def is_float(self) -> bool:
        """Whether it is converted to the model's number format when it is loaded."""
        return self.dtype in _FLOATS

    @property
    def stored_bytes(self) -> int:
        """Its size in the file."""
        return self.numbers * _WIDE.get(self.dtype, 1)


def read_headers(path: Path) -> dict[str, TensorHeader]:
    """Reads which tensors one file holds.

    Raises:
        InputError: The file is not whole.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            return {name: TensorHeader(tuple(s.get_shape()), s.get_dtype()) for name, s in slices.items()}
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path}: is no whole safetensors file ({error}); fetch or save it anew") from error


def refuse_pickles(folder: Path, kind: Literal["model", "adapter"]) -> None:
    """Makes sure that a folder without weights in safetensors does not hold them as a pickle.

    Raises:
        InputError: It does.
    """
    stem = "adapter_model" if kind == "adapter" else ""
    for path in sorted(folder.glob(f"{stem}*")):
        if path.suffix in _PICKLES:
            raise InputError(
                f"{kind}: {path} is a pickle, which can run any code when it is opened; save the {kind} as "
                "safetensors"
            )


def read_model_headers(folder: Path) -> dict[str, TensorHeader]:
    """Reads which tensors a model's folder holds.

    Raises:
        InputError: A file is not whole or not there, or the weights are pickles.
        MissingInputError: There are no weights.
    """
    index = folder / _INDEX_FILE
    if index.is_file():
        try:
            names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{index}: cannot be read ({error}); fetch the model anew") from error
        files = [folder / name for name in sorted(names)]
    else:
        files = sorted(folder.glob("*.safetensors"))
    if missing := [path.name for path in files if not path.is_file()]:
        raise InputError(f"model: {folder} lacks {missing[0]}, which its index names; fetch the model anew")
    if not files:
        refuse_pickles(folder, "model")
        raise MissingInputError(f"model: {folder} holds no safetensors weights; give a complete model")
    return {name: header for path in files for name, header in read_headers(path).items()}
