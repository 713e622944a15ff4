"""Training of the nano model from scratch, on an endless stream of fresh scenes."""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path
from typing import Any

import torch
from transformers import Qwen2ForCausalLM, Qwen2Tokenizer, Trainer, TrainingArguments

from svgtune.config import dump_recipe
from svgtune.config.pretrain import PretrainRecipe
from svgtune.errors import RecipeError
from svgtune.model.arguments import check_trainer_keys, check_world_size
from svgtune.model.batches import Batch, HeldOutBatches, SceneBatches
from svgtune.model.card import Traits, write_card, write_traits
from svgtune.model.checkpoints import CHECKPOINTS_FOLDER, find_checkpoint
from svgtune.model.load import load_base, load_tokenizer
from svgtune.model.losses import WeightedLoss, weigh_tokens
from svgtune.model.nano import add_dropout, build_nano, grow_layers, train_tokenizer
from svgtune.model.precision import choose_precision, find_device
from svgtune.prompts import PromptStyle
from svgtune.runs import open_run, write_json_atomic

logger = logging.getLogger(__name__)

_TOKENIZER_FOLDER = "tokenizer"
# Set by the recipe's other fields, or fixed because something else depends on them.
_MANAGED = {
    "output_dir": "it is --output",
    "bf16": "the machine settles it",
    "fp16": "the machine settles it",
    "use_cpu": "the machine settles it",
    "seed": "set seed at the top of the recipe",
    "resume_from_checkpoint": "give --resume",
    "ignore_data_skip": "the stream of scenes itself goes on where it was",
    "include_num_input_tokens_seen": "tokens are always counted",
    "per_device_train_batch_size": "set batch_tokens",
    "per_device_eval_batch_size": "held-out scenes come in batches of 16",
}
# Another stream than training's, so that the evaluation never meets a training scene's neighbours.
_HELD_OUT_SEED_SHIFT = 7_919


def run(
    recipe: PretrainRecipe, output: Path, *, resume: bool = False, overwrite: bool = False
) -> dict[str, Any]:
    """Trains the model by a recipe and leaves it in ``output`` in bf16, with its tokenizer, card and traits.

    A resumed run goes on from its newest checkpoint and takes up the stream of scenes where it was; a lower
    ``trainer.max_steps`` then brings the learning rate's decay forward.

    Returns:
        What ``metrics.json`` holds.

    Raises:
        RecipeError: A setting that cannot be used.
        MachineError: It was started as several processes.
        MissingInputError: ``start_from`` is not there.
    """
    began = time.monotonic()
    args = _build_arguments(recipe, output)
    # Every process would train on the same stream.
    check_world_size(args.world_size, 1)
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    output = open_run(output, recipe, resume=resume, overwrite=overwrite)
    tokenizer = _load_or_train_tokenizer(recipe, output)
    torch.manual_seed(recipe.seed)
    model = _load_or_build_model(recipe, tokenizer)
    if args.torch_compile and args.device.type == "cpu":
        # Half as fast again as torch's attention kernel, which the compiler cannot fuse (bench_train.py).
        model.set_attn_implementation("eager")
    if recipe.dropout:
        add_dropout(model, recipe.dropout)
    checkpoint = find_checkpoint(output / CHECKPOINTS_FOLDER) if resume else None
    stream = SceneBatches(
        tokenizer,
        recipe.scenes,
        recipe.normal_form,
        seed=recipe.seed,
        batch_tokens=recipe.batch_tokens,
        max_tokens=recipe.max_tokens,
        hidden=recipe.hidden,
        start_batch=_read_step(checkpoint) * args.gradient_accumulation_steps,
    )
    held_out_stream = SceneBatches(
        tokenizer,
        recipe.scenes.model_copy(update={"split": "held_out", "codes": 0.0, "anywhere": 0.0}),
        recipe.normal_form,
        seed=recipe.seed + _HELD_OUT_SEED_SHIFT,
        batch_tokens=recipe.batch_tokens,
        max_tokens=recipe.max_tokens,
    )
    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=stream,
        eval_dataset=HeldOutBatches(held_out_stream, recipe.held_out_scenes, tokenizer.pad_token_id),
        data_collator=_take_batch,
        compute_loss_func=WeightedLoss(
            weigh_tokens(tokenizer, model.config.vocab_size, recipe.colour_weight)
        ),
    )
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    metrics = {
        "held_out_loss": trainer.evaluate()["eval_loss"],
        "steps": trainer.state.global_step,
        "tokens": trainer.state.num_input_tokens_seen,
        "seconds_of_this_run": round(time.monotonic() - began, 1),
        "parameters": model.num_parameters(),
        "seed": recipe.seed,
    }
    publish_model(model, tokenizer, recipe, output, metrics)
    write_json_atomic(output / "metrics.json", metrics)
    return metrics


def _take_batch(batches: list[Batch]) -> Batch:
    """The streams yield whole batches, so the loader's are of one."""
    (batch,) = batches
    return batch


def _build_arguments(recipe: PretrainRecipe, output: Path) -> TrainingArguments:
    check_trainer_keys(recipe.trainer, TrainingArguments, _MANAGED)
    device = find_device("auto")
    precision = choose_precision("auto", device)
    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(output.absolute() / "logs"))
    try:
        return TrainingArguments(
            output_dir=str(output.absolute() / CHECKPOINTS_FOLDER),
            seed=recipe.seed,
            use_cpu=device == "cpu",
            bf16=precision.name == "bf16",
            fp16=precision.name == "fp16",
            ignore_data_skip=True,
            include_num_input_tokens_seen="all",
            per_device_train_batch_size=1,
            per_device_eval_batch_size=1,
            **recipe.trainer,
        )
    except (ValueError, TypeError) as error:
        raise RecipeError(
            f"trainer: transformers.TrainingArguments refuses it ({error}); correct the trainer section"
        ) from error


def _load_or_train_tokenizer(recipe: PretrainRecipe, output: Path) -> Qwen2Tokenizer:
    if recipe.start_from is not None:
        return load_tokenizer(str(recipe.start_from))
    folder = output / _TOKENIZER_FOLDER
    if not (folder / "tokenizer.json").is_file():
        logger.info("training the tokenizer on %d scenes", recipe.tokenizer.scenes)
        train_tokenizer(recipe).save_pretrained(folder)
    tokenizer: Qwen2Tokenizer = Qwen2Tokenizer.from_pretrained(folder)
    logger.info("tokenizer: %d tokens", len(tokenizer))
    return tokenizer


def _load_or_build_model(recipe: PretrainRecipe, tokenizer: Qwen2Tokenizer) -> Qwen2ForCausalLM:
    if recipe.start_from is None:
        return build_nano(recipe.architecture, tokenizer)
    model = load_base(str(recipe.start_from), dtype=torch.float32, quantisation="none", device="cpu")
    if recipe.grow_to_layers is None:
        return model
    try:
        return grow_layers(model, recipe.grow_to_layers)
    except ValueError as error:
        raise RecipeError(f"grow_to_layers: {error}; {recipe.start_from} sets the range") from error


def _read_step(checkpoint: Path | None) -> int:
    if checkpoint is None:
        return 0
    state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    return int(state["global_step"])


def publish_model(
    model: Qwen2ForCausalLM,
    tokenizer: Qwen2Tokenizer,
    recipe: PretrainRecipe,
    output: Path,
    metrics: dict[str, Any],
) -> None:
    """Writes weights (bf16), tokenizer, traits and card."""
    # Sampling would otherwise be off by default for whoever loads the model with plain transformers.
    model.generation_config.do_sample = True
    model.generation_config.temperature = 0.7
    model.to(torch.bfloat16).save_pretrained(output)
    tokenizer.save_pretrained(output)
    write_traits(output, Traits.of_form(PromptStyle.CAPTION, recipe.normal_form))
    write_card(
        output,
        title=recipe.title,
        base=str(recipe.start_from or ""),
        method="full",
        licences={"svgtune scenes, CC0-1.0": "fresh ones all the time"},
        metrics=metrics,
        recipe_text=dump_recipe(recipe),
        made_by="scripts/pretrain_nano.py",
    )
