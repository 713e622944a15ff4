from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from svgtune.config.prepare import PrepareRecipe
from svgtune.config.scenes import ScenesOptions
from svgtune.data import prepare, shards
from svgtune.data.manifest import Manifest
from svgtune.errors import MissingInputError, OutputExistsError, RecipeError, SourceError
from svgtune.records import Sample
from svgtune.render.pool import Rendered
from svgtune.render.raster import render_svg

WriteDrawings = Callable[..., Path]


def build_recipe(folder: Path, **values: Any) -> PrepareRecipe:
    source = {"kind": "folder", "path": folder, "licence": "CC0-1.0"}
    return PrepareRecipe.model_validate(
        {"source": source, "workers": 1, "rows_per_task": 5, "sheet_drawings": 4, **values}
    )


def read_files(output: Path, pattern: str = "*/*") -> dict[str, bytes]:
    return {
        p.relative_to(output).as_posix(): p.read_bytes() for p in sorted(output.glob(pattern)) if p.is_file()
    }


def read_samples(output: Path) -> dict[str, list[Sample]]:
    splits: dict[str, list[Sample]] = {}
    for file in sorted(output.glob("*/*.parquet")):
        rows = pq.read_table(file).to_pylist()
        splits.setdefault(file.parent.name, []).extend(Sample.from_row(row) for row in rows)
    return splits


class InProcessPool:
    """Draws without worker processes, which take most of a short run's time to start."""

    def __init__(self, *_: object, **__: object) -> None:
        self.closed = False

    def render(self, svgs: list[str]) -> list[Rendered]:
        return [Rendered(render_svg(svg), None, "", 0.0) for svg in svgs]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def _quick_render(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svgtune.data.steps.RenderPool", InProcessPool)


@pytest.fixture
def mixed(write_drawings: WriteDrawings) -> Path:
    """Twelve good drawings and one of each common fault."""
    circle = '<svg viewBox="0 0 9 9"><circle cx="4" cy="4" r="3" fill="{}"/></svg>'
    return write_drawings(
        12,
        a_copy=circle.format("red"),
        a_copy_of_it=circle.format("#f00"),
        broken_thing="<svg><g></svg>",
        empty_page=circle.format("#fff"),
        untitled=circle.format("green"),
        latin_one=b"<svg>\xe9</svg>",
    )


def test_in_is_kept_and_dropped_by_reason_and_all_is_written(mixed: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    report = prepare.run(build_recipe(mixed), output)
    manifest = json.loads((output / "manifest.json").read_bytes())
    assert manifest == report.manifest
    assert manifest["in"] == 18
    assert manifest["kept"] == 13
    assert manifest["dropped"] == {
        "blank": 1,
        "caption_boilerplate": 1,
        "not_xml": 1,
        "not_text": 1,
        "duplicate_exact": 1,
    }
    samples = read_samples(output)
    assert {split: len(rows) for split, rows in samples.items()} == manifest["splits"]
    assert {s.licence for rows in samples.values() for s in rows} == {"CC0-1.0"}
    dropped = [
        json.loads(line)
        for file in sorted((output / "dropped").glob("*.gz"))
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]
    assert {d["id"]: d["reason"] for d in dropped} == {
        "drawings/a-copy.svg": "duplicate_exact",
        "drawings/broken-thing.svg": "not_xml",
        "drawings/empty-page.svg": "blank",
        "drawings/latin-one.svg": "not_text",
        "drawings/untitled.svg": "caption_boilerplate",
    }
    assert all(d["detail"] for d in dropped)
    assert (output / "contact_sheet.png").read_bytes()[:4] == b"\x89PNG"
    assert not (output / ".work").exists()
    assert str(report).startswith("in 18 = kept 13 + dropped 5\n")
    assert manifest["difference_to_original"]["max"] < 1.0


@pytest.mark.slow
def test_workers_and_tasks_do_not_change_a_byte(mixed: Path, tmp_path: Path) -> None:
    recipe = build_recipe(mixed)
    prepare.run(recipe, tmp_path / "one")
    prepare.run(recipe.model_copy(update={"workers": 2, "rows_per_task": 7}), tmp_path / "two")
    assert read_files(tmp_path / "one", "*/*.parquet") == read_files(tmp_path / "two", "*/*.parquet")


@pytest.mark.usefixtures("_quick_render")
def test_families_do_not_cross_splits(write_drawings: WriteDrawings, tmp_path: Path) -> None:
    folder = write_drawings(30)
    recipe = build_recipe(folder, split={"fractions": {"held_out": 0.3}}, rows_per_task=30)
    prepare.run(recipe, tmp_path / "out")
    families = {split: {s.family for s in rows} for split, rows in read_samples(tmp_path / "out").items()}
    assert families["held_out"]
    assert not families["held_out"] & families["train"]


@pytest.mark.usefixtures("_quick_render")
def test_scenes_keep_the_split_they_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sample_scene(seed: int, index: int, options: ScenesOptions) -> Sample:
        if index == 3:
            raise KeyError("no such subject")
        rect = f'<rect x="{index * 9}" width="40" height="{60 + index}" fill="#a31"/>'
        svg = f'<svg viewBox="0 0 200 200">{rect}</svg>'
        facts = {"split": "held_out" if index % 4 == 0 else "train"}
        return Sample(f"s{index}", f"scene number {index}", svg, "scenes", "x", "CC0-1.0", facts=facts)

    monkeypatch.setattr("svgtune.data.sources.scenes_source.sample_scene", sample_scene)
    recipe = PrepareRecipe.model_validate({"source": {"count": 12}, "workers": 1, "sheet_drawings": 0})
    report = prepare.run(recipe, tmp_path / "out")
    assert report.manifest["dropped"] == {"scene_error": 1}
    assert [s.id for s in read_samples(tmp_path / "out")["held_out"]] == ["s0", "s4", "s8"]
    assert report.manifest["difference_to_original"] == {}


@pytest.mark.slow
@pytest.mark.usefixtures("_quick_render")
def test_full_disk_stops_the_run_and_resume_loses_nothing(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, output = build_recipe(mixed), tmp_path / "out"
    prepare.run(recipe, tmp_path / "whole")
    original, calls = shards.RowWriter.close, []

    def close(writer: shards.RowWriter) -> None:
        calls.append(writer)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(writer)

    monkeypatch.setattr(shards.RowWriter, "close", close)
    with pytest.raises(OSError, match="No space left on device") as caught:
        prepare.run(recipe, output)
    assert str(caught.value.filename).endswith("kept/00002.parquet")
    assert not (output / "manifest.json").exists()
    done = read_files(output / ".work" / "kept", "*")
    assert sorted(done) == ["00000.parquet", "00001.parquet"]
    prepare.run(recipe, output, resume=True)
    assert len(calls) < 3 + 4 + 3
    assert read_files(output, "*/*") == read_files(tmp_path / "whole", "*/*")


@pytest.mark.usefixtures("_quick_render")
def test_disk_full_at_the_end_leaves_nothing_half_published(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, output = build_recipe(mixed), tmp_path / "out"

    def fail(self: Manifest) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "check_balance", fail)
        with pytest.raises(OSError, match="No space left"):
            prepare.run(recipe, output)
    assert sorted(p.name for p in output.iterdir()) == [".work", "recipe.yaml", "versions.json"]
    assert prepare.run(recipe, output, resume=True).manifest["kept"] == 13


@pytest.mark.slow
@pytest.mark.usefixtures("_quick_render")
def test_killed_at_any_moment_it_goes_on_without_loss_or_duplicates(
    write_drawings: WriteDrawings, tmp_path: Path
) -> None:
    folder, output = write_drawings(40), tmp_path / "out"
    recipe = build_recipe(folder, rows_per_task=2)
    prepare.run(recipe, tmp_path / "whole")
    script = tmp_path / "killed.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from svgtune.config.loader import read_recipe\nfrom svgtune.config.prepare import PrepareRecipe\n"
        "from svgtune.data import prepare\n"
        "output = Path(sys.argv[1])\n"
        "recipe = read_recipe(PrepareRecipe, Path(sys.argv[2]), [])\n"
        "prepare.run(recipe, output, resume=True)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(Path(prepare.__file__).parents[2])}
    command = [sys.executable, str(script), str(output), str(tmp_path / "whole" / "recipe.yaml")]
    for wanted in (1, 3):
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 120
        while len(list((output / ".work" / "counts").glob("[0-9]*"))) < wanted and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (output / "manifest.json").exists()
    report = prepare.run(recipe, output, resume=True)
    assert report.manifest["in"] == 40
    assert read_files(output, "*/*") == read_files(tmp_path / "whole", "*/*")


@pytest.mark.usefixtures("_quick_render")
def test_existing_folder_is_refused_and_a_whole_run_is_left_alone(mixed: Path, tmp_path: Path) -> None:
    recipe, output = build_recipe(mixed), tmp_path / "out"
    first = prepare.run(recipe, output)
    with pytest.raises(OutputExistsError, match="--resume"):
        prepare.run(recipe, output)
    before = {p: p.stat().st_mtime_ns for p in output.rglob("*")}
    again = prepare.run(recipe.model_copy(update={"workers": 2}), output, resume=True)
    assert again.manifest == first.manifest
    assert {p: p.stat().st_mtime_ns for p in output.rglob("*")} == before
    with pytest.raises(RecipeError) as caught:
        prepare.run(recipe.model_copy(update={"rows_per_task": 6}), output, resume=True)
    assert str(caught.value) == (
        f"{output}: was started with rows_per_task = 5, now it is 6; "
        "resume with the same recipe, or use --overwrite"
    )


@pytest.mark.usefixtures("_quick_render")
def test_source_not_to_be_had_is_reported_and_the_others_go_on(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = {"kind": "npm", "package": "toys", "version": "1.2.3"}
    folder = {"kind": "folder", "path": mixed}
    both = build_recipe(mixed, source=None, sources=[npm, folder, folder])
    monkeypatch.setenv("PATH", "")
    report = prepare.run(both, tmp_path / "out")
    sentence = "toys@1.2.3: there is no npm client on this machine; install npm or drop this source"
    assert [(s["name"], s["in"], s["error"]) for s in report.manifest["sources"]] == [
        ("toys@1.2.3", 0, sentence),
        ("drawings", 18, ""),
        ("drawings-2", 18, ""),
    ]
    assert report.manifest["kept"] == 13
    assert f"source toys@1.2.3: not collected: {sentence}" in str(report)
    with pytest.raises(SourceError, match="no npm client"):
        prepare.run(build_recipe(mixed, source=npm), tmp_path / "none")


def test_missing_input_stops_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no such folder"):
        prepare.run(build_recipe(tmp_path / "gone"), tmp_path / "out")
    assert not list(tmp_path.glob("out/*/*"))


@pytest.mark.slow
def test_data_room_loads_no_torch() -> None:
    code = (
        "import sys; import svgtune.data, svgtune.data.prepare; "
        "print(sorted({'torch', 'transformers', 'trl', 'datasets'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(prepare.__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]"
