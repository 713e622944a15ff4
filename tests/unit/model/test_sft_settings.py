from __future__ import annotations

import json

import pytest
import tiny_models
import torch

from svgtune.config.sft import EarlyStoppingSection, SftRecipe
from svgtune.config.tuning import LoraSection
from svgtune.errors import MachineError, MissingInputError, RecipeError
from svgtune.model import sft
from svgtune.model.precision import Precision


def test_nothing_is_written_for_a_bad_recipe(tiny_base, toy_data, tmp_path):
    output = tmp_path / "run"
    for recipe, error in (
        (tiny_models.build_recipe(tiny_base(), toy_data, trainer={"lerning_rate": 1}), RecipeError),
        (
            tiny_models.build_recipe(tiny_base(), toy_data, trainer={"eval_strategy": "sometimes"}),
            RecipeError,
        ),
        (tiny_models.build_recipe(tiny_base(), toy_data, device="cuda"), MachineError),
        (tiny_models.build_recipe(tiny_base(), toy_data, processes=2), MachineError),
        (tiny_models.build_recipe(tmp_path / "no-model", toy_data), MissingInputError),
    ):
        if error is MachineError and recipe.device == "cuda" and torch.cuda.is_available():
            continue
        with pytest.raises(error):
            sft.run(recipe, output)
        assert not output.exists()


def test_the_recipe_trainer_section_reaches_trl(tmp_path):
    recipe = SftRecipe(
        seed=7,
        trainer={"learning_rate": 3e-4, "packing": True, "eval_steps": 25, "report_to": "none"},
        early_stopping=EarlyStoppingSection(patience=2),
    )
    args = sft.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))
    assert (args.learning_rate, args.packing, args.eval_steps, args.save_steps) == (3e-4, True, 25, 25)
    assert (args.seed, args.bf16, args.fp16, args.completion_only_loss) == (7, False, False, True)
    assert args.load_best_model_at_end
    assert args.metric_for_best_model == "eval_loss"
    assert args.report_to == []


def test_early_stopping_without_evaluation_is_refused(tmp_path):
    recipe = SftRecipe(trainer={"eval_strategy": "no"}, early_stopping=EarlyStoppingSection())
    with pytest.raises(RecipeError, match="needs evaluation and saving at the same steps"):
        sft.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))


def test_full_training_of_quantised_weights_is_refused():
    with pytest.raises(ValueError, match="only method lora can train on quantised weights"):
        SftRecipe(method="full", quantisation="nf4")


def test_a_lora_recipe_has_no_room_for_added_tokens():
    with pytest.raises(ValueError, match="modules_to_save"):
        LoraSection(modules_to_save=["lm_head"])


def test_a_half_written_checkpoint_is_passed_over(tmp_path):
    for step, state in ((8, {"global_step": 8}), (9, None), (10, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state:
            (folder / "trainer_state.json").write_text(json.dumps(state))
    (tmp_path / "checkpoint-10" / "trainer_state.json").write_text('{"global_st')
    assert sft.find_checkpoint(tmp_path) == tmp_path / "checkpoint-8"
    assert sft.find_checkpoint(tmp_path / "absent") is None
