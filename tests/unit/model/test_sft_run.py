from __future__ import annotations

import json

import pytest
import tiny_models
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import AutoModelForCausalLM, AutoTokenizer

from svgtune.config.sft import EarlyStoppingSection
from svgtune.config.tuning import LoraSection, SampleDrawingsSection
from svgtune.errors import OutputExistsError
from svgtune.model import sft
from svgtune.model.card import read_traits
from svgtune.model.load import load_base

pytestmark = pytest.mark.slow  # trains again and again


def read_adapter(folder):
    return load_file(folder / "adapter_model.safetensors")


@pytest.fixture(scope="module")
def finished(tiny_base, toy_data, tmp_path_factory):
    """Returns a finished LoRA run with drawings and TensorBoard, and what it returned."""
    output = tmp_path_factory.mktemp("runs") / "lora"
    recipe = tiny_models.build_recipe(
        tiny_base(),
        toy_data,
        trainer={"max_steps": 6, "report_to": ["tensorboard"], "eval_steps": 3},
        drawings=SampleDrawingsSection(
            prompts=("a red circle", "a blue square"), max_new_tokens=8, size_px=32
        ),
    )
    return output, sft.run(recipe, output)


def test_held_out_loss_falls_and_both_figures_are_kept(finished):
    output, metrics = finished
    assert metrics == json.loads((output / "metrics.json").read_text())
    assert metrics["held_out_loss_after"] < metrics["held_out_loss_before"]
    assert metrics["steps"] == 6
    assert metrics["tokens"] > 6 * 4 * 100
    assert metrics["data"]["train"] == 32


def test_peft_loads_the_adapter_on_its_base(finished, tiny_base):
    output, _ = finished
    base = AutoModelForCausalLM.from_pretrained(tiny_base())
    model = PeftModel.from_pretrained(base, output)
    tokenizer = AutoTokenizer.from_pretrained(output)
    ids = tokenizer("a red circle", return_tensors="pt")
    with torch.no_grad():
        tuned = model(**ids).logits
        with model.disable_adapter():
            assert not torch.allclose(tuned, model(**ids).logits)


def test_the_adapter_is_one_that_vllm_takes(finished):
    output, _ = finished
    config = json.loads((output / "adapter_config.json").read_text())
    assert config["modules_to_save"] is None
    assert config["trainable_token_indices"] is None
    assert config["target_modules"] == sorted(config["target_modules"])
    assert all(".lora_A." in name or ".lora_B." in name for name in read_adapter(output))


def test_what_lies_beside_the_adapter(finished, tiny_base):
    output, _ = finished
    assert read_traits(output).base == str(tiny_base())
    assert "toy: CC0-1.0" in (output / "README.md").read_text()
    assert not (output / "training_args.bin").exists()
    assert not (output / ".publishing").exists()


def test_drawings_of_fixed_prompts_are_logged_at_every_evaluation(finished):
    output, _ = finished
    assert sorted(p.name for p in (output / "drawings").glob("*.png")) == [
        "step_000000.png", "step_000003.png", "step_000006.png",
    ]  # fmt: skip
    rows = [json.loads(line) for line in (output / "drawings" / "step_000003.jsonl").open()]
    assert [row["prompt"] for row in rows] == ["a red circle", "a blue square"]
    assert {row["validity"] for row in rows} <= {"strict", "lenient", "repaired", "invalid"}
    events = EventAccumulator(str(output / "logs"))
    events.Reload()
    assert {"eval/drawings_strict", "eval/drawings_tokens", "eval/loss", "train/loss"} <= set(
        events.Tags()["scalars"]
    )
    assert {e.step for e in events.Scalars("eval/drawings_tokens")} == {0, 3, 6}


def test_an_output_folder_is_not_written_over(finished, tiny_base, toy_data):
    output, _ = finished
    with pytest.raises(OutputExistsError, match="--resume"):
        sft.run(tiny_models.build_recipe(tiny_base(), toy_data), output)


def test_one_seed_gives_one_adapter(tiny_base, toy_data, tmp_path):
    recipe = tiny_models.build_recipe(tiny_base(), toy_data, lora=LoraSection(rank=8, dropout=0.1))
    for name in ("first", "second"):
        sft.run(recipe, tmp_path / name)
    sft.run(recipe.model_copy(update={"seed": 2}), tmp_path / "other")
    first, second, other = (read_adapter(tmp_path / name) for name in ("first", "second", "other"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_full_training_saves_a_model(tiny_base, toy_data, tmp_path):
    sft.run(tiny_models.build_recipe(tiny_base(), toy_data, method="full"), tmp_path / "run")
    tuned, base = load_base(tmp_path / "run"), load_base(tiny_base())
    name = "model.layers.0.mlp.up_proj.weight"
    assert not torch.equal(tuned.state_dict()[name], base.state_dict()[name])
    assert read_traits(tmp_path / "run").base == ""


def test_an_adapter_is_tuned_on(tiny_base, toy_data, tmp_path):
    small = tiny_models.build_recipe(tiny_base(), toy_data, lora=LoraSection(rank=4, alpha=8))
    first = sft.run(small, tmp_path / "first")
    recipe = tiny_models.build_recipe(
        tiny_base(),
        toy_data,
        start_from=tmp_path / "first",
        prompt_style="auto",
        trainer={"learning_rate": 1e-3},
    )
    second = sft.run(recipe, tmp_path / "second")
    assert second["held_out_loss_before"] == pytest.approx(first["held_out_loss_after"], rel=1e-5)
    before, after = read_adapter(tmp_path / "first"), read_adapter(tmp_path / "second")
    assert {name: weight.shape for name, weight in before.items()} == {
        name: weight.shape for name, weight in after.items()
    }
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert read_traits(tmp_path / "second").prompt_style == read_traits(tmp_path / "first").prompt_style


def test_early_stopping_keeps_the_best_checkpoint(tiny_base, toy_data, tmp_path):
    recipe = tiny_models.build_recipe(
        tiny_base(),
        toy_data,
        trainer={"max_steps": 12, "eval_steps": 1, "learning_rate": 5.0, "lr_scheduler_type": "constant"},
        early_stopping=EarlyStoppingSection(patience=2),
    )
    metrics = sft.run(recipe, tmp_path / "run")
    assert metrics["steps"] < 12
    state_file = max((tmp_path / "run" / "checkpoints").glob("*/trainer_state.json"))
    losses = [e["eval_loss"] for e in json.loads(state_file.read_text())["log_history"] if "eval_loss" in e]
    assert metrics["held_out_loss_after"] == min(losses)


@pytest.mark.parametrize("architecture", ["gemma2", "gemma3_text", "gemma3"])
def test_each_architecture_trains_two_steps(tiny_base, toy_data, tmp_path, architecture):
    metrics = sft.run(tiny_models.build_recipe(tiny_base(architecture), toy_data), tmp_path / "run")
    assert metrics["held_out_loss_after"] < metrics["held_out_loss_before"]


def test_qlora_trains_on_a_cpu_that_is_asked_for(tiny_base, toy_data, tmp_path):
    recipe = tiny_models.build_recipe(tiny_base(), toy_data, quantisation="nf4")
    metrics = sft.run(recipe, tmp_path / "run")
    assert metrics["held_out_loss_after"] < metrics["held_out_loss_before"]
    adapter = read_adapter(tmp_path / "run")
    assert {weight.dtype for weight in adapter.values()} == {torch.float32}
