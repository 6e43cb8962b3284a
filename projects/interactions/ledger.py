"""The lines of a log as columns of numbers in memory, 44 bytes a line: what needs all of them at once is found in them.

Names stand here as eight bytes each; what they are called stands in the log itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NOBODY = 0  # the number of "", and of no basket
NEVER = float("-inf")  # the moment of a line without one
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
PART = 200_000  # lines that are gone through at once
ASK = 5_000  # lines asked for at once


@dataclass
class Ledger:
    """A column each; the line at a place has the id that is one more."""

    person: Numbers
    item: Numbers
    basket: Numbers
    at: NDArray[np.float64]
    weight: NDArray[np.float64]
    bits: NDArray[np.int32]
    named: Flags
    count: int = 0

    @classmethod
    def of_size(cls, many: int) -> Ledger:
        whole, real = np.zeros(many, np.int64), np.zeros(many, np.float64)
        bits, named = np.zeros(many, np.int32), np.zeros(many, np.bool_)
        return cls(whole, whole.copy(), whole.copy(), real, real.copy(), bits, named)

    def add(
        self,
        persons: Numbers,
        items: Numbers,
        baskets: Numbers,
        moments: NDArray[np.float64],
        weights: NDArray[np.float64],
        bits: NDArray[np.int32],
        named: Flags,
    ) -> None:
        """More lines."""
        begin, self.count = self.count, self.count + len(moments)
        if self.count > len(self.person):  # cells with several things in them
            self._grow(max(self.count, len(self.person) * 3 // 2))
        part = slice(begin, self.count)
        self.person[part], self.item[part], self.basket[part] = persons, items, baskets
        self.at[part], self.weight[part], self.bits[part], self.named[part] = moments, weights, bits, named

    def _grow(self, size: int) -> None:
        for name in ("person", "item", "basket", "at", "weight", "bits", "named"):
            held = getattr(self, name)
            more = np.zeros(size, held.dtype)
            more[: len(held)] = held
            setattr(self, name, more)

    def cut(self) -> None:
        """Leaves out the room for lines that did not come."""
        for name in ("person", "item", "basket", "at", "weight", "bits", "named"):
            setattr(self, name, getattr(self, name)[: self.count])

    def pairs(self, which: Numbers | slice = slice(None)) -> NDArray[np.uint64]:
        """A number for person and item together."""
        return mixed(self.person[which].view(np.uint64), self.item[which].view(np.uint64))

    def repeated(self, broken: int) -> Numbers:
        """The places of lines whose person, item and moment stand elsewhere on a line that says more; where there is no
        moment the basket stands for it. Lines with one of the flags BROKEN take no part."""
        sound = np.flatnonzero((self.bits & broken) == 0)
        key = np.empty(len(sound), np.uint64)
        for begin in range(0, len(sound), PART):  # what is needed on the way there takes no room for all lines then
            places = sound[begin : begin + PART]
            at = self.at[places]
            moment = np.where(at == NEVER, self.basket[places].view(np.uint64), (at + 0.0).view(np.uint64))
            key[begin : begin + PART] = mixed(self.pairs(places), moment)
        twice = in_groups(key)
        sound, key = sound[twice], key[twice]
        order = np.lexsort((sound, -self.weight[sound], key))
        key = key[order]
        found: Numbers = sound[order][1:][key[1:] == key[:-1]]
        return found

    def mark(self, places: Numbers | Flags, flag: int) -> None:
        self.bits[places] |= flag


def numbers(names: Iterable[str]) -> Numbers:
    """Eight bytes for each name: the same within this process."""
    return np.fromiter(map(hash, names), np.int64)


def mixed(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One number for two; which of them comes first makes a difference."""
    with np.errstate(over="ignore"):
        found = one >> _SHIFT
        found ^= one
        found *= _MIX
        found += other
        found ^= found >> _SHIFT
        found *= _MIX
        return found


def in_groups(key: NDArray[np.uint64]) -> Numbers:
    """The places of numbers that stand there more than once."""
    ordered = np.sort(key)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(again):
        return np.empty(0, np.int64)
    found = []
    for begin in range(0, len(key), PART):
        part = key[begin : begin + PART]
        nearest = again[np.minimum(np.searchsorted(again, part), len(again) - 1)]
        found.append(np.flatnonzero(nearest == part) + begin)
    return np.concatenate(found)


def least(key: NDArray[np.uint64] | Numbers, bits: NDArray[np.int32]) -> NDArray[np.int32]:
    """For each different number the smallest of its bits."""
    if not len(key):
        return bits
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.concatenate(([True], key[order][1:] != key[order][:-1])))
    found: NDArray[np.int32] = np.minimum.reduceat(bits[order], begins)
    return found


def counted(values: Numbers, bits: NDArray[np.int32]) -> Iterator[tuple[int, int, int]]:
    """Each different value with its bits, and how many have them."""
    order = np.lexsort((bits, values))
    values, bits = values[order], bits[order]
    other = np.concatenate(([True], (values[1:] != values[:-1]) | (bits[1:] != bits[:-1]))) if len(order) else order
    begins = np.flatnonzero(other)
    many = np.diff(np.concatenate((begins, [len(order)])))
    return zip(values[begins].tolist(), bits[begins].tolist(), many.tolist(), strict=True)


def names(db: sqlite3.Connection, column: str, places: Numbers) -> Iterator[str]:
    """What the log has in a column on some of its lines, in their order."""
    for begin in range(0, len(places), ASK):
        asked = json.dumps((places[begin : begin + ASK] + 1).tolist())
        found = db.execute(
            f"SELECT {column} FROM json_each(?) AS asked JOIN log ON log.id = asked.value ORDER BY asked.key",  # noqa: S608
            (asked,),
        )
        yield from (name for (name,) in found)
