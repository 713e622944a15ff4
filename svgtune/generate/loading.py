"""From a recipe to an engine that is ready to draw: which base, which adapter, which precision."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svgtune.assets import find_asset
from svgtune.config.generate import GenerateRecipe
from svgtune.errors import InputError, MachineError, MissingInputError
from svgtune.generate.engine import Engine

logger = logging.getLogger(__name__)

_SHIPPED_MODELS = ("models/nano-drawing", "models/nano")
_ADAPTER_FILE = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What is loaded.

    Attributes:
        base: A model folder or hub id.
        adapter: A PEFT adapter's folder or hub id; None for a model of its own.
    """

    base: str
    adapter: str | None

    @property
    def name(self) -> str:
        """What a person would call it."""
        return f"{self.base} + {self.adapter}" if self.adapter else self.base


def choose_model(recipe: GenerateRecipe) -> ModelChoice:
    """Finds the base model and the adapter that a recipe means, without loading them.

    Raises:
        MachineError: The recipe asks for an engine that is not there.
        InputError: An adapter's weights are a pickle, or its configuration cannot be read.
        MissingInputError: A folder that the recipe names is not there or not complete.
    """
    if recipe.engine == "vllm":
        raise MachineError("engine: vLLM engine is not part of this version; use --engine transformers")
    model, adapter = recipe.model, recipe.adapter
    if model is None and adapter is None:
        model = _find_shipped_model()
    if model is not None and adapter is None and (find_asset(model) / _ADAPTER_FILE).is_file():
        model, adapter = None, model
    if adapter is None:
        return ModelChoice(str(model), None)
    folder = find_asset(adapter)
    if folder.exists():
        _check_adapter_folder(folder)
        adapter = str(folder)
    elif adapter.count("/") != 1 or adapter.startswith((".", "/", "runs/", "models/")):
        raise MissingInputError(
            f"adapter: there is no folder {adapter}; give an adapter's folder or a hub id"
        )
    return ModelChoice(model or _read_adapter_base(adapter), adapter)


def load_engine(recipe: GenerateRecipe, choice: ModelChoice) -> Engine:
    """Loads a model into the engine that the recipe names.

    Raises:
        InputError: The adapter does not fit the base, or the normal form the model.
        MissingInputError: A model is not there.
        MachineError: The recipe needs a GPU or a number format that this machine does not have.
    """
    # Imported here: choosing and refusing a model needs no torch.
    from svgtune.generate.chat import ChatEncoder
    from svgtune.generate.transformers_engine import TransformersEngine
    from svgtune.model.card import TRAITS_FILE, Traits, read_traits
    from svgtune.model.load import load_base, load_tokenizer, read_model_type
    from svgtune.model.precision import choose_precision, find_device

    device = find_device(recipe.device, quantised=recipe.quantisation != "none", name="generate")
    wanted = "fp32" if recipe.precision == "auto" and device == "cpu" else recipe.precision
    revision = recipe.revision
    precision = choose_precision(wanted, device, model_type=read_model_type(choice.base, revision=revision))
    model: Any = load_base(
        choice.base,
        dtype=precision.dtype,
        quantisation=recipe.quantisation,
        device=device,
        revision=revision,
    )
    if choice.adapter is not None:
        model = attach_adapter(model, choice, merge=recipe.quantisation == "none")
    form = recipe.normal_form
    traits = Traits(canvas=form.canvas, max_bytes=form.max_bytes)
    for folder in filter(None, (choice.adapter, str(find_asset(choice.base)))):
        if (Path(folder) / TRAITS_FILE).is_file():
            traits = read_traits(folder)
            break
    style = traits.prompt_style
    logger.info("generate: %s on %s in %s, asked in %s style", choice.name, device, precision.name, style)
    if recipe.grammar and traits.canvas != form.canvas:
        raise InputError(
            f"normal_form.canvas: is {form.canvas}, and {choice.name} draws on {traits.canvas}; give the "
            "normal form that it was tuned on, or set grammar to false"
        )
    encoder = ChatEncoder(load_tokenizer(choice.base, revision=revision), traits)
    return TransformersEngine(model, encoder, form if recipe.grammar else None)


def _find_shipped_model() -> str:
    for name in _SHIPPED_MODELS:
        folder = find_asset(name)
        if (folder / "config.json").is_file() or (folder / _ADAPTER_FILE).is_file():
            return str(folder)
    raise MissingInputError(
        f"model: neither {' nor '.join(_SHIPPED_MODELS)} is there; give --model FOLDER or a hub id"
    )


def _check_adapter_folder(folder: Path) -> None:
    if not (folder / _ADAPTER_FILE).is_file():
        raise MissingInputError(
            f"adapter: {folder} holds no {_ADAPTER_FILE}; give the folder of a PEFT adapter"
        )
    if (folder / "adapter_model.safetensors").is_file():
        return
    if (folder / "adapter_model.bin").is_file():
        raise InputError(
            f"adapter: {folder}/adapter_model.bin is a pickle, which can run any code when it is opened; "
            "save the adapter as safetensors"
        )
    raise MissingInputError(
        f"adapter: {folder} holds no adapter_model.safetensors; train it to its end, or give another"
    )


def _read_adapter_base(adapter: str) -> str:
    folder = Path(adapter)
    if folder.is_dir():
        try:
            config = json.loads((folder / _ADAPTER_FILE).read_text(encoding="utf-8"))
            base = config["base_model_name_or_path"]
        except (ValueError, KeyError, TypeError) as error:
            where = folder / _ADAPTER_FILE
            raise InputError(f"{where}: names no base model ({error}); give --model") from error
    else:
        from peft import PeftConfig

        try:
            base = PeftConfig.from_pretrained(adapter).base_model_name_or_path
        except (OSError, ValueError) as error:
            raise MissingInputError(
                f"adapter: {adapter} cannot be loaded ({_first_line(error)}); give an adapter's folder, or a "
                "hub id that this machine can reach"
            ) from error
    if not base:
        raise InputError(f"adapter: {adapter} does not name the model it was trained on; give --model")
    # An adapter that ships, or was moved with its base, may name it relative to its own folder.
    beside = folder.parent / Path(base).name
    return str(beside) if not find_asset(base).exists() and (beside / "config.json").is_file() else str(base)


def attach_adapter(model: Any, choice: ModelChoice, *, merge: bool) -> Any:
    """Puts the chosen adapter on a loaded base, and merges it into the weights where ``merge`` says so.

    Raises:
        InputError: It does not fit.
    """
    from peft import PeftModel

    try:
        tuned = PeftModel.from_pretrained(
            model, choice.adapter, torch_device=str(model.device), use_safetensors=True
        )
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        raise InputError(
            f"adapter: {choice.adapter} cannot be put on {choice.base} ({_first_line(error)}); "
            "give the base model that it was trained on"
        ) from error
    # Merged, a step costs no more than the base's; 4-bit weights would lose what the adapter adds.
    return tuned.merge_and_unload() if merge else tuned


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
