"""The doors of the engine: chats, embeddings, labels, picks, models, loading and unloading, health, metrics."""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import logging
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from endpoints.engine import families, metrics
from endpoints.engine.answers import Answer
from endpoints.engine.library import Library
from endpoints.engine.memory import Memory
from endpoints.engine.scheduler import Scheduler, Ticket
from endpoints.engine.wire import END, PING, ChatRequest, Refused, Reply, bad, chat_request, event, inputs

logger = logging.getLogger(__name__)
TEXTS_AT_ONCE = 64
"""Texts that are embedded before somebody else's get their turn."""


@dataclass
class Engine:
    """The parts of one engine process. Chat models are touched by the scheduler's thread only."""

    library: Library
    token: str = ""
    studio: str = ""
    """Whose engine this is; a studio that was sent to the wrong address sees it."""
    hosts: frozenset[str] = frozenset()
    """Names of this engine, besides addresses and names without a dot."""
    scheduler: Scheduler = field(default_factory=Scheduler)
    sentences: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "sentences"))
    ping: float = 10.0
    """Seconds of silence after which a stream shows that it is alive."""
    most_models: int = 4
    """Classifiers and recommenders kept in memory."""

    def __post_init__(self) -> None:
        self.memory = Memory(self.library.models, self.most_models)

    async def begin(self, wanted: ChatRequest) -> tuple[Answer, Ticket]:
        """A place for an answer; whatever can be refused is refused here, before the first byte."""

        def prepare() -> Answer:
            base, adapter = self.library.ready(wanted.model)
            return Answer(wanted, base, adapter, base.prompt(wanted.messages))

        answer = await self.scheduler.run(prepare)
        return answer, self.scheduler.submit(wanted.client, answer)


ENGINE = web.AppKey("engine", Engine)


def application(engine: Engine) -> web.Application:
    app = web.Application(middlewares=[named, errors, not_from_a_page, authorised], client_max_size=8 * 1024 * 1024)
    app[ENGINE] = engine
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_post("/v1/embeddings", embeddings)
    for family in families.every().values():
        if family.answer is not None:
            app.router.add_post(family.door, answering(family.answer))
    app.router.add_get("/v1/models", models)
    app.router.add_post("/v1/load_lora_adapter", load)
    app.router.add_post("/v1/unload_lora_adapter", unload)
    app.router.add_get("/health", health)
    app.router.add_get("/metrics", measured)
    app.on_shutdown.append(leave)
    return app


OPEN = frozenset({"/health", "/metrics"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def leave(app: web.Application) -> None:
    """Everybody who waits is told; their connections end by themselves."""
    await asyncio.to_thread(app[ENGINE].scheduler.stop)


@web.middleware
async def named(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer carries the name of its request, the caller's own where it has one."""
    name = request.headers.get("X-Request-Id", "")[:100] or f"req_{uuid.uuid4().hex}"
    request["name"] = name
    response = await handler(request)
    if not response.prepared:
        response.headers["X-Request-Id"] = name
    metrics.REQUESTS.labels(metrics.route(request), response.status).inc()
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return _refusal(refused)
    except web.HTTPException as error:
        return _refusal(Refused(error.status, f"{request.method} {request.path}: {error.reason}", "not_possible"))
    except Exception:
        logger.exception("A request failed: %s %s", request.method, request.path)
        return _refusal(Refused(500, "The engine could not answer; its log says why.", "internal_error"))


def _refusal(refused: Refused) -> web.Response:
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
    return web.json_response(refused.body(), status=refused.status, headers=headers)


@web.middleware
async def not_from_a_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Any web page can let its reader's browser post to localhost. It says its origin, or came by a name of its own."""
    if "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "none") != "none":
        raise Refused(403, "The engine answers programs, not web pages.", "not_allowed")
    if not named_here(request.host, request.app[ENGINE].hosts):
        raise Refused(403, "The engine does not answer under this name; ENGINE_HOSTS lists more.", "not_allowed")
    return await handler(request)


def named_here(host: str, more: frozenset[str]) -> bool:
    """A page on the net can point a name of its own at this machine, but no address and no name without a dot."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    name = name.strip("[]").rstrip(".").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name in more
    return True


@web.middleware
async def authorised(request: web.Request, handler: Handler) -> web.StreamResponse:
    request["authorised"] = knows_token(request)
    if not request["authorised"] and request.path not in OPEN:
        raise Refused(401, "The engine needs its token.", "invalid_api_key")
    return await handler(request)


def knows_token(request: web.Request) -> bool:
    token = request.app[ENGINE].token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return not token or hmac.compare_digest(given.encode(errors="surrogateescape"), token.encode())


async def body(request: web.Request) -> dict[str, object]:
    try:
        data = await request.json()
    except ValueError as error:
        raise bad("The body is not valid JSON.") from error
    if not isinstance(data, dict):
        raise bad("The body must be a JSON object.")
    return data


async def chat(request: web.Request) -> web.StreamResponse:
    engine = request.app[ENGINE]
    wanted = chat_request(await body(request), request.headers.get("X-Client", request.remote or ""))
    answer, ticket = await engine.begin(wanted)
    try:
        if wanted.stream:
            return await streamed(request, answer, ticket)
        text = "".join([piece async for piece in ticket.results()])
        return web.json_response(Reply(wanted.model).whole(text, answer.finish, answer.usage))
    finally:
        # Also when the client went away, which cancels this handler: the place is free before the next token.
        engine.scheduler.close(ticket)
        metrics.answered(answer)


async def streamed(request: web.Request, answer: Answer, ticket: Ticket) -> web.StreamResponse:
    reply = Reply(answer.request.model)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "X-Request-Id": request["name"]}
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    await response.prepare(request)
    try:
        await response.write(event(reply.chunk({"role": "assistant", "content": ""})))
        async for piece in ticket.results(request.app[ENGINE].ping):
            await response.write(PING if piece is None else event(reply.chunk({"content": piece})))
        await response.write(event(reply.chunk({}, answer.finish)))
        if answer.request.include_usage:
            await response.write(event(reply.usage_chunk(answer.usage)))
        await response.write(END)
    except Refused as refused:
        await response.write(event(refused.body()))
    except ConnectionError:
        logger.debug("The client left.")
    return response


async def embeddings(request: web.Request) -> web.Response:
    engine, data = request.app[ENGINE], await body(request)
    name, texts = str(data.get("model") or ""), inputs(data.get("input"))
    # No place in the queue: a question is embedded in milliseconds, beside whoever is being answered.
    rows = [
        row
        for start in range(0, len(texts), TEXTS_AT_ONCE)
        for row in await _vectors(engine, name, texts[start : start + TEXTS_AT_ONCE])
    ]
    packed = data.get("encoding_format") == "base64"
    found = [
        {"object": "embedding", "index": i, "embedding": _base64(row) if packed else row.tolist()}
        for i, row in enumerate(rows)
    ]
    used = sum(len(text) for text in texts) // 4
    usage = {"prompt_tokens": used, "total_tokens": used}
    return web.json_response({"object": "list", "data": found, "model": name, "usage": usage})


async def _vectors(engine: Engine, name: str, texts: list[str]) -> NDArray[np.float32]:
    work = partial(engine.library.sentence_vectors, name, texts)
    return await asyncio.get_running_loop().run_in_executor(engine.sentences, work)


def _base64(row: NDArray[np.float32]) -> str:
    return base64.b64encode(row.astype("<f4").tobytes()).decode()


def answering(answer: families.Answer) -> Handler:
    """The door of a family whose models write no text."""

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(await answer(request.app[ENGINE].memory, await body(request)))

    return handler


async def models(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    names = engine.library.names() + [(name, one.base) for name, one in engine.memory.known.items()]
    rows = [
        {"id": name, "object": "model", "created": 0, "owned_by": "atelier", "root": name, "parent": parent}
        for name, parent in names
    ]
    return web.json_response({"object": "list", "data": rows})


async def load(request: web.Request) -> web.Response:
    engine, data = request.app[ENGINE], await body(request)
    name, path = data.get("lora_name"), data.get("lora_path")
    if not isinstance(name, str) or not name or not isinstance(path, str) or not path:
        raise bad("'lora_name' and 'lora_path' must be texts.")
    found = await asyncio.to_thread(engine.library.check, path)
    replace = bool(data.get("load_inplace"))
    if families.of(found.family).writes:
        await engine.scheduler.run(lambda: engine.library.put(name, found, replace))
    else:
        await engine.memory.put(name, found, replace)
    return web.Response(text=f"Success: LoRA adapter '{name}' added successfully.")


async def unload(request: web.Request) -> web.Response:
    engine, name = request.app[ENGINE], str((await body(request)).get("lora_name") or "")
    if name in engine.memory.known:
        await engine.memory.unload(name)
    else:
        await engine.scheduler.run(lambda: engine.library.unload(name))
    return web.Response(text=f"Success: LoRA adapter '{name}' removed successfully.")


async def health(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    if not request["authorised"]:
        # Whoever sends a token wants to know whether it is the right one.
        if "Authorization" in request.headers:
            raise Refused(401, "The engine needs its token.", "invalid_api_key")
        return web.json_response({"status": "ok"})
    scheduler, loaded = engine.scheduler, [*engine.library.adapters, *engine.memory.loaded]
    facts: dict[str, object] = {
        "busy": scheduler.running > 0,
        "running": scheduler.running,
        "waiting": scheduler.waiting,
    }
    facts |= {"served": scheduler.served, "adapters": loaded, "bases": list(engine.library.bases)}
    return web.json_response({"status": "ok", "studio": engine.studio} | facts)


async def measured(request: web.Request) -> web.Response:
    return web.Response(body=metrics.text(request.app[ENGINE].scheduler), headers={"Content-Type": metrics.CONTENT})
