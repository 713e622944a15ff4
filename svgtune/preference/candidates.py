"""Drawings and their scores, read, matched and grouped by caption."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from svgtune.assets import find_asset
from svgtune.data.shards import read_rows as read_parquet
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.scoring.rows import PROMPT_KEYS, Row, parse_line, read_rows, read_text
from svgtune.metric.scoring.scores import Total, read_totals
from svgtune.records import Question
from svgtune.svg.constraints import check_svg
from svgtune.svg.repair import Validity


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the drawings of a caption.

    Attributes:
        svg: As the model wrote it, without white space around it; empty where it wrote nothing.
        strict: Whether it is valid as it was written.
        finished: Whether the model ended it by itself.
        questions: What it was judged by; empty where the scores do not say.
    """

    id: str
    caption: str
    svg: str
    strict: bool
    finished: bool
    score: float
    category: str = ""
    questions: tuple[Question, ...] = ()


def read_candidates(drawings: Path, scores: Path, max_bytes: int) -> list[list[Candidate]]:
    """Reads drawings with their scores.

    Returns:
        The drawings of each caption, both in the order of the file.

    Raises:
        MissingInputError: A file or a key is not there.
        InputError: A line cannot be used, an id comes twice, or drawings and scores do not belong together.
    """
    rows = read_rows(drawings, None)
    totals = read_totals(scores)
    _check_same_ids(rows, totals, drawings, scores)
    groups: dict[str, list[Candidate]] = {}
    for row in rows:
        total = totals[row.id]
        _check_same_drawing(row, total, scores)
        caption = " ".join(row.prompt.split())
        groups.setdefault(caption, []).append(_build_candidate(row, caption, total, max_bytes))
    return list(groups.values())


def read_captions(path: Path) -> Iterator[str]:
    """Reads captions that are kept for evaluation.

    Args:
        path: A prepared folder, of which ``held_out`` is read, or a .txt, .jsonl or .parquet file.

    Raises:
        MissingInputError: It is not there, or holds no captions.
        InputError: A line cannot be used, or the file is of another kind.
    """
    path = find_asset(path)
    if path.is_dir():
        shards = sorted(p for p in (path / "held_out").glob("*") if p.suffix in (".parquet", ".jsonl"))
        if not shards:
            raise MissingInputError(f"{path}: holds no held_out/*.parquet; give a prepared folder, or a file")
        for shard in shards:
            yield from read_captions(shard)
        return
    if not path.is_file():
        raise MissingInputError(f"{path}: is not there; give a prepared folder, or a file of captions")
    if path.suffix == ".parquet":
        yield from (str(row["caption"]) for row in read_parquet(path, ["caption"]))
    elif path.suffix in (".txt", ".jsonl"):
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            where = f"{path}:{number}"
            if line.strip() and path.suffix == ".txt":
                yield line.decode(errors="replace").strip()
            elif line.strip():
                yield read_text(parse_line(line, where), PROMPT_KEYS, where)
    else:
        raise InputError(f"{path}: is neither .txt, .jsonl nor .parquet; give captions in one of these")


def _check_same_ids(rows: list[Row], totals: dict[str, Total], drawings: Path, scores: Path) -> None:
    missing = [row.id for row in rows if row.id not in totals]
    if missing:
        raise InputError(
            f"{scores}: holds no score of {missing[0]!r} and {len(missing) - 1} others of the {len(rows)} "
            f"drawings in {drawings}; finish infer/score.py with --resume, or give their own scores"
        )
    strange = totals.keys() - {row.id for row in rows}
    if strange:
        raise InputError(
            f"{scores}: scores {min(strange)!r} and {len(strange) - 1} others that {drawings} does not hold; "
            "give the drawings that were scored"
        )


def _check_same_drawing(row: Row, total: Total, scores: Path) -> None:
    """Makes sure that the score is of this drawing, where its line tells."""
    if total.digest and replace(row, questions=total.asked).digest != total.digest:
        raise InputError(
            f"{scores}: the score of {row.id!r} is of another drawing, or of one with tricks; score these "
            "drawings anew, without tricks"
        )


def _build_candidate(row: Row, caption: str, total: Total, max_bytes: int) -> Candidate:
    # Half a surrogate pair cannot be stored.
    svg = row.svg.strip().encode(errors="replace").decode()
    is_strict = row.declared in (None, Validity.STRICT) and bool(svg) and not check_svg(svg, max_bytes)
    questions = total.asked or row.questions
    return Candidate(row.id, caption, svg, is_strict, row.finished, total.score, row.category, questions)


def describe_candidate(candidate: Candidate) -> str:
    """Returns what a person wants to know of a drawing that was not taken."""
    words = {
        "score": round(candidate.score, 4),
        "strict": candidate.strict,
        "finished": candidate.finished,
    }
    return json.dumps(words)
