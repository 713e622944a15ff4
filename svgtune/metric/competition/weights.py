"""Finds a judge's weights: on this machine, on the hub, or at Kaggle."""

from __future__ import annotations

import re
from pathlib import Path

from svgtune.errors import MachineError, MissingInputError

_KAGGLE = "kaggle:"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_LOCAL_STARTS = ("/", "./", "../", "~", "models/", "runs/")
_MODEL_PARTS = (4, 5)


def find_weights(source: str | Path) -> str:
    """Finds what a source means.

    Args:
        source: A file or folder; a hub id (``owner/name``); or a Kaggle handle: a model's, such as
            ``google/paligemma-2/transformers/paligemma2-10b-mix-448``, or a data set's, then with ``kaggle:``
            before it, such as ``kaggle:metric/sac-logos-ava1-l14-linearmse``.

    Returns:
        The path on this machine, downloaded from Kaggle if need be, or the hub id.

    Raises:
        MissingInputError: There is no such file, folder or handle, or Kaggle cannot be reached.
        MachineError: It is a Kaggle handle, and kagglehub is not installed.
    """
    text = str(source)
    path = Path(text).expanduser()
    if path.exists():
        return str(path)
    parts = text.split("/")
    if text.startswith(_KAGGLE) or (len(parts) in _MODEL_PARTS and not text.startswith(_LOCAL_STARTS)):
        return _fetch_from_kaggle(text.removeprefix(_KAGGLE))
    if text.startswith(_LOCAL_STARTS) or not _HUB_ID.fullmatch(text):
        raise MissingInputError(
            f"judge: looked for {path.absolute()}, and it is not there; give a file or folder, a hub id such "
            "as google/paligemma2-10b-mix-448, or a Kaggle handle such as kaggle:owner/name"
        )
    return text


def first_line(error: Exception) -> str:
    """Returns the first line of an error's text, or its class where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _fetch_from_kaggle(handle: str) -> str:
    try:
        import kagglehub
    except ImportError as error:
        raise MachineError(
            f"judge: {handle} is a Kaggle handle, and kagglehub is not installed; pip install kagglehub, or "
            "download it from kaggle.com and give the folder"
        ) from error
    parts = handle.split("/")
    is_data_set = len(parts) == 2 or parts[2:3] == ["versions"]
    try:
        return str((kagglehub.dataset_download if is_data_set else kagglehub.model_download)(handle))
    except Exception as error:
        raise MissingInputError(
            f"judge: {handle} cannot be fetched from Kaggle ({first_line(error)}); check the handle "
            "and whether its terms are accepted, or download it and give the folder"
        ) from error
