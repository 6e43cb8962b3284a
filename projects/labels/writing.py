"""Writes labelled texts: every label stands on each side that it can reach; texts without a label are kept apart."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from projects import quality, rows, splitting
from projects.labels import columns as label_columns
from projects.labels.columns import Column
from projects.labels.names import Decisions
from projects.splitting import SIDES, TOP, Counts, Cuts, Work, find_cuts, side

Progress = Callable[[float, int], None]
LABEL = "label"  # the role
FEWEST = {"train": 1, "test": 3, "validation": 5}  # texts with a label, from which on it has to be on that side


def write_examples(
    db: Path,
    mapping: Mapping[str, str | None],
    choices: Mapping[str, Any],
    out: Path,
    progress: Progress | None = None,
    test: tuple[Path, Mapping[str, Any]] | None = None,
) -> Counts:
    """train.jsonl, validation.jsonl, test.jsonl, unlabelled.jsonl, dropped.csv and dataset.json into OUT.

    TEST: the rows file whose kept rows are the test, and its choices; the same file as DB means that all is test."""
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        source = stack.enter_context(rows.opened(db))
        work = LabelWork(stack, source, out, choices)
        if test is None:
            work.cut(source, find_cuts(source, work.drop), ("train", "validation", "test"))
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
    test: tuple[Path, Mapping[str, Any]],
    progress: Progress | None,
) -> None:
    """The test file's rows first, with what was decided here and there; then the rest without its texts."""
    other = stack.enter_context(rows.opened(test[0]))
    mine, theirs = work.decisions, Decisions.of(test[1])
    work.decisions = Decisions({**mine.names, **theirs.names}, theirs.split or mine.split)
    work.all(other, "test", None)
    work.counts = Counts(test=work.counts.test)  # the counts are this file's; the other one has its own
    work.decisions = mine
    work.labels.clear()
    work.cut(source, Cuts(find_cuts(source, work.drop).test, TOP), ("train", "validation"))
    work.all(source, "", progress)


class LabelWork(Work):
    """Knows the labels of every row, and moves a few texts so that no label is missing on a side."""

    def __init__(self, stack: ExitStack, source: sqlite3.Connection, out: Path, choices: Mapping[str, Any]) -> None:
        super().__init__(stack, source, out, choices, "classify")
        self.files["unlabelled"] = stack.enter_context((out / "unlabelled.jsonl").open("w", encoding="utf-8"))
        self.decisions = Decisions.of(choices)
        self.labels: Counter[str] = Counter()
        self.multi = False
        self.moved: dict[int, str] = {}  # text → the side it goes to so that its label is there

    def cut(self, source: sqlite3.Connection, cuts: Cuts, sides: tuple[str, ...]) -> None:
        self.cuts = cuts
        # With several labels a row there are too many combinations to give each a place everywhere.
        self.moved = {} if self.decisions.split else moved(source, self.drop, cuts, sides)

    def side(self, question: int) -> str:
        return self.moved.get(question) or side(question, self.cuts)

    def all(self, source: sqlite3.Connection, to: str, progress: Progress | None) -> None:
        self.columns = [Column.of(one) for one in rows.recall(source, "label_columns", [])]
        self.none = str(rows.recall(source, "none", ""))
        super().all(source, to, progress)

    def texts(
        self, cells: list[str | None], places: Mapping[str, int], flags: set[str], public: frozenset[str]
    ) -> dict[str, str]:
        # Only texts are cleaned and masked; the label can come from several columns.
        found = super().texts(cells, {name: at for name, at in places.items() if name != LABEL}, flags, public)
        return {**found, LABEL: label_columns.cell(cells, self.columns, self.none) if self.columns else ""}

    def keep(self, where: str, copy: int, line: int, texts: dict[str, str]) -> None:
        text = texts[self.needed[0]]
        labels = self.decisions.labels(texts[LABEL])
        content = "\0".join([text, *labels, str(copy)] if copy else [text, *labels])
        name = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.put(where, {"id": name, "row": line, "text": text, "labels": labels})
        self.labels.update(labels)
        self.multi = self.multi or len(labels) > 1

    def drop_row(self, line: int, reason: str, cells: list[str | None], texts: dict[str, str]) -> None:
        if reason != "unlabelled":
            super().drop_row(line, reason, cells, texts)
            return
        text = texts[self.needed[0]]
        name = hashlib.sha256(f"{text}\0\0{line}".encode()).hexdigest()[:16]
        example = {"id": name, "row": line, "text": text}
        self.files["unlabelled"].write(json.dumps(example, ensure_ascii=False) + "\n")
        self.counts.unlabelled += 1


def moved(db: sqlite3.Connection, drop: list[str], cuts: Cuts, sides: tuple[str, ...]) -> dict[int, str]:
    """Texts that change sides so that a label with enough texts is on all of SIDES.

    The label of a text is that of its first row, so that a text never stands on two sides. The highest hashes go to
    the test and the next to validation, as in a set that is cut without this."""
    kept = (
        f"SELECT question, answer, min(n) FROM keys WHERE n NOT IN ({splitting.dropped_rows(drop)}) GROUP BY question"  # noqa: S608
    )
    here: dict[int, dict[str, list[int]]] = {}
    for question, answer, _n in db.execute(f"{kept} ORDER BY question DESC", drop):
        held = here.setdefault(answer, {name: [] for name in SIDES})
        held[side(question, cuts)].append(question)
    found: dict[int, str] = {}
    for held in here.values():
        total = sum(map(len, held.values()))
        for wanted in [name for name, needed in FEWEST.items() if name in sides and not held[name] and total >= needed]:
            giver = max(sides, key=lambda name: len(held[name]))
            question = held[giver].pop(-1 if wanted == "train" else 0)
            held[wanted].append(question)
            found[question] = wanted
    return found
