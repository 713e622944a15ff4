"""The judges that ship, on scenes that neither their training nor their examination has seen."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from svgtune.assets import find_asset
from svgtune.config.form import NormalForm
from svgtune.config.rewards import RewardSection
from svgtune.config.scenes import ScenesOptions
from svgtune.data.sources.scenes import sample_scene
from svgtune.metric.cheats import CHEATS
from svgtune.metric.embedded.loading import load_embedded_judges
from svgtune.metric.scorer import Entry, Scorer
from svgtune.render.pool import RenderPool
from svgtune.rewards.evaluation import Evaluator, Task
from svgtune.svg.canonical import canonical_svg

FORM = NormalForm(grid=1.0, path_commands="relative")
COUNT = 40
FOLDERS = ("models/judges", "models/judges/held_out")

pytestmark = pytest.mark.slow
pytest.importorskip("rapidocr_onnxruntime")


@pytest.fixture(scope="module")
def scenes():
    options = ScenesOptions(split="held_out")
    return [sample_scene(81_000_001, index, options) for index in range(COUNT)]


@pytest.fixture(scope="module")
def pool():
    with RenderPool(2, timeout_s=10) as pool:
        yield pool


@pytest.mark.parametrize("folder", FOLDERS)
def test_questions_about_held_out_scenes_are_answered(folder: str, scenes, pool) -> None:
    scorer = Scorer(load_embedded_judges(folder, device="cpu"), pool=pool)
    entries = [Entry(scene.id, scene.svg, scene.questions) for scene in scenes]
    wrong = [Entry(scene.id, scenes[place - 1].svg, scene.questions) for place, scene in enumerate(scenes)]
    right_scores, wrong_scores = scorer.score(entries), scorer.score(wrong)
    right = [
        max(own) == own[question.choices.index(question.answer)]
        for score, scene in zip(right_scores, scenes, strict=True)
        for own, question in zip(score.probabilities, scene.questions, strict=True)
    ]
    assert np.mean(right) >= 0.8
    above = [a.vqa > b.vqa for a, b in zip(right_scores, wrong_scores, strict=True)]
    assert np.mean(above) >= 0.9


@pytest.mark.parametrize("name", sorted(CHEATS))
def test_a_cheat_earns_less_than_an_honest_drawing(name: str, scenes, pool) -> None:
    judges = load_embedded_judges(FOLDERS[0], device="cpu")
    evaluator = Evaluator(RewardSection(), judges, pool, FORM)
    some = scenes[:12]
    tasks = [Task(scene.id, scene.caption, scene.questions) for scene in some]
    honest = [canonical_svg(scene.svg, FORM).svg for scene in some]
    cheats = [
        CHEATS[name](svg, scene.caption, FORM, random.Random(n))
        for n, (svg, scene) in enumerate(zip(honest, some, strict=True))
    ]

    def earn(svgs: list[str]) -> np.ndarray:
        return np.array([one.total for one in evaluator.evaluate(tasks, svgs)])

    fair = earn(honest)
    assert np.mean(fair > 0.2) >= 0.9
    assert np.mean(earn(cheats) < fair) >= 0.9


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_card_gives_the_figures_of_the_examination(folder: str) -> None:
    where = find_asset(folder)
    figures = json.loads((where / "metrics.json").read_text())
    card = (where / "README.md").read_text()
    for kind in ("choices", "yes_no"):
        assert f"{figures['defended']['questions'][kind]['accuracy']['mean']:.3f}" in card
