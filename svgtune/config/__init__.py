"""Typed recipes: what each stage may be told, read from YAML and the command line."""

from __future__ import annotations

from svgtune.config.base import Section
from svgtune.config.form import NormalForm
from svgtune.config.generate import GenerateRecipe
from svgtune.config.loader import dump_recipe, read_recipe
from svgtune.config.prepare import PrepareRecipe
from svgtune.config.pretrain import PretrainRecipe
from svgtune.config.scenes import ScenesOptions
from svgtune.config.sft import SftRecipe

__all__ = [
    "GenerateRecipe",
    "NormalForm",
    "PrepareRecipe",
    "PretrainRecipe",
    "ScenesOptions",
    "Section",
    "SftRecipe",
    "dump_recipe",
    "read_recipe",
]
