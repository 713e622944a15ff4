"""The process that holds ``Model`` and answers the gateway, one description at a time."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import SvgtuneError
from svgtune.submission.child import open_channel
from svgtune.submission.messages import Started
from svgtune.submission.model import Model


def main(argument: str) -> None:
    """Builds the model that the first message asks for, and answers until the channel closes."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    channel = open_channel(argument)
    with suppress(EOFError, OSError):
        recipe: SubmissionRecipe = channel.recv()
        try:
            model = Model(recipe)
        except SvgtuneError as error:
            channel.send(Started(0.0, str(error)))
            return
        channel.send(Started(model.engine.start_s))
        try:
            while True:
                model.predict(channel.recv())
                channel.send(model.answer)
        finally:
            model.close()


if __name__ == "__main__":
    main(sys.argv[1])
