"""WhatsApp: a chat exported as text, from Android or an iPhone, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from projects import dates
from projects.bounded import Short
from projects.conversations.reading import understand
from projects.conversations.turns import Turn
from projects.formats import Format, Reading
from projects.formats._chatlines import find_encoding, head_lines, lines, media, order_of_days
from projects.source import Source

NAME = 80  # characters of the longest name
_DATE = r"(?P<date>\d{1,4}[./\-年] ?\d{1,2}[./\-月] ?\d{1,4}日?)"
_TIME = (
    r"(?P<time>(?:上午|下午|晚上|凌晨|中午|早上|午前|午後)? ?\d{1,2}[:.]\d{2}(?:[:.]\d{2})? ?(?:[AaPp]\.? ?[Mm]\.?)?)"
)
# Android: "3/1/26, 1:00 PM - Anna: …"; an iPhone: "[01.03.26, 13:00:00] Anna: …".
_HEAD = Short(re.compile(rf"(?P<open>\[)?{_DATE},? {{0,2}}(?:um |à |a las )?{_TIME}(?: Uhr)?(?(open)\]| ?[-–] ) ?"), 80)


def sniff(head: bytes, name: str) -> float:
    """Most lines that are not the rest of a turn begin with a date, a time and a name."""
    full = [line for line in head_lines(head) if line.strip()]
    if len(full) < 2:
        return 0.0
    heads = [line[found.end() :] for line in full if (found := _HEAD.begins(line))]
    named = sum(_said(rest) is not None for rest in heads)
    return 0.95 if named >= 2 and len(heads) >= 0.3 * len(full) and _HEAD.begins(full[0]) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    find_encoding(source, reading)
    understand(turns(source, reading), reading, "whatsapp")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    order = order_of_days([found["date"] for line in head_lines(source.head, 2_000) if (found := _HEAD.begins(line))])
    turn: Turn | None = None
    for number, line in lines(source, reading):
        found = _HEAD.begins(line)
        if found is None:
            if turn is not None and len(turn.text) < source.limits.cell:
                turn.text += f"\n{line}"
            continue
        if turn is not None:
            yield _whole(turn)
        rest = line[found.end() :]
        said = _said(rest)
        moment = dates.parse(f"{found['date']} {found['time']}".replace(". ", ".")[:60], order)
        if said is None:
            turn = Turn("", rest, moment, line=number, left_out="system")
        else:
            turn = Turn(said[0], said[1], moment, line=number)
    if turn is not None:
        yield _whole(turn)


def _said(rest: str) -> tuple[str, str] | None:
    """Who says what; None for a line of the program's own, in which nobody speaks."""
    ends = [place for sign in ":：" if (place := rest.find(sign, 1, NAME)) > 0]
    return (rest[: min(ends)].strip(" ~"), rest[min(ends) + 1 :].lstrip(" ")) if ends else None


def _whole(turn: Turn) -> Turn:
    """The turn, now that all its lines are there; a caption below a picture is text."""
    first, _line, rest = turn.text.partition("\n")
    if not turn.left_out and (what := media(first)):
        turn.text, turn.left_out = rest, "" if rest.strip() else what
    turn.text = turn.text.strip()
    return turn


FORMAT = Format("whatsapp", _("WhatsApp chat"), ("txt",), sniff, inspect, turns=turns, keyed=True)
