"""Animals that live on land."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

LAND_ANIMALS = Catalogue("animal")

_INK = "#222"
_NOSE = "#f89"
_WILD = ("forest", "snow", "grass")
_WOODS = ("forest", "grass")
_GARDEN = ("grass", "garden")
_OPEN = ("grass", "desert", "forest")
_HOME = ("grass", "room", "garden")
_PARK = ("forest", "grass", "garden")


def draw_eye(pen: Pen, x: float, y: float, paint: Paint, r: float = 2) -> None:
    """Draws a dark eye, or a white one where the body is too dark for it."""
    level = sum(int(c, 16) for c in paint.main[1:])
    pen.circle(x, y, r, _INK if level > 11 else "#fff")


def _draw_eyes(pen: Pen, x: float, other_x: float, y: float, paint: Paint, r: float) -> None:
    draw_eye(pen, x, y, paint, r)
    draw_eye(pen, other_x, y, paint, r)


@LAND_ANIMALS.add("cat", "kitten", colour="#f93", accent="#26c", part="a {} collar", settings=_HOME)
def draw_cat(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us, tail round to the right."""
    pen.stroke("M62 90Q92 92 86 64Q82 56 76 62", paint.dark, 8)
    pen.path("M32 96Q28 62 42 48H58Q72 62 68 96Z", paint.main)
    pen.path("M42 96V70H58V96Z", paint.light)
    pen.path("M26 8L42 20H58L74 8Q80 36 72 44Q64 55 50 55Q36 55 28 44Q20 36 26 8Z", paint.main)
    pen.path("M30 17l8 7l-8 7zM70 17l-8 7l8 7z", _NOSE)
    pen.stroke("M36 57Q50 66 64 57", accent.main, 11)
    pen.stroke("M32 43H14M68 43H86M50 72V96", paint.deep, 1)
    _draw_eyes(pen, 40, 60, 34, paint, 4)
    pen.path("M46 42h8l-4 5z", _NOSE)


@LAND_ANIMALS.add("dog", "puppy", "hound", colour="#b73", accent="#d13", part="a {} bandana", settings=_HOME)
def draw_dog(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right, tail up, ear hanging."""
    pen.stroke("M38 66V92M60 66V92", paint.dark, 9)
    pen.stroke("M22 54Q10 50 10 32", paint.main, 6)
    pen.stroke("M28 64V92M69 60V92", paint.main, 9)
    pen.path(
        "M19 56Q20 46 30 46H60L63 24Q66 15 82 20L95 30Q97 39 88 40H80L76 66Q60 74 46 70Q20 78 19 56Z",
        paint.main,
    )
    pen.path("M55 44L81 48L63 76Z", accent.main)
    pen.path("M68 16Q54 16 55 42Q64 46 68 36L73 22Z", paint.deep)
    pen.circle(94, 31, 4, _INK)
    draw_eye(pen, 79, 27, paint, 2)


def _draw_horse_shape(pen: Pen, paint: Paint) -> None:
    pen.stroke("M36 62V93M64 62V93", paint.dark, 6)
    pen.stroke("M26 58V93M73 58V93", paint.main, 7)
    pen.path(
        "M21 52Q24 44 36 44H56Q64 40 70 24L74 10L80 18Q90 26 97 38Q97 46 90 46L80 41L77 64Q58 72 40 67"
        "Q18 72 21 52Z",
        paint.main,
    )


@LAND_ANIMALS.add(
    "horse", "pony", "stallion", colour="#963", accent="#b22", part="a {} saddle",
    settings=("grass", "farm", "desert"),
)  # fmt: skip
def draw_horse(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right with mane, tail and saddle."""
    pen.path("M24 47Q8 44 7 82Q18 78 26 58Z", paint.deep)
    _draw_horse_shape(pen, paint)
    pen.path("M75 11Q56 14 54 46L65 46Q68 30 78 18Z", paint.deep)
    pen.path("M34 42Q44 49 54 42L58 62H36Z", accent.main)
    pen.stroke("M47 62V76", accent.dark, 3)
    draw_eye(pen, 82, 28, paint, 2)


@LAND_ANIMALS.add("zebra", colour="#fff", accent="#222", part="{} stripes", settings=("grass", "desert"))
def draw_zebra(pen: Pen, paint: Paint, accent: Paint) -> None:
    """The horse's shape in stripes, with a short mane."""
    _draw_horse_shape(pen, paint)
    pen.stroke("M72 14Q66 26 60 38", accent.main, 6)
    pen.stroke("M29 46V66M39 45V66M49 45V67M57 44L62 66M65 36L76 52M70 26L80 36", accent.main, 4)
    pen.stroke("M22 50Q12 52 12 72", accent.main, 3)
    pen.path("M91 31L97 38Q97 46 90 46L86 44Z", accent.main)
    draw_eye(pen, 82, 26, paint, 2)


@LAND_ANIMALS.add("cow", colour="#fff", accent="#222", part="{} spots", settings=("grass", "farm"))
def draw_cow(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right: spots, horns, udder and a pink muzzle."""
    pen.stroke("M14 46Q6 54 8 72", paint.dark, 3)
    pen.stroke("M30 70V92M56 70V92", paint.dark, 8)
    pen.stroke("M20 66V92M66 66V92", paint.main, 9)
    pen.ellipse(44, 74, 8, 6, "#fab")
    pen.rect(13, 38, 60, 35, paint.main, rx=9)
    pen.path("M20 38H40Q42 54 30 58Q20 54 20 38ZM50 60Q64 46 66 73H48Q46 66 50 60Z", accent.main)
    pen.path("M64 28L60 20L72 24H84L94 18L92 30Q94 44 92 56H70Q68 44 64 28Z", paint.main)
    pen.path("M64 27L54 32L68 36ZM91 27L99 32L90 36Z", accent.main)
    pen.rect(67, 48, 28, 14, "#fab", rx=6)
    _draw_eyes(pen, 75, 87, 38, paint, 2)


@LAND_ANIMALS.add(
    "sheep", "lamb", colour="#ffe", accent="#444", part="a {} face", plural="sheep",
    settings=("grass", "farm", "snow"),
)  # fmt: skip
def draw_sheep(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A cloud of wool on four legs, facing right."""
    pen.stroke("M26 72V92M38 74V92M54 74V92M64 72V92", accent.main, 6)
    pen.path(
        "M22 76Q4 74 12 58Q4 42 22 38Q28 24 42 32Q56 24 64 36Q82 40 74 56Q82 72 66 76Q56 88 44 79"
        "Q32 88 22 76Z",
        paint.main,
    )
    pen.stroke("M24 62Q32 70 38 62M42 48Q50 56 56 48M46 68Q54 76 60 68", paint.dark, 3)
    pen.path("M68 44L60 52L70 54Q72 68 82 70Q94 68 92 50Q88 36 78 38Z", accent.main)
    pen.ellipse(78, 38, 11, 8, paint.main)
    pen.circle(83, 52, 2, "#fff")


@LAND_ANIMALS.add("pig", "piglet", colour="#fab", settings=("farm", "grass"))
def draw_pig(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Round, facing right, with a flat snout and a curly tail."""
    pen.stroke("M14 58Q2 56 5 46Q12 42 12 51", paint.dark, 3)
    pen.stroke("M38 76V91M62 76V91", paint.dark, 10)
    pen.stroke("M26 76V91M54 76V91", paint.main, 10)
    pen.ellipse(44, 60, 34, 25, paint.main)
    pen.circle(74, 50, 19, paint.main)
    pen.path("M60 44L60 24L74 32ZM78 32L90 26L88 42Z", paint.dark)
    pen.ellipse(88, 54, 7, 9, paint.dark)
    pen.stroke("M86 52v4M91 52v4", paint.deep, 2)
    draw_eye(pen, 76, 46, paint, 2)


@LAND_ANIMALS.add(
    "rabbit", "bunny", "hare", colour="#ccc", accent="#e44", part="a {} bow tie",
    settings=("grass", "garden", "snow"),
)  # fmt: skip
def draw_rabbit(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us, long ears up."""
    pen.path("M38 34Q20 2 34 2Q48 6 48 32ZM62 34Q80 2 66 2Q52 6 52 32Z", paint.main)
    pen.path("M40 28Q29 8 35 8Q44 14 45 28ZM60 28Q71 8 65 8Q56 14 55 28Z", _NOSE)
    pen.ellipse(50, 77, 25, 19, paint.main)
    pen.ellipse(50, 80, 14, 15, paint.light)
    pen.path("M22 96Q22 84 34 84Q46 86 46 96ZM78 96Q78 84 66 84Q54 86 54 96Z", paint.dark)
    pen.ellipse(50, 43, 22, 19, paint.main)
    pen.path("M50 66L32 56V76ZM50 66L68 56V76Z", accent.main)
    pen.path("M46 46h8l-4 5z", _NOSE)
    _draw_eyes(pen, 40, 60, 39, paint, 3)


@LAND_ANIMALS.add("fox", colour="#e72", plural="foxes", settings=_WILD)
def draw_fox(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us, with a white chest, white cheeks and a bushy tail."""
    pen.path("M60 95Q98 98 94 58Q92 48 84 58Q78 76 60 78Z", paint.dark)
    pen.path("M94 64Q94 46 84 58L81 66Q88 64 94 70Z", "#fff")
    pen.path("M32 96Q28 66 42 50H58Q72 66 68 96Z", paint.main)
    pen.path("M40 54H60Q60 76 50 86Q40 76 40 54Z", "#fff")
    pen.path("M22 6L40 19H60L78 6Q84 32 76 40L50 64L24 40Q16 32 22 6Z", paint.main)
    pen.path("M24 40Q40 36 50 64ZM76 40Q60 36 50 64Z", "#fff")
    pen.path("M27 15L36 22L26 28ZM73 15L64 22L74 28Z", paint.deep)
    pen.circle(50, 60, 4, _INK)
    _draw_eyes(pen, 39, 61, 35, paint, 3)


@LAND_ANIMALS.add("bear", "bear cub", colour="#852", accent="#d22", part="a {} scarf", settings=_WILD)
def draw_bear(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us, a scarf round its neck."""
    pen.path("M24 52Q8 66 16 78Q28 78 32 66ZM76 52Q92 66 84 78Q72 78 68 66Z", paint.dark)
    pen.ellipse(50, 72, 28, 24, paint.main)
    pen.ellipse(50, 76, 17, 16, paint.light)
    pen.path("M18 96Q16 80 30 80Q42 84 40 96ZM82 96Q84 80 70 80Q58 84 60 96Z", paint.dark)
    pen.path("M22 30Q14 8 28 8Q36 8 38 12H62Q64 8 72 8Q86 8 78 30Q78 54 50 54Q22 54 22 30Z", paint.main)
    pen.path("M30 50Q50 60 70 50L72 58L66 62L72 82L60 84L56 65Q38 66 28 58Z", accent.main)
    pen.ellipse(50, 40, 12, 9, paint.light)
    pen.ellipse(50, 36, 5, 4, _INK)
    _draw_eyes(pen, 37, 63, 30, paint, 3)


@LAND_ANIMALS.add(
    "elephant", "elephant calf", colour="#99a", accent="#c23", part="a {} blanket", settings=_OPEN
)
def draw_elephant(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right with a blanket on its back and its trunk down."""
    pen.stroke("M12 52Q4 58 6 72", paint.dark, 3)
    pen.path("M34 70H46V96H34ZM62 66H72V96H62Z", paint.dark)
    pen.path(
        "M10 62Q10 30 42 28H62Q82 26 86 46L90 78Q92 86 98 82Q98 94 88 94Q80 94 78 80L74 68L64 70V96H50V74"
        "H30V96H16Z",
        paint.main,
    )
    pen.path("M20 36Q30 28 44 28L46 64H20Z", accent.main)
    pen.path("M20 58H46V64H20Z", accent.light)
    pen.path("M54 32Q76 26 72 50Q68 66 56 62Q44 54 54 32Z", paint.dark)
    pen.path("M76 66Q82 80 92 72Q86 70 84 62Z", "#ffe")
    draw_eye(pen, 78, 44, paint, 2)


@LAND_ANIMALS.add("giraffe", colour="#fc5", accent="#a52", part="{} spots", settings=("grass", "desert"))
def draw_giraffe(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right on long legs, with a long neck and spots."""
    pen.stroke("M36 60V93M54 60V93M70 12V4M77 12V4", paint.dark, 4)
    pen.stroke("M22 52Q12 56 14 72", accent.main, 3)
    pen.stroke("M28 60V93M61 60V93", paint.main, 5)
    pen.path(
        "M20 56Q22 50 34 49L52 44L66 14Q70 8 78 10L94 18Q95 26 88 26L78 26L66 62Q48 70 32 66Q20 68 20 56Z",
        paint.main,
    )
    pen.path(
        "M26 54l9 -2l2 8l-9 2zM41 50l9 -2l2 9l-9 1zM56 47l6 2l-4 8l-5 -4zM60 36l8 2l-3 7l-7 -3z"
        "M66 24l6 2l-3 7l-6 -3z",
        accent.main,
    )
    draw_eye(pen, 78, 17, paint, 2)


@LAND_ANIMALS.add("lion", colour="#eb5", accent="#a52", part="a {} mane", settings=("grass", "desert"))
def draw_lion(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right with its head in a mane."""
    pen.stroke("M16 54Q2 54 6 34", paint.main, 4)
    pen.circle(7, 31, 6, accent.main)
    pen.stroke("M32 70V91M58 70V91", paint.dark, 9)
    pen.stroke("M22 66V91M66 66V91", paint.main, 10)
    pen.rect(14, 46, 58, 28, paint.main, rx=11)
    pen.path(
        "M70 14L82 20L94 20L95 32L99 44L92 54L90 66L78 66L68 72L58 64L46 62L48 50L42 40L50 32L50 20L62 20Z",
        accent.main,
    )
    pen.path("M56 30Q56 22 64 26H76Q84 22 85 30Q90 42 84 50Q80 58 71 58Q60 58 57 48Q53 40 56 30Z", paint.main)
    pen.ellipse(71, 50, 9, 6, paint.light)
    pen.path("M66 43h10l-5 6z", _INK)
    _draw_eyes(pen, 63, 79, 38, paint, 2)


@LAND_ANIMALS.add(
    "deer", "stag", "reindeer", colour="#a63", accent="#543", part="{} antlers", plural="deer", settings=_WILD
)
def draw_deer(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right on thin legs, with branched antlers and pale spots."""
    pen.stroke("M70 24Q50 18 54 2M60 17L46 10M76 24Q92 20 90 2M86 17L98 10", accent.main, 4)
    pen.stroke("M34 64V93M60 62V93", paint.dark, 5)
    pen.stroke("M25 62V93M67 60V93", paint.main, 6)
    pen.path(
        "M18 54L6 44L22 46Q40 52 54 48L66 26L56 20H72L80 24L96 36Q96 43 88 42L80 40L72 62Q50 72 22 70Z",
        paint.main,
    )
    pen.path("M6 44L20 54L14 60Z", "#fff")
    pen.stroke("M32 56h1M44 58h1M56 56h1M38 64h1", paint.light, 4)
    pen.circle(94, 37, 3, _INK)
    draw_eye(pen, 80, 31, paint, 2)


@LAND_ANIMALS.add("mouse", colour="#aab", accent="#f9b", part="{} ears", plural="mice", settings=_HOME)
def draw_mouse(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Crouches facing right, with big round ears and a long tail."""
    pen.stroke("M20 88Q-2 88 6 68Q12 56 4 44", accent.main, 4)
    pen.circle(76, 44, 14, accent.dark)
    pen.path("M16 88Q14 50 50 50Q76 48 96 80Q96 90 82 94H24Q17 94 16 88Z", paint.main)
    pen.circle(54, 44, 20, paint.dark)
    pen.circle(54, 44, 15, accent.main)
    pen.stroke("M30 94H42M64 94H76", accent.main, 4)
    pen.stroke("M86 84L70 88M87 87L74 94", paint.deep, 1)
    pen.circle(95, 80, 4, accent.main)
    draw_eye(pen, 78, 70, paint, 3)


@LAND_ANIMALS.add(
    "turtle", "tortoise", colour="#8b3", accent="#753", part="a {} shell",
    settings=("grass", "garden", "water"),
)  # fmt: skip
def draw_turtle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Walks to the right under a domed shell."""
    pen.path("M12 74L2 84L18 84Z", paint.main)
    pen.stroke("M26 78V89M62 78V89", paint.main, 14)
    pen.path("M70 80Q74 74 74 60Q74 44 86 44Q98 46 97 58Q96 64 88 65Q86 82 70 84Z", paint.main)
    pen.path("M10 74Q14 32 45 32Q76 32 80 74Z", accent.main)
    pen.path("M36 44H54L62 58L45 70L28 58Z", accent.light)
    pen.stroke("M36 44L30 36M54 44L60 36M62 58L76 60M28 58L14 60", accent.dark, 2)
    pen.rect(7, 70, 75, 10, paint.dark, rx=5)
    draw_eye(pen, 88, 52, paint, 2)


@LAND_ANIMALS.add("snail", colour="#da7", accent="#c53", part="a {} shell", settings=_GARDEN)
def draw_snail(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Creeps to the right under a spiral shell."""
    pen.stroke("M84 58L78 38M90 58L95 40", paint.main, 4)
    pen.circle(78, 37, 4, paint.dark)
    pen.circle(95, 39, 4, paint.dark)
    pen.path("M2 96Q12 82 34 80H64Q74 78 74 66Q76 52 87 52Q98 54 97 68Q94 96 68 96Z", paint.main)
    pen.circle(42, 56, 30, accent.main)
    pen.stroke("M70 66Q52 86 28 74Q12 56 30 40Q52 30 60 50Q60 68 44 66Q34 60 43 53", accent.deep, 4)
    pen.stroke("M84 76Q90 76 92 70", paint.deep, 2)


@LAND_ANIMALS.add(
    "frog", "toad", colour="#4b3", accent="#ce8", part="a {} belly", settings=("grass", "water", "forest")
)
def draw_frog(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us with bulging eyes and a wide mouth."""
    pen.path("M26 66Q4 62 6 84L2 96H34ZM74 66Q96 62 94 84L98 96H66Z", paint.dark)
    pen.path(
        "M20 36Q18 18 32 18Q42 18 44 26H56Q58 18 68 18Q82 18 80 36Q88 52 74 62Q82 94 62 94H38Q18 94 26 62"
        "Q12 52 20 36Z",
        paint.main,
    )
    pen.ellipse(50, 78, 19, 16, accent.main)
    pen.stroke("M38 72V93M62 72V93", paint.dark, 6)
    pen.stroke("M31 30h1M67 30h1", "#fff", 16)
    pen.stroke("M31 30h1M67 30h1", _INK, 8)
    pen.stroke("M28 48Q50 62 72 48", paint.deep, 2)


@LAND_ANIMALS.add("snake", "serpent", colour="#5a3", accent="#fd3", part="{} stripes", settings=_OPEN)
def draw_snake(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Winds upwards, tongue out to the right."""
    pen.stroke("M12 79Q16 89 30 89H70Q88 88 88 76Q88 62 70 62H32Q16 62 16 46Q16 30 36 30H56", paint.main, 14)
    pen.stroke("M30 82v14M48 82v14M66 82v14M64 55v14M46 55v14M28 54l-6 13M34 23v14", accent.main, 6)
    pen.stroke("M78 31H90L97 26M90 31L97 36", "#e23", 2)
    pen.path("M46 22Q60 14 72 20Q84 28 80 34Q70 44 46 38Z", paint.main)
    draw_eye(pen, 66, 26, paint, 3)


@LAND_ANIMALS.add("hedgehog", colour="#643", accent="#fda", part="a {} face", settings=_PARK)
def draw_hedgehog(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Walks to the right under a coat of spikes."""
    pen.path(
        "M14 92L2 84L10 76L2 66L14 60L10 46L24 46L26 32L38 38L46 26L54 38L66 32L68 46L80 48L76 62V92Z",
        paint.main,
    )
    pen.stroke("M20 76l-4 -6M34 78l-4 -7M26 62l-3 -8M42 64l-3 -9M38 50l-1 -8M52 52l2 -8", paint.light, 2)
    pen.path(
        "M52 76Q54 56 70 56Q80 58 84 68L97 78Q97 86 86 88Q82 94 72 94H24Q20 88 28 84Q50 88 52 76Z",
        accent.main,
    )
    pen.circle(62, 62, 6, accent.dark)
    pen.circle(96, 79, 4, _INK)
    pen.circle(80, 70, 3, _INK)
    pen.stroke("M32 93v1M64 93v1", accent.dark, 5)


@LAND_ANIMALS.add("squirrel", "chipmunk", colour="#b62", accent="#852", part="a {} tail", settings=_PARK)
def draw_squirrel(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits facing right, an acorn in its paws, tail up behind."""
    pen.path("M44 94Q4 96 10 62Q-4 12 30 10Q50 12 46 32Q40 28 34 36Q30 44 38 54Q48 66 46 80Z", accent.main)
    pen.path("M58 26L56 8L70 20Z", paint.dark)
    pen.path("M36 96Q28 66 52 52Q44 22 66 20Q82 20 92 38Q92 48 76 50Q86 72 76 90L82 96Z", paint.main)
    pen.path("M66 54Q78 56 76 86Q62 80 66 54Z", paint.light)
    pen.path("M80 58H92Q96 70 86 74Q76 70 80 58Z", "#c93")
    pen.path("M78 60Q78 52 86 52Q94 52 94 60Z", "#642")
    pen.stroke("M60 62Q68 72 80 68", paint.dark, 5)
    pen.circle(91, 40, 3, _INK)
    draw_eye(pen, 74, 33, paint, 3)


@LAND_ANIMALS.add("camel", colour="#da6", accent="#b23", part="a {} saddle", settings=("desert", "plain"))
def draw_camel(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right with two humps and a saddle between them."""
    pen.stroke("M12 54Q6 60 8 72M34 66V93M60 66V93", paint.dark, 5)
    pen.stroke("M24 66V93M67 64V93", paint.main, 6)
    pen.path(
        "M12 60Q10 48 18 42Q26 18 34 40Q42 48 48 40Q58 18 64 42Q74 54 76 28Q78 16 86 18L97 25Q98 33 86 33"
        "Q88 62 70 70Q40 76 16 70Z",
        paint.main,
    )
    pen.path("M33 38Q42 50 49 38L56 66H28Z", accent.main)
    pen.path("M30 58H54L56 66H28Z", accent.light)
    pen.path("M80 18L76 10L86 17Z", paint.dark)
    draw_eye(pen, 87, 24, paint, 2)


@LAND_ANIMALS.add("monkey", "chimpanzee", colour="#854", accent="#fc9", part="a {} face", settings=_WOODS)
def draw_monkey(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us, tail curled to the right."""
    pen.stroke("M66 90Q94 92 90 70Q84 60 79 68", paint.dark, 5)
    pen.circle(21, 32, 11, accent.dark)
    pen.circle(79, 32, 11, accent.dark)
    pen.path("M34 96Q22 70 38 52H62Q78 70 66 96Z", paint.main)
    pen.ellipse(50, 77, 13, 15, accent.main)
    pen.stroke("M34 62Q22 76 32 90M66 62Q78 76 68 90", paint.dark, 7)
    pen.ellipse(50, 31, 28, 26, paint.main)
    pen.path("M50 22Q60 12 70 22Q76 34 68 42Q66 55 50 55Q34 55 32 42Q24 34 30 22Q40 12 50 22Z", accent.main)
    pen.stroke("M40 44Q50 52 60 44", accent.deep, 2)
    pen.stroke("M40 29v2M60 29v2", _INK, 7)


@LAND_ANIMALS.add("panda", "panda bear", colour="#fff", accent="#222", part="{} ears", settings=_WOODS)
def draw_panda(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us; ears, eye patches, arms and feet in the second colour."""
    pen.circle(26, 14, 10, accent.main)
    pen.circle(74, 14, 10, accent.main)
    pen.ellipse(50, 74, 27, 22, paint.main)
    pen.path("M26 54Q10 66 14 80Q30 84 42 72ZM74 54Q90 66 86 80Q70 84 58 72Z", accent.main)
    pen.path("M18 96Q16 80 30 80Q42 84 40 96ZM82 96Q84 80 70 80Q58 84 60 96Z", accent.main)
    pen.ellipse(50, 34, 32, 26, paint.main)
    pen.stroke("M36 35L38 31M64 35L62 31", accent.main, 13)
    pen.stroke("M38 33h1M61 33h1", "#fff", 5)
    pen.path("M45 42H55L50 48Z", accent.main)


@LAND_ANIMALS.add("wolf", "howling wolf", colour="#778", plural="wolves", settings=_WILD)
def draw_wolf(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits facing right and howls, head up."""
    pen.path("M32 94Q4 100 6 76Q8 64 14 70Q18 82 36 80Z", paint.dark)
    pen.path("M42 30L34 16L54 22Z", paint.dark)
    pen.path(
        "M22 92Q20 62 38 50Q38 24 56 20L84 2L90 8L84 14L88 20L72 32Q74 44 70 54L68 92L76 96H26Z", paint.main
    )
    pen.path("M72 32Q60 34 58 52Q58 66 69 70L70 54Q74 44 72 32Z", paint.light)
    pen.path("M28 96Q26 74 42 74Q54 78 50 96Z", paint.dark)
    pen.path("M84 2L90 8L84 11Z", _INK)
    pen.stroke("M58 27l6 -3", paint.deep, 2)


@LAND_ANIMALS.add("koala", colour="#99a", accent="#ecd", part="a {} belly", settings=_WOODS)
def draw_koala(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Sits and looks at us: fluffy ears and a long dark nose."""
    pen.path("M34 16Q20 2 8 14L2 24L8 30L4 38L24 44ZM66 16Q80 2 92 14L98 24L92 30L96 38L76 44Z", paint.dark)
    pen.path("M28 96Q16 70 34 54H66Q84 70 72 96Z", paint.main)
    pen.ellipse(50, 78, 17, 18, accent.main)
    pen.stroke("M30 66Q24 78 38 80M70 66Q76 78 62 80", paint.dark, 7)
    pen.ellipse(50, 36, 31, 25, paint.main)
    pen.ellipse(50, 40, 7, 11, _INK)
    _draw_eyes(pen, 34, 66, 32, paint, 3)


@LAND_ANIMALS.add("dinosaur", "stegosaurus", colour="#5a5", accent="#e83", part="{} spikes", settings=_OPEN)
def draw_dinosaur(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right with a row of plates down its back and tail."""
    pen.path("M6 70L10 50L22 58L26 34L40 44L48 22L58 40L72 28L72 48L84 42L82 60L50 70Z", accent.main)
    pen.path("M36 72H48V96H36ZM62 72H72V96H62Z", paint.dark)
    pen.path(
        "M2 82Q20 46 48 42Q70 42 76 52Q98 46 98 58Q98 68 84 68L76 74V96H64V82H40V96H26V78Q14 76 2 82Z",
        paint.main,
    )
    pen.path("M40 82H64L76 74Q56 66 40 82Z", paint.light)
    pen.stroke("M98 61H88", paint.deep, 2)
    draw_eye(pen, 84, 55, paint, 2)


@LAND_ANIMALS.add("crocodile", "alligator", colour="#583", settings=("water", "grass"))
def draw_crocodile(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Lies facing right, mouth open."""
    pen.path("M62 74L98 82L96 90H58Z", paint.dark)
    pen.path("M64 76l4 5l4 -4l4 5l4 -4l4 5l4 -4l4 5M70 70l3 7l4 -8l3 7l4 -9l3 7l4 -9z", "#fff")
    pen.path(
        "M2 92Q6 70 24 66L28 60L34 66L40 58L46 64L52 56L58 62Q62 54 70 58L74 62L98 54Q100 62 90 66L66 74"
        "L60 92Z",
        paint.main,
    )
    pen.path("M20 84H34V96H16ZM52 84H64V96H48Z", paint.dark)
    pen.path("M12 92Q34 80 56 92Z", paint.light)
    pen.circle(68, 61, 4, "#fe6")
    pen.circle(69, 61, 2, _INK)


@LAND_ANIMALS.add("hippo", "hippopotamus", colour="#98a", settings=("water", "grass"))
def draw_hippo(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right: a barrel on short legs, with a huge muzzle."""
    pen.path("M32 74H44V96H32ZM58 74H70V96H58Z", paint.dark)
    pen.path(
        "M6 62Q6 36 36 36H60Q62 26 74 26Q86 26 88 42Q98 46 97 62Q92 76 72 72L62 80V96H48V84H30V96H14V82"
        "Q6 74 6 62Z",
        paint.main,
    )
    pen.path("M62 32L60 22L72 26Z", paint.dark)
    pen.path("M78 46Q96 40 98 58Q96 72 80 70Q68 60 78 46Z", paint.light)
    pen.stroke("M88 52v2M94 53v2M80 64Q88 66 96 62", paint.deep, 2)
    draw_eye(pen, 77, 36, paint, 3)


@LAND_ANIMALS.add("kangaroo", colour="#b74", accent="#eca", part="a {} belly", settings=("desert", "grass"))
def draw_kangaroo(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Stands facing right on big feet, leaning on its tail."""
    pen.path("M40 74Q30 92 2 92Q2 98 14 97Q42 96 50 84Z", paint.dark)
    pen.path("M66 18L58 0Q66 0 70 16ZM72 16L72 0Q80 4 76 18Z", paint.dark)
    pen.path(
        "M36 88Q24 58 54 42L60 24Q66 12 78 18L92 28Q92 36 74 36L70 50Q78 70 64 86Q56 94 36 88Z", paint.main
    )
    pen.path("M69 48Q80 72 62 86Q50 66 69 48Z", accent.main)
    pen.stroke("M66 54L80 62L86 58", paint.dark, 5)
    pen.path("M34 74Q44 62 58 72Q62 84 56 89H78Q84 96 76 96H44Q36 94 34 74Z", paint.dark)
    pen.circle(91, 30, 3, _INK)
    draw_eye(pen, 75, 25, paint, 2)
