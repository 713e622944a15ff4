"""The picture encoder, and the reader that compares a statement with a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as f
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from svgtune.config.judges import EncoderSection
from svgtune.errors import InputError, MissingInputError

_POOL_PX = 4  # the colour path sees means of so many pixels squared
_HIDDEN = 256


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return f.relu(x + self.body(x), inplace=True)


class _Separable(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, 3 * width, 1),
            nn.GELU(),
            nn.Conv2d(3 * width, width, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


def _halve(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the encoder makes of pictures.

    Attributes:
        whole: [pictures, width of the whole], the picture at a glance.
        places: [pictures, places, reader width], what is where.
        caption: [pictures, text width], unit vectors: the predicted embeddings of the captions.
    """

    whole: torch.Tensor
    places: torch.Tensor
    caption: torch.Tensor


class PictureReader(nn.Module):
    """Predicts the embedding of a picture's caption, and how well statements fit the picture.

    The picture at a glance is a small ResNet's features, mean and maximum, beside a soft histogram of colours
    (1 x 1 convolutions on almost single pixels). The caption is a linear map of it. A statement, given as its
    text embedding, looks at places of the picture by attention; what it finds there, with the glance, becomes
    a vector whose cosine with the statement's own says how well they fit.

    Args:
        shape: Of the encoder.
        text_width: Length of text embeddings; 384 for all-MiniLM-L6-v2.
    """

    def __init__(self, shape: EncoderSection, text_width: int = 384) -> None:
        super().__init__()
        self.shape, self.text_width = shape, text_width
        block = {"residual": _Residual, "separable": _Separable}[shape.block]
        widths, colours, width = shape.widths, shape.colour_width, shape.reader_width
        stages: list[nn.Module] = [_halve(3, widths[0])]
        for before, after in pairwise(widths):
            stages.append(nn.Sequential(_halve(before, after), *(block(after) for _ in range(shape.blocks))))
        self.early = nn.Sequential(*stages[:-1])
        self.late = stages[-1]
        self.colours = nn.Sequential(
            nn.Conv2d(3, colours, 1), nn.ReLU(inplace=True), nn.Conv2d(colours, 2 * colours, 1), nn.ReLU()
        )
        self.side = shape.image_px // 2 ** (len(widths) - 1)
        whole = 2 * widths[-1] + 2 * colours
        self.to_caption = nn.Linear(whole, text_width)
        self.to_places = nn.Linear(widths[-2] + widths[-1] + 2 * colours, width)
        self.place = nn.Parameter(0.02 * torch.randn(self.side**2, width))
        self.adapt = nn.Sequential(
            nn.Linear(text_width, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, 2 * width + 1)
        )
        self.glance = nn.Linear(whole, width)
        self.keys = nn.Linear(width, width)
        self.values = nn.Linear(width, width)
        self.join = nn.Sequential(nn.Linear(3 * width, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, width))
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
        self.log_caption_scale = nn.Parameter(torch.tensor(math.log(15.0)))

    def see(self, pictures: torch.Tensor) -> Seen:
        """Encodes pictures, uint8 of shape [pictures, side, side, 3]."""
        x = (pictures.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        early = self.early(x)
        late = self.late(early)
        colours = self.colours(f.avg_pool2d(x, _POOL_PX))
        whole = torch.cat([late.mean((2, 3)), late.amax((2, 3)), colours.mean((2, 3))], 1)
        size = (self.side, self.side)
        around = f.interpolate(late, size=size, mode="bilinear", align_corners=False)
        local = torch.cat([early, around, f.adaptive_avg_pool2d(colours, size)], 1)
        places = self.to_places(local.flatten(2).transpose(1, 2)) + self.place
        caption = f.normalize(self.to_caption(whole).float(), dim=-1)
        return Seen(whole, places, caption)

    def fit(self, seen: Seen, statements: torch.Tensor) -> torch.Tensor:
        """Says how well statements fit: log-odds against "none of them", of shape [pictures, statements].

        Args:
            seen: Of the pictures.
            statements: Text embeddings of shape [pictures, statements, text width].
        """
        width, heads = self.shape.reader_width, self.shape.heads
        asked, wanted, bias = self.adapt(statements).split([width, width, 1], dim=-1)
        glance = self.glance(seen.whole)[:, None].expand_as(asked)
        if heads:
            found = _attend(asked, self.keys(seen.places), self.values(seen.places), heads)
        else:
            found = glance
        joined = self.join(torch.cat([found, glance, asked], -1))
        cosine = (f.normalize(joined.float(), dim=-1) * f.normalize(wanted.float(), dim=-1)).sum(-1)
        return self.log_scale.exp().clamp(max=60) * cosine + bias[..., 0].float()

    def scale_captions(self) -> torch.Tensor:
        """Returns the factor on cosines in InfoNCE."""
        return self.log_caption_scale.exp().clamp(max=60)


def fuse_norms(model: nn.Module) -> nn.Module:
    """Takes the norms of a model in evaluation mode into the convolutions before them, in place."""
    for part in list(model.modules()):
        if isinstance(part, nn.Sequential):
            for place, (conv, norm) in enumerate(pairwise(part)):
                if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    part[place], part[place + 1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return model


def _attend(asked: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, heads: int) -> torch.Tensor:
    def split(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)

    found = f.scaled_dot_product_attention(split(asked), split(keys), split(values))
    return found.transpose(1, 2).flatten(2)


def resize_reader(model: PictureReader, image_px: int) -> PictureReader:
    """Returns a copy of a reader for pictures of ``image_px`` squared, its places stretched to that side."""
    shape = model.shape.model_copy(update={"image_px": image_px})
    resized = PictureReader(shape, model.text_width)
    state = model.state_dict()
    grid = state["place"].T.unflatten(1, (model.side, model.side))[None]
    size = (resized.side, resized.side)
    state["place"] = f.interpolate(grid, size=size, mode="bilinear", align_corners=False)[0].flatten(1).T
    resized.load_state_dict(state)
    return resized.train(model.training)


def shrink(image: np.ndarray, side_px: int) -> np.ndarray:
    """Shrinks a picture, uint8 of shape [height, width, 3], to a square by area."""
    return cv2.resize(image, (side_px, side_px), interpolation=cv2.INTER_AREA)


def count_parameters(model: nn.Module) -> int:
    """Returns how many numbers are learned."""
    return sum(parameter.numel() for parameter in model.parameters())


def save_weights(model: PictureReader, path: Path) -> None:
    """Writes all weights as float16."""
    state = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(state, temporary)
    temporary.replace(path)


def load_weights(model: PictureReader, path: Path) -> PictureReader:
    """Reads what ``save_weights`` wrote into a model of the same shape, and puts it into evaluation mode.

    Raises:
        MissingInputError: There is no such file.
        InputError: It cannot be read, or its weights have other names or shapes.
    """
    if not path.is_file():
        raise MissingInputError(
            f"embedded judge: looked for {path.absolute()}, and it is not there; train it with "
            "scripts/train_judges.py, or give the folder models/judges"
        )
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"embedded judge: {path} cannot be read ({error}); restore it from the repository, or train it "
            "with scripts/train_judges.py"
        ) from error
    wanted = {
        name: tuple(value.shape)
        for name, value in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    for name in sorted(wanted.keys() | state.keys()):
        found = tuple(state[name].shape) if name in state else None
        if found != wanted.get(name):
            raise InputError(
                f"embedded judge: {path} has {name} of shape {found}, and judge.json asks for "
                f"{wanted.get(name)}; both files must come from one training"
            )
    # Spread out to float32: half precision is for the file only.
    model.load_state_dict({name: value.float() for name, value in state.items()}, strict=False)
    return model.eval()
