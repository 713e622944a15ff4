"""Garments for the upper body, laid flat, in a box of 100 x 100 units."""

# The formatter would spread these tables over several times as many lines.
# fmt: off
from __future__ import annotations

from svgtune.data.sources.scenes.fashion.fabric import Detail, Garment, Layer, mirror

_WARM = ("wool", "tweed", "corduroy", "cotton", "velvet", "suede", "flannel", "denim", "leather")
_KNITS = ("wool", "knit", "cable-knit", "cotton")
_LIGHT = ("cotton", "linen", "silk", "satin", "flannel", "denim")

_COLLAR_FUR = (
    "M40 6q-9 0 -10 8q-5 5 0 10q0 7 7 7q4 7 9 4q4 3 4 1q0 2 4 -1q5 3 9 -4q7 0 7 -7q5 -5 0 -10q-1 -8 -10 -8"
    "q-1 9 -10 14q-9 -5 -10 -14z"
)


def cut_buttons(*points: str, tone: str = "main") -> tuple[Layer, ...]:
    """Returns round buttons at ``cx cy`` points."""
    return tuple(Layer(tone, f"@{point} 2.5") for point in points)


def _buttons(*points: str) -> Detail:
    return Detail(
        "buttons", ("buttons",), cut_buttons(*points), natural="#431", place="front", count=len(points)
    )


def _fur_collar() -> Detail:
    return Detail(
        "faux fur collar", ("faux fur collar", "faux fur collar", "fur collar", "fluffy collar"),
        (Layer("main", _COLLAR_FUR), Layer("dark", mirror("M35 13l-2 5M33 22l3 4M41 26l1 4"), 1)),
        number="one", natural="#ca8", colours="fur", place="neck",
    )


def _pockets(left: str, flap: str) -> Detail:
    return Detail(
        "pockets", ("patch pockets", "pockets", "large pockets"),
        (Layer("main", mirror(left)), Layer("deep", mirror(flap), 1)), place="pockets", count=2,
    )


def _slits(left: str) -> Detail:
    return Detail(
        "pockets", ("side pockets", "slit pockets"), (Layer("main", mirror(left), 1.5),), place="pockets",
        count=2, colours="",
    )


def _belt(band: str, buckle: str) -> Detail:
    return Detail(
        "belt", ("belt", "wide belt"), (Layer("main", band), Layer("#fd5", buckle, 1)), number="one",
        natural="#431", place="waist",
    )


def _zipper(d: str) -> Detail:
    return Detail(
        "zipper", ("zipper",), (Layer("main", d, 1.5), Layer("main", "M48 36h4v7h-4z")), number="one",
        natural="#ccd", colours="metal", place="front",
    )


def _cuffs(left: str, *words: str, natural: str = "", colours: str = "any") -> Detail:
    return Detail("cuffs", words or ("cuffs",), (Layer("main", mirror(left)),), natural=natural,
        colours=colours,
                  place="cuffs", count=2)


_FUR_CUFFS = Detail(
    "faux fur cuffs", ("faux fur cuffs", "fur cuffs"),
    (Layer("main", mirror("M8 65q4 -3 7 0q6 -1 8 4q4 4 0 7q-4 4 -8 1q-7 1 -8 -4q-3 -4 1 -8z")),),
    natural="#ca8", colours="fur", place="cuffs",
)

_LONG_SLEEVES = Layer("fold", mirror("M35 10Q25 13 22 28L9 70L22 75L36 44z"))
_COAT_BODY = Layer("cloth", "M36 9H64Q74 12 75 22L70 46L78 94H22L30 46L25 22Q26 12 36 9z")
_COAT_SIDE = Layer("shade", "M75 24L70 46L78 94H67L63 46L67 28z")

COAT = Garment(
    "coat", ("coat", "coat", "overcoat", "winter coat"), "outerwear",
    (
        _LONG_SLEEVES, _COAT_BODY, _COAT_SIDE,
        Layer("lining", "M41 7H59L50 34z"),
        Layer("fold", mirror("M41 6L33 15L38 22L36 28L50 46V33z")),
        Layer("crease", "M50 46V94", 1),
    ),
    (
        _buttons("54 53", "54 65", "54 77"), _fur_collar(), _FUR_CUFFS,
        _pockets("M30 66h13v13H29z", "M29 69h13"), _slits("M35 60l-3 13"),
        _belt("M30 44h40l1 7H29z", "M46 44h8v7h-8z"),
        Detail("hood", ("hood",), (Layer("main", "M34 16Q30 1 50 1T66 16Q60 22 50 24Q40 22 34 16z"),
               Layer("deep", "M40 14Q40 7 50 7T60 14Q50 20 40 14z")), number="one", place="neck"),
    ),
    gloss="M34 54L31 80M31 22L34 34", stitch=mirror("M38 9Q30 14 31 24M26 88H48"), materials=_WARM,
)

TRENCH_COAT = Garment(
    "trench coat", ("trench coat", "trench coat", "belted trench coat"), "outerwear",
    (
        _LONG_SLEEVES, _COAT_BODY, _COAT_SIDE,
        Layer("lining", "M42 7H58L50 30z"),
        Layer("fold", mirror("M41 5L31 14L35 25L42 22L50 42V29z")),
        Layer("crease", "M57 50V94" + mirror("M22 28Q30 36 40 34"), 1),
        Layer("shade", "M29 46h42v7H29z"), Layer("#432", "M45 45h9v9h-9z", 1),
    ),
    (
        Detail("buttons", ("buttons", "double-breasted buttons"),
               cut_buttons("44 60", "44 71", "54 60", "54 71"), natural="#431", place="front", count=4),
        _slits("M36 60l-4 13"), _fur_collar(),
        _cuffs("M11 64l13 4l-2 8l-13 -4z", "cuffs", "wide cuffs"),
    ),
    gloss="M33 58L30 84", stitch=mirror("M38 9Q30 14 31 24M26 88H48"), natural="beige",
    materials=("cotton", "leather", "wool", "denim", "suede"),
)

_JACKET_SLEEVES = Layer("fold", mirror("M33 15Q22 18 19 34L8 80L22 85L34 50z"))
_JACKET_BODY = Layer("cloth", "M36 13H64Q74 16 76 26L72 86H28L24 26Q26 16 36 13z")
_JACKET_SIDE = Layer("shade", "M76 28L72 86H62L65 30z")

JACKET = Garment(
    "jacket", ("jacket", "jacket", "short jacket"), "outerwear",
    (
        _JACKET_SLEEVES, _JACKET_BODY, _JACKET_SIDE,
        Layer("fold", "M28 79h44v8H28z"),
        Layer("lining", "M40 10H60L50 28z"),
        Layer("fold", mirror("M41 9L31 17L39 33L50 24V20z")),
        Layer("crease", "M50 26V87", 1),
    ),
    (
        _zipper("M50 27V86"), _buttons("54 36", "54 50", "54 64"), _fur_collar(),
        _pockets("M31 56h13v14H31z", "M31 60h13"), _slits("M38 56l-5 13"),
        Detail("shoulder pads", ("shoulder pads",), (Layer("main",
            mirror("M34 12Q20 14 19 34Q26 22 36 20z")),),
               place="shoulders", count=2),
        _cuffs("M10 73l14 5l-2 8l-14 -5z", "cuffs", "ribbed cuffs"),
    ),
    gloss="M33 38L32 62M21 36L15 62", stitch=mirror("M31 34V76M46 34V78"),
    materials=("leather", "denim", "suede", "corduroy", "wool", "velvet", "satin", "tweed"),
)

PUFFER = Garment(
    "puffer jacket", ("puffer jacket", "padded jacket", "puffer coat"), "outerwear",
    (
        Layer("fold", mirror("M33 17Q17 18 17 34Q11 38 14 48Q7 52 10 62Q5 68 9 78L22 82Q28 76 26 68"
            "Q32 62 30 54L36 40z")),
        Layer("cloth", "M34 14H66Q78 18 75 30Q79 38 74 46Q79 54 74 62Q78 72 72 86H28Q22 72 26 62"
            "Q21 54 26 46Q21 38 25 30Q22 18 34 14z"),
        Layer("shade", "M26 46Q38 50 50 46T74 46V49Q62 54 50 50T26 50zM26 62Q38 66 50 62T74 62V65"
            "Q62 70 50 66T26 66zM25 30Q38 34 50 30T75 30V33Q62 38 50 34T25 34z"),
        Layer("fold", "M37 6Q50 3 63 6L66 20Q50 27 34 20z"),
        Layer("crease", "M50 14V86", 1),
    ),
    (
        _zipper("M50 15V86"), _fur_collar(),
        Detail("hood", ("hood",), (Layer("main", "M32 20Q26 2 50 2T68 20Q60 26 50 27Q40 26 32 20z"),
               Layer("deep", "M39 16Q39 8 50 8T61 16Q50 23 39 16z")), number="one", place="neck"),
    ),
    gloss="M32 24Q38 26 44 24M30 41Q36 43 42 41", natural="blue", materials=("satin", "leather"),
        patterned=False,
)

BLAZER = Garment(
    "blazer", ("blazer", "blazer", "tailored blazer", "suit jacket"), "outerwear",
    (
        _JACKET_SLEEVES,
        Layer("#fff", "M40 10H60L58 56H42z"),
        Layer("cloth", "M37 12L50 58V66L56 87Q68 90 75 86L70 52L76 26Q74 16 63 12L50 58L37 12Q26 16 24 26"
            "L30 52L25 86Q36 90 44 87L50 66V58z"),
        Layer("shade", "M76 28L70 52L75 86L66 88L62 52L68 30z"),
        Layer("fold", mirror("M38 9L29 20L36 27L33 33L50 60L41 26z")),
        Layer("crease", "M50 58V70", 1),
    ),
    (
        _buttons("50 63", "50 72"), _slits("M31 68h11"),
        _pockets("M29 66h14v12H28z", "M29 70h14"),
        Detail("pocket square", ("pocket square",), (Layer("main", "M62 38l3 -8l4 3l4 -2l1 8z"),),
            number="one",
               natural="#fff", place="chest"),
        Detail("tie", ("tie",), (Layer("main", "M47 18h6l-1 5l3 26l-5 6l-5 -6l3 -26z"),), number="one",
               natural="#d13", place="neck"),
    ),
    gloss="M30 40L33 54L29 80", stitch=mirror("M33 36L47 59"), natural="navy",
    materials=("wool", "velvet", "linen", "tweed", "corduroy", "satin", "denim", "sequined"),
)

HOODIE = Garment(
    "hoodie", ("hoodie", "hoodie", "hooded sweatshirt"), "sweater",
    (
        _JACKET_SLEEVES,
        Layer("fold", "M33 20Q28 2 50 2T67 20z"),
        Layer("cloth", "M36 15L50 30L64 15Q74 18 76 28L72 88H28L24 28Q26 18 36 15z"),
        _JACKET_SIDE,
        Layer("lining", "M38 18Q37 8 50 8T62 18Q58 27 50 30Q42 27 38 18z"),
        Layer("fold", "M36 58H64L70 76H30z"), Layer("shade", "M28 82h44v6H28z"),
    ),
    (
        Detail("drawstrings", ("drawstrings",), (Layer("main", "M45 29V44M55 29V44", 1.5),), natural="#fff",
               place="strings", count=2),
        _cuffs("M10 73l14 5l-2 8l-14 -5z", "cuffs", "ribbed cuffs"), _zipper("M50 30V87"),
    ),
    gloss="M32 36V56", stitch=mirror("M38 60L33 74"), materials=("cotton", "knit", "velvet", "wool"),
)

SWEATER = Garment(
    "sweater", ("sweater", "sweater", "pullover", "jumper"), "sweater",
    (
        _JACKET_SLEEVES,
        Layer("cloth", "M38 13H62Q74 16 76 28L73 86H27L24 28Q26 16 38 13z"),
        _JACKET_SIDE,
        Layer("lining", "M40 12Q50 18 60 12L60 16Q50 27 40 16z"),
        Layer("shade", "M37 12L41 11Q50 25 59 11L63 12Q61 29 50 29T37 12zM27 80H73V88H27z"),
    ),
    (
        Detail("turtleneck", ("turtleneck", "high collar"), (Layer("main",
            "M38 6Q50 3 62 6L64 24Q50 30 36 24z"),
               Layer("deep", "M39 12Q50 16 61 12", 1)), number="one", place="neck"),
        _cuffs("M10 73l14 5l-2 8l-14 -5z", "cuffs", "ribbed cuffs"),
        Detail("stripe", ("stripe across the chest", "chest stripe"), (Layer("main", "M25 42h50l-1 12H26z"),),
               number="one", natural="#fff", place="chest"),
        Detail("heart", ("heart on the chest",), (Layer("main",
            "M50 68q-14 -9 -14 -18q2 -10 14 -3q12 -7 14 3q0 9 -14 18z"),),
               number="one", natural="#f58", place="chest"),
    ),
    natural="cream", materials=_KNITS,
)

CARDIGAN = Garment(
    "cardigan", ("cardigan", "cardigan", "button-up cardigan"), "sweater",
    (
        _JACKET_SLEEVES,
        Layer("lining", "M40 11H60L58 44H42z"),
        Layer("cloth", "M38 12L50 52V88H27L24 28Q26 16 38 12zM62 12L50 52V88H73L76 28Q74 16 62 12z"),
        Layer("shade", "M36 11L41 11L50 48L59 11L64 11L54 52V88H46V52z"),
        Layer("fold", "M27 81H46V88H27zM54 81H73V88H54z"),
    ),
    (
        Detail("buttons", ("buttons",), cut_buttons("50 54", "50 65", "50 76"), natural="#431",
            place="front", count=3),
        _pockets("M31 60h13v15H31z", "M31 64h13"), _cuffs("M10 73l14 5l-2 8l-14 -5z", "cuffs",
            "ribbed cuffs"),
        Detail("elbow patches", ("elbow patches",), (Layer("main",
            mirror("M17 46q5 -3 8 2q0 8 -4 13q-6 0 -8 -4q0 -7 4 -11z")),),
               natural="#852", place="elbows", count=2),
    ),
    materials=_KNITS,
)

SHIRT = Garment(
    "shirt", ("shirt", "shirt", "button-down shirt", "dress shirt"), "shirt",
    (
        _JACKET_SLEEVES,
        Layer("cloth", "M38 12H62Q74 15 76 26L72 82Q61 94 50 86Q39 94 28 82L24 26Q26 15 38 12z"),
        Layer("shade", "M76 28L72 82Q67 88 62 89L65 30zM46 24H54V87H46z"),
        Layer("lining", "M41 9H59L50 22z"),
        Layer("fold", mirror("M41 7L35 14L42 30L50 21L43 12z")),
    ),
    (
        _buttons("50 34", "50 48", "50 62", "50 76"),
        Detail("chest pocket", ("chest pocket", "breast pocket"), (Layer("main",
            "M57 38h12v12l-6 3l-6 -3z"),),
               number="one", place="pockets"),
        _cuffs("M10 72l14 5l-2 9l-14 -5z", "cuffs", "buttoned cuffs"),
        Detail("bow tie", ("bow tie",), (Layer("main", "M50 25l-11 -5v12l11 -5l11 5v-12z"),), number="one",
               natural="#222", place="neck"),
        Detail("tie", ("tie",), (Layer("main", "M46 21h8l-2 7l5 34l-7 9l-7 -9l5 -34z"),), number="one",
               natural="#222", place="neck"),
    ),
    gloss="M34 36L33 70", stitch=mirror("M31 32L33 80"), natural="white", materials=_LIGHT,
)

BLOUSE = Garment(
    "blouse", ("blouse", "blouse", "puff-sleeved blouse"), "shirt",
    (
        Layer("fold", mirror("M36 15Q24 14 17 32Q10 48 8 64Q12 74 22 72Q30 64 34 46z")),
        Layer("fold", mirror("M9 66Q14 74 22 70L21 78Q13 81 7 75z")),
        Layer("cloth", "M40 13L50 24L60 13Q72 15 74 26Q66 44 68 54L76 86Q50 94 24 86L32 54Q34 44 26 26"
            "Q28 15 40 13z"),
        Layer("shade", "M74 27Q66 44 68 54L76 86L66 89L60 54Q60 42 66 28z"),
        Layer("lining", "M40 12Q50 8 60 12L50 25z"), Layer("crease", "M50 24V90M40 60L35 82", 1),
    ),
    (
        Detail("bow", ("bow", "large bow"), (Layer("main", "M50 27l-16 -9q-5 9 0 18zl16 -9q5 9 0 18z"),
               Layer("dark", "M48 29l-9 22h8l3 -18l3 18h8l-9 -22z")), number="one", natural="#d13",
               place="neck"),
        _buttons("50 40", "50 54", "50 68"),
        Detail("ruffled collar", ("ruffled collar",), (Layer("main",
               "M38 10q-6 3 -5 9q3 6 8 5q3 6 9 4q6 2 9 -4q5 1 8 -5q1 -6 -5 -9q-4 11 -12 12q-8 -1 -12 -12z"),),
               number="one", natural="#fff", place="neck"),
        Detail("lace trim", ("lace trim",), (Layer("main",
               "M24 84q26 8 52 0l2 7q-5 5 -8 2q-5 5 -10 1q-5 4 -10 1q-5 3 -10 -1q-5 4 -10 -1q-3 3 -8 -2z"),),
               number="mass", natural="#fff", place="hem"),
    ),
    gloss="M38 34Q42 46 38 76", natural="white", materials=("silk", "satin", "cotton", "lace", "linen"),
)

_SHORT_SLEEVES = Layer("fold", mirror("M36 15L24 18L5 43L20 55L34 40z"))
_TEE_BODY = Layer("cloth", "M38 14H62L76 19L72 90H28L24 19z")
_TEE_SIDE = Layer("shade", "M76 24L72 90H62L65 34z")

T_SHIRT = Garment(
    "t-shirt", ("t-shirt", "t-shirt", "tee"), "shirt",
    (
        _SHORT_SLEEVES, _TEE_BODY, _TEE_SIDE,
        Layer("lining", "M39 12Q50 18 61 12Q59 27 50 27T39 12z"),
        Layer("crease", "M37 13Q40 31 50 31T63 13", 1.5),
    ),
    (
        Detail("star", ("star on the chest",), (Layer("main",
            "M50 38l5 11l12 1l-9 8l3 12l-11 -6l-11 6l3 -12l-9 -8l12 -1z"),),
               number="one", natural="#fe2", place="chest"),
        Detail("heart", ("heart on the chest",), (Layer("main",
            "M50 72q-15 -10 -15 -20q2 -11 15 -3q13 -8 15 3q0 10 -15 20z"),),
               number="one", natural="#f58", place="chest"),
        Detail("stripe", ("stripe across the chest", "chest stripe"), (Layer("main", "M26 44h48l-1 13H27z"),),
               number="one", natural="#fff", place="chest"),
        Detail("chest pocket", ("chest pocket", "pocket"), (Layer("main", "M55 42h14v13l-7 4l-7 -4z"),),
            number="one", place="chest"),
        _cuffs("M9 38l16 12l-5 5l-15 -12z", "sleeve trim"),
    ),
    natural="white", materials=("cotton", "linen", "silk", "velvet"),
)

POLO = Garment(
    "polo shirt", ("polo shirt", "polo shirt", "polo"), "shirt",
    (
        _SHORT_SLEEVES, _TEE_BODY, _TEE_SIDE,
        Layer("shade", "M45 22H55V46H45z"),
        Layer("lining", "M41 10H59L50 24z"),
        Layer("fold", mirror("M41 8L33 15L42 32L50 23z")),
    ),
    (
        _buttons("50 32", "50 41"),
        Detail("collar", ("collar",), (Layer("main", mirror("M41 8L33 15L42 32L50 23z")),), number="one",
               natural="#fff", place="neck"),
        _cuffs("M9 38l16 12l-5 5l-15 -12z", "sleeve trim"),
    ),
    natural="white", materials=("cotton", "linen", "knit"),
)

VEST = Garment(
    "vest", ("vest", "vest", "waistcoat"), "vest",
    (
        Layer("lining", "M36 8H64L58 44H42z"),
        Layer("cloth", "M34 6L50 48L66 6L74 10Q66 28 76 44L75 82L60 94L50 84L40 94L25 82L24 44Q34 28 26 10z"),
        Layer("shade", "M74 10Q66 28 76 44L75 82L64 91V40Q62 26 68 8z"),
        Layer("crease", "M50 48V84", 1),
    ),
    (
        _buttons("50 53", "50 64", "50 75"), _pockets("M29 66h13v9H29z", "M29 66h13"), _slits("M31 66h11"),
        _zipper("M50 49V84"),
        Detail("faux fur trim", ("faux fur trim", "fur trim"),
               (Layer("main", "M30 5q-5 1 -3 6q1 5 4 7q0 6 4 8q1 7 5 9q1 7 5 9q1 5 5 5q4 0 5 -5q4 -2 5 -9"
                   "q4 -2 5 -9q4 -2 4 -8q3 -2 4 -7q2 -5 -3 -6q-6 0 -7 6L50 40L37 11q-1 -6 -7 -6z"),),
               number="mass", natural="#ca8", colours="fur", place="neck"),
    ),
    gloss="M33 50V76", stitch=mirror("M30 48L29 80L40 90"),
    materials=("wool", "tweed", "velvet", "leather", "denim", "corduroy", "silk", "suede", "knit"),
)

CAPE = Garment(
    "cape", ("cape", "cape", "cloak"), "cape",
    (
        Layer("cloth", "M40 12H60Q74 18 80 46L92 92Q72 84 50 93Q28 84 8 92L20 46Q26 18 40 12z"),
        Layer("shade", "M60 12Q74 18 80 46L92 92Q80 87 70 88Q72 40 60 12zM50 22L56 92L50 93L44 92z"),
        Layer("crease", "M34 34L26 86", 1), Layer("fold", "M36 10Q50 18 64 10L66 18Q50 30 34 18z"),
        Layer("#fd5", "@50 20 3"),
    ),
    (
        Detail("hood", ("hood",), (Layer("main", "M34 18Q30 1 50 1T66 18Q60 26 50 27Q40 26 34 18z"),
               Layer("deep", "M40 16Q40 8 50 8T60 16Q50 23 40 16z")), number="one", place="neck"),
        _fur_collar(),
        Detail("hem", ("embroidered trim", "trim"), (Layer("main", "M10 84Q30 77 50 86Q70 77 90 84L92 92"
            "Q72 84 50 93Q28 84 8 92z"),),
               number="mass", natural="#db2", place="hem"),
        Detail("clasp", ("clasp",), (Layer("main", "@50 20 5"),), number="one", natural="#db2",
            colours="metal", place="front"),
    ),
    gloss="M30 40L22 78", natural="crimson", materials=("velvet", "wool", "satin", "silk", "leather",
        "tweed", "faux fur"),
)

ROBE = Garment(
    "robe", ("robe", "bathrobe", "dressing gown"), "robe",
    (
        Layer("fold", mirror("M35 10Q24 13 21 28L6 64L24 74L36 46z")),
        Layer("cloth", "M36 9H64Q74 12 75 22L71 50L78 94H22L29 50L25 22Q26 12 36 9z"),
        _COAT_SIDE, Layer("lining", "M41 7H59L50 48z"),
        Layer("fold", "M40 6L34 10L48 52L44 94H52L55 52L66 10L60 6L50 44z"),
    ),
    (
        Detail("sash", ("sash", "sash belt", "belt"), (Layer("main",
            "M28 47h44v8H54l6 24h-6l-5 -20l-4 20h-6l4 -24H28z"),),
               number="one", natural="#fff", place="waist"),
        _pockets("M28 64h13v15H27z", "M28 68h13"),
        _cuffs("M9 57l18 9l-3 8l-18 -10z", "wide cuffs", "cuffs"),
    ),
    gloss="M33 30L34 44M32 60L29 84", natural="white", materials=("cotton", "silk", "satin", "velvet",
        "flannel"),
)

KIMONO = Garment(
    "kimono", ("kimono", "kimono", "kimono robe"), "robe",
    (
        Layer("fold", mirror("M34 12L6 18V58L28 60L34 44z")),
        Layer("cloth", "M34 10H66L70 46L74 94H26L30 46z"),
        Layer("shade", "M66 14L70 46L74 94H62L60 46z"), Layer("#fff", "M42 8H58L50 32z"),
        Layer("fold", "M42 6L36 9L50 44L44 94H50L58 46L52 40L64 9L58 6L50 28z"),
        Layer("lining", "M29 42h42l1 17H28z"),
    ),
    (
        Detail("sash", ("sash", "obi"), (Layer("main", "M29 42h42l1 17H28z"), Layer("dark",
            "M29 49h42v3H29z")), number="one",
               natural="#d13", place="waist"),
        Detail("sleeve trim", ("sleeve trim",), (Layer("main", mirror("M6 50V58L28 60V53z")),),
            number="mass", natural="#fff", place="cuffs"),
    ),
    gloss="M34 18L36 38M35 64L33 86", natural="crimson", materials=("silk", "satin", "cotton", "linen"),
)

PONCHO = Garment(
    "poncho", ("poncho", "poncho", "wrap"), "cape",
    (
        Layer("cloth", "M40 14Q50 18 60 14L96 62L50 94L4 62z"),
        Layer("shade", "M60 14L96 62L50 94V88L70 60z"),
        Layer("lining", "M40 13Q50 8 60 13Q58 25 50 25T40 13z"),
        Layer("crease", "M38 14Q41 30 50 30T62 14", 1.5),
    ),
    (
        Detail("tassel trim", ("tassel trim", "tassels"),
               (Layer("main", mirror("M6 64L4 74M17 72L15 82M28 79L26 89M39 87L37 97") + "M50 94V99", 2),),
               number="mass", natural="#fec", place="hem"),
        Detail("trim", ("trim", "trim along the edge"), (Layer("main",
            "M14 49L4 62L50 94L96 62L86 49L84 58L50 82L16 58z"),),
            number="mass", natural="#fff", place="edge"),
    ),
    natural="orange", materials=("wool", "knit", "tweed", "cotton"),
)

GARMENTS: tuple[Garment, ...] = (
    COAT, TRENCH_COAT, JACKET, PUFFER, BLAZER, HOODIE, SWEATER, CARDIGAN, SHIRT, BLOUSE, T_SHIRT, POLO, VEST,
        CAPE,
    ROBE, KIMONO, PONCHO,
)
