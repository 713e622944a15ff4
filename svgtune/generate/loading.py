"""From a recipe to an engine that is ready to draw: which base, which adapter, which precision."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svgtune.assets import find_asset
from svgtune.config.generate import DrawRecipe
from svgtune.errors import InputError, MachineError, MissingInputError
from svgtune.generate.engine import Engine
from svgtune.generate.tensors import refuse_pickles

if TYPE_CHECKING:
    from svgtune.config.form import NormalForm
    from svgtune.generate.chat import ChatEncoder
    from svgtune.model.card import Traits
    from svgtune.model.precision import Device, Precision

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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model's way of being asked, and where and how it is computed."""

    encoder: ChatEncoder
    device: Device
    precision: Precision


def choose_model(recipe: DrawRecipe) -> ModelChoice:
    """Finds the base model and the adapter that a recipe means, without loading them.

    Raises:
        MachineError: The recipe asks for an engine that is not there.
        InputError: An adapter's weights are a pickle, or its configuration cannot be read.
        MissingInputError: A folder that the recipe names is not there or not complete.
    """
    if recipe.engine == "vllm" and find_spec("vllm") is None:
        raise MachineError(
            "engine: vLLM is not installed; pip install 'svgtune[gpu]' where there is a GPU and "
            "'svgtune[cpu-vllm]' where there is none, or use --engine transformers"
        )
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


def load_engine(recipe: DrawRecipe, choice: ModelChoice) -> Engine:
    """Loads a model into the engine that the recipe names.

    Raises:
        InputError: The adapter does not fit the base, or the normal form the model.
        MissingInputError: A model is not there.
        MachineError: The recipe needs a GPU or a number format that this machine does not have.
    """
    ready = prepare_model(recipe, choice)
    encoder, device, precision = ready.encoder, ready.device, ready.precision
    build = _build_vllm_engine if recipe.engine == "vllm" else _build_transformers_engine
    engine = build(recipe, choice, encoder, device, precision)
    style = encoder.traits.prompt_style
    logger.info("generate: %s on %s in %s, asked in %s style", choice.name, device, precision.name, style)
    return engine


def prepare_model(recipe: DrawRecipe, choice: ModelChoice) -> Prepared:
    """Finds all that an engine needs beside the weights.

    Raises:
        MissingInputError: A model is not there.
        MachineError: The recipe needs a GPU or a number format that this machine does not have.
    """
    # Imported here: choosing and refusing a model needs no torch.
    from svgtune.generate.chat import ChatEncoder
    from svgtune.model.examples import build_prompter
    from svgtune.model.load import load_tokenizer, read_context, read_model_type
    from svgtune.model.precision import choose_precision, find_device

    device = find_device(recipe.device, quantised=recipe.quantisation != "none", name="generate")
    wanted = "fp32" if recipe.precision == "auto" and device == "cpu" else recipe.precision
    revision = recipe.revision
    precision = choose_precision(wanted, device, model_type=read_model_type(choice.base, revision=revision))
    prompter = build_prompter(
        recipe.prompting,
        load_tokenizer(choice.base, revision=revision),
        find_traits(recipe, choice),
        context_tokens=read_context(choice.base, revision=revision),
        answer_tokens=recipe.sampling.max_new_tokens,
    )
    encoder = ChatEncoder(prompter.tokenizer, prompter.traits, prompter)
    return Prepared(encoder, device, precision)


def find_traits(recipe: DrawRecipe, choice: ModelChoice) -> Traits:
    """Finds how a model wants to be asked: by its adapter, else its base, else the recipe's normal form."""
    from svgtune.model.card import TRAITS_FILE, Traits, read_traits

    for folder in filter(None, (choice.adapter, str(find_asset(choice.base)))):
        if (Path(folder) / TRAITS_FILE).is_file():
            return read_traits(folder)
    return Traits(canvas=recipe.normal_form.canvas, max_bytes=recipe.normal_form.max_bytes)


def _build_transformers_engine(
    recipe: DrawRecipe, choice: ModelChoice, encoder: ChatEncoder, device: Device, precision: Precision
) -> Engine:
    from svgtune.generate.transformers_engine import TransformersEngine
    from svgtune.model.load import load_base

    model: Any = load_base(
        choice.base,
        dtype=precision.dtype,
        quantisation=recipe.quantisation,
        device=device,
        revision=recipe.revision,
    )
    if choice.adapter is not None:
        model = attach_adapter(model, choice, merge=recipe.quantisation == "none")
    return TransformersEngine(model, encoder, find_form(recipe, choice, encoder.traits))


def _build_vllm_engine(
    recipe: DrawRecipe, choice: ModelChoice, encoder: ChatEncoder, device: Device, precision: Precision
) -> Engine:
    from svgtune.generate.vllm_engine import VllmEngine
    from svgtune.generate.vllm_plan import plan_vllm
    from svgtune.model.load import read_stop_ids

    plan = plan_vllm(recipe, choice.base, choice.adapter, device, precision)
    stop_ids = read_stop_ids(encoder.tokenizer, choice.base, revision=recipe.revision)
    form = find_form(recipe, choice, encoder.traits)
    return VllmEngine(
        plan.arguments,
        encoder,
        stop_ids,
        device,
        adapter=plan.adapter,
        in_process=recipe.vllm.in_process,
        form=form,
        grammar_backend=recipe.vllm.grammar_backend,
    )


def find_form(recipe: DrawRecipe, choice: ModelChoice, traits: Traits) -> NormalForm | None:
    """Returns the form whose grammar is kept; None for none, for a plan before the drawing is of no grammar.

    Raises:
        InputError: The model was tuned on drawings that the recipe's form does not hold.
    """
    form = recipe.normal_form
    if not recipe.grammar or traits.plan:
        return None
    unlike = {
        "canvas": traits.canvas != form.canvas,
        "grid": traits.grid is not None and traits.grid < form.grid,
        "path_commands": form.path_commands not in ("shortest", traits.path_commands or form.path_commands),
    }
    for key in (key for key, differs in unlike.items() if differs):
        raise InputError(
            f"normal_form.{key}: is {getattr(form, key)}, and {choice.name} draws on {getattr(traits, key)}; "
            "give the normal form that it was tuned on, or set grammar to false"
        )
    return form


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
    refuse_pickles(folder, "adapter")
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
    from safetensors import SafetensorError

    try:
        tuned = PeftModel.from_pretrained(
            model, choice.adapter, torch_device=str(model.device), use_safetensors=True
        )
    except SafetensorError as error:
        raise InputError(
            f"adapter: {choice.adapter}/adapter_model.safetensors is not whole ({_first_line(error)}); "
            "copy or train it again"
        ) from error
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
