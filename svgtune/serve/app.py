"""The front: OpenAI's chat completions that answer with a drawing, and ``/draw``.

A drawing must be whole before it can be checked, so that a streamed answer comes as one piece at its end.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from PIL import Image
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from svgtune import __version__
from svgtune.config.generate import Sampling
from svgtune.config.serve import ServeRecipe
from svgtune.generate.select import Candidate
from svgtune.serve.desk import Desk
from svgtune.serve.metrics import Metrics
from svgtune.serve.refusal import (
    ChatRequest,
    DrawRequest,
    RefusalError,
    read_body,
    read_prompt,
    read_request,
    write_refusal,
)
from svgtune.serve.writer import State

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

_HUNG_UP = 499
# A drawing that a browser opens by itself may load and run nothing; check_svg lets nothing such through.
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Front:
    """What all endpoints share."""

    desk: Desk
    recipe: ServeRecipe
    metrics: Metrics
    name: str


def build_app(front: Front) -> FastAPI:
    """Builds the ASGI application."""
    app = FastAPI(title="svgtune", version=__version__)

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        """Answers the last user message with an SVG."""
        return await _answer(front, request, "chat", _chat)

    @app.api_route("/draw", methods=["GET", "POST"])
    async def draw(request: Request) -> Response:
        """Answers a prompt with an SVG, a PNG or both with all that is known of them."""
        return await _answer(front, request, "draw", _draw)

    @app.get("/v1/models")
    async def models() -> Response:
        """Lists the one model."""
        own = {"id": front.name, "object": "model", "created": 0, "owned_by": "svgtune"}
        return JSONResponse({"object": "list", "data": [own]})

    @app.get("/health")
    async def health() -> Response:
        """Says whether a model draws: 200, or 503 while rules do."""
        state = front.desk.writer.state
        content = {"status": state, "restarts": front.desk.writer.restarts}
        return JSONResponse(content, 200 if state is State.READY else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        """Gives the server's figures, and the engine's after them."""
        text = front.metrics.write() + await front.desk.writer.read_metrics()
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    @app.exception_handler(HTTPException)
    async def refuse(_: Request, error: HTTPException) -> Response:
        return write_refusal(RefusalError(error.status_code, str(error.detail)))

    return app


async def _answer(
    front: Front,
    request: Request,
    endpoint: str,
    work: Callable[[Front, Request], Awaitable[Response]],
) -> Response:
    """Runs an endpoint's work, drops it when the client hangs up, and counts what became of it."""
    began = time.monotonic()
    try:
        response = await work(front, request)
    except RefusalError as refusal:
        response = write_refusal(refusal)
    except Exception:
        logger.exception("serve: a request failed")
        response = write_refusal(RefusalError(500, "the server failed; its log says why"))
    front.metrics.count_request(endpoint, response.status_code, time.monotonic() - began)
    return response


async def _draw(front: Front, request: Request) -> Response:
    if request.method == "GET":
        body = read_request(DrawRequest, dict(request.query_params), front.recipe.limits)
    else:
        body = read_request(DrawRequest, await read_body(request, front.recipe.limits), front.recipe.limits)
    prompt = read_prompt(body.prompt, front.recipe.limits)
    options = _choose_options(front, n=body.n, seed=body.seed, temperature=body.temperature)
    best = await _unless_gone(request, front.desk.draw_best(prompt, options))
    front.metrics.count_drawing(best.drawing)
    marks = _list_marks(best)
    headers = {**_SAFE, **{f"X-Svgtune-{key.title()}": _write_header(value) for key, value in marks.items()}}
    svg = best.drawing.svg or ""
    if body.format == "json":
        return JSONResponse({"svg": svg, **marks}, headers=headers)
    if body.format == "svg":
        return Response(svg, media_type="image/svg+xml", headers=headers)
    return Response(await asyncio.to_thread(_write_png, best), media_type="image/png", headers=headers)


async def _chat(front: Front, request: Request) -> Response:
    limits = front.recipe.limits
    body = read_request(ChatRequest, await read_body(request, limits), limits)
    if body.model is not None and body.model != front.name:
        raise RefusalError(
            404, f"model: there is no {body.model!r:.80} here, only {front.name!r}", param="model"
        )
    prompt = read_prompt(body.caption, limits)
    tokens = [count for count in (body.max_completion_tokens, body.max_tokens) if count is not None]
    options = _choose_options(
        front,
        n=body.n or 1,
        seed=body.seed,
        temperature=body.temperature,
        top_p=body.top_p,
        max_new_tokens=min([front.recipe.sampling.max_new_tokens, *tokens]) if tokens else None,
    )
    drawn = await _unless_gone(request, front.desk.draw(prompt, options))
    for one in drawn:
        front.metrics.count_drawing(one.drawing)
    answer = _write_completion(front.name, drawn, await front.desk.writer.count_prompt(prompt.text))
    by_rules = any(one.drawing.finish == "fallback" for one in drawn)
    headers = {"X-Svgtune-Source": "fallback" if by_rules else "model"}
    if not body.stream:
        return JSONResponse(answer, headers=headers)
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    return StreamingResponse(
        _stream(answer, with_usage=with_usage), media_type="text/event-stream", headers=headers
    )


async def _unless_gone(request: Request, work: Awaitable[_T]) -> _T:
    """Returns what comes of the work, which is cancelled when the client hangs up.

    Raises:
        RefusalError: It did.
    """
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_wait_until_gone(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RefusalError(_HUNG_UP, "the client hung up")
        return working.result()
    finally:
        gone.cancel()
        working.cancel()


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _choose_options(front: Front, **asked: Any) -> Sampling:
    """Returns the recipe's sampling with what the request asks for.

    Raises:
        RefusalError: The two do not go together.
    """
    own = front.recipe.sampling
    try:
        return Sampling.model_validate(
            own.model_dump() | {key: value for key, value in asked.items() if value is not None}
        )
    except ValidationError as error:
        raise RefusalError(422, error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _list_marks(one: Candidate) -> dict[str, Any]:
    """Returns what a client should know about a drawing."""
    drawing = one.drawing
    by_rules = drawing.finish == "fallback"
    return {
        "source": "fallback" if by_rules else "model",
        "validity": str(drawing.validity),
        "score": None if drawing.score is None else round(drawing.score, 4),
        "candidates": drawing.drawn or (0 if by_rules else 1),
        "tokens": drawing.tokens,
        "detail": drawing.detail,
    }


def _write_completion(name: str, drawn: list[Candidate], prompt_tokens: int) -> dict[str, Any]:
    """Writes OpenAI's chat completion; ``svgtune`` in each choice marks how it was drawn."""
    tokens = sum(one.drawing.tokens for one in drawn)
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": name,
        "choices": [
            {
                "index": place,
                "message": {"role": "assistant", "content": one.drawing.svg},
                "finish_reason": "stop",
                "svgtune": _list_marks(one),
            }
            for place, one in enumerate(drawn)
        ],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": tokens,
            "total_tokens": prompt_tokens + tokens,
        },
    }


async def _stream(answer: Mapping[str, Any], *, with_usage: bool) -> AsyncIterator[str]:
    """Writes a completion as server-sent events: the whole drawing, its end, and the usage if wanted."""
    shared = {key: answer[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for choice in answer["choices"]:
        place = {"index": choice["index"]}
        drawing = {**place, "delta": choice["message"], "finish_reason": None, "svgtune": choice["svgtune"]}
        yield _write_event({**shared, "choices": [drawing]})
        yield _write_event({**shared, "choices": [{**place, "delta": {}, "finish_reason": "stop"}]})
    if with_usage:
        yield _write_event({**shared, "choices": [], "usage": answer["usage"]})
    yield "data: [DONE]\n\n"


def _write_event(content: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _write_header(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text.encode("ascii", "backslashreplace").decode()[:300]


def _write_png(one: Candidate) -> bytes:
    if one.picture is None or one.picture.image is None:
        raise RefusalError(500, "the drawing cannot be rendered; ask for format svg")
    target = io.BytesIO()
    Image.fromarray(one.picture.image).save(target, "PNG", compress_level=3)
    return target.getvalue()
