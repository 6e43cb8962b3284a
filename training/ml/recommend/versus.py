"""Two recommenders before the same people: whether what they took next is among the ten shown, and how high it stands."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from training.ml.recommend.log import INTERACTIONS
from training.ml.recommend.report import Report, Tested
from training.ml.scores import paired, word
from training.ml.stored import Stored, read
from training.ml.versus import Measured

K = 10


def rows(report: Stored) -> Sequence[Tested]:
    return Report.from_json(report).rows


def key(row: Tested) -> str:
    """The person with what is to be found: more purchases make another question."""
    return json.dumps([row.person, sorted(row.taken)], ensure_ascii=False)


def answer(row: Tested, system: str) -> list[str] | None:
    return [item for item, _score in row.shown] if system == "tuned" else row.systems.get(system)


def asked(stored: object) -> list[str]:
    return read(list[str], stored)


def without_meaning(answer: list[str]) -> list[str]:
    return answer


def measure(pairs: Sequence[tuple[Tested, list[str], list[str]]]) -> Measured:
    gains = [_gain(row.taken, ours) - _gain(row.taken, theirs) for row, ours, theirs in pairs]
    hits = [sum(bool({*row.taken} & {*both[side][:K]}) for row, *both in pairs) / len(pairs) for side in (0, 1)]
    return Measured(word(paired(gains)), hits[0], hits[1])


def learned(data: Path) -> Callable[[Tested], bool]:
    """Whether any of what is to be found stands in the log already: what is published has counted all of it."""
    taken: defaultdict[str, set[str]] = defaultdict(set)
    with (data / INTERACTIONS).open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                one = json.loads(line)
                taken[str(one["person"])].add(str(one["item"]))
    return lambda row: not taken[row.person].isdisjoint(row.taken)


def _gain(taken: Sequence[str], shown: Sequence[str]) -> float:
    """ndcg@10 of one person."""
    found = sum(1 / math.log2(place + 2) for place, item in enumerate(shown[:K]) if item in taken)
    best = sum(1 / math.log2(place + 2) for place in range(min(len(taken), K)))
    return found / best if best else 0.0
