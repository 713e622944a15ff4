from __future__ import annotations

import re
from pathlib import Path

import pytest
from trl import GRPOConfig

from svgtune.config import read_recipe
from svgtune.config.grpo import GrpoRecipe
from svgtune.config.sft import SftRecipe
from svgtune.model import grpo
from svgtune.model.alarm import check_judge
from svgtune.model.arguments import check_trainer_keys
from svgtune.model.precision import Precision

FILES = sorted((Path(__file__).parents[3] / "recipes" / "grpo").glob("*.yaml"))
REAL = [file for file in FILES if not file.stem.startswith("nano")]


def build_arguments(file, output):
    recipe = read_recipe(GrpoRecipe, file, [])
    return recipe, grpo.build_arguments(recipe, output, "cpu", Precision("fp32", ""))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_trl_takes_every_recipe(file, tmp_path):
    recipe, args = build_arguments(file, tmp_path)
    check_trainer_keys(recipe.trainer, GRPOConfig, grpo.MANAGED)
    assert recipe.name == file.stem
    assert (args.beta, args.epsilon, args.epsilon_high, args.loss_type) == (0.0, 0.2, 0.28, "dapo")
    assert recipe.trainer["max_completion_length"] is None
    assert args.mask_truncated_completions
    assert 8 <= args.num_generations <= 64
    assert args.generation_batch_size % args.num_generations == 0
    assert args.steps_per_generation % args.gradient_accumulation_steps == 0
    # A run that is killed loses few rounds, and a checkpoint in the middle of one is whole too.
    assert args.save_steps <= args.eval_steps


def test_the_models_that_are_promised_have_recipes():
    sizes = [f"qwen2.5_{size}_qlora" for size in ("1.5b", "3b", "7b")]
    gemma = ["gemma2_2b_lora", "gemma3_1b_lora", "gemma3_4b_qlora"]
    assert {file.stem for file in FILES} == {"nano", "nano_long", *sizes, *gemma, "qwen2.5_7b_server"}


@pytest.mark.parametrize("file", REAL, ids=lambda file: file.stem)
def test_recipes_of_real_models_ask_for_a_gpu(file, tmp_path):
    recipe, args = build_arguments(file, tmp_path)
    assert recipe.device == "cuda"
    assert (recipe.quantisation == "nf4") == file.stem.endswith("qlora")
    assert args.gradient_checkpointing
    if args.use_vllm and args.vllm_mode == "colocate":
        assert args.vllm_enable_sleep_mode


@pytest.mark.parametrize("file", REAL, ids=lambda file: file.stem)
def test_a_recipe_has_the_shape_of_the_adapter_that_it_tells_to_begin_with(file):
    start = re.search(r"--start_from runs/(\S+)", file.read_text(encoding="utf-8"))[1]
    tuned = read_recipe(SftRecipe, file.parents[1] / "sft" / f"{start}.yaml", [])
    recipe = read_recipe(GrpoRecipe, file, [])
    assert (recipe.base, recipe.lora) == (tuned.base, tuned.lora)


@pytest.mark.parametrize("file", REAL, ids=lambda file: file.stem)
def test_a_second_judge_looks_on_where_a_small_one_gives_the_reward(file):
    recipe = read_recipe(GrpoRecipe, file, [])
    assert (recipe.alarm is not None) == (recipe.judges == "embedded")
    if recipe.alarm is not None:
        check_judge(recipe, recipe.alarm)
