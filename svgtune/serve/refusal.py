"""What a request may look like, and how one that may not be answered is told so."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from svgtune.config.serve import LimitsSection
from svgtune.generate.prompts_file import Prompt, build_prompt

_TYPES = {404: "not_found_error", 429: "rate_limit_error", 503: "unavailable_error"}


class RefusalError(Exception):
    """A request that is not answered; the server goes on."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.retry_after_s = retry_after_s


def write_refusal(refusal: RefusalError) -> JSONResponse:
    """Writes a refusal as OpenAI's clients read it."""
    kind = _TYPES.get(refusal.status, "invalid_request_error" if refusal.status < 500 else "server_error")
    error = {"message": str(refusal), "type": kind, "param": refusal.param, "code": refusal.status}
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
    # A prompt may hold half a surrogate pair, which has no UTF-8.
    return _AsciiResponse({"error": error}, refusal.status, headers)


class _AsciiResponse(JSONResponse):
    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode("ascii")


class _Body(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False, protected_namespaces=())

    n: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    temperature: float | None = Field(default=None, ge=0, le=10)


_Kind = TypeVar("_Kind", bound=_Body)


class DrawRequest(_Body):
    """What ``/draw`` takes, as JSON or in the address."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    prompt: str
    format: Literal["svg", "png", "json"] = "svg"


class _Part(BaseModel):
    type: Literal["text"]
    text: str


class _Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part] | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(_Body):
    """What ``/v1/chat/completions`` takes of OpenAI's keys.

    Others are ignored, but for those that change the form of the answer.
    """

    model: str | None = None
    messages: list[_Message] = Field(min_length=1)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    tools: list[Any] | None = Field(default=None, max_length=0)
    functions: list[Any] | None = Field(default=None, max_length=0)
    logprobs: Literal[False] | None = None

    @model_validator(mode="after")
    def _check_asked(self) -> ChatRequest:
        if self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's: it is what is drawn")
        return self

    @property
    def caption(self) -> str:
        """The last message's text; those before it are no part of what is drawn."""
        content = self.messages[-1].content or ""
        return content if isinstance(content, str) else "\n".join(part.text for part in content)


async def read_body(request: Request, limits: LimitsSection) -> bytes:
    """Reads a request's body.

    Raises:
        RefusalError: It is too large, or does not come in time.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(limits.body_s):
            async for chunk in request.stream():
                data += chunk
                if len(data) > limits.max_body_bytes:
                    raise RefusalError(
                        413, f"the body is larger than {limits.max_body_bytes} bytes; shorten it"
                    )
    except TimeoutError:
        raise RefusalError(
            408, f"the body did not come within {limits.body_s:g} s; send it at once"
        ) from None
    except ClientDisconnect:
        raise RefusalError(499, "the client hung up") from None
    return bytes(data)


def read_request(kind: type[_Kind], data: bytes | dict[str, str], limits: LimitsSection) -> _Kind:
    """Reads a request from JSON, or from what stands in the address.

    Raises:
        RefusalError: It is not what was asked for.
    """
    try:
        body = kind.model_validate_json(data) if isinstance(data, bytes) else kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = f"{where}: {first['msg']}" if where else str(first["msg"])
        raise RefusalError(422, message[:500], param=where or None) from None
    if body.n is not None and body.n > limits.max_n:
        raise RefusalError(422, f"n: is {body.n}, and {limits.max_n} is the most; lower it", param="n")
    return body


def read_prompt(text: str, limits: LimitsSection) -> Prompt:
    """Checks what is to be drawn.

    Raises:
        RefusalError: It is empty, too long, or holds control characters.
    """
    if len(text) > limits.max_prompt_chars:
        message = f"prompt: has {len(text)} characters, and {limits.max_prompt_chars} is the most; shorten it"
        raise RefusalError(413, message, param="prompt")
    prompt = build_prompt(text, own_id="drawing")
    if prompt.refusal:
        raise RefusalError(422, prompt.refusal, param="prompt")
    return prompt
