from __future__ import annotations

import html.parser
from dataclasses import replace
from pathlib import Path

import pytest

from svgtune.errors import MissingInputError
from svgtune.generate import gallery
from svgtune.generate.drawings import Drawing, DrawingsTable
from svgtune.svg.repair import Validity

HOSTILE = '"><script>alert(1)</script><img src=x onerror="alert(2)"> $body ${title}'
BASE = Drawing("a", "a", "a red ball", "<svg/>", Validity.STRICT, 9, 0.12, 0, rendered=True)


class Page(html.parser.HTMLParser):
    """Counts elements and collects links and event handlers."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def save_run(folder: Path, *drawings: Drawing) -> Path:
    folder.mkdir(parents=True)
    with DrawingsTable(folder, {}) as table:
        table.append(drawings)
    return folder


def test_nothing_that_a_prompt_or_model_writes_becomes_markup(tmp_path: Path) -> None:
    bad = replace(
        BASE,
        prompt=HOSTILE,
        detail=HOSTILE,
        text=HOSTILE,
        svg=None,
        rendered=False,
        validity=Validity.INVALID,
    )
    page = Page(gallery.write_gallery(save_run(tmp_path / "run", bad), title=HOSTILE))
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert not page.handlers
    assert "alert(1)" in page.text


def test_the_page_refers_to_files_beside_it_and_to_nothing_else(tmp_path: Path) -> None:
    page = Page(gallery.write_gallery(save_run(tmp_path / "run", BASE), title="x"))
    assert page.links == ["a.svg", "a.png"]


def test_a_comparison_has_a_column_a_run_and_a_row_a_prompt(tmp_path: Path) -> None:
    before = save_run(tmp_path / "b 1", BASE, replace(BASE, id="b", prompt_id="b", prompt="sea"))
    after = save_run(tmp_path / "after", replace(BASE, id="zz", prompt_id="zz"))
    page = Page(gallery.write_comparison({"before <b>": before, "after": after}, tmp_path / "out"))
    expected = "../b%201/a.svg ../b%201/a.png ../after/zz.svg ../after/zz.png ../b%201/b.svg ../b%201/b.png"
    assert page.links == expected.split()
    assert page.tags.count("section") == 2
    assert "before &lt;b&gt;" in page.text
    assert "not drawn" in page.text


def test_scores_stand_with_their_drawings_and_their_mean_in_the_heading(tmp_path: Path) -> None:
    runs = {
        "before": save_run(tmp_path / "before", BASE, replace(BASE, id="b", prompt_id="b", prompt="sea")),
        "after": save_run(tmp_path / "after", BASE),
    }
    scores = tmp_path / "scores.jsonl"
    scores.write_text('{"id": "a", "score": 0.25}\n{"id": "b", "score": 0.5}\n')
    page = Page(gallery.write_comparison(runs, tmp_path / "out", scores={"before": scores}))
    assert page.text.count("score 0.25") == 1
    assert page.text.count("mean score 0.375") == 1
    with pytest.raises(MissingInputError, match="no such file"):
        gallery.write_comparison(runs, tmp_path / "out", scores={"after": tmp_path / "none.jsonl"})


def test_a_long_run_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MAX_CARDS", 3)
    drawings = [replace(BASE, id=f"a{i}", prompt_id=f"a{i}") for i in range(5)]
    page = Page(gallery.write_gallery(save_run(tmp_path / "run", *drawings), title="x"))
    assert page.tags.count("article") == 3
    assert "The first 3 drawings" in page.text
