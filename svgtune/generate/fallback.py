"""A drawing made from a caption by rules: what is shown where no model's drawing can be had.

The scenes' own drawings stand in for what the caption names, in the colours that it gives them; of a caption
that names nothing known, its colours are shown as plain shapes. Any text at all gets a valid drawing.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

from svgtune.data.sources.scenes.abstract.shapes import SHAPES, Spot, draw_shapes
from svgtune.data.sources.scenes.fashion.composer import WARDROBE
from svgtune.data.sources.scenes.fashion.fabric import PATTERNS, cut_cloth, draw_finish, draw_layers
from svgtune.data.sources.scenes.landscape.grounds import GROUNDS, PLACES
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.sky import draw_sky, draw_weather, paint_in_light
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS
from svgtune.data.sources.scenes.palette import (
    NAMES,
    Paint,
    build_paint,
    get_hex,
    get_paint,
    measure_contrast,
)
from svgtune.data.sources.scenes.pen import Pen, Sheet
from svgtune.data.sources.scenes.things import SUBJECTS
from svgtune.data.sources.scenes.things.settings import SETTINGS, draw_backdrop
from svgtune.generate.caption import Caption, Mention, read_caption

_GARMENTS = {garment.name: garment for garment in WARDROBE}
_MAX_SUBJECTS = 3
_MAX_COPIES = 5
_BACKDROPS = ("sky blue", "cream", "lavender", "navy", "beige", "white", "charcoal")
_STRANGE = ("teal", "coral", "amber", "indigo", "mint", "crimson", "azure", "plum")
_STRANGE_SHAPES = ("circle", "square", "triangle", "star", "ring", "hexagon", "diamond")
# Canvas x of the middle, y of the foot, by how many stand side by side.
_ROWS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((100, 168),),
    2: ((54, 164), (146, 164)),
    3: ((36, 160), (100, 168), (164, 160)),
    4: ((54, 98), (146, 98), (54, 184), (146, 184)),
    5: ((36, 104), (100, 104), (164, 104), (64, 184), (136, 184)),
}
_SCALES = {1: 1.4, 2: 0.8, 3: 0.62, 4: 0.8, 5: 0.6}
_SPOTS: dict[int, tuple[Spot, ...]] = {
    1: (Spot(100, 100, 68),),
    2: (Spot(56, 100, 34), Spot(144, 100, 34)),
    3: (Spot(58, 62, 34), Spot(142, 74, 34), Spot(92, 144, 34)),
    4: (Spot(56, 56, 34), Spot(144, 56, 34), Spot(56, 144, 34), Spot(144, 144, 34)),
    5: (Spot(44, 50, 25), Spot(140, 40, 25), Spot(164, 120, 25), Spot(92, 160, 25), Spot(36, 126, 25)),
}


def draw_fallback(prompt: str) -> str:
    """Draws any text as a valid SVG; the same text always gets the same drawing.

    Args:
        prompt: In English where the drawing is to show what it says; otherwise anything, also empty.
    """
    rng = random.Random(zlib.crc32(prompt.encode("utf-8", "surrogatepass")))
    caption = read_caption(prompt)
    sheet = Sheet()
    kinds = [mention.kind for mention in caption.mentions]
    if kinds and kinds[0] == "garment":
        _draw_garment(sheet, caption)
    elif caption.sky or {"terrain", "landmark"} & set(kinds):
        _draw_outdoors(sheet, rng, caption)
    elif "thing" in kinds:
        _draw_things(sheet, caption)
    elif "garment" in kinds:
        _draw_garment(sheet, caption)
    elif caption.pattern and not kinds:
        _draw_pattern(sheet, caption)
    else:
        _draw_abstract(sheet, rng, caption)
    return sheet.to_svg()


def _pick(caption: Caption, *kinds: str) -> list[Mention]:
    return [mention for mention in caption.mentions if mention.kind in kinds]


def _draw_outdoors(sheet: Sheet, rng: random.Random, caption: Caption) -> None:
    terrains, landmarks = _pick(caption, "terrain"), _pick(caption, "landmark")
    things = _pick(caption, "thing")
    sky = caption.sky or "day"
    draw_sky(sheet, rng, sky, avoid=100 if landmarks else None, low_sun=28)
    place = PLACES[landmarks[0].name] if landmarks else None
    if terrains:
        names = {mention.name for mention in terrains}
        snowy = {"snowy plain", "mountains"} <= names
        terrain = TERRAINS["snowy mountains" if snowy else terrains[0].name]
        colour = terrains[0].colours[0] if terrains[0].colours else None
        terrain.draw(Pen(sheet), paint_in_light(colour, terrain.colour, sky), rng)
    else:
        ground = GROUNDS[place.ground if place else "snow" if sky == "snowfall" else "grass"]
        ground.draw(Pen(sheet), paint_in_light(None, ground.colour, sky))
    if landmarks and place:
        landmark = LANDMARKS.subjects[landmarks[0].name]
        body, accent = _find_colours(landmarks[0])
        pen = place.build_pen(sheet) if not things else Pen(sheet, 80, 40, 1)
        landmark.draw(
            pen, paint_in_light(body, landmark.colour, sky), paint_in_light(accent, landmark.accent, sky)
        )
    row = _spread(things)
    for mention, (centre, foot) in zip(row, _ROWS[len(row)] if row else (), strict=False):
        _draw_thing(sheet, mention, centre, foot, 0.6 if landmarks or len(row) > 1 else 0.8)
    draw_weather(sheet, rng, sky)


def _draw_things(sheet: Sheet, caption: Caption) -> None:
    things = _pick(caption, "thing")
    row = _spread([mention for mention in things if mention.name != caption.setting] or things)
    shown = [get_hex(colour) for mention in row for colour in mention.colours[:1]]
    shown += [SUBJECTS[mention.name].colour for mention in row if not mention.colours]
    if caption.setting and not caption.background:
        SETTINGS[caption.setting].draw(sheet, Pen(sheet))
    else:
        draw_backdrop(sheet, caption.background or _find_clear(_BACKDROPS, shown))
    for mention, (centre, foot) in zip(row, _ROWS[len(row)], strict=True):
        _draw_thing(sheet, mention, centre, foot, _SCALES[len(row)])


def _draw_thing(sheet: Sheet, mention: Mention, centre: int, foot: int, scale: float) -> None:
    subject = SUBJECTS[mention.name]
    body, accent = _find_colours(mention)
    pen = Pen(sheet, round(centre - 50 * scale), round(foot - 96 * scale), scale)
    subject.draw(pen, _paint(body, subject.colour), _paint(accent, subject.accent))


def _draw_garment(sheet: Sheet, caption: Caption) -> None:
    mention = _pick(caption, "garment")[0]
    garment = _GARMENTS[mention.name]
    colours = mention.colours or caption.colours[:1] or (garment.natural,)
    main = get_hex(colours[0])
    second = get_hex(colours[1]) if len(colours) > 1 else "#fff" if _is_dark(main) else "#444"
    ground = caption.background or _find_clear(_BACKDROPS, [main, second] if caption.pattern else [main])
    draw_backdrop(sheet, ground)
    cloth = cut_cloth(sheet, main, material=caption.material, pattern=caption.pattern, second=second)
    draw_layers(sheet, garment.layers, cloth)
    draw_finish(sheet, garment, caption.material)


def _draw_pattern(sheet: Sheet, caption: Caption) -> None:
    colours = (*caption.colours, *(name for name in ("white", "navy") if name not in caption.colours))
    sheet.add_background(PATTERNS[caption.pattern](sheet, get_hex(colours[1]), get_hex(colours[0])))


def _draw_abstract(sheet: Sheet, rng: random.Random, caption: Caption) -> None:
    row = _spread(_pick(caption, "shape"))
    if not row:
        colours = caption.colours or tuple(rng.sample(_STRANGE, 3))
        names = rng.sample(_STRANGE_SHAPES, min(3, len(colours)))
        row = [Mention("shape", name, (colour,)) for name, colour in zip(names, colours, strict=False)]
    loose = caption.colours or ("azure", "coral", "amber")
    given = [
        mention.colours[0] if mention.colours else loose[k % len(loose)] for k, mention in enumerate(row)
    ]
    shades = [get_hex(name) for name in given]
    ground = caption.background or _find_clear(_BACKDROPS, shades)
    sheet.add_background(sheet.add_gradient(build_paint(get_hex(ground)).light, get_hex(ground)))
    for mention, colour, spot in zip(row, given, _SPOTS[len(row)], strict=True):
        draw_shapes(sheet, SHAPES[mention.name], [spot], get_paint(colour))


def _spread(mentions: Sequence[Mention]) -> list[Mention]:
    """Repeats what is wanted several times; at most five in all, the first of each kind before copies."""
    subjects = mentions[:_MAX_SUBJECTS]
    row = list(subjects)
    for mention in subjects:
        row += [mention] * min(mention.count - 1, _MAX_COPIES - len(row))
    return sorted(row, key=list(subjects).index)


def _find_colours(mention: Mention) -> tuple[str | None, str | None]:
    """Returns the colours of the body and of the second part; None is natural."""
    body = mention.colours[0] if mention.colours else None
    return body, mention.accent or (mention.colours[1] if len(mention.colours) > 1 else None)


def _paint(colour: str | None, natural: str) -> Paint:
    return get_paint(colour) if colour in NAMES else build_paint(natural)


def _find_clear(names: Sequence[str], shown: Sequence[str]) -> str:
    """Returns the first colour that stands off from all ``#rgb`` ones shown, else the one that does best."""

    def measure(name: str) -> float:
        return min((measure_contrast(get_hex(name), shade) for shade in shown), default=26.0)

    return next((name for name in names if measure(name) > 7), max(names, key=measure))


def _is_dark(colour: str) -> bool:
    return sum(int(digit, 16) for digit in colour[1:4]) < 24
