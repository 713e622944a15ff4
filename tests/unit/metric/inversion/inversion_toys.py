"""Coloured squares with prompts, and tiny random backbones as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    ConvNextConfig,
    ConvNextImageProcessorPil,
    ConvNextModel,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessorPil,
)

from svgtune.config.inversion import (
    BackboneSection,
    FineTuneSection,
    InversionRecipe,
    PairsSection,
    ProbeSection,
)

PAINTS = {
    "red": (220, 30, 30), "green": (30, 160, 60), "blue": (30, 60, 210), "yellow": (240, 220, 40),
    "white": (250, 250, 250), "black": (10, 10, 10), "pink": (250, 150, 190), "brown": (120, 70, 30),
}  # fmt: skip
SIDE_PX = 32
WIDTH = 24
KINDS = ("clip", "siglip", "convnext", "vit")


def draw_square(paint: str, ground: str, rng: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", (40, 40), PAINTS[ground])
    x, y = (int(k) for k in rng.integers(4, 14, 2))
    picture.paste(PAINTS[paint], (x, y, x + 22, y + 22))
    return picture


def save_squares(folder: Path, paints: Sequence[str] = tuple(PAINTS), each: int = 1) -> Path:
    """Saves squares of every paint on every other one, with ``metadata.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, rows = np.random.default_rng(0), []
    for paint, ground in ((a, b) for a in paints for b in paints if a != b):
        for number in range(each):
            name = f"{paint}_{ground}_{number}.png"
            draw_square(paint, ground, rng).save(folder / name)
            rows.append({"file_name": name, "text": f"{paint} on {ground}"})
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def save_backbone(folder: Path, kind: str, image_px: int = SIDE_PX) -> Path:
    """Saves a tiny random model with its image processor, as published ones are."""
    torch.manual_seed(5)
    small = {"hidden_size": WIDTH, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = {**small, "image_size": image_px, "patch_size": 8}
    text = {**small, "vocab_size": 30, "max_position_embeddings": 8, "pad_token_id": 0, "eos_token_id": 1}
    side = {"height": image_px, "width": image_px}
    if kind == "clip":
        text |= {"bos_token_id": 2}
        model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=WIDTH))
        processor = CLIPImageProcessorPil(size=image_px, crop_size=image_px)
    elif kind == "siglip":
        model = SiglipModel(SiglipConfig(text_config=text, vision_config=vision))
        processor = SiglipImageProcessorPil(size=side)
    elif kind == "vit":
        model = ViTForImageClassification(ViTConfig(**vision, num_labels=3))
        processor = ViTImageProcessorPil(size=side)
    else:
        shape = {"hidden_sizes": [8, 12, 16, WIDTH], "depths": [1, 1, 2, 1], "layer_scale_init_value": 1.0}
        model = ConvNextModel(ConvNextConfig(**shape, image_size=image_px))
        processor = ConvNextImageProcessorPil(size={"shortest_edge": image_px})
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def build_recipe(data: Path, backbone: Path | str, **tune: object) -> InversionRecipe:
    settings = {
        "epochs": 2, "batch_size": 8, "accumulation": 1, "learning_rate": 1e-3, "layer_decay": 0.8,
        "ema_decay": 0.8, "log_every_steps": 2, "checkpoint_every_steps": 3,
    }  # fmt: skip
    return InversionRecipe(
        data=PairsSection(path=data, held_out_share=0.2),
        backbone=BackboneSection(source=str(backbone)),
        probe=ProbeSection(epochs=30, batch_size=16, learning_rate=1e-2),
        tune=FineTuneSection(**(settings | tune)),
        device="cpu",
        workers=1,
    )
