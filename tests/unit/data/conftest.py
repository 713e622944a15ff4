from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


def draw(shape: str, width: int = 24, height: int = 24) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{shape}</svg>'


def draw_circle(index: int) -> str:
    """Returns one of many drawings that look different."""
    x, y, radius = 4 + index % 5 * 4, 4 + index // 5 % 5 * 4, 2 + index % 3
    colour = f"#{index * 37 % 200:02x}{index * 91 % 200:02x}{index * 53 % 200:02x}"
    bar = f'<path fill="#{index * 71 % 256:02x}8040" d="M0 {index % 20}h24v{1 + index % 7}h-24z"/>'
    return draw(f'{bar}<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>')


WORDS = (
    *("red", "green", "blue", "small", "large", "round", "flat", "old"),
    *("new", "bright", "dark", "plain", "striped", "wooden", "golden", "silver"),
)


@pytest.fixture
def write_drawings(tmp_path: Path) -> Callable[..., Path]:
    """Writes ``count`` different captioned drawings, and more files by name, into a folder."""

    def write(count: int = 12, name: str = "drawings", **more: str | bytes) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for index in range(count):
            caption = f"{WORDS[index % 16]}-{WORDS[index // 16 % 16]}-circle-of-{WORDS[index // 3 % 16]}"
            (folder / f"{caption}_{index}.svg").write_text(draw_circle(index), encoding="utf-8")
        for file, text in more.items():
            data = text.encode() if isinstance(text, str) else text
            (folder / f"{file.replace('_', '-')}.svg").write_bytes(data)
        return folder

    return write
