"""Packed rows of scenes: several conversations to a row, the loss on the drawings only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import torch
from torch.utils.data import Dataset, IterableDataset
from transformers import Qwen2Tokenizer

from svgtune.config.form import NormalForm
from svgtune.config.scenes import ScenesOptions
from svgtune.model.nano import draw_scenes
from svgtune.prompts import PromptStyle, build_messages

_IGNORED = -100
_ROWS_PER_GROUP = 64
# Scene indices between groups; a group of 64 rows of 512 tokens takes about 200 scenes.
_GROUP_STRIDE = 100_000
_FILL = 0.985

Document = tuple[list[int], list[int]]
Row = dict[str, torch.Tensor]


def encode_scene(tokenizer: Qwen2Tokenizer, caption: str, svg: str) -> Document:
    """Encodes one conversation; returns token ids and labels, the prompt's labels being ignored ones."""
    messages = build_messages(caption, PromptStyle.CAPTION)
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    prompt = tokenizer(text, add_special_tokens=False)["input_ids"]
    completion = tokenizer(svg, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return prompt + completion, [_IGNORED] * len(prompt) + completion


def pack_documents(documents: list[Document], rows: int, length: int, pad: int) -> list[Row]:
    """Packs documents into rows by best fit, longest first; what finds no room is left out."""
    bins: list[Document] = [([], []) for _ in range(rows)]
    for ids, labels in sorted(documents, key=lambda document: -len(document[0])):
        room = [length - len(row[0]) - len(ids) for row in bins]
        fitting = [k for k in range(rows) if room[k] >= 0]
        if fitting:
            best = min(fitting, key=lambda k: room[k])
            bins[best][0].extend(ids)
            bins[best][1].extend(labels)
    return [
        {
            "input_ids": torch.tensor(ids + [pad] * (length - len(ids))),
            "labels": torch.tensor(labels + [_IGNORED] * (length - len(labels))),
        }
        for ids, labels in bins
    ]


class PackedScenes(IterableDataset[Row]):
    """An endless stream of packed rows of fresh scenes.

    Row r depends on the seed and r alone, so that a resumed run takes up the stream at ``start_row``.
    """

    def __init__(
        self, tokenizer: Qwen2Tokenizer, options: ScenesOptions, form: NormalForm, *, seed: int, length: int,
        start_row: int = 0,
    ) -> None:  # fmt: skip
        self._tokenizer = tokenizer
        self._options = options
        self._form = form
        self._seed = seed
        self._length = length
        self._start_row = start_row

    def __iter__(self) -> Iterator[Row]:
        worker = torch.utils.data.get_worker_info()
        if worker is not None and worker.num_workers > 1:
            raise ValueError(
                f"dataloader_num_workers: {worker.num_workers} would repeat rows; set it to 0 or 1"
            )
        first, skip = divmod(self._start_row, _ROWS_PER_GROUP)
        for group in count(first):
            rows = self.read_group(group)
            yield from rows[skip:]
            skip = 0

    def read_group(self, group: int, rows: int = _ROWS_PER_GROUP) -> list[Row]:
        """Draws and packs the scenes of one group of rows."""
        documents: list[Document] = []
        tokens = 0
        scenes = draw_scenes(self._seed, group * _GROUP_STRIDE, self._options, self._form)
        for sample, svg in scenes:
            document = encode_scene(self._tokenizer, sample.caption, svg)
            if len(document[0]) <= self._length:
                documents.append(document)
                tokens += len(document[0])
            if tokens >= rows * self._length * _FILL:
                break
        pad = self._tokenizer.pad_token_id
        return pack_documents(documents, rows, self._length, pad)


class HeldOutRows(Dataset[Row]):
    """A fixed number of packed rows of held-out combinations."""

    def __init__(self, stream: PackedScenes, rows: int) -> None:
        self._rows = stream.read_group(0, rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]
