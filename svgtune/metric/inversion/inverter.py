"""A picture backbone with a linear map to the prompt's embedding, in memory and in a folder."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as f
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.precision import find_device
from svgtune.metric.inversion.backbone import Backbone, rebuild_backbone
from svgtune.metric.inversion.pairs import open_picture
from svgtune.runs import write_json_atomic

INVERTER_FILE, WEIGHTS_FILE = "inverter.json", "inverter.safetensors"
_BATCHES_AHEAD = 3


class Inverter(nn.Module):
    """Predicts the embedding of the prompt that a picture was made for.

    Args:
        backbone: That looks at the picture.
        width: Of its features.
        text_width: Of text embeddings; 384 for all-MiniLM-L6-v2.
    """

    def __init__(self, backbone: Backbone, width: int, text_width: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(width, text_width)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Maps pixels, as ``Backbone.prepare`` makes them, to float32 unit rows, [pictures, text width]."""
        return self.map(self.backbone(pixels))

    def map(self, features: torch.Tensor) -> torch.Tensor:
        """Maps features of shape [pictures, width] to float32 unit rows, [pictures, text width]."""
        return f.normalize(self.head(features).float(), dim=-1)

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return self.head.weight.device


class PixelReader:
    """Reads pictures in threads, some batches ahead of whoever computes with them.

    Args:
        backbone: Whose processor makes pixels of them.
        workers: Threads; None is one a core.
    """

    def __init__(self, backbone: Backbone, workers: int | None = None) -> None:
        self._backbone = backbone
        self._pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(
        self, batches: Iterable[Sequence[tuple[Path, np.random.Generator | None]]], crop_scale: float = 1.0
    ) -> Iterator[torch.Tensor]:
        """Yields the pixels of each batch of paths, cropped where a random generator comes with the path.

        Raises:
            InputError: A picture cannot be read.
        """
        pending: deque[list[Future[np.ndarray]]] = deque()
        for batch in batches:
            pending.append([self._pool.submit(self._read_one, *job, crop_scale) for job in batch])
            if len(pending) > _BATCHES_AHEAD:
                yield _collect(pending.popleft())
        while pending:
            yield _collect(pending.popleft())

    def _read_one(self, path: Path, rng: np.random.Generator | None, crop_scale: float) -> np.ndarray:
        image = open_picture(path)
        return self._backbone.prepare([image if rng is None else crop_randomly(image, rng, crop_scale)])[0]


def crop_randomly(image: Image.Image, rng: np.random.Generator, scale: float) -> Image.Image:
    """Cuts out a piece of the picture's own proportions, at a random place.

    Args:
        image: Any picture.
        rng: Decides size and place.
        scale: The piece has this share of the area, or more, up to all of it.
    """
    side = float(np.sqrt(rng.uniform(scale, 1)))
    width, height = max(1, round(image.width * side)), max(1, round(image.height * side))
    x, y = (int(rng.integers(0, rest + 1)) for rest in (image.width - width, image.height - height))
    return image.crop((x, y, x + width, y + height))


def compute_features(
    backbone: Backbone,
    paths: Sequence[Path],
    reader: PixelReader,
    batch_size: int,
    dtype: torch.dtype = torch.float32,
) -> torch.Tensor:
    """Computes the features of pictures: float32 of shape [pictures, width], on the CPU.

    Args:
        backbone: Is put into evaluation mode for it.
        paths: At least one.
        reader: Of this backbone.
        batch_size: Pictures that it sees together.
        dtype: Number format of the computation; weights stay as they are.
    """
    device = next(backbone.parameters()).device
    jobs = [[(path, None) for path in paths[k : k + batch_size]] for k in range(0, len(paths), batch_size)]
    training = backbone.training
    backbone.eval()
    with torch.no_grad(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        parts = [backbone(pixels.to(device)).float().cpu() for pixels in reader.read(jobs)]
    backbone.train(training)
    return torch.cat(parts)


def predict_embeddings(inverter: Inverter, paths: Sequence[Path], batch_size: int = 64) -> np.ndarray:
    """Predicts the embedding of each picture's prompt: float32 unit rows, [pictures, text width]."""
    with PixelReader(inverter.backbone) as reader:
        features = compute_features(inverter.backbone, paths, reader, batch_size)
    with torch.inference_mode():
        return inverter.map(features.to(inverter.device)).cpu().numpy()


def save_inverter(inverter: Inverter, folder: Path, text_source: str) -> None:
    """Writes weights as float16, and all that is needed to use them without a hub.

    Args:
        inverter: To be written.
        folder: Gets ``inverter.safetensors``, ``inverter.json``, and the configurations of backbone and
            image processor.
        text_source: Where the text model of the embeddings is, as ``SentenceEncoder`` takes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inverter.backbone.describe(folder)
    state = {name: _shorten(value) for name, value in inverter.state_dict().items()}
    temporary = folder / f".{WEIGHTS_FILE}.tmp"
    save_file(state, temporary)
    temporary.replace(folder / WEIGHTS_FILE)
    content = {
        "feature_width": inverter.head.in_features,
        "text_width": inverter.head.out_features,
        "text": text_source,
    }
    write_json_atomic(folder / INVERTER_FILE, content)


def load_inverter(folder: str | Path, *, device: str = "auto") -> tuple[Inverter, dict[str, Any]]:
    """Loads what ``save_inverter`` wrote, in evaluation mode and fp32, and what ``inverter.json`` says.

    Raises:
        MissingInputError: A file is not there.
        InputError: A file cannot be used.
        MachineError: This machine lacks the device, or timm where the backbone is one of timm's.
    """
    where = Path(folder)
    for name in (INVERTER_FILE, WEIGHTS_FILE):
        if not (where / name).is_file():
            raise MissingInputError(
                f"inverter: looked for {(where / name).absolute()}, and it is not there; train it with "
                "train/invert.py"
            )
    try:
        content = json.loads((where / INVERTER_FILE).read_text(encoding="utf-8"))
        widths = int(content["feature_width"]), int(content["text_width"])
        content["text"]
        state = load_file(where / WEIGHTS_FILE)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise InputError(
            f"inverter: {where} is not what train/invert.py writes ({error}); restore it, or train anew"
        ) from error
    inverter = Inverter(rebuild_backbone(where), *widths)
    wanted = {name: tuple(value.shape) for name, value in inverter.state_dict().items()}
    for name in sorted(wanted.keys() | state.keys()):
        found = tuple(state[name].shape) if name in state else None
        if found != wanted.get(name):
            raise InputError(
                f"inverter: {where / WEIGHTS_FILE} has {name} of shape {found}, and {wanted.get(name)} is "
                "wanted; all files must come from one training"
            )
    inverter.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return inverter.to(find_device(device)).eval(), content


def _shorten(value: torch.Tensor) -> torch.Tensor:
    """Rounds to float16, unless something is too large for it."""
    value = value.detach().cpu().contiguous()
    if not value.is_floating_point():
        return value
    short = value.half()
    return short if bool(short.isfinite().all()) else value


def _collect(jobs: Sequence[Future[np.ndarray]]) -> torch.Tensor:
    return torch.from_numpy(np.stack([job.result() for job in jobs]))
