from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from trl import GRPOTrainer

from svgtune.errors import RecipeError
from svgtune.model.grpo_trainer import DrawingTrainer

SETTINGS = {
    "world_size": 2,
    "steps_per_generation": 4,
    "num_iterations": 1,
    "num_generations": 8,
    "per_device_train_batch_size": 16,
}
BUFFERED = [{"advantages": torch.ones(2)}] * 4


def build_trainer(**changes: int) -> DrawingTrainer:
    """Returns a trainer that has only what its progress is made of, in the middle of a round."""
    trainer = object.__new__(DrawingTrainer)
    trainer.args = SimpleNamespace(process_index=0, **{**SETTINGS, **changes})
    trainer.accelerator = SimpleNamespace(device=torch.device("cpu"))
    trainer._step, trainer._flat_so_far, trainer._buffered_inputs = 3, 1, BUFFERED
    trainer.num_iterations = trainer.args.num_iterations
    trainer.alarm = trainer.curriculum = None
    return trainer


@pytest.fixture
def resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(GRPOTrainer, "_load_optimizer_and_scheduler", lambda *_: None)

    def resume(progress: dict | None, **changes: int) -> DrawingTrainer:
        if progress is not None:
            torch.save(progress, tmp_path / "rollouts_0.pt")
        trainer = build_trainer(**changes)
        trainer._step, trainer._buffered_inputs = 0, None
        trainer._load_optimizer_and_scheduler(str(tmp_path))
        return trainer

    return resume


def test_a_run_goes_on_in_the_middle_of_a_round(resume) -> None:
    trainer = resume(build_trainer()._read_progress())
    assert (trainer._step, trainer._flat_so_far, len(trainer._buffered_inputs)) == (3, 1, 4)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("world_size", "num_processes"),
        ("steps_per_generation", r"trainer\.steps_per_generation"),
        ("num_iterations", r"trainer\.num_iterations"),
        ("num_generations", r"trainer\.num_generations"),
        ("per_device_train_batch_size", r"trainer\.per_device_train_batch_size"),
    ],
)
def test_a_round_of_another_shape_is_refused_with_both_values(resume, name: str, setting: str) -> None:
    kept = SETTINGS[name]
    with pytest.raises(
        RecipeError, match=rf"^{setting}: is 32, but .* written with {kept}; resume with {kept}"
    ):
        resume(build_trainer()._read_progress(), **{name: 32})


def test_a_process_without_its_rollouts_ends_the_run(resume) -> None:
    with pytest.raises(
        RecipeError, match=r"no rollouts_\*\.pt for some of the 2 processes.*as many processes"
    ):
        resume(None)


def test_what_an_earlier_version_wrote_is_read_and_its_steps_of_a_round_compared(resume) -> None:
    earlier = {"step": 3, "flat_so_far": 1, "buffered": BUFFERED}
    assert resume(earlier, num_generations=4)._step == 3
    assert resume({**earlier, "buffered": None}, steps_per_generation=2)._step == 3
    with pytest.raises(RecipeError, match=r"trainer\.steps_per_generation: is 2, but .* written with 4"):
        resume(earlier, steps_per_generation=2)
