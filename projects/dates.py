"""Reads moments in whatever form an export has them; the form of a column is decided from all of its cells."""

from __future__ import annotations

import re
from calendar import timegm
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from operator import ne
from typing import TypedDict

from projects.blanks import missing
from projects.bounded import Short

Parts = tuple[int, int, int]
FIRST, LAST = -2_208_988_800, 4_102_444_800  # 1900 and 2100: what lies outside is no moment of a business
EXCEL_ZERO = -2_209_161_600  # 1899-12-30, day 0 of a spreadsheet
MOST_STEPS = 1e12
SCALES = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
SEEN_AT_MOST = 200_000  # cells from which the order of day and month is decided

LONGEST = 80  # characters of the longest moment that anybody writes

_CLOCK = (
    r"(?:(?:[T,]|\s[-–|]|\s(?:à|a\sla|a\slas|alle|um|kl\.?|at|om|o|в|saat))?\s*(?P<noon>上午|下午|晚上|中午|午前|午後|오전|오후)?\s*(?P<hour>\d{1,2})"
    r"(?:\s?[:时時点hH.시]\s?(?P<minute>\d{1,2}))?(?:\s?[:分.분]\s?(?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"[秒分초분時时시]?(?:\s?Uhr|\s?h)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|(?:UTC|GMT)?[-+]\d{1,2}(?::?\d{2})?|UTC|GMT)?)?"
)
_YMD = Short(
    re.compile(
        r"(?P<a>\d{4})\s*[-/.年년]\s*(?P<b>\d{1,2})\s*[-/.月월]\s*(?P<c>\d{1,2})\s*(?:[日일.](?:\s?[(（][^()（）\d]{1,4}[)）])?)?"
        + _CLOCK
    ),
    LONGEST,
)
_XXY = Short(re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4}|\d{2})(?!\d)" + _CLOCK), LONGEST)
# How the names of months begin: English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Polish, Czech,
# Russian and Turkish.
_BEGINNINGS: tuple[tuple[str, ...], ...] = (
    ("jan", "jän", "ene", "gen", "sty", "led", "янв", "oca"), ("feb", "fév", "fev", "lut", "úno", "фев", "şub"),
    ("mar", "mär", "mrz", "maa", "mrt", "bře", "мар"), ("apr", "avr", "abr", "kwi", "dub", "апр", "nis"),
    ("may", "mai", "mag", "mei", "maj", "kvě", "май", "мая"), ("jun", "juin", "giu", "cze", "červen", "июн", "haz"),
    ("jul", "juil", "lug", "lip", "červenec", "июл", "tem"), ("aug", "aoû", "aou", "ago", "sie", "srp", "авг", "ağu"),
    ("sep", "set", "wrz", "zář", "сен", "eyl"), ("oct", "okt", "ott", "out", "paź", "říj", "окт", "eki"),
    ("nov", "lis", "ноя", "kas"), ("dec", "dez", "dic", "déc", "gru", "pro", "дек", "ara"),
)  # fmt: skip
_MONTHS = {name: place for place, names in enumerate(_BEGINNINGS, 1) for name in names}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_NAME = Short(
    re.compile(
        rf"(?:[^\W\d_]{{2,12}}[.,]?\s+)?(?:le\s|el\s|den\s)?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?[.\s/-]+(?:de\s)?(?P<b>{_NAMES})[^\W\d_]*[.,]?[\s/-]*(?:de\s)?(?P<c>\d{{4}}|\d{{2}})(?:\s?(?:г\.|р\.|r\.))?"
        + _CLOCK,
        re.I,
    ),
    LONGEST,
)
_NAME_DAY = Short(
    re.compile(
        rf"(?:[^\W\d_]{{2,12}}[.,]?\s+)?(?P<b>{_NAMES})[^\W\d_]*[.\s-]+(?P<a>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<c>\d{{4}})"
        + _CLOCK,
        re.I,
    ),
    LONGEST,
)
_MONTH = Short(re.compile(rf"(?P<b>{_NAMES})[^\W\d_]*[.,]?[\s/-]+(?P<c>\d{{4}})", re.I), LONGEST)
_WEEK = re.compile(r"(\d{4})-?W(\d{2})(?:-?([1-7]))?")
# ٢٠٢٥ and 2025 are the same year, ／ the same stroke, and blanks without breaks are blanks.
_DIGITS = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９／：．－\u00a0\u202f", "01234567890123456789" + "0123456789/:.-  "
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]\+?\d+)?")


class Form(TypedDict, total=False):
    """A DateForm as it is stored."""

    kind: str
    sure: bool
    reason: str
    example: str
    options: list[str]


@dataclass
class DateForm:
    """How the moments of a column are written."""

    kind: str = "none"  # ymd, dmy, mdy, one of SCALES, excel, compact, steps; none where nothing was understood
    sure: bool = True  # False where the cells could be read in another way just as well
    reason: str = ""  # code of why it was decided like that; words in `projects.interactions.words`
    example: str = ""
    options: list[str] = field(default_factory=list)  # what a person may choose instead

    def to_json(self) -> Form:
        return Form(
            kind=self.kind, sure=self.sure, reason=self.reason, example=self.example, options=list(self.options)
        )


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

    @property
    def full(self) -> bool:
        """Whether enough was seen, and more changes nothing."""
        return self.seen >= SEEN_AT_MOST

    def add(self, cell: str | None) -> None:
        if cell is None or cell == self._last or self.seen >= SEEN_AT_MOST:
            return
        self._last, text = cell, cell.strip()
        if missing(text):
            return
        self.seen += 1
        self.example = self.example or text
        if len(text) <= 25 and _NUMBER.fullmatch(text):
            self.numbers[scale(text)] += 1
        else:
            self._written(text)

    def add_all(self, cells: Sequence[str]) -> None:
        """The same as `add` for each of these stripped cells."""
        from projects import dates_at_once  # which asks this module

        begin = 0
        while begin < len(cells) and (not self.example or self.seen + len(cells) > SEEN_AT_MOST):
            self.add(cells[begin])
            begin += 1
        cells = cells[begin:]
        moments = dates_at_once.moments(cells, "ymd")
        if cells and (moments == moments).all() and all(cell[4] == "-" for cell in cells):  # nearly always
            many = sum(map(ne, cells, chain([self._last], cells)))
            self.seen += many
            self.orders["ymd"] += many
            self._last = cells[-1]
            return
        read = moments.tolist()
        for cell, at in zip(cells, read, strict=True):
            if at != at or cell[4] != "-":
                self.add(cell)
            elif cell != self._last:
                self._last = cell
                self.seen += 1
                self.orders["ymd"] += 1

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
        fewer, more = sorted(self.falls[one] for one in options)
        if 2 * fewer < more:  # in rows that stand in no order in time one of the two falls less often by chance
            kind = min(options, key=lambda one: self.falls[one])
            return DateForm(kind, True, "rises", self.example, options)
        kind = "dmy" if self.dots * 2 > self.seen else "mdy"
        return DateForm(kind, False, "either", self.example, options)


def scale(text: str) -> str:
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
    if not text.isascii():
        text = text.translate(_DIGITS)
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
    if not text.isascii():
        text = text.translate(_DIGITS)
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
        return _of(found, (_year(found["c"]), _MONTHS[found["b"].lower()], int(found["a"])))
    if whole := _MONTH.fullmatch(text):
        return _moment(int(whole["c"]), _MONTHS[whole["b"].lower()], 1, (0, 0, 0))
    if week := _WEEK.fullmatch(text):
        return _of_week(int(week[1]), int(week[2]), int(week[3] or 1))
    return None


def _of_week(year: int, week: int, day: int) -> float | None:
    try:
        return float(timegm(datetime.fromisocalendar(year, week, day).timetuple()))
    except ValueError:
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
    elif found["noon"] in ("下午", "晚上", "午後", "오후") and hour < 12:
        hour += 12
    moment = _moment(*parts, (hour, int(found["minute"] or 0), int(found["second"] or 0)))
    zone = (found["zone"] or "").removeprefix("UTC").removeprefix("GMT")
    if moment is None or zone[:1] not in ("+", "-"):
        return moment
    bare = zone[1:].replace(":", "")
    offset = int(bare[:-2] or 0) * 3600 + int(bare[-2:]) * 60 if len(bare) > 2 else int(bare) * 3600
    return moment - offset if zone[0] == "+" else moment + offset


def _moment(year: int, month: int, day: int, clock: Parts) -> float | None:
    try:
        return float(timegm(datetime(year, month, day, *clock).timetuple()))  # UTC by agreement
    except ValueError:
        return None
