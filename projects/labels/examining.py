"""Looks at every text and its label: flags, the label cells and their rows, and what depends on how labels are merged."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from projects import language, privacy, quality, rows
from projects.labels import columns as label_columns
from projects.labels import settling
from projects.labels.columns import Column
from projects.labels.names import Decisions
from projects.labels.suggesting import shown_labels
from projects.quality import QualityReport
from projects.values import missing

DISTINCT = 50_000  # label cells told apart; a column with more of them holds no labels
Progress = Callable[[float, int], None]
_TABLES = """
DROP TABLE IF EXISTS cells;
DROP TABLE IF EXISTS labelled;
CREATE TABLE cells (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE labelled (n INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
"""


def examine(
    db: Path, mapping: Mapping[str, str | None], roles: Sequence[str], choices: Mapping[str, Any], progress: Progress
) -> QualityReport:
    """Flags every row. ROLES: the names of the text and of the label; the label may have no column yet."""
    with rows.opened(db, write=True) as connection:
        names = rows.columns(connection)
        places = {role: names.index(str(mapping[role])) for role in roles if mapping.get(role)}
        total = int(connection.execute("SELECT count(*) FROM rows").fetchone()[0])
        quality.prepare(connection)
        connection.executescript(_TABLES)
        for key, value in (("places", places), ("needed", list(places)), ("rows", total)):
            rows.remember(connection, key, value)
        text, label = str(mapping[roles[0]]), mapping.get(roles[1])
        held = _columns(connection, names, text, label, Decisions.of(choices).columns)
        look = _Look(places[roles[0]], held)
        for batch in quality.batches(connection):
            look.store(connection, batch)
            progress(0.9 * batch[-1][0] / max(1, total), batch[-1][0])
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
    db: sqlite3.Connection, names: Sequence[str], text: str, label: str | None, chosen: Sequence[str]
) -> list[Column]:
    """The columns that hold labels; remembered for the writing, with those that could hold more."""
    first = db.execute("SELECT cells FROM rows ORDER BY n LIMIT ?", (label_columns.LOOK,))
    sample = [json.loads(row) for (row,) in first]
    held = label_columns.understood(names, chosen or ([label] if label else []), sample, several=bool(chosen))
    rows.remember(db, "label_columns", [one.to_json() for one in held])
    rows.remember(db, "none", label_columns.none_of_these())
    rows.remember(db, "alike", [] if chosen else label_columns.alike(names, label, text, sample))
    return held


def alike(db: Path) -> list[str]:
    """The columns that look like labels, where there are several and nobody chose yet."""
    with rows.opened(db) as connection:
        return list(rows.recall(connection, "alike", []))


def settle(db: Path, report: QualityReport, choices: Mapping[str, Any]) -> None:
    """Brings flags and REPORT to what the decisions about labels are now."""
    with rows.opened(db, write=True) as connection:
        settling.settle(connection, report, choices)
        connection.commit()


def cells(db: Path) -> Counter[str]:
    """Label cell → rows that have it."""
    with rows.opened(db) as connection:
        return settling.cells(connection)


def balance(db: Path, choices: Mapping[str, Any]) -> Counter[str]:
    """Label as shown → rows kept under these choices."""
    drop = quality.dropping(choices)
    with rows.opened(db) as connection:
        found = connection.execute(
            "SELECT text, count(*) FROM labelled JOIN cells ON cells.id = cell WHERE n NOT IN"  # noqa: S608
            f" (SELECT n FROM marks WHERE flag IN ({','.join('?' * len(drop))})) GROUP BY cell",
            drop,
        )
        kept: Counter[str] = Counter()
        for text, many in found:
            kept[text] += many
    return shown_labels(kept, Decisions.of(choices))


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

    def __init__(self, text: int, columns: Sequence[Column]) -> None:
        self.text, self.columns = text, columns
        self.none = label_columns.none_of_these()
        self.lengths = [0] * (len(quality.BUCKETS) - 1)
        self.languages: Counter[str] = Counter()
        self.seen = 0
        self.known: dict[str, int] = {}
        self.last = 0
        self.fresh: list[tuple[int, str]] = []  # cells of this batch that were not seen before

    def store(self, db: sqlite3.Connection, batch: Sequence[tuple[int, list[str | None], str]]) -> None:
        marks: list[tuple[str, int]] = []
        found: list[tuple[str, int, int]] = []
        keys: list[tuple[int, int]] = []
        labelled: list[tuple[int, int]] = []
        self.fresh = []
        for n, row, problem in batch:
            text = quality.cell_text(row[self.text]) if self.text < len(row) else ""
            label = label_columns.cell(row, self.columns, self.none) if self.columns else ""
            flags = self.flags(text, label, problem)
            marks += [(flag, n) for flag in flags]
            personal = [(privacy.value(text, one), n, 0) for one in privacy.find(text)] if "empty" not in flags else []
            found += personal
            if "empty" not in flags and "unlabelled" not in flags:
                # The same text is the same with and without its tags and what is masked.
                plain = (quality.without_markup(text) or text) if "markup" in flags else text
                keys.append((n, quality.key(privacy.mask(plain) if personal else plain)))
                labelled.append((n, self.cell(label)))
        db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", marks)
        db.executemany("INSERT INTO found VALUES (?, ?, ?)", found)
        db.executemany("INSERT INTO keys VALUES (?, ?, NULL)", keys)
        db.executemany("INSERT INTO labelled VALUES (?, ?)", labelled)
        db.executemany("INSERT INTO cells VALUES (?, ?)", self.fresh)

    def flags(self, text: str, label: str, problem: str) -> list[str]:
        flags = [problem] if problem in quality.FLAGS else []
        if missing(text):
            return [*flags, "empty"]
        self.measure(text)
        checks = {
            "too_long": quality.tokens(text) > quality.TOKENS,
            "garbage": quality.garbage(text),
            "markup": ("<" in text or "&" in text) and quality.has_markup(text),
            "unlabelled": missing(label),
        }
        return [*flags, *(name for name, true in checks.items() if true)]

    def measure(self, text: str) -> None:
        self.seen += 1
        place = next(place for place, end in enumerate(quality.BUCKETS[1:]) if len(text) < end)
        self.lengths[place] += 1
        if self.seen <= 1_000 or self.seen % 100 == 0:
            self.languages[language.of(text)] += 1

    def cell(self, label: str) -> int:
        """The number of a label cell; cells beyond the first 50,000 get a new one each time."""
        if (known := self.known.get(label)) is not None:
            return known
        self.last += 1
        self.fresh.append((self.last, label))
        if len(self.known) < DISTINCT:
            self.known[label] = self.last
        return self.last
