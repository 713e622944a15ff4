from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from svgtune.errors import InputError, MissingInputError
from svgtune.generate.tensors import read_model_headers


def save(path: Path, *names: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    save_file({name: np.zeros((4, 8), np.float16) for name in names}, path)
    return path


def test_a_model_in_parts_is_read_by_its_index_alone(tmp_path: Path) -> None:
    for part, name in (("1.safetensors", "a"), ("2.safetensors", "b"), ("consolidated.safetensors", "c")):
        save(tmp_path / part, name)
    index = {"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    headers = read_model_headers(tmp_path)
    assert sorted(headers) == ["a", "b"]
    assert (headers["a"].shape, headers["a"].stored_bytes) == ((4, 8), 64)
    (tmp_path / "2.safetensors").unlink()
    with pytest.raises(InputError, match=r"lacks 2\.safetensors, which its index names"):
        read_model_headers(tmp_path)


def test_a_file_that_was_cut_off_is_named(tmp_path: Path) -> None:
    path = save(tmp_path / "model.safetensors", "a")
    whole = path.read_bytes()
    for wrong in (whole[:-10], whole[:20], b"", b"\xff" * 100, b"<html>404</html>"):
        path.write_bytes(wrong)
        with pytest.raises(InputError, match=r"model\.safetensors: is no whole safetensors file"):
            read_model_headers(tmp_path)


def test_pickles_are_refused_and_nothing_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="holds no safetensors weights"):
        read_model_headers(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(InputError, match="is a pickle, which can run any code"):
        read_model_headers(tmp_path)
