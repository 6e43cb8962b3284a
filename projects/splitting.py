"""Splits rows by the hash of the question, so that the same question never sits on both sides, and writes the files."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from projects import privacy, quality, rows

TOP = 1 << 63
VALIDATION_FROM = int(TOP * 0.8)
TEST_FROM = int(TOP * 0.9)
MOST_TEST = 2_000  # questions; more make the report slower, not truer
MOST_VALIDATION = 1_000
SIDES = ("train", "validation", "test")
Progress = Callable[[float, int], None]


@dataclass
class Counts:
    """What was written; `dataset.json` says the same."""

    rows: int = 0
    kept: int = 0
    dropped: int = 0
    train: int = 0
    validation: int = 0
    test: int = 0
    unlabelled: int = 0  # texts without a label, kept apart
    label_count: int = 0  # different labels
    reasons: dict[str, int] = field(default_factory=dict)  # flag → rows dropped for it (the first reason counts)
    sha256: str = ""


@dataclass(frozen=True)
class Cuts:
    """From which hash on a question is for validation, and from which for the test."""

    validation: int = VALIDATION_FROM
    test: int = TEST_FROM


def side(content_hash: int, cuts: Cuts | None = None) -> str:
    """train, validation or test: fixed by the hash (0 to 2**63 - 1) alone, about 80/10/10.

    Small and very large sets move the cuts (`find_cuts`), always so that the questions with the highest hashes are
    the test: what is a test question in a larger set was no training question in a smaller one."""
    cuts = cuts or Cuts()
    return "test" if content_hash >= cuts.test else "validation" if content_hash >= cuts.validation else "train"


def find_cuts(db: sqlite3.Connection, drop: list[str]) -> Cuts:
    """The usual cuts, moved so that a small set has a few test questions and a large one not too many."""
    kept = f"SELECT DISTINCT question FROM keys WHERE n NOT IN ({dropped_rows(drop)})"  # noqa: S608
    count = db.execute(f"SELECT count(*) FROM ({kept})", drop).fetchone()[0]  # noqa: S608
    if count < 3:
        return Cuts(TOP, TOP)

    def nth(place: int) -> int:
        """The hash of the question at that place, counted from the highest."""
        if place <= 0:
            return TOP
        found = db.execute(f"{kept} ORDER BY question DESC LIMIT 1 OFFSET ?", (*drop, place - 1)).fetchone()
        return int(found[0]) if found else 0

    def above(limit: int) -> int:
        return int(db.execute(f"SELECT count(*) FROM ({kept} AND question >= ?)", (*drop, limit)).fetchone()[0])  # noqa: S608

    fewest = max(1, min(20, count // 5))
    tests = above(TEST_FROM)
    test = nth(min(max(tests, fewest), MOST_TEST)) if not fewest <= tests <= MOST_TEST else TEST_FROM
    tests = above(test)
    fewest = min(10, count // 10)
    both = above(min(VALIDATION_FROM, test))
    wanted = min(max(both - tests, fewest), MOST_VALIDATION)
    validation = VALIDATION_FROM if wanted == both - tests and test > VALIDATION_FROM else nth(tests + wanted)
    return Cuts(min(validation, test), test)


def dropped_rows(drop: list[str]) -> str:
    """A query for the rows with one of these flags, which are its parameters."""
    return f"SELECT n FROM marks WHERE flag IN ({','.join('?' * len(drop))})"  # noqa: S608


def write_examples(
    db: Path,
    mapping: Mapping[str, str | None],
    choices: Mapping[str, str],
    out: Path,
    family: str = "chat",
    progress: Progress | None = None,
    test_db: Path | None = None,
) -> Counts:
    """train.jsonl, validation.jsonl, test.jsonl, dropped.csv and dataset.json into OUT. `examine` has to come first.

    With TEST_DB (another examined rows.sqlite3) every kept row of it is the test side; the same file as DB means
    that all of it is test."""
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        source = stack.enter_context(rows.opened(db))
        work = Work(stack, source, out, choices, family)
        if test_db is None:
            work.cuts = find_cuts(source, work.drop)
            work.all(source, "", progress)
        elif test_db.resolve() == db.resolve():
            work.all(source, "test", progress)
        else:
            other = stack.enter_context(rows.opened(test_db))
            work.cuts = Cuts(find_cuts(source, work.drop).test, TOP)
            work.all(other, "test", None)
            work.counts = Counts(test=work.counts.test)  # the counts are this file's; the other one has its own
            work.all(source, "", progress)
    counts = work.done()
    facts = {**asdict(counts), "family": family, "mapping": dict(mapping), "choices": quality.chosen(choices)}
    (out / "dataset.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2), encoding="utf-8")
    return counts


class Work:
    """The open files and what was counted while they are written."""

    def __init__(
        self, stack: ExitStack, source: sqlite3.Connection, out: Path, choices: Mapping[str, str], family: str
    ) -> None:
        self.choices, self.drop, self.family = quality.chosen(choices), quality.dropping(choices), family
        self.cuts = Cuts()
        self.counts = Counts()
        self.hash = hashlib.sha256()
        self.tested: set[int] = set()  # questions of a test file
        self.needed: list[str] = []  # the roles that make an example, in their order
        self.files: dict[str, IO[str]] = {
            name: stack.enter_context((out / f"{name}.jsonl").open("w", encoding="utf-8")) for name in SIDES
        }
        # With a byte-order mark, spreadsheet programs read it as UTF-8.
        self.left_out = stack.enter_context((out / "dropped.csv").open("w", encoding="utf-8-sig", newline=""))
        self.writer = csv.writer(self.left_out)
        self.writer.writerow(["row", "reason", *map(harmless, rows.columns(source))])

    def all(self, source: sqlite3.Connection, to: str, progress: Progress | None) -> None:
        """Every row of a source, to one side or (with "") to the side of its question."""
        places: dict[str, int] = rows.recall(source, "places", {})
        self.needed = rows.recall(source, "needed", [])
        public = frozenset(rows.recall(source, "public", []))
        total = rows.recall(source, "rows", 0)
        for n, line, cells, flags, question in _rows(source):
            self.counts.rows += 1
            reason = next((flag for flag in quality.FLAGS if flag in flags and flag in self.drop), "")
            if not to and question in self.tested and not reason:
                reason = "in_test_file"
            texts = self.texts(cells, places, flags, public)
            if reason or question is None:
                self.drop_row(line, reason or "empty", cells, texts)
            else:
                where = to or self.side(question)
                if to == "test":
                    self.tested.add(question)
                self.keep(where, n if "duplicate" in flags else 0, line, _ordered(texts, self.needed))
            if progress is not None and n % rows.BATCH == 0:
                progress(n / max(1, total), n)

    def texts(
        self, cells: list[str | None], places: Mapping[str, int], flags: set[str], public: frozenset[str]
    ) -> dict[str, str]:
        """What the cells of a row say, by role."""
        return {role: self._text(cells, place, flags, public) for role, place in places.items()}

    def _text(self, cells: list[str | None], place: int, flags: set[str], public: frozenset[str]) -> str:
        text = quality.cell_text(cells[place]) if place < len(cells) else ""
        if "markup" in flags and self.choices["markup"] == "clean":
            text = quality.without_markup(text) or text
        if "personal" in flags and self.choices["personal"] == "mask":
            text = privacy.mask(text, public)
        return text

    def side(self, question: int) -> str:
        """Where the rows of a question go."""
        return side(question, self.cuts)

    def keep(self, where: str, copy: int, line: int, texts: dict[str, str]) -> None:
        """Writes an example. COPY: a number where the same texts stand elsewhere as well."""
        values = list(texts.values())
        content = "\0".join([*values, str(copy)] if copy else values)
        example: dict[str, Any] = {"id": hashlib.sha256(content.encode()).hexdigest()[:16], "row": line}
        if self.family == "chat":
            example["messages"] = [
                {"role": "user", "content": values[0]},
                {"role": "assistant", "content": values[1]},
            ]
        else:
            example.update(texts)
        self.put(where, example)

    def put(self, where: str, example: dict[str, Any]) -> None:
        """A line for one side, counted and hashed."""
        text = json.dumps(example, ensure_ascii=False) + "\n"
        self.files[where].write(text)
        self.hash.update(f"{where} {text}".encode())
        self.counts.kept += 1
        setattr(self.counts, where, getattr(self.counts, where) + 1)

    def drop_row(self, line: int, reason: str, cells: list[str | None], texts: dict[str, str]) -> None:
        """Writes down that a row was left out, and why."""
        self.writer.writerow([line, reason, *(harmless(cell) for cell in cells)])
        self.counts.dropped += 1
        self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + 1

    def done(self) -> Counts:
        self.counts.sha256 = self.hash.hexdigest()
        return self.counts


def _rows(source: sqlite3.Connection) -> Iterator[tuple[int, int, list[str | None], set[str], int | None]]:
    """n, line, cells, flags and the hash of the question of every row."""
    found = source.execute(
        "SELECT rows.n, line, cells, (SELECT group_concat(flag) FROM marks WHERE marks.n = rows.n), question"
        " FROM rows LEFT JOIN keys USING (n) ORDER BY rows.n"
    )
    for n, line, cells, flags, question in found:
        yield n, line, json.loads(cells), set((flags or "").split(",")), question


def _ordered(texts: dict[str, str], needed: list[str]) -> dict[str, str]:
    """The needed roles first: question before answer."""
    first = {name: texts[name] for name in needed}
    return {**first, **{name: text for name, text in texts.items() if name not in first}}


_AFTER_SEPARATOR = re.compile(r"([;\t]\s*)(?=[=+\-@＝＋－＠])")


def harmless(cell: str | None) -> str:
    """A cell that no spreadsheet program runs as a formula: an apostrophe before what could be one.

    Inside the cell too, because where lists are separated by semicolons a program cuts it there.
    """
    text = _AFTER_SEPARATOR.sub(r"\1'", (cell or "").replace("\0", ""))
    start = text.lstrip(" \t\r\n\v\f\u00a0\ufeff\u200b")
    return (
        f"'{text}"
        if start.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or text[:1] in ("\t", "\r")
        else text
    )
