"""Rewards as a plain training loop computes them: to be measured against, not to be used."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import cairosvg
import numpy as np
from PIL import Image

from svgtune.metric.defence import defend_image
from svgtune.metric.formula import combine, score_ocr
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import find_vqa
from svgtune.rewards.evaluation import Task, find_seed
from svgtune.rewards.functions import read_tasks
from svgtune.svg.constraints import check_svg


class PlainRewards:
    """The score as one reward, each drawing by itself: drawn by svg2png in this process, without a limit.

    Args:
        judges: All three are asked.
    """

    def __init__(self, judges: Judges) -> None:
        self._judges = judges
        self.functions: Sequence[Callable[..., Any]] = [self._score_all]
        self.weights: Sequence[float] = [1.0]

    def _score_all(self, *, completions: Any, trainer_state: Any = None, **columns: Any) -> list[float]:
        texts = [completion[-1]["content"].strip() for completion in completions]
        step = int(getattr(trainer_state, "global_step", 0))
        return [
            self._score(task, text, find_seed(task.id, step))
            for task, text in zip(read_tasks(columns), texts, strict=True)
        ]

    def _score(self, task: Task, svg: str, seed: int) -> float:
        if check_svg(svg):
            return 0.0
        try:
            png = cairosvg.svg2png(bytestring=svg.encode())
        except Exception:  # noqa: BLE001 - whatever stops the renderer, the drawing earns nothing
            return 0.0
        image = Image.open(io.BytesIO(png)).convert("RGB").resize((384, 384), Image.Resampling.BICUBIC)
        views = defend_image(np.asarray(image), seed)
        seen = [views.judged]
        answers = [self._judges.answer([task.id], seen, [q.text], [q.choices])[0] for q in task.questions]
        looks = self._judges.rate([task.id], seen)[0]
        ocr = score_ocr(self._judges.count_characters([task.id], [views.read])[0])
        return combine(find_vqa(task.questions, answers), looks, ocr)
