"""Fruit, vegetables, dishes and drinks."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

FOODS = Catalogue("food")

_INK = "#222"
_STEM = "#642"
_GARDEN = ("table", "plate", "garden")
_PLATE = ("table", "plate")
_ROOM = ("table", "room")


@FOODS.add("apple", colour="#d22", accent="#4a3", part="a {} leaf", settings=_GARDEN)
def draw_apple(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A whole apple with stem and leaf."""
    pen.path(
        "M50 30Q66 18 82 28Q96 42 88 66Q76 96 62 96Q54 92 50 94Q46 92 38 96Q24 96 12 66Q4 42 18 28"
        "Q34 18 50 30Z",
        paint.main,
    )
    pen.path("M82 28Q96 42 88 66Q76 96 62 96Q54 92 50 94Q80 80 82 28Z", paint.dark)
    pen.path("M18 56Q14 38 30 32Q22 42 24 56Z", paint.light)
    pen.stroke("M50 32Q50 18 42 10", _STEM, 5)
    pen.path("M50 24Q52 0 88 4Q86 30 50 24Z", accent.main)


@FOODS.add("pear", colour="#bc3", accent="#384", part="a {} leaf", settings=_GARDEN)
def draw_pear(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A whole pear with stem and leaf."""
    pen.path("M50 18Q66 18 66 38Q68 48 78 58Q92 96 50 96Q8 96 22 58Q32 48 34 38Q34 18 50 18Z", paint.main)
    pen.path("M60 22Q66 26 66 38Q68 48 78 58Q92 96 50 96Q76 82 66 58Q58 44 60 22Z", paint.dark)
    pen.path("M28 72Q28 60 40 52Q36 64 36 76Z", paint.light)
    pen.stroke("M50 20Q50 12 46 6", _STEM, 5)
    pen.path("M50 18Q56 -2 86 6Q80 28 50 18Z", accent.main)


@FOODS.add("banana", colour="#fd2", settings=_PLATE)
def draw_banana(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One banana, curved upwards."""
    pen.path("M76 14L84 10L90 30Q98 84 42 92Q16 94 6 80L8 72Q40 76 62 56Q76 42 76 14Z", paint.main)
    pen.path("M86 24L90 30Q98 84 42 92Q16 94 6 80L7 76Q46 86 70 64Q84 50 86 24Z", paint.dark)
    pen.path("M74 16L73 6L82 4L86 16Z", _STEM)
    pen.path("M8 72L4 76L6 82L12 82Z", _INK)


@FOODS.add(
    "pair of cherries", "bunch of cherries", name="cherries", plural="pairs of cherries", colour="#d13",
    accent="#4a3", part="{} leaves", settings=_PLATE,
)  # fmt: skip
def draw_cherries(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two cherries on stems that meet under leaves."""
    pen.stroke("M28 58Q34 30 58 12Q66 34 70 64", _STEM, 3)
    pen.path("M56 14Q68 -4 94 12Q82 34 56 14ZM56 14Q40 -2 18 14Q34 34 56 14Z", accent.main)
    pen.circle(27, 73, 22, paint.main)
    pen.circle(72, 75, 21, paint.dark)
    pen.path("M26 58Q32 52 38 58Q30 62 26 58ZM70 62Q76 56 82 62Q74 66 70 62Z", paint.deep)
    pen.circle(19, 68, 5, paint.light)
    pen.circle(64, 72, 4, paint.light)


@FOODS.add(
    "strawberry", plural="strawberries", colour="#e23", accent="#4a3", part="{} leaves", settings=_GARDEN
)
def draw_strawberry(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One strawberry, tip down, with seeds."""
    pen.path("M50 22Q92 10 90 42Q84 72 50 96Q16 72 10 42Q8 10 50 22Z", paint.main)
    pen.path("M78 18Q92 24 90 42Q84 72 50 96Q76 60 78 18Z", paint.dark)
    pen.stroke("M24 46v3M40 44v3M58 44v3M74 46v3M32 60v3M50 60v3M66 60v3M42 76v3M58 76v3", "#fe9", 3)
    pen.path("M50 18L76 6L74 20L92 28L68 34L50 46L32 34L8 28L26 20L24 6Z", accent.main)
    pen.stroke("M50 20V6", accent.dark, 5)


@FOODS.add(
    "watermelon slice", "slice of watermelon", plural="watermelon slices", colour="#f45", accent="#2a4",
    part="a {} rind", settings=_PLATE,
)  # fmt: skip
def draw_watermelon_slice(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A half-round slice, rind down."""
    pen.path("M2 38Q4 96 50 96Q96 96 98 38Z", accent.main)
    pen.path("M12 38Q14 84 50 84Q86 84 88 38Z", "#efc")
    pen.path("M16 38Q18 80 50 80Q82 80 84 38Z", paint.main)
    pen.path("M70 38H84Q82 80 50 80Q72 70 70 38Z", paint.dark)
    pen.stroke("M30 48v4M50 48v4M70 48v4M40 62v4M60 62v4", _INK, 4)


@FOODS.add("lemon", colour="#fe3", accent="#4a3", part="a {} leaf", settings=_GARDEN)
def draw_lemon(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A whole lemon lying on its side, with a leaf."""
    pen.path("M14 62Q26 32 56 34Q78 36 86 54L97 64L86 76Q74 96 50 96Q26 96 14 74L4 68Z", paint.main)
    pen.path("M86 54L97 64L86 76Q74 96 50 96Q26 96 14 74Q66 92 86 54Z", paint.dark)
    pen.stroke("M28 58Q34 46 46 44", paint.light, 5)
    pen.path("M40 36Q40 10 72 8Q74 34 40 36Z", accent.main)
    pen.stroke("M40 36L60 18", accent.dark, 2)


@FOODS.add(
    "orange fruit", "tangerine", name="orange", plural="oranges", colour="#f80", accent="#4a3",
    part="a {} leaf", settings=_GARDEN,
)  # fmt: skip
def draw_orange(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A whole orange with a leaf, and a half with its segments in front."""
    pen.circle(42, 52, 38, paint.main)
    pen.path("M42 18Q42 -2 78 2Q78 28 42 18Z", accent.main)
    pen.stroke("M14 46Q18 30 32 24", paint.light, 5)
    pen.circle(69, 68, 28, paint.dark)
    pen.circle(69, 68, 24, "#fed")
    pen.path(
        "M69 66L58 48Q69 42 80 48ZM67 67L56 50Q46 56 47 67ZM71 67L82 50Q92 56 91 67ZM67 69H47Q46 80 56 86Z"
        "M71 69H91Q92 80 82 86ZM69 71L58 88Q69 94 80 88Z",
        paint.main,
    )


@FOODS.add(
    "bunch of grapes", name="grapes", plural="bunches of grapes", colour="#73a", accent="#4a3",
    part="a {} leaf", settings=_GARDEN,
)  # fmt: skip
def draw_grapes(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A hanging bunch of round grapes under a leaf."""
    pen.stroke("M26 36h1M48 36h1M70 36h1M37 54h1M59 54h1M49 70h1M48 84h1M48 48h1", paint.dark, 21)
    pen.stroke("M20 46h1M76 46h1M36 40h1M58 40h1M30 62h1M48 58h1M66 62h1M40 76h1M57 76h1", paint.main, 19)
    pen.stroke("M33 37h1M55 37h1M17 43h1M73 43h1M27 59h1M45 55h1M63 59h1", paint.light, 5)
    pen.stroke("M50 28V6H58", _STEM, 5)
    pen.path("M50 20Q40 34 30 26L12 30L18 18L10 6Q40 0 50 20Z", accent.main)


@FOODS.add("pineapple", colour="#eb2", accent="#384", part="{} leaves", settings=_GARDEN)
def draw_pineapple(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A whole pineapple with cross-hatched skin and a crown of leaves."""
    pen.path(
        "M50 42Q30 34 16 16Q30 16 38 22Q34 10 38 0Q46 6 50 14Q54 6 62 0Q66 10 62 22Q70 16 84 16Q70 34 50 42Z",
        accent.main,
    )
    pen.path("M50 42L38 22L50 10L62 22Z", accent.dark)
    pen.ellipse(50, 66, 27, 30, paint.main)
    pen.path("M62 39Q77 48 77 66Q76 94 50 96Q70 76 62 39Z", paint.dark)
    pen.stroke("M34 44L74 80M26 56L64 90M50 38L77 62M66 44L26 80M74 56L36 90M50 38L23 62", paint.deep, 2)


@FOODS.add("carrot", colour="#f72", accent="#4a3", part="{} leaves", settings=_GARDEN)
def draw_carrot(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One carrot, tip down, leaves up."""
    pen.stroke("M50 34L30 8M50 34V4M50 34L70 8M50 34L16 22M50 34L84 22", accent.main, 8)
    pen.path("M30 38Q32 28 50 30Q68 28 70 38Q70 60 52 95Q50 98 48 95Q30 60 30 38Z", paint.main)
    pen.path("M62 30Q70 32 70 38Q70 60 52 95Q50 98 48 95Q64 62 62 30Z", paint.dark)
    pen.stroke("M32 46H44M34 60H42M56 52H66M54 70H61", paint.deep, 2)


@FOODS.add(
    "mushroom", "toadstool", colour="#d22", accent="#fff", part="{} spots", settings=("forest", "grass")
)
def draw_mushroom(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A domed cap with round spots on a thick stem."""
    pen.path("M38 50H62Q62 78 70 96H30Q38 78 38 50Z", "#fed")
    pen.path("M54 56H62Q62 78 70 96H52Z", "#dcb")
    pen.path("M4 56Q6 6 50 6Q94 6 96 56Q74 66 50 64Q26 66 4 56Z", paint.main)
    pen.path("M4 56Q50 50 96 56Q74 66 50 64Q26 66 4 56Z", paint.dark)
    pen.circle(50, 22, 10, accent.main)
    pen.circle(24, 38, 8, accent.main)
    pen.circle(74, 36, 9, accent.main)
    pen.ellipse(48, 45, 6, 4, accent.main)


@FOODS.add(
    "pumpkin", colour="#f71", accent="#583", part="a {} stem", settings=("farm", "garden", "table", "grass")
)
def draw_pumpkin(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A ribbed pumpkin with a thick bent stem and a leaf."""
    pen.path("M42 34Q44 16 34 8L48 4Q58 16 58 34Z", accent.main)
    pen.path("M54 30Q60 14 84 16Q88 34 54 30Z", accent.dark)
    pen.ellipse(26, 64, 24, 31, paint.dark)
    pen.ellipse(74, 64, 24, 31, paint.dark)
    pen.ellipse(36, 63, 20, 33, paint.main)
    pen.ellipse(64, 63, 20, 33, paint.main)
    pen.ellipse(50, 63, 13, 33, paint.dark)
    pen.ellipse(50, 63, 11, 33, paint.main)
    pen.stroke("M26 42Q18 52 20 68", paint.light, 3)


@FOODS.add(
    "cupcake", "muffin", colour="#5bc", accent="#f9c", part="{} frosting", settings=("table", "plate", "room")
)
def draw_cupcake(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A pleated case, swirled frosting and a cherry."""
    pen.path("M14 54H86L76 96H24Z", paint.main)
    pen.path("M24 54H34L38 96H31ZM44 54H56V96H46ZM66 54H76L69 96H62Z", paint.dark)
    pen.path("M14 58Q2 46 18 40Q16 28 30 28Q34 12 50 12Q66 12 70 28Q84 28 82 40Q98 46 86 58Z", accent.main)
    pen.stroke("M22 46Q54 50 80 38M34 32Q52 36 66 26", accent.dark, 3)
    pen.circle(50, 11, 8, "#d12")


@FOODS.add("cake", "birthday cake", colour="#fc8", accent="#f7a", part="{} frosting", settings=_ROOM)
def draw_cake(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round cake with dripping frosting and three candles."""
    pen.stroke("M32 40V22M50 38V20M68 40V22", "#5ad", 5)
    pen.path("M32 8q6 8 0 12q-6 -4 0 -12M50 6q6 8 0 12q-6 -4 0 -12M68 8q6 8 0 12q-6 -4 0 -12", "#fb2")
    pen.rect(4, 90, 92, 6, "#bbc", rx=3)
    pen.path("M12 46V90H88V46Z", paint.main)
    pen.rect(12, 72, 76, 6, paint.dark)
    pen.path(
        "M12 44Q12 36 24 36H76Q88 36 88 44V56Q82 66 76 56Q70 50 64 58Q57 70 50 58Q44 50 38 58Q31 68 25 58"
        "Q18 60 12 56Z",
        accent.main,
    )
    pen.path("M12 44Q12 36 24 36H76Q88 36 88 44Q50 52 12 44Z", accent.light)


@FOODS.add("donut", "doughnut", colour="#f8b", accent="#fff", part="{} sprinkles", settings=_PLATE)
def draw_donut(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A glazed ring seen from the front, with sprinkles."""
    pen.ring(50, 50, 30, "#c84", 32)
    pen.path(
        "M50 8Q90 8 91 46Q92 62 80 66Q78 84 62 82Q54 92 42 84Q24 90 20 70Q6 64 9 46Q10 8 50 8Z"
        "M50 34A16 16 0 0 0 50 66A16 16 0 0 0 50 34Z",
        paint.main,
    )
    pen.stroke("M18 40Q24 20 44 16", paint.light, 4)
    pen.stroke(
        "M30 32l6 -4M52 20h7M70 30l5 6M78 52v7M66 70l-6 5M44 76h-7M24 66l-3 -6M20 46l6 4", accent.main, 7
    )


@FOODS.add(
    "slice of pizza", "pizza slice", name="pizza slice", plural="slices of pizza", colour="#fc4",
    accent="#c32", part="{} pepperoni", settings=_PLATE,
)  # fmt: skip
def draw_pizza_slice(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One slice, tip down, crust up, cheese dripping."""
    pen.path("M8 26L50 96L92 26Q50 8 8 26Z", paint.main)
    pen.path("M72 18L50 96L92 26Z", paint.dark)
    pen.path("M4 30Q2 14 12 12Q50 -4 88 12Q98 14 96 30Q50 12 4 30Z", "#b62")
    pen.circle(34, 36, 9, accent.main)
    pen.circle(64, 38, 9, accent.main)
    pen.circle(48, 62, 9, accent.main)
    pen.stroke("M50 40l4 5M44 78l6 2M24 32l-4 4M74 50l-5 3", "#373", 4)


@FOODS.add(
    "ice cream cone", "ice cream", colour="#f9c", accent="#d94", part="a {} cone", settings=("plain", "road")
)
def draw_ice_cream_cone(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A big scoop with drips on a waffle cone."""
    pen.path("M24 46H76L52 95Q50 98 48 95Z", accent.main)
    pen.stroke("M34 50L60 76M52 50L66 64M66 50L40 76M48 50L33 64", accent.dark, 2)
    pen.path(
        "M20 44Q12 4 50 4Q88 4 80 44Q84 56 74 54Q68 50 64 56Q58 64 52 56Q46 50 42 56Q34 60 32 54"
        "Q16 58 20 44Z",
        paint.main,
    )
    pen.path("M62 6Q84 14 80 44Q84 56 74 54Q68 50 64 56Q72 30 62 6Z", paint.dark)
    pen.path("M30 32Q30 16 44 12Q36 20 36 34Z", paint.light)


@FOODS.add(
    "popsicle", "ice lolly", colour="#e35", accent="#fd4", part="a {} stripe", settings=("plain", "room")
)
def draw_popsicle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Frozen juice on a wooden stick, with a bite out of the corner."""
    pen.rect(44, 68, 12, 28, "#db8", rx=5)
    pen.path("M26 74V26Q28 2 50 2Q58 2 62 6Q58 16 68 18Q66 28 74 28V74Z", paint.main)
    pen.path("M26 40H74V58H26Z", accent.main)
    pen.path("M64 24Q68 30 74 28V74H64Z", paint.deep, opacity=0.4)
    pen.stroke("M38 18V64", paint.light, 5)


@FOODS.add(
    "burger", "hamburger", "cheeseburger", colour="#d93", accent="#5b3", part="{} lettuce", settings=_PLATE
)
def draw_burger(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A sesame bun with lettuce, cheese and a patty."""
    pen.path("M10 78H90Q92 96 76 96H24Q8 96 10 78Z", paint.dark)
    pen.rect(7, 66, 86, 14, "#631", rx=6)
    pen.path("M12 60H88L74 66L66 76L54 66H12Z", "#fc2")
    pen.path("M4 52H96Q96 68 84 60Q74 70 64 60Q54 70 44 60Q34 70 24 60Q6 70 4 52Z", accent.main)
    pen.path("M8 52Q6 12 50 12Q94 12 92 52Z", paint.main)
    pen.stroke("M30 32l4 -2M48 24h4M66 30l4 2M40 40h4M58 40h4", "#fec", 4)


@FOODS.add(
    "wedge of cheese", "piece of cheese", name="cheese", plural="wedges of cheese", colour="#fc3",
    settings=_PLATE,
)  # fmt: skip
def draw_cheese(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A wedge with round holes."""
    pen.path("M4 50L64 20Q96 28 96 50Z", paint.light)
    pen.path("M4 50H96V96H4Z", paint.main)
    pen.circle(26, 74, 10, paint.dark)
    pen.circle(58, 64, 7, paint.dark)
    pen.path("M96 62Q80 64 80 76Q80 88 96 90Z", paint.dark)
    pen.path("M40 96Q42 84 50 84Q60 86 60 96Z", paint.dark)
    pen.ellipse(66, 38, 11, 5, paint.main)


@FOODS.add(
    "loaf of bread", "bread loaf", name="bread loaf", plural="loaves of bread", colour="#c83", settings=_PLATE
)
def draw_bread_loaf(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A rounded loaf with three slashes."""
    pen.path("M4 66Q4 34 50 34Q96 34 96 66Q98 96 82 96H18Q2 96 4 66Z", paint.main)
    pen.path("M4 78Q50 92 96 78Q94 96 82 96H18Q4 96 4 78Z", paint.dark)
    pen.path(
        "M20 72Q22 48 36 42Q36 60 28 74ZM44 72Q46 46 60 40Q60 60 52 74ZM68 72Q70 48 82 46Q84 62 76 74Z",
        paint.light,
    )
    pen.stroke("M14 58Q18 48 26 44", paint.light, 3)


@FOODS.add("egg", "boiled egg", colour="#fec", accent="#38b", part="a {} egg cup", settings=_PLATE)
def draw_egg(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A whole egg standing in an egg cup."""
    pen.path("M50 4Q68 4 76 38Q82 72 50 72Q18 72 24 38Q32 4 50 4Z", paint.main)
    pen.path("M56 6Q70 12 76 38Q80 60 66 68Q72 36 56 6Z", paint.dark)
    pen.path("M34 38Q36 22 44 16Q40 28 40 40Z", "#fff")
    pen.path("M18 52H82Q80 78 56 80V88H70V96H30V88H44V80Q20 78 18 52Z", accent.main)
    pen.path("M66 52H82Q80 78 56 80V88H70V96H54V80Q66 74 66 52Z", accent.dark)


@FOODS.add(
    "coffee mug", "mug", "cup of coffee", name="coffee cup", colour="#d43", accent="#fff", part="a {} stripe",
    settings=_ROOM,
)  # fmt: skip
def draw_coffee_cup(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A straight mug with a broad stripe, coffee and steam."""
    pen.stroke("M30 28Q24 20 30 14Q36 8 30 2M54 28Q48 20 54 14Q60 8 54 2", "#bbc", 4)
    pen.ring(76, 62, 14, paint.dark, 7)
    pen.path("M10 38H76V84Q76 96 64 96H22Q10 96 10 84Z", paint.main)
    pen.rect(10, 58, 66, 18, accent.main)
    pen.path("M62 38H76V84Q76 96 64 96H54Q62 90 62 80Z", paint.deep, opacity=0.4)
    pen.ellipse(43, 38, 33, 7, paint.light)
    pen.ellipse(43, 39, 28, 5, "#421")


@FOODS.add("teacup", "cup of tea", colour="#fff", accent="#e79", part="a {} saucer", settings=_ROOM)
def draw_teacup(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round cup on a saucer, tea inside, with a curled handle."""
    pen.stroke("M44 30Q38 22 44 16Q50 10 44 4", "#bbc", 4)
    pen.path("M4 82H96Q92 96 72 96H28Q8 96 4 82Z", accent.main)
    pen.path("M4 82H96V86H5Z", accent.light)
    pen.stroke("M76 50Q96 44 92 60Q88 70 70 70", paint.dark, 5)
    pen.path("M14 40H78Q78 72 60 84H32Q14 72 14 40Z", paint.main)
    pen.path("M66 40H78Q78 72 60 84H48Q66 70 66 40Z", paint.dark)
    pen.ellipse(46, 40, 32, 7, paint.light)
    pen.ellipse(46, 41, 27, 5, "#b62")


@FOODS.add("milk bottle", "bottle of milk", colour="#fff", accent="#27c", part="a {} cap", settings=_ROOM)
def draw_milk_bottle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A glass bottle of milk with a broad cap and label."""
    pen.path(
        "M38 14H62V32Q64 40 72 48Q76 54 76 62V88Q76 96 68 96H32Q24 96 24 88V62Q24 54 28 48Q36 40 38 32Z",
        paint.main,
    )
    pen.path("M54 14H62V32Q64 40 72 48Q76 54 76 62V88Q76 96 68 96H58Q66 92 66 84V60Q54 44 54 14Z", paint.dark)
    pen.rect(33, 3, 34, 17, accent.main, rx=4)
    pen.rect(24, 62, 52, 20, accent.main)
    pen.path("M50 64Q58 72 50 80Q42 72 50 64Z", "#fff")


@FOODS.add("wine glass", "glass of wine", colour="#bde", accent="#913", part="{} wine", settings=_ROOM)
def draw_wine_glass(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A stemmed glass half full."""
    pen.path("M26 4H74Q86 54 56 60H44Q14 54 26 4Z", paint.main)
    pen.path("M23 24H77Q78 54 56 57H44Q22 54 23 24Z", accent.main)
    pen.ellipse(50, 24, 27, 4, accent.light)
    pen.path("M46 59H54V88Q72 90 76 96H24Q28 90 46 88Z", paint.main)
    pen.path("M50 59H54V88Q72 90 76 96H50Z", paint.dark)
    pen.stroke("M30 12Q28 32 34 44", "#fff", 3)


@FOODS.add(
    "piece of sushi", "sushi roll", name="sushi", plural="pieces of sushi", colour="#f75", accent="#243",
    part="a {} band", settings=_PLATE,
)  # fmt: skip
def draw_sushi(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A slice of fish on rice, tied with a band of seaweed."""
    pen.path("M12 62H88Q96 68 94 84Q92 96 82 96H18Q8 96 6 84Q4 68 12 62Z", "#fff")
    pen.stroke("M18 84h5M26 74h4M72 86h4M80 74h5M66 76h3M30 88h4", "#ccd", 3)
    pen.path("M4 68Q6 36 40 34H74Q98 40 97 64Q92 74 80 68Q50 60 22 70Q8 76 4 68Z", paint.main)
    pen.stroke("M22 44L16 62M34 40L30 58M70 40L74 56M82 44L88 60", paint.light, 3)
    pen.path("M40 33H62V96H40Z", accent.main)
    pen.path("M56 33H62V96H56Z", accent.light)


@FOODS.add("lollipop", colour="#f5a", accent="#fff", part="a {} swirl", settings=("plain", "room"))
def draw_lollipop(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round sweet with a spiral on a stick."""
    pen.stroke("M50 66V94", "#ccb", 5)
    pen.circle(50, 36, 33, paint.main)
    pen.stroke(
        "M76 36Q76 62 50 62Q24 60 24 36Q26 14 48 14Q66 16 66 34Q64 50 50 50Q38 48 38 36Q42 26 52 30",
        accent.main,
        6,
    )
    pen.stroke("M24 26Q30 12 42 9", paint.light, 3)


@FOODS.add("avocado", "avocado half", colour="#583", accent="#742", part="a {} pit", settings=_PLATE)
def draw_avocado(pen: Pen, paint: Paint, accent: Paint) -> None:
    """One half with its stone."""
    pen.path("M50 4Q68 6 72 30Q90 52 86 72Q80 96 50 96Q20 96 14 72Q10 52 28 30Q32 6 50 4Z", paint.main)
    pen.path("M50 12Q62 14 65 34Q80 54 77 70Q72 88 50 88Q28 88 23 70Q20 54 35 34Q38 14 50 12Z", paint.light)
    pen.circle(50, 65, 19, accent.main)
    pen.path("M38 62Q40 52 50 50Q44 56 44 64Z", accent.light)


@FOODS.add("tomato", plural="tomatoes", colour="#e32", accent="#4a3", part="{} leaves", settings=_GARDEN)
def draw_tomato(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A flat round tomato with a star of leaves."""
    pen.path("M50 28Q94 20 96 58Q94 96 50 96Q6 96 4 58Q6 20 50 28Z", paint.main)
    pen.path("M82 30Q96 38 96 58Q94 96 50 96Q88 84 82 30Z", paint.dark)
    pen.path("M14 58Q14 44 24 38Q20 48 22 60Z", paint.light)
    pen.path("M46 12L54 10L56 24L76 18L68 32L82 44L60 42L50 54L40 42L18 44L32 32L24 18L46 24Z", accent.main)


@FOODS.add("eggplant", "aubergine", colour="#639", accent="#5a3", part="a {} stem", settings=_GARDEN)
def draw_eggplant(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Hangs aslant, wide end down to the left."""
    pen.path("M56 26L78 42Q76 58 64 74Q44 100 20 92Q0 80 12 56Q22 40 40 38Q50 34 56 26Z", paint.main)
    pen.path("M72 38L78 42Q76 58 64 74Q44 100 20 92Q12 88 10 80Q54 88 72 38Z", paint.dark)
    pen.stroke("M22 66Q26 54 38 50", paint.light, 5)
    pen.path("M62 24L78 4L90 10L82 28L86 52L74 46L70 56L62 40L48 42L52 32L40 28Z", accent.main)


@FOODS.add(
    "ear of corn", "corn cob", name="corn", plural="ears of corn", colour="#fd3", accent="#5a3",
    part="{} leaves", settings=("table", "farm", "plate"),
)  # fmt: skip
def draw_corn(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A cob with rows of kernels between two leaves."""
    pen.path("M30 80Q28 4 50 4Q72 4 70 80Z", paint.main)
    pen.stroke("M42 14V80M50 6V80M58 14V80M33 32H67M31 46H69M31 60H69M36 19H64", paint.dark, 2)
    pen.path("M50 96Q8 88 20 36Q42 50 50 88Q58 50 80 36Q92 88 50 96Z", accent.main)
    pen.path("M50 96Q58 50 80 36Q92 88 50 96Z", accent.dark)


@FOODS.add("cookie", "biscuit", colour="#da6", accent="#531", part="{} chips", settings=_PLATE)
def draw_cookie(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round cookie with chips and a bite out of it."""
    pen.path(
        "M50 6Q62 6 66 8Q64 20 76 22Q78 36 92 36Q98 60 82 80Q66 98 40 94Q10 90 6 56Q6 10 50 6Z", paint.dark
    )
    pen.path(
        "M50 6Q62 6 66 8Q64 20 76 22Q78 36 92 36Q96 56 82 74Q66 90 42 88Q14 84 8 52Q8 10 50 6Z", paint.main
    )
    pen.stroke("M34 28h2M56 38h2M24 52h2M44 60h2M70 54h2M36 76h2M62 74h2M52 20h1", accent.main, 11)


@FOODS.add("hot dog", colour="#da5", accent="#c43", part="a {} sausage", settings=_PLATE)
def draw_hot_dog(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A sausage in a bun with a wave of mustard."""
    pen.path("M10 66Q8 42 30 42H70Q92 42 90 66Z", paint.dark)
    pen.stroke("M12 62H88", accent.main, 20)
    pen.stroke("M12 57Q20 47 28 57Q36 67 44 57Q52 47 60 57Q68 67 76 57Q82 49 88 55", "#fd2", 4)
    pen.path("M6 70Q50 64 94 70Q96 96 76 96H24Q4 96 6 70Z", paint.main)
    pen.stroke("M18 78Q50 72 80 78", paint.light, 4)


@FOODS.add(
    "bowl of soup", "soup bowl", name="soup", plural="bowls of soup", colour="#38b", accent="#f93",
    part="{} soup", settings=_ROOM,
)  # fmt: skip
def draw_soup(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A bowl seen a little from above, with steam and a spoon."""
    pen.stroke("M36 30Q30 22 36 16Q42 10 36 4M56 30Q50 22 56 16Q62 10 56 4", "#bbc", 4)
    pen.path("M4 52H96Q92 84 66 90V96H34V90Q8 84 4 52Z", paint.main)
    pen.path("M78 52H96Q92 84 66 90V96H50V90Q76 80 78 52Z", paint.dark)
    pen.ellipse(50, 52, 46, 16, paint.light)
    pen.ellipse(50, 52, 40, 12, accent.main)
    pen.stroke("M32 50h3M48 56h3M60 48h3", "#4a3", 4)
    pen.stroke("M72 54L92 24", "#99a", 5)


@FOODS.add(
    "honey jar", "jar of honey", name="honey jar", plural="honey jars", colour="#fb2", accent="#a52",
    part="a {} lid", settings=_ROOM,
)  # fmt: skip
def draw_honey_jar(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round jar with a broad lid and a label with a bee-striped drop."""
    pen.path("M26 24H74Q90 34 90 56V82Q90 96 76 96H24Q10 96 10 82V56Q10 34 26 24Z", paint.main)
    pen.path("M68 24H74Q90 34 90 56V82Q90 96 76 96H64Q76 92 76 80V52Q76 34 68 24Z", paint.dark)
    pen.rect(20, 6, 60, 20, accent.main, rx=4)
    pen.rect(20, 18, 60, 5, accent.dark)
    pen.rect(22, 48, 46, 34, "#ffe", rx=4)
    pen.path("M45 52Q58 66 54 74Q45 82 36 74Q32 66 45 52Z", "#f90")
