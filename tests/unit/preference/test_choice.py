from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from svgtune.config.form import NormalForm
from svgtune.config.prefer import PreferRecipe
from svgtune.preference.candidates import Candidate
from svgtune.preference.choice import CaptionGuard, Choice, choose, find_cheats
from svgtune.svg.canonical import write_head

NOBODY = CaptionGuard([], [], 0.8)
EIGHT = 8
COLOURS = ("#c32", "#06f", "#0a0")


def build(index: int, score: float, svg: str | None = None, **more: object) -> Candidate:
    values = {"caption": "a red ball", "strict": True, "finished": True, **more}
    return Candidate(id=f"d{index}", svg=f"<svg{index}/>" if svg is None else svg, score=score, **values)  # type: ignore[arg-type]


def pick(
    *group: Candidate,
    guard: CaptionGuard = NOBODY,
    cheats: Mapping[str, str] = MappingProxyType({}),
    **recipe: object,
) -> Choice:
    return choose(group, PreferRecipe.model_validate(recipe), guard, cheats)


def draw(body: str) -> str:
    return write_head(NormalForm()) + body + "</svg>"


def names(choice: Choice) -> tuple[str | None, str | None]:
    return (
        choice.best.id if choice.best else None,
        choice.rejected.id if choice.rejected else None,
    )


def test_the_best_is_set_against_the_worst_and_every_other_has_a_reason() -> None:
    choice = pick(*(build(k, score) for k, score in enumerate((0.4, 0.9, 0.2, 0.7))))
    assert names(choice) == ("d1", "d2")
    assert choice.dropped == {"d0": "not_best", "d2": "not_best", "d3": "not_best"}
    assert choice.pair_reason == ""


def test_of_equal_scores_the_shorter_and_then_the_earlier_drawing_is_the_best() -> None:
    long, short, again = build(0, 0.5, "<svg>long</svg>"), build(1, 0.5, "<svg/>"), build(2, 0.5, "<sbg/>")
    assert names(pick(long, short, again))[0] == "d1"


def test_only_strict_finished_drawings_that_score_are_chosen() -> None:
    group = (
        build(0, 0.9, strict=False),
        build(1, 0.8, finished=False),
        build(2, 0.3),
        build(3, 0.1),
        build(4, 0.0, ""),
    )
    choice = pick(*group, min_score=0.2)
    assert names(choice) == ("d2", "d3")
    reasons = {"d0": "not_strict", "d1": "cut_off", "d3": "low_score", "d4": "no_drawing"}
    assert choice.dropped == reasons
    nothing = pick(*group, min_score=0.3)
    assert names(nothing) == (None, None)
    assert nothing.dropped == {**reasons, "d2": "low_score"}


def test_whether_an_invalid_drawing_may_be_rejected_is_a_setting() -> None:
    group = (build(0, 0.9), build(1, 0.0, strict=False), build(2, 0.5))
    assert names(pick(*group)) == ("d0", "d2")
    assert names(pick(*group, pairs={"invalid_rejected": True})) == ("d0", "d1")
    cut = (build(0, 0.9), build(1, 0.0, strict=False, finished=False))
    choice = pick(*cut, pairs={"invalid_rejected": True})
    assert names(choice) == ("d0", None)
    assert choice.pair_reason == "no_rejected"


@pytest.mark.parametrize(
    ("other", "margin", "reason"),
    [(0.6, 0.1, ""), (0.61, 0.1, "small_margin"), (0.7, 0.0, "small_margin"), (0.6999, 0.0, "")],
)
def test_a_pair_needs_a_margin(other: float, margin: float, reason: str) -> None:
    choice = pick(build(0, 0.7), build(1, other), pairs={"min_margin": margin})
    assert choice.best is not None
    assert choice.pair_reason == reason


def test_a_drawing_is_not_set_against_itself() -> None:
    choice = pick(build(0, 0.9, "<svg/>"), build(1, 0.1, "<svg/>"))
    assert choice.pair_reason == "no_rejected"


def test_too_few_drawings_are_no_choice() -> None:
    assert pick(build(0, 0.9)).dropped == {"d0": "single_candidate"}
    assert set(pick(build(0, 0.9), build(1, 0.1), min_candidates=EIGHT).dropped.values()) == {
        "few_candidates"
    }


def test_captions_that_are_kept_for_evaluation_are_dropped_with_all_their_drawings() -> None:
    frozen = "on a starlit night, a rugged khaki mountain range"
    guard = CaptionGuard(["two teal owls on a brown branch at night"], ["A red  ball!"], 0.8)
    for caption, reason in (
        ("a red ball", "held_out_caption"),
        ("two teal owls on a brown branch at the night", "benchmark_caption"),
        ("...", "empty_caption"),
        (frozen, "benchmark_caption"),
    ):
        choice = pick(build(0, 0.9, caption=caption), build(1, 0.1, caption=caption), guard=guard)
        assert choice.best is None
        assert choice.dropped == {"d0": reason, "d1": reason}
    assert pick(build(0, 0.9, caption="a red bell"), build(1, 0.1, caption="a red bell"), guard=guard).best


def test_a_cheat_is_never_the_best_but_may_be_set_against_it() -> None:
    choice = pick(
        build(0, 0.9), build(1, 0.5), build(2, 0.1), cheats={"d0": "max_padding", "d2": "min_bytes"}
    )
    assert names(choice) == ("d1", "d2")
    assert choice.dropped == {"d0": "max_padding", "d2": "min_bytes"}


def test_guards_find_padding_short_drawings_and_one_drawing_for_all_captions() -> None:
    recipe = PreferRecipe()
    background = '<path d="M0 0H200V200H0z" fill="#fff"/>'
    honest = draw(background + "".join(f'<path d="M{20 * k} 20h9v{k + 9}z" fill="#c31"/>' for k in range(9)))
    groups = [
        [
            build(0, 0.5, honest.replace("#c31", COLOURS[place]), caption=f"ball {place}"),
            build(
                1,
                0.9,
                honest.replace("</svg>", "<!--" + "a ball " * 99 + "--></svg>"),
                caption=f"ball {place}",
            ),
            build(2, 0.9, draw(f'<path d="M0 0h{place}9v9z"/>'), caption=f"ball {place}"),
            build(3, 0.9, honest, caption=f"ball {place}"),
            build(4, 0.9, honest.replace("0 0 200 200", f"{place} 9 99 99"), caption=f"ball {place}"),
            build(5, 0.9, "<svg", caption=f"ball {place}", strict=False),
        ]
        for place in range(3)
    ]
    groups = [[replace(one, id=f"{one.id}-{place}") for one in group] for place, group in enumerate(groups)]
    expected = {"d1": "max_padding", "d2": "min_bytes", "d3": "max_repeats", "d4": "fixed_canvas"}
    cheats = find_cheats(groups, recipe)
    assert cheats == {f"{name}-{place}": guard for name, guard in expected.items() for place in range(3)}
    assert find_cheats(groups[:2], recipe).keys() == {name for name in cheats if name[-1] != "2"} - {
        "d3-0",
        "d3-1",
    }
    assert find_cheats(groups, recipe.model_copy(update={"guards": None})) == {}
    for place, group in enumerate(groups):
        choice = choose(group, recipe, NOBODY, cheats)
        assert choice.best is not None
        assert choice.best.id == f"d0-{place}"
