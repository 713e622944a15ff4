"""A key-value cache with one slot a drawing: drawings leave and join without the others being copied."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicCache

_SPARE_COLUMNS = 256
_MIN_TRIM = 64


class SlotLayer(CacheLayerMixin):
    """Keys and values of one layer, in buffers with room to spare; new columns go on the right."""

    is_sliding = False

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.max_rows = rows
        self.length = 0
        self.keys: torch.Tensor
        self.values: torch.Tensor

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Allocates the buffers after the shape of the first states."""
        columns = key_states.shape[2] + _SPARE_COLUMNS
        # Zeros, because a masked column still meets the attention weights: 0 * NaN would be NaN.
        self.keys, self.values = (
            states.new_zeros(self.max_rows, states.shape[1], columns, states.shape[3])
            for states in (key_states, value_states)
        )
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: object, **__: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Adds one column for the rows in use and returns all their columns."""
        rows, new = key_states.shape[0], key_states.shape[2]
        end = self.length + new
        if end > self.keys.shape[2]:
            self.move(0, self.length + new + max(_SPARE_COLUMNS, self.length // 2))
        self.keys[:rows, :, self.length : end] = key_states
        self.values[:rows, :, self.length : end] = value_states
        self.length = end
        return self.keys[:rows, :, :end], self.values[:rows, :, :end]

    def move(self, shift: int, columns: int | None = None) -> None:
        """Moves the used columns right by ``shift`` (left where negative), in buffers of ``columns``."""
        columns = columns or max(self.keys.shape[2], self.length + shift)
        kept = slice(max(-shift, 0), self.length)
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = old.new_zeros(*old.shape[:2], columns, old.shape[3])
            new[:, :, kept.start + shift : kept.stop + shift] = old[:, :, kept]
            setattr(self, name, new)
        self.length += shift

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Returns how many columns the next step sees, and that they begin at 0."""
        return self.length + query_length, 0

    def get_seq_length(self) -> int:
        """Returns the used columns."""
        return self.length

    def get_max_length(self) -> int:
        """Returns -1: it grows."""
        return -1


class SlotCache(Cache):
    """The cache of all layers, and where each row's own columns begin.

    Rows 0 to ``rows - 1`` are in use. All end at the same column; one that joined late is empty on its left.

    Args:
        max_rows: Slots to make room for.
    """

    def __init__(self, max_rows: int) -> None:
        super().__init__(layers=[])
        self.layers: list[SlotLayer] = []
        self.max_rows = max_rows
        self.starts: list[int] = []

    @property
    def rows(self) -> int:
        """Slots in use."""
        return len(self.starts)

    @property
    def length(self) -> int:
        """Columns in use."""
        return self.layers[0].length if self.layers else 0

    def admit(self, prefill: DynamicCache, lengths: Sequence[int], repeats: Sequence[int]) -> None:
        """Gives every prompt of a left-padded prefill as many slots as it has candidates.

        Args:
            prefill: The states of the prompts, one row each.
            lengths: Tokens of each prompt, without padding.
            repeats: Slots for each prompt.
        """
        width = max(lengths)
        first = self.rows
        if not self.layers:
            self.layers = [SlotLayer(self.max_rows) for _ in prefill.layers]
        shift = max(width - self.length, 0) if first else 0
        self.starts = [start + shift for start in self.starts]
        source = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(repeats))
        for layer, ready in zip(self.layers, prefill.layers, strict=True):
            keys, values = ready.keys[:, :, -width:], ready.values[:, :, -width:]
            if not layer.is_initialized:
                layer.lazy_initialization(keys, values)
            if not first:
                layer.length = 0
                if width > layer.keys.shape[2]:
                    layer.move(0, width + _SPARE_COLUMNS)
                layer.length = width
            elif shift:
                layer.move(shift)
            columns = slice(layer.length - width, layer.length)
            rows = slice(first, first + len(source))
            chosen = source.to(keys.device)
            layer.keys[rows, :, columns] = keys[chosen]
            layer.values[rows, :, columns] = values[chosen]
        for length, count in zip(lengths, repeats, strict=True):
            self.starts += [self.length - length] * count

    def release(self, row: int) -> None:
        """Frees a slot by moving the last row in use into it."""
        last = self.rows - 1
        if row != last:
            for layer in self.layers:
                layer.keys[row, :, : layer.length] = layer.keys[last, :, : layer.length]
                layer.values[row, :, : layer.length] = layer.values[last, :, : layer.length]
            self.starts[row] = self.starts[last]
        self.starts.pop()

    def clear(self) -> None:
        """Frees all slots."""
        self.starts.clear()

    def trim(self) -> None:
        """Cuts the columns that no row in use needs, once they are a third of all."""
        unused = min(self.starts, default=0)
        if unused >= max(_MIN_TRIM, self.length // 3):
            for layer in self.layers:
                layer.move(-unused)
            self.starts = [start - unused for start in self.starts]

    def build_mask(self, device: torch.device | str) -> torch.Tensor | None:
        """Returns the mask [rows, length + 1] of the next step; None where every row fills every column."""
        if not any(self.starts):
            return None
        starts = torch.tensor(self.starts, device=device)
        return torch.arange(self.length + 1, device=device)[None, :] >= starts[:, None]
