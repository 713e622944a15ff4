from __future__ import annotations

import json
import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from svgtune.config.form import NormalForm
from svgtune.config.guards import GuardSection
from svgtune.config.rewards import LengthBand, RewardSection, TermWeights
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.errors import JudgeError
from svgtune.metric.cheats import CHEATS
from svgtune.metric.judges import Judges
from svgtune.render.pool import RenderPool
from svgtune.rewards import build_rewards
from svgtune.rewards.evaluation import find_seed
from svgtune.rewards.terms import rate_length
from svgtune.svg.canonical import canonical_svg
from tests.unit.metric.fakes import COLOUR, FakeJudge, draw

FORM = NormalForm(grid=1.0, path_commands="relative")
ALL = TermWeights(score=1, vqa=1, aesthetic=1, ocr=1, validity=1, length=1, reference=1, variety=1)
LOOSE = GuardSection(min_bytes=None, max_characters=None, max_view_gap=None)
QUESTIONS = json.dumps([{"text": COLOUR.text, "choices": list(COLOUR.choices), "answer": COLOUR.answer}])


class Charmed(FakeJudge):
    """Finds everything perfect."""

    def answer(self, images: Any, questions: Any, choices: Any) -> list[list[float]]:
        return [[1.0 if choice == COLOUR.answer else 0.0 for choice in own] for own in choices]

    def rate(self, images: Any) -> Any:
        self.seen += images
        return np.ones(len(images))

    def read(self, images: Any) -> list[str]:
        return [""] * len(images)


class Failing(Charmed):
    """Fails on the batches that hold a dark picture."""

    def rate(self, images: Any) -> Any:
        if any(np.asarray(image).mean() < 60 for image in images):
            raise RuntimeError("out of memory")
        return super().rate(images)


@pytest.fixture(scope="module")
def pool():
    with RenderPool(1, timeout_s=10) as pool:
        yield pool


def build(pool: RenderPool, judge: Any = None, **values: Any) -> Any:
    section = RewardSection(**({"guards": LOOSE} | values))
    judge = judge or FakeJudge()
    return build_rewards(section, Judges(judge, judge, judge), pool, FORM)


def reward(
    rewards: Any, texts: list[Any], *, step: int = 0, log: Any = None, **columns: Any
) -> dict[str, list[Any]]:
    count = len(texts)
    rows = {
        "id": ["a"] * count,
        "caption": ["a red circle"] * count,
        "questions": [QUESTIONS] * count,
        "reference": [""] * count,
    }
    state = SimpleNamespace(global_step=step)
    return {
        function.__name__: function(
            prompts=["?"] * count, completions=texts, completion_ids=[[1]] * count,
            trainer_state=state, log_metric=log, **(rows | columns),
        )
        for function in rewards.functions
    }  # fmt: skip


def test_only_terms_with_a_weight_are_computed(pool):
    rewards = build(pool, weights=TermWeights(score=2, validity=0.5))
    assert [function.__name__ for function in rewards.functions] == ["score", "validity"]
    assert rewards.weights == [2, 0.5]


def test_what_is_not_strictly_valid_earns_nothing_and_is_not_judged(pool):
    judge = FakeJudge()
    texts = [
        "",
        "no drawing",
        f"Here: {draw()}",
        draw().removesuffix("</svg>"),
        draw().replace("circle", "text"),
    ]
    got = reward(build(pool, judge, weights=ALL), texts, reference=[draw()] * len(texts))
    assert all(values == [0.0] * len(texts) for values in got.values())
    assert judge.seen == []


def test_an_honest_drawing_earns_what_the_metric_says(pool):
    rewards = build(pool, weights=ALL)
    got = reward(rewards, [draw(), f"  {draw('#1c3')}\n"])
    for place, one in enumerate(rewards.last):
        score = one.score
        assert [got[name][place] for name in ("score", "vqa", "aesthetic", "ocr", "validity")] == [
            score.total, score.vqa, score.aesthetic, score.ocr, 1.0
        ]  # fmt: skip
    assert got["score"][0] != got["score"][1]
    assert got["reference"] == [None, None]


def test_chat_completions_are_read_as_texts_are(pool):
    messages = [[{"role": "assistant", "content": draw()}]]
    assert reward(build(pool), messages) == reward(build(pool), [draw()])


def test_equal_texts_of_a_task_are_judged_once_and_share_the_seed(pool):
    judge = FakeJudge()
    rewards = build(pool, judge)
    got = reward(rewards, [draw()] * 6 + [draw("#1c3")])
    assert len(judge.seen) == 2
    assert len(set(got["score"][:6])) == 1


def test_all_terms_share_one_evaluation_and_the_next_step_makes_another(pool):
    judge = FakeJudge()
    rewards = build(pool, judge, weights=ALL)
    reward(rewards, [draw()], step=1)
    assert len(judge.seen) == 1
    reward(rewards, [draw()], step=2)
    assert len(judge.seen) == 2
    assert judge.seen[0].tobytes() != judge.seen[1].tobytes()  # another crop
    assert find_seed("a", 1) != find_seed("a", 2)


def test_batches_judge_as_one_by_one(pool):
    texts = [draw(colour, x) for colour in ("#c31", "#1c3", "#31c") for x in (60, 120)]
    whole = reward(build(pool, batch_size=4), texts)
    single = [reward(build(pool, batch_size=1), [text])["score"][0] for text in texts]
    assert whole["score"] == single


# Decoration breaks no guard: a judge of looks must dislike it, see test_guards.
@pytest.mark.parametrize("name", sorted(set(CHEATS) - {"decoration"}))
def test_every_cheat_earns_less_than_an_honest_drawing_even_of_a_charmed_judge(name, pool):
    class Reader(Charmed):
        """Sees the letters that a card with letters has; OCR itself is tested beside the guards."""

        def read(self, images: Any) -> list[str]:
            return ["x" * 20 if self.letters else ""] * len(images)

    honest = [sample_scene(77, index, ScenesOptions(split="held_out")) for index in range(4)]
    plain = [canonical_svg(sample.svg, FORM).svg for sample in honest]
    cheats = [
        CHEATS[name](svg, sample.caption, FORM, random.Random(n))
        for n, (svg, sample) in enumerate(zip(plain, honest, strict=True))
    ]
    judge = Reader()
    columns = {"id": [s.id for s in honest], "caption": [s.caption for s in honest]}
    guards = GuardSection(max_view_gap=None)
    judge.letters = False
    assert reward(build(pool, judge, guards=guards), plain, **columns)["score"] == [1.0] * 4
    judge.letters = name in ("letter_shapes", "hidden_text")
    got = reward(build(pool, judge, guards=guards), cheats, **columns)
    assert got == {"score": [0.0] * 4, "validity": [0.0] * 4}


def test_without_guards_a_charmed_judge_pays_for_a_collapsed_drawing(pool):
    blank = CHEATS["collapsed"](draw(), "", FORM, random.Random(0))
    assert reward(build(pool, Charmed(), guards=None), [blank])["score"] == [1.0]
    assert reward(build(pool, Charmed(), guards=GuardSection(max_view_gap=None)), [blank])["score"] == [0.0]


def test_a_failing_judge_gives_neither_something_nor_nothing(pool):
    dark = draw().replace('fill="#fff"', 'fill="#000"')
    rewards = build(pool, Failing(), weights=ALL, batch_size=1)
    got = reward(rewards, [draw(), dark, "nothing"], reference=[draw()] * 3)
    for values in got.values():
        assert values[1] is None
        assert values[0] is not None
        assert values[2] == 0.0


def test_too_many_failures_stop_the_run(pool):
    dark = [draw("#111", x).replace('fill="#fff"', 'fill="#000"') for x in range(60, 125)]
    rewards = build(pool, Failing(), batch_size=1, defences="reduced")
    with pytest.raises(JudgeError, match=r"failed on 65 of 65 drawings, over 5%; mend the judge"):
        reward(rewards, dark)


def test_the_log_says_what_became_of_the_batch(pool):
    figures: dict[str, float] = {}
    tiny = draw().replace("0 0 200 200", "0 0 20 20")
    reward(build(pool), [draw(), f"Here: {draw()}", "", tiny], log=figures.__setitem__)
    assert figures["validity/strict"] == 0.5
    assert figures["validity/lenient"] == figures["validity/invalid"] == 0.25
    assert figures["guards/fixed_canvas"] == 0.25
    assert 0 < figures["metric/vqa"] < 1
    assert figures["seconds/reward"] > 0


def test_likeness_to_the_reference_falls_as_the_drawing_moves_away(pool):
    texts = [draw(), draw(x=95), draw(x=130), draw("#13c", 150)]
    got = reward(build(pool, weights=TermWeights(reference=1)), texts, reference=[draw()] * 4)
    assert got["reference"][0] == pytest.approx(1, abs=1e-6)
    assert got["reference"] == sorted(got["reference"], reverse=True)
    assert len(set(got["reference"])) == 4


def test_variety_is_of_the_group_only(pool):
    weights = TermWeights(variety=1)
    same = reward(build(pool, weights=weights), [draw()] * 3)["variety"]
    apart = reward(build(pool, weights=weights), [draw(), draw("#13c", 40), draw("#1c3", 150)])["variety"]
    alone = reward(build(pool, weights=weights), [draw(), draw("#13c", 40)], id=["a", "b"])["variety"]
    assert same == [0, 0, 0]
    assert min(apart) > 0.1
    assert alone == [0, 0]


@pytest.mark.parametrize(
    ("size", "rate"), [(0, 0), (150, 0.5), (300, 1), (3000, 1), (6500, 0.5), (10_000, 0), (20_000, 0)]
)
def test_length_band(size, rate):
    assert rate_length("x" * size, LengthBand()) == rate


@pytest.mark.parametrize(
    ("size", "reference", "rate"), [(400, 1000, 0.5), (800, 1000, 1), (150, 0, 0.5), (90, 100, 1)]
)
def test_a_reference_says_how_short_is_too_short(size, reference, rate):
    assert rate_length("x" * size, LengthBand(least_of_reference=0.8), "x" * reference) == rate


def test_length_is_weighed_against_the_prompts_own_drawing(pool):
    rewards = build(
        pool, weights=TermWeights(score=0, validity=0, length=1), length=LengthBand(least_of_reference=1)
    )
    short = draw()
    longer = short.replace("</svg>", '<path d="M1 1h9"/>' * 20 + "</svg>")
    rates = reward(rewards, [short, short], id=["a", "b"], reference=[short, longer])["length"]
    assert rates == [1, len(short) / len(longer)]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TermWeights(score=0, validity=0), "every weight is 0"),
        (lambda: LengthBand(free_bytes=100), "must rise"),
    ],
)
def test_sections_refuse_nonsense(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_guards_of_pictures_look_at_whatever_could_be_encouraged(pool):
    class Reader(Charmed):
        """Likes dark pictures, and reads letters in whatever is shown to it as faint."""

        looked = 0

        def rate(self, images: Any) -> Any:
            return np.array([np.clip((140 - np.asarray(image).mean()) / 20, 0.05, 1) for image in images])

        def read(self, images: Any) -> list[str]:
            faint = [np.asarray(image).mean() > 240 for image in images]
            self.looked += sum(faint)
            return [
                "x" * 20 if own and (np.asarray(image) < 200).mean() > 0.015 else ""
                for own, image in zip(faint, images, strict=True)
            ]

    plain = [draw(colour).replace('fill="#fff"', 'fill="#888"') for colour in ("#333", "#555", "#bbb")]
    letters = '<rect x="20" y="20" width="160" height="4" fill="#8c8c8c"/></svg>'
    hidden = draw("#000").replace('fill="#fff"', 'fill="#888"').replace("</svg>", letters)
    judge = Reader()
    guards = GuardSection(min_bytes=None, max_view_gap=None)
    got = reward(build(pool, judge, guards=guards), [hidden, hidden, *plain])["score"]
    assert got[:2] == [0.0, 0.0]
    assert got[2] > got[3] > got[4] > 0
    # The hidden letters bring the mean down, so that a second look is taken; the palest stays below it.
    assert judge.looked == 3


def test_repeats_do_not_hide_what_is_above_the_mean_without_them(pool):
    class Reader(Charmed):
        """Likes bright pictures best, and reads letters in dark ones."""

        def rate(self, images: Any) -> Any:
            return np.array([np.asarray(image).mean() / 255 for image in images])

        def read(self, images: Any) -> list[str]:
            return ["x" * 20 if np.asarray(image).mean() < 150 else "" for image in images]

    dark = [draw(colour).replace('fill="#fff"', 'fill="#555"') for colour in ("#000", "#111", "#222")]
    same = [draw("#eee")] * 3
    captions = [name for name in ("red", "blue", "green") for _ in range(4)]
    guards = GuardSection(min_bytes=None, max_view_gap=None, min_ink=None, max_repeats=2)
    rewards = build(pool, Reader(), guards=guards, weights=TermWeights(score=0, validity=0, aesthetic=1))
    texts = [text for one in dark for text in (*same, one)]
    got = reward(rewards, texts, id=captions, caption=captions)["aesthetic"]
    # The dark ones are below the mean only as long as the repeats are paid.
    assert got == [0.0] * 12


def test_a_low_score_does_not_keep_the_guards_away(pool):
    class Reader(Charmed):
        def read(self, images: Any) -> list[str]:
            return ["x" * 20 if (np.asarray(image) < 60).all(-1).mean() > 0.1 else "" for image in images]

    # Letters that are read take the score away; what is paid for the questions alone they must not keep.
    letters, plain = draw("#000"), draw("#ccc")
    guards = GuardSection(min_bytes=None, max_view_gap=None)
    rewards = build(pool, Reader(), guards=guards, weights=TermWeights(score=0, validity=0, vqa=1))
    assert reward(rewards, [letters, plain])["vqa"] == [0.0, 1.0]


def test_a_reference_that_cannot_be_drawn_rates_no_drawing_of_its_prompt(pool):
    rewards = build(pool, weights=TermWeights(score=0, validity=0, reference=1))
    nothing = '<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="9" viewBox="0 0 9 9"/>'
    got = reward(rewards, [draw("#333"), "no drawing"], reference=[nothing] * 2)["reference"]
    assert got == [None, None]


def test_a_reference_that_failed_is_drawn_again_next_time(pool, monkeypatch):
    rewards = build(pool, guards=None, weights=TermWeights(score=0, validity=0, reference=1))
    texts, references = [draw("#333"), draw("#555")], [draw("#333"), draw("#ccc")]
    calls: list[list[str]] = []
    render = pool.render

    def fail_once(svgs: Any) -> Any:
        calls.append(list(svgs))
        drawn = render(svgs)
        return [replace(one, image=None) for one in drawn] if len(calls) == 2 else drawn

    monkeypatch.setattr(pool, "render", fail_once)
    assert reward(rewards, texts, reference=references)["reference"] == [None, None]
    got = reward(rewards, texts, step=1, reference=references)["reference"]
    assert got[0] == 1
    assert 0 < got[1] < 1
    # Two of drawings, and both references at once, each time that they are not there.
    assert [len(call) for call in calls] == [2, 2, 2, 2]
