"""The two stages of training: a linear probe, and fine-tuning from it.

LP-FT: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution",
arXiv 2202.10054. A linear map that starts at random sends large, useless gradients into the backbone; one
that was learned first does not.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from svgtune.config.inversion import FineTuneSection, ProbeSection
from svgtune.errors import MachineError, TrainingError
from svgtune.metric.inversion.backbone import list_depths
from svgtune.metric.inversion.inverter import Inverter, PixelReader
from svgtune.runs import LineFile

_PROBE_WARMUP_SHARE = 0.05
_BF16_CAPABILITY = (8, 0)
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# Streams of random numbers that must not be the same.
_PROBE, _ORDER, _CROP = 0, 1, 2

logger = logging.getLogger(__name__)


def choose_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Chooses the number format that is computed in, by ``FineTuneSection.precision``.

    Raises:
        MachineError: fp16 is asked for on a CPU, where its gradients are not scaled.
    """
    if precision == "auto":
        if device.type != "cuda":
            return torch.float32
        has_bf16 = torch.cuda.get_device_capability(device) >= _BF16_CAPABILITY
        return torch.bfloat16 if has_bf16 else torch.float16
    if precision == "fp16" and device.type != "cuda":
        raise MachineError(
            f"tune.precision: is fp16, but the device is {device}; set it to auto, fp32 or bf16"
        )
    return _DTYPES[precision]


def find_share(step: int, steps: int, warmup_share: float) -> float:
    """Returns the share of its peak that the rate has at a step: a straight rise, then a cosine to zero."""
    warmup = math.ceil(warmup_share * steps)
    if step < warmup:
        return (step + 1) / warmup
    return (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup))) / 2


def measure_cosine(inverter: Inverter, features: torch.Tensor, targets: torch.Tensor) -> float:
    """Returns the mean cosine of what features are mapped to with the wanted unit rows."""
    with torch.inference_mode():
        return float((inverter.map(features.to(inverter.device)).cpu() * targets).sum(-1).mean())


def train_probe(
    section: ProbeSection, inverter: Inverter, features: torch.Tensor, targets: torch.Tensor, seed: int
) -> None:
    """Learns the linear map on features; the backbone is not used.

    Args:
        section: How long and how fast.
        inverter: Its ``head`` is trained in place.
        features: float32 of shape [pictures, width].
        targets: Unit rows, float32 of shape [pictures, text width].
        seed: Of the order.
    """
    features, targets = features.to(inverter.device), targets.to(inverter.device)
    optimiser = torch.optim.AdamW(inverter.head.parameters(), weight_decay=section.weight_decay)
    size = min(section.batch_size, len(features))
    steps = section.epochs * (len(features) // size)
    for step, rows in enumerate(_walk(len(features), size, 0, steps, seed, _PROBE)):
        for group in optimiser.param_groups:
            group["lr"] = section.learning_rate * find_share(step, steps, _PROBE_WARMUP_SHARE)
        loss = _measure_loss(inverter.map(features[rows]), targets[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()


class Average:
    """The exponential moving average of a model's weights.

    After step k it is ``d * average + (1 - d) * weights`` with ``d = min(decay, (1 + k) / (10 + k))``, so
    that the first weights are soon forgotten; the rule of TensorFlow's ``ExponentialMovingAverage``.

    Args:
        model: Its weights are what the average starts from.
        decay: 0 keeps the last weights.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._decay = decay
        self.steps = 0
        self.weights = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Takes a step's weights in."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps)) if self._decay else 0.0
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1 - decay)
            else:
                self.weights[name].copy_(value)


class Tuner:
    """Trains backbone and linear map; what step k sees depends on the seed and k alone.

    Args:
        section: How long and how fast.
        inverter: Is trained in place.
        paths: Of the pictures.
        targets: Unit rows, float32 of shape [pictures, text width].
        reader: Of the backbone.
        seed: Of the order and the crops.
    """

    def __init__(
        self,
        section: FineTuneSection,
        inverter: Inverter,
        paths: Sequence[Path],
        targets: torch.Tensor,
        reader: PixelReader,
        seed: int,
    ) -> None:
        self._section, self._inverter, self._reader, self._seed = section, inverter, reader, seed
        self._paths, self._targets = paths, targets
        self._size = min(section.batch_size * section.accumulation, len(paths))
        self.steps = section.epochs * (len(paths) // self._size)
        self.dtype = choose_dtype(section.precision, inverter.device)
        if section.gradient_checkpointing:
            inverter.backbone.save_gradient_memory()
        self.optimiser = torch.optim.AdamW(group_parameters(inverter, section), lr=section.learning_rate)
        self._scaler = torch.amp.GradScaler(inverter.device.type, enabled=self.dtype == torch.float16)
        self.average = Average(inverter, section.ema_decay)

    def train(self, checkpoint: Path, log: Path) -> None:
        """Trains to the last step, from the checkpoint where there is one.

        Args:
            checkpoint: Is written now and then, and at the end.
            log: Gets a JSON line now and then.

        Raises:
            TrainingError: The loss is no number.
            InputError: A picture cannot be read.
        """
        step = first = self._load(checkpoint)
        self._inverter.train()
        began, losses, rows_seen = time.monotonic(), list[float](), 0
        with LineFile(log) as lines:
            pixels = self._reader.read(self._list_jobs(step), self._section.crop_scale)
            for rows in _walk(len(self._paths), self._size, step, self.steps, self._seed, _ORDER):
                losses.append(self._step(step, rows, pixels))
                step, rows_seen = step + 1, rows_seen + len(rows)
                if step % self._section.log_every_steps == 0 or step == self.steps:
                    line = {
                        "step": step,
                        "cosine": round(1 - float(np.mean(losses)), 4),
                        "rate": max(group["lr"] for group in self.optimiser.param_groups),
                        "pictures_per_s": round(rows_seen / (time.monotonic() - began), 1),
                    }
                    logger.info("tune: step %d of %d: %s", step, self.steps, json.dumps(line))
                    lines.write_lines([json.dumps(line)])
                    losses.clear()
                if step % self._section.checkpoint_every_steps == 0 or step == self.steps:
                    self._save(checkpoint, step)
        self._inverter.eval()
        logger.info("tune: %d steps done in this run", step - first)

    def _step(self, step: int, rows: np.ndarray, pixels: Iterator[torch.Tensor]) -> float:
        """Does one step and returns its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * find_share(step, self.steps, self._section.warmup_share)
        torch.manual_seed(self._seed * 1_000_003 + step)  # of dropout, so that a resumed run drops the same
        self.optimiser.zero_grad(set_to_none=True)
        total, device = 0.0, self._inverter.device
        for part in _cut(rows, self._section.batch_size):
            with torch.autocast(device.type, self.dtype, enabled=self.dtype != torch.float32):
                found = self._inverter(next(pixels).to(device))
            loss = _measure_loss(found, self._targets[part].to(device)) * (len(part) / len(rows))
            self._scaler.scale(loss).backward()
            total += float(loss.detach())
        if not math.isfinite(total):
            raise TrainingError(
                f"tune: the loss of step {step + 1} is {total}; lower tune.learning_rate, or set "
                "tune.precision to fp32"
            )
        self._scaler.unscale_(self.optimiser)
        nn.utils.clip_grad_norm_(self._inverter.parameters(), self._section.max_gradient)
        self._scaler.step(self.optimiser)
        self._scaler.update()
        self.average.update(self._inverter)
        return total

    def _list_jobs(self, first: int) -> Iterator[list[tuple[Path, np.random.Generator | None]]]:
        cropped = self._section.crop_scale < 1
        walk = _walk(len(self._paths), self._size, first, self.steps, self._seed, _ORDER)
        for step, rows in enumerate(walk, start=first):
            for part in _cut(rows, self._section.batch_size):
                yield [
                    (
                        self._paths[row],
                        np.random.default_rng((self._seed, _CROP, step, int(row))) if cropped else None,
                    )
                    for row in part
                ]

    def _save(self, path: Path, step: int) -> None:
        temporary = path.with_name(f".{path.name}.tmp")
        state = {
            "step": step,
            "model": self._inverter.state_dict(),
            "average": self.average.weights,
            "average_steps": self.average.steps,
            "optimiser": self.optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
        }
        torch.save(state, temporary)
        temporary.replace(path)

    def _load(self, path: Path) -> int:
        if not path.is_file():
            return 0
        state = torch.load(path, map_location=self._inverter.device, weights_only=True)
        self._inverter.load_state_dict(state["model"])
        self.average.weights, self.average.steps = state["average"], state["average_steps"]
        self.optimiser.load_state_dict(state["optimiser"])
        self._scaler.load_state_dict(state["scaler"])
        logger.info("tune: going on from step %d", state["step"])
        return int(state["step"])


def group_parameters(inverter: Inverter, section: FineTuneSection) -> list[dict[str, Any]]:
    """Sorts parameters by depth and by whether they decay, each group with the peak of its rate.

    A group of depth d has ``learning_rate * layer_decay ** (last depth - d)`` (Clark et al. 2020, ELECTRA,
    arXiv 2003.10555, and Bao et al. 2021, BEiT, arXiv 2106.08254); the linear map has the last depth, like
    what follows the backbone's last block. Without a decay all depths are 0.
    """
    model = inverter.backbone.model
    names = [name for name, _ in model.named_parameters()]
    depths = list_depths(model) if section.layer_decay < 1 else dict.fromkeys(names, 0)
    last = max(depths.values())
    groups: defaultdict[tuple[int, bool], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        groups[depths[name], parameter.ndim >= 2].append(parameter)
    for parameter in inverter.head.parameters():
        groups[last, parameter.ndim >= 2].append(parameter)
    return [
        {
            "params": parameters,
            "depth": depth,
            "peak": section.learning_rate * section.layer_decay ** (last - depth),
            "weight_decay": section.weight_decay if decays else 0.0,
        }
        for (depth, decays), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]


def _measure_loss(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return 1 - (found * wanted).sum(-1).mean()


def _walk(count: int, size: int, first: int, steps: int, seed: int, stream: int) -> Iterator[np.ndarray]:
    """Yields the rows of each step from the first one on: every epoch in an order of its own."""
    drawn, order = -1, np.empty(0, np.int64)
    for step in range(first, steps):
        epoch, place = divmod(step, count // size)
        if epoch != drawn:
            drawn, order = epoch, np.random.default_rng((seed, stream, epoch)).permutation(count)
        yield order[place * size : (place + 1) * size]


def _cut(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
