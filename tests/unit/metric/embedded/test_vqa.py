from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.judges import Judges
from tests.unit.metric.embedded.pupils import SHAPE, TEXT_WIDTH, WordEncoder

torch = pytest.importorskip("torch")

from svgtune.config.judges import JudgesRecipe  # noqa: E402
from svgtune.metric.embedded.calibration import Temperatures  # noqa: E402
from svgtune.metric.embedded.loading import (  # noqa: E402
    WEIGHTS_FILE,
    load_embedded_judges,
    load_reader,
    write_judge,
)
from svgtune.metric.embedded.vqa import EmbeddedVqa, see_pictures  # noqa: E402
from svgtune.metric.inversion.network import (  # noqa: E402
    PictureReader,
    count_parameters,
    fuse_norms,
    load_weights,
    save_weights,
)
from svgtune.metric.inversion.text import TextCache  # noqa: E402

QUESTIONS = ["What color is the hat?", "Is there a moon in the image?", "What color is the hat?"]
CHOICES = [("blue", "red"), ("no", "yes"), ("blue", "green", "pink", "red")]


@pytest.fixture
def model() -> PictureReader:
    torch.manual_seed(0)
    return PictureReader(SHAPE, TEXT_WIDTH).eval()


def draw_images(count: int) -> list[Image.Image]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 255, (48, 48, 3), dtype=np.uint8)) for _ in range(count)]


def test_answers_are_probabilities_and_do_not_depend_on_the_batch(model):
    encoder = WordEncoder()
    judge = EmbeddedVqa(model, TextCache(encoder), Temperatures(1.5, 2.0), batch_size=2)
    one, other, third = draw_images(3)
    images = [one, one, other, third]
    questions, choices = [*QUESTIONS, QUESTIONS[0]], [*CHOICES, CHOICES[0]]
    together = Judges(judge, None, None).answer(list("abcd"), images, questions, choices)
    alone = [
        judge.answer([image], [q], [c])[0] for image, q, c in zip(images, questions, choices, strict=True)
    ]
    for row, single in zip(together, alone, strict=True):
        assert sum(row) == pytest.approx(1)
        assert row == pytest.approx(tuple(single), abs=1e-5)
    assert encoder.asked == 5  # each statement once


def test_yes_and_no_may_come_in_any_order(model):
    judge = EmbeddedVqa(model, TextCache(WordEncoder()), Temperatures())
    (image,) = draw_images(1)
    (first,) = judge.answer([image], ["Is it red?"], [("no", "yes")])
    (second,) = judge.answer([image], ["Is it red?"], [("yes", "no")])
    assert first == second[::-1]


def test_bf16_answers_nearly_as_fp32(model, tmp_path):
    save_weights(model, tmp_path / WEIGHTS_FILE)
    write_judge(tmp_path, JudgesRecipe(encoder=SHAPE), Temperatures(), TEXT_WIDTH)
    answers = {}
    for precision in ("bf16", "fp32"):
        judges = load_embedded_judges(tmp_path, encoder=WordEncoder(), device="cpu", precision=precision)
        answers[precision] = np.concatenate(judges.vqa.answer(draw_images(3), QUESTIONS, CHOICES))
    assert not np.array_equal(answers["bf16"], answers["fp32"])
    np.testing.assert_allclose(answers["bf16"], answers["fp32"], atol=0.03)


@pytest.mark.parametrize("fast", [True, False])
def test_auto_is_bf16_where_that_is_fast(model, tmp_path, monkeypatch, fast):
    save_weights(model, tmp_path / WEIGHTS_FILE)
    write_judge(tmp_path, JudgesRecipe(encoder=SHAPE), Temperatures(), TEXT_WIDTH)
    monkeypatch.setattr("svgtune.metric.embedded.loading.is_fast_in_bf16", lambda device: fast)

    def answer(precision):
        judges = load_embedded_judges(tmp_path, encoder=WordEncoder(), device="cpu", precision=precision)
        return judges.vqa.answer(draw_images(3), QUESTIONS, CHOICES)

    assert answer("auto") == answer("bf16" if fast else "fp32")


def test_judge_survives_its_files(model, tmp_path):
    recipe = JudgesRecipe(encoder=SHAPE)
    save_weights(model, tmp_path / WEIGHTS_FILE)
    write_judge(tmp_path, recipe, Temperatures(1.2, 0.8), TEXT_WIDTH)
    judges = load_embedded_judges(tmp_path, encoder=WordEncoder(), device="cpu")
    before = EmbeddedVqa(model, TextCache(WordEncoder()), Temperatures(1.2, 0.8))
    images = draw_images(3)
    after = judges.vqa.answer(images, QUESTIONS, CHOICES)
    for row, old in zip(after, before.answer(images, QUESTIONS, CHOICES), strict=True):
        assert list(row) == pytest.approx(list(old), abs=0.01)


def test_missing_and_foreign_weights_are_named(model, tmp_path):
    with pytest.raises(MissingInputError, match=r"judge\.json.*train_judges"):
        load_embedded_judges(tmp_path)
    write_judge(tmp_path, JudgesRecipe(encoder=SHAPE), Temperatures(), TEXT_WIDTH)
    with pytest.raises(MissingInputError, match="safetensors"):
        load_embedded_judges(tmp_path)
    save_weights(PictureReader(SHAPE, TEXT_WIDTH + 1), tmp_path / WEIGHTS_FILE)
    with pytest.raises(InputError, match="of shape"):
        load_weights(model, tmp_path / WEIGHTS_FILE)
    (tmp_path / "judge.json").write_text("{}")
    with pytest.raises(InputError, match="restore it"):
        load_embedded_judges(tmp_path)


@pytest.fixture
def judge_folder(model, tmp_path):
    """A folder with an untrained judge."""
    save_weights(model, tmp_path / WEIGHTS_FILE)
    write_judge(tmp_path, JudgesRecipe(encoder=SHAPE), Temperatures(), TEXT_WIDTH)
    return tmp_path


def test_a_judge_without_its_text_model_is_named(judge_folder):
    file = judge_folder / "judge.json"
    content = json.loads(file.read_text())
    del content["text"]
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"judge\.json: is not what .* writes \(no 'text'\); restore it"):
        load_embedded_judges(judge_folder, device="cpu")


def test_a_missing_text_model_is_found_when_the_judges_are_prepared(judge_folder):
    judges = load_embedded_judges(judge_folder, text=str(judge_folder / "none"), device="cpu")
    with pytest.raises(MissingInputError, match="cannot be loaded by sentence-transformers"):
        judges.prepare()


def test_a_text_model_of_another_width_is_refused(judge_folder):
    class WideEncoder(WordEncoder):
        def encode(self, texts):
            return np.ones((len(texts), TEXT_WIDTH + 3), np.float32)

    judges = load_embedded_judges(judge_folder, encoder=WideEncoder(), device="cpu")
    with pytest.raises(InputError, match=r"text_width is 24, and the text model .* vectors of 27 numbers"):
        judges.prepare()


def test_judges_are_told_apart_by_their_files(judge_folder):
    def list_files():
        return load_embedded_judges(judge_folder, encoder=WordEncoder(), device="cpu").files

    before = list_files()
    assert before == list_files()
    torch.manual_seed(1)
    save_weights(PictureReader(SHAPE, TEXT_WIDTH).eval(), judge_folder / WEIGHTS_FILE)
    after = list_files()
    assert [name for name in before if before[name] != after[name]] == [WEIGHTS_FILE]


def test_shipped_shapes_have_at_most_two_million_parameters(root):
    from svgtune.config import read_recipe

    sizes = []
    for file in sorted((root / "recipes" / "judges").glob("*.yaml")):
        recipe = read_recipe(JudgesRecipe, file)
        sizes.append(count_parameters(PictureReader(recipe.encoder)))
    assert max(sizes) <= 2_000_000
    assert 2 * sum(sizes) < 11_500_000  # bytes in float16, both judges together


def test_judge_with_its_norms_fused_sees_as_before(judge_folder):
    model, _ = load_reader(judge_folder, device="cpu")
    pixels = np.random.default_rng(4).integers(0, 256, (3, *(model.shape.image_px,) * 2, 3), np.uint8)
    before = see_pictures(model, pixels)
    fused = fuse_norms(model)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in fused.modules())
    after = see_pictures(fused, pixels)
    for name in ("whole", "places", "caption"):
        assert torch.allclose(getattr(after, name), getattr(before, name), atol=1e-4)
