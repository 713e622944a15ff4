from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from svgtune.errors import InputError, MissingInputError, OutputExistsError, RecipeError
from tests.unit.metric.embedded.pupils import SHAPE, TEXT_WIDTH, WordEncoder

torch = pytest.importorskip("torch")

from svgtune.config.judges import InvertRecipe, JudgesRecipe  # noqa: E402
from svgtune.metric.embedded.calibration import Temperatures  # noqa: E402
from svgtune.metric.embedded.loading import WEIGHTS_FILE, write_judge  # noqa: E402
from svgtune.metric.inversion import invert  # noqa: E402
from svgtune.metric.inversion.network import PictureReader, save_weights  # noqa: E402

BANK = ("a red hat", "a blue boat on the sea", "three green trees")


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    monkeypatch.setattr(invert, "SentenceEncoder", lambda *_: WordEncoder())
    torch.manual_seed(0)
    judge = tmp_path / "judge"
    save_weights(PictureReader(SHAPE, TEXT_WIDTH), judge / WEIGHTS_FILE)
    write_judge(judge, JudgesRecipe(encoder=SHAPE), Temperatures(), TEXT_WIDTH)
    images = tmp_path / "images"
    images.mkdir()
    rng = np.random.default_rng(0)
    for name, mode in (("b.png", "RGBA"), ("a.jpg", "L")):
        size = (50, 70, 4) if mode == "RGBA" else (50, 70)
        Image.fromarray(rng.integers(0, 255, size, dtype=np.uint8), mode).save(images / name)
    (images / "notes.txt").write_text("not a picture")
    (tmp_path / "bank.txt").write_text("\n".join([*BANK, "", BANK[0]]))
    (tmp_path / "truth.csv").write_text('imgId,prompt\na,"a red hat"\nelsewhere,x\n')
    return InvertRecipe(
        images=images, judge=str(judge), bank=tmp_path / "bank.txt", truth=tmp_path / "truth.csv", nearest=2
    )


def test_table_has_a_row_for_each_number(recipe, tmp_path):
    table = tmp_path / "out" / "submission.csv"
    result = invert.run(recipe, table)
    rows = list(csv.DictReader(table.open()))
    assert [row["imgId_eId"] for row in rows] == [f"{i}_{k}" for i in "ab" for k in range(TEXT_WIDTH)]
    vector = np.array([float(row["val"]) for row in rows[:TEXT_WIDTH]])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
    words = list(csv.DictReader(table.with_suffix(".words.csv").open()))
    assert [(row["imgId"], row["rank"]) for row in words] == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]
    assert {row["prompt"] for row in words} <= set(BANK)
    wanted = WordEncoder().encode(["a red hat"])[0]
    assert result["mean_cosine"] == pytest.approx(float(vector @ wanted), abs=1e-3)
    assert result["pictures_with_known_prompt"] == 1
    assert json.loads(table.with_suffix(".json").read_text()) == result


def test_table_that_is_there_is_kept(recipe, tmp_path):
    table = tmp_path / "x.csv"
    table.write_text("mine")
    with pytest.raises(OutputExistsError, match="--overwrite"):
        invert.run(recipe, table)
    assert table.read_text() == "mine"
    invert.run(recipe, table, overwrite=True)
    assert table.read_text().startswith("imgId_eId,val\n")


def test_bad_input_is_named(recipe, tmp_path):
    with pytest.raises(RecipeError, match="--images DIR"):
        invert.run(InvertRecipe(), tmp_path / "x.csv")
    with pytest.raises(MissingInputError, match="no folder"):
        invert.list_pictures(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingInputError, match="holds no"):
        invert.list_pictures(tmp_path / "empty")
    Image.new("RGB", (8, 8)).save(recipe.images / "a.png")
    with pytest.raises(InputError, match=r"a\.jpg and a\.png have one id"):
        invert.list_pictures(recipe.images)
    (recipe.images / "a.png").unlink()
    (recipe.images / "c.png").write_text("no picture")
    with pytest.raises(InputError, match=r"c\.png: cannot be read"):
        invert.run(recipe, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()
    with pytest.raises(InputError, match="none of 1 pictures"):
        invert.measure_cosines(["q"], np.zeros((1, 3)), {"a": "x"}, WordEncoder())
    (tmp_path / "truth.csv").write_text("id,prompt\na,b\n")
    with pytest.raises(MissingInputError, match="imgId"):
        invert.read_truth(tmp_path / "truth.csv")
