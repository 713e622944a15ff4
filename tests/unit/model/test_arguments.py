from __future__ import annotations

import pytest
from trl import SFTConfig

from svgtune.config.dpo import DpoRecipe
from svgtune.config.pretrain import PretrainRecipe
from svgtune.config.sft import SftRecipe
from svgtune.errors import MachineError, RecipeError
from svgtune.model import dpo, pretrain, sft
from svgtune.model.arguments import check_trainer_keys, check_world_size
from svgtune.model.precision import Precision


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "learning_rat",
            r"trainer\.learning_rat: trl\.SFTConfig has no such field; did you mean trainer\.learning_rate",
        ),
        ("qqqq", r"trl\.SFTConfig lists the keys there are"),
        ("bf16", r"trainer\.bf16: is not set here; set precision"),
    ],
)
def test_unknown_and_managed_trainer_keys_are_refused(key, message):
    with pytest.raises(RecipeError, match=message):
        check_trainer_keys({key: 1}, SFTConfig, {"bf16": "set precision"})


@pytest.mark.parametrize("wanted", [None, 2])
def test_a_launcher_that_started_too_few_processes_is_found_out(monkeypatch, wanted):
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(MachineError, match="--multi_gpu"):
        check_world_size(1, wanted)


def test_both_trainings_refuse_keys_that_are_set_elsewhere(tmp_path):
    for run, recipe, message in (
        (sft.run, SftRecipe(base="no-model", trainer={"chat_template_path": "x"}), "which vLLM refuses"),
        (pretrain.run, PretrainRecipe(trainer={"per_device_train_batch_size": 8}), "set batch_tokens"),
        (pretrain.run, PretrainRecipe(trainer={"max_step": 8}), "did you mean trainer.max_steps"),
    ):
        with pytest.raises(RecipeError, match=message):
            run(recipe, tmp_path / "run")
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("trainer", "strategy", "steps"),
    [
        ({"eval_steps": 25}, "steps", 25),
        ({"eval_strategy": "epoch"}, "epoch", 50),
        ({"eval_strategy": "no", "save_steps": 1}, "steps", 1),
        ({"eval_strategy": "no"}, "steps", 50),
        ({"eval_strategy": "epoch", "save_steps": 7}, "steps", 7),
        ({"eval_strategy": "no", "save_strategy": "no"}, "no", 50),
        ({"save_strategy": "epoch", "save_steps": 7}, "epoch", 7),
    ],
)
def test_a_run_is_saved_when_it_is_evaluated_or_as_often_as_was_asked(tmp_path, trainer, strategy, steps):
    args = dpo.build_arguments(DpoRecipe(trainer=trainer), tmp_path, "cpu", Precision("fp32", ""))
    assert (args.save_strategy, args.save_steps) == (strategy, steps)
