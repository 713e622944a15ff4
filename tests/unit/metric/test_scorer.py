from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from svgtune.errors import InputError, JudgeError
from svgtune.metric.defence import defend_image
from svgtune.metric.formula import draw_group_seeds
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, Scorer
from svgtune.records import Question, Sample
from svgtune.render.pool import RenderPool
from svgtune.render.raster import render_svg
from svgtune.svg.repair import Validity
from tests.unit.metric.fakes import COLOUR, SQUARE, FakeJudge, draw

QUESTIONS = (COLOUR, SQUARE)


def make_entries(count: int) -> list[Entry]:
    # The ids do not come in sorted order, and the number of questions differs.
    return [
        Entry(f"id{(5 * k) % count}", draw(x=50 + 9 * k), (*QUESTIONS[: 1 + k % 2], COLOUR))
        for k in range(count)
    ]


class Fixed:
    """Judges everything alike."""

    def __init__(self, right: float = 0.8, looks: float = 0.4, text: str | int = "") -> None:
        self.right, self.looks, self.text = right, looks, text

    def answer(self, images, questions, choices):
        rows = []
        for question, own in zip(questions, choices, strict=True):
            answer = {q.text: q.answer for q in QUESTIONS}[question]
            rest = (1 - self.right) / (len(own) - 1)
            rows.append([self.right if choice == answer else rest for choice in own])
        return rows

    def rate(self, images):
        return [self.looks] * len(images)

    def read(self, images):
        return [self.text] * len(images)

    def as_judges(self) -> Judges:
        return Judges(self, self, self)


@pytest.mark.parametrize(
    ("right", "looks", "text", "total"),
    [
        (0.8, 0.4, "", 2 / 3),
        (0.8, 0.4, "abcde", 2 / 3 / math.e),
        (0.8, -0.1, "", 0.0),
        (1.0, 1.0, 6, math.exp(-2)),
    ],
)
def test_the_formula_is_applied(pool, right, looks, text, total):
    scorer = Scorer(Fixed(right, looks, text).as_judges(), pool=pool)
    (score,) = scorer.score([Entry("a", draw(), QUESTIONS)])
    assert score.total == pytest.approx(total, abs=1e-12)
    assert (score.vqa, score.aesthetic) == (pytest.approx(right), looks)
    assert score.ocr == pytest.approx(min(1, math.exp(4 - (text if isinstance(text, int) else len(text)))))
    assert score.probabilities[0] == pytest.approx([(1 - right) / 3, (1 - right) / 3, right, (1 - right) / 3])
    assert score.probabilities[1] == pytest.approx([right, 1 - right])
    assert (score.validity, score.reason, score.detail, score.violations) == (Validity.STRICT, None, "", ())
    assert score.seconds > 0


def test_vqa_is_the_mean_over_the_questions(pool):
    class Uneven(Fixed):
        def answer(self, images, questions, choices):
            return [[0.1, 0.2, 0.6, 0.1] if len(own) == 4 else [0.9, 0.1] for own in choices]

    (score,) = Scorer(Uneven().as_judges(), pool=pool).score([Entry("a", draw(), QUESTIONS)])
    assert score.vqa == pytest.approx(0.75)


@pytest.mark.slow
def test_batches_score_as_one_by_one(pool, fake_judges, fake_judge):
    entries = make_entries(7)
    batched = Scorer(fake_judges, pool=pool, batch_size=16).score(entries)
    assert fake_judge.batches == [sum(len(entry.questions) for entry in entries)]
    assert batched == Scorer(fake_judges, pool=pool, batch_size=1).score(entries)
    assert batched == Scorer(fake_judges, pool=pool, batch_size=3).score(entries)
    seeds = draw_group_seeds([entry.id for entry in entries])
    alone = [Scorer(fake_judges, pool=pool).score([entry], group_seeds=seeds)[0] for entry in entries]
    assert batched == alone
    assert [score.id for score in batched] == [entry.id for entry in entries]


def test_same_seed_same_score(pool, fake_judges):
    entries = make_entries(3)
    scorer = Scorer(fake_judges, pool=pool)
    assert scorer.score(entries, 5) == scorer.score(entries, 5)
    assert scorer.score(entries, 5) == scorer.score(entries[::-1], 5)[::-1]
    assert scorer.score(entries, 5) != scorer.score(entries, 6)


def test_each_judge_sees_its_own_view(pool):
    judged, read = FakeJudge(), FakeJudge()
    read.read = lambda images: [read.seen.append(image) or 0 for image in images]  # type: ignore[method-assign]
    entries = [Entry("b", draw(x=60), QUESTIONS), Entry("a", draw(), QUESTIONS)]
    Scorer(Judges(judged, judged, read), pool=pool).score(entries)
    for place, (entry, seed) in enumerate(zip(entries, (398764591, 209652396), strict=True)):
        views = defend_image(render_svg(entry.svg), seed)
        assert np.array_equal(np.array(judged.seen[place]), np.array(views.judged))
        assert np.array_equal(np.array(read.seen[place]), np.array(views.read))


@pytest.mark.parametrize(
    ("svg", "validity", "rules"),
    [
        (f"Here it is: {draw()}", Validity.LENIENT, {"xml"}),
        (draw().replace("<circle", '<circle class="c"'), Validity.REPAIRED, {"attribute"}),
        (draw().replace("</svg>", "<text>red</text></svg>"), Validity.REPAIRED, {"element", "text"}),
        (draw().replace("</svg>", "<!--" + "x" * 10_000 + "--></svg>"), Validity.REPAIRED, {"size"}),
        ('\n<?xml version="1.0"?>' + draw(), Validity.LENIENT, {"xml"}),
        ("a circle", Validity.INVALID, {"xml"}),
        ("", Validity.INVALID, {"xml"}),
    ],
)
def test_a_broken_rule_scores_zero_with_all_violations(pool, fake_judges, svg, validity, rules):
    broken, whole = Scorer(fake_judges, pool=pool).score(
        [Entry("a", svg, QUESTIONS), Entry("b", draw(), QUESTIONS)]
    )
    assert (broken.total, broken.vqa, broken.aesthetic, broken.ocr, broken.probabilities) == (0, 0, 0, 0, ())
    assert (broken.reason, broken.validity) == ("breaks_rules", validity)
    assert {violation.rule for violation in broken.violations} >= rules
    assert str(broken.violations[0]) in broken.detail
    assert whole.total > 0


@pytest.mark.slow
def test_a_lost_render_scores_zero_with_the_reason(fake_judges):
    def nest(depth: int) -> str:
        uses = "".join(f'<g id="g{k}">' + f'<use href="#g{k - 1}"/>' * 10 + "</g>" for k in range(1, depth))
        body = f'<defs><rect id="g0" width="9" height="9"/>{uses}</defs><use href="#g{depth - 1}"/>'
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{body}</svg>'

    blank = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="384" height="384"/>'
    entries = [
        Entry("hangs", nest(9), QUESTIONS),
        Entry("endless", draw().replace('width="384"', 'width="1e9"', 1), QUESTIONS),
        Entry("blank", blank, QUESTIONS),
        Entry("whole", draw(), QUESTIONS),
    ]
    with RenderPool(workers=1, timeout_s=0.5) as impatient:
        scores = {score.id: score for score in Scorer(fake_judges, pool=impatient).score(entries)}
    assert {name: score.reason for name, score in scores.items()} == {
        "hangs": "render_timeout",
        "endless": "render_error",
        "blank": "render_blank",
        "whole": None,
    }
    assert all(score.total == 0 and score.detail for name, score in scores.items() if name != "whole")
    assert "over 0.5 s" in scores["hangs"].detail
    assert scores["whole"].total > 0


def test_a_black_picture_can_be_judged_as_at_the_competition(pool):
    blank = Entry("a", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', QUESTIONS)
    judges = Fixed().as_judges()
    assert Scorer(judges, pool=pool, judge_blank=True).score([blank])[0].total == pytest.approx(2 / 3)


def test_a_judges_fault_raises_after_what_was_scored(pool, fake_judges):
    class Late(FakeJudge):
        def rate(self, images):
            if len(self.seen) >= 2:
                raise RuntimeError("out of paint")
            return super().rate(images)

    late = Late()
    scorer = Scorer(replace(fake_judges, aesthetic=late), pool=pool, batch_size=2)
    stream = scorer.stream([Entry(name, draw(), QUESTIONS) for name in "abc"])
    assert [next(stream).id, next(stream).id] == ["a", "b"]
    with pytest.raises(
        JudgeError, match=r"^sample c: the aesthetic judge raised RuntimeError: out of paint; mend"
    ):
        next(stream)


def test_whole_samples_are_taken(pool, fake_judges):
    sample = Sample("a", "a red circle", draw(), "made", "made:1", "CC0-1.0", questions=QUESTIONS)
    scorer = Scorer(fake_judges, pool=pool)
    assert scorer.score([sample]) == scorer.score([Entry("a", draw(), QUESTIONS)])
    assert scorer.score([]) == []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            [Entry("a", draw(), QUESTIONS)] * 2,
            r"^sample a: this id is there 2 times; give every drawing its own id",
        ),
        ([Entry("a", None, QUESTIONS)], r"^sample a: svg is None \(NoneType\), not text; give the SVG"),
        ([Entry("a", draw(), ())], r"^sample a: has no questions; give at least one"),
        (
            [Entry("a", draw(), (Question("Is it?", ("no", "yes"), "Yes"),))],
            r"^sample a, question 'Is it\?': the answer 'Yes' is not among the choices \['no', 'yes'\];",
        ),
    ],
)
def test_input_errors_name_the_id_and_the_remedy(pool, fake_judges, entries, message):
    with pytest.raises(InputError, match=message):
        Scorer(fake_judges, pool=pool).stream(entries)


def test_seeds_must_cover_all_ids(pool, fake_judges):
    with pytest.raises(InputError, match=r"^sample a: has no group seed; draw the seeds of all ids together"):
        Scorer(fake_judges, pool=pool).score([Entry("a", draw(), QUESTIONS)], group_seeds={"b": 1})


def test_batch_size_must_be_positive(pool, fake_judges):
    with pytest.raises(InputError, match=r"^scorer: batch_size is 0; give 1 or more"):
        Scorer(fake_judges, pool=pool, batch_size=0)
