"""Telegram: messages.html of the desktop program's export."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from django.utils.translation import gettext_lazy as _

from projects import dates, encodings
from projects.conversations.reading import understand
from projects.conversations.turns import Turn
from projects.formats import Format, Reading, Refusal
from projects.source import Source

PIECE = 65_536


def sniff(head: bytes, name: str) -> float:
    page = head[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))
    return 0.95 if page and b'class="history"' in head and b'class="message ' in head else 0.0


class _Messages(HTMLParser):
    """Takes messages out of the page: a message is a div, its parts are divs in it known by their class."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Turn] = []
        self.turn: Turn | None = None
        self.last = ""
        self.level = 0  # of divs inside the message
        self.part, self.part_level = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        kinds = given.get("class", "").split()
        if tag == "div" and "message" in kinds:
            self._end()
            self.turn = Turn(self.last, "", id=given.get("id", ""), line=self.getpos()[0])
            self.turn.left_out = "system" if "service" in kinds else ""
            self.level, self.part = 1, ""
        elif self.turn is not None and tag == "div":
            self.level += 1
            if not self.part:
                self._part(kinds, given)
        elif self.turn is not None and tag == "br" and self.part == "text":
            self.turn.text += "\n"
        elif self.turn is not None and tag == "a" and self.part == "reply_to" and "message" in given.get("href", ""):
            self.turn.reply_to = given["href"].rpartition("#go_to_")[2]

    def _part(self, kinds: list[str], given: dict[str, str]) -> None:
        assert self.turn is not None
        for kind in ("from_name", "text", "reply_to", "media_wrap", "forwarded"):
            if kind in kinds:
                self.part, self.part_level = kind, self.level
        if "from_name" in kinds:
            self.turn.speaker = ""
        if "date" in kinds and "title" in given:
            self.turn.time = dates.parse(given["title"][:60], "dmy")
        if "media_wrap" in kinds and not self.turn.left_out:
            self.turn.left_out = "media"

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.turn is not None:
            if self.part and self.level == self.part_level:
                self.part = ""
            self.level -= 1
            if self.level <= 0:
                self._end()

    def handle_data(self, data: str) -> None:
        if self.turn is None or len(self.turn.text) > 100_000:
            return
        if self.part == "from_name":
            self.turn.speaker += data
        elif self.part == "text":
            self.turn.text += data

    def _end(self) -> None:
        if self.turn is None:
            return
        turn, self.turn = self.turn, None
        turn.speaker, turn.text = turn.speaker.strip()[:200], turn.text.strip()
        if turn.text and turn.left_out == "media":
            turn.left_out = ""
        if not turn.left_out:
            self.last = turn.speaker
        self.found.append(turn)


def inspect(source: Source, reading: Reading) -> None:
    reading.delimiter = ""
    encodings.settle(source, reading)
    understand(turns(source, reading), reading, "telegram")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    parser = _Messages()
    with source.open() as stream:
        for text in encodings.pieces(stream, reading.encoding, PIECE):
            parser.feed(text)
            yield from parser.found
            parser.found.clear()
            if len(parser.rawdata) > source.limits.line:
                raise Refusal("long_line", line=parser.getpos()[0], limit=source.limits.line)
    parser.close()
    parser._end()
    yield from parser.found


FORMAT = Format("telegram_page", _("Telegram chat"), ("html",), sniff, inspect, turns=turns, keyed=True)
