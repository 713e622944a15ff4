"""Dresses, skirts, pants and whole-body garments, laid flat, in a box of 100 x 100 units."""

# The formatter would spread these tables over several times as many lines.
# fmt: off
from __future__ import annotations

from svgtune.data.sources.scenes.fashion.fabric import Detail, Garment, Layer, mirror
from svgtune.data.sources.scenes.fashion.garments_upper import cut_buttons

_SOFT = ("silk", "satin", "velvet", "cotton", "lace", "linen", "sequined", "wool", "knit")
_STURDY = ("corduroy", "wool", "cotton", "linen", "tweed", "velvet", "leather", "flannel", "suede", "silk")


def _hem(name: str, words: tuple[str, ...], d: str, natural: str, number: str = "one") -> Detail:
    return Detail(
        name, words, (Layer("main", d),), "mass" if number == "mass" else "one", natural, place="hem"
    )


DRESS = Garment(
    "dress", ("dress", "dress", "summer dress", "sleeveless dress"), "dress",
    (
        Layer("cloth", "M36 5H42Q44 20 50 20T58 5H64Q66 20 66 24L61 44L85 90Q50 100 15 90L39 44L34 24"
            "Q34 20 36 5z"),
        Layer("shade", "M64 5Q66 20 66 24L61 44L85 90Q78 93 69 94L56 46L59 24z"),
        Layer("crease", "M43 52L34 88M50 54V90", 1), Layer("shade", "M39 42H61L63 48H37z"),
    ),
    (
        Detail("belt", ("belt", "sash", "waistband"), (Layer("main", "M38 41H62L64 49H36z"),), number="one",
               natural="#431", place="waist"),
        Detail("bow", ("bow", "waist bow", "bow at the waist"), (Layer("main",
            "M50 45l-13 -8v16l13 -8l13 8v-16z"),
               Layer("dark", "M48 46l-6 18h6l2 -14l2 14h6l-6 -18z")), number="one", natural="#d13",
               place="waist"),
        _hem("ruffled hem", ("ruffled hem", "ruffled edge"), "M18 84Q50 94 82 84L87 92Q82 99 76 95"
            "Q70 101 63 97Q57 103 50 98Q43 103 37 97Q30 101 24 95Q18 99 13 92z", "#fff"),
        _hem("lace trim", ("lace trim",), "M19 82Q50 92 81 82L86 91q-5 5 -9 2q-4 5 -9 2q-4 5 -9 2"
            "q-4 4 -9 1q-5 3 -9 -1q-5 3 -9 -2q-5 3 -9 -2q-4 3 -9 -2z", "#fff", "mass"),
        Detail("buttons", ("buttons",), cut_buttons("50 26", "50 34", "50 58"), natural="#fff",
            place="front", count=3),
    ),
    gloss="M41 28L43 38M37 56L27 86", natural="azure", materials=_SOFT,
)

GOWN = Garment(
    "gown", ("gown", "ball gown", "evening gown", "ball gown"), "dress",
    (
        Layer("cloth", "M36 8Q44 14 50 10Q56 14 64 8L60 36Q88 52 97 92Q74 98 50 95Q26 98 3 92Q12 52 40 36z"),
        Layer("shade", "M64 8L60 36Q88 52 97 92Q88 94 80 95Q78 56 56 37L58 11zM46 46L54 46L58 95L42 95z"),
        Layer("crease", "M36 48Q24 66 22 90", 1), Layer("fold", "M40 33H60L61 39Q50 43 39 39z"),
    ),
    (
        Detail("sash", ("sash", "waist sash", "belt"), (Layer("main", "M40 32H60L62 40Q50 45 38 40z"),),
            number="one",
               natural="#fff", place="waist"),
        Detail("lace trim", ("lace trim", "lace hem"), (Layer("main",
               "M5 85Q50 94 95 85L98 93q-6 5 -12 2q-6 4 -12 1q-6 4 -12 1q-6 4 -12 0q-6 4 -12 0q-6 3 -12 -1"
               "q-6 3 -12 -1q-6 3 -12 -2z"),),
               number="mass", natural="#fff", place="hem"),
        Detail("bow", ("bow", "large bow"), (Layer("main", "M50 37l-15 -8v16l15 -8l15 8v-16z"),
               Layer("dark", "M48 38l-7 24h7l2 -18l2 18h7l-7 -24z")), number="one", natural="#d13",
               place="waist"),
        Detail("sleeves", ("puffed sleeves", "short puffed sleeves"), (Layer("main",
            mirror("M37 9Q24 4 20 16Q20 26 30 26Q36 22 37 9z")),),
               place="sleeves", count=2, colours=""),
    ),
    gloss="M42 18L43 30M34 54Q20 72 17 88", natural="crimson",
    materials=("silk", "satin", "velvet", "lace", "sequined"),
)

SKIRT = Garment(
    "skirt", ("skirt", "skirt", "a-line skirt", "flared skirt"), "skirt",
    (
        Layer("cloth", "M33 14H67L93 84Q72 94 50 92Q28 94 7 84z"),
        Layer("shade", "M67 14L93 84Q84 89 74 91L58 16z"), Layer("fold", "M33 10H67V19H33z"),
        Layer("crease", "M42 24L32 86M52 24L54 88", 1),
    ),
    (
        Detail("belt", ("belt",), (Layer("main", "M32 9H68V20H32z"), Layer("#fd5", "M45 10h10v9h-10z", 1)),
            number="one",
               natural="#431", place="waist"),
        Detail("buttons", ("buttons",), cut_buttons("46 32", "46 48", "46 64", "46 80"), natural="#fff",
            place="front", count=4),
        Detail("pockets", ("patch pockets", "pockets"), (Layer("main", mirror("M27 38h14v15H22z")),),
            place="pockets", count=2),
        _hem("ruffled hem", ("ruffled hem", "ruffled edge"), "M10 76Q50 92 90 76L95 86Q90 94 82 90"
            "Q75 98 66 93Q58 99 50 94Q42 99 34 93Q25 98 18 90Q10 94 5 86z", "#fff"),
        _hem("embroidered hem", ("embroidered hem",), "M11 74Q50 92 89 74L92 82Q50 100 8 82z", "#db2"),
        Detail("bow", ("bow at the waist",), (Layer("main", "M50 14l-13 -8v17l13 -9l13 9v-17z"),),
            number="one",
               natural="#d13", place="waist"),
    ),
    gloss="M34 28L20 78", stitch=mirror("M34 22H46") + "M12 80Q50 96 88 80", natural="coral",
    materials=("denim", "leather", "corduroy", "suede", "velvet", "satin", "silk", "wool", "tweed", "cotton",
        "linen"),
)

PLEATED_SKIRT = Garment(
    "pleated skirt", ("pleated skirt", "pleated skirt", "pleated mini skirt"), "skirt",
    (
        Layer("cloth", "M30 20H70L94 82L85 87L78 82L68 88L59 83L50 89L41 83L32 88L22 82L15 87L6 82z"),
        Layer("shade", "M34 24L22 82L15 87L30 24zM43 24L41 83L32 88L39 24zM52 24L59 83L50 89L48 24zM61 24"
            "L78 82L68 88L57 24zM67 24L94 82L85 87z"),
        Layer("fold", "M30 13H70V24H30z"),
    ),
    (
        Detail("belt", ("belt", "waistband"), (Layer("main", "M29 12H71V24H29z"),), number="one",
            natural="#431", place="waist"),
        Detail("bow", ("bow at the waist", "bow"), (Layer("main", "M50 18l-13 -8v17l13 -9l13 9v-17z"),),
            number="one",
               natural="#fff", place="waist"),
        Detail("stripe", ("stripe along the hem",), (Layer("main", "M10 72L16 77L25 72L34 78L42 73L50 79"
            "L58 73L66 78L75 72L84 77L90 72L92 77L85 83L77 78L68 84L59 79L50 85L41 79L32 84L23 78L15 83"
            "L8 77z"),),
               number="one", natural="#fff", place="hem"),
    ),
    natural="navy", materials=("wool", "cotton", "satin", "leather", "tweed"),
)

_LEGS = "M30 6H70L77 95H56L50 38L44 95H23z"

_PANTS_BELT = Detail("belt", ("belt", "belt"), (Layer("main", "M30 6H70L71 14H29z"), Layer("#fd5",
    "M45 6h10v8h-10z", 1)),
                     number="one", natural="#431", place="waist")
_PANTS_BUTTONS = Detail(
    "buttons",
    ("buttons", "side buttons"),
    cut_buttons("50 10", "44 24", "56 24"),
    natural="#ccd",
    place="front",
    count=3,
)
_PANTS_PATCHES = Detail(
    "pockets", ("patch pockets", "patch pockets", "large pockets"),
    (Layer("main", mirror("M28 30h13v15l-6 4l-8 -4z")), Layer("deep", mirror("M28 34h13"), 1)),
    place="pockets", count=2,
)
_PANTS_SIDES = Detail(
    "pockets", ("side pockets", "slant pockets"), (Layer("main", mirror("M38 14Q38 26 29 29"), 1.5),),
    place="pockets", count=2, colours="",
)
_PANTS_CUFFS = Detail(
    "cuffs", ("rolled cuffs", "cuffs", "turned-up cuffs"), (Layer("main",
        "M22 86H46L45 96H21zM54 86H78L79 96H55z"),),
    place="cuffs", count=2,
)
_PANTS_PATCH = Detail(
    "knee patches", ("knee patches", "patches on the knees"), (Layer("main", mirror("M28 57h13l1 14H27z")),),
    natural="#db2", place="knees", count=2,
)
_PANTS_STRIPE = Detail(
    "side stripes", ("side stripes", "stripes down the sides"), (Layer("main",
        mirror("M30 14L23 95H28L34 14z")),),
    natural="#fff", place="sides", count=2,
)

PANTS = Garment(
    "pants", ("pants", "pants", "pants", "trousers"), "legwear",
    (
        Layer("cloth", _LEGS), Layer("shade", "M70 6L77 95H68L61 14V6zM50 38L44 95H37L46 30z"),
        Layer("fold", "M30 6H70L71 14H29z"), Layer("crease", "M50 14V38", 1),
    ),
    (_PANTS_PATCHES, _PANTS_BUTTONS, _PANTS_BELT, _PANTS_CUFFS, _PANTS_SIDES, _PANTS_PATCH, _PANTS_STRIPE),
    plural=True, pair=True, gloss="M34 34L31 82M64 34L65 82", stitch=mirror("M39 15Q38 26 29 29"),
        natural="tan",
    materials=_STURDY,
)

JEANS = Garment(
    "jeans", ("jeans", "jeans", "denim jeans"), "legwear",
    (
        Layer("cloth", "M29 6H71L78 95H57L50 40L43 95H22z"),
        Layer("shade", "M71 6L78 95H69L62 14V6zM50 40L43 95H36L46 32z"),
        Layer("light", mirror("M31 46Q36 40 38 50L36 74Q30 78 29 68z")),
        Layer("fold", "M29 6H71L72 14H28z"), Layer("#fb4",
            "M50 14V34Q46 34 44 30" + mirror("M39 15Q38 27 28 28M23 91H43"), 1),
        Layer("#b73", "@50 10 2.5"),
    ),
    (
        _PANTS_BELT, _PANTS_CUFFS, _PANTS_PATCH,
        Detail("rips", ("ripped knees", "torn knees"), (Layer("#fdb",
            mirror("M29 58h11l-1 4h-10zM28 66h11v4h-11z")),),
               place="knees", colours="", count=2),
    ),
    plural=True, pair=True, natural="blue", patterned=False,
)

SHORTS = Garment(
    "shorts", ("shorts", "shorts", "summer shorts"), "legwear",
    (
        Layer("cloth", "M26 18H74L88 80L56 84L50 56L44 84L12 80z"),
        Layer("shade", "M74 18L88 80L74 82L63 26V18zM50 56L44 84L34 83L46 46z"),
        Layer("fold", "M26 18H74L76 28H24z"), Layer("crease", "M50 28V56", 1),
    ),
    (
        Detail("belt", ("belt",), (Layer("main", "M25 17H75L77 28H23z"), Layer("#fd5", "M44 18h12v9h-12z",
            1)), number="one",
               natural="#431", place="waist"),
        Detail("pockets", ("patch pockets", "large pockets"), (Layer("main",
            mirror("M24 44h16v16l-8 5l-11 -5z")),), place="pockets", count=2),
        Detail("drawstring", ("drawstring",), (Layer("main", "M47 23Q40 34 44 44M53 23Q60 34 56 44", 1.5),),
            number="one", natural="#fff", place="waist"),
        Detail("cuffs", ("rolled cuffs", "cuffs"), (Layer("main",
            "M13 71L45 75L44 85L11 81zM87 71L55 75L56 85L89 81z"),), place="cuffs", count=2),
        Detail("side stripes", ("side stripes",), (Layer("main", mirror("M24 28L12 80L19 81L29 28z")),),
            natural="#fff", place="sides", count=2),
    ),
    plural=True, pair=True, gloss="M30 38L24 70", stitch=mirror("M36 29Q34 40 21 42M14 76L44 80"),
        natural="khaki",
    materials=("denim", "cotton", "linen", "corduroy", "leather", "velvet", "satin"),
)

_BIB_DETAILS = (
    Detail("pockets", ("patch pockets", "side pockets", "large pockets"), (Layer("main",
        mirror("M27 50h14v15l-7 4l-8 -4z")),),
           place="pockets", count=2),
    Detail("buttons", ("buttons",), (Layer("main", "@39 27 3.5"), Layer("main", "@61 27 3.5")),
        natural="#db2",
           place="buttons", count=2),
    Detail("straps", ("straps",), (Layer("main", mirror("M36 5L42 5L42 28H36z")),), natural="#431",
        place="straps", count=2),
    Detail("cuffs", ("rolled cuffs", "cuffs"), (Layer("main", "M24 87H46L45 96H23zM54 87H76L77 96H55z"),),
        place="cuffs", count=2),
    Detail("bib pocket", ("bib pocket", "chest pocket", "front pocket"), (Layer("main",
        "M43 30H57V40L50 43L43 40z"),), number="one",
           place="bib"),
)

OVERALLS = Garment(
    "overalls", ("overalls", "overalls", "bib overalls", "dungarees"), "overalls",
    (
        Layer("fold", mirror("M36 5H42V28H36z")),
        Layer("cloth", "M35 24H65L67 42L73 46L76 95H55L50 62L45 95H24L27 46L33 42z"),
        Layer("shade", "M73 46L76 95H67L63 48zM50 62L45 95H38L46 56zM32 44H68V48H32z"),
        Layer("deep", "M42 30H58V40H42z", 1), Layer("#fd5", "@39 27 2.5"), Layer("#fd5", "@61 27 2.5"),
    ),
    _BIB_DETAILS, plural=True, gloss="M33 56L31 84M40 30V40", stitch=mirror("M35 25H50M28 48L25 90"),
        natural="blue",
    materials=("denim", "corduroy", "cotton", "linen", "velvet", "leather"),
)

JUMPSUIT = Garment(
    "jumpsuit", ("jumpsuit", "jumpsuit", "boiler suit", "coverall"), "overalls",
    (
        Layer("fold", mirror("M35 8Q27 10 25 22L14 52L23 56L36 34z")),
        Layer("cloth", "M37 7H63Q70 10 70 18L67 44L75 95H55L50 60L45 95H25L33 44L30 18Q30 10 37 7z"),
        Layer("shade", "M70 18L67 44L75 95H67L60 46L64 16zM50 60L45 95H39L47 54z"),
        Layer("lining", "M42 5H58L50 17z"), Layer("fold",
            mirror("M42 3L35 9L43 21L50 14z") + "M32 43H68V49H32z"),
        Layer("crease", "M50 16V60", 1),
    ),
    (
        Detail("zipper", ("zipper", "front zipper"), (Layer("main", "M50 17V58", 1.5), Layer("main",
            "M48 22h4v6h-4z")), number="one",
               natural="#ccd", colours="metal", place="front"),
        Detail("belt", ("belt",), (Layer("main", "M31 42H69L70 50H30z"), Layer("#fd5", "M45 42h10v8h-10z",
            1)), number="one",
               natural="#431", place="waist"),
        Detail("pockets", ("chest pockets", "pockets"), (Layer("main", mirror("M34 25h12v11H35z")),),
            place="pockets", count=2),
        Detail("cuffs", ("rolled cuffs", "cuffs"), (Layer("main",
            "M26 87H47L46 96H24zM53 87H74L76 96H54z"),), place="cuffs", count=2),
    ),
    gloss="M36 56L32 84M34 22L36 38", stitch=mirror("M36 44L29 90"), natural="orange",
    materials=("denim", "cotton", "linen", "satin", "velvet", "leather", "silk"),
)

PAJAMAS = Garment(
    "pajamas", ("pajamas", "pajamas", "pajama set"), "sleepwear",
    (
        Layer("fold", mirror("M36 5Q28 7 25 16L12 42L22 48L34 30z")),
        Layer("cloth", "M38 4H62Q70 6 72 14L69 50H31L28 14Q30 6 38 4z"),
        Layer("shade", "M72 14L69 50H61L64 12z"),
        Layer("cloth", "M31 54H69L74 96H55L50 68L45 96H26z"), Layer("shade",
            "M69 54L74 96H66L61 54zM50 68L45 96H39L47 62z"),
        Layer("lining", "M43 3H57L50 14z"), Layer("fold", mirror("M43 2L36 7L43 19L50 13z")), Layer("crease",
            "M50 14V50", 1),
    ),
    (
        Detail("buttons", ("buttons",), cut_buttons("50 23", "50 33", "50 43"), natural="#fff",
            place="front", count=3),
        Detail("chest pocket", ("chest pocket", "pocket"), (Layer("main", "M56 22h10v11h-10z"),),
            number="one", natural="#fff", place="pockets"),
        Detail("cuffs", ("trim", "cuffs"), (Layer("main",
            mirror("M14 38L24 44L21 49L11 43z") + "M27 89H46L45 97H25zM54 89H73L75 97H55z"),),
                natural="#fff", place="cuffs"),
    ),
    plural=True, pair=True, gloss="M34 14V40", natural="azure", materials=("silk", "satin", "cotton",
        "flannel", "linen"),
)

SWIMSUIT = Garment(
    "swimsuit", ("swimsuit", "one-piece swimsuit", "bathing suit"), "swimwear",
    (
        Layer("lining", "M34 20Q50 30 66 20L62 40H38z"),
        Layer("cloth", "M31 5H37Q40 28 50 28T63 5H69L70 28Q62 44 73 62L74 66Q60 72 56 94H44Q40 72 26 66"
            "L27 62Q38 44 30 28z"),
        Layer("shade", "M69 5L70 28Q62 44 73 62L74 66Q66 69 62 76Q56 48 64 24z"),
    ),
    (
        Detail("belt", ("belt",), (Layer("main", "M34 45H66L68 53H32z"), Layer("#fd5", "M45 45h10v8h-10z",
            1)), number="one", natural="#fff", place="waist"),
        Detail("bow", ("bow",), (Layer("main", "M50 32l-13 -8v16l13 -8l13 8v-16z"),), number="one",
            natural="#fff", place="chest"),
        Detail("ruffles", ("ruffles", "ruffled trim"), (Layer("main", "M30 26q5 8 10 3q5 7 10 3q5 4 10 -3"
            "q5 5 10 -3l-1 10q-5 6 -10 1q-5 5 -9 2q-5 3 -9 -2q-5 5 -10 -1z"),), natural="#fff",
            place="chest"),
    ),
    gloss="M37 34Q41 46 36 60", natural="scarlet", materials=("satin", "sequined"),
)

APRON = Garment(
    "apron", ("apron", "apron", "kitchen apron"), "apron",
    (
        Layer("fold", "M37 24Q32 2 50 2T63 24H58Q62 8 50 8T42 24zM30 52Q12 50 6 62Q18 54 30 58zM70 52"
            "Q88 50 94 62Q82 54 70 58z"),
        Layer("cloth", "M35 20H65L68 44Q78 50 80 58L76 92Q50 98 24 92L20 58Q22 50 32 44z"),
        Layer("shade", "M65 20L68 44Q78 50 80 58L76 92L67 94L66 54L58 44V20z"),
    ),
    (
        Detail("pocket", ("front pocket", "large pocket"), (Layer("main", "M34 60H66V78Q50 84 34 78z"),),
            number="one", place="pockets"),
        Detail("ruffled hem", ("ruffled hem", "ruffled edge"), (Layer("main",
            "M24 85Q50 92 76 85L77 93Q70 99 64 95Q57 101 50 96Q43 101 36 95Q30 99 23 93z"),), number="one",
            natural="#fff", place="hem"),
        Detail("straps", ("straps",), (Layer("main", "M37 24Q32 2 50 2T63 24H58Q62 8 50 8T42 24zM30 52"
            "Q12 50 6 62Q18 54 30 58zM70 52Q88 50 94 62Q82 54 70 58z"),), natural="#431", place="straps",
            count=2),
        Detail("heart", ("heart on the front",), (Layer("main",
            "M50 52q-13 -8 -13 -16q2 -8 13 -2q11 -6 13 2q0 8 -13 16z"),), number="one", natural="#f58",
            place="chest"),
    ),
    gloss="M34 56L32 84", stitch="M25 86Q50 93 75 86", natural="white",
    materials=("cotton", "linen", "denim", "leather"),
)

GARMENTS: tuple[Garment, ...] = (
    DRESS, GOWN, SKIRT, PLEATED_SKIRT, PANTS, JEANS, SHORTS, OVERALLS, JUMPSUIT, PAJAMAS, SWIMSUIT, APRON,
)
