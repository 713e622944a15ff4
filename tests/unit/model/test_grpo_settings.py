from __future__ import annotations

import pytest
import tiny_models
import torch
from peft import get_peft_model
from trl import GRPOConfig

from svgtune.config.grpo import GrpoRecipe, PromptDataSection
from svgtune.config.tuning import LoraSection
from svgtune.errors import MachineError, MissingInputError, RecipeError
from svgtune.model import grpo
from svgtune.model.curves import summarise_curves
from svgtune.model.load import load_base
from svgtune.model.lora import build_lora_config
from svgtune.model.precision import Precision
from svgtune.model.prompt_set import PromptSet, load_prompts
from svgtune.model.tuning import build_wording


def build_args(tmp_path, **trainer):
    return grpo.build_arguments(GrpoRecipe(trainer=trainer), tmp_path, "cpu", Precision("fp32", ""))


def build_prompts(*, prompt=20, reference=100):
    return PromptSet(None, None, {}, {}, longest_prompt=prompt, longest_reference=reference)


def test_nothing_is_written_for_a_bad_recipe(tiny_base, toy_data, tmp_path):
    build = tiny_models.build_grpo_recipe
    for recipe, error, message in (
        (
            build(tiny_base(), toy_data, trainer={"num_generation": 4}),
            RecipeError,
            "trainer.num_generations",
        ),
        (build(tiny_base(), toy_data, trainer={"reward_weights": [1]}), RecipeError, "set rewards.weights"),
        (build(tiny_base(), toy_data, trainer={"num_generations": 3}), RecipeError, "divisible"),
        (build(tiny_base(), toy_data, trainer={"steps_per_generation": 32}), RecipeError, "a round takes 64"),
        (build(tiny_base(), toy_data, processes=2), MachineError, "processes"),
        (build(tmp_path / "no-model", toy_data), MissingInputError, "base"),
        (build(tiny_base(), tmp_path / "none.txt"), MissingInputError, r"none\.txt"),
        (build(tiny_base(), toy_data, trainer={"max_completion_length": 5000}), RecipeError, "lower it"),
    ):
        with pytest.raises(error, match=message):
            grpo.run(recipe, tmp_path / "run", rewards=tiny_models.FakeRewards())
        assert not (tmp_path / "run").exists()


def test_a_judge_that_is_not_there_is_found_before_the_folder_is_made(tiny_base, toy_data, tmp_path):
    recipe = tiny_models.build_grpo_recipe(tiny_base(), toy_data, embedded={"folder": "no/judge"})
    with pytest.raises(MissingInputError, match="embedded judge"):
        grpo.run(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_defaults_are_those_of_the_field(tmp_path):
    args = build_args(tmp_path)
    assert (args.beta, args.epsilon, args.epsilon_high, args.loss_type) == (0.0, 0.2, 0.28, "dapo")
    assert (args.num_generations, args.temperature, args.mask_truncated_completions) == (8, 1.0, True)
    assert (args.bf16, args.fp16, args.remove_unused_columns) == (False, False, False)


def test_fewer_captions_than_a_round_takes_are_refused(tmp_path):
    args = build_args(tmp_path, per_device_train_batch_size=16, steps_per_generation=2, num_generations=8)
    grpo.check_round(args, 4)
    with pytest.raises(RecipeError, match=r"3 captions are left .* takes 4 .*lower trainer\.steps_per_gen"):
        grpo.check_round(args, 3)


@pytest.mark.parametrize("begins", ["new", "with an adapter"])
def test_no_dropout_comes_between_drawing_and_learning(tiny_base, toy_data, tmp_path, begins):
    section, start = LoraSection(rank=4, alpha=8, dropout=0.5), None
    if begins != "new":
        start = tmp_path / "start"
        get_peft_model(load_base(tiny_base()), build_lora_config(section)).save_pretrained(start)
    recipe = tiny_models.build_grpo_recipe(tiny_base(), toy_data, lora=section, start_from=start)
    precision = Precision("fp32", "")
    args = grpo.build_arguments(recipe, tmp_path, "cpu", precision)
    wording = build_wording(recipe, recipe.base, None)
    prompts, terms = load_prompts(recipe.data, wording), tiny_models.FakeRewards()
    trainer = grpo.build_trainer(recipe, tmp_path, args, prompts, wording, precision, terms, start)
    dropouts = [m for m in trainer.model.modules() if isinstance(m, torch.nn.Dropout)]
    assert dropouts
    assert {m.p for m in dropouts} == {0}


@pytest.mark.parametrize(
    ("trainer", "reference", "context", "expected"),
    [
        ({}, 100, None, 164),
        ({"max_completion_length": None}, 100, 1024, 164),
        ({}, 100, 150, 130),
        ({"max_completion_length": 50}, 0, None, 50),
    ],
)
def test_the_longest_drawing_and_a_margin_are_the_limit(tmp_path, trainer, reference, context, expected):
    recipe, args = GrpoRecipe(trainer=trainer), build_args(tmp_path, **trainer)
    grpo.set_length(args, recipe, build_prompts(reference=reference), context)
    assert args.max_completion_length == expected


@pytest.mark.parametrize(
    ("trainer", "prompt", "reference", "context", "message"),
    [
        ({}, 20, 0, None, "holds no drawings to take it from; set it"),
        (
            {"max_completion_length": 140},
            20,
            100,
            150,
            "140 after a prompt of 20 tokens is more",
        ),
        ({}, 150, 100, 150, "lower it or data.max_prompt_tokens"),
    ],
)
def test_lengths_that_cannot_be_are_refused(tmp_path, trainer, prompt, reference, context, message):
    recipe, args = GrpoRecipe(trainer=trainer), build_args(tmp_path, **trainer)
    with pytest.raises(RecipeError, match=message):
        grpo.set_length(args, recipe, build_prompts(prompt=prompt, reference=reference), context)


def test_vllm_gets_as_long_a_context_as_it_needs(tmp_path):
    args = build_args(tmp_path)
    args.use_vllm = True
    grpo.set_length(args, GrpoRecipe(), build_prompts(), 4096)
    assert args.vllm_max_model_length == 184


def test_an_engine_that_is_not_there_is_refused(tmp_path, monkeypatch):
    args = GRPOConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to=[])
    grpo.check_engine(args, "cpu")
    args.use_vllm = True
    monkeypatch.setattr(grpo.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MachineError, match=r"install svgtune\[gpu\]"):
        grpo.check_engine(args, "cuda")
    monkeypatch.setattr(grpo.importlib.util, "find_spec", lambda _: object())
    with pytest.raises(MachineError, match="vLLM on a CPU"):
        grpo.check_engine(args, "cpu")
    grpo.check_engine(args, "cuda")


def test_curves_are_summed_up_by_their_ends():
    history = [{"step": k, "reward": float(k), "loss": float("nan"), "text": "x"} for k in range(20)]
    assert summarise_curves([*history, {"train_runtime": 3.0}]) == {
        "reward": {"first": 0.5, "last": 18.5, "entries": 20}
    }


def test_a_scenes_recipe_needs_no_path():
    assert PromptDataSection().path is None


def test_a_grammar_wants_our_own_generation_and_room_for_a_drawing(tiny_base, tmp_path):
    recipe = tiny_models.build_grpo_recipe(
        tiny_base(), None, grammar=True, trainer={"repetition_penalty": 1.1}
    )
    args = grpo.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))
    with pytest.raises(RecipeError, match="grammar: is kept by our own generation only"):
        grpo.check_grammar(recipe, args)
    recipe = tiny_models.build_grpo_recipe(tiny_base(), None, grammar=True)
    args = grpo.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))
    grpo.check_grammar(recipe, args)
    wording = build_wording(recipe, recipe.base, None)
    with pytest.raises(RecipeError, match=r"trainer\.max_completion_length: the shortest drawing has"):
        grpo.build_constraint(recipe, args, wording, [wording.tokenizer.eos_token_id])
    assert grpo.build_constraint(recipe.model_copy(update={"grammar": False}), args, wording, [0]) is None
