"""Weights made unusable in the ways that users meet."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import torch
from safetensors.torch import load_file, save_file

DAMAGES = ("halved", "empty", "pointer", "empty_bin", "pointer_bin")
_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1711\n"
_FILE = "model.safetensors"


def copy_damaged(folder: Path, copy: Path, damage: str) -> Path:
    """Copies a model's folder; its weights are cut off, empty, or a pointer of Git LFS."""
    copytree(folder, copy)
    whole = (copy / _FILE).read_bytes()
    kind, _, is_bin = damage.partition("_")
    content = {"halved": whole[: len(whole) // 2], "empty": b"", "pointer": _POINTER}[kind]
    (copy / _FILE).unlink()
    (copy / ("pytorch_model.bin" if is_bin else _FILE)).write_bytes(content)
    return copy


def copy_reshaped(folder: Path, copy: Path, name: str) -> Path:
    """Copies a model's folder; one weight gets the shape (7, 5)."""
    copytree(folder, copy)
    save_file({**load_file(copy / _FILE), name: torch.zeros(7, 5)}, copy / _FILE, {"format": "pt"})
    return copy


def copy_without(folder: Path, copy: Path, name: str) -> Path:
    """Copies a model's folder; one weight is left out."""
    copytree(folder, copy)
    state = load_file(copy / _FILE)
    del state[name]
    save_file(state, copy / _FILE, {"format": "pt"})
    return copy
