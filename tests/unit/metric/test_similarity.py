from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
)

from svgtune.config.score import ScoreRecipe, SimilaritySection
from svgtune.errors import InputError, MissingInputError
from svgtune.metric.judges import Judges
from svgtune.metric.scoring import stage
from svgtune.metric.similarity import load_image_text_model, measure_frechet
from tests.unit.metric.damage import DAMAGES, copy_damaged, copy_reshaped
from tests.unit.metric.fakes import FakeJudge, draw
from tests.unit.metric.tiny_judges import build_tokenizer

WIDTH, IMAGE_PX = 24, 32

pytestmark = pytest.mark.slow  # builds models


def build_config(kind: str) -> dict[str, dict[str, int]]:
    small = {"hidden_size": WIDTH, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {**small, "vocab_size": 300, "max_position_embeddings": 16, "pad_token_id": 0, "eos_token_id": 1}
    vision = {**small, "image_size": IMAGE_PX, "patch_size": 8}
    if kind == "clip":
        text |= {"bos_token_id": 2, "projection_dim": WIDTH}
        vision |= {"projection_dim": WIDTH}
    return {"text_config": text, "vision_config": vision}


@pytest.fixture(scope="module", params=["clip", "siglip"])
def folder(request, tmp_path_factory):
    """A tiny random model of each kind, with its processors."""
    folder = tmp_path_factory.mktemp(request.param)
    torch.manual_seed(3)
    if request.param == "clip":
        model = CLIPModel(CLIPConfig(**build_config("clip"), projection_dim=WIDTH))
        processor = CLIPImageProcessorPil(size=IMAGE_PX, crop_size=IMAGE_PX)
    else:
        model = SiglipModel(SiglipConfig(**build_config("siglip")))
        processor = SiglipImageProcessorPil(size={"height": IMAGE_PX, "width": IMAGE_PX})
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    return folder


def make_images(count: int) -> list[Image.Image]:
    rng = np.random.default_rng(4)
    return [Image.fromarray(rng.integers(0, 256, (48, 48, 3), np.uint8)) for _ in range(count)]


def test_vectors_are_unit_and_those_of_the_model_whatever_the_batch(folder):
    images, texts = make_images(5), ["a red ball", "a", "two blue cars on the hill"]
    whole, single = (load_image_text_model(folder, device="cpu", batch_size=size) for size in (8, 1))
    vectors = whole.embed_images(images)
    assert vectors.shape == (5, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    np.testing.assert_allclose(vectors, single.embed_images(images), atol=1e-5)
    np.testing.assert_allclose(whole.embed_texts(texts), single.embed_texts(texts), atol=1e-5)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_a_text_that_is_too_long_is_cut_off(folder):
    model = load_image_text_model(folder, device="cpu")
    assert model.embed_texts(["ball " * 200]).shape == (1, WIDTH)


def test_frechet_distance_of_known_normal_clouds():
    rng = np.random.default_rng(0)
    one = rng.normal(0, 1, (200_000, 3))
    other = rng.normal(0, 1, (200_000, 3)) * [2, 1, 0.5] + [1, 0, -2]
    # Of diagonal covariances: squared differences of means and of standard deviations.
    assert measure_frechet(one, other) == pytest.approx(1 + 4 + 1 + 0.25, rel=0.02)
    assert measure_frechet(one, one) == pytest.approx(0, abs=1e-6)


def test_frechet_distance_is_symmetric_where_covariances_are_singular():
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(4, 8)), rng.normal(size=(5, 8)) + 1
    assert measure_frechet(one, other) == pytest.approx(measure_frechet(other, one))
    with pytest.raises(ValueError, match="1 and 5 vectors: a Frechet distance needs two of each"):
        measure_frechet(one[:1], other)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(MissingInputError, match="no CLIP or SigLIP can be loaded"):
        load_image_text_model(tmp_path, device="cpu")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_say_where_and_how_to_get_them_anew(folder, tmp_path, damage):
    copy = copy_damaged(folder, tmp_path / "copy", damage)
    with pytest.raises(
        InputError, match=rf"^similarity: the weights in {copy} are damaged, .*'hf download --force-download'"
    ):
        load_image_text_model(copy, device="cpu")


def test_a_weight_of_another_shape_is_named(folder, tmp_path):
    copy = copy_reshaped(folder, tmp_path / "copy", "vision_model.embeddings.position_embedding.weight")
    with pytest.raises(
        InputError, match=r"^similarity: .*position_embedding\.weight of shape \(7, 5\), and .*fetch it again"
    ):
        load_image_text_model(copy, device="cpu")


def score(tmp_path, **similarity):
    rows = [
        {"id": f"{n}", "prompt": f"a ball {n}", "svg": draw(x=60 + 20 * n), "questions": ["Is there a ball?"],
         "choices": [["no", "yes"]], "answers": ["yes"]}
        for n in range(4)
    ]  # fmt: skip
    rows.append(rows[0] | {"id": "broken", "svg": "Sure: <svg"})
    drawings = tmp_path / "drawings.jsonl"
    drawings.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    recipe = ScoreRecipe(
        drawings=drawings, device="cpu", render_workers=1, similarity=SimilaritySection(**similarity)
    )
    judge = FakeJudge()
    figures = stage.run(recipe, tmp_path / "run", judges=Judges(judge, judge, judge)).figures
    return figures["similarity"], (tmp_path / "run" / "table.md").read_text()


def test_a_run_compares_what_was_judged_with_prompts_and_references(folder, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, image in enumerate(make_images(2)):
        image.save(pictures / f"{number}.png")
    (pictures / "3.svg").write_text(draw())
    figures, table = score(tmp_path, model=str(folder), references=pictures)
    assert figures["drawings"] == 4
    assert figures["references"] == 3
    assert (
        -1
        < figures["clip_score"]["low"]
        <= figures["clip_score"]["mean"]
        <= figures["clip_score"]["high"]
        < 1
    )
    assert figures["frechet"] > 0
    assert "mean cosine with the prompt" in table
    assert "Frechet distance" in table


def test_references_that_cannot_be_used_are_named(folder, tmp_path):
    (tmp_path / "few").mkdir()
    with pytest.raises(MissingInputError, match="few holds 0 pictures; give a folder with at least two"):
        score(tmp_path, model=str(folder), references=tmp_path / "few")
    for name in ("a.png", "b.png"):
        (tmp_path / "few" / name).write_bytes(b"no picture")
    (tmp_path / "again").mkdir()
    with pytest.raises(InputError, match=r"a\.png: is no picture that can be read"):
        score(tmp_path / "again", model=str(folder), references=tmp_path / "few")
    with pytest.raises(ValueError, match="references needs a model"):
        SimilaritySection(references=tmp_path)
