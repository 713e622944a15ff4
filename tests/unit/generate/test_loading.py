from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import tiny_models
import torch
from peft import LoraConfig, get_peft_model

from svgtune.config.form import NormalForm
from svgtune.config.generate import GenerateRecipe, Sampling
from svgtune.errors import InputError, MissingInputError
from svgtune.generate import loading
from svgtune.generate.engine import Request
from svgtune.generate.transformers_engine import TransformersEngine
from svgtune.model.card import Traits, write_traits
from svgtune.model.load import load_base
from svgtune.prompts import PromptStyle
from svgtune.svg.repair import Validity, read_drawing


@pytest.fixture(scope="module")
def tiny_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base in caption style, and an adapter on it that changes what it writes."""
    folder = tmp_path_factory.mktemp("models")
    base = tiny_models.save_tiny_model(folder / "base", "qwen2")
    write_traits(base, Traits(PromptStyle.CAPTION))
    torch.manual_seed(1)
    model = get_peft_model(
        load_base(base), LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
    )
    model.save_pretrained(folder / "adapter")
    return base, folder / "adapter"


def write_text(recipe: GenerateRecipe) -> str:
    # A dozen tokens hold no drawing.
    recipe = recipe.model_copy(update={"grammar": False})
    engine = loading.load_engine(recipe, loading.choose_model(recipe))
    (completion,) = engine.generate([Request("a", "a red ball", 1)], Sampling(max_new_tokens=12))
    return completion.text


def test_an_adapter_finds_its_base_and_changes_the_drawing(tiny_pair: tuple[Path, Path]) -> None:
    base, adapter = map(str, tiny_pair)
    plain = write_text(GenerateRecipe(model=base))
    tuned = write_text(GenerateRecipe(model=base, adapter=adapter))
    assert plain != tuned
    assert write_text(GenerateRecipe(adapter=adapter)) == tuned
    assert write_text(GenerateRecipe(model=adapter)) == tuned


def test_an_adapter_that_cannot_be_merged_draws_the_same(tiny_pair: tuple[Path, Path]) -> None:
    base, adapter = map(str, tiny_pair)
    recipe = GenerateRecipe(model=base, adapter=adapter, grammar=False)
    engine = loading.load_engine(recipe, loading.choose_model(recipe))
    encoder = engine.encoder  # type: ignore[attr-defined]
    unmerged = loading.attach_adapter(load_base(base), loading.choose_model(recipe), merge=False)
    requests = [Request("a", "a red ball", 1)]
    texts = [
        next(iter(one.generate(requests, Sampling(max_new_tokens=12)))).text
        for one in (engine, TransformersEngine(unmerged, encoder))
    ]
    assert texts[0] == texts[1]


def test_traits_beside_the_model_decide_how_it_is_asked(tiny_pair: tuple[Path, Path], tmp_path: Path) -> None:
    recipe = GenerateRecipe(model=str(tiny_pair[0]))
    engine = loading.load_engine(recipe, loading.choose_model(recipe))
    assert engine.encoder.traits.prompt_style is PromptStyle.CAPTION  # type: ignore[attr-defined]
    untold = shutil.copytree(tiny_pair[0], tmp_path / "untold")
    (untold / "svgtune.json").unlink()
    recipe = GenerateRecipe(model=str(untold), normal_form={"canvas": 100})  # type: ignore[arg-type]
    traits = loading.load_engine(recipe, loading.choose_model(recipe)).encoder.traits  # type: ignore[attr-defined]
    assert (traits.prompt_style, traits.canvas) == (PromptStyle.INSTRUCT, 100)


def test_only_drawings_are_written_unless_the_recipe_says_otherwise(tiny_pair: tuple[Path, Path]) -> None:
    recipe = GenerateRecipe(model=str(tiny_pair[0]))
    engine = loading.load_engine(recipe, loading.choose_model(recipe))
    (completion,) = engine.generate([Request("a", "a red ball", 1)], Sampling(max_new_tokens=100))
    assert read_drawing(completion.text).validity is Validity.STRICT
    other = GenerateRecipe(model=str(tiny_pair[0]), normal_form=NormalForm(canvas=100))
    with pytest.raises(InputError, match=r"normal_form\.canvas: is 100, and .* draws on 200"):
        loading.load_engine(other, loading.choose_model(other))


def test_a_form_that_does_not_hold_what_a_model_draws_is_refused() -> None:
    traits = Traits.of_form(PromptStyle.CAPTION, NormalForm(grid=0.1, path_commands="relative"))
    choice = loading.ModelChoice("some/model", None)
    wide = GenerateRecipe(normal_form=NormalForm(grid=0.01, path_commands="shortest"))
    assert loading.find_form(wide, choice, traits) == wide.normal_form
    for form, message in (
        (NormalForm(grid=1.0, path_commands="relative"), r"normal_form\.grid: is 1\.0, and .* draws on 0\.1"),
        (NormalForm(grid=0.1, path_commands="absolute"), r"path_commands: is absolute, and .* on relative"),
    ):
        recipe = GenerateRecipe(normal_form=form)
        with pytest.raises(InputError, match=message):
            loading.find_form(recipe, choice, traits)
        assert loading.find_form(recipe, choice, Traits(PromptStyle.CAPTION)) == form
        assert loading.find_form(recipe.model_copy(update={"grammar": False}), choice, traits) is None


def test_a_base_moved_with_its_adapter_is_found_beside_it(
    tiny_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    base = shutil.copytree(tiny_pair[0], tmp_path / "base")
    adapter = shutil.copytree(tiny_pair[1], tmp_path / "adapter")
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(
        json.dumps({**config, "base_model_name_or_path": "/gone/base"})
    )
    assert loading.choose_model(GenerateRecipe(adapter=str(adapter))).base == str(base)


def test_an_adapter_for_another_base_is_refused(tiny_pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = tiny_models.save_tiny_model(tmp_path / "other", "qwen2")
    vocabulary = json.loads((other / "config.json").read_text())["vocab_size"]
    tiny_models.build_model("qwen2", vocabulary, intermediate_size=192).save_pretrained(other)
    recipe = GenerateRecipe(model=str(other), adapter=str(tiny_pair[1]))
    with pytest.raises(InputError, match=r"cannot be put on .*give the base model that it was trained on"):
        loading.load_engine(recipe, loading.choose_model(recipe))


def test_an_adapter_cut_short_is_named(tiny_pair: tuple[Path, Path], tmp_path: Path) -> None:
    base, adapter = tiny_pair
    shutil.copytree(adapter, tmp_path / "cut")
    weights = tmp_path / "cut" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    recipe = GenerateRecipe(model=str(base), adapter=str(tmp_path / "cut"))
    with pytest.raises(InputError, match=r"cut/adapter_model.safetensors is not whole .*train it again"):
        loading.load_engine(recipe, loading.choose_model(recipe))


def test_a_pickled_adapter_is_refused(tiny_pair: tuple[Path, Path], tmp_path: Path) -> None:
    adapter = shutil.copytree(tiny_pair[1], tmp_path / "adapter")
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(InputError, match="is a pickle, which can run any code"):
        loading.choose_model(GenerateRecipe(adapter=str(adapter)))


def test_missing_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no folder runs/nowhere"):
        loading.choose_model(GenerateRecipe(adapter="runs/nowhere"))
    with pytest.raises(MissingInputError, match=r"holds no adapter_config\.json"):
        loading.choose_model(GenerateRecipe(adapter=str(tmp_path)))


def test_the_shipped_drawing_model_comes_before_the_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "find_asset", lambda path: tmp_path / path)
    with pytest.raises(MissingInputError, match="neither models/nano-drawing nor models/nano is there"):
        loading.choose_model(GenerateRecipe())
    for name in ("nano", "nano-drawing"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "config.json").write_text("{}")
        assert loading.choose_model(GenerateRecipe()).base == str(tmp_path / "models" / name)
