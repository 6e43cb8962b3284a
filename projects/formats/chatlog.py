"""Chats of a web site as text: a name, a colon and what was said in each line, one conversation below the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from projects.bounded import Short
from projects.conversations.reading import understand
from projects.conversations.speakers import role_of, silent
from projects.conversations.turns import CUSTOMER, TEAM, Turn
from projects.formats import Format, Reading
from projects.formats._chatlines import find_encoding, head_lines, lines, media
from projects.source import Source

LINES = 400
FEWEST = 6  # turns
_DATE = r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ ,T]{1,3})?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
# "[10:01:11] Anna (Agent): Hello", "10:01 Visitor: Hello", "Customer: Hello".
_SAID = Short(
    re.compile(
        rf"[ \t>*]{{0,8}}(?:[\[(]?{_DATE}{_TIME}[\])]?[ \t]{{0,3}}[-–|]?[ \t]{{0,3}})?(?P<who>[^\s:：\[\](){{}}<>*,;|\t\"][^:：\[\](){{}}<>*,;|\t\"]{{0,39}}?)"
        r"(?:[ \t]?\((?P<what>[^()\n]{1,30})\))?[ \t]{0,2}[:：](?!//)\*{0,2}[ \t]{0,3}"
    ),
    140,
)
_CELLS = (',"', ';"', '\t"')
_NEXT = Short(
    re.compile(
        r"\s{0,8}(?:[=*_#~-]{3,}.{0,80}|(?:chat|conversation|transcript|session|ticket|case|gespräch|unterhaltung|conversación|会话|对话)[^\w\n]{0,5}#?\d.{0,60})",
        re.I,
    ),
    120,
)


def sniff(head: bytes, name: str) -> float:
    """Most lines say who speaks, and both a customer and somebody of a team do."""
    full = [line for line in head_lines(head, LINES) if line.strip()]
    if sum(any(mark in line[:200] for mark in _CELLS) for line in full) >= FEWEST:
        return 0.0  # a table with a conversation in each cell
    found = [said for line in full if (said := _SAID.begins(line)) and not _NEXT.fullmatch(line)]
    if len(found) < FEWEST or len(found) < 0.6 * len(full):
        return 0.0
    roles = [_role(said) for said in found]
    known = sum(bool(role) for role in roles)
    return 0.5 if {CUSTOMER, TEAM} <= set(roles) and known >= 0.6 * len(roles) else 0.0


def _role(said: re.Match[str]) -> str:
    """Customer or team, by what stands in brackets behind a name, else by the name."""
    return role_of((said["what"] or "").strip()) or role_of(said["who"].strip())


def inspect(source: Source, reading: Reading) -> None:
    find_encoding(source, reading)
    understand(turns(source, reading), reading, "chatlog")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    number_of = 1
    turn: Turn | None = None
    for number, line in lines(source, reading):
        if _NEXT.fullmatch(line):
            if turn is not None:
                yield _whole(turn)
            number_of, turn = number_of + 1, None
        elif said := _SAID.begins(line):
            if turn is not None:
                yield _whole(turn)
            who = said["who"].strip()
            left_out = "system" if silent(who) else ""
            turn = Turn(
                who, line[said.end() :], conversation=str(number_of), line=number, role=_role(said), left_out=left_out
            )
        elif turn is not None and len(turn.text) < source.limits.cell:
            turn.text += f"\n{line}"
    if turn is not None:
        yield _whole(turn)


def _whole(turn: Turn) -> Turn:
    turn.text = turn.text.strip()
    if not turn.left_out and (what := media(turn.text)):
        turn.left_out = what
    return turn


FORMAT = Format("chatlog", _("Chats as text"), ("txt", "log"), sniff, inspect, turns=turns, keyed=True)
