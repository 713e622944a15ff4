"""What must hold for every reinforced run, whatever the recipe."""

from __future__ import annotations

import pytest
import tiny_models
import torch
from safetensors.torch import load_file
from trl import GRPOTrainer

from svgtune.config.grpo import CurriculumSection, PromptDataSection
from svgtune.generate.chat import ChatEncoder
from svgtune.model import grpo
from svgtune.model.card import Traits
from svgtune.model.checkpoints import find_checkpoint
from svgtune.model.grpo_trainer import DrawingTrainer
from svgtune.model.load import load_tokenizer
from svgtune.model.precision import Precision
from svgtune.model.prompt_set import load_prompts
from svgtune.model.tuning import build_wording
from svgtune.prompts import PromptStyle


def build_trainer(recipe, output):
    precision = Precision("fp32", "")
    args = grpo.build_arguments(recipe, output, "cpu", precision)
    wording = build_wording(recipe, recipe.base, None)
    prompts = load_prompts(recipe.data, wording)
    grpo.set_length(args, recipe, prompts, None)
    rewards = tiny_models.FakeRewards()
    return grpo.build_trainer(recipe, output, args, prompts, wording, precision, rewards)


@pytest.mark.parametrize("style", list(PromptStyle))
@pytest.mark.parametrize("architecture", ["qwen2", "gemma2", "gemma3_text"])
def test_training_prompt_is_the_inference_prompt(tiny_base, toy_data, tmp_path, architecture, style):
    recipe = tiny_models.build_grpo_recipe(tiny_base(architecture), toy_data, prompt_style=str(style))
    trainer = build_trainer(recipe, tmp_path)
    encoder = ChatEncoder(load_tokenizer(tiny_base(architecture)), Traits(style))
    rows = list(trainer.train_dataset)[:6]
    prompt_ids, _, _ = trainer._tokenize_prompts([row["prompt"] for row in rows])
    assert [tuple(ids) for ids in prompt_ids] == [encoder.encode(row["caption"]).ids for row in rows]


@pytest.mark.parametrize(("architecture", "end"), [("qwen2", "<|im_end|>"), ("gemma2", "<end_of_turn>")])
def test_answers_are_rewarded_as_inference_reads_them(tiny_base, toy_data, tmp_path, architecture, end):
    seen = []

    def look(completions, **_):
        seen.extend(completion[-1]["content"] for completion in completions)
        return [float(place) for place in range(len(completions))]

    recipe = tiny_models.build_grpo_recipe(tiny_base(architecture), toy_data)
    trainer = build_trainer(recipe, tmp_path)
    trainer.reward_funcs = [look, look]
    mark = "<|im_start|>" if architecture == "qwen2" else "<start_of_turn>"
    texts = ["<svg/>", f"<svg>{mark}</svg>", "", "<svg", "<svg/>", "<svg/>", "<svg/>", "<svg/>"]
    ids = [trainer.processing_class(text + end, add_special_tokens=False)["input_ids"] for text in texts]
    ids[3] = ids[3][:-1]
    inputs = [trainer.train_dataset[0]] * len(texts)
    trainer.model.train()
    trainer._calculate_rewards(inputs, [row["prompt"] for row in inputs], [[{"content": ""}]] * 8, ids)
    assert seen == texts * 2
    assert trainer.processing_class.convert_tokens_to_ids(end) in trainer.eos_token_ids


@pytest.mark.parametrize(
    ("curriculum", "grammar"),
    [(None, False), (CurriculumSection(), True)],
    ids=["uniform", "curriculum under a grammar"],
)
def test_resumed_is_uninterrupted(tiny_base, toy_data, tmp_path, monkeypatch, curriculum, grammar):
    # Two steps learn from each round of drawings and an epoch is one round, so that the checkpoint lies in
    # the middle of a round of the second epoch.
    recipe = tiny_models.build_grpo_recipe(
        tiny_base(),
        toy_data,
        data=PromptDataSection(path=toy_data, max_prompts=6, max_held_out=4),
        trainer={
            "max_steps": 6,
            "eval_steps": 3,
            "save_steps": 3,
            "steps_per_generation": 2,
            "max_completion_length": 150 if grammar else 12,
        },
        curriculum=curriculum,
        grammar=grammar,
    )
    whole = grpo.run(recipe, tmp_path / "whole", rewards=tiny_models.FakeRewards())

    class Killed(Exception):  # noqa: N818
        pass

    steps = iter(range(4))
    step = DrawingTrainer.training_step

    def die_after_four(*args, **kwargs):
        if next(steps, None) is None:
            raise Killed
        return step(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(DrawingTrainer, "training_step", die_after_four)
        with pytest.raises(Killed):
            grpo.run(recipe, tmp_path / "cut", rewards=tiny_models.FakeRewards())
    assert not (tmp_path / "cut" / "adapter_model.safetensors").exists()
    assert find_checkpoint(tmp_path / "cut" / "checkpoints").name == "checkpoint-3"
    resumed = grpo.run(recipe, tmp_path / "cut", resume=True, rewards=tiny_models.FakeRewards())
    first, second = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("whole", "cut"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    for figure in ("held_out_reward_before", "held_out_reward_after", "steps", "tokens"):
        assert resumed[figure] == whole[figure]
    assert resumed["curves"]["reward"] == whole["curves"]["reward"]
    if curriculum is not None:
        assert resumed["curves"]["curriculum/mean_weight"] == whole["curves"]["curriculum/mean_weight"]
        assert whole["curves"]["curriculum/mean_weight"]["last"] != 1


def test_drawings_below_the_mean_count_as_much_as_the_recipe_says(tiny_base, toy_data, tmp_path):
    advantages = {}
    for weight in (1.0, 0.25):
        recipe = tiny_models.build_grpo_recipe(tiny_base(), toy_data, negative_weight=weight)
        trainer = build_trainer(recipe, tmp_path)
        trainer.model.train()
        torch.manual_seed(3)
        outputs = trainer._generate_and_score_completions([dict(trainer.train_dataset[0]) for _ in range(8)])
        advantages[weight] = outputs["advantages"]
    plain = advantages[1.0]
    assert (plain < 0).any()
    assert (plain > 0).any()
    torch.testing.assert_close(advantages[0.25], torch.where(plain < 0, plain / 4, plain))


def test_reading_like_lengths_together_changes_no_probability(tiny_base, toy_data, tmp_path):
    trainer = build_trainer(tiny_models.build_grpo_recipe(tiny_base(), toy_data), tmp_path)
    prompts, completions = [3, 7, 5, 7, 2, 6], [9, 1, 12, 4, 0, 12]
    ids = torch.randint(3, 300, (6, 19), generator=torch.Generator().manual_seed(1))
    columns = torch.arange(19)
    mask = torch.stack(
        [
            (columns >= 7 - left) & (columns < 7 + right)
            for left, right in zip(prompts, completions, strict=True)
        ]
    ).long()
    found, plain = (
        read(trainer, trainer.model, ids, mask, 12, compute_entropy=True)[:2]
        for read in (
            DrawingTrainer._get_per_token_logps_and_entropies,
            GRPOTrainer._get_per_token_logps_and_entropies,
        )
    )
    for own, theirs in zip(found, plain, strict=True):
        assert own.shape == (6, 12)
        assert torch.allclose(own * mask[:, 7:], theirs * mask[:, 7:], atol=1e-5)
    found[0].mul(mask[:, 7:]).sum().backward()
    own = {name: p.grad.clone() for name, p in trainer.model.named_parameters() if p.grad is not None}
    trainer.model.zero_grad()
    plain[0].mul(mask[:, 7:]).sum().backward()
    assert own
    for name, parameter in trainer.model.named_parameters():
        if name in own:
            assert torch.allclose(own[name], parameter.grad, atol=1e-5), name
