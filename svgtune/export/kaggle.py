"""Kaggle's side of an export: the handle, the two metadata files, and the upload by kagglehub."""

from __future__ import annotations

import difflib
import importlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svgtune.errors import InputError, UploadError
from svgtune.runs import write_json_atomic

logger = logging.getLogger(__name__)

MODEL_FILE, INSTANCE_FILE = "model-metadata.json", "model-instance-metadata.json"

FRAMEWORKS = (
    "transformers", "pyTorch", "vllm", "gguf", "ggml", "gemmaCpp", "keras", "jax", "flax", "maxText", "pax",
    "onnx", "tensorFlow1", "tensorFlow2", "tfLite", "tfJs", "tensorRtLlm", "triton", "scikitLearn", "mxnet",
    "coral", "api", "other",
)  # fmt: skip
"""As Kaggle spells them in handles."""

LICENCES = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "gpl-2.0": "GPL 2",
    "gpl-3.0": "GPL 3",
    "agpl-3.0": "GNU Affero General Public License 3.0",
    "lgpl-3.0": "GNU Lesser General Public License 3.0",
    "cc0-1.0": "CC0: Public Domain",
    "cc-by-3.0": "Attribution 3.0 Unported (CC BY 3.0)",
    "cc-by-4.0": "Attribution 4.0 International (CC BY 4.0)",
    "cc-by-sa-3.0": "CC BY-SA 3.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "cc-by-nd-4.0": "Attribution-NoDerivatives 4.0 International (CC BY-ND 4.0)",
    "cc-by-nc-4.0": "Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)",
    "cc-by-nc-sa-4.0": "CC BY-NC-SA 4.0",
    "gemma": "Gemma",
}
"""What the hub calls a licence, and what Kaggle does."""

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FORM = "OWNER/MODEL/FRAMEWORK/VARIATION, such as jane/svgtune/transformers/nano"


@dataclass(frozen=True, slots=True)
class KaggleHandle:
    """Where a model lies on Kaggle."""

    owner: str
    model: str
    framework: str
    variation: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.model}/{self.framework}/{self.variation}"


def read_handle(text: str) -> KaggleHandle:
    """Reads a handle of four parts.

    Raises:
        InputError: It is not one.
    """
    parts = text.strip().strip("/").split("/")
    if len(parts) == 5 and parts[4].isdigit():
        raise InputError(
            f"kaggle: {text!r} names version {parts[4]}, and Kaggle numbers versions itself; give "
            f"{'/'.join(parts[:4])}"
        )
    if len(parts) != 4:
        raise InputError(f"kaggle: {text!r} has {len(parts)} parts and not four; give {_FORM}")
    for part in parts:
        if not _SLUG.fullmatch(part):
            raise InputError(
                f"kaggle: {part!r} in {text!r} may hold letters, digits, dots and hyphens only; give {_FORM}"
            )
    known = {_squeeze(name): name for name in FRAMEWORKS}
    framework = known.get(_squeeze(parts[2]))
    if framework is None:
        near = difflib.get_close_matches(_squeeze(parts[2]), known, n=1)
        hint = f"did you mean {known[near[0]]}?" if near else f"choose one of {', '.join(FRAMEWORKS)}"
        raise InputError(f"kaggle: {parts[2]!r} in {text!r} is no framework of Kaggle's; {hint}")
    return KaggleHandle(parts[0], parts[1], framework, parts[3])


def find_hub_licence(licence: str) -> str:
    """Returns the hub's name of a licence that may be given by Kaggle's."""
    return next((hub for hub, kaggle in LICENCES.items() if kaggle == licence), licence)


def find_kaggle_licence(licence: str | None) -> str:
    """Returns Kaggle's name of a licence.

    Raises:
        InputError: None is known.
    """
    if licence is None:
        raise InputError(
            "licence: the base model's card names none, and Kaggle wants one; give --licence, such as "
            "apache-2.0"
        )
    named = LICENCES.get(licence.lower(), licence)
    if named not in LICENCES.values():
        logger.warning("licence: Kaggle may not know %r; it knows %s", named, ", ".join(LICENCES.values()))
    return named


def build_metadata(
    handle: KaggleHandle,
    *,
    title: str,
    merged: bool,
    licence: str,
    base: str,
    card: str,
    usage: str,
    sources: Sequence[str],
    private: bool,
) -> dict[str, dict[str, Any]]:
    """Builds what Kaggle's command line takes beside the weights, by file name.

    Fields as in https://github.com/Kaggle/kaggle-api/blob/main/documentation/models_metadata.md.

    Args:
        handle: Where the model goes.
        title: Of the model.
        merged: Whether the weights are merged.
        licence: By Kaggle's name.
        base: The base's portable name.
        card: The model card, without its header.
        usage: How it is used, as Markdown.
        sources: Sources of the training data with their licences.
        private: Whether only its owner sees it.
    """
    what = "A language model" if merged else "A LoRA adapter"
    hub_base = f"https://huggingface.co/{base}" if "/" in base and not base.startswith("models/") else ""
    model = {
        "ownerSlug": handle.owner,
        "title": title,
        "slug": handle.model,
        "subtitle": f"{what} that writes SVG code for a caption",
        "isPrivate": private,
        "description": card,
        "publishTime": "",
        "provenanceSources": "\n".join([f"base model: {base}", *sources]),
    }
    instance = {
        "ownerSlug": handle.owner,
        "modelSlug": handle.model,
        "instanceSlug": handle.variation,
        "framework": handle.framework,
        "overview": f"{what} that writes SVG code for a caption, tuned from {base}",
        "usage": usage,
        "licenseName": licence,
        "fineTunable": True,
        "trainingData": list(sources),
        "modelInstanceType": "Unspecified",
        "baseModelInstance": "",
        "externalBaseModelUrl": hub_base,
    }
    return {MODEL_FILE: model, INSTANCE_FILE: instance}


def write_metadata(folder: Path, metadata: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the metadata files."""
    for name, values in metadata.items():
        write_json_atomic(folder / name, values)


def check_kaggle() -> None:
    """Makes sure that an upload can begin.

    Raises:
        UploadError: kagglehub or its credentials are not there.
    """
    kagglehub = _import_kagglehub()
    try:
        known = kagglehub.config.get_kaggle_credentials()
    except ValueError as error:
        raise UploadError(
            f"kaggle: {error}; download kaggle.json anew from your account's settings"
        ) from error
    if known is None:
        raise UploadError(
            "kaggle: there are no credentials; set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, or "
            "look first with --dry-run"
        )


def upload_to_kaggle(
    folder: Path, handle: KaggleHandle, *, licence: str, notes: str, left_out: Sequence[str]
) -> None:
    """Uploads a folder as a new version, and as a new private model where there is none.

    Raises:
        UploadError: It did not get through.
    """
    kagglehub = _import_kagglehub()
    try:
        kagglehub.model_upload(
            str(handle),
            str(folder),
            license_name=licence,
            version_notes=notes,
            ignore_patterns=list(left_out),
        )
    # kagglehub raises errors of its own, of requests and plain ones, and none of them must lose the export.
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise UploadError(
            f"kaggle: {handle} was not uploaded ({lines[0]:.300}); mend that and go on with --resume"
        ) from error


def _import_kagglehub() -> Any:
    try:
        return importlib.import_module("kagglehub")
    except ImportError as error:
        raise UploadError(
            "kaggle: kagglehub is not installed; pip install 'svgtune[kaggle]', or look first with --dry-run"
        ) from error


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
