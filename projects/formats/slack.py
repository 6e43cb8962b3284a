"""Slack: the messages of a channel's day as JSON; a thread is a conversation of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from projects.conversations.reading import understand
from projects.conversations.turns import Turn
from projects.formats import Format, Reading
from projects.formats._chatjson import messages, prepare
from projects.source import Source

_MARK = re.compile(r"<([@#!])?([^<>|]{1,300})(?:\|([^<>]{0,300}))?>")
PEOPLE = 20_000_000  # bytes of users.json


def sniff(head: bytes, name: str) -> float:
    """A list of messages with Slack's time stamps."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")
    message = b'"type"' in head and b'"message"' in head and b'"ts"' in head
    return (
        0.97
        if start and message and (b'"client_msg_id"' in head or b'"thread_ts"' in head or b'"user"' in head)
        else 0.0
    )


def inspect(source: Source, reading: Reading) -> None:
    prepare(source, reading)
    start = source.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    reading.path = "item" if start == b"[" else "messages.item"
    understand(turns(source, reading), reading, "slack")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    names = _names(source)
    channel = source.member.rpartition("/")[0]
    for number, message in messages(source, reading, reading.path):
        yield _turn(message, number, channel, names)


def _turn(message: Mapping[str, object], number: int, channel: str, names: dict[str, str]) -> Turn:
    stamp, thread = str(message.get("ts") or ""), str(message.get("thread_ts") or "")
    own = str(message.get("user") or message.get("bot_id") or message.get("username") or "")
    text = said if isinstance(said := message.get("text"), str) else ""
    what = str(message.get("subtype") or "")
    left_out = "system" if what and what not in ("bot_message", "thread_broadcast", "file_share", "me_message") else ""
    if not left_out and not text and message.get("files"):
        left_out = "media"
    return Turn(
        names.get(own, own), _plain(text, names), _seconds(stamp), stamp,
        conversation=f"{channel}/{thread}", line=number, left_out=left_out,
    )  # fmt: skip


def _seconds(stamp: str) -> float | None:
    return float(stamp) if re.fullmatch(r"\d{9,11}(?:\.\d{1,6})?", stamp) else None


def _plain(text: str, names: dict[str, str]) -> str:
    """Mentions by name, links as they are shown, signs as they were typed."""

    def shown(found: re.Match[str]) -> str:
        kind, what, label = found.groups()
        if kind == "@":
            return "@" + names.get(what, label or what)
        return label or (f"{kind}{what}" if kind else what)

    return _MARK.sub(shown, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _names(source: Source) -> dict[str, str]:
    """Names by id, from users.json beside the channels of an export."""
    beside = source.beside("users.json", PEOPLE)
    try:
        people = json.loads(beside) if beside else []
    except (ValueError, RecursionError):
        return {}
    found = {}
    for one in people[:200_000] if isinstance(people, list) else []:
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            given = one.get("profile")
            profile: dict[str, object] = given if isinstance(given, dict) else {}
            name = profile.get("display_name") or one.get("real_name") or profile.get("real_name") or one.get("name")
            found[one["id"]] = str(name or one["id"])[:100]
    return found


FORMAT = Format("slack", _("Slack channel"), ("json",), sniff, inspect, turns=turns, keyed=True)
