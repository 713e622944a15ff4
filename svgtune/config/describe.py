"""Looks into recipe classes: which keys there are, of what type, and what they are for."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union

from pydantic.fields import FieldInfo

from svgtune.config.base import Section

_PLAIN_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
_REQUIRED: Any = object()
_PATH_STARTS = ("recipes/", "models/", "runs/", "./", "../", "/")
# A prompt may begin like a path and be a caption all the same; the stage tells a file from a text itself.
_TEXT_KEYS = frozenset({"prompts"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a recipe as ``--help`` shows it.

    Attributes:
        path: Dotted key, such as ``source.count``.
        default: As YAML would show it; None where a value must be given.
    """

    path: str
    type: str
    default: str | None
    description: str


def list_entries(cls: type[Section]) -> list[Entry]:
    """Lists every key of a recipe, sections unfolded, in the order in which they are declared."""
    return list(_walk(cls, "", None, ()))


def list_paths(cls: type[Section]) -> list[str]:
    """Lists the dotted path of every key of a recipe."""
    return [entry.path for entry in list_entries(cls)]


def find_field(cls: type[Section], path: Sequence[str | int]) -> FieldInfo | None:
    """Finds the declaration of a key; None where it is unknown or inside a free-form mapping."""
    if not path:
        return None
    for section in find_sections(cls, path[:-1]):
        if str(path[-1]) in section.model_fields:
            return section.model_fields[str(path[-1])]
    return None


def find_sections(cls: type[Section], location: Sequence[str | int]) -> list[type[Section]]:
    """Finds the section classes that may stand at a location, which may hold pydantic's union tags."""
    current = [cls]
    for part in location:
        inner = [s for c in current if part in c.model_fields for s in _sections_in(c.model_fields[part])]
        tagged = [c for c in current if part == c.__name__ or part in _tags_of(c)]
        if inner or not (tagged or isinstance(part, int)):
            current = inner
        elif tagged:
            current = tagged
    return current


def is_text(declared: FieldInfo | None) -> bool:
    """Says whether a key holds text or a path, so that ``--model 7`` stays the text ``7``."""
    return declared is not None and _is_text_type(declared.annotation)


def is_text_list(declared: FieldInfo | None) -> bool:
    """Says whether a key holds a list of texts or paths, such as prompts."""
    if declared is None:
        return False
    kinds = [k for k in _alternatives(declared.annotation) if k is not type(None)]
    return bool(kinds) and all(
        typing.get_origin(k) in (list, tuple, Sequence)
        and all(_is_text_type(a) for a in typing.get_args(k) if a is not Ellipsis)
        for k in kinds
    )


def _is_text_type(annotation: Any) -> bool:
    kinds = [k for k in _alternatives(annotation) if k is not type(None)]
    return bool(kinds) and all(
        (isinstance(k, type) and issubclass(k, (str, Path)))
        or (typing.get_origin(k) is Literal and all(isinstance(a, str) for a in typing.get_args(k)))
        for k in kinds
    )


def list_input_paths(recipe: Section, prefix: str = "") -> list[tuple[str, Path]]:
    """Lists what a recipe reads from this machine, as dotted key and path.

    That is every key of type ``Path``, and texts that only a path can be: those that start with ``recipes/``,
    ``models/``, ``runs/``, ``./``, ``../`` or ``/``. ``prompts`` are left out.
    """
    found: list[tuple[str, Path]] = []
    for name in type(recipe).model_fields:
        if name in _TEXT_KEYS:
            continue
        value = getattr(recipe, name)
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(item, Section):
                found += list_input_paths(item, f"{prefix}{name}.")
            elif isinstance(item, Path) or (isinstance(item, str) and item.startswith(_PATH_STARTS)):
                found.append((prefix + name, Path(item)))
    return found


def describe_type(annotation: Any) -> str:
    """Writes a type in words, such as ``whole number or null``."""
    return " or ".join(dict.fromkeys(_describe_one(kind) for kind in _alternatives(annotation)))


def _describe_one(kind: Any) -> str:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is type(None):
        return "null"
    if origin is Literal:
        return " | ".join(str(a) for a in args)
    if origin in (list, tuple, set, frozenset, Sequence):
        inner = [a for a in args if a is not Ellipsis]
        return "list of " + " / ".join(dict.fromkeys(describe_type(a) for a in inner)) if inner else "list"
    if origin in (dict, Mapping) or kind in (dict, Mapping):
        return "mapping"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " | ".join(str(member.value) for member in kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        return "section"
    return _PLAIN_NAMES.get(kind, getattr(kind, "__name__", str(kind)))


def _walk(
    cls: type[Section], prefix: str, default: Section | None, seen: tuple[type[Section], ...]
) -> Iterator[Entry]:
    notes = _read_notes(cls)
    for name, declared in cls.model_fields.items():
        path = prefix + name
        value = getattr(default, name) if default is not None else _default_of(declared)
        inner = [s for s in _sections_in(declared) if s not in seen]
        description = " ".join((declared.description or notes.get(name, "")).split())
        if not inner:
            shown = None if value is _REQUIRED else _show(value)
            yield Entry(path, describe_type(declared.annotation), shown, description)
            continue
        many = any(typing.get_origin(k) in (list, tuple, dict) for k in _alternatives(declared.annotation))
        if description or many or value is None:
            shown = "null" if value is None else _show(value) if many and value else ""
            yield Entry(path, describe_type(declared.annotation), shown, description)
        for section in inner:
            own = value if isinstance(value, section) else None
            dot = f"{path}[]." if many else f"{path}."
            yield from _walk(section, dot, own, (*seen, section))


def _read_notes(cls: type[Section]) -> dict[str, str]:
    """Reads the ``Attributes:`` part of the docstrings of a section and of the sections it extends."""
    notes: dict[str, str] = {}
    for ancestor in reversed(cls.__mro__):
        _, found, part = inspect.cleandoc(ancestor.__doc__ or "").partition("\nAttributes:\n")
        name = ""
        for line in part.splitlines() if found else ():
            if line and not line[0].isspace():
                break
            start = re.match(r" {4}(\w+)(?: \([^)]*\))?: +(.*)", line)
            if start:
                name = start[1]
                notes[name] = start[2]
            elif name and line.strip():
                notes[name] += " " + line.strip()
    return notes


def _default_of(declared: FieldInfo) -> Any:
    if declared.is_required():
        return _REQUIRED
    try:
        return declared.get_default(call_default_factory=True)
    except (TypeError, ValueError):
        return _REQUIRED


def _show(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Section):
        return ""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_show(v) for v in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_show(v)}" for k, v in value.items()) + "}"
    return str(value) if str(value) else "''"


def _alternatives(annotation: Any) -> list[Any]:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [kind for a in typing.get_args(annotation) for kind in _alternatives(a)]
    return [annotation]


def _sections_in(declared: FieldInfo) -> list[type[Section]]:
    found: list[type[Section]] = []
    pending = _alternatives(declared.annotation)
    while pending:
        kind = pending.pop(0)
        if typing.get_origin(kind) in (list, tuple, dict, set, Sequence, Mapping):
            pending += [a for arg in typing.get_args(kind) for a in _alternatives(arg)]
        elif isinstance(kind, type) and issubclass(kind, Section):
            found.append(kind)
    return found


def _tags_of(cls: type[Section]) -> set[Any]:
    """Returns the values by which a discriminated union may tell this section from the others."""
    return {
        value
        for declared in cls.model_fields.values()
        if typing.get_origin(declared.annotation) is Literal
        for value in typing.get_args(declared.annotation)
    }
