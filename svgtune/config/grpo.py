"""The recipe of reinforcement on the metric."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from svgtune.config.base import Section
from svgtune.config.rewards import RewardSection
from svgtune.config.scenes import ScenesOptions
from svgtune.config.score import CompetitionSection, EmbeddedSection
from svgtune.config.tuning import TuningRecipe


class PromptDataSection(Section):
    """Which captions are drawn, and what is asked about the drawings."""

    path: Path | None = None
    """A folder of data_prep/prepare.py, one of its parquet files, or a file of prompts: .txt with a caption a
    line, .jsonl with ``prompt`` and perhaps ``id``, ``questions``, ``choices``, ``answers`` and ``svg``. None
    draws scenes."""
    caption_column: str = "caption"
    """The caption's column in parquet."""
    count: int = Field(default=2000, ge=2)
    """How many scenes to draw for training."""
    seed: int = 30_001
    """Seed of the scenes; another than that of the supervised tuning, or its captions come again."""
    scenes: ScenesOptions = ScenesOptions()
    """Which scenes; their split is train for training and held_out for what is held out."""
    ask_parts: bool = False
    """Ask about each part of a scene too, not only its own four questions: such judgements follow what is
    right in a drawing more closely."""
    held_out_share: float = Field(default=0.05, gt=0, lt=1)
    """Share held out where the data has no split of its own; at least one caption."""
    max_prompts: int | None = Field(default=None, ge=1)
    """Train on the first so many only; None is all."""
    max_held_out: int | None = Field(default=64, ge=1)
    """Evaluate on the first so many only; None is all."""
    max_prompt_tokens: int = Field(default=512, ge=1)
    """A longer prompt, chat marks included, is dropped."""
    max_reference_tokens: int | None = Field(default=None, ge=1)
    """A caption whose own drawing is longer is dropped, so that a few long ones do not set how long all may
    be; None keeps all."""
    words: Path = Path("recipes/score/words.json")
    """Word lists by which questions are made where a caption brings none."""
    max_questions: int = Field(default=4, ge=2, le=4)
    """Most questions that are made for a caption."""
    length_margin: int = Field(default=64, ge=0)
    """Tokens beyond the longest drawing of the data that a completion may have, where the recipe's trainer
    section sets no ``max_completion_length``."""


class StopSection(Section):
    """When a run that learns nothing ends by itself."""

    flat_rounds: int | None = Field(default=20, ge=1)
    """Rounds of drawings one after another without any difference of reward inside any group; None goes on
    for ever."""


class AlarmSection(Section):
    """When to say, or to stop at, that the reward is being pleased rather than earned.

    A second judge, which no reward has ever heard, looks at the drawings of every evaluation. The alarm is
    raised when in a window of evaluations the reward has risen, on the captions that are trained on or on the
    held-out ones, and this judge's score has fallen on captions that were each time drawn validly: validity
    is the reward's own business, and its rise would hide that the pictures get worse.
    """

    judge: str = "models/judges/held_out"
    """Folder of the second judge, another than that of the reward."""
    text: str | None = None
    """Its text model: a package, folder or hub id. None: where the training had it."""
    action: Literal["warn", "stop"] = "warn"
    """stop ends the run; its last whole checkpoint stays."""
    window: int = Field(default=4, ge=2)
    """How many evaluations are looked at together: the newer half against the older one."""
    standard_errors: float = Field(default=2.0, ge=0)
    """A rise or fall counts from so many of its own standard errors on."""
    least_fall: float = Field(default=0.01, ge=0, lt=1)
    """A smaller fall of the second judge's score, which is 0 to 1, is none."""
    batch_size: int = Field(default=32, ge=1)
    """Drawings that it sees together."""


class CurriculumSection(Section):
    """Which captions are drawn more often: those whose drawings differed in reward when last drawn.

    A group without any spread teaches nothing. Without this section all captions come equally often.
    """

    memory: float = Field(default=0.5, ge=0, lt=1)
    """How much of a caption's earlier spreads is kept when it is drawn again; 0 forgets them."""
    unseen: float = Field(default=1.5, gt=0)
    """Weight of a caption that has not been drawn yet, in mean spreads of those that have."""
    least: float = Field(default=0.1, gt=0)
    """Least weight of any caption, likewise: the model changes, and so does what is too easy or too hard."""


class GrpoRecipe(TuningRecipe):
    """What ``train/grpo.py`` does: a model draws captions, and learns from what its drawings earn."""

    name: str = "grpo"
    data: PromptDataSection = PromptDataSection()
    judges: Literal["embedded", "competition"] = "embedded"
    embedded: EmbeddedSection = EmbeddedSection()
    competition: CompetitionSection = CompetitionSection()
    judge_device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    """auto, cpu, cuda or cuda:N."""
    render_workers: int | None = Field(default=None, ge=1)
    """Drawing processes of each training process. None: its share of the CPU cores."""
    rewards: RewardSection = RewardSection()
    stop: StopSection = StopSection()
    rollout_batch_size: int = Field(default=64, ge=1)
    """Completions in the making at the same time on each process, where neither vLLM nor TRL generates."""
    grammar: bool = False
    """Draw and learn under the grammar of the normal form, as inference draws: every drawing is valid, and
    nothing is learned of what the grammar decides. Only where neither vLLM nor TRL generates."""
    negative_weight: float = Field(default=1.0, ge=0, le=1)
    """How much a drawing below its group's mean counts, against one above it: the hysteretic weight of HPO
    (arXiv 2605.30201). 1 is GRPO, 0 learns from the better drawings only."""
    alarm: AlarmSection | None = None
    """null: no second judge looks on."""
    curriculum: CurriculumSection | None = None
    """null: all captions come equally often."""
