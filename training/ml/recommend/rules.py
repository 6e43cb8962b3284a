"""What the owner wants of every list: left out, put forward, in stock, not too much of one kind. No torch here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import LearningError
from training.ml.recommend.picks import Item
from training.ml.stored import Stored

WEAKEST, STRONGEST = 1e-3, 1e6
"""Factors beyond these move an item no further."""


class NotPossible(LearningError):
    code = "not_possible"
    sentence = "{problem}"


@dataclass(frozen=True)
class Rules:
    """The owner's rules; without any only what was taken before is left out, as in the report."""

    exclude: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    boost: Mapping[str, float] = field(default_factory=dict)
    """Factor by item or category."""
    in_stock_only: bool = False
    not_bought_already: bool = True
    most_per_category: int = 0
    """0 for no limit."""
    price_min: float | None = None
    price_max: float | None = None
    shown: tuple[str, ...] = ()
    """What the person sees at the moment, in its order; "the second" means one of these."""

    @classmethod
    def from_json(cls, values: Stored | None) -> Rules:
        """Read rules; what is not named keeps its usual value. Raises NotPossible for what is no rule."""
        try:
            return cls._read(dict(values or {}))
        except (AttributeError, OverflowError, TypeError, ValueError) as error:
            raise NotPossible(problem=f"These are no rules: {str(error)[:200]}") from error

    @classmethod
    def _read(cls, given: Mapping[str, Any]) -> Rules:
        return cls(
            exclude=frozenset(map(str, given.get("exclude") or ())),
            exclude_categories=frozenset(folded(name) for name in given.get("exclude_categories") or ()),
            boost=_boost(given.get("boost") or {}),
            in_stock_only=bool(given.get("in_stock_only", False)),
            not_bought_already=bool(given.get("not_bought_already", True)),
            most_per_category=int(given.get("most_per_category") or 0),
            price_min=_limit(given.get("price_min")),
            price_max=_limit(given.get("price_max")),
            shown=tuple(map(str, given.get("shown") or ())),
        )


def _boost(given: Mapping[str, Any]) -> dict[str, float]:
    """Factors by the name as it stands, for items, and in small letters, for categories."""
    found = {folded(name): _number(factor) for name, factor in given.items()}
    return found | {str(name): _number(factor) for name, factor in given.items()}


def folded(name: object) -> str:
    return str(name).strip().casefold()


def _limit(value: Any) -> float | None:
    return None if value is None or value == "" else _number(value)


def _number(value: Any) -> float:
    found = float(value)
    if isnan(found):
        raise ValueError(f"{value!r} is not a number")
    return found


def boosted(
    scores: NDArray[np.float32] | NDArray[np.float64], factors: NDArray[np.float32], allowed: NDArray[np.bool_]
) -> NDArray[np.float32] | NDArray[np.float64]:  # fmt: skip
    """Scores with the owner's factors: a factor of 2 lifts by one deviation of the allowed scores, of 1/2 lowers by one."""
    if not allowed.any() or not (factors != 1).any():
        return scores
    lift = np.log2(np.clip(factors, WEAKEST, STRONGEST)) * max(float(scores[allowed].std()), 1e-6)
    return np.asarray(scores + lift, dtype=np.float64)  # in 32 bits what tells equals apart would be lost


def choose(order: Iterable[int], items: Sequence[Item], k: int, most_per_category: int) -> list[int]:
    """The first k of an order with so many of a category at most; items without a category are not limited."""
    kept: list[int] = []
    counts: dict[str, int] = {}
    for position in order:
        if len(kept) >= k:
            break
        category = items[position].category
        if most_per_category and category is not None:
            if counts.get(category, 0) >= most_per_category:
                continue
            counts[category] = counts.get(category, 0) + 1
        kept.append(position)
    return kept
