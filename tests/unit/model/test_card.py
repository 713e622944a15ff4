from __future__ import annotations

import pytest
import yaml

from svgtune.config.form import NormalForm
from svgtune.errors import InputError
from svgtune.model.card import Traits, read_traits, write_card, write_traits
from svgtune.prompts import PromptStyle


def test_traits_survive_writing_and_reading(tmp_path):
    form = NormalForm(canvas=256, max_bytes=9000, grid=0.01, path_commands="absolute")
    traits = Traits.of_form(PromptStyle.CAPTION, form, "models/nano")
    write_traits(tmp_path, traits, data_licences={"scenes: Apache-2.0": 3})
    assert read_traits(tmp_path) == traits


def test_a_model_without_traits_is_instructed(tmp_path):
    assert read_traits(tmp_path) == Traits(PromptStyle.INSTRUCT, 200)
    assert read_traits("Qwen/Qwen2.5-0.5B-Instruct").prompt_style is PromptStyle.INSTRUCT


@pytest.mark.parametrize("text", ["{", '{"prompt_style": "sonnet"}', "[1]"])
def test_broken_traits_are_named(tmp_path, text):
    (tmp_path / "svgtune.json").write_text(text)
    with pytest.raises(InputError, match=r"svgtune\.json: is not a svgtune\.json"):
        read_traits(tmp_path)


def test_card_states_licences_figures_and_settings(tmp_path):
    write_card(
        tmp_path, title='a "quoted": title', base="models/nano", method="lora",
        licences={"openmoji: CC-BY-SA-4.0": 7}, metrics={"held_out_loss_after": 0.51239, "data": {"in": 9}},
        recipe_text="name: x\n",
    )  # fmt: skip
    text = (tmp_path / "README.md").read_text()
    header = yaml.safe_load(text.split("---")[1])
    assert header["base_model"] == "models/nano"
    assert header["library_name"] == "peft"
    assert "| openmoji: CC-BY-SA-4.0 | 7 |" in text
    assert "| held_out_loss_after | 0.5124 |" in text
    assert "```yaml\nname: x\n```" in text
