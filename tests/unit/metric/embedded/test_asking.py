from __future__ import annotations

import random

import pytest

from svgtune.metric.embedded.asking import ask_about, name_coloured
from svgtune.records import Question, Sample
from tests.unit.metric.embedded.pupils import SHADES

COLOURS = ["rose", "navy", "sky blue", "blue", "maroon", "rust"]


def build_sample(caption: str, category: str, parts: list[dict[str, object]]) -> Sample:
    return Sample(
        id="one", caption=caption, svg="", source="scenes", origin="", licence="CC0-1.0", category=category,
        facts={"parts": parts},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("caption", "colour", "named"),
    [
        ("a stone pyramid with a maroon tip in the dunes", "maroon", ("tip", "is")),
        ("an old rust castle with sky blue roofs by the sea", "sky blue", ("roofs", "are")),
        ("an old rust castle with sky blue roofs by the sea", "rust", ("castle", "is")),
        ("a maroon glass of wine", "maroon", ("glass", "is")),
        ("a sky blue torus and two rust cones", "sky blue", ("torus", "is")),
        ("a sky blue torus and two rust cones flanked by stars", "rust", ("cones", "are")),
        ("a rust striped tie", "rust", ("striped tie", "is")),
        # Of two colours neither is that of the whole.
        ("alternating navy and rose waves", "rose", None),
        ("alternating navy and rose waves", "navy", None),
        # Blue is sky blue's, and not a colour of its own; maroon stands behind; rust twice.
        ("a sky blue kite over a blue lake", "blue", None),
        ("a kite in maroon with a navy tail", "maroon", None),
        ("a rust kite over a rust lake", "rust", None),
        ("a navy-colored kite", "navy", None),
    ],
)
def test_what_has_a_colour_is_named_in_the_captions_words(
    caption: str, colour: str, named: tuple[str, str] | None
) -> None:
    assert name_coloured(colour, caption, COLOURS) == named


def test_every_colour_that_is_one_parts_own_is_asked_for() -> None:
    parts: list[dict[str, object]] = [
        {"subject": "rowboat", "colours": ["rose", "navy"], "count": 1},
        {"subject": "sea", "colours": ["cream"], "count": 1},
    ]
    sample = build_sample("a rose boat with navy oars on a sea in cream", "landscape", parts)
    asked: dict[str, Question] = {q.text: q for q in ask_about(sample, SHADES, random.Random(0))}
    assert asked["What color is the boat?"].answer == "rose"
    assert asked["What color are the oars?"].answer == "navy"
    assert asked["What color is the sea?"].answer == "cream", (
        "by its subject, where no word follows the colour"
    )
    assert "rose" in asked["What color are the oars?"].choices


def test_every_subject_is_asked_for_but_what_is_behind_and_what_is_on_a_garment() -> None:
    part = {"colours": [], "count": 1}
    hut, border = {"subject": "hut", **part}, {"subject": "border", **part}
    cuffs = {"subject": "cuffs", **part}

    def ask(category: str, *parts: dict[str, object]) -> list[str]:
        sample = build_sample("huts", category, list(parts))
        return [question.text for question in ask_about(sample, SHADES, random.Random(0))]

    assert ask("landscape", hut, border) == ["Are there huts in the image?"]
    assert ask("fashion", {"subject": "shirt", **part}, cuffs) == ["Is there a shirt in the image?"]
