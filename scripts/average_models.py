"""Averages the weights of states of one model, such as before and after it went on to learn.

python scripts/average_models.py models/nano-drawing runs/nano_drawing --shares 0.6 0.4 --output runs/average

The mean can be better than either (WiSE-FT, arXiv 2109.01903; model soups, arXiv 2203.05482). Tokenizer,
configuration and card are the first model's.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from svgtune.cli import run_script
from svgtune.errors import InputError, MissingInputError
from svgtune.runs import check_output

WEIGHTS = "model.safetensors"


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Reads the weights of a model folder.

    Raises:
        MissingInputError: It holds no safetensors in one file.
        InputError: They cannot be read.
    """
    file = folder / WEIGHTS
    if not file.is_file():
        raise MissingInputError(f"{file}: is not there; give folders that hold {WEIGHTS}")
    try:
        weights: dict[str, torch.Tensor] = load_file(file)
    except SafetensorError as error:
        raise InputError(f"{file}: cannot be read ({error}); write the model anew") from error
    return weights


def average_models(folders: Sequence[Path], shares: Sequence[float], output: Path) -> None:
    """Writes the sum of ``share * weights`` to ``output``, rounded once, to the first model's precision.

    Raises:
        InputError: The models are not of one shape, or the weights cannot be read.
    """
    states = [read_weights(folder) for folder in folders]
    first = states[0]
    for folder, state in zip(folders, states, strict=True):
        shapes = {name: weight.shape for name, weight in state.items()}
        unlike = [
            name
            for name in sorted({*first, *state})
            if name not in first or shapes.get(name) != first[name].shape
        ]
        if unlike:
            raise InputError(f"{folder}: {unlike[0]} is not as in {folders[0]}; give states of one model")
    mean = {}
    for name, weight in first.items():
        parts = [share * state[name].float() for share, state in zip(shares, states, strict=True)]
        mean[name] = torch.stack(parts).sum(0).to(weight.dtype)
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(folders[0].iterdir()):
        if file.is_file() and file.name != WEIGHTS:
            shutil.copy2(file, output)
    save_file(mean, output / WEIGHTS, metadata={"format": "pt"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="+", help="two folders or more, states of one model")
    parser.add_argument("--shares", type=float, nargs="+", help="one of each, together 1; all alike")
    parser.add_argument("--output", type=Path, required=True, help="a new or empty folder")
    options = parser.parse_args(arguments)
    shares = options.shares or [1 / len(options.models)] * len(options.models)
    if len(shares) != len(options.models) or min(shares) < 0 or not math.isclose(sum(shares), 1):
        raise InputError(
            f"--shares: {shares} are not one of each of {len(options.models)} models, together 1"
        )
    check_output(options.output, resume=False, overwrite=False)
    average_models(options.models, shares, options.output)
    sys.stdout.write(f"{options.output}: done\n")
    return 0


if __name__ == "__main__":
    run_script(main)
