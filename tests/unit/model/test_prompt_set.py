from __future__ import annotations

import json

import pytest
import tiny_models

from svgtune.config.form import NormalForm
from svgtune.config.grpo import PromptDataSection
from svgtune.errors import InputError, MissingInputError
from svgtune.model.data import Wording
from svgtune.model.prompt_set import load_prompts
from svgtune.prompts import PromptStyle
from svgtune.records import Sample

COLUMNS = ["prompt", "id", "caption", "questions", "reference"]
GIVEN = {
    "prompt": "a red ball",
    "id": "ball",
    "questions": ["Is it red?"],
    "choices": [["no", "yes"]],
    "answers": ["yes"],
}


@pytest.fixture(scope="module")
def wording():
    return Wording(tiny_models.build_tokenizer("qwen"), PromptStyle.CAPTION, NormalForm(), None)


def read_questions(row):
    return Sample.from_row(
        {**dict.fromkeys(("id", "caption", "svg", "source", "origin", "licence"), ""), **row}
    ).questions


def test_scenes_bring_questions_and_drawings(wording):
    prompts = load_prompts(PromptDataSection(count=6, max_held_out=2), wording)
    assert prompts.train.column_names == prompts.held_out.column_names == COLUMNS
    assert prompts.counts == {"in": 8, "train": 6, "held_out": 2, "dropped": {}, "questions": {"given": 8}}
    row = prompts.train[0]
    assert row["prompt"] == wording.build_prompt(row["caption"])
    assert len(read_questions(row)) == 4
    assert row["reference"].startswith("<svg")
    assert prompts.longest_reference > 100
    assert not set(prompts.train["id"]) & set(prompts.held_out["id"])


def test_scenes_can_be_asked_about_each_part(wording):
    own = load_prompts(PromptDataSection(count=6, max_held_out=2), wording).train
    more = load_prompts(PromptDataSection(count=6, max_held_out=2, ask_parts=True), wording).train
    assert more["caption"] == own["caption"]
    for one, other in zip(own, more, strict=True):
        assert read_questions(other)[:4] == read_questions(one)
    assert sum(len(read_questions(row)) for row in more) >= 6 * 5


def test_captions_of_long_drawings_can_be_left_out(wording):
    whole = load_prompts(PromptDataSection(count=6, max_held_out=2), wording)
    limit = whole.longest_reference - 1
    section = PromptDataSection(count=6, max_held_out=2, max_reference_tokens=limit)
    prompts = load_prompts(section, wording)
    assert prompts.counts["dropped"] == {"too_long_drawing": 1}
    assert prompts.longest_reference <= limit


def test_prepared_data_keeps_its_split_and_gets_questions_where_it_has_none(wording, toy_data):
    prompts = load_prompts(PromptDataSection(path=toy_data, max_prompts=20, max_held_out=3), wording)
    assert prompts.counts == {
        "in": 23,
        "train": 20,
        "held_out": 3,
        "dropped": {},
        "questions": {"by_rule": 23},
    }
    assert prompts.train["id"][:2] == ["toy-0", "toy-1"]
    assert prompts.held_out["id"][0] == "toy-32"
    assert prompts.licences == {"toy: CC0-1.0": 20}
    assert all(2 <= len(read_questions(row)) <= 4 for row in prompts.train)


def test_captions_a_line_are_asked_about_by_rule_or_dropped(wording, tmp_path):
    file = tmp_path / "captions.txt"
    captions = [f"a {colour} {thing}" for colour in ("red", "blue") for thing in ("dog", "car", "barn")]
    file.write_text("\ufeff" + "\n".join([*captions, "", "of the", "a red cat " * 300]), encoding="utf-8")
    prompts = load_prompts(PromptDataSection(path=file, held_out_share=0.3), wording)
    assert prompts.counts == {
        "in": 8,
        "train": prompts.counts["train"],
        "held_out": len(prompts.held_out),
        "dropped": {"no_question": 1, "too_many_tokens": 1},
        "questions": {"by_rule": 6},
    }
    assert sorted([*prompts.train["caption"], *prompts.held_out["caption"]]) == sorted(captions)
    assert prompts.longest_reference == 0
    assert set(prompts.train["reference"]) == {""}
    again = load_prompts(PromptDataSection(path=file, held_out_share=0.3), wording)
    assert again.held_out["id"] == prompts.held_out["id"]


def test_questions_of_a_prompts_file_are_taken_in_both_forms(wording, tmp_path):
    file = tmp_path / "prompts.jsonl"
    as_rows = json.dumps([{"text": "Is it blue?", "choices": ["no", "yes"], "answer": "yes"}])
    rows = [
        GIVEN,
        {"caption": "a blue box", "questions": as_rows, "svg": "<svg/>"},
        {"prompt": "a green hat"},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    prompts = load_prompts(PromptDataSection(path=file), wording)
    assert prompts.counts["questions"] == {"by_rule": 1, "given": 2}
    rows = {row["caption"]: row for part in (prompts.train, prompts.held_out) for row in part}
    assert [q.text for q in read_questions(rows["a red ball"])] == ["Is it red?"]
    assert [q.text for q in read_questions(rows["a blue box"])] == ["Is it blue?"]
    assert rows["a blue box"]["reference"] == "<svg/>"
    assert rows["a red ball"]["id"] == "ball"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"prompts\.jsonl:2: is not JSON"),
        ("[1]", r"prompts\.jsonl:2: holds \[1\], not an object"),
        ('{"promt": "a"}', r"prompts\.jsonl:2: has no 'prompt'.*is it 'promt'\? rename it"),
        ('{"prompt": 3}', r"prompts\.jsonl:2: prompt is 3 \(int\), not text"),
        ('{"prompt": "a", "id": "ball"}', r"prompts\.jsonl:2: the id 'ball' is on line 1 too"),
        ('{"prompt": "a", "svg": 3}', r"prompts\.jsonl:2: svg is 3, not text"),
        (json.dumps({**GIVEN, "id": "b", "answers": ["yess"]}), r"did you mean 'yes'"),
        (json.dumps({**GIVEN, "id": "b", "answers": None}), r"but no 'answers'"),
        ('{"prompt": "a", "questions": "[3]"}', r"prompts\.jsonl:2: questions are '\[3\]', which are none"),
        (
            json.dumps({"prompt": "a", "questions": '[{"text": "t", "choices": ["no"], "answer": "x"}]'}),
            r"the answer 'x' to 't' is not among its choices",
        ),
    ],
)
def test_lines_that_cannot_be_used_are_named(wording, tmp_path, line, message):
    file = tmp_path / "prompts.jsonl"
    file.write_text(json.dumps(GIVEN) + "\n" + line + "\n")
    with pytest.raises(InputError, match=message):
        load_prompts(PromptDataSection(path=file), wording)


def test_files_that_hold_too_little_are_refused(wording, tmp_path):
    file = tmp_path / "one.txt"
    file.write_bytes(b"a red dog\nA red  dog\n")
    with pytest.raises(InputError, match="holds 1 different captions"):
        load_prompts(PromptDataSection(path=file), wording)
    file.write_bytes(b"a red dog\n\xff\n")
    with pytest.raises(InputError, match=r"one\.txt:2: is not UTF-8"):
        load_prompts(PromptDataSection(path=file), wording)
    file.write_bytes(b"a\n...\n12\n")
    with pytest.raises(InputError, match=r"no train caption is left of 2 .*no_question"):
        load_prompts(PromptDataSection(path=file), wording)
    with pytest.raises(MissingInputError, match="there is no"):
        load_prompts(PromptDataSection(path=tmp_path / "absent"), wording)
