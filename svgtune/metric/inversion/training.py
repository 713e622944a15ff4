"""Trains an inverter on a folder of pictures and prompts: probe, fine-tuning, figures and card."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from svgtune.config.inversion import InversionRecipe
from svgtune.errors import RecipeError
from svgtune.metric.competition.precision import find_device
from svgtune.metric.inversion.backbone import load_backbone
from svgtune.metric.inversion.card import write_card
from svgtune.metric.inversion.inverter import (
    Inverter,
    PixelReader,
    compute_features,
    load_inverter,
    save_inverter,
)
from svgtune.metric.inversion.network import count_parameters
from svgtune.metric.inversion.pairs import Pair, Pairs, read_pairs
from svgtune.metric.inversion.text import SentenceEncoder, TextCache, TextEncoder
from svgtune.metric.inversion.tuning import Tuner, choose_dtype, measure_cosine, train_probe
from svgtune.runs import open_run, write_json_atomic, write_text_atomic

METRICS_FILE = "metrics.json"
_PAIRS, _DROPPED, _COUNTS, _SETTINGS = "pairs.jsonl", "dropped.jsonl", "pairs.json", "settings.json"
_TEXTS, _PROBE, _STAGES, _CHECKPOINT, _LOG = (
    "texts.npz", "probe.safetensors", "stages.json", "checkpoint.pt", "log.jsonl",
)  # fmt: skip
_SHOWN_DROPS = 5
# What may change between a run and its resumption, for the result does not depend on it.
_FREE_KEYS = frozenset(
    {"name", "title", "device", "workers", "feature_batch_size", "text.batch_size",
     "tune.log_every_steps", "tune.checkpoint_every_steps"}
)  # fmt: skip

logger = logging.getLogger(__name__)


def run(
    recipe: InversionRecipe,
    output: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    encoder: TextEncoder | None = None,
) -> dict[str, Any]:
    """Trains an inverter and leaves it in ``output``: weights, what loading needs, card and figures.

    A resumed run keeps its split, its probe and its last checkpoint, and ends with the same weights as an
    uninterrupted one. A finished one is left as it is.

    Args:
        recipe: What to train.
        output: The run folder; ``infer/invert.py --judge`` takes it.
        resume: Go on with the run that is there.
        overwrite: Delete it first.
        encoder: Of the prompts, instead of the recipe's text model.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        RecipeError: The recipe of the run to be resumed was another one.
        InputError: Table, pictures or backbone cannot be used.
        MissingInputError: They are not there.
        MachineError: Device, text model or timm is not there.
        TrainingError: The loss is no number.
    """
    if resume:
        check_settings(recipe, output / _SETTINGS)
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    write_json_atomic(output / _SETTINGS, _list_settings(recipe))
    if (output / METRICS_FILE).is_file():
        logger.info("%s: is finished; nothing is left to do", output)
        return json.loads((output / METRICS_FILE).read_text(encoding="utf-8"))
    pairs, counts = _read_pairs(recipe, output)
    source = recipe.text.source
    texts = TextCache(encoder or (lambda: SentenceEncoder(source, recipe.text.batch_size)), output / _TEXTS)
    targets = [_embed(side, texts) for side in (pairs.train, pairs.held_out)]
    texts.save()
    torch.manual_seed(recipe.seed)
    backbone = load_backbone(recipe.backbone.source).to(find_device(recipe.device))
    inverter = Inverter(backbone, backbone.measure_width(), targets[0].shape[1])
    inverter.to(next(backbone.parameters()).device)
    logger.info("inverter: %d parameters, on %s", count_parameters(inverter), inverter.device)
    with PixelReader(backbone, recipe.workers) as reader:
        job = _Job(recipe, output, inverter, reader, pairs, targets)
        job.probe()
        steps = job.tune()
        save_inverter(inverter, output, source)
        # Examined as it will be used: with the weights as they were rounded for the file.
        inverter.load_state_dict(load_inverter(output, device="cpu")[0].state_dict())
        job.note("final", job.examine())
    metrics = {
        "held_out_mean_cosine": job.stages,
        "pairs": counts,
        "parameters": count_parameters(inverter),
        "steps": steps,
        "precision": str(job.dtype).removeprefix("torch."),
    }
    write_card(output, recipe, metrics)
    write_json_atomic(output / METRICS_FILE, metrics)
    for name in (_CHECKPOINT, _PROBE, _STAGES):
        (output / name).unlink(missing_ok=True)
    return metrics


def check_settings(recipe: InversionRecipe, file: Path) -> None:
    """Sees to it that a resumed run has the settings it began with, as far as its result depends on them.

    Args:
        recipe: Of the resumed run.
        file: What the run wrote when it began; it need not be there.

    Raises:
        RecipeError: One has changed.
    """
    if not file.is_file():
        return
    settings = _list_settings(recipe)
    earlier = json.loads(file.read_text(encoding="utf-8"))
    for key in sorted(settings.keys() | earlier.keys()):
        if settings.get(key) != earlier.get(key):
            raise RecipeError(
                f"{key}: is {settings.get(key)!r}, and this run began with {earlier.get(key)!r}; set it "
                "back, or begin anew with --overwrite or another --output"
            )


class _Job:
    """The stages of one run, each done once however often the run is resumed."""

    def __init__(
        self,
        recipe: InversionRecipe,
        output: Path,
        inverter: Inverter,
        reader: PixelReader,
        pairs: Pairs,
        targets: Sequence[torch.Tensor],
    ) -> None:
        self._recipe, self._output, self._inverter, self._reader = recipe, output, inverter, reader
        self._paths = [[pair.picture for pair in side] for side in (pairs.train, pairs.held_out)]
        self._targets = targets
        self.dtype = choose_dtype(recipe.tune.precision, inverter.device)
        self.stages: dict[str, float] = {}
        if (output / _STAGES).is_file():
            self.stages = json.loads((output / _STAGES).read_text(encoding="utf-8"))

    def note(self, stage: str, cosine: float) -> None:
        """Notes the held-out mean cosine of a stage."""
        self.stages[stage] = round(cosine, 4)
        logger.info("held out: mean cosine %.4f, %s", cosine, stage)
        write_json_atomic(self._output / _STAGES, self.stages)

    def examine(self, dtype: torch.dtype = torch.float32) -> float:
        """Returns the mean cosine on held-out pairs; in fp32, as it is served, unless told otherwise."""
        return measure_cosine(self._inverter, self._compute_features(1, dtype), self._targets[1])

    def probe(self) -> None:
        """Stage 1, or what it found in an earlier run."""
        file, head = self._output / _PROBE, self._inverter.head
        if file.is_file():
            head.load_state_dict(load_file(file))
            return
        train, held_out = self._compute_features(0, self.dtype), self._compute_features(1, self.dtype)
        self.note("mean_prompt", _measure_constant(*self._targets))
        self.note("initial", measure_cosine(self._inverter, held_out, self._targets[1]))
        train_probe(self._recipe.probe, self._inverter, train, self._targets[0], self._recipe.seed)
        self.note("probe", measure_cosine(self._inverter, held_out, self._targets[1]))
        temporary = file.with_name(f".{file.name}.tmp")
        save_file({name: value.cpu().contiguous() for name, value in head.state_dict().items()}, temporary)
        temporary.replace(file)

    def tune(self) -> int:
        """Stage 2; leaves the averaged weights in the inverter, and returns how many steps it took."""
        section = self._recipe.tune
        if not section.epochs:
            return 0
        tuner = Tuner(
            section, self._inverter, self._paths[0], self._targets[0], self._reader, self._recipe.seed
        )
        tuner.train(self._output / _CHECKPOINT, self._output / _LOG)
        self.note("last_weights", self.examine(self.dtype))
        self._inverter.load_state_dict(tuner.average.weights)
        self.note("averaged_weights", self.examine(self.dtype))
        return tuner.steps

    def _compute_features(self, side: int, dtype: torch.dtype) -> torch.Tensor:
        logger.info("features: of %d pictures", len(self._paths[side]))
        return compute_features(
            self._inverter.backbone, self._paths[side], self._reader, self._recipe.feature_batch_size, dtype
        )


def _read_pairs(recipe: InversionRecipe, output: Path) -> tuple[Pairs, dict[str, Any]]:
    """Reads the pairs, or how they were split when this run began."""
    file, counts = output / _PAIRS, output / _COUNTS
    if counts.is_file():
        sides: dict[str, list[Pair]] = {"train": [], "held_out": []}
        for line in file.read_text(encoding="utf-8").split("\n")[:-1]:
            row = json.loads(line)
            sides[row["side"]].append(Pair(Path(row["picture"]), row["prompt"], row["where"]))
        return Pairs(**sides, dropped=[]), json.loads(counts.read_text(encoding="utf-8"))
    pairs = read_pairs(recipe.data, recipe.workers or os.cpu_count() or 1)
    for each in pairs.dropped[:_SHOWN_DROPS]:
        logger.warning("%s: dropped, %s: %s", each.where, each.reason, each.detail)
    rows = [
        {"side": side, "picture": str(pair.picture.absolute()), "prompt": pair.prompt, "where": pair.where}
        for side, some in (("train", pairs.train), ("held_out", pairs.held_out))
        for pair in some
    ]
    write_text_atomic(file, _write_lines(rows))
    write_text_atomic(output / _DROPPED, _write_lines([asdict(each) for each in pairs.dropped]))
    write_json_atomic(counts, pairs.count())
    logger.info("pairs: %s", json.dumps(pairs.count()))
    return pairs, pairs.count()


def _embed(pairs: Sequence[Pair], texts: TextCache) -> torch.Tensor:
    rows = torch.from_numpy(texts.encode([pair.prompt for pair in pairs]))
    return torch.nn.functional.normalize(rows, dim=-1)


def _measure_constant(train: torch.Tensor, held_out: torch.Tensor) -> float:
    """Returns the mean cosine of the best answer that looks at no picture: the mean training embedding."""
    mean = train.mean(0)
    return float((held_out @ (mean / mean.norm())).mean())


def _list_settings(recipe: InversionRecipe) -> dict[str, Any]:
    return {key: value for key, value in _flatten(recipe.model_dump(mode="json")) if key not in _FREE_KEYS}


def _flatten(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tree.items():
        inner = _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
        pairs += inner
    return pairs


def _write_lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
