"""The quality report: flags on rows, counts, the rows behind each count, and choices that switch at once."""

from __future__ import annotations

import hashlib
import html
import json
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from projects import columns, contacts, contradictions, language, looking, privacy, repeats, rows
from projects.choices import Choices
from projects.columns import Played
from projects.encodings import repaired
from projects.enumerating import listed
from projects.formats import Reading
from projects.looking import Message
from projects.mapping import RoleLike
from projects.plain import keys as plain_keys
from projects.plain import plain
from projects.refusals import PROBLEMS, say
from projects.values import missing

TOKENS = 1_500  # longer texts do not fit the small models this studio trains
TOP = 10
LANGUAGE_OF_FIRST = 1_000  # rows; of those beyond, one in a hundred
BUCKETS = (0, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 10**9)
_TAGS = re.compile(
    r"<(?=[/a-z])/?(?:a|abbr|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|script|span|strong|style|sub|sup|table"
    r"|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,500})?/?>",
    re.I,
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d{2,5}|#x[0-9a-f]{2,5});", re.I)
_SIGNS = re.compile(r"[\W_]+")
_PLAIN = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
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
    names: Mapping[str, str | Promise] = field(default_factory=dict)  # of choices that are called otherwise here

    def called(self, choice: str) -> str | Promise:
        """What a choice is called where it is made, and wherever it is said again."""
        return self.names.get(choice, CHOICES[choice])


def _flag(
    name: str, title: str | Promise, help: str | Promise, *choices: str, **names: str | Promise
) -> tuple[str, Flag]:
    return name, Flag(name, title, help, choices, choices[0], names)


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
        _flag(
            "unlabelled",
            _("Without a label"),
            _("Kept apart, so that they can be labelled later."),
            "drop",
            drop=_("Keep apart"),
        ),
        _flag("label_left_out", _("Label left out"), _("You left out the label of these rows."), "drop"),
        _flag("outvoted", _("Outvoted"), _("The same text has another label more often."), "keep", "drop"),
        _flag(
            "settled",
            _("Another answer kept"),
            _("You kept another answer to the same question. Keep them to have both again."),
            "drop",
            "keep",
        ),
        _flag("not_accepted", _("Label not accepted"), PROBLEMS["not_accepted"], "drop", "keep"),
        _flag("other_table", _("Another table"), PROBLEMS["other_table"], "drop", "keep"),
    ]
)

WARNINGS: dict[str, str | Promise] = {
    "same_answer": _("%(percent)s %% of the rows have the same answer, so there is little to learn."),
    "all_same": _("All rows have the same answer, so there is nothing to learn."),
    "few_kept": ngettext_lazy(
        "Only %(count)s row is left to learn from. A few hundred work much better.",
        "Only %(count)s rows are left to learn from. A few hundred work much better.",
        "count",
    ),
    "like_ids": _("Nearly every row has an answer of its own that looks like an id, not like an answer."),
    "public_contacts": _("These stand in your answers, so they count as your own and are not masked: %(values)s."),
    "mask_tokens": _(
        "Answers that hold a word such as [phone] in the place of something hidden: %(count)s. Whoever asks will read it."
    ),
    "one_label": _("All rows have the same label, “%(label)s”, so there is nothing to tell apart."),
    "one_label_rules": _("%(percent)s %% of the rows have the label “%(label)s”. The others are easily overlooked."),
    "label_ids": ngettext_lazy(
        "The label column has %(count)s different value in %(rows)s rows. It looks like an id, not a label.",
        "The label column has %(count)s different values in %(rows)s rows. It looks like an id, not a label.",
        "count",
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
    warnings: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
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


def warning_sentence(code: str, facts: Mapping[str, object]) -> str | Promise:
    """A warning of the report, in words."""
    told = dict(facts)
    if "languages" in told:
        told["languages"] = listed(language.name_of(one) for one in str(told["languages"]).split(", "))
    return say(WARNINGS.get(code, code), told)


def chosen(choices: Choices) -> dict[str, str]:
    """The choice for every flag: the person's where it is one of the flag's, else the default."""
    return {name: choices[name] if choices.get(name) in flag.choices else flag.default for name, flag in FLAGS.items()}


def dropping(choices: Choices) -> list[str]:
    """The flags whose rows are left out under these choices."""
    return [name for name, choice in chosen(choices).items() if choice == "drop"]


def counts(db: Path, choices: Choices) -> tuple[int, int]:
    """Rows kept and rows dropped under these choices; instant, nothing is read again."""
    with rows.opened(db) as connection:
        return sums(connection, choices)


def sums(db: sqlite3.Connection, choices: Choices) -> tuple[int, int]:
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
            "SELECT rows.n, line, cells, problem FROM (SELECT n FROM marks WHERE flag = ? ORDER BY n LIMIT ? OFFSET ?)"
            " JOIN rows USING (n) ORDER BY n",
            (flag, limit, offset),
        ).fetchall()
        found = []
        for n, line, cells, problem in wanted:
            flags = [name for (name,) in connection.execute("SELECT flag FROM marks WHERE n = ?", (n,))]
            found.append(BadRow(n, line, json.loads(cells), problem, sorted(flags, key=list(FLAGS).index)))
        return found


def copies(db: Path, numbers: Collection[int]) -> dict[int, int]:
    """Which of these rows say the same as one further up: row → line of that one."""
    with rows.opened(db) as connection:
        return repeats.copies(connection, numbers)


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
    mapping: Mapping[str, Played],
    roles: Sequence[RoleLike],
    choices: Mapping[str, str],
    progress: Progress,
) -> QualityReport:
    """Flags every row. The first required role is the question (or text), the second the answer (or label)."""
    with rows.opened(db, write=True) as connection:
        names = rows.columns(connection)
        places = columns.places({role.name: mapping.get(role.name) for role in roles}, names)
        needed = [role.name for role in roles if role.required and role.name in places][:2]
        total = rows.last(connection)
        prepare(connection)
        rows.remember(connection, "places", places)
        rows.remember(connection, "needed", needed)
        rows.remember(connection, "rows", total)
        look = _Look([places[name] for name in needed], needed)
        looking.walk(db, connection, look, total, lambda share, n: progress(0.9 * share, n))
        with rows.beating(connection, lambda: progress(0.95, total)):
            keys = _settle(connection, choices)
            report = _report(connection, look, keys, total, choices)
        connection.commit()
    progress(1.0, total)
    return report


def prepare(db: sqlite3.Connection) -> None:
    """Empties what an earlier look left behind."""
    db.execute("PRAGMA journal_mode = TRUNCATE")
    db.execute("DROP INDEX IF EXISTS marks_n")
    contradictions.forget_order(db)
    for table in ("marks", "keys", "combinations"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608
    db.execute("DROP TABLE IF EXISTS found")
    db.execute("CREATE TABLE found (value TEXT, n INTEGER, side INTEGER, kind TEXT DEFAULT '', shown TEXT DEFAULT '')")


FEW = 300  # rows that are looked at one by one sooner than what tells many at once is there


class _Look:
    """Looks at many rows at a time; keeps only small counts of what it saw."""

    def __init__(self, places: Sequence[columns.Places], names: Sequence[str]) -> None:
        self.places, self.names = places, names
        self.lengths = {name: [0] * (len(BUCKETS) - 1) for name in names}
        self.languages: Counter[str] = Counter()
        self.seen = 0
        self.masks = 0  # answers that hold a word for something hidden

    def texts(self, cells: list[str | None]) -> list[str]:
        return [cell_text(columns.text(cells, at)) for at in self.places]

    def flags(self, texts: Sequence[str], problem: str) -> list[str]:
        flags = [problem] if problem in FLAGS else []
        for text in texts:
            if missing(text):
                return [*flags, "empty"]
        return flags + [name for name in ("too_long", "garbage", "markup") if any(map(FAULTS[name], texts))]

    def store(self, db: sqlite3.Connection, batch: looking.Batch) -> None:
        """Plain rows are stored as they are; the others are looked at one by one."""
        marks: list[tuple[str, int]] = []
        keys: list[tuple[int, int, int]] = []
        found: list[tuple[str, int, int, str, str]] = []
        numbers, cells_of, problems = zip(*batch, strict=True)
        said = [cell_texts(columns.texts(cells_of, at)) for at in self.places]
        easy = ~np.fromiter(map(bool, problems), bool, len(batch))
        if len(batch) < FEW:
            easy[:] = False
        for side in said if easy.any() else []:
            easy &= plain(side, TOKENS)
        usable = easy.copy() if said else np.zeros(len(batch), bool)
        for place in np.flatnonzero(~easy).tolist():
            n, texts = numbers[place], [side[place] for side in said]
            flags = self.flags(texts, problems[place])
            marks += [(flag, n) for flag in flags]
            if not texts or "empty" in flags:
                continue
            usable[place] = True
            asked, answer = texts[0], texts[-1]
            self.masks += contacts.holds_mask(answer)
            for at, text in enumerate(texts):
                if personal := privacy.find(text):
                    found += [
                        (privacy.value(text, one), n, at, one.kind, text[one.start : one.end]) for one in personal
                    ]
                    asked = asked if at else privacy.mask(text, found=personal)
            keys.append((n, key(asked), key(answer)))
        self.measure(said, np.flatnonzero(usable).tolist())
        if said:
            rest = np.flatnonzero(easy).tolist()
            asked_of, said_of = (plain_keys([side[place] for place in rest]) for side in (said[0], said[-1]))
            keys += zip([numbers[place] for place in rest], asked_of, said_of, strict=True)
        db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", marks)
        db.executemany("INSERT INTO keys VALUES (?, ?, ?)", sorted(keys))
        db.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?)", found)

    def measure(self, said: Sequence[Sequence[str]], usable: Sequence[int]) -> None:
        """Counts the lengths of the rows that are not empty, and now and then their language."""
        for name, texts in zip(self.names, said, strict=True):
            self.lengths[name] = added(self.lengths[name], [texts[place] for place in usable])
        for place in sampled(usable, self.seen):
            self.languages[language.of(" ".join([texts[place] for texts in said]))] += 1
        self.seen += len(usable)

    def asked(self) -> Message:
        return {"places": self.places, "names": self.names}

    def counted(self) -> Message:
        return {"lengths": self.lengths, "languages": self.languages, "seen": self.seen, "masks": self.masks}

    def join(self, counted: Message) -> None:
        for name, sizes in counted["lengths"].items():
            self.lengths[name] = [one + other for one, other in zip(self.lengths[name], sizes, strict=True)]
        self.languages.update(counted["languages"])
        self.seen += counted["seen"]
        self.masks += counted["masks"]


def look_of(asked: Message) -> _Look:
    """The same look in another process."""
    return _Look(asked["places"], asked["names"])


def added(sizes: Sequence[int], texts: Sequence[str]) -> list[int]:
    """How many texts each of the buckets has, with these."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    buckets = np.searchsorted(BUCKETS, lengths, side="right") - 1
    found: list[int] = (np.bincount(buckets, minlength=len(sizes)) + np.array(sizes)).tolist()
    return found


def sampled(places: Sequence[int], seen: int) -> list[int]:
    """Of rows that are looked at, after so many that were SEEN: those whose language is told."""
    return [place for number, place in enumerate(places, seen + 1) if number <= LANGUAGE_OF_FIRST or not number % 100]


def settle(db: Path, report: QualityReport, choices: Choices) -> None:
    """Brings flags and REPORT to which answers a person keeps now."""
    with rows.opened(db, write=True) as connection:
        contradictions.mark(connection, contradictions.decided(choices))
        combine(connection)
        connection.commit()
        report.flags = _counted(connection)
        report.kept, report.dropped = sums(connection, choices)


def _settle(db: sqlite3.Connection, choices: Choices) -> repeats.Keys:
    """The flags that need all rows at once."""
    keys = repeats.mark(db)
    contradictions.mark(db, contradictions.decided(choices))
    mark_personal(db)
    db.execute("CREATE INDEX IF NOT EXISTS marks_n ON marks (n)")
    combine(db)
    return keys


def mark_personal(db: sqlite3.Connection) -> None:
    """Marks rows with personal data, except what is the team's own: what stands in its answers."""
    contacts.gather(db)
    db.execute(
        "INSERT OR IGNORE INTO marks SELECT DISTINCT 'personal', n FROM found"
        " WHERE value NOT IN (SELECT value FROM contacts WHERE own = 1)"
    )
    # `found` holds what was to be hidden; it has done its work.
    db.execute("DROP TABLE found")


def combine(db: sqlite3.Connection) -> None:
    """Counts the combinations of flags, so that choices are summed up at once."""
    db.execute("DELETE FROM combinations")
    bit = " ".join(f"WHEN '{name}' THEN {1 << place}" for place, name in enumerate(FLAGS))
    db.execute(
        "INSERT INTO combinations SELECT bits, count(*) FROM"  # noqa: S608
        f" (SELECT sum(CASE flag {bit} ELSE 0 END) AS bits FROM marks GROUP BY n) GROUP BY bits"
    )


def _report(
    db: sqlite3.Connection, look: _Look, keys: repeats.Keys, total: int, choices: Mapping[str, str]
) -> QualityReport:
    report = QualityReport(rows=total, flags=_counted(db))
    report.kept, report.dropped = sums(db, choices)
    report.lengths = {name: histogram(sizes) for name, sizes in look.lengths.items()}
    told = sum(many for one, many in look.languages.items() if one)
    report.languages = {one: round(many / told, 4) for one, many in look.languages.most_common(6) if one}
    usable = len(keys.n)
    report.distinct, answers = keys.answers(TOP)
    report.top = _top(db, look, answers)
    report.same_answer = round(report.top[0][1] / usable, 4) if report.top and usable else 0.0
    _warn(db, report, usable, look.masks)
    return report


def _counted(db: sqlite3.Connection) -> dict[str, int]:
    """Flag → rows; only flags that occur."""
    found = dict(db.execute("SELECT flag, count(*) FROM marks GROUP BY flag").fetchall())
    return {name: found[name] for name in FLAGS if name in found}


def histogram(sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    """(from, to, rows) up to the longest texts."""
    last = max((place for place, many in enumerate(sizes) if many), default=-1)
    return [(BUCKETS[place], BUCKETS[place + 1], sizes[place]) for place in range(last + 1)]


def _top(db: sqlite3.Connection, look: _Look, answers: Sequence[tuple[int, int]]) -> list[tuple[str, int]]:
    top = []
    for n, many in answers:
        cells = json.loads(db.execute("SELECT cells FROM rows WHERE n = ?", (n,)).fetchone()[0])
        top.append((look.texts(cells)[-1][:200], many))
    return top


def _warn(db: sqlite3.Connection, report: QualityReport, usable: int, masks: int) -> None:
    if usable and report.distinct == 1:
        report.warnings.append(("all_same", {}))
    elif report.same_answer >= 0.5 and usable >= 20:
        report.warnings.append(("same_answer", {"percent": round(100 * report.same_answer)}))
    if usable >= 50 and report.distinct > 0.95 * usable and all(_like_id(text) for text, _many in report.top):
        report.warnings.append(("like_ids", {}))
    if report.kept < 100:
        report.warnings.append(("few_kept", {"count": report.kept}))
    if own := db.execute("SELECT shown FROM contacts WHERE own = 1 ORDER BY rows DESC, value LIMIT 5").fetchall():
        report.warnings.append(("public_contacts", {"values": ", ".join(shown for (shown,) in own)}))
    if masks:
        report.warnings.append(("mask_tokens", {"count": masks}))
    if len(many := several_languages(report.languages)) > 1:
        report.warnings.append(("many_languages", {"languages": ", ".join(many)}))


def several_languages(shares: Mapping[str, float]) -> list[str]:
    """The languages in which enough of the texts are to be named."""
    return [one for one, share in shares.items() if share >= 0.1]


def _like_id(text: str) -> bool:
    """One word with a digit in it; Chinese and Japanese write whole sentences without a blank."""
    return len(text) <= 40 and " " not in text and text.isascii() and any(char.isdigit() for char in text)


# Texts ----------------------------------------------------------------------------------------------------


def cell_text(cell: str | None) -> str:
    if not cell:
        return ""
    if "\r" in cell or "\0" in cell:
        cell = cell.replace("\r\n", "\n").replace("\0", "")
    return cell.strip()


def cell_texts(cells: Sequence[str]) -> list[str]:
    """The same for many cells."""
    every = "".join(cells)
    if "\r" in every or "\0" in every:
        return list(map(cell_text, cells))
    return list(map(str.strip, cells))


def tokens(text: str) -> int:
    """About how many tokens a model makes of it: one for four letters, one for each Chinese character."""
    wide = 0 if text.isascii() else sum(char > "\u2e7f" for char in text)
    return wide + (len(text) - wide) // 4


def too_long(text: str) -> bool:
    return len(text) > TOKENS and tokens(text) > TOKENS


def garbage(text: str) -> bool:
    """No letter or digit in it, one sign over and over, or the marks of a wrong encoding."""
    begin = text[:12]
    if text.isascii() and begin.isprintable():
        signs = set(begin)
        signs.discard(" ")
        if len(signs) > 2 and any(map(str.isalnum, signs)):  # nearly every text ends here
            return False
    piece = text[:2_000]
    if not any(char.isalnum() or unicodedata.category(char) == "So" for char in piece):
        return True
    if len(piece) >= 8 and len(set(piece) - {" ", "\n", "\t"}) <= 2:
        return True
    return not piece.isascii() and len(_GARBLED.findall(piece)) > max(0, len(piece) // 50)


def has_markup(text: str) -> bool:
    if "<" not in text and "&" not in text:
        return False
    return bool(_TAGS.search(text) or _ENTITY.search(text))


FAULTS: dict[str, Callable[[str], bool]] = {"too_long": too_long, "garbage": garbage, "markup": has_markup}


def without_markup(text: str) -> str:
    """The words without tags; a line break for what starts a line of its own."""
    broken = re.sub(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", "\n", text, flags=re.I)
    bare = html.unescape(_TAGS.sub("", broken)).replace("\u00a0", " ")
    return re.sub(r"\n{3,}", "\n\n", bare).strip()


def normal(text: str) -> str:
    """The text as far as two people who ask the same would agree: no case, no punctuation, single blanks."""
    if text.isascii():  # the same, several times as fast
        return " ".join(text.translate(_PLAIN).split()) or text.lower().strip()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_SIGNS.sub(" ", plain).split()) or plain.strip()


def key(text: str) -> int:
    """A number from 0 to 2**63 - 1 that is the same for texts that are `normal`ly the same."""
    plain = normal(text)
    try:
        data = plain.encode()
    except UnicodeEncodeError:  # half a character, as JSON may have it
        data = repaired(plain).encode()
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") >> 1


def reading_of(db: Path) -> Reading:
    """What was found out about the file behind these rows."""
    with rows.opened(db) as connection:
        return Reading.from_json(rows.recall(connection, "reading", {}))
