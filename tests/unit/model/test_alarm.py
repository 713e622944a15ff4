from __future__ import annotations

import json
import math

import pytest
import tiny_models

from svgtune.config.grpo import AlarmSection, GrpoRecipe
from svgtune.errors import MissingInputError, RecipeError, TrainingError
from svgtune.metric.embedded import loading as embedded
from svgtune.metric.judges import Judges
from svgtune.model import grpo
from svgtune.model.alarm import Alarm, Change, compare_captions, compare_rounds, open_alarm
from svgtune.model.grpo_trainer import DrawingTrainer
from svgtune.model.precision import Precision
from tests.unit.metric.fakes import COLOUR, FakeJudge, draw

IDS = [f"caption-{number}" for number in range(8)]
WOBBLE = [0.02 * (-1) ** number for number in range(8)]


def feed(alarm, scores, *, rise=0.1, held_out_rise=0.0):
    """Shows an alarm one evaluation for each mean score, ten steps apart, and returns what it answered."""
    log = [{"step": s, "reward": 0.3 + rise * s / 10 + 0.01 * (-1) ** s} for s in range(1, 10 * len(scores))]
    answers = []
    for number, score in enumerate(scores):
        own = [score + WOBBLE[(place + number) % 8] + 0.05 * place for place in range(8)]
        rewards = [held_out_rise * number + WOBBLE[(place + number) % 8] for place in range(8)]
        alarm.add(IDS[:4], own[:4], rewards[:4])
        alarm.add(IDS[4:], own[4:], rewards[4:])
        answers.append(alarm.close(10 * number, log))
    return answers


def build(**values):
    return Alarm(AlarmSection(**values), rate=lambda rows, texts: [])


@pytest.mark.parametrize(
    ("scores", "changes", "raised"),
    [
        ((0.5, 0.5, 0.3, 0.3), {}, True),
        ((0.5, 0.5, 0.3, 0.3), {"rise": -0.1}, False),
        ((0.5, 0.5, 0.3, 0.3), {"rise": 0.0}, False),
        ((0.5, 0.5, 0.3, 0.3), {"rise": 0.0, "held_out_rise": 0.1}, True),
        ((0.3, 0.3, 0.5, 0.5), {}, False),
        ((0.5, 0.5, 0.5, 0.5), {}, False),
        ((0.5, 0.5, 0.495, 0.495), {}, False),
    ],
    ids=["cheat", "both fall", "no rise", "held-out reward rises", "both rise", "level", "hardly"],
)
def test_raised_when_the_reward_rises_and_the_second_judge_falls(scores, changes, raised):
    answers = feed(build(), scores, **changes)
    assert all(sentence is None for _, sentence in answers[:3])
    figures, sentence = answers[3]
    assert (sentence is not None) == raised
    assert figures["eval_alarm/raised"] == float(raised)
    assert figures["eval_alarm/held_out_score_change"] == pytest.approx(scores[-1] - scores[0], abs=1e-6)
    if raised:
        assert "from step 0 to 30" in sentence
        assert "-0.200 (standard error" in sentence


def test_noise_raises_nothing():
    # Each caption goes its own way, and the mean falls a little.
    alarm = build(window=2)
    for step, sign in ((0, 0), (10, 1)):
        alarm.add(IDS, [0.5 + sign * (0.3 * (-1) ** n - 0.05) for n in range(8)], [0.1 * sign] * 8)
        figures, sentence = alarm.close(step, [])
    assert figures["eval_alarm/held_out_score_change"] == pytest.approx(-0.05)
    assert sentence is None


def test_only_the_window_is_kept_and_a_step_counts_once():
    alarm = build()
    feed(alarm, (0.5,) * 7)
    assert [one["step"] for one in alarm.history] == [30, 40, 50, 60]
    alarm.add(IDS, [0.1] * 8, [0.1] * 8)
    alarm.close(60, [])
    assert [one["step"] for one in alarm.history] == [30, 40, 50, 60]
    assert alarm.history[-1]["score"][IDS[0]] == pytest.approx(0.1)


def test_what_the_second_judge_failed_on_is_left_out():
    alarm = build()
    alarm.add(["a", "b", "c"], [0.2, math.nan, 0.4], [1.0, 1.0, math.nan])
    figures, _ = alarm.close(0, [])
    assert figures["eval_alarm/held_out_score"] == pytest.approx(0.3)
    alarm.add(["a"], [math.nan], [1.0])
    assert alarm.close(10, []) == ({}, None)


def test_too_little_says_nothing():
    assert math.isnan(compare_captions([{"a": 1.0}, {"a": 0.0}]).mean)
    assert math.isnan(compare_rounds([{"step": 1, "reward": 1.0}], 0, 4).mean)
    assert not Change().exceeds(0)


def test_judges_that_cannot_be_used_are_refused(tmp_path):
    section = AlarmSection(judge=str(tmp_path))
    recipe = GrpoRecipe(alarm=section, embedded={"folder": str(tmp_path)})

    def open_it(recipe, **trainer):
        args = grpo.build_arguments(GrpoRecipe(trainer=trainer), tmp_path, "cpu", Precision("fp32", ""))
        with open_alarm(recipe, args) as alarm:
            return alarm

    assert open_it(GrpoRecipe()) is None
    with pytest.raises(RecipeError, match=r"trainer\.eval_strategy is no"):
        open_it(recipe, eval_strategy="no")
    with pytest.raises(MissingInputError, match=r"alarm\.judge: there is no trained judge .*alarm to null"):
        open_it(recipe)
    (tmp_path / "judge.json").write_text("{}")
    with pytest.raises(RecipeError, match="is the judge of the reward as well"):
        open_it(recipe)


def test_the_second_judge_answers_questions_and_is_asked_alike_each_time(tmp_path, monkeypatch):
    (tmp_path / "judge.json").write_text("{}")
    fake = FakeJudge()
    monkeypatch.setattr(embedded, "load_embedded_judges", lambda *_, **__: Judges(fake, fake, fake))
    recipe = GrpoRecipe(alarm=AlarmSection(judge=str(tmp_path)))
    args = grpo.build_arguments(GrpoRecipe(), tmp_path, "cpu", Precision("fp32", ""))
    question = {"text": COLOUR.text, "choices": COLOUR.choices, "answer": COLOUR.answer}
    row = {"id": "a", "caption": "a red circle", "questions": json.dumps([question])}
    with open_alarm(recipe, args) as alarm:
        first = alarm.rate([row] * 3, [draw(), "no drawing", draw().replace("circle", "text")])
        again = alarm.rate([row], [draw()])
    assert 0 < first[0] < 1
    assert first[1:] == [None, None]
    assert again == first[:1]


def rate_late(completions, trainer_state, **_):
    """Rewards every answer more from step to step."""
    return [0.1 * trainer_state.global_step + 0.001 * (len(c[-1]["content"]) % 7) for c in completions]


class Sinking:
    """A second judge that likes the drawings less at each step."""

    def __init__(self, monkeypatch):
        self.step = 0
        evaluate = DrawingTrainer.evaluate

        def look(trainer, *args, **kwargs):
            self.step = trainer.state.global_step
            return evaluate(trainer, *args, **kwargs)

        monkeypatch.setattr(DrawingTrainer, "evaluate", look)

    def __call__(self, rows, texts):
        return [0.9 - 0.1 * self.step + 0.01 * (len(row["caption"]) % 2) for row in rows]


def run(tiny_base, toy_data, output, judge, *, resume=False, **alarm):
    recipe = tiny_models.build_grpo_recipe(
        tiny_base(),
        toy_data,
        trainer={"max_steps": 8, "eval_steps": 2, "save_steps": 2},
        alarm=AlarmSection(**alarm),
    )
    rewards = tiny_models.FakeRewards(rate_late)
    return grpo.run(recipe, output, resume=resume, rewards=rewards, second_judge=judge)


def read_history(folder):
    history = json.loads((folder / "trainer_state.json").read_text())["log_history"]
    return [entry for entry in history if "eval_alarm/held_out_score" in entry]


@pytest.mark.slow
def test_a_run_is_warned_and_goes_on(tiny_base, toy_data, tmp_path, monkeypatch, caplog):
    metrics = run(tiny_base, toy_data, tmp_path / "run", Sinking(monkeypatch), window=3)
    assert metrics["steps"] == 8
    assert caplog.text.count("alarm: from step") == 3
    assert "alarm: from step 0 to 4 the reward has changed by +0.20" in caplog.text
    entries = read_history(tmp_path / "run" / "checkpoints" / "checkpoint-8")
    assert [entry.get("eval_alarm/raised") for entry in entries if entry["step"]] == [None, 1.0, 1.0, 1.0]
    assert "eval_alarm/held_out_score" in metrics["curves"]


@pytest.mark.slow
def test_a_killed_run_is_stopped_where_it_would_have_been(tiny_base, toy_data, tmp_path, monkeypatch):
    class Killed(Exception):  # noqa: N818
        pass

    judge = Sinking(monkeypatch)
    with monkeypatch.context() as patch:

        def die(*_, **__):
            raise Killed

        patch.setattr(DrawingTrainer, "training_step", after(5, DrawingTrainer.training_step, die))
        with pytest.raises(Killed):
            run(tiny_base, toy_data, tmp_path / "run", judge, window=4, action="stop")
    # The window of the evaluation after step 6 begins before the kill.
    with pytest.raises(TrainingError, match=r"alarm: from step 0 to 6 .*--resume \(checkpoint-4 is whole\)"):
        run(tiny_base, toy_data, tmp_path / "run", judge, window=4, action="stop", resume=True)
    assert not (tmp_path / "run" / "adapter_model.safetensors").exists()


def after(count, do, then):
    calls = iter(range(count))

    def either(*args, **kwargs):
        return do(*args, **kwargs) if next(calls, None) is not None else then()

    return either
