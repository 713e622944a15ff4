from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_models

from svgtune.config.generate import GenerateRecipe, Sampling
from svgtune.config.prompting import PromptingSection
from svgtune.errors import InputError, MissingInputError, RecipeError
from svgtune.generate import loading
from svgtune.generate.engine import Request
from svgtune.model import examples as examples_module
from svgtune.model.card import Traits, read_traits, write_traits
from svgtune.model.data import load_corpus
from svgtune.model.examples import ExampleLibrary, build_prompter, load_library
from svgtune.model.prompting import Prompter
from svgtune.model.tuning import build_wording
from svgtune.prompts import Example, PromptStyle, build_messages
from svgtune.svg.plan import split_plan

SVG = tiny_models.build_rows(1)[0]["svg"]
CAPTIONS = ("a red circle", "a red square", "a lighthouse by the sea", "two blue cars", "a Red Circle.")
TRAITS = Traits(PromptStyle.CAPTION)


def build_library(retriever: str = "words") -> ExampleLibrary:
    return ExampleLibrary((Example(caption, SVG) for caption in CAPTIONS), retriever)


def test_the_likest_caption_comes_last_and_the_same_words_never():
    found = [e.caption for e in build_library().find("the red circle on a square", 3)]
    assert found[-1] in ("a red circle", "a red square")
    assert len(found) == 3
    assert "a red circle" not in [e.caption for e in build_library().find("a red circle", 4)]
    assert [e.caption for e in build_library().find("cars", 1)] == ["two blue cars"]


def test_meaning_finds_what_shares_no_word():
    pytest.importorskip("sentence_transformers", reason="the extra judges is not installed")
    (found,) = build_library("embedding").find("an automobile, navy", 1)
    assert found.caption == "two blue cars"


def test_a_library_holds_no_caption_of_the_benchmark(tmp_path: Path, root: Path):
    line = (root / "benchmarks" / "embedded" / "benchmark.jsonl").read_text().splitlines()[0]
    known = next(v for k, v in json.loads(line).items() if k in ("caption", "prompt", "description"))
    rows = [*tiny_models.build_rows(3), {**tiny_models.build_rows(4)[3], "caption": known}]
    rows.append({**rows[0], "caption": "a broken one", "svg": "<svg><script/></svg>"})
    path = tmp_path / "library.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    library = load_library(PromptingSection(examples=2, library=path), 10_000)
    assert [e.caption for e in library.examples] == [row["caption"] for row in rows[:3]]
    path.write_text(json.dumps(rows[3]) + "\n")
    with pytest.raises(InputError, match="holds no drawing that may be shown"):
        load_library(PromptingSection(examples=2, library=path), 10_000)
    with pytest.raises(MissingInputError, match="there is no"):
        load_library(PromptingSection(examples=2, library=tmp_path / "nowhere"), 10_000)
    assert load_library(PromptingSection(), 10_000) is None


@pytest.mark.parametrize("family", ["qwen", "gemma"])
def test_examples_are_left_out_until_the_prompt_fits(family: str):
    tokenizer = tiny_models.build_tokenizer(family)
    library = build_library()

    def write(max_tokens: int | None):
        prompter = Prompter(tokenizer, TRAITS, find=library.find, examples=3, max_tokens=max_tokens)
        asked = prompter.write("a red ball")
        text = tokenizer.apply_chat_template(asked.messages, add_generation_prompt=True, tokenize=False)
        return asked, len(tokenizer(text, add_special_tokens=False)["input_ids"])

    whole, size = write(None)
    assert (len(whole.messages), whole.detail) == (7, "")
    less, smaller = write(size - 1)
    assert (len(less.messages), less.detail) == (5, "1 of 3 examples did not fit")
    assert less.messages == whole.messages[2:], "the least like goes first"
    assert smaller <= size - 1
    none, _ = write(3)
    assert none.messages == build_messages("a red ball", PromptStyle.CAPTION)
    assert none.detail == "3 of 3 examples did not fit"


def test_half_of_the_context_is_left_to_the_answer():
    tokenizer = tiny_models.build_tokenizer("qwen")
    section = PromptingSection()
    for context, answer, room in ((1024, 1024, 512), (8192, 1024, 7168), (None, 100, None)):
        prompter = build_prompter(section, tokenizer, TRAITS, context_tokens=context, answer_tokens=answer)
        assert prompter.max_tokens == room


def test_examples_without_a_library_are_refused():
    with pytest.raises(ValueError, match=r"examples is 2 but there is no library; give prompting.library"):
        PromptingSection(examples=2)


def test_generation_shows_examples_and_finds_the_drawing_after_the_plan(
    tiny_base, toy_data: Path, monkeypatch: pytest.MonkeyPatch
):
    recipe = GenerateRecipe(
        model=str(tiny_base()),
        prompting=PromptingSection(examples=1, library=toy_data, plan=True),
        sampling=Sampling(max_new_tokens=4),
    )
    engine = loading.load_engine(recipe, loading.choose_model(recipe))
    encoded = engine.encoder.encode("a red circle")
    text = engine.encoder.tokenizer.decode(encoded.ids)
    assert "First plan the picture" in text
    assert "# background #fff\n" in text
    assert text.count("Caption: ") == 2
    monkeypatch.setattr(engine.encoder.tokenizer, "decode", lambda *_, **__: f"# circle\n{SVG}")
    (completion,) = engine.generate([Request("a", "a red circle", 1)], recipe.sampling)
    assert (completion.plan, completion.text) == ("# circle", SVG)


def test_training_and_drawing_ask_alike_with_a_plan(tiny_base, toy_data: Path, tmp_path: Path):
    recipe = tiny_models.build_recipe(
        tiny_base(), toy_data, prompting={"examples": 1, "library": str(toy_data), "plan": True}
    )
    wording = build_wording(recipe, str(tiny_base()), 1024)
    corpus = load_corpus(recipe.data, wording)
    row = corpus.train[0]
    plan, drawing = split_plan(row["completion"][0]["content"])
    assert plan.startswith("# background")
    assert drawing.startswith("<svg")
    shown = row["prompt"][1]["content"]
    assert shown.startswith("# background")
    assert drawing not in shown, "the answer is never among the examples"
    write_traits(tmp_path, wording.traits)
    assert read_traits(tmp_path).plan


def test_only_supervised_tuning_goes_on_from_a_plan(tiny_base, toy_data: Path, tmp_path: Path):
    write_traits(tmp_path, Traits(PromptStyle.CAPTION, plan=True))
    with pytest.raises(RecipeError, match=r"writes a plan before it draws, which only train/sft\.py"):
        build_wording(tiny_models.build_dpo_recipe(tiny_base(), None), str(tiny_base()), 64, adapter=tmp_path)
    wording = build_wording(
        tiny_models.build_recipe(tiny_base(), toy_data), str(tiny_base()), 64, adapter=tmp_path
    )
    assert wording.traits.plan


def test_likeness_is_measured_for_every_caption():
    measured = examples_module._measure_words(CAPTIONS)(["a red circle", "nothing of it"])
    assert measured.shape == (2, len(CAPTIONS))
    assert np.argmax(measured[0]) in (0, 4)
    assert not measured[1].any()
