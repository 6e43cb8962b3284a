"""The HTTP interface for programs: OpenAI's chat completions, answered by the same path as the chat page."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import ConfigDict, Field

from endpoints import chat, conversations, metering, serving, throttle, visitors
from endpoints.bodies import Body
from endpoints.conversations import Ending, Progress
from endpoints.live import busy_sentence, keep, out_of_reach
from endpoints.models import ApiKey, Conversation, Endpoint, Message
from projects.errors import UserError, reference

logger = logging.getLogger(__name__)
ALIVE = 15.0
"""Seconds without a word after which a comment keeps the stream open."""
MOST_MESSAGES = 200
LONGEST_TEXT = 100_000

api = NinjaAPI(
    title="Atelier",
    version="1",
    parser=Body(),
    description="Published assistants, in the shape of OpenAI's interface.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


# What is sent and received -------------------------------------------------------------------------------------
class ChatMessage(Schema):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]] = Field(description="Text, or parts of type text.")

    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content.replace("\x00", "")  # PostgreSQL keeps no character 0
        parts = (str(part.get("text", "")) for part in self.content if part.get("type") == "text")
        return "\n".join(parts).replace("\x00", "")


class StreamOptions(Schema):
    include_usage: bool = False


class Completion(Schema):
    """A question with the conversation before it. Fields of OpenAI's that are not listed are accepted and ignored."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    model: str = Field(description="The assistant's address, as GET /v1/models lists it.")
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=4096)
    max_completion_tokens: int | None = Field(None, ge=1, le=4096)
    seed: int | None = None
    stop: str | list[str] | None = None
    user: str | None = None

    def conversation(self) -> list[dict[str, str]]:
        spoken = [{"role": m.role, "content": m.text()} for m in self.messages if m.role in {"user", "assistant"}]
        return spoken

    def options(self) -> dict[str, Any]:
        given = {"temperature": self.temperature, "top_p": self.top_p, "seed": self.seed, "stop": self.stop}
        given["max_tokens"] = self.max_completion_tokens or self.max_tokens
        return {name: value for name, value in given.items() if value is not None}


# Errors, in OpenAI's shape -------------------------------------------------------------------------------------
class Refusal(Exception):
    def __init__(
        self, status: int, code: str, message: str, kind: str = "invalid_request_error", **headers: str
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = {"error": {"message": message, "type": kind, "param": None, "code": code}}


@api.exception_handler(Refusal)
def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
    response = JsonResponse(error.body, status=error.status, headers=error.headers)
    return stamped(request, response)


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    param = ".".join(str(step) for step in first.get("loc", [])[2:]) or None
    refusal = Refusal(400, "invalid_value", f"{param or 'body'}: {first.get('msg', 'not understood')}")
    refusal.body["error"]["param"] = param  # type: ignore[assignment]
    return refused(request, refusal)


@api.exception_handler(HttpError)
def not_readable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refused(request, Refusal(error.status_code, "invalid_body", str(error)))


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    return refused(request, refusal_of(error))


def refusal_of(error: Exception) -> Refusal:
    """Any failure as an error object; what is ours is logged with an id that the caller sees."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, serving.EngineBusy):
        return Refusal(429, "engine_busy", busy_sentence(), "rate_limit_error", retry_after=str(error.retry_after))
    if isinstance(error, serving.EngineError):
        text = out_of_reach()
        logger.warning("The engine failed for the API: %s", error)
        return Refusal(503, "engine_unavailable", text, "server_error", retry_after="5")
    if isinstance(error, UserError):
        return Refusal(error.status, "unavailable", str(error))
    ref = reference()
    logger.error("An API request failed, reference %s", ref, exc_info=error)
    text = _("The answer could not be finished. If you ask for help, give this reference: %(ref)s") % {"ref": ref}
    return Refusal(500, "internal_error", text, "server_error")


# Keys ----------------------------------------------------------------------------------------------------------
@dataclass
class Caller:
    """Whose key this is and which endpoints it opens."""

    key: ApiKey | None
    endpoint: Endpoint | None  # the only one, or every endpoint of the key's team
    team: int
    visitor: str = ""  # with a publishable key: the network the limit counts for

    def endpoints(self) -> Any:
        rows = Endpoint.objects.filter(project__team_id=self.team, published=True)
        rows = rows.filter(pk=self.endpoint.pk) if self.endpoint else rows
        return rows.select_related("project__team").order_by("created")


class Key(HttpBearer):
    """A bearer key. Without one the answer is the same as with a wrong one, so that both tell what to do."""

    async def __call__(self, request: HttpRequest) -> Any:
        request.started = time.perf_counter()  # type: ignore[attr-defined]
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        return await self.authenticate(request, secret.strip() if scheme.lower() == "bearer" else "")

    async def authenticate(self, request: HttpRequest, token: str) -> Any:
        caller = await sync_to_async(caller_of)(request, token)
        if caller is None:
            text = _("This API key is not valid. Check it, or create a new one on the assistant's page.")
            raise Refusal(401, "invalid_api_key", text, "authentication_error", www_authenticate="Bearer")
        return caller


def caller_of(request: HttpRequest, secret: str) -> Caller | None:
    if secret.startswith("pk_"):
        return _from_a_page(request, secret)
    key = ApiKey.objects.filter(secret_hash=ApiKey.digest(secret)).select_related("endpoint").first()
    if key is None or not key.usable:
        return None
    metering.used_now(key)
    return Caller(key, key.endpoint, key.team_id)


def _from_a_page(request: HttpRequest, key: str) -> Caller | None:
    """A publishable key works in the browser on the sites that the owner listed, and nowhere else."""
    endpoint = Endpoint.objects.filter(publishable_key=key).select_related("project").first()
    origin = request.headers.get("Origin", "")
    if endpoint is None or not origin or endpoint.visibility not in {"link", "public"}:
        return None
    if not (visitors.allowed_site(endpoint, origin) or visitors.same_site(origin, request.get_host())):
        return None
    request.cors = origin  # type: ignore[attr-defined]
    return Caller(None, endpoint, endpoint.project.team_id, visitors.network(request.META.get("REMOTE_ADDR", "")))


async def allowance(caller: Caller, endpoint: Endpoint) -> throttle.Allowance:
    if caller.key is None:
        return await throttle.take(f"api:{endpoint.pk}:{caller.visitor}", endpoint.messages_a_minute)
    return await throttle.take(f"key:{endpoint.pk}:{caller.key.pk}", endpoint.requests_a_minute)


def too_many(left: throttle.Allowance) -> Refusal:
    text = _("More requests than this key may send in a minute. Please wait %(seconds)s seconds.")
    headers = {"retry_after": str(left.reset)} | left.headers()
    return Refusal(429, "rate_limit_exceeded", text % {"seconds": left.reset}, "rate_limit_error", **headers)


def stamped(request: HttpRequest, response: HttpResponse, left: throttle.Allowance | None = None) -> HttpResponse:
    """The headers that every answer has."""
    response["x-request-id"] = request_id(request)
    started = getattr(request, "started", None)
    if started is not None:
        response["openai-processing-ms"] = str(int((time.perf_counter() - started) * 1000))
    for name, value in (left.headers() if left else {}).items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    allow_origin(request, response)
    return response


def allow_origin(request: HttpRequest, response: HttpResponse) -> None:
    origin = getattr(request, "cors", "")
    if origin:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "x-request-id, retry-after, x-ratelimit-remaining-requests"
        response["Vary"] = "Origin"


def request_id(request: HttpRequest) -> str:
    given: str = getattr(request, "request_id", "") or f"req_{secrets.token_hex(12)}"
    request.request_id = given  # type: ignore[attr-defined]
    return given


# Addresses -----------------------------------------------------------------------------------------------------
@api.get("/v1/models", auth=Key(), tags=["assistants"], summary="The assistants that this key opens")
async def models(request: HttpRequest) -> HttpResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    data = [
        {"id": one.slug, "object": "model", "created": int(one.created.timestamp()), "owned_by": one.project.team.name}
        async for one in caller.endpoints()
    ]
    return stamped(request, JsonResponse({"object": "list", "data": data}))


@api.get("/v1/models/{model}", auth=Key(), tags=["assistants"], summary="One assistant")
async def model(request: HttpRequest, model: str) -> HttpResponse:
    one = await opened(request.auth, model)  # type: ignore[attr-defined]
    data = {
        "id": one.slug,
        "object": "model",
        "created": int(one.created.timestamp()),
        "owned_by": one.project.team.name,
    }
    return stamped(request, JsonResponse(data))


async def opened(caller: Caller, slug: str) -> Endpoint:
    endpoint: Endpoint | None = await caller.endpoints().filter(slug=slug).afirst()
    if endpoint is None:
        text = _("There is no assistant “%(name)s” for this key. GET /v1/models lists those there are.")
        raise Refusal(404, "model_not_found", text % {"name": slug[:80]})
    return endpoint


@api.post("/v1/chat/completions", auth=Key(), tags=["assistants"], summary="Ask an assistant")
async def chat_completions(request: HttpRequest, body: Completion) -> HttpResponseBase:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    endpoint = await opened(caller, body.model)
    left = await allowance(caller, endpoint)
    if left.exceeded:
        raise too_many(left)
    messages = checked(body)
    job = await sync_to_async(begin)(request, caller, endpoint, body, messages)
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        first = await job.first()
        stream = StreamingHttpResponse(events(job, first, with_usage), content_type="text/event-stream")
        stream["X-Accel-Buffering"] = "no"
        return stamped(request, stream, left)  # type: ignore[arg-type, return-value]
    return stamped(request, JsonResponse(await job.whole()), left)


def checked(body: Completion) -> list[dict[str, str]]:
    messages = body.conversation()
    if not messages or messages[-1]["role"] != "user" or not messages[-1]["content"].strip():
        raise Refusal(400, "invalid_value", _("The last message must be a question with role “user”."))
    if sum(len(message["content"]) for message in messages) > LONGEST_TEXT:
        text = _("The messages have more than %(most)s characters.") % {"most": LONGEST_TEXT}
        raise Refusal(400, "context_length_exceeded", text)
    return messages


# One request ---------------------------------------------------------------------------------------------------
@dataclass
class Job:
    """An answer on its way to a program. It runs in a task of its own, so that what was used is counted in any case."""

    answer: Message
    slug: str
    request: chat.Request
    history: list[dict[str, str]]
    key: int | None
    events: asyncio.Queue[chat.Event | Exception] = field(default_factory=asyncio.Queue)
    text: str = ""
    sources: list[dict[str, str]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def id(self) -> str:
        return f"chatcmpl-{self.answer.pk}"

    def start(self) -> None:
        if self.task is None:
            self.task = keep(self._run())

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def next(self) -> chat.Event:
        self.start()
        event = await self.events.get()
        if isinstance(event, Exception):
            raise event
        return event

    async def first(self) -> chat.Event:
        """Waits for the first word, so that what fails before it is a plain error and not a broken stream."""
        try:
            while isinstance(event := await self.next(), chat.Sources | chat.Result):
                continue
            return event
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def whole(self) -> dict[str, Any]:
        try:
            while not isinstance(event := await self.next(), chat.Done):
                continue
        except asyncio.CancelledError:
            self.cancel()
            raise
        message = {"role": "assistant", "content": self.text}
        choice = {"index": 0, "message": message, "finish_reason": "length" if event.cut else "stop"}
        return self.envelope("chat.completion") | {
            "choices": [choice], "usage": usage_of(event.usage), **self.more(event)
        }  # fmt: skip

    def more(self, event: chat.Done) -> dict[str, Any]:
        """What we add to OpenAI's shape."""
        found = {"sources": self.sources, "state": str(event.state)}
        return found | ({"result": self.result} if self.result else {})

    def envelope(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.slug}

    def chunk(self, delta: dict[str, str] | None, reason: str | None = None, **more: Any) -> dict[str, Any]:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
        return self.envelope("chat.completion.chunk") | {"choices": choices} | more

    async def _run(self) -> None:
        started = time.perf_counter()
        ending = Ending(Message.State.FAILED, key=self.key)
        last: chat.Event | Exception | None = None
        try:
            async for event in chat.answer(self.request):
                if isinstance(event, chat.Done):
                    last = event
                    ending = Ending(
                        event.state, event.confidence, event.usage.prompt_tokens, event.usage.completion_tokens,
                        key=self.key,
                    )  # fmt: skip
                    break
                self._note(event)
                self.events.put_nowait(event)
        except asyncio.CancelledError:
            ending = Ending(Message.State.STOPPED, completion_tokens=chat.rough_tokens(self.text), key=self.key)
        except Exception as error:
            last = error
        ending = Ending(**{**ending.__dict__, "seconds": round(time.perf_counter() - started, 3)})
        await asyncio.shield(keep(self._finish(ending, last)))

    def _note(self, event: chat.Event) -> None:
        if isinstance(event, chat.Piece):
            self.text += event.text
        elif isinstance(event, chat.Sources):
            self.sources = event.items
        elif isinstance(event, chat.Result):
            self.result = event.as_dict()

    async def _finish(self, ending: Ending, last: chat.Event | Exception | None) -> None:
        progress = Progress(self.answer.pk, self.text, self.sources, self.result)
        try:
            await database_sync_to_async(conversations.finish)(self.answer, progress, ending)
            await database_sync_to_async(self._remember)()
        finally:
            if last is not None:
                self.events.put_nowait(last)

    def _remember(self) -> None:
        """The next request brings this conversation with it; its hash finds the row to go on with."""
        spoken = [*self.history, {"role": "assistant", "content": self.text}]
        Conversation.objects.filter(pk=self.answer.conversation_id).update(token_hash=trace(self.key, spoken))


def usage_of(usage: chat.Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def trace(key: int | None, messages: list[dict[str, str]]) -> str:
    return visitors.digest(json.dumps(["api", key, messages], ensure_ascii=False))


def begin(
    request: HttpRequest, caller: Caller, endpoint: Endpoint, body: Completion, messages: list[dict[str, str]]
) -> Job:
    """Stores the question and makes ready to answer it."""
    deployment, knowing = chat.of_endpoint(endpoint)
    key = caller.key.pk if caller.key else None
    earlier = messages[:-1]
    row = None
    if earlier:
        row = Conversation.objects.filter(endpoint=endpoint, channel="api", token_hash=trace(key, earlier)).first()
    if row is None:
        row = Conversation.objects.create(endpoint=endpoint, channel="api", origin=getattr(request, "cors", ""))
    asked = conversations.ask(row, messages[-1]["content"], "", deployment.pk)
    assert asked.answer is not None
    question = chat.Request(
        knowing,
        messages,
        getattr(request, "LANGUAGE_CODE", ""),
        contact=endpoint.contact,
        threshold=endpoint.threshold,
        options={"user": f"key-{key}" if key else caller.visitor} | body.options(),
        rules=endpoint.rules,
    )
    return Job(asked.answer, endpoint.slug, question, messages, key)


async def events(job: Job, first: chat.Event, with_usage: bool) -> AsyncIterator[str]:
    """The answer as server-sent events. Whoever closes it early stops the writing."""
    try:
        yield line(job.chunk({"role": "assistant", "content": ""}))
        event: chat.Event | None = first
        while True:
            if event is None:
                yield ": alive\n\n"
            elif isinstance(event, chat.Piece):
                yield line(job.chunk({"content": event.text}))
            elif isinstance(event, chat.Done):
                break
            event = await next_or_silence(job)
        yield line(job.chunk({}, "length" if event.cut else "stop", **job.more(event)))
        if with_usage:
            yield line(job.chunk(None, usage=usage_of(event.usage)))
        yield "data: [DONE]\n\n"
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except Exception as error:
        yield line(refusal_of(error).body)
    finally:
        job.cancel()


async def next_or_silence(job: Job) -> chat.Event | None:
    try:
        return await asyncio.wait_for(job.next(), ALIVE)
    except TimeoutError:
        return None


def line(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


@api.api_operation(["OPTIONS"], "/v1/chat/completions", include_in_schema=False)
def before_a_request(request: HttpRequest) -> HttpResponse:
    """The question that a browser asks before it sends a request from another site."""
    response = HttpResponse(status=204)
    origin = request.headers.get("Origin", "")
    if origin and _listed_anywhere(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        response["Access-Control-Allow-Headers"] = "authorization, content-type"
        response["Access-Control-Max-Age"] = "600"
    response["Vary"] = "Origin"
    return response


def schema(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document."""
    return JsonResponse(api.get_openapi_schema(path_prefix=""))


def _listed_anywhere(origin: str) -> bool:
    """The question before a request carries no key, so any endpoint that lists the site opens it."""
    rows = Endpoint.objects.filter(published=True, visibility__in=["link", "public"]).exclude(allowed_sites=[])
    return any(visitors.allowed_site(endpoint, origin) for endpoint in rows.iterator())
