"""Runs the whole loop on this machine: prepare scenes, draw, tune, draw again, and show both side by side.

The variables are DEMO_DIR, the folder that is written (an earlier demo there is replaced), and PROMPTS,
captions of your own beside the fifteen that ship, separated by ``|``. Words after the script's name go to
train/sft.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from svgtune.generate.gallery import write_comparison

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "recipes" / "generate" / "prompts_demo.txt"


def main(extra: Sequence[str]) -> int:
    """Runs the stages as the commands a user would type, and stops at the first that fails."""
    folder = Path(os.environ.get("DEMO_DIR") or ROOT / "runs" / "demo").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    own = [text.strip() for text in os.environ.get("PROMPTS", "").split("|")]
    captions = [*PROMPTS.read_text(encoding="utf-8").splitlines(), *filter(None, own)]
    prompts = folder / "prompts.txt"
    prompts.write_text("\n".join(captions) + "\n", encoding="utf-8")
    data, tuned = folder / "data", folder / "tuned"
    prepare = ["--config", "recipes/data/demo.yaml", "--output", f"{data}", "--overwrite"]
    tune = ["--config", "recipes/sft/nano_lora.yaml", "--data.path", f"{data}", "--output", f"{tuned}"]
    # About five minutes on two cores; the rest of the data waits for those who have longer.
    tune += ["--data.max_samples", "3000", "--data.max_held_out", "128"]
    draw = ["--config", "recipes/generate/nano.yaml", "--prompts", f"{prompts}", "--overwrite", "--output"]
    stages = (
        ("prepare", ["data_prep/prepare.py", *prepare]),
        ("draw, before", ["infer/generate.py", *draw, f"{folder / 'before'}", "--model", "models/nano"]),
        ("tune", ["train/sft.py", *tune, "--overwrite", *extra]),
        ("draw, after", ["infer/generate.py", *draw, f"{folder / 'after'}", "--adapter", f"{tuned}"]),
    )
    times = []
    for name, (script, *words) in stages:
        sys.stderr.write(f"== {name}: python {script} {' '.join(words)}\n")
        began = time.monotonic()
        done = subprocess.run([sys.executable, ROOT / script, *words], cwd=ROOT, check=False)
        if done.returncode:
            sys.stderr.write(f"demo: stopped at {name!r}, which ended with status {done.returncode}\n")
            return done.returncode
        times.append((name, time.monotonic() - began))
    sides = {"before": folder / "before", "after": folder / "after"}
    page = write_comparison(sides, folder / "gallery.html", title="Before and after tuning")
    sys.stdout.write("".join(f"{name:14} {seconds:6.1f} s\n" for name, seconds in times))
    sys.stdout.write(f"{'together':14} {sum(s for _, s in times):6.1f} s\nopen {page} in a browser\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
