"""The quality report: flags on rows, counts, the rows behind each count, and choices that switch at once."""

from __future__ import annotations

import hashlib
import html
import json
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects import language, privacy, rows
from projects.encodings import repaired
from projects.formats import Reading
from projects.mapping import RoleLike
from projects.refusals import PROBLEMS, say
from projects.values import missing

TOKENS = 1_500  # longer texts do not fit the small models this studio trains
PUBLIC = 5  # a number in that many answers is the team's own, not a person's
TOP = 10
BUCKETS = (0, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 10**9)
_TAGS = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|script|span|strong|style|sub|sup|table"
    r"|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,500})?/?>",
    re.I,
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d{2,5}|#x[0-9a-f]{2,5});", re.I)
_GARBLED = re.compile("\ufffd|Ã[\u0080-\u00bf]|â€[\u0098-\u009d™œ]|锟斤拷|[\ue000-\uf8ff]")
Progress = Callable[[float, int], None]


@dataclass(frozen=True)
class Flag:
    """Something that can be wrong with a row, what can be done about it, and what is done unless a person says so."""

    name: str
    title: str | Promise
    help: str | Promise
    choices: tuple[str, ...]  # of keep, drop, mask, clean
    default: str


def _flag(name: str, title: str | Promise, help: str | Promise, *choices: str) -> tuple[str, Flag]:
    return name, Flag(name, title, help, choices, choices[0])


CHOICES: dict[str, str | Promise] = {
    "keep": _("Keep"),
    "drop": _("Leave out"),
    "mask": _("Mask"),
    "clean": _("Clean"),
}

# In the order in which a reason is named when a row is left out for several.
FLAGS: dict[str, Flag] = dict(
    [
        _flag("empty", _("Empty"), _("One of the two texts is missing."), "drop"),
        _flag("not_json", _("Broken lines"), PROBLEMS["not_json"], "drop"),
        _flag("not_an_object", _("Not a record"), PROBLEMS["not_an_object"], "drop"),
        _flag("json_stops", _("Broken file"), PROBLEMS["json_stops"], "drop"),
        _flag("too_deep", _("Nested too deep"), PROBLEMS["too_deep"], "drop"),
        _flag(
            "too_many_cells",
            _("Too many cells"),
            _("The row has more cells than the header, so its text may be cut in pieces."),
            "drop",
            "keep",
        ),
        _flag("too_few_cells", _("Too few cells"), _("The row has fewer cells than the header."), "keep", "drop"),
        _flag("bad_bytes", _("Unreadable characters"), PROBLEMS["bad_bytes"], "drop", "keep"),
        _flag("open_quote", _("Open quotation mark"), PROBLEMS["open_quote"], "drop", "keep"),
        _flag("cut_cell", _("Cut"), _("A cell was so long that it was cut."), "drop", "keep"),
        _flag("key_twice", _("Field given twice"), PROBLEMS["key_twice"], "drop", "keep"),
        _flag("not_json_number", _("Not a number"), PROBLEMS["not_json_number"], "drop", "keep"),
        _flag("odd_type", _("Not text"), PROBLEMS["odd_type"], "drop", "keep"),
        _flag("total_row", _("Totals"), PROBLEMS["total_row"], "drop", "keep"),
        _flag("note_row", _("Notes"), PROBLEMS["note_row"], "drop", "keep"),
        _flag(
            "duplicate",
            _("Duplicate"),
            _("The same texts stand further up. Learning them twice gives them more weight."),
            "drop",
            "keep",
        ),
        _flag("too_long", _("Too long"), _("Longer than the models can read at once."), "drop", "keep"),
        _flag("garbage", _("Nothing to read"), _("No word in it, or characters that went wrong."), "drop", "keep"),
        _flag(
            "contradicting",
            _("Contradicting"),
            _("The same question stands elsewhere with another answer."),
            "keep",
            "drop",
        ),
        _flag(
            "personal",
            _("Personal data"),
            _("An e-mail address, a phone, card, account or identity number. Masked, it is replaced by a word."),
            "mask",
            "keep",
            "drop",
        ),
        _flag(
            "markup", _("Markup"), _("HTML tags in the text. Cleaned, only the words stay."), "clean", "keep", "drop"
        ),
        # New ones at the end: stored files count on the places of the others.
        _flag("unlabelled", _("Without a label"), _("Kept apart, so that they can be labelled later."), "drop"),
        _flag("label_left_out", _("Label left out"), _("You left out the label of these rows."), "drop"),
        _flag("outvoted", _("Outvoted"), _("The same text has another label more often."), "keep", "drop"),
    ]
)

WARNINGS: dict[str, str | Promise] = {
    "same_answer": _("%(percent)s %% of the rows have the same answer, so there is little to learn."),
    "all_same": _("All rows have the same answer, so there is nothing to learn."),
    "few_kept": _("Only %(count)s rows are left to learn from. A few hundred work much better."),
    "like_ids": _("Nearly every row has an answer of its own that looks like an id, not like an answer."),
    "public_contacts": _("These stand in many answers, so they count as your own and are not masked: %(values)s."),
    "one_label": _("All rows have the same label, “%(label)s”, so there is nothing to tell apart."),
    "one_label_rules": _("%(percent)s %% of the rows have the label “%(label)s”. The others are easily overlooked."),
    "label_ids": _(
        "The label column has %(count)s different values in %(rows)s rows. It looks like an id, not a label."
    ),
    "many_languages": _("The texts are in several languages: %(languages)s."),
}


@dataclass
class QualityReport:
    """What was found, as plain JSON: flag counts and pictures. Words come from FLAGS and `warning_sentence`."""

    rows: int = 0
    kept: int = 0
    dropped: int = 0
    flags: dict[str, int] = field(default_factory=dict)  # flag → rows; only flags that occur
    lengths: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)  # role → (from, to, rows) characters
    languages: dict[str, float] = field(default_factory=dict)  # language → share
    distinct: int = 0  # different answers
    same_answer: float = 0.0  # share of the most frequent answer
    top: list[tuple[str, int]] = field(default_factory=list)  # most frequent answers
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> QualityReport:
        return cls(**{name: value for name, value in data.items() if name in cls.__dataclass_fields__})


@dataclass
class BadRow:
    """A row behind a count."""

    n: int
    line: int
    cells: list[str | None]
    problem: str
    flags: list[str]


def warning_sentence(code: str, facts: Mapping[str, Any]) -> str | Promise:
    """A warning of the report, in words."""
    return say(WARNINGS.get(code, code), dict(facts))


def chosen(choices: Mapping[str, Any]) -> dict[str, str]:
    """The choice for every flag: the person's where it is one of the flag's, else the default."""
    return {name: choices[name] if choices.get(name) in flag.choices else flag.default for name, flag in FLAGS.items()}


def dropping(choices: Mapping[str, Any]) -> list[str]:
    """The flags whose rows are left out under these choices."""
    return [name for name, choice in chosen(choices).items() if choice == "drop"]


def counts(db: Path, choices: Mapping[str, Any]) -> tuple[int, int]:
    """Rows kept and rows dropped under these choices; instant, nothing is read again."""
    with rows.opened(db) as connection:
        return sums(connection, choices)


def sums(db: sqlite3.Connection, choices: Mapping[str, Any]) -> tuple[int, int]:
    """Rows kept and rows dropped."""
    gone, apart = _with(db, dropping(choices)), _with(db, [one for one in dropping(choices) if one != "unlabelled"])
    # A row that only lacks a label is kept apart: it is neither kept nor dropped.
    return int(rows.recall(db, "rows", 0)) - gone, apart


def _with(db: sqlite3.Connection, flags: Sequence[str]) -> int:
    """Rows that have one of these flags."""
    bits = sum(1 << place for place, name in enumerate(FLAGS) if name in flags)
    # One row here for each combination of flags that occurs, so this is a sum over a handful of rows.
    found = db.execute("SELECT coalesce(sum(rows), 0) FROM combinations WHERE bits & ? != 0", (bits,)).fetchone()
    return int(found[0])


def rows_behind(db: Path, flag: str, offset: int = 0, limit: int = 50) -> list[BadRow]:
    """A page of the rows that carry the flag."""
    with rows.opened(db) as connection:
        wanted = connection.execute(
            "SELECT rows.n, line, cells, problem FROM marks JOIN rows USING (n) WHERE flag = ? ORDER BY n LIMIT ? OFFSET ?",
            (flag, limit, offset),
        ).fetchall()
        found = []
        for n, line, cells, problem in wanted:
            flags = [name for (name,) in connection.execute("SELECT flag FROM marks WHERE n = ?", (n,))]
            found.append(BadRow(n, line, json.loads(cells), problem, sorted(flags, key=list(FLAGS).index)))
        return found


def balance(db: Path, column: str, limit: int = 200) -> list[tuple[str, int]]:
    """How many rows each value of a column has, the most frequent first."""
    with rows.opened(db) as connection:
        place = rows.columns(connection).index(column)
        found = connection.execute(
            "SELECT coalesce(json_extract(cells, ?), '') AS value, count(*) FROM rows GROUP BY value"
            " ORDER BY 2 DESC, 1 LIMIT ?",
            (f"$[{place}]", limit),
        )
        return [(str(value), many) for value, many in found]


# Looking at every row -------------------------------------------------------------------------------------


def examine(
    db: Path,
    mapping: Mapping[str, str | None],
    roles: Sequence[RoleLike],
    choices: Mapping[str, str],
    progress: Progress,
) -> QualityReport:
    """Flags every row. The first required role is the question (or text), the second the answer (or label)."""
    with rows.opened(db, write=True) as connection:
        names = rows.columns(connection)
        places = {role.name: names.index(str(mapping[role.name])) for role in roles if mapping.get(role.name)}
        needed = [role.name for role in roles if role.required and role.name in places][:2]
        total = connection.execute("SELECT count(*) FROM rows").fetchone()[0]
        prepare(connection)
        rows.remember(connection, "places", places)
        rows.remember(connection, "needed", needed)
        rows.remember(connection, "rows", total)
        look = _Look([places[name] for name in needed], needed)
        _walk(connection, look, total, progress)
        _settle(connection)
        report = _report(connection, look, total, choices)
        connection.commit()
    progress(1.0, total)
    return report


def prepare(db: sqlite3.Connection) -> None:
    """Empties what an earlier look left behind."""
    db.execute("PRAGMA journal_mode = TRUNCATE")
    db.execute("DROP INDEX IF EXISTS marks_n")
    for table in ("marks", "keys", "combinations"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608
    db.execute("DROP TABLE IF EXISTS found")
    db.execute("CREATE TABLE found (value TEXT, n INTEGER, side INTEGER)")


class _Look:
    """Looks at one row at a time; keeps only small counts of what it saw."""

    def __init__(self, places: Sequence[int], names: Sequence[str]) -> None:
        self.places, self.names = places, names
        self.lengths = {name: [0] * (len(BUCKETS) - 1) for name in names}
        self.languages: Counter[str] = Counter()
        self.seen = 0

    def texts(self, cells: list[str | None]) -> list[str]:
        return [cell_text(cells[place]) if place < len(cells) else "" for place in self.places]

    def flags(self, texts: Sequence[str], problem: str) -> list[str]:
        flags = [problem] if problem in FLAGS else []
        if any(missing(text) for text in texts):
            return [*flags, "empty"]
        if any(tokens(text) > TOKENS for text in texts):
            flags.append("too_long")
        if any(garbage(text) for text in texts):
            flags.append("garbage")
        if any("<" in text or "&" in text for text in texts) and any(has_markup(text) for text in texts):
            flags.append("markup")
        return flags

    def measure(self, texts: Sequence[str]) -> None:
        self.seen += 1
        for name, text in zip(self.names, texts, strict=True):
            size = len(text)
            place = next(place for place, end in enumerate(BUCKETS[1:]) if size < end)
            self.lengths[name][place] += 1
        if self.seen <= 1_000 or self.seen % 100 == 0:
            self.languages[language.of(" ".join(texts))] += 1


def _walk(db: sqlite3.Connection, look: _Look, total: int, progress: Progress) -> None:
    for batch in batches(db):
        marks: list[tuple[str, int]] = []
        keys: list[tuple[int, int, int]] = []
        found: list[tuple[str, int, int]] = []
        for n, cells, problem in batch:
            texts = look.texts(cells)
            flags = look.flags(texts, problem)
            marks += [(flag, n) for flag in flags]
            if "empty" in flags or not texts:
                continue
            look.measure(texts)
            personal = [
                (privacy.value(text, one), n, side) for side, text in enumerate(texts) for one in privacy.find(text)
            ]
            found += personal
            masked = [privacy.mask(text) for text in texts] if personal else texts
            keys.append((n, key(masked[0]), key(texts[-1])))
        db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", marks)
        db.executemany("INSERT INTO keys VALUES (?, ?, ?)", keys)
        db.executemany("INSERT INTO found VALUES (?, ?, ?)", found)
        progress(0.9 * batch[-1][0] / max(1, total), batch[-1][0])


def batches(db: sqlite3.Connection) -> Iterator[list[tuple[int, list[str | None], str]]]:
    """All rows, a batch at a time, so that other statements can run in between."""
    last = 0
    while batch := db.execute(
        "SELECT n, cells, problem FROM rows WHERE n > ? ORDER BY n LIMIT ?", (last, rows.BATCH)
    ).fetchall():
        last = batch[-1][0]
        yield [(n, json.loads(cells), problem) for n, cells, problem in batch]


def _settle(db: sqlite3.Connection) -> None:
    """The flags that need all rows at once: sorted by the database, on disk, not in memory."""
    mark_repeats(db)
    mark_personal(db)
    db.execute("CREATE INDEX IF NOT EXISTS marks_n ON marks (n)")
    combine(db)


def mark_repeats(db: sqlite3.Connection) -> None:
    """Marks duplicates, and the same question with different answers; rows whose answer is NULL take no part."""
    db.execute(
        "INSERT OR IGNORE INTO marks SELECT 'duplicate', n FROM (SELECT n, row_number()"
        " OVER (PARTITION BY question, answer ORDER BY n) AS place FROM keys WHERE answer NOT NULL) WHERE place > 1"
    )
    db.execute(
        "INSERT OR IGNORE INTO marks SELECT 'contradicting', n FROM keys WHERE answer NOT NULL AND question IN"
        " (SELECT question FROM keys GROUP BY question HAVING min(answer) != max(answer))"
    )


def mark_personal(db: sqlite3.Connection) -> None:
    """Marks rows with personal data, except what stands in many answers: that is the team's own."""
    own = [
        value
        for (value,) in db.execute(
            "SELECT value FROM found WHERE side > 0 GROUP BY value HAVING count(DISTINCT n) >= ? ORDER BY count(*) DESC"
            " LIMIT 1000",
            (PUBLIC,),
        )
    ]
    rows.remember(db, "public", own)
    db.execute("CREATE TEMP TABLE own (value TEXT PRIMARY KEY)")
    db.executemany("INSERT INTO own VALUES (?)", [(value,) for value in own])
    db.execute(
        "INSERT OR IGNORE INTO marks SELECT DISTINCT 'personal', n FROM found WHERE value NOT IN (SELECT value FROM own)"
    )
    # `found` holds what was to be hidden; it has done its work.
    db.execute("DROP TABLE found")
    db.execute("DROP TABLE own")


def combine(db: sqlite3.Connection) -> None:
    """Counts the combinations of flags, so that choices are summed up at once."""
    db.execute("DELETE FROM combinations")
    bit = " ".join(f"WHEN '{name}' THEN {1 << place}" for place, name in enumerate(FLAGS))
    db.execute(
        "INSERT INTO combinations SELECT bits, count(*) FROM"  # noqa: S608
        f" (SELECT sum(CASE flag {bit} ELSE 0 END) AS bits FROM marks GROUP BY n) GROUP BY bits"
    )


def _report(db: sqlite3.Connection, look: _Look, total: int, choices: Mapping[str, str]) -> QualityReport:
    report = QualityReport(rows=total)
    found = dict(db.execute("SELECT flag, count(*) FROM marks GROUP BY flag").fetchall())
    report.flags = {name: found[name] for name in FLAGS if name in found}
    report.kept, report.dropped = sums(db, choices)
    report.lengths = {name: histogram(sizes) for name, sizes in look.lengths.items()}
    told = sum(many for one, many in look.languages.items() if one)
    report.languages = {one: round(many / told, 4) for one, many in look.languages.most_common(6) if one}
    usable = db.execute("SELECT count(*) FROM keys").fetchone()[0]
    report.distinct = db.execute("SELECT count(DISTINCT answer) FROM keys").fetchone()[0]
    report.top = _top(db, look)
    report.same_answer = round(report.top[0][1] / usable, 4) if report.top and usable else 0.0
    _warn(db, report, usable)
    return report


def histogram(sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    """(from, to, rows) up to the longest texts."""
    last = max((place for place, many in enumerate(sizes) if many), default=-1)
    return [(BUCKETS[place], BUCKETS[place + 1], sizes[place]) for place in range(last + 1)]


def _top(db: sqlite3.Connection, look: _Look) -> list[tuple[str, int]]:
    found = db.execute(
        "SELECT min(n), count(*) FROM keys GROUP BY answer ORDER BY 2 DESC, 1 LIMIT ?", (TOP,)
    ).fetchall()
    top = []
    for n, many in found:
        cells = json.loads(db.execute("SELECT cells FROM rows WHERE n = ?", (n,)).fetchone()[0])
        top.append((look.texts(cells)[-1][:200], many))
    return top


def _warn(db: sqlite3.Connection, report: QualityReport, usable: int) -> None:
    if usable and report.distinct == 1:
        report.warnings.append(("all_same", {}))
    elif report.same_answer >= 0.5 and usable >= 20:
        report.warnings.append(("same_answer", {"percent": round(100 * report.same_answer)}))
    if usable >= 50 and report.distinct > 0.95 * usable and all(_like_id(text) for text, _many in report.top):
        report.warnings.append(("like_ids", {}))
    if report.kept < 100:
        report.warnings.append(("few_kept", {"count": report.kept}))
    if own := rows.recall(db, "public", []):
        report.warnings.append(("public_contacts", {"values": ", ".join(own[:5])}))
    many = [one for one, share in report.languages.items() if share >= 0.1]
    if len(many) > 1:
        report.warnings.append(("many_languages", {"languages": ", ".join(many)}))


def _like_id(text: str) -> bool:
    return len(text) <= 40 and " " not in text and any(char.isdigit() for char in text)


# Texts ----------------------------------------------------------------------------------------------------


def cell_text(cell: str | None) -> str:
    return (cell or "").replace("\r\n", "\n").replace("\0", "").strip()


def tokens(text: str) -> int:
    """About how many tokens a model makes of it: one for four letters, one for each Chinese character."""
    wide = 0 if text.isascii() else sum(char > "\u2e7f" for char in text)
    return wide + (len(text) - wide) // 4


def garbage(text: str) -> bool:
    """No letter or digit in it, one sign over and over, or the marks of a wrong encoding."""
    piece = text[:2_000]
    if not any(char.isalnum() or unicodedata.category(char) == "So" for char in piece):
        return True
    if len(piece) >= 8 and len(set(piece) - {" ", "\n", "\t"}) <= 2:
        return True
    return not piece.isascii() and len(_GARBLED.findall(piece)) > max(0, len(piece) // 50)


def has_markup(text: str) -> bool:
    return bool(_TAGS.search(text) or _ENTITY.search(text))


def without_markup(text: str) -> str:
    """The words without tags; a line break for what starts a line of its own."""
    broken = re.sub(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", "\n", text, flags=re.I)
    bare = html.unescape(_TAGS.sub("", broken)).replace("\u00a0", " ")
    return re.sub(r"\n{3,}", "\n\n", bare).strip()


def normal(text: str) -> str:
    """The text as far as two people who ask the same would agree: no case, no punctuation, single blanks."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", plain).split()) or plain.strip()


def key(text: str) -> int:
    """A number from 0 to 2**63 - 1 that is the same for texts that are `normal`ly the same."""
    digest = hashlib.sha256(repaired(normal(text)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def reading_of(db: Path) -> Reading:
    """What was found out about the file behind these rows."""
    with rows.opened(db) as connection:
        return Reading.from_json(rows.recall(connection, "reading", {}))
