from __future__ import annotations

import random

import pytest

from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.embedded.asking import list_unlike
from svgtune.metric.embedded.lessons import FAULTS, NONE, Lessons, Teacher, build_task
from svgtune.records import Question, Sample
from svgtune.svg.constraints import check_svg
from tests.unit.metric.embedded.pupils import SHADES, TEACHER

CRAB = Question("What color is the crab?", ("amber", "cream", "navy", "rose"), "rose")
DONUT = Question("Is there a donut in the image?", ("no", "yes"), "no")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
    '<rect width="200" height="200" fill="#fff"/>'
    '<circle cx="60" cy="90" r="40" fill="#f58"/><circle cx="150" cy="90" r="30" fill="#125"/></svg>'
)


def build_sample(**changes: object) -> Sample:
    values = {
        "id": "one",
        "caption": "a rose crab next to a navy camel",
        "svg": SVG,
        "source": "scenes",
        "origin": "",
        "licence": "CC0-1.0",
        "category": "things",
        "questions": (CRAB, DONUT),
        "facts": {
            "parts": [
                {"subject": "crab", "colours": ["rose"], "count": 1},
                {"subject": "camel", "colours": ["navy"], "count": 1},
            ]
        },
    } | changes
    return Sample(**values)  # type: ignore[arg-type]


def read_one(fault: str, sample: Sample | None = None):
    teacher = Teacher(lambda _seed, _index, _split: sample or build_sample(), SHADES)
    return next(Lessons(teacher, 1, "train", (fault,)).read(0, 1))


def find_targets(lesson) -> dict[str, object]:
    return {
        task.statements[0]: NONE if task.target == NONE else task.statements[task.target]
        for task in lesson.tasks
    }


def test_the_colour_of_another_part_is_among_the_choices_of_a_part():
    right, _ = read_one("cut")
    choices = {q.text: set(q.choices) for q in right.questions}
    assert "rose" in choices["What color is the camel?"]
    assert "navy" in choices["What color is the camel?"]
    assert len(choices["What color is the camel?"]) == 4


def test_right_drawing_has_tasks_for_questions_parts_and_caption():
    right, _ = read_one("cut")
    targets = find_targets(right)
    assert targets["The crab is amber."] == "The crab is rose."
    assert targets["There is a donut in the image."] == NONE
    assert targets["There is a camel in the image."] == "There is a camel in the image."
    assert right.tasks[-1].statements[0] == right.caption
    assert "a navy crab next to a rose camel" in right.false_captions
    assert right.caption not in right.false_captions
    assert right.labels == ("camel", "crab", "navy", "rose")


def test_exchanged_colours_change_svg_caption_and_answers():
    right, wrong = read_one("exchanged")
    assert wrong.svg == SVG.replace("#f58", "#x").replace("#125", "#f58").replace("#x", "#125")
    assert wrong.caption == "a navy crab next to a rose camel"
    assert wrong.captioned
    assert wrong.false_captions == (right.caption,)
    assert find_targets(wrong)["The crab is amber."] == "The crab is navy."


def test_recoloured_part_makes_its_old_colour_false():
    right, wrong = read_one("recoloured")
    assert wrong.caption != right.caption
    before, after = find_targets(right), find_targets(wrong)
    assert [key for key in after if key in before and after[key] != before[key]]
    assert after["There is a donut in the image."] == NONE


def test_missing_part_is_neither_there_nor_coloured():
    sample = build_sample(
        facts={"parts": [{"subject": "crab", "colours": ["rose"], "count": 1},
                         {"subject": "camel", "colours": [], "count": 1}]}
    )  # fmt: skip
    _, wrong = read_one("missing", sample)
    assert "#f58" not in wrong.svg
    assert "#125" in wrong.svg
    targets = find_targets(wrong)
    assert targets["The crab is amber."] == NONE
    assert targets["There is a crab in the image."] == NONE
    assert targets[wrong.caption] == NONE
    assert not wrong.captioned


def test_bare_drawing_keeps_the_background_only():
    _, wrong = read_one("bare")
    assert wrong.svg.count("<rect") == 1
    assert "circle" not in wrong.svg


def test_fault_that_cannot_be_made_is_left_out():
    sample = build_sample(facts={"parts": [{"subject": "crab", "colours": [], "count": 1}]})
    assert read_one("recoloured", sample)[1] is None
    assert read_one("exchanged", sample)[1] is None


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_drawings_of_the_teacher_are_valid_and_different(fault):
    made = 0
    for right, wrong in Lessons(TEACHER, 5, "held_out", (fault,)).read(0, 25):
        if wrong is None:
            continue
        made += 1
        assert check_svg(wrong.svg) == []
        assert wrong.svg != right.svg
        for task in wrong.tasks:
            assert task.target == NONE or 0 <= task.target < len(task.statements)
    assert made >= 3


def test_lessons_depend_on_seed_and_index_alone():
    whole = list(Lessons(TEACHER, 5, "train").read(0, 6))
    assert list(Lessons(TEACHER, 5, "train").read(3, 6)) == whole[3:]


def test_task_of_a_yes_no_question_has_one_statement():
    task = build_task(DONUT, "no")
    assert (task.statements, task.target) == (("There is a donut in the image.",), NONE)
    assert build_task(DONUT, "yes").target == 0
    assert build_task(CRAB, None).target == NONE


def test_unlike_colours_are_far_away():
    found = list_unlike(SHADES, ["red"])
    assert "crimson" not in found
    assert "navy" in found
    assert random.Random(0).choice(found) in SHADES


def test_a_landmark_alone_can_be_recoloured_or_missing():
    options = ScenesOptions(categories={"landscape": 1.0}, two_colours=0.0)
    scenes = (sample_scene(5, index, options) for index in range(400))
    barn = next(
        s for s in scenes if [(p["subject"], len(p["colours"])) for p in s.facts["parts"]] == [("barn", 1)]
    )
    (colour,) = barn.facts["parts"][0]["colours"]
    _, painted = read_one("recoloured", barn)
    assert painted.captioned
    assert colour not in painted.caption
    assert SHADES[colour][0] not in painted.svg
    _, gone = read_one("bare", barn)
    assert find_targets(gone)[barn.caption] == NONE
    assert check_svg(gone.svg) == []


def test_the_colour_of_what_is_gone_is_none_by_whatever_word_it_is_asked_for():
    sample = build_sample(caption="a rose crustacean next to a navy camel", questions=())
    _, wrong = read_one("missing", sample)
    assert wrong is not None
    gone = "crustacean" if "#f58" not in wrong.svg else "camel"
    asked = {tasks: target for tasks, target in find_targets(wrong).items() if f"The {gone} is" in tasks}
    assert list(asked.values()) == [NONE]
