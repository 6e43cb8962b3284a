"""The protocol: what of every history is held out.

Each person's interactions are put in the order of time; an item counts once, at its first time. Interactions that share a
basket or a time stamp are one moment. Where most last moments hold several items (invoices, orders) the whole last moment
is held out ("next_basket"), because the last line of an invoice is no test of what comes next. Otherwise the last 20 % of
the items are held out, one at least, and a moment is never cut in two ("last_items"). Only people with five items or more
are tested. The validation part is cut off the rest in the same way; every choice is made on it, the test part is looked
at once. A test file of the owner's takes the place of the held-out part, and the validation part is cut to its likeness:
one item a person, one moment, or a share of the history ("last_item", "next_basket", "last_items"), since another question
has other best answers. All items of the catalogue that are not in the person's history are ranked. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.log import Data, Log, histories

FEWEST = 5
SHARE = 0.2
TIED = 0.5


@dataclass(frozen=True)
class Split:
    """Three parts of a log; the histories that a part is predicted from are all parts before it."""

    protocol: str
    """next_basket, last_items or test_file."""
    question: str
    """What the validation part asks: next_basket, last_items or last_item."""
    train: Log
    validation: Log
    test: Log
    learned: Log
    """Train and validation together."""


def split(data: Data) -> Split:
    """Cut the histories of a dataset."""
    log = data.log
    protocol = protocol_of(log) if data.test is None else question_of(data.test, log)
    test = np.zeros(len(log), dtype=bool) if data.test is not None else held_out(log, protocol, FEWEST)
    learned = log.part(~test)
    validation = held_out(learned, protocol, FEWEST - 1)
    return Split(
        protocol="test_file" if data.test is not None else protocol,
        question=protocol,
        train=learned.part(~validation),
        validation=learned.part(validation),
        test=data.test if data.test is not None else log.part(test),
        learned=learned,
    )


def protocol_of(log: Log) -> str:
    """next_basket where more than half of the people's last moments hold several items."""
    several = [int((log.moment[rows] == log.moment[rows[-1]]).sum()) > 1 for rows in histories(log).values()]
    return "next_basket" if several and float(np.mean(several)) > TIED else "last_items"


def question_of(test: Log, log: Log) -> str:
    """What a test file asks: one item of most people, one moment with several, or the last items."""
    known = set(log.person.tolist())
    rows = [rows for person, rows in histories(test).items() if person in known]
    if not rows:
        return protocol_of(log)
    if np.median([len(some) for some in rows]) <= 1:
        return "last_item"
    at_once = [len(some) > 1 and len(set(test.moment[some].tolist())) == 1 for some in rows]
    return "next_basket" if float(np.mean(at_once)) > TIED else "last_items"


def held_out(log: Log, protocol: str, fewest: int) -> NDArray[np.bool_]:
    """Which interactions are held out; nobody loses the whole history."""
    out = np.zeros(len(log), dtype=bool)
    for rows in histories(log).values():
        if len(rows) >= fewest:
            out[rows[_cut(log.moment[rows], protocol) :]] = True
    return out


def _cut(moments: NDArray[np.int64], protocol: str) -> int:
    """Where the held-out end begins; the length when there is no place to cut."""
    size = len(moments)
    if protocol == "last_item":
        return size - 1
    starts = np.flatnonzero(np.r_[True, moments[1:] != moments[:-1]])[1:]
    if not len(starts):
        return size
    if protocol == "next_basket":
        return int(starts[-1])
    wanted = size - max(1, int(size * SHARE))
    return int(starts[np.argmin(np.abs(starts - wanted))])
