"""WeChat, QQ, Teams and their like: a chat exported as text, where a line with name and time stands above each turn."""

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

_WHEN = (
    r"(?P<when>(?:\d{4}[-/.年] ?\d{1,2}[-/.月] ?\d{1,2}日?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4},?) {0,3}(?:上午|下午|晚上)? ?\d{1,2}:\d{2}(?::\d{2})?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?)"
)
_WHO = r"(?P<who>[^\n\t,;:：]{1,60}?)(?:\([0-9a-zA-Z_@.\-]{3,40}\)|<[^<>\n]{3,60}>)?"
_NAME_TIME = Short(re.compile(rf"{_WHO}[ \t]{{1,8}}[\[(（]?{_WHEN}[\])）]?[ \t]*[:：]?[ \t]*"), 200)
_TIME_NAME = Short(re.compile(rf"[\[(（]?{_WHEN}[\])）]?[ \t]{{1,8}}{_WHO}[ \t]*[:：]?[ \t]*"), 200)
_ONE_LINE = Short(
    re.compile(
        rf"[\[(（]?{_WHEN}[\])）]?[ \t]{{0,8}}(?P<who>[^\n\t,;:：]{{1,60}}?)[ \t]?[:：][ \t]?(?P<said>.+)", re.S
    ),
    100_000,
)
_SYSTEM = ("系统消息", "系统", "微信团队", "system")


def _pattern(full: list[str]) -> Short | None:
    """The way in which the heads of this file are written."""
    counts = []
    for pattern in (_ONE_LINE, _NAME_TIME, _TIME_NAME):
        heads = [place for place, line in enumerate(full) if len(line) <= 2_000 and pattern.fullmatch(line)]
        counts.append((len(heads), pattern))
    best, pattern = max(counts, key=lambda item: item[0])
    return pattern if best >= 2 and best >= 0.25 * len(full) else None


def sniff(head: bytes, name: str) -> float:
    full = [line.strip() for line in head_lines(head) if line.strip()]
    if len(full) < 3 or any(full[0].count(sign) >= 2 for sign in ",;\t"):
        return 0.0
    return 0.94 if _pattern(full) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    find_encoding(source, reading)
    understand(turns(source, reading), reading, "wechat")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    full = [line.strip() for line in head_lines(source.head) if line.strip()]
    pattern = _pattern(full) or _NAME_TIME
    order = order_of_days([found["when"] for line in full if (found := pattern.fullmatch(line))])
    turn: Turn | None = None
    for number, line in lines(source, reading):
        found = pattern.fullmatch(line.strip()) if len(line) <= 100_000 else None
        if found is None:
            if turn is not None and len(turn.text) < source.limits.cell:
                turn.text += f"\n{line}"
            continue
        if turn is not None:
            yield _whole(turn)
        said = found["said"] if "said" in pattern.pattern.groupindex else ""
        turn = Turn(found["who"].strip(), said, dates.parse(found["when"], order), line=number)
    if turn is not None:
        yield _whole(turn)


def _whole(turn: Turn) -> Turn:
    turn.text = turn.text.strip()
    turn.left_out = "system" if turn.speaker in _SYSTEM else media(turn.text)
    return turn


FORMAT = Format("wechat", _("WeChat, Teams and similar chats"), ("txt",), sniff, inspect, turns=turns, keyed=True)
