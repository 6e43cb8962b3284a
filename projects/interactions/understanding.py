"""What the columns of a log mean: how time is written, whether numbers are ratings, which kinds of events there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from projects import headers, several
from projects.dates import Form, Survey
from projects.interactions.events import meaning
from projects.interactions.flags import FILL, KIND, NAMED, SEVERAL, WEIGHTS, YES
from projects.interactions.spool import Part, Texts
from projects.interactions.understood import Filled, Kind, Named, Several, Weight
from projects.values import missing, number

MOST_KINDS = 40
MOST_FIGURES = 2_000
MOST_LEVELS = 25
DEAREST, MOST_WEIGHT = 1e12, 1e9  # what is more is a slip of the keyboard
IDS = frozenset(("person", "item"))
ONCE = frozenset(("person", "when", "kind"))  # roles of an order, not of its lines
_RATING = re.compile(r"rating|rate|score|stars?|grade|like|feedback|opinion|评分|打分|评价|星级|分数", re.I)
_STATE = re.compile(
    r"status|state|statut|estado|stato|durum|état|etat|stav|tila|\bstan|حال|状态|狀態|状態|ステータス|상태|статус|стан",
    re.I,
)
_LETTERS = re.compile(r"[A-Za-z]*")
_FIGURE = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass
class Understanding:
    """What was understood of a log; plain JSON in the report, from where the page reads it."""

    when: Form = field(default_factory=Form)  # empty without a column
    weight: Weight = field(default_factory=Weight)
    kinds: dict[str, Kind] = field(default_factory=dict)  # by their values
    states: bool = False  # the kinds are states of orders: a refund there takes back its own line, no earlier one
    widths: dict[str, int] = field(
        default_factory=dict
    )  # role → digits of its ids, where a spreadsheet took zeros away
    many_kinds: bool = False  # too many to be kinds, so the column is not used
    signed: bool = False  # quantities below zero
    letters: str = ""  # what stands before the number of a cancelled basket, such as C
    several: Several = field(default_factory=Several)
    filled: Filled = field(default_factory=Filled)
    named: Named = field(default_factory=Named)

    def to_json(self) -> dict[str, object]:
        return asdict(self)


class Look:
    """A first walk over the rows: nothing but counts is kept."""

    def __init__(self) -> None:
        self.dates = Survey()
        self.figures: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.baskets: Counter[str] = Counter()  # up to two letters that their numbers begin with
        self.below = 0
        self.items: list[str] = []
        self.nameless = 0  # rows with a title and no item
        self.zeros: dict[str, Counter[int]] = {role: Counter() for role in IDS}  # lengths of ids that begin with 0
        self.bare: dict[str, Counter[int]] = {role: Counter() for role in IDS}  # and of other numbers
        self.first: dict[str, str] = {}  # of the basket at hand: role → what its first line says
        self.gaps: Counter[str] = Counter()  # blank cells that a line of the same basket further up fills
        self.blank: Counter[str] = Counter()
        self.other: Counter[str] = Counter()  # cells that say something else than the first line of their basket

    def add(self, cells: Mapping[str, Texts]) -> None:
        """Many rows: what stands in them, by role. Whatever repeats is looked at once for all of its rows."""
        if "when" in cells and not self.dates.full:
            self.dates.add_all(list(cells["when"]))
        self._figures(cells)
        self._items(cells)
        for role in IDS & cells.keys():
            for text, many in [one for one in cells[role].counted() if one[0].isdecimal()]:
                (self.zeros if text[0] == "0" else self.bare)[role][len(text)] += many
        if "basket" in cells:
            self._letters(cells["basket"])
            self._in_baskets(cells)
        if "quantity" in cells:
            amounts = cells["quantity"].counted()
            self.below += sum(many for amount, many in amounts if amount.startswith(("-", "(")))

    def _figures(self, cells: Mapping[str, Texts]) -> None:
        if "weight" in cells and len(self.figures) < MOST_FIGURES:
            for figure, many in cells["weight"].counted():
                if not missing(figure):
                    self.figures[figure] += many
        if "kind" in cells and len(self.kinds) <= 10 * MOST_KINDS:
            for kind, many in cells["kind"].counted():
                if not missing(kind):
                    self.kinds[kind[:100]] += many

    def _letters(self, baskets: Texts) -> None:
        begins: Counter[str] = Counter()
        for basket, many in baskets.counted():
            begins[basket[:2]] += many
        for begin, many in begins.items():
            if begin:
                self.baskets[_LETTERS.match(begin)[0].upper()] += many  # type: ignore[index]

    def _items(self, cells: Mapping[str, Texts]) -> None:
        if "item" not in cells:
            return
        items = cells["item"]
        if (room := several.LOOK - len(self.items)) > 0:
            self.items += [items.different[code] for code in items.codes[~items.blank][:room].tolist()]
        if "title" in cells:
            self.nameless += int(np.count_nonzero(items.blank & ~cells["title"].blank))

    def _in_baskets(self, cells: Mapping[str, Texts]) -> None:
        """Compares the lines of a basket with its first one."""
        basket = cells["basket"]
        if not len(basket):
            return
        goes_on = np.empty(len(basket), np.bool_)
        goes_on[1:] = basket.codes[1:] == basket.codes[:-1]
        goes_on[0] = basket.different[basket.codes[0]] == self.first.get("basket")
        goes_on &= np.array([bool(text) for text in basket.different])[basket.codes]
        heads = np.maximum.accumulate(np.where(goes_on, -1, np.arange(len(basket))))  # -1 is a line of an earlier part
        for role in ONCE & cells.keys():
            said, carried = cells[role], self.first.get(role, "")
            self.blank[role] += int(np.count_nonzero(said.blank))
            # The carried text stands behind all others, which is where -1 finds it; as one of them where it is one.
            known = said.different.index(carried) if carried in said.different else len(said.different)
            first = np.where(heads < 0, known, said.codes[heads])
            nothing = np.append(said.nothing, missing(carried))
            differs = goes_on & (said.codes != first) & ~nothing[first]
            self.gaps[role] += int(np.count_nonzero(differs & said.blank))
            self.other[role] += int(np.count_nonzero(differs & ~said.blank))
        if heads[-1] >= 0:
            self.first = {role: said.different[said.codes[heads[-1]]] for role, said in cells.items()}


def understand(
    parts: Iterable[Part], places: Mapping[str, int], columns: Mapping[str, str], choices: Mapping[str, str]
) -> Understanding:
    """Goes over all rows once. COLUMNS: role → name of its column, for what the name says."""
    look = Look()
    for part in parts:
        look.add(part.without(headers.OUTSIDE))
    found = Understanding(signed=look.below > 0, letters=_letters(look))
    found.several = _several(look, choices.get(SEVERAL, ""))
    found.widths = {role: width for role in sorted(IDS) if (width := _width(look.zeros[role], look.bare[role]))}
    found.filled = _filled(look, choices.get(FILL, ""))
    if look.nameless:
        found.named = {"rows": look.nameless, "used": choices.get(NAMED, YES) == YES}
    if "when" in places:
        found.when = look.dates.decide(choices.get("dates", "")).to_json()
    if "weight" in places:
        found.weight = _weight(look, columns.get("weight", ""), choices.get("liked", ""))
    if "kind" in places:
        found.states = bool(_STATE.search(columns.get("kind", "")))
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


def _several(look: Look, chosen: str) -> Several:
    one = several.find(look.items)
    if one is None:
        return {}
    used = chosen == YES if chosen else one.clear
    things = several.parts(one.example, one.sign)
    held = [part.name if part.many == 1 else f"{part.name} ({part.many:g})" for part in things]
    return {
        "sign": one.sign,
        "clear": one.clear,
        "used": used,
        "decided": bool(chosen),
        "example": one.example[:300],
        "parts": held[:8],
    }


def _filled(look: Look, chosen: str) -> Filled:
    """What stands only in the first line of most baskets, and hardly ever differs in a later one."""
    roles = [
        role
        for role in sorted(ONCE)
        if look.gaps[role] >= max(3, 0.5 * look.blank[role]) and look.other[role] <= 0.02 * look.gaps[role]
    ]
    if not roles:
        return {}
    return {"roles": roles, "rows": max(look.gaps[role] for role in roles), "used": chosen in ("", YES)}


def _width(zeros: Counter[int], bare: Counter[int]) -> int:
    """How many digits ids have where some are written 007 and others, by a spreadsheet, 7; 0 where that is not so."""
    if len(zeros) != 1 or not bare:
        return 0
    width = next(iter(zeros))
    return width if 1 < width <= 20 and max(bare) <= width and min(bare) < width else 0


def _letters(look: Look) -> str:
    """C where most baskets are plain numbers and some begin with C: cancelled ones."""
    plain = look.baskets[""]
    return "C" if look.baskets["C"] and plain > 4 * (look.baskets.total() - plain) else ""


def _weight(look: Look, column: str, liked: str) -> Weight:
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


def _kinds(found: Counter[str], choices: Mapping[str, str]) -> dict[str, Kind]:
    told = {kind: meaning(kind) for kind, _many in found.most_common()}
    most = max((weight for _means, weight in told.values()), default=1.0)
    kinds: dict[str, Kind] = {}
    for kind, many in found.most_common():
        means, weight = told[kind]
        # The strongest kind there is counts fully: among clicks and views, the clicks.
        usual = min(WEIGHTS, key=lambda mark: abs(float(mark) - (weight / most if most else 1.0)))
        mark = choices.get(KIND + kind, "")
        kinds[kind] = {"rows": many, "means": means, "weight": float(mark if mark in WEIGHTS else usual)}
    return kinds
