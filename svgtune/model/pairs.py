"""Pairs of drawings as the conversations that a preference is learned from."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import Any

from datasets import Dataset

from svgtune.assets import find_asset
from svgtune.config.dpo import PairDataSection
from svgtune.errors import InputError, MissingInputError, RecipeError
from svgtune.model.data import (
    OPTIONAL_COLUMNS,
    Corpus,
    Wording,
    count_licences,
    list_shards,
    read_shards,
    split_families,
    take,
)
from svgtune.preference import PAIRS_FOLDER

logger = logging.getLogger(__name__)

_COLUMNS = ["prompt", "chosen", "rejected"]


def load_pairs(section: PairDataSection, wording: Wording) -> Corpus:
    """Loads pairs, drops what cannot be learnt from, and splits off what is held out.

    Returns:
        A corpus in TRL's conversational preference format: ``prompt``, ``chosen`` and ``rejected``.

    Raises:
        RecipeError: No path was given.
        MissingInputError: A file, folder or column is not there.
        InputError: Nothing is left to train on, or nothing to evaluate on.
    """
    train, held_out = _read_files(section)
    if held_out is None:
        train, held_out = split_families(train, section.held_out_share)
    train, held_out = take(train, section.max_pairs), take(held_out, section.max_held_out)
    counts: dict[str, Any] = {"in": len(train) + len(held_out)}
    dropped: Counter[str] = Counter()
    parts = {}
    for name, rows in (("train", train), ("held_out", held_out)):
        parts[name] = _build_conversations(rows, wording, dropped)
        counts[name] = len(parts[name])
    counts["dropped"] = dict(sorted(dropped.items()))
    logger.info("pairs: %s", json.dumps(counts))
    for name, part in parts.items():
        if not len(part):
            raise InputError(
                f"{section.path}: no {name} pair is left ({json.dumps(counts)}); give more pairs, or see "
                "data and trainer.max_length"
            )
    return Corpus(
        parts["train"].select_columns(_COLUMNS),
        parts["held_out"].select_columns(_COLUMNS),
        counts,
        count_licences(parts["train"]),
    )


def _read_files(section: PairDataSection) -> tuple[Dataset, Dataset | None]:
    if section.path is None:
        raise RecipeError("data.path: no pairs were given; make some with data_prep/prefer.py")
    path = find_asset(section.path)
    # A folder of data_prep/prefer.py also holds the best drawings, for supervised tuning.
    if not path.exists():
        raise MissingInputError(f"data.path: there is no {path}; make pairs with data_prep/prefer.py")
    inside = path / PAIRS_FOLDER
    train, held_out = list_shards(inside if inside.is_dir() else path)
    named = {name: getattr(section, f"{name}_column") for name in ("caption", "chosen", "rejected")}
    return (
        read_shards(train, named, OPTIONAL_COLUMNS),
        read_shards(held_out, named, OPTIONAL_COLUMNS) if held_out else None,
    )


def _build_conversations(rows: Dataset, wording: Wording, dropped: Counter[str]) -> Dataset:
    if not len(rows):
        return rows

    def build(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        captions, chosen, rejected = (
            [text.strip() if isinstance(text, str) else "" for text in batch[name]]
            for name in ("caption", "chosen", "rejected")
        )
        prompts = [wording.build_prompt(caption) for caption in captions]
        answers = {
            name: [[{"role": "assistant", "content": svg}] for svg in svgs]
            for name, svgs in (("chosen", chosen), ("rejected", rejected))
        }
        lengths = [
            wording.count_tokens([[*p, *a] for p, a in zip(prompts, one, strict=True)])
            for one in answers.values()
        ]
        longest = (max(pair) for pair in zip(*lengths, strict=True))
        reasons = [
            _find_fault(caption, good, bad, length, wording.max_length)
            for caption, good, bad, length in zip(captions, chosen, rejected, longest, strict=True)
        ]
        return {"prompt": prompts, **answers, "drop": reasons}

    # A fingerprint of our own would have to cover the tokenizer and the template; building takes seconds.
    built = rows.map(
        build,
        batched=True,
        remove_columns=["chosen", "rejected"],
        load_from_cache_file=False,
        desc="Building pairs",
    )
    dropped.update(reason for reason in built["drop"] if reason)
    return built.filter(lambda reason: not reason, input_columns="drop", load_from_cache_file=False)


def _find_fault(caption: str, chosen: str, rejected: str, tokens: int, max_length: int | None) -> str:
    if not caption:
        return "empty_caption"
    if not chosen or not rejected:
        return "empty_svg"
    if chosen == rejected:
        return "no_difference"
    # TRL would cut them off, and an end that was cut off says nothing about the drawing.
    return "too_many_tokens" if max_length is not None and tokens > max_length else ""
