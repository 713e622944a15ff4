from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svgtune.svg.arc import cubics_of_arc
from svgtune.svg.path import (
    Segment,
    parse_path,
    scan_path,
    snap_path,
    transform_path,
    write_path,
)

coordinates = st.floats(-500, 500, allow_nan=False)
points = st.tuples(coordinates, coordinates)
radii = st.floats(0.5, 200)
segments = st.one_of(
    points.map(lambda p: Segment("L", p)),
    points.map(lambda p: Segment("M", p)),
    st.tuples(points, points, points).map(lambda p: Segment("C", (*p[0], *p[1], *p[2]))),
    st.tuples(points, points).map(lambda p: Segment("Q", (*p[0], *p[1]))),
    st.tuples(radii, radii, st.floats(-90, 90), st.integers(0, 1), st.integers(0, 1), points).map(
        lambda a: Segment("A", (*a[:5], *a[5]))
    ),
    st.just(Segment("Z", ())),
)
paths = st.lists(segments, min_size=1, max_size=12).map(lambda s: [Segment("M", (10.0, 20.0)), *s])


@pytest.mark.parametrize(
    ("d", "absolute"),
    [
        ("M1 2 3 4", "M1 2 3 4"),
        ("m1 2 3 4m1 1v2", "M1 2 4 6M5 7V9"),
        ("M0 0h5v5H0V0z", "M0 0H5V5H0z"),
        ("M0 0c1 1 2 2 3 3s3-3 4 4", "M0 0C1 1 2 2 3 3S6 0 7 7"),
        ("M0 0s1 1 3 3", "M0 0S1 1 3 3"),
        ("M1 1q1 1 2 0t2 0t2 0", "M1 1Q2 2 3 1T5 1 7 1"),
        ("M5,5a5 5 0 1110 0 5 5 0 01-10 0z", "M5 5A5 5 0 1 1 15 5 5 5 0 0 1 5 5z"),
        ("M0 0A0 5 0 0 1 9 9", "M0 0 9 9"),
        ("M1e1-.5.5.5", "M10-.5 .5 .5"),
        ("M0,0\n L 5,\t5Z", "M0 0 5 5z"),
        ("M1 1z l2 2", "M1 1 3 3"),
    ],
)
def test_reads_every_command(d: str, absolute: str) -> None:
    assert write_path(parse_path(d), commands="absolute") == absolute


@pytest.mark.parametrize(
    ("d", "kept", "problem"),
    [
        ("M0 0L5 5L1", "M0 0l5 5", "not a multiple of 2"),
        ("M0 0L5 5XL9 9", "M0 0l5 5", "character 'X'"),
        ("L5 5", "", "begins with 'L'"),
        ("M0 0L9e99 1", "", "out of range"),
        ("M0 0 1 1A5 5 0 2 1 3 3", "M0 0l1 1", "bad arguments"),
        ("5 5", "", "no command"),
    ],
)
def test_keeps_what_stands_before_an_error(d: str, kept: str, problem: str) -> None:
    segments, found = scan_path(d)
    assert write_path(segments) == kept
    assert found is not None
    assert problem in found


def test_rounding_does_not_add_up() -> None:
    d = "M0 0" + "l.04 .04" * 1000
    assert snap_path(parse_path(d), 0.1)[-1].values == (400.0, 400.0)


def test_a_half_circle_stays_one_when_radius_and_chord_round_apart() -> None:
    original = [Segment("M", (0.0, 0.0)), Segment("A", (5.06, 5.06, 0, 0, 1, 10.12, 0.0))]
    top = min(p[1] for p in _trace(parse_path(write_path(original))))
    assert top == pytest.approx(-5.06, abs=0.1)


def test_drops_what_has_no_length_but_keeps_a_dot() -> None:
    assert write_path(parse_path("M0 0L.01 0L5 5L5 5")) == "M0 0l5 5"
    assert write_path(parse_path("M5 5L5 5")) == "M5 5h0"
    assert write_path(parse_path("M5 5M6 6")) == ""


def test_relative_and_absolute_styles_are_pure() -> None:
    d = "M100 100c5 5 9 9 12 12 1 1 2 2 3 9H5q1 1 2 2"
    assert not any(c in write_path(parse_path(d), commands="relative")[1:] for c in "LCHQ")
    assert not any(c in write_path(parse_path(d), commands="absolute") for c in "lchq")


def test_arcs_stay_arcs_and_turn_with_a_mirror() -> None:
    mirrored = transform_path(parse_path("M0 0A5 5 0 0 1 10 0"), (-1, 0, 0, 1, 0, 0))
    assert mirrored[1].values == (5, 5, 0, 0, 0, -10, 0)
    skewed = transform_path(parse_path("M0 0A5 5 0 0 1 10 0"), (1, 0, 0.5, 1, 0, 0))
    assert skewed[1].command == "A"
    assert skewed[1].values[0] > 5 > skewed[1].values[1]


@settings(max_examples=60, deadline=None)
@given(paths, st.sampled_from(["shortest", "relative", "absolute"]))
def test_writing_is_idempotent(path: list[Segment], commands: str) -> None:
    once = write_path(path, commands=commands)
    assert write_path(parse_path(once), commands=commands) == once


@settings(max_examples=60, deadline=None)
@given(paths, st.tuples(*[st.floats(-3, 3)] * 6))
def test_transforming_moves_every_point(path: list[Segment], matrix: tuple[float, ...]) -> None:
    a, b, c, d, e, f = matrix
    if abs(a * d - b * c) < 0.2:
        return
    moved = transform_path(path, (a, b, c, d, e, f))
    for before, after in zip(_trace(path), _trace(moved), strict=True):
        expected = (a * before[0] + c * before[1] + e, b * before[0] + d * before[1] + f)
        assert math.dist(expected, after) < 0.05 * (1 + math.hypot(*expected) / 50)


def _trace(path: list[Segment]) -> list[tuple[float, float]]:
    """End points of all segments, and the middle of arcs."""
    traced: list[tuple[float, float]] = []
    x = y = 0.0
    for command, v in path:
        if command == "A":
            curves = cubics_of_arc(x, y, v)
            if curves and len(curves) % 2 == 0:
                traced.append((curves[len(curves) // 2 - 1][4], curves[len(curves) // 2 - 1][5]))
            else:
                traced.append((v[5], v[6]))
        if v:
            x, y = v[-2], v[-1]
            traced.append((x, y))
    return traced
