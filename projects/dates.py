"""Reads moments in whatever form an export has them; the form of a column is decided from all of its cells."""

from __future__ import annotations

import re
from calendar import timegm
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from projects.values import missing

Parts = tuple[int, int, int]
FIRST, LAST = -2_208_988_800, 4_102_444_800  # 1900 and 2100: what lies outside is no moment of a business
EXCEL_ZERO = -2_209_161_600  # 1899-12-30, day 0 of a spreadsheet
MOST_STEPS = 1e12
SCALES = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
SEEN_AT_MOST = 200_000  # cells from which the order of day and month is decided

_CLOCK = (
    r"(?:[T,]?\s*(?P<noon>上午|下午|晚上|中午)?\s*(?P<hour>\d{1,2})(?:[:时点hH.](?P<minute>\d{1,2}))?(?:[:分.](?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"[秒分]?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[-+]\d{2}:?\d{2})?)?"
)
_YMD = re.compile(r"(?P<a>\d{4})\s*[-/.年]\s*(?P<b>\d{1,2})\s*[-/.月]\s*(?P<c>\d{1,2})\s*日?" + _CLOCK)
_XXY = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4}|\d{2})(?!\d)" + _CLOCK)
_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY_NAME = re.compile(
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?[.\s-]+(?P<b>{_NAMES})[a-z]*[.,]?[\s-]*(?P<c>\d{{4}}|\d{{2}})"
    + _CLOCK,
    re.I,
)
_NAME_DAY = re.compile(
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<b>{_NAMES})[a-z]*[.\s-]+(?P<a>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<c>\d{{4}})"
    + _CLOCK,
    re.I,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]\+?\d+)?")
_MONTHS = {name: place for place, name in enumerate(_NAMES.split("|"), 1)}


@dataclass
class DateForm:
    """How the moments of a column are written."""

    kind: str = "none"  # ymd, dmy, mdy, one of SCALES, excel, compact, steps; none where nothing was understood
    sure: bool = True  # False where the cells could be read in another way just as well
    reason: str = ""  # code of why it was decided like that; words in `projects.interactions.words`
    example: str = ""
    options: list[str] = field(default_factory=list)  # what a person may choose instead

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DateForm:
        return cls(**{name: value for name, value in data.items() if name in cls.__dataclass_fields__})


class Survey:
    """Looks at cells one by one; `decide` says how they are written."""

    def __init__(self) -> None:
        self.orders: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()
        self.example = self.telling = ""
        self.dots = self.seen = 0
        self._last = ""
        self._before: dict[str, float] = {}
        self.falls: Counter[str] = Counter()  # how often the file would go back in time

    def add(self, cell: str | None) -> None:
        if cell is None or cell == self._last or self.seen >= SEEN_AT_MOST:
            return
        self._last, text = cell, cell.strip()
        if missing(text):
            return
        self.seen += 1
        self.example = self.example or text
        if len(text) <= 25 and _NUMBER.fullmatch(text):
            self.numbers[_scale(text)] += 1
        else:
            self._written(text)

    def _written(self, text: str) -> None:
        order, both = written_order(text)
        self.orders[order] += 1
        self.dots += "." in text[:6]
        if order in ("dmy", "mdy"):
            self.telling = self.telling or text
        if both:
            for kind in ("dmy", "mdy"):
                moment = _written(text, kind)
                if moment is not None:
                    self.falls[kind] += moment < self._before.get(kind, moment)
                    self._before[kind] = moment

    def decide(self, chosen: str = "") -> DateForm:
        """The form, or the one that a person chose where it is one of the options."""
        form = self._numbers() if sum(self.numbers.values()) > sum(self.orders.values()) else self._orders()
        if chosen in form.options:
            form.kind, form.sure, form.reason = chosen, True, "chosen"
        return form

    def _numbers(self) -> DateForm:
        kind = self.numbers.most_common(1)[0][0]
        options = ["seconds", "milliseconds", "excel", "compact", "steps"]
        if kind not in options:
            options.append(kind)
        return DateForm(kind, True, kind, self.example, options)

    def _orders(self) -> DateForm:
        orders = self.orders
        if not orders or orders.most_common(1)[0][0] == "":
            return DateForm("none", False, "unreadable", self.example)
        clear = orders["dmy"] + orders["mdy"]
        if not clear and not orders["xxy"]:
            return DateForm("ymd", True, "ymd", self.example)
        options = ["dmy", "mdy"]
        if clear:
            kind = "dmy" if orders["dmy"] >= orders["mdy"] else "mdy"
            return DateForm(kind, min(orders["dmy"], orders["mdy"]) == 0, "telling", self.telling, options)
        if self.falls["dmy"] != self.falls["mdy"]:
            kind = min(options, key=lambda one: self.falls[one])
            return DateForm(kind, True, "rises", self.example, options)
        kind = "dmy" if self.dots * 2 > self.seen else "mdy"
        return DateForm(kind, False, "either", self.example, options)


def _scale(text: str) -> str:
    """What a bare number counts."""
    value = abs(float(text))
    digits = text.split(".")[0].lstrip("-")
    if len(digits) in (8, 12, 14) and _compact(text) is not None:
        return "compact"
    for kind, scale in SCALES.items():
        if 10_000_000 * scale * 30 <= value <= LAST * scale:
            return kind
    return "excel" if 20_000 <= value <= 80_000 else "steps"


def written_order(text: str) -> tuple[str, bool]:
    """ymd, dmy or mdy where a text can be only that, xxy where day and month could be either way; "" for no date.
    The second value says whether the text has two numbers before a year at all."""
    if found := _XXY.fullmatch(text):
        one, two = int(found["a"]), int(found["b"])
        if not (1 <= min(one, two) <= 12 and 1 <= max(one, two) <= 31):
            return "", False
        return ("dmy" if one > 12 else "mdy" if two > 12 else "xxy"), True
    return ("ymd", False) if _written(text, "ymd") is not None else ("", False)


def parse(text: str | None, kind: str) -> float | None:
    """Seconds since 1970 (for "steps": a day for each); None where the cell is no moment in this form.
    Cells without a time zone are read as if they were in UTC: only their order and distance count."""
    return _parse(text.strip(), kind) if text else None


@lru_cache(maxsize=8_192)
def _parse(text: str, kind: str) -> float | None:
    if kind in SCALES or kind in ("excel", "steps"):
        moment = _counted(text, kind)
    elif kind == "compact":
        moment = _compact(text)
    else:
        moment = _written(text, kind)
    if moment is None or (kind != "steps" and not FIRST <= moment <= LAST):
        return None
    return moment


def _counted(text: str, kind: str) -> float | None:
    if len(text) > 25 or not _NUMBER.fullmatch(text):
        return _written(text, "ymd") if kind != "steps" else None
    value = float(text)
    if kind == "steps":
        return (
            value * 86_400 if value < MOST_STEPS else None
        )  # a step is as good as a day where only the order is known
    if value <= 0:
        return None  # 0 stands for "not known" in exports
    return round(EXCEL_ZERO + value * 86_400, 3) if kind == "excel" else value / SCALES[kind]


def _compact(text: str) -> float | None:
    found = _COMPACT.fullmatch(text.split(".")[0])
    if not found:
        return None
    parts = [int(part or 0) for part in found.groups()]
    return _moment(parts[0], parts[1], parts[2], (parts[3], parts[4], parts[5])) if 1900 <= parts[0] <= 2100 else None


def _written(text: str, kind: str) -> float | None:
    if not 6 <= len(text) <= 60:
        return None
    if len(text) >= 10 and text[4] == "-":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if found := _YMD.fullmatch(text):
        return _of(found, (int(found["a"]), int(found["b"]), int(found["c"])))
    if found := _XXY.fullmatch(text):
        one, two = int(found["a"]), int(found["b"])
        month, day = (one, two) if kind == "mdy" else (two, one)
        return _of(found, (_year(found["c"]), month, day))
    if found := _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text):
        return _of(found, (_year(found["c"]), _MONTHS[found["b"][:3].lower()], int(found["a"])))
    return None


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _of(found: re.Match[str], parts: Parts) -> float | None:
    hour = int(found["hour"] or 0)
    half = (found["half"] or "").lower().replace(".", "")
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif found["noon"] in ("下午", "晚上") and hour < 12:
        hour += 12
    moment = _moment(*parts, (hour, int(found["minute"] or 0), int(found["second"] or 0)))
    zone = found["zone"] or ""
    if moment is None or zone[:1] not in ("+", "-"):
        return moment
    offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return moment - offset if zone[0] == "+" else moment + offset


def _moment(year: int, month: int, day: int, clock: Parts) -> float | None:
    try:
        return float(timegm(datetime(year, month, day, *clock).timetuple()))  # noqa: DTZ001: UTC by agreement
    except ValueError:
        return None
