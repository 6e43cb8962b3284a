"""The socket of a chat: the browser's frames in, the frames of the conversation's room out. No rule lives here alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import uuid
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import chat, conversations, correcting, live, throttle, visitors, words
from endpoints.conversations import Opening
from endpoints.models import Conversation, Endpoint
from projects import access, json_text
from projects.errors import UserError, reference, trouble

logger = logging.getLogger(__name__)
LONGEST_FRAME = 32 * 1024
FRAMES_AT_ONCE = 60
"""Frames that one socket may send in ten seconds; a person sends a few."""
GREETING_TIME = 30.0
"""Seconds in which a page opens its conversation."""
MANY = 10
"""How many visitors one network may hold before their messages count together: an office has one address."""
A_DAY = 600
"""Times the limit of a minute, which all visitors of one network may send in a day: what strangers can store has an end."""
HELLOS = 10
"""Conversations that one socket may open in ten seconds. Each brings all that was said in it."""
HIDDEN, FOREIGN, TOO_MUCH = 4404, 4403, 4429
TRY_AGAIN = 1013


def readable(text: str) -> live.Frame:
    """A frame as an object. What cannot be read is a ValueError; the character 0, which PostgreSQL refuses, is left out."""
    frame = json_text.read(text)
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise ValueError("a frame is an object with a type")
    return {name: value.replace("\x00", "") if isinstance(value, str) else value for name, value in frame.items()}


class Left(Exception):
    """The browser went away while something was sent to it."""


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    endpoint: Endpoint
    room: live.Room | None = None
    listener: live.Listener | None = None
    pump: asyncio.Task[object] | None = None
    refused = False
    silent: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        await self.accept()
        self.token = ""
        self.frames: list[float] = []
        self.hellos: list[float] = []
        slug = self.scope["url_route"]["kwargs"]["slug"]
        key = parse_qs(self.scope["query_string"].decode("latin-1")).get("key", [""])[0]
        self.visit = visitors.of_scope(self.scope, key)
        self.language = self._language()
        found = await database_sync_to_async(conversations.endpoint_by_slug)(slug)
        if found is None:
            await self._turn_away(HIDDEN)
            return
        self.endpoint = found
        why = await database_sync_to_async(visitors.refusal)(found, self.visit, self.scope.get("user"))
        if why:
            logger.info("A chat was refused: %s", why)
            await self._turn_away(FOREIGN if why == "origin" else HIDDEN)
            return
        self.silent = asyncio.get_running_loop().call_later(GREETING_TIME, self._never_spoke)

    def _never_spoke(self) -> None:
        """A socket holds one of the places of its network; a page says hello at once."""
        live.keep(self._turn_away(TOO_MUCH))

    async def _turn_away(self, code: int) -> None:
        """Closes the socket for good; frames that are still on their way find nobody."""
        self.refused = True
        with contextlib.suppress(OSError):  # it may have gone by itself
            await self.close(code)

    def _language(self) -> str:
        """The page's language, or the browser's."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        headers = dict(self.scope.get("headers", []))
        wanted = [*query.get("lang", []), *headers.get(b"accept-language", b"").decode("latin-1").split(",")]
        for part in wanted:
            with contextlib.suppress(LookupError):
                return translation.get_supported_language_variant(part.split(";")[0].strip().lower())
        return "en"

    async def disconnect(self, code: int) -> None:
        if self.silent is not None:
            self.silent.cancel()
        await self._leave()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.refused:
            return  # what was on its way when the socket was closed
        if text_data is None or len(text_data) > LONGEST_FRAME or self._too_fast():
            await self._turn_away(TOO_MUCH)
            return
        try:
            frame = readable(text_data)
            handle = getattr(self, f"on_{frame['type']}", None)
        except ValueError:
            handle = None
        if handle is None:
            return await self.refuse(_("This message could not be read."))
        with translation.override(self.language):
            try:
                await handle(frame)
            except Left:
                self.refused = True  # its end is told by `disconnect`, and is nobody's mistake
            except UserError as error:
                await self.refuse(str(error))
            except Exception as error:
                await self._fail(error)

    async def _fail(self, error: Exception) -> None:
        """A part of the studio that is away is said so; a page that is not open yet tries again by itself."""
        if lacking := trouble(error):
            await self.refuse(str(lacking))
            if self.room is None:
                await self._turn_away(TRY_AGAIN)
            return
        ref = reference()
        logger.error("A chat message failed, reference %s", ref, exc_info=error)
        await self.refuse(live.unexpected(), ref)

    def _too_fast(self) -> bool:
        now = time.monotonic()
        self.frames = [*(at for at in self.frames if now - at < 10), now]
        return len(self.frames) > FRAMES_AT_ONCE

    async def send_frame(self, **frame: object) -> None:
        try:
            await self.send(text_data=json.dumps(frame, ensure_ascii=False))
        except OSError as error:  # so a server says that nobody is there any more
            raise Left from error

    async def refuse(self, sentence: str, ref: str = "") -> None:
        with contextlib.suppress(Left):
            await self.send_frame(type="error", sentence=sentence, ref=ref)

    # Frames of the browser ------------------------------------------------------------------------------------
    async def on_ping(self, frame: live.Frame) -> None:
        await self.send_frame(type="pong")

    async def on_hello(self, frame: live.Frame) -> None:
        """Opens the conversation the visitor remembers, or a new one. Said again, it brings everything afresh."""
        self.hellos = [*(at for at in self.hellos if time.monotonic() - at < 10), time.monotonic()]
        if len(self.hellos) > HELLOS:
            return await self._turn_away(TOO_MUCH)
        pk, token = frame.get("conversation"), frame.get("token")
        row = await database_sync_to_async(conversations.find)(self.endpoint.pk, pk, token)
        if row is not None:
            await self._enter(str(row.pk), str(token), row)
        elif self.room is not None and self.room.pk == pk and self.token == token:
            await self._enter(self.room.pk, self.token, None)  # nothing was asked yet, so there is no row
        else:
            await self.on_new(frame)

    on_resume = on_hello

    async def on_new(self, frame: live.Frame) -> None:
        await self._enter(str(uuid.uuid4()), visitors.new_token(), None)

    async def on_ask(self, frame: live.Frame) -> None:
        text = str(frame.get("text") or "").strip()
        client_id = str(frame.get("client_id") or "")[:40]
        room = self._room()
        if not text:
            return await self.refuse(_("There is no question in this message."))
        if len(text) > conversations.LONGEST_QUESTION:
            most = conversations.LONGEST_QUESTION
            return await self.refuse(_("A question may have %(most)s characters at most.") % {"most": most})
        async with room.lock:
            if room.running and not await self._known(client_id):
                return await self._wait(_("The answer before this one is still being written."), 2)
            if not room.running and await self._too_many():
                return None
            await self._ask(room, text, client_id)

    async def _ask(self, room: live.Room, text: str, client_id: str) -> None:
        deployment, knowing = await database_sync_to_async(self._answering)()
        await database_sync_to_async(conversations.check_room)(room.row)
        row = room.row or await database_sync_to_async(conversations.create)(room.pk, room.opening)
        await room.use(row)
        asked = await database_sync_to_async(conversations.ask)(row, text, client_id, deployment)
        question = {"type": "question", "id": asked.question.pk, "text": asked.question.text, "client_id": client_id}
        if asked.new:
            room.say(**question)
        else:
            await self.send_frame(**question)  # only this socket asks again; the others have it
        if asked.answer is not None:
            room.begin(self.endpoint, asked.question, asked.answer, knowing)

    def _answering(self) -> tuple[int, chat.Knowing]:
        """What answers now. The owner may have changed or closed the endpoint since the socket opened."""
        found = conversations.endpoint_by_slug(self.endpoint.slug)
        if found is None or visitors.refusal(found, self.visit, self.scope.get("user")):
            raise UserError(_("This chat is not available any more."))
        self.endpoint = found
        deployment, knowing = chat.of_endpoint(self.endpoint)
        return deployment.pk, knowing

    async def _known(self, client_id: str) -> bool:
        """Whether this question was stored before: then it is asked again only to hear that it arrived."""
        room = self._room()
        if not client_id or room.row is None:
            return False
        return bool(await room.row.messages.filter(client_id=client_id).aexists())

    async def on_retry(self, frame: live.Frame) -> None:
        room = self._room()
        async with room.lock:
            if room.running:
                return await self._wait(_("The answer before this one is still being written."), 2)
            if room.row is None or await self._too_many():
                return None
            deployment, knowing = await database_sync_to_async(self._answering)()
            await database_sync_to_async(conversations.check_room)(room.row)
            pair = await database_sync_to_async(conversations.retry)(room.row, number(frame.get("message")), deployment)
            if pair is not None:
                question, answer = pair
                room.begin(self.endpoint, question, answer, knowing)

    async def on_stop(self, frame: live.Frame) -> None:
        self._room().stop()

    async def on_feedback(self, frame: live.Frame) -> None:
        room = self._room()
        pk, rating, correction = number(frame.get("message")), frame.get("rating"), str(frame.get("correction") or "")
        if room.row is None or (rating is not None and not isinstance(rating, str)):
            return
        if await database_sync_to_async(self._rate)(room.row, pk, rating, correction):
            room.say(type="feedback", id=pk, rating=rating)

    def _rate(self, row: Conversation, pk: int, rating: str | None, correction: str) -> bool:
        """A visitor's word is a suggestion; that of a person of the team is a correction."""
        stored = conversations.rate(row, pk, rating, correction)
        if not (stored and rating == "down" and correction.strip() and self._of_the_team()):
            return stored
        message = row.messages.select_related("conversation__endpoint__project__team").get(pk=pk)
        # What means nothing as a correction stays what it was written as.
        with contextlib.suppress(UserError):
            correcting.correct(message, [correction], self.scope.get("user"))
        return True

    def _of_the_team(self) -> bool:
        """Whether who writes is signed in here, on our own page, and may change things."""
        user = self.scope.get("user")
        if not (self.visit.own and getattr(user, "is_authenticated", False)):
            return False
        return access.may_edit(user, self.endpoint.project.team)

    # Rooms ----------------------------------------------------------------------------------------------------
    def _room(self) -> live.Room:
        if self.room is None:
            raise UserError(_("This chat is not open yet."), todo=_("Please load the page again."))
        return self.room

    async def _enter(self, pk: str, token: str, row: Conversation | None) -> None:
        if self.silent is not None:
            self.silent.cancel()
        room = live.room(pk, self._opening(token))
        listener = room.join()
        await self._leave()
        self.room, self.listener, self.token = room, listener, token
        if row is not None:
            await room.use(row)
        await self._mend(room)
        # Frames up to here are in the history; later ones wait in the listener until the welcome is out.
        sequence = room.sequence
        history = await room.history()
        await self.send_frame(**self._greeting(room, history, sequence))
        self.pump = asyncio.create_task(self._pump(listener, sequence))

    def _opening(self, token: str) -> Opening:
        user = self.scope.get("user")
        return Opening(
            endpoint=self.endpoint.pk,
            channel=Conversation.Channel.WIDGET if self.visit.key else Conversation.Channel.PAGE,
            token=token,
            user=user.pk if self.visit.own and getattr(user, "is_authenticated", False) else None,
            origin=self.visit.origin,
            language=self.language,
        )

    def _greeting(self, room: live.Room, history: list[dict[str, object]], sequence: int) -> dict[str, object]:
        with translation.override(self.language):
            strings = words.chat_words()
        return {
            "type": "welcome",
            "conversation": room.pk,
            "token": self.token,
            "name": self.endpoint.name,
            "greeting": self.endpoint.greeting,
            "starters": self.endpoint.starters,
            "strings": strings,
            "history": history,
            "seq": sequence,
        }

    async def _mend(self, room: live.Room) -> None:
        """Ends or follows an answer that this process did not begin: its process was killed, or is another one."""
        if room.row is None or room.running is not None:
            return
        await database_sync_to_async(conversations.give_up_silent)(room.row)
        elsewhere = await database_sync_to_async(conversations.running)(room.row)
        if elsewhere is not None and room.running is None:
            room.follow(elsewhere)

    async def _leave(self) -> None:
        if self.pump:
            self.pump.cancel()
            self.pump = None
        if self.room and self.listener:
            self.room.leave(self.listener)
        self.room = self.listener = None

    async def _pump(self, listener: live.Listener, after: int) -> None:
        while True:
            frame = await listener.frames.get()
            if frame is None:
                return await self._turn_away(TRY_AGAIN)
            if frame["seq"] > after:
                try:
                    await self.send_frame(**frame)
                except Left:
                    return None

    # Limits ---------------------------------------------------------------------------------------------------
    async def _too_many(self) -> bool:
        """Counts one message of this visitor, and of the visitor's network, since a token costs nothing."""
        limit = self.endpoint.messages_a_minute
        own = await throttle.take(f"chat:{self.endpoint.pk}:{visitors.digest(self.token)[:24]}", limit)
        all_here = await throttle.take(f"net:{self.endpoint.pk}:{self.visit.address}", limit * MANY)
        if own.exceeded or all_here.exceeded:
            await self._wait(_("That was a lot of messages in a short time. Please wait a moment."), own.reset)
            return True
        if (await throttle.take(f"day:{self.endpoint.pk}:{self.visit.address}", limit * A_DAY, throttle.DAY)).exceeded:
            await self.refuse(_("That was a lot of messages for one day. Please come back tomorrow."))
            return True
        return False

    async def _wait(self, sentence: str, seconds: int) -> None:
        await self.send_frame(type="busy", sentence=sentence, retry_after=seconds)


def number(value: object) -> int:
    try:
        given = int(str(value)[:20])
    except ValueError:
        return 0
    return given if 0 <= given < 2**63 else 0
