from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPModel

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition import clip
from svgtune.metric.competition.clip import AestheticHead, load_clip_aesthetic, load_head
from svgtune.metric.competition.loading import load_judges
from tests.unit.metric.damage import DAMAGES, copy_damaged, copy_reshaped, copy_without
from tests.unit.metric.tiny_judges import CLIP_WIDTH

PUBLISHED = {
    "layers.0.weight": (1024, 768), "layers.0.bias": (1024,), "layers.2.weight": (128, 1024),
    "layers.2.bias": (128,), "layers.4.weight": (64, 128), "layers.4.bias": (64,),
    "layers.6.weight": (16, 64), "layers.6.bias": (16,), "layers.7.weight": (1, 16), "layers.7.bias": (1,),
}  # fmt: skip


def make_state(width: int = CLIP_WIDTH) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    shapes = {**PUBLISHED, "layers.0.weight": (1024, width)}
    return {
        name: torch.randn(shape, generator=generator) / shape[-1] ** 0.5 for name, shape in shapes.items()
    }


@pytest.fixture
def head_file(tmp_path):
    torch.save(make_state(), tmp_path / "head.pth")
    return tmp_path / "head.pth"


@pytest.fixture
def images():
    rng = np.random.default_rng(4)
    return [Image.fromarray(rng.integers(0, 256, (384, 384, 3), np.uint8)) for _ in range(5)]


def rate_by_hand(folder, image: Image.Image) -> float:
    """By CLIP's whole model and numpy in double precision."""
    mean, std = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
    small = np.asarray(image.resize((32, 32), Image.Resampling.BICUBIC), np.float64) / 255
    pixels = torch.tensor(((small - mean) / std).transpose(2, 0, 1)[None], dtype=torch.float32)
    with torch.no_grad():
        vector = (
            CLIPModel.from_pretrained(folder).get_image_features(pixels).pooler_output[0].double().numpy()
        )
    vector = vector / np.sqrt((vector**2).sum())
    for layer in (0, 2, 4, 6, 7):
        state = make_state()
        weight, bias = state[f"layers.{layer}.weight"].numpy(), state[f"layers.{layer}.bias"].numpy()
        vector = weight.astype(np.float64) @ vector + bias
    return float(vector[0]) / 10


def test_head_has_the_published_names_and_shapes():
    assert {name: tuple(value.shape) for name, value in AestheticHead().state_dict().items()} == PUBLISHED
    kinds = [(type(layer).__name__, getattr(layer, "p", None)) for layer in AestheticHead().layers]
    linear = ("Linear", None)
    assert kinds == [
        linear, ("Dropout", 0.2), linear, ("Dropout", 0.2), linear, ("Dropout", 0.1), linear, linear
    ]  # fmt: skip


def test_ratings_are_those_of_each_picture_alone(tiny_clip, head_file, images):
    judge = load_clip_aesthetic(tiny_clip, head_file, device="cpu")
    found = judge.rate(images)
    assert found == pytest.approx([rate_by_hand(tiny_clip, image) for image in images], abs=1e-6)
    assert found == pytest.approx([judge.rate([image])[0] for image in images], abs=1e-6)
    assert len(set(found)) == len(images)
    assert judge.rate([]) == []


def test_ratings_are_not_clipped(tiny_clip, head_file, images):
    state = make_state()
    for bias in (-70.0, 70.0):
        state["layers.7.bias"] = torch.tensor([bias])
        torch.save(state, head_file)
        rating = load_clip_aesthetic(tiny_clip, head_file, device="cpu").rate(images[:1])[0]
        assert abs(rating - bias / 10) < 1


def test_head_is_found_in_a_folder_and_in_safetensors(tmp_path):
    save_file(make_state(), tmp_path / "head.safetensors")
    for source in (tmp_path, tmp_path / "head.safetensors"):
        assert torch.equal(load_head(source, CLIP_WIDTH).layers[7].bias, make_state()["layers.7.bias"])
    assert not load_head(tmp_path, CLIP_WIDTH).training


def test_a_head_of_another_width_is_refused(head_file):
    with pytest.raises(
        InputError,
        match=r"^aesthetic head: .*head\.pth has layers\.0\.weight of shape \(1024, 24\), and \(1024, 768\) "
        r"is needed for embeddings of 768 numbers; give sac\+logos\+ava1-l14-linearMSE\.pth from https://github\.com/",
    ):
        load_head(head_file)


def test_a_head_without_a_layer_is_refused(head_file):
    state = make_state()
    del state["layers.6.bias"]
    torch.save(state, head_file)
    with pytest.raises(InputError, match=r"has layers\.6\.bias of shape None, and \(16,\) is needed"):
        load_head(head_file, CLIP_WIDTH)


def test_a_file_that_is_no_head_is_refused(tmp_path):
    for name in ("head.pth", "head.safetensors"):
        (tmp_path / name).write_bytes(b"not weights")
        with pytest.raises(InputError, match=rf"^aesthetic head: .*{name} cannot be read .*fetch sac\+logos"):
            load_head(tmp_path / name)
    torch.save({"layers": AestheticHead()}, tmp_path / "head.pth")  # a pickle that would run code
    with pytest.raises(InputError, match=r"cannot be read"):
        load_head(tmp_path / "head.pth")


def test_an_empty_file_or_a_pointer_is_no_head(tmp_path):
    for content in (b"", b"version https://git-lfs.github.com/spec/v1\n"):
        for name in ("head.pth", "head.safetensors"):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(
                InputError, match=rf"^aesthetic head: .*{name} cannot be read .*fetch sac\+logos"
            ):
                load_head(tmp_path / name)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_say_where_and_how_to_get_them_anew(tiny_clip, head_file, tmp_path, damage):
    folder = copy_damaged(tiny_clip, tmp_path / "clip", damage)
    with pytest.raises(
        InputError,
        match=rf"^aesthetic judge: the weights in {folder} are damaged, or are a Git LFS pointer \(.*\); "
        r"fetch it again with 'hf download --force-download openai/",
    ):
        load_clip_aesthetic(folder, head_file, device="cpu")


def test_a_weight_of_another_shape_is_named(tiny_clip, head_file, tmp_path):
    folder = copy_reshaped(tiny_clip, tmp_path / "clip", "visual_projection.weight")
    with pytest.raises(
        InputError,
        match=rf"^aesthetic judge: {folder} has visual_projection\.weight of shape \(7, 5\), and its "
        r"config\.json asks for \(24, 32\); fetch it again",
    ):
        load_clip_aesthetic(folder, head_file, device="cpu")


def test_a_weight_that_is_not_there_is_named(tiny_clip, head_file, tmp_path):
    folder = copy_without(tiny_clip, tmp_path / "clip", "visual_projection.weight")
    with pytest.raises(MissingInputError, match=r"lacks 1 weights, such as visual_projection\.weight; fetch"):
        load_clip_aesthetic(folder, head_file, device="cpu")


def test_a_device_that_is_full_is_no_damaged_file(tiny_clip, head_file, monkeypatch):
    def fail(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(clip.CLIPVisionModelWithProjection, "from_pretrained", fail)
    with pytest.raises(torch.OutOfMemoryError):
        load_clip_aesthetic(tiny_clip, head_file, device="cpu")


def test_a_folder_without_a_head_says_how_to_get_it(tmp_path):
    with pytest.raises(
        MissingInputError, match=r"^aesthetic head: .* holds 0 files that end in .*; fetch sac\+logos"
    ):
        load_head(tmp_path)


def test_a_missing_clip_says_where_and_how(tmp_path, head_file):
    with pytest.raises(
        MissingInputError, match=r"^aesthetic judge: no CLIP can be loaded from .*hf download openai/"
    ):
        load_clip_aesthetic(tmp_path / "head.pth", head_file, device="cpu")


def test_all_judges_together(tiny_paligemma, tiny_clip, head_file, images):
    judges = load_judges(tiny_paligemma, tiny_clip, head_file, device="cpu")
    assert judges.vqa is judges.ocr
    assert judges.rate(["a"], images[:1]) == pytest.approx([rate_by_hand(tiny_clip, images[0])], abs=1e-6)
    (row,) = judges.answer(["a"], images[:1], ["Is it red?"], [("no", "yes")])
    assert sum(row) == pytest.approx(1)
    assert judges.count_characters(["a"], images[:1])[0] >= 0
