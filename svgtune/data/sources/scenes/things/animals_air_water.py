"""Birds, animals of the water, and insects."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue
from svgtune.data.sources.scenes.things.animals_land import draw_eye

AIR_WATER_ANIMALS = Catalogue("animal")

_INK = "#222"
_BEAK = "#f90"


@AIR_WATER_ANIMALS.add(
    "owl", "barn owl", colour="#864", accent="#eca", part="a {} belly", settings=("forest", "sky", "snow")
)
def draw_owl(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Faces us with big round eyes and ear tufts."""
    pen.path("M16 4Q34 14 50 14Q66 14 84 4Q92 40 88 62Q82 93 50 93Q18 93 12 62Q8 40 16 4Z", paint.main)
    pen.ellipse(50, 70, 24, 21, accent.main)
    pen.stroke("M38 62l4 4l4 -4M54 62l4 4l4 -4M46 74l4 4l4 -4", accent.dark, 2)
    pen.path("M12 50Q32 62 30 88Q14 80 12 50ZM88 50Q68 62 70 88Q86 80 88 50Z", paint.dark)
    pen.circle(33, 36, 16, "#fff")
    pen.circle(67, 36, 16, "#fff")
    pen.circle(35, 37, 8, _INK)
    pen.circle(65, 37, 8, _INK)
    pen.path("M43 42H57L50 56Z", _BEAK)
    pen.stroke("M38 93h6M56 93h6", _BEAK, 6)


@AIR_WATER_ANIMALS.add(
    "parrot", "macaw", colour="#e22", accent="#27d", part="{} wings", settings=("forest", "sky", "garden")
)
def draw_parrot(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Perches facing right, tail hanging, with a hooked beak."""
    pen.path("M36 64L18 99L34 98L50 74Z", accent.dark)
    pen.path("M30 50Q26 6 58 4Q78 6 78 30Q82 62 58 82L34 96Q28 76 30 50Z", paint.main)
    pen.path("M30 44Q44 34 56 48Q62 68 38 90Q26 70 30 44Z", accent.main)
    pen.path("M34 68Q46 70 55 66Q52 78 38 90Q34 80 34 68Z", "#fd3")
    pen.path("M72 10Q96 14 90 42Q84 34 70 32Z", "#444")
    pen.circle(64, 21, 8, "#fff")
    pen.circle(65, 21, 3, _INK)
    pen.stroke("M8 86H92", "#753", 6)
    pen.stroke("M58 82v5M66 80v7", "#444", 4)


@AIR_WATER_ANIMALS.add(
    "duck", "duckling", colour="#fd3", accent="#f70", part="a {} beak", settings=("water", "farm", "grass")
)
def draw_duck(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits facing right, tail up."""
    pen.path("M80 24Q98 26 100 38Q90 46 78 42Z", accent.main)
    pen.path(
        "M4 50Q20 62 38 58Q50 54 46 38Q44 12 66 12Q88 12 86 36Q84 46 78 52Q92 62 86 80Q76 93 46 93"
        "Q10 92 4 50Z",
        paint.main,
    )
    pen.path("M82 32Q94 34 100 38Q90 46 78 42Z", accent.dark)
    pen.path("M22 68Q42 58 64 68Q60 86 42 84Q28 82 22 68Z", paint.dark)
    pen.stroke("M36 94H48M58 94H70", accent.main, 5)
    draw_eye(pen, 70, 28, paint, 3)


@AIR_WATER_ANIMALS.add(
    "rooster", "cockerel", colour="#c62", accent="#254", part="a {} tail", settings=("farm", "grass")
)
def draw_rooster(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right with arched tail feathers and a red comb."""
    pen.stroke("M44 78V92L52 94M58 78V92L66 94", _BEAK, 3)
    pen.path(
        "M40 56Q30 18 16 16Q4 18 2 34Q8 28 12 34Q0 40 2 56Q8 50 14 54Q8 64 14 74Q22 62 34 74Z", accent.main
    )
    pen.path("M62 20Q58 6 66 10Q70 2 75 8Q84 4 82 18Z", "#e22")
    pen.path("M78 30Q86 46 76 48Q70 42 72 32Z", "#e22")
    pen.path("M20 60Q40 64 54 40Q56 16 72 14Q84 16 84 28Q80 40 80 52Q78 82 50 84Q26 82 20 60Z", paint.main)
    pen.path("M34 58Q52 54 66 60Q58 76 46 74Q36 70 34 58Z", paint.dark)
    pen.path("M83 20L96 28L82 31Z", "#fb2")
    draw_eye(pen, 74, 23, paint, 2)


@AIR_WATER_ANIMALS.add("swan", colour="#fff", settings=("water",))
def draw_swan(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Floats facing right with a long curved neck."""
    pen.stroke("M76 80Q86 68 74 52Q60 34 66 20Q72 12 80 20", paint.main, 10)
    pen.path("M4 54Q24 62 44 58Q72 60 80 74Q84 90 64 94H34Q12 92 4 54Z", paint.main)
    pen.path("M8 46Q28 60 58 62Q64 80 44 84Q20 82 8 46Z", paint.dark)
    pen.path("M16 58Q34 68 54 66Q56 76 44 78Q26 76 16 58Z", paint.light)
    pen.ellipse(77, 19, 10, 8, paint.main)
    pen.path("M84 14L99 24L83 26Z", _BEAK)
    pen.path("M80 13L88 15L85 20Z", _INK)
    draw_eye(pen, 77, 18, paint, 2)


@AIR_WATER_ANIMALS.add("flamingo", colour="#f8a", plural="flamingos", settings=("water", "grass"))
def draw_flamingo(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right on one leg with an S-shaped neck."""
    pen.stroke("M44 54V95H52M50 56L64 70L48 76", paint.dark, 3)
    pen.stroke("M62 48Q82 46 74 32Q60 18 70 8Q78 4 82 12", paint.main, 7)
    pen.path("M8 56Q22 34 46 34Q68 38 66 50Q58 64 38 62Q22 62 8 56Z", paint.main)
    pen.path("M4 62Q20 42 48 42Q52 54 38 58Q20 60 4 62Z", paint.dark)
    pen.ellipse(79, 11, 8, 7, paint.main)
    pen.path("M84 6Q98 10 94 26L84 17Z", "#fec")
    pen.path("M94 16Q96 22 94 26L88 20Z", _INK)
    draw_eye(pen, 79, 10, paint, 2)


@AIR_WATER_ANIMALS.add("penguin", colour="#235", accent="#fff", part="a {} belly", settings=("snow", "water"))
def draw_penguin(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands and looks at us, flippers out."""
    pen.path("M26 42Q6 58 6 76Q20 74 30 64ZM74 42Q94 58 94 76Q80 74 70 64Z", paint.dark)
    pen.path("M24 96Q24 86 34 86Q46 86 46 96ZM76 96Q76 86 66 86Q54 86 54 96Z", _BEAK)
    pen.path("M24 34Q26 4 50 4Q74 4 76 34Q90 92 50 92Q10 92 24 34Z", paint.main)
    pen.path("M50 28Q58 16 68 26Q70 36 68 44Q80 86 50 86Q20 86 32 44Q30 36 32 26Q42 16 50 28Z", accent.main)
    pen.circle(40, 30, 4, _INK)
    pen.circle(60, 30, 4, _INK)
    pen.path("M42 37H58L50 48Z", _BEAK)


@AIR_WATER_ANIMALS.add("eagle", "hawk", colour="#642", accent="#fff", part="a {} head", settings=("sky",))
def draw_eagle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Soars with both wings spread, seen from the front."""
    pen.path("M40 66H60L68 94L58 88L50 96L42 88L32 94Z", accent.main)
    pen.path(
        "M42 36Q26 14 2 12L6 24L2 28L10 38L8 44L18 50L18 58Q30 64 40 60Q42 78 50 80Q58 78 60 60Q70 64 82 58"
        "L82 50L92 44L90 38L98 28L94 24L98 12Q74 14 58 36Z",
        paint.main,
    )
    pen.path("M40 44Q24 30 8 26Q20 46 40 54ZM60 44Q76 30 92 26Q80 46 60 54Z", paint.dark)
    pen.path("M36 26Q36 10 50 10Q64 10 64 26L62 46L56 42L50 52L44 42L38 46Z", accent.main)
    pen.path("M44 28H56Q56 36 50 44Q44 36 44 28Z", "#fb2")
    pen.stroke("M40 22l5 3M60 22l-5 3", _INK, 3)


@AIR_WATER_ANIMALS.add(
    "bird", "songbird", colour="#39d", accent="#f94", part="a {} belly", settings=("sky", "garden", "forest")
)
def draw_bird(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A small round bird facing right on thin legs."""
    pen.stroke("M46 80V94L54 95M58 80V94L66 95", "#753", 3)
    pen.path("M30 58L0 78L6 86L38 76Z", paint.dark)
    pen.path("M18 66Q32 54 42 34Q50 14 70 16Q92 20 90 44Q88 84 52 86Q30 86 18 66Z", paint.main)
    pen.path("M88 44Q88 84 52 86Q40 86 32 81Q62 76 64 52Q76 38 88 44Z", accent.main)
    pen.path("M24 60Q40 46 60 48Q64 66 46 72Q32 74 24 60Z", paint.dark)
    pen.path("M88 30L100 36L88 42Z", "#fb2")
    pen.circle(75, 32, 4, "#fff")
    pen.circle(76, 32, 2, _INK)


@AIR_WATER_ANIMALS.add(
    "peacock", colour="#17b", accent="#2a7", part="a {} tail", settings=("garden", "grass")
)
def draw_peacock(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Faces us before its open fan of feathers."""
    pen.path(
        "M50 88L10 80Q-4 66 6 56Q-2 40 12 34Q12 18 28 20Q34 4 50 12Q66 4 72 20Q88 18 88 34Q102 40 94 56"
        "Q104 66 90 80Z",
        accent.main,
    )
    pen.stroke("M16 70h1M18 44h1M34 27h1M50 21h1M66 27h1M82 44h1M84 70h1", paint.main, 13)
    pen.stroke("M44 88V95M56 88V95", "#753", 3)
    pen.path("M50 24Q60 24 60 36Q60 44 58 50Q74 88 50 92Q26 88 42 50Q40 44 40 36Q40 24 50 24Z", paint.main)
    pen.path("M45 40H55L50 48Z", "#fb2")
    pen.circle(45, 34, 2, "#fff")
    pen.circle(55, 34, 2, "#fff")


@AIR_WATER_ANIMALS.add("toucan", colour="#223", accent="#f90", part="a {} beak", settings=("forest",))
def draw_toucan(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Perches facing right with a huge beak and a pale throat."""
    pen.path("M30 70L14 99H30L44 78Z", paint.dark)
    pen.path("M20 56Q14 10 42 8Q62 8 62 34Q70 66 48 80L30 90Q22 76 20 56Z", paint.main)
    pen.path("M46 16Q62 14 63 36Q66 52 58 58Q42 50 42 34Z", "#fff")
    pen.path("M54 10Q92 4 98 40Q98 46 92 44Q80 36 54 38Z", accent.main)
    pen.path("M92 20Q100 32 97 46Q88 42 84 38Q90 30 92 20Z", _INK)
    pen.path("M20 48Q38 44 46 56Q46 74 30 86Q20 68 20 48Z", paint.dark)
    pen.circle(48, 24, 4, "#3ad")
    pen.circle(48, 24, 2, _INK)
    pen.stroke("M6 88H90", "#753", 6)


@AIR_WATER_ANIMALS.add(
    "fish", "goldfish", colour="#f70", accent="#fc3", part="{} fins", plural="fish", settings=("underwater",)
)
def draw_fish(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Swims to the right with flowing fins."""
    pen.path("M28 50L2 20Q12 50 2 80Z", accent.main)
    pen.path("M34 34Q38 10 62 12Q72 20 72 32ZM42 66Q44 88 62 86L62 66Z", accent.main)
    pen.path("M20 50Q40 22 66 26Q90 30 97 50Q90 70 66 74Q40 78 20 50Z", paint.main)
    pen.path("M30 59Q50 68 94 56Q86 72 62 74Q42 74 30 59Z", paint.dark)
    pen.stroke("M72 32Q62 50 72 68", paint.dark, 3)
    pen.path("M60 50L40 44Q34 56 42 64Z", accent.main)
    pen.circle(82, 44, 6, "#fff")
    pen.circle(83, 44, 3, _INK)


@AIR_WATER_ANIMALS.add(
    "whale", "blue whale", colour="#37b", accent="#cdf", part="a {} belly", settings=("water", "underwater")
)
def draw_whale(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Swims to the right, tail up, blowing water."""
    pen.stroke("M70 30V16Q68 6 58 10M70 16Q72 6 82 10", "#8cf", 4)
    pen.path("M18 52Q2 50 2 30Q12 32 18 38Q22 30 32 28Q34 44 26 52Z", paint.dark)
    pen.path("M18 44Q26 60 40 48Q52 30 74 32Q98 36 98 60Q94 86 60 86Q20 86 14 44Z", paint.main)
    pen.path("M98 60Q94 86 60 86Q34 86 24 72Q60 74 98 60Z", accent.main)
    pen.stroke("M70 72L66 85M80 69L77 82M60 73L55 85", accent.dark, 2)
    pen.path("M54 68Q40 74 40 92Q56 90 66 70Z", paint.dark)
    draw_eye(pen, 82, 54, paint, 3)


@AIR_WATER_ANIMALS.add(
    "dolphin", "porpoise", colour="#69b", accent="#def", part="a {} belly", settings=("water", "underwater")
)
def draw_dolphin(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Leaps to the right in an arc."""
    pen.path("M34 34Q36 14 54 10Q50 22 58 30Z", paint.dark)
    pen.path("M14 74L2 92Q14 96 20 84Q26 92 36 86Q28 78 22 72Z", paint.dark)
    pen.path("M12 80Q16 34 50 26Q76 22 84 42L98 56Q98 62 88 62Q76 60 66 60Q40 56 24 82Z", paint.main)
    pen.path("M94 61Q80 64 66 60Q40 56 24 82Q26 54 50 50Q70 50 80 54Z", accent.main)
    pen.path("M52 54Q46 70 54 80Q66 70 66 54Z", paint.dark)
    draw_eye(pen, 77, 45, paint, 3)


@AIR_WATER_ANIMALS.add("shark", "great white shark", colour="#678", settings=("underwater", "water"))
def draw_shark(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Swims to the right with a tall fin and bared teeth."""
    pen.path("M42 38Q40 14 52 6Q56 26 68 36ZM46 62L34 86Q54 84 64 66Z", paint.dark)
    pen.path(
        "M22 50Q6 40 2 16Q18 24 28 44Q50 30 72 34Q92 38 98 50Q92 64 66 70Q40 72 26 56Q18 70 6 74"
        "Q14 62 22 50Z",
        paint.main,
    )
    pen.path("M30 58Q60 60 96 53Q90 64 66 70Q42 72 30 58Z", "#fff")
    pen.path("M70 58L95 53Q88 64 72 66Z", "#b34")
    pen.path("M70 58l5 5l4 -6l5 4l4 -6l4 3l3 -5z", "#fff")
    pen.stroke("M58 44v10M64 44v10", paint.deep, 2)
    draw_eye(pen, 80, 44, paint, 3)


@AIR_WATER_ANIMALS.add("octopus", colour="#a4c", plural="octopuses", settings=("underwater",))
def draw_octopus(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Faces us over eight curling arms."""
    pen.stroke("M38 58Q36 78 8 70Q2 62 8 58M62 58Q64 78 92 70Q98 62 92 58", paint.dark, 8)
    pen.stroke(
        "M42 60Q42 90 24 92Q14 90 18 82M58 60Q58 90 76 92Q86 90 82 82M46 62V84Q46 95 38 95"
        "M54 62V84Q54 95 62 95",
        paint.main,
        8,
    )
    pen.path("M30 66Q34 56 26 46Q16 8 50 6Q84 8 74 46Q66 56 70 66Q50 76 30 66Z", paint.main)
    pen.path("M34 20Q40 12 50 12Q38 20 36 32Q30 28 34 20Z", paint.light)
    pen.circle(40, 42, 7, "#fff")
    pen.circle(60, 42, 7, "#fff")
    pen.circle(40, 43, 4, _INK)
    pen.circle(60, 43, 4, _INK)
    pen.stroke("M45 56Q50 60 55 56", paint.deep, 2)


@AIR_WATER_ANIMALS.add("crab", colour="#e42", settings=("underwater", "water"))
def draw_crab(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Faces us, claws up."""
    pen.stroke("M26 72L5 80M30 80L12 93M74 72L95 80M70 80L88 93M38 56V38M62 56V38", paint.dark, 5)
    pen.stroke("M26 64Q10 58 14 42M74 64Q90 58 86 42", paint.main, 7)
    pen.path(
        "M14 46Q-4 34 8 10L16 26L26 12Q34 36 14 46ZM86 46Q104 34 92 10L84 26L74 12Q66 36 86 46Z", paint.main
    )
    pen.path("M16 66Q20 48 50 48Q80 48 84 66Q80 90 50 90Q20 90 16 66Z", paint.main)
    pen.path("M24 58Q34 52 50 52Q36 56 30 64Q22 66 24 58Z", paint.light)
    pen.circle(38, 37, 6, "#fff")
    pen.circle(62, 37, 6, "#fff")
    pen.circle(38, 37, 3, _INK)
    pen.circle(62, 37, 3, _INK)
    pen.stroke("M38 74Q50 82 62 74", paint.deep, 3)


@AIR_WATER_ANIMALS.add(
    "jellyfish", colour="#c7f", accent="#fad", part="{} tentacles", plural="jellyfish",
    settings=("underwater",),
)  # fmt: skip
def draw_jellyfish(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A bell with wavy tentacles."""
    pen.stroke(
        "M26 46Q14 62 24 74Q32 84 22 94M42 46Q32 62 42 76Q48 86 42 94M58 46Q68 62 58 76Q52 86 58 94"
        "M74 46Q86 62 76 74Q68 84 78 94",
        accent.main,
        6,
    )
    pen.path("M12 50Q12 4 50 4Q88 4 88 50Q80 58 70 50Q60 58 50 50Q40 58 30 50Q20 58 12 50Z", paint.main)
    pen.path("M22 34Q26 14 44 12Q32 20 30 36Q24 40 22 34Z", paint.light)
    pen.stroke("M12 49Q20 58 30 50Q40 58 50 50Q60 58 70 50Q80 58 88 49", paint.dark, 4)


@AIR_WATER_ANIMALS.add(
    "starfish", "sea star", colour="#f74", accent="#fd9", part="{} spots", plural="starfish",
    settings=("underwater",),
)  # fmt: skip
def draw_starfish(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Five rounded arms with rows of spots."""
    pen.path(
        "M50 4Q58 6 64 34Q92 32 96 40Q98 46 74 62Q84 90 78 94Q70 98 50 78Q30 98 22 94Q16 90 26 62Q2 46 4 40"
        "Q8 32 36 34Q42 6 50 4Z",
        paint.main,
    )
    pen.path("M50 78Q70 98 78 94Q84 90 74 62Q98 46 96 40Q70 48 50 78Z", paint.dark)
    pen.stroke(
        "M50 18v1M50 34v1M18 44h1M34 47h1M82 44h1M66 47h1M30 82h1M40 66h1M70 82h1M60 66h1M50 53h1",
        accent.main,
        8,
    )


@AIR_WATER_ANIMALS.add("seahorse", colour="#fb3", accent="#e64", part="{} fins", settings=("underwater",))
def draw_seahorse(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Floats upright facing right, tail curled."""
    pen.path("M38 40L14 34L20 44L10 52L20 58L16 70L38 66Z", accent.main)
    pen.path("M36 22L30 6L40 10L46 0L52 10L60 4L58 20Z", accent.main)
    pen.stroke("M46 68Q54 94 68 92Q80 86 72 76Q64 74 64 82", paint.main, 9)
    pen.path(
        "M36 34Q30 10 52 8Q66 10 68 22L92 26Q96 34 90 36L66 36Q60 40 64 48Q70 62 56 74L44 80Q28 66 32 52"
        "Q36 44 36 34Z",
        paint.main,
    )
    pen.path("M56 42Q70 58 54 72Q46 58 56 42Z", paint.light)
    pen.stroke("M52 50L62 52M50 58L62 60M50 66L58 68", paint.dark, 2)
    draw_eye(pen, 56, 22, paint, 3)


@AIR_WATER_ANIMALS.add(
    "butterfly", "moth", colour="#f80", accent="#fe7", part="{} spots", plural="butterflies",
    settings=("garden", "sky", "grass"),
)  # fmt: skip
def draw_butterfly(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Seen from above with its four wings open."""
    pen.path("M50 54Q30 2 8 8Q-2 20 10 46Q20 58 50 54Q80 58 90 46Q102 20 92 8Q70 2 50 54Z", paint.main)
    pen.path("M50 52Q16 52 14 72Q16 94 32 92Q46 84 50 56Q54 84 68 92Q84 94 86 72Q84 52 50 52Z", paint.dark)
    pen.circle(22, 28, 10, accent.main)
    pen.circle(78, 28, 10, accent.main)
    pen.circle(31, 73, 9, accent.main)
    pen.circle(69, 73, 9, accent.main)
    pen.stroke("M50 32Q48 16 38 10M50 32Q52 16 62 10", _INK, 2)
    pen.stroke("M50 34V76", _INK, 7)


@AIR_WATER_ANIMALS.add(
    "bee", "bumblebee", "honeybee", colour="#fc2", accent="#cef", part="{} wings",
    settings=("garden", "sky", "grass"),
)  # fmt: skip
def draw_bee(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Flies to the right with dark stripes."""
    pen.path("M52 44Q14 36 20 14Q36 0 56 42Z", accent.dark)
    pen.path("M54 44Q42 2 66 4Q84 12 60 44Z", accent.main)
    pen.path("M14 54L2 60L14 66Z", _INK)
    pen.path("M8 60Q16 38 50 38Q92 38 94 62Q90 86 50 84Q16 82 8 60Z", paint.main)
    pen.path("M24 46L36 40V83L24 77ZM48 38H60V84H48Z", _INK)
    pen.stroke("M80 42Q82 28 92 28M86 46Q92 36 98 38", _INK, 2)
    pen.stroke("M76 70Q84 74 88 68", paint.deep, 3)
    draw_eye(pen, 80, 57, paint, 4)


@AIR_WATER_ANIMALS.add(
    "ladybug", "ladybird", colour="#e22", accent="#222", part="{} spots", settings=("garden", "grass")
)
def draw_ladybug(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Seen from above, with six legs and spots on its wings."""
    pen.stroke(
        "M26 40L8 32M24 58H4M26 74L10 86M74 40L92 32M76 58H96M74 74L90 86M42 16L34 4M58 16L66 4", _INK, 4
    )
    pen.circle(50, 25, 18, _INK)
    pen.circle(50, 60, 35, paint.main)
    pen.path("M50 25Q85 26 85 60Q84 94 50 95Q66 80 66 58Q66 38 50 25Z", paint.dark)
    pen.stroke("M50 26V95", _INK, 3)
    pen.stroke("M32 46h1M28 66h1M40 82h1M67 46h1M71 66h1M59 82h1", accent.main, 12)
    pen.circle(43, 17, 4, "#fff")
    pen.circle(57, 17, 4, "#fff")


@AIR_WATER_ANIMALS.add(
    "dragonfly", colour="#19a", accent="#aef", part="{} wings", plural="dragonflies",
    settings=("garden", "water", "sky"),
)  # fmt: skip
def draw_dragonfly(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Seen from above with four long wings and a thin tail."""
    pen.path("M50 36Q20 10 4 18Q-2 28 8 34Q24 40 50 38Q76 40 92 34Q102 28 96 18Q80 10 50 36Z", accent.main)
    pen.path("M50 40Q22 40 8 56Q8 66 20 64Q38 58 50 44Q62 58 80 64Q92 66 92 56Q78 40 50 40Z", accent.dark)
    pen.stroke("M50 48V92", paint.main, 11)
    pen.stroke("M46 62H54M46 74H54M46 86H54", paint.dark, 3)
    pen.ellipse(50, 38, 13, 18, paint.main)
    pen.circle(40, 18, 10, paint.dark)
    pen.circle(60, 18, 10, paint.dark)


@AIR_WATER_ANIMALS.add("spider", colour="#334", settings=("garden", "room", "forest"))
def draw_spider(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Hangs on a thread and faces us, eight legs bent."""
    pen.stroke("M50 30V2", "#999", 2)
    pen.stroke(
        "M40 50L18 28L4 44M38 58L14 48L2 66M38 66L16 68L8 88M42 74L28 82L24 97M60 50L82 28L96 44"
        "M62 58L86 48L98 66M62 66L84 68L92 88M58 74L72 82L76 97",
        paint.dark,
        4,
    )
    pen.circle(50, 46, 24, paint.main)
    pen.circle(50, 72, 16, paint.dark)
    pen.path("M36 36Q42 26 54 28Q44 34 42 44Q34 44 36 36Z", paint.light)
    pen.circle(44, 70, 5, "#fff")
    pen.circle(56, 70, 5, "#fff")
    pen.circle(44, 71, 2, _INK)
    pen.circle(56, 71, 2, _INK)


@AIR_WATER_ANIMALS.add("caterpillar", colour="#7c3", settings=("garden", "grass"))
def draw_caterpillar(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Crawls to the right, its body a row of balls."""
    pen.stroke("M74 44L66 26M84 42L90 24", paint.deep, 3)
    pen.stroke("M14 92V95M32 88V95M48 86V95M64 90V95", paint.deep, 5)
    pen.circle(13, 80, 13, paint.dark)
    pen.circle(29, 70, 15, paint.main)
    pen.circle(46, 68, 15, paint.dark)
    pen.circle(62, 74, 15, paint.main)
    pen.circle(79, 58, 19, paint.main)
    pen.stroke("M76 66Q84 72 90 64", paint.deep, 3)
    draw_eye(pen, 75, 53, paint, 3)
    draw_eye(pen, 88, 53, paint, 3)


@AIR_WATER_ANIMALS.add("bat", colour="#536", settings=("sky", "forest"))
def draw_bat(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Flies towards us with scalloped wings and pointed ears."""
    pen.path(
        "M44 46Q30 20 2 26Q10 40 4 68Q14 56 24 66Q32 58 46 74H54Q68 58 76 66Q86 56 96 68Q90 40 98 26"
        "Q70 20 56 46Z",
        paint.main,
    )
    pen.path(
        "M44 50Q24 38 4 68Q14 56 24 66Q32 58 46 74ZM56 50Q76 38 96 68Q86 56 76 66Q68 58 54 74Z", paint.dark
    )
    pen.path("M34 16L44 28H56L66 16L65 44Q68 80 50 86Q32 80 35 44Z", paint.main)
    pen.ellipse(50, 68, 10, 13, paint.light)
    pen.circle(43, 42, 4, "#fd3")
    pen.circle(57, 42, 4, "#fd3")
    pen.path("M43 52H57L54 58L51 53H49L46 58Z", "#fff")
