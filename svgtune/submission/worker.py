"""The process that draws: engine, renderer and judges behind one channel, so that they can be killed."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import EngineError, SvgtuneError
from svgtune.generate.candidates import CandidateReader
from svgtune.generate.engine import Engine, Request, find_seed
from svgtune.generate.prompts_file import Prompt
from svgtune.generate.rounds import BestOf, build_fallback, plan_round
from svgtune.generate.select import Candidate, Chooser
from svgtune.render.pool import RenderPool
from svgtune.submission.child import open_channel
from svgtune.submission.messages import Best, Done, Started, Task

logger = logging.getLogger(__name__)

_WARM_UP = Prompt("warm-up", "a red lighthouse at dusk")
_WARM_UP_TOKENS = 16


Load = Callable[[SubmissionRecipe, RenderPool], BestOf]


def main(argument: str, load: Load | None = None) -> None:
    """Loads what the first message asks for, and draws task after task until the channel closes.

    Args:
        argument: File descriptor of the channel.
        load: Brings engine and judges; None is ``load_best_of``.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    channel = open_channel(argument)
    recipe: SubmissionRecipe = channel.recv()
    began = time.monotonic()
    with suppress(EOFError, OSError), RenderPool(workers=recipe.render_workers) as pool:
        try:
            best_of = (load or load_best_of)(recipe, pool)
        except Exception as error:
            known = isinstance(error, SvgtuneError)
            logger.exception("submission: the engine cannot be started")
            channel.send(Started(0.0, str(error) if known else f"{type(error).__name__}: {error}"[:500]))
            return
        channel.send(Started(time.monotonic() - began))
        while True:
            channel.send(_draw(channel.recv(), best_of, recipe.sampling.seed, channel))


def _draw(task: Task, best_of: BestOf, run_seed: int, channel: Connection) -> Done:
    """Draws one description and tells each time there is a better drawing of it."""

    def report(best: Candidate, finished: int) -> None:
        own = best.drawing
        channel.send(Best(task.number, own.svg or "", finished, own.candidate, own.score, own.validity))

    try:
        outcome = best_of.draw(task.prompt, find_seed(run_seed, task.prompt.text), task.seconds, report)
    except (OSError, EngineError):
        # Nobody listens any more, or nothing is left to draw with: this process is to be started again.
        raise
    except Exception as error:
        logger.exception("submission: a description failed")
        return Done(task.number, f"{type(error).__name__}: {error}"[:300], 0)
    return Done(task.number, outcome.detail, outcome.tokens)


def load_best_of(recipe: SubmissionRecipe, pool: RenderPool) -> BestOf:
    """Loads model and judges, and draws once, so that everything is in place and its pace is known.

    Raises:
        SvgtuneError: Something is missing, or does not fit.
    """
    # Imported here: the messages above are for a process that needs no torch.
    from svgtune.generate.draw import build_chooser, load_choosing_judges
    from svgtune.generate.loading import choose_model, load_engine

    engine = load_engine(recipe, choose_model(recipe))
    judges = load_choosing_judges(recipe)
    chooser = build_chooser(recipe, judges, pool)
    reader = CandidateReader(recipe.normal_form, pool, recipe.sampling.seed)
    best_of = BestOf(engine, recipe, reader, chooser)
    _warm_up(engine, recipe, chooser, pool)
    best_of.draw(_WARM_UP, seed=0)
    return best_of


def _warm_up(engine: Engine, recipe: SubmissionRecipe, chooser: Chooser, pool: RenderPool) -> None:
    """Goes through everything once, so that what happens only the first time is not measured."""
    options = plan_round(recipe.sampling, 1).model_copy(update={"max_new_tokens": _WARM_UP_TOKENS})
    list(engine.generate([Request(_WARM_UP.id, _WARM_UP.text, 0)], options))
    chooser.choose([[build_fallback(_WARM_UP, pool, "warm-up", 0.0)]])


if __name__ == "__main__":
    main(sys.argv[1])
