"""What the columns of a log mean: how time is written, whether numbers are ratings, which kinds of events there are."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from projects import quality
from projects.dates import Survey
from projects.interactions.flags import KIND, WEIGHTS
from projects.values import missing, number

MOST_KINDS = 40
MOST_LEVELS = 25
DEAREST, MOST_WEIGHT = 1e12, 1e9  # what is more is a slip of the keyboard
_RATING = re.compile(r"rating|rate|score|stars?|grade|like|feedback|opinion|评分|打分|评价|星级|分数", re.I)
_FIGURE = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
# Words that kinds of events have in their names, and how much one says about a liking. The first that fits counts.
MEANINGS: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("return", 0.0, ("return", "refund", "chargeback", "退货", "退款", "退")),
    ("cancel", 0.0, ("cancel", "remove", "dislike", "void", "unlike", "unsub", "unfollow", "skip", "hide", "取消", "删除", "移除", "不喜欢", "跳过")),
    ("shown", 0.0, ("impression", "shown", "expos", "曝光", "展示")),
    ("cart", 0.7, ("cart", "basket", "bag", "begin checkout", "initiate checkout", "payment info", "加购", "购物车")),
    ("wish", 0.7, ("wish", "fav", "save", "bookmark", "like", "share", "subscribe", "收藏", "点赞", "喜欢", "分享", "关注")),
    ("buy", 1.0, (
        "buy", "bought", "purchas", "order", "transaction", "checkout", "paid", "sale", "sold", "complet", "deliver", "ship",
        "book", "stay", "visited", "购买", "下单", "支付", "付款", "成交", "完成", "订单", "预订", "入住", "签收",
    )),
    ("click", 0.5, ("click", "open", "read", "play", "watch", "listen", "visit", "点击", "阅读", "播放", "打开", "观看")),
    ("view", 0.3, ("view", "pv", "browse", "detail", "page", "look", "see", "浏览", "查看", "访问")),
)  # fmt: skip


@dataclass
class Understanding:
    """What was understood of a log; plain JSON in the report, from where the page reads it."""

    when: dict[str, Any] = field(default_factory=dict)  # a DateForm; empty without a column
    weight: dict[str, Any] = field(default_factory=dict)  # kind stars, thumbs or amount; levels; liked
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)  # value → rows, weight, means
    many_kinds: bool = False  # too many to be kinds, so the column is not used
    signed: bool = False  # quantities below zero
    letters: str = ""  # what stands before the number of a cancelled basket, such as C

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Look:
    """A first walk over the rows: nothing but counts is kept."""

    def __init__(self) -> None:
        self.dates = Survey()
        self.figures: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.baskets: Counter[str] = Counter()
        self.below = 0
        self.numbers = 0

    def add(self, cells: Mapping[str, str]) -> None:
        if "when" in cells:
            self.dates.add(cells["when"])
        if (figure := cells.get("weight")) and not missing(figure) and len(self.figures) < 2_000:
            self.figures[figure] += 1
        if (kind := cells.get("kind")) and not missing(kind) and len(self.kinds) <= 10 * MOST_KINDS:
            self.kinds[kind[:100]] += 1
        if basket := cells.get("basket"):
            letters = re.match(r"[A-Za-z]*", basket)
            self.baskets[letters[0][:5].upper() if letters else ""] += 1
            if len(self.baskets) > 5_000:
                self.baskets = Counter(dict(self.baskets.most_common(1_000)))
        if (quantity := cells.get("quantity")) and quantity.lstrip().startswith(("-", "(")):
            self.below += 1


def understand(
    db: sqlite3.Connection, places: Mapping[str, int], columns: Mapping[str, str], choices: Mapping[str, str]
) -> Understanding:
    """Walks over all rows once. COLUMNS: role → name of its column, for what the name says."""
    look, wanted = Look(), ("when", "weight", "kind", "basket", "quantity")
    if any(role in places for role in wanted):
        for batch in quality.batches(db):
            for _n, cells, problem in batch:
                if problem not in ("total_row", "note_row"):
                    look.add({role: cell_of(cells, places[role]) for role in wanted if role in places})
    found = Understanding(signed=look.below > 0, letters=_letters(look))
    if "when" in places:
        found.when = look.dates.decide(choices.get("dates", "")).to_json()
    if "weight" in places:
        found.weight = _weight(look, columns.get("weight", ""), choices.get("liked", ""))
    if "kind" in places:
        found.many_kinds = len(look.kinds) > MOST_KINDS
        found.kinds = {} if found.many_kinds else _kinds(look.kinds, choices)
    return found


def cell_of(cells: list[str | None], place: int) -> str:
    return (cells[place] or "").strip() if place < len(cells) else ""


def figure(text: str) -> float | None:
    """The number in a cell such as 4, 4,5, "5 stars" or ★★★★."""
    if stars := text.count("★"):
        return float(stars)
    found = _FIGURE.search(text)
    return number(found[0], "," if "," in found[0] else ".") if found else None


def _letters(look: Look) -> str:
    """C where most baskets are plain numbers and some begin with C: cancelled ones."""
    plain = look.baskets[""]
    return "C" if look.baskets["C"] and plain > 4 * (look.baskets.total() - plain) else ""


def _weight(look: Look, column: str, liked: str) -> dict[str, Any]:
    values = Counter[float]()
    for text, many in look.figures.items():
        if (value := figure(text)) is not None:
            values[value] += many
    if len(values) < 2:
        return {}
    low, high = min(values), max(values)
    named = bool(_RATING.search(column))
    unrated = low == 0 and high >= 4 and values[0.0] >= 0.3 * values.total()  # 0 stands for "taken, not rated" then
    if unrated:
        del values[0.0]
    if len(values) > MOST_LEVELS and not (named and high <= 100):
        return {"kind": "amount"}
    if high == 1 and low in (0, -1):
        return {"kind": "thumbs", "levels": [], "liked": 1.0, "high": 1.0}
    if not named and high not in (5, 10):
        return {"kind": "amount"}
    levels = sorted(values) if len(values) <= MOST_LEVELS else [round(high * part / 10, 2) for part in range(1, 11)]
    marks = [_plain(level) for level in levels][-10:]
    return {
        "kind": "stars",
        "levels": marks,
        "liked": _mark(levels, high, marks, liked),
        "high": high,
        "unrated": unrated,
    }


def _mark(levels: list[float], high: float, marks: list[str], liked: str) -> float:
    """From which rating on something was liked: four of five, eight of ten."""
    if liked in marks:
        return float(liked)
    return next(level for level in levels if level >= 0.8 * high - 1e-9)


def _plain(value: float) -> str:
    return f"{value:g}"


def meaning(kind: str) -> tuple[str, float]:
    """What a kind of event is, by the words in its name, and how much it says."""
    name = kind.casefold().replace("_", " ")
    for means, weight, words in MEANINGS:
        if any(word in name for word in words):
            return means, weight
    return "other", 1.0


def _kinds(found: Counter[str], choices: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    told = {kind: meaning(kind) for kind, _many in found.most_common()}
    most = max((weight for _means, weight in told.values()), default=1.0)
    kinds = {}
    for kind, many in found.most_common():
        means, weight = told[kind]
        # The strongest kind there is counts fully: among clicks and views, the clicks.
        usual = min(WEIGHTS, key=lambda mark: abs(float(mark) - (weight / most if most else 1.0)))
        mark = choices.get(KIND + kind, "")
        kinds[kind] = {"rows": many, "means": means, "weight": float(mark if mark in WEIGHTS else usual)}
    return kinds
