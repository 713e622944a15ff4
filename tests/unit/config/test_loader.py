from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, field_validator

from svgtune.config import Section, dump_recipe, read_recipe
from svgtune.errors import RecipeError


class Scenes(Section):
    kind: Literal["scenes"] = "scenes"
    count: int = 10
    tags: list[str] = []


class Folder(Section):
    kind: Literal["folder"] = "folder"
    path: Path


class Form(Section):
    canvas: int = Field(200, ge=1)
    ratio: float = 0.5

    @field_validator("ratio")
    @classmethod
    def check_ratio(cls, ratio: float) -> float:
        if ratio > 1:
            raise ValueError(f"a ratio of {ratio} is above 1; give at most 1")
        return ratio


class Recipe(Section):
    name: str = "x"
    seed: int = 0
    adapter: str | None = None
    quick: bool = False
    mode: Literal["lora", "full"] = "lora"
    form: Form = Form(canvas=100)
    source: Annotated[Scenes | Folder, Field(discriminator="kind")] = Scenes(count=7)
    trainer: dict[str, Any] = {}


def write(folder: Path, text: str) -> Path:
    file = folder / "recipe.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def fail(folder: Path, text: str, *overrides: str) -> str:
    with pytest.raises(RecipeError) as caught:
        read_recipe(Recipe, write(folder, text), overrides)
    return str(caught.value).replace(str(folder) + "/", "")


def test_empty_file_and_no_file_give_the_defaults(tmp_path: Path) -> None:
    assert read_recipe(Recipe, None, []) == Recipe()
    assert read_recipe(Recipe, write(tmp_path, "# nothing\n"), []) == Recipe()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-5", 1e-5),
        ("1E5", 1e5),
        ("-.5", -0.5),
        ("010", 10),
        ("10_000", 10_000),
        ("0x10", 16),
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2026-01-02", "2026-01-02"),
        ("true", True),
        ("null", None),
        ("", None),
        ("'1e-5'", "1e-5"),
        ("[1, a, 2.0]", [1, "a", 2.0]),
        (".inf", float("inf")),
    ],
)
def test_scalars_follow_yaml_1_2(tmp_path: Path, text: str, value: object) -> None:
    recipe = read_recipe(Recipe, write(tmp_path, f"trainer:\n  key: {text}\n"), [])
    assert recipe.trainer["key"] == value
    assert type(recipe.trainer["key"]) is type(value)
    assert read_recipe(Recipe, None, [f"--trainer.key={text}"]).trainer["key"] == value


def test_duplicate_key_names_both_lines(tmp_path: Path) -> None:
    message = fail(tmp_path, "seed: 1\nform:\n  canvas: 5\n  ratio: 0.1\n  canvas: 6\n")
    assert message == "recipe.yaml:5: duplicate key 'form.canvas', first on line 3; keep one of them"


def test_unknown_key_names_line_and_near_match(tmp_path: Path) -> None:
    message = fail(tmp_path, "seed: 1\nform:\n  canvass: 5\n")
    assert message == "recipe.yaml:3: unknown key 'form.canvass'; did you mean 'form.canvas'?"


def test_unknown_key_in_a_chosen_section(tmp_path: Path) -> None:
    message = fail(tmp_path, "source:\n  kind: scenes\n  cuont: 5\n")
    assert message == "recipe.yaml:3: unknown key 'source.cuont'; did you mean 'source.count'?"
    message = fail(tmp_path, "source:\n  kind: scenes\n  zzz: 5\n")
    assert message == "recipe.yaml:3: unknown key 'source.zzz'; known keys here: count, kind, tags"


def test_unknown_key_that_stands_elsewhere(tmp_path: Path) -> None:
    assert fail(tmp_path, "canvas: 5\n").endswith("did you mean 'form.canvas'?")


def test_every_error_is_told_at_once(tmp_path: Path) -> None:
    lines = fail(tmp_path, "sead: 1\nform:\n  canvas: wide\nmode: half\n").splitlines()
    assert "recipe.yaml:1: unknown key 'sead'; did you mean 'seed'?" in lines
    assert any(li.startswith("recipe.yaml:3: 'form.canvas' is 'wide'") for li in lines)
    assert any(li.startswith("recipe.yaml:4: 'mode' is 'half'") and "lora | full" in li for li in lines)


def test_missing_key_and_wrong_kind(tmp_path: Path) -> None:
    assert (
        fail(tmp_path, "seed: 1\nsource:\n  kind: folder\n")
        == "recipe.yaml:2: key 'source.path' is missing; add it (path)"
    )
    assert fail(tmp_path, "source:\n  kind: foldr\n").startswith("recipe.yaml:1: 'source' is")


def test_validators_keep_their_own_words(tmp_path: Path) -> None:
    message = fail(tmp_path, "form:\n  ratio: 3\n")
    assert message == "recipe.yaml:2: form.ratio: a ratio of 3.0 is above 1; give at most 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n- b\n", "not keys"),
        ("a: [1\nb: 2\n", "is not YAML"),
        ("1: a\n", "is not text"),
        ("trainer: &a\n  inner: *a\n", "contains itself"),
        ("seed: !!python/object:os.system 1\n", "recipe.yaml:1: is not YAML"),
        ("a: 1\n---\nb: 2\n", "is not YAML"),
    ],
)
def test_what_is_not_a_recipe_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in fail(tmp_path, text)


def test_absent_and_binary_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "nano_lora.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        RecipeError, match=r"nano-lora.yaml: there is no such recipe; did you mean '.*nano_lora"
    ):
        read_recipe(Recipe, tmp_path / "nano-lora.yaml", [])
    with pytest.raises(RecipeError, match="is not UTF-8 text"):
        read_recipe(Recipe, tmp_path / "nano_lora.yaml", [])
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(Recipe, tmp_path, [])


def test_overrides_reach_every_level(tmp_path: Path) -> None:
    file = write(tmp_path, "seed: 1\ntrainer:\n  max_steps: 5\nsource:\n  kind: scenes\n  count: 3\n")
    words = ["--seed", "-4", "--trainer.learning_rate", "1e-4", "--source.count=300", "--quick"]
    words += ["--source.tags", "a", "b", "--form.ratio=.25", "--name", "007"]
    recipe = read_recipe(Recipe, file, words)
    assert recipe.seed == -4
    assert recipe.trainer == {"max_steps": 5, "learning_rate": 1e-4}
    assert recipe.source == Scenes(count=300, tags=["a", "b"])
    assert recipe.quick is True
    assert recipe.form == Form(canvas=100, ratio=0.25)
    assert recipe.name == "007"


def test_text_keys_take_what_is_typed() -> None:
    recipe = read_recipe(Recipe, None, ["--name", "a: b", "--adapter", "1e-5"])
    assert (recipe.name, recipe.adapter) == ("a: b", "1e-5")
    assert read_recipe(Recipe, None, ["--adapter", "null"]).adapter is None
    tags = ["--source.tags", "a: b", "no", "[", "-"]
    assert read_recipe(Recipe, None, tags).source == Scenes(count=7, tags=["a: b", "no", "[", "-"])
    assert read_recipe(Recipe, None, ["--source.tags", "7"]).source == Scenes(count=7, tags=["7"])


def test_override_replaces_a_null_section_and_the_last_one_wins(tmp_path: Path) -> None:
    file = write(tmp_path, "trainer: {}\n")
    recipe = read_recipe(Recipe, file, ["--trainer.a.b", "1", "--trainer.a.b", "2", "--seed=1", "--seed=2"])
    assert recipe.trainer == {"a": {"b": 2}}
    assert recipe.seed == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--source.cuont", "3"], "--source.cuont: unknown key 'source.cuont'; did you mean 'source.count'?"),
        (["--form.canvas", "0"], "--form.canvas: 'form.canvas' is 0"),
        (["--seed.x", "3"], "--seed.x: 'seed' is 5, which has no keys"),
        (["--form..x", "3"], "--form..x: is not a dotted key"),
        (["stray"], "'stray': belongs to no option"),
        (["--trainer.a", "[1"], "--trainer.a: '[1' is not YAML"),
        (["--seed", "1", "2"], "--seed: 'seed' is [1, 2]"),
        (["--form.canvas-px", "2"], "unknown key 'form.canvas-px'; did you mean 'form.canvas'?"),
    ],
)
def test_wrong_overrides_name_the_flag(tmp_path: Path, words: list[str], message: str) -> None:
    assert message in fail(tmp_path, "seed: 5\n", *words)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    ["1e5", "no", "on", "010", "1:30", "~", "", "true", "2026-01-02", "0x1", "a: b", "- c"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(trainer=st.dictionaries(TEXTS, VALUES, max_size=4), name=TEXTS)
def test_a_dumped_recipe_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, trainer: dict[str, Any], name: str
) -> None:
    recipe = Recipe(trainer=trainer, name=name)
    file = tmp_path_factory.getbasetemp() / "dumped.yaml"
    file.write_text(dump_recipe(recipe), encoding="utf-8")
    assert read_recipe(Recipe, file, []) == recipe
