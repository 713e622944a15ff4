from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from svgtune.errors import JudgeError, MachineError, MissingInputError
from svgtune.metric.judges import Judges

PICTURES = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 100, 200)]
IDS = ["a", "b", "c"]
YES_NO = [("no", "yes")] * 3


class Scripted:
    """Answers with what it was given; a picture whose red is ``bad`` makes it raise."""

    def __init__(self, *results: object, bad: int = -1) -> None:
        self.results = results
        self.bad = bad

    def rate(self, images):
        if any(image.getpixel((0, 0))[0] == self.bad for image in images):
            raise ZeroDivisionError("no light in it")
        return self.results

    def answer(self, images, questions, choices):
        return self.rate(images)

    read = rate


def ask(name: str, judge: Scripted, ids: list[str] | None = None) -> list:
    judges = Judges(judge, judge, judge)
    ids = ids or IDS
    if name == "VQA":
        return judges.answer(ids, PICTURES, ["Is it red?"] * 3, YES_NO)
    return (judges.rate if name == "aesthetic" else judges.count_characters)(ids, PICTURES)


@pytest.mark.parametrize("name", ["VQA", "aesthetic", "OCR"])
def test_a_raising_judge_is_blamed_with_the_sample(name):
    with pytest.raises(
        JudgeError, match=rf"^sample b: the {name} judge raised ZeroDivisionError: no light in it;"
    ):
        ask(name, Scripted(bad=100))


@pytest.mark.parametrize("fault", [MissingInputError("no text model"), MachineError("no OCR package")])
def test_what_is_missing_is_blamed_on_no_sample(fault):
    class Unready(Scripted):
        def rate(self, images):
            raise fault

    with pytest.raises(type(fault), match=f"^{fault}$"):
        ask("aesthetic", Unready())


def test_a_judge_that_fails_on_the_batch_only_names_all_of_it():
    class OutOfMemory(Scripted):
        def rate(self, images):
            if len(images) > 1:
                raise RuntimeError("out of memory")
            return [0.5]

    with pytest.raises(
        JudgeError, match=r"^samples a, b: the aesthetic judge raised RuntimeError: out of memory;"
    ):
        ask("aesthetic", OutOfMemory(), ids=["a", "b", "b"])


@pytest.mark.parametrize("name", ["VQA", "aesthetic", "OCR"])
def test_the_wrong_number_of_results_is_refused(name):
    with pytest.raises(
        JudgeError, match=rf"^samples a, b, c: the {name} judge returned 2 results for 3; it must"
    ):
        ask(name, Scripted(1, 1))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, None, "good", [1.0, 2.0]])
def test_a_rating_must_be_a_finite_number(wrong):
    with pytest.raises(
        JudgeError, match=r"^sample c: the aesthetic judge returned .*must return a finite number"
    ):
        ask("aesthetic", Scripted(0.5, 1.2, wrong))


@pytest.mark.parametrize("wrong", [[0.5, math.nan], [1.0], [0.4, 1.6], [-0.5, 0.5], 0.5, None])
def test_an_answer_must_be_probabilities_of_the_choices(wrong):
    with pytest.raises(
        JudgeError, match=r"^sample b, question 'Is it red\?': the VQA judge returned .* 2 prob"
    ):
        ask("VQA", Scripted([0.5, 0.5], wrong, [1, 0]))


@pytest.mark.parametrize("wrong", [-1, 2.5, None])
def test_a_reading_must_be_text_or_a_count(wrong):
    with pytest.raises(JudgeError, match=r"^sample a: the OCR judge returned "):
        ask("OCR", Scripted(wrong, "", 0))


def test_texts_are_counted_with_their_white_space():
    assert ask("OCR", Scripted(" a\n", "", np.int64(7))) == [3, 0, 7]


def test_arrays_are_taken():
    assert ask("VQA", Scripted(*np.array([[0.25, 0.75]] * 3))) == [(0.25, 0.75)] * 3
    assert ask("aesthetic", Scripted(*np.array([-0.5, 0.0, 1.5]))) == [-0.5, 0.0, 1.5]


@pytest.mark.slow
def test_scoring_needs_no_torch():
    modules = ", ".join(
        f"svgtune.metric.{name}" for name in ("judges", "scorer", "table", "competition.weights")
    )
    code = f"import sys, {modules}; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["False", "False"]
