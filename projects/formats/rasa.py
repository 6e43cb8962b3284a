"""Rasa: training data for intents as Markdown, a heading for each intent and an example in each line below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.bounded import Short
from projects.formats import Format, Reading, Row
from projects.formats.json_lines import text_of
from projects.source import Source

LONGEST = 5_000  # characters of an example
_HEADING = Short(
    re.compile(r"##\s{0,4}(?P<kind>intent|synonym|regex|lookup)\s{0,2}:\s{0,2}(?P<name>[^\n]{1,200})"), 220
)
_EXAMPLE = Short(re.compile(r"\s{0,8}[-*+]\s{1,4}(?P<text>\S[^\n]{0,4999})"), LONGEST + 20)
# "[Berlin](city)", "[tomorrow]{"entity": "date"}": the words that were marked are part of the text.
_MARKED = re.compile(r"\[([^\[\]\n]{1,300})\](?:\([^()\n]{0,200}\)|\{[^{}\n]{0,300}\})")


def sniff(head: bytes, name: str) -> float:
    """Headings of intents with examples below them."""
    if b"intent" not in head[:65_536] or b"##" not in head[:65_536]:
        return 0.0
    lines = [line for line in text_of(head[:65_536]).splitlines()[:300] if line.strip()]
    intents = sum((found := _HEADING.begins(line)) is not None and found["kind"] == "intent" for line in lines)
    examples = sum(_EXAMPLE.begins(line) is not None for line in lines)
    return 0.9 if intents and examples >= intents and intents + examples >= 0.7 * len(lines) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    reading.delimiter = ""
    encodings.settle(source, reading)


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    intent = ""
    with source.open() as stream:
        for number, line in enumerate(encodings.lines(stream, reading.encoding, source.limits.line), 1):
            bare = line.rstrip("\r\n").lstrip("\ufeff")
            if bare.startswith("#"):
                heading = _HEADING.begins(bare)
                # A synonym, a pattern or a list of words is no text that somebody wrote.
                intent = heading["name"].strip() if heading and heading["kind"] == "intent" else ""
            elif intent and (example := _EXAMPLE.begins(bare)):
                text = _MARKED.sub(r"\1", example["text"]).strip()
                damaged = not text.isascii() and encodings.bad(text)
                cells: dict[str, str | None] = {
                    "text": encodings.repaired(text) if damaged else text, "intent": intent
                }  # fmt: skip
                yield Row(number, cells, "bad_bytes" if damaged else "")


FORMAT = Format("rasa", _("Intents with their examples (Rasa)"), ("md",), sniff, inspect, rows, keyed=True)
