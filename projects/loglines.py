"""Lines of the log: one event is one line, whatever strangers put into it."""

from __future__ import annotations

import logging

# What ends a line, moves the cursor, colours it, or turns the reading direction round.
_SIGNS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
ESCAPED = {sign: f"\\x{sign:02x}" if sign < 0x100 else f"\\u{sign:04x}" for sign in _SIGNS} | {9: "\t", 10: "\\n"}


class Line(logging.Formatter):
    """Signs that control a terminal are spelled out. A traceback's lines stand behind blanks, so that none of them looks like
    an event of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = record.message.translate(ESCAPED)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"    {line.translate(ESCAPED)}" for line in text.splitlines())
