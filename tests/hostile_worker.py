"""A drawing process for ``Model`` whose engine does what its prompt says: raise, hang, die, write garbage."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence

from svgtune.config.generate import Sampling
from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import EngineError, MachineError
from svgtune.generate.candidates import CandidateReader
from svgtune.generate.engine import Completion, Request
from svgtune.generate.rounds import BestOf
from svgtune.generate.select import LikelihoodChooser
from svgtune.render.pool import RenderPool
from svgtune.submission.child import find_left_s
from svgtune.submission.worker import main

GOOD_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="384" height="384" viewBox="0 0 200 200">'
    '<rect width="200" height="200" fill="#fff"/><circle cx="100" cy="100" r="40" fill="#f00"/></svg>'
)
TEXTS = {
    "garbage": "I cannot draw that \x00\ud800 <svg",
    "script": '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "entity": '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
    "long": GOOD_SVG.replace("</svg>", "<circle r='1'/>" * 2000 + "</svg>"),
}


class HostileEngine:
    """Takes a tenth of a second for a candidate, and keeps to the deadline unless told otherwise."""

    def generate(self, requests: Sequence[Request], options: Sampling) -> Iterator[Completion]:
        for request in requests:
            act(request.prompt)
            for candidate in range(request.first, request.first + options.n):
                wait_s = {"slow": 1.5, "late": 8.0}.get(request.prompt, 0.1)
                time.sleep(wait_s if request.prompt == "late" else min(wait_s, find_left_s(request.deadline)))
                finish = "time" if time.monotonic() >= request.deadline else "stop"
                text = TEXTS.get(request.prompt, GOOD_SVG)
                yield Completion(request.id, candidate, text, 10, 0.1, finish, -0.1)


def act(prompt: str) -> None:
    """Does what a prompt says."""
    if prompt == "raise":
        raise ValueError("the engine does not like this one")
    if prompt == "hang":
        time.sleep(3600)
    if prompt == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if prompt == "engine":
        raise EngineError("engine: it died with 2 drawings in the making")
    if prompt == "die":
        os.kill(os.getpid(), signal.SIGKILL)


def load(recipe: SubmissionRecipe, pool: RenderPool) -> BestOf:
    """Brings the engine; what goes wrong on the way is told by the model's name."""
    if recipe.model == "refused":
        raise MachineError("generate: this machine has no such GPU; use another recipe")
    if recipe.model == "broken":
        raise ZeroDivisionError("broken")
    if recipe.model == "dead":
        os.kill(os.getpid(), signal.SIGKILL)
    pool.render([GOOD_SVG])
    reader = CandidateReader(recipe.normal_form, pool, recipe.sampling.seed)
    return BestOf(HostileEngine(), recipe, reader, LikelihoodChooser())


if __name__ == "__main__":
    main(sys.argv[1], load)
