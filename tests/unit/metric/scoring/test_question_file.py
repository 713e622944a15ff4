from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.scoring.question_file import Asked, read_question_file
from svgtune.metric.scoring.rows import read_rows
from svgtune.records import Question, Sample

BENCHMARK = Path(__file__).parents[4] / "benchmarks" / "embedded" / "benchmark.jsonl"
BARN, SKY = (
    Question("Is there a barn?", ("no", "yes"), "yes"),
    Question("What sky?", ("dusk", "noon"), "dusk"),
)


def write_table(folder: Path, suffix: str) -> Path:
    path = folder / f"questions{suffix}"
    rows = [("a", BARN), ("a", SKY), ("007", BARN)]
    table = pd.DataFrame(
        {
            "id": [key for key, _ in rows],
            "question": [q.text for _, q in rows],
            "choices": [list(q.choices) for _, q in rows],
            "answer": [q.answer for _, q in rows],
        }
    )
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_competitions_own_table_is_read(tmp_path: Path, suffix: str) -> None:
    assert read_question_file(write_table(tmp_path, suffix)) == {
        "a": Asked((BARN, SKY)),
        "007": Asked((BARN,)),
    }


def test_a_prepared_shard_brings_its_questions(tmp_path: Path) -> None:
    samples = [
        Sample(
            "a", "a barn at dusk", "<svg/>", "scenes", "1/1", "CC0-1.0", "landscape", questions=(BARN, SKY)
        ),
        Sample("b", "a hut", "<svg/>", "folder", "b.svg", "unknown"),
    ]
    path = tmp_path / "00000.parquet"
    pd.DataFrame([sample.to_row() for sample in samples]).to_parquet(path)
    assert read_question_file(path) == {"a": Asked((BARN, SKY), "landscape")}


def test_questions_without_choices_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text('{"id": "a", "questions": "Is there a barn?"}\n')
    with pytest.raises(InputError, match="add the columns choices and answers"):
        read_question_file(path)


def test_the_benchmark_is_read_with_its_categories() -> None:
    asked = read_question_file(BENCHMARK)
    assert len(asked) == 300
    first = json.loads(BENCHMARK.read_text().partition("\n")[0])
    own = asked[first["id"]]
    assert own.category == first["category"]
    assert [q.answer for q in own.questions] == first["answers"]


def test_drawings_get_the_questions_of_their_prompt(tmp_path: Path) -> None:
    drawings = tmp_path / "drawings.jsonl"
    drawn = {"prompt": "x", "svg": "<svg/>"}
    own = {"questions": ["?"], "choices": [["0", "1"]], "answers": ["0"]}
    rows = [{"id": "a", **drawn, **own}, {"id": "a-2", "prompt_id": "a", **drawn}]
    drawings.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = {"a": Asked((BARN,), "landscape")}
    read = read_rows(drawings, lambda prompt: (), asked)
    assert [(row.questions, row.category, row.origin) for row in read] == [
        ((BARN,), "landscape", "given")
    ] * 2
    with pytest.raises(InputError, match=r"drawings.jsonl:1, id 'a': the file of questions knows no 'a'"):
        read_rows(drawings, lambda prompt: (), {"b": Asked((BARN,))})


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"questions: there is no file .*none\.csv"):
        read_question_file(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"is no \.csv, \.jsonl, \.parquet file"):
        read_question_file(tmp_path / "questions.txt")
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")
    with pytest.raises(InputError, match=r"broken\.jsonl cannot be read"):
        read_question_file(broken)
    short = tmp_path / "short.jsonl"
    short.write_text('{"id": "a", "questions": ["x"]}\n')
    with pytest.raises(MissingInputError, match=r"short\.jsonl: has no column 'choices'"):
        read_question_file(short)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", "id,question,choices,answer\na,q,\"['no', 'yes']\",yess\n", "did you mean 'yes'"),
        ("a.csv", "id,question,choices,answer\na,q,['yes'],yes\n", "give a list of two or more texts"),
        ("a.csv", "id,question,choices,answer\na,q,{[1]: 2},yes\n", "choices is no list"),
        ("a.csv", "id,question,choices,answer\na,Red?,[],yes\n", "id a, question 'Red\\?': its choices are"),
        (
            "a.jsonl",
            '{"id": 5, "question": "q", "choices": ["no", "yes"], "answer": "yes"}\n',
            r"a\.jsonl: id 5 is int, not text; write it in quotes",
        ),
        ("a.csv", "id,questions\n", "has no rows"),
        ("a.jsonl", '{"id": "a", "question": "q"}\n5\n', "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_found_before_any_work(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        read_question_file(path)


def test_none_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,question,choices,answer\n007,How many?,\"['None', 'one']\",None\n")
    assert read_question_file(path)["007"].questions == (Question("How many?", ("None", "one"), "None"),)
