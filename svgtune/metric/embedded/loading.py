"""A trained judge as files, and the three embedded judges ready to score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from svgtune.assets import find_asset
from svgtune.config.judges import EncoderSection, JudgesRecipe
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.precision import find_device
from svgtune.metric.embedded.aesthetic import EmbeddedAesthetic
from svgtune.metric.embedded.calibration import Temperatures
from svgtune.metric.embedded.ocr import EmbeddedOcr
from svgtune.metric.embedded.vqa import EmbeddedVqa
from svgtune.metric.inversion.network import PictureReader, load_weights
from svgtune.metric.inversion.text import SentenceEncoder, TextCache, TextEncoder
from svgtune.metric.judges import Judges
from svgtune.runs import write_json_atomic

DEFAULT_FOLDER = "models/judges"
WEIGHTS_FILE, JUDGE_FILE, METRICS_FILE, CARD_FILE = (
    "judge.safetensors", "judge.json", "metrics.json", "README.md",
)  # fmt: skip


def write_judge(folder: Path, recipe: JudgesRecipe, temperatures: Temperatures, text_width: int) -> None:
    """Writes what is needed beside the weights to use them."""
    content = {
        "encoder": recipe.encoder.model_dump(mode="json"),
        "text": recipe.text.source,
        "text_width": text_width,
        "temperatures": temperatures.to_json(),
    }
    write_json_atomic(folder / JUDGE_FILE, content)


def load_reader(folder: str | Path, *, device: str = "auto") -> tuple[PictureReader, dict[str, Any]]:
    """Loads a trained picture reader and what ``judge.json`` says about it.

    Raises:
        MissingInputError: The folder or one of its files is not there.
        InputError: A file cannot be used.
        MachineError: This machine lacks the device.
    """
    where = find_asset(folder)
    path = where / JUDGE_FILE
    if not path.is_file():
        raise MissingInputError(
            f"embedded judge: looked for {path.absolute()}, and it is not there; train it with "
            f"scripts/train_judges.py, or give the folder {DEFAULT_FOLDER}"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        model = PictureReader(EncoderSection.model_validate(content["encoder"]), int(content["text_width"]))
        Temperatures(**content["temperatures"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise InputError(
            f"{path}: is not what scripts/train_judges.py writes ({error}); restore it, or train anew"
        ) from error
    return load_weights(model, where / WEIGHTS_FILE).to(find_device(device)), content


def load_embedded_judges(
    folder: str | Path = DEFAULT_FOLDER,
    *,
    text: str | None = None,
    device: str = "auto",
    batch_size: int = 32,
    search_px: int = 256,
    encoder: TextEncoder | None = None,
) -> Judges:
    """Loads the embedded judges. The text model and the OCR model are loaded when first used.

    Args:
        folder: Of the trained picture reader; that of the held-out judge is ``models/judges/held_out``.
        text: Where its text model is, as ``SentenceEncoder`` takes it; None for where the training had it.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``, for the picture reader.
        batch_size: Pictures that it sees together.
        search_px: As ``EmbeddedOcr`` takes it.
        encoder: A text encoder that is already loaded, instead of ``text``.

    Raises:
        MissingInputError: The folder or one of its files is not there.
        InputError: A file cannot be used.
        MachineError: This machine lacks the device.
    """
    model, content = load_reader(folder, device=device)
    source = text or content["text"]
    texts = TextCache(encoder if encoder is not None else lambda: SentenceEncoder(source))
    vqa = EmbeddedVqa(model, texts, Temperatures(**content["temperatures"]), batch_size=batch_size)
    return Judges(vqa=vqa, aesthetic=EmbeddedAesthetic(), ocr=EmbeddedOcr(search_px=search_px))
