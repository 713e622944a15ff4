"""Turns a seed and an index into one sample, on the wanted side of the held-out split."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Callable, Iterable
from importlib import resources

from svgtune.config.scenes import Category, ScenesOptions
from svgtune.data.sources.scenes.abstract.composer import compose_abstract
from svgtune.data.sources.scenes.composition import Composition, Wish
from svgtune.data.sources.scenes.fashion.composer import compose_fashion
from svgtune.data.sources.scenes.landscape.composer import compose_landscape
from svgtune.data.sources.scenes.medley import compose_medley
from svgtune.data.sources.scenes.palette import NAMES, draw_codes
from svgtune.data.sources.scenes.questions import choose_questions
from svgtune.data.sources.scenes.things.composer import compose_everyday
from svgtune.records import Question, Sample

_COMPOSERS: dict[Category, Callable[[random.Random, Wish], Composition]] = {
    "landscape": compose_landscape,
    "abstract": compose_abstract,
    "fashion": compose_fashion,
    "things": compose_everyday,
    "medley": compose_medley,
}
_HELD_OUT_MODULUS = 12
_MAX_DRAWS = 2_000

_NEVER_DRAWN = frozenset(
    (resources.files(__package__) / "never_drawn.txt").read_text(encoding="ascii").split("\n")[3:-1]
)


def is_held_out(pair: tuple[str, str]) -> bool:
    """Says whether a combination, such as (teal, rooster), is kept away from training; one in twelve is."""
    return zlib.crc32("|".join(pair).encode()) % _HELD_OUT_MODULUS == 0


def _has_held_out(pairs: Iterable[tuple[str, str]]) -> bool:
    return any(is_held_out(pair) for pair in pairs)


def hash_caption(caption: str) -> str:
    """Returns the digest by which captions are refused."""
    return hashlib.blake2b(caption.strip().lower().encode(), digest_size=8).hexdigest()


def is_never_drawn(caption: str) -> bool:
    """Says whether a caption is one of the embedded benchmark, word for word."""
    return hash_caption(caption) in _NEVER_DRAWN


def _draw_wish(rng: random.Random, options: ScenesOptions) -> Wish:
    """Draws what one scene is to be; a share of 0 takes no random number, so that other scenes stay."""
    return Wish(
        two_colours=None if options.two_colours is None else rng.random() < options.two_colours,
        colours=draw_codes(rng) if options.codes and rng.random() < options.codes else NAMES,
        anywhere=bool(options.anywhere) and rng.random() < options.anywhere,
    )


def _fits(composition: Composition, split: str) -> bool:
    if is_never_drawn(composition.caption):
        return False
    return split == "any" or _has_held_out(composition.pairs) == (split == "held_out")


def sample_scene(seed: int, index: int, options: ScenesOptions | None = None) -> Sample:
    """Draws scene ``index`` of the stream ``seed``; the same three arguments always give the same sample.

    Returns:
        A sample whose ``facts`` hold ``parts`` (subject, colours, count), ``pairs`` and ``split``, and whose
        svg is not yet in normal form.
    """
    options = options or ScenesOptions()
    rng = random.Random(f"{seed}/{index}")
    categories = list(options.categories)
    for _ in range(_MAX_DRAWS):
        category = rng.choices(categories, list(options.categories.values()))[0]
        wish = _draw_wish(rng, options)
        composition = _COMPOSERS[category](rng, wish)
        questions = choose_questions(rng, composition.questions, options.questions)
        if _fits(composition, options.split):
            return _build_sample(seed, index, composition, questions)
    raise RuntimeError(
        f"scene {index} of seed {seed}: no {options.split} scene in {_MAX_DRAWS} draws of {categories}"
    )


def _build_sample(seed: int, index: int, composition: Composition, questions: tuple[Question, ...]) -> Sample:
    held_out = _has_held_out(composition.pairs)
    facts = {
        "parts": [
            {"subject": part.subject, "colours": list(part.colours), "count": part.count}
            for part in composition.parts
        ],
        "pairs": [list(pair) for pair in composition.pairs],
        "split": "held_out" if held_out else "train",
    }
    return Sample(
        id=f"scene-{seed}-{index}",
        caption=composition.caption,
        svg=composition.sheet.to_svg(),
        source="scenes",
        origin=f"svgtune scenes, seed {seed}, index {index}",
        licence="CC0-1.0",
        category=composition.category,
        family=composition.caption,
        questions=questions,
        facts=facts,
    )
