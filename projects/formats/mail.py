"""E-mail: a mailbox (mbox) or one message (EML); who writes back to whom is a thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from projects.conversations.reading import understand
from projects.conversations.records import plain
from projects.conversations.turns import Turn
from projects.formats import Format, Reading
from projects.source import Source

if TYPE_CHECKING:
    from email.message import EmailMessage

MESSAGE = 2_000_000  # bytes of one message that are looked at; what comes after is attachments
PARTS = 50
MEETS_AT_MOST = 300  # characters of a line or a subject that a pattern is asked about
_HEADER = re.compile(
    rb"(?:From|To|Subject|Date|Message-ID|Received|Return-Path|MIME-Version|Delivered-To|X-[\w-]{1,60}):", re.I
)
_START = re.compile(rb"From \S{1,200} ")
_PREFIX = re.compile(r"(?:\s?(?:re|aw|fwd?|wg|antw|rv|sv|回复|答复|转发)\s?(?:\[\d{1,3}\])?\s?[:：])+\s?", re.I)
# Where the quoted mail below an answer begins, in the ways of the usual programs.
_QUOTED = re.compile(
    r"(?:On .{5,200} wrote:|Am .{5,200} schrieb.{0,200}:|El .{5,200} escribió:|Le .{5,200} a écrit ?:|在.{5,200}写道[:：]|"
    r"-{2,}\s?(?:Original Message|Ursprüngliche Nachricht|Mensaje original|原始邮件|Forwarded message).{0,40}|_{10,})\s*",
    re.I,
)


def sniff(head: bytes, name: str) -> float:
    lines = [line[:MEETS_AT_MOST] for line in head[:8192].splitlines()[:40]]
    if not lines:
        return 0.0
    if _START.match(lines[0]) and any(_HEADER.match(line) for line in lines[1:10]):
        return 0.97
    headers = 0
    for line in lines:
        if not line.strip():
            break
        headers += bool(_HEADER.match(line))
    names = b"\n".join(lines).lower()
    return 0.9 if headers >= 3 and b"from:" in names and (b"subject:" in names or b"message-id:" in names) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    reading.encoding = reading.delimiter = ""
    understand(turns(source, reading), reading, "mail")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    import email.policy  # not for the readers of other files

    threads: dict[str, str] = {}
    for number, raw in enumerate(_messages(source), 1):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        yield _turn(message, number, threads)


def _messages(source: Source) -> Iterator[bytes]:
    """The messages of a mailbox, each cut after its first megabytes."""
    lines: list[bytes] = []
    size, blank = 0, True
    with source.open() as stream:
        while line := stream.readline(1_000_000):
            if blank and _START.match(line[:MEETS_AT_MOST]):
                if lines:
                    yield b"".join(lines)
                lines, size = [], 0
            elif size < MESSAGE:
                lines.append(line)
                size += len(line)
            blank = not line.strip()
    if lines:
        yield b"".join(lines)


def _turn(message: EmailMessage, number: int, threads: dict[str, str]) -> Turn:
    from email.utils import parseaddr

    subject = " ".join(_header(message, "Subject").split())[:MEETS_AT_MOST]
    bare = _PREFIX.sub("", subject, count=1).strip()
    own = _header(message, "Message-ID").strip()
    before = re.findall(
        r"<[^<>]{1,300}>", f"{_header(message, 'References')[:20_000]} {_header(message, 'In-Reply-To')[:1_000]}"
    )
    thread = next((threads[one] for one in before if one in threads), before[0] if before else own or f"{number}")
    if not before and bare != subject:  # an answer whose program names no message: its subject tells
        thread = threads.get(bare.casefold(), thread)
    if len(threads) < 500_000:
        threads[own] = thread
        threads.setdefault(bare.casefold(), thread)
    name, address = parseaddr(_header(message, "From"))
    text = _unquoted(_body(message))
    if not before and bare and bare == subject and bare not in text[:300]:
        text = f"{bare}\n{text}"
    left_out = "system" if _header(message, "Auto-Submitted").strip().lower() not in ("", "no") else ""
    return Turn(
        (address or name)[:200].lower(), text.strip(), _moment(message), own, "", thread, number, left_out=left_out
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name) or "")[:20_000]
    except (ValueError, IndexError, AttributeError, TypeError, KeyError):
        return ""  # Python's parser of headers fails on some that are broken


def _moment(message: EmailMessage) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(_header(message, "Date")).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage) -> str:
    """The plain text of a message, else its HTML without the tags."""
    texts: dict[str, str] = {}
    for part in list(message.walk())[:PARTS]:
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and kind not in texts and part.get_content_disposition() != "attachment":
            try:
                texts[kind] = str(part.get_content())[:200_000]
            except (LookupError, ValueError, KeyError, AttributeError):
                payload = part.get_payload(decode=True)
                texts[kind] = payload.decode("utf-8", "replace")[:200_000] if isinstance(payload, bytes) else ""
    return texts.get("text/plain") or plain(texts.get("text/html", ""))


def _unquoted(text: str) -> str:
    """What was written, without the mail it answers and without a signature."""
    kept: list[str] = []
    for line in text.replace("\r", "").split("\n")[:5_000]:
        bare = line.strip()[:MEETS_AT_MOST]
        if line.rstrip("\n") in ("-- ", "--") or _QUOTED.match(bare):
            break
        if not bare.startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


FORMAT = Format("mail", _("E-mail (mbox, EML)"), ("mbox", "eml", "mbx"), sniff, inspect, turns=turns, keyed=True)
