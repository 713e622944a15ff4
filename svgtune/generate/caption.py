"""What a caption names, found word by word: the scenes' subjects, their colours and number, sky and cloth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeVar

from svgtune.data.sources.scenes.abstract.shapes import SHAPES
from svgtune.data.sources.scenes.fashion.composer import WARDROBE
from svgtune.data.sources.scenes.fashion.fabric import PATTERNS
from svgtune.data.sources.scenes.landscape.landmarks import LANDMARKS
from svgtune.data.sources.scenes.landscape.terrain import TERRAINS
from svgtune.data.sources.scenes.palette import NAMES
from svgtune.data.sources.scenes.things import SUBJECTS
from svgtune.data.sources.scenes.things.settings import SETTINGS

Kind = Literal["garment", "landmark", "thing", "terrain", "shape"]
_Subject = tuple[Kind, str, bool]  # with whether the wording is a plural
_T = TypeVar("_T")

_MAX_CHARS = 600  # a caption says what it shows early on
_MAX_WORDS = 4
_SOME = 3
_WORD = re.compile(r"[a-z]+|[0-9]+|,")
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 5, "several": 3, "many": 5, "pair": 2}
_BREAKS = frozenset((
    "and", "with", "on", "in", "at", "under", "over", "near", "beside", "by", "against", "behind", "above",
    "below", "beneath", "across", ",", "of", "to",
))  # fmt: skip
_ENDINGS = (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""))
_SPELLINGS = {"grey": "gray", "golden": "gold", "rosy": "rose"}

_SKIES = {
    "night": "night starry stars moon moonlit moonlight midnight starlit",
    "sunset": "sunset sundown",
    "dusk": "dusk twilight evening nightfall",
    "dawn": "dawn sunrise morning daybreak",
    "storm": "storm stormy thunder thunderstorm lightning tempest",
    "fog": "fog foggy mist misty haze hazy",
    "rain": "rain rainy raining drizzle",
    "snowfall": "snowfall snowing blizzard snowstorm",
    "rainbow": "rainbow",
    "aurora": "aurora",
    "cloudy": "cloud clouds cloudy overcast",
    "day": "sunny sky daylight sunshine sun",
}
# Words that people use beside those of the scenes.
_TERRAIN_WORDS = {
    "mountains": "mountain peak summit alps ridge", "hills": "hill valley countryside slope",
    "plain": "field savanna steppe pasture landscape land", "beach": "shore coast coastline seaside",
    "ocean": "waves wave water harbor harbour bay pier", "forest": "trees grove", "desert": "sand dune",
    "meadow": "garden flowers wildflowers orchard", "snowy plain": "snow ice tundra winter",
    "city": "town street building buildings village downtown", "river": "creek brook", "cliffs": "cliff",
    "volcano": "lava",
}  # fmt: skip
_GARMENT_WORDS = {
    "blazer": "suit tuxedo", "fedora": "hat", "sneakers": "shoe shoes trainers loafers sandals",
    "handbag": "bag clutch satchel", "puffer jacket": "parka anorak", "pants": "leggings chinos slacks",
    "t-shirt": "top jersey tank", "sweater": "knitwear", "high heels": "heels pumps",
    "robe": "garment outfit",
}  # fmt: skip
_SHAPE_WORDS = {
    "circle": "dot disc disk round", "sphere": "orb globe", "rectangle": "block bar panel",
    "hexagon": "polygon", "wave": "curve ribbon", "cube": "box", "ring": "loop", "square": "tile",
}  # fmt: skip
_PATTERN_WORDS = {
    "striped": "stripes stripe lines bands", "checkered": "checked checkerboard checks grid",
    "polka dot": "dots dotted spotted", "zigzag": "chevron zigzags", "floral": "flowery",
}  # fmt: skip
_SETTING_WORDS = {
    "grass": "grass lawn", "water": "pond lake", "underwater": "underwater", "snow": "snow",
    "table": "table kitchen shelf", "plate": "plate", "garden": "garden", "room": "room window",
    "road": "road", "farm": "farm", "sky": "sky",
}  # fmt: skip
# Names that say too little by themselves, or mostly something else.
_LEFT_OUT = {("plain",), ("wrap",), ("present",), ("top",), ("kite",), ("cross",)}


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing that a caption names and the scenes can draw.

    Attributes:
        kind: In which catalogue ``name`` is.
        colours: Named colours that it is given, its own first.
        count: How many, at least 1.
        accent: Named colour of its second part; None where the caption gives none.
    """

    kind: Kind
    name: str
    colours: tuple[str, ...] = ()
    count: int = 1
    accent: str | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """What was found in a caption; what was not is empty.

    Attributes:
        mentions: In the order of the text.
        colours: Named colours that no mention has.
        background: Named colour.
        sky: A key of ``SKIES``.
        setting: A key of ``SETTINGS``.
    """

    mentions: tuple[Mention, ...] = ()
    colours: tuple[str, ...] = ()
    background: str = ""
    sky: str = ""
    pattern: str = ""
    material: str = ""
    setting: str = ""


def read_caption(text: str) -> Caption:
    """Reads a caption; of a text that is none it finds nothing."""
    tokens = [_SPELLINGS.get(word, word) for word in _WORD.findall(text[:_MAX_CHARS].lower())]
    reader = _Reader()
    place = 0
    while place < len(tokens):
        place += reader.take(tokens, place)
    return reader.finish(tokens)


@dataclass(slots=True)
class _Reader:
    """Goes through the words once, holding colours and a number until it is clear whose they are."""

    mentions: list[Mention] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    background: str = ""
    count: int = 0
    joint: str = ""
    last_was_colour: bool = False

    def take(self, tokens: list[str], place: int) -> int:
        """Takes in the words at a place and returns how many."""
        colour, length = _find_colour(tokens, place)
        found, words = _find_longest(_vocabulary(), tokens, place)
        if colour and not (found and words == length and place + length == len(tokens)):
            self.pending.append(colour)
            self.last_was_colour = True
            return length
        if found:
            self._mention(found, tokens[place + words - 1])
            length = words
        else:
            self._take_other(tokens[place])
            length = 1
        self.last_was_colour = False
        return length

    def _mention(self, subject: _Subject, last_word: str) -> None:
        kind, name, plural = subject
        several = kind in ("thing", "shape") and (
            plural or (last_word.endswith("s") and last_word not in name)
        )
        count = self.count or (_SOME if several else 1)
        self.mentions.append(Mention(kind, name, tuple(dict.fromkeys(self.pending)), count))
        self.pending, self.count, self.joint = [], 0, ""

    def _take_other(self, word: str) -> None:
        if word in _NUMBERS or (word.isdigit() and len(word) == 1):
            self.count = _NUMBERS.get(word) or max(1, int(word))
        elif word in ("background", "backdrop", "canvas", "wall") and self.pending:
            self.background = self.pending[-1]
            self.pending = []
        elif word in _BREAKS:
            if not self.last_was_colour:
                self._settle()
            if word in ("with", "in"):
                self.joint = word

    def _settle(self) -> None:
        """Gives colours whose own noun is unknown to what stands before them, or to nothing."""
        if self.pending and self.mentions and self.joint:
            last = self.mentions[-1]
            own, accent = last.colours, last.accent
            if self.joint == "with":
                accent = accent or self.pending[0]
            else:
                own = (*own, *self.pending)
            self.mentions[-1] = Mention(last.kind, last.name, own, last.count, accent)
        else:
            self.loose += self.pending
        self.pending, self.joint = [], ""

    def finish(self, tokens: list[str]) -> Caption:
        """Returns all that was found."""
        self._settle()
        return Caption(
            tuple(dict.fromkeys(self.mentions)), tuple(dict.fromkeys(self.loose)), self.background,
            _find_first(_skies(), tokens), _find_first(_patterns(), tokens),
            _find_first(_materials(), tokens), _find_first(_settings(), tokens),
        )  # fmt: skip


def _find_colour(tokens: list[str], place: int) -> tuple[str, int]:
    pair = " ".join(tokens[place : place + 2])
    if pair in NAMES and " " in pair:
        return pair, 2
    return (tokens[place], 1) if tokens[place] in NAMES else ("", 0)


def _find_longest(
    table: Mapping[tuple[str, ...], _T], tokens: list[str], place: int
) -> tuple[_T | None, int]:
    for length in range(min(_MAX_WORDS, len(tokens) - place), 0, -1):
        *front, last = tokens[place : place + length]
        for word in _list_singulars(last):
            if (*front, word) in table:
                return table[*front, word], length
    return None, 0


def _list_singulars(word: str) -> Iterator[str]:
    yield word
    for ending, instead in _ENDINGS:
        if len(word) > len(ending) + 1 and word.endswith(ending):
            yield word.removesuffix(ending) + instead


def _find_first(table: dict[tuple[str, ...], str], tokens: list[str]) -> str:
    for place in range(len(tokens)):
        found, _ = _find_longest(table, tokens, place)
        if found:
            return found
    return ""


def _split(words: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(words.lower()))


def _index(names: Iterable[str], more: dict[str, str]) -> dict[tuple[str, ...], str]:
    table = {_split(name): name for name in names}
    table |= {(word,): name for name, words in more.items() for word in words.split()}
    return table


@cache
def _vocabulary() -> dict[tuple[str, ...], _Subject]:
    """Returns every wording of every subject; where several share one, the first catalogue has it."""
    table: dict[tuple[str, ...], _Subject] = {}

    def add(kind: Kind, name: str, words: Iterable[str], more: str = "", plural: str = "") -> None:
        for phrase in (*words, name, *more.split(), *filter(None, [plural])):
            if _split(phrase) not in _LEFT_OUT:
                table.setdefault(_split(phrase), (kind, name, phrase == plural))

    for garment in WARDROBE:
        add("garment", garment.name, garment.words, _GARMENT_WORDS.get(garment.name, ""))
    for subject in LANDMARKS.subjects.values():
        add("landmark", subject.name, subject.words)
    for subject in SUBJECTS.values():
        add("thing", subject.name, subject.words, plural=subject.plural)
    for terrain in TERRAINS.values():
        more = _TERRAIN_WORDS.get(terrain.name, "")
        add("terrain", terrain.name, (*terrain.words, *terrain.plurals), more)
    for shape in SHAPES.values():
        add("shape", shape.name, (), _SHAPE_WORDS.get(shape.name, ""), shape.plural)
    return table


@cache
def _skies() -> dict[tuple[str, ...], str]:
    return {**_index((), _SKIES), ("northern", "lights"): "aurora"}


@cache
def _patterns() -> dict[tuple[str, ...], str]:
    return _index(PATTERNS, _PATTERN_WORDS)


@cache
def _materials() -> dict[tuple[str, ...], str]:
    return _index(sorted({material for garment in WARDROBE for material in garment.materials}), {})


@cache
def _settings() -> dict[tuple[str, ...], str]:
    return {words: name for words, name in _index((), _SETTING_WORDS).items() if name in SETTINGS}
