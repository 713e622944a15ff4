"""Loading of base models and their tokenizers, from a folder or from the hub."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    Gemma3ForCausalLM,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.integrations import is_deepspeed_zero3_enabled
from transformers.utils import logging as transformers_logging

from svgtune.assets import find_asset
from svgtune.errors import InputError, MissingInputError
from svgtune.model.attention import GROUPED_ATTENTION

logger = logging.getLogger(__name__)

Quantisation = Literal["none", "nf4"]

# nf4 stores one scale for each run of 64 weights; a shorter last run breaks bitsandbytes' CPU kernels.
_NF4_BLOCK = 64
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_LOCAL_STARTS = ("models/", "runs/", "./", "../", "/", "~")
# Gemma 3 from 4B on is published as a picture-and-text model. Its text half trains and serves alone, but
# without these names transformers would leave every weight of it random, with no more than a warning.
_GEMMA3_TEXT_KEYS = {r"^language_model\.model\.": "model.", r"^model\.language_model\.": "model."}


def find_base(base: str | Path) -> str:
    """Returns the model folder or hub id that ``base`` means.

    Raises:
        MissingInputError: It is the path of a folder that is not there, or not a model.
    """
    text = str(base)
    folder = find_asset(text)
    if (folder / "config.json").is_file():
        return str(folder)
    if folder.exists():
        raise MissingInputError(f"base: {folder} holds no config.json; give the folder of a model")
    if text.startswith(_LOCAL_STARTS) or not _HUB_ID.fullmatch(text):
        raise MissingInputError(f"base: there is no model folder {text}; give a model folder or a hub id")
    return text


def load_tokenizer(base: str | Path, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """Loads a model's tokenizer.

    Raises:
        InputError: It has no chat template, so there is no telling how the model wants to be asked.
    """
    source = find_base(base)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    except (OSError, ValueError) as error:
        raise MissingInputError(
            f"base: the tokenizer of {source} cannot be loaded ({_first_line(error)})"
        ) from error
    if not tokenizer.chat_template:
        raise InputError(
            f"base: the tokenizer of {source} has no chat template; use an instruction-tuned model"
        )
    return tokenizer


def read_model_type(base: str | Path, *, revision: str | None = None) -> str:
    """Reads ``model_type`` from a model's configuration, such as ``qwen2`` or ``gemma3_text``."""
    return str(_load_config(find_base(base), revision).model_type)


def load_base(
    base: str | Path,
    *,
    dtype: torch.dtype = torch.float32,
    quantisation: Quantisation = "none",
    device: str = "cpu",
    attention: str | None = None,
    revision: str | None = None,
) -> PreTrainedModel:
    """Loads a causal language model; of Gemma 3's picture-and-text models, the text half.

    Args:
        base: A model folder or hub id.
        dtype: Of the weights, and of the arithmetic where they are quantised.
        quantisation: ``nf4`` packs the linear layers into four bits a weight.
        device: ``cpu``, ``cuda`` or ``cuda:N``.
        attention: Attention implementation; None is sdpa, on a CPU our own form of it, but eager for Gemma 2,
            whose soft-capped attention scores sdpa does not compute.
        revision: Branch, tag or commit on the hub.

    Raises:
        MissingInputError: There is no such model.
        InputError: The model lacks weights, or cannot be quantised.
    """
    source = find_base(base)
    config = _load_config(source, revision)
    options: dict[str, Any] = {"dtype": dtype, "revision": revision}
    if not is_deepspeed_zero3_enabled():  # which places the weights itself, and refuses to be told where
        options["device_map"] = {"": device}
    if attention is None:
        best = GROUPED_ATTENTION if device == "cpu" else "sdpa"
        attention = "eager" if config.model_type == "gemma2" else best
    options["attn_implementation"] = attention
    if quantisation == "nf4":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    architecture: Any = AutoModelForCausalLM
    text_half = config.model_type == "gemma3"
    if text_half:
        architecture, config = Gemma3ForCausalLM, config.get_text_config()
        options["key_mapping"] = _GEMMA3_TEXT_KEYS
    verbosity = transformers_logging.get_verbosity()
    # What it would list, key by key, is either checked below or the vision tower that is left out on purpose.
    transformers_logging.set_verbosity_error()
    try:
        model, report = architecture.from_pretrained(
            source, config=config, output_loading_info=True, **options
        )
    except OSError as error:
        raise MissingInputError(f"base: {source} cannot be loaded ({_first_line(error)})") from error
    finally:
        transformers_logging.set_verbosity(verbosity)
    if text_half:
        # Saved, it is a text model with the names of one, not with those it was read under.
        model._weight_conversions = None
    if report["missing_keys"]:
        names = sorted(report["missing_keys"])
        raise InputError(
            f"base: {source} lacks {len(names)} weights, such as {names[0]}, which would stay random; "
            "use a complete model"
        )
    if quantisation == "nf4":
        _check_nf4_shapes(model, source)
        _keep_trainable(model)
    return model


def find_stop_ids(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> list[int]:
    """Finds the tokens that end an answer: the generation config's, and the chat template's own turn end."""
    configured = model.generation_config.eos_token_id if model.generation_config is not None else None
    return _collect_stop_ids(tokenizer, configured)


def read_stop_ids(
    tokenizer: PreTrainedTokenizerBase, base: str | Path, *, revision: str | None = None
) -> list[int]:
    """Finds the same as ``find_stop_ids``, of a model that is not loaded."""
    source = find_base(base)
    try:
        config = GenerationConfig.from_pretrained(source, revision=revision)
    except OSError:
        config = GenerationConfig.from_model_config(_load_config(source, revision))
    return _collect_stop_ids(tokenizer, config.eos_token_id)


def _collect_stop_ids(tokenizer: PreTrainedTokenizerBase, configured: int | list[int] | None) -> list[int]:
    stop_ids = {tokenizer.eos_token_id}
    stop_ids |= set(configured) if isinstance(configured, list) else {configured}
    question = [{"role": "user", "content": "a"}]
    answered = tokenizer.apply_chat_template(
        [*question, {"role": "assistant", "content": "b"}], tokenize=False
    )
    asked = tokenizer.apply_chat_template(question, tokenize=False, add_generation_prompt=True)
    tail = tokenizer(str(answered).removeprefix(str(asked)), add_special_tokens=False)["input_ids"]
    stop_ids |= {token for token in tail if token in tokenizer.all_special_ids}
    return sorted(token for token in stop_ids if token is not None)


def read_answer(
    tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int], stop_ids: Sequence[int]
) -> tuple[str, int]:
    """Reads an answer up to the token that ends it, special tokens inside it included.

    Returns:
        Its text, and its length in tokens without the end.
    """
    length = next((place for place, token in enumerate(tokens) if token in stop_ids), len(tokens))
    text = tokenizer.decode(tokens[:length], skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return str(text), length


def read_context(base: str | Path, *, revision: str | None = None) -> int | None:
    """Reads how many tokens a model can see at once; None where its configuration does not say."""
    text = read_text_config(base, revision=revision)
    length = getattr(text, "max_position_embeddings", None)
    return None if length is None else int(length)


def read_text_config(base: str | Path, *, revision: str | None = None) -> Any:
    """Reads a model's configuration; of a picture-and-text model, the text half's."""
    return _load_config(find_base(base), revision).get_text_config()


def read_dtype(base: str | Path, *, revision: str | None = None) -> torch.dtype:
    """Reads the number format that a model is stored in; float32 where its configuration does not say."""
    config = _load_config(find_base(base), revision)
    dtype = getattr(config.get_text_config(), "dtype", None) or getattr(config, "dtype", None)
    return dtype if isinstance(dtype, torch.dtype) else torch.float32


def check_unquantised(base: str | Path, *, revision: str | None = None) -> None:
    """Makes sure that a model's own files hold plain weights.

    Raises:
        InputError: They are quantised.
    """
    quantised = getattr(_load_config(find_base(base), revision), "quantization_config", None)
    if quantised:
        method = (
            quantised.get("quant_method", "a quantiser") if isinstance(quantised, dict) else "a quantiser"
        )
        raise InputError(
            f"base: {base} is quantised by {method}, and an adapter cannot be merged into that; give the "
            "unquantised base with --model"
        )


def _load_config(source: str, revision: str | None) -> Any:
    try:
        return AutoConfig.from_pretrained(source, revision=revision)
    except (OSError, ValueError) as error:
        raise MissingInputError(
            f"base: {source} cannot be loaded ({_first_line(error)}); give a model folder, or a hub id that "
            "this machine can reach"
        ) from error


def _check_nf4_shapes(model: PreTrainedModel, source: str) -> None:
    for name, module in model.named_modules():
        if type(module).__name__ == "Linear4bit" and module.in_features % _NF4_BLOCK:
            raise InputError(
                f"base: {name} of {source} has {module.in_features} inputs, and nf4 needs a multiple of "
                f"{_NF4_BLOCK}; set quantisation to none"
            )


def _keep_trainable(model: PreTrainedModel) -> None:
    """Keeps the weights as they were packed when they were loaded.

    On CPUs with AVX-512 BF16, bitsandbytes 0.50 packs them for its own product at the first evaluation. That
    product has no gradient, and the weights stay so: training would go on without one below each layer.
    """
    for module in model.modules():
        if type(module).__name__ == "Linear4bit":
            module.support_avx512bf16_for_cpu = False


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
