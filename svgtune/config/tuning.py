"""What the recipes of supervised tuning, preference tuning and reinforcement have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section
from svgtune.config.form import NormalForm

_DEMO_PROMPTS = (
    "a red circle on a blue background",
    "a green mountain under a starry night sky",
    "a purple scarf with white stripes",
    "a lighthouse beside a calm sea at sunset",
)


VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes as the largest rank of an adapter."""
VLLM_REFUSED = (
    "modules_to_save", "trainable_token_indices", "use_dora", "lora_bias", "alora_invocation_tokens",
    "layer_replication", "use_bdlora", "use_qalora", "target_parameters",
)  # fmt: skip
"""Settings of an adapter that vLLM refuses: each changes more than two low-rank matrices beside a weight."""


class LoraSection(Section):
    """Shape of the low-rank adapter (Hu et al., arXiv 2106.09685).

    There is no way to ask for added tokens, ``modules_to_save`` or DoRA: vLLM refuses such adapters.
    """

    rank: int = Field(default=64, ge=1, le=512)
    alpha: float = Field(default=128, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: str | tuple[str, ...] = "all-linear"
    """``all-linear`` is every linear layer except the output head."""
    use_rslora: bool = False
    """Scale by alpha / sqrt(rank) instead of alpha / rank (arXiv 2312.03732)."""


class SampleDrawingsSection(Section):
    """The fixed prompts drawn at every evaluation."""

    prompts: tuple[str, ...] = _DEMO_PROMPTS
    """Empty turns the drawings off."""
    max_new_tokens: int = Field(default=512, ge=1)
    size_px: int = Field(default=192, ge=16, le=1024)
    """Side of one logged picture."""


class TuningRecipe(Section):
    """What every recipe that tunes a base model says: which model and adapter, and on which machine."""

    name: str
    base: str = "models/nano"
    """A model folder, or a hub id."""
    revision: str | None = None
    """Branch, tag or commit on the hub; None is its default branch."""
    start_from: Path | None = None
    """Folder of an adapter to begin with, as train/sft.py leaves it. Method lora trains the same matrices on,
    so that the result is one adapter of the same base; method full merges them into the weights first. None:
    the base alone, with a new adapter of section lora."""
    method: Literal["lora", "full"] = "lora"
    lora: LoraSection = LoraSection()
    quantisation: Literal["none", "nf4"] = "none"
    """nf4 is QLoRA (arXiv 2305.14314); on a machine without a GPU it runs only when device is cpu."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    """auto is the fastest that this machine computes natively."""
    attention: Literal["sdpa", "eager", "flash_attention_2"] | None = None
    """None leaves the choice to transformers."""
    processes: int | None = Field(default=None, ge=1)
    """How many processes there must be; None accepts any number."""
    prompt_style: Literal["auto", "caption", "instruct"] = "auto"
    """auto reads the base model's svgtune.json, and is instruct without one."""
    seed: int = Field(default=1, ge=0)
    normal_form: NormalForm = NormalForm()
    drawings: SampleDrawingsSection = SampleDrawingsSection()
    trainer: dict[str, Any] = Field(default_factory=dict)
    """Goes whole to trl.SFTConfig, trl.DPOConfig or trl.GRPOConfig."""

    @model_validator(mode="after")
    def _check_quantisation(self) -> Self:
        if self.quantisation != "none" and self.method != "lora":
            raise ValueError(
                f"quantisation is {self.quantisation} but method is {self.method}; only method lora can "
                "train on quantised weights"
            )
        return self
