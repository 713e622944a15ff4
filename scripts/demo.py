"""Runs the whole loop on this machine: prepare, tune, reinforce, draw at every stage, score, and show all.

The variables are DEMO_DIR, the folder that is written (an earlier demo there is replaced), and PROMPTS,
captions of your own beside the fifteen that ship, separated by ``|``. Words after the script's name go to
train/sft.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from svgtune.generate.gallery import write_comparison
from svgtune.metric.scoring.stage import SUMMARY_FILE

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "recipes" / "generate" / "prompts_demo.txt"


SIDES = ("base", "sft", "grpo", "best_of_8")
STAGES = {
    "prepare": "data_prep/prepare.py --config recipes/data/demo.yaml --output {data}",
    "draw base": "infer/generate.py --model models/nano --prompts {prompts} --output {base}",
    # Some four minutes on two cores; the rest of the data waits for those who have longer.
    "tune": "train/sft.py --config recipes/sft/nano_lora.yaml --data.path {data} --output {tuned} "
    "--data.max_samples 1700 --data.max_held_out 128",
    "draw sft": "infer/generate.py --adapter {tuned} --prompts {prompts} --output {sft}",
    # Two minutes show how it works; the recipe as it is takes hours.
    "reinforce": "train/grpo.py --config recipes/grpo/nano.yaml --start_from {tuned} --output {reinforced} "
    "--data.count 200 --trainer.max_steps 8 --trainer.learning_rate 1e-4",
    "draw grpo": "infer/generate.py --adapter {reinforced} --prompts {prompts} --output {grpo}",
    "draw best of 8": "infer/generate.py --config recipes/generate/nano_best_of_8.yaml "
    "--adapter {reinforced} --prompts {prompts} --output {best_of_8}",
}


def main(extra: Sequence[str]) -> int:
    """Runs the stages as the commands a user would type, and stops at the first that fails."""
    folder = Path(os.environ.get("DEMO_DIR") or ROOT / "runs" / "demo").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    own = [text.strip() for text in os.environ.get("PROMPTS", "").split("|")]
    captions = [*PROMPTS.read_text(encoding="utf-8").splitlines(), *filter(None, own)]
    prompts = folder / "prompts.txt"
    prompts.write_text("\n".join(captions) + "\n", encoding="utf-8")
    places = {name: folder / name for name in ("data", "tuned", "reinforced", *SIDES)} | {"prompts": prompts}
    began = time.monotonic()
    times: dict[str, float] = {}
    scorings: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in STAGES.items():
            words = [word.format(**places) for word in command.split()]
            status = run_stage(name, [*words, *(extra if name == "tune" else ())], times)
            if status:
                return status
            if (side := name.removeprefix("draw ").replace(" ", "_")) in SIDES:
                scorings[side] = start_scoring(side, folder)
        scores = [side for side, scoring in scorings.items() if is_scored(side, scoring, folder)]
    finally:
        for scoring in scorings.values():
            scoring.terminate()
    page = write_comparison(
        {name: places[name] for name in SIDES},
        folder / "gallery.html",
        title="Base, SFT, GRPO, and the best of eight",
        scores={name: folder / "scores" / name for name in scores},
    )
    sys.stdout.write("".join(f"{name:16}{seconds:6.1f} s\n" for name, seconds in times.items()))
    sys.stdout.write(f"{'together':16}{time.monotonic() - began:6.1f} s, with the scores\n")
    for name in scores:
        mean = json.loads((folder / "scores" / name / SUMMARY_FILE).read_text(encoding="utf-8"))["mean"]
        sys.stdout.write(f"{'score ' + name:16}{mean:6.3f}\n")
    sys.stdout.write(f"open {page} in a browser\n")
    return 0


def run_stage(name: str, words: Sequence[str], times: dict[str, float]) -> int:
    """Runs one command, notes its time, and returns its exit status."""
    script, *others = [*words, "--overwrite"]
    sys.stderr.write(f"== {name}: python {script} {' '.join(others)}\n")
    began = time.monotonic()
    status = subprocess.run([sys.executable, ROOT / script, *others], cwd=ROOT, check=False).returncode
    if status:
        sys.stderr.write(f"demo: {name!r} ended with status {status}\n")
    times[name] = time.monotonic() - began
    return status


def start_scoring(side: str, folder: Path) -> subprocess.Popen[bytes]:
    """Starts the scoring of one side's drawings beside what comes next; its words go into a log."""
    where = folder / "scores" / side
    words = ["--drawings", f"{folder / side}", "--output", f"{where}", "--overwrite"]
    sys.stderr.write(f"== score {side}, beside what follows: python infer/score.py {' '.join(words)}\n")
    where.parent.mkdir(exist_ok=True)
    with where.with_suffix(".log").open("wb") as log:
        command = [sys.executable, f"{ROOT / 'infer/score.py'}", *words]
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)


def is_scored(side: str, scoring: subprocess.Popen[bytes], folder: Path) -> bool:
    """Waits for a scoring; captions of somebody's own may be such that no question can be made of them."""
    scoring.wait()
    where = folder / "scores" / side
    scored = (where / SUMMARY_FILE).is_file()
    if not scored:
        sys.stderr.write(f"demo: {side} is not scored, see {where}.log\n")
    return scored


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
