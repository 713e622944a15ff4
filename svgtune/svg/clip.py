"""Clips that can be drawn without a clip path: shapes inside, outside, or cut to a simple outline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from svgtune.svg.geometry import Box, Geometry, box_of_geometry
from svgtune.svg.path import Segment


class Verdict(Enum):
    """What a clip does to a shape."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    CUT = "cut"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Clip:
    """An outline that hides what is beyond it.

    Attributes:
        geometry: In whole grid steps; None hides everything.
        reason: What is reported if a shape would need a real clip path.
    """

    geometry: Geometry | None
    reason: str

    @property
    def is_box(self) -> bool:
        """Whether the outline is an upright rectangle."""
        return self.geometry is not None and self.geometry.kind == "rect" and self.geometry.values[4] == 0


def holds_box(outer: Box, inner: Box, slack: float) -> bool:
    """Whether ``inner`` lies in ``outer``, give or take the slack."""
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def clip_geometry(
    geometry: Geometry, box: Box, clip: Clip, *, slack: float, can_cut: bool
) -> tuple[Verdict, Geometry]:
    """Applies a clip to a shape.

    Args:
        geometry: In grid steps.
        box: What the shape covers with its stroke, in grid steps.
        clip: The outline.
        slack: How far, in grid steps, a shape may stand out without being cut.
        can_cut: Whether the shape has no stroke and no transform, so that its outline may be changed.

    Returns:
        The verdict and, if it is CUT, the outline that remains.
    """
    if clip.geometry is None:
        return Verdict.OUTSIDE, geometry
    frame = box_of_geometry(clip.geometry)
    if box[0] >= frame[2] or box[2] <= frame[0] or box[1] >= frame[3] or box[3] <= frame[1]:
        return Verdict.OUTSIDE, geometry
    if clip.is_box and holds_box(frame, box, slack):
        return Verdict.INSIDE, geometry
    if not clip.is_box and _holds_corners(clip.geometry, box):
        return Verdict.INSIDE, geometry
    if not can_cut:
        return Verdict.LOST, geometry
    if geometry.kind == "rect" and geometry.values[4] == 0 and holds_box(box, frame, 0.0):
        return Verdict.CUT, clip.geometry
    if clip.geometry == geometry:
        return Verdict.INSIDE, geometry
    if clip.is_box:
        cut = _cut_straight(geometry, frame)
        if cut is not None:
            return (Verdict.CUT, cut) if cut.segments else (Verdict.OUTSIDE, geometry)
    return Verdict.LOST, geometry


def _holds_corners(outline: Geometry, box: Box) -> bool:
    """Whether a round outline holds all corners of a box, and so, being convex, the box."""
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    if outline.kind in ("circle", "ellipse"):
        cx, cy, rx, ry = outline.values[0], outline.values[1], outline.values[2], outline.values[-1]
        return all(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1 for x, y in corners)
    if outline.kind == "rect":
        x0, y0, width, height, rx, ry = outline.values
        rx, ry = min(rx, width / 2), min(ry, height / 2)
        inner_wide = (x0, y0 + ry, x0 + width, y0 + height - ry)
        inner_tall = (x0 + rx, y0, x0 + width - rx, y0 + height)
        return holds_box(inner_wide, box, 0.0) or holds_box(inner_tall, box, 0.0)
    return False


def _cut_straight(geometry: Geometry, frame: Box) -> Geometry | None:
    """Cuts a fill of straight lines to a box (Sutherland and Hodgman 1974); None if it has curves.

    Lines that the cut lays along the frame enclose nothing, so the fill is right for either fill rule.
    """
    rings = _straight_rings(geometry)
    if rings is None:
        return None
    segments: list[Segment] = []
    for ring in rings:
        for axis, limit, sign in ((0, frame[0], 1), (0, frame[2], -1), (1, frame[1], 1), (1, frame[3], -1)):
            ring = _cut_ring(ring, axis, limit, sign)
        points = [p for i, p in enumerate(ring) if p != ring[i - 1]]
        if len(points) > 2:
            segments += [Segment("L" if i else "M", p) for i, p in enumerate(points)]
            segments.append(Segment("Z", ()))
    return Geometry("path", (), tuple(segments))


def _straight_rings(geometry: Geometry) -> list[list[tuple[float, float]]] | None:
    v = geometry.values
    if geometry.kind in ("polygon", "polyline"):
        return [[(v[i], v[i + 1]) for i in range(0, len(v), 2)]]
    if geometry.kind == "rect" and v[4] == 0:
        x, y, w, h = v[:4]
        return [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)]]
    if geometry.kind != "path":
        return None
    rings: list[list[tuple[float, float]]] = []
    for command, values in geometry.segments:
        if command == "M":
            rings.append([(values[0], values[1])])
        elif command == "L":
            rings[-1].append((values[0], values[1]))
        elif command != "Z":
            return None
    return rings


def _cut_ring(
    ring: list[tuple[float, float]], axis: int, limit: float, sign: int
) -> list[tuple[float, float]]:
    result = []
    for i, point in enumerate(ring):
        before = ring[i - 1]
        is_in, was_in = sign * (point[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
        if is_in != was_in:
            share = (limit - before[axis]) / (point[axis] - before[axis])
            crossing = [before[k] + share * (point[k] - before[k]) for k in (0, 1)]
            crossing[axis] = limit
            result.append((float(round(crossing[0])), float(round(crossing[1]))))
        if is_in:
            result.append(point)
    return result
