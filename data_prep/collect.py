"""Brings a recipe's sources to this machine as SVG files with a table of captions; see --help.

What it writes is itself a source for prepare.py: ``kind: folder`` with ``captions: {kind: table, file:
captions.jsonl, licence: licence}``.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from svgtune.cli import main
from svgtune.config import PrepareRecipe
from svgtune.data.sources import Source, build_source
from svgtune.data.sources.base import read_items
from svgtune.errors import SourceError
from svgtune.records import Sample
from svgtune.runs import open_run, write_json_atomic, write_text_atomic


def run(recipe: PrepareRecipe, output: Path, *, resume: bool, overwrite: bool) -> dict[str, Any]:
    """Collects every source into a folder of its own; one that cannot be had is reported, the others go on.

    Returns:
        For each source what it holds, as written to ``manifest.json``.

    Raises:
        SourceError: No source could be had.
    """
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    report: dict[str, Any] = {}
    for index, section in enumerate(recipe.list_sources()):
        source = build_source(section, output / ".work" / f"{index:02d}")
        name = re.sub(r"[^\w.-]+", "-", source.name).strip("-.")
        name = f"{name}-{index}" if name in report else name
        try:
            source.fetch()
        except SourceError as error:
            report[name] = {"error": str(error)}
            sys.stderr.write(f"{error}; the other sources go on\n")
            continue
        report[name] = write_source(source, output / name)
    shutil.rmtree(output / ".work", ignore_errors=True)
    write_json_atomic(output / "manifest.json", report)
    if all("error" in entry for entry in report.values()):
        raise SourceError(f"{output}: none of {len(report)} sources could be collected; see above for why")
    return report


def write_source(source: Source, folder: Path) -> dict[str, Any]:
    """Writes a source's drawings as ``000000.svg`` and so on, and last ``captions.jsonl``, their table."""
    folder.mkdir(exist_ok=True)
    rows: list[str] = []
    dropped: list[str] = []
    licences: dict[str, int] = {}
    for item in tqdm(read_items(source), total=source.len_hint, desc=source.name, unit="drawing"):
        if not isinstance(item, Sample):
            dropped.append(json.dumps(dataclasses.asdict(item), ensure_ascii=False))
            continue
        file = f"{len(rows):06d}.svg"
        (folder / file).write_text(item.svg, encoding="utf-8")
        kept = ("caption", "licence", "category", "family", "origin", "id")
        row = {"file": file} | {key: getattr(item, key) for key in kept}
        rows.append(json.dumps(row, ensure_ascii=False))
        licences[item.licence] = licences.get(item.licence, 0) + 1
    write_text_atomic(folder / "dropped.jsonl", "".join(f"{row}\n" for row in dropped))
    write_text_atomic(folder / "captions.jsonl", "".join(f"{row}\n" for row in rows))
    return {
        "in": len(rows) + len(dropped),
        "kept": len(rows),
        "dropped": len(dropped),
        "licences": licences,
    }


if __name__ == "__main__":
    sys.exit(main("collect", run=run))
