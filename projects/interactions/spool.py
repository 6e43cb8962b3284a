"""The cells that play a role in a log: read from its rows once, put aside, and gone over as often as needed.

Most of a log repeats, so each different cell of a part is kept once, with a number for each of its lines. What is asked of
a cell is asked once for all of its lines then, and what is asked of lines is asked of numbers in vectors."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from projects import looking, rows
from projects.blanks import MISSING, missing

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)
NOTHING = MISSING | {""}
LINES = 20_000  # of a part: so many that cells repeat in it, and few enough to hold
PART_BYTES = 20_000_000  # of the rows file for a part, where lines are long


@dataclass
class Texts:
    """The texts of many lines: those that are different, and for each line which of them it has."""

    different: list[str]
    codes: Codes

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        different = list(dict.fromkeys(texts))
        number = dict(zip(different, range(len(different)), strict=True))
        return cls(different, np.fromiter(map(number.__getitem__, texts), np.int32, len(texts)))

    @classmethod
    def stripped(cls, cells: Sequence[str | None]) -> Texts:
        """The texts of cells, without blanks around them."""
        raw: Texts = cls.of(cells)  # type: ignore[arg-type]
        bare = [text.strip() if text else "" for text in raw.different]
        if bare == raw.different:
            return raw
        again = cls.of(bare)
        return cls(again.different, again.codes[raw.codes])

    def __iter__(self) -> Iterator[str]:
        """The text of each line."""
        return map(self.different.__getitem__, self.codes.tolist())

    def __len__(self) -> int:
        return len(self.codes)

    def each(self, values: Sequence[object] | NDArray[Kind], dtype: type[Kind]) -> NDArray[Kind]:
        """What each line has of VALUES, one for each different text."""
        return np.array(values, dtype)[self.codes] if len(self.codes) else np.array([], dtype)

    def counted(self) -> Iterator[tuple[str, int]]:
        """The different texts, and how many lines have each."""
        return zip(self.different, np.bincount(self.codes, minlength=len(self.different)).tolist(), strict=True)

    @cached_property
    def nothing(self) -> Flags:
        """Which of the different texts stand for nothing."""
        words = "\0".join(self.different).casefold().split("\0")
        if len(words) == len(self.different) and NOTHING.isdisjoint(words):  # nearly always, and told of all at once
            return np.zeros(len(words), np.bool_)
        return np.array([missing(text) for text in self.different], np.bool_)

    @property
    def blank(self) -> Flags:
        """Which lines stand for nothing."""
        return self.nothing[self.codes]


@dataclass
class Part:
    """Some lines of a log, one after the other."""

    n: NDArray[np.int64]
    problem: Texts
    said: dict[str, Texts]  # role → stripped cells

    def without(self, problems: frozenset[str]) -> dict[str, Texts]:
        """The cells of the lines that have none of these problems."""
        if problems.isdisjoint(self.problem.different):
            return self.said
        stay = [problem not in problems for problem in self.problem]
        return {
            role: Texts.of([text for text, here in zip(texts, stay, strict=True) if here])
            for role, texts in self.said.items()
        }


class Spool:
    """Where the parts are put aside: in a file without a name, which is gone when this process is."""

    def __init__(self, folder: Path) -> None:
        self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by the block that it is used in
        self.parts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def fill(
        self, db: sqlite3.Connection, places: Mapping[str, int], total: int, progress: Callable[[float, int], None]
    ) -> Iterator[Part]:
        """Reads all rows; each part once it is put aside."""
        for batch in looking.batches(db, many=_many(db, total)):
            numbers, cells, problems = zip(*batch, strict=True)
            columns: list[Sequence[str | None]] = list(zip_longest(*cells))  # short rows lack their last cells
            nothing = [None] * len(batch)
            said = {
                role: Texts.stripped(columns[place] if place < len(columns) else nothing)
                for role, place in places.items()
            }
            part = Part(np.array(numbers, np.int64), Texts.of(problems), said)
            pickle.dump(part, self.file, pickle.HIGHEST_PROTOCOL)
            self.parts += 1
            yield part
            progress(batch[-1][0] / max(1, total), batch[-1][0])

    def __iter__(self) -> Iterator[Part]:
        self.file.seek(0)
        for _part in range(self.parts):
            yield pickle.load(self.file)  # noqa: S301 - this process wrote it, and nobody else can open it


def _many(db: sqlite3.Connection, total: int) -> int:
    """How many rows make a part: fewer where they are long."""
    size: int = db.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
    return max(rows.BATCH, min(LINES, PART_BYTES * max(1, total) // max(1, size)))
