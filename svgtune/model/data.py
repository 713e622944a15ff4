"""Captions and drawings as the conversations that a trainer learns from."""

from __future__ import annotations

import difflib
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet
from datasets import Dataset
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from svgtune.assets import find_asset
from svgtune.config.form import NormalForm
from svgtune.config.sft import SftDataSection
from svgtune.data.sources.scenes import sample_scene
from svgtune.errors import InputError, MissingInputError, SvgError
from svgtune.model.card import Traits
from svgtune.model.prompting import Prompter
from svgtune.prompts import PromptStyle
from svgtune.svg.canonical import canonical_svg

logger = logging.getLogger(__name__)

_HELD_OUT_NAMES = ("held_out", "validation", "test")
_SUFFIXES = (".parquet", ".jsonl")
OPTIONAL_COLUMNS = ("source", "licence", "family")


@dataclass(frozen=True)
class Corpus:
    """What a run trains and evaluates on, in TRL's conversational prompt and completion format.

    Attributes:
        counts: ``in`` = ``train`` + ``held_out`` + the sum of ``dropped``, which is by reason.
        licences: Training samples by ``source: licence``.
    """

    train: Dataset
    held_out: Dataset
    counts: dict[str, Any]
    licences: dict[str, int]


@dataclass(frozen=True)
class Wording:
    """How a caption and its drawing become a conversation.

    Attributes:
        max_length: Longest conversation in tokens; longer ones are dropped, because a drawing cut in the
            middle would teach the model to stop there. None is no limit.
        prompter: What stands beside the caption, and whether there is a plan; None is the caption alone.
    """

    tokenizer: PreTrainedTokenizerBase
    style: PromptStyle
    normal_form: NormalForm
    max_length: int | None
    prompter: Prompter | None = None

    @property
    def traits(self) -> Traits:
        """How a model that is trained so wants to be asked."""
        return self.prompter.traits if self.prompter else Traits.of_form(self.style, self.normal_form)

    def build_prompt(self, caption: str) -> list[dict[str, str]]:
        """Builds the turns before the answer."""
        return (self.prompter or Prompter(self.tokenizer, self.traits)).write(caption).messages

    def build_answer(self, svg: str) -> str:
        """Builds the answer; empty where a plan is wanted of what is no SVG."""
        try:
            return (self.prompter or Prompter(self.tokenizer, self.traits)).write_answer(svg)
        except SvgError:
            return ""

    def count_tokens(
        self, conversations: Sequence[Sequence[Mapping[str, str]]], *, ask: bool = False
    ) -> list[int]:
        """Counts the tokens of whole conversations, chat marks included.

        Args:
            conversations: Turns with ``role`` and ``content``.
            ask: Whether the marks with which an answer begins are counted too.
        """
        texts = [
            self.tokenizer.apply_chat_template(list(c), tokenize=False, add_generation_prompt=ask)
            for c in conversations
        ]
        return [len(ids) for ids in self.tokenizer(texts, add_special_tokens=False)["input_ids"]]


def load_corpus(section: SftDataSection, wording: Wording) -> Corpus:
    """Loads the data of a recipe, drops what cannot be learnt from, and splits off what is held out.

    Raises:
        MissingInputError: A file, folder or column is not there.
        InputError: Nothing is left to train on.
    """
    if section.path is not None:
        train, held_out = _read_files(section)
    else:
        train = _draw_scenes(section, wording.normal_form, "train", section.count)
        held_out = _draw_scenes(
            section, wording.normal_form, "held_out", section.max_held_out or section.count
        )
    if held_out is None:
        train, held_out = split_families(train, section.held_out_share)
    train, held_out = take(train, section.max_samples), take(held_out, section.max_held_out)
    counts: dict[str, Any] = {"in": len(train) + len(held_out), "dropped": Counter()}
    parts = {}
    for name, rows in (("train", train), ("held_out", held_out)):
        parts[name], dropped = _build_conversations(rows, wording)
        counts[name] = len(parts[name])
        counts["dropped"] += dropped
    counts["dropped"] = dict(sorted(counts["dropped"].items()))
    logger.info("data: %s", json.dumps(counts))
    for name, part in parts.items():
        if not len(part):
            where = section.path or "scenes"
            raise InputError(
                f"{where}: no {name} sample is left ({json.dumps(counts)}); see data and max_length"
            )
    columns = ["prompt", "completion"]
    return Corpus(
        parts["train"].select_columns(columns),
        parts["held_out"].select_columns(columns),
        counts,
        count_licences(parts["train"]),
    )


def count_licences(rows: Dataset) -> dict[str, int]:
    """Counts samples by ``source: licence``."""
    pairs = zip(rows["source"], rows["licence"], strict=True)
    return dict(Counter(f"{source or 'unknown source'}: {licence or 'unknown'}" for source, licence in pairs))


def _draw_scenes(
    section: SftDataSection, form: NormalForm, split: Literal["train", "held_out"], count: int
) -> Dataset:
    options = section.scenes.model_copy(update={"split": split})
    columns: dict[str, list[str]] = {name: [] for name in ("caption", "svg", *OPTIONAL_COLUMNS)}
    for index in tqdm(range(count), desc=f"Drawing {split} scenes"):
        row = sample_scene(section.seed, index, options).to_row()
        row["svg"] = canonical_svg(row["svg"], form).svg
        for name, values in columns.items():
            values.append(row[name])
    return Dataset.from_dict(columns)


def _read_files(section: SftDataSection) -> tuple[Dataset, Dataset | None]:
    assert section.path is not None
    train, held_out = list_shards(section.path)
    named = {"caption": section.caption_column, "svg": section.svg_column}
    return (
        read_shards(train, named, OPTIONAL_COLUMNS),
        read_shards(held_out, named, OPTIONAL_COLUMNS) if held_out else None,
    )


def list_shards(path: Path) -> tuple[list[Path], list[Path]]:
    """Lists the files of a prepared folder, or of one such file: those to train on, and those held out.

    Returns:
        Both lists; nothing is held out where the data has no split of its own.

    Raises:
        MissingInputError: There is nothing of the kind.
    """
    path = find_asset(path)
    if not path.exists():
        raise MissingInputError(
            f"data.path: there is no {path}; prepare it, or leave data.path out to draw scenes"
        )
    if path.is_file():
        return [path], []
    train = _find_shards(path, "train") or sorted(p for p in path.iterdir() if p.suffix in _SUFFIXES)
    if not train:
        raise MissingInputError(
            f"data.path: {path} holds no train/*.parquet and no *.jsonl; give a prepared folder"
        )
    return train, next((shards for name in _HELD_OUT_NAMES if (shards := _find_shards(path, name))), [])


def _find_shards(folder: Path, split: str) -> list[Path]:
    inside = folder / split
    if inside.is_dir():
        return sorted(p for p in inside.iterdir() if p.suffix in _SUFFIXES)
    return [p for suffix in _SUFFIXES if (p := folder / f"{split}{suffix}").is_file()]


def read_shards(shards: Sequence[Path], named: Mapping[str, str], optional: Sequence[str]) -> Dataset:
    """Reads the columns of shards that are needed.

    Args:
        shards: Parquet or JSONL files, all of one kind.
        named: What a column is called here, and there; a recipe sets the latter as ``data.<here>_column``.
        optional: Columns that are empty texts where the shards do not have them.

    Raises:
        InputError: The files cannot be read.
        MissingInputError: A column of ``named`` is not there.
    """
    if len({shard.suffix for shard in shards}) > 1:
        raise InputError(f"{shards[0].parent}: mixes parquet and jsonl files; keep one kind")
    columns = _read_column_names(shards[0])
    for here, there in named.items():
        _check_column(there, columns, shards[0], f"{here}_column")
    names = [str(shard) for shard in shards]
    if shards[0].suffix == ".parquet":
        rows = Dataset.from_parquet(names)
    else:
        rows = Dataset.from_json(names)
    kept = [*named.values(), *(c for c in optional if c in columns)]
    rows = rows.select_columns(list(dict.fromkeys(kept)))
    rows = rows.rename_columns({there: here for here, there in named.items() if there != here})
    for name in optional:
        if name not in columns:
            rows = rows.add_column(name, [""] * len(rows))
    return rows


def _read_column_names(shard: Path) -> list[str]:
    try:
        if shard.suffix == ".parquet":
            return list(pyarrow.parquet.read_schema(shard).names)
        with shard.open(encoding="utf-8") as lines:
            return list(json.loads(next(lines)))
    except (pyarrow.ArrowInvalid, ValueError, StopIteration, TypeError) as error:
        raise InputError(f"{shard}: cannot be read as {shard.suffix[1:]} ({error}); write it anew") from error


def _check_column(name: str, columns: Sequence[str], shard: Path, option: str) -> None:
    if name in columns:
        return
    near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? set" if near else "set"
    raise MissingInputError(
        f"{shard}: there is no column {name!r}, only {', '.join(columns)}; {hint} data.{option}"
    )


def take(rows: Dataset, limit: int | None) -> Dataset:
    """Takes the first rows; None takes all."""
    return rows if limit is None or len(rows) <= limit else rows.select(range(limit))


def split_families(rows: Dataset, share: float) -> tuple[Dataset, Dataset]:
    """Splits by family, so that a drawing and its near copies stay on one side."""
    families = [family or caption for family, caption in zip(rows["family"], rows["caption"], strict=True)]
    held = [hash_share(family or "") < share for family in families]
    train = rows.select([index for index, is_held in enumerate(held) if not is_held])
    return train, rows.select([index for index, is_held in enumerate(held) if is_held])


def hash_share(text: str) -> float:
    """Maps a text to a number from 0 to below 1, evenly and always to the same one."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _build_conversations(rows: Dataset, wording: Wording) -> tuple[Dataset, Counter[str]]:
    if not len(rows):
        return rows, Counter()

    def build(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        captions = [caption if isinstance(caption, str) else "" for caption in batch["caption"]]
        svgs = [svg.strip() if isinstance(svg, str) else "" for svg in batch["svg"]]
        prompts = [wording.build_prompt(caption) for caption in captions]
        answers = [wording.build_answer(svg) for svg in svgs]
        completions = [[{"role": "assistant", "content": answer}] for answer in answers]
        lengths = wording.count_tokens([[*p, *c] for p, c in zip(prompts, completions, strict=True)])
        reasons = [
            _find_fault(caption, svg, length, wording.max_length) or ("" if answer else "no_plan")
            for caption, svg, answer, length in zip(captions, svgs, answers, lengths, strict=True)
        ]
        return {"prompt": prompts, "completion": completions, "drop": reasons}

    # A fingerprint of our own would have to cover the tokenizer and the template; building takes seconds.
    built = rows.map(build, batched=True, load_from_cache_file=False, desc="Building conversations")
    dropped = Counter(reason for reason in built["drop"] if reason)
    return built.filter(lambda reason: not reason, input_columns="drop", load_from_cache_file=False), dropped


def _find_fault(caption: str, svg: str, tokens: int, max_length: int | None) -> str:
    if not caption.strip():
        return "empty_caption"
    if not svg:
        return "empty_svg"
    return "too_many_tokens" if max_length is not None and tokens > max_length else ""
