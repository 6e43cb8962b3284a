"""The doors of the engine: chat completions, embeddings, models, loading and unloading of adapters, health."""

from __future__ import annotations

import asyncio
import hmac
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from endpoints.engine.answers import Answer, States
from endpoints.engine.library import Library
from endpoints.engine.scheduler import Scheduler
from endpoints.engine.wire import END, PING, ChatRequest, Refused, Reply, bad, chat_request, event, inputs

logger = logging.getLogger(__name__)
PING_EVERY = 10.0
T = TypeVar("T")


@dataclass
class Engine:
    """The parts of one engine process. Models are touched in one thread only."""

    library: Library
    token: str = ""
    scheduler: Scheduler = field(default_factory=Scheduler)
    states: States = field(default_factory=States)
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "model"))

    async def call(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work, *args)

    async def pieces(self, request: ChatRequest, out: list[Answer]) -> AsyncIterator[str]:
        """Pieces of an answer as the model thread makes them; closing this frees the place between two tokens."""
        async with self.scheduler.place(request.client):
            loop = asyncio.get_running_loop()
            made: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
            left = threading.Event()

            def work() -> None:
                say = loop.call_soon_threadsafe
                try:
                    base, adapter = self.library.ready(request.model)
                    answer = Answer(request, base, adapter, self.states, left.is_set)
                    out.append(answer)
                    for piece in answer.pieces():
                        say(made.put_nowait, piece)
                    say(made.put_nowait, None)
                except Exception as error:
                    say(made.put_nowait, error)

            running = loop.run_in_executor(self.thread, work)
            try:
                while (piece := await made.get()) is not None:
                    if isinstance(piece, BaseException):
                        raise piece
                    yield piece
            finally:
                left.set()
                await asyncio.shield(running)


ENGINE = web.AppKey("engine", Engine)


def application(engine: Engine) -> web.Application:
    app = web.Application(middlewares=[errors, authorised], client_max_size=8 * 1024 * 1024)
    app[ENGINE] = engine
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_post("/v1/embeddings", embeddings)
    app.router.add_get("/v1/models", models)
    app.router.add_post("/v1/load_lora_adapter", load)
    app.router.add_post("/v1/unload_lora_adapter", unload)
    app.router.add_get("/health", health)
    return app


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
        return web.json_response(refused.body(), status=refused.status, headers=headers)
    except web.HTTPException:
        raise
    except Exception:
        logger.exception("A request failed: %s %s", request.method, request.path)
        refused = Refused(500, "The engine could not answer; its log says why.", "internal_error")
        return web.json_response(refused.body(), status=500)


@web.middleware
async def authorised(request: web.Request, handler: Handler) -> web.StreamResponse:
    token = request.app[ENGINE].token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and request.path != "/health" and not hmac.compare_digest(given.encode(), token.encode()):
        raise Refused(401, "The engine needs its token.", "invalid_api_key")
    return await handler(request)


async def body(request: web.Request) -> dict[str, Any]:
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
    made: list[Answer] = []
    parts = engine.pieces(wanted, made)
    try:
        if wanted.stream:
            return await streamed(request, wanted, parts, made)
        text = "".join([piece async for piece in parts])
        return web.json_response(Reply(wanted.model).whole(text, made[0].finish, made[0].usage))
    finally:
        await parts.aclose()  # type: ignore[attr-defined]


async def streamed(
    request: web.Request, wanted: ChatRequest, parts: AsyncIterator[str], made: list[Answer]
) -> web.StreamResponse:
    reply = Reply(wanted.model)
    # Everything that can be refused is refused with a status of its own, before the first byte.
    first = asyncio.ensure_future(anext(parts, None))
    response = web.StreamResponse(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    try:
        await asyncio.wait({first}, timeout=PING_EVERY)
        piece = first.result() if first.done() else None
        await response.prepare(request)
        while not first.done():
            await response.write(PING)
            await asyncio.wait({first}, timeout=PING_EVERY)
        await response.write(event(reply.chunk({"role": "assistant", "content": ""})))
        piece = first.result()
        while piece is not None:
            await response.write(event(reply.chunk({"content": piece})))
            piece = await anext(parts, None)
        await response.write(event(reply.chunk({}, made[0].finish)))
        if wanted.include_usage:
            await response.write(event(reply.usage_chunk(made[0].usage)))
        await response.write(END)
    except Refused as refused:
        if not response.prepared:
            raise
        await response.write(event(refused.body()))
    finally:
        if not first.done():
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
    return response


async def embeddings(request: web.Request) -> web.Response:
    engine, data = request.app[ENGINE], await body(request)
    name, texts = str(data.get("model") or ""), inputs(data.get("input"))

    def work() -> list[list[float]]:
        rows: list[list[float]] = engine.library.encoder(name).encode(texts).tolist()
        return rows

    # No place in the queue: a question is embedded in milliseconds, between two tokens of whoever is being answered.
    rows = await asyncio.to_thread(work)
    found = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    used = sum(len(text) for text in texts) // 4
    usage = {"prompt_tokens": used, "total_tokens": used}
    return web.json_response({"object": "list", "data": found, "model": name, "usage": usage})


async def models(request: web.Request) -> web.Response:
    names = request.app[ENGINE].library.names()
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
    again = bool(data.get("load_inplace"))
    async with engine.scheduler.place("adapters"):
        await engine.call(engine.library.load, name, path, again)
        if again:
            engine.states.forget(name)
    return web.Response(text=f"Success: LoRA adapter '{name}' added successfully.")


async def unload(request: web.Request) -> web.Response:
    engine, name = request.app[ENGINE], str((await body(request)).get("lora_name") or "")
    async with engine.scheduler.place("adapters"):
        await engine.call(engine.library.unload, name)
        engine.states.forget(name)
    return web.Response(text=f"Success: LoRA adapter '{name}' removed successfully.")


async def health(request: web.Request) -> web.Response:
    scheduler = request.app[ENGINE].scheduler
    loaded = list(request.app[ENGINE].library.adapters)
    facts = {"busy": scheduler.busy, "waiting": scheduler.waiting, "served": scheduler.served, "adapters": loaded}
    return web.json_response({"status": "ok"} | facts)
