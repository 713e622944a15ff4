"""One SVG to pixels, bit for bit as the competition's judge makes them.

The judge runs CairoSVG's ``svg2png``, opens the PNG with PIL, converts it to RGB and resizes it to 384 x 384.
Here CairoSVG's image surface is read directly, which saves the slow PNG round trip and gives the same bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from svgtune.errors import RenderError
from svgtune.render.surface import Document, LeanSurface

JUDGE_SIZE_PX = 384
MAX_SVG_BYTES = 10_000_000
MAX_CANVAS_PX = 4096 * 4096
MAX_SIDE_PX = 32_767  # cairo's own limit

_DPI = 96
_BAND_ROWS = 512
_OPAQUE = np.uint32(0xFF000000)
# What CairoSVG itself puts in the place of a reference it may not follow.
_EMPTY_SVG = b'<svg width="1" height="1"></svg>'


def _build_unpremultiply_table() -> np.ndarray:
    """Returns ``table[alpha, value]``, with the rounding and the 8-bit overflow of cairo's PNG writer."""
    alpha = np.arange(256, dtype=np.uint32)[:, None]
    value = np.arange(256, dtype=np.uint32)[None, :]
    table = (value * 255 + alpha // 2) // np.maximum(alpha, 1)
    table[0] = 0
    return (table & 0xFF).astype(np.uint8)


_UNPREMULTIPLY = _build_unpremultiply_table()


def _refuse_fetch(url: str, resource_type: str) -> bytes:
    """Stands in for CairoSVG's URL fetcher; nothing is ever read.

    A file or network reference paints nothing, as at the judge's. An embedded raster is an error, so that no
    drawing silently lacks a part of it.
    """
    if url.startswith("data:"):
        raise RenderError(f"render: data: reference of type {resource_type}; draw it with shapes instead")
    return _EMPTY_SVG


class _BoundedSurface(LeanSurface):
    """An image surface that looks at the canvas size before it allocates anything."""

    def _create_surface(self, width: float, height: float) -> Any:
        # A comparison with NaN is false, so this refuses NaN too.
        if not (0.5 < width < MAX_SIDE_PX and 0.5 < height < MAX_SIDE_PX):
            raise RenderError(
                f"render: canvas of {width:g} x {height:g} px; give the root a width, height or viewBox "
                f"between 1 and {MAX_SIDE_PX}"
            )
        if width * height > MAX_CANVAS_PX:
            raise RenderError(
                f"render: canvas of {width:g} x {height:g} px; keep width x height within {MAX_CANVAS_PX}"
            )
        return super()._create_surface(width, height)


def _read_surface(surface: Any) -> Image.Image:
    """Returns a cairo ARGB32 image surface as an RGB picture, the way PNG and ``convert("RGB")`` would."""
    surface.flush()
    width, height, stride = surface.get_width(), surface.get_height(), surface.get_stride()
    rows = np.frombuffer(surface.get_data(), dtype=np.uint8).reshape(height, stride)
    for top in range(0, height, _BAND_ROWS):
        band = rows[top : top + _BAND_ROWS].reshape(-1, 4)  # bytes B G R A: the stride of ARGB32 is 4 x width
        packed = band.view(np.uint32)[:, 0]
        if packed.min() >= _OPAQUE:
            continue
        translucent = np.flatnonzero((packed < _OPAQUE) & (packed != 0))
        if translucent.size:
            pixels = band[translucent]
            band[translucent, :3] = _UNPREMULTIPLY[pixels[:, 3:], pixels[:, :3]]
    return Image.frombytes("RGB", (width, height), rows, "raw", "BGRX", stride, 1)


def render_svg(svg: str, size_px: int = JUDGE_SIZE_PX) -> np.ndarray:
    """Draws an SVG as the judge does.

    Rendered at the file's own size; where the text ``viewBox`` occurs nowhere in the file, every ``<svg`` in
    it gets ``viewBox="0 0 384 384"``; alpha is dropped, so an empty background is black; resized bicubically.
    Nothing outside the text is read. There is no time limit here: text of unknown origin belongs in
    ``pool.RenderPool``.

    Args:
        svg: The whole file.
        size_px: Side of the picture; only 384 is what the judge sees, others are previews.

    Returns:
        uint8 of shape [size_px, size_px, 3].

    Raises:
        RenderError: The text is no SVG, or its canvas is empty, not finite or too large.
        MemoryError: The drawing needs more memory than there is.
    """
    if len(svg) > MAX_SVG_BYTES:
        raise RenderError(f"render: text of {len(svg)} characters; keep it within {MAX_SVG_BYTES}")
    if not svg:
        # CairoSVG takes an empty text for a missing one, and would fetch the working directory instead.
        raise RenderError("render: empty text; give an SVG")
    if "viewBox" not in svg:
        svg = svg.replace("<svg", f'<svg viewBox="0 0 {JUDGE_SIZE_PX} {JUDGE_SIZE_PX}"')
    try:
        document = Document(bytestring=svg.encode(), url_fetcher=_refuse_fetch)
        image = _read_surface(_BoundedSurface(document, None, _DPI).cairo)
    except (RenderError, MemoryError):
        raise
    except Exception as error:
        message = " ".join(str(error).split())[:300]
        raise RenderError(
            f"render: {type(error).__name__}: {message}; check that the text is a well-formed SVG"
        ) from error
    if image.size != (size_px, size_px):
        image = image.resize((size_px, size_px), Image.Resampling.BICUBIC)
    return np.array(image)
