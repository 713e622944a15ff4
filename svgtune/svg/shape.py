"""One shape to the canvas: geometry, stroke, clips and paints."""

from __future__ import annotations

import math
from typing import Protocol

from svgtune.config.form import NormalForm
from svgtune.svg.clip import Verdict, clip_geometry
from svgtune.svg.colour import read_colour, split_paint
from svgtune.svg.geometry import (
    Box,
    Geometry,
    box_of_geometry,
    has_area,
    is_closed,
    simplify_geometry,
    snap_geometry,
    transform_geometry,
    write_geometry,
)
from svgtune.svg.items import Paint, PatternPaint, Shape, Stroke
from svgtune.svg.layout import MAX_DASHES
from svgtune.svg.paint import (
    Gradient,
    judge_box,
    keeps_box,
    round_matrix,
    solid_of,
    write_in_box,
    write_in_user_space,
    write_matrix,
)
from svgtune.svg.path import IDENTITY, Matrix, format_number
from svgtune.svg.scope import Scope
from svgtune.svg.units import apply, determinant, multiply, read_length, read_number, uniform_scale

CLIP_SLACK = 0.25
"""Canvas units (half a pixel at the judge's size) by which a shape may leave its clip unreported."""


_NO_STROKE = Stroke()


class PaintSource(Protocol):
    """What a shape asks of the document it stands in."""

    lost: set[str]
    changes: set[str]
    form: NormalForm

    @property
    def in_pattern(self) -> bool:
        """Whether shapes are measured in a pattern's tile and not on the canvas."""

    def gradient(self, name: str) -> Gradient | None:
        """Returns the gradient with that id, or None."""

    def pattern(self, name: str, geometry: Geometry, d: str | None, scope: Scope) -> PatternPaint | None:
        """Returns the flattened pattern with that id, or None if there is none or it can't be kept."""


class ShapeBuilder:
    """Brings one shape to the canvas: geometry, stroke, clips and paints."""

    def __init__(
        self, owner: PaintSource, scope: Scope, own: dict[str, str], geometry: Geometry, font_size: float
    ) -> None:
        self._owner = owner
        self._scope = scope
        self._own = own
        self._source = geometry
        self._font_size = font_size
        self._grid = owner.form.grid
        self._decimals = owner.form.decimals
        self._d = own.get("d")

    def build(self, fill_text: str, opacity: float, *, may_have_line: bool = True) -> Shape | None:
        """Returns the shape, or None if nothing of it is painted on the canvas."""
        style = self._scope.style
        has_fill = self._is_painted(fill_text, "fill-opacity")
        width = read_length(style.get("stroke-width"), self._scope.viewport.diagonal, 1.0, self._font_size)
        has_line = (
            may_have_line and width > 0 and self._is_painted(style.get("stroke", "none"), "stroke-opacity")
        )
        if not has_fill and not has_line:
            return None
        matrix, keep = self._scope.matrix, IDENTITY
        scale = uniform_scale(matrix)
        if scale is None:
            scale = math.sqrt(abs(determinant(matrix)))
            if has_line:
                # A distorted line has no attribute of its own, so the distortion stays as a transform.
                scale = 1.0 if abs(scale - 1) < 1e-3 else scale
                keep = multiply(matrix, (1 / scale, 0.0, 0.0, 1 / scale, 0.0, 0.0))
                keep = round_matrix(keep, self._decimals)
                matrix = (scale, 0.0, 0.0, scale, 0.0, 0.0)
        dashes = self._read_dashes(scale) if has_line else ()
        moved = transform_geometry(self._source, matrix, keep_start=bool(dashes))
        snapped = snap_geometry(moved, self._grid)
        if snapped is None:
            return None
        if not dashes:
            snapped = simplify_geometry(snapped)
        has_fill = has_fill and has_area(snapped)
        if not has_fill and not has_line:
            return None
        stroke = self._write_stroke(snapped, width * scale, dashes, scale) if has_line else _NO_STROKE
        reach = self._reach(snapped, width * scale) if has_line else 0.0
        cut = self._clip(snapped, reach, keep, can_cut=not has_line and keep == IDENTITY)
        if cut is None:
            return None
        snapped, box = cut
        fill, fill_alpha = (
            self._paint(fill_text, "fill-opacity", snapped, matrix) if has_fill else ("none", 0.0)
        )
        line_text = style.get("stroke", "none")
        line, line_alpha = (
            self._paint(line_text, "stroke-opacity", snapped, matrix) if has_line else ("none", 0.0)
        )
        if has_line and line == "none":
            # Its gradient or pattern paints nothing; without a line, more may be done to the shape.
            return self.build(fill_text, opacity, may_have_line=False)
        if fill == "none" and line == "none":
            return None
        return Shape(
            geometry=snapped,
            fill=fill,
            line=line,
            stroke=stroke,
            box=box,
            opacity=opacity,
            fill_opacity=fill_alpha if fill != "none" else 1.0,
            line_opacity=line_alpha if line != "none" else 1.0,
            even_odd=style.get("fill-rule") == "evenodd" and snapped.kind in ("path", "polygon", "polyline"),
            transform=write_matrix(keep, self._decimals) if keep != IDENTITY else "",
        )

    def _is_painted(self, text: str, opacity_name: str) -> bool:
        server, colour = split_paint(text)
        if read_number(self._scope.style.get(opacity_name), 1.0) < 0.0005:
            return False
        return server is not None or (colour is not None and read_colour(colour)[1] >= 0.0005)

    def _read_dashes(self, scale: float) -> tuple[float, ...]:
        text = self._scope.style.get("stroke-dasharray", "")
        if not text or text == "none":
            return ()
        diagonal = self._scope.viewport.diagonal
        words = text.replace(",", " ").split()
        lengths = tuple(read_length(w, diagonal, 0.0, self._font_size) * scale for w in words)
        return lengths if sum(lengths) > 0 and min(lengths) >= 0 and len(lengths) <= MAX_DASHES else ()

    def _write_stroke(
        self, geometry: Geometry, width: float, dashes: tuple[float, ...], scale: float
    ) -> Stroke:
        style, decimals = self._scope.style, self._decimals + 1
        written_width = format_number(max(width, 10.0**-decimals), decimals)
        cap = style.get("stroke-linecap", "butt")
        if cap not in ("round", "square") or (not dashes and is_closed(geometry)):
            cap = "butt"
        join = style.get("stroke-linejoin", "miter")
        if join not in ("round", "bevel") or geometry.kind in ("circle", "ellipse", "line"):
            join = "miter"
        miter = "4"
        if join == "miter" and geometry.kind in ("path", "polyline", "polygon"):
            miter = format_number(max(1.0, read_number(style.get("stroke-miterlimit"), 4.0)), 2)
        written_dashes = " ".join(format_number(n, decimals) for n in dashes)
        offset = "0"
        if dashes:
            length = read_length(
                style.get("stroke-dashoffset"), self._scope.viewport.diagonal, 0.0, self._font_size
            )
            offset = format_number(length * scale, decimals)
        if not written_dashes.replace("0", "").strip():
            written_dashes, offset = "", "0"
        return Stroke(written_width, cap, join, miter, written_dashes, offset)

    def _reach(self, geometry: Geometry, width: float) -> float:
        """How far a line may stand out from its outline, in canvas units."""
        style = self._scope.style
        half = width / 2
        if geometry.kind in ("circle", "ellipse", "rect"):
            return half
        reach = half * 1.4143 if style.get("stroke-linecap") == "square" else half
        if style.get("stroke-linejoin", "miter") not in ("round", "bevel") and geometry.kind != "line":
            reach = max(reach, half * max(1.0, read_number(style.get("stroke-miterlimit"), 4.0)))
        return reach

    def _clip(
        self, geometry: Geometry, reach: float, keep: Matrix, *, can_cut: bool
    ) -> tuple[Geometry, Box] | None:
        """Returns what the clips and the canvas leave of a shape, with its box in canvas units, or None."""
        owner, grid = self._owner, self._grid
        for clip in self._scope.clips:
            box = self._canvas_box(geometry, reach, keep)
            in_steps = (box[0] / grid, box[1] / grid, box[2] / grid, box[3] / grid)
            if clip.geometry is not None and clip.geometry.kind == "path" and not clip.geometry.segments:
                owner.lost.add(clip.reason)
                continue
            verdict, geometry = clip_geometry(
                geometry, in_steps, clip, slack=CLIP_SLACK / grid, can_cut=can_cut
            )
            if verdict is Verdict.OUTSIDE:
                owner.changes.add("clipped_away")
                return None
            if verdict is Verdict.LOST:
                owner.lost.add(clip.reason)
            elif verdict is Verdict.CUT:
                owner.changes.add("clip_path")
                geometry = simplify_geometry(geometry)
        box = self._canvas_box(geometry, reach, keep)
        side = owner.form.canvas
        if not owner.in_pattern and (box[0] >= side or box[1] >= side or box[2] <= 0 or box[3] <= 0):
            owner.changes.add("off_canvas")
            return None
        return geometry, box

    def _canvas_box(self, geometry: Geometry, reach: float, keep: Matrix) -> Box:
        left, top, right, bottom = box_of_geometry(geometry)
        grid = self._grid
        box = (left * grid - reach, top * grid - reach, right * grid + reach, bottom * grid + reach)
        if keep == IDENTITY:
            return box
        corners = [apply(keep, x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def _paint(self, text: str, opacity_name: str, snapped: Geometry, matrix: Matrix) -> tuple[Paint, float]:
        alpha = min(1.0, read_number(self._scope.style.get(opacity_name), 1.0))
        server, fallback = split_paint(text)
        if server is not None:
            gradient = self._owner.gradient(server)
            if gradient is not None:
                paint, own_alpha = self._write_gradient(gradient, snapped, matrix)
                if paint is not None:
                    return (paint, alpha * own_alpha) if own_alpha >= 0.0005 else ("none", 0.0)
            elif pattern := self._pattern(server, matrix):
                return pattern, alpha
        if fallback is None:
            return "none", 0.0
        colour, own_alpha = read_colour(fallback)
        return (colour, alpha * own_alpha) if alpha * own_alpha >= 0.0005 else ("none", 0.0)

    def _pattern(self, server: str, matrix: Matrix) -> PatternPaint | None:
        return self._owner.pattern(server, self._source, self._d, self._scope._replace(matrix=matrix))

    def _write_gradient(
        self, gradient: Gradient, snapped: Geometry, matrix: Matrix
    ) -> tuple[str | None, float]:
        """Returns the gradient's text or plain colour; None where only the fallback is painted."""
        box = None
        if not gradient.in_user_space:
            box = judge_box(self._source, self._d)
            if box is None:
                return None, 0.0
        solid = solid_of(gradient)
        if solid is not None:
            return solid
        if box is not None:
            scaled = Geometry(snapped.kind, tuple(v * self._grid for v in snapped.values), snapped.segments)
            d = None
            if snapped.kind == "path":
                d = dict(write_geometry(snapped, self._decimals, self._owner.form.path_commands))["d"]
            if keeps_box(matrix, box, judge_box(scaled, d), CLIP_SLACK):
                in_box = write_in_box(gradient)
                if in_box is not None:
                    return in_box, 1.0
        written = write_in_user_space(gradient, matrix, self._scope.viewport, box, self._decimals)
        if written is None:
            self._owner.lost.add("has_flat_gradient")
            return gradient.stops[-1][1], gradient.stops[-1][2]
        return written, 1.0
