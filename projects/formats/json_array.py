"""JSON documents: a list of objects, at the top or inside, read as a stream."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import ijson
from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.formats import Format, Reading, Refusal, Row
from projects.formats._records import DEPTH, depth, flatten, see_chat
from projects.formats.json_lines import text_of
from projects.source import Source

LOOK = 200_000  # JSON events after which a list of records should have begun


def sniff(head: bytes, name: str) -> float:
    text = text_of(head[:4096])
    if text.startswith("["):
        return 0.8 if text[1:].lstrip()[:1] in ("{", "[", "]", '"', "") or name.lower().endswith("json") else 0.0
    return 0.75 if text.startswith("{") and text[1:].lstrip()[:1] in ('"', "}") else 0.0


class _Utf8:
    """The document as UTF-8 bytes, whatever it is written in, because that is what the parser reads."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self.stream, self.decoder = stream, codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int = 65_536) -> bytes:
        if not size:
            return b""
        while data := self.stream.read(max(size, 1024)):
            if text := self.decoder.decode(data).replace("\ufeff", ""):
                return text.encode("utf-8", "replace")
        return b""


def inspect(source: Source, reading: Reading) -> None:
    if depth(source.head) > DEPTH:
        raise Refusal("too_deep", limit=DEPTH)
    if not reading.encoding:
        reading.encoding, _how = encodings.find(source.samples())
    with source.open() as stream:
        reading.path = _path(_Utf8(stream, reading.encoding))
    try:
        head = [record for record in islice(_objects(source, reading), 50) if isinstance(record, dict)]
    except ijson.JSONError:
        head = []
    see_chat(head, reading)


def _path(stream: _Utf8) -> str:
    """Where the list of objects lies, as ijson names it."""
    try:
        for number, (prefix, event, _value) in enumerate(ijson.parse(stream, use_float=True, multiple_values=True)):
            if event == "start_map" and (prefix == "item" or prefix.endswith(".item")):
                return str(prefix)
            if number > LOOK:
                break
    except (ijson.JSONError, UnicodeError):
        pass
    raise Refusal("no_records")


def _objects(source: Source, reading: Reading) -> Iterator[Any]:
    with source.open() as stream:
        text = _Utf8(stream, reading.encoding)
        yield from ijson.items(text, reading.path, use_float=True, multiple_values=True)


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    number = 0
    try:
        for number, record in enumerate(_objects(source, reading), 1):
            if isinstance(record, dict):
                yield Row(number, dict(flatten(record, reading.chat_key)))
            else:
                yield Row(number, {"": str(record)[:2_000]}, "not_an_object")
    except ijson.JSONError:
        # A parser cannot go on behind a fault, so what comes after is not seen: say so, on a row of its own.
        reading.warn("json_stops", record=number + 1)
        yield Row(number + 1, {}, "json_stops")
    except RecursionError:
        raise Refusal("too_deep", limit=DEPTH)


FORMAT = Format("json", _("JSON"), ("json",), sniff, inspect, rows, keyed=True)
