"""The model card of an export: what the run folder knows, and how the result is used."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from svgtune.assets import find_asset
from svgtune.config.tuning import VLLM_RANKS
from svgtune.errors import InputError
from svgtune.export.adapter import Source, find_base_file
from svgtune.model.card import METRICS_FILE, TRAITS_FILE, Traits, write_card
from svgtune.prompts import build_messages
from svgtune.runs import RECIPE_FILE

logger = logging.getLogger(__name__)

_MADE_BY = re.compile(r"Made by `([^`\n]+)`")
_EXAMPLE = "a lighthouse on a cliff at dusk"
_MAX_STARTS = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """What the folder of a run says of how its adapter came about.

    Attributes:
        title: The recipe's name.
        made_by: The script that tuned it.
        licences: Training samples by ``source: licence``, those of the adapters it began with included.
        metrics: Figures of the run.
        recipe: The resolved recipe, without paths of this machine.
    """

    title: str
    made_by: str
    licences: dict[str, int]
    metrics: dict[str, Any]
    recipe: dict[str, Any]


def read_origin(folder: Path) -> Origin:
    """Reads what a run has left beside its adapter; an adapter from elsewhere has little to say.

    Raises:
        InputError: One of the files cannot be read.
    """
    recipe = _read_recipe(folder)
    card = folder / "README.md"
    found = _MADE_BY.search(card.read_text(encoding="utf-8", errors="replace")) if card.is_file() else None
    return Origin(
        title=str(recipe.get("name") or folder.name),
        made_by=found[1] if found else "another tool than the scripts",
        licences=_count_licences(folder, recipe),
        metrics=_read_json(folder / METRICS_FILE),
        recipe=_hide_paths(recipe),
    )


def find_licence(base: str, *, revision: str | None = None) -> str | None:
    """Finds the licence that a base's own card names; None where it names none or there is no card."""
    card = find_base_file(base, "README.md", revision=revision)
    if card is None:
        return None
    parts = card.read_text(encoding="utf-8", errors="replace").split("---", 2)
    try:
        header = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
    except yaml.YAMLError:
        return None
    header = header if isinstance(header, dict) else {}
    # A licence of one's own is called "other" and has its name beside.
    licence = header.get("license_name") if header.get("license") == "other" else header.get("license")
    return str(licence) if licence else None


def write_export_card(
    folder: Path,
    source: Source,
    origin: Origin,
    *,
    title: str,
    licence: str | None,
    merged: bool,
    traits: Traits,
    place: str,
    kaggle: str,
    checks: dict[str, Any],
) -> str:
    """Writes the card of an export, and returns its section on use.

    Args:
        folder: The export.
        source: The adapter.
        origin: How it came about.
        title: Headline.
        licence: Of the weights; None where nobody knows it.
        merged: Whether the weights are merged.
        traits: How the model wants to be asked.
        place: What the export is called in commands: its hub id, or its folder's name.
        kaggle: Kaggle handle; empty where it does not go there.
        checks: What was measured of the export.
    """
    usage = write_usage(source, traits, merged=merged, place=place, kaggle=kaggle)
    exported = {f"export: {name.replace('_', ' ')}": value for name, value in checks.items()}
    recipe = "# unknown\n"
    if origin.recipe:
        recipe = yaml.safe_dump(origin.recipe, sort_keys=False, allow_unicode=True)
    write_card(
        folder,
        title=title,
        base=source.base_name,
        method="merged" if merged else "lora",
        licences=origin.licences or {"unknown": "unknown"},
        metrics={**origin.metrics, **exported},
        recipe_text=recipe,
        made_by=origin.made_by,
        licence=licence or "",
        usage=usage,
    )
    return usage


def write_usage(source: Source, traits: Traits, *, merged: bool, place: str, kaggle: str) -> str:
    """Writes how an export is used, as Markdown with commands that run."""
    messages = build_messages(
        _EXAMPLE,
        traits.prompt_style,
        canvas=traits.canvas,
        max_bytes=traits.max_bytes,
        plan=traits.plan,
    )
    option = "--model" if merged else "--adapter"
    load = [
        f'model = AutoModelForCausalLM.from_pretrained("{place}")'
        if merged
        else f'base = AutoModelForCausalLM.from_pretrained("{source.base_name}")',
        *([] if merged else [f'model = PeftModel.from_pretrained(base, "{place}")']),
    ]
    blocks = [
        f"`{place}` stands for this folder, wherever it lies.",
        "With svgtune, which also checks and draws the answers:",
        f'```\nsvgtune generate {option} {place} --prompts "{_EXAMPLE}" --output drawings\n```',
        f"With {'transformers' if merged else 'transformers and peft'}:",
        "\n".join(
            [
                "```python",
                *([] if merged else ["from peft import PeftModel"]),
                "from transformers import AutoModelForCausalLM, AutoTokenizer",
                "",
                f'tokenizer = AutoTokenizer.from_pretrained("{place}")',
                *load,
                f"messages = {json.dumps(messages, ensure_ascii=False)}",
                "text = tokenizer.apply_chat_template(",
                "    messages, add_generation_prompt=True, tokenize=False",
                ")",
                'asked = tokenizer(text, add_special_tokens=False, return_tensors="pt")',
                "answer = model.generate(**asked, max_new_tokens=1024, do_sample=False)",
                'print(tokenizer.decode(answer[0, asked["input_ids"].shape[1] :], skip_special_tokens=True))',
                "```",
            ]
        ),
        "With vLLM:",
        f"```\n{_write_vllm(source, merged=merged, place=place)}\n```",
    ]
    if merged:
        blocks += [
            "Quantised: the folder is what llama.cpp's `convert_hf_to_gguf.py` and llm-compressor take.",
            f"```\npython convert_hf_to_gguf.py {place} --outfile svg.gguf --outtype q8_0\n```",
        ]
    if kaggle:
        blocks += [
            "On Kaggle:",
            f'```python\nimport kagglehub\n\nfolder = kagglehub.model_download("{kaggle}")\n```',
        ]
    return "\n\n".join(blocks)


def _write_vllm(source: Source, *, merged: bool, place: str) -> str:
    if merged:
        return f"vllm serve {place}"
    rank = max([int(source.config["r"]), *(source.config.get("rank_pattern") or {}).values()])
    largest = next((size for size in VLLM_RANKS if size >= rank), rank)
    return f"vllm serve {source.base_name} --enable-lora --max-lora-rank {largest} --lora-modules svg={place}"


def _count_licences(folder: Path, recipe: dict[str, Any], depth: int = 0) -> dict[str, int]:
    counts = Counter(dict(_read_json(folder / TRAITS_FILE).get("data_licences") or {}))
    start = recipe.get("start_from")
    if start and depth < _MAX_STARTS:
        earlier = find_asset(str(start))
        if earlier.is_dir():
            counts.update(_count_licences(earlier, _read_recipe(earlier), depth + 1))
        else:
            logger.warning(
                "card: %s began with %s, which is gone, and so is what it learned from", folder, start
            )
    return dict(counts)


def _read_recipe(folder: Path) -> dict[str, Any]:
    path = folder / RECIPE_FILE
    if not path.is_file():
        return {}
    try:
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: is not YAML ({error}); remove it, or write it anew") from error
    return recipe if isinstance(recipe, dict) else {}


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); remove it, or write it anew") from error


def _hide_paths(value: Any) -> Any:
    """Leaves the last name of each path that only this machine has."""
    if isinstance(value, dict):
        return {key: _hide_paths(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide_paths(item) for item in value]
    if isinstance(value, str) and value.startswith(("/", "~/", "../")):
        return Path(value).name
    return value
