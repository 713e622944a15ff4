"""The stage: takes the port, loads what draws, serves until it is told to stop, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from svgtune.config.serve import ServeRecipe
from svgtune.errors import MachineError
from svgtune.generate.loading import ModelChoice, choose_model, load_engine
from svgtune.generate.select import Chooser
from svgtune.render.pool import RenderPool
from svgtune.serve.writer import Writer

if TYPE_CHECKING:
    from svgtune.generate.transformers_engine import TransformersEngine

logger = logging.getLogger(__name__)

_LATE_S = 10.0
"""Reading, judging and sending may take so much longer than drawing when the server stops."""


def run(
    recipe: ServeRecipe, output: Path | None = None, *, resume: bool = False, overwrite: bool = False
) -> str:
    """Serves until SIGTERM or SIGINT; nothing is written.

    Raises:
        MachineError: A package is not there, or the port is in use.
        EngineError: The engine does not start.
        SvgtuneError: The model cannot be used.
    """
    del output, resume, overwrite
    try:
        import fastapi  # noqa: F401
        import httpx2  # noqa: F401
        import prometheus_client  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MachineError(
            f"serve: the package {error.name} is not there; install it with pip install 'svgtune[serve]'"
        ) from error
    # It would tell of every request.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    choice = choose_model(recipe)
    with open_port(recipe.host, recipe.port) as listener:
        asyncio.run(_serve(recipe, choice, listener))
    return "serve: stopped"


def open_port(host: str, port: int) -> socket.socket:
    """Takes a port before anything is loaded.

    Raises:
        MachineError: It is in use, or not ours to take.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise MachineError(f"host: {host!r} is no address of this machine ({error}); correct it") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"port: {port} of {host} is in use; end what listens there, or give another --port"
        else:
            message = (
                f"port: {port} of {host} cannot be taken ({error.strerror}); give another --port or --host"
            )
        raise MachineError(message) from error
    return listener


async def _serve(recipe: ServeRecipe, choice: ModelChoice, listener: socket.socket) -> None:
    from svgtune.serve.app import Front, build_app
    from svgtune.serve.desk import Desk
    from svgtune.serve.metrics import Metrics

    stop = asyncio.Event()
    with _stop_by_signal(stop), RenderPool(workers=recipe.render_workers) as pool:
        writer = await asyncio.to_thread(load_writer, recipe, choice)
        chooser = await asyncio.to_thread(load_chooser, recipe, pool)
        desk = Desk(writer, recipe, pool, chooser)
        name = recipe.name or Path(choice.adapter or choice.base).name
        app = build_app(Front(desk, recipe, Metrics(desk.places, writer), name))
        server = _build_server(app, recipe)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        host, port = listener.getsockname()[:2]
        logger.info(
            "serve: http://%s:%d takes requests for %s; it draws once the engine has started",
            host,
            port,
            name,
        )
        starting = asyncio.create_task(writer.start())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((starting, stopping, serving), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()  # raises what kept it from starting
                logger.info("serve: ready")
                await asyncio.wait((stopping, serving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting = desk.places.drawing + desk.places.waiting
            logger.info("serve: stopping; %d drawings are still to be made", waiting)
            starting.cancel()
            stopping.cancel()
            server.should_exit = True
            hurry = asyncio.get_running_loop().call_later(recipe.stop_s, desk.hurry)
            if not starting.done() or starting.cancelled() or starting.exception():
                desk.hurry()  # there is no engine to wait for
            await serving
            hurry.cancel()
            await writer.close()
            desk.close()


def load_writer(recipe: ServeRecipe, choice: ModelChoice) -> Writer:
    """Prepares the engine that a recipe names; it is started later.

    Raises:
        SvgtuneError: The model cannot be used.
    """
    if recipe.engine == "vllm":
        from svgtune.serve.vllm_writer import load_vllm_writer

        return load_vllm_writer(recipe, choice)
    from svgtune.serve.transformers_writer import TransformersWriter

    return TransformersWriter(lambda: cast("TransformersEngine", load_engine(recipe, choice)))


def load_chooser(recipe: ServeRecipe, pool: RenderPool) -> Chooser:
    """Loads what chooses among candidates; judges also score a single one.

    Raises:
        MissingInputError: A judge is not there.
    """
    from svgtune.generate.draw import build_chooser, load_named_judges

    judges = load_named_judges(recipe) if recipe.select.by == "judges" else None
    return build_chooser(recipe, judges, pool)


@contextlib.contextmanager
def _stop_by_signal(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _build_server(app: object, recipe: ServeRecipe):  # type: ignore[no-untyped-def]
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to the stage."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=int(recipe.stop_s + _LATE_S),
        )
    )
