"""Hats, shoes, bags and other things worn with a garment, in a box of 100 x 100 units."""

# The formatter would spread these tables over several times as many lines.
# fmt: off
from __future__ import annotations

from svgtune.data.sources.scenes.fashion.fabric import Detail, Garment, Layer, mirror

_FELT = ("wool", "felt", "suede", "velvet", "tweed", "leather", "corduroy")
_HAND = ("leather", "wool", "knit", "suede", "velvet", "lace", "satin")


def _ribbon(d: str, *words: str, natural: str = "#431", name: str = "ribbon") -> Detail:
    return Detail(
        name, words or ("ribbon",), (Layer("main", d),), number="one", natural=natural, place="band"
    )


SCARF = Garment(
    "scarf", ("scarf", "scarf", "long scarf", "winter scarf"), "neckwear",
    (
        Layer("fold", "M54 30L70 26L84 78L64 84z"),
        Layer("cloth", "M34 32L56 30L58 88H32z"), Layer("shade", "M50 34L56 30L58 88H50z"),
        Layer("fold", "M22 22Q50 -4 78 22L74 36Q50 12 26 36z"),
        Layer("cloth", "M20 20Q24 34 50 34T80 20Q86 32 76 41Q64 50 50 50T24 41Q14 32 20 20z"),
        Layer("crease", "M27 35Q50 48 73 35", 1),
    ),
    (
        Detail("tassel trim", ("tassel trim", "tassel trim", "tassels", "tasseled ends"),
               (Layer("main", "M34 89l-1 9M39 89v9M44 89v9M49 89v9M54 89v9M66 85l2 9M72 83l3 9M78 81l3 9",
                   2),),
               number="mass", natural="", place="ends"),
        Detail("fringe", ("fringe", "fringed ends"), (Layer("main", "M32 87h26l1 10h-4v-7h-3v7h-4v-7h-3v7"
            "h-4v-7h-3v7h-7zM64 83l20 -5l3 9l-4 1l-2 -6l-3 1l2 6l-4 1l-2 -6l-3 1l2 6l-5 1z"),),
               number="mass", natural="#fec", place="ends"),
        Detail("stripes", ("stripes at the ends", "stripes near the ends"), (Layer("main",
            "M32 70h26v5H32zM32 79h26v5H32zM61 70L81 65L82 70L62 75z"),),
               natural="#fff", place="stripe"),
    ),
    gloss="M37 54L36 82M26 28Q36 37 50 38", natural="crimson",
    materials=("silk", "wool", "knit", "satin", "cotton", "velvet", "linen", "lace"),
)

TIE = Garment(
    "tie", ("tie", "tie", "necktie"), "neckwear",
    (
        Layer("fold", "M41 5H59L56 18H44z"), Layer("cloth", "M44 18H56L65 76L50 95L35 76z"),
        Layer("shade", "M56 18L65 76L50 95V18z"),
    ),
    (Detail("clip", ("clip", "tie clip", "tie bar"), (Layer("main", "M40 54h20v5H39z"),), number="one",
        natural="#db2", colours="metal", place="clip"),),
    gloss="M46 28L42 66", natural="navy", materials=("silk", "satin", "knit", "wool", "velvet", "leather",
        "linen"),
)

BOW_TIE = Garment(
    "bow tie", ("bow tie",), "neckwear",
    (
        Layer("cloth", "M50 50Q30 26 8 26Q2 50 8 74Q30 74 50 50zM50 50Q70 26 92 26Q98 50 92 74Q70 74 50 50z"),
        Layer("shade", "M8 74Q30 74 50 50Q26 62 5 62zM92 74Q70 74 50 50Q74 62 95 62z"),
        Layer("crease", mirror("M40 48L22 42M40 53L24 58"), 1), Layer("fold",
            "M43 39H57Q60 50 57 61H43Q40 50 43 39z"),
    ),
    (Detail("knot", ("knot", "center knot"), (Layer("main", "M43 38H57Q61 50 57 62H43Q39 50 43 38z"),),
        number="one", natural="#db2", place="knot"),),
    gloss="M14 34Q24 34 34 42M66 42Q76 34 86 34", natural="black", materials=("silk", "satin", "velvet",
        "leather", "linen"),
)

FEDORA = Garment(
    "fedora", ("fedora", "fedora", "fedora hat"), "headwear",
    (
        Layer("fold", "M4 66Q14 62 28 63H72Q86 62 96 66Q86 82 50 82T4 66z"),
        Layer("cloth", "M26 66Q26 26 38 21Q46 20 50 26Q54 20 62 21Q74 26 74 66Q50 76 26 66z"),
        Layer("shade", "M62 21Q74 26 74 66Q66 70 58 71Q66 44 62 21z"), Layer("crease", "M50 27Q50 36 46 42",
            1.5),
        Layer("lining", "M25 56Q50 66 75 56V66Q50 77 25 66z"),
    ),
    (
        _ribbon("M25 55Q50 65 75 55V67Q50 78 25 67z", "ribbon", "band", "hatband", natural="#111"),
        Detail("feather", ("feather",), (Layer("main", "M66 64Q66 38 84 22Q90 44 72 64z"), Layer("deep",
            "M69 62Q74 42 82 30", 1)), number="one", natural="#d13", place="feather"),
    ),
    gloss="M34 32Q31 44 31 54", natural="brown", materials=_FELT,
)

TOP_HAT = Garment(
    "top hat", ("top hat", "tall top hat"), "headwear",
    (
        Layer("fold", "M6 72Q20 80 50 80T94 72Q94 84 50 88T6 72z"),
        Layer("cloth", "M24 18H76Q70 44 74 76Q50 84 26 76Q30 44 24 18z"), Layer("shade",
            "M76 18Q70 44 74 76Q68 78 62 79Q58 44 64 18z"),
        Layer("light", "M24 18Q50 8 76 18Q50 27 24 18z"), Layer("lining",
            "M27 62Q50 70 73 62L74 76Q50 84 26 76z"),
    ),
    (_ribbon("M27 60Q50 68 73 60L74 76Q50 84 26 76z", "ribbon", "band", natural="#d13"),),
    gloss="M33 28Q36 44 35 58", natural="black", materials=("silk", "satin", "velvet", "wool", "leather"),
)

SUN_HAT = Garment(
    "sun hat", ("sun hat", "wide-brimmed hat", "floppy hat"), "headwear",
    (
        Layer("cloth", "M3 68Q20 48 50 50T97 68Q82 86 50 80T3 68z"), Layer("shade",
            "M3 68Q28 76 50 72T97 68Q82 86 50 80T3 68z"),
        Layer("cloth", "M28 62Q28 24 50 24T72 62Q50 72 28 62z"), Layer("shade",
            "M56 25Q72 30 72 62Q66 65 60 66Q66 44 56 25z"),
        Layer("lining", "M28 54Q50 64 72 54V63Q50 73 28 63z"),
    ),
    (
        _ribbon("M28 52Q50 62 72 52V64Q50 74 28 64z", "ribbon", "band", natural="#d13"),
        Detail("bow", ("bow",), (Layer("main", "M68 62l-14 -9v18l14 -9l14 9v-18z"), Layer("dark",
            "M66 63l-6 17h6l3 -14l6 14h6l-10 -17z")), number="one", natural="#d13", place="bow"),
        Detail("flower", ("flower",), (Layer("main", "M70 60q-9 -14 0 -16q9 2 0 16q15 -8 17 1q-2 8 -17 -1"
            "q9 14 0 17q-9 -3 0 -17q-15 8 -17 -1q2 -8 17 1z"), Layer("#fd3", "@70 60 4")), number="one",
            natural="#f58", place="bow"),
    ),
    natural="tan", materials=("straw", "linen", "cotton", "felt"),
)

CAP = Garment(
    "cap", ("cap", "baseball cap", "baseball cap"), "headwear",
    (
        Layer("fold", "M54 62Q84 58 97 74Q90 82 72 75Q62 70 50 72z"),
        Layer("cloth", "M8 68Q6 26 44 24Q76 26 78 62Q50 62 8 68z"), Layer("shade",
            "M44 24Q76 26 78 62Q68 62 58 63Q60 40 44 24z"),
        Layer("crease", "M44 24Q26 38 24 66", 1), Layer("fold", "M38 22q6 -4 12 0v5H38z"),
        Layer("lining", "M8 62Q40 55 78 56V63Q48 63 8 69z"),
    ),
    (
        Detail("star", ("star on the front", "star"), (Layer("main",
            "M48 32l4 8l9 1l-7 6l2 9l-8 -5l-8 5l2 -9l-7 -6l9 -1z"),), number="one", natural="#fff",
            place="front"),
        Detail("brim", ("brim", "visor"), (Layer("main", "M54 62Q84 58 97 74Q90 82 72 75Q62 70 50 72z"),),
            number="one", natural="#222", place="brim"),
        Detail("button", ("button on top",), (Layer("main", "M38 22q6 -6 12 0v5H38z"),), number="one",
            natural="#fff", place="top"),
    ),
    gloss="M18 52Q20 36 34 31", stitch="M40 30Q28 42 27 60", natural="red", materials=("cotton", "denim",
        "leather", "corduroy", "suede", "wool"),
)

BEANIE = Garment(
    "beanie", ("beanie", "beanie", "winter hat", "bobble hat"), "headwear",
    (
        Layer("cloth", "M20 66Q18 20 50 20T80 66z"), Layer("shade", "M58 21Q80 26 80 66H66Q70 38 58 21z"),
        Layer("crease", "M36 60Q36 36 44 24M52 60V24M67 60Q66 38 58 25", 1), Layer("fold",
            "M15 60Q50 54 85 60V82Q50 90 15 82z"),
        Layer("deep", mirror("M28 63V80M41 61V82"), 1),
    ),
    (
        Detail("pom-pom", ("pom-pom", "fluffy pom-pom"), (Layer("main",
            "M50 4q4 -4 8 0q6 0 6 6q3 5 -1 9q-1 6 -7 6q-6 4 -12 0q-6 0 -7 -6q-4 -4 -1 -9q0 -6 6 -6"
            "q4 -4 8 0z"), Layer("dark", "M44 20q6 4 14 -2", 1.5)), number="one", natural="#fff",
            place="top"),
        Detail("brim", ("cuff", "folded brim", "brim"), (Layer("main", "M15 60Q50 54 85 60V82Q50 90 15 82z"),
            Layer("deep", mirror("M28 63V80M41 61V82"), 1)), number="one", natural="#431", place="brim"),
    ),
    natural="mustard", materials=("wool", "knit", "cable-knit", "cotton"),
)

BERET = Garment(
    "beret", ("beret", "beret", "soft beret"), "headwear",
    (
        Layer("cloth", "M6 46Q4 26 36 22Q80 18 94 40Q98 56 76 60L28 66Q8 60 6 46z"),
        Layer("shade", "M94 40Q98 56 76 60L28 66Q14 62 8 54Q50 62 94 40z"),
        Layer("lining", "M26 62Q52 66 76 56L78 66Q54 78 28 72z"), Layer("crease", "M46 22q-1 -6 4 -10", 2),
    ),
    (
        _ribbon("M26 61Q52 65 76 55L79 67Q54 79 28 73z", "band", natural="#222", name="band"),
        Detail("badge", ("badge", "pin"), (Layer("main", "@26 44 6"),), number="one", natural="#db2",
            colours="metal", place="badge"),
        Detail("pom-pom", ("pom-pom",), (Layer("main", "@48 16 10"),), number="one", natural="#fff",
            place="top"),
    ),
    natural="red", materials=("wool", "felt", "velvet", "leather", "knit"),
)

_GLOVE = (
    "M14 94V60Q4 50 3 38Q6 30 12 36L17 44L15 20Q18 12 23 20L25 36L25 12Q29 5 33 12L33 36L37 16Q42 9 45 17"
    "L42 40L45 60L42 94z"
)

GLOVES = Garment(
    "gloves", ("gloves", "gloves", "winter gloves"), "handwear",
    (
        Layer("cloth", mirror(_GLOVE)), Layer("shade", mirror("M45 17L42 40L45 60L42 94H33L37 40z")),
        Layer("fold", mirror("M12 80H44V94H12z")),
    ),
    (
        Detail("faux fur trim", ("faux fur trim", "fur cuffs", "faux fur cuffs"), (Layer("main",
            mirror("M12 76q4 -4 8 -1q5 -4 9 0q4 -4 8 0q5 -2 8 2q4 5 1 9q3 6 -2 9q-5 4 -8 1q-4 4 -9 0"
                "q-5 4 -8 0q-6 1 -8 -4q-3 -5 0 -8q-3 -5 1 -8z")),), number="mass", natural="#ca8",
                colours="fur", place="cuffs"),
        Detail("cuffs", ("cuffs", "wide cuffs"), (Layer("main", mirror("M10 78H46V95H10z")),),
            natural="#fff", place="cuffs", count=2),
        Detail("buttons", ("buttons",), (Layer("main", "@28 72 3"), Layer("main", "@72 72 3")),
            natural="#db2", place="front", count=2),
    ),
    plural=True, pair=True, gloss=mirror("M20 50V70"), natural="brown", materials=_HAND, patterned=False,
)

MITTENS = Garment(
    "mittens", ("mittens", "mittens", "warm mittens"), "handwear",
    (
        Layer("cloth", mirror("M14 78V56Q2 48 4 38Q9 30 16 40Q14 10 29 8T44 38V78z")), Layer("shade",
            mirror("M34 9Q45 14 44 38V78H35V40Q37 20 34 9z")),
        Layer("fold", mirror("M11 76H47V94H11z")), Layer("deep", mirror("M20 79V92M29 79V92M38 79V92"), 1),
    ),
    (
        Detail("faux fur trim", ("faux fur trim", "fur cuffs"), (Layer("main",
            mirror("M12 74q4 -4 8 -1q5 -4 9 0q4 -4 8 0q5 -2 9 2q4 5 1 9q3 6 -2 10q-5 4 -9 1q-4 4 -9 0"
                "q-5 4 -8 0q-7 1 -9 -4q-3 -5 0 -8q-3 -6 1 -9z")),), number="mass", natural="#ca8",
                colours="fur", place="cuffs"),
        Detail("cuffs", ("cuffs", "ribbed cuffs"), (Layer("main", mirror("M11 76H47V94H11z")), Layer("deep",
            mirror("M20 79V92M29 79V92M38 79V92"), 1)), natural="#fff", place="cuffs", count=2),
        Detail("hearts", ("hearts", "heart motifs"), (Layer("main",
            mirror("M29 58q-10 -7 -10 -14q2 -7 10 -2q8 -5 10 2q0 7 -10 14z")),), natural="#f58",
                place="front", count=2),
    ),
    plural=True, pair=True, natural="crimson", materials=("wool", "knit", "cable-knit", "suede"),
)

SOCKS = Garment(
    "socks", ("socks", "socks", "long socks"), "footwear",
    (
        Layer("fold", "M56 6H80L81 54Q94 66 96 76Q94 86 82 84Q70 78 58 62z"),
        Layer("cloth", "M16 10H42L43 58Q60 70 62 82Q60 94 46 92Q30 84 17 68z"), Layer("shade",
            "M42 10L43 58Q60 70 62 82Q60 90 54 92Q40 74 34 64V10z"),
        Layer("fold", "M14 8H44V20H14z"),
    ),
    (
        Detail("toes", ("toes", "toes and heels"), (Layer("main", "M50 64Q60 72 62 82Q60 94 46 92L42 89"
            "Q44 74 50 64zM86 59Q95 68 96 76Q94 86 82 84L79 82Q78 68 86 59z"),), natural="#fff", place="toe",
            count=2),
        Detail("cuffs", ("cuffs", "ribbed cuffs"), (Layer("main", "M14 8H44V22H14zM55 4H82V16H55z"),),
            natural="#fff", place="cuffs", count=2),
        Detail("stripes", ("stripes at the top", "stripes around the top"), (Layer("main",
            "M16 25H43V31H16zM16 36H43V42H16zM57 21H80V27H57zM57 32H80V38H57z"),), natural="#fff",
            place="stripe", count=2),
    ),
    plural=True, pair=True, natural="white", materials=("wool", "knit", "cotton", "cable-knit"),
)

BOOTS = Garment(
    "boots", ("boots", "boots", "ankle boots", "tall boots"), "footwear",
    (
        Layer("fold", "M54 6H78L79 54Q96 58 97 80H56z"), Layer("#222", "M55 79H98V87H55z"),
        Layer("cloth", "M8 12H36L38 62Q56 66 58 88H9z"), Layer("shade",
            "M36 12L38 62Q56 66 58 88H46Q44 72 30 66L28 12z"),
        Layer("#222", "M8 87H59V95H30V93H24V95H8z"), Layer("fold", "M7 10H38V19H7z"),
    ),
    (
        Detail("laces", ("laces", "shoelaces"), (Layer("main", "M22 30L36 34M22 38L36 42M22 46L37 50M24 54"
            "L38 58M67 24L78 28M67 32L78 36M67 40L79 44M68 48L79 52", 1.5),), natural="#fec", place="front"),
        Detail("faux fur trim", ("faux fur trim", "fur lining", "faux fur trim"), (Layer("main",
            "M6 9q4 -5 8 -2q4 -4 8 -1q4 -4 8 0q5 -2 8 2q4 5 1 9q0 6 -5 6q-4 4 -8 1q-4 4 -8 0q-4 3 -8 0"
            "q-6 -2 -5 -6q-4 -4 1 -9zM52 3q5 -4 8 -1q4 -3 8 0q4 -3 8 0q6 -1 6 4q3 4 -1 8q0 4 -5 4"
            "q-3 3 -7 0q-4 3 -8 0q-5 2 -7 -2q-4 -3 -2 -7q-3 -4 0 -6z"),), number="mass", natural="#ca8",
            colours="fur", place="top"),
        Detail("buckles", ("buckles",), (Layer("main", "M8 64H40L44 70H8zM55 58H83L87 64H55z"), Layer("deep",
            "M20 63h8v8h-8zM66 57h8v8h-8z", 1)), natural="#ccd", colours="metal", place="buckle", count=2),
        Detail("soles", ("soles", "thick soles"), (Layer("main", "M55 79H98V88H55zM8 86H60V96H8z"),),
            natural="#fff", place="sole", count=2),
    ),
    plural=True, pair=True, gloss="M16 26V74M62 20V66", natural="brown", materials=("leather", "suede",
        "patent leather", "velvet"), patterned=False,
)

SNEAKERS = Garment(
    "sneakers", ("sneakers", "sneakers", "tennis shoes", "running shoes"), "footwear",
    (
        Layer("fold", "M34 18Q44 22 54 18L70 32Q92 36 94 48H33z"), Layer("#fff",
            "M32 47H95Q96 55 90 55H35Q32 54 32 47z"),
        Layer("cloth", "M6 42Q18 48 32 40L54 58Q84 62 86 82H5z"), Layer("shade",
            "M54 58Q84 62 86 82H66Q64 70 48 64z"),
        Layer("#fff", "M4 80H87Q90 92 80 92H10Q4 91 4 80z"), Layer("lining",
            "M8 42Q18 48 30 41L33 43Q18 52 7 45z"),
    ),
    (
        Detail("laces", ("laces", "shoelaces"), (Layer("main",
            "M30 54L41 46M37 60L48 52M45 64L55 57M56 32L63 26", 2),), natural="#fff", place="front"),
        Detail("stripes", ("stripes on the side", "side stripes"), (Layer("main",
            "M18 80L30 58L36 62L26 80zM32 80L40 65L46 68L40 80z"),), natural="#fff", place="side", count=2),
        Detail("soles", ("soles", "thick soles"), (Layer("main", "M32 47H95Q96 55 90 55H35Q32 54 32 47z"
            "M4 80H87Q90 92 80 92H10Q4 91 4 80z"),), natural="#222", place="sole", count=2),
        Detail("star", ("star on the side",), (Layer("main",
            "M24 58l3 7l8 1l-6 5l2 8l-7 -4l-7 4l2 -8l-6 -5l8 -1z"),), number="one", natural="#fff",
            place="side"),
    ),
    plural=True, pair=True, gloss="M10 56L22 58", stitch="M8 76H78", natural="scarlet", materials=("cotton",
        "leather", "denim", "suede", "satin", "velvet"), patterned=True,
)

HEELS = Garment(
    "high heels", ("high heels", "high heels", "high-heeled shoes", "stilettos"), "footwear",
    (
        Layer("fold", "M40 12Q50 8 54 14Q64 34 80 42Q98 46 97 54Q84 56 70 52Q58 46 52 34L48 58H44z"),
        Layer("cloth", "M6 40Q18 34 22 42Q34 66 54 76Q82 82 82 90Q62 96 44 88Q28 80 19 62L14 94H9z"),
        Layer("lining", "M10 40Q18 37 21 43Q32 66 52 76Q36 74 24 60Q14 48 10 40z"),
        Layer("shade", "M19 62Q28 80 44 88Q62 96 82 90Q66 90 50 84Q32 76 20 56z"),
    ),
    (
        Detail("bow", ("bows",), (Layer("main", "M62 78l-12 -8v17l12 -8l12 9v-17zM84 44l-10 -7v14l10 -6"
            "l10 7v-14z"),), natural="#fff", place="front", count=2),
        Detail("straps", ("ankle straps", "straps"), (Layer("main", "M8 32Q20 26 30 34L29 39Q19 32 8 38z"
            "M41 6Q52 0 60 8L58 13Q50 6 41 11z"),), natural="#431", place="strap", count=2),
        Detail("buckles", ("buckles",), (Layer("main", "M56 74h13v11H56zM78 39h11v9H78z"),), natural="#db2",
            colours="metal", place="front", count=2),
    ),
    plural=True, pair=True, gloss="M30 68Q42 79 56 83", natural="red", materials=("leather", "satin",
        "suede", "velvet", "patent leather", "sequined"), patterned=False,
)

HANDBAG = Garment(
    "handbag", ("handbag", "handbag", "purse", "tote bag"), "bag",
    (
        Layer("deep", "M30 44Q28 8 50 8T70 44", 4), Layer("cloth", "M16 38H84L92 88Q50 96 8 88z"),
        Layer("shade", "M84 38L92 88Q84 90 74 91L70 38z"),
        Layer("fold", "M16 38H84L82 58Q50 74 18 58z"), Layer("#fd5", "M45 60h10v9h-10z"),
    ),
    (
        Detail("clasp", ("clasp", "buckle"), (Layer("main", "M42 57h16v14H42z"), Layer("deep",
            "M46 61h8v6h-8z", 1)), number="one", natural="#db2", colours="metal", place="front"),
        Detail("handle", ("handle", "strap"), (Layer("main", "M30 44Q28 8 50 8T70 44", 4),), number="one",
            natural="#431", place="handle"),
        Detail("bow", ("bow",), (Layer("main", "M50 64l-16 -10v20l16 -10l16 10v-20z"), Layer("dark",
            "@50 64 5")), number="one", natural="#d13", place="front"),
        Detail("tassels", ("tassels",), (Layer("main", "M76 52l4 8l5 20H69l5 -20z"), Layer("deep",
            "M71 80l5 -18M79 80l-2 -18", 1)), natural="#db2", place="tassel"),
    ),
    gloss="M22 46L20 52M20 66L17 82", stitch="M18 42H82M12 84Q50 91 88 84", natural="brown",
    materials=("leather", "suede", "velvet", "denim", "satin", "patent leather", "sequined"),
)

BACKPACK = Garment(
    "backpack", ("backpack", "backpack", "school backpack", "rucksack"), "bag",
    (
        Layer("deep", "M40 14Q40 4 50 4T60 14", 3), Layer("fold",
            mirror("M22 44Q10 46 10 60V82Q12 88 22 86z")),
        Layer("cloth", "M20 40Q20 10 50 10T80 40V86Q80 94 72 94H28Q20 94 20 86z"), Layer("shade",
            "M58 11Q80 16 80 40V86Q80 94 72 94H66Q70 50 58 11z"),
        Layer("crease", "M22 36H78", 1.5), Layer("fold", "M30 54H70V80Q70 86 64 86H36Q30 86 30 80z"),
        Layer("crease", "M30 63H70", 1.5),
    ),
    (
        Detail("zipper", ("zipper",), (Layer("main", "M22 36H78M32 62H68", 2), Layer("main",
            "M66 62h4v8h-4z")), natural="#fd5", colours="metal", place="zip", number="one"),
        Detail("front pocket", ("front pocket", "large front pocket"), (Layer("main",
            "M29 53H71V80Q71 87 64 87H36Q29 87 29 80z"), Layer("deep", "M30 62H70", 1)), number="one",
            natural="#431", place="pocket"),
        Detail("straps", ("straps", "side straps"), (Layer("main", mirror("M32 36H38V54H32z")),),
            natural="#431", place="straps", count=2),
        Detail("star", ("star on the front",), (Layer("main",
            "M50 60l4 8l9 1l-7 6l2 9l-8 -5l-8 5l2 -9l-7 -6l9 -1z"),), number="one", natural="#fe2",
            place="badge"),
    ),
    gloss="M27 40Q28 24 40 19", stitch="M24 84V42", natural="teal", materials=("denim", "leather", "cotton",
        "suede", "corduroy"),
)

BELT = Garment(
    "belt", ("belt", "belt", "wide belt"), "beltwear",
    (
        Layer("fold", "M50 26Q92 26 94 46Q94 62 60 66L58 52Q78 50 78 44Q74 38 50 38T22 44L8 46Q8 26 50 26z"),
        Layer("cloth", "M6 44Q8 64 44 67H90Q96 67 96 59.5T90 52H44Q22 50 22 44z"), Layer("shade",
            "M8 54Q14 66 44 67H90Q96 67 96 60Q60 64 8 54z"),
        Layer("#db2", "M36 48h18v23H36z", 2.5), Layer("#db2", "M44 60H56", 2), Layer("deep", "@70 60 1.5"),
        Layer("deep", "@80 60 1.5"),
    ),
    (
        Detail("buckle", ("buckle", "square buckle", "large buckle"), (Layer("main", "M34 46h22v27H34z", 4),
            Layer("main", "M44 60H58", 2.5)), number="one", natural="#db2", colours="metal", place="buckle"),
        Detail("studs", ("studs",), (Layer("main", "@16 55 3"), Layer("main", "@26 58.5 3"), Layer("main",
            "@70 60 3"), Layer("main", "@82 60 3")), natural="#ccd", colours="metal", place="studs", count=4),
    ),
    gloss="M60 56H86", stitch="M58 64H90", natural="brown", materials=("leather", "suede", "denim",
        "patent leather", "velvet"), patterned=False,
)

GARMENTS: tuple[Garment, ...] = (
    SCARF, TIE, BOW_TIE, FEDORA, TOP_HAT, SUN_HAT, CAP, BEANIE, BERET, GLOVES, MITTENS, SOCKS, BOOTS,
        SNEAKERS, HEELS,
    HANDBAG, BACKPACK, BELT,
)
