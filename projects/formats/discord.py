"""Discord: a channel as DiscordChatExporter writes it in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from projects.conversations.reading import understand
from projects.conversations.turns import Turn, seconds
from projects.formats import Format, Reading
from projects.formats._chatjson import messages, prepare
from projects.source import Source


def sniff(head: bytes, name: str) -> float:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    return (
        0.97 if start and all(mark in head for mark in (b'"guild"', b'"channel"', b'"messages"', b'"author"')) else 0.0
    )


def inspect(source: Source, reading: Reading) -> None:
    prepare(source, reading)
    understand(turns(source, reading), reading, "discord")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    for number, message in messages(source, reading, "messages.item"):
        yield _turn(message, number)


def _turn(message: Mapping[str, object], number: int) -> Turn:
    author = _part(message, "author")
    who = str(author.get("nickname") or author.get("name") or author.get("id") or "")
    text = said if isinstance(said := message.get("content"), str) else ""
    left_out = "" if message.get("type") in ("Default", "Reply", None, 0, 19) else "system"
    if not left_out and not text.strip():
        left_out = "media" if message.get("attachments") or message.get("embeds") or message.get("stickers") else ""
    reference = _part(message, "reference")
    return Turn(
        who, text, seconds(str(message.get("timestamp") or "")), str(message.get("id") or ""),
        str(reference.get("messageId") or ""), "", number, left_out=left_out,
    )  # fmt: skip


def _part(message: Mapping[str, object], name: str) -> dict[str, object]:
    part = message.get(name)
    return part if isinstance(part, dict) else {}


FORMAT = Format("discord", _("Discord channel"), ("json",), sniff, inspect, turns=turns, keyed=True)
