from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svgtune.errors import InputError, MissingInputError, SubmissionError
from svgtune.metric.scorer import Entry, Scorer
from svgtune.metric.table import read_solution, score, score_rows
from tests.unit.metric.fakes import COLOUR, SQUARE, draw

IDS = ["m3", "a1", "z9"]


def make_solution() -> pd.DataFrame:
    """One row for each question, those of an id not all together."""
    rows = [
        {"id": row_id, "question": q.text, "choices": np.array(q.choices, object), "answer": q.answer}
        for q in (COLOUR, SQUARE)
        for row_id in IDS
    ]
    return pd.DataFrame(rows)


def make_lists(*, as_text: bool = False) -> pd.DataFrame:
    """One row of lists for each id; as text, as a CSV file holds it."""
    row = {
        "question": [COLOUR.text, SQUARE.text],
        "choices": [list(COLOUR.choices), list(SQUARE.choices)],
        "answer": [COLOUR.answer, SQUARE.answer],
    }
    cells = {key: str(value) if as_text else value for key, value in row.items()}
    return pd.DataFrame([{"id": row_id, **cells} for row_id in IDS])


def make_submission(**changes: str) -> pd.DataFrame:
    svgs = {row_id: changes.get(row_id, draw(x=60 + 10 * k)) for k, row_id in enumerate(IDS)}
    return pd.DataFrame({"id": svgs.keys(), "svg": svgs.values()})


def test_a_submission_scores_the_mean_of_its_drawings(fake_judges, pool):
    questions = (COLOUR, SQUARE)
    entries = [Entry(r["id"], r["svg"], questions) for r in make_submission().to_dict("records")]
    rows = Scorer(fake_judges, pool=pool).score(entries, 3)
    found = score(make_solution(), make_submission(), "id", 3, judges=fake_judges, pool=pool)
    assert found == pytest.approx(sum(row.total for row in rows) / 3, abs=1e-15)
    assert found != score(make_solution(), make_submission(), "id", judges=fake_judges, pool=pool)
    by_row = score_rows(make_solution(), make_submission()[::-1], "id", 3, judges=fake_judges, pool=pool)
    assert by_row == sorted(rows, key=lambda row: row.id)


def test_all_forms_of_the_solution_are_read_alike():
    expected = dict.fromkeys(IDS, (COLOUR, SQUARE))
    as_text = make_solution().assign(choices=lambda table: [str(list(cell)) for cell in table["choices"]])
    nested = make_lists().assign(choices=[np.array([np.array(c, object) for c in cell], object) for cell in
                                          make_lists()["choices"]])  # fmt: skip
    for table in (make_solution(), as_text, make_lists(), make_lists(as_text=True), nested):
        assert read_solution(table, "id") == expected


def test_another_id_column(fake_judges, pool):
    renamed = [table.rename(columns={"id": "row"}) for table in (make_solution(), make_submission())]
    assert score(*renamed, "row", judges=fake_judges, pool=pool) == score(
        make_solution(), make_submission(), "id", judges=fake_judges, pool=pool
    )


BROKEN = draw().replace("<circle", '<circle style="x"')
HUGE = draw().replace('width="384"', 'width="1e9"', 1)
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'


@pytest.mark.parametrize(
    ("svg", "message"),
    [
        (
            BROKEN,
            r"^submission, id m3: /svg/circle: attribute 'style' is not allowed here; remove it; mend this",
        ),
        (HUGE, r"^submission, id m3: render: canvas of "),
    ],
)
def test_one_bad_drawing_fails_a_strict_submission(fake_judges, pool, svg, message):
    with pytest.raises(SubmissionError, match=message):
        score(make_solution(), make_submission(m3=svg), "id", judges=fake_judges, pool=pool)


def test_rules_are_checked_before_anything_is_judged(fake_judges, fake_judge, pool):
    with pytest.raises(SubmissionError):
        score(make_solution(), make_submission(z9=BROKEN), "id", judges=fake_judges, pool=pool)
    assert fake_judge.batches == []


def test_a_lenient_submission_loses_the_bad_drawings_only(fake_judges, pool):
    changes = {"m3": BROKEN, "z9": BLANK}
    rows = score_rows(
        make_solution(),
        make_submission(**changes),
        "id",
        judges=fake_judges,
        pool=pool,
        strict_submission=False,
    )
    whole = score_rows(make_solution(), make_submission(), "id", judges=fake_judges, pool=pool)
    assert [row.reason for row in rows] == [None, "breaks_rules", "render_blank"]
    assert rows[0] == whole[0]
    found = score(
        make_solution(),
        make_submission(**changes),
        "id",
        judges=fake_judges,
        pool=pool,
        strict_submission=False,
    )
    assert found == pytest.approx(whole[0].total / 3)


def test_a_black_picture_is_judged_in_a_strict_submission(fake_judges, pool):
    rows = score_rows(make_solution(), make_submission(z9=BLANK), "id", judges=fake_judges, pool=pool)
    assert rows[2].reason is None
    assert rows[2].aesthetic > 0


@pytest.mark.parametrize(
    ("solution", "submission", "error", "message"),
    [
        (
            make_solution(),
            make_submission()[:2],
            InputError,
            r"^submission, id z9: has no drawing \(1 such ids\); add",
        ),
        (
            make_solution().query("id != 'a1'"),
            make_submission(),
            InputError,
            r"^submission, id a1: the solution does not know it \(1 such ids\); remove these rows",
        ),
        (
            make_solution(),
            pd.concat([make_submission(), make_submission()[:1]]),
            InputError,
            r"^submission, id m3: the id has more than one row; give it one",
        ),
        (
            pd.concat([make_lists(), make_lists()[:1]]),
            make_submission(),
            InputError,
            r"^solution, id m3: the id has a row with lists of questions and another one; give it one",
        ),
        (
            make_solution(),
            make_submission().astype(object).replace({"svg": {draw(x=70): None}}),
            InputError,
            r"^sample a1: svg is (None|nan) \(\w+\), not text; give the SVG as a string",
        ),
        (
            make_solution().assign(id=range(6)),
            make_submission(),
            InputError,
            r"^solution, id 0: is int, not text; read the table with dtype=\{'id': str\}",
        ),
        (
            make_solution().assign(answer="purple"),
            make_submission(),
            InputError,
            r"^sample a1, question 'What colour is the circle\?': the answer 'purple' is not among the",
        ),
        (
            make_solution().assign(choices="no, yes"),
            make_submission(),
            InputError,
            r"^solution, id m3: choices is no list; give a list of texts, or the text of one",
        ),
        (
            make_solution().assign(choices=[[] for _ in range(6)]),
            make_submission(),
            InputError,
            r"^solution, id m3, question '.*': its choices are \[\]; give a list of two or more texts",
        ),
        (
            make_lists().assign(answer=[["red"]] * 3),
            make_submission(),
            InputError,
            r"^solution, id m3: 2 questions, 2 lists of choices and 1 answers; give as many of each",
        ),
        (make_solution()[:0], make_submission(), InputError, r"^solution: has no rows; give at least one"),
        (
            make_solution().drop(columns="answer"),
            make_submission(),
            MissingInputError,
            r"^solution: has no column 'answer', only \['id', 'question', 'choices'\]; give",
        ),
    ],
)
def test_input_errors_name_the_id_and_the_remedy(fake_judges, pool, solution, submission, error, message):
    for strict in (True, False):
        with pytest.raises(error, match=message):
            score(solution, submission, "id", judges=fake_judges, pool=pool, strict_submission=strict)
