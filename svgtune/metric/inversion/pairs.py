"""Pictures and the prompts that they were made for, read from a folder and split by prompt."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from svgtune.config.inversion import PairsSection
from svgtune.errors import InputError, MissingInputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
PICTURE_COLUMNS = ("file_name", "image_name", "imgId")
PROMPT_COLUMNS = ("text", "prompt", "caption")
_TABLES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
_TABLE_SUFFIXES = (".jsonl", ".csv", ".parquet")
_WORD = re.compile(r"\w+")
# What PIL raises at a damaged picture; ValueError also at text in a PNG that unpacks to too much.
_PICTURE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture and its prompt.

    Attributes:
        where: File and line of the table, for messages.
    """

    picture: Path
    prompt: str
    where: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A row of the table that is not used, and why."""

    where: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a table holds: every row is in one of the three lists."""

    train: list[Pair]
    held_out: list[Pair]
    dropped: list[Dropped]

    def count(self) -> dict[str, Any]:
        """Returns the rows as they went: in = train + held_out + dropped by reason."""
        return {
            "in": len(self.train) + len(self.held_out) + len(self.dropped),
            "train": len(self.train),
            "held_out": len(self.held_out),
            "dropped": dict(sorted(Counter(each.reason for each in self.dropped).items())),
        }


def read_pairs(section: PairsSection, workers: int = 1) -> Pairs:
    """Reads a table, opens every picture once and splits the pairs by prompt.

    Raises:
        InputError: The table cannot be read, or too few of its rows can be used.
        MissingInputError: The folder, the table or a column is not there.
    """
    table = find_table(section)
    pictures = section.pictures if section.pictures is not None else table.parent
    found, dropped = _find_pairs(read_rows(table), table, pictures)
    readable, unreadable = _drop_unreadable(found, workers)
    dropped += unreadable
    if len({normalise(pair.prompt) for pair in readable}) < 2:
        raise InputError(
            f"{table}: {len(readable)} of {len(readable) + len(dropped)} rows can be used, and two different "
            f"prompts are needed{_describe_first(dropped)}; mend the table or the pictures"
        )
    train, held_out = split_by_prompt(readable, section.held_out_share, section.seed)
    train, near = _drop_near(train, held_out, section.near_share)
    if not train:
        raise InputError(
            f"{table}: all {len(near)} training prompts are near to held-out ones; raise data.near_share, or "
            "lower data.held_out_share"
        )
    return Pairs(train, held_out, dropped + near)


def find_table(section: PairsSection) -> Path:
    """Finds the table of a folder.

    Raises:
        MissingInputError: There is none, or no folder was given.
        InputError: Several files may be it.
    """
    if section.table is not None:
        if not section.table.is_file():
            raise MissingInputError(f"{section.table}: is no file; correct data.table")
        return section.table
    folder = section.path
    if folder is None:
        raise MissingInputError(
            "data.path: no folder of pictures and prompts was given; give --data.path DIR"
        )
    for name in _TABLES:
        if (folder / name).is_file():
            return folder / name
    files = sorted(f for f in folder.iterdir() if f.suffix in _TABLE_SUFFIXES) if folder.is_dir() else []
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise InputError(f"{folder}: {names} may all be the table of prompts; name one as data.table")
    if not files:
        raise MissingInputError(
            f"{folder}: holds no {', '.join(_TABLES)} and no other table; write one with the columns "
            "file_name and text"
        )
    return files[0]


def read_rows(table: Path) -> list[tuple[int, Mapping[str, Any]]]:
    """Reads a table; each row comes with its line, or in Parquet its number, from 1.

    Raises:
        InputError: It cannot be read.
        MissingInputError: A column is not there.
    """
    try:
        if table.suffix == ".parquet":
            import pyarrow.parquet

            rows = list(enumerate(pyarrow.parquet.read_table(table).to_pylist(), start=1))
        elif table.suffix == ".jsonl":
            lines = enumerate(table.read_text(encoding="utf-8-sig").split("\n"), start=1)
            rows = [(number, _read_line(table, number, line)) for number, line in lines if line.strip()]
        else:
            reader = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline=""))
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{table}: cannot be read ({error}); save it anew as UTF-8") from error
    if not rows:
        raise InputError(f"{table}: holds no rows; give one for each picture")
    names = {name for _, row in rows for name in row}
    for wanted in (PICTURE_COLUMNS, PROMPT_COLUMNS):
        if not names & set(wanted):
            raise MissingInputError(
                f"{table}: has the columns {sorted(map(str, names))}, but none of {', '.join(wanted)}; "
                "rename one"
            )
    return rows


def open_picture(path: Path) -> Image.Image:
    """Reads a picture as RGB.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except _PICTURE_ERRORS as error:
        raise InputError(f"{path}: cannot be read as a picture ({error}); mend or remove it") from error


def normalise(prompt: str) -> str:
    """Returns a prompt's words in lower case; equal ones count as one prompt."""
    return " ".join(_WORD.findall(prompt.lower())) or prompt.strip()


def split_by_prompt(pairs: Sequence[Pair], share: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Splits pairs into those to train on and those held out; equal prompts stay together.

    Prompts are put in an order by a hash of theirs, and the first ones are held out: at least one, and never
    all of them.

    Args:
        pairs: Of at least two prompts.
        share: Of pairs to be held out.
        seed: Changes the order.
    """
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[normalise(pair.prompt)].append(pair)
    order = sorted(groups, key=lambda key: hashlib.blake2b(f"{seed} {key}".encode()).digest())
    wanted, count, held = share * len(pairs), 0, set[str]()
    for key in order[:-1]:
        if held and count + len(groups[key]) / 2 > wanted:
            break
        held.add(key)
        count += len(groups[key])
    sides: tuple[list[Pair], list[Pair]] = ([], [])
    for pair in pairs:
        sides[normalise(pair.prompt) in held].append(pair)
    return sides


def find_near(prompts: Sequence[str], others: Sequence[str], share: float) -> dict[str, str]:
    """Finds prompts whose words are nearly those of another one.

    Two sets of words with a Jaccard index of ``share`` have at least one word in common among the rarest of
    each, ``size - ceil(share * size) + 1`` of them (prefix filtering: Chaudhuri et al. 2006, "A primitive
    operator for similarity joins in data cleaning"), so that few sets need comparing.

    Args:
        prompts: To be looked at.
        others: That they may be near to.
        share: Least Jaccard index, above 0 and up to 1.

    Returns:
        One near prompt of ``others`` for each of ``prompts`` that has one.
    """
    counts = Counter(word for text in (*prompts, *others) for word in set(normalise(text).split()))

    def sort_words(text: str) -> list[str]:
        return sorted(set(normalise(text).split()), key=lambda word: (counts[word], word))

    index: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    for text in dict.fromkeys(others):
        words = sort_words(text)
        for word in _take_prefix(words, share):
            index[word].append((frozenset(words), text))
    near: dict[str, str] = {}
    for text in dict.fromkeys(prompts):
        words = sort_words(text)
        whole = frozenset(words)
        for other, name in (hit for word in _take_prefix(words, share) for hit in index.get(word, ())):
            if len(whole & other) >= share * len(whole | other) - 1e-9:
                near[text] = name
                break
    return near


def _take_prefix(words: Sequence[str], share: float) -> Sequence[str]:
    # Rounded up, but not where only floating point has made the product too large.
    return words[: len(words) - math.ceil(share * len(words) - 1e-9) + 1]


def _drop_near(
    train: Sequence[Pair], held_out: Sequence[Pair], share: float
) -> tuple[list[Pair], list[Dropped]]:
    near = find_near([pair.prompt for pair in train], [pair.prompt for pair in held_out], share)
    kept = [pair for pair in train if pair.prompt not in near]
    dropped = [
        Dropped(pair.where, "near_held_out", f"{pair.prompt!r:.80} is near to {near[pair.prompt]!r:.80}")
        for pair in train
        if pair.prompt in near
    ]
    return kept, dropped


def _find_pairs(
    rows: Iterable[tuple[int, Mapping[str, Any]]], table: Path, pictures: Path
) -> tuple[list[Pair], list[Dropped]]:
    known = _list_stems(pictures)
    taken: dict[Path, str] = {}
    found: list[Pair] = []
    dropped: list[Dropped] = []
    for number, row in rows:
        where = f"{table.name}:{number}"
        name, prompt = _pick(row, PICTURE_COLUMNS), _pick(row, PROMPT_COLUMNS)
        path = _find_picture(name, pictures, known)
        if not name:
            dropped.append(Dropped(where, "no_file_name", "names no picture"))
        elif not prompt:
            dropped.append(Dropped(where, "empty_prompt", f"{name} has no prompt"))
        elif path is None:
            dropped.append(Dropped(where, "missing_file", f"{name} is not in {pictures}"))
        elif path in taken:
            dropped.append(Dropped(where, "repeated_picture", f"{name} was in {taken[path]} already"))
        else:
            taken[path] = where
            found.append(Pair(path, prompt, where))
    return found, dropped


def _drop_unreadable(pairs: Sequence[Pair], workers: int) -> tuple[list[Pair], list[Dropped]]:
    def check(pair: Pair) -> str:
        try:
            open_picture(pair.picture)
        except InputError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(workers) as pool:
        faults = list(pool.map(check, pairs))
    kept = [pair for pair, fault in zip(pairs, faults, strict=True) if not fault]
    dropped = [
        Dropped(pair.where, "unreadable_picture", fault)
        for pair, fault in zip(pairs, faults, strict=True)
        if fault
    ]
    return kept, dropped


def _read_line(table: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{table}:{number}: is no JSON ({error}); mend or remove the line") from error
    if not isinstance(row, dict):
        raise InputError(f"{table}:{number}: is no JSON object; write {{'file_name': ..., 'text': ...}}")
    return row


def _list_stems(pictures: Path) -> dict[str, Path]:
    files: Iterator[Path] = pictures.iterdir() if pictures.is_dir() else iter(())
    return {file.stem: file for file in sorted(files) if file.suffix.lower() in SUFFIXES}


def _find_picture(name: str, pictures: Path, known: Mapping[str, Path]) -> Path | None:
    path = pictures / name
    return path if name and path.is_file() else known.get(name)


def _pick(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    values = (row.get(column) for column in columns)
    return next((str(value).strip() for value in values if value is not None), "")


def _describe_first(dropped: Sequence[Dropped]) -> str:
    return f" (first: {dropped[0].where}, {dropped[0].detail})" if dropped else ""
