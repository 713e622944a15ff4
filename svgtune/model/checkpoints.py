"""Where the trainers keep their checkpoints, and which of them are whole."""

from __future__ import annotations

import json
import logging
from pathlib import Path

CHECKPOINTS_FOLDER = "checkpoints"

logger = logging.getLogger(__name__)


def find_checkpoint(folder: Path) -> Path | None:
    """Finds the newest checkpoint that was written to its end; None where there is none.

    The trainer writes ``trainer_state.json`` last: without it, a kill came in between.
    """
    if not folder.is_dir():
        return None
    numbered = sorted(folder.glob("checkpoint-*"), key=lambda p: int(p.name.rpartition("-")[2]), reverse=True)
    for checkpoint in numbered:
        try:
            json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            logger.warning("%s: not written to its end; taking an older one", checkpoint)
            continue
        return checkpoint
    return None
