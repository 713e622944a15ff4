"""SVG files on disk, listed once with their captions and read in parts."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from svgtune.config.prepare import FolderSource, TableCaptions
from svgtune.data.sources.base import Item, Listing, caption_family, clean_caption, part_bounds, read_svg_file
from svgtune.data.sources.captions import read_rows, write_captions
from svgtune.errors import InputError, MissingInputError, SvgError
from svgtune.records import Drop, Sample

_LIST_NAME = "files.jsonl"


class ListedFiles:
    """Drawings below one folder, through a listing on disk that keeps memory flat however many there are.

    Attributes:
        root: Folder that the listed names are relative to.
        origin: What stands before the file's name in a sample's origin.
    """

    is_foreign = True

    def __init__(self, name: str, root: Path, work: Path, origin: str, max_file_bytes: int) -> None:
        self.name = name
        self.root = root
        self.origin = origin
        self.licence = "unknown"
        self.category = ""
        self._work = work
        self._max_file_bytes = max_file_bytes
        self._count: int | None = None

    @property
    def list_file(self) -> Path:
        """The listing, one JSON object a line."""
        return self._work / _LIST_NAME

    @property
    def len_hint(self) -> int:
        """Drawings in the listing."""
        if self._count is None:
            with self.list_file.open("rb") as lines:
                self._count = sum(1 for _ in lines)
        return self._count

    def write_listing(self, listings: Iterable[Listing]) -> None:
        """Writes the listing whole or not at all."""
        self._work.mkdir(parents=True, exist_ok=True)
        unfinished = self.list_file.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as lines:
            for listing in listings:
                # In ASCII, for a file's name need not be UTF-8.
                lines.write(json.dumps(asdict(listing)) + "\n")
        unfinished.replace(self.list_file)
        self._count = None

    def read(self, rank: int, world: int) -> Iterator[Item]:
        """Yields the drawings of one part of the listing; a file that cannot be read is a drop."""
        with self.list_file.open(encoding="utf-8") as lines:
            for line in islice(lines, *part_bounds(self.len_hint, rank, world)):
                yield self._read_file(Listing(**json.loads(line)))

    def _read_file(self, listing: Listing) -> Item:
        sample_id, origin = f"{self.name}/{listing.file}", f"{self.origin}{listing.file}"
        try:
            svg = read_svg_file(self.root / listing.file, self._max_file_bytes)
        except SvgError as error:
            return Drop(sample_id, error.reason, str(error), self.name, origin)
        caption = clean_caption(listing.caption)
        return Sample(
            id=sample_id,
            caption=caption,
            svg=svg,
            source=self.name,
            origin=origin,
            licence=listing.licence or self.licence,
            category=listing.category or self.category,
            family=listing.family or caption_family(caption),
            facts=listing.facts or {},
        )


class FolderFiles(ListedFiles):
    """A folder of SVG files that the user has."""

    def __init__(self, section: FolderSource, work: Path) -> None:
        name = section.name or section.path.resolve().name
        super().__init__(name, section.path, work, f"{name}/", section.max_file_bytes)
        self.licence = section.licence
        self.category = section.category
        self._section = section

    def fetch(self) -> None:
        """Lists the files and their captions.

        Raises:
            InputError: The folder holds no such file, or a row of the caption table cannot be used.
            MissingInputError: The folder, the caption table or one of its columns is not there.
        """
        section = self._section
        if not section.path.is_dir():
            raise MissingInputError(f"{section.path}: there is no such folder; correct the source's path")
        if self.list_file.exists():
            return
        if isinstance(section.captions, TableCaptions):
            table = Path(section.captions.file)
            table = table if table.exists() else section.path / section.captions.file
            rows = read_rows(table)
            self.write_listing(
                write_captions(self._find_files(), section.captions, section.path, rows, table)
            )
        else:
            self.write_listing(write_captions(self._find_files(), section.captions, section.path))
        if self.len_hint == 0:
            self.list_file.unlink()  # so that a resumed run looks again
            raise InputError(
                f"{section.path}: no captioned file matches {section.pattern!r}; "
                "correct path, pattern or captions"
            )

    def _find_files(self) -> Iterator[str]:
        return find_files(self._section.path, [self._section.pattern])


def find_files(root: Path, patterns: Iterable[str], skip: Iterable[str] = ()) -> Iterator[str]:
    """Yields the relative paths of matching files, in one fixed order, a folder at a time.

    A pattern is matched against the whole relative path, and its ``*`` crosses folders.
    """
    wanted, unwanted = list(patterns), list(skip)
    for folder, below, names in os.walk(root):
        below.sort()
        for name in sorted(names):
            file = (Path(folder) / name).relative_to(root).as_posix()
            if any(fnmatch.fnmatch(file, p) for p in wanted) and not any(
                fnmatch.fnmatch(file, p) for p in unwanted
            ):
                yield file
