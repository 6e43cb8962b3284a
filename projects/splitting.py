"""Splits rows by the hash of the question, so that the same question never sits on both sides, and writes the files."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import islice
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from projects import columns, contacts, looking, privacy, quality, rows
from projects.cells import Table
from projects.columns import Played
from projects.conversations.reading import EARLIER
from projects.formats import Reading
from projects.looking import Message
from projects.repeats import Keys

TOP = 1 << 63
VALIDATION_FROM = int(TOP * 0.8)
TEST_FROM = int(TOP * 0.9)
MOST_TEST = 2_000  # questions; more make the report slower, not truer
MOST_VALIDATION = 1_000
PINNED = "pinned"  # beside the flags of a row: a person has settled it
BUFFER = 1 << 20
SIDES = ("train", "validation", "test")
Progress = Callable[[float, int], None]
Held = TypeVar("Held")


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


def find_cuts(kept: Keys) -> Cuts:
    """The usual cuts, moved so that a small set has a few test questions and a large one not too many."""
    questions = np.unique(kept.question).astype(np.uint64)
    count = len(questions)
    if count < 3:
        return Cuts(TOP, TOP)

    def nth(place: int) -> int:
        """The hash of the question at that place, counted from the highest."""
        return TOP if place <= 0 else int(questions[-place]) if place <= count else 0

    def above(limit: int) -> int:
        return count - int(np.searchsorted(questions, np.uint64(limit)))

    fewest = max(1, min(20, count // 5))
    tests = above(TEST_FROM)
    test = nth(min(max(tests, fewest), MOST_TEST)) if not fewest <= tests <= MOST_TEST else TEST_FROM
    tests = above(test)
    fewest = min(10, count // 10)
    both = above(min(VALIDATION_FROM, test))
    wanted = min(max(both - tests, fewest), MOST_VALIDATION)
    validation = VALIDATION_FROM if wanted == both - tests and test > VALIDATION_FROM else nth(tests + wanted)
    return Cuts(min(validation, test), test)


def write_examples(
    db: Path,
    mapping: Mapping[str, Played],
    choices: Mapping[str, str],
    out: Path,
    family: str = "chat",
    progress: Progress | None = None,
    test_db: Path | None = None,
    pinned: Collection[int] = (),
) -> Counts:
    """train.jsonl, validation.jsonl, test.jsonl, dropped.csv and dataset.json into OUT. `examine` has to come first.

    With TEST_DB (another examined rows.sqlite3) every kept row of it is the test side; the same file as DB means
    that all of it is test. PINNED: questions whose rows are learned from as they stand, whatever their side is."""
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        source = stack.enter_context(rows.opened(db))
        work = Work(stack, source, out, choices)
        work.pinned = frozenset(pinned)
        if test_db is None:
            work.cuts = find_cuts(Keys.of(source).kept(source, work.drop, work.pinned))
            work.all(source, "", progress)
        elif test_db.resolve() == db.resolve():
            work.all(source, "test", progress)
        else:
            other = stack.enter_context(rows.opened(test_db))
            work.cuts = Cuts(find_cuts(Keys.of(source).kept(source, work.drop, work.pinned)).test, TOP)
            work.all(other, "test", None)
            work.count()
            work.counts = Counts(test=work.counts.test)  # the counts are this file's; the other one has its own
            work.all(source, "", progress)
    counts = work.done()
    facts = {**asdict(counts), "family": family, "mapping": dict(mapping), "choices": quality.chosen(choices)}
    (out / "dataset.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2), encoding="utf-8")
    return counts


class Work:
    """The open files and what was counted while they are written."""

    def __init__(
        self,
        stack: ExitStack,
        source: sqlite3.Connection,
        out: Path,
        choices: Mapping[str, str],
        *,
        header: bool = True,
    ) -> None:
        self.choices, self.drop = quality.chosen(choices), quality.dropping(choices)
        self.given, self.only = choices, contacts.Only(choices)
        self.cuts = Cuts()
        self.counts = Counts()
        self.written = dict.fromkeys(SIDES, 0)  # since they were counted last
        self.hashes = {name: hashlib.sha256() for name in SIDES}
        self.out = out
        self.tested: set[int] = set()  # questions of a test file
        self.pinned: frozenset[int] = frozenset()  # questions that a person has answered for good
        self.said: list[tuple[str, str]] = []  # before the row at hand, in the same conversation
        self.to, self.easy = "", False  # the one side of all rows; whether no row hangs on another
        self.before: int | None = None  # where what was said before a row stands
        self.needed: list[str] = []  # the roles that make an example, in their order
        self.order: dict[str, list[int]] = {}  # where they stand in a row
        self.waiting: dict[str, list[str]] = {name: [] for name in SIDES}  # lines for each side
        self.files = {name: stack.enter_context((out / f"{name}.jsonl").open("wb", buffering=BUFFER)) for name in SIDES}
        # With a byte-order mark, spreadsheet programs read it as UTF-8.
        self.left_out = stack.enter_context((out / "dropped.csv").open("w", encoding="utf-8-sig", newline=""))
        self.writer = Table(self.left_out)
        if header:
            self.writer.add(["row", "reason", *rows.columns(source)])

    def all(self, source: sqlite3.Connection, to: str, progress: Progress | None) -> None:
        """Every row of a source, to one side or (with "") to the side of its question."""
        self.places = columns.remembered(rows.recall(source, "places", {}))
        self.needed = rows.recall(source, "needed", [])
        self.public = contacts.public(source, self.given)
        self.before = _earlier(source)
        self.order = _ordered(self.places, self.needed)
        self.to = to
        # What a row is does not hang on any other row then.
        self.easy = self.before is None and not to and not self.only
        total = rows.recall(source, "rows", 0)
        path = Path(source.execute("PRAGMA database_list").fetchone()[2])
        if self.easy and not self.tested and looking.in_halves(total):
            self.in_halves(path, source, total, progress or _hush)
        else:
            self.some(source, (0, total), progress or _hush)

    def some(self, source: sqlite3.Connection, span: tuple[int, int], progress: Progress) -> None:
        """Some of the rows of a source, in their order."""
        with rows.no_circles():
            for batch in _batches(source, *span):
                self.counts.rows += len(batch.n)
                if self.easy:
                    self.many(batch)
                else:
                    for place in range(len(batch.n)):
                        self.one(batch, place)
                self.flush()
                progress((batch.n[-1] - span[0]) / max(1, span[1] - span[0]), batch.n[-1])

    def many(self, batch: Batch) -> None:
        """Rows of which nearly every one is written as it is."""
        special = self.pinned | self.tested
        plain = [
            n not in batch.flags and question is not None and question not in special
            for n, question in zip(batch.n, batch.questions, strict=True)
        ]
        places = [place for place, easily in enumerate(plain) if easily]
        cells = [batch.cells[place] for place in places]
        asked = [batch.questions[place] or 0 for place in places]
        lines = self.plainly([batch.lines[place] for place in places], cells)
        written = zip(self.sides(asked), lines, strict=True)
        for place, easily in enumerate(plain):
            if easily:
                where, line = next(written)
                self.waiting[where].append(line)
            else:
                self.one(batch, place)

    def one(self, batch: Batch, place: int) -> None:
        """A row that is looked at by itself."""
        n, line, cells, question = batch.n[place], batch.lines[place], batch.cells[place], batch.questions[place]
        flags: Set[str] = batch.flags.get(n, NOTHING)
        pinned = question in self.pinned
        if pinned and self.to == "test":
            return  # it is learned from, so it tells nothing in a test
        if pinned:
            flags = {*flags, PINNED} - {"personal"}
        reason = next((flag for flag in quality.FLAGS if flag in flags and flag in self.drop), "") if flags else ""
        if not self.to and question in self.tested and not reason:
            reason = "in_test_file"
        texts = self.texts(cells, self.places, flags, self.public)
        if reason or question is None:
            self.drop_row(line, reason or "empty", cells, texts)
        else:
            where = "train" if pinned else self.to or self.side(question)
            if self.to == "test":
                self.tested.add(question)
            self.said = self.earlier(cells, self.before, self.public) if self.before is not None else []
            self.keep(where, n if "duplicate" in flags else 0, line, _ordered(texts, self.needed))

    def in_halves(self, path: Path, source: sqlite3.Connection, total: int, progress: Progress) -> None:
        """A second process writes the later half into files of its own, which are put behind the others."""
        middle, part = total // 2, self.out / "second-half"
        request = {"verb": "write", "path": str(path), "part": str(part), "span": (middle, total), **self.asked()}
        with looking.second(path, request) as other:
            self.some(source, (0, middle), other.beside(total, lambda share, n: progress(0.95 * share, n)))
            counted = other.end()
        if counted is None:
            self.some(source, (middle, total), lambda share, n: progress(0.95, n))
        else:
            self.join(part, counted)
        shutil.rmtree(part, ignore_errors=True)
        progress(1.0, total)

    def asked(self) -> Message:
        """What another process needs to write in the same way, as plain JSON."""
        return {
            "module": __name__,
            "choices": dict(self.given),
            "cuts": asdict(self.cuts),
            "pinned": sorted(self.pinned),
        }

    def half(self, source: sqlite3.Connection, asked: Message, progress: Progress) -> Message:
        """What the second process does; what it counted."""
        self.cuts, self.pinned = Cuts(**asked["cuts"]), frozenset(asked["pinned"])
        self.places = columns.remembered(rows.recall(source, "places", {}))
        self.needed = rows.recall(source, "needed", [])
        self.public = contacts.public(source, self.given)
        self.order, self.easy = _ordered(self.places, self.needed), True
        self.some(source, (int(asked["span"][0]), int(asked["span"][1])), progress)
        return {"counts": asdict(self.counts), "written": self.written}

    def join(self, part: Path, counted: Message) -> None:
        """Adds what another process wrote and counted."""
        other = Counts(**counted["counts"])
        for name in ("rows", "dropped", "unlabelled"):
            setattr(self.counts, name, getattr(self.counts, name) + getattr(other, name))
        for reason, many in other.reasons.items():
            self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + many
        for name, file in self.files.items():
            self.written[name] = self.written.get(name, 0) + counted["written"].get(name, 0)
            with (part / f"{name}.jsonl").open("rb") as written:
                while data := written.read(BUFFER):
                    file.write(data)
                    if name in self.hashes:
                        self.hashes[name].update(data)
        with (part / "dropped.csv").open("r", encoding="utf-8-sig", newline="") as dropped:
            shutil.copyfileobj(dropped, self.left_out, BUFFER)

    def plainly(self, lines: Sequence[int], cells: Sequence[list[str | None]]) -> list[str]:
        """The examples of rows in which nothing is cleaned or masked."""
        texts = {role: quality.cell_texts(columns.texts(cells, at)) for role, at in self.order.items()} if cells else {}
        said = list(zip(*texts.values(), strict=True))
        rest = [f'"messages": [{_exchange(values[0], values[1])}]' for values in said]
        return [_line(identity(values), line, fields) for values, line, fields in zip(said, lines, rest, strict=True)]

    def sides(self, questions: Sequence[int]) -> list[str]:
        """Where the rows of many questions go."""
        cuts = np.array([self.cuts.validation, self.cuts.test], np.uint64)
        return [SIDES[at] for at in np.searchsorted(cuts, np.array(questions, np.uint64), "right").tolist()]

    def texts(
        self, cells: list[str | None], places: Mapping[str, columns.Places], flags: Set[str], public: frozenset[str]
    ) -> dict[str, str]:
        """What the cells of a row say, by role."""
        return {role: self._text(cells, at, flags, public) for role, at in places.items()}

    def _text(self, cells: list[str | None], at: columns.Places, flags: Set[str], public: frozenset[str]) -> str:
        text = quality.cell_text(columns.text(cells, at))
        if not flags and not self.only.masked:
            return text
        if "markup" in flags and self.choices["markup"] == "clean":
            text = quality.without_markup(text) or text
        if "personal" in flags and self.choices["personal"] == "mask":
            text = privacy.mask(text, public)
        elif self.only and PINNED not in flags:
            text = privacy.mask(text, self.only)
        return text

    def earlier(self, cells: list[str | None], place: int, public: frozenset[str]) -> list[tuple[str, str]]:
        """The exchanges of the same conversation that came before, treated like the row itself."""
        text = cells[place] if place < len(cells) else None
        masked = self.choices["personal"] == "mask"
        found = []
        for question, answer in json.loads(text) if text else []:
            pair = [quality.cell_text(question), quality.cell_text(answer)]
            found.append(
                (privacy.mask(pair[0], public), privacy.mask(pair[1], public)) if masked else (pair[0], pair[1])
            )
        return found

    def side(self, question: int) -> str:
        """Where the rows of a question go."""
        return side(question, self.cuts)

    def keep(self, where: str, copy: int, line: int, texts: dict[str, str]) -> None:
        """Writes an example. COPY: a number where the same texts stand elsewhere as well."""
        values = list(texts.values())
        messages = [_exchange(question, answer) for question, answer in self.said]
        rest = f'"messages": [{", ".join([*messages, _exchange(values[0], values[1])])}]'
        self.put(where, identity([*values, str(copy)] if copy else values), line, rest)

    def put(self, where: str, name: str, line: int, rest: str) -> None:
        """A line for one side. REST: its fields after the name and the line of the file, as JSON."""
        self.waiting[where].append(_line(name, line, rest))

    def flush(self) -> None:
        """Writes what waits, many lines at once, and counts and hashes it."""
        for where, lines in self.waiting.items():
            data = "".join(lines).encode()
            self.files[where].write(data)
            self.hashes[where].update(data)
            self.written[where] += len(lines)
            lines.clear()

    def drop_row(self, line: int, reason: str, cells: list[str | None], texts: dict[str, str]) -> None:
        """Writes down that a row was left out, and why."""
        self.writer.add([line, reason, *cells])
        self.counts.dropped += 1
        self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + 1

    def count(self) -> None:
        for where, many in self.written.items():
            setattr(self.counts, where, getattr(self.counts, where) + many)
            self.counts.kept += many
        self.written = dict.fromkeys(SIDES, 0)

    def done(self) -> Counts:
        self.count()
        # By sides, so that two processes can write at once.
        said = "".join(f"{name} {hashed.hexdigest()}\n" for name, hashed in self.hashes.items())
        self.counts.sha256 = hashlib.sha256(said.encode()).hexdigest()
        return self.counts


def first(out: Path, many: int) -> list[dict[str, Any]]:
    """The first written examples, in the order of the file and without their ids."""
    found: list[dict[str, Any]] = []
    for side in SIDES:
        with (out / f"{side}.jsonl").open(encoding="utf-8") as file:
            found += [json.loads(line) for line in islice(file, many)]
    shown = sorted(found, key=lambda example: example["row"])[:many]
    return [{name: value for name, value in example.items() if name != "id"} for example in shown]


def _earlier(source: sqlite3.Connection) -> int | None:
    """Where in a row stands what was said before it, where the rows come from conversations."""
    reading = Reading.from_json(rows.recall(source, "reading", {}))
    return reading.names.index(EARLIER) if reading.talk is not None and EARLIER in reading.names else None


def _hush(share: float, n: int) -> None:
    """Nobody asks how far it is."""


def _line(name: str, line: int, rest: str) -> str:
    return f'{{"id": "{name}", "row": {line}, {rest}}}\n'


def _exchange(question: str, answer: str) -> str:
    return f'{{"role": "user", "content": {quoted(question)}}}, {{"role": "assistant", "content": {quoted(answer)}}}'


def identity(said: Iterable[str]) -> str:
    """What an example is called: the same for the same texts."""
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Batch:
    """Rows with their flags and the hashes of their questions."""

    n: Sequence[int]
    lines: Sequence[int]
    questions: Sequence[int | None]
    cells: list[list[str | None]]
    flags: dict[int, set[str]]  # only of rows that have one


def _batches(source: sqlite3.Connection, last: int, end: int) -> Iterator[Batch]:
    while batch := source.execute(
        "SELECT rows.n, line, question, cells FROM rows LEFT JOIN keys USING (n) WHERE rows.n > ? AND rows.n <= ?"
        " ORDER BY rows.n LIMIT ?",
        (last, end, rows.BATCH),
    ).fetchall():
        first, last = batch[0][0], batch[-1][0]
        flags: dict[int, set[str]] = {}
        for n, flag in source.execute("SELECT n, flag FROM marks WHERE n BETWEEN ? AND ?", (first, last)):
            flags.setdefault(n, set()).add(flag)
        numbers, lines, questions, stored = zip(*batch, strict=True)
        yield Batch(numbers, lines, questions, rows.parsed(stored), flags)


def write_half(request: Message, progress: Progress) -> Message:
    """What another process does for `Work.in_halves`."""
    with ExitStack() as stack:
        source = stack.enter_context(rows.opened(Path(request["path"])))
        (out := Path(request["part"])).mkdir(parents=True, exist_ok=True)
        work = Work(stack, source, out, request["choices"], header=False)
        return work.half(source, request, progress)


def _ordered(texts: dict[str, Held], needed: list[str]) -> dict[str, Held]:
    """The needed roles first: question before answer."""
    if list(texts)[: len(needed)] == needed:
        return texts
    first = {name: texts[name] for name in needed}
    return {**first, **{name: text for name, text in texts.items() if name not in first}}
