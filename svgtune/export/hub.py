"""The hub's side of an export: the id, and the upload by huggingface_hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled
from huggingface_hub.utils import validate_repo_id

from svgtune.errors import InputError, UploadError


def check_hub_id(text: str) -> str:
    """Returns a hub id of owner and name.

    Raises:
        InputError: It is not one.
    """
    try:
        validate_repo_id(text)
    except HFValidationError as error:
        raise InputError(f"hub: {text!r} is no hub id ({error}); give OWNER/NAME") from error
    if text.count("/") != 1:
        raise InputError(f"hub: {text!r} names no owner; give OWNER/NAME")
    return text


def check_hub() -> None:
    """Makes sure that an upload can begin.

    Raises:
        UploadError: Nobody is logged in, or the hub is switched off.
    """
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise UploadError("hub: HF_HUB_OFFLINE is set; unset it, or look first with --dry-run")
    if huggingface_hub.get_token() is None:
        raise UploadError(
            "hub: there is no token; run hf auth login or set HF_TOKEN, or look first with --dry-run"
        )


def upload_to_hub(folder: Path, hub_id: str, *, files: Sequence[str], private: bool, notes: str) -> None:
    """Uploads files of a folder to a repository, which is made where there is none.

    Raises:
        UploadError: It did not get through.
    """
    try:
        api = huggingface_hub.HfApi()
        api.create_repo(hub_id, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=hub_id,
            folder_path=str(folder),
            allow_patterns=list(files),
            commit_message=notes or "Upload by svgtune",
        )
    except (HfHubHTTPError, OfflineModeIsEnabled, OSError, ValueError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise UploadError(
            f"hub: {hub_id} was not uploaded ({lines[0]:.300}); mend that and go on with --resume"
        ) from error
