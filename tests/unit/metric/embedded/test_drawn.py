from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.embedded.drawn import DrawnLessons, measure_ceiling
from svgtune.metric.embedded.lessons import NONE, Lesson, Lessons
from tests.unit.metric.embedded.pupils import SHADES, TEACHER

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><rect width="9" height="9"/></svg>'
PROMPT = {
    "id": "scene-1", "prompt": "a rose crab next to a navy camel", "category": "things", "svg": SVG,
    "facts": {
        "parts": [
            {"subject": "crab", "colours": ["rose"], "count": 1},
            {"subject": "camel", "colours": ["navy"], "count": 1},
        ],
        "split": "train",
    },
    "questions": ["What color is the crab?", "Is there a camel in the image?", "Which animal is shown?",
                  "How many crabs are in the image?", "Is there a kettle in the image?"],
    "choices": [["amber", "cream", "navy", "rose"], ["no", "yes"], ["crab", "donkey", "kettle", "zebra"],
                ["1", "2", "3", "4"], ["no", "yes"]],
    "answers": ["rose", "yes", "crab", "1", "no"],
}  # fmt: skip
RIGHT = {"shown": {"things/crab": 1.1, "things/camel": 0.9}, "painted": ["rose", "navy"], "mark": 1.0}
KNOWS_ALL = {"shown": {"things/donkey": 1, "things/kettle": 1, "things/zebra": 1}, "painted": [None, None]}


def write_folder(folder: Path, marks: list[dict[str, Any]], prompt: dict[str, Any] = PROMPT) -> Path:
    (folder / "drawn").mkdir()
    rows = [
        {"id": f"d{k}", "prompt": "scene-1", "mark": 0.0, "strict": True, **m} for k, m in enumerate(marks)
    ]
    drawings = [{"id": row["id"], "svg": SVG.replace("9", str(k))} for k, row in enumerate(rows)]
    for name, content in (("prompts", [prompt]), ("drawn/drawings", drawings), ("marks", rows)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content))
    return folder


def read_folder(folder: Path) -> list[tuple[Lesson, Lesson | None]]:
    return list(DrawnLessons(Lessons(TEACHER, 1, "train"), SHADES).read(folder))


def find_targets(lesson: Lesson | None) -> dict[str, str | int]:
    """Returns the true statement for the statements of each task, sorted and joined."""
    assert lesson is not None
    return {
        " ".join(sorted(task.statements)): NONE if task.target == NONE else task.statements[task.target]
        for task in lesson.tasks
    }


def find_target(lesson: Lesson | None, words: str) -> str | int:
    found = {target for texts, target in find_targets(lesson).items() if words in texts}
    assert len(found) == 1, (words, found)
    return found.pop()


def test_a_right_drawing_is_asked_for_what_the_check_found(tmp_path: Path) -> None:
    ((right, wrong),) = read_folder(write_folder(tmp_path, [RIGHT, KNOWS_ALL | {"strict": False}]))
    assert wrong is None
    assert right.fault is None
    assert right.captioned
    assert find_target(right, "The crab is amber.") == "The crab is rose."
    assert find_target(right, "There is a camel") == "There is a camel in the image."
    assert find_target(right, "There is a kettle") == NONE
    assert find_target(right, "animal shown is zebra") == "The animal shown is crab."
    assert find_target(right, PROMPT["prompt"]) == PROMPT["prompt"]  # type: ignore[arg-type]
    assert not any("crabs" in texts for texts in find_targets(right)), "numbers are not checked"


def test_a_wrong_drawing_is_told_by_what_is_there_instead(tmp_path: Path) -> None:
    mistaken = {
        "shown": {"things/camel": 1.0, "things/kettle": 0.8},
        "painted": ["rose", "rose"],
        "mark": 0.3,
    }
    folder = write_folder(tmp_path, [RIGHT, mistaken, KNOWS_ALL | {"strict": False}])
    ((right, wrong),) = read_folder(folder)
    assert right.id == "d0"
    assert wrong is not None
    assert wrong.fault == "drawn"
    assert not wrong.captioned
    assert wrong.labels == ()
    assert find_target(wrong, "There is a crab") == NONE
    assert find_target(wrong, "There is a kettle") == "There is a kettle in the image."
    assert find_target(wrong, "The camel is navy.") == "The camel is rose."
    assert find_target(wrong, PROMPT["prompt"]) == NONE  # type: ignore[arg-type]
    assert not any("crab is" in texts and "rose" in texts for texts in find_targets(wrong)), "it is not there"


def test_what_is_half_there_is_not_asked_for(tmp_path: Path) -> None:
    half = {"shown": {"things/crab": 0.35, "things/camel": 1.0}, "painted": ["rose", None], "mark": 0.7}
    ((_, wrong),) = read_folder(write_folder(tmp_path, [RIGHT, half]))
    texts = " ".join(find_targets(wrong)).replace(str(PROMPT["prompt"]), "")
    assert "crab" not in texts
    assert "The camel is" not in texts, "its colour is not clear"


def test_a_caption_never_drawn_right_is_paired_with_its_scene(tmp_path: Path) -> None:
    wrong = {"shown": {}, "painted": [None, None], "mark": 0.0}
    pairs = read_folder(write_folder(tmp_path, [wrong, wrong]))
    assert [(right.svg, other.id) for right, other in pairs if other] == [(SVG, "d0"), (SVG, "d1")]
    assert pairs[0][0].captioned


def test_every_drawing_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    read_folder(write_folder(tmp_path, [RIGHT, RIGHT, KNOWS_ALL, KNOWS_ALL | {"strict": False}]))
    assert "4 drawings: 1 not strictly valid, 2 right, 1 wrong" in caplog.text


def test_held_out_captions_are_refused(tmp_path: Path) -> None:
    facts = {**PROMPT["facts"], "split": "held_out"}  # type: ignore[dict-item]
    with pytest.raises(InputError, match=r"'scene-1' is held out.*--split train"):
        read_folder(write_folder(tmp_path, [RIGHT], {**PROMPT, "facts": facts}))


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"marks\.jsonl: knows 'd0' of 'other'.*check the drawings anew"):
        read_folder(write_folder(tmp_path, [RIGHT | {"prompt": "other"}]))


def test_marks_that_do_not_say_what_was_found_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, [RIGHT])
    (folder / "marks.jsonl").write_text('{"id": "d0", "prompt": "scene-1", "mark": 1.0}\n')
    with pytest.raises(InputError, match=r"marks\.jsonl:1: lacks what was found"):
        read_folder(folder)


def test_a_folder_without_marks_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, [RIGHT])
    (folder / "marks.jsonl").unlink()
    with pytest.raises(MissingInputError, match=r"marks\.jsonl: is not there"):
        read_folder(folder)


def test_the_ceiling_is_what_the_questions_can_tell(tmp_path: Path) -> None:
    no_crab = {"shown": {"things/camel": 1.0}, "painted": ["rose", "navy"], "mark": 0.5}
    folder = write_folder(tmp_path, [RIGHT, no_crab, KNOWS_ALL | {"strict": False}])
    found = measure_ceiling([folder / "marks.jsonl"], folder / "prompts.jsonl", SHADES)
    assert found["within a prompt"] == pytest.approx(1.0)


def test_nothing_can_be_told_where_no_question_is_about_what_is_wrong(tmp_path: Path) -> None:
    green_camel = {"shown": RIGHT["shown"], "painted": ["rose", "lime"], "mark": 0.7}
    folder = write_folder(tmp_path, [RIGHT, green_camel])
    found = measure_ceiling([folder / "marks.jsonl"], folder / "prompts.jsonl", SHADES)
    assert found == {"overall": None, "within a prompt": None}
