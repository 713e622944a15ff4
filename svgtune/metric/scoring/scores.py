"""The table of scores, ``scores.jsonl``: written batch by batch, whole after any interruption."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.scorer import Score
from svgtune.metric.scoring.rows import Origin, Row, parse_line, read_text
from svgtune.records import Question, build_questions
from svgtune.runs import LineFile
from svgtune.svg.repair import Validity

SCORES_FILE = "scores.jsonl"
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Mended:
    """What a drawing was worth that had to be cut out or mended first; it never counts as valid."""

    score: float
    vqa: float
    aesthetic: float
    ocr: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One line of the table.

    Attributes:
        score: The competition's; 0 where there are reasons.
        vqa: 0 where there are reasons, as the next two are.
        reasons: Why it was not judged, as snake_case words; the first is the one it is counted by, the others
            are the rules that it breaks. Empty where it was judged.
        detail: A sentence for a person; empty where it was judged.
        probabilities: For each question, of each of its choices; empty where it was not judged.
        asked: The questions, as ``text``, ``choices`` and ``answer``.
        questions: Whether the file brought them, or rules made them of the prompt.
        bytes: Of the drawing as the model wrote it.
        seed: Of its image defences; it depends on the ids of the whole file.
        digest: Tells the drawing and its questions from others.
        mended: None where that was not asked for, or there was nothing to mend.
    """

    id: str
    prompt: str
    category: str
    score: float
    vqa: float
    aesthetic: float
    ocr: float
    validity: Validity
    reasons: tuple[str, ...]
    detail: str
    probabilities: tuple[tuple[float, ...], ...]
    asked: tuple[Mapping[str, Any], ...]
    questions: Origin
    bytes: int
    seconds: float
    seed: int
    digest: str
    mended: Mended | None = None

    @property
    def reason(self) -> str | None:
        """What it is counted by where it was not judged; None where it was."""
        return self.reasons[0] if self.reasons else None

    def to_json(self) -> str:
        """Returns the row as one line, without its end."""
        # ASCII only: a model may write characters that some readers of lines take for a line's end.
        return json.dumps(_round(dataclasses.asdict(self)))

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ScoredRow:
        """Rebuilds a row; keys that it does not know are ignored."""
        values = {f.name: row[f.name] for f in dataclasses.fields(cls) if f.name in row}
        values["validity"] = Validity(values["validity"])
        values["reasons"] = tuple(values["reasons"])
        values["asked"] = tuple(values["asked"])
        values["probabilities"] = tuple(tuple(one) for one in values["probabilities"])
        mended = values.get("mended")
        if mended is not None:
            values["mended"] = Mended(**(mended | {"reasons": tuple(mended["reasons"])}))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Total:
    """What is read back of a line: enough to compare drawings by.

    Attributes:
        asked: Empty where the line holds no questions.
        digest: As in ``ScoredRow``; empty where the line, of another program, holds none.
        prompt: Empty where the line holds none.
    """

    id: str
    score: float
    asked: tuple[Question, ...] = ()
    digest: str = ""
    prompt: str = ""


def read_totals(path: Path) -> dict[str, Total]:
    """Reads the scores of drawings by id.

    Args:
        path: The output folder of ``infer/score.py``, or JSONL with ``id`` and ``score``.

    Raises:
        MissingInputError: The file or a key is not there.
        InputError: A line cannot be used, an id comes twice, or a score is no finite number.
    """
    file = path / SCORES_FILE if path.is_dir() else path
    if not file.is_file():
        raise MissingInputError(
            f"{file}: there is no such file; give the output folder of infer/score.py, or a file of scores"
        )
    totals: dict[str, Total] = {}
    places: dict[str, int] = {}
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        total = _read_total(parse_line(line, where), where)
        if total.id in totals:
            raise InputError(
                f"{where}: the id {total.id!r} is on line {places[total.id]} too; give every score its own id"
            )
        totals[total.id], places[total.id] = total, number
    if not totals:
        raise InputError(f"{file}: holds no scores; score the drawings with infer/score.py")
    return totals


def _read_total(value: Mapping[str, Any], where: str) -> Total:
    row_id = read_text(value, ("id",), where)
    score = value.get("score")
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        raise InputError(
            f"{where}, id {row_id!r}: score is {score!r:.40}, not a finite number; score this drawing anew"
        )
    try:
        asked = build_questions(value.get("asked", ()))
    except (TypeError, KeyError) as error:
        raise InputError(
            f"{where}, id {row_id!r}: asked is {value['asked']!r:.80}, not questions ({error!r}); score anew"
        ) from error
    texts = (str(value.get(key) or "") for key in ("digest", "prompt"))
    return Total(row_id, float(score), asked, *texts)


def build_scored(row: Row, score: Score, seed: int, mended: Score | None = None) -> ScoredRow:
    """Builds a line of the table."""
    return ScoredRow(
        id=row.id,
        prompt=row.prompt,
        category=row.category,
        score=score.total,
        vqa=score.vqa,
        aesthetic=score.aesthetic,
        ocr=score.ocr,
        validity=score.validity,
        reasons=_list_reasons(score),
        detail=score.detail,
        probabilities=score.probabilities,
        asked=tuple({"text": q.text, "choices": list(q.choices), "answer": q.answer} for q in row.questions),
        questions=row.origin,
        bytes=len(row.svg.encode(errors="replace")),
        seconds=score.seconds + (mended.seconds if mended else 0.0),
        seed=seed,
        digest=row.digest,
        mended=None if mended is None else _build_mended(mended),
    )


def _build_mended(score: Score) -> Mended:
    return Mended(score.total, score.vqa, score.aesthetic, score.ocr, _list_reasons(score))


class ScoresTable(LineFile):
    """Appends to a run's table; what is there after a crash is kept, but for a last line that was cut short.

    Args:
        folder: The run's folder, which is there already.
        wanted: The rows of the file by id, for what is there must be scores of them.
        seeds: The seed of each id.

    Raises:
        InputError: A line cannot be read, or is not the score of a wanted row.
    """

    def __init__(self, folder: Path, wanted: Mapping[str, Row], seeds: Mapping[str, int]) -> None:
        self.rows: dict[str, ScoredRow] = {}
        self.path = folder / SCORES_FILE
        if self.path.exists():
            self._recover(wanted, seeds)
        super().__init__(self.path)

    def append(self, rows: Iterable[ScoredRow]) -> None:
        """Writes rows so that they survive a crash of this process and of the machine."""
        new = list(rows)
        self.write_lines(row.to_json() for row in new)
        self.rows.update((row.id, row) for row in new)

    def _recover(self, wanted: Mapping[str, Row], seeds: Mapping[str, int]) -> None:
        lines = self.path.read_bytes().splitlines(keepends=True)
        whole = 0
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                break  # a row and its line end are written together
            try:
                row = ScoredRow.from_row(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{self.path}:{number}: is not a score ({error}); remove the line and go on with "
                    "--resume, or score anew with --overwrite"
                ) from error
            self._check_same(row, wanted, seeds, number)
            self.rows[row.id] = row
            whole += len(line)
        os.truncate(self.path, whole)

    def _check_same(
        self, row: ScoredRow, wanted: Mapping[str, Row], seeds: Mapping[str, int], number: int
    ) -> None:
        where = f"{self.path}:{number}"
        remedy = "resume with the same file, or choose another --output"
        if row.id not in wanted:
            raise InputError(f"{where}: scores {row.id!r}, which the drawings no longer hold; {remedy}")
        if row.digest != wanted[row.id].digest:
            raise InputError(f"{where}: {row.id!r} was another drawing, or had other questions; {remedy}")
        now = wanted[row.id]
        labels = {
            "prompt": (row.prompt, now.prompt),
            "category": (row.category, now.category),
            "questions": (row.questions, now.origin),
        }
        for name, (was, is_) in labels.items():
            if was != is_:
                raise InputError(f"{where}: {row.id!r} had {name} {was!r:.80}, now {is_!r:.80}; {remedy}")
        if row.seed != seeds[row.id]:
            raise InputError(
                f"{where}: {row.id!r} had another seed, for the ids of the drawings were others; {remedy}"
            )


def _list_reasons(score: Score) -> tuple[str, ...]:
    if score.reason is None:
        return ()
    return (score.reason, *dict.fromkeys(violation.rule for violation in score.violations))


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _round(one) for key, one in value.items()}
    return [_round(one) for one in value] if isinstance(value, (list, tuple)) else value
