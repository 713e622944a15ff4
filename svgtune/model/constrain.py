"""Which tokens may come next, so that what is written is always a drawing that ends within its budget.

The grammar is regular, so that a drawing in the making is one state of an automaton. The tokens that a state
allows are found once; each step of a batch looks its rows up. For the nano model's 2,816 tokens that costs
6 us a row, where a mask and a step of xgrammar 0.2.8 take 40 and of llguidance 1.7.6 take 12; for Qwen's
151,936 it costs 20, and xgrammar 11. The budget needs to know the state, which those two do not tell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from svgtune.config.form import NormalForm
from svgtune.errors import InputError
from svgtune.svg.automaton import DEAD, Automaton
from svgtune.svg.grammar import build_grammar


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a state allows.

    Attributes:
        tokens: Their ids, int64.
        bytes_needed: Enough for any one of the tokens and the shortest end after it.
        tokens_needed: The same in tokens, the one that ends the turn included.
    """

    tokens: np.ndarray
    bytes_needed: int
    tokens_needed: int


class Constraint:
    """The grammar of a normal form in the tokens of one model.

    Args:
        form: Its grammar is kept, and its ``max_bytes``.
        tokenizer: Of the model; every ASCII character must have a token.
        stop_ids: Tokens that end the turn, allowed at the end of a drawing and nowhere else.

    Raises:
        InputError: The tokenizer cannot write a drawing of this form.
    """

    def __init__(self, form: NormalForm, tokenizer: Any, stop_ids: Collection[int]) -> None:
        self.automaton = _build_automaton(form)
        self.max_bytes = form.max_bytes
        self.stop_ids = sorted(stop_ids)
        self.texts = _read_texts(tokenizer, self.automaton.alphabet, frozenset(stop_ids))
        self._ids: dict[str, int] = {}
        for token, text in self.texts.items():
            self._ids.setdefault(text, token)
        self._longest = max(map(len, self._ids), default=0)
        self._tokens = np.fromiter(self.texts, np.int64, len(self.texts))
        codes = [text.encode().ljust(self._longest, b"\0") for text in self.texts.values()]
        self._codes = np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), -1)
        self._lengths = np.fromiter(map(len, self.texts.values()), np.int64, len(self.texts))
        self._table = self.automaton.build_table()
        # How many tokens end the drawing, and the first of them; one more ends the turn.
        self._ends: dict[int, tuple[int, int]] = {self.automaton.end: (0, self.stop_ids[0])}
        self._choices: dict[int, _Choice] = {}
        self._check(tokenizer)

    def begin(self, max_tokens: int) -> Track:
        """Begins a drawing.

        Args:
            max_tokens: Most tokens of it, the one that ends the turn included.

        Raises:
            InputError: Not even the shortest drawing fits.
        """
        self.check_room(max_tokens)
        return Track(self, self.max_bytes, max_tokens)

    @property
    def least_tokens(self) -> int:
        """Tokens of the shortest drawing, the one that ends the turn included."""
        return self.count_end(self.automaton.start) + 1

    def check_room(self, max_tokens: int) -> None:
        """Checks that the shortest drawing fits.

        Raises:
            InputError: It does not.
        """
        if max_tokens < self.least_tokens:
            raise InputError(
                f"max_new_tokens: the shortest drawing has {self.least_tokens} tokens, but {max_tokens} are "
                f"allowed; raise it to {self.least_tokens} or more, or set grammar to false"
            )

    def was_closed(self, tokens: Sequence[int], max_tokens: int) -> bool:
        """Whether the budget ended a drawing that was written elsewhere under this constraint.

        Args:
            tokens: All of it, with or without the one that ends the turn.
            max_tokens: As it was given to ``begin``.
        """
        track = self.begin(max_tokens)
        for token in tokens:
            track.accept(token)
        return track.closed

    def allow(self, tracks: Sequence[Track], width: int, device: torch.device) -> torch.Tensor:
        """Returns True where a token may be chosen next.

        Args:
            tracks: The drawings in the making.
            width: The logits' last dimension; may be more than the tokenizer has tokens.
            device: Where the logits are.

        Returns:
            [tracks, width] bool.
        """
        return _spread([track.list_tokens() for track in tracks], width, device)

    def allow_along(
        self, tokens: Sequence[int], max_tokens: int, width: int, device: torch.device
    ) -> torch.Tensor:
        """Returns True where a token could have been chosen, at each place of what was written.

        Args:
            tokens: Written under this constraint, with or without the one that ends the turn; at least one.
            max_tokens: As it was given to ``begin``.
            width: As of ``allow``.
            device: As of ``allow``.

        Returns:
            [tokens, width] bool.
        """
        track = self.begin(max_tokens)
        choices = []
        for token in tokens:
            choices.append(track.list_tokens())
            track.accept(token)
        return _spread(choices, width, device)

    def choose(self, state: int) -> _Choice:
        """Returns what a state allows; found when first asked for."""
        if state not in self._choices:
            self._choices[state] = self._find_choice(state)
        return self._choices[state]

    def count_end(self, state: int) -> int:
        """Returns how many tokens the shortest end takes, without the one that ends the turn."""
        return self._find_end(state)[0]

    def next_of_end(self, state: int) -> int:
        """Returns the first token of the shortest end; at the end of the drawing, one that ends the turn."""
        return self._find_end(state)[1]

    def _find_choice(self, state: int) -> _Choice:
        if state == self.automaton.end:
            return _Choice(np.array(self.stop_ids), 0, 1)
        rows = np.arange(len(self._codes))
        states = np.full(len(rows), state, np.int32)
        for column in range(self._longest):
            states = self._table[states, self._codes[rows, column]]
            rows, states = rows[states != DEAD], states[states != DEAD]
            if self._lengths[rows].max() <= column + 1:
                break
        ends = {int(after): self.count_end(int(after)) for after in np.unique(states)}
        return _Choice(
            self._tokens[rows],
            int((self._lengths[rows] + self.automaton.distance[states]).max()),
            max(ends.values()) + 2,
        )

    def _find_end(self, state: int) -> tuple[int, int]:
        """Splits the shortest end into the fewest tokens, from the back."""
        text = self.automaton.close(state)
        path = [state]
        for char in text:
            path.append(self.automaton.arcs[path[-1]][char])
        for place in reversed(range(len(path))):
            if path[place] not in self._ends:
                self._ends[path[place]] = min(
                    (self._ends[path[place + size]][0] + 1, self._ids[text[place : place + size]])
                    for size in range(1, min(self._longest, len(text) - place) + 1)
                    if text[place : place + size] in self._ids
                )
        return self._ends[state]

    def _check(self, tokenizer: Any) -> None:
        missing = sorted(self.automaton.alphabet - self._ids.keys())
        if missing:
            raise InputError(f"grammar: the tokenizer has no token for {missing[0]!r}; set grammar to false")
        tokens, state = [], self.automaton.start
        while state != self.automaton.end:
            tokens.append(self.next_of_end(state))
            state = self.automaton.follow(state, self.texts[tokens[-1]])
        text = tokenizer.decode(tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        wanted = self.automaton.close(self.automaton.start)
        if text != wanted:
            raise InputError(
                f"grammar: the tokenizer writes {text[:80]!r} for {wanted[:80]!r}; set grammar to false"
            )


class Track:
    """One drawing in the making: where it stands in the grammar, and what is left of its budget.

    It is true at any time that the shortest end fits into what is left. In a state where some allowed token
    could break that, nothing but the shortest end is allowed any more.

    Attributes:
        closed: The budget ended the drawing, and not the model.
    """

    def __init__(self, constraint: Constraint, max_bytes: int, max_tokens: int) -> None:
        self._constraint = constraint
        self._state = constraint.automaton.start
        self._bytes_left = max_bytes
        self._tokens_left = max_tokens
        self.closed = False
        self._look()

    def list_tokens(self) -> np.ndarray:
        """Returns the ids of the tokens that may come next, at least one."""
        if self.closed:
            return np.array([self._constraint.next_of_end(self._state)])
        return self._constraint.choose(self._state).tokens

    def accept(self, token: int) -> None:
        """Takes in the next token, which must be an allowed one."""
        if token in self._constraint.stop_ids:
            return
        text = self._constraint.texts[token]
        self._state = self._constraint.automaton.follow(self._state, text)
        assert self._state != DEAD, f"token {token} does not fit"
        self._bytes_left -= len(text)
        self._tokens_left -= 1
        self._look()

    def _look(self) -> None:
        if not self.closed:
            choice = self._constraint.choose(self._state)
            self.closed = (
                choice.bytes_needed > self._bytes_left or choice.tokens_needed > self._tokens_left
            ) and self._state != self._constraint.automaton.end


def _spread(choices: Sequence[np.ndarray], width: int, device: torch.device) -> torch.Tensor:
    """Returns True at the places of the ids, [choices, width] bool."""
    rows = np.repeat(np.arange(len(choices)), [len(some) for some in choices])
    places = torch.from_numpy(rows * width + np.concatenate(choices)).to(device)
    allowed = torch.zeros(len(choices) * width, dtype=torch.bool, device=device)
    allowed[places] = True
    return allowed.view(len(choices), width)


@cache
def _build_automaton(form: NormalForm) -> Automaton:
    return Automaton(build_grammar(form))


def _read_texts(tokenizer: Any, alphabet: frozenset[str], stop_ids: frozenset[int]) -> dict[int, str]:
    """Returns the text of every token that a drawing can be made of.

    All characters of a drawing are ASCII, which byte-level and SentencePiece vocabularies write as they are,
    but for the space.
    """
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    space = "▁" if "▁" in vocabulary else "Ġ"
    added = {str(token) for token in tokenizer.added_tokens_decoder.values()}
    barred = stop_ids | set(tokenizer.all_special_ids)
    texts = {}
    for name, token in sorted(vocabulary.items(), key=lambda pair: pair[1]):
        text = name if name in added else name.replace(space, " ")
        if text and token not in barred and alphabet.issuperset(text):
            texts[token] = text
    return texts
