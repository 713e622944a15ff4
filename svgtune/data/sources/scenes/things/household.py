"""Furniture and household things."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

FURNITURE = Catalogue("piece of furniture")
HOUSEHOLD = Catalogue("household item")


@FURNITURE.add("chair", "wooden chair", colour="#a63", accent="#c33", part="a {} cushion", settings=("room",))
def draw_chair(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A back with slats, a cushioned seat and legs."""
    pen.path("M24 6h8v90h-8zM66 6h8v90h-8z", paint.main)
    pen.path("M32 10h34v9h-34zM32 26h34v7h-34z", paint.dark)
    pen.path("M28 62l-12 34h8l12 -34zM70 62l12 34h-8l-12 -34z", paint.dark)
    pen.path("M18 58h64v8h-64z", paint.main)
    pen.path("M22 48h56q4 0 4 10h-64q0 -10 4 -10z", accent.main)


@FURNITURE.add(
    "armchair", "cozy armchair", colour="#3a7", accent="#fe2", part="a {} pillow", settings=("room",)
)
def draw_armchair(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A padded back, arms, seat and short feet."""
    pen.path("M14 88h8v8h-8zM78 88h8v8h-8z", "#532")
    pen.path("M20 70v-46q0 -14 14 -14h32q14 0 14 14v46z", paint.main)
    pen.rect(22, 58, 56, 28, paint.light)
    pen.path("M4 54q0 -8 10 -8t10 8v34h-20zM76 54q0 -8 10 -8t10 8v34h-20z", paint.dark)
    pen.path("M34 34l32 -4l4 28l-36 2z", accent.main)


@FURNITURE.add("sofa", "couch", colour="#45a", accent="#fb1", part="{} cushions", settings=("room",))
def draw_sofa(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A two-seat sofa with cushions."""
    pen.path("M10 88h6v8h-6zM84 88h6v8h-6z", "#532")
    pen.path("M12 74v-34q0 -8 8 -8h60q8 0 8 8v34z", paint.main)
    pen.path("M14 66h35v20h-35zM51 66h35v20h-35z", paint.light)
    pen.path("M2 62q0 -7 8 -7t8 7v28h-16zM82 62q0 -7 8 -7t8 7v28h-16z", paint.dark)
    pen.path("M22 44l18 -3l3 22l-20 3zM60 41l18 3l-1 22l-20 -3z", accent.main)


@FURNITURE.add("bed", "wooden bed", colour="#38c", accent="#fff", part="a {} pillow", settings=("room",))
def draw_bed(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A bed frame with a blanket and a pillow."""
    pen.path("M2 34h8v62h-8zM90 54h8v42h-8z", "#853")
    pen.rect(8, 74, 84, 12, "#642")
    pen.path("M10 64h82v14h-82z", "#eee")
    pen.path("M34 58q30 -6 58 2v22h-58z", paint.main)
    pen.path("M34 58h10v24h-10z", paint.dark)
    pen.path("M12 64q-2 -14 10 -14q12 0 12 14z", accent.main)


@FURNITURE.add(
    "table",
    "dining table",
    "wooden table",
    colour="#a74",
    accent="#eee",
    part="a {} tablecloth",
    settings=("room",),
)
def draw_table(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A table with a hanging cloth."""
    pen.path("M10 50h10v46h-10zM80 50h10v46h-10z", paint.dark)
    pen.rect(2, 41, 96, 11, paint.main)
    pen.path("M16 38h68v24l-8 8l-9 -8l-9 8l-8 -8l-9 8l-9 -8l-8 8l-8 -8z", accent.main)


@FURNITURE.add(
    "bookshelf",
    "bookcase",
    plural="bookshelves",
    colour="#853",
    accent="#d13",
    part="{} books",
    settings=("room",),
)
def draw_bookshelf(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Three shelves of books."""
    pen.rect(14, 4, 72, 92, paint.main)
    pen.path("M20 10h60v22h-60zM20 38h60v22h-60zM20 66h60v24h-60z", paint.deep)
    pen.path(
        "M22 12h7v20h-7zM31 15h6v17h-6zM56 12h8v20h-8zM26 41h8v19h-8zM60 40h7v20h-7zM69 43h7v17h-7z"
        "M22 70h6v20h-6zM42 68h8v22h-8zM66 71h7v19h-7z",
        accent.main,
    )
    pen.path(
        "M39 13h7v19h-7zM66 16h6v16h-6zM36 42h7v18h-7zM46 40h6v20h-6zM30 69h7v21h-7zM54 70h7v20h-7z", "#eda"
    )


@FURNITURE.add(
    "desk lamp",
    "lamp",
    "table lamp",
    colour="#fd6",
    accent="#456",
    part="a {} stand",
    settings=("table", "room"),
)
def draw_desk_lamp(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A shade on a stand with light below it."""
    pen.path("M24 44h52l14 52h-80z", "#ffb", opacity=0.4)
    pen.path("M46 44h8v44h-8z", accent.main)
    pen.path("M28 96q0 -10 22 -10t22 10z", accent.dark)
    pen.path("M36 8h28l16 36h-60z", paint.main)
    pen.path("M54 8h10l16 36h-18z", paint.dark)


@HOUSEHOLD.add("teapot", "tea pot", colour="#29c", accent="#fd4", part="a {} lid", settings=("table",))
def draw_teapot(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round pot with spout, handle and lid."""
    pen.stroke("M76 52q20 -6 18 12t-20 18", paint.dark, 6)
    pen.path("M28 66q-16 -4 -22 -26l8 -4q4 14 18 16z", paint.dark)
    pen.path("M20 68q0 -26 30 -26t30 26q0 26 -20 28h-20q-20 -2 -20 -28z", paint.main)
    pen.path("M66 46q14 6 14 22q0 26 -20 28h-6q16 -16 12 -50z", paint.dark)
    pen.path("M30 46q4 -14 20 -14t20 14z", accent.main)
    pen.circle(50, 28, 6, accent.dark)


@HOUSEHOLD.add("vase", "flower vase", colour="#38c", accent="#f59", part="{} flowers", settings=("table",))
def draw_vase(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A curved vase holding three flowers."""
    pen.stroke("M50 52v-34m-4 34l-16 -28m24 28l16 -28", "#384", 3)
    pen.path(
        "M50 4a10 10 0 1 1 0 20a10 10 0 1 1 0 -20zM28 14a9 9 0 1 1 0 18a9 9 0 1 1 0 -18z"
        "M72 14a9 9 0 1 1 0 18a9 9 0 1 1 0 -18z",
        accent.main,
    )
    pen.path(
        "M50 10a4 4 0 1 1 0 8a4 4 0 1 1 0 -8zM28 20a3 3 0 1 1 0 6a3 3 0 1 1 0 -6z"
        "M72 20a3 3 0 1 1 0 6a3 3 0 1 1 0 -6z",
        "#fe4",
    )
    pen.path("M38 48h24q-4 8 4 14q14 18 -6 34h-20q-20 -16 -6 -34q8 -6 4 -14z", paint.main)
    pen.path("M54 48h8q-4 8 4 14q14 18 -6 34h-10q16 -20 4 -48z", paint.dark)


@HOUSEHOLD.add(
    "candle", "burning candle", colour="#eda", accent="#b73", part="a {} holder", settings=("table",)
)
def draw_candle(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A candle with a flame on a saucer."""
    pen.circle(50, 22, 18, "#fe8", opacity=0.4)
    pen.path("M50 6q14 18 0 28q-14 -10 0 -28z", "#f93")
    pen.path("M50 16q7 10 0 17q-7 -7 0 -17z", "#fe6")
    pen.rect(36, 38, 28, 50, paint.main)
    pen.path("M36 38h28v8q-4 10 -6 2q-3 14 -7 0q-4 8 -6 -2q-5 6 -9 -2z", paint.light)
    pen.rect(56, 50, 8, 38, paint.dark)
    pen.path("M16 84h68q-4 12 -16 12h-36q-12 0 -16 -12z", accent.main)


@HOUSEHOLD.add(
    "umbrella", "open umbrella", colour="#d13", accent="#853", part="a {} handle", settings=("grass", "road")
)
def draw_umbrella(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A canopy of four panels and a hooked handle."""
    pen.stroke("M50 8v74q0 10 10 10t10 -10", accent.main, 6)
    pen.path(
        "M4 52q4 -42 46 -44q42 2 46 44q-8 -8 -16 0q-7 -8 -15 0q-7 -8 -15 0q-8 -8 -15 0q-8 -8 -15 0"
        "q-8 -8 -16 0z",
        paint.main,
    )
    pen.path("M50 8q42 2 46 44q-8 -8 -16 0q-4 -32 -30 -44zM50 8q-14 10 -15 44q7 -8 15 0z", paint.dark)


@HOUSEHOLD.add(
    "clock", "wall clock", "round clock", colour="#852", accent="#d22", part="{} hands", settings=("room",)
)
def draw_clock(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round dial with hour marks and hands."""
    pen.circle(50, 52, 43, paint.main)
    pen.circle(50, 52, 35, "#ffe")
    pen.stroke("M50 22v6m0 48v6m-30 -30h6m48 0h6", paint.dark, 4)
    pen.stroke("M50 30v22l16 10", accent.main, 7)
    pen.circle(50, 52, 4, "#222")


@HOUSEHOLD.add(
    "book", "open book", colour="#b22", accent="#fd4", part="a {} bookmark", settings=("table", "room")
)
def draw_book(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An open book with lines of text and a bookmark."""
    pen.path("M2 40q24 -10 48 2q24 -12 48 -2v52q-24 -8 -48 4q-24 -12 -48 -4z", paint.main)
    pen.path("M8 38q22 -8 42 4v48q-20 -10 -42 -4z", "#fff")
    pen.path("M92 38q-22 -8 -42 4v48q20 -10 42 -4z", "#eed")
    pen.stroke(
        "M16 50q14 -3 26 2m-26 10q14 -3 26 2m-26 10q14 -3 26 2m42 -26q-14 -3 -26 2m26 10q-14 -3 -26 2"
        "m26 10q-14 -3 -26 2",
        "#aaa",
        2,
    )
    pen.path("M72 36h10v34l-5 -6l-5 6z", accent.main)


@HOUSEHOLD.add("key", "old key", colour="#db2", accent="#d22", part="a {} ribbon", settings=("table",))
def draw_key(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A bow, a shaft and two teeth."""
    pen.stroke("M22 46q-14 24 -6 46m6 -46q14 20 8 46", accent.main, 6)
    pen.ring(24, 40, 16, paint.main, 8)
    pen.path("M42 36h52v8h-52z", paint.main)
    pen.path("M76 44h8v16h-8zM88 44h6v12h-6z", paint.dark)


@HOUSEHOLD.add(
    "gift box",
    "present",
    "wrapped gift",
    plural="gift boxes",
    colour="#83c",
    accent="#fd2",
    part="a {} ribbon",
    settings=("table", "room"),
)
def draw_gift_box(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A box with a lid, a ribbon and a bow."""
    pen.rect(14, 46, 72, 50, paint.main)
    pen.rect(10, 34, 80, 16, paint.dark)
    pen.path("M43 34h14v62h-14z", accent.main)
    pen.path("M50 34q-30 0 -28 -16q6 -14 28 16q22 -30 28 -16q2 16 -28 16z", accent.main)
    pen.circle(50, 32, 5, accent.dark)


@HOUSEHOLD.add(
    "bucket", "pail", colour="#38c", accent="#555", part="a {} handle", settings=("garden", "farm")
)
def draw_bucket(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A tapering pail with a rim and a bail."""
    pen.stroke("M16 42q34 -58 68 0", accent.main, 5)
    pen.path("M14 42h72l-10 54h-52z", paint.main)
    pen.path("M66 42h20l-10 54h-16z", paint.dark)
    pen.ellipse(50, 42, 37, 8, paint.deep)


@HOUSEHOLD.add(
    "broom", "wooden broom", colour="#db6", accent="#a63", part="a {} handle", settings=("room", "garden")
)
def draw_broom(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A long handle and a fan of bristles."""
    pen.rect(46, 2, 8, 60, accent.main)
    pen.path("M36 62q14 -10 28 0l14 34h-56z", paint.main)
    pen.path("M37 60h26l3 8h-32z", "#b33")
    pen.stroke("M42 72l-6 24m10 -24l-2 24m10 -24l2 24m2 -24l6 24", paint.dark, 2)


@HOUSEHOLD.add(
    "mirror", "hand mirror", colour="#db2", accent="#bef", part="{} glass", settings=("table", "room")
)
def draw_mirror(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An oval glass in a frame with a handle."""
    pen.path("M44 66h12l4 26q-10 8 -20 0z", paint.dark)
    pen.ellipse(50, 38, 34, 36, paint.main)
    pen.ellipse(50, 38, 26, 28, accent.main)
    pen.path("M34 46l24 -28l6 6l-24 28z", accent.light)


@HOUSEHOLD.add("frying pan", "pan", colour="#444", accent="#a52", part="a {} handle", settings=("table",))
def draw_frying_pan(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A round pan from above with a long handle."""
    pen.path("M62 56l30 -36l8 7l-30 38z", accent.main)
    pen.circle(40, 62, 34, paint.main)
    pen.circle(40, 62, 26, paint.dark)
    pen.path("M28 50q8 -10 20 -6q-14 2 -20 6z", paint.light)


@HOUSEHOLD.add(
    "television",
    "tv set",
    "old television",
    colour="#853",
    accent="#7ce",
    part="a {} screen",
    settings=("room",),
)
def draw_television(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A box set with antenna, screen and knobs."""
    pen.stroke("M50 30l-20 -24m20 24l22 -24", "#555", 3)
    pen.path("M22 86l-4 10h8l4 -10zM78 86l4 10h-8l-4 -10z", paint.deep)
    pen.rect(6, 28, 88, 60, paint.main, rx=6)
    pen.rect(13, 36, 56, 44, accent.main, rx=5)
    pen.path("M20 42h24l-20 30h-4z", accent.light)
    pen.path("M81 42a5 5 0 1 1 0 10a5 5 0 1 1 0 -10zM81 58a5 5 0 1 1 0 10a5 5 0 1 1 0 -10z", "#eda")
