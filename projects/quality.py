"""The quality report: flags on rows, counts, the rows behind each count, and choices that switch at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.utils.functional import Promise

from projects.mapping import RoleLike


@dataclass(frozen=True)
class Flag:
    """Something that can be wrong with a row, what can be done about it, and what is done unless a person says so."""

    name: str
    title: str | Promise
    help: str | Promise
    choices: tuple[str, ...]  # of keep, drop, mask, clean
    default: str


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


FLAGS: dict[str, Flag] = {}


def examine(
    db: Path,
    mapping: Mapping[str, str | None],
    roles: Sequence[RoleLike],
    choices: Mapping[str, str],
    progress: Callable[[float, int], None],
) -> QualityReport:
    """Flags every row. The first required role is the question (or text), the second the answer (or label)."""
    raise NotImplementedError


def chosen(choices: Mapping[str, str]) -> dict[str, str]:
    """The choice for every flag: the person's where it is one of the flag's, else the default."""
    raise NotImplementedError


def counts(db: Path, choices: Mapping[str, str]) -> tuple[int, int]:
    """Rows kept and rows dropped under these choices; instant, nothing is read again."""
    raise NotImplementedError


def rows_behind(db: Path, flag: str, offset: int = 0, limit: int = 50) -> list[BadRow]:
    """A page of the rows that carry the flag."""
    raise NotImplementedError


def balance(db: Path, column: str, limit: int = 200) -> list[tuple[str, int]]:
    """How many rows each value of a column has, the most frequent first."""
    raise NotImplementedError
