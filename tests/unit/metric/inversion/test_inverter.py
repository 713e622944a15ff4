from __future__ import annotations

import importlib.util
import sys
import types

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image
from torch import nn
from transformers import BertConfig, BertModel

from svgtune.config.inversion import FineTuneSection
from svgtune.errors import InputError, MachineError, MissingInputError, RecipeError
from svgtune.metric.inversion.backbone import Backbone, build_timm_processor, list_depths, load_backbone
from svgtune.metric.inversion.inverter import (
    WEIGHTS_FILE,
    Inverter,
    PixelReader,
    compute_features,
    crop_randomly,
    load_inverter,
    predict_embeddings,
    save_inverter,
)
from svgtune.metric.inversion.tuning import Average, find_share, group_parameters
from tests.unit.metric.damage import DAMAGES, copy_damaged, copy_reshaped
from tests.unit.metric.inversion.inversion_toys import KINDS, SIDE_PX, WIDTH, save_backbone, save_squares

pytestmark = pytest.mark.slow  # builds models
TEXT_WIDTH = 6


@pytest.fixture(scope="module", params=KINDS)
def backbone(request, tmp_path_factory):
    return load_backbone(str(save_backbone(tmp_path_factory.mktemp(request.param), request.param)))


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = save_squares(tmp_path_factory.mktemp("squares"), ("red", "blue", "white"))
    return sorted(folder.glob("*.png"))


def test_only_what_sees_is_loaded_with_its_own_picture_side(backbone):
    names = [name for name, _ in backbone.named_parameters()]
    assert not any("text" in name or "logit" in name or "classifier" in name for name in names)
    assert backbone.measure_width() == WIDTH
    assert backbone.prepare([Image.new("L", (50, 30)).convert("RGB")]).shape == (1, 3, SIDE_PX, SIDE_PX)


def test_folder_is_all_that_is_needed_and_sees_the_same(backbone, paths, tmp_path, monkeypatch):
    torch.manual_seed(1)
    inverter = Inverter(backbone, WIDTH, TEXT_WIDTH).eval()
    save_inverter(inverter, tmp_path, "some-text-model")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    again, content = load_inverter(tmp_path, device="cpu")
    assert content == {"feature_width": WIDTH, "text_width": TEXT_WIDTH, "text": "some-text-model"}
    found, wanted = (predict_embeddings(model, paths, 4) for model in (again, inverter))
    assert found.dtype == np.float32
    assert found.shape == (6, TEXT_WIDTH)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(found, wanted, atol=5e-3)  # float16 in the file
    np.testing.assert_allclose(found, predict_embeddings(again, paths, 64), atol=1e-5)
    assert not list(tmp_path.glob("*.pt")) + list(tmp_path.glob("*.bin"))


def test_depths_rise_from_the_picture_to_the_features(backbone):
    depths = list_depths(backbone.model)
    assert list(depths) == [name for name, _ in backbone.model.named_parameters()]
    assert list(depths.values()) == sorted(depths.values())
    blocks = 5 if backbone.model.config.model_type == "convnext" else 2
    assert set(depths.values()) == set(range(blocks + 2))
    for name, depth in depths.items():
        if name.startswith("embeddings"):
            assert depth == 0
        if name.startswith(("layernorm", "post_layernorm", "head")):
            assert depth == blocks + 1
        if name.endswith(("layers.1.mlp.fc1.weight", "stages.1.downsampling_layer.1.weight")):
            assert depth == 2


def test_rates_fall_by_the_decay_from_block_to_block(backbone):
    inverter = Inverter(backbone, WIDTH, TEXT_WIDTH)
    section = FineTuneSection(learning_rate=1e-3, layer_decay=0.5, weight_decay=0.1)
    groups = group_parameters(inverter, section)
    counted = sum(p.numel() for group in groups for p in group["params"])
    assert counted == sum(p.numel() for p in inverter.parameters())
    last = max(group["depth"] for group in groups)
    for group in groups:
        assert group["peak"] == pytest.approx(1e-3 * 0.5 ** (last - group["depth"]))
        assert group["weight_decay"] == (0.1 if group["params"][0].ndim >= 2 else 0)
        assert len({p.ndim >= 2 for p in group["params"]}) == 1
    peaks = {id(p): group["peak"] for group in groups for p in group["params"]}
    assert peaks[id(inverter.head.weight)] == peaks[id(inverter.head.bias)] == 1e-3
    assert peaks[id(next(backbone.model.parameters()))] == pytest.approx(1e-3 * 0.5**last)
    plain = group_parameters(inverter, section.model_copy(update={"layer_decay": 1.0}))
    assert {group["peak"] for group in plain} == {1e-3}


def test_depths_of_timms_names():
    class Stage(nn.Module):
        def __init__(self):
            super().__init__()
            self.downsample, self.blocks = nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))

    model = nn.Module()
    model.stem = nn.Linear(1, 1)
    model.stages = nn.Sequential(Stage(), Stage())
    model.norm = nn.Linear(1, 1)
    depths = {name: depth for name, depth in list_depths(model).items() if name.endswith("weight")}
    # What precedes the first block, the first stage's downsampling included, has depth 0.
    assert list(depths.values()) == [0, 0, 1, 2, 3, 3, 4, 5]
    with pytest.raises(InputError, match=r"no blocks that are called layers or blocks.*set it to 1"):
        list_depths(nn.Linear(1, 1))


def test_average_is_the_formula():
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 2.0)
    average, last = Average(model, 0.5), Average(model, 0.0)
    wanted = 2.0
    for step in range(1, 30):
        nn.init.constant_(model.weight, 2.0 + step**2)
        average.update(model)
        last.update(model)
        decay = min(0.5, (1 + step) / (10 + step))
        wanted = decay * wanted + (1 - decay) * (2.0 + step**2)
    assert average.weights["weight"].item() == pytest.approx(wanted, rel=1e-6)
    assert last.weights["weight"].item() == model.weight.item()


def test_rate_rises_and_falls_to_zero():
    shares = [find_share(step, 10, 0.2) for step in range(11)]
    assert shares[:3] == [0.5, 1.0, 1.0]
    assert shares[6] == pytest.approx(0.5)
    assert shares[10] == pytest.approx(0)
    assert find_share(0, 5, 0.0) == 1


def test_crops_keep_the_proportions_and_the_least_share():
    rng, sizes = np.random.default_rng(0), []
    for _ in range(60):
        piece = crop_randomly(Image.new("RGB", (200, 100)), rng, 0.5)
        assert piece.width / piece.height == pytest.approx(2, rel=0.03)
        sizes.append(piece.width * piece.height / 20_000)
    assert min(sizes) >= 0.48
    assert max(sizes) > 0.9
    assert crop_randomly(Image.new("RGB", (1, 3)), rng, 0.1).width == 1


def test_pixels_come_in_order_and_a_bad_picture_is_named(backbone, paths, tmp_path):
    with PixelReader(backbone, workers=2) as reader:
        whole = compute_features(backbone, paths, reader, batch_size=1)
        torch.testing.assert_close(whole, compute_features(backbone, paths, reader, batch_size=4))
        (tmp_path / "bad.png").write_text("no picture")
        with pytest.raises(InputError, match=r"bad\.png: cannot be read as a picture"):
            compute_features(backbone, [*paths, tmp_path / "bad.png"], reader, batch_size=4)


def test_gradient_checkpointing_changes_no_gradient_or_is_refused(tmp_path, paths):
    pixels, grads = None, []
    for saves in (False, True):
        backbone = load_backbone(str(save_backbone(tmp_path / "clip", "clip"))).train()
        if saves:
            backbone.save_gradient_memory()
        pixels = torch.from_numpy(backbone.prepare([Image.open(path) for path in paths[:2]]))
        backbone(pixels).square().sum().backward()
        grads.append(next(backbone.parameters()).grad)
    torch.testing.assert_close(*grads)
    with pytest.raises(RecipeError, match="gradient_checkpointing: ConvNextModel cannot do it"):
        load_backbone("random").save_gradient_memory()


def test_folders_that_cannot_be_used_are_named(backbone, tmp_path):
    with pytest.raises(MissingInputError, match=r"inverter\.json, and it is not there"):
        load_inverter(tmp_path)
    with pytest.raises(MissingInputError, match="no picture model can be loaded"):
        load_backbone(str(tmp_path))
    save_inverter(Inverter(backbone, WIDTH, TEXT_WIDTH), tmp_path, "x")
    save_inverter(Inverter(backbone, WIDTH, TEXT_WIDTH + 1), tmp_path / "other", "x")
    (tmp_path / WEIGHTS_FILE).write_bytes((tmp_path / "other" / WEIGHTS_FILE).read_bytes())
    with pytest.raises(InputError, match=r"has head\.bias of shape \(7,\), and \(6,\) is wanted"):
        load_inverter(tmp_path)
    (tmp_path / WEIGHTS_FILE).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"is not what train/invert\.py writes"):
        load_inverter(tmp_path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_say_where_and_how_to_get_them_anew(tmp_path, damage):
    folder = copy_damaged(save_backbone(tmp_path / "clip", "clip"), tmp_path / "copy", damage)
    with pytest.raises(
        InputError, match=rf"^backbone: the weights in {folder} are damaged, .*'hf download --force-download'"
    ):
        load_backbone(str(folder))


def test_a_weight_of_another_shape_is_named(tmp_path):
    name = "vision_model.embeddings.position_embedding.weight"
    folder = copy_reshaped(save_backbone(tmp_path / "clip", "clip"), tmp_path / "copy", name)
    with pytest.raises(
        InputError,
        match=r"^backbone: .*position_embedding\.weight of shape \(7, 5\), and .*\(17, 24\); fetch it",
    ):
        load_backbone(str(folder))


def test_a_model_of_texts_is_refused(backbone):
    small = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    with pytest.raises(InputError, match="BertModel gives no features of a picture"):
        Backbone(BertModel(BertConfig(**small, vocab_size=9)), backbone.processor).measure_width()


@pytest.mark.skipif(importlib.util.find_spec("timm") is not None, reason="timm is installed")
def test_timm_is_asked_for_where_it_is_missing():
    with pytest.raises(
        MachineError, match="resnet18 is a model of timm, and timm is not installed; pip install"
    ):
        load_backbone("timm:resnet18")


def test_backbone_of_timm_by_a_stand_in(tmp_path, paths, monkeypatch):
    """Without timm: what is asked of it, and what is kept, not whether timm does it."""
    data = {
        "input_size": (3, 16, 16), "crop_pct": 0.8, "interpolation": "bilinear", "mean": (0, 0, 0),
        "std": (1, 1, 1),
    }  # fmt: skip
    asked = []

    def create_model(name, *, num_classes, pretrained=False):
        asked.append((name, num_classes, pretrained))
        return nn.Sequential(nn.Flatten(), nn.Linear(768, 5))

    timm = types.ModuleType("timm")
    timm.create_model = create_model
    timm.data = types.SimpleNamespace(resolve_model_data_config=lambda _: data)
    monkeypatch.setitem(sys.modules, "timm", timm)
    inverter = Inverter(load_backbone("timm:net.tag"), 5, TEXT_WIDTH).eval()
    assert inverter.backbone.processor.size["shortest_edge"] == 20
    save_inverter(inverter, tmp_path, "x")
    again, _ = load_inverter(tmp_path, device="cpu")
    assert asked == [("net.tag", 0, True), ("net.tag", 0, False)]
    np.testing.assert_allclose(
        predict_embeddings(again, paths), predict_embeddings(inverter, paths), atol=5e-3
    )


def test_backbone_of_timm(tmp_path, paths, monkeypatch):
    timm = pytest.importorskip("timm")
    create = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda name, **kw: create(name, **(kw | {"pretrained": False})))
    for name in ("convnext_atto", "vit_tiny_patch16_224"):
        backbone = load_backbone(f"timm:{name}")
        inverter = Inverter(backbone, backbone.measure_width(), TEXT_WIDTH).eval()
        depths = list(list_depths(backbone.model).values())
        assert depths[0] == 0
        assert depths[-1] == max(depths) >= 12
        save_inverter(inverter, tmp_path / name, "x")
        again, _ = load_inverter(tmp_path / name, device="cpu")
        np.testing.assert_allclose(
            predict_embeddings(again, paths), predict_embeddings(inverter, paths), atol=1e-2
        )
        transform = timm.data.create_transform(**timm.data.resolve_model_data_config(backbone.model))
        # Where the rest of the crop is odd, the two begin one pixel apart: a smooth picture does not mind.
        y, x = np.mgrid[:300, :260]
        image = Image.fromarray(np.stack([y * 0.8, x * 0.9, (x + y) * 0.4], -1).astype(np.uint8))
        np.testing.assert_allclose(backbone.prepare([image])[0], transform(image).numpy(), atol=0.05)


def test_processor_of_a_squashing_timm_model_keeps_the_whole_picture():
    data = {
        "input_size": (3, 16, 16),
        "crop_pct": 1.0,
        "crop_mode": "squash",
        "mean": (0,) * 3,
        "std": (1,) * 3,
    }
    wide = Image.new("RGB", (64, 32))
    wide.paste((255, 255, 255), (0, 0, 16, 32))
    pixels = build_timm_processor(data)(images=[wide], return_tensors="np")["pixel_values"][0]
    assert pixels[:, :, 0].min() == 1
    assert pixels[:, :, 8:].max() < 0.01
