"""Where the trainers keep their checkpoints, and which of them are whole."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

CHECKPOINTS_FOLDER = "checkpoints"

logger = logging.getLogger(__name__)


def find_checkpoint(folder: Path) -> Path | None:
    """Finds the newest checkpoint that was written to its end; None where there is none.

    The trainer writes ``trainer_state.json`` last: without it, a kill came in between.
    """
    if not folder.is_dir():
        return None
    # A copy that somebody has put aside, such as checkpoint-20-old, is none of the run's.
    numbered = {int(m[1]): p for p in folder.iterdir() if (m := re.fullmatch(r"checkpoint-(\d+)", p.name))}
    for _, checkpoint in sorted(numbered.items(), reverse=True):
        try:
            json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            logger.warning("%s: not written to its end; taking an older one", checkpoint)
            continue
        return checkpoint
    return None
