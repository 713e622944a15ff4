from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.smoke.untrained import save_untrained_judge
from tests.unit.metric.fakes import draw

RunCommand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def untrained_judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random judge, as scripts/train_judges.py writes it."""
    return save_untrained_judge(tmp_path_factory.mktemp("judge"))


def test_the_command_scores_and_goes_on(
    run_command: RunCommand, tmp_path: Path, untrained_judge: Path
) -> None:
    drawings, output = tmp_path / "drawings.jsonl", tmp_path / "score"
    rows = [{"id": f"d{k}", "prompt": "a red ball", "svg": draw("#c31", 60 + 9 * k)} for k in range(3)]
    rows.append({"id": "bad", "prompt": "a red ball", "svg": "<svg"})
    drawings.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = (
        "infer/score.py", "--drawings", drawings, "--judges", "embedded", "--output", output,
        "--embedded.folder", untrained_judge, "--batch_size", "2",
    )  # fmt: skip
    done = run_command(*words, "--score_repaired", "true", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert "over 4 drawings: 3 judged, 1 breaks_rules; questions of 4 made by rule" in done.stdout
    names = {path.name for path in output.iterdir()}
    assert {"scores.jsonl", "summary.json", "table.md", "gallery.html", "scores.svg", "recipe.yaml"} <= names
    first = (output / "scores.jsonl").read_bytes()

    done = run_command(*words, "--score_repaired", "true", "--resume", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 drawings are scored already" in done.stderr
    assert (output / "scores.jsonl").read_bytes() == first


def test_refusals_are_one_sentence_and_leave_nothing(run_command: RunCommand, tmp_path: Path) -> None:
    drawings = tmp_path / "drawings.jsonl"
    drawings.write_text(json.dumps({"id": "a", "prompt": "a red ball", "svg": draw()}) + "\n{\n")
    for words, sentence in (
        ((), "drawings: no file was given; give --drawings FILE.jsonl"),
        (("--drawings", drawings), "drawings.jsonl:2: is not JSON"),
        (("--drawings", tmp_path / "nothing.jsonl"), "which is not there"),
        (("--judges", "embeded"), "embedded"),
    ):
        done = run_command("infer/score.py", *words, "--output", tmp_path / "score")
        assert done.returncode == 2, done.stderr
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "score").exists()
