"""What must hold for every supervised run, whatever the recipe."""

from __future__ import annotations

import json

import pytest
import tiny_models
import torch
from safetensors.torch import load_file

from svgtune.config.form import NormalForm
from svgtune.config.sft import SftDataSection
from svgtune.config.tuning import LoraSection
from svgtune.model import sft
from svgtune.model.data import Wording, load_corpus
from svgtune.model.load import load_tokenizer
from svgtune.model.precision import Precision
from svgtune.prompts import PromptStyle, build_messages


def read_adapter(folder):
    return load_file(folder / "adapter_model.safetensors")


def build_trainer(recipe, output):
    precision = Precision("fp32", "")
    args = sft.build_arguments(recipe, output, "cpu", precision)
    wording = sft.build_wording(recipe, recipe.base, args.max_length)
    return sft.build_trainer(recipe, output, args, load_corpus(recipe.data, wording), wording, precision)


@pytest.mark.parametrize("architecture", ["qwen2", "gemma2", "gemma3_text"])
def test_loss_is_on_the_completion_only(tiny_base, toy_data, tmp_path, architecture):
    trainer = build_trainer(tiny_models.build_recipe(tiny_base(architecture), toy_data), tmp_path)
    tokenizer = trainer.processing_class
    turn_end = {"qwen2": "<|im_end|>\n"}.get(architecture, "<end_of_turn>\n")
    for row, source in zip(trainer.train_dataset, tiny_models.build_rows(32), strict=True):
        learnt = [token for token in row["labels"] if token != -100]
        assert tokenizer.decode(learnt) == source["svg"] + turn_end
        first = row["labels"].index(learnt[0])
        assert row["labels"][:first] == [-100] * first
        assert source["caption"] in tokenizer.decode(row["input_ids"][:first])


@pytest.mark.parametrize("style", list(PromptStyle))
@pytest.mark.parametrize("architecture", ["qwen2", "gemma2", "gemma3_text"])
def test_training_prompt_is_the_inference_prompt(tiny_base, toy_data, tmp_path, architecture, style):
    recipe = tiny_models.build_recipe(tiny_base(architecture), toy_data, prompt_style=str(style))
    trainer = build_trainer(recipe, tmp_path)
    tokenizer = load_tokenizer(tiny_base(architecture))
    for row, source in zip(trainer.train_dataset, tiny_models.build_rows(32), strict=True):
        asked = tokenizer.apply_chat_template(
            build_messages(source["caption"], style), tokenize=False, add_generation_prompt=True
        )
        prompt_ids = tokenizer(asked, add_special_tokens=False)["input_ids"]
        assert row["input_ids"][: len(prompt_ids)] == prompt_ids
        assert row["labels"][len(prompt_ids) - 1 : len(prompt_ids) + 1] == [
            -100,
            row["input_ids"][len(prompt_ids)],
        ]


def test_nano_template_trains_the_same_way(toy_data):
    tokenizer = tiny_models.build_tokenizer("qwen", plain_template=True)
    corpus = load_corpus(
        SftDataSection(path=toy_data), Wording(tokenizer, PromptStyle.CAPTION, NormalForm(), 512)
    )
    row = corpus.train[0]
    whole = tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
    asked = tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
    assert whole == asked + row["completion"][0]["content"] + "<|im_end|>\n"


def test_resumed_is_uninterrupted(tiny_base, toy_data, tmp_path, monkeypatch):
    recipe = tiny_models.build_recipe(
        tiny_base(),
        toy_data,
        trainer={"max_steps": 6, "eval_steps": 2, "save_steps": 2},
        lora=LoraSection(rank=8, dropout=0.1),
    )
    whole = sft.run(recipe, tmp_path / "whole")

    class Killed(Exception):  # noqa: N818
        pass

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sft.SFTTrainer, "evaluation_loop", die_after(sft.SFTTrainer.evaluation_loop, 3, die))
        with pytest.raises(Killed):
            sft.run(recipe, tmp_path / "cut")
    assert not (tmp_path / "cut" / "adapter_model.safetensors").exists()
    assert sft.find_checkpoint(tmp_path / "cut" / "checkpoints").name == "checkpoint-4"
    resumed = sft.run(recipe, tmp_path / "cut", resume=True)
    first, second = read_adapter(tmp_path / "whole"), read_adapter(tmp_path / "cut")
    assert all(torch.equal(first[name], second[name]) for name in first)
    for figure in ("held_out_loss_before", "held_out_loss_after", "steps", "tokens"):
        assert resumed[figure] == whole[figure]
    assert json.loads((tmp_path / "cut" / "metrics.json").read_text()) == resumed


def die_after(method, calls, die):
    """Returns the method that works so many times and then dies."""
    left = iter(range(calls))

    def call(*args, **kwargs):
        return die() if next(left, None) is None else method(*args, **kwargs)

    return call


def test_four_by_one_is_one_by_four(tiny_base, toy_data, tmp_path):
    adapters, losses = [], []
    for batch, accumulation in ((4, 1), (1, 4)):
        recipe = tiny_models.build_recipe(
            tiny_base(),
            toy_data,
            trainer={
                "max_steps": 4, "per_device_train_batch_size": batch, "learning_rate": 1e-3,
                "gradient_accumulation_steps": accumulation, "per_device_eval_batch_size": 4,
            },
        )  # fmt: skip
        metrics = sft.run(recipe, tmp_path / f"{batch}x{accumulation}")
        losses.append((metrics["train_loss"], metrics["held_out_loss_after"]))
        adapters.append(read_adapter(tmp_path / f"{batch}x{accumulation}"))
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for name, weight in adapters[0].items():
        torch.testing.assert_close(weight, adapters[1][name], rtol=0, atol=2e-4)


def test_packed_loss_is_the_unpacked_loss(tiny_base, toy_data, tmp_path):
    # One row of the packed set holds several drawings; none may see another, so the mean loss stays the same.
    losses = []
    for packing in (False, True):
        recipe = tiny_models.build_recipe(
            tiny_base(), toy_data,
            trainer={"eval_packing": packing, "packing": packing, "per_device_eval_batch_size": 64,
                     "max_length": 1024},
        )  # fmt: skip
        trainer = build_trainer(recipe, tmp_path / str(packing))
        rows = len(trainer.eval_dataset)
        assert (rows < 8) == packing
        losses.append(trainer.evaluate()["eval_loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
