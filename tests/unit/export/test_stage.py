from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models
import torch
import yaml
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from svgtune.config.export import CheckSection, ExportRecipe
from svgtune.config.generate import GenerateRecipe, Sampling
from svgtune.errors import InputError, OutputExistsError
from svgtune.export.agreement import check_agreement, compare_logits
from svgtune.export.merge import add_earlier_keys
from svgtune.export.stage import run
from svgtune.generate.engine import Request
from svgtune.generate.loading import choose_model, load_engine
from svgtune.model.load import load_base

MakeRun = Callable[..., Path]
QUICK = CheckSection(prompts=("a red ball",), max_new_tokens=8)
IDS = torch.tensor([[5, 40, 77, 120, 9, 33]])


def read_logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(input_ids=IDS).logits[0]


def draw(recipe: GenerateRecipe) -> str:
    # So few tokens hold no drawing.
    recipe = recipe.model_copy(update={"grammar": False})
    engine = load_engine(recipe, choose_model(recipe))
    return next(iter(engine.generate([Request("a", "a blue sea", 1)], Sampling(max_new_tokens=16)))).text


@pytest.mark.slow
@pytest.mark.parametrize("architecture", tiny_models.ARCHITECTURES)
def test_an_exported_adapter_loads_anywhere_and_draws_the_same(
    architecture: str, tiny_run: MakeRun, tiny_base: MakeRun, tmp_path: Path
) -> None:
    source, output = tiny_run(architecture), tmp_path / "export"
    export = run(ExportRecipe(adapter=source, check=QUICK), output)
    assert export.checks == {"drawings_compared": 1, "same_drawings": 1}
    assert set(export.files) == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "chat_template.jinja",
        "svgtune.json", "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    assert json.loads((output / "adapter_config.json").read_text())["base_model_name_or_path"] == architecture
    for name in export.files:
        if not name.endswith(".safetensors"):
            assert str(tmp_path.parent) not in (output / name).read_text(), name
    tuned = PeftModel.from_pretrained(load_base(tiny_base(architecture)), output)
    expected = PeftModel.from_pretrained(load_base(tiny_base(architecture)), source)
    assert torch.equal(read_logits(tuned), read_logits(expected))
    base = str(tiny_base(architecture))
    assert draw(GenerateRecipe(model=base, adapter=str(output))) == draw(GenerateRecipe(adapter=str(source)))


@pytest.mark.slow
@pytest.mark.parametrize("architecture", tiny_models.ARCHITECTURES)
def test_merged_weights_are_the_base_with_its_adapter(
    architecture: str, tiny_run: MakeRun, tiny_base: MakeRun, tmp_path: Path
) -> None:
    output = tmp_path / "export"
    recipe = ExportRecipe(adapter=tiny_run(architecture), merged=True, check=QUICK, max_shard_gb=0.0002)
    export = run(recipe, output)
    assert export.checks["divergence"] < 1e-6
    assert export.checks["same_drawings"] == 1
    merged = AutoModelForCausalLM.from_pretrained(output)
    tuned = PeftModel.from_pretrained(load_base(tiny_base(architecture)), tiny_run(architecture))
    assert torch.allclose(read_logits(merged), read_logits(tuned), atol=1e-4)
    shards = sorted(output.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert (output / "model.safetensors.index.json").is_file()
    names = [name for shard in shards for name in safe_open(shard, "pt").keys()]  # noqa: SIM118
    assert "lm_head.weight" not in names, "tied weights are kept once"
    assert all(name.startswith("model.") and ".lora_" not in name for name in names)
    stops = json.loads((output / "generation_config.json").read_text())["eos_token_id"]
    turn_end = {"qwen2": "<|im_end|>"}.get(architecture, "<end_of_turn>")
    token = AutoTokenizer.from_pretrained(output).convert_tokens_to_ids(turn_end)
    assert token in ([stops] if isinstance(stops, int) else stops)


def test_the_old_names_of_a_configuration_change_nothing(tmp_path: Path) -> None:
    for architecture in ("qwen2", "gemma3_text"):
        tiny_models.build_model(architecture, 400).save_pretrained(tmp_path / architecture)
        before = AutoConfig.from_pretrained(tmp_path / architecture).to_dict()
        add_earlier_keys(tmp_path / architecture / "config.json")
        raw = json.loads((tmp_path / architecture / "config.json").read_text())
        assert (
            AutoConfig.from_pretrained(tmp_path / architecture).rope_parameters == before["rope_parameters"]
        )
        assert raw["torch_dtype"] == raw["dtype"]
        assert raw["rope_theta"] == before["rope_parameters"].get("full_attention", raw)["rope_theta"]
    assert raw["rope_local_base_freq"] == 10_000


def test_weights_keep_the_precision_of_the_base(
    tiny_base: MakeRun, tiny_run: MakeRun, tmp_path: Path
) -> None:
    half = tmp_path / "half" / "qwen2"
    shutil.copytree(tiny_base(), half)
    load_base(tiny_base(), dtype=torch.bfloat16).save_pretrained(half)
    recipe = ExportRecipe(adapter=tiny_run(), model=str(half), merged=True, check=QUICK)
    export = run(recipe, tmp_path / "out")
    assert export.checks["precision"] == "bfloat16"
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "out").dtype is torch.bfloat16
    run(recipe.model_copy(update={"precision": "fp32"}), tmp_path / "whole")
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "whole").dtype is torch.float32


def test_embeddings_and_tokens_of_its_own_are_merged(tiny_base: MakeRun, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    tokenizer = AutoTokenizer.from_pretrained(tiny_base())
    tokenizer.add_tokens(["<draw>"])
    tokenizer.save_pretrained(folder)
    model = load_base(tiny_base())
    model.resize_token_embeddings(len(tokenizer))
    torch.manual_seed(2)
    config = LoraConfig(r=4, target_modules=["q_proj"], modules_to_save=["embed_tokens"])
    tuned = get_peft_model(model, config)
    with torch.no_grad():
        for weight in tuned.parameters():
            if weight.requires_grad:
                weight.add_(0.05)
    tuned.save_pretrained(folder)
    export = run(ExportRecipe(adapter=folder, merged=True, check=QUICK), tmp_path / "out")
    assert export.checks["divergence"] < 1e-6
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert merged.get_input_embeddings().weight.shape[0] == len(tokenizer)
    assert tokenizer("<draw>", add_special_tokens=False)["input_ids"] == [len(tokenizer) - 1]


def test_a_quantised_base_is_not_merged_into(tiny_base: MakeRun, tiny_run: MakeRun, tmp_path: Path) -> None:
    packed = shutil.copytree(tiny_base(), tmp_path / "packed" / "qwen2")
    config = json.loads((packed / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "awq", "bits": 4}
    (packed / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"is quantised by awq, .*give the unquantised base with --model"):
        run(ExportRecipe(adapter=tiny_run(), model=str(packed), merged=True, check=QUICK), tmp_path / "out")


def test_another_model_is_not_taken_for_the_same(tiny_base: MakeRun, tiny_run: MakeRun) -> None:
    base = read_logits(load_base(tiny_base()))
    tuned = read_logits(PeftModel.from_pretrained(load_base(tiny_base()), tiny_run()))
    for dtype in (torch.float32, torch.bfloat16):
        check_agreement(compare_logits([base], [base]), dtype)
        with pytest.raises(InputError, match="the merged weights diverge from the adapter"):
            check_agreement(compare_logits([tuned], [base]), dtype)
        with pytest.raises(InputError, match="diverge from the adapter by nan"):
            check_agreement(compare_logits([tuned], [tuned * torch.nan]), dtype)


def test_the_card_tells_where_the_weights_come_from(tiny_run: MakeRun, tmp_path: Path) -> None:
    later = shutil.copytree(tiny_run(), tmp_path / "later")
    (later / "recipe.yaml").write_text(
        f"name: dpo\nstart_from: {tiny_run()}\ndata: {{path: /home/me/pairs}}\n"
    )
    (later / "svgtune.json").write_text('{"prompt_style": "caption", "data_licences": {"own: MIT": 2}}')
    run(
        ExportRecipe(adapter=later, check=QUICK, hub="me/mine", licence="cc-by-4.0"),
        tmp_path / "out",
        dry_run=True,
    )
    card = (tmp_path / "out" / "README.md").read_text()
    header = yaml.safe_load(card.split("---")[1])
    assert (header["license"], header["library_name"], header["base_model"]) == ("cc-by-4.0", "peft", "qwen2")
    assert "| own: MIT | 2 |" in card
    assert "| emoji: CC-BY-4.0 | 7 |" in card, "what the adapter it began with had learned from"
    assert "| held_out_loss_after | 0.2500 |" in card
    assert "/home/me" not in card
    assert "path: pairs" in card
    assert "vllm serve qwen2 --enable-lora --max-lora-rank 8 --lora-modules svg=me/mine" in card
    assert 'PeftModel.from_pretrained(base, "me/mine")' in card


def test_a_folder_that_was_changed_is_not_uploaded_again(tiny_run: MakeRun, tmp_path: Path) -> None:
    recipe = ExportRecipe(adapter=tiny_run(), check=QUICK, hub="me/mine")
    first = run(recipe, tmp_path / "out", dry_run=True)
    assert run(recipe, tmp_path / "out", dry_run=True, resume=True) == first
    with pytest.raises(OutputExistsError, match="already holds files"):
        run(recipe, tmp_path / "out", dry_run=True)
    (tmp_path / "out" / "README.md").write_text("other")
    with pytest.raises(OutputExistsError, match="holds another export, or one that was changed"):
        run(recipe, tmp_path / "out", dry_run=True, resume=True)
