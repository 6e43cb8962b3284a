"""The HTTP interface for programs: OpenAI's chat completions, answered by the same path as the chat page."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from endpoints import chat, conversations, metering, serving, throttle, visitors
from endpoints.api_errors import Refusal
from endpoints.bodies import Body
from endpoints.completion import Asked, Completion, comes_to, understood
from endpoints.conversations import Ending, Progress
from endpoints.live import busy_sentence, keep, out_of_reach
from endpoints.models import ApiKey, Conversation, Endpoint, Message
from projects import asking, json_text
from projects.errors import UserError, reference, trouble

logger = logging.getLogger(__name__)
A_DAY = 600
"""Times the limit of a minute, which the pages of one network may send in a day."""
ALIVE = 15.0
"""Seconds without a word after which a comment keeps the stream open."""

api = NinjaAPI(
    title="Atelier",
    version="1",
    parser=Body(),
    description="Published assistants, in the shape of OpenAI's interface.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


# Errors, in OpenAI's shape -------------------------------------------------------------------------------------
@api.exception_handler(Refusal)
def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
    response = JsonResponse(error.body, status=error.status, headers=error.headers)
    return stamped(request, response)


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    steps = [str(step) for step in first.get("loc", [])[2:]]
    if "content" in steps:  # behind it stand the kinds that it could have been, which no program has sent
        steps = steps[: steps.index("content") + 1]
    param = ".".join(steps) or None
    text = f"{param or 'body'}: {first.get('msg', 'not understood')}"
    return refused(request, Refusal(400, "invalid_value", text, param=param))


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
    error = trouble(error) or error
    if isinstance(error, UserError):
        kind = "server_error" if error.status >= 500 else "invalid_request_error"
        return Refusal(error.status, "unavailable", str(error), kind)
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

    def endpoints(self) -> QuerySet[Endpoint]:
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
    return Caller(None, endpoint, endpoint.project.team_id, asking.network_mark(asking.of_request(request)))


async def allowance(caller: Caller, endpoint: Endpoint) -> throttle.Allowance:
    if caller.key is None:
        most = endpoint.messages_a_minute
        day = await throttle.take(f"day:{endpoint.pk}:{caller.visitor}", most * A_DAY, throttle.DAY)
        return day if day.exceeded else await throttle.take(f"api:{endpoint.pk}:{caller.visitor}", most)
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
@api.api_operation(
    ["GET", "HEAD"], "/v1/models", auth=Key(), tags=["assistants"], summary="The assistants that this key opens"
)
async def models(request: HttpRequest) -> HttpResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    data = [
        {"id": one.slug, "object": "model", "created": int(one.created.timestamp()), "owned_by": one.project.team.name}
        async for one in caller.endpoints()
    ]
    return stamped(request, JsonResponse({"object": "list", "data": data}))


@api.api_operation(["GET", "HEAD"], "/v1/models/{model}", auth=Key(), tags=["assistants"], summary="One assistant")
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
    asked = understood(body, json_text.read(request.body), from_a_page=caller.key is None)
    job = await sync_to_async(begin)(request, caller, endpoint, body, asked)
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        first = await job.first()
        stream = StreamingHttpResponse(events(job, first, with_usage), content_type="text/event-stream")
        stream["X-Accel-Buffering"] = "no"
        return stamped(request, stream, left)  # type: ignore[arg-type, return-value]
    return stamped(request, JsonResponse(await job.whole()), left)


# One request ---------------------------------------------------------------------------------------------------
@dataclass
class Job:
    """An answer on its way to a program. It runs in a task of its own, so that what was used is counted in any case."""

    answer: Message
    slug: str
    request: chat.Request
    spoken: str  # what the conversation comes to, with the question
    key: int | None
    warnings: list[dict[str, str]] = field(default_factory=list)
    speaker: list[str] = field(default_factory=list)
    events: asyncio.Queue[chat.Event | Exception] = field(default_factory=asyncio.Queue)
    text: str = ""
    sources: list[dict[str, str]] = field(default_factory=list)
    result: dict[str, object] = field(default_factory=dict)
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

    async def whole(self) -> dict[str, object]:
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

    def more(self, event: chat.Done) -> dict[str, object]:
        """What we add to OpenAI's shape."""
        found: dict[str, object] = {"sources": self.sources, "state": str(event.state)}
        if self.result:
            found["result"] = self.result
        if self.request.instruction and not event.instructed:
            text = _("This answer was looked up and not written, so the instruction changed nothing.")
            self.warnings.append({"param": "messages", "message": text})
        return found | ({"warnings": self.warnings} if self.warnings else {})

    def envelope(self, kind: str) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.slug}

    def chunk(self, delta: dict[str, str] | None, reason: str | None = None, **more: object) -> dict[str, object]:
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
        """The next request brings this conversation with it; what it comes to finds the answer to go on from."""
        spoken = comes_to([{"role": "assistant", "content": self.text}], self.spoken)
        Message.objects.filter(pk=self.answer.pk).update(trace=trace(self.speaker, spoken))


def usage_of(usage: chat.Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def trace(speaker: list[str], spoken: str) -> str:
    return visitors.digest(json.dumps(["api", speaker, spoken], ensure_ascii=False))


def continued(endpoint: Endpoint, speaker: list[str], earlier: str) -> Conversation | None:
    """The conversation that goes on with this request: the only one that ever came to this, and that stands there still.

    Where several went alike so far, or the only one has gone on, it is nobody's: a wrong guess would show one customer's
    words in another's conversation."""
    if not earlier:
        return None
    alike = Message.objects.filter(trace=trace(speaker, earlier), conversation__endpoint=endpoint)[:2]
    answers = list(alike.select_related("conversation"))
    if len(answers) != 1 or answers[0].conversation.messages.filter(pk__gt=answers[0].pk).exists():
        return None
    return answers[0].conversation


def begin(request: HttpRequest, caller: Caller, endpoint: Endpoint, body: Completion, asked: Asked) -> Job:
    """Stores the question and makes ready to answer it."""
    if caller.key is None:
        conversations.check_room(None)
    deployment, knowing = chat.of_endpoint(endpoint)
    key = caller.key.pk if caller.key else None
    messages = asked.messages
    speaker = [str(key), caller.visitor, *body.speaker()]
    row = continued(endpoint, speaker, asked.earlier)
    if row is None:
        row = Conversation.objects.create(endpoint=endpoint, channel="api", origin=getattr(request, "cors", ""))
    stored = conversations.ask(row, messages[-1]["content"], "", deployment.pk)
    assert stored.answer is not None
    question = chat.Request(
        knowing,
        messages,
        getattr(request, "LANGUAGE_CODE", ""),
        contact=endpoint.contact,
        threshold=endpoint.threshold,
        options={"user": f"key-{key}" if key else caller.visitor} | body.options(),
        rules=endpoint.rules,
        project=endpoint.project_id,
        sources_shown=False,
        instruction=asked.instruction,
    )
    spoken = comes_to(messages[-1:], asked.earlier)
    return Job(stored.answer, endpoint.slug, question, spoken, key, asked.warnings, speaker)


async def events(job: Job, first: chat.Event, with_usage: bool) -> AsyncIterator[bytes]:
    """The answer as server-sent events. Whoever closes it early stops the writing."""
    try:
        yield line(job.chunk({"role": "assistant", "content": ""}))
        event: chat.Event | None = first
        while True:
            if event is None:
                yield b": alive\n\n"
            elif isinstance(event, chat.Piece):
                yield line(job.chunk({"content": event.text}))
            elif isinstance(event, chat.Done):
                break
            event = await next_or_silence(job)
        yield line(job.chunk({}, "length" if event.cut else "stop", **job.more(event)))
        if with_usage:
            yield line(job.chunk(None, usage=usage_of(event.usage)))
        yield b"data: [DONE]\n\n"
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


def line(data: Mapping[str, object]) -> bytes:
    """One event. Half a character, which another engine may have sent, must not end the stream."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")


def schema(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document."""
    return JsonResponse(api.get_openapi_schema(path_prefix=""))
