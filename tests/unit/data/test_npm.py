from __future__ import annotations

import io
import os
import sys
import tarfile
from pathlib import Path

import pytest

from svgtune.config.prepare import NpmSource
from svgtune.data.sources.npm import NpmFiles, describe_failure, unpack_files
from svgtune.errors import SourceError
from svgtune.records import Sample

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0h9v9z"/></svg>'
FILES = {
    "package/package.json": '{"name": "toys", "license": "MIT"}',
    "package/svg/1F98A.svg": SVG,
    "package/svg/26F5.svg": SVG,
    "package/png/1F98A.png": "x",
    "package/data.json": '[{"hex": "1F98A", "name": "fox"}, {"hex": "26F5", "name": "boat"}]',
}


def write_archive(path: Path, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def install_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Puts a stand-in for the npm client first in the search path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "npm").write_text(f"#!{sys.executable}\nimport shutil, sys, time\n{body}\n", encoding="utf-8")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def build_source(tmp_path: Path, **section: object) -> NpmFiles:
    values = {"kind": "npm", "package": "toys", "version": "1.2.3", "files": ["svg/*.svg"], **section}
    return NpmFiles(NpmSource.model_validate(values), tmp_path / "work")


def test_package_is_fetched_once_and_captioned_by_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(tmp_path / "toys.tgz", FILES)
    install_npm(
        tmp_path,
        monkeypatch,
        f"assert sys.argv[1:3] == ['pack', 'toys@1.2.3'] and '--ignore-scripts' in sys.argv\n"
        f"shutil.copy({str(tmp_path / 'toys.tgz')!r}, sys.argv[sys.argv.index('--pack-destination') + 1])",
    )
    captions = {"kind": "table", "file": "data.json", "key": "hex", "caption": "{name}"}
    source = build_source(tmp_path, captions=captions)
    source.fetch()
    samples = [item for item in source.read(0, 1) if isinstance(item, Sample)]
    assert [(s.caption, s.licence, s.source, s.origin) for s in samples] == [
        ("fox", "MIT", "toys@1.2.3", "npm:toys@1.2.3/svg/1F98A.svg"),
        ("boat", "MIT", "toys@1.2.3", "npm:toys@1.2.3/svg/26F5.svg"),
    ]
    assert not (tmp_path / "work" / "package" / "png").exists()
    monkeypatch.setenv("PATH", "")
    again = build_source(tmp_path, captions=captions)
    again.fetch()
    assert again.len_hint == 2


def test_absent_npm_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError) as caught:
        build_source(tmp_path).fetch()
    assert str(caught.value) == (
        "toys@1.2.3: there is no npm client on this machine; install npm or drop this source"
    )


def test_package_not_to_be_had_gives_npms_reason_without_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "npm error code E404\nnpm error 404 Not Found - https://r.example/toys\n"
    body = f"sys.stderr.write({said!r}); sys.exit(1)"
    install_npm(tmp_path, monkeypatch, body)
    with pytest.raises(SourceError) as caught:
        build_source(tmp_path).fetch()
    assert str(caught.value) == (
        "toys@1.2.3: npm could not fetch it (code E404; 404 Not Found - the registry); "
        "check name, version and network"
    )


def test_slow_npm_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_npm(tmp_path, monkeypatch, "time.sleep(30)")
    with pytest.raises(SourceError, match=r"npm took over 0\.2 s; try again or raise timeout_s"):
        build_source(tmp_path, timeout_s=0.2).fetch()


def test_archive_cannot_leave_its_folder_or_grow_without_end(tmp_path: Path) -> None:
    write_archive(tmp_path / "evil.tgz", {"package/../../../evil.svg": "x", "package/a.svg": "x"})
    with pytest.raises(SourceError, match="holds an unsafe path"):
        unpack_files(tmp_path / "evil.tgz", tmp_path / "out", lambda _: True, 1 << 20, 10)
    assert not list(tmp_path.parent.rglob("evil.svg"))
    write_archive(tmp_path / "big.tgz", {f"package/{n}.svg": "x" * 1000 for n in range(20)})
    with pytest.raises(SourceError, match=r"unpacks to more than 5 files or 1 MiB; narrow files"):
        unpack_files(tmp_path / "big.tgz", tmp_path / "out2", lambda _: True, 1 << 20, 5)


def test_broken_archive_is_a_source_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "open(sys.argv[sys.argv.index('--pack-destination') + 1] + '/x.tgz', 'wb').write(b'nonsense')"
    install_npm(tmp_path, monkeypatch, body)
    with pytest.raises(SourceError, match="its archive cannot be unpacked"):
        build_source(tmp_path).fetch()


def test_failure_without_a_reason_is_still_a_sentence() -> None:
    assert describe_failure("") == "no reason given"
