"""The part of a scoring run that compares drawings with captions and with other pictures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
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


@dataclass(frozen=True, slots=True)
class Comparer:
    """A loaded model, and the pictures that the drawings as a whole should be like.

    Attributes:
        source: Where the model is, as the recipe has it.
        references: Empty where there are none.
        batch_size: Pictures that are held and seen together.
    """

    model: ImageTextModel
    source: str
    references: Sequence[Path]
    batch_size: int

    def compare(self, rows: Sequence[Row], pool: RenderPool) -> dict[str, Any]:
        """Compares drawings that can be drawn with their prompts, and with the references if there are any.

        Args:
            rows: Those without a prompt are left out.
            pool: Draws them.

        Returns:
            ``model``, ``drawings`` (compared: those with a prompt), ``clip_score`` (mean cosine with the
            prompt, with its interval; null where nothing was compared), and with references ``frechet`` and
            their count.

        Raises:
            InputError: A reference cannot be used.
        """
        prompts, vectors = self._embed_drawings([row for row in rows if row.prompt], pool)
        figures: dict[str, Any] = {"model": self.source, "drawings": len(prompts), "clip_score": None}
        if not prompts:
            return figures
        cosines = (vectors * self.model.embed_texts(prompts)).sum(-1)
        figures["clip_score"] = bootstrap_mean(cosines, number_groups(prompts))
        if self.references and len(prompts) > 1:
            meant = _embed_files(self.references, self.model, pool, self.batch_size)
            figures["frechet"] = round(measure_frechet(vectors, meant), 6)
            figures["references"] = len(self.references)
            if min(len(vectors), len(meant)) <= vectors.shape[1]:
                logger.warning(
                    "similarity: %d drawings and %d references for vectors of %d numbers: the Frechet "
                    "distance is too large, compare it only with one of as many",
                    len(vectors), len(meant), vectors.shape[1],
                )  # fmt: skip
        return figures

    def _embed_drawings(self, rows: Sequence[Row], pool: RenderPool) -> tuple[list[str], np.ndarray]:
        """Returns the prompts of what could be drawn, and the vectors of the pictures."""
        drawn = zip(rows, pool.imap(row.svg for row in rows), strict=True)
        shown = ((row.prompt, picture.image) for row, picture in drawn if picture.image is not None)
        prompts: list[str] = []
        vectors: list[np.ndarray] = []
        while some := list(islice(shown, self.batch_size)):
            prompts += [prompt for prompt, _ in some]
            vectors.append(self.model.embed_images([Image.fromarray(image) for _, image in some]))
        return prompts, np.concatenate(vectors) if vectors else np.zeros((0, 0))


def load_comparer(section: SimilaritySection, device: str) -> Comparer:
    """Loads the model and lists the references, so that what is missing is found before any work.

    Raises:
        MissingInputError: The model or the references are not there.
        InputError: The model cannot be used.
        MachineError: This machine lacks the device.
    """
    source = section.model or ""
    references = [] if section.references is None else list_references(section.references)
    model = load_image_text_model(source, device=device, batch_size=section.batch_size)
    return Comparer(model, source, references, section.batch_size)


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
