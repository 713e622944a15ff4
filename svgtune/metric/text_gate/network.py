"""The text gate: a small network that says in which pictures the reader would read something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL.Image import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from svgtune.assets import find_asset
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.inversion.network import fuse_norms
from svgtune.runs import write_json_atomic

GATE_WEIGHTS, GATE_FILE = "gate.safetensors", "gate.json"
GATE_PX = 160
_BATCH = 16  # more at once takes fresh memory for each layer, which costs more than it saves


class GateNetwork(nn.Module):
    """Strided convolutions, and the strongest sign of writing at any place.

    Args:
        widths: Channels after each halving of the side.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = tuple(widths)
        layers: list[nn.Module] = []
        for before, after in pairwise((3, *widths)):
            layers += _convolve(before, after, stride=2)
        # Once more at the last size: a word is wider than what one place has seen so far.
        layers += _convolve(widths[-1], widths[-1], stride=1)
        self.body = nn.Sequential(*layers)
        self.sign = nn.Linear(2 * widths[-1], 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Returns log-odds, float of shape [pictures].

        Args:
            pixels: uint8 of shape [pictures, height, width, 3].
        """
        found = self.body(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)
        logits: torch.Tensor = self.sign(torch.cat([found.mean((2, 3)), found.amax((2, 3))], 1))
        return logits[:, 0]


@dataclass(frozen=True, slots=True, eq=False)
class TextGate:
    """Says which pictures are to be read.

    Attributes:
        network: In evaluation mode.
        threshold: Log-odds from which on a picture is read.
    """

    network: GateNetwork
    threshold: float

    def find(self, images: Sequence[Image]) -> list[bool]:
        """Returns for each picture, RGB of any size, whether it is to be read."""
        found: list[bool] = []
        for start in range(0, len(images), _BATCH):
            some = images[start : start + _BATCH]
            pixels = np.stack([shrink_to_gate(np.asarray(image)) for image in some])
            found += (weigh(self.network, pixels) >= self.threshold).tolist()
        return found


def shrink_to_gate(image: np.ndarray) -> np.ndarray:
    """Returns the picture, uint8 of shape [height, width, 3], as the network sees it."""
    return cv2.resize(image, (GATE_PX, GATE_PX), interpolation=cv2.INTER_LINEAR)


def weigh(network: GateNetwork, pixels: np.ndarray) -> np.ndarray:
    """Returns log-odds for pictures as ``shrink_to_gate`` makes them, uint8 of shape [pictures, ...]."""
    with torch.inference_mode():
        return network(torch.from_numpy(pixels)).float().numpy()


def save_gate(folder: Path, gate: TextGate) -> None:
    """Writes ``gate.safetensors`` and ``gate.json``."""
    save_file(
        {name: value.contiguous() for name, value in gate.network.state_dict().items()}, folder / GATE_WEIGHTS
    )
    content = {"widths": gate.network.widths, "threshold": round(gate.threshold, 4)}
    write_json_atomic(folder / GATE_FILE, content)


def load_gate(folder: str | Path) -> TextGate:
    """Loads a trained gate for the CPU.

    Raises:
        MissingInputError: The folder or one of its files is not there.
        InputError: A file cannot be used.
    """
    where = find_asset(folder)
    for name in (GATE_FILE, GATE_WEIGHTS):
        if not (where / name).is_file():
            raise MissingInputError(
                f"text gate: looked for {(where / name).absolute()}, and it is not there; train it with "
                "scripts/train_text_gate.py, or set embedded.text_gate to null"
            )
    try:
        content = json.loads((where / GATE_FILE).read_text(encoding="utf-8"))
        network = GateNetwork([int(width) for width in content["widths"]])
        network.load_state_dict(load_file(where / GATE_WEIGHTS))
        threshold = float(content["threshold"])
    except (ValueError, KeyError, TypeError, OSError, RuntimeError, SafetensorError) as error:
        raise InputError(
            f"{where}: {GATE_FILE} and {GATE_WEIGHTS} are not what scripts/train_text_gate.py writes "
            f"({error}); restore them, or train anew"
        ) from error
    fuse_norms(network.eval()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return TextGate(network, threshold)


def _convolve(before: int, after: int, *, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]
