from __future__ import annotations

import random

import pytest

from svgtune.config.form import NormalForm
from svgtune.svg.automaton import DEAD, Automaton
from svgtune.svg.constraints import check_svg
from svgtune.svg.grammar import build_grammar

FORM = NormalForm(grid=1.0, path_commands="relative")
GRAMMAR = build_grammar(FORM)


@pytest.fixture(scope="module")
def automaton() -> Automaton:
    return Automaton(GRAMMAR)


@pytest.mark.slow
def test_it_follows_what_the_grammar_derives_and_nothing_else(automaton: Automaton) -> None:
    rng = random.Random(1)
    for _ in range(40):
        svg = GRAMMAR.derive(rng)
        assert automaton.follow(automaton.start, svg) == automaton.end
        place = rng.randrange(len(svg))
        changed = svg[:place] + rng.choice('<>"/ 0a-z') + svg[place + 1 :]
        assert (automaton.follow(automaton.start, changed) == automaton.end) == GRAMMAR.accepts(changed)


def test_the_shortest_end_makes_a_drawing_of_any_beginning(automaton: Automaton) -> None:
    rng = random.Random(2)
    for _ in range(40):
        svg = GRAMMAR.derive(rng)
        begun = svg[: rng.randrange(len(svg))]
        state = automaton.follow(automaton.start, begun)
        end = automaton.close(state)
        assert len(end) == automaton.distance[state] <= len(svg) - len(begun)
        assert GRAMMAR.accepts(begun + end)
        assert check_svg(begun + end, 10**9) == []


def test_no_state_is_a_dead_end(automaton: Automaton) -> None:
    assert automaton.distance[DEAD + 1 :].max() < 200
    assert automaton.follow(automaton.start, "<svg >") == DEAD


def test_the_table_is_the_arcs(automaton: Automaton) -> None:
    table = automaton.build_table()
    assert table.shape == (len(automaton.arcs), 128)
    assert table[automaton.start, ord("<")] == automaton.follow(automaton.start, "<")
    assert table[automaton.start, ord("x")] == table[DEAD, ord("<")] == DEAD
    assert table[automaton.start, 0] == automaton.start
