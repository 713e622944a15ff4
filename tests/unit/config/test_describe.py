from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from svgtune.config import Section
from svgtune.config.describe import describe_type, is_text, list_entries, list_input_paths


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Section):
    """An inner section.

    Attributes:
        size: How large it is,
            in pixels.
    """

    size: int = 3
    colour: Colour = Colour.RED
    """Which colour it has."""


class Reading(Section):
    base: str = "models/nano"
    name: str = "nano"
    prompts: tuple[str, ...] = ("/ and \\ in red", "./a dotted line")


class Files(Section):
    folder: Path = Path("drawings")
    shards: tuple[Path, ...] = (Path("a"), Path("b"))
    prompts: tuple[str, ...] = ("../up the hill",)
    reading: Reading = Reading()


class Outer(Section):
    path: Path = Field(description="Where it is.")
    inner: Inner = Inner(size=4)
    maybe: Inner | None = None
    many: list[Inner] = []
    free: dict[str, Any] = {}


def test_entries_unfold_sections_with_the_outer_default() -> None:
    entries = {e.path: e for e in list_entries(Outer)}
    assert (entries["path"].default, entries["path"].description) == (None, "Where it is.")
    assert entries["inner.size"].default == "4"
    assert entries["inner.size"].description == "How large it is, in pixels."
    assert entries["inner.colour"].type == "red | blue"
    assert entries["inner.colour"].description == "Which colour it has."
    assert entries["maybe"].default == "null"
    assert "maybe.size" in entries
    assert "many[].size" in entries
    assert entries["free"].type == "mapping"


def test_types_read_as_words() -> None:
    assert describe_type(int | None) == "whole number or null"
    assert describe_type(list[str] | str) == "list of text or text"
    assert describe_type(Literal["a", "b"]) == "a | b"
    assert describe_type(tuple[float, ...]) == "list of number"


def test_text_keys_are_recognised() -> None:
    assert is_text(Outer.model_fields["path"])
    assert not is_text(Inner.model_fields["size"])
    assert not is_text(Outer.model_fields["free"])
    assert not is_text(None)


def test_input_paths_are_paths_and_texts_like_paths_but_no_prompts() -> None:
    assert list_input_paths(Files()) == [
        ("folder", Path("drawings")),
        ("shards", Path("a")),
        ("shards", Path("b")),
        ("reading.base", Path("models/nano")),
    ]
