"""LINE: a chat saved as text, with the day on a line of its own and time, name and text apart by tabs below it."""

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
# "2026/03/01(Sun)", "2026.03.01 Sunday", "Sun, 03/01/2026", "2026년 3월 1일 일요일".
_DAY = Short(
    re.compile(
        r"(?:[^\W\d_]{2,12}[.,]{0,2} )?(?P<date>\d{1,4}(?:[./-]|[年년] ?)\d{1,2}(?:[./-]|[月월] ?)\d{1,4}[日일]?)"
        r"(?: ?[(（][^()（）\d]{1,12}[)）]| [^\W\d_]{2,20})?"
    ),
    60,
)
_SAID = Short(
    re.compile(
        r"(?P<time>(?:[^\W\d_]{2,6} ?)?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?)\t(?:(?P<who>[^\t]{1,80})\t)?"
    ),
    120,
)
# What stands in brackets for what is not in the file, in the languages of the program.
_NOT_TEXT = frozenset(
    [
        "photo", "photos", "sticker", "video", "voice message", "file", "location", "contact", "album", "gift", "music",
        "写真", "スタンプ", "動画", "ボイスメッセージ", "ファイル", "位置情報", "連絡先", "アルバム", "ギフト", "ノート",
        "照片", "貼圖", "影片", "語音訊息", "檔案", "位置訊息", "聯絡資訊", "相簿", "記事本", "图片", "表情贴图", "视频", "语音消息", "文件",
        "사진", "스티커", "동영상", "음성메시지", "파일", "위치정보", "연락처", "앨범", "รูป", "สติกเกอร์", "วิดีโอ",
    ]
)  # fmt: skip
_CALLS = ("☎", "📞")


def sniff(head: bytes, name: str) -> float:
    """Below a line that is only a day, lines begin with a time and a name, each before a tab."""
    full = [line for line in head_lines(head) if line.strip()]
    days = [place for place, line in enumerate(full) if _DAY.fullmatch(line.strip())]
    if not days or days[0] > 5:
        return 0.0
    below = full[days[0] :]
    said = sum((found := _SAID.begins(line)) is not None and bool(found["who"]) for line in below)
    return 0.95 if said >= 2 and said >= 0.3 * len(below) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    find_encoding(source, reading)
    understand(turns(source, reading), reading, "line")


def turns(source: Source, reading: Reading) -> Iterator[Turn]:
    days = [found["date"] for line in head_lines(source.head, 2_000) if (found := _DAY.fullmatch(line.strip()))]
    order = order_of_days([_digits(day) for day in days])
    day = ""
    turn: Turn | None = None
    for number, line in lines(source, reading):
        new_day = _DAY.fullmatch(line.strip())
        said = _SAID.begins(line) if day else None
        if new_day is None and said is None:
            if turn is not None and len(turn.text) < source.limits.cell:
                turn.text += f"\n{line}"
            continue
        if turn is not None:
            yield _whole(turn)
        turn = None
        if new_day is not None:
            day = _digits(new_day["date"])
        elif said is not None:
            moment = dates.parse(f"{day} {said['time']}", order)
            # Without a name it is the program that speaks: somebody left, or took a message back.
            left_out = "" if said["who"] else "system"
            turn = Turn((said["who"] or "").strip(), line[said.end() :], moment, line=number, left_out=left_out)
    if turn is not None:
        yield _whole(turn)


def _digits(date: str) -> str:
    return "/".join(re.findall(r"\d{1,4}", date))


def _whole(turn: Turn) -> Turn:
    """The turn, now that all its lines are there. What has several lines stands in quotes."""
    text = turn.text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"' and "\n" in text:
        text = text[1:-1].replace('""', '"').strip()
    bare = text.strip("[]［］【】 ").casefold()
    if not turn.left_out and ((text[:1] in "[［【" and bare in _NOT_TEXT) or text.startswith(_CALLS)):
        turn.left_out = "media"
    turn.left_out = turn.left_out or media(text)
    turn.text = text
    return turn


FORMAT = Format("line", _("LINE chat"), ("txt",), sniff, inspect, turns=turns, keyed=True)
