"""Where samples come from: one interface, a licence and an origin on every sample."""

from __future__ import annotations

from pathlib import Path

from svgtune.config.prepare import FolderSource, HubSource, NpmSource, ScenesSource
from svgtune.data.sources.base import Item, Source
from svgtune.data.sources.folder import FolderFiles
from svgtune.data.sources.hub import HubRows
from svgtune.data.sources.npm import NpmFiles
from svgtune.data.sources.scenes_source import Scenes

__all__ = ["Item", "Source", "build_source"]

AnySection = ScenesSource | FolderSource | NpmSource | HubSource


def build_source(section: AnySection, work: Path) -> Source:
    """Builds the source that a recipe section describes; nothing is fetched yet.

    Args:
        section: One entry of the recipe's ``source`` or ``sources``.
        work: Folder of this source alone, for what it fetches.
    """
    if isinstance(section, FolderSource):
        return FolderFiles(section, work)
    if isinstance(section, NpmSource):
        return NpmFiles(section, work)
    if isinstance(section, HubSource):
        return HubRows(section, work)
    return Scenes(section)
