"""What of the catalogue may be shown, for all items at once: prices, stock, categories, words. No torch here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.linear import Table
from training.ml.recommend.picks import Item
from training.ml.recommend.rules import Rules, folded
from training.ml.recommend.wishes import Wish
from training.ml.scores import words
from training.ml.terms import Terms, plain

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Shelf:
    """The catalogue by column."""

    places: dict[str, int]
    prices: NDArray[np.float64]
    """NaN where unknown."""
    available: Mask
    categories: NDArray[np.int64]
    """Position in `names`; -1 without a category."""
    names: dict[str, int]
    terms: Terms
    by_word: Table
    """Terms × items; which items hold a word."""

    @classmethod
    def of(cls, items: Sequence[Item], terms: Terms, by_word: Table) -> Shelf:
        names: dict[str, int] = {}
        kinds = [names.setdefault(folded(item.category), len(names)) if item.category else -1 for item in items]
        return cls(
            places={item.item: i for i, item in enumerate(items)},
            prices=np.array([np.nan if item.price is None else item.price for item in items]),
            available=np.array([item.available for item in items], dtype=bool),
            categories=np.array(kinds, dtype=np.int64),
            names=names,
            terms=terms,
            by_word=by_word,
        )

    def allowed(self, rules: Rules, wish: Wish) -> Mask:
        """Items for which every rule and every condition holds; an unknown price holds no limit."""
        kept = np.ones(len(self.prices), dtype=bool)
        if rules.in_stock_only or wish.in_stock:
            kept &= self.available
        with np.errstate(invalid="ignore"):
            for limit in (rules.price_max, wish.price_max):
                kept &= self.prices <= limit if limit is not None else True
            for limit in (rules.price_min, wish.price_min):
                kept &= self.prices >= limit if limit is not None else True
        left_out = [self.names[name] for name in rules.exclude_categories if name in self.names]
        kept &= ~np.isin(self.categories, left_out)
        kept[[self.places[item] for item in rules.exclude if item in self.places]] = False
        for text in wish.without:
            kept &= ~self.holding(words(text))
        return kept

    def holding(self, asked: Iterable[str]) -> Mask:
        """Items that hold all of the words, plural or not."""
        found = np.zeros(len(self.prices), dtype=bool)
        asked = [plain(word) for word in asked]
        if not asked or any(word not in self.terms.places for word in asked):
            return found
        rows = [self.terms.places[word] for word in asked]
        sets = [self.by_word.indices[self.by_word.indptr[row] : self.by_word.indptr[row + 1]] for row in rows]
        both = sets[0]
        for more in sets[1:]:
            both = np.intersect1d(both, more)
        found[both] = True
        return found

    def factors(self, rules: Rules) -> NDArray[np.float32]:
        """By how much each item is put forward; its own factor goes before its category's."""
        found = np.ones(len(self.prices), dtype=np.float32)
        for name, factor in rules.boost.items():
            if name in self.names:
                found[self.categories == self.names[name]] = factor
        for item, factor in rules.boost.items():
            if item in self.places:
                found[self.places[item]] = factor
        return found
