"""What the documents say is there, is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    p
    for pattern in ("*.md", "recipes/**/*.md", "models/**/*.md", "docs/**/*.md", "tests/**/*.md")
    for p in ROOT.glob(pattern)
)
README = ROOT / "README.md"


def read_code_blocks(text: str) -> str:
    return "\n".join(re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))


def read_tree(text: str) -> list[str]:
    """Reads the paths of the README's tree: a code block with one path a line, nested by two spaces."""
    for block in re.findall(r"^```(?:text)?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        if re.search(r"^svgtune/", block, flags=re.MULTILINE):
            break
    else:
        return []
    paths: list[str] = []
    folders: list[str] = []
    for line in block.splitlines():
        entry = re.match(r"( *)([\w.\-]+/?(?:[\w.\-]+/?)*)(?:  .*)?$", line)
        if entry is None:
            continue
        depth = len(entry[1]) // 2
        folders = [*folders[:depth], entry[2]]
        paths.append("".join(folders))
    return paths


def test_the_tree_is_true() -> None:
    paths = read_tree(README.read_text(encoding="utf-8"))
    assert len(paths) >= 10, "the README has no tree"
    assert [p for p in paths if not (ROOT / p).exists()] == []
    rooms = {f"svgtune/{p.name}/" for p in (ROOT / "svgtune").iterdir() if (p / "__init__.py").is_file()}
    assert rooms - set(paths) == set(), "the tree leaves out rooms"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)|<(?:img|a)[^>]*(?:src|href)=\"([^\"]+)\"", text)
    targets = [(a or b).partition("#")[0] for a, b in links if "://" not in (a or b)]
    assert [t for t in targets if t and not (document.parent / t).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_exist(document: Path) -> None:
    code = read_code_blocks(document.read_text(encoding="utf-8"))
    scripts = re.findall(
        r"(?:python3?|launch(?: -\S+(?: \S+)?)*) ((?:data_prep|train|infer|scripts)/\S+\.py)", code
    )
    assert [s for s in scripts if not (ROOT / s).is_file()] == []
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert [t for t in re.findall(r"^\$? ?make ([a-z]+)", code, flags=re.MULTILINE) if t not in targets] == []
    recipes = re.findall(r"recipes/[\w./\-]+\.(?:yaml|txt)", code)
    assert [r for r in recipes if not (ROOT / r).is_file()] == []


def test_documents_name_no_path_of_one_machine() -> None:
    named = [
        str(document.relative_to(ROOT))
        for document in DOCUMENTS
        if re.search(r"(^|[\s\"'(`])/(home|root|work|Users)/", document.read_text(encoding="utf-8"))
    ]
    assert named == []
