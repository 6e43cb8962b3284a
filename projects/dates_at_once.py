"""Many moments at once, in vectors: those written in one of the common ways, two digits for every month, day and hour.

Whatever is written otherwise, or could be wrong, is left to `projects.dates`, which reads one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from projects import dates

Moments = NDArray[np.float64]
Digits = NDArray[np.int64]
SIZES = (10, 16, 19)  # a day, to the minute, to the second
ZERO, NINE = 48, 57
FEW = 50  # texts that are read one by one sooner


def moments(texts: Sequence[str], kind: str) -> Moments:
    """What `projects.dates.parse` says of stripped texts; NaN where it has to be asked."""
    found = np.full(len(texts), np.nan)
    if kind in ("none", "steps", "compact") or len(texts) < FEW:
        return found
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    for size in SIZES:
        places = np.flatnonzero(sizes == size)
        some = [texts[place] for place in places.tolist()]
        joined = "".join(some)
        if not joined.isascii():
            ascii_only = np.fromiter(map(str.isascii, some), bool, len(some))
            places, joined = places[ascii_only], "".join(filter(str.isascii, some))
        if joined:
            signs = np.frombuffer(joined.encode(), np.uint8).reshape(-1, size)
            found[places] = _read(signs, month_first=kind == "mdy")
    return found


def _read(signs: NDArray[np.uint8], *, month_first: bool) -> Moments:
    """The moments of texts of one size; a row of SIGNS each."""
    size = signs.shape[1]
    year_first = (signs[:, 4] == ord("-")) & (signs[:, 7] == ord("-"))
    year_last = (signs[:, 2] == signs[:, 5]) & np.isin(signs[:, 2], [ord(mark) for mark in "./-"])
    clock = np.ones(len(signs), bool)
    if size > 10:
        clock = (signs[:, 13] == ord(":")) & ((signs[:, 10] == ord(" ")) | ((signs[:, 10] == ord("T")) & year_first))
    if size > 16:
        clock &= signs[:, 16] == ord(":")
    found = np.full(len(signs), np.nan)
    for rows, places in (
        (year_first & clock, (0, 5, 8)),
        (year_last & ~year_first & clock, (6, 0, 3) if month_first else (6, 3, 0)),
    ):
        if rows.any():
            some = signs[rows]
            digits = [*range(places[0], places[0] + 4)]
            digits += [at + more for at in (*places[1:], *range(11, size, 3)) for more in (0, 1)]
            right = ((some[:, digits] >= ZERO) & (some[:, digits] <= NINE)).all(axis=1)
            numbers = some.astype(np.int64) - ZERO
            date = [_two(numbers, places[0]) * 100 + _two(numbers, places[0] + 2)]
            date += [_two(numbers, at) for at in places[1:]]
            found[rows] = np.where(right, _seconds(date, [_two(numbers, at) for at in range(11, size, 3)]), np.nan)
    return found


def _two(numbers: Digits, place: int) -> Digits:
    found: Digits = numbers[:, place] * 10 + numbers[:, place + 1]
    return found


def _seconds(date: list[Digits], clock: list[Digits]) -> Moments:
    year, month, day = date
    right = (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(right, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    right &= day <= (after - first).astype(np.int64)
    found = (first.astype(np.int64) + day - 1) * 86_400
    for part, most, weight in zip(clock, (24, 60, 60), (3_600, 60, 1), strict=False):
        right &= part < most
        found = found + part * weight
    right &= (found >= dates.FIRST) & (found <= dates.LAST)
    return np.where(right, found.astype(np.float64), np.nan)
