"""The card of a trained inverter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svgtune.config import dump_recipe
from svgtune.config.inversion import InversionRecipe
from svgtune.runs import write_text_atomic

_STAGES = {
    "mean_prompt": "no model: the mean embedding of the training prompts",
    "initial": "untouched backbone, random linear map",
    "probe": "untouched backbone, learned linear map",
    "last_weights": "fine-tuned, last weights",
    "averaged_weights": "fine-tuned, averaged weights",
    "final": "these files, float16",
}
_LIMITS = (
    "It knows pictures and prompts of the kind it was trained on; elsewhere its answers are guesses, with no "
    "sign of doubt.",
    "What it gives is an embedding, not a text; words come from a bank of captions that it is compared with.",
    "The figures are of held-out pairs of the same data. They are no scores of Kaggle's 'Stable Diffusion - "
    "Image to Prompts', whose pictures and prompts are others.",
    "Backbone, pictures and prompts have licences of their own, which hold for these weights too.",
)


def write_card(folder: Path, recipe: InversionRecipe, metrics: Mapping[str, Any]) -> None:
    """Writes the model card, ``README.md``.

    Args:
        folder: Where the inverter lies.
        recipe: What trained it.
        metrics: As ``metrics.json`` holds them.
    """
    stages, pairs = metrics["held_out_mean_cosine"], metrics["pairs"]
    dropped = ", ".join(f"{count:,} {reason}" for reason, count in pairs["dropped"].items()) or "none"
    sections = [
        "---",
        "library_name: svgtune",
        "tags: [image-to-prompt, svgtune]",
        "---",
        f"# {recipe.title}",
        "",
        f"Predicts the embedding, by `{recipe.text.source}`, of the prompt that a picture was made for: "
        f"`{recipe.backbone.source}` and a linear map, {metrics['parameters'] / 1e6:.2f}M parameters. Made "
        "by `train/invert.py`; used by `infer/invert.py --judge` with this folder.",
        "",
        f"Of {pairs['in']:,} pairs {pairs['train']:,} were trained on and {pairs['held_out']:,} held out; "
        f"dropped: {dropped}. Equal prompts are on one side, and no training prompt has "
        f"{recipe.data.near_share:g} of its words, or more, in common with a held-out one.",
        "",
        "| held-out pairs | mean cosine |",
        "|---|---|",
        *(f"| {words} | {stages[stage]:.4f} |" for stage, words in _STAGES.items() if stage in stages),
        "",
        f"{metrics['steps']:,} steps of fine-tuning, computed in {metrics['precision']}.",
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in _LIMITS),
        "",
        "## Settings",
        "",
        "```yaml",
        dump_recipe(recipe).strip(),
        "```",
        "",
    ]
    write_text_atomic(folder / "README.md", "\n".join(sections))
