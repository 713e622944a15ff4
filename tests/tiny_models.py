"""Tiny random models of every architecture that is tuned, with a tokenizer trained on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)
from trl.chat_template_utils import gemma3_chat_template, gemma_chat_template, qwen2_5_chat_template

from svgtune.config.dpo import DpoRecipe, PairDataSection
from svgtune.config.grpo import GrpoRecipe, PromptDataSection
from svgtune.config.sft import SftDataSection, SftRecipe
from svgtune.config.tuning import SampleDrawingsSection

ARCHITECTURES = ("qwen2", "gemma2", "gemma3_text", "gemma3")

COLOURS = {"red": "#f00", "green": "#080", "blue": "#00f", "yellow": "#ff0", "pink": "#fcc", "teal": "#088"}
SHAPES = {
    "circle": '<circle cx="100" cy="100" r="{}" fill="{}"/>',
    "square": '<rect x="40" y="40" width="{0}" height="{0}" fill="{1}"/>',
    "triangle": '<path d="M100 {}L160 150H40z" fill="{}"/>',
}
NANO_TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
VOCABULARY = 384
_QWEN_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+"
)
_QWEN_MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
_GEMMA_MARKS = ["<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"]


def build_rows(count: int) -> list[dict[str, str]]:
    """Returns rows as ``prepare`` writes them, all different in caption or drawing."""
    rows = []
    for index in range(count):
        colour = list(COLOURS)[index % len(COLOURS)]
        shape = list(SHAPES)[index // len(COLOURS) % len(SHAPES)]
        body = SHAPES[shape].format(40 + index // 18, COLOURS[colour])
        rows.append(
            {
                "id": f"toy-{index}",
                "caption": f"a {colour} {shape}",
                "svg": '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" '
                f'viewBox="0 0 200 200"><rect width="200" height="200" fill="#fff"/>{body}</svg>',
                "source": "toy",
                "origin": f"toy:{index}",
                "licence": "CC0-1.0",
                "category": "",
                "family": f"{colour} {shape} {index // 18}",
                "questions": "[]",
                "facts": "{}",
            }
        )
    return rows


def build_tokenizer(family: str, *, plain_template: bool = False) -> PreTrainedTokenizerFast:
    """Trains a byte-level tokenizer of a family, ``qwen`` or ``gemma``, with that family's chat template."""
    marks = _GEMMA_MARKS if family == "gemma" else _QWEN_MARKS
    core = Tokenizer(models.BPE())
    # AutoTokenizer reloads a Qwen2 tokenizer with Qwen2's pre-tokenizer, whatever it was trained with.
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_QWEN_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=marks,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator((row["caption"] + row["svg"] for row in build_rows(60)), trainer)
    if family == "gemma":
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=core, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>",
            additional_special_tokens=["<start_of_turn>", "<end_of_turn>"],
        )  # fmt: skip
    else:
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>",
            additional_special_tokens=["<|im_start|>"],
        )  # fmt: skip
    templates = {"gemma": gemma_chat_template, "gemma3": gemma3_chat_template, "qwen": qwen2_5_chat_template}
    tokenizer.chat_template = NANO_TEMPLATE if plain_template else templates[family]
    return tokenizer


def build_model(architecture: str, vocabulary: int, *, intermediate_size: int = 128) -> PreTrainedModel:
    """Builds a random model with two layers of width 64."""
    torch.manual_seed(0)
    shape = {
        "vocab_size": vocabulary, "hidden_size": 64, "intermediate_size": intermediate_size,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "max_position_embeddings": 1024, "tie_word_embeddings": True, "initializer_range": 0.1,
    }  # fmt: skip
    gemma = {
        **shape,
        "head_dim": 16,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
        "sliding_window": 256,
    }
    if architecture == "qwen2":
        return Qwen2ForCausalLM(Qwen2Config(**shape, pad_token_id=0, eos_token_id=2, bos_token_id=None))
    if architecture == "gemma2":
        return Gemma2ForCausalLM(Gemma2Config(**gemma))
    if architecture == "gemma3_text":
        return Gemma3ForCausalLM(Gemma3TextConfig(**gemma))
    vision = {
        "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
        "image_size": 28, "patch_size": 14,
    }  # fmt: skip
    config = Gemma3Config(
        text_config=gemma, vision_config=vision, mm_tokens_per_image=4, image_token_index=vocabulary - 1,
        boi_token_index=vocabulary - 2, eoi_token_index=vocabulary - 3,
    )  # fmt: skip
    return Gemma3ForConditionalGeneration(config)


def save_tiny_model(folder: Path, architecture: str) -> Path:
    """Saves a tiny model and its tokenizer, and returns the folder."""
    tokenizer = build_tokenizer("qwen" if architecture == "qwen2" else "gemma")
    build_model(architecture, len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_toy_data(folder: Path, *, train: int, held_out: int) -> Path:
    """Writes toy drawings as ``prepare`` does, and returns the folder."""
    rows = build_rows(train + held_out)
    for split, part in (("train", rows[:train]), ("held_out", rows[train:])):
        (folder / split).mkdir(parents=True)
        pyarrow.parquet.write_table(pa.Table.from_pylist(part), folder / split / "00000.parquet")
    return folder


def build_pairs(count: int) -> list[dict[str, str]]:
    """Returns pairs of drawings as ``prefer`` writes them: the right one against one with a hole in it."""
    return [
        {
            **row,
            "chosen": row["svg"],
            "rejected": row["svg"].replace("</svg>", '<path d="M90 90h20v20z"/></svg>'),
        }
        for row in build_rows(count)
    ]


def save_toy_pairs(folder: Path, *, train: int, held_out: int) -> Path:
    """Writes toy pairs as ``prefer`` does, and returns the folder."""
    rows = build_pairs(train + held_out)
    for split, part in (("train", rows[:train]), ("held_out", rows[train:])):
        (folder / "pairs" / split).mkdir(parents=True)
        pyarrow.parquet.write_table(pa.Table.from_pylist(part), folder / "pairs" / split / "00000.parquet")
    return folder


class FakeRewards:
    """Terms of a reward that look at the text alone: its length, and how often it names a digit."""

    def __init__(self, *terms: Any, weights: tuple[float, ...] | None = None) -> None:
        self.functions = list(terms) or [rate_digits, rate_shortness]
        self.weights = list(weights or [1.0] * len(self.functions))


def rate_digits(completions: list[Any], log_metric: Any, **_: Any) -> list[float]:
    """Rewards digits."""
    texts = [completion[-1]["content"] for completion in completions]
    log_metric("validity/strict", 0.0)
    return [sum(c.isdigit() for c in text) / max(1, len(text)) for text in texts]


def rate_shortness(completion_ids: list[list[int]], **_: Any) -> list[float]:
    """Rewards brevity."""
    return [1 / len(ids) for ids in completion_ids]


def build_grpo_recipe(
    base: Path, path: Path | None, *, trainer: dict[str, Any] | None = None, **changes: Any
) -> GrpoRecipe:
    """Builds a recipe of two steps with short answers on the CPU that draws nothing and reports nowhere."""
    steps = {
        "max_steps": 2, "per_device_train_batch_size": 8, "num_generations": 4, "learning_rate": 1e-2,
        "max_completion_length": 12, "per_device_eval_batch_size": 4, "logging_steps": 1, "report_to": "none",
        "disable_tqdm": True, "mask_truncated_completions": False,
    }  # fmt: skip
    values: dict[str, Any] = {
        "base": str(base),
        "device": "cpu",
        "precision": "fp32",
        "prompt_style": "caption",
        "data": PromptDataSection(path=path, max_held_out=4),
        "drawings": SampleDrawingsSection(prompts=()),
        **changes,
    }
    return GrpoRecipe(**values, trainer={**steps, **(trainer or {})})


def build_dpo_recipe(
    base: Path, path: Path | None, *, trainer: dict[str, Any] | None = None, **changes: Any
) -> DpoRecipe:
    """Builds a recipe of two steps on the CPU that draws nothing and reports nowhere."""
    steps = {
        "max_steps": 2, "per_device_train_batch_size": 4, "learning_rate": 1e-3, "logging_steps": 1,
        "per_device_eval_batch_size": 3, "report_to": "none", "disable_tqdm": True, "max_length": 1024,
    }  # fmt: skip
    values: dict[str, Any] = {
        "base": str(base),
        "device": "cpu",
        "precision": "fp32",
        "prompt_style": "caption",
        "data": PairDataSection(path=path),
        "drawings": SampleDrawingsSection(prompts=()),
        **changes,
    }
    return DpoRecipe(**values, trainer={**steps, **(trainer or {})})


def build_recipe(
    base: Path, data: Path, *, trainer: dict[str, Any] | None = None, **changes: Any
) -> SftRecipe:
    """Builds a recipe of two steps on the CPU that draws nothing and reports nowhere."""
    steps = {
        "max_steps": 2, "per_device_train_batch_size": 4, "learning_rate": 1e-2, "logging_steps": 1,
        "report_to": "none", "disable_tqdm": True, "max_length": 1024,
    }  # fmt: skip
    values: dict[str, Any] = {
        "base": str(base),
        "device": "cpu",
        "precision": "fp32",
        "prompt_style": "caption",
        "data": SftDataSection(path=data),
        "drawings": SampleDrawingsSection(prompts=()),
        **changes,
    }
    return SftRecipe(**values, trainer={**steps, **(trainer or {})})
