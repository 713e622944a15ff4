"""Everyday subjects, in catalogues by group."""

from __future__ import annotations

from svgtune.data.sources.scenes.subject import Subject
from svgtune.data.sources.scenes.things.animals_air_water import AIR_WATER_ANIMALS
from svgtune.data.sources.scenes.things.animals_land import LAND_ANIMALS
from svgtune.data.sources.scenes.things.food import FOODS
from svgtune.data.sources.scenes.things.household import FURNITURE, HOUSEHOLD
from svgtune.data.sources.scenes.things.objects import INSTRUMENTS, TOOLS, TOYS
from svgtune.data.sources.scenes.things.plants import PLANTS
from svgtune.data.sources.scenes.things.vehicles import VEHICLES

CATALOGUES = (
    LAND_ANIMALS, AIR_WATER_ANIMALS, FOODS, PLANTS, VEHICLES, FURNITURE, HOUSEHOLD, TOOLS, INSTRUMENTS, TOYS,
)  # fmt: skip

SUBJECTS: dict[str, Subject] = {}
for _catalogue in CATALOGUES:
    _twice = SUBJECTS.keys() & _catalogue.subjects.keys()
    if _twice:
        raise ValueError(f"subjects {sorted(_twice)} are in two catalogues")
    SUBJECTS |= _catalogue.subjects
