"""svgtune tunes a small language model to write SVG for a caption."""

__version__ = "0.1.0"
