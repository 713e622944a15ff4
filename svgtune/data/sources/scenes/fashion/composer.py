"""Composes pictures of clothes: a garment in a colour, a material or a pattern, and its details."""

from __future__ import annotations

import random
from dataclasses import dataclass

from svgtune.data.sources.scenes.composition import Composition, Part, Wish, add_article, add_colour
from svgtune.data.sources.scenes.fashion import accessories, garments_lower, garments_upper
from svgtune.data.sources.scenes.fashion.fabric import (
    PATTERNS,
    Cloth,
    Detail,
    Garment,
    cut_cloth,
    draw_finish,
    draw_layers,
    measure_layers,
)
from svgtune.data.sources.scenes.palette import (
    NAMES,
    build_paint,
    get_hex,
    measure_contrast,
    measure_distance,
)
from svgtune.data.sources.scenes.pen import Sheet
from svgtune.data.sources.scenes.questions import (
    ask_colour,
    ask_count,
    ask_kind,
    ask_presence,
    ask_statement,
    find_other_colours,
)
from svgtune.records import Question

WARDROBE: tuple[Garment, ...] = (*garments_upper.GARMENTS, *garments_lower.GARMENTS, *accessories.GARMENTS)

_MATERIALS = tuple(sorted({material for garment in WARDROBE for material in garment.materials}))
_METALS = ("gold", "silver", "bronze", "copper", "black", "white")
_FURS = ("white", "gray", "brown", "black", "cream", "beige", "tan", "silver")
_DISTINCT = 7.0
# Of the numbers, commands and attributes of the shapes; the background and a pattern come on top.
_MAX_SIZE = 290
_MARKS = {
    "checkered": ("checks",), "striped": ("stripes", "horizontal stripes"),
    "vertically striped": ("vertical stripes",),
    "plaid": ("plaid lines",), "polka dot": ("polka dots", "dots", "spots"), "floral": ("flowers",),
    "zigzag": ("zigzags", "zigzag stripes"), "argyle": ("diamonds",), "star print": ("stars",),
    "heart print": ("hearts",),
}  # fmt: skip
_PATTERN_WORDS = {
    "checkered": ("checkered", "checkered", "checked"), "striped": ("striped", "horizontally striped"),
    "polka dot": ("polka dot", "polka-dotted", "spotted"), "zigzag": ("zigzag", "chevron"),
    "floral": ("floral", "flower-patterned"), "star print": ("star print", "star-patterned"),
    "heart print": ("heart print", "heart-patterned"),
}  # fmt: skip
_MATERIAL_WORDS = {"knit": ("knit", "knitted"), "sequined": ("sequined", "sequin")}
_ALIKE: tuple[set[str], ...] = (
    {"silk", "satin", "leather", "patent leather"}, {"wool", "tweed", "knit", "cable-knit", "flannel"},
    {"cotton", "linen", "felt", "lace"}, {"suede", "velvet", "satin", "silk"}, {"leather", "suede"},
    {"cotton", "wool", "felt", "denim"}, {"straw", "linen", "tweed"}, {"wool", "faux fur", "felt", "suede"},
    {"striped", "vertically striped", "zigzag"}, {"checkered", "gingham", "plaid", "houndstooth", "argyle"},
    {"floral", "star print", "heart print"},
)  # fmt: skip
_NOUN_MATERIALS = {
    "wool", "cotton", "denim", "leather", "corduroy", "silk", "satin", "velvet", "linen", "tweed", "suede",
    "lace",
    "faux fur", "flannel", "felt", "straw", "patent leather",
}  # fmt: skip
_ABSENT = (
    "a faux fur collar", "tassels", "a hood", "a feather", "a pom-pom", "lace trim", "an umbrella",
    "a flower pot",
    "a necklace", "sunglasses", "a clock", "a tree", "a mountain", "a cat",
)  # fmt: skip
_NEAR = {
    "outerwear": ("sweater", "robe", "shirt", "vest", "beltwear", "cape", "neckwear"),
    "sweater": ("outerwear", "shirt"), "shirt": ("outerwear", "sweater", "sleepwear", "vest", "neckwear"),
    "vest": ("outerwear", "shirt"), "cape": ("outerwear", "dress", "skirt"),
    "robe": ("outerwear", "dress", "beltwear", "shirt"), "dress": ("skirt", "apron", "beltwear", "robe",
        "cape", "handwear"),
    "skirt": ("dress", "beltwear", "cape"), "legwear": ("overalls", "sleepwear", "beltwear"),
    "overalls": ("legwear", "sleepwear", "shirt", "beltwear"), "sleepwear": ("shirt", "legwear", "overalls"),
    "apron": ("dress", "skirt"), "swimwear": ("dress", "beltwear"), "bag": ("beltwear",),
}  # fmt: skip
_GROUNDS = (
    ("#cde", "#def"),
    ("#edc", "#fed"),
    ("#467", "#578"),
    ("#9ab", "#abc"),
    ("#654", "#765"),
    ("#ded", "#efe"),
)


@dataclass(frozen=True, slots=True)
class _Worn:
    """A detail as it is drawn: its wording and, where the caption names one, its colour."""

    detail: Detail
    words: str
    colour: str | None

    def describe(self) -> str:
        phrase = add_colour(self.colour, self.words) if self.colour else self.words
        return add_article(phrase) if self.detail.number == "one" else phrase


@dataclass(frozen=True, slots=True)
class _Outfit:
    """Every choice that the caption, the drawing and the questions share."""

    garment: Garment
    colour: str
    named: bool
    material: str
    pattern: str
    second: str
    marked: bool
    worn: tuple[_Worn, ...]
    background: str

    @property
    def colours(self) -> tuple[str, ...]:
        """All colours of the cloth that the caption names or implies."""
        return (self.colour, self.second) if self.second else (self.colour,)

    @property
    def worn_colours(self) -> tuple[str, ...]:
        """The colours that the caption gives to the garment itself, not to its stripes or dots."""
        if not self.named:
            return ()
        return (self.colour,) if self.marked else self.colours


def _draw_apart(rng: random.Random, colours: tuple[str, ...], pool: tuple[str, ...]) -> str:
    """Draws a colour of the pool, or else of all names, that is well apart from all of ``colours``."""
    for name in rng.sample(pool, len(pool)):
        if all(measure_distance(name, other) > _DISTINCT for other in colours):
            return name
    return _draw_apart(rng, colours, NAMES)


def _draw_detail_colour(
    rng: random.Random, detail: Detail, colours: tuple[str, ...], pool: tuple[str, ...]
) -> str:
    if detail.colours == "metal" or (detail.name in ("buttons", "buckle") and rng.random() < 0.4):
        pool = _METALS
    elif detail.colours == "fur" and rng.random() < 0.7:
        pool = _FURS
    return _draw_apart(rng, colours, pool)


def _draw_worn(
    rng: random.Random, garment: Garment, colours: tuple[str, ...], wish: Wish, *, two: bool
) -> tuple[tuple[_Worn, ...], bool]:
    """Draws up to two details; the flag says whether one of them has a colour in the caption."""
    count = min(len(garment.details), rng.choice((0, 1, 1, 1, 2, 2)))
    if two:
        count = max(1, count)
    worn: list[_Worn] = []
    coloured = False
    pool = rng.sample(garment.details, len(garment.details))
    if two:
        pool.sort(key=lambda detail: not detail.colours)
    for detail in pool:
        if len(worn) == count or any(detail.place == other.detail.place for other in worn):
            continue
        colour = None
        if two and detail.colours and (not coloured or rng.random() < 0.3):
            seen = (*colours, *(other.colour for other in worn if other.colour))
            colour, coloured = _draw_detail_colour(rng, detail, seen, wish.colours), True
        worn.append(_Worn(detail, rng.choice(detail.words), colour))
    return tuple(worn), coloured


def _choose_second(rng: random.Random, colour: str) -> str:
    """Chooses the second colour of a pattern whose caption names one colour only."""
    return "white" if measure_distance(colour, "white") > 11 else "charcoal"


def _measure_outfit(outfit: _Outfit) -> int:
    details = sum(measure_layers(item.detail.layers) for item in outfit.worn)
    return measure_layers(outfit.garment.layers) + details


def _draw_outfit(rng: random.Random, wish: Wish) -> _Outfit:
    two = wish.two_colours if wish.two_colours is not None else rng.random() < 0.5
    garment = rng.choice(WARDROBE)
    named = two or rng.random() < 0.93
    colour = rng.choice(wish.colours) if named else garment.natural
    material = pattern = second = ""
    marked = False
    style = rng.random()
    if style < 0.5 and garment.materials:
        material = rng.choice(_MATERIALS if wish.anywhere else garment.materials)
    elif style < 0.78 and garment.patterned:
        pattern = rng.choice(tuple(PATTERNS))
        if rng.random() < 0.6 and named:
            second = _draw_apart(rng, (colour,), wish.colours)
            marked = two and pattern in _MARKS and rng.random() < 0.35
    shown = (colour, second) if second else (colour,)
    background = ""
    wants_background = two and rng.random() < 0.12
    if pattern and not second:
        shown = (colour, _choose_second(rng, colour))
    details = two and not marked and not wants_background
    worn, coloured = _draw_worn(rng, garment, shown, wish, two=details)
    if two and (wants_background or not (coloured or marked)):
        seen = (*shown, *(item.colour for item in worn if item.colour))
        background = _draw_apart(rng, seen, wish.colours)
    return _Outfit(garment, colour, named, material, pattern, second, marked, worn, background)


def _describe_cloth(rng: random.Random, outfit: _Outfit) -> tuple[str, str]:
    """Returns the words before and after the garment's own."""
    colour = outfit.colour if outfit.named else ""
    if outfit.pattern:
        pattern = rng.choice(_PATTERN_WORDS.get(outfit.pattern, (outfit.pattern,)))
        if outfit.marked:
            return colour, f"with {outfit.second} {rng.choice(_MARKS[outfit.pattern])}"
        if outfit.second:
            colour = f"{colour} and {outfit.second}"
        if colour and rng.random() < 0.1 and not outfit.second:
            return pattern, f"in {colour}"
        words = (colour, pattern) if rng.random() < 0.6 else (pattern, colour)
        return " ".join(word for word in words if word), ""
    material = rng.choice(_MATERIAL_WORDS.get(outfit.material, (outfit.material,)))
    style = rng.random()
    if material and colour:
        if style < 0.1 and outfit.material in _NOUN_MATERIALS:
            return "", f"of {colour} {material}"
        if style < 0.17:
            return material, f"in {colour}"
        if style < 0.22 and outfit.material in _NOUN_MATERIALS:
            return colour, f"made of {material}"
        return f"{colour} {material}", ""
    if colour and style < 0.06:
        return "", f"in {colour}"
    return colour or material, ""


def _write_caption(rng: random.Random, outfit: _Outfit) -> str:
    garment = outfit.garment
    before, after = _describe_cloth(rng, outfit)
    word = rng.choice(garment.words)
    if outfit.material and outfit.material in word:
        word = garment.name
    phrase = add_colour(before, word) if before else word
    if garment.pair and rng.random() < 0.3:
        phrase = f"{'a ' if rng.random() < 0.8 else ''}pair of {phrase}"
    elif not garment.plural and rng.random() < 0.6:
        phrase = add_article(phrase)
    if after:
        phrase = f"{phrase} {after}"
    if outfit.worn:
        joint = "and" if after.startswith("with") else "featuring" if rng.random() < 0.08 else "with"
        phrase += f" {joint} " + " and ".join(item.describe() for item in outfit.worn)
    if outfit.background:
        ending = rng.choice(
            ("on {} background", "against {} background", "on {} backdrop", "in front of {} wall")
        )
        phrase += " " + ending.format(add_article(outfit.background))
    return phrase


def _choose_ground(colours: list[str]) -> tuple[str, str]:
    """Chooses the first neutral background that stands off from all ``#rgb`` colours shown, else the best."""
    red, blue = (sum(int(colour[k], 16) for colour in colours) for k in (1, 3))
    order = _GROUNDS if red >= blue else (_GROUNDS[1], _GROUNDS[0], *_GROUNDS[2:])

    def measure(ground: tuple[str, str]) -> float:
        return min(measure_contrast(shade, colour) for shade in ground for colour in colours)

    return next((ground for ground in order if measure(ground) > 4.5), max(order, key=measure))


def _find_detail_hex(item: _Worn, outfit: _Outfit, cloth: Cloth) -> str:
    if item.colour:
        return get_hex(item.colour)
    if not item.detail.natural:
        return cloth.paint.deep if outfit.colour in ("black", "navy", "chocolate") else cloth.paint.dark
    shown = [get_hex(name) for name in outfit.colours]
    if min(measure_contrast(item.detail.natural, colour) for colour in shown) > 5:
        return item.detail.natural
    return max(
        ("#fff", "#333", "#db2"), key=lambda other: min(measure_contrast(other, colour) for colour in shown)
    )


def _draw_picture(rng: random.Random, outfit: _Outfit) -> Sheet:
    sheet = Sheet()
    main = get_hex(outfit.colour)
    second = get_hex(outfit.second or _choose_second(rng, outfit.colour))
    if outfit.background:
        sheet.add_background(get_hex(outfit.background))
    else:
        shown = [main, second] if outfit.pattern else [main]
        outer, inner = _choose_ground(shown)
        sheet.add_background(outer)
        sheet.add("circle", cx=100, cy=100, r=94, fill=inner)
    cloth = cut_cloth(sheet, main, material=outfit.material, pattern=outfit.pattern, second=second)
    draw_layers(sheet, outfit.garment.layers, cloth)
    draw_finish(sheet, outfit.garment, outfit.material)
    for item in outfit.worn:
        paint = build_paint(_find_detail_hex(item, outfit, cloth))
        draw_layers(sheet, item.detail.layers, Cloth(paint.main, paint, textured=False))
    return sheet


def _find_unlike(answer: str, options: tuple[str, ...]) -> list[str]:
    alike = {name for group in _ALIKE if answer in group for name in group}
    return [option for option in options if option not in alike and option != answer]


def _ask_cloth(rng: random.Random, outfit: _Outfit) -> list[Question]:
    garment = outfit.garment
    name, be, do = garment.name, "are" if garment.plural else "is", "do" if garment.plural else "does"
    asked: list[Question] = []
    if outfit.second:
        first = rng.random() < 0.5
        given, answer = (outfit.colour, outfit.second) if first else (outfit.second, outfit.colour)
        others = find_other_colours(rng, outfit.colours)
        asked.append(
            ask_kind(rng, f"Which color appears on the {name} together with {given}?", answer, others)
        )
    else:
        also = () if not outfit.pattern else (_choose_second(rng, outfit.colour),)
        asked.append(ask_colour(rng, name, outfit.colour, plural=garment.plural, also=also))
        truth = rng.random() < 0.5
        colour = outfit.colour if truth else find_other_colours(rng, (outfit.colour, *also), 1)[0]
        asked.append(ask_statement(f"{be.title()} the {name} {colour}?", truth))
    if outfit.material:
        text = f"What material {do} the {name} appear to be made of?"
        asked.append(ask_kind(rng, text, outfit.material, _find_unlike(outfit.material, _MATERIALS)))
    if outfit.pattern:
        options = (*_find_unlike(outfit.pattern, tuple(PATTERNS)), "plain")
        asked.append(ask_kind(rng, f"What pattern {do} the {name} have?", outfit.pattern, options))
        asked.append(ask_statement(f"{be.title()} the {name} plain without any pattern?", False))
    elif outfit.material not in ("lace", "sequined"):
        asked.append(ask_statement(f"{be.title()} the {name} covered in polka dots?", False))
    return asked


def _ask_details(rng: random.Random, outfit: _Outfit) -> list[Question]:
    garment = outfit.garment
    verb = "Do" if garment.plural else "Does"
    drawn = [item.detail for item in outfit.worn]
    asked: list[Question] = []
    phrases = [add_article(detail.name) if detail.number == "one" else detail.name for detail in drawn]
    absent = [
        phrase for phrase in _ABSENT
        if not any(phrase.split()[-1][:4] in f"{detail.name} {garment.name}" for detail in drawn)
        and not (phrase == "a hood" and "hood" in garment.name)
        and not (phrase == "lace trim" and (outfit.material == "lace" or any("lace" in p for p in phrases)))
        and not (phrase == "tassels" and any(detail.name == "fringe" for detail in drawn))
        and not (phrase == "a faux fur collar" and any("fur" in p for p in phrases))
    ]  # fmt: skip
    others = ["umbrella", "flower pot", "bicycle", "teapot", "guitar"]
    asked.append(ask_presence(rng, [], absent))
    if phrases:
        asked.append(ask_presence(rng, phrases, []))
        detail = rng.choice(drawn)
        names = [phrase.removeprefix("a ").removeprefix("an ") for phrase in absent[:6]] + others[:2]
        asked.append(ask_kind(rng, f"What {verb.lower()} the {garment.name} have?", detail.name, names))
    for item in outfit.worn:
        if item.colour:
            also = (*outfit.colours, *(other.colour for other in outfit.worn if other.colour))
            plural = item.detail.number == "many"
            asked.append(ask_colour(rng, item.detail.name, item.colour, plural=plural, also=also))
        if (
            item.detail.name == "buttons"
            and item.detail.count
            and outfit.pattern not in ("polka dot", "floral")
        ):
            asked.append(ask_count(rng, "buttons", item.detail.count))
    return asked


def _ask_questions(rng: random.Random, outfit: _Outfit) -> tuple[Question, ...]:
    garment = outfit.garment
    near = (garment.group, *_NEAR.get(garment.group, ()))
    others = [
        other.name for other in WARDROBE
        if other.group not in near and not any(item.detail.name in other.name for item in outfit.worn)
    ]  # fmt: skip
    item = "garment" if garment in (*garments_upper.GARMENTS, *garments_lower.GARMENTS) else "item"
    wrong = rng.choice(others)
    phrase = wrong if wrong.endswith("s") and wrong != "dress" else add_article(wrong)
    candidates = [
        ask_kind(rng, f"Which {item} is shown?", garment.name, others), ask_presence(rng, [], [phrase]),
        *_ask_cloth(rng, outfit), *_ask_details(rng, outfit),
    ]  # fmt: skip
    if outfit.background:
        also = (*outfit.colours, *(worn.colour for worn in outfit.worn if worn.colour))
        candidates.append(ask_colour(rng, "background", outfit.background, also=also))
    return tuple(candidates)


def _list_pairs(outfit: _Outfit) -> tuple[tuple[str, str], ...]:
    name = outfit.garment.name
    pairs = [(colour, name) for colour in outfit.worn_colours]
    pairs += [(outfit.second, _MARKS[outfit.pattern][0])] if outfit.marked else []
    pairs += [(item.colour, item.detail.name) for item in outfit.worn if item.colour]
    pairs += [(outfit.background, "background")] if outfit.background else []
    pairs += [(name, quality) for quality in (outfit.material, outfit.pattern) if quality]
    return tuple(pairs)


def compose_fashion(rng: random.Random, wish: Wish) -> Composition:
    """Composes one garment or accessory on a plain background."""
    outfit = _draw_outfit(rng, wish)
    while _measure_outfit(outfit) > _MAX_SIZE:
        outfit = _draw_outfit(rng, wish)
    caption = _write_caption(rng, outfit)
    parts = [Part(outfit.garment.name, outfit.worn_colours)]
    if outfit.marked:
        parts.append(Part(_MARKS[outfit.pattern][0], (outfit.second,)))
    parts += [
        Part(item.detail.name, (item.colour,) if item.colour else (), max(1, item.detail.count))
        for item in outfit.worn
    ]
    if outfit.background:
        parts.append(Part("background", (outfit.background,)))
    return Composition(
        caption, _draw_picture(rng, outfit), "fashion", tuple(parts), _list_pairs(outfit),
        _ask_questions(rng, outfit),
    )  # fmt: skip
