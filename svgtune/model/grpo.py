"""Reinforcement on the metric: a model draws captions in groups, and learns from what each drawing earns.

GRPO as in DeepSeekMath (arXiv 2402.03300), by TRL.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from trl import GRPOConfig

from svgtune.config.grpo import GrpoRecipe
from svgtune.config.score import ScoreRecipe
from svgtune.errors import MachineError, RecipeError, SvgtuneError
from svgtune.metric.scoring.stage import load_judges
from svgtune.model import tuning
from svgtune.model.alarm import Alarm, Rate, open_alarm
from svgtune.model.arguments import fill_arguments, find_judge_device
from svgtune.model.callbacks import EarlierFigures
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER, find_checkpoint
from svgtune.model.constrain import Constraint
from svgtune.model.curriculum import Curriculum
from svgtune.model.curves import summarise_curves
from svgtune.model.data import Wording
from svgtune.model.grpo_trainer import DrawingTrainer
from svgtune.model.load import find_stop_ids, read_context
from svgtune.model.lora import build_lora_config
from svgtune.model.precision import Device, Precision
from svgtune.model.prompt_set import PromptSet, load_prompts
from svgtune.model.report import write_history, write_report
from svgtune.model.rollouts import can_write
from svgtune.model.start import put_adapter
from svgtune.render.pool import RenderPool
from svgtune.rewards import build_rewards
from svgtune.runs import check_output, open_run

logger = logging.getLogger(__name__)

MANAGED = {
    **tuning.MANAGED,
    "reward_weights": "set rewards.weights",
    "remove_unused_columns": "the rewards need the columns",
    "generation_batch_size": "set steps_per_generation",
    "load_best_model_at_end": "the last weights are kept; save_total_limit keeps earlier ones as checkpoints",
    "metric_for_best_model": "the last weights are kept; save_total_limit keeps earlier ones as checkpoints",
}
_DEFAULTS: dict[str, Any] = {
    "eval_strategy": "steps",
    "eval_steps": 50,
    "num_generations_eval": 1,
    "save_total_limit": 2,
    "logging_steps": 1,
    "report_to": ["tensorboard"],
    "gradient_checkpointing": False,
    # The old log probabilities and the loss would see other masks, so that their ratio were not 1 at first.
    "disable_dropout": True,
    "mask_truncated_completions": True,
    "epsilon_high": 0.28,
}


class RewardTerms(Protocol):
    """What the trainer takes of ``svgtune.rewards.Rewards``."""

    @property
    def functions(self) -> Sequence[Callable[..., Any]]:
        """As TRL calls them, each with a name of its own."""

    @property
    def weights(self) -> Sequence[float]:
        """As many."""


def run(
    recipe: GrpoRecipe,
    output: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    rewards: RewardTerms | None = None,
    second_judge: Rate | None = None,
) -> dict[str, Any]:
    """Reinforces a model by a recipe, and leaves the adapter or model in ``output``.

    ``output`` also gets ``metrics.json`` (held-out reward before and after, where the curves began and
    ended), ``report.html``, ``history.json``, ``README.md``, ``svgtune.json``, ``logs/`` (TensorBoard),
    ``drawings/`` and ``checkpoints/``.

    Args:
        recipe: Model, prompts, judges, rewards and settings.
        output: The run's folder.
        resume: Go on with the last whole checkpoint there.
        overwrite: Delete what is there first.
        rewards: Any terms, instead of those that the recipe names.
        second_judge: Any judge for the alarm, instead of the one that the recipe names.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        RecipeError: A setting that cannot be used; nothing has been written then.
        MachineError: The recipe needs another machine.
        MissingInputError: The base model, the adapter, the data or a judge is not there.
        InputError: A row of the data cannot be used.
        TrainingError: Going on would do harm, or nothing.
        JudgeError: Judges failed too often.
    """
    began = time.monotonic()
    opened = tuning.open_tuning(recipe, output, GRPOConfig, MANAGED, build_arguments)
    args, precision = opened.args, opened.precision
    check_engine(args, opened.device)
    check_grammar(recipe, args)
    if args.process_index == 0:
        # What would be refused after the judges have been loaded is refused before.
        check_output(output, resume=resume, overwrite=overwrite)
    wording = tuning.build_wording(recipe, opened.base, None, adapter=opened.start)
    prompts = load_prompts(recipe.data, wording)
    check_round(args, len(prompts.train))
    set_length(args, recipe, prompts, read_context(opened.base, revision=recipe.revision))
    with open_alarm(recipe, args, second_judge) as alarm, open_rewards(recipe, args, rewards) as terms:
        output = open_run(output, recipe, resume=resume, overwrite=overwrite)
        trainer = build_trainer(recipe, output, args, prompts, wording, precision, terms, opened.start, alarm)
        with _report_at_end(trainer, output):
            figures = _train(trainer, output, resume=resume)
            metrics = {
                **figures,
                **tuning.describe_run(trainer, recipe, precision, began),
                "max_completion_length": trainer.args.max_completion_length,
                "curves": summarise_curves(trainer.state.log_history),
                "data": prompts.counts,
            }
            tuning.publish(
                trainer,
                recipe,
                output,
                style=wording.style,
                licences=prompts.licences,
                metrics=metrics,
                made_by="train/grpo.py",
            )
            tuning.write_metrics(trainer, output, metrics)
    return metrics


def build_arguments(recipe: GrpoRecipe, output: Path, device: Device, precision: Precision) -> GRPOConfig:
    """Builds the trainer's arguments: our defaults, the recipe's ``trainer``, and what the recipe settles.

    Raises:
        RecipeError: GRPOConfig refuses a value.
    """
    values = {**_DEFAULTS, **recipe.trainer, "remove_unused_columns": False}
    return fill_arguments(GRPOConfig, recipe, values, output, device, precision)


def check_engine(args: GRPOConfig, device: Device) -> None:
    """Makes sure that the engine which is to generate can do so here.

    Raises:
        MachineError: It cannot.
    """
    if not args.use_vllm:
        return
    if importlib.util.find_spec("vllm") is None:
        raise MachineError(
            "trainer.use_vllm: vLLM is not installed; install svgtune[gpu], or set trainer.use_vllm to false"
        )
    if device == "cpu" and args.vllm_mode == "colocate":
        raise MachineError(
            "trainer.vllm_mode: colocate is set, but vLLM on a CPU packs its weights and cannot take "
            "new ones; set trainer.use_vllm to false"
        )


def check_grammar(recipe: GrpoRecipe, args: GRPOConfig) -> None:
    """Makes sure that a grammar which the recipe asks for can be kept.

    Raises:
        RecipeError: Another engine than our own is to generate.
    """
    if recipe.grammar and not can_write(args):
        raise RecipeError(
            "grammar: is kept by our own generation only, and the trainer section asks for another; set "
            "trainer.use_vllm to false and leave out generation_kwargs and repetition_penalty, or set "
            "grammar to false"
        )


def check_round(args: GRPOConfig, captions: int) -> None:
    """Makes sure that there are captions for one round: TRL leaves out a round that is not full.

    Args:
        args: Say how many drawings a round has over all processes, and how many of them a caption.
        captions: How many there are to train on.

    Raises:
        RecipeError: There are too few, and the run would end without a step.
    """
    needed = args.generation_batch_size // args.num_generations
    if captions < needed:
        raise RecipeError(
            f"data: {captions} captions are left to train on, and a round takes {needed} "
            f"({args.generation_batch_size} drawings, {args.num_generations} of each caption); give more "
            "captions, lower trainer.steps_per_generation or trainer.per_device_train_batch_size, or raise "
            "trainer.num_generations"
        )


def set_length(args: GRPOConfig, recipe: GrpoRecipe, prompts: PromptSet, context: int | None) -> None:
    """Sets the longest completion where the recipe leaves it open: the data's longest drawing and a margin.

    A limit that is set, or that grows with the model's own drawings, would either cut honest drawings off or
    pay for endless ones; RLRF (arXiv 2505.20793) takes the longest reference as well.

    Args:
        args: Changed in place.
        recipe: Says the margin.
        prompts: Hold the drawings.
        context: Tokens that the model can see; None is no limit.

    Raises:
        RecipeError: There are no drawings to go by, or no room is left for one.
    """
    room = None if context is None else context - prompts.longest_prompt
    if recipe.trainer.get("max_completion_length") is None:
        if not prompts.longest_reference:
            raise RecipeError(
                "trainer.max_completion_length: is null, and the data holds no drawings to take it "
                "from; set it"
            )
        args.max_completion_length = prompts.longest_reference + recipe.data.length_margin
        if room is not None and room < args.max_completion_length:
            logger.warning(
                "completions may have %d tokens rather than %d: the model sees %d with the prompt",
                max(0, room),
                args.max_completion_length,
                context,
            )
            args.max_completion_length = room
    if room is not None and not 0 < args.max_completion_length <= room:
        raise RecipeError(
            f"trainer.max_completion_length: {args.max_completion_length} after a prompt of "
            f"{prompts.longest_prompt} tokens is more than the {context} that the model sees; lower it or "
            "data.max_prompt_tokens"
        )
    if args.use_vllm and args.vllm_max_model_length is None:
        args.vllm_max_model_length = prompts.longest_prompt + args.max_completion_length
    logger.info("completions have at most %d tokens", args.max_completion_length)


@contextmanager
def open_rewards(
    recipe: GrpoRecipe, args: GRPOConfig, given: RewardTerms | None = None
) -> Iterator[RewardTerms]:
    """Loads the recipe's judges and gives its reward terms, with drawing processes that end with it."""
    if given is not None:
        yield given
        return
    judges = load_judges(
        ScoreRecipe(
            judges=recipe.judges,
            embedded=recipe.embedded,
            competition=recipe.competition,
            device=find_judge_device(recipe.judge_device, args),
        )
    )
    workers = recipe.render_workers or max(1, len(os.sched_getaffinity(0)) // args.world_size)
    with RenderPool(workers=workers) as pool:
        yield build_rewards(recipe.rewards, judges, pool, recipe.normal_form)


def build_trainer(
    recipe: GrpoRecipe,
    output: Path,
    args: GRPOConfig,
    prompts: PromptSet,
    wording: Wording,
    precision: Precision,
    terms: RewardTerms,
    start: Path | None = None,
    alarm: Alarm | None = None,
) -> DrawingTrainer:
    """Loads the base model, puts the adapter on it, and builds the trainer with its callbacks."""
    lora = recipe.method == "lora"
    if lora and start is not None and args.beta:
        raise RecipeError(
            f"trainer.beta: is {args.beta} with start_from, for which TRL keeps a second adapter, and a "
            "resumed run would lose the trained one; set it to 0, or merge the start "
            "(scripts/export_adapter.py --merged) and make that the base"
        )
    model: Any = tuning.load_trainable(recipe, args, precision)
    stop_ids = find_stop_ids(wording.tokenizer, model)
    # What ends an answer in inference ends it here: TRL knows only what the model's own configuration says.
    model.generation_config.eos_token_id = stop_ids
    if args.use_vllm:
        args.generation_kwargs = {"stop_token_ids": stop_ids, **(args.generation_kwargs or {})}
    if start is not None:
        model = put_adapter(model, start, merge=not lora)
    args.reward_weights = list(terms.weights)
    drawing, callbacks = tuning.build_observers(recipe, output, args, wording)
    curriculum = None
    if recipe.curriculum is not None:
        curriculum = Curriculum(recipe.curriculum, prompts.train["id"], recipe.seed)
    trainer = DrawingTrainer(
        model=model,
        reward_funcs=list(terms.functions),
        args=args,
        train_dataset=prompts.train,
        eval_dataset=prompts.held_out,
        processing_class=wording.tokenizer,
        peft_config=build_lora_config(recipe.lora) if lora and start is None else None,
        callbacks=callbacks,
        stop_ids=stop_ids,
        flat_rounds=recipe.stop.flat_rounds,
        rollout_batch_size=recipe.rollout_batch_size,
        constraint=build_constraint(recipe, args, wording, stop_ids),
        negative_weight=recipe.negative_weight,
        alarm=alarm,
        curriculum=curriculum,
    )
    if lora:
        tuning.settle_adapter(trainer.model, recipe, wording.tokenizer)
    if drawing is not None:
        drawing.log = trainer.log
    return trainer


def build_constraint(
    recipe: GrpoRecipe, args: GRPOConfig, wording: Wording, stop_ids: Sequence[int]
) -> Constraint | None:
    """Builds the grammar that a recipe asks for; None where it asks for none.

    Raises:
        RecipeError: The longest completion does not hold the shortest drawing.
        InputError: The tokenizer cannot write a drawing of this form.
    """
    if not recipe.grammar:
        return None
    constraint = Constraint(recipe.normal_form, wording.tokenizer, stop_ids)
    if constraint.least_tokens > args.max_completion_length:
        raise RecipeError(
            f"trainer.max_completion_length: the shortest drawing has {constraint.least_tokens} tokens, but "
            f"{args.max_completion_length} are allowed; raise it, or set grammar to false"
        )
    return constraint


def _train(trainer: DrawingTrainer, output: Path, *, resume: bool) -> dict[str, Any]:
    """Trains, from the last whole checkpoint where there is one, and measures before and after."""
    checkpoint = find_checkpoint(output / CHECKPOINTS_FOLDER) if resume else None
    if resume and checkpoint is None:
        logger.warning("%s: no whole checkpoint to resume from; starting at the first step", output)
    before = tuning.read_metric(output, "held_out_reward_before") if checkpoint else None
    if before is None:
        before = _read_reward(tuning.evaluate_first(trainer))
        tuning.write_metrics(trainer, output, {"held_out_reward_before": before})
        trainer.add_callback(EarlierFigures(trainer.state.log_history))
    logger.info("held-out reward before training: %s", before)
    result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    state = trainer.state
    measured = {entry["step"]: entry["eval_reward"] for entry in state.log_history if "eval_reward" in entry}
    after = measured.get(state.global_step)
    if after is None:
        after = _read_reward(trainer.evaluate())
    logger.info("held-out reward: %s before, %s after %d steps", before, after, state.global_step)
    return {
        "held_out_reward_before": before,
        "held_out_reward_after": after,
        "train_loss": result.training_loss,
    }


@contextmanager
def _report_at_end(trainer: DrawingTrainer, output: Path) -> Iterator[None]:
    """Frees what the trainer holds and writes the page of the run, however it ends."""
    note = ""
    try:
        yield
    except BaseException as error:
        note = f"Ended by {type(error).__name__}: {error}"
        raise
    finally:
        trainer.close()
        if trainer.is_world_process_zero():
            try:
                write_history(output, trainer.state, note=note)
                logger.info("%s: the page of this run", write_report(output))
            except (OSError, SvgtuneError) as error:
                # Whatever ended the run is more to the point than this.
                logger.warning("the page of the run could not be written: %s", error)


def _read_reward(figures: Mapping[str, float]) -> float | None:
    """Returns the mean reward of one drawing of each held-out caption; None where none could be judged."""
    reward = figures.get("eval_reward")
    return None if reward is None else float(reward)
