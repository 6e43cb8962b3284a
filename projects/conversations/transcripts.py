"""A whole conversation in one text: "Customer: … Agent: …", each turn after the name of who says it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack

from projects.conversations import records
from projects.conversations.speakers import role_of, silent
from projects.conversations.turns import CUSTOMER, TEAM, About, Turn

LOOK = 100_000  # characters of one text
NAMES = 200  # different names that are looked at
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_LINE = re.compile(
    rf"^[ \t>*]{{0,8}}(?:[\[(]?{_TIME}[\])]?[ \t]{{0,3}}[-–]?[ \t]{{0,3}})?\*{{0,3}}(?P<who>[^\s:：\[\](){{}}<>*][^:：\n\[\](){{}}<>*]{{0,39}}?)"
    rf"[ \t]{{0,3}}(?:[\[(]{_TIME}[\])]|\((?P<what>[^\W\d_]{{1,20}}(?: [^\W\d_]{{1,20}})?)\))?[ \t]{{0,3}}\*{{0,3}}[:：]\*{{0,3}}(?!//)",
    re.M,
)
_INLINE = re.compile(
    rf"(?:^|(?<=[\s。！？.!?;；|,，>）)】\]]))\*{{0,3}}(?P<who>[^\W\d_]{{1,20}}(?:[ \t]?\d{{1,6}})?)[ \t]{{0,3}}"
    rf"(?:[\[(]{_TIME}[\])])?[ \t]{{0,3}}\*{{0,3}}[:：]\*{{0,3}}(?!//)"
)
_SHORT = {"q": CUSTOMER, "a": TEAM, "f": CUSTOMER, "p": CUSTOMER, "r": TEAM, "问": CUSTOMER, "答": TEAM}


def looks_like(texts: Sequence[str]) -> bool:
    """Whether most of the texts are conversations between names that come back."""
    several, names = 0, Counter[str]()
    for text in texts:
        found = [(turn.speaker, turn.role) for turn in turns(text)]
        roles, who = {role for _who, role in found}, {name for name, _role in found}
        if {CUSTOMER, TEAM} <= roles:
            several += 1
        elif len(found) >= 2 and len(who) == 2 and text[:1].strip():
            names.update(who)
    # Names that say nothing by themselves: one of them stands in nearly every text.
    known = names.most_common(1)[0][1] if names else 0
    return several + (known if known >= 3 else 0) >= 0.6 * max(1, len(texts))


def turns(text: str, **about: Unpack[About]) -> Iterator[Turn]:
    """The turns of one text; none where it is no conversation."""
    text = records.plain(text[:LOOK])
    for pattern in (_LINE, _INLINE):
        marks = [(mark, mark["who"].strip()) for mark in pattern.finditer(text)]
        named = _names([who for _mark, who in marks], _said_to_be(marks) if pattern is _LINE else {})
        marks = [(mark, who) for mark, who in marks if who.casefold() in named]
        known = {named[who.casefold()] for _mark, who in marks}
        if pattern is _INLINE and not {CUSTOMER, TEAM} <= known:
            continue
        if len(marks) >= 2 and len(named) >= 2 and not text[: marks[0][0].start()].strip():
            break
    else:
        return
    ends = [mark.start() for mark, _who in marks[1:]] + [len(text)]
    for (mark, who), end in zip(marks, ends, strict=True):
        said = text[mark.end() : end].strip(" \t\r\n|")
        yield Turn(who, said, role=named[who.casefold()], left_out="system" if silent(who) else "", **about)


def _said_to_be(marks: Sequence[tuple[re.Match[str], str]]) -> dict[str, str]:
    """Roles that stand in brackets behind a name: Ola (Support). Whoever speaks with them is the other side."""
    told = {who.casefold(): role for mark, who in marks if mark["what"] and (role := role_of(mark["what"]))}
    others = {who.casefold() for _mark, who in marks} - set(told)
    if set(told.values()) == {TEAM} and len(others) == 1:
        told[others.pop()] = CUSTOMER
    return told


def _names(found: list[str], told: Mapping[str, str]) -> dict[str, str]:
    """The names that speak, with their roles. A word before a colon that stands once among known roles is text."""
    counts = Counter(who.casefold() for who in found[:5_000])
    roles = {
        name: told.get(name) or role_of(name) or (_SHORT.get(name, "") if len(counts) <= 4 else "")
        for name in list(counts)[:NAMES]
    }
    if {CUSTOMER, TEAM} <= set(roles.values()):
        return {name: role for name, role in roles.items() if role or silent(name)}
    return {name: role for name, role in roles.items() if len(name) <= 30}
