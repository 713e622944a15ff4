"""The real vLLM on a model that is sure of little: one engine for all tests, and one for the command."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from peft import LoraConfig, get_peft_model

from svgtune.config.generate import GenerateRecipe, Sampling
from svgtune.errors import EngineError
from svgtune.generate.engine import Completion, Engine, Request
from svgtune.generate.loading import choose_model, load_engine
from svgtune.generate.vllm_engine import VllmEngine
from svgtune.model.load import load_base
from svgtune.svg.repair import Validity, read_drawing

pytestmark = pytest.mark.usefixtures("vllm")

BASE = "models/nano"
# The first is of what the model has hardly seen, so that no two drawings of it are alike.
CAPTIONS = ["a purple scarf with white stripes", "a red barn at dusk", "a lighthouse", "two blue squares"]
Key = tuple[str, int]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random adapter that changes what the model draws."""
    folder = tmp_path_factory.mktemp("adapter")
    torch.manual_seed(3)
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
    model = get_peft_model(load_base(BASE), config)
    model.save_pretrained(folder, save_embedding_layers=False)
    return folder


def load(adapter: Path, engine: str) -> Engine:
    # Without the grammar, in which a few dozen tokens hold hardly more than an empty drawing.
    values = {"engine": engine, "vllm": {"kv_cache_gib": 0.3}, "grammar": False}
    recipe = GenerateRecipe.model_validate({"model": BASE, "adapter": str(adapter), **values})
    return load_engine(recipe, choose_model(recipe))


@pytest.fixture(scope="module")
def served(vllm: None, adapter: Path) -> Iterator[VllmEngine]:
    """VLLM with the adapter beside the base."""
    engine = load(adapter, "vllm")
    assert isinstance(engine, VllmEngine)
    yield engine
    engine.close()


@pytest.fixture
def engine(served: VllmEngine, adapter: Path) -> Iterator[VllmEngine]:
    """The same engine, drawing with the base alone."""
    served.adapter = None
    yield served
    served.adapter = adapter


def ask(captions: Sequence[str] = CAPTIONS) -> list[Request]:
    return [Request(f"p{place}", caption, 100 + place) for place, caption in enumerate(captions)]


def draw(engine: Engine, requests: Sequence[Request], **options: Any) -> dict[Key, Completion]:
    found = list(engine.generate(requests, Sampling(**{"max_new_tokens": 60, **options})))
    by_key = {(c.request_id, c.candidate): c for c in found}
    assert len(by_key) == len(found)
    return by_key


def check_same(found: dict[Key, Completion], wanted: dict[Key, Completion]) -> None:
    assert found.keys() == wanted.keys()
    for key, one in wanted.items():
        same = found[key]
        assert (same.text, same.tokens, same.finish) == (one.text, one.tokens, one.finish)
        assert same.logprob == pytest.approx(one.logprob, abs=1e-3)
        assert same.seconds > 0


def test_greedy_drawings_are_those_of_transformers(engine: VllmEngine) -> None:
    recipe = GenerateRecipe(model=BASE, grammar=False)
    wanted = draw(load_engine(recipe, choose_model(recipe)), ask(), max_new_tokens=400)
    assert {c.finish for c in wanted.values()} == {"stop"}
    check_same(draw(engine, ask(), max_new_tokens=400), wanted)


def test_an_adapter_draws_beside_its_base_as_merged_into_it(served: VllmEngine, adapter: Path) -> None:
    served.adapter = None
    plain = draw(served, ask())
    served.adapter = adapter
    tuned = draw(served, ask())
    assert all(tuned[key].text != plain[key].text for key in plain)
    check_same(tuned, draw(load(adapter, "transformers"), ask()))


def test_a_seed_repeats_and_candidates_differ(engine: VllmEngine) -> None:
    few = draw(engine, ask(), n=2, temperature=1.0)
    many = draw(engine, ask()[::-1], n=4, temperature=1.0, batch_size=3)
    assert len(many) == 16
    assert len({many["p0", candidate].text for candidate in range(4)}) == 4
    # Not all of them are promised: other neighbours change the last bits of the probabilities.
    assert sum(many[key].text == one.text for key, one in few.items()) >= 6
    other = draw(engine, [Request("p0", CAPTIONS[0], 7)], n=2, temperature=1.0)
    assert other["p0", 0].text != few["p0", 0].text
    assert all(one.logprob is not None and -3 < one.logprob < 0 for one in many.values())


def test_limits_and_refusals_are_those_of_transformers(engine: VllmEngine) -> None:
    requests = ask(["a red ball", "a red ball " * 400])
    found = draw(engine, requests, max_new_tokens=20, n=2, temperature=1.0)
    assert sorted(found) == [("p0", 0), ("p0", 1), ("p1", 0)]
    assert (found["p0", 0].tokens, found["p0", 0].finish) == (20, "length")
    recipe = GenerateRecipe(model=BASE, grammar=False)
    wanted = draw(load_engine(recipe, choose_model(recipe)), requests[1:])
    assert found["p1", 0] == wanted["p1", 0]
    assert "that the model can hold; shorten it" in found["p1", 0].detail


def test_short_drawings_come_before_long_ones_are_done_and_the_rest_can_be_dropped(
    engine: VllmEngine,
) -> None:
    options = Sampling(max_new_tokens=400, n=4, temperature=1.0, batch_size=8)
    stream = engine.generate(ask(CAPTIONS * 50), options)
    first = next(stream)
    assert first.finish == "stop"
    stream.close()
    assert draw(engine, ask()[:1]).keys() == {("p0", 0)}


def test_prompts_that_do_not_fit_into_one_step_are_not_read_in_parts(engine: VllmEngine) -> None:
    captions = [f"{place} red barns" + " and a barn" * 30 for place in range(64)]
    assert sum(len(engine.encoder.encode(caption).ids) for caption in captions) > 4096
    found = draw(engine, ask(captions), max_new_tokens=2, temperature=0.7)
    assert {one.finish for one in found.values()} == {"length"}


def test_an_engine_that_is_killed_is_an_error_and_the_next_call_starts_another(engine: VllmEngine) -> None:
    before = draw(engine, ask())
    stream = engine.generate(ask(CAPTIONS * 4), Sampling(max_new_tokens=900, n=4, temperature=1.0))
    next(stream)
    for process in psutil.Process().children(recursive=True):
        if "EngineCore" in " ".join(process.cmdline()):
            process.kill()
    with pytest.raises(
        EngineError, match=r"died with \d+ drawings in the making .*exit code -9.* go on with --resume"
    ):
        list(stream)
    assert {key: one.text for key, one in draw(engine, ask()).items()} == {
        key: one.text for key, one in before.items()
    }


def test_the_command_draws_with_vllm(
    run_command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run_command(
        "infer/generate.py", "--prompts", "a red barn at dusk", "", "--engine", "vllm",
        "--vllm.in_process", "true", "--output", tmp_path / "drawn", timeout_s=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "drawn" / "drawings.jsonl").read_text().splitlines()]
    assert [row["validity"] for row in rows] == ["strict", "invalid"]
    assert (tmp_path / "drawn" / "gallery.html").stat().st_size > 1000
    assert len(list((tmp_path / "drawn").glob("*.png"))) == 1
    assert "WARNING" not in done.stderr


def test_structured_outputs_keep_the_grammar_too() -> None:
    own = {"kv_cache_gib": 0.3, "grammar_backend": "xgrammar"}
    recipe = GenerateRecipe.model_validate(
        {
            "model": BASE,
            "engine": "vllm",
            "vllm": own,
            "normal_form": {"grid": 1, "path_commands": "relative"},
        }
    )
    engine = load_engine(recipe, choose_model(recipe))
    assert isinstance(engine, VllmEngine)
    # So hot that half of what the model writes by itself is not strictly valid: 33 of 64 were not.
    found = draw(engine, ask(), max_new_tokens=900, n=4, temperature=1.5)
    engine.close()
    done = [one for one in found.values() if one.finish == "stop"]
    assert len(done) >= 8
    assert {read_drawing(one.text, recipe.normal_form).validity for one in done} == {Validity.STRICT}
