"""A folder of pictures to the table of Kaggle's 'Stable Diffusion - Image to Prompts'."""

from __future__ import annotations

import csv
import io
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from svgtune.assets import find_asset
from svgtune.config.judges import InvertRecipe
from svgtune.errors import InputError, MissingInputError, OutputExistsError, RecipeError
from svgtune.metric.embedded.loading import load_reader
from svgtune.metric.inversion import inverter
from svgtune.metric.inversion.network import PictureReader, shrink
from svgtune.metric.inversion.pairs import SUFFIXES, open_picture
from svgtune.metric.inversion.text import SentenceEncoder, TextCache, TextEncoder
from svgtune.runs import write_json_atomic, write_text_atomic

COLUMNS = ("imgId_eId", "val")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Predictor:
    """What maps pictures to the embeddings of their captions.

    Attributes:
        predict: Maps paths of pictures, and how many to see together, to float32 unit rows of shape
            [pictures, text width].
        text: Source of the text model whose embeddings these are.
        text_width: Their length.
    """

    predict: Callable[[Sequence[Path], int], np.ndarray]
    text: str
    text_width: int


def run(
    recipe: InvertRecipe, output: Path, *, resume: bool = False, overwrite: bool = False
) -> dict[str, Any]:
    """Writes the table, and beside it the nearest captions of the bank where there is one.

    Args:
        recipe: What to read, with which judge.
        output: The CSV file; a folder gets ``submission.csv``.
        resume: Does the same as ``overwrite``: the table is written whole or not at all.
        overwrite: Replace a table that is there.

    Returns:
        Counts (in = pictures + left out by reason), and the mean cosine where true prompts are known; also
        written as ``<table>.json``.

    Raises:
        RecipeError: No folder of pictures was given.
        OutputExistsError: The table is there.
        InputError: A picture, the bank, the true prompts or the text model cannot be used.
    """
    if recipe.images is None:
        raise RecipeError("images: no folder of pictures was given; give --images DIR")
    table = output if output.suffix == ".csv" else output / "submission.csv"
    if table.exists() and not (overwrite or resume):
        raise OutputExistsError(f"{table}: is already there; give --overwrite, or another --output")
    paths, left_out = list_pictures(recipe.images)
    known = find_known(list(paths), read_truth(recipe.truth)) if recipe.truth is not None else {}
    bank = read_bank(recipe.bank) if recipe.bank is not None else []
    predictor = load_predictor(recipe.judge)
    source = predictor.text if "source" not in recipe.text.model_fields_set else recipe.text.source
    texts = TextCache(lambda: SentenceEncoder(source, recipe.text.batch_size))
    if prompts := [*known.values(), *bank]:
        check_width(predictor, recipe.judge, texts.encode(prompts[:1]).shape[1], source)
    vectors = predictor.predict(list(paths.values()), recipe.batch_size)
    result: dict[str, Any] = {
        "in": len(paths) + sum(left_out.values()),
        "pictures": len(paths),
        "left_out": left_out,
        "table": str(table),
    }
    if known:
        result |= measure_cosines(known, vectors, texts)
    write_text_atomic(table, write_table(list(paths), vectors))
    if bank:
        words = table.with_suffix(".words.csv")
        write_text_atomic(words, find_words(list(paths), vectors, bank, texts, recipe.nearest))
        result["words"] = str(words)
    write_json_atomic(table.with_suffix(".json"), result)
    return result


def list_pictures(folder: Path) -> tuple[dict[str, Path], dict[str, int]]:
    """Lists the pictures that lie directly in a folder, and logs what else is there.

    Returns:
        The pictures by id, sorted; and how many entries were left out, by reason.

    Raises:
        MissingInputError: The folder is not there, or holds no pictures.
        InputError: Two pictures have one id.
    """
    if not folder.is_dir():
        raise MissingInputError(f"{folder}: is no folder; give a folder of {', '.join(SUFFIXES)} pictures")
    found: dict[str, Path] = {}
    left_out: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.suffix.lower() not in SUFFIXES:
            left_out[path.name] = "is_folder" if path.is_dir() else "other_suffix"
            continue
        if path.stem in found:
            raise InputError(
                f"{folder}: {found[path.stem].name} and {path.name} have one id, {path.stem}; rename one"
            )
        found[path.stem] = path
    if not found:
        raise MissingInputError(f"{folder}: holds no {', '.join(SUFFIXES)} files; give a folder that does")
    if left_out:
        logger.warning(
            "%s: %d of %d entries are left out, such as %s (%s); only %s files directly in it are read",
            folder, len(left_out), len(found) + len(left_out), *next(iter(left_out.items())),
            ", ".join(SUFFIXES),
        )  # fmt: skip
    return found, dict(sorted(Counter(left_out.values()).items()))


def load_predictor(folder: str) -> Predictor:
    """Loads an inverter of ``train/invert.py``, or else an embedded judge, whichever the folder holds.

    Raises:
        MissingInputError: The folder or one of its files is not there.
        InputError: A file cannot be used.
        MachineError: This machine lacks what the model needs.
    """
    where = find_asset(folder)
    if (where / inverter.INVERTER_FILE).is_file():
        model, content = inverter.load_inverter(where)
        return Predictor(partial(_invert, model), content["text"], model.head.out_features)
    reader, content = load_reader(folder)
    return Predictor(partial(predict_embeddings, reader), content["text"], reader.text_width)


def check_width(predictor: Predictor, judge: str, width: int, source: str) -> None:
    """Checks that a text model's embeddings are as long as the predicted ones.

    Raises:
        InputError: They are not.
    """
    if width != predictor.text_width:
        raise InputError(
            f"text.source: {source} gives {width} numbers for a text, and {judge} predicts "
            f"{predictor.text_width}, those of {predictor.text}; give that model, or leave text.source out"
        )


def predict_embeddings(model: PictureReader, paths: Sequence[Path], batch_size: int = 64) -> np.ndarray:
    """Predicts the embedding of each picture's caption: float32 unit rows, [pictures, text width]."""
    device = next(model.parameters()).device
    parts = []
    with _show_progress(len(paths)) as bar:
        for start in range(0, len(paths), batch_size):
            some = paths[start : start + batch_size]
            pixels = np.stack([shrink(np.asarray(open_picture(path)), model.shape.image_px) for path in some])
            with torch.inference_mode():
                parts.append(model.see(torch.from_numpy(pixels).to(device)).caption.cpu().numpy())
            bar.update(len(some))
    return np.concatenate(parts)


def write_table(ids: Sequence[str], vectors: np.ndarray) -> str:
    """Writes one row for each number of each embedding: ``{id}_{place},value``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for picture_id, vector in zip(ids, vectors, strict=True):
        writer.writerows((f"{picture_id}_{place}", f"{value:.7g}") for place, value in enumerate(vector))
    return buffer.getvalue()


def find_words(
    ids: Sequence[str], vectors: np.ndarray, bank: Sequence[str], texts: TextEncoder, nearest: int
) -> str:
    """Writes the captions of the bank whose embeddings are nearest: ``imgId,rank,cosine,prompt``."""
    similarity = vectors @ texts.encode(bank).T
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("imgId", "rank", "cosine", "prompt"))
    for picture_id, row in zip(ids, similarity, strict=True):
        best = np.argsort(-row, kind="stable")[:nearest]
        writer.writerows(
            (picture_id, rank, f"{row[place]:.4f}", bank[place]) for rank, place in enumerate(best, start=1)
        )
    return buffer.getvalue()


def find_known(ids: Sequence[str], truth: Mapping[str, str]) -> dict[int, str]:
    """Returns the true prompts by the place of their picture among the ids, where they are known.

    Raises:
        InputError: None is known.
    """
    known = {place: truth[each] for place, each in enumerate(ids) if each in truth}
    if not known:
        raise InputError(
            f"truth: none of {len(ids)} pictures, such as {ids[0]!r}, has a prompt; its column "
            "imgId must hold file names without their suffix"
        )
    return known


def measure_cosines(known: Mapping[int, str], vectors: np.ndarray, texts: TextEncoder) -> dict[str, Any]:
    """Returns the mean cosine, the competition's score, over the pictures whose prompts are known.

    Args:
        known: As ``find_known`` returns it.
        vectors: Predicted, of all pictures.
        texts: Encodes the prompts.
    """
    wanted = texts.encode(list(known.values()))
    cosines = (vectors[list(known)] * wanted).sum(1)
    return {"mean_cosine": round(float(cosines.mean()), 4), "pictures_with_known_prompt": len(known)}


def read_truth(path: Path) -> dict[str, str]:
    """Reads the columns ``imgId`` and ``prompt`` of a CSV file.

    Raises:
        MissingInputError: The file or a column is not there.
        InputError: A row has too few or too many fields, or an empty one, or an imgId that was there before;
            or the file holds no rows.
    """
    reader = csv.DictReader(io.StringIO(_read_text(path), newline=""))
    prompts: dict[str, str] = {}
    lines: dict[str, int] = {}
    try:
        for column in ("imgId", "prompt"):
            if column not in (reader.fieldnames or ()):
                raise MissingInputError(f"{path}: has no column {column!r}; give a CSV of imgId,prompt")
        for row in reader:
            picture_id = _check_row(row, f"{path}:{reader.line_num}")
            if picture_id in prompts:
                raise InputError(
                    f"{path}:{reader.line_num}: imgId {picture_id!r} was in line {lines[picture_id]} "
                    "already; remove one of the two"
                )
            prompts[picture_id], lines[picture_id] = row["prompt"], reader.line_num
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: is no CSV ({error}); mend or remove the line") from error
    if not prompts:
        raise InputError(f"{path}: holds no rows; give one of imgId,prompt for each known prompt")
    return prompts


def read_bank(path: Path) -> list[str]:
    """Reads captions, one a line; repeated and empty ones are left out.

    Raises:
        MissingInputError: The file is not there.
        InputError: It holds no captions.
    """
    lines = list(dict.fromkeys(line.strip() for line in _read_text(path).splitlines() if line.strip()))
    if not lines:
        raise InputError(f"{path}: holds no captions; give a text file with one a line")
    return lines


def _invert(model: inverter.Inverter, paths: Sequence[Path], batch_size: int) -> np.ndarray:
    with _show_progress(len(paths)) as bar:

        def count(_module: nn.Module, _given: tuple[Any, ...], features: torch.Tensor) -> None:
            bar.update(len(features))

        with model.backbone.register_forward_hook(count):
            return inverter.predict_embeddings(model, paths, batch_size)


def _show_progress(pictures: int) -> tqdm:
    return tqdm(total=pictures, unit="picture", desc="invert", disable=None)


def _check_row(row: Mapping[str | None, Any], where: str) -> str:
    if None in row:
        raise InputError(f"{where}: has more fields than the header; put a prompt with commas in quotes")
    for column in ("imgId", "prompt"):
        if not (row[column] or "").strip():
            raise InputError(f"{where}: has no {column}; write imgId,prompt or remove the line")
    return row["imgId"]


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingInputError(f"{path}: is not there; correct the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
