"""The SVG files of an npm package, fetched by the npm client and unpacked with care."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from svgtune.config.prepare import MetadataCaptions, NpmSource, TableCaptions
from svgtune.data.sources.captions import read_rows, write_captions
from svgtune.data.sources.folder import ListedFiles, find_files
from svgtune.errors import SourceError

_TOP_FOLDER = "package/"
_MIB = 1 << 20


class NpmFiles(ListedFiles):
    """A package at a version; its licence comes from package.json."""

    def __init__(self, section: NpmSource, work: Path) -> None:
        where = f"{section.package}@{section.version}"
        super().__init__(
            section.name or where, work / "package", work, f"npm:{where}/", section.max_file_bytes
        )
        self.category = section.category
        self._section = section
        self._where = where

    def fetch(self) -> None:
        """Fetches and unpacks the package and lists its drawings.

        Raises:
            SourceError: npm is absent, the package cannot be had, or it is not what the recipe expects.
        """
        if not self.list_file.exists():
            shutil.rmtree(self.root, ignore_errors=True)
            self._work.mkdir(parents=True, exist_ok=True)
            archive = self._download()
            self._unpack(archive)
            archive.unlink()
            self._list()
        self.licence = self._section.licence or read_licence(self.root / "package.json")

    def _download(self) -> Path:
        npm = shutil.which("npm")
        if npm is None:
            raise SourceError(
                f"{self._where}: there is no npm client on this machine; install npm or drop this source"
            )
        command = [
            npm,
            "pack",
            self._where,
            "--pack-destination",
            str(self._work),
            "--ignore-scripts",
            "--json",
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=self._section.timeout_s,
                check=False,
                cwd=self._work,
            )
        except subprocess.TimeoutExpired:
            raise SourceError(
                f"{self._where}: npm took over {self._section.timeout_s:g} s; try again or raise timeout_s"
            ) from None
        archives = sorted(self._work.glob("*.tgz"))
        if done.returncode != 0 or not archives:
            raise SourceError(
                f"{self._where}: npm could not fetch it ({describe_failure(done.stderr)}); "
                "check name, version and network"
            )
        return archives[-1]

    def _unpack(self, archive: Path) -> None:
        unfinished = self.root.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        section = self._section
        try:
            unpack_files(
                archive, unfinished, self._is_wanted, section.max_unpacked_mib * _MIB, section.max_files
            )
        except (tarfile.TarError, EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise SourceError(
                f"{self._where}: its archive cannot be unpacked ({error}); fetch it again"
            ) from None
        unfinished.replace(self.root)

    def _is_wanted(self, file: str) -> bool:
        captions = self._section.captions
        if file == "package.json":
            return True
        if isinstance(captions, TableCaptions) and file == captions.file:
            return True
        if isinstance(captions, MetadataCaptions) and file.rpartition("/")[2] == captions.file:
            return True
        if any(fnmatch.fnmatch(file, pattern) for pattern in self._section.skip):
            return False
        return any(fnmatch.fnmatch(file, pattern) for pattern in self._section.files)

    def _list(self) -> None:
        section = self._section
        files = find_files(self.root, section.files, section.skip)
        if isinstance(section.captions, TableCaptions):
            table = self.root / section.captions.file
            if not table.is_file():
                raise SourceError(
                    f"{self._where}: has no file {section.captions.file!r}; correct captions.file"
                )
            self.write_listing(write_captions(files, section.captions, self.root, read_rows(table), table))
        else:
            self.write_listing(write_captions(files, section.captions, self.root))
        if self.len_hint == 0:
            self.list_file.unlink()
            raise SourceError(
                f"{self._where}: no captioned file matches {list(section.files)}; correct files or captions"
            )


def unpack_files(
    archive: Path, target: Path, is_wanted: Callable[[str], bool], max_bytes: int, max_files: int
) -> None:
    """Unpacks the wanted plain files of an npm archive, never outside ``target``.

    Args:
        archive: A ``.tgz`` whose members lie below one top folder, which is cut off.
        target: Folder to unpack into.
        is_wanted: Takes a path below the top folder and says whether to unpack it.
        max_bytes: Sum of the wanted files' sizes that is refused when exceeded.
        max_files: Number of wanted files that is refused when exceeded.

    Raises:
        SourceError: A limit is exceeded, or a member would land outside the target.
    """
    target.mkdir(parents=True)
    total, count = 0, 0
    with tarfile.open(archive, "r:gz") as members:
        for member, file in _plain_files(members):
            if not is_wanted(file):
                continue
            total, count = total + member.size, count + 1
            if total > max_bytes or count > max_files:
                raise SourceError(
                    f"{archive.name}: unpacks to more than {max_files:,} files or {max_bytes // _MIB:,} MiB; "
                    "narrow files: or raise max_files or max_unpacked_mib"
                )
            member.name = file
            try:
                members.extract(member, target, filter="data")
            except tarfile.FilterError as error:
                raise SourceError(
                    f"{archive.name}: holds an unsafe path ({error}); do not use this package"
                ) from None


def _plain_files(members: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, str]]:
    for member in members:
        if not member.isfile():
            continue
        file = (
            member.name.partition("/")[2]
            if not member.name.startswith(_TOP_FOLDER)
            else member.name[len(_TOP_FOLDER) :]
        )
        yield member, file


def read_licence(package_json: Path) -> str:
    """Returns the licence that a package.json states, in its own words; ``unknown`` where it states none."""
    try:
        stated = json.loads(package_json.read_bytes())
    except (OSError, ValueError):
        return "unknown"
    licence = stated.get("license") if isinstance(stated, dict) else None
    if isinstance(licence, dict):
        licence = licence.get("type")
    return licence if isinstance(licence, str) and licence else "unknown"


def describe_failure(stderr: str) -> str:
    """Returns npm's error code and first sentence, without addresses."""
    lines = [line.removeprefix("npm").strip() for line in stderr.splitlines()]
    errors = [re.sub(r"^(error|ERR!)\s*", "", line) for line in lines if line.startswith(("error", "ERR!"))]
    text = "; ".join(errors[:2]) or "no reason given"
    return re.sub(r"https?://\S+", "the registry", text)[:200]
