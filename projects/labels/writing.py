"""Writes labelled texts: every label stands on each side that it can reach; texts without a label are kept apart."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import asdict
from json.encoder import encode_basestring as quoted
from pathlib import Path

import numpy as np

from projects import columns, quality, rows
from projects.choices import Choices
from projects.columns import Places, Played
from projects.labels import columns as label_columns
from projects.labels.columns import Column
from projects.labels.names import Decisions
from projects.looking import Message
from projects.repeats import Keys
from projects.splitting import BUFFER, SIDES, TOP, Counts, Cuts, Work, _line, find_cuts, identity, side

Progress = Callable[[float, int], None]
LABEL = "label"  # the role
REMEMBERED = 50_000  # label cells whose labels are looked up
FEWEST = {"train": 1, "test": 3, "validation": 5}  # texts with a label, from which on it has to be on that side


def write_examples(
    db: Path,
    mapping: Mapping[str, Played],
    choices: Choices,
    out: Path,
    progress: Progress | None = None,
    test: tuple[Path, Mapping[str, object]] | None = None,
    pinned: frozenset[int] = frozenset(),
) -> Counts:
    """train.jsonl, validation.jsonl, test.jsonl, unlabelled.jsonl, dropped.csv and dataset.json into OUT.

    TEST: the rows file whose kept rows are the test, and its choices; the same file as DB means that all is test.
    PINNED: texts whose rows are learned from as they stand, whatever their side is."""
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        source = stack.enter_context(rows.opened(db))
        work = LabelWork(stack, source, out, choices)
        work.pinned = pinned
        if test is None:
            kept = Keys.of(source).kept(source, work.drop, pinned)
            work.cut(kept, find_cuts(kept), SIDES)
            work.all(source, "", progress)
        elif test[0].resolve() == db.resolve():
            work.all(source, "test", progress)
        else:
            _with_test_file(stack, work, source, test, progress)
    counts = work.done()
    counts.label_count = len(work.labels)
    facts = {
        **asdict(counts),
        "family": "classify",
        "mapping": dict(mapping),
        "choices": quality.chosen(choices),
        "decisions": asdict(work.decisions),
        "labels": dict(work.labels.most_common()),
        "multi": work.multi,
    }
    (out / "dataset.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2), encoding="utf-8")
    return counts


def _with_test_file(
    stack: ExitStack,
    work: LabelWork,
    source: sqlite3.Connection,
    test: tuple[Path, Mapping[str, object]],
    progress: Progress | None,
) -> None:
    """The test file's rows first, with what was decided here and there; then the rest without its texts."""
    other = stack.enter_context(rows.opened(test[0]))
    mine, theirs = work.decisions, Decisions.of(test[1])
    work.decisions = Decisions({**mine.names, **theirs.names}, theirs.split or mine.split)
    work.all(other, "test", None)
    work.count()
    work.counts = Counts(test=work.counts.test)  # the counts are this file's; the other one has its own
    work.decisions = mine
    work.labels.clear()
    kept = Keys.of(source).kept(source, work.drop, work.pinned)
    work.cut(kept, Cuts(find_cuts(kept).test, TOP), ("train", "validation"))
    work.all(source, "", progress)


class LabelWork(Work):
    """Knows the labels of every row, and moves a few texts so that no label is missing on a side."""

    def __init__(
        self,
        stack: ExitStack,
        source: sqlite3.Connection,
        out: Path,
        choices: Choices,
        *,
        header: bool = True,
    ) -> None:
        super().__init__(stack, source, out, choices, header=header)
        self.files["unlabelled"] = stack.enter_context((out / "unlabelled.jsonl").open("wb", buffering=BUFFER))
        self.decisions = Decisions.of(choices)
        self.labels: Counter[str] = Counter()
        self.said_of: dict[str, tuple[list[str], str]] = {}  # cell → its labels, for the first different cells
        self.in_cells: dict[tuple[str | None, ...], tuple[list[str], str]] = {}
        self.multi = False
        self.moved: dict[int, str] = {}  # text → the side it goes to so that its label is there

    def cut(self, kept: Keys, cuts: Cuts, sides: tuple[str, ...]) -> None:
        self.cuts = cuts
        # With several labels a row there are too many combinations to give each a place everywhere.
        self.moved = {} if self.decisions.split else moved(kept, cuts, sides)

    def side(self, question: int) -> str:
        return self.moved.get(question) or side(question, self.cuts)

    def all(self, source: sqlite3.Connection, to: str, progress: Progress | None) -> None:
        self.columns = [Column.of(one) for one in rows.recall(source, "label_columns", [])]
        self.none = str(rows.recall(source, "none", ""))
        self.said_of, self.in_cells = {}, {}
        super().all(source, to, progress)

    def texts(
        self, cells: list[str | None], places: Mapping[str, Places], flags: Set[str], public: frozenset[str]
    ) -> dict[str, str]:
        # Only texts are cleaned and masked; the label can come from several columns.
        found = super().texts(cells, {name: at for name, at in places.items() if name != LABEL}, flags, public)
        return {**found, LABEL: label_columns.cell(cells, self.columns, self.none) if self.columns else ""}

    def asked(self) -> Message:
        return {**super().asked(), "module": __name__, "moved": list(self.moved.items())}

    def half(self, source: sqlite3.Connection, asked: Message, progress: Progress) -> Message:
        self.moved = dict(asked["moved"])
        self.columns = [Column.of(one) for one in rows.recall(source, "label_columns", [])]
        self.none = str(rows.recall(source, "none", ""))
        counted = super().half(source, asked, progress)
        return {**counted, "labels": list(self.labels.items()), "multi": self.multi}

    def join(self, part: Path, counted: Message) -> None:
        super().join(part, counted)
        self.labels.update(dict(counted["labels"]))
        self.multi = self.multi or counted["multi"]

    def plainly(self, lines: Sequence[int], cells: Sequence[list[str | None]]) -> list[str]:
        texts = quality.cell_texts(columns.texts(cells, self.order[self.needed[0]])) if cells else []
        found = []
        for text, line, row in zip(texts, lines, cells, strict=True):
            labels, written = self.labels_in(row)
            found.append(_line(identity([text, *labels]), line, f'"text": {quoted(text)}, "labels": [{written}]'))
            self.labels.update(labels)
        return found

    def sides(self, questions: Sequence[int]) -> list[str]:
        found = super().sides(questions)
        if self.moved:
            for place in [place for place, question in enumerate(questions) if question in self.moved]:
                found[place] = self.moved[questions[place]]
        return found

    def labels_in(self, row: list[str | None]) -> tuple[list[str], str]:
        """The same for a row; what stands in its label columns mostly stood there before."""
        at = tuple([row[column.place] if column.place < len(row) else None for column in self.columns])
        known = self.in_cells.get(at)
        if known is None:
            known = self.labels_of(label_columns.cell(row, self.columns, self.none) if self.columns else "")
            if len(self.in_cells) < REMEMBERED:
                self.in_cells[at] = known
        return known

    def labels_of(self, cell: str) -> tuple[list[str], str]:
        """The labels in a cell, and how they are written down."""
        known = self.said_of.get(cell)
        if known is None:
            labels = self.decisions.labels(cell)
            known = labels, ", ".join(map(quoted, labels))
            self.multi = self.multi or len(labels) > 1
            if len(self.said_of) < REMEMBERED:
                self.said_of[cell] = known
        return known

    def keep(self, where: str, copy: int, line: int, texts: dict[str, str]) -> None:
        text = texts[self.needed[0]]
        labels, written = self.labels_of(texts[LABEL])
        name = identity([text, *labels, str(copy)] if copy else [text, *labels])
        self.put(where, name, line, f'"text": {quoted(text)}, "labels": [{written}]')
        self.labels.update(labels)

    def drop_row(self, line: int, reason: str, cells: list[str | None], texts: dict[str, str]) -> None:
        if reason != "unlabelled":
            super().drop_row(line, reason, cells, texts)
            return
        text = texts[self.needed[0]]
        example = {"id": identity([text, "", str(line)]), "row": line, "text": text}
        self.files["unlabelled"].write((json.dumps(example, ensure_ascii=False) + "\n").encode())
        self.counts.unlabelled += 1


def write_half(request: Message, progress: Progress) -> Message:
    """What another process does for `LabelWork.in_halves`."""
    with ExitStack() as stack:
        source = stack.enter_context(rows.opened(Path(request["path"])))
        (out := Path(request["part"])).mkdir(parents=True, exist_ok=True)
        work = LabelWork(stack, source, out, request["choices"], header=False)
        return work.half(source, request, progress)


def moved(kept: Keys, cuts: Cuts, sides: tuple[str, ...]) -> dict[int, str]:
    """Texts that change sides so that a label with enough texts is on all of SIDES.

    The label of a text is that of its first row, so that a text never stands on two sides. The highest hashes go to
    the test and the next to validation, as in a set that is cut without this."""
    questions, first = np.unique(kept.question, return_index=True)
    _labels, label = np.unique(kept.answer[first], return_inverse=True)
    place = np.searchsorted(np.array([cuts.validation, cuts.test], np.uint64), questions.astype(np.uint64), "right")
    held = np.zeros((len(_labels), len(SIDES)), np.int64)
    np.add.at(held, (label, place), 1)
    found: dict[int, str] = {}
    # Most labels have texts everywhere; only of the others single texts are looked at.
    for number in np.flatnonzero((held == 0).any(axis=1)).tolist():
        here = np.flatnonzero(label == number)[::-1]
        found |= _moved({name: questions[here[place[here] == at]].tolist() for at, name in enumerate(SIDES)}, sides)
    return found


def _moved(held: dict[str, list[int]], sides: tuple[str, ...]) -> dict[int, str]:
    """The same for one label. HELD: its texts on each side, the highest first."""
    found: dict[int, str] = {}
    total = sum(map(len, held.values()))
    for wanted in [name for name, needed in FEWEST.items() if name in sides and not held[name] and total >= needed]:
        giver = max(sides, key=lambda name: len(held[name]))
        question = held[giver].pop(-1 if wanted == "train" else 0)
        held[wanted].append(question)
        found[question] = wanted
    return found
