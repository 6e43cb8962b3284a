"""The client of an engine by its URL: ours, vLLM or another server with the same interface. No torch here."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from projects.whole import whole
from training.ml.classify.answers import Answer as Label
from training.ml.recommend.picks import Pick
from training.ml.stored import Stored

if TYPE_CHECKING:
    import aiohttp


@dataclass(frozen=True)
class Patience:
    """Seconds for the whole, for a line to be had, and until more is said."""

    total: float | None
    sock_read: float | None = None
    connect: float = 5


CONNECT, SHORT, LOADING = Patience(total=None, sock_read=120), Patience(total=60), Patience(total=180)


class EngineError(Exception):
    """The engine could not do what was asked."""


class EngineDown(EngineError):
    """Nobody listens at the engine's address, or the line broke."""


class EngineBusy(EngineError):
    """Too many are waiting; come back after some seconds."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__(f"busy, try again in {retry_after} s")
        self.retry_after = retry_after


class EngineRefused(EngineError):
    """The engine understood and said no."""

    def __init__(self, message: str, code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class ProbeMismatch(EngineRefused):
    """A model answers differently in the engine than it did after training."""


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Part:
    """One thing that came from the engine: text, or how the answer ended, or what it used."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None


Messages = list[dict[str, str]]


@asynccontextmanager
async def _request(
    method: str, url: str, patience: Patience, data: Mapping[str, object] | None = None
) -> AsyncIterator[aiohttp.ClientResponse]:
    import aiohttp  # a third of a second that a worker or a command which asks no engine need not wait

    headers = {"Authorization": f"Bearer {settings.ENGINE_TOKEN}"} if settings.ENGINE_TOKEN else {}
    timeout = aiohttp.ClientTimeout(**asdict(patience))
    try:
        # A session of its own: a connection costs nothing beside an answer, and none outlives its event loop.
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
            session.request(method, url, json=data) as response,
        ):
            if response.status >= 400:
                raise _refusal(response.status, await response.read(), response.headers.get("Retry-After", ""))
            yield response
    except (aiohttp.ClientError, TimeoutError) as error:
        raise EngineDown(str(error) or type(error).__name__) from error


def _refusal(status: int, body: bytes, retry_after: str = "") -> EngineError:
    try:
        said = json.loads(body)
        error = said.get("error", said) if isinstance(said, dict) else {}
    except ValueError:
        error = {"message": body[:300].decode(errors="replace")}
    code = str(error.get("code") or "")
    if status == 429:
        return EngineBusy(min(whole(retry_after), 3600) or 5)
    if status >= 500:
        return EngineDown(str(error.get("message", status)))
    kind = ProbeMismatch if code == "probe_mismatch" else EngineRefused
    return kind(str(error.get("message", status)), code, status)


async def stream(
    model: str, messages: Messages, *, folder: Path | None = None, **options: object
) -> AsyncGenerator[Part]:
    """The answer piece by piece. An engine that was restarted and knows no adapters is given FOLDER and asked again."""
    try:
        async for part in _stream(model, messages, options):
            yield part
    except EngineRefused as refused:
        # Nothing was said yet when a model is not known, so nothing can be said twice.
        if refused.status != 404 or folder is None:
            raise
        await load(model, folder)
        async for part in _stream(model, messages, options):
            yield part


async def _stream(model: str, messages: Messages, options: Mapping[str, object]) -> AsyncIterator[Part]:
    data = {"model": model, "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    async with _request("POST", f"{settings.ENGINE_URL}/v1/chat/completions", CONNECT, {**data, **options}) as response:
        async for line in response.content:
            if not line.startswith(b"data: "):
                continue
            if line.strip() == b"data: [DONE]":
                return
            part = _part(json.loads(line[6:]))
            if part is not None:
                yield part
    raise EngineDown("the answer broke off")


def _part(chunk: dict[str, Any]) -> Part | None:
    if "error" in chunk:  # an error after the 200 is an event of its own
        ours = chunk["error"].get("type") == "server_error"
        raise _refusal(500 if ours else 400, json.dumps(chunk).encode())
    used = chunk.get("usage")
    usage = Usage(int(used["prompt_tokens"]), int(used["completion_tokens"])) if used else None
    for choice in chunk.get("choices") or []:
        text = ((choice.get("delta") or {}).get("content") or "").replace("\x00", "")
        return Part(text, choice.get("finish_reason") or "", usage)
    return Part(usage=usage) if usage else None


async def embed(texts: list[str], model: str) -> NDArray[np.float32]:
    """Unit vectors, one row for each text."""
    data = {"model": model, "input": texts}
    async with _request("POST", f"{settings.EMBEDDINGS_URL}/v1/embeddings", SHORT, data) as response:
        found = await response.json()
    rows = [row["embedding"] for row in sorted(found["data"], key=lambda row: int(row["index"]))]
    vectors = np.asarray(rows, dtype=np.float32)
    unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


async def classify(
    model: str, texts: list[str], *, folder: Path, explain: bool = False, answers_with: str = "tuned"
) -> list[Label]:
    """A label with its scores for each text, in the order given."""
    data = {"model": model, "input": texts, "explain": explain, "answers_with": answers_with}
    return [Label.from_json(row) for row in await _data("/v1/classify", data, folder)]


async def recommend(model: str, *, folder: Path, **asked: object) -> list[Pick]:
    """Items with their reasons, best first. ASKED: history, query, like, k, rules, answers_with."""
    data: dict[str, object] = {"model": model} | asked
    return [Pick.from_json(row) for row in await _data("/v1/recommend", data, folder)]


async def _data(path: str, data: Mapping[str, object], folder: Path) -> list[Stored]:
    """The answers of a family. An engine that was restarted and knows no models is given FOLDER and asked again."""
    try:
        return await _asked(path, data)
    except EngineRefused as refused:
        if refused.status != 404:
            raise
    await load(str(data["model"]), folder)
    return await _asked(path, data)


async def _asked(path: str, data: Mapping[str, object]) -> list[Stored]:
    async with _request("POST", f"{settings.ENGINE_URL}{path}", CONNECT, data) as response:
        found: list[Stored] = (await response.json())["data"]
        return found


async def load(name: str, folder: Path, *, replace: bool = False) -> None:
    """Puts an adapter into the engine, which proves that it answers as it did after training."""
    data = {"lora_name": name, "lora_path": str(folder)} | ({"load_inplace": True} if replace else {})
    try:
        async with _request("POST", f"{settings.ENGINE_URL}/v1/load_lora_adapter", LOADING, data):
            pass
    except EngineRefused as refused:
        if refused.status == 400 and "already" in str(refused):  # vLLM says so; for us it is as good
            return
        raise


async def unload(name: str) -> None:
    async with _request("POST", f"{settings.ENGINE_URL}/v1/unload_lora_adapter", SHORT, {"lora_name": name}):
        pass


async def health() -> dict[str, object]:
    async with _request("GET", f"{settings.ENGINE_URL}/health", SHORT) as response:
        found: dict[str, object] = await response.json() if response.content_type == "application/json" else {}
        return found
