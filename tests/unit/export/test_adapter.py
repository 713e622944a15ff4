from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from svgtune.config.export import CheckSection, ExportRecipe
from svgtune.errors import InputError, MissingInputError, RecipeError
from svgtune.export.adapter import check_servable, find_portable_name, read_source
from svgtune.export.stage import run
from svgtune.model.load import load_base

MakeRun = Callable[..., Path]
QUICK = CheckSection(prompts=("a red ball",), max_new_tokens=6)


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("Qwen/Qwen2.5-3B-Instruct", "Qwen/Qwen2.5-3B-Instruct"),
        ("models/nano", "models/nano"),
        ("runs/nano", "nano"),
        ("/data/llms/Qwen2.5-3B", "Qwen2.5-3B"),
        ("../bases/gemma", "gemma"),
        ("/x/hub/models--google--gemma-2-2b-it/snapshots/0123abc", "google/gemma-2-2b-it"),
    ],
)
def test_bases_are_named_without_paths_of_this_machine(base: str, name: str) -> None:
    assert find_portable_name(base) == name


@pytest.fixture
def copied(tiny_run: MakeRun, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_run(), tmp_path / "copied")


def test_a_pickle_is_refused(copied: Path) -> None:
    for suffix in ("bin", "pt"):
        weights = copied / "adapter_model.safetensors"
        weights.rename(copied / f"adapter_model.{suffix}")
        with pytest.raises(InputError, match=rf"adapter_model\.{suffix} is a pickle, which can run any code"):
            read_source(ExportRecipe(adapter=copied))
        (copied / f"adapter_model.{suffix}").rename(weights)
    torch.save({"x": torch.zeros(1)}, weights)
    with pytest.raises(InputError, match="is a pickle under another name"):
        read_source(ExportRecipe(adapter=copied))


def test_broken_weights_are_refused(copied: Path) -> None:
    weights = copied / "adapter_model.safetensors"
    whole = weights.read_bytes()
    for broken in (whole[: len(whole) // 2], whole[:4], b"", b"\xff" * 200):
        weights.write_bytes(broken)
        with pytest.raises(InputError, match="is no whole safetensors file"):
            read_source(ExportRecipe(adapter=copied))
    weights.write_bytes(whole)
    tensors = load_file(weights)
    next(iter(tensors.values()))[0, 0] = torch.nan
    save_file(tensors, weights)
    with pytest.raises(InputError, match="holds numbers that are not finite"):
        read_source(ExportRecipe(adapter=copied))
    save_file({}, weights)
    with pytest.raises(InputError, match="holds no tensors"):
        read_source(ExportRecipe(adapter=copied))


def test_what_is_no_adapter_is_named(copied: Path, tiny_base: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="give --adapter FOLDER"):
        read_source(ExportRecipe())
    with pytest.raises(MissingInputError, match="there is no folder"):
        read_source(ExportRecipe(adapter=tmp_path / "nowhere"))
    with pytest.raises(RecipeError, match="is a whole model already"):
        read_source(ExportRecipe(adapter=tiny_base()))
    config = json.loads((copied / "adapter_config.json").read_text())
    (copied / "adapter_config.json").write_text(json.dumps({**config, "peft_type": "IA3"}))
    with pytest.raises(InputError, match="is of type IA3, and only LORA"):
        read_source(ExportRecipe(adapter=copied))
    (copied / "adapter_config.json").write_text("{")
    with pytest.raises(InputError, match="is no configuration of an adapter"):
        read_source(ExportRecipe(adapter=copied, model=str(tiny_base())))


def test_a_base_of_another_name_is_refused_unless_said_to_be_the_same(
    tiny_run: MakeRun, tiny_base: Callable[..., Path], tmp_path: Path
) -> None:
    moved = shutil.copytree(tiny_base(), tmp_path / "1")
    with pytest.raises(InputError, match=r"was trained on .*qwen2, and --model is .*1; give that base"):
        read_source(ExportRecipe(adapter=tiny_run(), model=str(moved)))
    source = read_source(ExportRecipe(adapter=tiny_run(), model=str(moved), base_name="acme/qwen2"))
    assert (source.base, source.base_name) == (str(moved), "acme/qwen2")


@pytest.mark.parametrize("merged", [False, True])
def test_another_base_of_the_same_name_is_found_out(
    tiny_run: MakeRun, other_base: MakeRun, tmp_path: Path, merged: bool
) -> None:
    wide = other_base("wide/qwen2", intermediate_size=192)
    recipe = ExportRecipe(adapter=tiny_run(), model=str(wide), merged=merged, check=QUICK)
    with pytest.raises(InputError, match=r"cannot be put on .*give the base model that it was trained on"):
        run(recipe, tmp_path / "out")
    assert not (tmp_path / "out" / "README.md").exists()


def test_a_base_with_fewer_layers_is_found_out(tiny_run: MakeRun, tmp_path: Path, tiny_base: MakeRun) -> None:
    short = tmp_path / "short" / "qwen2"
    model = load_base(tiny_base())
    model.config.num_hidden_layers, model.config.layer_types = 1, model.config.layer_types[:1]
    model.model.layers = model.model.layers[:1]
    model.save_pretrained(short)
    AutoTokenizer.from_pretrained(tiny_base()).save_pretrained(short)
    with pytest.raises(InputError, match=r"does not fit .*has no place for .*layers\.1\."):
        run(ExportRecipe(adapter=tiny_run(), model=str(short), check=QUICK), tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"modules_to_save": ["embed_tokens"]}, "modules_to_save"),
        ({"use_dora": True}, "use_dora"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights pissa"),
        ({"bias": "all"}, "bias all"),
    ],
)
def test_what_vllm_refuses_is_to_be_merged(copied: Path, changes: dict[str, object], words: str) -> None:
    config = json.loads((copied / "adapter_config.json").read_text())
    (copied / "adapter_config.json").write_text(json.dumps({**config, **changes}))
    tokenizer = AutoTokenizer.from_pretrained(copied)
    with pytest.raises(InputError, match=rf"{words}.*which vLLM refuses .*export it with --merged"):
        check_servable(read_source(ExportRecipe(adapter=copied)), tokenizer, tokenizer)


def test_added_tokens_are_to_be_merged(copied: Path, tiny_base: MakeRun, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(copied)
    tokenizer.add_tokens(["<draw>"])
    tokenizer.save_pretrained(copied)
    with pytest.raises(InputError, match=r"1 added tokens such as <draw>.*export it with --merged"):
        run(ExportRecipe(adapter=copied, check=QUICK), tmp_path / "out")


def test_an_adapter_of_another_tool_takes_the_tokenizer_of_its_base(
    tiny_base: MakeRun, tmp_path: Path
) -> None:
    model = get_peft_model(load_base(tiny_base()), LoraConfig(r=2, target_modules="all-linear"))
    model.save_pretrained(tmp_path / "bare")
    export = run(ExportRecipe(adapter=tmp_path / "bare", check=QUICK, licence="mit"), tmp_path / "out")
    assert {"tokenizer.json", "chat_template.jinja", "svgtune.json"} <= export.files.keys()
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| unknown | unknown |" in card
    assert 'license: "mit"' in card
