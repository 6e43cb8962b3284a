"""Looks at every line of a log: who, what, when, how much it says, and what is wrong with it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from projects import dates, dates_at_once, looking, quality, rows, several
from projects.bounded import Short
from projects.interactions import figures, returns
from projects.interactions.flags import BITS, names_of
from projects.interactions.ledger import NEVER, Ledger, Numbers, names, numbers
from projects.interactions.ledger import NOBODY as NO_NAME
from projects.interactions.spool import Flags, Part, Spool, Texts
from projects.interactions.understanding import DEAREST, MOST_WEIGHT, Understanding, cell_of, figure, understand
from projects.interactions.understood import Kind
from projects.values import missing, number

Progress = Callable[[float, int], None]
Held = TypeVar("Held")
Reals = NDArray[np.float64]
LONGEST = 200  # characters of an id
OTHER = Kind(rows=0, means="other", weight=1.0)  # an event that the first walk did not see
KNOWN = 50_000  # different cells of a column that are remembered
HELD = 100_000  # different titles counted in memory before they go to the database
SCHEMA = """
DROP TABLE IF EXISTS log;
DROP TABLE IF EXISTS said;
CREATE TABLE log (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, person TEXT NOT NULL, item TEXT NOT NULL, at REAL, weight REAL NOT NULL,
  quantity REAL NOT NULL, basket TEXT, bits INTEGER NOT NULL, named INTEGER NOT NULL);
CREATE TABLE said (item TEXT, role TEXT, value TEXT, many INTEGER, PRIMARY KEY (item, role, value)) WITHOUT ROWID;
"""
MOST_SEARCHED = 300_000  # lines of a log that are walked over to say which of them a row repeats
GUESTS = {
    "guest", "guest user", "guest customer", "guest checkout", "anonymous", "anon", "unknown", "not logged in", "walk-in", "walk in",
    "walk-in customer", "cash customer", "no customer", "default customer", "one-time customer", "counter sale", "-1", "gast", "gastkunde", "barverkauf", "laufkunde",
    "laufkundschaft", "anonym", "unbekannt", "invité", "invitée", "anonyme", "client comptoir", "client de passage", "inconnu", "invitado", "anónimo",
    "cliente general", "público en general", "consumidor final", "mostrador", "ospite", "anonimo", "cliente generico", "convidado", "anônimo",
    "gość", "anonimowy", "klient detaliczny", "host", "гость", "аноним", "розничный покупатель", "misafir", "anonim", "زائر", "ضيف", "ゲスト", "非会員",
    "비회원", "손님", "游客", "遊客", "匿名", "匿名用户", "访客", "訪客", "未登录", "散客", "非会员", "普通顾客",
}  # fmt: skip
NOBODY = (
    "0",
    "00",
    "000",
    "0000",
    "00000",
    "000000",
    "9999",
    "99999",
    "999999",
)  # numbers that programs give to guests
MANY_TIMES = 5  # as many rows as others have, from which such a number is nobody
NOT_SO = frozenset(
    (
        "no",
        "false",
        "0",
        "0.0",
        "0.00",
        "n",
        "f",
        "nein",
        "non",
        "nie",
        "hayır",
        "нет",
        "否",
        "未取消",
        "いいえ",
        "아니오",
        "not cancelled",
    )
)
_LONGEST_GUEST = max(map(len, GUESTS))
_DIGIT = re.compile("[0-9]")
_WHOLE = re.compile(r"(?<!\d)(\d+)\.0+")
# Lines of an invoice that are no goods, by their title.
_FEES = Short(
    re.compile(
        r"(?:dotcom )?postage|carriage|manual|discounts?|samples?|(?:bank|amazon|handling|service) (?:charges?|fees?)|amazonfee"
        r"|adjust(?:ment)?(?: .*)?|adjust bad debt|shipping(?: .*)?|delivery(?: (?:fee|cost|charge)s?)?|vouchers?|surcharge|rounding|deposit|tips?"
        r"|cruk commission|next day carriage|运费|邮费|快递费|手续费|服务费|折扣|优惠券?|补差价|差价|包装费",
        re.I,
    ),
    120,
)
_BROKEN = sum(BITS[name] for name in ("no_item", "guest", "no_time", "return", "returned", "kind_out", "cancelled"))
_BROKEN |= sum(
    BITS[name]
    for name in quality.FLAGS
    if name in BITS and quality.FLAGS[name].default == "drop" and name != "duplicate"
)


class Line(NamedTuple):
    """One row of the file as a line of the log."""

    person: str
    item: str
    at: float | None
    weight: float
    quantity: float
    basket: str | None
    bits: int
    named: bool = False  # the item is called by its title, for want of a code


def examine(
    db: Path, mapping: Mapping[str, str | None], choices: Mapping[str, str], progress: Progress
) -> dict[str, object]:
    """Flags every row and counts; what was understood and what was found, as plain JSON."""
    with rows.opened(db, write=True) as connection, rows.no_circles():
        names = rows.columns(connection)
        columns = {role: str(column) for role, column in mapping.items() if column}
        places = {role: names.index(column) for role, column in columns.items()}
        total = rows.last(connection)
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.executescript(SCHEMA)
        with Spool(db.parent) as spool:
            parts = spool.fill(connection, places, total, lambda share, n: progress(0.5 * share, n))
            understood = understand(parts, places, columns, choices)
            ledger = _walk(connection, _Reader(connection, places, understood), spool, total, progress)
        with rows.beating(connection, lambda: progress(0.92, total)):
            _settle(connection, understood, ledger)
        with rows.beating(connection, lambda: progress(0.96, total)):
            report = figures.settle(connection, understood.to_json(), ledger)
        rows.remember(connection, "rows", ledger.count)
        rows.remember(connection, "places", places)
        connection.commit()
    progress(1.0, total)
    return report


@dataclass
class _Columns:
    """Many lines, a column each."""

    n: Numbers
    person: Texts
    item: Texts
    at: Reals  # not a number where there is no moment
    weight: Reals
    quantity: Reals
    basket: Texts  # "" for none
    bits: NDArray[np.int32]
    named: Flags
    about: Counter[tuple[str, str, str]]  # (item, role, value) → lines that say so

    def rows(self) -> Iterator[tuple[object, ...]]:
        """As the log has them; the database takes what is not a number for NULL."""
        baskets = Texts([basket or None for basket in self.basket.different], self.basket.codes)  # type: ignore[misc]
        numbers_of = (self.n, self.at, self.weight, self.quantity, self.bits, self.named)
        n, at, weight, quantity, bits, named = (column.tolist() for column in numbers_of)
        return zip(n, self.person, self.item, at, weight, quantity, baskets, bits, named, strict=True)


class _Memory(dict[str, Held]):
    """What cells mean. Most of a log repeats, so that most cells are read once."""

    def __init__(self, read: Callable[[str], Held]) -> None:
        self.read = read

    def __missing__(self, text: str) -> Held:
        if len(self) >= KNOWN:
            self.clear()
        found = self[text] = self.read(text)
        return found

    def of(self, texts: Sequence[str]) -> list[Held]:
        return [self[text] for text in texts]


class _Reader:
    """Makes lines of a row: one, or one for each thing that its cell of items holds."""

    def __init__(self, db: sqlite3.Connection, places: Mapping[str, int], understood: Understanding) -> None:
        self.places, self.understood = places, understood
        self.form = str(understood.when.get("kind", "none"))
        reading = rows.recall(db, "reading", {})
        self.decimals = [column.get("decimal") or "." for column in reading.get("columns", [])]
        self.sign = str(understood.several["sign"]) if understood.several.get("used") else ""
        self.once: list[str] = understood.filled["roles"] if understood.filled.get("used") else []
        self.by_name = bool(understood.named.get("used"))
        self.first: dict[str, str | None] = {}  # of the basket at hand
        self._person, self._item = (_Memory(partial(self._id, role)) for role in ("person", "item"))
        self._who = _Memory(self._flags_of)
        self._moment = _Memory(lambda text: dates.parse(text, self.form))
        self._amount = _Memory(self._quantity)
        self._basket = _Memory(lambda text: clean_id(text) or None)
        self._title = _Memory(lambda text: "" if missing(text) else text[:500])
        self._price = _Memory(self._priced)
        self._says: dict[tuple[str, str], tuple[float, int]] = {}
        self.cancelled = ""  # the basket of which a line above said so

    @property
    def alone(self) -> bool:
        """Whether each row is one line that needs no other row to be read, as in nearly every log."""
        return not self.once and not self.sign and "cancelled" not in self.places

    def columns(self, part: Part) -> _Columns:
        """The lines of many rows of which each is one, and what they say about their items."""
        many, said = len(part.n), part.said
        nothing = Texts([""], np.zeros(many, np.int32))

        def cells(role: str) -> Texts:
            return said.get(role, nothing)

        bits = part.problem.each([BITS.get(problem, 0) for problem in part.problem.different], np.int32)
        person = Texts(self._ids("person", cells("person")), cells("person").codes)
        bits |= person.each(self._who.of(person.different), np.int32)
        item = Texts(self._ids("item", cells("item")), cells("item").codes)
        item, named = self._named(item, cells("title"))
        bits[item.each([not one for one in item.different], np.bool_)] |= BITS["no_item"]
        at = cells("when").each(self._moments(cells("when").different), np.float64)
        if "when" in said and self.form != "none":
            bits[np.isnan(at)] |= BITS["no_time"]
        basket = Texts(self._ids("basket", cells("basket")), cells("basket").codes)
        amounts = self._amount.of(cells("quantity").different)
        bits |= cells("quantity").each([self._back(amount, None) for amount in amounts], np.int32)
        if self.understood.letters:
            bits |= basket.each([self._back(None, one) for one in basket.different], np.int32)
        weight, more = self._weights(cells("weight"), cells("kind"))
        bits |= more
        quantity = cells("quantity").each([1.0 if amount is None else amount for amount in amounts], np.float64)
        about = self._about(item, said, (bits & BITS["return"]) == 0)
        return _Columns(part.n, person, item, at, weight, quantity, basket, bits, named, about)

    def _ids(self, role: str, cells: Texts) -> list[str]:
        """What the different cells are as ids."""
        every = "\0".join(cells.different)
        if ".0" in every or '="' in every:
            return [self._id(role, text) for text in cells.different]
        found = [
            "" if nothing else text[:LONGEST]
            for text, nothing in zip(cells.different, cells.nothing.tolist(), strict=True)
        ]
        width = self.understood.widths.get(role, 0)
        return [text.zfill(width) if text.isdecimal() else text for text in found] if width else found

    def _named(self, item: Texts, title: Texts) -> tuple[Texts, Flags]:
        """The items, called by their titles where they have no code, and which ones that are."""
        if not self.by_name:
            return item, np.zeros(len(item), np.bool_)
        lacks = item.each([not one for one in item.different], np.bool_)
        named = lacks & ~title.each([missing(text) for text in title.different], np.bool_)
        codes = np.where(named, len(item.different) + title.codes, item.codes).astype(np.int32)
        return Texts([*item.different, *(text[:LONGEST] for text in title.different)], codes), named

    def _about(self, item: Texts, said: Mapping[str, Texts], taken: Flags) -> Counter[tuple[str, str, str]]:
        """What the lines that are no returns say about their items."""
        found: Counter[tuple[str, str, str]] = Counter()
        for role, known in (("title", self._title), ("category", self._title), ("price", self._price)):
            if role not in said:
                continue
            values, codes = known.of(said[role].different), said[role].codes
            pairs = item.codes.astype(np.int64) * len(values) + codes
            for pair, many in zip(*map(np.ndarray.tolist, np.unique(pairs[taken], return_counts=True)), strict=True):
                name, value = item.different[pair // len(values)], values[pair % len(values)]
                if name and value:
                    found[name, role, value] += many
        return found

    def _weights(self, weight: Texts, kind: Texts) -> tuple[Reals, NDArray[np.int32]]:
        """How much each line says, and the flags for saying nothing good."""
        width = len(kind.different)
        pairs, place = np.unique(weight.codes.astype(np.int64) * width + kind.codes, return_inverse=True)
        told = [self._said(weight.different[pair // width], kind.different[pair % width]) for pair in pairs.tolist()]
        weights, bits = zip(*told, strict=True) if told else ((), ())
        return np.array(weights, np.float64)[place], np.array(bits, np.int32)[place]

    def _moments(self, texts: list[str]) -> list[float]:
        found: list[float] = dates_at_once.moments(texts, self.form).tolist()
        for place, at in enumerate(found):
            if at != at and (moment := self._moment[texts[place]]) is not None:
                found[place] = moment
        return found

    def _said(self, weight: str, kind: str) -> tuple[float, int]:
        known = self._says.get((weight, kind))
        if known is None:
            if len(self._says) >= KNOWN:
                self._says.clear()
            known = self._says[weight, kind] = self._weight(weight, kind)
        return known

    def _flags_of(self, person: str) -> int:
        """What is wrong with a name of somebody."""
        guest = not person or (len(person) <= _LONGEST_GUEST and person.casefold() in GUESTS)
        return (BITS["guest"] if guest else 0) | (BITS["personal"] if "@" in person else 0)

    def lines(self, n: int, cells: list[str | None], problem: str) -> list[tuple[Line, list[tuple[str, str, str]]]]:
        """The lines of row N, each with what the row says about its item."""
        cells = self._filled(cells)
        found = []
        for one, many in self._apart(cells) if self.sign else [(cells, 1.0)]:
            line = self.line(one, problem)
            if self.sign:  # what stands in one cell was taken together
                quantity = many if many != 1 else line.quantity
                line = line._replace(quantity=quantity, basket=line.basket or f"row {n}")
            found.append((line, self.said(one, line)))
        return found

    def _filled(self, cells: list[str | None]) -> list[str | None]:
        """The cells, with what only the first line of their basket says."""
        if not self.once:
            return cells
        basket, full = self._text(cells, "basket"), list(cells)
        if not basket or basket != self.first.get("basket"):
            self.first = {"basket": basket, **{role: self._text(cells, role) for role in self.once}}
        for role in self.once:
            place = self.places[role]
            if missing(self._text(cells, role)) and place < len(full):
                full[place] = self.first[role]
        return full

    def _apart(self, cells: list[str | None]) -> list[tuple[list[str | None], float]]:
        """The cells once for each thing in them, and how many of it; lists beside them that are as long go along."""
        things = several.parts(self._text(cells, "item"), self.sign)
        beside = {
            role: held
            for role in ("title", "quantity", "price")
            if role in self.places and len(held := several.parts(self._text(cells, role), self.sign)) == len(things) > 1
        }
        found = []
        for at, part in enumerate(things):
            one = list(cells)
            one[self.places["item"]] = part.name
            for role, held in beside.items():
                one[self.places[role]] = held[at].name
            if "title" in self.places and "title" not in beside and self.places["title"] < len(one):
                one[self.places["title"]] = part.title or None  # the title of all of them is none of one
            found.append((one, part.many))
        return found or [(cells, 1.0)]

    def line(self, cells: list[str | None], problem: str) -> Line:
        person, item = self._person[self._text(cells, "person")], self._item[self._text(cells, "item")]
        named = self.by_name and not item and not missing(self._text(cells, "title"))
        if named:
            item = self._text(cells, "title")[:LONGEST]
        bits = BITS.get(problem, 0) if problem else 0
        bits |= self._who[person] | (0 if item else BITS["no_item"])
        at = self._moment[self._text(cells, "when")]
        bits |= BITS["no_time"] if at is None and "when" in self.places and self.form != "none" else 0
        basket = self._basket[self._text(cells, "basket")]
        quantity = self._amount[self._text(cells, "quantity")]
        if "cancelled" in self.places and self._cancelled(cells, basket):
            bits |= BITS["cancelled"]
        weight, more = self._said(self._text(cells, "weight"), self._text(cells, "kind"))
        bits |= more | self._back(quantity, basket)
        return Line(person, item, at, weight, 1.0 if quantity is None else quantity, basket, bits, named)

    def _cancelled(self, cells: list[str | None], basket: str | None) -> bool:
        """Whether a date, a reason or a yes stands in the column for it; many shops fill it in an order's first line only."""
        text = self._text(cells, "cancelled")
        if missing(text):
            return bool(basket) and basket == self.cancelled
        so = text.casefold() not in NOT_SO
        self.cancelled = (basket or "") if so else ""
        return so

    def _id(self, role: str, text: str) -> str:
        found, width = clean_id(text), self.understood.widths.get(role, 0)
        return found.zfill(width) if width and found.isdecimal() else found

    def said(self, cells: list[str | None], line: Line) -> list[tuple[str, str, str]]:
        """What the log itself says about the item."""
        if not line.item or line.bits & BITS["return"]:
            return []
        found = []
        for role in ("title", "category"):
            if role in self.places and (text := self._title[self._text(cells, role)]):
                found.append((line.item, role, text))
        if "price" in self.places and (price := self._price[self._text(cells, "price")]):
            found.append((line.item, "price", price))
        return found

    def _priced(self, text: str) -> str:
        price = self._number(text, "price")
        return repr(price) if price is not None and 0 < price < DEAREST else ""

    def _quantity(self, text: str) -> float | None:
        return self._number(text, "quantity")

    def _text(self, cells: list[str | None], role: str) -> str:
        return cell_of(cells, self.places[role]) if role in self.places else ""

    def _number(self, text: str, role: str) -> float | None:
        return number(text, self.decimals[self.places[role]]) if text else None

    def _weight(self, said: str, event: str) -> tuple[float, int]:
        """How much the line says, and the flags for saying nothing good."""
        weight, bits = 1.0, 0
        about = self.understood.weight
        value = figure(said) if about else None
        value = None if value == 0 and about.get("unrated") else value
        if value is not None and about["kind"] in ("stars", "thumbs"):
            bits |= BITS["not_liked"] if value < about["liked"] else 0
            weight = max(value, 0.0) / (about["liked"] or 1.0)
        elif value is not None:
            bits |= BITS["not_liked"] if value <= 0 else 0
            weight = max(value, 0.0)
        if kinds := self.understood.kinds:
            kind = kinds.get(event[:100], OTHER)
            weight *= kind["weight"]
            back = kind["means"] == "return" and not self.understood.states
            bits |= BITS["return"] if back else BITS["kind_out"] if not kind["weight"] else 0
        return round(min(weight, MOST_WEIGHT), 4), bits

    def _back(self, quantity: float | None, basket: str | None) -> int:
        letters = self.understood.letters
        cancelled = bool(letters and basket and basket[: len(letters)].upper() == letters)
        return BITS["return"] if cancelled or (quantity is not None and quantity <= 0) else 0


def clean_id(text: str) -> str:
    """An id as a text; 17850.0 is what a spreadsheet made of 17850."""
    if missing(text):
        return ""
    if text.startswith('="') and text.endswith('"'):  # how shops keep spreadsheets from counting with a number
        text = text[2:-1].strip()
    whole = _WHOLE.fullmatch(text)
    return (whole[1] if whole else text)[:LONGEST]


def _walk(db: sqlite3.Connection, reader: _Reader, spool: Spool, total: int, progress: Progress) -> Ledger:
    """Fills the log; its lines as columns of numbers."""
    said: Counter[tuple[str, str, str]] = Counter()
    ledger = Ledger.of_size(total)
    lines = map(reader.columns, spool) if reader.alone else _one_by_one(reader, looking.batches(db))
    for found in lines:
        ledger.add(
            found.person.each(numbers(found.person.different), np.int64),
            found.item.each(numbers(found.item.different), np.int64),
            found.basket.each(numbers(found.basket.different), np.int64),
            np.where(np.isnan(found.at), NEVER, found.at),
            found.weight,
            found.bits,
            found.named,
        )
        said.update(found.about)
        db.executemany(
            "INSERT INTO log (n, person, item, at, weight, quantity, basket, bits, named)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            found.rows(),
        )
        if len(said) > HELD:
            _say(db, said)
        last = int(found.n[-1])
        progress(0.5 + 0.42 * last / max(1, total), last)
    _say(db, said)
    ledger.cut()
    return ledger


def _one_by_one(reader: _Reader, batches: Iterable[looking.Batch]) -> Iterator[_Columns]:
    """The same where a row is several lines, or is read by what stands above it."""
    for batch in batches:
        lines: list[tuple[int, Line]] = []
        said: list[tuple[str, str, str]] = []
        for n, cells, problem in batch:
            for line, about in reader.lines(n, cells, problem):
                lines.append((n, line))
                said += about
        person, item, at, weight, quantity, basket, bits, named = zip(*(line for _n, line in lines), strict=True)
        yield _Columns(
            np.array([n for n, _line in lines], np.int64),
            Texts.of(person),
            Texts.of(item),
            np.array([np.nan if moment is None else moment for moment in at], np.float64),
            np.array(weight, np.float64),
            np.array(quantity, np.float64),
            Texts.of([one or "" for one in basket]),
            np.array(bits, np.int32),
            np.array(named, np.bool_),
            Counter(said),
        )


def _say(db: sqlite3.Connection, said: Counter[tuple[str, str, str]]) -> None:
    db.executemany(
        "INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET many = many + excluded.many",
        [(*what, many) for what, many in said.items()],
    )
    said.clear()


def _settle(db: sqlite3.Connection, understood: Understanding, ledger: Ledger) -> None:
    """What needs all rows at once: the codes of items that have only a name here, and flags."""
    if understood.named.get("used"):
        _give_codes(db, ledger)
    before = ledger.bits.copy()
    _flag_fees(db, ledger)
    _flag_nobody(ledger)
    if understood.signed or understood.letters or any(k["means"] == "return" for k in understood.kinds.values()):
        returns.flag(db, ledger)
    ledger.mark(ledger.repeated(_BROKEN), BITS["duplicate"])
    changed = np.flatnonzero(before != ledger.bits)
    db.executemany(
        "UPDATE log SET bits = ? WHERE id = ?",
        zip(ledger.bits[changed].tolist(), (changed + 1).tolist(), strict=True),
    )


def titles(db: sqlite3.Connection, role: str = "title") -> str:
    """SQL of (item, value): what the log says most often about each item."""
    return (
        "SELECT item, value FROM (SELECT item, value, row_number() OVER (PARTITION BY item ORDER BY many DESC, value)"  # noqa: S608
        f" AS place FROM said WHERE role = '{role}') WHERE place = 1"
    )


def _give_codes(db: sqlite3.Connection, ledger: Ledger) -> None:
    """A line without a code gets the code that its title has elsewhere, where that is one; else the title stays."""
    db.execute("CREATE TEMP TABLE codes (title TEXT PRIMARY KEY, item TEXT) WITHOUT ROWID")
    db.execute(
        "INSERT INTO codes SELECT value, min(item) FROM said WHERE role = 'title' AND item != value"
        " AND value IN (SELECT item FROM log WHERE named) GROUP BY value HAVING count(DISTINCT item) = 1"
    )
    db.execute(
        "UPDATE log SET item = coalesce((SELECT codes.item FROM codes WHERE title = log.item), item) WHERE named"
    )
    db.execute("DROP TABLE codes")
    places = np.flatnonzero(ledger.named)
    ledger.item[places] = numbers(names(db, "item", places))


def _flag_fees(db: sqlite3.Connection, ledger: Ledger) -> None:
    """Codes without a digit where codes have digits, and lines that are called postage, fee or discount."""
    coded = np.flatnonzero(~ledger.named & (ledger.item != NO_NAME))
    _items, first = np.unique(ledger.item[coded], return_index=True)
    bare = [item for item in names(db, "item", coded[first]) if not _DIGIT.search(item)]
    fees = bare if len(first) >= 20 and len(first) - len(bare) >= 0.95 * len(first) else []
    fees += [item for item, title in db.execute(titles(db)) if _FEES.fullmatch(title.strip())]
    if fees:
        ledger.mark(np.isin(ledger.item, numbers(fees)), BITS["not_product"])


def _flag_nobody(ledger: Ledger) -> None:
    """Customer 0 of a shop stands for all guests. In a log of numbered people 0 has about as many rows as the others."""
    baskets = bool((ledger.basket != NO_NAME).any())
    rows_of = {name: int((ledger.person == hash(name)).sum()) for name in NOBODY}
    if not any(rows_of.values()):
        return
    everybody = ledger.person[ledger.person != NO_NAME]
    many, people = len(everybody), len(np.unique(everybody))
    next_to = [bool((ledger.person == hash(name)).any()) for name in ("1", "2", "3")]
    for person, own in rows_of.items():
        usual = (many - own) / max(1, people - 1)
        numbered = all(next_to) and not baskets  # 0, 1, 2, 3 ...: whoever counts from 0
        if own and people > 2 and not numbered and own >= max(10, MANY_TIMES * usual):
            ledger.mark(ledger.person == hash(person), BITS["guest"])


def behind(db: Path, flag: str, offset: int = 0, limit: int = 50) -> list[quality.BadRow]:
    """A page of the rows that carry the flag."""
    with rows.opened(db) as connection:
        found = connection.execute(
            "SELECT n, line, cells, problem, bits FROM (SELECT id, n, bits FROM log WHERE bits & ? ORDER BY id LIMIT ?"
            " OFFSET ?) JOIN rows USING (n) ORDER BY id",
            (BITS[flag], limit, offset),
        ).fetchall()
    return [
        quality.BadRow(n, line, json.loads(cells), problem, names_of(bits)) for n, line, cells, problem, bits in found
    ]


def copies(db: Path, numbers: Collection[int]) -> dict[int, int]:
    """Which of these rows are merged into another: row → the line of that one. Nothing says so in a very long log, which
    has no order in which to look for it."""
    asked = (
        "WITH wanted AS (SELECT DISTINCT n, person, item, at, basket FROM log"
        " WHERE n IN (SELECT value FROM json_each(:numbers)) AND bits & :duplicate)"
        " SELECT wanted.n, min(line) FROM wanted JOIN log ON log.person = wanted.person AND log.item = wanted.item"
        " AND log.at IS wanted.at AND (log.at NOT NULL OR log.basket IS wanted.basket)"
        " JOIN rows ON rows.n = log.n WHERE NOT log.bits & :left_out AND log.n != wanted.n GROUP BY wanted.n"
    )
    left_out = _BROKEN | BITS["duplicate"]
    with rows.opened(db) as connection:
        if not numbers or connection.execute("SELECT max(id) FROM log").fetchone()[0] > MOST_SEARCHED:
            return {}
        told = {"numbers": json.dumps(list(numbers)), "duplicate": BITS["duplicate"], "left_out": left_out}
        return dict(connection.execute(asked, told).fetchall())
