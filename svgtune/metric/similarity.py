"""CLIP score and FID of published tables, by any model that embeds pictures and texts (CLIP, SigLIP).

They say little about small faults and are no part of the competition's metric; they let results stand beside
those of others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL.Image import Image
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.damage import check_loaded, explain_damage
from svgtune.metric.competition.precision import find_device
from svgtune.metric.competition.weights import find_weights, first_line

MAX_TEXT_TOKENS = 64


class ImageTextModel:
    """Embeds pictures and texts into one space.

    Args:
        model: With ``get_image_features`` and ``get_text_features``, in evaluation mode.
        image_processor: The model's own.
        tokenizer: Likewise.
        batch_size: Pictures or texts that it sees together.
    """

    def __init__(self, model: Any, image_processor: Any, tokenizer: Any, *, batch_size: int = 16) -> None:
        self._model = model
        self._image_processor = image_processor
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        # SigLIP was trained on texts padded to its whole length.
        self._padding = "max_length" if "siglip" in model.config.model_type else True
        self._max_tokens = min(MAX_TEXT_TOKENS, model.config.text_config.max_position_embeddings)

    def embed_images(self, images: Sequence[Image]) -> np.ndarray:
        """Returns unit vectors, float64 of shape [pictures, width]."""
        return self._embed(images, self._see)

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Returns unit vectors, float64 of shape [texts, width]; what is too long is cut off."""
        return self._embed(texts, self._read)

    def _embed(self, items: Sequence[Any], encode: Callable[[list[Any]], torch.Tensor]) -> np.ndarray:
        vectors = []
        for start in range(0, len(items), self._batch_size):
            with torch.inference_mode():
                found = encode(list(items[start : start + self._batch_size])).double().cpu().numpy()
            vectors.append(found / np.linalg.norm(found, axis=-1, keepdims=True))
        return np.concatenate(vectors)

    def _see(self, images: list[Image]) -> torch.Tensor:
        pixels = self._image_processor(images=images, return_tensors="pt")["pixel_values"]
        return self._model.get_image_features(pixels.to(self._model.device, self._model.dtype)).pooler_output

    def _read(self, texts: list[str]) -> torch.Tensor:
        tokens = self._tokenizer(
            texts, padding=self._padding, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        )
        return self._model.get_text_features(**tokens.to(self._model.device)).pooler_output


def load_image_text_model(
    source: str | Path, *, device: str = "auto", batch_size: int = 16
) -> ImageTextModel:
    """Loads a CLIP or SigLIP, in fp16 on a GPU, else in fp32.

    Args:
        source: As ``find_weights`` takes it: a folder, a hub id, or a Kaggle handle.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        batch_size: Pictures or texts that it sees together.

    Raises:
        MissingInputError: The model is not there, or not complete.
        InputError: It does not embed pictures and texts, or its weights are damaged or of another shape.
        MachineError: This machine lacks the device.
    """
    where = find_weights(source)
    device = find_device(device)
    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    remedy = "fetch it again with 'hf download --force-download', and give the folder"
    with explain_damage("similarity", where, remedy):
        try:
            model, report = AutoModel.from_pretrained(
                where, dtype=dtype, output_loading_info=True, ignore_mismatched_sizes=True
            )
            image_processor = AutoImageProcessor.from_pretrained(where, backend="pil")
            tokenizer = AutoTokenizer.from_pretrained(where)
        except (OSError, ValueError) as error:
            raise MissingInputError(
                f"similarity: no CLIP or SigLIP can be loaded from {where} ({first_line(error)}); give a "
                "folder or hub id with model, image processor and tokenizer, such as "
                "openai/clip-vit-base-patch32"
            ) from error
    if not (hasattr(model, "get_image_features") and hasattr(model, "get_text_features")):
        raise InputError(
            f"similarity: {where} is a {model.config.model_type}, which does not embed pictures and texts; "
            "give a CLIP or SigLIP"
        )
    check_loaded(report, "similarity", where, remedy)
    return ImageTextModel(model.to(device).eval(), image_processor, tokenizer, batch_size=batch_size)


def measure_frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Returns the Frechet distance of two clouds of vectors, each taken for a normal distribution.

    ``|m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2))``: Heusel et al. 2017, equation 6. With fewer vectors
    than they are wide the covariances are singular and the distance far too large: compare equal counts only.

    Args:
        one: Of shape [count, width], at least two vectors.
        other: Likewise.

    Raises:
        ValueError: A cloud has fewer than two vectors.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError(f"{len(one)} and {len(other)} vectors: a Frechet distance needs two of each")
    apart = one.mean(0) - other.mean(0)
    first, second = (np.atleast_2d(np.cov(cloud, rowvar=False)) for cloud in (one, other))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # The eigenvalues of C1 C2 are those of this symmetric matrix.
    mixed = np.linalg.eigvalsh(root @ second @ root)
    together = np.sqrt(np.maximum(mixed, 0)).sum()
    return float(max(0.0, apart @ apart + np.trace(first) + np.trace(second) - 2 * together))
