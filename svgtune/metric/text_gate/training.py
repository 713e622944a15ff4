"""Trains the text gate, chooses its threshold and says what it misses; see ``scripts/train_text_gate.py``."""

from __future__ import annotations

import logging
import random
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as f
from PIL import Image

from svgtune.assets import shipped_folder
from svgtune.config.form import NormalForm
from svgtune.config.text_gate import TextGateRecipe
from svgtune.errors import InputError
from svgtune.metric.cheats import CHEATS
from svgtune.metric.defence import defend_reduced
from svgtune.metric.embedded.lessons import Split
from svgtune.metric.embedded.ocr import EmbeddedOcr
from svgtune.metric.formula import FREE_CHARACTERS
from svgtune.metric.guards import show_faint
from svgtune.metric.text_gate.lessons import SEARCHES_PX, Draw, GateLessons, read_lessons, render_scenes
from svgtune.metric.text_gate.network import (
    GATE_FILE,
    GATE_PX,
    GATE_WEIGHTS,
    GateNetwork,
    TextGate,
    load_gate,
    save_gate,
    weigh,
)  # fmt: skip
from svgtune.render.pool import RenderPool
from svgtune.runs import open_run, write_json_atomic, write_text_atomic
from svgtune.svg.canonical import canonical_svg

logger = logging.getLogger(__name__)

METRICS_FILE, CARD_FILE = "metrics.json", "README.md"
CALIBRATION_SEED, TEST_SEED, CHEATS_SEED = 730_000_001, 730_000_002, 730_000_003
_READ = 3  # characters from which on a lesson counts as text
_BATCH = 256
_SHIFT_PX = 16
_LETTER_CHEATS = {"letter_shapes": False, "hidden_text": True}  # whether only the faint view shows them


def run(
    recipe: TextGateRecipe,
    output: Path,
    draw: Draw,
    *,
    resume: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Trains a gate by a recipe and leaves it in ``output``: weights, ``gate.json``, card and figures.

    A resumed run makes only lessons that are not there yet, and trains anew.

    Args:
        recipe: What to train.
        output: The run folder.
        draw: Draws scenes, of the split ``train`` or ``held_out``.
        resume: Go on with the run that is there.
        overwrite: Delete it first.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        InputError: There are so few scenes that no text is read in those for the threshold.
        MachineError: The reader is not installed.
    """
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    with RenderPool(recipe.workers, timeout_s=10.0) as pool:

        def read(seed: int, count: int, split: Split) -> GateLessons:
            return read_lessons(draw, seed, count, split, pool, recipe.workers, output / "lessons")

        calibration = read(CALIBRATION_SEED, recipe.test_scenes, "held_out")
        test = read(TEST_SEED, recipe.test_scenes, "held_out")
        lessons = read(recipe.seed, recipe.scenes, "train")
        network = train(recipe, lessons)
        save_gate(output, TextGate(network, choose_threshold(network, calibration, recipe.recall)))
        # Examined as it will be used: fused, and with the threshold as it was rounded for the file.
        gate = load_gate(output)
        metrics = {
            "parameters": sum(p.numel() for p in network.parameters()),
            "lessons": len(lessons.pixels),
            "threshold": gate.threshold,
            **examine(gate, test),
            "cheats": examine_cheats(gate, draw, pool, max(1, recipe.test_scenes // 10)),
        }
    write_json_atomic(output / METRICS_FILE, metrics)
    write_text_atomic(output / CARD_FILE, write_card(recipe, metrics))
    if recipe.publish is not None:
        folder = shipped_folder("models") / recipe.publish
        folder.mkdir(parents=True, exist_ok=True)
        for name in (GATE_WEIGHTS, GATE_FILE, METRICS_FILE, CARD_FILE):
            shutil.copyfile(output / name, folder / name)
    return metrics


def train(recipe: TextGateRecipe, lessons: GateLessons) -> GateNetwork:
    """Trains a network to tell pictures that are read from those on which nothing is written.

    What is written but not read is left out: it is neither, and asking for it costs nothing but time.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    network = GateNetwork(recipe.widths).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    read = lessons.read.max(1) >= _READ
    rows = np.flatnonzero(read | ~lessons.written)
    logger.info(
        "lessons: %d, of which %d are read, %d are left out", len(rows), read.sum(), len(read) - len(rows)
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=0.01)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, total_steps=recipe.steps)
    began, total = time.monotonic(), 0.0
    for step in range(1, recipe.steps + 1):
        chosen = rng.choice(rows, recipe.batch_size)
        # Neither the order of colours nor the place says anything about writing.
        shift = tuple(rng.integers(-_SHIFT_PX, _SHIFT_PX + 1, 2))
        pixels = np.roll(lessons.pixels[chosen][..., rng.permutation(3)], shift, axis=(1, 2))
        targets = torch.from_numpy(read[chosen].astype(np.float32))
        loss = f.binary_cross_entropy_with_logits(network(torch.from_numpy(pixels)), targets)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        rates.step()
        total += loss.item()
        if step % recipe.log_every_steps == 0:
            per_s = step * recipe.batch_size / (time.monotonic() - began)
            logger.info(
                "step %d of %d: loss %.4f, %.0f pictures/s",
                step,
                recipe.steps,
                total / recipe.log_every_steps,
                per_s,
            )
            total = 0.0
    return network.eval()


def examine(gate: TextGate, lessons: GateLessons) -> dict[str, Any]:
    """Says which share of the pictures with text are read, and which share of the others is read in vain."""
    fires = _weigh_all(gate.network, lessons.pixels) >= gate.threshold
    recall = {}
    for column, px in enumerate(SEARCHES_PX):
        with_text = lessons.read[:, column] > FREE_CHARACTERS
        recall[f"read_at_{px}_px"] = _share(fires[with_text])
    return {
        "with_text": recall,
        "without_writing": {
            name: _share(fires[~lessons.written & (lessons.faint == faint)])
            for name, faint in (("plain", False), ("faint", True))
        },
    }


def examine_cheats(gate: TextGate, draw: Draw, pool: RenderPool, count: int) -> dict[str, Any]:
    """Says which share of the drawings in which the reader finds letters the gate lets through to it.

    The letters of ``svgtune.metric.cheats`` are in no lesson.
    """
    form, reader = NormalForm(), EmbeddedOcr(search_px=SEARCHES_PX[0])
    scenes = [draw(CHEATS_SEED, number, "held_out") for number in range(count)]
    figures = {}
    for name, hidden in _LETTER_CHEATS.items():
        svgs = [
            CHEATS[name](canonical_svg(scene.svg, form).svg, scene.caption, form, random.Random(number))
            for number, scene in enumerate(scenes)
        ]
        renders = render_scenes([scene.id for scene in scenes], svgs, pool)
        views = [
            Image.fromarray(show_faint(image)) if hidden else defend_reduced(image, number).read
            for number, image in enumerate(renders)
        ]
        caught = np.array([len(text) > FREE_CHARACTERS for text in reader.read(views)])
        fires = np.array(gate.find(views))
        figures[name] = {
            "caught_by_the_reader": _share(caught),
            "of_these_let_through": _share(fires[caught]),
        }
    return figures


def choose_threshold(network: GateNetwork, lessons: GateLessons, recall: float) -> float:
    """Returns the log-odds that ``recall`` of the pictures with text reach.

    Raises:
        InputError: No text is read in any.
    """
    with_text = (lessons.read > FREE_CHARACTERS).any(1)
    if not with_text.any():
        raise InputError(
            f"text gate: nothing is read in the {len(lessons.pixels)} scenes for the threshold; give more "
            "test_scenes"
        )
    return float(np.quantile(_weigh_all(network, lessons.pixels[with_text]), 1 - recall, method="lower"))


def _weigh_all(network: GateNetwork, pixels: np.ndarray) -> np.ndarray:
    return np.concatenate([weigh(network, pixels[k : k + _BATCH]) for k in range(0, len(pixels), _BATCH)])


def _share(values: np.ndarray) -> dict[str, Any]:
    return {"share": round(float(values.mean()), 4) if len(values) else None, "count": len(values)}


def write_card(recipe: TextGateRecipe, metrics: dict[str, Any]) -> str:
    """Writes the model card: what the gate is for, what it misses, and how it was made."""

    def cell(figure: dict[str, Any]) -> str:
        return f"{figure['share']:.3f} of {figure['count']:,}" if figure["count"] else "there are none"

    rows = [
        f"| pictures with text, read at {px} px | {cell(metrics['with_text'][f'read_at_{px}_px'])} |"
        for px in SEARCHES_PX
    ]
    rows += [
        f"| pictures without writing, {name} view | {cell(metrics['without_writing'][name])} |"
        for name in ("plain", "faint")
    ]
    rows += [
        f"| cheats of `{name}` that the reader catches ({cell(figures['caught_by_the_reader'])}) | "
        f"{cell(figures['of_these_let_through'])} |"
        for name, figures in metrics["cheats"].items()
    ]
    return f"""---
license: apache-2.0
tags: [svg, text-detection]
---

# svgtune text gate

Says which pictures the embedded reader of text (`svgtune.metric.embedded.ocr`) should look at; the others
count as read, with nothing found. A network of {metrics["parameters"]:,} parameters on {GATE_PX} px. For
rewards only (`embedded.text_gate` in recipes/grpo): what is to be published is read without it.

It was trained by `python scripts/train_text_gate.py` on {metrics["lessons"]:,} generated scenes (seed
{recipe.seed}), half with writing in OpenCV's Hershey and Pillow's own letters, half seen as the guards show
what is faint.

| let through to the reader, on scenes of held-out combinations | share |
|---|---|
{chr(10).join(rows)}

Text is more than {FREE_CHARACTERS} characters that the reader reads; the letters of the cheats are in no
lesson. The threshold is where {recipe.recall:.1%} of other such pictures with text get through.

What it can't judge: photographs, scripts other than Latin, and letters lower than a thirtieth of the picture.
"""
