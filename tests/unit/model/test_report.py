from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from svgtune.errors import InputError, MissingInputError
from svgtune.model.report import write_report
from svgtune.render.sheet import build_strip

HOSTILE = '<svg onload="alert(1)"><script src="http://evil.test/x.js"></script></svg>'


def save_state(folder, steps, **more):
    folder.mkdir(parents=True, exist_ok=True)
    history = [
        {
            "step": step, "reward": step / 10, "reward_std": 0.1, "entropy": 2.0, "loss": 0.0,
            "rewards/score/mean": step / 20, "rewards/score/std": 0.05, "validity/strict": 0.5,
            "completions/mean_length": 40.0, "completions/clipped_ratio": None, "step_seconds/update": 1.5,
        }
        for step in range(1, steps + 1)
    ]  # fmt: skip
    history.append({"step": steps, "eval_alarm/held_out_score": 0.4, "eval_alarm/held_out_error": 0.02})
    state = {"global_step": steps, "max_steps": 400, "log_history": history, **more}
    name = "trainer_state.json" if folder.name.startswith("checkpoint") else "history.json"
    (folder / name).write_text(json.dumps(state))


def save_drawings(folder, step, level, validities=("strict", "invalid")):
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"prompt": f"a <b>bold</b> cat {n}", "text": HOSTILE, "tokens": 9, "finished": True, "validity": v}
        for n, v in enumerate(validities)
    ]
    (folder / f"step_{step:06d}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pictures = [np.full((16, 16, 3), level, np.uint8), None]
    Image.fromarray(build_strip(pictures, 16)).save(folder / f"step_{step:06d}.png")


@pytest.fixture
def interrupted(tmp_path):
    """Returns the folder of a run that was killed after its first checkpoint."""
    run = tmp_path / "run"
    save_state(run / "checkpoints" / "checkpoint-20", 20)
    for step, level in ((0, 10), (10, 90), (20, 200)):
        save_drawings(run / "drawings", step, level)
    (run / "recipe.yaml").write_text("name: <nano>\nlearning_rate: 2e-4\n")
    (run / "metrics.json").write_text('{"held_out_reward_before": 0.25}')
    return run


def test_an_interrupted_run_has_a_page(interrupted):
    page = write_report(interrupted).read_text()
    assert "After 20 of 400 steps." in page
    titles = re.findall(r'<svg [^>]*aria-label="(.*?)"', page)
    assert titles == [
        "Reward and its spread", "Alarm: a judge that no reward has heard", "Term score and its spread",
        "Validity classes", "Length of the answers, tokens", "Entropy", "Seconds of a step", "Loss",
    ]  # fmt: skip
    assert "name: &lt;nano&gt;" in page
    assert "<td>held_out_reward_before</td><td>0.25</td>" in page


def test_before_and_after_stand_side_by_side_as_pixels(interrupted):
    page = write_report(interrupted).read_text()
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["step 0", "step 20"]
    assert page.count("data:image/png;base64,") == 2
    assert page.count("no drawing</div>") == 2


def test_nothing_of_the_model_is_markup(interrupted):
    page = write_report(interrupted).read_text()
    assert HOSTILE not in page
    assert "&lt;script src=" in page
    assert page.count("<script") == 1  # the page's own
    assert "onload" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert "<b>bold" not in page
    assert not re.search(r"""(src|href)=["'](?!data:image/png)""", page)


def test_the_longest_log_counts_and_says_how_it_ended(interrupted):
    save_state(interrupted, 25, note="Ended by TrainingError: alarm <raised>")
    assert (
        "After 25 of 400 steps. Ended by TrainingError: alarm &lt;raised&gt;"
        in write_report(interrupted).read_text()
    )
    save_state(interrupted / "checkpoints" / "checkpoint-40", 40)
    assert "After 40 of 400 steps. Curves" in write_report(interrupted).read_text()


def test_figures_of_an_earlier_end_are_left_out(interrupted):
    (interrupted / "metrics.json").write_text('{"steps": 10, "held_out_reward_after": 0.5}')
    assert "held_out_reward_after" not in write_report(interrupted).read_text()


def test_without_drawings_there_are_curves_still(interrupted):
    (interrupted / "drawings" / "step_000000.png").unlink()
    assert write_report(interrupted).read_text().count("data:image/png") == 1
    (interrupted / "drawings" / "step_000020.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match=r"step_000020\.jsonl: is no table of drawings"):
        write_report(interrupted)
    shutil.rmtree(interrupted / "drawings")
    assert "Entropy" in write_report(interrupted).read_text()


def test_a_folder_without_a_log_is_refused(tmp_path):
    with pytest.raises(MissingInputError, match=r"holds neither history\.json nor a whole checkpoint"):
        write_report(tmp_path)


@pytest.mark.slow
def test_the_command_needs_no_torch(interrupted, root):
    code = (
        "import sys; sys.argv = ['report_run.py', '--run', sys.argv[1], '--output', sys.argv[2]];"
        "import runpy\ntry: runpy.run_path('scripts/report_run.py', run_name='__main__')\n"
        "except SystemExit as end: print('torch' in sys.modules, end.code)"
    )
    page = interrupted / "elsewhere.html"
    done = subprocess.run(
        [sys.executable, "-c", code, interrupted, page],
        cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == ["False 0"], done.stderr
    assert page.is_file()
