"""The recipe of ``scripts/export_adapter.py``: what a tuned adapter becomes, and where it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from svgtune.config.base import Section

FLAG_ALIASES: dict[str, str] = {"license": "licence"}


class CheckSection(Section):
    """What is drawn, greedily, to see that nothing was lost on the way."""

    prompts: tuple[str, ...] = (
        "a red circle on a blue background",
        "a lighthouse beside a calm sea at sunset",
    )
    """Empty turns these checks off; the files are checked in any case."""
    max_new_tokens: int = Field(default=96, ge=1)
    """Tokens drawn and compared for each prompt."""


class ExportRecipe(Section):
    """Makes of a tuned adapter a folder that others can load, and uploads it where that is asked."""

    adapter: Path | None = None
    """Folder of a finished adapter, as train/sft.py, train/dpo.py and train/grpo.py leave it."""
    model: str | None = None
    """Where the base model lies: a folder or a hub id. None: where the adapter says."""
    revision: str | None = None
    """Branch, tag or commit of the base on the hub; None is its default branch."""
    base_name: str | None = None
    """What the export calls its base. None: its hub id, or its name under models/; of another folder the last
    name only, so that no path of this machine is published."""
    merged: bool = False
    """Merge the adapter into the base's unquantised weights; false exports the adapter alone."""
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    """Of merged weights; auto is that of the base's files."""
    max_shard_gb: float = Field(default=4.0, gt=0)
    """Merged weights are written as files of at most this many gigabytes."""
    check: CheckSection = CheckSection()
    title: str | None = None
    """Headline of the model card; None is the recipe's name that the adapter was tuned by."""
    licence: str | None = None
    """Licence of the weights, as the hub spells it (apache-2.0) or as Kaggle does (Apache 2.0). None: the
    base's own, where its card says."""
    kaggle: str | None = None
    """Kaggle handle to upload to: OWNER/MODEL/FRAMEWORK/VARIATION."""
    hub: str | None = None
    """Hub id to upload to: OWNER/NAME."""
    private: bool = True
    """Whether a new hub repository, or the model that the Kaggle metadata describes, is private."""
    notes: str = ""
    """Version notes or commit message of the upload."""

    @model_validator(mode="after")
    def _check_one_place(self) -> Self:
        if self.kaggle is not None and self.hub is not None:
            raise ValueError("kaggle and hub are both given; export to one of them at a time")
        return self
