from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.text_gate.network import (
    GATE_FILE,
    GATE_PX,
    GATE_WEIGHTS,
    GateNetwork,
    TextGate,
    load_gate,
    save_gate,
    weigh,
)

SHIPPED = "models/judges/text_gate"


def build_network() -> GateNetwork:
    """A random network whose norms have seen pictures."""
    torch.manual_seed(3)
    network = GateNetwork([4, 6, 8])
    network(torch.from_numpy(draw_noise(16)))
    return network.eval()


def draw_noise(count: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, GATE_PX, GATE_PX, 3), np.uint8)


def test_gate_comes_back_from_its_files(tmp_path: Path) -> None:
    network, images = build_network(), [Image.fromarray(pixels) for pixels in draw_noise(9)]
    threshold = float(np.sort(weigh(network, draw_noise(9)))[4:6].mean())
    save_gate(tmp_path, TextGate(network, threshold))
    again = load_gate(tmp_path)
    assert again.threshold == pytest.approx(threshold, abs=1e-4)
    assert sum(again.find(images)) == 4
    assert again.find(images) == [again.find([image])[0] for image in images]
    assert again.find([]) == []


def test_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"gate\.json.*train_text_gate\.py.*text_gate to null"):
        load_gate(tmp_path)
    save_gate(tmp_path, TextGate(build_network(), 0.0))
    (tmp_path / GATE_FILE).write_text(json.dumps({"widths": [4, 6, 9], "threshold": 0.0}))
    with pytest.raises(InputError, match=r"restore them, or train anew"):
        load_gate(tmp_path)
    (tmp_path / GATE_WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"gate\.safetensors are not what"):
        load_gate(tmp_path)
