from __future__ import annotations

import asyncio
import io
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import pytest
from PIL import Image

from svgtune.config.generate import Sampling
from svgtune.config.serve import ServeRecipe
from svgtune.errors import EngineError
from svgtune.generate.engine import Completion, Request
from svgtune.generate.select import LikelihoodChooser
from svgtune.render.pool import RenderPool
from svgtune.serve.app import Front, build_app
from svgtune.serve.desk import Desk
from svgtune.serve.metrics import Metrics
from svgtune.serve.writer import State
from svgtune.svg.constraints import check_svg
from tests.hostile_worker import GOOD_SVG

ANSWERS = {
    "talk": f"Here you are: {GOOD_SVG} I hope you like it.",
    "script": GOOD_SVG.replace("</svg>", "<script>alert(1)</script></svg>"),
    "cut": GOOD_SVG.removesuffix("</svg>"),
    "entity": '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
    "nothing": "I cannot draw.",
}
Client = httpx2.AsyncClient
Check = Callable[[Client, "StandIn"], Awaitable[None]]


class StandIn:
    """An engine at the edge of the server: what it answers hangs on the prompt."""

    def __init__(self) -> None:
        self.state = State.READY
        self.restarts = 0
        self.release = asyncio.Event()
        self.asked: list[Request] = []
        self.dropped = 0

    async def write(self, request: Request, options: Sampling) -> Completion:
        self.asked.append(request)
        if request.prompt == "dies":
            raise EngineError("the engine was lost (ReadError)")
        if request.prompt == "too many tokens":
            return Completion(request.id, 0, "", 0, 0.0, "refused", detail="prompt: has 2000 tokens of 1024")
        if request.prompt == "slow" or (request.prompt == "half" and request.first):
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.dropped += 1
                raise
        text = ANSWERS.get(request.prompt, GOOD_SVG)
        return Completion(request.id, request.first, text, 40, 0.1, "stop", logprob=-0.1 - request.first)

    async def count_prompt(self, prompt: str) -> int:
        return len(prompt.split())

    async def start(self) -> None:
        pass

    async def read_metrics(self) -> str:
        return "vllm:num_requests_running 0.0\n"

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    with RenderPool(workers=1) as one:
        yield one


@pytest.fixture
def serve(pool: RenderPool) -> Callable[..., None]:
    """Runs a check against the application of a recipe, without a port."""

    def run(check: Check, **values: Any) -> None:
        async def go() -> None:
            recipe = ServeRecipe.model_validate({"sampling": {"batch_size": 2, "temperature": 0.7}, **values})
            writer = StandIn()
            desk = Desk(writer, recipe, pool, LikelihoodChooser())
            front = Front(desk, recipe, Metrics(desk.places, writer), "nano")
            transport = httpx2.ASGITransport(build_app(front))
            async with httpx2.AsyncClient(transport=transport, base_url="http://here", timeout=60) as client:
                client.desk = desk  # type: ignore[attr-defined]
                await check(client, writer)
            assert (desk.places.drawing, desk.places.waiting) == (0, 0), "a place was not given back"
            desk.close()

        asyncio.run(go())

    return run


def chat(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "nano", "messages": [{"role": "user", "content": text}], **more}


def read_error(response: httpx2.Response) -> str:
    error = response.json()["error"]
    assert error["code"] == response.status_code
    return str(error["message"])


async def read_metric(client: Client, name: str) -> float:
    text = (await client.get("/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, flags=re.MULTILINE)
    return float(found[1]) if found else 0.0


async def wait_until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.01)


def test_a_chat_completion_is_the_drawing(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        for _ in range(2):
            response = await client.post("/v1/chat/completions", json=chat("a red ball", seed=3))
            assert response.status_code == 200
            (choice,) = response.json()["choices"]
            assert choice["message"] == {"role": "assistant", "content": GOOD_SVG}
            assert (choice["finish_reason"], choice["svgtune"]["source"]) == ("stop", "model")
            assert response.headers["x-svgtune-source"] == "model"
        assert writer.asked[0].seed == writer.asked[1].seed
        parts = [{"type": "text", "text": "a red"}, {"type": "text", "text": "ball"}]
        earlier = [{"role": "system", "content": "You draw."}, {"role": "user", "content": "a cat"}]
        messages = [*earlier, {"role": "assistant", "content": "<svg/>"}, {"role": "user", "content": parts}]
        several = await client.post("/v1/chat/completions", json={"messages": messages, "n": 3})
        assert [c["index"] for c in several.json()["choices"]] == [0, 1, 2]
        assert {one.prompt for one in writer.asked[2:]} == {"a red ball"}
        assert sorted(one.first for one in writer.asked[2:]) == [0, 1, 2]

    serve(check)


def test_a_stream_is_one_whole_drawing(serve: Callable[..., None]) -> None:
    async def check(client: Client, _: StandIn) -> None:
        body = chat("a red ball", stream=True, stream_options={"include_usage": True})
        response = await client.post("/v1/chat/completions", json=body)
        lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
        assert lines.pop() == "[DONE]"
        drawing, end, usage = map(json.loads, lines)
        assert drawing["choices"][0]["delta"] == {"role": "assistant", "content": GOOD_SVG}
        assert end["choices"][0]["finish_reason"] == "stop"
        assert usage["usage"] == {"prompt_tokens": 3, "completion_tokens": 40, "total_tokens": 43}

    serve(check)


def test_draw_gives_svg_png_and_what_is_known(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        svg = await client.post("/draw", json={"prompt": "a red ball", "n": 3})
        assert (svg.text, svg.headers["content-type"]) == (GOOD_SVG, "image/svg+xml")
        assert (svg.headers["x-svgtune-candidates"], svg.headers["x-svgtune-validity"]) == ("3", "strict")
        png = await client.get("/draw", params={"prompt": "a red ball", "format": "png", "seed": 1})
        assert Image.open(io.BytesIO(png.content)).size == (384, 384)
        known = (await client.get("/draw", params={"prompt": "talk", "format": "json"})).json()
        assert (known["svg"], known["validity"], known["source"]) == (GOOD_SVG, "lenient", "model")
        assert {one.first for one in writer.asked[:3]} == {0, 1, 2}

    serve(check)


@pytest.mark.parametrize("prompt", ["script", "cut", "entity", "nothing", "dies"])
def test_only_valid_drawings_go_out(serve: Callable[..., None], prompt: str) -> None:
    async def check(client: Client, _: StandIn) -> None:
        drawn = await client.post("/draw", json={"prompt": prompt})
        told = await client.post("/v1/chat/completions", json=chat(prompt))
        (choice,) = told.json()["choices"]
        for svg in (drawn.text, choice["message"]["content"]):
            assert check_svg(svg) == []
        by_rules = prompt in ("nothing", "dies", "entity")
        source = "fallback" if by_rules else "model"
        assert drawn.headers["x-svgtune-source"] == choice["svgtune"]["source"] == source
        assert await read_metric(client, "svgtune_fallbacks_total") == (2 if by_rules else 0)
        if prompt == "dies":
            assert "the engine was lost" in drawn.headers["x-svgtune-detail"]

    serve(check)


BAD_PROMPTS = [("", 422, "is empty"), (" \n\t ", 422, "is empty"), ("x" * 10_000, 413, "10000 characters"),
               ("a\x00b", 422, r"U\+0000"), ("a\x1b[2Jb", 422, r"U\+001B"), ("a \ud800 b", 422, ""),
               ("too many tokens", 413, "2000 tokens")]  # fmt: skip


@pytest.mark.parametrize(("prompt", "status", "words"), BAD_PROMPTS)
def test_bad_prompts_are_refused_with_a_reason(
    serve: Callable[..., None], prompt: str, status: int, words: str
) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        for path, body in (("/draw", {"prompt": prompt}), ("/v1/chat/completions", chat(prompt))):
            response = await client.post(path, content=json.dumps(body).encode())
            assert response.status_code == status
            assert re.search(words, read_error(response))
        assert prompt == "too many tokens" or writer.asked == []

    serve(check)


BAD_BODIES = [
    ("/draw", b"", 422), ("/draw", b"{", 422), ("/draw", b"\xff", 422), ("/draw", b"[1]", 422),
    ("/draw", b'{"prompt": 3}', 422), ("/draw", b'{"prompt": "a", "n": 0}', 422),
    ("/draw", b'{"prompt": "a", "n": 99}', 422), ("/draw", b'{"prompt": "a", "temperature": NaN}', 422),
    ("/draw", b'{"prompt": "a", "n": 2, "temperature": 0}', 422),
    ("/draw", b'{"prompt": "a", "format": "gif"}', 422), ("/draw", b'{"prompt": "a", "sed": 1}', 422),
    ("/draw", b'{"prompt": "' + b"a" * 70_000 + b'"}', 413),
    ("/v1/chat/completions", b'{"messages": []}', 422),
    ("/v1/chat/completions", b'{"messages": [{"role": "assistant", "content": "a"}]}', 422),
    ("/v1/chat/completions", b'{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}', 422),
    ("/v1/chat/completions", json.dumps(chat("a", tools=[{}])).encode(), 422),
    ("/v1/chat/completions", json.dumps(chat("a") | {"model": "gpt"}).encode(), 404),
    ("/v1/completions", b"{}", 404), ("/health", b"{}", 405),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "status"), BAD_BODIES)
def test_bad_requests_are_refused_as_json(
    serve: Callable[..., None], path: str, body: bytes, status: int
) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        response = await client.post(path, content=body)
        assert response.status_code == status
        assert read_error(response)
        assert writer.asked == []

    serve(check)


def test_a_full_queue_refuses_and_says_when_to_come_again(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        held = [asyncio.create_task(client.post("/draw", json={"prompt": "slow"})) for _ in range(3)]
        await wait_until(lambda: len(writer.asked) == 2)
        await asyncio.sleep(0)
        assert await read_metric(client, "svgtune_queue_length") == 1
        refused = await client.post("/draw", json={"prompt": "a red ball"})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert "1 of at most 1 wait" in read_error(refused)
        writer.release.set()
        assert [r.status_code for r in await asyncio.gather(*held)] == [200] * 3
        assert await read_metric(client, 'svgtune_requests_total{endpoint="draw",status="429"}') == 1

    serve(check, limits={"queue": 1, "max_n": 2})


def test_what_is_late_is_drawn_by_rules_and_marked(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        late = await client.post("/draw", json={"prompt": "slow"})
        assert (late.status_code, late.headers["x-svgtune-source"]) == (200, "fallback")
        assert "not drawn within 1 s" in late.headers["x-svgtune-detail"]
        assert writer.dropped == 1
        half = await client.post("/draw", json={"prompt": "half", "n": 3})
        assert (half.headers["x-svgtune-source"], half.headers["x-svgtune-candidates"]) == ("model", "1")
        assert writer.dropped == 3

    serve(check, time={"prompt_s": 1.0, "reserve_s": 0.5})


def test_who_hangs_up_frees_the_place(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        gone = asyncio.Event()
        body = json.dumps(chat("slow")).encode()
        arrived = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if arrived:
                return arrived.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            pass

        path = "/v1/chat/completions"
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
                 "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "root_path": "", "headers": [], "client": None, "server": None}  # fmt: skip
        app = client._transport.app  # type: ignore[attr-defined]
        asked = asyncio.create_task(app(scope, receive, send))
        await wait_until(lambda: len(writer.asked) == 1)
        gone.set()
        await asked
        await wait_until(lambda: writer.dropped == 1)
        assert await read_metric(client, 'svgtune_requests_total{endpoint="chat",status="499"}') == 1

    serve(check)


def test_when_it_stops_rules_draw_what_is_left(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        held = [asyncio.create_task(client.post("/draw", json={"prompt": "slow"})) for _ in range(4)]
        await wait_until(lambda: len(writer.asked) == 2)
        client.desk.hurry()  # type: ignore[attr-defined]
        for response in await asyncio.gather(*held):
            assert (response.status_code, response.headers["x-svgtune-source"]) == (200, "fallback")
            assert check_svg(response.text) == []
        after = await client.post("/draw", json={"prompt": "a red ball"})
        assert "the server is stopping" in after.headers["x-svgtune-detail"]

    serve(check)


def test_health_models_and_metrics(serve: Callable[..., None]) -> None:
    async def check(client: Client, writer: StandIn) -> None:
        assert (await client.get("/health")).json() == {"status": "ready", "restarts": 0}
        assert [m["id"] for m in (await client.get("/v1/models")).json()["data"]] == ["nano"]
        writer.state, writer.restarts = State.RESTARTING, 1
        down = await client.get("/health")
        assert (down.status_code, down.json()["status"]) == (503, "restarting")
        assert await read_metric(client, "svgtune_engine_restarts") == 1
        assert await read_metric(client, "vllm:num_requests_running") == 0
        assert "vllm:num_requests_running" in (await client.get("/metrics")).text

    serve(check)


def test_judges_that_are_late_do_not_keep_a_drawing(serve: Callable[..., None]) -> None:
    class Slow(LikelihoodChooser):
        def choose(self, groups: Any) -> Any:
            time.sleep(1.5)
            return super().choose(groups)

    async def check(client: Client, writer: StandIn) -> None:
        client.desk._chooser = Slow()  # type: ignore[attr-defined]
        first = asyncio.create_task(client.post("/draw", json={"prompt": "a hill", "n": 2}))
        await wait_until(lambda: len(writer.asked) == 2)
        await wait_until(lambda: client.desk.places.drawing == 0)  # type: ignore[attr-defined]
        assert not first.done()
        # What waits for the judges counts as waiting.
        assert (await client.post("/draw", json={"prompt": "a hill", "n": 2})).status_code == 429
        answer = await first
        assert answer.status_code == 200
        assert not check_svg(answer.text)

    serve(check, limits={"queue": 0, "max_n": 2}, time={"prompt_s": 0.8, "reserve_s": 0.2})
