"""Another engine: a small server with OpenAI's interface, whose pace and mood a test sets. It holds no model."""

from __future__ import annotations

import asyncio
import json
import math
import re
import threading
import zlib

from aiohttp import web

WIDTH = 64


def vector(text: str) -> list[float]:
    """Texts with the same words have the same vector."""
    found = [0.0] * WIDTH
    for word in re.findall(r"\w+", text.lower()):
        found[zlib.crc32(word.encode()) % WIDTH] += 1.0
    norm = math.sqrt(sum(value * value for value in found)) or 1.0
    return [value / norm for value in found]


SIGNS = {"late": "negative", "rude": "negative", "love": "positive", "great": "positive"}


def labelled(text: str, explain: bool) -> dict:
    """A label by a few words; without one of them it is not sure, and a text in capitals is like nothing it learned."""
    found = [match for match in re.finditer(r"\w+", text) if match.group().lower() in SIGNS]
    label = SIGNS[found[0].group().lower()] if found else "neutral"
    score = 0.96 if len(found) > 1 else 0.8 if found else 0.41
    others = [name for name in ("negative", "neutral", "positive") if name != label]
    scores = {label: score, others[0]: round((1 - score) * 0.6, 4), others[1]: round((1 - score) * 0.4, 4)}
    spans = [{"start": match.start(), "end": match.end(), "weight": 1 / (1 + i)} for i, match in enumerate(found)]
    row = {"label": label, "score": score, "scores": scores, "labels": [label], "out_of_scope": text.isupper()}
    return row | {"words": spans if explain else []}


class Peer:
    """One server in a thread of its own."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.words = [f"word{i} " for i in range(10)]
        self.pause = 0.0  # seconds between two words
        self.mood = ""  # "busy", "down", "mismatch" or "broken"
        self.break_after: int | None = None
        self.loaded: list[str] = []
        self.asked: list[dict] = []
        self.texts: list[str] = []  # what was to be labelled
        self.things = [f"t{i}" for i in range(8)]
        self.running = 0
        self.hung_up = 0

    def start(self) -> Peer:
        ready = threading.Event()

        def serve() -> None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(self._serve())
            ready.set()
            self.loop.run_forever()

        threading.Thread(target=serve, daemon=True).start()
        assert ready.wait(10)
        return self

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_post("/v1/embeddings", self.embeddings)
        app.router.add_post("/v1/classify", self.classify)
        app.router.add_post("/v1/recommend", self.recommend)
        app.router.add_post("/v1/load_lora_adapter", self.load)
        app.router.add_get("/health", self.health)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)

    def sour(self) -> web.Response | None:
        if self.mood == "busy":
            return web.json_response(
                {"error": {"message": "busy", "code": "busy"}}, status=429, headers={"Retry-After": "7"}
            )
        if self.mood == "down":
            return web.json_response({"error": {"message": "no"}}, status=503)
        return None

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def embeddings(self, request: web.Request) -> web.Response:
        if self.mood == "down":
            return self.sour()
        texts = (await request.json())["input"]
        return web.json_response({"data": [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]})

    async def classify(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        if (refusal := self.sour()) is not None:
            return refusal
        if body["model"] not in self.loaded:
            return web.json_response({"error": {"message": "not loaded", "code": "model_not_found"}}, status=404)
        self.texts += body["input"]
        if self.pause:
            await asyncio.sleep(self.pause)
        return web.json_response({"data": [labelled(text, body.get("explain")) for text in body["input"]]})

    async def recommend(self, request: web.Request) -> web.Response:
        """Things in their order, without what the rules leave out."""
        body = await request.json()
        self.asked.append(body)
        if (refusal := self.sour()) is not None:
            return refusal
        gone = set(body["rules"].get("exclude", [])) | set(body.get("history") or [])
        why = {"kind": "because", "items": body.get("history") or [], "words": []}
        why = why if why["items"] else {"kind": "text", "items": [], "words": ["gift"]}
        found = [{"item": item, "score": 1.0, "reason": why} for item in self.things if item not in gone]
        return web.json_response({"data": found[: body["k"]]})

    async def load(self, request: web.Request) -> web.Response:
        if self.mood == "mismatch":
            error = {"message": "2 of 3 prompts differ", "code": "probe_mismatch"}
            return web.json_response({"error": error}, status=409)
        if self.mood == "broken":
            error = {"message": "The model folder is damaged: adapter_model.safetensors", "code": "broken_model"}
            return web.json_response({"error": error}, status=400)
        if self.mood == "down":
            return self.sour()
        self.loaded.append((await request.json())["lora_name"])
        return web.Response(text="Success")

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        if (refusal := self.sour()) is not None:
            return refusal
        if body["model"].startswith("model-") and body["model"] not in self.loaded:
            error = {"message": "not loaded", "code": "model_not_found"}
            return web.json_response({"error": error}, status=404)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.running += 1
        try:
            await self.write(response, body)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up += 1
            raise
        finally:
            self.running -= 1
        return response

    async def write(self, response: web.StreamResponse, body: dict) -> None:
        for number, word in enumerate(self.words):
            if self.break_after == number:
                response.force_close()
                return
            await self.send(response, {"choices": [{"index": 0, "delta": {"content": word}}]})
            if self.pause:
                await asyncio.sleep(self.pause)
        await self.send(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": 11, "completion_tokens": len(self.words)}
        await self.send(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")

    async def send(self, response: web.StreamResponse, data: dict) -> None:
        await response.write(f"data: {json.dumps(data)}\n\n".encode())
