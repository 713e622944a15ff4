"""What is stored beside a model's weights: its traits for our own code, and a card for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from svgtune.config.form import NormalForm
from svgtune.errors import InputError
from svgtune.prompts import PromptStyle

TRAITS_FILE = "svgtune.json"
METRICS_FILE = "metrics.json"


@dataclass(frozen=True, slots=True)
class Traits:
    """How a model wants to be asked, and what it draws on.

    Attributes:
        canvas: Side of the square viewBox that it was trained on.
        max_bytes: Size limit of a drawing that its prompts state.
        base: The model folder or hub id that an adapter was trained on; empty for a model of its own.
        plan: Whether it was trained to write a plan before the drawing.
        grid: Of the coordinates that it was trained on; None where nobody noted it, as with the next.
        path_commands: Which path commands it was trained on, as ``NormalForm`` names them.
    """

    prompt_style: PromptStyle = PromptStyle.INSTRUCT
    canvas: int = 200
    max_bytes: int = 10_000
    base: str = ""
    plan: bool = False
    grid: float | None = None
    path_commands: str | None = None

    @classmethod
    def of_form(cls, style: PromptStyle, form: NormalForm, base: str = "", *, plan: bool = False) -> Traits:
        """Builds the traits of a model that was trained on drawings in a normal form."""
        return cls(style, form.canvas, form.max_bytes, base, plan, form.grid, form.path_commands)


def read_traits(folder: str | Path) -> Traits:
    """Reads a model's traits; those of a model without ``svgtune.json``, or on the hub, are the defaults.

    Raises:
        InputError: The file is there and cannot be used.
    """
    path = Path(folder) / TRAITS_FILE
    if not path.is_file():
        return Traits()
    try:
        values = dict(json.loads(path.read_text(encoding="utf-8")))
        known = {field.name: values[field.name] for field in fields(Traits) if field.name in values}
        if "prompt_style" in known:
            known["prompt_style"] = PromptStyle(known["prompt_style"])
        return Traits(**known)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: is not a svgtune.json ({error}); write it anew or remove it") from error


def write_traits(folder: Path, traits: Traits, **more: Any) -> None:
    """Writes the traits, and any further JSON values for people to read."""
    text = json.dumps({**asdict(traits), **more}, indent=2, ensure_ascii=False)
    (folder / TRAITS_FILE).write_text(text + "\n", encoding="utf-8")


def write_card(
    folder: Path,
    *,
    title: str,
    base: str,
    method: str,
    licences: Mapping[str, int | str],
    metrics: Mapping[str, Any],
    recipe_text: str,
    made_by: str = "train/sft.py",
    licence: str = "",
    usage: str = "",
) -> None:
    """Writes the model card, ``README.md``.

    Args:
        folder: Where the model lies.
        title: Name of the model.
        base: Folder or hub id of the model it was tuned from.
        method: ``lora``, ``full``, or ``merged`` for a base with an adapter merged in.
        licences: How many training samples came from each source under each licence.
        metrics: Figures of the run, by name.
        recipe_text: The resolved recipe, as YAML.
        made_by: The script that trained it; its name without suffix becomes a tag.
        licence: Of the weights, as the hub spells it; empty says nothing.
        usage: Markdown that says how it is used; empty leaves the section out.
    """
    library = "peft" if method == "lora" else "transformers"
    rows = [f"| {source} | {count} |" for source, count in sorted(licences.items())]
    figures = [
        f"| {name} | {_format(value)} |" for name, value in metrics.items() if not isinstance(value, Mapping)
    ]
    # JSON strings are YAML strings too: a base or title with a quote or a colon stays intact.
    header = ["---", *([f"base_model: {json.dumps(base)}"] if base else []), f"library_name: {library}"]
    header += [f"license: {json.dumps(licence)}"] if licence else []
    header += [
        "pipeline_tag: text-generation",
        f"tags: [svg, text-to-svg, svgtune, {Path(made_by).stem}]",
        "---",
    ]
    kind = f"A LoRA adapter for `{base}`" if method == "lora" else "A model trained from scratch"
    if base and method != "lora":
        kind = f"A model tuned from `{base}`"
    if method == "merged":
        kind = f"`{base}` with a LoRA adapter merged in: a model of its own"
    body = [
        f"# {title}",
        "",
        f"{kind} that writes SVG code for a caption. Made by `{made_by}` of svgtune.",
        "",
        *(["## Use", "", usage.strip(), ""] if usage else []),
        "## Training data",
        "",
        "The licence of the data is the licence of what may be done with the weights; the base model's own "
        "licence applies as well.",
        "",
        "| source and licence | samples |",
        "|---|---:|",
        *rows,
        "",
        "## Figures",
        "",
        "| figure | value |",
        "|---|---:|",
        *figures,
        "",
        "## Settings",
        "",
        "```yaml",
        recipe_text.strip(),
        "```",
        "",
    ]
    (folder / "README.md").write_text("\n".join([*header, "", *body]), encoding="utf-8")


def _format(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
