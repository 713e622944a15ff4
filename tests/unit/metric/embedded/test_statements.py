from __future__ import annotations

import pytest

from svgtune.metric.embedded.statements import is_yes_no, state_choice


@pytest.mark.parametrize(
    ("question", "choice", "expected"),
    [
        ("What color is the crab?", "rose", "The crab is rose."),
        ("What color are the castle's roofs?", "ivory", "The castle's roofs are ivory."),
        ("Which garment is shown?", "hoodie", "The garment shown is hoodie."),
        ("How are the shapes arranged?", "in a row", "The shapes are arranged in a row."),
        ("How many cats are in the image?", "3", "There are 3 cats in the image."),
        ("How many windows does the house have?", "3", "The house has 3 windows."),
        ("What does the sky look like?", "a rainy sky", "The sky looks like a rainy sky."),
        ("What is the sky like?", "a rainy sky", "The sky is a rainy sky."),
        ("What material does the hoodie appear to be made of?", "wool",
         "The hoodie appears to be made of wool."),
        ("What pattern does the cap have?", "checkered", "The cap has checkered pattern."),
        ("What pattern covers the image?", "dots", "The dots pattern covers the image."),
        ("What stands out in the scene?", "barn", "Barn stands out in the scene."),
        ("Which of these is in the picture?", "crab", "Crab is in the picture."),
        ("Which color appears together with rust?", "silver", "The color silver appears together with rust."),
        ("What is next to the crab?", "camel", "Camel is next to the crab."),
        ("What is the setting?", "grass", "The setting is grass."),
        ("What is the prism interwoven with?", "bubbles", "The prism is interwoven with bubbles."),
        ("Where is the moon?", "at the top", "The moon is at the top."),
        ("Where is the cone relative to the cube?", "above", "The cone is above the cube."),
        ("What kind of landscape is shown?", "forest", "The kind of landscape shown is forest."),
        ("Is there a donut in the image?", "yes", "There is a donut in the image."),
        ("Is there anything gray in the image?", "yes", "There is something gray in the image."),
        ("Are the jeans peach?", "yes", "The jeans are peach."),
        ("Is the polo shirt covered in polka dots?", "yes", "The polo shirt is covered in polka dots."),
        ("Does the hat have a brim?", "yes", "The hat has a brim."),
        ("Does the image show three-dimensional shapes?", "yes",
         "The image shows three-dimensional shapes."),
        ("What next?", "rain", "What next: rain."),
    ],
)  # fmt: skip
def test_question_and_choice_become_a_sentence(question: str, choice: str, expected: str) -> None:
    statement = state_choice(question, choice)
    assert statement.text == expected
    assert not statement.negated


def test_no_negates_what_yes_says() -> None:
    yes, no = (state_choice("Is there a moon in the image?", choice) for choice in ("yes", "No"))
    assert yes.text == no.text
    assert no.negated
    assert not yes.negated


def test_yes_no_is_known_by_its_choices() -> None:
    assert is_yes_no(("no", "yes"))
    assert is_yes_no(("Yes", "No"))
    assert not is_yes_no(("no", "yes", "maybe"))
    assert not is_yes_no(("red", "blue"))


def test_every_question_of_the_teacher_has_a_rule() -> None:
    from svgtune.data.sources.scenes import sample_scene

    questions = [question for index in range(200) for question in sample_scene(3, index).questions]
    unknown = {q.text for q in questions if ": " in state_choice(q.text, q.choices[-1]).text}
    assert unknown == set()
