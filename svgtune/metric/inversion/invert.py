"""A folder of pictures to the table of Kaggle's 'Stable Diffusion - Image to Prompts'."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

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
        Counts, and the mean cosine where true prompts are known; also written as ``<table>.json``.

    Raises:
        RecipeError: No folder of pictures was given.
        OutputExistsError: The table is there.
        InputError: A picture, the bank or the true prompts cannot be used.
    """
    if recipe.images is None:
        raise RecipeError("images: no folder of pictures was given; give --images DIR")
    table = output if output.suffix == ".csv" else output / "submission.csv"
    if table.exists() and not (overwrite or resume):
        raise OutputExistsError(f"{table}: is already there; give --overwrite, or another --output")
    paths = list_pictures(recipe.images)
    predict, trained_on = load_predictor(recipe.judge)
    source = trained_on if "source" not in recipe.text.model_fields_set else recipe.text.source
    texts = TextCache(lambda: SentenceEncoder(source, recipe.text.batch_size))
    vectors = predict(list(paths.values()), recipe.batch_size)
    result: dict[str, Any] = {"pictures": len(paths), "table": str(table)}
    if recipe.truth is not None:
        result |= measure_cosines(paths, vectors, read_truth(recipe.truth), texts)
    write_text_atomic(table, write_table(list(paths), vectors))
    if recipe.bank is not None:
        words = table.with_suffix(".words.csv")
        write_text_atomic(
            words, find_words(list(paths), vectors, read_bank(recipe.bank), texts, recipe.nearest)
        )
        result["words"] = str(words)
    write_json_atomic(table.with_suffix(".json"), result)
    return result


def list_pictures(folder: Path) -> dict[str, Path]:
    """Lists the pictures of a folder by id, sorted.

    Raises:
        MissingInputError: The folder is not there, or holds no pictures.
        InputError: Two pictures have one id.
    """
    if not folder.is_dir():
        raise MissingInputError(f"{folder}: is no folder; give a folder of {', '.join(SUFFIXES)} pictures")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES:
            continue
        if path.stem in found:
            raise InputError(
                f"{folder}: {found[path.stem].name} and {path.name} have one id, {path.stem}; rename one"
            )
        found[path.stem] = path
    if not found:
        raise MissingInputError(f"{folder}: holds no {', '.join(SUFFIXES)} files; give a folder that does")
    return found


def load_predictor(folder: str) -> tuple[Callable[[Sequence[Path], int], np.ndarray], str]:
    """Loads an inverter of ``train/invert.py``, or else an embedded judge, whichever the folder holds.

    Returns:
        What maps paths of pictures, and how many to see together, to float32 unit rows of shape
        [pictures, text width]; and the source of the text model whose embeddings these are.

    Raises:
        MissingInputError: The folder or one of its files is not there.
        InputError: A file cannot be used.
        MachineError: This machine lacks what the model needs.
    """
    where = find_asset(folder)
    if (where / inverter.INVERTER_FILE).is_file():
        model, content = inverter.load_inverter(where)
        return partial(inverter.predict_embeddings, model), content["text"]
    reader, content = load_reader(folder)
    return partial(predict_embeddings, reader), content["text"]


def predict_embeddings(model: PictureReader, paths: Sequence[Path], batch_size: int = 64) -> np.ndarray:
    """Predicts the embedding of each picture's caption: float32 unit rows, [pictures, text width]."""
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(paths), batch_size):
        pixels = np.stack(
            [
                shrink(np.asarray(open_picture(path)), model.shape.image_px)
                for path in paths[start : start + batch_size]
            ]
        )
        with torch.inference_mode():
            parts.append(model.see(torch.from_numpy(pixels).to(device)).caption.cpu().numpy())
    return np.concatenate(parts)


def write_table(ids: Sequence[str], vectors: np.ndarray) -> str:
    """Writes one row for each number of each embedding: ``{id}_{place},value``."""
    lines = [",".join(COLUMNS)]
    for picture_id, vector in zip(ids, vectors, strict=True):
        lines += [f"{picture_id}_{place},{value:.7g}" for place, value in enumerate(vector)]
    return "\n".join(lines) + "\n"


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


def measure_cosines(
    ids: Sequence[str] | Mapping[str, Any], vectors: np.ndarray, truth: Mapping[str, str], texts: TextEncoder
) -> dict[str, Any]:
    """Returns the mean cosine, the competition's score, over the pictures whose prompts are known.

    Raises:
        InputError: None is known.
    """
    known = [(place, truth[each]) for place, each in enumerate(ids) if each in truth]
    if not known:
        raise InputError(
            f"truth: none of {len(ids)} pictures, such as {next(iter(ids))!r}, has a prompt; its column "
            "imgId must hold file names without their suffix"
        )
    wanted = texts.encode([prompt for _, prompt in known])
    cosines = (vectors[[place for place, _ in known]] * wanted).sum(1)
    return {"mean_cosine": round(float(cosines.mean()), 4), "pictures_with_known_prompt": len(known)}


def read_truth(path: Path) -> dict[str, str]:
    """Reads the columns ``imgId`` and ``prompt`` of a CSV file.

    Raises:
        MissingInputError: The file or a column is not there.
    """
    rows = list(csv.DictReader(io.StringIO(_read_text(path))))
    for column in ("imgId", "prompt"):
        if not rows or column not in rows[0]:
            raise MissingInputError(f"{path}: has no column {column!r}; give a CSV of imgId,prompt")
    return {row["imgId"]: row["prompt"] for row in rows}


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


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingInputError(f"{path}: is not there; correct the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
