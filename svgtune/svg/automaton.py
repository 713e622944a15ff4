"""A grammar as a deterministic automaton: what may come next, and how few characters end the drawing.

The language is regular (``grammar`` bounds the nesting), so that one whole number says all about a text that
has been begun.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from svgtune.svg.grammar import Alt, Chars, Grammar, Many, Part, Seq, list_chars

DEAD = 0
"""The state of a text that no drawing begins with."""


class Automaton:
    """States are numbers; ``DEAD`` is no place to go on from, and ``end`` is a whole drawing.

    Attributes:
        arcs: For each state, the next state by character.
        distance: For each state, how many characters at least are missing; all are ASCII.
    """

    def __init__(self, grammar: Grammar) -> None:
        network = _Network(grammar)
        self.arcs, self.start, self.end = network.determine()
        self.distance = self._measure()

    @property
    def alphabet(self) -> frozenset[str]:
        """All characters of all drawings."""
        return frozenset(char for arcs in self.arcs for char in arcs)

    def follow(self, state: int, text: str) -> int:
        """Returns the state after a text; ``DEAD`` where it does not fit."""
        for char in text:
            state = self.arcs[state].get(char, DEAD)
        return state

    def close(self, state: int) -> str:
        """Returns the shortest text that ends the drawing, the first in the alphabet among equals."""
        chars = []
        while state != self.end:
            arcs, left = self.arcs[state], self.distance[state] - 1
            char = min(char for char, target in arcs.items() if self.distance[target] == left)
            chars.append(char)
            state = arcs[char]
        return "".join(chars)

    def build_table(self) -> np.ndarray:
        """Returns next states by state and ASCII code, [states, 128] int32; code 0 stays where it is."""
        table = np.zeros((len(self.arcs), 128), np.int32)
        table[:, 0] = np.arange(len(self.arcs))
        for state, arcs in enumerate(self.arcs):
            for char, target in arcs.items():
                table[state, ord(char)] = target
        return table

    def _measure(self) -> np.ndarray:
        sources: list[list[int]] = [[] for _ in self.arcs]
        for state, arcs in enumerate(self.arcs):
            for target in set(arcs.values()):
                sources[target].append(state)
        distance = np.full(len(self.arcs), np.iinfo(np.int32).max, np.int32)
        distance[self.end] = 0
        front = [self.end]
        while front:
            reached = []
            for target in front:
                for state in sources[target]:
                    if distance[state] > distance[target] + 1:
                        distance[state] = distance[target] + 1
                        reached.append(state)
            front = reached
        return distance


class _Network:
    """The same with arcs that need no character, built from the end (Thompson, 1968).

    A rule that is followed by the same is built once, so that the six kinds of shape share their paints.
    """

    def __init__(self, grammar: Grammar) -> None:
        self._rules = grammar.rules
        self._free: list[list[int]] = []
        self._arcs: list[tuple[str, int] | None] = []
        self._built: dict[tuple[str, int], int] = {}
        self._end = self._add([], None)
        self._start = self._build(grammar.rules["root"], self._end)

    def determine(self) -> tuple[list[dict[str, int]], int, int]:
        """Returns the arcs by state with ``DEAD`` first, the start and the end (subset construction)."""
        arcs: list[dict[str, int]] = [{}]
        numbers: dict[frozenset[int], int] = {}
        waiting: list[frozenset[int]] = []

        def number(members: frozenset[int]) -> int:
            if members not in numbers:
                numbers[members] = len(arcs)
                arcs.append({})
                waiting.append(members)
            return numbers[members]

        start = number(self._spread([self._start]))
        while waiting:
            members = waiting.pop()
            targets: dict[str, set[int]] = {}
            for arc in filter(None, (self._arcs[member] for member in members)):
                for char in arc[0]:
                    targets.setdefault(char, set()).add(arc[1])
            arcs[numbers[members]].update({c: number(self._spread(t)) for c, t in targets.items()})
        return arcs, start, numbers[frozenset([self._end])]

    def _add(self, free: list[int], arc: tuple[str, int] | None) -> int:
        self._free.append(free)
        self._arcs.append(arc)
        return len(self._arcs) - 1

    def _build(self, part: Part, after: int) -> int:
        """Adds what reads a part and then goes to ``after``, and returns where it begins."""
        if isinstance(part, str):
            for char in reversed(part):
                after = self._add([], (char, after))
            return after
        if isinstance(part, Chars):
            return self._add([], (list_chars(part.pattern), after))
        if isinstance(part, Seq):
            for inner in reversed(part.parts):
                after = self._build(inner, after)
            return after
        if isinstance(part, Alt):
            return self._add([self._build(inner, after) for inner in part.parts], None)
        if isinstance(part, Many):
            return self._build_many(part, after)
        key = part.name, after
        if key not in self._built:
            self._built[key] = self._build(self._rules[part.name], after)
        return self._built[key]

    def _build_many(self, many: Many, after: int) -> int:
        begin = after
        if many.most is None:
            begin = self._add([after], None)
            self._free[begin].append(self._build(many.part, begin))
        else:
            for _ in range(many.most - many.least):
                begin = self._add([after, self._build(many.part, begin)], None)
        for _ in range(many.least):
            begin = self._build(many.part, begin)
        return begin

    def _spread(self, members: Iterable[int]) -> frozenset[int]:
        """Returns all that can be reached without a character, without those that only pass on."""
        seen = set(members)
        waiting = list(seen)
        while waiting:
            for target in self._free[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(member for member in seen if self._arcs[member] or member == self._end)
