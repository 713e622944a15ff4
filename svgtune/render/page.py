"""The frame of the pages that show drawings: style, filters, and what is safe to put into it.

What a model wrote reaches a page only as escaped text or through an image element, where scripts do not run.
"""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template
from urllib.parse import quote


def build_page(*, title: str, body: str, note: str = "", choices: Sequence[str] = ()) -> str:
    """Returns the text of a page.

    Args:
        title: Plain text.
        body: HTML; cards and rows of class ``filterable`` carry the attributes of ``build_marks``.
        note: Plain text above the body; empty for none.
        choices: What the filter by validity offers.
    """
    template = resources.files("svgtune.render").joinpath("page.html").read_text(encoding="utf-8")
    return Template(template).substitute(
        title=html.escape(title),
        note=html.escape(note),
        choices="".join(f'<option value="{html.escape(v)}">{html.escape(v)}</option>' for v in choices),
        body=body,
    )


def build_marks(validity: str, text: str) -> str:
    """Returns the attributes that the page's filter reads."""
    return f' data-validity="{validity}" data-text="{html.escape(text.lower())}"'


def build_picture(page: Path, label: str, svg: Path, png: Path | None, *, missing: str) -> str:
    """Returns the picture of a card, which leads to the drawing.

    Args:
        page: The file that it will stand in; links are relative to it.
        label: What the picture shows, for those who do not see it.
        svg: The drawing's file.
        png: The picture's file; None where there is none.
        missing: What to say then.
    """
    label = html.escape(label)
    if png is None:
        return f'<div class="picture none" role="img" aria-label="{missing}: {label}">{missing}</div>'
    image = f'<img src="{_link(png, page)}" alt="{label}" width="384" height="384" loading="lazy">'
    return f'<a class="picture" href="{_link(svg, page)}" target="_blank" rel="noopener">{image}</a>'


def _link(path: Path, page: Path) -> str:
    return quote(Path(os.path.relpath(path, page.parent)).as_posix())
