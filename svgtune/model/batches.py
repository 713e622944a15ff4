"""Batches of scenes of like length: one conversation to a row, the loss on the drawings only.

Rows of like length need hardly any padding, and unlike rows packed with several scenes they spend no
attention on foreign scenes (``scripts/bench_train.py`` measures both).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count, pairwise

import torch
from torch.utils.data import Dataset, IterableDataset
from transformers import Qwen2Tokenizer

from svgtune.config.form import NormalForm
from svgtune.config.scenes import ScenesOptions
from svgtune.model.nano import draw_scenes
from svgtune.prompts import PromptStyle, build_messages

_IGNORED = -100
# Scenes are sorted by length within a group of this many batches.
_BATCHES_PER_GROUP = 32
# Scene indices between groups; a group of batches of 4,608 tokens takes about 700 scenes.
_GROUP_STRIDE = 100_000
_HELD_OUT_ROWS = 16
_HIDDEN_AT_MOST = 0.6

Document = tuple[list[int], list[int]]
Batch = dict[str, torch.Tensor]


def encode_scene(tokenizer: Qwen2Tokenizer, caption: str, svg: str) -> Document:
    """Encodes one conversation; returns token ids and labels, the prompt's labels being ignored ones."""
    messages = build_messages(caption, PromptStyle.CAPTION)
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    prompt = tokenizer(text, add_special_tokens=False)["input_ids"]
    completion = tokenizer(svg, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return prompt + completion, [_IGNORED] * len(prompt) + completion


def build_batch(documents: list[Document], pad: int) -> Batch:
    """Pads documents on the right to one tensor each of ids and labels, [documents, longest].

    There is no attention mask: attention is causal and the padding's labels are ignored, so nothing sees it.
    """
    longest = max(len(ids) for ids, _ in documents)
    return {
        "input_ids": torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in documents]),
        "labels": torch.tensor([labels + [_IGNORED] * (longest - len(labels)) for _, labels in documents]),
    }


def split_documents(documents: list[Document], batches: int) -> list[list[Document]]:
    """Splits documents into at most ``batches`` batches of like length and about as many tokens each."""
    waiting = sorted(documents, key=lambda document: len(document[0]))
    tokens = sum(len(ids) for ids, _ in waiting)
    split: list[list[Document]] = []
    start = 0
    for left in range(batches, 0, -1):
        end, target = start, tokens / left
        while end < len(waiting) and (left == 1 or (end - start) * len(waiting[end - 1][0]) < target):
            tokens -= len(waiting[end][0])
            end += 1
        if end > start:
            split.append(waiting[start:end])
        start = end
    return split


def find_openings(tokenizer: Qwen2Tokenizer) -> frozenset[int]:
    """The ids of tokens in which an element opens or closes, but for the drawing's own."""
    vocabulary = tokenizer.get_vocab().items()
    return frozenset(
        id_ for token, id_ in vocabulary if "<" in token and not token.startswith(("<|", "<svg"))
    )


def hide_elements(document: Document, openings: frozenset[int], blank: int, rng: random.Random) -> Document:
    """Hides some elements of a drawing from what comes after them, so that this is learned from the caption.

    What is hidden is ``blank`` as an input and, but for its first token, no label; how much of a drawing that
    is varies from nothing to _HIDDEN_AT_MOST. It is word dropout (arXiv 1511.06349) by whole elements: a
    model that always sees what it has drawn learns what goes with that, and draws it against the caption.
    """
    ids, labels = list(document[0]), list(document[1])
    share = _HIDDEN_AT_MOST * rng.random()
    starts = [k for k, id_ in enumerate(ids) if labels[k] != _IGNORED and id_ in openings]
    for start, end in pairwise(starts):
        if rng.random() < share:
            ids[start:end] = [blank] * (end - start)
            # The next element's opening would have to be guessed from blanks, too.
            labels[start + 1 : end + 1] = [_IGNORED] * (end - start)
    return ids, labels


class SceneBatches(IterableDataset[Batch]):
    """An endless stream of batches of fresh scenes, each of about ``batch_tokens`` tokens.

    Batch b depends on the seed and b alone, so that a resumed run takes up the stream at ``start_batch``.
    Scenes of more than ``max_tokens`` are passed over; of a share of ``hidden`` some elements are hidden.
    """

    def __init__(
        self, tokenizer: Qwen2Tokenizer, options: ScenesOptions, form: NormalForm, *, seed: int,
        batch_tokens: int, max_tokens: int, hidden: float = 0.0, start_batch: int = 0,
    ) -> None:  # fmt: skip
        self._tokenizer = tokenizer
        self._options = options
        self._form = form
        self._seed = seed
        self._batch_tokens = batch_tokens
        self._max_tokens = max_tokens
        self._hidden = hidden
        self._openings = find_openings(tokenizer)
        self._start_batch = start_batch

    def __iter__(self) -> Iterator[Batch]:
        worker = torch.utils.data.get_worker_info()
        if worker is not None and worker.num_workers > 1:
            raise ValueError(
                f"dataloader_num_workers: {worker.num_workers} would repeat batches; set it to 0 or 1"
            )
        first, skip = divmod(self._start_batch, _BATCHES_PER_GROUP)
        for group in count(first):
            yield from self._read_group(group)[skip:]
            skip = 0

    def _read_group(self, group: int) -> list[Batch]:
        documents: list[Document] = []
        tokens = 0
        for document in self.encode_scenes(group):
            documents.append(document)
            tokens += len(document[0])
            if tokens >= _BATCHES_PER_GROUP * self._batch_tokens:
                break
        pad = self._tokenizer.pad_token_id
        batches = [build_batch(part, pad) for part in split_documents(documents, _BATCHES_PER_GROUP)]
        random.Random(f"{self._seed}-{group}").shuffle(batches)
        return batches

    def encode_scenes(self, group: int = 0) -> Iterator[Document]:
        """Draws the scenes of one group without end, and encodes those that are not too long."""
        rng = random.Random(f"{self._seed}-{group}-hidden")
        for sample, svg in draw_scenes(self._seed, group * _GROUP_STRIDE, self._options, self._form):
            document = encode_scene(self._tokenizer, sample.caption, svg)
            if len(document[0]) > self._max_tokens:
                continue
            if rng.random() < self._hidden:
                document = hide_elements(document, self._openings, self._tokenizer.pad_token_id, rng)
            yield document


class HeldOutBatches(Dataset[Batch]):
    """A fixed number of scenes of held-out combinations, in batches of 16 of like length."""

    def __init__(self, stream: SceneBatches, scenes: int, pad: int) -> None:
        documents = [document for document, _ in zip(stream.encode_scenes(), range(scenes), strict=False)]
        documents.sort(key=lambda document: len(document[0]))
        starts = range(0, len(documents), _HELD_OUT_ROWS)
        self._batches = [build_batch(documents[start : start + _HELD_OUT_ROWS], pad) for start in starts]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Batch:
        return self._batches[index]
