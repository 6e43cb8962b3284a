"""What depends on how labels are merged: duplicates, contradictions, rows left out, counts and warnings."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from projects import quality
from projects.labels.names import Decisions, fold
from projects.labels.suggesting import shown_labels
from projects.quality import QualityReport


def settle(db: sqlite3.Connection, report: QualityReport, choices: Mapping[str, Any]) -> None:
    """Brings flags and REPORT to what the decisions about labels are now."""
    decisions = Decisions.of(choices)
    _answers(db, decisions)
    db.execute("DELETE FROM marks WHERE flag IN ('duplicate', 'contradicting', 'outvoted', 'label_left_out')")
    db.execute("INSERT INTO marks SELECT 'label_left_out', n FROM keys WHERE answer IS NULL")
    quality.mark_repeats(db)
    _mark_outvoted(db)
    quality.combine(db)
    found = dict(db.execute("SELECT flag, count(*) FROM marks GROUP BY flag").fetchall())
    report.flags = {name: found[name] for name in quality.FLAGS if name in found}
    shown = shown_labels(cells(db), decisions)
    report.distinct, report.top = len(shown), []
    usable = int(db.execute("SELECT count(*) FROM keys WHERE answer NOT NULL").fetchone()[0])
    report.same_answer = round(max(shown.values()) / max(1, usable), 4) if shown else 0.0
    report.kept, report.dropped = quality.sums(db, choices)
    report.warnings = _warnings(report, shown, usable)


def cells(db: sqlite3.Connection) -> Counter[str]:
    """Label cell → rows that have it."""
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
