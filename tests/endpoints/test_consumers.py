"""The socket of a chat: nothing lost, nothing doubled, whoever drops out when."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from types import SimpleNamespace

import pytest
from asgiref.testing import ApplicationCommunicator

from endpoints import live, throttle
from endpoints.models import Conversation, Feedback, Message
from tests.endpoints.conftest import ALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


class Browser:
    """A visitor's side of the socket."""

    def __init__(self, endpoint, origin="http://testserver", query="", cookie=""):
        from studio.asgi import application

        headers = [(b"host", b"testserver")]
        headers += [(b"origin", origin.encode())] if origin else []
        headers += [(b"cookie", cookie.encode())] if cookie else []
        path = f"/ws/chat/{endpoint.slug}/"
        scope = {"type": "websocket", "path": path, "query_string": query.lstrip("?").encode(), "headers": headers}
        self.socket = ApplicationCommunicator(application, scope | {"client": ["198.51.100.7", 1], "subprotocols": []})
        self.frames = []

    async def connect(self):
        await self.socket.send_input({"type": "websocket.connect"})
        assert (await self.socket.receive_output(5))["type"] == "websocket.accept"

    async def open(self, **hello):
        await self.connect()
        await self.say(type="hello", **({"conversation": None, "token": None, "after": 0} | hello))
        return await self.until("welcome")

    async def say(self, **frame):
        await self.send(json.dumps(frame))

    async def send(self, text):
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def next(self, seconds=5):
        event = await self.socket.receive_output(seconds)
        if event["type"] == "websocket.close":
            return {"type": "closed", "code": event["code"]}
        frame = json.loads(event["text"])
        self.frames.append(frame)
        return frame

    async def until(self, kind, seconds=5):
        while (frame := await self.next(seconds))["type"] != kind:
            assert frame["type"] != "closed", frame
        return frame

    async def ask(self, text="Tell me a story", client_id=None):
        await self.say(type="ask", text=text, client_id=client_id or str(uuid.uuid4()))

    async def refused(self):
        await self.connect()
        return (await self.next())["code"]

    def pieces(self):
        return [frame for frame in self.frames if frame["type"] == "piece"]

    async def close(self):
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.socket.wait(5)


async def test_it_streams_an_answer_and_keeps_it(endpoint):
    browser = Browser(endpoint)
    welcome = await browser.open()
    assert welcome["history"] == []
    assert welcome["name"] == "Kettle help"
    await browser.ask("Where can my parcel be?")
    done = await browser.until("done")
    assert [f["type"] for f in browser.frames[:4]] == ["welcome", "question", "start", "sources"]
    assert done["state"] == "done"
    assert "".join(f["text"] for f in browser.pieces()) == done["text"] == ALL
    assert [f["offset"] for f in browser.pieces()] == [6 * i for i in range(10)]
    numbers = [frame["seq"] for frame in browser.frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    answer = await Message.objects.aget(role="assistant")
    assert (answer.text, answer.state, answer.prompt_tokens, answer.completion_tokens) == (ALL, "done", 11, 10)
    assert answer.sources[0]["question"] == "Where is my parcel?"
    await browser.close()


async def test_it_goes_on_where_a_dropped_socket_broke(endpoint, peer):
    peer.pause = 0.05
    first = Browser(endpoint)
    welcome = await first.open()
    await first.ask()
    for _ in range(3):
        await first.until("piece")
    await first.close()
    await asyncio.sleep(0.12)
    second = Browser(endpoint)
    again = await second.open(conversation=welcome["conversation"], token=welcome["token"], after=3)
    assert again["conversation"] == welcome["conversation"]
    running = again["history"][-1]
    assert running["state"] == "writing"
    await second.until("done")
    text = running["text"]
    for piece in second.pieces():
        assert piece["offset"] <= len(text), "a piece is missing"
        text += piece["text"][len(text) - piece["offset"] :]
    assert text == ALL
    assert len(peer.asked) == 1
    assert await Message.objects.acount() == 2
    await second.close()


async def test_it_keeps_a_question_once_however_often_it_is_sent(endpoint, peer):
    peer.pause = 0.02
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask("Do you sell kettles?", "same")
    await browser.ask("Do you sell kettles?", "same")
    await browser.until("done")
    await browser.ask("Do you sell kettles?", "same")
    question = await browser.until("question")
    assert question["client_id"] == "same"
    assert await Message.objects.filter(role="user").acount() == 1
    assert await Message.objects.filter(role="assistant").acount() == 1
    assert len(peer.asked) == 1
    await browser.close()


async def test_it_stops(endpoint, peer):
    peer.pause = 0.05
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    await browser.until("piece")
    await browser.say(type="stop")
    done = await browser.until("done")
    assert done["state"] == "stopped"
    assert done["text"]
    assert ALL.startswith(done["text"])
    await asyncio.sleep(0.15)
    assert peer.running == 0
    answer = await Message.objects.aget(role="assistant")
    assert (answer.state, answer.text) == ("stopped", done["text"])
    await browser.close()


async def test_it_answers_again_in_the_place_of_the_old_answer(endpoint, peer):
    browser = Browser(endpoint)
    welcome = await browser.open()
    await browser.ask("Tell me about one kettle")
    first = await browser.until("done")
    peer.words = ["better"]
    await browser.say(type="retry", message=first["id"])
    start = await browser.until("start")
    assert start["replaces"] == first["id"]
    await browser.until("done")
    await browser.say(type="retry", message=first["id"])  # twice: the old one is replaced already
    await browser.ask("Tell me about two kettles")
    await browser.until("done")
    await browser.close()
    again = await Browser(endpoint).open(conversation=welcome["conversation"], token=welcome["token"])
    assert [entry["text"] for entry in again["history"]] == [
        "Tell me about one kettle",
        "better",
        "Tell me about two kettles",
        "better",
    ]
    spoken = [message["content"] for message in peer.asked[-1]["messages"][1:]]
    assert spoken[:2] == ["Tell me about one kettle", "better"]
    assert "two kettles" in spoken[2]


async def test_it_keeps_thumbs_and_corrections(endpoint):
    browser = Browser(endpoint)
    welcome = await browser.open()
    await browser.ask()
    done = await browser.until("done")
    await browser.say(type="feedback", message=done["id"], rating="down")
    await browser.until("feedback")
    await browser.say(type="feedback", message=done["id"], rating="down", correction="<b>Say this</b>")
    assert (await browser.until("feedback"))["rating"] == "down"
    found = await Feedback.objects.aget()
    assert (found.rating, found.suggestion) == (-1, "<b>Say this</b>")
    again = Browser(endpoint)
    history = (await again.open(conversation=welcome["conversation"], token=welcome["token"]))["history"]
    assert history[-1]["rating"] == "down"
    await browser.say(type="feedback", message=done["id"], rating=None)
    await browser.until("feedback")
    await found.arefresh_from_db()
    assert (found.rating, found.suggestion) == (0, "")


async def test_it_rates_only_what_is_in_the_conversation(endpoint):
    mine, other = Browser(endpoint), Browser(endpoint)
    await mine.open()
    await mine.ask()
    done = await mine.until("done")
    await other.open()
    await other.ask()
    await other.until("done")
    await other.say(type="feedback", message=done["id"], rating="down")
    await other.say(type="ping")
    await other.until("pong")
    assert await Feedback.objects.acount() == 0


async def test_it_opens_a_conversation_only_with_its_token(endpoint):
    browser = Browser(endpoint)
    welcome = await browser.open()
    await browser.ask("A secret")
    await browser.until("done")
    thief = await Browser(endpoint).open(conversation=welcome["conversation"], token="guessed")
    assert thief["conversation"] != welcome["conversation"]
    assert thief["history"] == []


async def test_it_shows_the_same_in_two_tabs(endpoint):
    one, two = Browser(endpoint), Browser(endpoint)
    welcome = await one.open()
    await one.ask("First")
    await one.until("done")
    await two.open(conversation=welcome["conversation"], token=welcome["token"])
    await one.ask("Second")
    await one.until("done")
    done = await two.until("done")
    assert done["text"] == ALL
    assert [f["text"] for f in two.frames if f["type"] == "question"] == ["Second"]


async def test_it_starts_anew(endpoint):
    browser = Browser(endpoint)
    welcome = await browser.open()
    await browser.ask()
    await browser.until("done")
    await browser.say(type="new")
    fresh = await browser.until("welcome")
    assert fresh["conversation"] != welcome["conversation"]
    assert fresh["history"] == []
    await browser.ask()
    assert (await browser.until("done"))["state"] == "done"


async def test_it_says_politely_that_the_engine_is_busy(endpoint, peer):
    peer.mood = "busy"
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    busy = await browser.until("busy")
    assert busy["retry_after"] == 7
    done = await browser.until("done")
    assert done["state"] == "failed"
    peer.mood = ""
    await browser.say(type="retry", message=done["id"])
    assert (await browser.until("done"))["state"] == "done"


@pytest.mark.parametrize("how", ["down", "broken"])
async def test_it_keeps_the_question_when_the_engine_fails(endpoint, peer, how):
    peer.mood, peer.break_after = ("down", None) if how == "down" else ("", 4)
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask("Precious")
    error = await browser.until("error")
    assert "kept" in error["sentence"]
    done = await browser.until("done")
    assert done["state"] == "failed"
    assert await Message.objects.filter(text="Precious").aexists()
    if how == "broken":
        assert done["text"] == ALL[:24]


async def test_it_loads_the_model_into_an_engine_that_was_restarted(endpoint, peer):
    peer.loaded.clear()
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    assert (await browser.until("done"))["state"] == "done"
    assert peer.loaded


async def test_it_says_when_it_is_not_sure_and_offers_a_person(endpoint, peer):
    endpoint.threshold, endpoint.contact = 0.9, "help@kettle.example"
    await endpoint.asave()
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask("Do you ship to the moon?")
    done = await browser.until("done")
    assert done["state"] == "unsure"
    assert "not sure" in done["text"]
    assert "Do you ship abroad?" in done["text"]
    assert "help@kettle.example" in done["text"]
    sources = next(frame for frame in browser.frames if frame["type"] == "sources")
    assert sources["items"][0]["answer"] == "We ship to every country of the union."
    assert peer.asked == []
    before = len(browser.frames)
    await browser.ask("Quantum chromodynamics")
    far = await browser.until("done")
    assert "abroad" not in far["text"]
    assert "help@kettle.example" in far["text"]
    assert all(frame["type"] != "sources" for frame in browser.frames[before:])


async def test_it_lets_a_visitor_send_only_so_many_messages(endpoint, monkeypatch):
    now = time.time()  # the minute must not end in the middle
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: now))
    endpoint.messages_a_minute = 2
    await endpoint.asave()
    browser = Browser(endpoint)
    await browser.open()
    for _ in range(2):
        await browser.ask()
        await browser.until("done")
    await browser.ask("One too many")
    busy = await browser.until("busy")
    assert 0 < busy["retry_after"] <= 60
    assert not await Message.objects.filter(text="One too many").aexists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
async def test_it_refuses_what_is_no_question(endpoint, text):
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask(text)
    assert (await browser.until("error"))["sentence"]
    assert await Message.objects.acount() == 0


@pytest.mark.parametrize("frame", ["no json", "[]", "{}", '{"type": "nothing"}', '{"type": 3}', '{"type": "ask"}'])
async def test_it_survives_frames_that_are_none(endpoint, frame):
    browser = Browser(endpoint)
    await browser.open()
    await browser.send(frame)
    assert (await browser.until("error"))["sentence"]
    await browser.say(type="ping")
    await browser.until("pong")


async def test_it_closes_on_a_flood(endpoint):
    browser = Browser(endpoint)
    await browser.open()
    for _ in range(80):
        await browser.say(type="ping")
    while (frame := await browser.next())["type"] == "pong":
        continue
    assert frame == {"type": "closed", "code": 4429}


async def test_it_refuses_foreign_pages_without_the_key_and_unlisted_ones_with_it(endpoint):
    key = f"?key={endpoint.publishable_key}"
    assert await Browser(endpoint, origin="https://evil.example").refused() == 4403
    assert await Browser(endpoint, origin="https://evil.example", query=key).refused() == 4403
    endpoint.allowed_sites = ["https://shop.example", "https://*.tea.example"]
    await endpoint.asave()
    assert await Browser(endpoint, origin="https://shop.example").refused() == 4403
    assert await Browser(endpoint, origin="https://evil-shop.example", query=key).refused() == 4403
    assert await Browser(endpoint, origin="null", query=key).refused() == 4403
    for origin in ("https://shop.example", "https://www.tea.example"):
        browser = Browser(endpoint, origin=origin, query=key)
        await browser.open()
        await browser.ask()
        assert (await browser.until("done"))["state"] == "done"
    assert await Conversation.objects.filter(channel="widget", origin=origin).aexists()


async def test_it_opens_a_team_assistant_to_members_only(endpoint, viewer, stranger, as_):
    endpoint.visibility = "team"
    await endpoint.asave()

    def cookie(user):
        return f"sessionid={as_(user).cookies['sessionid'].value}"

    from asgiref.sync import sync_to_async

    assert await Browser(endpoint).refused() == 4404
    assert await Browser(endpoint, cookie=await sync_to_async(cookie)(stranger)).refused() == 4404
    member = Browser(endpoint, cookie=await sync_to_async(cookie)(viewer))
    await member.open()
    await member.ask()
    assert (await member.until("done"))["state"] == "done"
    endpoint.visibility = "api"
    await endpoint.asave()
    assert await Browser(endpoint, cookie=await sync_to_async(cookie)(viewer)).refused() == 4404


async def test_it_answers_nobody_once_unpublished(endpoint, owner):
    from asgiref.sync import sync_to_async

    from endpoints import publishing

    browser = Browser(endpoint)
    await browser.open()
    await sync_to_async(publishing.unpublish)(endpoint, owner)
    await browser.ask("Still there?")
    assert "not published" in (await browser.until("error"))["sentence"]


async def test_it_writes_on_for_a_while_when_nobody_listens_and_then_frees_the_place(endpoint, peer, monkeypatch):
    monkeypatch.setattr(live, "ALONE", 0.2)
    peer.pause = 0.1
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    await browser.until("piece")
    await browser.close()
    await asyncio.sleep(0.1)
    assert peer.running == 1
    for _ in range(30):
        await asyncio.sleep(0.05)
        if not live.rooms:
            break
    assert not live.rooms
    answer = await Message.objects.aget(role="assistant")
    assert answer.state == "stopped"
    assert answer.text
    assert peer.running == 0


async def test_it_ends_what_a_killed_process_was_writing(endpoint):
    browser = Browser(endpoint)
    welcome = await browser.open()
    await browser.ask("Before the crash")
    done = await browser.until("done")
    await browser.close()
    await Message.objects.filter(pk=done["id"]).aupdate(state="streaming", text="half of", beat=None)
    again = Browser(endpoint)
    history = (await again.open(conversation=welcome["conversation"], token=welcome["token"]))["history"]
    assert (history[-1]["state"], history[-1]["text"]) == ("failed", "half of")
    await again.say(type="retry", message=done["id"])
    assert (await again.until("done"))["text"] == ALL


async def test_it_reads_along_when_another_process_writes(endpoint, monkeypatch):
    from django.utils import timezone

    monkeypatch.setattr(live, "TICK", 0.05)
    browser = Browser(endpoint)
    welcome = await browser.open()
    await browser.ask()
    done = await browser.until("done")
    await browser.close()
    row = Message.objects.filter(pk=done["id"])
    await row.aupdate(state="streaming", text="one ", beat=timezone.now())
    again = Browser(endpoint)
    await again.open(conversation=welcome["conversation"], token=welcome["token"])
    await row.aupdate(text="one two")
    piece = await again.until("piece")
    assert (piece["offset"], piece["text"]) == (4, "two")
    await row.aupdate(state="done")
    assert (await again.until("done"))["text"] == "one two"


async def test_it_stores_an_answer_while_it_is_written(endpoint, peer, monkeypatch):
    monkeypatch.setattr(live, "TICK", 0.05)
    peer.pause = 0.1
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    for _ in range(4):
        await browser.until("piece")
    await asyncio.sleep(0.1)
    kept = await Message.objects.aget(role="assistant")
    assert kept.state == "streaming"
    assert len(kept.text) >= 12
    await browser.say(type="stop")
    await browser.until("done")


async def test_it_leaves_out_the_character_0_that_a_database_refuses(endpoint, peer):
    browser = Browser(endpoint)
    await browser.open()
    await browser.say(type="ask", text="Where\x00 is my order?", client_id="zero")
    await browser.until("done")
    assert await Message.objects.aget(role="user") == await Message.objects.aget(text="Where is my order?")


HOSTILE_FRAMES = [
    "[" * 30_000, '{"type":' * 3_000, '{"type": ["ask"]}', "[]", "null", '"ask"', '{"type": "nothing"}', "NaN", "{", "",
]  # fmt: skip


@pytest.mark.parametrize("frame", HOSTILE_FRAMES)
async def test_it_says_that_a_frame_cannot_be_read_and_goes_on(endpoint, frame, caplog):
    browser = Browser(endpoint)
    await browser.open()
    await browser.socket.send_input({"type": "websocket.receive", "text": frame})
    assert "could not be read" in (await browser.until("error"))["sentence"]
    await browser.say(type="ping")
    await browser.until("pong")
    assert "Traceback" not in caplog.text
    await browser.close()


async def test_half_a_character_is_stored_as_a_question_mark(endpoint, caplog):
    browser = Browser(endpoint)
    await browser.open()
    await browser.socket.send_input(
        {"type": "websocket.receive", "text": '{"type": "ask", "text": "Hello \\ud83d there", "client_id": "\\udc00"}'}
    )
    assert (await browser.until("question"))["text"] == "Hello ? there"
    await browser.until("done")
    await browser.say(type="feedback", message=10**30, rating="up")
    await browser.say(type="retry", message="9" * 5000)
    await browser.say(type="ping")
    await browser.until("pong")
    assert "Traceback" not in caplog.text
    await browser.close()


async def test_a_refused_socket_is_one_quiet_line(endpoint, caplog):
    browser = Browser(endpoint, origin="https://evil.example")
    assert await browser.refused() == 4403
    with caplog.at_level("INFO"):
        await browser.socket.send_input({"type": "websocket.receive", "text": '{"type": "hello"}'})
        await asyncio.sleep(0.1)
    assert "Traceback" not in caplog.text
    assert "reference" not in caplog.text


async def test_a_binary_or_huge_frame_closes_the_socket(endpoint, caplog):
    for frame in ({"bytes": b"\x00\x01"}, {"text": "x" * 40_000}):
        browser = Browser(endpoint)
        await browser.open()
        await browser.socket.send_input({"type": "websocket.receive", **frame})
        while (said := await browser.next()) and said.get("type") != "closed":
            pass
        assert said["code"] == 4429
    assert "Traceback" not in caplog.text
