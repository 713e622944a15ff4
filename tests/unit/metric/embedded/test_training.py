from __future__ import annotations

import numpy as np
import pytest

from tests.unit.metric.embedded.pupils import SHAPE, TEACHER, WordEncoder

torch = pytest.importorskip("torch")

from svgtune.config.judges import EncoderSection, JudgesRecipe, TrainingSection  # noqa: E402
from svgtune.errors import InputError, MissingInputError  # noqa: E402
from svgtune.metric.embedded.calibration import Temperatures  # noqa: E402
from svgtune.metric.embedded.course import CHOICES, NO_TASK, build_course, flatten, list_texts  # noqa: E402
from svgtune.metric.embedded.lessons import Lessons  # noqa: E402
from svgtune.metric.embedded.loading import WEIGHTS_FILE, write_judge  # noqa: E402
from svgtune.metric.embedded.losses import measure_losses  # noqa: E402
from svgtune.metric.embedded.training import Trainer, find_rate, start_reader  # noqa: E402
from svgtune.metric.inversion.network import PictureReader, save_weights  # noqa: E402
from svgtune.metric.inversion.text import TextCache  # noqa: E402

RECIPE = TrainingSection(
    steps=6, batch_scenes=6, warmup_steps=1, log_every_steps=2, checkpoint_every_steps=3, shift_px=1
)


@pytest.fixture(scope="module")
def pairs():
    return list(Lessons(TEACHER, 9, "train", wrong_share=0.7).read(0, 12))


def build_trainer(pairs, recipe: TrainingSection = RECIPE) -> tuple[Trainer, PictureReader]:
    texts = TextCache(WordEncoder())
    course = build_course(pairs, texts)
    count = len(flatten(pairs))
    pixels = np.random.default_rng(0).integers(0, 255, (count, 2, 32, 32, 3), dtype=np.uint8)
    torch.manual_seed(0)
    model = PictureReader(SHAPE, texts.vectors.shape[1])
    return Trainer(recipe, model, course, pixels, texts, seed=3), model


def test_course_points_at_the_lessons_it_was_built_of(pairs):
    texts = TextCache(WordEncoder())
    course = build_course(pairs, texts)
    lessons = flatten(pairs)
    names = list_texts(lessons)
    assert sorted(texts.find_rows(names)) == list(range(len(texts)))
    assert [lessons[row].fault for row in course.right] == [None] * len(pairs)
    for row, (_, wrong) in zip(course.wrong, pairs, strict=True):
        assert (row == -1) == (wrong is None)
        assert row == -1 or lessons[row] is wrong
    for row, lesson in enumerate(lessons):
        assert course.labels[row].sum() == len(lesson.labels)
        assert bool(lesson.labels) == (lesson.fault is None)
    lesson, targets = lessons[0], course.targets[0]
    assert (targets != NO_TASK).sum() == len(lesson.tasks)
    assert targets.max() <= CHOICES


def test_a_step_lowers_every_loss_it_is_repeated_on(pairs):
    trainer, model = build_trainer(pairs)
    batch = trainer.build_batch(0)
    assert batch.pictures.shape[1:] == (32, 32, 3)
    namer = torch.nn.Linear(model.to_caption.in_features, batch.labels.shape[1])
    optimiser = torch.optim.Adam([*model.parameters(), *namer.parameters()], lr=5e-3)
    before = None
    for _ in range(25):
        loss, parts = measure_losses(model, namer, batch, RECIPE)
        before = before or parts
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    for name in ("captions", "questions", "labels"):
        assert parts[name] < 0.8 * before[name]
    assert parts["cosine"] > before["cosine"]
    assert parts["right"] > before["right"]


def test_resumed_training_equals_uninterrupted_training(pairs, tmp_path):
    trainer, whole = build_trainer(pairs)
    trainer.train(tmp_path / "whole.pt")
    trainer, _ = build_trainer(pairs)
    save = trainer._save

    def save_and_stop(path, step):
        save(path, step)
        raise KeyboardInterrupt

    trainer._save = save_and_stop
    with pytest.raises(KeyboardInterrupt):
        trainer.train(tmp_path / "cut.pt")
    trainer, resumed = build_trainer(pairs)
    trainer.train(tmp_path / "cut.pt")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_training_goes_on_from_a_trained_judge_of_the_same_shape_only(tmp_path):
    trained = PictureReader(SHAPE, 24)
    recipe = JudgesRecipe(encoder=SHAPE)
    write_judge(tmp_path, recipe, Temperatures(1.0, 1.0), 24)
    save_weights(trained, tmp_path / WEIGHTS_FILE)
    going_on = recipe.model_copy(update={"training": TrainingSection(start_from=tmp_path)})
    started = start_reader(going_on, 24)
    for name, value in trained.named_parameters():
        torch.testing.assert_close(started.get_parameter(name), value, atol=1e-3, rtol=1e-2)
    with pytest.raises(InputError, match=r"training\.start_from.*texts of 24"):
        start_reader(going_on, 32)
    wider = going_on.model_copy(update={"encoder": EncoderSection(image_px=64)})
    with pytest.raises(InputError, match="give one whose encoder is the recipe's"):
        start_reader(wider, 24)
    (tmp_path / WEIGHTS_FILE).unlink()
    with pytest.raises(MissingInputError, match="train_judges"):
        start_reader(going_on, 24)


def test_training_goes_on_with_larger_pictures_from_a_judge_of_smaller_ones(tmp_path):
    trained = PictureReader(SHAPE, 24)
    side = trained.side
    with torch.no_grad():  # what it knows of a place is where it is
        trained.place[:, 0] = torch.arange(side).repeat_interleave(side)
        trained.place[:, 1] = torch.arange(side).repeat(side)
    recipe = JudgesRecipe(encoder=SHAPE)
    write_judge(tmp_path, recipe, Temperatures(1.0, 1.0), 24)
    save_weights(trained, tmp_path / WEIGHTS_FILE)
    larger = recipe.encoder.model_copy(update={"image_px": 2 * SHAPE.image_px})
    going_on = recipe.model_copy(update={"encoder": larger, "training": TrainingSection(start_from=tmp_path)})
    started = start_reader(going_on, 24)
    assert started.shape == larger
    for name, value in trained.named_parameters():
        if name != "place":
            torch.testing.assert_close(started.get_parameter(name), value, atol=1e-3, rtol=1e-2)
    down, across = started.place.detach()[:, :2].T.unflatten(1, (2 * side, 2 * side))
    torch.testing.assert_close(down, across.T, atol=1e-3, rtol=1e-2)
    assert (across == across[0]).all()
    torch.testing.assert_close(across[0, 1:-1], torch.arange(0.25, side - 1, 0.5), atol=1e-3, rtol=1e-2)


def test_rate_rises_and_falls():
    recipe = TrainingSection(steps=100, warmup_steps=10, learning_rate=1.0)
    rates = [find_rate(recipe, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.02
