"""The report of a prepared data set: what came in, what was kept, what was dropped and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from svgtune.errors import SvgtuneError

MANIFEST_FILE = "manifest.json"

_QUANTILES = (0.5, 0.9, 0.99)
_BAR_CELLS = 24


@dataclass
class Lengths:
    """A distribution that grows value by value; memory grows with the number of different values only."""

    values: Counter[float] = field(default_factory=Counter)

    def add(self, value: float) -> None:
        """Takes in one value."""
        self.values[value] += 1

    def summarise(self) -> dict[str, float]:
        """Returns count, mean, quantiles and the largest value; empty where there are none."""
        total = self.values.total()
        if not total:
            return {}
        ordered = sorted(self.values.items())
        summary: dict[str, float] = {
            "count": total,
            "mean": round(sum(value * count for value, count in ordered) / total, 4),
        }
        for quantile in _QUANTILES:
            passed = 0
            for value, count in ordered:
                passed += count
                if passed >= quantile * total:
                    summary[f"p{quantile * 100:g}"] = round(value, 4)
                    break
        return summary | {"max": round(ordered[-1][0], 4)}


@dataclass
class SourceReport:
    """What one source gave.

    Attributes:
        error: Why it could not be collected; empty where it could.
    """

    name: str
    kind: str
    collected: int = 0
    kept: int = 0
    error: str = ""


@dataclass
class Manifest:
    """Counts and distributions of a prepared data set.

    Attributes:
        difference: Mean absolute pixel difference (of 255) of the kept drawings to their originals.
        timing: Seconds and speed of the session that finished the run; all that varies between equal runs.
    """

    collected: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    sources: list[SourceReport] = field(default_factory=list)
    splits: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    svg_bytes: Lengths = field(default_factory=Lengths)
    svg_tokens: Lengths = field(default_factory=Lengths)
    caption_words: Lengths = field(default_factory=Lengths)
    difference: Lengths = field(default_factory=Lengths)
    timing: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """Samples in all splits together."""
        return self.splits.total()

    def add_kept(self, row: dict[str, Any], split: str) -> None:
        """Takes in a kept row."""
        self.splits[split] += 1
        self.licences[row["licence"]] += 1
        self.categories[row["category"] or "none"] += 1
        self.svg_bytes.add(len(row["svg"].encode()))
        self.caption_words.add(len(row["caption"].split()))
        if row["tokens"] is not None:
            self.svg_tokens.add(row["tokens"])
        if row["difference"] is not None:
            self.difference.add(round(row["difference"], 3))

    def check_balance(self) -> None:
        """Checks that nothing was lost or counted twice.

        Raises:
            SvgtuneError: In is not kept and dropped together.
        """
        if self.collected != self.kept + self.dropped.total():
            raise SvgtuneError(
                f"prepare: {self.collected} samples came in, but {self.kept} were kept and "
                f"{self.dropped.total()} dropped; this is a bug of ours, please report it"
            )

    def to_json(self) -> dict[str, Any]:
        """Returns the manifest as it is written."""
        return {
            "in": self.collected,
            "kept": self.kept,
            "dropped": dict(self.dropped.most_common()),
            "splits": dict(self.splits),
            "sources": [
                {"in" if key == "collected" else key: value for key, value in asdict(source).items()}
                for source in self.sources
            ],
            "licences": dict(self.licences.most_common()),
            "categories": dict(self.categories.most_common()),
            "svg_bytes": self.svg_bytes.summarise(),
            "svg_tokens": self.svg_tokens.summarise(),
            "caption_words": self.caption_words.summarise(),
            "difference_to_original": self.difference.summarise(),
            "timing": self.timing,
        }


def describe_manifest(manifest: dict[str, Any]) -> str:
    """Returns the summary that a person reads at the end of a run, from what ``manifest.json`` holds."""
    dropped: dict[str, int] = manifest["dropped"]
    lines = [f"in {manifest['in']:,} = kept {manifest['kept']:,} + dropped {sum(dropped.values()):,}"]
    lines += _describe_counts("dropped", dropped, manifest["in"])
    lines += _describe_counts("split", manifest["splits"], manifest["kept"])
    lines += _describe_counts("licence", manifest["licences"], manifest["kept"])
    for title, key in (
        ("svg bytes", "svg_bytes"),
        ("svg tokens", "svg_tokens"),
        ("caption words", "caption_words"),
        ("difference to the original, of 255", "difference_to_original"),
    ):
        summary = manifest[key]
        if summary:
            figures = ", ".join(f"{name} {value:,g}" for name, value in summary.items() if name != "count")
            lines.append(f"{title}: {figures}")
    for source in manifest["sources"]:
        what = (
            f"not collected: {source['error']}"
            if source["error"]
            else f"{source['kept']:,} of {source['in']:,} kept"
        )
        lines.append(f"source {source['name']}: {what}")
    timing = manifest["timing"]
    if timing.get("rows_per_s"):
        lines.append(
            f"{timing['seconds']:.1f} s, {timing['rows_per_s']:.0f} rows/s, {timing['workers']:.0f} workers"
        )
    return "\n".join(lines)


def _describe_counts(title: str, counts: dict[str, int], total: int) -> list[str]:
    width = max(map(len, counts), default=0)
    lines = []
    for name, count in counts.items():
        bar = "#" * round(_BAR_CELLS * count / max(total, 1))
        lines.append(f"  {title} {name:{width}} {count:>9,}  {bar}".rstrip())
    return lines
