"""Conversations that are open in this process. An answer is written for the conversation, not for a socket: a dropped
socket comes back and goes on where it broke, and a second tab sees the same."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from channels.db import database_sync_to_async
from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import chat, conversations, serving
from endpoints.conversations import Ending, Opening, Progress
from endpoints.models import Conversation, Endpoint, Message
from endpoints.patience import patiently
from projects.errors import UserError, database_away, reference

logger = logging.getLogger(__name__)
Frame = dict[str, Any]
Found = TypeVar("Found")

ALONE = 30.0
"""Seconds that an answer goes on while nobody listens; then it is stopped and its place in the engine is free."""
TICK = 0.5
"""Seconds between two savings of the running answers."""
BACKLOG = 4000
"""Frames a socket may lag behind before it is closed; it reconnects and reads the rest from the history."""

rooms: dict[str, Room] = {}
_tasks: set[asyncio.Task[object]] = set()


def keep(work: Coroutine[object, object, Found]) -> asyncio.Task[Found]:
    """A task that nobody waits for and that is still not collected half-way.

    Its context is empty: the one of a request names the thread for database work, which ends with the request.
    """
    task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


class Listener:
    """One socket's place in a room: frames wait here until the socket has sent them."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self.lost = False

    def put(self, frame: Frame) -> None:
        if self.lost:
            return
        if self.frames.qsize() >= BACKLOG:
            self.lost = True
            self.frames.put_nowait(None)
        else:
            self.frames.put_nowait(frame)


@dataclass
class Running:
    """The answer that is being written."""

    answer: Message
    text: str = ""
    sources: list[dict[str, str]] = field(default_factory=list)
    result: Frame = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    begun: bool = False
    stopping: bool = False

    @property
    def progress(self) -> Progress:
        return Progress(self.answer.pk, self.text, self.sources, self.result)


class Room:
    """One conversation as this process knows it."""

    def __init__(self, pk: str, opening: Opening) -> None:
        self.pk = pk
        self.opening = opening
        self.row: Conversation | None = None
        self.sequence = 0
        self.last = 0
        self.listeners: set[Listener] = set()
        self.running: Running | None = None
        self.lock = asyncio.Lock()
        self._alone: asyncio.TimerHandle | None = None
        self._following: asyncio.Task[object] | None = None

    # Frames ---------------------------------------------------------------------------------------------------
    def say(self, **frame: object) -> None:
        """Sends a frame to every listener, with the next number."""
        self.sequence += 1
        frame["seq"] = self.sequence
        for listener in tuple(self.listeners):
            listener.put(frame)
        if self.sequence >= self.last and self.row is not None:
            self.last += conversations.NUMBERS
            keep(self._more_numbers())

    async def _more_numbers(self) -> None:
        await database_sync_to_async(conversations.take_numbers)(self.pk)

    async def use(self, row: Conversation) -> None:
        """The row is there: frame numbers are taken from it."""
        if self.row is None:
            first = await database_sync_to_async(conversations.take_numbers)(self.pk)
            self.row = row
            self.sequence = max(self.sequence, first)
            self.last = first + conversations.NUMBERS

    # Listeners ------------------------------------------------------------------------------------------------
    def join(self) -> Listener:
        if self._alone:
            self._alone.cancel()
            self._alone = None
        listener = Listener()
        self.listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        if self.listeners:
            return
        if self.running is None:
            self._close()
        else:
            self._alone = asyncio.get_running_loop().call_later(ALONE, self.stop)

    def _close(self) -> None:
        if self._following:
            self._following.cancel()
        if rooms.get(self.pk) is self:
            del rooms[self.pk]

    async def history(self) -> list[Frame]:
        """The stored messages, with all that the running answer has by now."""
        stored = await database_sync_to_async(conversations.history)(self.row) if self.row else []
        if self.running is None:
            return stored
        entry = self._as_entry(self.running)
        gone = {entry["id"], self.running.answer.replaces_id}
        kept = [one if one["id"] != entry["id"] else entry for one in stored]
        return kept if entry in kept else [one for one in kept if one["id"] not in gone] + [entry]

    @staticmethod
    def _as_entry(running: Running) -> Frame:
        return {
            "id": running.answer.pk,
            "role": "assistant",
            "text": running.text,
            "sources": running.sources,
            "result": running.result,
            "state": conversations.WRITING,
            "rating": None,
            "client_id": None,
        }

    # Answers --------------------------------------------------------------------------------------------------
    def begin(self, endpoint: Endpoint, question: Message, answer: Message, knowing: chat.Knowing) -> None:
        """Starts writing; the caller holds the lock and has seen that nothing runs."""
        running = Running(answer)
        self.running = running
        replaces = answer.replaces_id
        self.say(type="start", id=answer.pk, **({"replaces": replaces} if replaces else {}))
        running.task = keep(self._write(running, endpoint, question, knowing))
        ledger.watch(self)

    def stop(self) -> bool:
        running = self.running
        if running is None or running.task is None:
            return False
        running.stopping = True
        if running.begun:  # a task that is cancelled before its first step would never store its end
            running.task.cancel()
        return True

    async def _write(self, running: Running, endpoint: Endpoint, question: Message, knowing: chat.Knowing) -> None:
        # This task has a context of its own, so the language stays with it.
        translation.activate(chat.language_of("", self.opening.language))
        started = time.perf_counter()
        ending = Ending(Message.State.FAILED)
        try:
            running.begun = True
            if running.stopping:
                raise asyncio.CancelledError
            request = await self._request(endpoint, question, knowing)
            ending = await self._pieces(running, request)
        except asyncio.CancelledError:
            ending = Ending(Message.State.STOPPED, completion_tokens=chat.rough_tokens(running.text))
        except serving.EngineBusy as error:
            self._apologise(running, busy_sentence(), retry_after=max(1, error.retry_after))
        except serving.EngineError as error:
            logger.warning("The engine failed in a chat: %s", error)
            self._apologise(running, out_of_reach())
        except UserError as error:
            self._apologise(running, str(error))
        except Exception:
            ref = reference()
            logger.exception("An answer failed, reference %s", ref)
            self._apologise(running, unexpected(), ref)
        seconds = round(time.perf_counter() - started, 3)
        # In a task of its own: the stop that ended the answer must not keep it from being stored.
        await asyncio.shield(keep(self._finish(running, ending, seconds)))

    async def _request(self, endpoint: Endpoint, question: Message, knowing: chat.Knowing) -> chat.Request:
        assert self.row is not None
        messages = await patiently(conversations.prompt, self.row, question)
        return chat.Request(
            knowing,
            messages,
            self.opening.language,
            contact=endpoint.contact,
            threshold=endpoint.threshold,
            options={"user": self.pk},
            rules=endpoint.rules,
            project=endpoint.project_id,
            results=await patiently(conversations.results, self.row, question),
        )

    async def _pieces(self, running: Running, request: chat.Request) -> Ending:
        pk = running.answer.pk
        async for event in chat.answer(request):
            if isinstance(event, chat.Sources):
                running.sources = event.items
                self.say(type="sources", id=pk, items=event.items)
            elif isinstance(event, chat.Result):
                running.result = event.as_dict()
                self.say(type="result", id=pk, result=running.result)
            elif isinstance(event, chat.Piece):
                running.text += event.text
                self.say(type="piece", id=pk, text=event.text, offset=event.offset)
            else:
                return Ending(event.state, event.confidence, event.usage.prompt_tokens, event.usage.completion_tokens)
        return Ending(Message.State.DONE)

    def _apologise(self, running: Running, sentence: str, ref: str = "", retry_after: int = 0) -> None:
        kind = {"type": "busy", "retry_after": retry_after} if retry_after else {"type": "error", "ref": ref}
        self.say(id=running.answer.pk, sentence=sentence, **kind)

    async def _finish(self, running: Running, ending: Ending, seconds: float) -> None:
        ending = Ending(**{**ending.__dict__, "seconds": seconds})
        try:
            await patiently(conversations.finish, running.answer, running.progress, ending)
        finally:
            if self.running is running:
                self.running = None
            self.say(type="done", id=running.answer.pk, state=str(ending.state), text=running.text)
            if not self.listeners:
                self._close()

    # An answer that another process writes --------------------------------------------------------------------
    def follow(self, answer: Message) -> None:
        """Reads along from the database, until that process has finished or has gone silent."""
        if self._following is None or self._following.done():
            self._following = keep(self._follow(answer.pk, answer.text))

    async def _follow(self, pk: int, text: str) -> None:
        assert self.row is not None
        while True:
            await asyncio.sleep(TICK)
            try:
                await database_sync_to_async(conversations.give_up_silent)(self.row)
                message = await database_sync_to_async(conversations.followed)(pk)
            except Exception as error:
                if not database_away(error):
                    raise
                continue
            if message is None:
                return
            if message.text.startswith(text) and len(message.text) > len(text):
                self.say(type="piece", id=pk, text=message.text[len(text) :], offset=len(text))
                text = message.text
            if message.state != Message.State.STREAMING:
                self.say(type="done", id=pk, state=message.state, text=message.text)
                return


class Ledger:
    """Saves what the running answers have so far, all at once, twice a second."""

    def __init__(self) -> None:
        self._watched: set[Room] = set()
        self._task: asyncio.Task[object] | None = None

    def watch(self, room: Room) -> None:
        self._watched.add(room)
        if self._task is None or self._task.done() or self._task.get_loop() is not asyncio.get_running_loop():
            self._task = keep(self._tick())

    async def _tick(self) -> None:
        while self._watched:
            await asyncio.sleep(TICK)
            self._watched = {room for room in self._watched if room.running is not None}
            running = [room.running for room in self._watched if room.running]
            if not running:
                continue
            try:
                await database_sync_to_async(conversations.store)([one.progress for one in running])
            except Exception:
                # The texts are still in memory; the next tick tries again.
                logger.exception("Running answers could not be saved")


ledger = Ledger()


def room(pk: str, opening: Opening) -> Room:
    """The room of a conversation, one in a process."""
    found = rooms.get(pk)
    if found is None:
        found = rooms[pk] = Room(pk, opening)
    return found


def busy_sentence() -> str:
    return _("Many people are asking at the moment. Please try again in a few seconds.")


def out_of_reach() -> str:
    return _(
        "The engine that writes the answers cannot be reached at the moment. Your question is kept. Please try again soon."
    )


def out_of_reach_for_files() -> str:
    return _("The engine that gives the labels cannot be reached at the moment.")


def unexpected() -> str:
    return _("The answer could not be finished. Your question is kept. Please try again.")
