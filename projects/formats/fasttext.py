"""Lines of text with labels before or behind them (`__label__delivery Where is my parcel?`), as fastText reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.formats import Format, Reading, Row
from projects.formats.json_lines import text_of
from projects.source import Source

PREFIX = "__label__"
LABEL = re.compile(r"__label__(\S{1,200})")
LABELS = 100  # of one line


def sniff(head: bytes, name: str) -> float:
    """Most of the first lines carry a label."""
    if PREFIX.encode() not in head[:4096]:
        return 0.0
    lines = [line for line in text_of(head[:32_768]).splitlines()[:50] if line.strip()]
    return 0.7 if lines and sum(PREFIX in line and _starts(line) for line in lines) >= 0.8 * len(lines) else 0.0


def _starts(line: str) -> bool:
    """A label stands at the very beginning or the very end; in a cell of a table it would not."""
    words = line.split()
    return words[0].startswith(PREFIX) or words[-1].startswith(PREFIX)


def inspect(source: Source, reading: Reading) -> None:
    reading.delimiter = ""
    encodings.settle(source, reading)


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with source.open() as stream:
        for number, line in enumerate(encodings.lines(stream, reading.encoding, source.limits.line), 1):
            bare = line.strip("\ufeff\r\n\t ")
            if bare:
                yield _row(number, bare)


def _row(number: int, line: str) -> Row:
    labels = [label.rstrip(",") for label in LABEL.findall(line)][:LABELS]
    text = " ".join(LABEL.sub(" ", line).split()).removeprefix(", ")
    damaged = not line.isascii() and encodings.bad(line)
    if damaged:
        text = encodings.repaired(text)
    # Several labels are written as a list, as other formats write them.
    label = labels[0] if len(labels) == 1 else json.dumps(labels, ensure_ascii=False) if labels else None
    return Row(number, {"text": text, "label": label}, "bad_bytes" if damaged else "")


FORMAT = Format(
    "fasttext",
    _("Texts with labels before them (fastText)"),
    ("txt", "ft", "train", "valid", "test"),
    sniff,
    inspect,
    rows,
    keyed=True,
)
