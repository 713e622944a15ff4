from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import tiny_models
import torch
from safetensors.torch import load_file
from transformers import TrainerState

from svgtune.errors import TrainingError
from svgtune.model import grpo
from svgtune.model.grpo_trainer import DrawingTrainer

pytestmark = pytest.mark.slow  # trains


def run_until_it_stops(tiny_base, toy_data, output, message, rewards=None, **changes):
    recipe = tiny_models.build_grpo_recipe(tiny_base(), toy_data, **changes)
    with pytest.raises(TrainingError, match=message):
        grpo.run(recipe, output, rewards=rewards or tiny_models.FakeRewards())


def spoil_loss_after(count, monkeypatch, spoil):
    calls = iter(range(count))
    compute = DrawingTrainer._compute_loss

    def compute_loss(self, model, inputs):
        loss = compute(self, model, inputs)
        return loss if not self.model.training or next(calls, None) is not None else spoil(loss, model)

    monkeypatch.setattr(DrawingTrainer, "_compute_loss", compute_loss)


def spoil_gradient(loss, model):
    # 0 in value, 0 x infinity in its derivative
    return loss + sum((p * 0).sum().sqrt() for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda loss, _: loss * math.nan, r"the loss of step 2 is nan; .*--resume \(checkpoint-1 is whole\)"),
        (spoil_gradient, r"the gradient of step 2 holds NaN .*checkpoint-1 is whole"),
    ],
    ids=["loss", "gradient"],
)
def test_numbers_that_are_none_stop_the_run_before_the_weights(
    tiny_base, toy_data, tmp_path, monkeypatch, spoil, message
):
    spoil_loss_after(1, monkeypatch, spoil)
    trainer = {"save_steps": 1, "eval_strategy": "no", "save_strategy": "steps", "max_steps": 3}
    run_until_it_stops(tiny_base, toy_data, tmp_path / "run", message, trainer=trainer)
    kept = load_file(tmp_path / "run" / "checkpoints" / "checkpoint-1" / "adapter_model.safetensors")
    assert all(bool(torch.isfinite(weight).all()) for weight in kept.values())


def test_rewards_without_any_difference_stop_the_run(tiny_base, toy_data, tmp_path, caplog):
    def praise(completions, **_):
        return [0.5] * len(completions)

    message = r"for 2 rounds up to step 2 all drawings .* earned the same \(now 0\.500 on average\)"
    run_until_it_stops(
        tiny_base, toy_data, tmp_path / "run", message, tiny_models.FakeRewards(praise),
        trainer={"max_steps": 9}, stop={"flat_rounds": 2},
    )  # fmt: skip
    assert "step 1: all drawings of every caption earn the same (mean 0.500)" in caplog.text


def test_a_round_that_nobody_could_judge_stops_the_run(tiny_base, toy_data, tmp_path):
    def shrug(completions, **_):
        return [None] * len(completions)

    run_until_it_stops(
        tiny_base, toy_data, tmp_path / "run", "none of the 8 drawings of step 1 could be judged",
        tiny_models.FakeRewards(shrug),
    )  # fmt: skip


def build_checker(*, size=2, weights=(1.0, 1.0), flat_rounds=None):
    """Returns a trainer that has only what the check of rewards looks at."""
    trainer = object.__new__(DrawingTrainer)
    trainer.model = torch.nn.Linear(1, 1)
    trainer.num_generations = trainer.num_generations_eval = size
    trainer.reward_weights = torch.tensor(weights)
    trainer._metrics = {"train": {"rewards/unscored": [], "groups/flat": []}, "eval": {}}
    trainer.flat_rounds, trainer._flat_so_far, trainer.state = flat_rounds, 0, TrainerState()
    trainer.alarm = trainer.curriculum = None
    return trainer


def test_what_was_judged_in_part_counts_as_not_judged():
    nan = math.nan
    trainer = build_checker(size=3)
    # The first group lacks its second term throughout (it has no reference, say), the second in one row.
    rewards = torch.tensor([[0.1, nan], [0.4, nan], [0.1, nan], [0.2, 0.5], [0.9, nan], [0.2, 0.5]])
    checked = trainer._check_rewards(rewards)
    torch.testing.assert_close(checked[:4], rewards[:4], equal_nan=True)
    assert bool(torch.isnan(checked[4]).all())
    assert trainer._metrics["train"] == {"rewards/unscored": [pytest.approx(1 / 6)], "groups/flat": [0.5]}


def test_an_empty_answer_is_an_answer_that_ends_at_once(monkeypatch):
    trainer = build_checker()
    trainer.eos_token_ids, trainer._spent = [7], {"generate": 0.0}
    trainer.args = SimpleNamespace(use_vllm=True)
    monkeypatch.setattr(
        DrawingTrainer.__mro__[1], "_generate_single_turn", lambda *_: ([[], [5, 7]], [[], [-1.0, -2.0]])
    )
    assert trainer._generate_single_turn([[1], [2]]) == ([[7], [5, 7]], [[0.0], [-1.0, -2.0]])
