from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from transformers import TrainerControl, TrainerState

from svgtune.config.dpo import DpoRecipe
from svgtune.config.grpo import GrpoRecipe
from svgtune.config.sft import SftRecipe
from svgtune.errors import TrainingError
from svgtune.model import dpo, grpo, sft, tuning
from svgtune.model.precision import Precision
from svgtune.prompts import PromptStyle


@pytest.mark.parametrize(
    ("kind", "cls"), [(sft, SftRecipe), (dpo, DpoRecipe), (grpo, GrpoRecipe)], ids=["sft", "dpo", "grpo"]
)
def test_every_tuning_stops_before_a_gradient_that_is_no_number(tmp_path, kind, cls):
    recipe = cls(trainer={"report_to": "none"}, drawings={"prompts": []})
    args = kind.build_arguments(recipe, tmp_path, "cpu", Precision("fp32", ""))
    _, callbacks = tuning.build_observers(recipe, tmp_path, args, None)
    model = torch.nn.Linear(2, 1)

    def step(value):
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, value)
        for callback in callbacks:
            callback.on_pre_optimizer_step(args, TrainerState(global_step=4), TrainerControl(), model=model)

    step(1.0)
    for value in (math.nan, math.inf):
        with pytest.raises(TrainingError, match="the gradient of step 5 holds NaN"):
            step(value)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_nothing_is_published_where_the_held_out_loss_is_no_number(tmp_path, loss):
    saved = []
    trainer = SimpleNamespace(state=TrainerState(global_step=7), save_model=saved.append)
    with pytest.raises(TrainingError, match=rf"the held-out loss after step 7 is {loss}.*lower trainer"):
        tuning.publish(
            trainer,
            DpoRecipe(),
            tmp_path,
            style=PromptStyle.CAPTION,
            licences={},
            metrics={"held_out_loss_after": loss},
            made_by="train/dpo.py",
        )
    assert saved == []
    assert list(tmp_path.iterdir()) == []
