"""Trains a picture reader on fresh scenes, examines it and publishes it."""

from __future__ import annotations

import logging
import math
import re
import shutil
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from svgtune.assets import shipped_folder
from svgtune.config.judges import JudgesRecipe, TrainingSection
from svgtune.errors import InputError
from svgtune.metric.competition.precision import find_device
from svgtune.metric.defence import DEFENCES
from svgtune.metric.embedded.aesthetic import examine_aesthetic
from svgtune.metric.embedded.card import write_card
from svgtune.metric.embedded.course import Course, build_course, flatten, list_texts
from svgtune.metric.embedded.drawn import DrawnLessons
from svgtune.metric.embedded.examination import Candidate, calibrate, examine
from svgtune.metric.embedded.lessons import Lessons, Teacher
from svgtune.metric.embedded.loading import (
    CARD_FILE,
    JUDGE_FILE,
    METRICS_FILE,
    WEIGHTS_FILE,
    load_reader,
    write_judge,
)
from svgtune.metric.embedded.losses import Batch, measure_losses
from svgtune.metric.embedded.pictures import DEFENDED, PLAIN, count_threads, find_changed, open_pictures
from svgtune.metric.inversion.network import (
    PictureReader,
    count_parameters,
    load_weights,
    resize_reader,
    save_weights,
)
from svgtune.metric.inversion.text import SentenceEncoder, TextCache
from svgtune.render.pool import RenderPool
from svgtune.runs import open_run, write_json_atomic

_CHECKPOINT = "checkpoint.pt"
_PICTURES = "pictures"
_TEXTS_AT_ONCE = 4096
_LAST_RATE = 0.01
_RARE = -4.0  # log-odds of a label before anything is learned

logger = logging.getLogger(__name__)


def run(
    recipe: JudgesRecipe, output: Path, teacher: Teacher, *, resume: bool = False, overwrite: bool = False
) -> dict[str, Any]:
    """Trains a judge by a recipe and leaves it in ``output``: weights, ``judge.json``, card and figures.

    A resumed run draws only pictures that are not there yet and goes on from its checkpoint, with the same
    weights at the end as an uninterrupted one.

    Args:
        recipe: What to train.
        output: The run folder.
        teacher: Draws the scenes.
        resume: Go on with the run that is there.
        overwrite: Delete it first.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        MachineError: The text encoder is not installed.
        MissingInputError: It cannot be loaded, or no judge lies where the training is to start from.
        InputError: The judge that it is to start from has another shape.
    """
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    encoder = SentenceEncoder(recipe.text.source, recipe.text.batch_size)
    texts = TextCache(
        encoder, output / f"texts-{re.sub(r'[^A-Za-z0-9.-]+', '_', recipe.text.source)[-80:]}.npz"
    )
    torch.manual_seed(recipe.seed)
    model = start_reader(recipe, encoder.encode(["a picture"]).shape[1]).to(find_device())
    threads = count_threads(recipe.workers)
    clock = _Clock()
    with RenderPool(threads, timeout_s=10.0) as pool:
        course, pixels, drawn = _prepare(recipe, output, teacher, texts, pool, threads, clock)
        logger.info("picture reader: %d parameters", count_parameters(model))
        trainer = Trainer(recipe.training, model, course, pixels, texts, recipe.seed)
        trainer.train(output / _CHECKPOINT)
        clock.note("training")
        save_weights(model, output / WEIGHTS_FILE)
        # Examined as it will be used: with the weights as they were rounded for the file.
        candidate = Candidate(load_weights(model, output / WEIGHTS_FILE), texts, pool, threads)
        temperatures = calibrate(candidate, teacher, recipe.lessons.calibration_scenes)
        write_judge(output, recipe, temperatures, texts.vectors.shape[1])
        figures = examine(
            candidate, teacher, temperatures, recipe.lessons.test_scenes, recipe.lessons.pairs, logger.info
        )
        figures["aesthetic"] = examine_aesthetic(teacher.draw, pool, recipe.lessons.looks_pairs, output)
    texts.save()
    clock.note("examination")
    metrics = {
        **figures,
        "temperatures": temperatures.to_json(),
        "parameters": count_parameters(model),
        "steps": recipe.training.steps,
        "pictures": len(pixels),
        "pictures_of_drawings": drawn,
        "seconds_of_this_run": clock.seconds,
    }
    write_json_atomic(output / METRICS_FILE, metrics)
    write_card(output, recipe, metrics)
    if not recipe.keep_pictures:
        shutil.rmtree(output / _PICTURES)
    if recipe.publish is not None:
        _publish(output, shipped_folder("models") / recipe.publish)
    return metrics


def start_reader(recipe: JudgesRecipe, text_width: int) -> PictureReader:
    """Makes the model that is trained, with fresh weights or those of ``training.start_from``.

    Raises:
        MissingInputError: No judge lies there.
        InputError: It cannot be used, or has another encoder or other texts.
    """
    folder = recipe.training.start_from
    if folder is None:
        return PictureReader(recipe.encoder, text_width)
    model, content = load_reader(folder)
    side_px = recipe.encoder.image_px
    resized = model.shape.model_copy(update={"image_px": side_px})
    if resized != recipe.encoder or model.text_width != text_width:
        raise InputError(
            f"training.start_from: the judge in {folder} has another shape ({content['encoder']}, texts of "
            f"{content['text_width']}); give one whose encoder is the recipe's but for image_px, or null"
        )
    return resize_reader(model, side_px)


class _Clock:
    """Notes how long the parts of a run take."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    def note(self, name: str) -> None:
        """Notes the time since the last note."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._since, 1)
        self._since = now


def _prepare(
    recipe: JudgesRecipe, output: Path, teacher: Teacher, texts: TextCache, pool: RenderPool, threads: int,
    clock: _Clock,
) -> tuple[Course, np.ndarray, int]:  # fmt: skip
    """Returns lessons, their pictures, and how many of these are of captions that a model drew."""
    wanted = recipe.lessons
    logger.info("scenes: making lessons of %d", wanted.scenes)
    scenes = Lessons(teacher, recipe.seed, "train", wrong_share=wanted.wrong_share)
    checked = DrawnLessons(scenes, teacher.shades)
    drawn = [pair for folder in wanted.checked for pair in checked.read(folder)]
    pairs = [*scenes.read(0, wanted.scenes), *drawn]
    clock.note("scenes")
    lessons = flatten(pairs)

    def report(done: int, count: int, per_s: float) -> None:
        logger.info("pictures: %d of %d, %.1f/s with their defended views", done, count, per_s)

    side_px, key = recipe.encoder.image_px, f"seed {recipe.seed}, {wanted.model_dump_json()}"
    defend = DEFENCES[wanted.defences]
    pixels = open_pictures(output / _PICTURES, lessons, side_px, pool, threads, key, report, defend)
    clock.note("pictures")
    mentioned = list_texts(lessons)
    for start in range(0, len(mentioned), _TEXTS_AT_ONCE):
        texts.find_rows(mentioned[start : start + _TEXTS_AT_ONCE])
        logger.info("texts: %d of %d", min(start + _TEXTS_AT_ONCE, len(mentioned)), len(mentioned))
        texts.save()
    clock.note("texts")
    return _drop_unchanged(build_course(pairs, texts), pixels), pixels, len(flatten(drawn))


def _drop_unchanged(course: Course, pixels: np.ndarray) -> Course:
    """Leaves out wrong drawings that look like the right one."""
    dropped = 0
    for scene in np.flatnonzero(course.wrong >= 0):
        if not find_changed(pixels[course.right[scene]], pixels[course.wrong[scene]]):
            course.wrong[scene] = -1
            dropped += 1
    logger.info(
        "wrong drawings: %d kept, %d dropped because they look like the right one",
        int((course.wrong >= 0).sum()),
        dropped,
    )
    return course


class Trainer:
    """Steps through shuffled scenes; what step k sees depends on the seed and k alone.

    Args:
        recipe: How long and how fast.
        model: Is trained in place.
        course: What is known about the pictures.
        pixels: uint8 of shape [pictures, 2, side, side, 3].
        texts: Every text of the course.
        seed: Of the order, the views and the shifts.
    """

    def __init__(
        self,
        recipe: TrainingSection,
        model: PictureReader,
        course: Course,
        pixels: np.ndarray,
        texts: TextCache,
        seed: int,
    ) -> None:
        self._recipe = recipe
        self._model = model
        self._course = course
        self._pixels = pixels
        self._vectors = texts.vectors
        self._seed = seed
        self._device = next(model.parameters()).device
        self._namer = nn.Linear(model.to_caption.in_features, course.labels.shape[1]).to(self._device)
        nn.init.constant_(self._namer.bias, _RARE)
        learned = nn.ModuleList([model, self._namer])
        self._optimiser = torch.optim.AdamW(
            _group_parameters(learned, recipe.weight_decay), lr=recipe.learning_rate, betas=(0.9, 0.98)
        )

    def train(self, checkpoint: Path) -> None:
        """Trains to the last step, from the checkpoint where there is one."""
        step = self._load(checkpoint)
        self._model.train()
        sums: defaultdict[str, float] = defaultdict(float)
        began, seen, first = time.monotonic(), 0, step
        while step < self._recipe.steps:
            for group in self._optimiser.param_groups:
                group["lr"] = find_rate(self._recipe, step)
            batch = self.build_batch(step)
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._recipe.precision == "bf16"):
                loss, parts = measure_losses(self._model, self._namer, batch, self._recipe)
            self._optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._model.parameters(), 2.0)
            self._optimiser.step()
            step += 1
            seen += len(batch.pictures)
            for name, value in parts.items():
                sums[name] += value
            if step % self._recipe.log_every_steps == 0 or step == self._recipe.steps:
                self._log(step, sums, seen / (time.monotonic() - began), (step - first) or 1)
            if step % self._recipe.checkpoint_every_steps == 0 or step == self._recipe.steps:
                self._save(checkpoint, step)
        self._model.eval()

    def build_batch(self, step: int) -> Batch:
        """Builds the batch of one step."""
        rng = np.random.default_rng((self._seed, 1, step))
        course, scenes = self._course, self._choose_scenes(step)
        right, wrong = course.right[scenes], course.wrong[scenes]
        rows = np.concatenate([right, wrong[wrong >= 0]])
        partner = np.concatenate([np.arange(len(right)), np.flatnonzero(wrong >= 0)])
        false_ids = course.false_captions[rows]
        false_ids = np.unique(false_ids[false_ids >= 0]).astype(np.int64)
        statements = course.statements[rows]
        caption_ids = course.caption[rows]
        return Batch(
            pictures=self._to(self._shift(self._choose_views(rows, rng), rng)),
            caption=self._embed(caption_ids),
            caption_ids=self._to(caption_ids),
            captioned=self._to(course.captioned[rows]),
            false_captions=self._embed(false_ids),
            false_ids=self._to(false_ids),
            partner=self._to(partner),
            statements=self._embed(np.maximum(statements, 0)),
            stated=self._to(statements >= 0),
            targets=self._to(course.targets[rows]),
            labels=self._to(course.labels[rows].astype(np.float32)),
        )

    def _choose_scenes(self, step: int) -> np.ndarray:
        count = len(self._course.right)
        size = min(self._recipe.batch_scenes, count)
        epoch, place = divmod(step, count // size)
        order = np.random.default_rng((self._seed, 0, epoch)).permutation(count)
        return order[place * size : (place + 1) * size]

    def _choose_views(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        defended = rng.random(len(rows)) < self._recipe.defended_share
        return np.stack(
            [self._pixels[row, DEFENDED if d else PLAIN] for row, d in zip(rows, defended, strict=True)]
        )

    def _shift(self, pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Moves each picture by a few pixels; what comes in is its edge, repeated."""
        reach = self._recipe.shift_px
        if not reach:
            return pictures
        side = pictures.shape[1]
        padded = np.pad(pictures, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
        offsets = rng.integers(0, 2 * reach + 1, (len(pictures), 2))
        return np.stack(
            [image[y : y + side, x : x + side] for image, (y, x) in zip(padded, offsets, strict=True)]
        )

    def _embed(self, rows: np.ndarray) -> torch.Tensor:
        return self._to(self._vectors[rows].astype(np.float32))

    def _to(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _log(self, step: int, sums: defaultdict[str, float], per_s: float, done: int) -> None:
        count = min(self._recipe.log_every_steps, done)
        words = ", ".join(f"{name} {value / count:.3f}" for name, value in sums.items())
        logger.info("step %d of %d: %s; %.0f pictures/s", step, self._recipe.steps, words, per_s)
        sums.clear()

    def _save(self, path: Path, step: int) -> None:
        temporary = path.with_name(f".{path.name}.tmp")
        state = {"step": step, **{name: part.state_dict() for name, part in self._parts().items()}}
        torch.save(state, temporary)
        temporary.replace(path)

    def _load(self, path: Path) -> int:
        if not path.is_file():
            return 0
        state = torch.load(path, map_location=self._device, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        logger.info("going on from step %d", state["step"])
        return int(state["step"])

    def _parts(self) -> dict[str, Any]:
        return {"model": self._model, "namer": self._namer, "optimiser": self._optimiser}


def find_rate(recipe: TrainingSection, step: int) -> float:
    """Returns the learning rate of a step: a rise, then a cosine down to a hundredth."""
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / recipe.warmup_steps
    share = (step - recipe.warmup_steps) / max(1, recipe.steps - recipe.warmup_steps)
    return recipe.learning_rate * (_LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * share)) / 2)


def _group_parameters(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Norms, biases and scales do not decay."""
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def _publish(output: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in (WEIGHTS_FILE, JUDGE_FILE, METRICS_FILE, CARD_FILE, "pairs.json"):
        shutil.copyfile(output / name, folder / name)
    logger.info("published to %s", folder)
