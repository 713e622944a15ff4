"""Reads a recipe from YAML and command-line overrides, and says exactly where it is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from svgtune.config.base import Section
from svgtune.config.describe import (
    describe_type,
    find_field,
    find_sections,
    is_text,
    is_text_list,
    list_paths,
)
from svgtune.errors import RecipeError

R = TypeVar("R", bound=Section)
KeyPath = tuple[str | int, ...]

# YAML 1.2's core schema. PyYAML follows 1.1, where 1e-5 is a string, `no` is false and 010 is eight.
_FLOAT = (
    r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_CORE_SCHEMA = (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789")),
)


class _CoreLoader(yaml.SafeLoader):
    """A safe loader that reads scalars by YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[Any, Any] = {}


class _CoreDumper(yaml.SafeDumper):
    """A safe dumper that quotes what ``_CoreLoader`` would misread."""

    yaml_implicit_resolvers: dict[Any, Any] = {}


for _tag, _pattern, _first in _CORE_SCHEMA:
    for _class in (_CoreLoader, _CoreDumper):
        _class.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _first)


def _read_int(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = node.value.replace("_", "")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


_CoreLoader.add_constructor("tag:yaml.org,2002:int", _read_int)


@dataclass
class _Draft:
    """A recipe's values before they are checked, and where each was written."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, str] = field(default_factory=dict)
    whole: str = "recipe"

    def place_of(self, path: KeyPath) -> str:
        """Returns ``file:line`` or ``--override`` of a key, or of the nearest key around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.whole


def read_recipe(cls: type[R], config: Path | None, overrides: Sequence[str] = ()) -> R:
    """Reads, merges and checks a recipe.

    Args:
        cls: The recipe's class.
        config: A YAML file; None starts from the class's defaults.
        overrides: Command-line words such as ``["--trainer.learning_rate", "1e-4", "--source.count=300"]``.
            A value is read as YAML, except where the key holds text or a list of texts: then every word is
            taken as typed. A flag without a value is true, one with several values is a list, and the last
            of two equal flags wins.

    Raises:
        RecipeError: With one line for each thing that is wrong: where, what, and what to write instead.
    """
    draft = _read_file(config) if config is not None else _Draft(whole=cls.__name__)
    for path, words in _split_overrides(overrides):
        _apply_override(cls, draft, path, words)
    try:
        return cls.model_validate(draft.values)
    except ValidationError as error:
        lines = dict.fromkeys(_explain(cls, draft, problem) for problem in error.errors())
        raise RecipeError("\n".join(lines)) from None


def dump_recipe(recipe: Section) -> str:
    """Writes a recipe as YAML that ``read_recipe`` reads back to an equal recipe."""
    values = recipe.model_dump(mode="json")
    return yaml.dump(values, Dumper=_CoreDumper, sort_keys=False, allow_unicode=True, width=110)


def _read_file(config: Path) -> _Draft:
    try:
        text = config.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = _near(config.name, [p.name for p in config.parent.glob("*.y*ml")])
        hint = f"did you mean {str(config.parent / near)!r}?" if near else "give the path of a YAML recipe"
        raise RecipeError(f"{config}: there is no such recipe; {hint}") from None
    except (IsADirectoryError, PermissionError) as error:
        raise RecipeError(f"{config}: cannot be read ({error.strerror}); give a YAML recipe") from None
    except UnicodeDecodeError as error:
        raise RecipeError(f"{config}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    return _compose(text, config)


def _compose(text: str, config: Path) -> _Draft:
    draft = _Draft(whole=str(config))
    loader = _CoreLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return draft
        values = _build(loader, node, (), draft.places, config, ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise RecipeError(f"{config}{line}: is not YAML ({problem}); correct that line") from None
    finally:
        loader.dispose()
    if values is None:
        return draft
    if not isinstance(values, dict):
        raise RecipeError(f"{config}:1: holds {values!r:.60}, not keys; write 'key: value' lines")
    draft.values = values
    return draft


def _build(
    loader: _CoreLoader,
    node: yaml.Node,
    path: KeyPath,
    places: dict[KeyPath, str],
    config: Path,
    around: tuple[yaml.Node, ...],
) -> Any:
    """Turns a YAML node into plain values, noting the line of every key on the way."""
    here = f"{config}:{node.start_mark.line + 1}"
    if any(node is outer for outer in around):
        raise RecipeError(f"{here}: the alias contains itself; write the values out")
    inside = (*around, node)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            places[(*path, index)] = f"{config}:{item.start_mark.line + 1}"
            items.append(_build(loader, item, (*path, index), places, config, inside))
        return items
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node, deep=True)
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise RecipeError(f"{config}:{line}: the key {key!r} is not text; put it in quotes or remove it")
        dotted = _dotted((*path, key))
        if key in values:
            first = places[(*path, key)].rpartition(":")[2]
            raise RecipeError(
                f"{config}:{line}: duplicate key {dotted!r}, first on line {first}; keep one of them"
            )
        places[(*path, key)] = f"{config}:{line}"
        values[key] = _build(loader, value_node, (*path, key), places, config, inside)
    return values


def _split_overrides(words: Sequence[str]) -> Iterator[tuple[KeyPath, list[str]]]:
    found: list[tuple[KeyPath, list[str]]] = []
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            path = tuple(name.split("."))
            if not all(path):
                raise RecipeError(f"--{name}: is not a dotted key; write --section.key VALUE")
            found.append((path, [value] if equals else []))
        elif found:
            found[-1][1].append(word)
        else:
            raise RecipeError(f"{word!r:.80}: belongs to no option; write --section.key VALUE")
    yield from found


def _apply_override(cls: type[Section], draft: _Draft, path: KeyPath, words: list[str]) -> None:
    flag = "--" + _dotted(path)
    values = draft.values
    for length, key in enumerate(path[:-1], start=1):
        inner = values.get(str(key))
        if inner is None:
            inner = _default_section(cls, path[:length]) if str(key) not in values else {}
        if not isinstance(inner, Mapping):
            raise RecipeError(
                f"{flag}: {_dotted(path[:length])!r} is {inner!r:.60}, which has no keys; set it as a whole"
            )
        values[str(key)] = inner = dict(inner)
        values = inner
    values[str(path[-1])] = _read_words(words, find_field(cls, path), flag)
    for place in [p for p in draft.places if p[: len(path)] == path]:
        del draft.places[place]
    draft.places[path] = flag


def _default_section(cls: type[Section], path: KeyPath) -> dict[str, Any]:
    """Returns the default of a section, so that an override of one key keeps the defaults of the others."""
    try:
        default = find_field(cls, path)
        value = default.get_default(call_default_factory=True) if default is not None else None
    except (TypeError, ValueError):
        return {}
    if isinstance(value, Section):
        return value.model_dump()
    return dict(value) if isinstance(value, Mapping) else {}


def _read_words(words: Sequence[str], declared: FieldInfo | None, flag: str) -> Any:
    if is_text_list(declared):
        return list(words)
    if not words:
        return True
    if is_text(declared) and len(words) == 1:
        return None if words[0] in ("null", "~") else words[0]
    read = [_read_word(word, flag) for word in words]
    return read[0] if len(read) == 1 else read


def _read_word(word: str, flag: str) -> Any:
    try:
        return yaml.load(word, Loader=_CoreLoader)
    except yaml.YAMLError:
        if word[:1] in "[{\"'":
            raise RecipeError(f"{flag}: {word!r:.80} is not YAML; check its brackets and quotes") from None
        return word


def _explain(cls: type[Section], draft: _Draft, problem: Any) -> str:
    path = _written_path(draft.values, problem["loc"])
    place, dotted = draft.place_of(path), _dotted(path)
    if problem["type"] == "extra_forbidden":
        known = sorted({name for s in find_sections(cls, problem["loc"][:-1]) for name in s.model_fields})
        return f"{place}: unknown key {dotted!r}; {_suggest(cls, path, known)}"
    declared = find_field(cls, path)
    wanted = describe_type(declared.annotation) if declared is not None else ""
    if problem["type"] == "missing":
        return f"{place}: key {dotted!r} is missing; add it" + (f" ({wanted})" if wanted else "")
    reason = re.sub(r"^(Value|Assertion) error, ", "", problem["msg"])
    reason = reason[:1].lower() + reason[1:]
    if problem["type"] in ("value_error", "assertion_error"):
        subject = f"{dotted}: " if dotted else ""
        return f"{place}: {subject}{reason}"
    return f"{place}: {dotted!r} is {problem['input']!r:.80}, but {reason}; write {wanted or 'such a value'}"


def _written_path(values: Any, location: Sequence[str | int]) -> KeyPath:
    """Drops from pydantic's location what is not a key: union tags, class names and function markers."""
    path: list[str | int] = []
    current = values
    for index, part in enumerate(location):
        if isinstance(current, Mapping) and part in current:
            path.append(part)
            current = current[str(part)]
        elif isinstance(current, list) and isinstance(part, int) and part < len(current):
            path.append(part)
            current = current[part]
        elif isinstance(current, Mapping) and index == len(location) - 1:
            path.append(part)
    return tuple(path)


def _suggest(cls: type[Section], path: KeyPath, known: Sequence[str]) -> str:
    parent, name = path[:-1], str(path[-1])
    near = _near(name.replace("-", "_"), known)
    if near:
        return f"did you mean {_dotted((*parent, near))!r}?"
    names = [(p, p.rpartition(".")[2]) for p in list_paths(cls) if p != _dotted(path)]
    elsewhere = [p for p, last in names if last == name] or [p for p, last in names if last.startswith(name)]
    if elsewhere:
        return f"did you mean {elsewhere[0]!r}?"
    return f"known keys here: {', '.join(known)}" if known else "remove it"


def _near(name: str, known: Sequence[str]) -> str | None:
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return found[0] if found else None


def _dotted(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)
