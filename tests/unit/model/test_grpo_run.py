from __future__ import annotations

import json
import re

import pytest
import tiny_models
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import AutoModelForCausalLM

from svgtune.config.tuning import LoraSection, SampleDrawingsSection
from svgtune.errors import InputError, MissingInputError, OutputExistsError, RecipeError
from svgtune.model import grpo, sft
from svgtune.model.card import read_traits
from svgtune.model.load import load_base

pytestmark = pytest.mark.slow  # trains again and again


def read_adapter(folder):
    return load_file(folder / "adapter_model.safetensors")


@pytest.fixture(scope="module")
def finished(tiny_base, toy_data, tmp_path_factory):
    """Returns a finished LoRA run with drawings and TensorBoard, and what it returned."""
    output = tmp_path_factory.mktemp("runs") / "grpo"
    recipe = tiny_models.build_grpo_recipe(
        tiny_base(),
        toy_data,
        trainer={"max_steps": 4, "report_to": ["tensorboard"], "eval_steps": 2},
        drawings=SampleDrawingsSection(prompts=("a red circle",), max_new_tokens=8, size_px=32),
    )
    return output, grpo.run(recipe, output, rewards=tiny_models.FakeRewards())


def test_held_out_reward_and_the_ends_of_the_curves_are_kept(finished):
    output, metrics = finished
    assert metrics == json.loads((output / "metrics.json").read_text())
    assert metrics["held_out_reward_before"] > 0
    assert metrics["held_out_reward_after"] > 0
    assert metrics["steps"] == 4
    assert metrics["max_completion_length"] == 12
    assert metrics["data"]["train"] == 32
    assert metrics["data"]["questions"] == {"by_rule": 36}
    curves = metrics["curves"]
    assert {"reward", "entropy", "completions/clipped_ratio", "validity/strict", "groups/flat"} <= set(curves)
    assert curves["reward"]["entries"] == 4
    assert curves["rewards/rate_digits/mean"]["first"] > 0


def test_each_step_says_where_its_time_went(finished):
    output, _ = finished
    events = EventAccumulator(str(output / "logs"))
    events.Reload()
    parts = [f"train/step_seconds/{part}" for part in ("generate", "reward", "update")]
    whole = [event.value for event in events.Scalars("train/step_time")]
    spent = [[event.value for event in events.Scalars(part)] for part in parts]
    sums = [sum(values) for values in zip(*spent, strict=True)]
    assert sums == pytest.approx(whole, rel=0.2, abs=0.02)
    assert min(event.value for event in events.Scalars(parts[0])) > 0
    tags = set(events.Tags()["scalars"])
    assert {"train/entropy", "train/completions/mean_length", "eval/reward", "eval/drawings_tokens"} <= tags


def test_fixed_prompts_are_drawn_at_every_evaluation(finished):
    output, _ = finished
    assert sorted(p.name for p in (output / "drawings").glob("*.png")) == [
        "step_000000.png", "step_000002.png", "step_000004.png",
    ]  # fmt: skip


def test_a_page_shows_the_run_without_the_network(finished):
    output, _ = finished
    page = (output / "report.html").read_text()
    assert "After 4 of 4 steps." in page
    assert {"Reward and its spread", "Entropy", "Seconds of a step"} <= set(
        re.findall(r'aria-label="(.*?)"', page)
    )
    assert ">step 0</h2>" in page
    assert ">step 4</h2>" in page
    assert not re.search(r"""(src|href)=["'](?!data:image/png)""", page)
    # The figures from before training are in the log too.
    history = json.loads((output / "history.json").read_text())["log_history"]
    assert [entry["step"] for entry in history if "eval_reward" in entry] == [0, 2, 4]


def test_what_lies_beside_the_adapter(finished, tiny_base):
    output, _ = finished
    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base()), output)
    assert all(".lora_A." in name or ".lora_B." in name for name in read_adapter(output))
    assert read_traits(output).base == str(tiny_base())
    card = (output / "README.md").read_text()
    assert "train/grpo.py" in card
    assert "toy: CC0-1.0" in card
    assert not (output / "training_args.bin").exists()


def test_an_output_folder_is_not_written_over(finished, tiny_base, toy_data):
    output, _ = finished
    recipe = tiny_models.build_grpo_recipe(tiny_base(), toy_data)
    with pytest.raises(OutputExistsError, match="--resume"):
        grpo.run(recipe, output, rewards=tiny_models.FakeRewards())


@pytest.mark.parametrize("architecture", ["qwen2", "gemma2", "gemma3_text", "gemma3"])
def test_each_architecture_takes_two_steps(tiny_base, toy_data, tmp_path, architecture):
    recipe = tiny_models.build_grpo_recipe(tiny_base(architecture), toy_data)
    metrics = grpo.run(recipe, tmp_path / "run", rewards=tiny_models.FakeRewards())
    assert metrics["steps"] == 2
    adapter = read_adapter(tmp_path / "run")
    assert any(weight.abs().max() > 0 for name, weight in adapter.items() if "lora_B" in name)


@pytest.mark.parametrize("architecture", ["qwen2", "gemma2", "gemma3_text", "gemma3"])
def test_each_architecture_takes_two_quantised_steps(tiny_base, toy_data, tmp_path, architecture):
    recipe = tiny_models.build_grpo_recipe(tiny_base(architecture), toy_data, quantisation="nf4")
    grpo.run(recipe, tmp_path / "run", rewards=tiny_models.FakeRewards())
    adapter = read_adapter(tmp_path / "run")
    assert {weight.dtype for weight in adapter.values()} == {torch.float32}
    assert any(weight.abs().max() > 0 for name, weight in adapter.items() if "lora_B" in name)


@pytest.fixture(scope="module")
def tuned(tiny_base, toy_data, tmp_path_factory):
    """Returns an adapter that supervised tuning left."""
    output = tmp_path_factory.mktemp("tuned") / "adapter"
    sft.run(tiny_models.build_recipe(tiny_base(), toy_data, lora=LoraSection(rank=4, alpha=8)), output)
    return output


def test_an_adapter_is_trained_on(tiny_base, toy_data, tmp_path, tuned):
    recipe = tiny_models.build_grpo_recipe(
        tiny_base(), toy_data, start_from=tuned, prompt_style="auto", trainer={"learning_rate": 1e-4}
    )
    grpo.run(recipe, tmp_path / "run", rewards=tiny_models.FakeRewards())
    before, after = read_adapter(tuned), read_adapter(tmp_path / "run")
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    for name in before:
        torch.testing.assert_close(before[name], after[name], rtol=0, atol=1e-3)
    assert read_traits(tmp_path / "run").prompt_style == read_traits(tuned).prompt_style
    config = json.loads((tmp_path / "run" / "adapter_config.json").read_text())
    assert config["r"] == 4
    assert config["target_modules"] == sorted(config["target_modules"])


def test_full_training_merges_the_adapter_first(tiny_base, toy_data, tmp_path, tuned):
    recipe = tiny_models.build_grpo_recipe(
        tiny_base(), toy_data, start_from=tuned, method="full", trainer={"learning_rate": 1e-6}
    )
    grpo.run(recipe, tmp_path / "run", rewards=tiny_models.FakeRewards())
    name = "model.layers.0.mlp.up_proj.weight"
    merged = PeftModel.from_pretrained(load_base(tiny_base()), tuned).merge_and_unload().state_dict()[name]
    result = load_base(tmp_path / "run").state_dict()[name]
    torch.testing.assert_close(result, merged, rtol=0, atol=1e-4)
    assert not torch.allclose(result, load_base(tiny_base()).state_dict()[name], atol=1e-4)


def test_starts_that_cannot_be_used_are_named(tiny_base, toy_data, tmp_path, tuned):
    empty = tmp_path / "empty"
    empty.mkdir()
    for start, base, error, message in (
        (empty, tiny_base(), MissingInputError, "holds no adapter_config.json"),
        (tiny_base(), tiny_base(), RecipeError, "is a model, not an adapter; set base"),
        (tuned, tiny_base("gemma2"), RecipeError, "was trained on .*qwen2"),
    ):
        recipe = tiny_models.build_grpo_recipe(base, toy_data, start_from=start)
        with pytest.raises(error, match=message):
            grpo.run(recipe, tmp_path / "run", rewards=tiny_models.FakeRewards())
        assert not (tmp_path / "run").exists()
    (empty / "adapter_config.json").write_text("{}")
    (empty / "adapter_model.safetensors").touch()
    with pytest.raises(InputError, match="names no base model"):
        grpo.run(tiny_models.build_grpo_recipe(tiny_base(), toy_data, start_from=empty), tmp_path / "run")
