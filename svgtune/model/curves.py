"""Where the curves of a run begin and end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

_SHARE = 0.1
# Not curves: what the trainer counts or sets itself.
_SKIPPED = ("epoch", "step", "total_flos", "num_tokens")
_SKIPPED_PARTS = ("_runtime", "_per_second", "min_", "max_", "/min", "/max")


def summarise_curves(history: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Summarises a trainer's log.

    Args:
        history: ``TrainerState.log_history``.

    Returns:
        For each figure its mean over the first and over the last tenth of its entries, at least one, and how
        many there are.
    """
    curves: dict[str, list[float]] = {}
    for entry in history:
        for name, value in entry.items():
            if name in _SKIPPED or any(part in name for part in _SKIPPED_PARTS):
                continue
            if isinstance(value, (int, float)) and math.isfinite(value):
                curves.setdefault(name, []).append(float(value))
    summary = {}
    for name, values in sorted(curves.items()):
        some = max(1, round(len(values) * _SHARE))
        summary[name] = {
            "first": sum(values[:some]) / some,
            "last": sum(values[-some:]) / some,
            "entries": len(values),
        }
    return summary
