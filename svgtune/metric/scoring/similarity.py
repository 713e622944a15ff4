"""The part of a scoring run that compares drawings with captions and with other pictures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from svgtune.config.score import SimilaritySection
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.embedded.calibration import bootstrap_mean, number_groups
from svgtune.metric.scoring.rows import Row
from svgtune.metric.similarity import ImageTextModel, load_image_text_model, measure_frechet
from svgtune.render.pool import RenderPool

logger = logging.getLogger(__name__)

_PICTURES = (".jpeg", ".jpg", ".png", ".webp")


def list_references(folder: Path) -> list[Path]:
    """Returns the pictures of a folder, those in folders below it among them.

    Raises:
        MissingInputError: The folder is not there, or holds fewer than two pictures.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in (*_PICTURES, ".svg"))
    if len(files) < 2:
        raise MissingInputError(
            f"similarity.references: {folder} holds {len(files)} pictures; give a folder with at least two "
            f"({', '.join(_PICTURES)} or .svg)"
        )
    return files


def compare_drawings(
    rows: Sequence[Row], section: SimilaritySection, device: str, pool: RenderPool
) -> dict[str, Any]:
    """Compares drawings that can be drawn with their prompts, and with the references if there are any.

    Returns:
        ``model``, ``drawings`` (compared: those with a prompt), ``clip_score`` (mean cosine with the prompt,
        with its interval; null where nothing was compared), and with references ``frechet`` and their count.

    Raises:
        MissingInputError: The model or a reference is not there.
        InputError: One of them cannot be used.
    """
    files = [] if section.references is None else list_references(section.references)
    model = load_image_text_model(section.model or "", device=device, batch_size=section.batch_size)
    drawn = pool.render([row.svg for row in rows])
    pairs = [
        (row.prompt, Image.fromarray(picture.image))
        for row, picture in zip(rows, drawn, strict=True)
        if picture.image is not None and row.prompt
    ]
    figures: dict[str, Any] = {"model": section.model, "drawings": len(pairs), "clip_score": None}
    if not pairs:
        return figures
    prompts, images = zip(*pairs, strict=True)
    vectors = model.embed_images(images)
    cosines = (vectors * model.embed_texts(prompts)).sum(-1)
    figures["clip_score"] = bootstrap_mean(cosines, number_groups(prompts))
    if files and len(pairs) > 1:
        meant = _embed_files(files, model, pool, section.batch_size)
        figures["frechet"] = round(measure_frechet(vectors, meant), 6)
        figures["references"] = len(files)
        if min(len(vectors), len(meant)) <= vectors.shape[1]:
            logger.warning(
                "similarity: %d drawings and %d references for vectors of %d numbers: the Frechet distance "
                "is too large, compare it only with one of as many",
                len(vectors), len(meant), vectors.shape[1],
            )  # fmt: skip
    return figures


def _embed_files(
    files: Sequence[Path], model: ImageTextModel, pool: RenderPool, batch_size: int
) -> np.ndarray:
    return np.concatenate(
        [
            model.embed_images([_open_picture(file, pool) for file in files[start : start + batch_size]])
            for start in range(0, len(files), batch_size)
        ]
    )


def _open_picture(file: Path, pool: RenderPool) -> Image.Image:
    if file.suffix.lower() == ".svg":
        picture = pool.render([file.read_text(encoding="utf-8", errors="replace")])[0]
        if picture.image is None:
            raise InputError(f"{file}: cannot be drawn ({picture.detail}); mend it, or take it away")
        return Image.fromarray(picture.image)
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError(
            f"{file}: is no picture that can be read ({error}); mend it, or take it away"
        ) from error
