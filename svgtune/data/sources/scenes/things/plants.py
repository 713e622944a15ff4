"""Flowers, trees and leaves."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

PLANTS = Catalogue("plant")

_GREEN = "#394"
_BARK = "#753"


@PLANTS.add("rose", colour="#d13", accent="#384", part="{} leaves", settings=("garden", "grass", "room"))
def draw_rose(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One bloom with folded petals on a stem with two leaves."""
    pen.stroke("M50 50V95", accent.dark, 5)
    pen.path("M50 86Q24 92 12 68Q40 62 50 86ZM50 78Q74 84 88 60Q60 54 50 78Z", accent.main)
    pen.path("M18 30Q14 2 50 4Q86 2 82 30Q82 60 50 62Q18 60 18 30Z", paint.main)
    pen.path("M18 26Q40 26 50 62Q18 60 18 26ZM82 26Q60 26 50 62Q82 60 82 26Z", paint.dark)
    pen.path("M32 18Q50 2 68 18Q70 40 50 42Q30 40 32 18Z", paint.light)
    pen.stroke("M60 18Q46 12 42 22Q44 34 54 30Q58 24 51 23", paint.deep, 3)


@PLANTS.add("tulip", colour="#e35", accent="#4a4", part="{} leaves", settings=("garden", "grass"))
def draw_tulip(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A cup of three petals between two long leaves."""
    pen.stroke("M50 50V95", accent.dark, 5)
    pen.path("M50 96Q22 86 16 42Q44 62 50 96ZM50 96Q78 86 84 42Q56 62 50 96Z", accent.main)
    pen.path("M24 6Q40 12 50 26Q60 12 76 6Q86 58 50 58Q14 58 24 6Z", paint.dark)
    pen.path("M50 4Q70 22 68 42Q64 58 50 58Q36 58 32 42Q30 22 50 4Z", paint.main)
    pen.path("M48 12Q40 28 42 48Q32 36 48 12Z", paint.light)


@PLANTS.add(
    "sunflower", colour="#fc1", accent="#631", part="a {} center", settings=("garden", "grass", "farm")
)
def draw_sunflower(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A large head of pointed petals round a dark centre, on a leafy stem."""
    pen.stroke("M50 60V95", _GREEN, 6)
    pen.path("M50 90Q26 92 16 70Q42 66 50 90ZM50 86Q74 88 84 66Q58 62 50 86Z", _GREEN)
    pen.path(
        "M50 0L59 11L71 6L75 19L87 21L85 34L95 40L86 49L89 61L76 62L71 73L60 68L50 77L40 68L29 73L24 62"
        "L11 61L14 49L5 40L15 34L13 21L25 19L29 6L41 11Z",
        paint.main,
    )
    pen.circle(50, 39, 25, paint.dark)
    pen.circle(50, 39, 20, accent.main)
    pen.stroke("M42 32h1M50 30h1M58 34h1M40 42h1M49 40h1M58 44h1M48 50h1", accent.light, 3)


@PLANTS.add(
    "daisy", plural="daisies", colour="#fff", accent="#fb1", part="a {} center", settings=("garden", "grass")
)
def draw_daisy(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Eight round petals about a centre, on a thin stem."""
    pen.stroke("M50 50Q54 74 50 95", _GREEN, 4)
    pen.path("M51 84Q70 88 82 68Q58 66 51 84Z", _GREEN)
    pen.stroke("M34 22L66 54M66 22L34 54", paint.dark, 18)
    pen.stroke("M34 22L66 54M66 22L34 54", paint.main, 15)
    pen.stroke("M50 16V60M28 38H72", paint.main, 17)
    pen.circle(50, 38, 14, accent.main)
    pen.path("M38 38Q38 26 50 26Q42 30 42 40Z", accent.light)


@PLANTS.add(
    "poppy", plural="poppies", colour="#e21", accent="#222", part="a {} center", settings=("garden", "grass")
)
def draw_poppy(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Four broad petals round a dark centre, on a curved stem."""
    pen.stroke("M50 56Q44 78 52 95", _GREEN, 4)
    pen.path("M48 84Q24 90 18 68L28 72L30 64L38 74L42 68Z", _GREEN)
    pen.path("M8 44Q-2 12 34 18Q50 -8 70 16Q102 12 92 44Q84 70 50 68Q16 70 8 44Z", paint.main)
    pen.path(
        "M34 18Q50 -8 70 16Q68 34 50 44Q34 34 34 18ZM8 50Q30 44 50 44Q70 44 92 48Q80 70 50 68Q18 68 8 50Z",
        paint.dark,
    )
    pen.circle(50, 42, 15, accent.main)
    pen.circle(50, 42, 6, "#693")


@PLANTS.add(
    "cactus", plural="cacti", colour="#384", accent="#f5a", part="{} flowers", settings=("desert", "garden")
)
def draw_cactus(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A tall column with two arms, ribs, and flowers on the tips."""
    pen.stroke("M50 74H22Q16 74 16 66V50M50 64H78Q84 64 84 56V38", paint.main, 14)
    pen.path("M34 96V28Q34 12 50 12Q66 12 66 28V96Z", paint.main)
    pen.path("M56 13Q66 16 66 28V96H56Z", paint.dark)
    pen.stroke("M44 24V90M52 24V90M17 54V64M84 42V56", paint.light, 2)
    pen.path(
        "M50 14L36 12L42 2L50 6L58 2L64 12ZM16 44L4 42L9 33L16 37L23 33L28 42Z"
        "M84 32L72 30L77 21L84 25L91 21L96 30Z",
        accent.main,
    )


@PLANTS.add(
    "potted plant", "houseplant", colour="#3a5", accent="#c63", part="a {} pot",
    settings=("room", "table", "garden"),
)  # fmt: skip
def draw_potted_plant(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Broad leaves fanning out of a rimmed pot."""
    pen.path(
        "M50 62Q38 30 50 2Q62 30 50 62ZM50 64Q12 62 4 30Q44 30 50 64ZM50 64Q88 62 96 30Q56 30 50 64Z",
        paint.dark,
    )
    pen.path("M50 64Q20 40 26 8Q56 26 50 64ZM50 64Q80 40 74 8Q44 26 50 64Z", paint.main)
    pen.stroke("M50 64L32 22M50 64L68 22M50 64L16 40M50 64L84 40", paint.light, 2)
    pen.path("M26 66H74L68 96H32Z", accent.main)
    pen.path("M60 66H74L68 96H58Z", accent.dark)
    pen.rect(22, 60, 56, 11, accent.light, rx=2)


@PLANTS.add(
    "oak tree", "tree", colour="#3a3", accent="#753", part="a {} trunk", settings=("grass", "forest", "farm")
)
def draw_oak_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round leafy crown on a thick forked trunk."""
    pen.path("M40 96Q46 80 42 62L28 48L46 54H54L72 44L58 62Q54 80 62 96Z", accent.main)
    pen.path(
        "M28 62Q4 66 6 46Q-2 26 20 22Q26 2 48 8Q72 -2 80 20Q100 26 94 46Q96 66 72 62Q50 72 28 62Z", paint.main
    )
    pen.path("M94 46Q96 66 72 62Q50 72 28 62Q10 66 7 52Q34 62 52 50Q76 52 82 22Q98 30 94 46Z", paint.dark)
    pen.path("M20 36Q24 20 38 18Q50 18 46 26Q36 26 32 36Q24 44 20 36Z", paint.light)
    pen.stroke("M54 64Q52 80 56 94", accent.dark, 4)


@PLANTS.add(
    "apple tree", "fruit tree", colour="#4a3", accent="#d22", part="{} apples",
    settings=("grass", "farm", "garden"),
)  # fmt: skip
def draw_apple_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round crown full of apples on a straight trunk."""
    pen.path("M42 96L45 60H55L58 96Z", _BARK)
    pen.circle(50, 38, 36, paint.main)
    pen.path("M74 12Q90 24 86 44Q80 74 48 74Q22 72 16 52Q64 70 74 12Z", paint.dark)
    pen.stroke("M32 26h1M54 16h1M74 34h1M48 40h1M26 50h1M66 58h1M44 64h1", accent.main, 10)


@PLANTS.add(
    "pine tree", "fir tree", "evergreen tree", colour="#264", accent="#753", part="a {} trunk",
    settings=("forest", "snow", "grass"),
)  # fmt: skip
def draw_pine_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Three tiers of branches on a short trunk."""
    pen.rect(38, 80, 24, 16, accent.main)
    pen.path("M50 2L70 30H60L78 56H66L86 82H14L34 56H22L40 30H30Z", paint.main)
    pen.path("M50 2L70 30H60L78 56H66L86 82H56Q64 74 50 56Q58 48 50 30Z", paint.dark)
    pen.path("M50 2L36 22Q44 24 50 16ZM36 36L28 48Q36 50 42 44ZM30 62L20 76Q30 78 38 70Z", paint.light)


@PLANTS.add(
    "palm tree", "coconut palm", colour="#3a4", accent="#a74", part="a {} trunk",
    settings=("desert", "water", "plain"),
)  # fmt: skip
def draw_palm_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Drooping fronds and coconuts on a curved, ringed trunk."""
    pen.path("M44 32H55Q50 66 66 96H44Q38 62 44 32Z", accent.main)
    pen.stroke("M42 48H52M41 60H53M42 72H56M43 84H60", accent.dark, 3)
    pen.path(
        "M50 32Q30 2 6 18Q28 18 50 32ZM50 32Q70 2 94 18Q72 18 50 32ZM50 32Q46 8 62 0Q68 16 50 32Z", paint.dark
    )
    pen.path(
        "M50 30Q18 18 2 54Q16 42 24 42Q22 52 24 60Q34 36 50 30Z"
        "M50 30Q82 18 98 54Q84 42 76 42Q78 52 76 60Q66 36 50 30Z",
        paint.main,
    )
    pen.circle(44, 37, 7, "#642")
    pen.circle(57, 38, 7, "#531")


@PLANTS.add(
    "willow tree", "weeping willow", colour="#7a3", accent="#754", part="a {} trunk",
    settings=("grass", "water"),
)  # fmt: skip
def draw_willow_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A crown of long hanging branches over a trunk."""
    pen.path("M40 96Q46 70 42 40H60Q54 70 62 96Z", accent.main)
    pen.path(
        "M4 84Q2 6 50 4Q98 6 96 84Q92 90 88 80Q84 70 80 82Q76 92 72 76Q68 60 64 70Q58 46 50 46Q42 46 36 70"
        "Q32 60 28 76Q24 92 20 82Q16 70 12 80Q8 90 4 84Z",
        paint.main,
    )
    pen.stroke("M20 74Q20 34 38 22M34 58Q34 38 46 30", paint.light, 3)
    pen.stroke("M88 74Q88 34 64 16M76 74Q78 44 60 30M66 58Q66 42 56 36", paint.dark, 4)


@PLANTS.add("bare tree", "leafless tree", colour="#543", settings=("snow", "desert", "grass"))
def draw_bare_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A trunk with forked branches and no leaves."""
    pen.stroke("M50 62L26 36L8 34M26 36L24 12M50 58L76 34L94 34M76 34L78 10", paint.main, 5)
    pen.stroke("M50 50V6M50 30L36 8M50 36L64 12M36 46L10 52M66 44L90 54", paint.dark, 4)
    pen.path("M34 96Q46 84 44 54L50 40L56 54Q54 84 66 96Z", paint.main)
    pen.path("M50 40L56 54Q54 84 66 96H52Z", paint.dark)


@PLANTS.add(
    "maple leaf", "autumn leaf", plural="maple leaves", colour="#e52", settings=("plain", "grass", "forest")
)
def draw_maple_leaf(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A pointed leaf of five lobes with veins and a stalk."""
    pen.stroke("M50 74Q50 88 56 95", paint.deep, 4)
    pen.path(
        "M50 2L60 20L72 14L68 42L80 28L84 36L98 34L92 52L98 58L74 76L76 82L50 78L24 82L26 76L2 58L8 52L2 34"
        "L16 36L20 28L32 42L28 14L40 20Z",
        paint.main,
    )
    pen.path("M50 2L60 20L72 14L68 42L80 28L84 36L98 34L92 52L98 58L74 76L76 82L50 78Z", paint.dark)
    pen.stroke("M50 78V18M50 70L18 46M50 70L82 46", paint.light, 2)


@PLANTS.add(
    "four-leaf clover", "clover", "shamrock", name="clover", plural="four-leaf clovers", colour="#2a4",
    settings=("grass", "garden", "plain"),
)  # fmt: skip
def draw_clover(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Four heart-shaped leaves on a curved stalk."""
    pen.stroke("M50 46Q52 76 64 94", paint.deep, 5)
    pen.path(
        "M50 46Q26 30 28 16Q32 2 50 12Q68 2 72 16Q74 30 50 46Z"
        "M50 46Q26 62 28 76Q32 90 50 80Q68 90 72 76Q74 62 50 46Z",
        paint.main,
    )
    pen.path(
        "M50 46Q34 22 20 24Q6 28 16 46Q6 64 20 68Q34 70 50 46Z"
        "M50 46Q66 22 80 24Q94 28 84 46Q94 64 80 68Q66 70 50 46Z",
        paint.dark,
    )
    pen.stroke("M50 40V20M50 52V72M44 46H24M56 46H76", paint.light, 3)


@PLANTS.add(
    "bonsai tree", "bonsai", plural="bonsai trees", colour="#384", accent="#a43", part="a {} pot",
    settings=("table", "room"),
)  # fmt: skip
def draw_bonsai_tree(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Clouds of leaves on a twisted trunk in a flat pot."""
    pen.stroke("M44 78Q66 66 52 52Q40 42 52 24M54 56L78 46M46 44L24 48", _BARK, 8)
    pen.path("M26 30Q22 14 40 14Q48 0 62 12Q80 12 76 30Z", paint.main)
    pen.path("M2 56Q0 42 14 42Q24 32 34 44Q44 46 40 56Z", paint.dark)
    pen.path("M62 52Q58 40 72 38Q82 28 90 40Q102 42 98 52Z", paint.main)
    pen.path("M26 30Q24 25 26 22Q50 30 76 22Q78 26 76 30Z", paint.deep)
    pen.path("M12 74H88V82H84L78 96H22L16 82H12Z", accent.main)
    pen.rect(12, 74, 76, 8, accent.light)


@PLANTS.add(
    "lotus flower", "water lily", name="lotus", plural="lotus flowers", colour="#f7b", accent="#3a5",
    part="a {} lily pad", settings=("water",),
)  # fmt: skip
def draw_lotus(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An open flower with pointed petals on a floating leaf."""
    pen.ellipse(50, 80, 48, 15, accent.main)
    pen.path("M50 80L98 76Q96 64 74 68Z", accent.dark)
    pen.path("M50 82Q10 84 2 48Q30 48 50 82ZM50 82Q90 84 98 48Q70 48 50 82Z", paint.dark)
    pen.path("M50 82Q16 62 20 24Q46 40 50 82ZM50 82Q84 62 80 24Q54 40 50 82Z", paint.main)
    pen.path("M50 82Q24 50 50 10Q76 50 50 82Z", paint.light)
    pen.path("M50 82Q22 76 26 60Q44 62 50 82ZM50 82Q78 76 74 60Q56 62 50 82Z", paint.main)


@PLANTS.add(
    "bush", "berry bush", plural="bushes", colour="#384", accent="#d23", part="{} berries",
    settings=("garden", "grass", "forest"),
)  # fmt: skip
def draw_bush(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A low round shrub dotted with berries."""
    pen.path("M10 96Q-4 80 8 66Q4 46 26 46Q34 28 52 36Q72 26 78 48Q98 50 92 68Q104 84 90 96Z", paint.main)
    pen.path("M90 96Q104 84 92 68Q98 50 78 48Q84 70 62 76Q40 88 8 88L10 96Z", paint.dark)
    pen.path("M24 60Q26 52 36 50Q46 48 44 56Q36 56 32 62Q26 66 24 60Z", paint.light)
    pen.stroke("M20 76h1M40 68h1M56 50h1M66 64h1M84 62h1M54 82h1M78 82h1M34 84h1", accent.main, 9)


@PLANTS.add(
    "bouquet of flowers", "bouquet", name="bouquet", plural="bouquets of flowers", colour="#e48",
    accent="#fe9", part="a {} wrapping", settings=("table", "room"),
)  # fmt: skip
def draw_bouquet(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Round flowers with leaves in a paper cone tied with a bow."""
    pen.path("M50 56L4 40L16 26L8 12L34 20L50 2L66 20L92 12L84 26L96 40Z", _GREEN)
    pen.stroke("M26 38h1M50 22h1M74 38h1", paint.main, 28)
    pen.stroke("M38 44h1M62 44h1", paint.dark, 24)
    pen.stroke("M26 38h1M50 22h1M74 38h1M38 46h1M62 46h1", "#fd5", 8)
    pen.path("M10 48Q30 60 50 56Q70 60 90 48L56 82L66 96H34L44 82Z", accent.main)
    pen.path("M50 56Q70 60 90 48L56 82L66 96H50Z", accent.dark)
    pen.path("M50 80L32 72V90ZM50 80L68 72V90Z", paint.main)


@PLANTS.add("acorn", colour="#c84", accent="#642", part="a {} cap", settings=("forest", "grass", "plain"))
def draw_acorn(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A nut, tip down, in its cap."""
    pen.stroke("M50 20Q50 10 58 6", accent.dark, 6)
    pen.path("M18 46H82Q84 78 56 90L50 96L44 90Q16 78 18 46Z", paint.main)
    pen.path("M66 46H82Q84 78 56 90L50 96L44 90Q70 76 66 46Z", paint.dark)
    pen.path("M26 54H34Q32 68 38 76Q26 68 26 54Z", paint.light)
    pen.path("M8 42Q10 14 50 14Q90 14 92 42Q92 52 82 52H18Q8 52 8 42Z", accent.main)
    pen.stroke("M20 44L40 22M38 48L62 20M58 48L78 26M80 44L60 22M62 48L38 20M42 48L22 26", accent.dark, 2)


@PLANTS.add(
    "stalk of wheat", "ear of wheat", name="wheat", plural="stalks of wheat", colour="#db4",
    settings=("farm", "plain"),
)  # fmt: skip
def draw_wheat(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One ear with paired grains and a leaf."""
    pen.stroke("M50 94V30", paint.dark, 4)
    pen.path("M50 84Q70 82 80 56Q54 60 50 84Z", paint.dark)
    pen.path(
        "M50 28Q38 14 50 0Q62 14 50 28ZM49 40Q30 36 32 16Q48 22 49 40ZM49 56Q30 52 32 32Q48 38 49 56Z"
        "M49 72Q30 68 32 48Q48 54 49 72Z",
        paint.main,
    )
    pen.path(
        "M51 40Q70 36 68 16Q52 22 51 40ZM51 56Q70 52 68 32Q52 38 51 56ZM51 72Q70 68 68 48Q52 54 51 72Z",
        paint.dark,
    )


@PLANTS.add("fern", "fern leaf", colour="#384", settings=("forest", "garden", "grass"))
def draw_fern(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One frond with leaflets that grow shorter to the tip."""
    pen.stroke("M50 95Q46 50 58 6", paint.dark, 3)
    pen.stroke("M49 78L18 66M49 64L18 48M50 50L24 32M52 36L32 20M54 24L42 10", paint.main, 8)
    pen.stroke("M49 78L80 72M49 64L84 56M50 50L84 40M52 36L80 26M54 24L74 14", paint.dark, 8)
