"""Composes abstract pictures: coloured shapes, how they are arranged and what they are arranged with."""

from __future__ import annotations

import random
from collections.abc import Callable

from svgtune.data.sources.scenes.abstract.arrangements import (
    ARRANGEMENTS,
    NUMBERS,
    place_circle,
    place_grid,
    place_orbit,
    place_scattered,
)
from svgtune.data.sources.scenes.abstract.scene import Scene
from svgtune.data.sources.scenes.abstract.shapes import SHAPES, Spot, draw_plain, draw_shadow, draw_shapes
from svgtune.data.sources.scenes.composition import Composition, Part, Wish, add_article
from svgtune.data.sources.scenes.palette import NAMES, get_hex, get_paint, measure_distance
from svgtune.data.sources.scenes.questions import ask_colour, ask_count, ask_kind, ask_presence

_OPEN = ("circle", "square", "hexagon", "octagon", "pentagon", "diamond", "oval", "heart", "star", "triangle")
_THREADS = ("threads", "threads", "ribbons", "strings", "strands", "cords")
_LINES = {
    "vertical stripes": "M25 0V200M75 0V200M125 0V200M175 0V200",
    "horizontal stripes": "M0 25H200M0 75H200M0 125H200M0 175H200",
    "diagonal stripes": "M-20 70L70 -20M-20 170L170 -20M30 220L220 30M130 220L220 130",
}
_LATTICE = (
    "M0 50L150 200M0 150L50 200M50 0L200 150M150 0L200 50M50 0L0 50M150 0L0 150M200 50L50 200M200 150L150 200"
)


def compose_field(scene: Scene) -> None:
    """Copies of one shape in one arrangement."""
    rng = scene.rng
    arrangement = rng.choice(ARRANGEMENTS)
    kinds: tuple[str, ...] = ("flat", "flat", "solid")
    if arrangement.turning or arrangement.opacity:
        kinds = ("flat",)
    elif arrangement.apart:
        kinds = ("flat", "flat", "flat", "line", "solid", "solid")
    shape = scene.draw_shape(kinds, copies=arrangement.copies, turning=arrangement.turning)
    colour = scene.draw_colour()
    spots = scene.vary(arrangement.place(rng, shape))
    single = len(spots) == 1
    if single:
        noun = f"{rng.choice(('', '', 'large ', 'single ', 'big '))}{colour} {shape.name}"
        scene.caption = add_article(noun) if rng.random() < 0.8 else noun
    else:
        noun = f"{colour} {shape.plural}"
        if arrangement.name == "group" or (arrangement.counted and rng.random() < 0.3):
            noun = f"{NUMBERS[len(spots)]} {noun}"
        scene.caption = rng.choice(arrangement.phrases).format(noun)
        if len(spots) <= 7 and arrangement.name not in ("overlap", "stack"):
            scene.asked.append(ask_count(rng, shape.plural, len(spots)))
        if arrangement.name != "group":
            scene.answer = (arrangement.answer, arrangement.family)
    scene.add_ground(1)
    scene.parts.insert(0, Part(shape.name, (colour,), len(spots)))
    scene.pairs += [(colour, shape.name), (shape.name, arrangement.name)]
    if single and shape.kind != "line":
        draw_shadow(scene.sheet, shape, spots[0])
    draw_shapes(
        scene.sheet, shape, spots, get_paint(colour), apart=arrangement.apart, opacity=arrangement.opacity
    )
    scene.ask_shape(shape, colour, plural=not single)


def compose_concentric(scene: Scene) -> None:
    """One shape inside itself again and again, in one colour and its light shade or in two colours."""
    rng = scene.rng
    shape = scene.draw_shape(("flat",))
    colour = scene.draw_colour()
    other = scene.draw_colour() if rng.random() < 0.5 else ""
    names = f"{colour} and {other}" if other else colour
    phrases = (
        "concentric {}",
        "nested {}",
        "{} nested inside each other",
        "concentric {} shrinking toward the center",
    )
    scene.caption = rng.choice(phrases).format(f"{names} {shape.plural}")
    scene.paint_ground()
    second = get_hex(other) if other else get_paint(colour).light
    for k, spot in enumerate(scene.vary([Spot(100, 100, r) for r in (92, 68, 46, 24)])):
        draw_plain(scene.sheet, shape, spot, second if k % 2 else get_hex(colour))
    scene.note(shape.name, (colour, other) if other else (colour,), 4, "concentric")
    scene.answer = ("nested inside each other", "concentric")
    scene.ask_shape(shape, colour, plural=True)
    if other:
        scene.asked = [question for question in scene.asked if not question.text.startswith("What color")]
        ask_companions(scene, colour, other)


def ask_companions(scene: Scene, colour: str, other: str) -> None:
    """Asks which colour comes with a given one."""
    wrong = [n for n in NAMES if min(measure_distance(n, c) for c in (colour, other)) > 9]
    for given, answer in ((colour, other), (other, colour)):
        text = f"Which color appears together with {given}?"
        scene.asked.append(ask_kind(scene.rng, text, answer, scene.rng.sample(wrong, 3)))


def compose_mix(scene: Scene) -> None:
    """Two kinds of shapes among each other; both in one colour when only one may be named."""
    rng = scene.rng
    first = scene.draw_shape(("flat", "flat", "solid"), copies=4, max_numbers=130)
    second = scene.draw_shape(("flat", "flat", "line", "solid"), copies=4, max_numbers=130)
    colour = scene.draw_colour()
    other = scene.draw_colour() if scene.two else colour
    style = rng.choice(("scatter", "scatter", "grid", "row", "circle"))
    costly = first if first.kind == "solid" else second
    if style == "row":
        spots = [Spot(round(50 * (k + 0.5)), 100, 22) for k in range(4)]
    elif style == "grid":
        spots = place_grid(rng, costly)
    else:
        spots = place_circle(rng, costly) if style == "circle" else place_scattered(rng, costly)
    spots = scene.vary(spots)
    counts = (len(spots[::2]), len(spots[1::2]))
    one, two = f"{colour} {first.plural}", f"{other} {second.plural}" if other != colour else second.plural
    if style == "scatter" and rng.random() < 0.3:
        one, two = f"{NUMBERS[counts[0]]} {one}", f"{NUMBERS[counts[1]]} {two}"
    phrases = {
        "scatter": ("{}", "{}", "scattered {}", "a mix of {}", "an abstract mix of {}"),
        "grid": ("{} in a grid", "a grid of {}", "alternating {}", "a pattern of {}"),
        "row": ("a row of {}", "alternating {} in a row", "{} side by side"),
        "circle": ("a circle of {}", "{} alternating in a circle", "{} arranged in a circle"),
    }[style]
    scene.caption = rng.choice(phrases).format(f"{one} and {two}")
    scene.add_ground()
    draw_shapes(scene.sheet, first, spots[::2], get_paint(colour))
    draw_shapes(scene.sheet, second, spots[1::2], get_paint(other))
    scene.note(first.name, (colour,), counts[0], style)
    scene.note(second.name, (other,), counts[1])
    if style != "grid":
        scene.asked.append(ask_count(rng, first.plural, counts[0]))
    answer = {"scatter": "scattered", "grid": "in a neat grid", "row": "in a row", "circle": "in a circle"}[
        style
    ]
    scene.answer = (answer, "grid" if style == "scatter" else style)
    if other != colour:
        scene.ask_shape(first, colour, plural=True)
        scene.ask_shape(second, other, plural=True)
    else:
        scene.asked.append(ask_colour(rng, first.plural, colour, plural=True))
        scene.asked.append(ask_presence(rng, [first.plural, second.plural], [], answer="yes"))


def compose_orbit(scene: Scene) -> None:
    """Small shapes on a circle or a spiral around a large one."""
    rng = scene.rng
    outer = scene.draw_shape(("flat", "flat", "solid", "line"), copies=6, max_numbers=190)
    inner = scene.draw_shape(("flat", "solid", "solid"))
    colour, other = scene.draw_colour(), scene.draw_colour()
    spiral = rng.random() < 0.5
    phrases = (
        (
            "{} spiraling around {}",
            "{} swirling around {}",
            "{} in a spiral around {}",
            "a spiral of {} around {}",
        )
        if spiral
        else (
            "{} circling {}",
            "{} surrounding {}",
            "{} orbiting {}",
            "{} arranged around {}",
            "a ring of {} around {}",
        )
    )
    scene.caption = rng.choice(phrases).format(
        f"{colour} {outer.plural}", add_article(f"{other} {inner.name}")
    )
    scene.add_ground()
    spots = scene.vary(place_orbit(rng, outer, spiral=spiral))
    draw_shapes(scene.sheet, outer, spots, get_paint(colour))
    draw_shapes(scene.sheet, inner, scene.vary([Spot(100, 100, 38 if spiral else 46)]), get_paint(other))
    scene.note(outer.name, (colour,), len(spots), "spiraling around" if spiral else "around")
    scene.note(inner.name, (other,), 1, "center")
    scene.ask_shape(outer, colour, plural=True)
    scene.ask_shape(inner, other, plural=False)
    others = [shape.plural for shape in scene.find_other_shapes()]
    scene.asked.append(ask_kind(rng, f"What surrounds the {inner.name}?", outer.plural, others))


_RELATIONS = {
    "above": (("{} above {}", "{} floating above {}", "{} hovering over {}"), (100, 52, 40), (100, 150, 40)),
    "below": (("{} below {}", "{} beneath {}", "{} underneath {}"), (100, 150, 40), (100, 52, 40)),
    "left": (("{} to the left of {}", "{} on the left of {}"), (52, 100, 42), (148, 100, 42)),
    "right": (("{} to the right of {}", "{} on the right of {}"), (148, 100, 42), (52, 100, 42)),
    "overlap": (("{} overlapping {}", "{} partly covering {}", "{} in front of {}"), (122, 120, 52), (78, 80,
        62)),
    "between": (("{} between two {}", "{} flanked by two {}"), (100, 100, 32), (34, 100, 30)),
    "top": (("{} balanced on top of {}", "{} resting on {}", "{} on top of {}"), (100, 62, 36), (100, 138,
        46)),
}  # fmt: skip
_WHERE = {"above": "above", "top": "above", "below": "below", "left": "to the left", "right": "to the right"}


def compose_relation(scene: Scene) -> None:
    """Two large shapes and where one stands relative to the other, in this order or back to front."""
    rng = scene.rng
    relation = rng.choice(tuple(_RELATIONS))
    phrases, place, other_place = _RELATIONS[relation]
    first, second = scene.draw_shape(("flat", "flat", "solid")), scene.draw_shape(("flat", "flat", "solid"))
    colour, other = scene.draw_colour(), scene.draw_colour()
    one, two = add_article(f"{colour} {first.name}"), add_article(f"{other} {second.name}")
    many = f"{other} {second.plural}"
    scene.caption = rng.choice(phrases).format(one, many if relation == "between" else two)
    scene.add_ground()
    back = [Spot(*other_place)] + ([Spot(166, 100, 30)] if relation == "between" else [])
    drawn = [(first, scene.vary([Spot(*place)]), colour), (second, scene.vary(back), other)]
    for shape, spots, paint in reversed(drawn) if relation in ("overlap", "top") else drawn:
        draw_shapes(scene.sheet, shape, spots, get_paint(paint))
    scene.note(first.name, (colour,), 1, relation)
    scene.note(second.name, (other,), len(back))
    scene.ask_shape(first, colour, plural=False)
    scene.ask_shape(second, other, plural=len(back) > 1)
    if relation in _WHERE:
        text = f"Where is the {first.name} relative to the {second.name}?"
        options = ("above", "below", "to the left", "to the right")
        scene.asked.append(ask_kind(rng, text, _WHERE[relation], options))


def compose_border(scene: Scene) -> None:
    """A large flat shape with a border of another colour."""
    rng = scene.rng
    shape = scene.draw_shape(("flat",))
    colour, other = scene.draw_colour(), scene.draw_colour()
    edge = rng.choice(("border", "outline", "edge", "thick border"))
    scene.caption = f"{add_article(f'{colour} {shape.name}')} with {add_article(f'{other} {edge}')}"
    scene.paint_ground()
    edged, filled = scene.vary([Spot(100, 100, 88), Spot(100, 100, 64)])
    draw_plain(scene.sheet, shape, edged, get_hex(other))
    draw_plain(scene.sheet, shape, filled, get_hex(colour))
    scene.note(shape.name, (colour,), 1, "border")
    scene.note("border", (other,))
    scene.ask_shape(shape, colour, plural=False)
    scene.asked.append(ask_colour(rng, "border", other, also=(colour,)))


def compose_inside(scene: Scene) -> None:
    """A shape inside a larger flat one."""
    rng = scene.rng
    inner = scene.draw_shape(("flat", "flat", "solid", "line"))
    outer = rng.choice([SHAPES[name] for name in _OPEN if SHAPES[name].family != inner.family])
    scene.shown.append(outer)
    colour, other = scene.draw_colour(), scene.draw_colour()
    word = rng.choice(("inside", "within", "enclosed by", "in the middle of", "centered in", "in front of"))
    scene.caption = f"{add_article(f'{colour} {inner.name}')} {word} {add_article(f'{other} {outer.name}')}"
    scene.add_ground()
    around = scene.vary([Spot(100, 100, 90)])
    draw_shadow(scene.sheet, outer, around[0])
    draw_shapes(scene.sheet, outer, around, get_paint(other))
    low = 14 if outer.name == "triangle" else 0
    r = 32 if outer.name in ("triangle", "star", "diamond") else 40
    draw_shapes(scene.sheet, inner, scene.vary([Spot(100, 100 + low, r)]), get_paint(colour))
    scene.note(inner.name, (colour,), 1, "inside")
    scene.note(outer.name, (other,), 1, "around")
    scene.ask_shape(inner, colour, plural=False)
    scene.ask_shape(outer, other, plural=False)


_SHEET_SPOTS = (
    [Spot(66, 62, 32), Spot(98, 94, 32), Spot(130, 126, 32)],
    [Spot(76, 62, 28), Spot(126, 78, 28), Spot(64, 116, 28), Spot(114, 132, 28)],
)


def compose_sheet(scene: Scene) -> None:
    """Shapes layered on a translucent sheet."""
    rng = scene.rng
    shape = scene.draw_shape(("flat", "flat", "solid"), copies=4)
    colour, other = scene.draw_colour(), scene.draw_colour()
    sheet = rng.choice(("sheet", "sheet", "panel", "veil", "pane"))
    word = rng.choice(("layered on", "layered over", "resting on", "spread over", "lying on", "arranged on"))
    clear = rng.choice(("translucent", "translucent", "semi-transparent", "sheer"))
    scene.caption = f"{colour} {shape.plural} {word} {add_article(f'{clear} {other} {sheet}')}"
    scene.paint_ground()
    paint = get_paint(other)
    scene.sheet.add("path", d="M48 20L190 44L152 184L10 156z", fill=paint.dark, opacity=0.3)
    scene.sheet.add("path", d="M42 12L184 36L146 176L4 148z", fill=paint.main, opacity=0.8)
    spots = scene.vary(rng.choice(_SHEET_SPOTS))
    opacity = 0.85 if shape.kind == "flat" else None
    draw_shapes(scene.sheet, shape, spots, get_paint(colour), apart=False, opacity=opacity)
    scene.note(shape.name, (colour,), len(spots), "sheet")
    scene.note(sheet, (other,))
    scene.ask_shape(shape, colour, plural=True)
    scene.asked.append(ask_colour(rng, sheet, other, also=(colour,)))
    scene.asked.append(ask_count(rng, shape.plural, len(spots)))


def compose_threads(scene: Scene) -> None:
    """A large shape interwoven with threads that pass behind and before it."""
    rng = scene.rng
    shape = scene.draw_shape(("flat", "solid", "solid"))
    colour, other = scene.draw_colour(), scene.draw_colour()
    threads = rng.choice(_THREADS)
    word = rng.choice(("interwoven with", "intertwined with", "entangled in", "wrapped in", "entwined with"))
    scene.caption = f"{add_article(f'{colour} {shape.name}')} {word} {other} {threads}"
    scene.paint_ground()
    ink = get_hex(other)
    width = {"ribbons": 10, "cords": 8}.get(threads, 5)
    behind = "M0 40Q60 10 90 90T200 150M60 0Q20 80 110 110T130 200"
    before = "M0 130Q50 60 100 100T200 50M150 0Q180 60 110 90T50 200"
    scene.sheet.add("path", d=behind, fill="none", stroke=ink, stroke_width=width)
    draw_shapes(scene.sheet, shape, scene.vary([Spot(100, 100, 66)]), get_paint(colour))
    scene.sheet.add("path", d=before, fill="none", stroke=ink, stroke_width=width)
    scene.note(shape.name, (colour,), 1, "interwoven")
    scene.note(threads, (other,))
    scene.ask_shape(shape, colour, plural=False)
    scene.asked.append(ask_colour(rng, threads, other, plural=True, also=(colour,)))
    scene.asked.append(ask_presence(rng, [threads], []))
    text = f"What is the {shape.name} interwoven with?"
    scene.asked.append(ask_kind(rng, text, threads, ("feathers", "leaves", "flames", "bubbles")))


def _draw_pattern(scene: Scene, style: str, ink: str) -> None:
    sheet = scene.sheet
    match style:
        case "checkerboard":
            rows = [(x + (50 if y % 100 else 0), y) for y in (0, 50, 100, 150) for x in (0, 100)]
            sheet.add("path", d="".join(f"M{x} {y}h50v50h-50z" for x, y in rows), fill=ink)
        case "dots":
            dots = f'<circle cx="12" cy="12" r="9" fill="{ink}"/><circle cx="37" cy="37" r="9" fill="{ink}"/>'
            sheet.add_background(sheet.add_pattern(50, 50, dots))
        case "triangles":
            tops = [(x, y) for y in (0, 67, 134) for x in (0, 67, 134)]
            sheet.add("path", d="".join(f"M{x} {y + 67}l33 -67l33 67z" for x, y in tops), fill=ink)
        case "lattice":
            sheet.add("path", d=_LATTICE, fill="none", stroke=ink, stroke_width=12)
        case "waves":
            waves = "".join(f"M-10 {y}q28 -40 55 0t55 0t55 0t55 0" for y in (30, 77, 124, 171))
            sheet.add("path", d=waves, fill="none", stroke=ink, stroke_width=16)
        case _:
            width = 35 if style.startswith("diagonal") else 25
            sheet.add("path", d=_LINES[style], fill="none", stroke=ink, stroke_width=width)


_PATTERN_SUBJECTS = {"checkerboard": "squares", "lattice": "lines"}
_PATTERN_ONE = {
    "checkerboard": (
        "a checkerboard of {} squares",
        "a checkerboard of {}",
        "{} squares in a checkerboard pattern",
    ),
    "triangles": (
        "a tessellation of {} triangles",
        "tessellated {} triangles",
        "{} triangles tiling the canvas",
    ),
    "waves": ("{} waves", "alternating {} waves"),
}
_PATTERN_TWO = {
    "dots": ("{} polka dots on {}", "{} dots on {}", "{} dots covering {}"),
    "lattice": (
        "{} lattice lines on {}",
        "{} crisscrossing lines on {}",
        "{} diagonal lattice lines over {}",
    ),
    "waves": ("{} waves on {}", "{} wavy lines across {}", "{} waves over {}"),
    "triangles": ("{} triangles tiling {}", "rows of {} triangles on {}"),
}


def compose_pattern(scene: Scene) -> None:
    """A pattern over the whole canvas in two colours: stripes, a checkerboard, dots, lines or tiles."""
    rng = scene.rng
    colour, other = scene.draw_colour(), scene.draw_colour()
    table = _PATTERN_TWO if scene.two else _PATTERN_ONE
    style = rng.choice((*_LINES, *table))
    ground = add_article(f"{other} {rng.choice(('background', 'canvas', 'backdrop'))}")
    if scene.two:
        lines = (f"{{}} {style} on {{}}", f"{{}} {style} across {{}}")
        scene.caption = rng.choice(table.get(style, lines)).format(colour, ground)
    else:
        lines = (f"{{}} {style}", f"alternating {{}} {style}")
        scene.caption = rng.choice(table.get(style, lines)).format(f"{colour} and {other}")
    scene.sheet.add_background(get_hex(other))
    _draw_pattern(scene, style, get_hex(colour))
    subject = _PATTERN_SUBJECTS.get(style, style.split()[-1])
    if scene.two:
        scene.note(subject, (colour,))
        scene.note("background", (other,))
        scene.asked.append(ask_colour(rng, "background", other, also=(colour,)))
        scene.asked.append(ask_colour(rng, subject, colour, plural=True, also=(other,)))
    else:
        scene.note(subject, (colour, other))
    options = (
        "vertical stripes",
        "horizontal stripes",
        "checkerboard",
        "dots",
        "triangles",
        "lattice",
        "waves",
    )
    alike = ("vertical stripes", "horizontal stripes", "lattice") if style.startswith("diagonal") else ()
    wrong = [option for option in options if option not in alike]
    scene.asked.append(ask_kind(rng, "What pattern covers the image?", style, wrong))
    ask_companions(scene, colour, other)
    scene.asked.append(ask_presence(rng, [], ["hearts", "stars", "a spiral", "a cube", "a crescent"]))
    scene.asked.append(ask_presence(rng, [], ["people", "a pentagon", "a sphere", "a tree"]))


_NETWORKS = (
    ((44, 50), (140, 40), (164, 120), (92, 160), (36, 126)),
    ((36, 100), (84, 44), (164, 56), (150, 150), (76, 156)),
)


def compose_network(scene: Scene) -> None:
    """Five copies of a shape connected by lines."""
    rng = scene.rng
    shape = scene.draw_shape(("flat", "solid"), copies=5)
    colour, other = scene.draw_colour(), scene.draw_colour()
    phrase = rng.choice(
        ("{} connected by {} lines", "{} linked by {} lines", "a network of {} joined by {} lines")
    )
    scene.caption = phrase.format(f"{colour} {shape.plural}", other)
    scene.paint_ground()
    points = rng.choice(_NETWORKS)
    spots = scene.vary([Spot(x, y, 24) for x, y in points])
    ends = f"M{spots[0].x} {spots[0].y}L{spots[2].x} {spots[2].y}"
    d = "M" + "L".join(f"{spot.x} {spot.y}" for spot in spots) + f"z{ends}"
    scene.sheet.add("path", d=d, fill="none", stroke=get_hex(other), stroke_width=6)
    draw_shapes(scene.sheet, shape, spots, get_paint(colour))
    scene.note(shape.name, (colour,), len(points), "connected")
    scene.note("lines", (other,))
    scene.asked.append(ask_colour(rng, "lines", other, plural=True, also=(colour,)))
    scene.asked.append(ask_count(rng, shape.plural, len(points)))
    scene.ask_shape(shape, colour, plural=True)


def compose_before(scene: Scene) -> None:
    """A shape in front of stripes or a lattice of lines."""
    rng = scene.rng
    shape = scene.draw_shape(("flat", "solid", "solid"))
    colour, other = scene.draw_colour(), scene.draw_colour()
    style = rng.choice((*_LINES, "grid lines"))
    d = _LINES.get(style, "M40 0V200M100 0V200M160 0V200M0 40H200M0 100H200M0 160H200")
    word = rng.choice(("in front of", "over", "on top of", "against"))
    scene.caption = f"{add_article(f'{colour} {shape.name}')} {word} {other} {style}"
    scene.paint_ground()
    width = 22 if style in _LINES else 7
    scene.sheet.add("path", d=d, fill="none", stroke=get_hex(other), stroke_width=width)
    spots = scene.vary([Spot(100, 100, 62)])
    draw_shadow(scene.sheet, shape, spots[0])
    draw_shapes(scene.sheet, shape, spots, get_paint(colour))
    thing = style.split()[-1]
    scene.note(shape.name, (colour,), 1, style)
    scene.note(thing, (other,))
    scene.asked.append(ask_colour(rng, thing, other, plural=True, also=(colour,)))
    scene.ask_shape(shape, colour, plural=False)


def compose_three(scene: Scene) -> None:
    """Three shapes in three colours."""
    rng = scene.rng
    shapes = [scene.draw_shape(("flat", "flat", "solid")) for _ in range(3)]
    colours = [scene.draw_colour() for _ in range(3)]
    words = [add_article(f"{c} {s.name}") for c, s in zip(colours, shapes, strict=True)]
    row = rng.random() < 0.5
    scene.caption = f"{words[0]}, {words[1]} and {words[2]}" + (
        rng.choice((" in a row", " side by side")) if row else ""
    )
    scene.paint_ground()
    places = (
        ((36, 100, 30), (100, 100, 30), (164, 100, 30))
        if row
        else ((58, 62, 38), (142, 74, 38), (92, 144, 38))
    )
    for shape, colour, place in zip(shapes, colours, places, strict=True):
        draw_shapes(scene.sheet, shape, scene.vary([Spot(*place)]), get_paint(colour))
        scene.note(shape.name, (colour,), 1, "three shapes")
    for shape, colour in zip(shapes, colours, strict=True):
        also = [other for other in colours if other != colour]
        scene.asked.append(ask_colour(rng, shape.name, colour, also=also))
        scene.asked.append(ask_presence(rng, [add_article(shape.name)], []))


Composer = Callable[[Scene], None]
_ONE: tuple[Composer, ...] = (compose_field,) * 8 + (compose_concentric, compose_mix, compose_pattern)
_TWO: tuple[Composer, ...] = (
    compose_field, compose_field, compose_field, compose_mix, compose_mix, compose_mix, compose_orbit,
        compose_orbit,
    compose_relation, compose_relation, compose_inside, compose_border, compose_sheet, compose_threads,
        compose_pattern,
    compose_before, compose_network, compose_three,
)  # fmt: skip


def compose_abstract(rng: random.Random, wish: Wish) -> Composition:
    """Composes one abstract picture."""
    two = wish.two_colours if wish.two_colours is not None else rng.random() < 0.5
    scene = Scene(rng, two=two, pool=wish.colours, anywhere=wish.anywhere)
    rng.choice(_TWO if two else _ONE)(scene)
    return scene.finish()
