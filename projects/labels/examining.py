"""Looks at every text and its label: flags, the label cells and their rows, and what depends on how labels are merged."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from projects import columns, language, looking, privacy, quality, rows
from projects.choices import Choices
from projects.labels import columns as label_columns
from projects.labels import settling
from projects.labels.columns import Column
from projects.labels.names import Decisions
from projects.labels.suggesting import shown_labels
from projects.looking import Message
from projects.plain import keys as plain_keys
from projects.plain import plain
from projects.quality import QualityReport
from projects.values import missing

DISTINCT = 50_000  # label cells told apart; a column with more of them holds no labels
HELD = 6  # counts over all rows that are remembered until the file changes
Progress = Callable[[float, int], None]
_TABLES = """
DROP TABLE IF EXISTS cells;
DROP TABLE IF EXISTS labelled;
CREATE TABLE cells (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE labelled (n INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
"""


def examine(
    db: Path, mapping: Mapping[str, columns.Played], roles: Sequence[str], choices: Choices, progress: Progress
) -> QualityReport:
    """Flags every row. ROLES: the names of the text and of the label; the label may have no column yet."""
    with rows.opened(db, write=True) as connection:
        names = rows.columns(connection)
        places = columns.places({role: mapping.get(role) for role in roles}, names)
        total = rows.last(connection)
        quality.prepare(connection)
        connection.executescript(_TABLES)
        for key, value in (("places", places), ("needed", list(places)), ("rows", total)):
            rows.remember(connection, key, value)
        texts, label = columns.of(mapping, roles[0]), columns.first(mapping, roles[1]) or None
        held = _columns(connection, names, texts, label, Decisions.of(choices).columns)
        look = _Look(places[roles[0]], held, label_columns.none_of_these())
        looking.walk(db, connection, look, total, lambda share, n: progress(0.9 * share, n))
        quality.mark_personal(connection)
        connection.execute("CREATE INDEX IF NOT EXISTS marks_n ON marks (n)")
        report = QualityReport(rows=total, lengths={roles[0]: quality.histogram(look.lengths)})
        told = sum(many for one, many in look.languages.items() if one)
        report.languages = {one: round(many / told, 4) for one, many in look.languages.most_common(6) if one}
        settling.settle(connection, report, choices)
        connection.commit()
    progress(1.0, total)
    return report


def _columns(
    db: sqlite3.Connection, names: Sequence[str], texts: Sequence[str], label: str | None, chosen: Sequence[str]
) -> list[Column]:
    """The columns that hold labels; remembered for the writing, with those that could hold more."""
    first = db.execute("SELECT cells FROM rows ORDER BY n LIMIT ?", (label_columns.LOOK,))
    sample = [json.loads(row) for (row,) in first]
    held = label_columns.understood(names, chosen or ([label] if label else []), sample, several=bool(chosen))
    rows.remember(db, "label_columns", [one.to_json() for one in held])
    rows.remember(db, "none", label_columns.none_of_these())
    rows.remember(db, "alike", [] if chosen else label_columns.alike(names, label, texts, sample))
    return held


def alike(db: Path) -> list[str]:
    """The columns that look like labels, where there are several and nobody chose yet."""
    with rows.opened(db) as connection:
        return list(rows.recall(connection, "alike", []))


def settle(db: Path, report: QualityReport, choices: Choices) -> None:
    """Brings flags and REPORT to what the decisions about labels are now."""
    with rows.opened(db, write=True) as connection:
        settling.settle(connection, report, choices)
        connection.commit()


def cells(db: Path) -> Counter[str]:
    """Label cell → rows that have it."""
    return Counter(_cells(db, rows.version(db)))


@lru_cache(maxsize=HELD)
def _cells(db: Path, _version: object) -> Counter[str]:
    with rows.opened(db) as connection:
        return settling.cells(connection)


def balance(db: Path, choices: Choices) -> Counter[str]:
    """Label as shown → rows kept under these choices."""
    return shown_labels(_kept(db, rows.version(db), tuple(quality.dropping(choices))), Decisions.of(choices))


@lru_cache(maxsize=HELD)
def _kept(db: Path, _version: object, drop: tuple[str, ...]) -> Counter[str]:
    """Label cell → rows that have none of these flags. It goes over all rows, which takes seconds where there are millions."""
    with rows.opened(db) as connection:
        found = connection.execute(
            "SELECT text, count(*) FROM labelled JOIN cells ON cells.id = cell WHERE n NOT IN"  # noqa: S608
            f" (SELECT n FROM marks WHERE flag IN ({','.join('?' * len(drop))})) GROUP BY cell",
            drop,
        )
        kept: Counter[str] = Counter()
        for text, many in found:
            kept[text] += many
    return kept


def contradictions(db: Path) -> dict[str, int]:
    """How many texts have several labels, how many rows these are, and how many rows the majority is against."""
    with rows.opened(db) as connection:
        texts = connection.execute(
            "SELECT count(DISTINCT question), count(*) FROM keys WHERE n IN (SELECT n FROM marks WHERE flag = 'contradicting')"
        ).fetchone()
        against = connection.execute("SELECT count(*) FROM marks WHERE flag = 'outvoted'").fetchone()[0]
    return {"texts": texts[0], "rows": texts[1], "outvoted": against}


class _Look:
    """Looks at one batch at a time; keeps counts and the label cells it has seen."""

    def __init__(self, at: columns.Places, held: Sequence[Column], none: str, last: int = 0) -> None:
        self.at, self.columns, self.none = at, held, none
        self.lengths = [0] * (len(quality.BUCKETS) - 1)
        self.languages: Counter[str] = Counter()
        self.seen = 0
        self.label_places = [column.place for column in held]
        self.labels: dict[tuple[str | None, ...], str] = {}  # what stands in their cells → the label
        self.known: dict[str, int] = {}
        self.last = last  # number of a label cell
        self.fresh: list[tuple[int, str]] = []  # cells of this batch that were not seen before

    def asked(self) -> Message:
        return {"at": self.at, "columns": [one.to_json() for one in self.columns], "none": self.none}

    def counted(self) -> Message:
        return {"lengths": self.lengths, "languages": self.languages, "seen": self.seen}

    def join(self, counted: Message) -> None:
        self.lengths = [one + other for one, other in zip(self.lengths, counted["lengths"], strict=True)]
        self.languages.update(counted["languages"])
        self.seen += counted["seen"]

    def store(self, db: sqlite3.Connection, batch: looking.Batch) -> None:
        """Plain texts are stored as they are; the others are looked at one by one."""
        marks: list[tuple[str, int]] = []
        found: list[tuple[str, int, int]] = []
        keys: list[tuple[int, int]] = []
        self.fresh = []
        numbers, cells_of, problems = zip(*batch, strict=True)
        texts = quality.cell_texts(columns.texts(cells_of, self.at))
        labels = [self.label(cells) for cells in cells_of]
        easy = plain(texts, quality.TOKENS) & ~np.fromiter(map(bool, problems), bool, len(batch))
        labelled = np.fromiter(map(bool, labels), bool, len(batch))
        marks += [("unlabelled", numbers[place]) for place in np.flatnonzero(easy & ~labelled).tolist()]
        usable = easy.copy()
        for place in np.flatnonzero(~easy).tolist():
            n, text = numbers[place], texts[place]
            flags = self.flags(text, problems[place], labelled=bool(labelled[place]))
            marks += [(flag, n) for flag in flags]
            if "empty" in flags:
                continue
            usable[place] = True
            personal = privacy.find(text)
            found += [(privacy.value(text, one), n, 0) for one in personal]
            if labelled[place]:
                # The same text is the same with and without its tags and what is masked.
                bare = (quality.without_markup(text) or text) if "markup" in flags else text
                again = personal if bare is text else None  # what is found in it, where it is known
                keys.append((n, quality.key(privacy.mask(bare, found=again) if personal else bare)))
        self.measure(texts, np.flatnonzero(usable).tolist())
        rest = np.flatnonzero(easy & labelled).tolist()
        keys += zip([numbers[place] for place in rest], plain_keys([texts[place] for place in rest]), strict=True)
        held = [(numbers[place], self.cell(labels[place])) for place in np.flatnonzero(usable & labelled).tolist()]
        db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", marks)
        db.executemany("INSERT INTO found (value, n, side) VALUES (?, ?, ?)", found)
        db.executemany("INSERT INTO keys VALUES (?, ?, NULL)", sorted(keys))
        db.executemany("INSERT INTO labelled VALUES (?, ?)", held)
        db.executemany("INSERT INTO cells VALUES (?, ?)", self.fresh)

    def flags(self, text: str, problem: str, *, labelled: bool) -> list[str]:
        flags = [problem] if problem in quality.FLAGS else []
        if missing(text):
            return [*flags, "empty"]
        flags += [name for name, faulty in quality.FAULTS.items() if faulty(text)]
        return flags if labelled else [*flags, "unlabelled"]

    def measure(self, texts: Sequence[str], usable: Sequence[int]) -> None:
        """Counts the lengths of the texts that are not empty, and now and then their language."""
        self.lengths = quality.added(self.lengths, [texts[place] for place in usable])
        for place in quality.sampled(usable, self.seen):
            self.languages[language.of(texts[place])] += 1
        self.seen += len(usable)

    def label(self, row: Sequence[str | None]) -> str:
        """The label cell of a row; "" where it has none."""
        at = tuple([row[place] if place < len(row) else None for place in self.label_places])
        said = self.labels.get(at)
        if said is None:
            said = label_columns.cell(row, self.columns, self.none) if self.columns else ""
            said = "" if missing(said) else said
            if len(self.labels) < DISTINCT:
                self.labels[at] = said
        return said

    def cell(self, label: str) -> int:
        """The number of a label cell; cells beyond the first 50,000 get a new one each time."""
        if (known := self.known.get(label)) is not None:
            return known
        self.last += 1
        self.fresh.append((self.last, label))
        if len(self.known) < DISTINCT:
            self.known[label] = self.last
        return self.last


def look_of(asked: Message) -> _Look:
    """The same look in another process, which numbers label cells from where this one never comes."""
    return _Look(asked["at"], [Column.of(one) for one in asked["columns"]], asked["none"], 1 << 40)
