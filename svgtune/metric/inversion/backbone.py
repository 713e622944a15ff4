"""Picture backbones of transformers and timm: loaded, described by files, rebuilt from them offline."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from transformers import AutoConfig, AutoImageProcessor, AutoModel, CLIPImageProcessorPil, ConvNextConfig

from svgtune.errors import InputError, MachineError, MissingInputError, RecipeError
from svgtune.metric.competition.damage import check_loaded, explain_damage
from svgtune.metric.competition.weights import find_weights, first_line
from svgtune.runs import write_json_atomic

RANDOM, TIMM = "random", "timm:"
TIMM_FILE = "timm.json"
_VISION_TYPES = ("clip", "siglip")
_RANDOM_SHAPE = {"hidden_sizes": [24, 48, 96, 192], "depths": [1, 1, 2, 1], "layer_scale_init_value": 1.0}
_RANDOM_PX = 64
_BLOCK = re.compile(r"(?:^|\.)(?:layers|layer|blocks)\.\d+(?=\.)")
# Published ViTs often come without the pooler, which is a layer of its own after the last norm.
_WITHOUT_POOLER = {"vit": {"add_pooling_layer": False}}
# What interpolation is called by timm, and by PIL.
_RESAMPLES = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}


class Backbone(nn.Module):
    """A vision model that gives one vector for each picture, with the processor of its pictures.

    Args:
        model: Of transformers or timm, in fp32.
        processor: An image processor of transformers that works with PIL.
        timm_name: Of timm's model; empty for one of transformers.
    """

    def __init__(self, model: Any, processor: Any, timm_name: str = "") -> None:
        super().__init__()
        self.model = model
        self.processor = processor
        self.timm_name = timm_name

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Maps pixels, as ``prepare`` makes them, to features of shape [pictures, width].

        Features are the model's own pooled output where it has one, else its first token.
        """
        if self.timm_name:
            return self.model(pixels)
        found = self.model(pixel_values=pixels)
        pooled = found.pooler_output
        return found.last_hidden_state[:, 0] if pooled is None else pooled

    def prepare(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Makes the pixels that the model takes: float32 of shape [pictures, 3, height, width]."""
        pixels = self.processor(images=list(images), return_tensors="np")["pixel_values"]
        return np.asarray(pixels, np.float32)

    def measure_width(self) -> int:
        """Returns the length of its features, found out with a black picture.

        Raises:
            InputError: They are no vectors, or the model wants more than a picture.
        """
        training = self.model.training
        self.model.eval()
        try:
            pixels = torch.from_numpy(self.prepare([Image.new("RGB", (64, 64))]))
            with torch.inference_mode():
                shape = tuple(self(pixels.to(next(self.parameters()).device)).shape)
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(
                f"backbone: {type(self.model).__name__} gives no features of a picture "
                f"({first_line(error)}); give a CLIP, SigLIP, ConvNeXt, ViT or DINOv2, or a model of timm"
            ) from error
        finally:
            self.model.train(training)
        if len(shape) != 2:
            raise InputError(
                f"backbone: {type(self.model).__name__} gives features of shape {shape}, not one vector a "
                "picture; give another model"
            )
        return shape[1]

    def save_gradient_memory(self) -> None:
        """Turns on gradient checkpointing.

        Raises:
            RecipeError: The model cannot do it.
        """
        try:
            if self.timm_name:
                self.model.set_grad_checkpointing(True)
            else:
                self.model.gradient_checkpointing_enable({"use_reentrant": False})
        except (AssertionError, AttributeError, ValueError) as error:
            raise RecipeError(
                f"tune.gradient_checkpointing: {type(self.model).__name__} cannot do it; set it to false, "
                "and tune.batch_size lower if memory is short"
            ) from error

    def describe(self, folder: Path) -> None:
        """Writes what ``rebuild_backbone`` needs: the configurations of model and processor."""
        if self.timm_name:
            write_json_atomic(folder / TIMM_FILE, {"name": self.timm_name})
        else:
            self.model.config.save_pretrained(folder)
        self.processor.save_pretrained(folder)


def load_backbone(source: str) -> Backbone:
    """Loads a backbone with its weights, in fp32.

    Args:
        source: As ``BackboneSection`` has it.

    Raises:
        MachineError: timm or kagglehub is needed and not installed.
        MissingInputError: The model is not there, or not complete.
        InputError: It is of a kind that gives no features of pictures, or its weights are damaged or of
            another shape than its configuration says.
    """
    if source == RANDOM:
        config = ConvNextConfig(**_RANDOM_SHAPE, image_size=_RANDOM_PX)
        side = {"shortest_edge": _RANDOM_PX}
        return Backbone(AutoModel.from_config(config), CLIPImageProcessorPil(size=side, crop_size=_RANDOM_PX))
    if source.startswith(TIMM):
        return _load_timm(source.removeprefix(TIMM))
    where = find_weights(source)
    remedy = "fetch it again with 'hf download --force-download', and give the folder"
    with explain_damage("backbone", where, remedy):
        try:
            config = AutoConfig.from_pretrained(where)
            # Of a model of pictures and texts only the half that sees is loaded.
            config = config.vision_config if config.model_type in _VISION_TYPES else config
            model, report = AutoModel.from_pretrained(
                where,
                config=config,
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                **_WITHOUT_POOLER.get(config.model_type, {}),
            )
            processor = AutoImageProcessor.from_pretrained(where, backend="pil")
        except (OSError, ValueError) as error:
            raise MissingInputError(
                f"backbone: no picture model can be loaded from {where} ({first_line(error)}); give a folder "
                "or hub id with model and image processor, such as openai/clip-vit-large-patch14"
            ) from error
    check_loaded(report, "backbone", where, remedy)
    return Backbone(model, processor)


def rebuild_backbone(folder: Path) -> Backbone:
    """Builds a backbone from what ``Backbone.describe`` wrote, with random weights, from these files alone.

    Raises:
        MachineError: It is one of timm, and timm is not installed.
        InputError: The files cannot be used.
    """
    try:
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
        if (folder / TIMM_FILE).is_file():
            name = json.loads((folder / TIMM_FILE).read_text(encoding="utf-8"))["name"]
            return Backbone(_import_timm(name).create_model(name, num_classes=0), processor, name)
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        return Backbone(
            AutoModel.from_config(config, **_WITHOUT_POOLER.get(config.model_type, {})), processor
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        if isinstance(error, MachineError):
            raise
        raise InputError(
            f"{folder}: holds no backbone that can be built ({first_line(error)}); restore it, or train anew "
            "with train/invert.py"
        ) from error


def list_depths(model: nn.Module) -> dict[str, int]:
    """Gives every parameter its depth: 0 before the first block, then one for each block, then what follows.

    Blocks are the numbered modules called layers, layer or blocks, as transformers and timm name them; what
    lies between two of them counts to the latter. Parameters must be registered in the order in which a
    picture meets them, as both libraries do.

    Raises:
        InputError: The model has no such blocks.
    """
    names = [name for name, _ in model.named_parameters()]
    # The stage belongs to a block's name: stages.1.blocks.0 is another one than stages.0.blocks.0.
    blocks = [name[: found.end()] if (found := _BLOCK.search(name)) else "" for name in names]
    places = {block: depth for depth, block in enumerate(dict.fromkeys(filter(None, blocks)), start=1)}
    if not places:
        raise InputError(
            f"tune.layer_decay: {type(model).__name__} has no blocks that are called layers or blocks, and "
            "so no depths; set it to 1"
        )
    depths: dict[str, int] = {}
    following, first = len(places) + 1, next(place for place, block in enumerate(blocks) if block)
    for place in reversed(range(len(names))):
        following = places.get(blocks[place], following)
        depths[names[place]] = following if place >= first else 0
    return {name: depths[name] for name in names}


def _load_timm(name: str) -> Backbone:
    timm = _import_timm(name)
    try:
        model = timm.create_model(name, pretrained=True, num_classes=0)
    except Exception as error:
        raise MissingInputError(
            f"backbone: timm cannot load {name} ({first_line(error)}); see timm.list_models(pretrained=True) "
            "and whether this machine reaches the hub"
        ) from error
    return Backbone(model.float(), build_timm_processor(timm.data.resolve_model_data_config(model)), name)


def build_timm_processor(data: dict[str, Any]) -> CLIPImageProcessorPil:
    """Builds the image processor that does what timm's evaluation transform does, to within a pixel.

    Args:
        data: timm's configuration: input_size, crop_pct, interpolation, mean and std. ``crop_mode`` squash
            gives up the picture's proportions; any other is taken for the central crop.
    """
    height, width = data["input_size"][-2:]
    share = data.get("crop_pct") or 1.0
    if data.get("crop_mode") == "squash":
        size = {"height": round(height / share), "width": round(width / share)}
    else:
        size = {"shortest_edge": int(min(height, width) / share)}
    return CLIPImageProcessorPil(
        size=size,
        crop_size={"height": height, "width": width},
        resample=_RESAMPLES[data.get("interpolation", "bicubic")],
        image_mean=list(data["mean"]),
        image_std=list(data["std"]),
    )


def _import_timm(name: str) -> Any:
    try:
        import timm
    except ImportError as error:
        raise MachineError(
            f"backbone: {name} is a model of timm, and timm is not installed; pip install timm, or give a "
            "model of transformers"
        ) from error
    return timm
