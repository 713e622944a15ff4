"""Averages the weights of models of one shape, such as a model before and after it went on to learn.

python scripts/average_models.py models/nano-drawing runs/nano_drawing --share 0.4 --output runs/average

The mean can be better than either (WiSE-FT, arXiv 2109.01903; model soups, arXiv 2203.05482). Tokenizer,
configuration and card are the first model's.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from svgtune.errors import InputError, MissingInputError, SvgtuneError
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


def average_models(first: Path, second: Path, share: float, output: Path) -> None:
    """Writes ``(1 - share) * first + share * second`` to ``output``, rounded once, to the first's precision.

    Raises:
        InputError: The models are not of one shape, or the weights cannot be read.
    """
    ours, theirs = read_weights(first), read_weights(second)
    unlike = [
        name
        for name in sorted({*ours, *theirs})
        if name not in ours or name not in theirs or ours[name].shape != theirs[name].shape
    ]
    if unlike:
        raise InputError(f"{second}: {unlike[0]} is not as in {first}; give two states of one model")
    mean = {
        name: ((1 - share) * weight.float() + share * theirs[name].float()).to(weight.dtype)
        for name, weight in ours.items()
    }
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(first.iterdir()):
        if file.is_file() and file.name != WEIGHTS:
            shutil.copy2(file, output)
    save_file(mean, output / WEIGHTS, metadata={"format": "pt"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", type=Path, help="model folder")
    parser.add_argument("second", type=Path, help="another state of the same model")
    parser.add_argument("--share", type=float, default=0.5, help="of the second one, 0 to 1; 0.5")
    parser.add_argument("--output", type=Path, required=True, help="a new or empty folder")
    options = parser.parse_args(arguments)
    if not 0 <= options.share <= 1:
        raise InputError(f"--share: {options.share} is not between 0 and 1; give a share of the second model")
    check_output(options.output, resume=False, overwrite=False)
    average_models(options.first, options.second, options.share, options.output)
    sys.stdout.write(f"{options.output}: done\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SvgtuneError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
