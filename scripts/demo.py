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
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

from svgtune.generate.gallery import write_comparison
from svgtune.metric.scoring.stage import SUMMARY_FILE

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "recipes" / "generate" / "prompts_demo.txt"

STAGES = {
    "prepare": "data_prep/prepare.py --config recipes/data/demo.yaml --output {data}",
    # Some four minutes on two cores; the rest of the data waits for those who have longer.
    "tune": "train/sft.py --config recipes/sft/nano_lora.yaml --data.path {data} --output {tuned} "
    "--data.max_samples 1300 --data.max_held_out 128",
    # Two minutes show how it works; the recipe as it is takes hours.
    "reinforce": "train/grpo.py --config recipes/grpo/nano.yaml --start_from {tuned} --output {reinforced} "
    "--data.count 200 --trainer.max_steps 8 --trainer.learning_rate 1e-4",
}
SIDES = {
    "base": "--model models/nano",
    "sft": "--adapter {tuned}",
    "grpo": "--adapter {reinforced}",
    "best_of_8": "--config recipes/generate/nano_best_of_8.yaml --adapter {reinforced}",
}
"""The models that draw, by the name of the folder."""
READY = {"tune": ("sft",), "reinforce": ("grpo", "best_of_8")}
"""The sides that a stage makes it possible to draw."""
DRAW = "infer/generate.py --prompts {prompts} --output {drawings}"
SCORE = "infer/score.py --drawings {drawings} --output {scores}"


def main(extra: Sequence[str]) -> int:
    """Runs the stages as commands a user would type, draws and scores beside them; stops where one fails."""
    folder = Path(os.environ.get("DEMO_DIR") or ROOT / "runs" / "demo").absolute()
    (folder / "scores").mkdir(parents=True, exist_ok=True)
    own = [text.strip() for text in os.environ.get("PROMPTS", "").split("|")]
    captions = [*PROMPTS.read_text(encoding="utf-8").splitlines(), *filter(None, own)]
    places = {name: folder / name for name in ("data", "tuned", "reinforced")}
    places["prompts"] = folder / "prompts.txt"
    places["prompts"].write_text("\n".join(captions) + "\n", encoding="utf-8")
    began = time.monotonic()
    times: dict[str, float] = {}
    try:
        with ThreadPoolExecutor(len(SIDES)) as beside:
            jobs = {"base": beside.submit(draw_and_score, "base", places, folder)}
            for name, command in STAGES.items():
                started = time.monotonic()
                run(command, places, extra if name == "tune" else ())
                times[name] = time.monotonic() - started
                for job in filter(Future.done, jobs.values()):
                    job.result()
                for side in READY.get(name, ()):
                    jobs[side] = beside.submit(draw_and_score, side, places, folder)
        scores = {side: score for side, job in jobs.items() if (score := job.result()) is not None}
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"demo: {error.cmd[1]}: status {error.returncode}; logs: {folder}/scores/*.log\n")
        return 1
    page = write_comparison(
        {side: folder / side for side in SIDES},
        folder / "gallery.html",
        title="Base, SFT, GRPO, and the best of eight",
        scores={side: folder / "scores" / side for side in scores},
    )
    sys.stdout.write("".join(f"{name:16}{seconds:6.1f} s\n" for name, seconds in times.items()))
    sys.stdout.write(f"{'together':16}{time.monotonic() - began:6.1f} s, all drawn and scored\n")
    sys.stdout.write("".join(f"{'score ' + side:16}{score:6.3f}\n" for side, score in scores.items()))
    sys.stdout.write(f"open {page} in a browser\n")
    return 0


def run(
    command: str, places: Mapping[str, Path], extra: Sequence[str] = (), log: IO[bytes] | None = None
) -> None:
    """Runs one command with its places filled in; what it says goes into ``log`` where one is given.

    Raises:
        subprocess.CalledProcessError: It ended with another status than 0.
    """
    words = [*(word.format(**places) for word in command.split()), "--overwrite", *extra]
    sys.stderr.write(f"== {'beside: ' if log else ''}python {' '.join(words)}\n")
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=log, stderr=log)


def draw_and_score(side: str, places: Mapping[str, Path], folder: Path) -> float | None:
    """Draws the captions with one side, and returns their mean score; the commands' words go into a log.

    Raises:
        subprocess.CalledProcessError: The drawing failed.
    """
    scores = folder / "scores" / side
    places = {**places, "drawings": folder / side, "scores": scores}
    with scores.with_suffix(".log").open("wb") as log:
        run(f"{DRAW} {SIDES[side]}", places, log=log)
        try:
            run(SCORE, places, log=log)
        except subprocess.CalledProcessError:
            # Captions of somebody's own may be such that no question can be made of them.
            sys.stderr.write(f"demo: {side} is not scored, see {log.name}\n")
            return None
    return float(json.loads((scores / SUMMARY_FILE).read_text(encoding="utf-8"))["mean"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
