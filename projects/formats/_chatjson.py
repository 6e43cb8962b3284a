"""What chat exports in JSON share: one document, read as a stream, with a list of messages in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import ijson
from ijson.common import ObjectBuilder

from projects import encodings
from projects.formats import Reading, Refusal
from projects.formats._records import DEPTH, Utf8, depth
from projects.source import Source


def prepare(source: Source, reading: Reading) -> None:
    """The encoding, and a look at how deep it nests."""
    if depth(source.head) > DEPTH:
        raise Refusal("too_deep", limit=DEPTH)
    reading.delimiter = ""
    encodings.settle(source, reading)


def messages(source: Source, reading: Reading, path: str) -> Iterator[tuple[int, dict[str, object]]]:
    """The messages at PATH with their numbers; a document that breaks off yields what came before."""
    number = 0
    try:
        with source.open() as stream:
            for item in ijson.items(Utf8(stream, reading.encoding), path, use_float=True):
                number += 1
                if isinstance(item, dict):
                    yield number, item
    except ijson.JSONError:
        reading.warn("json_stops", record=number + 1)
    except RecursionError:
        raise Refusal("too_deep", limit=DEPTH)


def grouped(
    source: Source, reading: Reading, outer: Collection[str], key: str
) -> Iterator[tuple[int, int, dict[str, object]]]:
    """The messages under KEY of each record at one of the OUTER paths: their numbers, the record's, and themselves."""
    wanted = {f"{path}.{key}.item" for path in outer}
    number = group = 0
    builder = None
    try:
        with source.open() as stream:
            for prefix, event, value in ijson.parse(Utf8(stream, reading.encoding), use_float=True):
                if builder is not None:
                    builder.event(event, value)
                    if event == "end_map" and prefix in wanted:
                        number += 1
                        yield number, group, builder.value
                        builder = None
                elif event == "start_map" and prefix in wanted:
                    builder = ObjectBuilder()
                    builder.event(event, value)
                elif event == "start_map" and prefix in outer:
                    group += 1
    except ijson.JSONError:
        reading.warn("json_stops", record=number + 1)
