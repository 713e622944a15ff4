from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from svgtune.config.inversion import PairsSection
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.inversion.pairs import (
    Pair,
    find_near,
    normalise,
    open_picture,
    read_pairs,
    split_by_prompt,
)

PROMPTS = [f"a {a} {b}" for a in ("red", "blue", "old", "new") for b in ("hat", "car", "dog", "tree", "cup")]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    for number in range(len(PROMPTS)):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(folder / "images" / f"{number}.png")
    return folder


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def measure_jaccard(one, other):
    return len(one & other) / len(one | other)


def count(pairs):
    return pairs.count() | {"dropped": sum(pairs.count()["dropped"].values())}


def test_every_row_is_kept_or_dropped_with_file_and_line(folder):
    rows = [{"file_name": f"images/{n}.png", "text": prompt} for n, prompt in enumerate(PROMPTS)]
    rows[3]["text"] = "  "
    rows[5]["text"] = None
    rows[7]["file_name"] = "images/none.png"
    rows[9] |= {"text": "a line\u2028break"}
    rows.append(rows[0])
    rows.append({"text": "nothing to see"})
    (folder / "images" / "2.png").write_bytes((folder / "images" / "2.png").read_bytes()[:40])
    write_jsonl(folder / "metadata.jsonl", rows)
    pairs = read_pairs(PairsSection(path=folder, held_out_share=0.2, near_share=1))
    assert pairs.count()["dropped"] == {
        "empty_prompt": 2, "missing_file": 1, "no_file_name": 1, "repeated_picture": 1,
        "unreadable_picture": 1,
    }  # fmt: skip
    assert pairs.count()["in"] == len(rows) == len(pairs.train) + len(pairs.held_out) + 6
    found = {drop.reason: drop for drop in pairs.dropped}
    assert found["missing_file"].where == "metadata.jsonl:8"
    assert "images/none.png" in found["missing_file"].detail
    assert found["unreadable_picture"].where == "metadata.jsonl:3"
    assert "2.png" in found["unreadable_picture"].detail
    assert found["repeated_picture"].where == "metadata.jsonl:21"


@pytest.mark.parametrize("name", ["prompts.csv", "metadata.csv", "table.parquet"])
def test_tables_of_other_kinds_are_read(folder, name):
    rows = {"imgId": [str(n) for n in range(len(PROMPTS))], "prompt": [f"{p}, at dusk" for p in PROMPTS]}
    if name.endswith(".csv"):
        lines = [f'{n},"{prompt}"' for n, prompt in zip(*rows.values(), strict=True)]
        (folder / name).write_text("\n".join(["imgId,prompt", *lines]), encoding="utf-8-sig")
    else:
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table(rows), folder / name)
    pairs = read_pairs(PairsSection(path=folder, pictures=folder / "images", near_share=1))
    assert count(pairs) == {"in": 20, "train": 19, "held_out": 1, "dropped": 0}
    assert {pair.picture.stem: pair.prompt for pair in pairs.train + pairs.held_out}[
        "3"
    ] == "a red tree, at dusk"


def test_equal_prompts_stay_on_one_side_and_the_split_is_fixed():
    pairs = [Pair(None, text, "") for prompt in PROMPTS for text in (prompt, f"{prompt.upper()}!")]
    train, held_out = split_by_prompt(pairs, 0.3, seed=1)
    assert len(train) + len(held_out) == 40
    assert len(held_out) == 12
    assert not {normalise(p.prompt) for p in train} & {normalise(p.prompt) for p in held_out}
    assert split_by_prompt(pairs[::-1], 0.3, seed=1)[1] == held_out[::-1]
    assert split_by_prompt(pairs, 0.3, seed=2)[1] != held_out
    for share in (1e-6, 1 - 1e-6):
        assert all(split_by_prompt(pairs[:4], share, seed=0))


def test_near_prompts_are_those_of_a_full_comparison():
    rng = np.random.default_rng(3)
    words = np.array([f"w{n}" for n in range(14)])
    texts = [" ".join(rng.choice(words, rng.integers(1, 9), replace=False)) for _ in range(150)]
    one, other = texts[:80], texts[80:]
    for share in (0.3, 0.5, 0.6, 0.8, 1.0):
        sets = [{*text.split()} for text in other]
        wanted = {a for a in one if any(measure_jaccard({*a.split()}, b) >= share for b in sets)}
        assert find_near(one, other, share).keys() == wanted
        assert wanted
    assert find_near(["A red, red hat!"], ["hat red a"], 1) == {"A red, red hat!": "hat red a"}


def test_training_prompts_near_to_held_out_ones_are_dropped(folder):
    texts = [f"a very fine picture of {PROMPTS[n // 2]} {'!' if n % 2 else 'x'}" for n in range(20)]
    rows = [{"file_name": f"images/{n}.png", "text": text} for n, text in enumerate(texts)]
    write_jsonl(folder / "metadata.jsonl", rows)
    pairs = read_pairs(PairsSection(path=folder, near_share=0.8))
    assert pairs.count()["dropped"]["near_held_out"] >= 1
    assert find_near([p.prompt for p in pairs.train], [p.prompt for p in pairs.held_out], 0.8) == {}
    assert "is near to" in next(d for d in pairs.dropped if d.reason == "near_held_out").detail
    with pytest.raises(InputError, match=r"raise data\.near_share"):
        read_pairs(PairsSection(path=folder, near_share=0.1))


def test_bad_tables_are_named(folder):
    with pytest.raises(MissingInputError, match=r"give --data\.path DIR"):
        read_pairs(PairsSection())
    with pytest.raises(MissingInputError, match=r"holds no metadata\.jsonl"):
        read_pairs(PairsSection(path=folder))
    table = folder / "metadata.jsonl"
    table.write_text('{"file_name": "a.png"}\n')
    with pytest.raises(MissingInputError, match="none of text, prompt, caption"):
        read_pairs(PairsSection(path=folder))
    table.write_text('{"file_name": "a.png", "text": "x"}\n{"file_na\n')
    with pytest.raises(InputError, match=r"metadata\.jsonl:2: is no JSON"):
        read_pairs(PairsSection(path=folder))
    table.write_text('{"file_name": "a.png", "text": "x"}\n')
    with pytest.raises(
        InputError, match=r"0 of 1 rows can be used.*first: metadata\.jsonl:1, a\.png is not in"
    ):
        read_pairs(PairsSection(path=folder))
    table.unlink()
    (folder / "a.csv").write_text("file_name,text\n")
    (folder / "b.csv").write_text("file_name,text\n")
    with pytest.raises(InputError, match=r"a\.csv, b\.csv may all be the table"):
        read_pairs(PairsSection(path=folder))
    with pytest.raises(InputError, match="holds no rows"):
        read_pairs(PairsSection(path=folder, table=folder / "a.csv"))


def test_a_picture_with_too_much_packed_text_is_unreadable(folder):
    text = PngImagePlugin.PngInfo()
    text.add_text("workflow", "x" * (PngImagePlugin.MAX_TEXT_CHUNK + 1), zip=True)
    Image.new("RGB", (4, 4)).save(folder / "images" / "2.png", pnginfo=text)
    rows = [{"file_name": f"images/{n}.png", "text": prompt} for n, prompt in enumerate(PROMPTS)]
    write_jsonl(folder / "metadata.jsonl", rows)
    pairs = read_pairs(PairsSection(path=folder, near_share=1))
    (drop,) = pairs.dropped
    assert (drop.where, drop.reason) == ("metadata.jsonl:3", "unreadable_picture")
    assert "Decompressed data too large" in drop.detail


@pytest.mark.parametrize("error", [ValueError, EOFError, struct.error, SyntaxError])
def test_whatever_pil_says_of_a_damaged_picture_names_the_file(folder, monkeypatch, error):
    def fail(*_):
        raise error("out of data")

    monkeypatch.setattr(Image.Image, "convert", fail)
    with pytest.raises(InputError, match=r"3\.png: cannot be read as a picture \(out of data\); mend or"):
        open_picture(folder / "images" / "3.png")
