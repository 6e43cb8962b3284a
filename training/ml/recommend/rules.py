"""What the owner wants of every list: left out, put forward, in stock, not too much of one kind. No torch here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.picks import Item
from training.ml.recommend.wishes import Wish, holds

USUAL_PER_CATEGORY = 2


@dataclass(frozen=True)
class Rules:
    """The owner's rules; without any only what was taken before is left out, and two of a category are enough."""

    exclude: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    boost: Mapping[str, float] = field(default_factory=dict)
    """Factor by item or category."""
    in_stock_only: bool = False
    not_bought_already: bool = True
    most_per_category: int = USUAL_PER_CATEGORY
    """0 for no limit."""
    price_min: float | None = None
    price_max: float | None = None
    shown: tuple[str, ...] = ()
    """What the person sees at the moment, in its order; "the second" means one of these."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any] | None, usual: int = USUAL_PER_CATEGORY) -> Rules:
        """Read rules; what is not named keeps its usual value. usual: the limit per category where none is named."""
        given = dict(values or {})
        limit = given.get("most_per_category")
        return cls(
            exclude=frozenset(map(str, given.get("exclude") or ())),
            exclude_categories=frozenset(_plain(name) for name in given.get("exclude_categories") or ()),
            boost={_plain(name): float(factor) for name, factor in (given.get("boost") or {}).items()},
            in_stock_only=bool(given.get("in_stock_only", False)),
            not_bought_already=bool(given.get("not_bought_already", True)),
            most_per_category=usual if limit is None else int(limit),
            price_min=_number(given.get("price_min")),
            price_max=_number(given.get("price_max")),
            shown=tuple(map(str, given.get("shown") or ())),
        )

    def allows(self, item: Item) -> bool:
        """Whether the item may be shown at all."""
        if item.item in self.exclude or (
            item.category is not None and _plain(item.category) in self.exclude_categories
        ):
            return False
        return holds(item, Wish(price_min=self.price_min, price_max=self.price_max, in_stock=self.in_stock_only))

    def factor(self, item: Item) -> float:
        """By how much it is put forward; the item's own factor goes before its category's."""
        own = self.boost.get(_plain(item.item))
        of_kind = self.boost.get(_plain(item.category)) if item.category is not None else None
        return own if own is not None else of_kind if of_kind is not None else 1.0


def _plain(name: object) -> str:
    return str(name).strip().casefold()


def _number(value: Any) -> float | None:
    return None if value is None or value == "" else float(value)


def boosted(
    scores: NDArray[np.float32], rules: Rules, items: Sequence[Item], allowed: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Scores with the owner's factors; they are counted from the lowest allowed score on, so that a factor above 1 lifts."""
    if not rules.boost or not allowed.any():
        return scores
    factors = np.array([rules.factor(item) for item in items], dtype=np.float32)
    lowest = scores[allowed].min()
    return np.asarray((scores - lowest) * factors + lowest, dtype=np.float32)


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
