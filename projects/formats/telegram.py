"""Telegram: result.json of the desktop program's export, of one chat or of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from projects.conversations.reading import understand
from projects.conversations.records import words
from projects.conversations.turns import Turn, seconds
from projects.formats import Format, Reading
from projects.formats._chatjson import messages, prepare
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


def sniff(head: bytes, name: str) -> float:
    """The keys that only this export has together."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    marks = (b'"messages"', b'"from_id"', b'"type"', b'"date"')
    return 0.97 if start and all(mark in head for mark in marks) and any(kind in head for kind in _KINDS) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    prepare(source, reading)
    reading.path = "chats.list.item.messages.item" if b'"chats"' in source.head[:4096] else "messages.item"
    understand(turns(source, reading), reading, "telegram")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    chat, before = 0, 0
    for number, message in messages(source, reading, reading.path):
        own = message.get("id")
        if reading.path != "messages.item" and isinstance(own, int):
            chat += own < before  # numbers begin again with every chat of an export of all
            before = own
        yield _turn(message, number, str(chat) if chat else "")


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
