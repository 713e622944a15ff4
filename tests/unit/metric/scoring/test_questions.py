from __future__ import annotations

import json
from pathlib import Path

import pytest

from svgtune.config.score import ScoreRecipe
from svgtune.data.sources.scenes import palette, sample_scene
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.scoring.phrases import add_article, find_absent, find_colours, find_phrases
from svgtune.metric.scoring.questions import make_questions
from svgtune.metric.scoring.words import Words, measure_distance, read_words

FILE = ScoreRecipe().words


@pytest.fixture(scope="module")
def words() -> Words:
    return read_words(FILE)


def name_phrases(prompt: str, words: Words) -> list[tuple[str, tuple[str, ...], int | None]]:
    return [(phrase.noun, phrase.colours, phrase.count) for phrase in find_phrases(prompt, words)]


def test_the_colours_are_those_of_the_palette(words: Words) -> None:
    assert words.colours == {name: palette.get_hex(name) for name in palette.NAMES}


@pytest.mark.parametrize(
    ("prompt", "phrases"),
    [
        ("a red barn in a field at dusk", [("barn", ("red",), None), ("field", (), None)]),
        ("two sky blue cars", [("cars", ("sky blue",), 2)]),
        ("a lighthouse overlooking calm seas", [("lighthouse", (), None), ("seas", (), None)]),
        ("a red and white striped beanie", [("beanie", ("red", "white"), None)]),
        ("stars in coral and teal", [("stars", ("coral", "teal"), None)]),
        ("an orange and white cat", [("cat", ("orange", "white"), None)]),
        ("an orange on a table", [("orange", (), None), ("table", (), None)]),
        ("a grey wool bow tie", [("bow tie", ("gray",), None)]),
        (
            "a tan hot air balloon over a sea star",
            [("hot air balloon", ("tan",), None), ("sea star", (), None)],
        ),
        ("two mint ice cream cones", [("ice cream cones", ("mint",), 2)]),
        ("a cream frying pan", [("frying pan", ("cream",), None)]),
        ("a snowy plain at night", [("plain", (), None)]),
        ("12 kites", [("kites", (), None)]),
        ("crimson and gold", []),
    ],
)
def test_phrases(prompt: str, phrases: list[tuple[str, tuple[str, ...], int | None]], words: Words) -> None:
    assert name_phrases(prompt, words) == phrases


def test_questions_have_sorted_choices_a_possible_answer_and_both_kinds(words: Words) -> None:
    for index in range(40):
        prompt = sample_scene(5, index).caption
        questions = make_questions(prompt, words)
        assert 2 <= len(questions) <= 4, prompt
        assert len({question.text for question in questions}) == len(questions)
        assert {len(question.choices) for question in questions} == {2, 4}, prompt
        for question in questions:
            assert question.answer in question.choices
            assert list(question.choices) == sorted(set(question.choices))
            assert len(question.choices) == 4 or question.choices == ("no", "yes")
        assert questions == make_questions(prompt, words)


def test_wrong_colours_are_clearly_different_from_every_named_one(words: Words) -> None:
    for index in range(40):
        prompt = sample_scene(6, index).caption
        named = find_colours(prompt, words)
        for question in make_questions(prompt, words):
            wrong = {*question.choices} - {question.answer} if "color" in question.text else set()
            for name in wrong:
                assert all(measure_distance(words.colours[name], words.colours[n]) > 6 for n in named)


def test_what_the_prompt_names_or_implies_is_never_asked_as_absent(words: Words) -> None:
    for prompt in ("a puppy beside a yacht", "gray parka with mittens", "a dune under a moon"):
        text = json.dumps([q.text for q in make_questions(prompt, words) if q.answer == "no"])
        assert not any(word in text for word in ("cat ", "dog", "ship", "coat", "gloves", "desert")), text


def test_numbers_and_times_are_asked_for(words: Words) -> None:
    asked = {q.text: (q.choices, q.answer) for q in make_questions("three green kites at night", words, 4)}
    choices, answer = asked["How many kites are in the image?"]
    assert (len(choices), answer) == (4, "3")
    assert asked["Is it night in the image?"][1] == "yes"
    assert all(q.answer != "yes" for q in make_questions("noon", words) if "night" in q.text)


def test_what_says_nothing_gets_no_questions(words: Words) -> None:
    assert make_questions("", words) == make_questions("!? ...", words) == ()
    assert len(make_questions("serenity", words, 2)) == 2


def test_articles() -> None:
    assert [add_article(noun) for noun in ("owl", "cat", "unicorn")] == ["an owl", "a cat", "a unicorn"]


def test_word_lists_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="is not there; give --words FILE"):
        read_words(tmp_path / "none.json")
    (tmp_path / "w.json").write_text("{")
    with pytest.raises(InputError, match="is not JSON"):
        read_words(tmp_path / "w.json")
    (tmp_path / "w.json").write_text("{}")
    with pytest.raises(MissingInputError, match="has no list 'colours'"):
        read_words(tmp_path / "w.json")


@pytest.mark.parametrize(
    ("prompt", "shown", "absent"),
    [
        ("a red car without wheels", {"car"}, {"wheels"}),
        ("no people on a beach", {"beach"}, {"people"}),
        ("a house without a door or windows on a hill", {"house", "hill"}, {"door", "windows"}),
        ("no people, a red umbrella", {"umbrella"}, {"people"}),
        ("a car without wheels and a house", {"car"}, {"wheels"}),
        ("neither cats nor dogs", set(), {"cats", "dogs"}),
        ("a cat not on a mat", {"cat"}, set()),
        ("a ball without red spots", {"ball"}, set()),
        ("a bowl without fruit beside a bowl of fruit", {"bowl", "fruit"}, set()),
        ("a dog that isn't a cat", {"dog"}, set()),
    ],
)
def test_what_the_prompt_denies_is_asked_with_the_answer_no_or_not_at_all(
    prompt: str, shown: set[str], absent: set[str], words: Words
) -> None:
    assert {phrase.noun for phrase in find_phrases(prompt, words)} == shown
    assert {phrase.noun for phrase in find_absent(prompt, words)} == absent
    denied = {*["wheels", "people", "door", "windows", "house", "cats", "dogs", "mat", "spots"]} - shown
    for question in make_questions(prompt, words, 4):
        assert question.answer not in denied
        assert question.answer != "yes" or not denied & {*question.text.split()}, question


def test_a_denied_thing_is_asked_for(words: Words) -> None:
    asked = {q.text: q.answer for q in make_questions("a red car without wheels", words)}
    assert asked["Are there wheels in the image?"] == "no"
    assert asked["What color is the car?"] == "red"


def test_a_denied_colour_or_time_is_no_answer(words: Words) -> None:
    assert all(q.answer not in ("red", "yes") for q in make_questions("not red", words))
    assert all("night" not in q.text for q in make_questions("a beach, not at night", words))
    for question in make_questions("a red and not blue car on a road", words):
        assert "blue" not in question.choices


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("a bed in purple alongside a book in yellow", {"bed", "book"}),
        ("a koala together with a red cat", {"koala", "cat"}),
        ("a green farmhouse at the foot of red mountains", {"farmhouse", "mountains"}),
        ("blue circles lined up diagonally", {"circles"}),
    ],
)
def test_words_that_join_things_are_no_things(prompt: str, things: set[str], words: Words) -> None:
    assert {phrase.noun for phrase in find_phrases(prompt, words)} == things
