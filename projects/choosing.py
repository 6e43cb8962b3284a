"""Of several tables in one file, the one that has what is looked for: tried with the roles of a use case."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from projects.formats import Column, Reading, Refusal
from projects.usecases import Role

LOOK = 300  # rows of each table
WORTH = 0.35  # what ten times as many rows count, against a role of which one is wholly sure


@dataclass(frozen=True)
class Sought:
    """A role as it crosses to the process that reads: what it is called, without the words for people."""

    name: str
    synonyms: tuple[str, ...] = ()
    required: bool = True
    grades: tuple[str, ...] = ()

    @classmethod
    def of(cls, role: Role) -> Sought:
        return cls(role.name, role.synonyms, role.required, role.grades)

    @classmethod
    def from_json(cls, data: tuple[str, Sequence[str], bool, Sequence[str]]) -> Sought:
        return cls(data[0], tuple(data[1]), bool(data[2]), tuple(data[3]))


Trial = Callable[[], tuple[list[Column], list[list[str | None]]]]


def best(tables: Iterable[tuple[str, Trial]], roles: Sequence[Sought], sizes: dict[str, int]) -> str:
    """The name of the table that fits best, the first of equals; "" where no table plays a single role.

    Each table comes with what makes columns and sampled cells of its first rows; SIZES are the rows of each."""
    found, most = "", 0.0
    for name, trial in tables:
        try:
            columns, sample = trial()
        except (Refusal, LookupError):
            continue
        fit = _fit(columns, sample, roles)
        if fit <= 0:
            continue
        score = fit + WORTH * math.log10(max(1, sizes.get(name) or len(sample)))
        if score > most + 1e-9:
            found, most = name, score
    return found


def _fit(columns: list[Column], sample: list[list[str | None]], roles: Sequence[Sought]) -> float:
    """How surely the columns play the roles. A role that is missing counts much more than one that is less sure."""
    from projects import mapping

    guesses = mapping.guess(columns, sample, roles, whole=len(sample) < LOOK)
    wanted = [role for role in roles if role.required or role.name == "label"]
    sure = [guesses[role.name].confidence for role in wanted if guesses[role.name].sure]
    return 3.0 * len(sure) + sum(min(1.0, one) for one in sure)


def plays(reading: Reading, roles: Sequence[Sought]) -> bool:
    """Whether columns surely play all of the roles, as far as the first rows tell."""
    from projects import mapping

    guesses = mapping.guess(reading.columns, reading.sample, roles, whole=False)
    return all(guesses[role.name].sure for role in roles)


def lacks(one: Trial | None, whole: Trial, roles: Sequence[Sought]) -> bool:
    """Whether a table does not play a role that it plays together with the others."""
    if not roles:
        return False
    return _fit(*whole(), roles) >= (_fit(*one(), roles) if one is not None else 0.0) + 2.0
