"""Answers: for a history, for a sentence, for both, and for one item; with the owner's rules and true reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.ml.recommend.loading import LoadedRecommender
from training.ml.recommend.picks import Pick


def answer(
    loaded: LoadedRecommender,
    history: Sequence[str] = (),
    query: str | None = None,
    k: int = 10,
    rules: Mapping[str, Any] | None = None,
    answers_with: str = "tuned",
) -> list[Pick]:
    """At most k picks, best first.

    history: ids, oldest first; ids the catalogue does not know are passed over. query: a sentence such as "a gift for
    a gardener under 20", "like X but red", or None. rules: exclude [ids], exclude_categories [names], boost {id or
    category: factor}, in_stock_only, not_bought_already (true unless set), most_per_category (2; 0 for no limit),
    price_min, price_max. answers_with: one of picks.SYSTEMS.
    """
    raise NotImplementedError


def similar(
    loaded: LoadedRecommender, item: str, k: int = 10, rules: Mapping[str, Any] | None = None
) -> list[Pick]:  # fmt: skip
    """People who took this also took: at most k picks for one item; by its text when nobody took it yet."""
    raise NotImplementedError


def check_probes(loaded: LoadedRecommender, model: Path | None = None) -> float:
    """Share of the stored probe answers that come out again; 1.0 is the very same model."""
    raise NotImplementedError
