"""CLIP with the aesthetic head as the judge of looks.

The head is ``sac+logos+ava1-l14-linearMSE`` of the improved-aesthetic-predictor, trained on 0 to 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL.Image import Image
from safetensors.torch import load_file
from torch import nn
from transformers import AutoImageProcessor, CLIPImageProcessor, CLIPVisionModelWithProjection
from transformers.utils import cached_file

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.damage import DAMAGE_ERRORS, check_loaded, explain_damage
from svgtune.metric.competition.precision import find_device
from svgtune.metric.competition.weights import find_weights, first_line

DEFAULT_SOURCE = "openai/clip-vit-large-patch14"
DEFAULT_HEAD = "kaggle:metric/sac-logos-ava1-l14-linearmse"
HEAD_FILE = "sac+logos+ava1-l14-linearMSE.pth"
HEAD_ORIGIN = "https://github.com/christophschuhmann/improved-aesthetic-predictor"
_SUFFIXES = (".pth", ".pt", ".safetensors")
_SCALE = 10.0


class AestheticHead(nn.Module):
    """Linear layers without activations between; the names of the weights are those of the published file.

    Args:
        width: Of the image embedding; 768 for ViT-L/14.
    """

    def __init__(self, width: int = 768) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, 1024),
            nn.Dropout(0.2),
            nn.Linear(1024, 128),
            nn.Dropout(0.2),
            nn.Linear(128, 64),
            nn.Dropout(0.1),
            nn.Linear(64, 16),
            nn.Linear(16, 1),
        )

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Maps embeddings of shape [pictures, width] to marks of shape [pictures, 1], about 0 to 10."""
        return self.layers(embeddings)


class ClipAestheticJudge:
    """Rates pictures by their CLIP embedding.

    Args:
        model: In evaluation mode.
        image_processor: CLIP's, working with PIL, as at the competition.
        head: In evaluation mode, float32.
        batch_size: Pictures that the model sees together.
    """

    def __init__(
        self,
        model: CLIPVisionModelWithProjection,
        image_processor: CLIPImageProcessor,
        head: AestheticHead,
        *,
        batch_size: int = 16,
    ) -> None:
        self._model = model
        self._image_processor = image_processor
        self._head = head
        self._batch_size = batch_size

    def rate(self, images: Sequence[Image]) -> list[float]:
        """Returns a tenth of each picture's mark, not clipped."""
        results: list[float] = []
        for start in range(0, len(images), self._batch_size):
            some = list(images[start : start + self._batch_size])
            pixels = self._image_processor(images=some, return_tensors="pt")["pixel_values"]
            with torch.inference_mode():
                embeddings = self._model(pixels.to(self._model.device, self._model.dtype)).image_embeds
                embeddings = embeddings / embeddings.norm(dim=-1, keepdim=True)
                marks = self._head(embeddings.float())
            results += [mark / _SCALE for mark in marks[:, 0].tolist()]
        return results


def load_clip_aesthetic(
    source: str | Path = DEFAULT_SOURCE, head: str | Path = DEFAULT_HEAD, *, device: str = "auto"
) -> ClipAestheticJudge:
    """Loads CLIP, in fp16 on a GPU as at the competition, else in fp32, and the head.

    Args:
        source: As ``find_weights`` takes it.
        head: Likewise; a file, or a folder or hub repository that holds one.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        MissingInputError: The model or the head is not there, or not complete.
        InputError: The model or the head is damaged, or does not fit.
        MachineError: This machine lacks the device.
    """
    where = find_weights(source)
    device = find_device(device)
    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    remedy = f"fetch it again with 'hf download --force-download {DEFAULT_SOURCE}' and give the folder"
    with explain_damage("aesthetic judge", where, remedy):
        try:
            model, report = CLIPVisionModelWithProjection.from_pretrained(
                where, dtype=dtype, output_loading_info=True, ignore_mismatched_sizes=True
            )
            image_processor = AutoImageProcessor.from_pretrained(where, backend="pil")
        except (OSError, ValueError) as error:
            raise MissingInputError(
                f"aesthetic judge: no CLIP can be loaded from {where} ({first_line(error)}); fetch it with "
                f"'hf download {DEFAULT_SOURCE}' and give the folder (OpenAI's own .pt file is not read)"
            ) from error
    check_loaded(report, "aesthetic judge", where, remedy)
    aesthetic_head = load_head(head, width=model.config.projection_dim).to(device)
    return ClipAestheticJudge(model.to(device).eval(), image_processor, aesthetic_head)


def load_head(source: str | Path, width: int = 768) -> AestheticHead:
    """Loads the head from a PyTorch or safetensors file.

    Raises:
        MissingInputError: There is no such file.
        InputError: The file cannot be read, or its weights have other names or shapes.
    """
    path = _find_head_file(find_weights(source))
    head = AestheticHead(width)
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        found = {name: tuple(value.shape) for name, value in state.items()}
    except (OSError, AttributeError, *DAMAGE_ERRORS) as error:
        raise InputError(
            f"aesthetic head: {path} cannot be read ({first_line(error)}); fetch {HEAD_FILE} from "
            f"{HEAD_ORIGIN} again"
        ) from error
    wanted = {name: tuple(value.shape) for name, value in head.state_dict().items()}
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            raise InputError(
                f"aesthetic head: {path} has {name} of shape {found.get(name)}, and {wanted.get(name)} is "
                f"needed for embeddings of {width} numbers; give {HEAD_FILE} from {HEAD_ORIGIN}, which goes "
                f"with {DEFAULT_SOURCE}"
            )
    head.load_state_dict(state)
    return head.float().eval()


def _find_head_file(where: str) -> Path:
    path = Path(where)
    if path.is_file():
        return path
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)
        if len(files) == 1:
            return files[0]
        found = f"holds {len(files)} files that end in {', '.join(_SUFFIXES)}"
    else:
        try:
            return Path(cached_file(where, HEAD_FILE))
        except (OSError, ValueError) as error:
            found = f"has no {HEAD_FILE} ({first_line(error)})"
    raise MissingInputError(
        f"aesthetic head: {where} {found}; fetch {HEAD_FILE} from {HEAD_ORIGIN} or {DEFAULT_HEAD}, and give "
        "the file"
    )
