"""Numbers and addresses in the team's own answers: theirs unless a customer brought them, kept or masked value by value."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects import columns, privacy, rows
from projects.choices import Choices

VALUES = "values"  # in the choices of a dataset: value → keep or mask
ALL = "*"
OFTEN = 5  # what stands in so many answers is the team's, whoever wrote it first
MOST = 100_000  # so many different values are no team's own; rarer ones than the first of them are masked
KINDS: dict[str, str | Promise] = {
    "email": _("E-mail address"),
    "phone": _("Telephone number"),
    "card": _("Card number"),
    "iban": _("Bank account"),
    "id": _("Identity number"),
}
_MASKED = (
    "(value IN (SELECT value FROM json_each(:masks)) OR (own = 0 AND :mask"
    " AND value NOT IN (SELECT value FROM json_each(:keeps))))"
)


@dataclass(frozen=True)
class Contact:
    """One value of the answers."""

    value: str
    shown: str  # as somebody wrote it
    kind: str
    rows: int  # answers that hold it
    choice: str  # keep or mask
    excerpt: str  # of an answer


def gather(db: sqlite3.Connection) -> None:
    """Fills `contacts` from what was `found`: the values of answers, and whose they are.

    A value that only answers to a question which holds it too is the customer's: their number, read back to them."""
    drop(db)
    db.execute("CREATE TABLE contacts (value TEXT PRIMARY KEY, kind TEXT, shown TEXT, rows INTEGER, own INTEGER)")
    db.execute("CREATE TABLE contact_rows (value TEXT, n INTEGER, echo INTEGER)")
    db.execute("CREATE INDEX found_value ON found (value, n, side)")
    db.execute(
        "INSERT INTO contact_rows SELECT DISTINCT value, n, EXISTS"
        " (SELECT 1 FROM found AS asked WHERE asked.value = found.value AND asked.n = found.n AND asked.side = 0)"
        " FROM found WHERE side > 0"
    )
    db.execute("CREATE INDEX contact_rows_value ON contact_rows (value)")
    db.execute(
        "INSERT INTO contacts SELECT value, min(kind), min(shown), (SELECT count(*) FROM contact_rows"
        " WHERE contact_rows.value = found.value) AS many, 0 FROM found WHERE side > 0 GROUP BY value"
    )
    db.execute(
        "UPDATE contacts SET own = 1 WHERE (rows >= ? OR EXISTS (SELECT 1 FROM contact_rows WHERE echo = 0"
        " AND contact_rows.value = contacts.value)) AND value IN"
        " (SELECT value FROM contacts ORDER BY rows DESC, value LIMIT ?)",
        (OFTEN, MOST),
    )


def drop(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE IF EXISTS contacts")
    db.execute("DROP TABLE IF EXISTS contact_rows")


def _there(db: sqlite3.Connection) -> bool:
    """Whether this file was looked at since contacts are gathered."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'contacts'").fetchone() is not None


def _chosen(choices: Choices, choice: str) -> list[str]:
    given = choices.get(VALUES)
    return [value for value, said in given.items() if said == choice] if isinstance(given, dict) else []


def public(db: sqlite3.Connection, choices: Choices) -> frozenset[str]:
    """The values that are not masked under these choices."""
    if not _there(db):
        return frozenset(rows.recall(db, "public", []))
    own = {value for (value,) in db.execute("SELECT value FROM contacts WHERE own = 1")}
    return frozenset((own | set(_chosen(choices, "keep"))) - set(_chosen(choices, "mask")))


class Only(Container[str]):
    """Everything but a few values: what may stay where only these are masked."""

    def __init__(self, choices: Choices) -> None:
        self.masked = frozenset(_chosen(choices, "mask"))

    def __contains__(self, value: object) -> bool:
        return value not in self.masked

    def __bool__(self) -> bool:
        return bool(self.masked)


def _facts(choices: Choices) -> dict[str, object]:
    return {
        "masks": json.dumps(_chosen(choices, "mask")),
        "keeps": json.dumps(_chosen(choices, "keep")),
        "mask": choices.get("personal") not in ("keep", "drop"),
    }


def listed(path: Path, choices: Choices, most: int) -> list[Contact]:
    """The values of the answers: those that would be masked first, then those in most answers."""
    with rows.opened(path) as db:
        if not _there(db):
            return []
        places, needed = columns.remembered(rows.recall(db, "places", {})), rows.recall(db, "needed", [])
        found = db.execute(
            # Only those that are shown are looked up in the rows.
            "SELECT value, shown, kind, rows, masked, (SELECT cells FROM rows WHERE n = (SELECT min(n) FROM contact_rows"  # noqa: S608
            f" WHERE contact_rows.value = listed.value)) FROM (SELECT *, {_MASKED} AS masked FROM contacts"
            " ORDER BY masked DESC, rows DESC, value LIMIT :most) AS listed ORDER BY masked DESC, rows DESC, value",
            {**_facts(choices), "most": most},
        )
        return [
            Contact(value, shown, kind, many, "mask" if masked else "keep", _excerpt(cells, places, needed, shown))
            for value, shown, kind, many, masked, cells in found
        ]


def _excerpt(cells: str, places: Mapping[str, columns.Places], needed: list[str], shown: str) -> str:
    """The words around a value."""
    answer = columns.text(json.loads(cells), places[needed[-1]] if needed else [0])
    at = max(0, answer.find(shown) - 40)
    return ("…" if at else "") + answer[at : at + 120]


def counted(path: Path, choices: Choices) -> tuple[int, int]:
    """How many values the answers hold, and in how many answers one of them would be masked."""
    with rows.opened(path) as db:
        if not _there(db):
            return 0, 0
        every = db.execute("SELECT count(*) FROM contacts").fetchone()[0]
        ask = f"SELECT count(DISTINCT n) FROM contact_rows JOIN contacts USING (value) WHERE {_MASKED}"  # noqa: S608
        return int(every), int(db.execute(ask, _facts(choices)).fetchone()[0])


def decided(path: Path, choices: Choices, value: str, choice: str) -> dict[str, str] | None:
    """The choices for values with one more, or with one for all of them; None for a value that is in no answer."""
    with rows.opened(path) as db:
        if not _there(db) or choice not in ("keep", "mask"):
            return None
        if value == ALL:
            return dict.fromkeys((one for (one,) in db.execute("SELECT value FROM contacts LIMIT ?", (MOST,))), choice)
        if db.execute("SELECT 1 FROM contacts WHERE value = ?", (value,)).fetchone() is None:
            return None
    return {**(choices.get(VALUES) or {}), value: choice}


def holds_mask(text: str) -> bool:
    """Whether a text has one of our words for something hidden in it."""
    return "[" in text and any(word in text for word in privacy.MASKS.values())
