"""Low-rank adapters that every server can load."""

from __future__ import annotations

from typing import Any

from peft import LoraConfig, PeftModel
from torch import nn

from svgtune.config.tuning import LoraSection
from svgtune.errors import RecipeError


def build_lora_config(section: LoraSection) -> LoraConfig:
    """Builds PEFT's configuration of an adapter."""
    targets = section.target_modules
    return LoraConfig(
        r=section.rank,
        lora_alpha=section.alpha,
        lora_dropout=section.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        use_rslora=section.use_rslora,
        bias="none",
        task_type="CAUSAL_LM",
    )


def check_plain_adapter(model: PeftModel, vocabulary: int) -> None:
    """Makes sure that the adapter is low-rank matrices only, which is what vLLM serves.

    Args:
        model: The base model with its adapter.
        vocabulary: How many tokens the tokenizer knows.

    Raises:
        RecipeError: The adapter trains whole modules or token embeddings, or the tokenizer has tokens that
            the base model has no embedding for.
    """
    config = model.peft_config["default"]
    for field in ("modules_to_save", "trainable_token_indices"):
        if getattr(config, field, None):
            raise RecipeError(
                f"lora: the adapter would have {field}={getattr(config, field)}, which vLLM refuses; "
                "tune with method full instead"
            )
    strange = [name for name, p in model.named_parameters() if p.requires_grad and ".lora_" not in name]
    if strange:
        raise RecipeError(
            f"lora: {strange[0]} would be trained whole, which vLLM refuses; use method full instead"
        )
    rows = model.get_input_embeddings().weight.shape[0]
    if vocabulary > rows:
        raise RecipeError(
            f"lora: the tokenizer has {vocabulary} tokens and the base model {rows} embeddings; an adapter "
            "with added tokens is refused by vLLM, so use the base model's own tokenizer"
        )


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Counts parameters, in all and trainable; a 4-bit weight counts as the numbers it stands for."""
    counts = {"parameters": 0, "trainable": 0}
    for parameter in model.parameters():
        size = parameter.numel()
        quant_state: Any = getattr(parameter, "quant_state", None)
        if quant_state is not None:
            size = quant_state.shape.numel()
        counts["parameters"] += size
        counts["trainable"] += size if parameter.requires_grad else 0
    return counts
