"""Splits rows by the hash of the question, so that the same question never sits on both sides, and writes the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Counts:
    """What was written; `dataset.json` says the same."""

    rows: int = 0
    kept: int = 0
    dropped: int = 0
    train: int = 0
    validation: int = 0
    test: int = 0
    reasons: dict[str, int] = field(default_factory=dict)  # flag → rows dropped for it (the first reason counts)
    sha256: str = ""


def side(content_hash: int) -> str:
    """train, validation or test: fixed by the hash (0 to 2**63 - 1) alone, about 80/10/10."""
    raise NotImplementedError


def write_examples(
    db: Path,
    mapping: Mapping[str, str | None],
    choices: Mapping[str, str],
    out: Path,
    family: str = "chat",
    progress: Callable[[float, int], None] | None = None,
    test_db: Path | None = None,
) -> Counts:
    """train.jsonl, validation.jsonl, test.jsonl, dropped.csv and dataset.json into OUT. `examine` has to come first.

    With TEST_DB (another examined rows.sqlite3) every kept row of it is the test side."""
    raise NotImplementedError
