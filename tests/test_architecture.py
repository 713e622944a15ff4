"""The house rules that a reader relies on: which room may import which, and how long things may be."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "svgtune"
SCRIPT_FOLDERS = ("data_prep", "train", "infer", "scripts")

# An import points to a lower floor, or stays inside one room.
FLOORS = {
    "errors": 0,
    "config": 1,
    "records": 1,
    "assets": 1,
    "processor": 1,
    "threads": 1,
    "svg": 2,
    "prompts": 3,
    "runs": 3,
    "render": 3,
    "data": 4,
    "metric": 4,
    "vectorize": 4,
    "rewards": 5,
    "preference": 5,
    "model": 6,
    "generate": 7,
    "export": 8,
    "submission": 8,
    "serve": 8,
    "cli": 9,
}

MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_SCRIPT_LINES = 500, 80, 120
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
HEAVY = ("torch", "transformers", "trl", "vllm")


def list_modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def list_scripts() -> list[Path]:
    return sorted(p for folder in SCRIPT_FOLDERS for p in (ROOT / folder).glob("*.py"))


def name_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "svgtune" and len(parts) > 1 else None


def imports_of(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """Yields the modules that a file imports; with ``at_import`` only those loaded together with it."""
    known = {name_of(p) for p in list_modules()}
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if at_import and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if at_import and isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            pending.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write it out"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else str(node.module)
        pending.extend(ast.iter_child_nodes(node))


def test_every_room_has_a_floor() -> None:
    rooms = {room for p in list_modules() if (room := room_of(name_of(p)))}
    assert rooms <= FLOORS.keys(), f"give a floor to {sorted(rooms - FLOORS.keys())}"


def test_imports_point_down() -> None:
    wrong = []
    for path in list_modules():
        here = room_of(name_of(path))
        for module in imports_of(path):
            there = room_of(module)
            if here is None or there is None or here == there:
                continue
            if FLOORS[there] >= FLOORS[here]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_nothing_imports_in_a_circle() -> None:
    modules = {name_of(p): p for p in list_modules()}
    needs = {
        name: {m for m in imports_of(path, at_import=True) if m in modules and m != name}
        for name, path in modules.items()
    }
    # A package's __init__ may gather its own modules; they may name their siblings, but not the package.
    done: set[str] = set()

    def follow(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in sorted(needs[name]):
                follow(other, (*trail, name))
            done.add(name)

    for name in modules:
        follow(name, ())


def test_nothing_imports_a_script() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in [*list_modules(), *list_scripts()]
        for module in imports_of(path)
        if module.split(".")[0] in SCRIPT_FOLDERS or module in {p.stem for p in list_scripts()}
    ]
    assert wrong == []


def test_files_and_functions_stay_short() -> None:
    long = []
    for path in [*list_modules(), *list_scripts(), *sorted((ROOT / "tests").rglob("*.py"))]:
        text = path.read_text(encoding="utf-8")
        limit = MAX_SCRIPT_LINES if path.parent.name in SCRIPT_FOLDERS else MAX_FILE_LINES
        if text.count("\n") > limit:
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines, limit {limit}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines")
    assert long == []


def test_names_say_something() -> None:
    vague = [str(p.relative_to(ROOT)) for p in [*list_modules(), *list_scripts()] if p.stem in VAGUE_NAMES]
    assert vague == []


def test_script_folders_are_not_packages_and_hide_no_module() -> None:
    installed = set(importlib.metadata.packages_distributions()) | set(sys.stdlib_module_names)
    for folder in SCRIPT_FOLDERS:
        assert not (ROOT / folder / "__init__.py").exists()
    hiding = [str(p.relative_to(ROOT)) for p in list_scripts() if p.stem in installed | {"svgtune"}]
    assert hiding == []


@pytest.mark.parametrize("room", [r for r, floor in FLOORS.items() if floor < 5 or r == "cli"])
def test_lower_floors_and_the_command_line_load_without_torch(room: str) -> None:
    files = [p for p in list_modules() if room_of(name_of(p)) == room and "embedded" not in p.parts]
    names = [name_of(p) for p in files if not p.name.startswith("__main__")]
    if room == "metric":
        names = [n for n in names if n == "svgtune.metric"]
    if not names:
        pytest.skip(f"there is no svgtune.{room} yet")
    code = (
        "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]];"
        f" print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [], f"svgtune.{room} loads {done.stdout}"


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(w for extra in project["optional-dependencies"].values() for w in extra),
    ]
    declared = {re.split(r"[^\w.-]", word)[0].lower().replace("_", "-") for word in wanted}
    providers = importlib.metadata.packages_distributions()
    missing = set()
    for path in [*list_modules(), *list_scripts()]:
        for module in imports_of(path):
            top = module.split(".")[0]
            names = {name.lower().replace("_", "-") for name in providers.get(top, [])}
            if top in sys.stdlib_module_names or top == "svgtune" or not names:
                continue
            if not names & declared:
                missing.add(f"{path.relative_to(ROOT)} imports {top}")
    assert sorted(missing) == []


def test_the_package_prints_nothing() -> None:
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in list_modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []
