from __future__ import annotations

import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from svgtune import cli
from svgtune.config import Section
from svgtune.config.describe import list_entries
from svgtune.errors import InputError, MachineError


class Inner(Section):
    n: int = 1
    """How many."""


class Recipe(Section):
    prompts: tuple[str, ...] = ()
    inner: Inner = Inner()
    data: Path | None = None


Calls = list[tuple[Recipe, Path, bool, bool]]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Adds a stage ``toy`` that notes how it was called, with the recipe file toy.yaml as default."""
    noted: Calls = []

    def run(recipe: Recipe, output: Path, *, resume: bool, overwrite: bool) -> dict[str, int] | None:
        noted.append((recipe, output, resume, overwrite))
        match recipe.prompts:
            case ("gpu",):
                raise MachineError("toy: needs a GPU; set device to cpu")
            case ("disk",):
                raise OSError(28, "No space left on device", "shard.parquet")
            case ("stop",):
                raise KeyboardInterrupt
            case ("term",):
                os.kill(os.getpid(), signal.SIGTERM)
        return {"kept": 3}

    module = types.ModuleType("toy_stage")
    attributes: dict[str, Any] = {"run": run, "Recipe": Recipe, "FLAG_ALIASES": {"n": "inner.n"}}
    module.__dict__.update(attributes)
    monkeypatch.setitem(sys.modules, "toy_stage", module)
    (tmp_path / "toy.yaml").write_text("inner:\n  n: 2\n")
    stage = cli.Stage("toy.py", "Plays.", "toy_stage:Recipe", "toy_stage:run", "toy.yaml", ("--n 3",), "rest")
    monkeypatch.setitem(cli.STAGES, "toy", stage)
    monkeypatch.chdir(tmp_path)
    return noted


def test_flags_reach_the_stage(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--prompts", "a: b", "no", "--output", "out", "--n", "4", "--resume"]
    assert cli.main("toy", words) == 0
    assert calls == [(Recipe(prompts=("a: b", "no"), inner=Inner(n=4)), Path("out"), True, False)]
    assert capsys.readouterr().out == '{\n  "kept": 3\n}\nout: done; rest\n'


def test_captions_that_begin_like_paths_are_not_looked_for(calls: Calls) -> None:
    captions = ("/ slash in red", "./dots", "recipes/ and ribbons")
    assert cli.main("toy", ["--prompts", *captions]) == 0
    assert calls[0][0].prompts == captions


def test_defaults_come_from_the_stage(calls: Calls) -> None:
    assert cli.main("toy", []) == 0
    assert calls == [(Recipe(inner=Inner(n=2)), Path("runs/toy/toy"), False, False)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--configs", "x"], "--configs: unknown key 'configs'"),
        (["--config"], "--config: has no value; write --config PATH"),
        (["--config", "no.yaml"], "no.yaml: there is no such recipe"),
        (["--output", "--resume"], "--output: has no value"),
        (["--resume=no"], "--resume: takes no value, but got 'no'"),
        (["--output", "a", "b"], "'b': is one value too many after --output"),
        (["stray"], "'stray': belongs to no option"),
        (["--n", "many"], "--inner.n: 'inner.n' is 'many'"),
        (["--data", "toy.yml"], "toy.yaml: data is 'toy.yml', which is not there; did you mean 'toy.yaml'?"),
        (
            ["--dry-run", "--resume", "--overwrite"],
            "runs/toy/toy: --resume and --overwrite exclude each other",
        ),
        (["--prompts", "gpu"], "toy: needs a GPU; set device to cpu"),
    ],
)
def test_refusals_are_one_line_and_status_2(
    calls: Calls, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert cli.main("toy", words) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_machine_trouble_is_told_without_a_traceback(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main("toy", ["--prompts", "disk"]) == 1
    assert (
        capsys.readouterr().err
        == "shard.parquet: no space left on device; mend that and go on with --resume\n"
    )


@pytest.mark.parametrize(("prompt", "by"), [("stop", "the keyboard"), ("term", "SIGTERM")])
def test_interruptions_end_with_130(
    calls: Calls, capsys: pytest.CaptureFixture[str], prompt: str, by: str
) -> None:
    earlier = signal.getsignal(signal.SIGTERM)
    assert cli.main("toy", ["--prompts", prompt]) == 130
    assert capsys.readouterr().err == f"\ntoy: stopped by {by}; go on with --resume\n"
    assert signal.getsignal(signal.SIGTERM) == earlier


def test_dry_run_shows_the_plan_and_writes_nothing(
    calls: Calls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert cli.main("toy", ["--dry-run", "--data", "toy.yaml", "--output", "out"]) == 0
    printed = capsys.readouterr().out
    assert "input    data: toy.yaml" in printed
    assert "output   out (new)" in printed
    assert "inner:\n  n: 2" in printed
    assert calls == []
    assert sorted(tmp_path.rglob("*")) == before


def test_help_names_every_key(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main("toy", ["--help"]) == 0
    printed = capsys.readouterr().out
    assert "usage: python toy.py" in printed
    assert "  --inner.n" in printed
    assert "How many. (whole number; default 1)" in printed
    assert "default runs/toy/" in printed
    assert calls == []


def test_console_lists_the_stages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["svgtune"])
    assert cli.console() == 0
    assert all(f"  {name}" in capsys.readouterr().out for name in ["prepare"])
    monkeypatch.setattr(sys, "argv", ["svgtune", "tune"])
    assert cli.console() == 2
    assert (
        "there is no stage 'tune'; choose one of prepare, pretrain, sft, grpo, generate"
        in capsys.readouterr().err
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", list(cli.STAGES))
def test_help_of_the_real_stages_is_complete_and_needs_no_torch(name: str, root: Path) -> None:
    code = (
        "import sys; from svgtune.cli import main; status = main(sys.argv[1], ['--help']);"
        " heavy = sorted({'torch', 'transformers', 'trl', 'vllm'} & set(sys.modules));"
        " sys.exit(f'loaded {heavy}' if heavy else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, name], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    cls, _ = cli._load_recipe_class(cli.STAGES[name])
    missing = [entry.path for entry in list_entries(cls) if f"--{entry.path}" not in done.stdout]
    assert missing == []
    assert (root / cli.STAGES[name].script).is_file()


def _fail(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("main", "status", "line"),
    [
        (lambda: 0, 0, ""),
        (lambda: 1, 1, ""),
        (lambda: _fail(InputError("a.jsonl:3: is no JSON; mend it")), 2, "a.jsonl:3: is no JSON; mend it\n"),
        (lambda: _fail(KeyboardInterrupt()), 130, ""),
    ],
)
def test_scripts_end_with_a_status_and_a_line(
    main: Callable[[], int], status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run_script(main)
    assert ended.value.code == status
    assert capsys.readouterr().err == line
