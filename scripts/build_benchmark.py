"""Freezes the embedded benchmark: captions with four questions each, one third from held-out combinations.

    python scripts/build_benchmark.py --output benchmarks/embedded/benchmark.jsonl

The other two thirds stand in free.txt (the scenes' subjects in other words) and outside.txt (subjects that
the scenes do not know) beside it. It was run once: the file that ships is frozen, and scenes that are drawn
later refuse its captions.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from svgtune.cli import run_script
from svgtune.config.scenes import Category, ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.errors import InputError, OutputExistsError
from svgtune.records import Question, list_columns
from svgtune.runs import write_text_atomic

_SEED = 20_261_121
_QUESTIONS = 4
_HELD_OUT: dict[Category, int] = {"landscape": 34, "abstract": 33, "fashion": 17, "things": 16}
_YES_NO = ("no", "yes")


def read_written(path: Path, part: str) -> Iterator[dict[str, Any]]:
    """Reads captions that a person wrote: a caption a line, and under it its questions.

    A question ends with ``?``; after it stand the answer, then three wrong ones, parted by `` / ``, or
    ``yes`` or ``no``. ``## name`` begins a category.

    Raises:
        InputError: A line that is none of these, or a caption without its four questions.
    """
    category, caption, questions = "", "", []
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), "##"], 1):
        text, mark, rest = line.partition("? ")
        if mark:
            questions.append(_read_question(f"{path}:{number}", f"{text}?", rest.split(" / ")))
            continue
        if caption:
            if len(questions) != _QUESTIONS:
                raise InputError(
                    f"{path}:{number}: {caption!r} has {len(questions)} questions; write {_QUESTIONS}"
                )
            yield _build_row(part, category, caption, questions)
        if line.startswith("##"):
            category, caption = line[2:].strip(), ""
        else:
            caption = line.strip()
        questions = []


def _read_question(where: str, text: str, words: list[str]) -> Question:
    answer = words[0]
    if words in (["yes"], ["no"]):
        return Question(text, _YES_NO, answer)
    if len(set(words)) != 4:
        raise InputError(
            f"{where}: {words} are not four different choices; write answer / wrong / wrong / wrong"
        )
    return Question(text, tuple(sorted(words)), answer)


def draw_held_out() -> Iterator[dict[str, Any]]:
    """Draws captions of held-out combinations, each once."""
    for category, wanted in _HELD_OUT.items():
        options = ScenesOptions(categories={category: 1.0}, split="held_out")
        found: dict[str, dict[str, Any]] = {}
        index = 0
        while len(found) < wanted:
            sample = sample_scene(_SEED, index, options)
            found.setdefault(
                sample.caption, _build_row("held_out", category, sample.caption, list(sample.questions))
            )
            index += 1
        yield from found.values()


def _build_row(part: str, category: str, caption: str, questions: list[Question]) -> dict[str, Any]:
    return {
        "part": part,
        "category": category,
        "prompt": caption,
        **list_columns(questions),
    }


def main() -> int:
    """Writes the benchmark, unless it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--overwrite", action="store_true", help="replace a frozen benchmark")
    args = parser.parse_args()
    if args.output.exists() and not args.overwrite:
        raise OutputExistsError(
            f"{args.output}: is there, and frozen; give --overwrite to make another benchmark"
        )
    folder = Path(__file__).resolve().parent.parent / "benchmarks" / "embedded"
    rows = [*draw_held_out()]
    for part in ("free", "outside"):
        rows += read_written(folder / f"{part}.txt", part)
    lines = [
        json.dumps({"id": f"{row['part']}-{number:03}", **row}, ensure_ascii=False)
        for number, row in enumerate(rows)
    ]
    write_text_atomic(args.output, "\n".join(lines) + "\n")
    sys.stdout.write(f"{args.output}: {len(rows)} captions\n")
    return 0


if __name__ == "__main__":
    run_script(main)
