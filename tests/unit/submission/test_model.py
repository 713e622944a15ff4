from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from svgtune.config.generate import Sampling, TimeSection
from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import MachineError, RecipeError
from svgtune.submission.messages import Answer
from svgtune.submission.model import Model
from svgtune.svg.constraints import check_svg
from tests.hostile_worker import GOOD_SVG

WORKER = "tests.hostile_worker"
Build = Callable[..., Model]


def build_recipe(mean_s: float = 60, n: int = 2, **values: Any) -> SubmissionRecipe:
    limits = TimeSection(mean_s=mean_s, prompt_s=mean_s, reserve_s=min(2.0, mean_s / 4))
    return SubmissionRecipe(sampling=Sampling(n=n), time=limits, render_workers=1, start_s=120, **values)


@pytest.fixture
def build_model(monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Build]:
    monkeypatch.setenv("PYTHONPATH", str(root))
    built: list[Model] = []

    def build(*, must_draw: bool = True, **values: Any) -> Model:
        built.append(Model(build_recipe(**values), worker=WORKER, must_draw=must_draw))
        return built[-1]

    yield build
    for model in built:
        model.close()


def ask(model: Model, prompt: Any) -> Answer:
    svg = model.predict(prompt)
    assert check_svg(svg) == []
    assert model.answer is not None
    assert model.answer.svg == svg
    return model.answer


def wait_until_it_draws(model: Model) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if ask(model, "a red ball").source == "model":
            return
        time.sleep(0.2)
    pytest.fail("the engine did not come back")


@pytest.mark.slow
def test_whatever_the_prompt_and_the_engine_do_there_is_a_valid_answer(build_model: Build) -> None:
    model = build_model()
    pid = model.engine.pid
    for prompt in ("", "\x00", "x" * 20_000, "\ud800", None, 7, b"bytes", ["a"], float("nan")):
        answer = ask(model, prompt)
        assert answer.source == "fallback"
        assert answer.detail
    assert "the engine does not like this one" in ask(model, "raise").detail
    for prompt in ("garbage", "script", "entity", "long"):
        ask(model, prompt)
    good = ask(model, "a red ball")
    assert (good.source, good.finished, good.svg) == ("model", 2, GOOD_SVG)

    found: list[str] = []
    threads = [
        threading.Thread(target=lambda k=k: found.append(model.predict(f"ball {k}"))) for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [GOOD_SVG] * 4
    assert (model.engine.pid, model.engine.restarts) == (pid, 0)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["die", "engine", "hang", "stop"])
def test_an_engine_that_is_lost_is_replaced_once(build_model: Build, how: str) -> None:
    model = build_model(mean_s=4, hang_s=1)
    pid = model.engine.pid
    began = time.monotonic()
    first = ask(model, how)
    assert time.monotonic() - began < 5
    assert first.source == "fallback"
    assert "the engine" in first.detail
    wait_until_it_draws(model)
    assert model.engine.pid not in (pid, None)
    assert model.engine.restarts == 1
    assert ask(model, "die").source == "fallback"
    again = ask(model, "a red ball")
    assert (again.source, again.detail) == ("fallback", "there is no engine any more")
    assert model.engine.restarts == 1


@pytest.mark.slow
def test_an_engine_that_is_late_is_waited_for(build_model: Build) -> None:
    model = build_model(mean_s=4, hang_s=60, n=1)
    pid = model.engine.pid
    assert ask(model, "late").detail == "the engine did not answer in time"
    wait_until_it_draws(model)
    assert (model.engine.pid, model.engine.restarts) == (pid, 0)


@pytest.mark.slow
def test_both_limits_are_kept_with_a_slow_engine(build_model: Build) -> None:
    model = build_model(mean_s=3, n=4)
    seconds = [ask(model, "slow" if k % 2 else "a red ball").seconds for k in range(6)]
    for count in range(1, 7):
        assert sum(seconds[:count]) <= 3 * count
    assert max(seconds) <= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("refused", "no such GPU"),
        ("broken", "ZeroDivisionError: broken"),
        ("dead", "the engine was lost while it was loading"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_so(build_model: Build, model: str, words: str) -> None:
    with pytest.raises(MachineError, match=words):
        build_model(model=model)


@pytest.mark.slow
def test_where_there_must_be_an_answer_rules_draw_without_a_model(build_model: Build) -> None:
    answer = ask(build_model(model="refused", must_draw=False), "a red barn at dusk")
    assert (answer.source, answer.detail) == ("fallback", "there is no engine any more")


def test_limits_that_leave_nothing_are_refused() -> None:
    for time_section, words in (
        ({"mean_s": 3, "prompt_s": 300, "reserve_s": 3}, "leaves nothing of 3 s"),
        ({"mean_s": 63, "prompt_s": None}, "the gateway waits 300 s"),
        ({"mean_s": 63, "prompt_s": 301}, "the gateway waits 300 s"),
    ):
        with pytest.raises(ValueError, match=words):
            SubmissionRecipe(time=time_section)  # type: ignore[arg-type]
    with pytest.raises(RecipeError):
        Model("recipes/submission/nothing.yaml")
