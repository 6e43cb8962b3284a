"""Looks at every text and its label: flags, the label cells and their rows, and what depends on how labels are merged."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from projects import language, privacy, quality, rows
from projects.labels.names import Decisions, fold, tidy
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
        look = _Look(places[roles[0]], places.get(roles[1]))
        for batch in quality.batches(connection):
            look.store(connection, batch)
            progress(0.9 * batch[-1][0] / max(1, total), batch[-1][0])
        quality.mark_personal(connection)
        connection.execute("CREATE INDEX IF NOT EXISTS marks_n ON marks (n)")
        report = QualityReport(rows=total, lengths={roles[0]: quality.histogram(look.lengths)})
        told = sum(many for one, many in look.languages.items() if one)
        report.languages = {one: round(many / told, 4) for one, many in look.languages.most_common(6) if one}
        _settle(connection, report, choices)
        connection.commit()
    progress(1.0, total)
    return report


def settle(db: Path, report: QualityReport, choices: Mapping[str, Any]) -> None:
    """Brings flags and REPORT to what the decisions about labels are now."""
    with rows.opened(db, write=True) as connection:
        _settle(connection, report, choices)
        connection.commit()


def cells(db: Path) -> Counter[str]:
    """Label cell → rows that have it."""
    with rows.opened(db) as connection:
        return _cells(connection)


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

    def __init__(self, text: int, label: int | None) -> None:
        self.text, self.label = text, label
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
            label = tidy(row[self.label]) if self.label is not None and self.label < len(row) else ""
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


# What depends on the decisions ----------------------------------------------------------------------------


def _settle(db: sqlite3.Connection, report: QualityReport, choices: Mapping[str, Any]) -> None:
    decisions = Decisions.of(choices)
    _answers(db, decisions)
    db.execute("DELETE FROM marks WHERE flag IN ('duplicate', 'contradicting', 'outvoted', 'label_left_out')")
    db.execute("INSERT INTO marks SELECT 'label_left_out', n FROM keys WHERE answer IS NULL")
    quality.mark_repeats(db)
    _mark_outvoted(db)
    quality.combine(db)
    found = dict(db.execute("SELECT flag, count(*) FROM marks GROUP BY flag").fetchall())
    report.flags = {name: found[name] for name in quality.FLAGS if name in found}
    shown = shown_labels(_cells(db), decisions)
    report.distinct, report.top = len(shown), []
    usable = int(db.execute("SELECT count(*) FROM keys WHERE answer NOT NULL").fetchone()[0])
    report.same_answer = round(max(shown.values()) / max(1, usable), 4) if shown else 0.0
    report.kept, report.dropped = quality.sums(db, choices)
    report.warnings = _warnings(report, shown, usable)


def _cells(db: sqlite3.Connection) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, many in db.execute("SELECT text, count(*) FROM labelled JOIN cells ON cells.id = cell GROUP BY cell"):
        found[text] += many
    return found


def _answers(db: sqlite3.Connection, decisions: Decisions) -> None:
    """The number of the labels of each row, as they are merged now; NULL where none is left."""
    db.execute("DROP TABLE IF EXISTS temp.finals")
    db.execute("CREATE TEMP TABLE finals (cell INTEGER PRIMARY KEY, answer INTEGER)")
    for cell, text in db.execute("SELECT id, text FROM cells").fetchall():
        db.execute("INSERT INTO finals VALUES (?, ?)", (cell, _number(decisions.labels(text))))
    db.execute(
        "UPDATE keys SET answer = (SELECT finals.answer FROM labelled JOIN finals USING (cell) WHERE labelled.n = keys.n)"
    )


def _number(labels: Sequence[str]) -> int | None:
    if not labels:
        return None
    digest = hashlib.sha256("\0".join(sorted(fold(label) for label in labels)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _mark_outvoted(db: sqlite3.Connection) -> None:
    """Rows of a text with several labels that do not have the label that most of its rows have; in a tie all of them."""
    db.execute("DROP TABLE IF EXISTS temp.winners")
    db.execute("CREATE TEMP TABLE winners (question INTEGER PRIMARY KEY, answer INTEGER)")
    db.execute(
        "INSERT INTO winners SELECT question, answer FROM (SELECT question, answer, count(*) AS many,"
        " rank() OVER (PARTITION BY question ORDER BY count(*) DESC) AS place"
        " FROM keys WHERE n IN (SELECT n FROM marks WHERE flag = 'contradicting') GROUP BY question, answer)"
        " WHERE place = 1 GROUP BY question HAVING count(*) = 1"
    )
    db.execute(
        "INSERT INTO marks SELECT 'outvoted', keys.n FROM marks JOIN keys USING (n) LEFT JOIN winners USING (question)"
        " WHERE flag = 'contradicting' AND winners.answer IS NOT keys.answer"
    )


def _warnings(report: QualityReport, shown: Mapping[str, int], usable: int) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    many_labels = len(shown)
    if many_labels == 1:
        found.append(("one_label", {"label": next(iter(shown))}))
    if like_ids(many_labels, usable):
        found.append(("label_ids", {"count": many_labels, "rows": usable}))
    elif report.same_answer >= 0.9 and many_labels > 1 and usable >= 20:
        found.append(
            (
                "one_label_rules",
                {"percent": round(100 * report.same_answer), "label": max(shown, key=shown.__getitem__)},
            )
        )
    if report.kept < 100:
        found.append(("few_kept", {"count": report.kept}))
    many = [one for one, share in report.languages.items() if share >= 0.1]
    if len(many) > 1:
        found.append(("many_languages", {"languages": ", ".join(many)}))
    return found


def like_ids(labels: int, usable: int) -> bool:
    """Whether nearly every row has a label of its own."""
    return usable >= 10 and labels > 0.5 * usable
