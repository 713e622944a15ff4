"""The table of drawings, ``drawings.jsonl``: written as they come, whole after any interruption."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from svgtune.errors import InputError, MissingInputError
from svgtune.runs import LineFile
from svgtune.svg.repair import Validity

DRAWINGS_FILE = "drawings.jsonl"


@dataclass(frozen=True, slots=True)
class Drawing:
    """One row of the table.

    Attributes:
        id: Unique in its run; ``<id>.svg`` and ``<id>.png`` are its files.
        prompt_id: The prompt's own id; the same as ``id`` where one drawing of each prompt is kept.
        svg: The drawing; None where the model wrote nothing that could be read as one.
        tokens: Tokens that the model wrote.
        seconds: From the moment the model began to read the prompt; drawings of a batch share the machine.
        seed: The run's seed: with the prompt and ``candidate`` it gives the same drawing again.
        finish: ``stop``, ``budget`` (ended by the grammar, as its room ran out), ``length`` (cut at the
            limit), ``time`` (given up at the deadline), ``fallback`` (made of the caption by rules, not by
            the model) or ``refused`` (the prompt was never drawn).
        logprob: Mean log probability of the tokens.
        drawn: Candidates that it was chosen from, where they were counted.
        score: By the judges that chose among candidates; None where none did, or could.
        rendered: Whether there is a PNG file.
        detail: Why it is not valid, or what else a person should know; empty for most.
        text: What the model wrote, where ``svg`` differs from it.
    """

    id: str
    prompt_id: str
    prompt: str
    svg: str | None
    validity: Validity
    tokens: int
    seconds: float
    seed: int
    candidate: int = 0
    finish: Literal["stop", "budget", "length", "time", "fallback", "refused"] = "stop"
    logprob: float | None = None
    drawn: int | None = None
    score: float | None = None
    rendered: bool = False
    detail: str = ""
    text: str | None = None

    def to_json(self) -> str:
        """Returns the row as one line, without its end."""
        row = dataclasses.asdict(self)
        row["seconds"] = round(self.seconds, 3)
        for name in ("logprob", "score"):
            row[name] = None if row[name] is None else round(row[name], 4)
        # ASCII only: a model may write characters that some readers of lines take for a line's end.
        return json.dumps(row)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Drawing:
        """Rebuilds a drawing; keys that it does not know are ignored."""
        values = {f.name: row[f.name] for f in dataclasses.fields(cls) if f.name in row}
        values.setdefault("prompt_id", values["id"])
        values["validity"] = Validity(values["validity"])
        return cls(**values)


def read_drawings(folder: Path) -> Iterator[Drawing]:
    """Yields the rows of a run's table.

    Raises:
        MissingInputError: There is no table.
        InputError: A line of it cannot be read.
    """
    path = folder / DRAWINGS_FILE
    if not path.is_file():
        raise MissingInputError(
            f"{folder}: holds no {DRAWINGS_FILE}; give the output folder of infer/generate.py"
        )
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield Drawing.from_row(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{path}:{number}: is not a drawing ({error}); go on with --resume, or draw it again"
                ) from error


class DrawingsTable(LineFile):
    """Appends to a run's table; what is there after a crash is kept as far as it is whole.

    Args:
        folder: The run's folder, which is there already.
        wanted: For every prompt's id, its text and the ids of the drawings that it is to have.
    """

    def __init__(self, folder: Path, wanted: Mapping[str, tuple[str, frozenset[str]]]) -> None:
        self.done: set[str] = set()
        self._places = {prompt_id: place for place, prompt_id in enumerate(wanted)}
        self.path = folder / DRAWINGS_FILE
        if self.path.exists():
            self._recover(wanted)
        super().__init__(self.path)

    def append(self, drawings: Iterable[Drawing]) -> None:
        """Writes rows so that they survive a crash of this process and of the machine."""
        rows = list(drawings)
        self.write_lines(row.to_json() for row in rows)
        self.done.update(row.prompt_id for row in rows)

    def sort(self) -> None:
        """Puts the rows into the order of the prompts; holds only their places in memory."""
        self._file.flush()
        spans = []
        offset = 0
        with self.path.open("rb") as source:
            for line in source:
                row = json.loads(line)
                place = self._places.get(row["prompt_id"], len(self._places))
                spans.append((place, row["candidate"], offset, len(line)))
                offset += len(line)
            if spans == sorted(spans):
                return
            temporary = self.path.with_suffix(".tmp")
            with temporary.open("wb") as target:
                for _, _, start, length in sorted(spans):
                    source.seek(start)
                    target.write(source.read(length))
                target.flush()
                os.fsync(target.fileno())
        self._file.close()
        temporary.replace(self.path)
        self._file = self.path.open("ab")

    def _recover(self, wanted: Mapping[str, tuple[str, frozenset[str]]]) -> None:
        """Keeps the rows of prompts that have all their drawings; a line cut short ends the table."""
        found: dict[str, dict[str, str]] = {}
        with self.path.open("rb") as file:
            for line in file:
                try:
                    row = json.loads(line)
                    drawing = Drawing.from_row(row)
                except (ValueError, KeyError, TypeError):
                    break
                self._check_wanted(drawing, wanted)
                found.setdefault(drawing.prompt_id, {})[drawing.id] = line.decode()
                if drawing.finish == "refused":
                    self.done.add(drawing.prompt_id)
        self.done |= {p for p, rows in found.items() if p in wanted and rows.keys() == wanted[p][1]}
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8", newline="\n") as target:
            for prompt_id in self.done:
                lines = found[prompt_id].values()
                target.writelines(line if line.endswith("\n") else f"{line}\n" for line in lines)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(self.path)

    def _check_wanted(self, drawing: Drawing, wanted: Mapping[str, tuple[str, frozenset[str]]]) -> None:
        """Refuses to go on where that would throw away what was drawn."""
        if drawing.prompt_id not in wanted:
            raise InputError(
                f"{self.path}: {drawing.prompt_id} was drawn for {drawing.prompt!r:.80}, and is none of the "
                "prompts now; resume with the same prompts, or choose another --output"
            )
        text, ids = wanted[drawing.prompt_id]
        if drawing.finish != "refused" and drawing.id not in ids:
            raise InputError(
                f"{self.path}: {drawing.id} is none of the drawings that {drawing.prompt_id} is to have now; "
                "resume with the same n and all, or choose another --output"
            )
        if text != drawing.prompt:
            raise InputError(
                f"{self.path}: {drawing.prompt_id} was drawn for {drawing.prompt!r:.80} and is now "
                f"{text!r:.80}; resume with the same prompts, or choose another --output"
            )
