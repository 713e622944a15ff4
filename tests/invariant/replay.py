"""A GRPO run on answers that do not come from the model, so that any number of processes has the same ones.

Started as a program by each of several processes: ``replay.py BASE DATA OUTPUT PROCESSES``.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models

from svgtune.config.grpo import AlarmSection, CurriculumSection
from svgtune.model import grpo
from svgtune.model.grpo_trainer import DrawingTrainer

ROWS_PER_PROCESS = 8
# Together as many answers to each update, whatever the number of processes.
ROWS_PER_UPDATE = 32


def write_answers(trainer: Any, prompt_ids: list[list[int]]) -> list[list[int]]:
    """Stands in for generation: an answer follows from its prompt, the round and its place in the round."""
    training = trainer.model.training
    number = trainer._step // trainer.args.steps_per_generation if training else trainer.state.global_step
    first = trainer.accelerator.process_index * len(prompt_ids)
    answers = []
    for place, prompt in enumerate(prompt_ids, start=first):
        dice = random.Random(f"{number}/{place if training else 'held out'}/{prompt}")
        ids = [dice.randrange(20, 300) for _ in range(dice.randint(2, 11))]
        # Some are cut off, and masked.
        answers.append(ids if dice.random() < 0.2 else [*ids, trainer.eos_token_ids[0]])
    return answers


def judge(rows: Any, texts: list[str]) -> list[float]:
    """Stands in for the second judge."""
    return [1 / (1 + len(text)) for text in texts]


def train(base: Path, data: Path, output: Path, processes: int) -> None:
    """Trains three steps on the same answers in any number of processes."""
    accumulation = ROWS_PER_UPDATE // ROWS_PER_PROCESS // processes
    recipe = tiny_models.build_grpo_recipe(
        base,
        data,
        processes=processes,
        curriculum=CurriculumSection(),
        alarm=AlarmSection(window=2),
        trainer={
            "max_steps": 3, "eval_steps": 2, "save_strategy": "no", "learning_rate": 1e-3,
            "per_device_train_batch_size": ROWS_PER_PROCESS, "gradient_accumulation_steps": accumulation,
            "steps_per_generation": accumulation, "mask_truncated_completions": True,
            "scale_rewards": "batch", "num_generations_eval": 1, "per_device_eval_batch_size": 2,
        },
    )  # fmt: skip
    with mock.patch.object(DrawingTrainer, "_write", write_answers):
        grpo.run(recipe, output, rewards=tiny_models.FakeRewards(), second_judge=judge)


if __name__ == "__main__":
    base, data, output, processes = sys.argv[1:]
    train(Path(base), Path(data), Path(output), int(processes))
