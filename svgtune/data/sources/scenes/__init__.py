"""The procedural teacher: captions in the competition's manner, and drawings that show them."""

from svgtune.data.sources.scenes.teacher import sample_scene

__all__ = ["sample_scene"]
