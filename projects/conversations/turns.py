"""A turn: what one speaker said. Every form of a conversation is read into turns first."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TypedDict

CUSTOMER, TEAM = "customer", "team"
MOST_TURNS = 5_000_000
LONGEST = 100_000  # characters of one turn

# Marks that say which way text runs, and blanks without width: chat programs put them around names and dates.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NARROW = re.compile("[\u00a0\u202f\u2007]")


@dataclass(slots=True)
class Turn:
    """What one speaker said at one time. `left_out` says why it is no turn to learn from, and is counted."""

    speaker: str
    text: str
    time: float | None = None  # seconds since 1970, as if in UTC: only order and distance count
    id: str = ""
    reply_to: str = ""
    conversation: str = ""
    line: int = 0
    role: str = ""  # customer or team, where the file says so
    learn: bool = True  # False: known as what was said before, never as an answer to learn
    left_out: str = ""  # system, media, tool, internal, other_answer, automatic
    extra: dict[str, str | None] = field(default_factory=dict)  # other cells that stand beside it


class About(TypedDict, total=False):
    """What is known of the turns of a cell before it is read."""

    conversation: str
    line: int


def seen(text: str) -> str:
    """The text without signs that nobody sees; narrow blanks become plain ones."""
    return text if text.isascii() else _NARROW.sub(" ", _INVISIBLE.sub("", text))


def seconds(text: str) -> float | None:
    """The moment of an ISO time, None for anything else."""
    if not 8 <= len(text) <= 40:
        return None
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
