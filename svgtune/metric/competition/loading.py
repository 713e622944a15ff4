"""The competition's three judges, ready to score."""

from __future__ import annotations

from pathlib import Path

from svgtune.metric.competition import clip, paligemma
from svgtune.metric.competition.precision import Precision
from svgtune.metric.judges import Judges


def load_judges(
    vqa: str | Path = paligemma.DEFAULT_SOURCE,
    clip_model: str | Path = clip.DEFAULT_SOURCE,
    aesthetic_head: str | Path = clip.DEFAULT_HEAD,
    *,
    device: str = "auto",
    precision: Precision = "auto",
    batch_size: int = 4,
) -> Judges:
    """Loads PaliGemma once, for questions and text, and CLIP with its head.

    Args:
        vqa: Where PaliGemma is: a folder, a hub id, or a Kaggle handle.
        clip_model: Where CLIP ViT-L/14 is, likewise.
        aesthetic_head: Where its head is, likewise, or the file.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``, for all of them.
        precision: Of PaliGemma.
        batch_size: Of PaliGemma.

    Raises:
        MissingInputError: A judge is not there; the message says where it was looked for and how to get it.
        InputError: The head does not fit.
        MachineError: This machine cannot run them as asked.
    """
    # The head first: it is the smallest, and the likeliest to be missing.
    aesthetic = clip.load_clip_aesthetic(clip_model, aesthetic_head, device=device)
    reader = paligemma.load_paligemma(vqa, device=device, precision=precision, batch_size=batch_size)
    return Judges(vqa=reader, aesthetic=aesthetic, ocr=reader)
