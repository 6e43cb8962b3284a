"""Dialogflow: what users say for an intent, a file for each in the archive of an agent, with its answer in another."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Reading, Row
from projects.formats._chatjson import messages, prepare
from projects.source import Source

INTENT = 5_000_000  # bytes of the file with the answers
PIECES = 1_000  # of one text


def sniff(head: bytes, name: str) -> float:
    """A list of texts in pieces, as only this program keeps them."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    marks = (b'"data"', b'"text"', b'"userDefined"', b'"isTemplate"')
    return 0.97 if start and "_usersays_" in name and all(mark in head for mark in marks) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    prepare(source, reading)


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    path = (source.member or source.name).rpartition("_usersays_")[0]
    intent, answer = path.rpartition("/")[2], _answer(source, f"{path}.json")
    for number, said in messages(source, reading, "item"):
        pieces = said.get("data")
        some = [one.get("text") for one in pieces[:PIECES] if isinstance(one, dict)] if isinstance(pieces, list) else []
        yield Row(number, {"text": "".join(map(str, filter(None, some))).strip(), "intent": intent, "answer": answer})


def _answer(source: Source, name: str) -> str | None:
    """The first of the texts with which the agent answers."""
    try:
        about = json.loads(source.beside(name, INTENT) or b"{}")
        spoken = [one.get("speech") for one in about["responses"][0]["messages"]]
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        return None
    texts = [one[0] if isinstance(one, list) and one else one for one in spoken]
    return next((text for text in texts if isinstance(text, str) and text.strip()), None)


FORMAT = Format(
    "dialogflow", _("Intents of an agent (Dialogflow)"), ("json",), sniff, inspect, rows, keyed=True, leads=True
)
