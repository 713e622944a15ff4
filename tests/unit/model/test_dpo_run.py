from __future__ import annotations

import json
import math

import pytest
import tiny_models
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import AutoModelForCausalLM

from svgtune.config.dpo import DpoRecipe, PairDataSection
from svgtune.config.tuning import LoraSection, SampleDrawingsSection
from svgtune.errors import InputError, OutputExistsError, RecipeError
from svgtune.model import dpo, sft, tuning
from svgtune.model.card import read_traits
from svgtune.model.data import Wording
from svgtune.model.load import load_base
from svgtune.model.pairs import load_pairs
from svgtune.model.precision import Precision
from svgtune.model.start import put_adapter

pytestmark = pytest.mark.slow  # trains again and again


def read_adapter(folder):
    return load_file(folder / "adapter_model.safetensors")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Returns a folder with toy pairs where data_prep/prefer.py leaves them."""
    return tiny_models.save_toy_pairs(tmp_path_factory.mktemp("pairs"), train=16, held_out=6)


@pytest.fixture(scope="module")
def tuned(tiny_base, toy_data, tmp_path_factory):
    """Returns an adapter that supervised tuning left."""
    output = tmp_path_factory.mktemp("tuned") / "adapter"
    sft.run(tiny_models.build_recipe(tiny_base(), toy_data, lora=LoraSection(rank=4, alpha=8)), output)
    return output


@pytest.fixture(scope="module")
def finished(tiny_base, pairs, tuned, tmp_path_factory):
    """Returns a finished run that went on from an adapter, and what it returned."""
    output = tmp_path_factory.mktemp("runs") / "dpo"
    recipe = tiny_models.build_dpo_recipe(
        tiny_base(), pairs, start_from=tuned, prompt_style="auto",
        trainer={"max_steps": 4, "report_to": ["tensorboard"], "eval_steps": 2},
        drawings=SampleDrawingsSection(prompts=("a red circle",), max_new_tokens=8, size_px=32),
    )  # fmt: skip
    return output, dpo.run(recipe, output)


def build_trainer(recipe, output, start=None, precision="fp32"):
    kind = Precision(precision, "")
    args = dpo.build_arguments(recipe, output, "cpu", kind)
    wording = tuning.build_wording(recipe, recipe.base, args.max_length)
    return dpo.build_trainer(recipe, output, args, load_pairs(recipe.data, wording), wording, kind, start)


def measure(trainer):
    """Returns policy and reference log probabilities of the first pairs."""
    batch = trainer.data_collator([trainer.train_dataset[k] for k in range(4)])
    labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    with torch.no_grad(), trainer.accelerator.autocast():
        own = trainer.model(**inputs, labels=labels, fused_lm_head=True).log_probs.sum(1)
    reference = torch.cat(trainer.compute_ref_log_probs(trainer.ref_model or trainer.model, batch))
    return own, reference, batch, labels


def test_held_out_figures_and_the_ends_of_the_curves_are_kept(finished):
    output, metrics = finished
    assert metrics == json.loads((output / "metrics.json").read_text())
    assert metrics["held_out_loss_before"] == pytest.approx(math.log(2), abs=1e-5)
    assert metrics["held_out_margin_before"] == pytest.approx(0, abs=1e-5)
    assert metrics["held_out_loss_after"] < metrics["held_out_loss_before"]
    assert metrics["held_out_margin_after"] > 0
    assert metrics["held_out_accuracy_after"] > 0.5
    assert metrics["held_out_chosen_logp_before"] < 0
    assert metrics["steps"] == 4
    assert metrics["tokens"] > 4 * 8 * 100
    assert metrics["data"] == {"in": 22, "train": 16, "held_out": 6, "dropped": {}}
    curves = metrics["curves"]
    assert {"loss", "rewards/accuracies", "rewards/margins", "logps/chosen", "eval_loss"} <= set(curves)
    events = EventAccumulator(str(output / "logs"))
    events.Reload()
    tags = {"train/rewards/margins", "eval/rewards/accuracies", "eval/drawings_tokens", "train/loss"}
    assert tags <= set(events.Tags()["scalars"])


def test_the_result_is_one_plain_adapter_of_the_same_base(finished, tuned, tiny_base):
    output, metrics = finished
    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base()), output)
    before, after = read_adapter(tuned), read_adapter(output)
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert not list(output.rglob("ref"))
    assert metrics["trainable"] == sum(weight.numel() for weight in after.values())
    base = AutoModelForCausalLM.from_pretrained(tiny_base())
    assert metrics["parameters"] == metrics["trainable"] + sum(p.numel() for p in base.parameters())
    config = json.loads((output / "adapter_config.json").read_text())
    assert config["r"] == 4
    assert config["base_model_name_or_path"] == str(tiny_base())
    assert config["target_modules"] == sorted(config["target_modules"])
    assert read_traits(output).prompt_style == read_traits(tuned).prompt_style
    card = (output / "README.md").read_text()
    assert "train/dpo.py" in card
    assert "toy: CC0-1.0" in card
    assert not (output / "training_args.bin").exists()
    names = sorted(p.name for p in (output / "drawings").glob("*.png"))
    assert names == ["step_000000.png", "step_000002.png", "step_000004.png"]


@pytest.mark.parametrize("case", ["lora", "lora nf4 fp32", "lora nf4 bf16", "full", "full merged", "new"])
def test_the_reference_is_what_the_run_starts_with(tiny_base, pairs, tmp_path, tuned, case):
    start = None if case in ("new", "full") else tuned
    more = {"quantisation": "nf4"} if "nf4" in case else {"method": "full"} if "full" in case else {}
    precision = "bf16" if "bf16" in case else "fp32"
    recipe = tiny_models.build_dpo_recipe(tiny_base(), pairs, start_from=start, **more)
    trainer = build_trainer(recipe, tmp_path, start, precision)
    own, reference, batch, labels = measure(trainer)
    torch.testing.assert_close(own, reference, rtol=0, atol=0)
    # The same by the model that was loaded for itself.
    device = {"dtype": torch.bfloat16} if precision == "bf16" else {}
    model = load_base(tiny_base(), quantisation=recipe.quantisation, **device)
    model = model if start is None else put_adapter(model, start, merge=False)
    with torch.no_grad():
        logits = model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits.float()
    log_probs = logits[:, :-1].log_softmax(-1).gather(-1, labels[:, 1:].clamp(min=0).unsqueeze(-1))[..., 0]
    expected = (log_probs * (labels[:, 1:] != -100)).sum(1)
    near = {"rtol": 2e-2, "atol": 1.0} if precision == "bf16" else {"rtol": 1e-4, "atol": 1e-2}
    torch.testing.assert_close(reference, expected, **near)
    trained = [name for name, p in trainer.model.named_parameters() if p.requires_grad]
    assert trained
    assert not any(".ref." in name for name in trained)

    trainer.train()
    first = next(entry for entry in trainer.state.log_history if "loss" in entry)
    assert first["loss"] == pytest.approx(math.log(2), abs=1e-3)
    assert first["rewards/margins"] == pytest.approx(0, abs=2e-3)
    moved, kept, *_ = measure(trainer)
    assert not torch.allclose(moved, own)
    torch.testing.assert_close(kept, reference, rtol=0, atol=0)


def test_pairs_are_worded_and_ended_as_supervised_tuning_does(tiny_base, pairs, toy_data, tmp_path):
    for architecture in ("qwen2", "gemma2"):
        recipe = tiny_models.build_dpo_recipe(tiny_base(architecture), pairs)
        rows = build_trainer(recipe, tmp_path / "dpo").train_dataset
        wording = tuning.build_wording(recipe, recipe.base, None)
        for row, source in zip(rows, tiny_models.build_pairs(16), strict=True):
            prompt = wording.build_prompt(source["caption"])
            for name in ("chosen", "rejected"):
                whole = wording.tokenizer.apply_chat_template(
                    [*prompt, {"role": "assistant", "content": source[name]}], tokenize=False
                )
                ids = wording.tokenizer(whole, add_special_tokens=False)["input_ids"]
                assert row["prompt_ids"] + row[f"{name}_ids"] == ids
            asked = wording.tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
            assert wording.tokenizer.decode(row["prompt_ids"]) == asked


def test_resumed_is_uninterrupted(tiny_base, pairs, tmp_path, tuned, monkeypatch):
    recipe = tiny_models.build_dpo_recipe(
        tiny_base(), pairs, start_from=tuned, trainer={"max_steps": 6, "eval_steps": 2, "save_steps": 2}
    )
    whole = dpo.run(recipe, tmp_path / "whole")

    class Killed(Exception):  # noqa: N818
        pass

    calls = iter(range(3))
    loop = dpo.PreferenceTrainer.evaluation_loop

    def evaluate_or_die(*args, **kwargs):
        if next(calls, None) is None:
            raise Killed
        return loop(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(dpo.PreferenceTrainer, "evaluation_loop", evaluate_or_die)
        with pytest.raises(Killed):
            dpo.run(recipe, tmp_path / "cut")
    checkpoint = dpo.find_checkpoint(tmp_path / "cut" / "checkpoints")
    assert checkpoint.name == "checkpoint-4"
    assert not (checkpoint / "ref").exists()
    resumed = dpo.run(recipe, tmp_path / "cut", resume=True)
    first, second = read_adapter(tmp_path / "whole"), read_adapter(tmp_path / "cut")
    assert all(torch.equal(first[name], second[name]) for name in first)
    for figure, value in whole.items():
        if figure.startswith("held_out") or figure in ("steps", "tokens"):
            assert resumed[figure] == value, figure
    with pytest.raises(OutputExistsError, match="--resume"):
        dpo.run(recipe, tmp_path / "cut")


def test_full_training_saves_a_model(tiny_base, pairs, tmp_path, tuned):
    recipe = tiny_models.build_dpo_recipe(
        tiny_base(), pairs, start_from=tuned, method="full", trainer={"learning_rate": 1e-4}
    )
    metrics = dpo.run(recipe, tmp_path / "run")
    assert metrics["held_out_margin_after"] > 0
    assert read_traits(tmp_path / "run").base == ""
    load_base(tmp_path / "run")


def test_settings_and_pairs_that_cannot_be_used_are_refused(tiny_base, pairs, tmp_path):
    build = tiny_models.build_dpo_recipe
    for recipe, message in (
        (build(tiny_base(), None), "data.path: no pairs were given"),
        (build(tiny_base(), pairs, trainer={"seed": 3}), "trainer.seed: is not set here"),
        (build(tiny_base(), pairs, trainer={"sync_ref_model": True}), "the reference is what the run starts"),
        (build(tiny_base(), pairs, trainer={"betta": 1.0}), "did you mean trainer.beta"),
        (build(tiny_base(), pairs, trainer={"loss_weights": [1.0, 2.0]}), "trl.DPOConfig refuses it"),
    ):
        with pytest.raises(RecipeError, match=message):
            dpo.run(recipe, tmp_path / "run")
    with pytest.raises(InputError, match=r'no train pair is left .*"too_many_tokens": 22'):
        dpo.run(build(tiny_base(), pairs, trainer={"max_length": 32}), tmp_path / "run")
    misnamed = build(tiny_base(), None, data=PairDataSection(path=pairs, chosen_column="choosen"))
    with pytest.raises(InputError, match="no column 'choosen'"):
        dpo.run(misnamed, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_pairs_that_teach_nothing_are_dropped_by_reason(tiny_base, tmp_path):
    rows = tiny_models.build_pairs(12)
    rows[0]["caption"] = " "
    rows[1]["chosen"] = ""
    rows[2]["rejected"] = rows[2]["chosen"] + "\n"
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    recipe = DpoRecipe(
        base=str(tiny_base()), data=PairDataSection(path=tmp_path / "pairs.jsonl", held_out_share=0.4)
    )
    wording: Wording = tuning.build_wording(recipe, recipe.base, None)
    counts = load_pairs(recipe.data, wording).counts
    assert counts["dropped"] == {"empty_caption": 1, "empty_svg": 1, "no_difference": 1}
    assert counts["in"] == counts["train"] + counts["held_out"] + 3 == 12
