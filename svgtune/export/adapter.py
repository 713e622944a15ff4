"""The adapter that is exported: found, checked, and copied without what belongs to this machine."""

from __future__ import annotations

import json
import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from safetensors import SafetensorError, safe_open
from transformers import PreTrainedTokenizerBase

from svgtune.assets import find_asset
from svgtune.config.export import ExportRecipe
from svgtune.config.generate import GenerateRecipe
from svgtune.errors import InputError, MissingInputError, RecipeError
from svgtune.generate.loading import choose_model
from svgtune.model.start import ADAPTER_FILE, WEIGHTS_FILE
from svgtune.runs import write_json_atomic

logger = logging.getLogger(__name__)

TOKENIZER_FILES = (
    "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json",
    "tokenizer.model", "vocab.json", "merges.txt", "added_tokens.json",
)  # fmt: skip
_PICKLE_STARTS = (b"PK\x03\x04", b"\x80")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_CACHED = re.compile(r"models--([\w.-]+?)--([\w.-]+)/snapshots/")
_LOCAL_STARTS = ("models/", "runs/", ".", "/", "~")
# Those that only set how training begins leave plain low-rank matrices behind; PiSSA and its like change the
# base as well.
_PLAIN_STARTS = ("gaussian", "eva", "orthogonal", "lora_ga")
_REFUSED_BY_VLLM = (
    "modules_to_save", "trainable_token_indices", "use_dora", "lora_bias", "alora_invocation_tokens",
    "layer_replication", "use_qalora", "use_bdlora",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A finished adapter and the base it belongs to.

    Attributes:
        base: Folder or hub id that the base is loaded from.
        base_name: What the export calls it.
        config: As in adapter_config.json.
        shapes: Of the adapter's tensors, by name.
    """

    folder: Path
    base: str
    base_name: str
    config: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]

    @property
    def embedding_rows(self) -> int | None:
        """How many token embeddings the adapter brings; None where it brings none."""
        rows = [shape[0] for name, shape in self.shapes.items() if _is_embedding(name)]
        return max(rows, default=None)


def read_source(recipe: ExportRecipe) -> Source:
    """Finds the adapter and its base, and checks the adapter's files.

    Raises:
        RecipeError: No adapter was given, or it is a whole model.
        MissingInputError: There is no whole adapter, or no base.
        InputError: Its weights are a pickle, broken or not finite, or it belongs to another base.
    """
    if recipe.adapter is None:
        raise RecipeError("adapter: was not given; give --adapter FOLDER")
    folder = find_asset(recipe.adapter)
    if not folder.is_dir():
        raise MissingInputError(f"adapter: there is no folder {folder}; give that of a finished adapter")
    if not (folder / ADAPTER_FILE).is_file() and (folder / "config.json").is_file():
        raise RecipeError(f"adapter: {folder} is a whole model already; publish it as it is")
    choice = choose_model(GenerateRecipe(model=recipe.model, adapter=str(folder)))
    config = _read_config(folder / ADAPTER_FILE)
    named = str(config.get("base_model_name_or_path") or "")
    if recipe.model is not None and recipe.base_name is None:
        _check_same_base(folder, named, recipe.model)
    shapes = read_weights(folder / WEIGHTS_FILE)
    name = recipe.base_name or find_portable_name(named or choice.base)
    return Source(folder, choice.base, name, config, shapes)


def read_weights(path: Path) -> dict[str, tuple[int, ...]]:
    """Reads every tensor of a safetensors file, and returns their shapes by name.

    Raises:
        InputError: The file is broken, holds nothing, or a number in it is not finite.
    """
    shapes = {}
    try:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - it is no dict
                tensor = file.get_tensor(name)
                if not torch.isfinite(tensor).all():
                    raise InputError(f"{path}: {name} holds numbers that are not finite; train it anew")
                shapes[name] = tuple(tensor.shape)
    except (SafetensorError, OSError) as error:
        with path.open("rb") as raw:
            pickled = raw.read(8).startswith(_PICKLE_STARTS)
        what = "is a pickle under another name" if pickled else f"is no whole safetensors file ({error})"
        raise InputError(f"{path}: {what}; copy the adapter again, or train it anew") from error
    if not shapes:
        raise InputError(f"{path}: holds no tensors; train the adapter anew")
    return shapes


def find_portable_name(base: str) -> str:
    """Returns what a base is called everywhere: its hub id, ``models/NAME``, or its folder's last name."""
    cached = _CACHED.search(base)
    if cached:
        return f"{cached[1]}/{cached[2]}"
    parts = Path(base).parts
    shipped = len(parts) == 2 and parts[0] == "models"
    if shipped or (
        _HUB_ID.fullmatch(base) and not base.startswith(_LOCAL_STARTS) and not Path(base).exists()
    ):
        return base
    name = Path(base).name
    logger.warning(
        "base: %s is a folder of this machine, and the export calls it %s; give --base_name for its hub id",
        base, name,
    )  # fmt: skip
    return name


def check_servable(source: Source, tokenizer: PreTrainedTokenizerBase, own: PreTrainedTokenizerBase) -> None:
    """Makes sure that vLLM takes the adapter as it is.

    Args:
        source: The adapter.
        tokenizer: That the adapter was tuned with.
        own: The base model's own.

    Raises:
        InputError: It is more than low-rank matrices, or has tokens of its own.
    """
    found = [f"{key} {source.config[key]}" for key in _REFUSED_BY_VLLM if source.config.get(key)]
    start = source.config.get("init_lora_weights")
    if isinstance(start, str) and start.lower() not in _PLAIN_STARTS:
        found.append(f"init_lora_weights {start}")
    if source.config.get("bias", "none") != "none":
        found.append(f"bias {source.config['bias']}")
    whole = next((name for name in source.shapes if ".lora_" not in name), None)
    if not found and whole is not None:
        found.append(f"a whole tensor {whole}")
    added = sorted(set(tokenizer.get_vocab()) - set(own.get_vocab()))
    if added:
        found.append(f"{len(added)} added tokens such as {added[0]}")
    if found:
        raise InputError(
            f"adapter: {source.folder} has {' and '.join(found)}, which vLLM refuses in an adapter; "
            "export it with --merged"
        )


def copy_adapter(source: Source, target: Path) -> None:
    """Copies weights and configuration, the latter with the base's portable name."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.folder / WEIGHTS_FILE, target / WEIGHTS_FILE)
    changes = {"base_model_name_or_path": source.base_name, "inference_mode": True}
    write_json_atomic(target / ADAPTER_FILE, {**source.config, **changes})


def find_base_file(base: str, name: str, *, revision: str | None = None) -> Path | None:
    """Finds a file beside a base model's weights, here or on the hub; None where it cannot be had."""
    folder = find_asset(base)
    if folder.is_dir():
        return folder / name if (folder / name).is_file() else None
    try:
        return Path(hf_hub_download(base, name, revision=revision))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError):
        return None


def list_tokenizer_files(folder: Path) -> list[Path]:
    """Lists a folder's tokenizer files; none where they are not complete."""
    if not (folder / "tokenizer_config.json").is_file():
        return []
    return [folder / name for name in TOKENIZER_FILES if (folder / name).is_file()]


def _is_embedding(name: str) -> bool:
    return ".lora_" not in name and ("embed_tokens" in name or "lm_head" in name)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        kind = config.get("peft_type")
    except (ValueError, AttributeError) as error:
        raise InputError(f"{path}: is no configuration of an adapter ({error}); train it again") from error
    if kind != "LORA":
        raise InputError(f"{path}: is of type {kind}, and only LORA can be exported; train such an adapter")
    return dict(config)


def _check_same_base(folder: Path, named: str, given: str) -> None:
    if named and Path(named).name != Path(given).name:
        raise InputError(
            f"adapter: {folder} was trained on {named}, and --model is {given}; give that base, or say with "
            f"--base_name {named} that it is the same"
        )
