from __future__ import annotations

import csv
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from svgtune.config.judges import InvertRecipe  # noqa: E402
from svgtune.errors import MachineError, RecipeError, TrainingError  # noqa: E402
from svgtune.metric.inversion import invert, training  # noqa: E402
from svgtune.metric.inversion.backbone import load_backbone  # noqa: E402
from svgtune.metric.inversion.inverter import (  # noqa: E402
    WEIGHTS_FILE,
    Inverter,
    PixelReader,
    load_inverter,
    predict_embeddings,
)
from svgtune.metric.inversion.tuning import Tuner, choose_dtype  # noqa: E402
from tests.unit.metric.embedded.pupils import TEXT_WIDTH, WordEncoder  # noqa: E402
from tests.unit.metric.inversion.inversion_toys import (  # noqa: E402
    WIDTH,
    build_recipe,
    save_backbone,
    save_squares,
)

pytestmark = pytest.mark.slow  # trains models


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    return save_squares(tmp_path_factory.mktemp("data") / "squares")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return save_backbone(tmp_path_factory.mktemp("clip"), "clip")


def train(recipe, output, **flags):
    return training.run(recipe, output, encoder=WordEncoder(), **flags)


@pytest.mark.parametrize("kind", ["clip", "siglip", "convnext"])
def test_both_stages_learn_what_is_in_squares(kind, squares, tmp_path):
    source = save_backbone(tmp_path / "backbone", kind)
    recipe = build_recipe(squares, source, epochs=12, learning_rate=3e-3, layer_decay=0.9, batch_size=12)
    metrics = train(recipe, tmp_path / "run")
    cosines = metrics["held_out_mean_cosine"]
    assert list(cosines) == [
        "mean_prompt", "initial", "probe", "last_weights", "averaged_weights", "final"
    ]  # fmt: skip
    assert cosines["probe"] > cosines["initial"] + 0.3
    assert cosines["final"] > cosines["probe"] + 0.02
    assert cosines["final"] > cosines["mean_prompt"] + 0.05
    assert cosines["final"] == pytest.approx(cosines["averaged_weights"], abs=2e-3)


def test_run_leaves_what_serving_needs(squares, clip, tmp_path, monkeypatch):
    output = tmp_path / "run"
    metrics = train(build_recipe(squares, clip), output)
    pairs = metrics["pairs"]
    assert pairs["in"] == 56 == pairs["train"] + 11 + pairs["dropped"]["near_held_out"]
    assert metrics["steps"] == 2 * (pairs["train"] // 8)
    assert json.loads((output / "metrics.json").read_text()) == metrics
    card = (output / "README.md").read_text()
    assert f"| these files, float16 | {metrics['held_out_mean_cosine']['final']:.4f} |" in card
    assert not [path.name for path in output.iterdir() if path.suffix in (".pt", ".bin", ".pkl")]
    assert json.loads((output / "log.jsonl").read_text().splitlines()[-1])["step"] == metrics["steps"]
    sides = [json.loads(line) for line in (output / "pairs.jsonl").read_text().splitlines()]
    held_out = [row for row in sides if row["side"] == "held_out"]
    assert not {row["prompt"] for row in held_out} & {r["prompt"] for r in sides if r["side"] == "train"}

    clip_moved = clip.rename(clip.with_name("moved"))
    try:
        monkeypatch.setattr(invert, "SentenceEncoder", lambda *_: WordEncoder())
        truth = tmp_path / "truth.csv"
        lines = [f'{row["picture"].rpartition("/")[2][:-4]},"{row["prompt"]}"' for row in held_out]
        truth.write_text("\n".join(["imgId,prompt", *lines]))
        result = invert.run(
            InvertRecipe(images=squares, judge=str(output), truth=truth), tmp_path / "submission.csv"
        )
    finally:
        clip_moved.rename(clip)
    assert result["pictures"] == 56
    assert result["mean_cosine"] == pytest.approx(metrics["held_out_mean_cosine"]["final"], abs=2e-4)
    rows = list(csv.DictReader((tmp_path / "submission.csv").open()))
    assert len(rows) == 56 * TEXT_WIDTH
    first = sorted(squares.glob("*.png"))[0]
    assert rows[0]["imgId_eId"] == f"{first.stem}_0"
    vector = predict_embeddings(load_inverter(output, device="cpu")[0], [first])[0]
    np.testing.assert_allclose([float(row["val"]) for row in rows[:TEXT_WIDTH]], vector, atol=1e-5)
    assert train(build_recipe(squares, clip), output, resume=True) == metrics


def test_probe_leaves_the_backbone_alone_and_tuning_does_not(squares, clip, tmp_path):
    probed = train(build_recipe(squares, clip, epochs=0), tmp_path / "probed")
    assert probed["steps"] == 0
    assert "last_weights" not in probed["held_out_mean_cosine"]
    train(build_recipe(squares, clip, epochs=1), tmp_path / "tuned")
    before = load_backbone(str(clip)).state_dict()
    only_probed, tuned = (load_file(tmp_path / name / WEIGHTS_FILE) for name in ("probed", "tuned"))
    assert all(torch.equal(only_probed[f"backbone.{name}"], value.half()) for name, value in before.items())
    changed = [
        name for name, value in before.items() if not torch.equal(tuned[f"backbone.{name}"], value.half())
    ]
    assert len(changed) > 0.8 * len(before)


def test_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(squares, clip, tmp_path, monkeypatch):
    recipe = build_recipe(squares, clip, crop_scale=0.6)
    whole = train(recipe, tmp_path / "whole")
    steps = Tuner._step

    def stop(self, step, *rest):
        if step == 7:
            raise KeyboardInterrupt
        return steps(self, step, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Tuner, "_step", stop)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, tmp_path / "cut")
    assert (tmp_path / "cut" / "checkpoint.pt").is_file()
    with pytest.raises(RecipeError, match=r"tune\.learning_rate: is 0\.5, and this run began with 0\.001"):
        train(build_recipe(squares, clip, crop_scale=0.6, learning_rate=0.5), tmp_path / "cut", resume=True)
    asked = WordEncoder()
    assert training.run(recipe, tmp_path / "cut", resume=True, encoder=asked) == whole
    assert asked.asked == 0
    one, other = (load_file(tmp_path / name / WEIGHTS_FILE) for name in ("whole", "cut"))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_accumulated_batches_are_one_large_batch(squares, clip, tmp_path):
    ends = []
    for batch_size, accumulation in ((9, 1), (2, 5)):
        torch.manual_seed(0)
        inverter = Inverter(load_backbone(str(clip)), WIDTH, TEXT_WIDTH)
        paths = sorted(squares.glob("*.png"))[:9]
        targets = torch.nn.functional.normalize(torch.randn(9, TEXT_WIDTH), dim=-1)
        section = build_recipe(
            squares, clip, batch_size=batch_size, accumulation=accumulation, epochs=3, crop_scale=0.7
        ).tune
        with PixelReader(inverter.backbone, 1) as reader:
            tuner = Tuner(section, inverter, paths, targets, reader, seed=0)
            assert tuner.steps == 3
            tuner.train(tmp_path / f"{batch_size}.pt", tmp_path / "log.jsonl")
        ends.append(inverter.head.weight.detach())
    torch.testing.assert_close(*ends, atol=2e-4, rtol=1e-3)


def test_what_cannot_go_on_says_so(squares, clip, tmp_path, monkeypatch):
    with pytest.raises(MachineError, match="fp16, but the device is cpu"):
        choose_dtype("fp16", torch.device("cpu"))
    assert choose_dtype("auto", torch.device("cpu")) == torch.float32
    monkeypatch.setattr(
        Inverter, "forward", lambda self, pixels: self.map(self.backbone(pixels)) * float("nan")
    )
    with pytest.raises(TrainingError, match=r"the loss of step 1 is nan; lower tune\.learning_rate"):
        train(build_recipe(squares, clip), tmp_path / "run")


def test_random_backbone_learns_in_bf16_too(squares, tmp_path):
    recipe = build_recipe(squares, "random", epochs=1, precision="bf16", layer_decay=1.0)
    metrics = train(recipe, tmp_path / "run")
    assert metrics["precision"] == "bfloat16"
    assert metrics["held_out_mean_cosine"]["probe"] > metrics["held_out_mean_cosine"]["initial"]
