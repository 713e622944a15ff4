"""The procedural scene generator as a source."""

from __future__ import annotations

from collections.abc import Iterator

from svgtune.config.prepare import ScenesSource
from svgtune.data.sources.base import Item, part_bounds
from svgtune.data.sources.scenes import sample_scene
from svgtune.records import Drop


class Scenes:
    """Scenes by seed and index; nothing is stored."""

    is_foreign = False

    def __init__(self, section: ScenesSource) -> None:
        self.name = section.name
        self._section = section

    def fetch(self) -> None:
        """There is nothing to fetch."""

    @property
    def len_hint(self) -> int:
        """Scenes that the recipe asks for."""
        return self._section.count

    def read(self, rank: int, world: int) -> Iterator[Item]:
        """Yields the scenes of one part."""
        section = self._section
        for index in range(*part_bounds(section.count, rank, world)):
            try:
                yield sample_scene(section.seed, index, section.options)
            except Exception as error:  # noqa: BLE001 (the per-sample boundary: one scene, counted)
                origin = f"svgtune scenes, seed {section.seed}, index {index}"
                detail = f"{type(error).__name__}: {error}"
                yield Drop(f"scene-{section.seed}-{index}", "scene_error", detail, self.name, origin)
