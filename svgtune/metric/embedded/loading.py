"""A trained judge as files, and the three embedded judges ready to score."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from pydantic import ValidationError

from svgtune.assets import find_asset
from svgtune.config.judges import EncoderSection, JudgesRecipe
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.precision import find_device, is_fast_in_bf16
from svgtune.metric.embedded.aesthetic import EmbeddedAesthetic
from svgtune.metric.embedded.calibration import Temperatures
from svgtune.metric.embedded.ocr import EmbeddedOcr
from svgtune.metric.embedded.vqa import EmbeddedVqa
from svgtune.metric.inversion.network import PictureReader, fuse_norms, load_weights
from svgtune.metric.inversion.text import SentenceEncoder, TextCache, TextEncoder
from svgtune.metric.judges import Judges
from svgtune.metric.text_gate.network import GATE_FILE, GATE_WEIGHTS, load_gate
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
        str.strip(content["text"])  # a TypeError where it is no text
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        wrong = f"no {error}" if isinstance(error, KeyError) else error
        raise InputError(
            f"{path}: is not what scripts/train_judges.py writes ({wrong}); restore it, or train anew"
        ) from error
    return load_weights(model, where / WEIGHTS_FILE).to(find_device(device)), content


def load_embedded_judges(
    folder: str | Path = DEFAULT_FOLDER,
    *,
    text: str | None = None,
    device: str = "auto",
    batch_size: int = 32,
    precision: Literal["auto", "bf16", "fp32"] = "fp32",
    search_px: int = 256,
    text_gate: str | None = None,
    encoder: TextEncoder | None = None,
) -> Judges:
    """Loads the embedded judges. The text and the OCR model are loaded by ``prepare``, or when first used.

    Args:
        folder: Of the trained picture reader; that of the held-out judge is ``models/judges/held_out``.
        text: Where its text model is, as ``SentenceEncoder`` takes it; None for where the training had it.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``, for the picture reader.
        batch_size: Pictures that it sees together.
        precision: Of the picture reader and of ``text``; ``auto`` is bf16 where the device computes it fast.
        search_px: As ``EmbeddedOcr`` takes it.
        text_gate: Folder of its text gate; None for none.
        encoder: A text encoder that is already loaded, instead of ``text``.

    Raises:
        MissingInputError: The folder or one of its files is not there.
        InputError: A file cannot be used.
        MachineError: This machine lacks the device.
    """
    model, content = load_reader(folder, device=device)
    fuse_norms(model)
    where = find_asset(folder)
    source = text or content["text"]
    in_bf16 = precision == "bf16" or (precision == "auto" and is_fast_in_bf16(find_device(device)))
    texts = TextCache(encoder if encoder is not None else lambda: SentenceEncoder(source, in_bf16=in_bf16))
    temperatures = Temperatures(**content["temperatures"])
    ocr = EmbeddedOcr(search_px=search_px, gate=None if text_gate is None else load_gate(text_gate))
    return Judges(
        vqa=EmbeddedVqa(model, texts, temperatures, batch_size=batch_size, in_bf16=in_bf16),
        aesthetic=EmbeddedAesthetic(),
        ocr=ocr,
        prepare=partial(_prepare, texts, source, ocr, int(content["text_width"]), where / JUDGE_FILE),
        files=_digest_files(where, JUDGE_FILE, WEIGHTS_FILE)
        | ({} if text_gate is None else _digest_files(find_asset(text_gate), GATE_FILE, GATE_WEIGHTS)),
    )


def _prepare(texts: TextCache, source: str, ocr: EmbeddedOcr, text_width: int, file: Path) -> None:
    """Loads the text and the OCR model; raises InputError where the text model is not the judge's own."""
    width = texts.encode(["red"]).shape[1]
    if width != text_width:
        raise InputError(
            f"{file}: text_width is {text_width}, and the text model {source} gives vectors of {width} "
            "numbers; give the text model that the judge was trained with"
        )
    ocr.read([Image.new("RGB", (64, 64))])


def _digest_files(folder: Path, *names: str) -> dict[str, str]:
    return {name: hashlib.blake2b((folder / name).read_bytes(), digest_size=16).hexdigest() for name in names}
