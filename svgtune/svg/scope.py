"""Where an element stands: style, map to the canvas, viewport, clips, and the document's definitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from svgtune.svg.clip import Clip
from svgtune.svg.parse import local_name
from svgtune.svg.path import Matrix
from svgtune.svg.style import Style
from svgtune.svg.units import Viewport


@dataclass(slots=True)
class Definitions:
    """Elements by id, as CairoSVG looks them up: the first for ``use``, the last for everything else."""

    by_id: dict[str, etree._Element] = field(default_factory=dict)
    gradients: dict[str, etree._Element] = field(default_factory=dict)
    patterns: dict[str, etree._Element] = field(default_factory=dict)
    outlines: dict[str, etree._Element] = field(default_factory=dict)
    masks: dict[str, etree._Element] = field(default_factory=dict)
    filters: dict[str, etree._Element] = field(default_factory=dict)
    markers: dict[str, etree._Element] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element) -> Definitions:
        """Collects the definitions of a document."""
        found = cls()
        tables = {
            "linearGradient": found.gradients,
            "radialGradient": found.gradients,
            "pattern": found.patterns,
            "clipPath": found.outlines,
            "path": found.outlines,
            "mask": found.masks,
            "filter": found.filters,
            "marker": found.markers,
        }
        for element in root.iter():
            name = element.get("id")
            if name:
                found.by_id.setdefault(name, element)
                table = tables.get(local_name(element))
                if table is not None:
                    table[name] = element
        return found


class Scope(NamedTuple):
    """What holds where an element stands."""

    style: Style
    matrix: Matrix
    viewport: Viewport
    clips: tuple[Clip, ...] = ()
    depth: int = 0
