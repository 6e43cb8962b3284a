"""Telegram: result.json of the desktop program's export, of one chat or of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from projects.conversations.reading import understand
from projects.conversations.records import words
from projects.conversations.turns import Turn, seconds
from projects.formats import Format, Reading
from projects.formats._chatjson import grouped, messages, prepare
from projects.source import Source

_MEDIA = ("photo", "file", "media_type", "sticker_emoji", "poll", "location_information", "contact_information")

# Keys of newer exports, and the kinds of chats that all of them name.
_KINDS = (
    b'"text_entities"',
    b'"date_unixtime"',
    b'"personal_chat"',
    b'"bot_chat"',
    b'"saved_messages"',
    b'"private_group"',
    b'"private_supergroup"',
    b'"public_supergroup"',
)


# An export of everything: who it is of and whom they know can fill more than the head of the file.
_EVERYTHING = (b'"about"', b'"personal_information"', b'"user_id"', b'"contacts"')
ONE, ALL = "messages.item", "chats.list.item.messages.item"
CHATS = ("chats.list.item", "left_chats.list.item")


def sniff(head: bytes, name: str) -> float:
    """The keys that only this export has together."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    marks = (b'"messages"', b'"from_id"', b'"type"', b'"date"')
    chats = all(mark in head for mark in marks) and any(kind in head for kind in _KINDS)
    return 0.97 if start and (chats or all(mark in head for mark in _EVERYTHING)) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    prepare(source, reading)
    everything = b'"chats"' in source.head.partition(b'"messages"')[0] or b'"messages"' not in source.head
    reading.path = ALL if everything else ONE
    understand(turns(source, reading), reading, "telegram")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    if reading.path == ONE:
        for number, message in messages(source, reading, ONE):
            yield _turn(message, number, "")
        return
    for number, chat, message in grouped(source, reading, CHATS, "messages"):
        yield _turn(message, number, str(chat))


def _turn(message: Mapping[str, object], number: int, chat: str) -> Turn:
    text = _pieces(message.get("text"))
    who = message.get("from") or message.get("actor") or message.get("from_id") or ""
    left_out = "system" if message.get("type") == "service" else ""
    if not left_out and not text.strip() and any(message.get(key) for key in _MEDIA):
        left_out = "media"
    reply = message.get("reply_to_message_id")
    return Turn(
        str(who), text, seconds(str(message.get("date") or "")), f"{chat}/{message.get('id')}",
        f"{chat}/{reply}" if reply is not None else "", chat, number, left_out=left_out,
    )  # fmt: skip


def _pieces(text: object) -> str:
    """Plain text, or pieces of which some are bold or links, put together as they were written."""
    if isinstance(text, list):
        return "".join(piece if isinstance(piece, str) else words(piece) or "" for piece in text[:1_000])
    return text if isinstance(text, str) else ""


FORMAT = Format("telegram", _("Telegram chat"), ("json",), sniff, inspect, turns=turns, keyed=True)
