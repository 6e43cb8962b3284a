"""What depends on how labels are merged: duplicates, contradictions, rows left out, counts and warnings."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from projects import contradictions, quality, repeats
from projects.choices import Choices
from projects.labels.names import Decisions, fold
from projects.labels.suggesting import shown_labels
from projects.quality import QualityReport


def settle(db: sqlite3.Connection, report: QualityReport, choices: Choices) -> None:
    """Brings flags and REPORT to what the decisions about labels are now."""
    decisions = Decisions.of(choices)
    _answers(db, decisions)
    db.execute(
        "DELETE FROM marks WHERE flag IN ('duplicate', 'contradicting', 'outvoted', 'settled', 'label_left_out')"
    )
    db.execute("INSERT INTO marks SELECT 'label_left_out', n FROM keys WHERE answer IS NULL")
    repeats.mark(db)
    contradictions.mark(db, _kept(db, choices))
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


def _kept(db: sqlite3.Connection, choices: Choices) -> Iterator[contradictions.Pair]:
    """The labels that a person keeps for a text, as they are merged now; what was chosen is the label as written."""
    for question, written in contradictions.decided(choices):
        said = db.execute(
            "SELECT DISTINCT text, answer FROM keys JOIN labelled USING (n) JOIN cells ON cells.id = cell"
            " WHERE question = ? AND answer NOT NULL",
            (question,),
        )
        for text, answer in said.fetchall():
            if quality.key(text) == written:
                yield question, int(answer)
                break


def written(db: sqlite3.Connection, n: int) -> int:
    """The number of a row's label as it is written, whatever it is merged into."""
    text = db.execute("SELECT text FROM labelled JOIN cells ON cells.id = cell WHERE n = ?", (n,)).fetchone()[0]
    return quality.key(text)


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


def _warnings(report: QualityReport, shown: Mapping[str, int], usable: int) -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
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
    if shown and report.kept < 100:  # before there are labels, nothing is left out
        found.append(("few_kept", {"count": report.kept}))
    if len(many := quality.several_languages(report.languages)) > 1:
        found.append(("many_languages", {"languages": ", ".join(many)}))
    return found


def like_ids(labels: int, usable: int) -> bool:
    """Whether nearly every row has a label of its own."""
    return usable >= 10 and labels > 0.5 * usable
