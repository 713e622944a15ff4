"""Tools, musical instruments, toys and sports gear, and a few things that people wear or carry."""

from __future__ import annotations

from svgtune.data.sources.scenes.palette import Paint
from svgtune.data.sources.scenes.pen import Pen
from svgtune.data.sources.scenes.subject import Catalogue

TOOLS = Catalogue("tool")
INSTRUMENTS = Catalogue("musical instrument")
TOYS = Catalogue("toy")


@TOOLS.add("hammer", "claw hammer", colour="#889", accent="#a63", part="a {} handle", settings=("table",))
def draw_hammer(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A head with face and claw on a wooden handle."""
    pen.rect(44, 30, 12, 66, accent.main, rx=3)
    pen.rect(51, 36, 5, 58, accent.dark)
    pen.path("M18 10h40q20 0 30 20q-16 -8 -28 -4v10h-22v-8h-20z", paint.main)
    pen.path("M18 10h8v18h-8zM38 30h22v6h-22z", paint.dark)


@TOOLS.add("axe", "hatchet", colour="#99a", accent="#a63", part="a {} handle", settings=("forest", "table"))
def draw_axe(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A flared blade on a handle."""
    pen.path("M52 8h10l-4 88h-10z", accent.main)
    pen.path("M66 14h-18q-14 8 -34 2q-4 20 2 40q16 -10 32 -10h18z", paint.main)
    pen.path("M14 16q-4 20 2 40l6 -4q-4 -18 -2 -36z", paint.light)


@TOOLS.add("saw", "hand saw", colour="#bbc", accent="#c52", part="a {} handle", settings=("table",))
def draw_saw(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A toothed blade and a handle with a grip hole."""
    pen.path(
        "M34 44l62 22v8h-6l-4 -4l-3 4l-4 -4l-3 4l-4 -4l-3 4l-4 -4l-3 4l-4 -4l-3 4l-4 -4l-3 4l-4 -4l-10 4z",
        paint.main,
    )
    pen.path("M34 44l62 22v3l-62 -19z", paint.light)
    pen.path(
        "M6 50q4 -14 20 -12l12 6v30l-14 10q-14 4 -18 -8zM16 54v18q8 4 12 -2v-14q-6 -8 -12 -2z", accent.main
    )


@TOOLS.add(
    "pair of scissors",
    plural="pairs of scissors",
    colour="#aab",
    accent="#d33",
    part="{} handles",
    settings=("table",),
    name="scissors",
)
def draw_scissors(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two crossed blades and two finger rings."""
    pen.path("M28 4q-4 14 22 56l8 -4q-14 -40 -30 -52z", paint.main)
    pen.path("M72 4q4 14 -22 56l-8 -4q14 -40 30 -52z", paint.dark)
    pen.stroke("M46 56q-8 12 -14 12", accent.main, 6)
    pen.stroke("M54 56q8 12 14 12", accent.main, 6)
    pen.ring(28, 80, 12, accent.main, 6)
    pen.ring(72, 80, 12, accent.main, 6)
    pen.circle(50, 54, 4, "#444")


@TOOLS.add(
    "wrench",
    "spanner",
    plural="wrenches",
    colour="#89a",
    accent="#d22",
    part="a {} grip",
    settings=("table",),
)
def draw_wrench(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An open jaw on a gripped shaft."""
    pen.path(
        "M34 6v18l16 10l16 -10v-18q18 12 8 32q-6 10 -14 12v30h-20v-30q-8 -2 -14 -12q-10 -20 8 -32z",
        paint.main,
    )
    pen.rect(38, 56, 24, 40, accent.main, rx=8)
    pen.rect(54, 60, 6, 32, accent.dark)


@TOOLS.add("shovel", "spade", colour="#89a", accent="#a63", part="a {} handle", settings=("garden", "farm"))
def draw_shovel(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A blade below a shaft with a grip."""
    pen.path("M34 4h32v8h-12v46h-8v-46h-12z", accent.main)
    pen.path("M28 54h44v20q-4 18 -22 24q-18 -6 -22 -24z", paint.main)
    pen.path("M52 54h20v20q-4 18 -20 24z", paint.dark)


@TOOLS.add(
    "ladder", "wooden ladder", colour="#b73", accent="#eda", part="{} rungs", settings=("garden", "room")
)
def draw_ladder(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two rails and six rungs."""
    pen.path("M30 16h40v8h-40zM29 32h42v8h-42zM28 48h44v8h-44zM27 64h46v8h-46zM26 80h48v8h-48z", accent.main)
    pen.path("M26 2h8l-6 94h-8z", paint.main)
    pen.path("M66 2h8l6 94h-8z", paint.dark)


@TOOLS.add("watering can", colour="#2a8", accent="#fd2", part="a {} spout", settings=("garden",))
def draw_watering_can(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A can with a long spout and a handle."""
    pen.stroke("M66 48q30 -30 30 6t-18 34", paint.dark, 6)
    pen.path("M38 74l-26 -32l-8 4l-2 -10l18 -10l6 8l-6 4l22 24z", accent.main)
    pen.path("M34 46h42l6 50h-52z", paint.main)
    pen.path("M62 46h14l6 50h-14z", paint.dark)
    pen.ellipse(55, 46, 21, 6, paint.deep)


@TOOLS.add(
    "anchor", "ship's anchor", colour="#456", accent="#db6", part="a {} rope", settings=("underwater",)
)
def draw_anchor(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A shank with a stock, a ring and two flukes."""
    pen.ring(50, 14, 9, paint.main, 5)
    pen.stroke("M30 32h40M50 22v66M14 60q4 28 36 28t36 -28", paint.main, 9, round_cap=False)
    pen.path("M4 68l10 -20l14 16zM96 68l-10 -20l-14 16z", paint.main)
    pen.stroke("M52 8q34 6 20 30t-22 14q-20 14 -18 40", accent.main, 4)


@TOOLS.add("camera", "photo camera", colour="#444", accent="#bbc", part="a {} lens", settings=("table",))
def draw_camera(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A body with a viewfinder hump, a lens and a shutter button."""
    pen.path("M30 36l6 -14h28l6 14zM14 30h12v6h-12z", paint.dark)
    pen.rect(4, 34, 92, 62, paint.main, rx=8)
    pen.rect(4, 46, 92, 8, paint.light)
    pen.circle(50, 66, 26, accent.main)
    pen.circle(50, 66, 18, "#235")
    pen.circle(44, 60, 6, "#8ce")
    pen.rect(76, 38, 12, 6, "#fe8")


@TOOLS.add("telescope", colour="#852", accent="#db2", part="{} rings", settings=("grass",))
def draw_telescope(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A tube on a tripod, pointing up to the right."""
    pen.stroke("M50 58l-20 38m20 -38l20 38m-20 -38v38", "#555", 4)
    pen.path("M14 62l58 -42l14 20l-64 34z", paint.main)
    pen.path("M18 68l62 -38l6 10l-64 34z", paint.dark)
    pen.path("M66 24l12 -9l14 22l-13 7zM36 46l8 -6l12 18l-9 5zM8 60l8 -6l10 17l-9 5z", accent.main)


@INSTRUMENTS.add(
    "guitar", "acoustic guitar", colour="#c73", accent="#532", part="a {} neck", settings=("room",)
)
def draw_guitar(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A waisted body with a sound hole and a neck."""
    pen.path("M44 2h12v10h-2v44h-8v-44h-2z", accent.main)
    pen.path("M50 40q20 -2 18 14q-2 8 4 14q10 28 -22 28t-22 -28q6 -6 4 -14q-2 -16 18 -14z", paint.main)
    pen.path("M58 41q12 2 10 13q-2 8 4 14q10 28 -22 28q24 -12 14 -30q-6 -8 -6 -25z", paint.dark)
    pen.circle(50, 64, 8, "#321")
    pen.rect(40, 82, 20, 4, accent.dark)
    pen.stroke("M48 10v72m4 -72v72", "#eee", 0.5)


@INSTRUMENTS.add("violin", colour="#a52", accent="#222", part="a {} fingerboard", settings=("room",))
def draw_violin(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A narrow-waisted body with f-holes, neck and scroll."""
    pen.path(
        "M50 30q18 0 18 14q0 6 -6 10q0 6 6 10q4 6 4 12q0 20 -22 20t-22 -20q0 -6 4 -12q6 -4 6 -10"
        "q-6 -4 -6 -10q0 -14 18 -14z",
        paint.main,
    )
    pen.path(
        "M58 31q10 3 10 13q0 6 -6 10q0 6 6 10q4 6 4 12q0 20 -22 20q18 -8 14 -22q-8 -20 -6 -43z", paint.dark
    )
    pen.path("M46 12h8v50h-8z", accent.main)
    pen.circle(50, 9, 7, paint.deep)
    pen.stroke("M38 62q4 6 -2 14m26 -14q-4 6 2 14", "#321", 2)
    pen.rect(42, 74, 16, 4, "#edc")


@INSTRUMENTS.add("drum", "snare drum", colour="#d22", accent="#fd4", part="{} rims", settings=("room",))
def draw_drum(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A shell with lacing, rims, a skin and two sticks."""
    pen.stroke("M10 10l40 28m44 -32l-36 32", "#b84", 4)
    pen.path("M10 44h80v42q-40 18 -80 0z", paint.main)
    pen.stroke("M12 50l12 36l13 -32l13 38l13 -38l13 32l12 -36", "#fff", 3)
    pen.path("M10 82q40 18 80 0v8q-40 14 -80 0z", accent.main)
    pen.ellipse(50, 44, 40, 12, accent.main)
    pen.ellipse(50, 43, 35, 9, "#eee")


@INSTRUMENTS.add("trumpet", colour="#db2", accent="#eee", part="{} valves", settings=("room", "table"))
def draw_trumpet(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A bell, tubing and three valves."""
    pen.stroke("M6 46h66M30 46q-8 0 -8 11t8 11h34q8 0 8 -11t-8 -11", paint.main, 6)
    pen.path("M62 42q20 0 34 -18v46q-14 -18 -34 -18z", paint.main)
    pen.path("M88 32q4 -3 8 -8v46q-4 -5 -8 -8z", paint.dark)
    pen.path("M34 30h8v44h-8zM46 30h8v44h-8zM58 30h7v44h-7z", accent.main)
    pen.path("M32 26h12v5h-12zM44 26h12v5h-12zM57 26h10v5h-10zM2 42h6v9h-6z", accent.dark)


@INSTRUMENTS.add("piano", "grand piano", colour="#222", accent="#a74", part="a {} bench", settings=("room",))
def draw_piano(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A grand piano with a raised lid, keys and a bench."""
    pen.path("M22 46l60 -42q14 20 10 42z", paint.dark)
    pen.path("M8 46h84v20h-84z", paint.main)
    pen.path("M12 66h6v30h-6zM84 66h6v30h-6z", paint.dark)
    pen.rect(4, 58, 44, 6, "#fff")
    pen.path("M10 58h3v4h-3zM18 58h3v4h-3zM26 58h3v4h-3zM34 58h3v4h-3zM42 58h3v4h-3z", "#222")
    pen.path("M28 78h34v6h-4v12h-5v-12h-16v12h-5v-12h-4z", accent.main)


@INSTRUMENTS.add("bell", "hand bell", colour="#db2", accent="#d22", part="a {} bow", settings=("room",))
def draw_bell(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A flared bell with a clapper and a bow."""
    pen.circle(50, 88, 8, paint.deep)
    pen.path("M50 20q24 2 26 34q2 16 14 24v6h-80v-6q12 -8 14 -24q2 -32 26 -34z", paint.main)
    pen.path("M50 20q24 2 26 34q2 16 14 24v6h-24q6 -40 -16 -64z", paint.dark)
    pen.path("M50 18q-24 -20 -24 -2q2 12 24 2q22 10 24 -2q0 -18 -24 2z", accent.main)


@TOYS.add("ball", "beach ball", colour="#e33", accent="#fff", part="{} stripes", settings=("grass", "desert"))
def draw_ball(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A ball in two-coloured gores."""
    pen.circle(50, 56, 40, paint.main)
    pen.path(
        "M50 16q-34 40 0 80q-20 -2 -30 -14q-14 -30 8 -60q10 -6 22 -6z"
        "M50 16q34 40 0 80q20 -2 30 -14q14 -30 -8 -60q-10 -6 -22 -6z",
        accent.main,
    )
    pen.circle(50, 20, 5, paint.dark)


@TOYS.add("kite", "diamond kite", colour="#e33", accent="#29f", part="a {} tail", settings=("sky",))
def draw_kite(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A diamond of four panels with a tail of bows."""
    pen.stroke("M50 66q-14 10 0 18t-6 14", accent.main, 2)
    pen.path("M46 72l-10 -4v10zM46 72l10 -4v10zM52 86l-10 -4v10zM52 86l10 -4v10z", accent.main)
    pen.path("M50 2l30 28l-30 38l-30 -38z", paint.main)
    pen.path("M50 2l30 28h-30zM50 30v38l-30 -38z", paint.dark)


@TOYS.add("teddy bear", "stuffed bear", colour="#b73", accent="#d22", part="a {} bow", settings=("room",))
def draw_teddy_bear(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A sitting bear with round ears and a bow."""
    pen.circle(30, 14, 10, paint.dark)
    pen.circle(70, 14, 10, paint.dark)
    pen.ellipse(50, 70, 28, 26, paint.main)
    pen.path("M22 60q-16 4 -14 18q12 4 18 -8zM78 60q16 4 14 18q-12 4 -18 -8z", paint.dark)
    pen.circle(28, 88, 12, paint.dark)
    pen.circle(72, 88, 12, paint.dark)
    pen.circle(50, 30, 26, paint.main)
    pen.ellipse(50, 38, 12, 9, paint.light)
    pen.path("M38 22a3 3 0 1 1 0 6a3 3 0 1 1 0 -6zM62 22a3 3 0 1 1 0 6a3 3 0 1 1 0 -6zM46 33h8l-4 5z", "#221")
    pen.path("M50 56l-16 -8v16zM50 56l16 -8v16z", accent.main)


@TOYS.add(
    "balloon bunch",
    "bunch of balloons",
    plural="bunches of balloons",
    colour="#e33",
    accent="#29f",
    part="{} strings",
    settings=("sky", "grass"),
)
def draw_balloon_bunch(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Three balloons on strings tied together."""
    pen.stroke("M30 48l20 48m0 -56v56m20 -48l-20 48", accent.main, 3)
    pen.ellipse(28, 30, 17, 21, paint.dark)
    pen.ellipse(72, 30, 17, 21, paint.light)
    pen.ellipse(50, 24, 18, 22, paint.main)
    pen.path("M38 18q2 -10 10 -12q-6 6 -6 14z", "#fff", opacity=0.6)


@TOYS.add("robot", "toy robot", colour="#9ab", accent="#e52", part="{} arms", settings=("room",))
def draw_robot(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A square head with an antenna, a body and jointed limbs."""
    pen.stroke("M50 14v-10", "#555", 3)
    pen.circle(50, 5, 4, "#e33")
    pen.path("M16 46h12v28h-12zM72 46h12v28h-12z", accent.main)
    pen.path("M34 78h12v18h-16zM54 78h12l4 18h-16z", accent.dark)
    pen.rect(28, 42, 44, 38, paint.main, rx=3)
    pen.rect(32, 12, 36, 28, paint.light, rx=4)
    pen.path("M40 20h7v7h-7zM54 20h7v7h-7z", "#2cf")
    pen.path("M40 32h20v3h-20zM36 50h28v14h-28z", "#345")


@TOYS.add(
    "crown",
    "royal crown",
    "king's crown",
    colour="#db2",
    accent="#d13",
    part="{} jewels",
    settings=("table",),
)
def draw_crown(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Five points on a band, set with jewels."""
    pen.path("M8 84l-4 -52l22 22l24 -38l24 38l22 -22l-4 52z", paint.main)
    pen.rect(8, 80, 84, 14, paint.dark)
    pen.circle(50, 16, 7, accent.main)
    pen.path(
        "M4 26a6 6 0 1 1 0 12a6 6 0 1 1 0 -12zM96 26a6 6 0 1 1 0 12a6 6 0 1 1 0 -12z"
        "M50 50l9 12l-9 12l-9 -12zM24 62l6 9l-6 9l-6 -9zM76 62l6 9l-6 9l-6 -9z",
        accent.main,
    )


@TOYS.add(
    "treasure chest",
    "wooden chest",
    colour="#963",
    accent="#db2",
    part="{} coins",
    settings=("underwater", "desert"),
)
def draw_treasure_chest(pen: Pen, paint: Paint, accent: Paint) -> None:
    """An open chest full of coins."""
    pen.path("M12 44q-2 -34 22 -36h46q10 10 8 36z", paint.dark)
    pen.path("M14 52q10 -20 22 -12q8 -14 18 -2q12 -12 20 2q10 0 12 12z", accent.main)
    pen.path("M24 40a5 5 0 1 1 0 10a5 5 0 1 1 0 -10zM66 38a5 5 0 1 1 0 10a5 5 0 1 1 0 -10z", accent.light)
    pen.rect(10, 52, 80, 44, paint.main)
    pen.path("M10 52h80v8h-80zM10 86h80v10h-80z", paint.deep)
    pen.rect(42, 54, 16, 18, accent.dark)


@TOYS.add("sword", "steel sword", colour="#bbc", accent="#852", part="a {} hilt", settings=("table", "grass"))
def draw_sword(pen: Pen, paint: Paint, accent: Paint) -> None:
    """A pointed blade with guard, grip and pommel."""
    pen.path("M41 64v-50l9 -12l9 12v50z", paint.main)
    pen.path("M50 2l9 12v50h-9z", paint.dark)
    pen.path("M28 62h44v8h-44zM45 70h10v18h-10z", accent.main)
    pen.circle(50, 91, 6, accent.dark)


@TOYS.add("snowman", plural="snowmen", colour="#fff", accent="#d22", part="a {} scarf", settings=("snow",))
def draw_snowman(pen: Pen, paint: Paint, accent: Paint) -> None:
    """Two snowballs with a hat, a carrot nose, a scarf and stick arms."""
    pen.stroke("M30 58l-24 -14m64 14l24 -14", "#642", 3)
    pen.circle(50, 70, 27, paint.main)
    pen.path("M62 46q16 8 15 24q-2 26 -27 27q26 -18 12 -51z", paint.dark)
    pen.circle(50, 34, 18, paint.main)
    pen.path("M30 22h40v-4h-8v-16h-24v16h-8z", "#333")
    pen.path("M50 34l16 5l-16 4z", "#f82")
    pen.path("M42 26h4v5h-4zM56 26h4v5h-4zM48 64h5v5h-5zM48 78h5v5h-5z", "#222")
    pen.path("M32 44q18 10 36 0l2 8q-10 6 -16 6l4 20h-10l-3 -19q-10 -1 -15 -7z", accent.main)
