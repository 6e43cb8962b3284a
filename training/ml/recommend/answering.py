"""Answers: for a history, for a sentence, for both, and for one item; with the owner's rules and true reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from training.ml import segments
from training.ml.recommend.linear import Dense
from training.ml.recommend.loading import LoadedRecommender
from training.ml.recommend.picks import SYSTEMS, Item, Pick, Why
from training.ml.recommend.reasons import because
from training.ml.recommend.rules import NotPossible, Rules, boosted, choose
from training.ml.recommend.sentences import measured
from training.ml.recommend.wishes import Wish, parse, settled
from training.ml.scores import words
from training.ml.stored import Stored
from training.ml.terms import plain

TASTE = 0.15
"""How much the history counts beside a sentence."""
MOST_HISTORY = 200
MOST_ORDERED = 5000
NEAREST = 0.02
"""Share of the catalogue that counts as fitting a wish when hardly an item holds its words."""
Scores = Dense | NDArray[np.float64]
TIE = 1e-6
"""How much of the spread of all scores popularity may decide: what scores the same."""
POPULAR = ("popularity", "recent")
"""Systems that show what many choose."""
STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "for",
        "to",
        "of",
        "in",
        "on",
        "with",
        "and",
        "or",
        "my",
        "me",
        "some",
        "i",
        "gift",
        "gifts",
        "present",
        "something",
        "as",
        "is",
        "it",
        "this",
        "that",
    ]
)


@dataclass(frozen=True)
class _Scored:
    """Scores of the whole catalogue, and what they came from."""

    values: Scores
    """[items]."""
    history: list[int]
    wish: Wish
    found: bool
    """Whether words were looked for."""
    usual: bool = False
    """Whether nothing speaks for anything: no words, nothing chosen before, nothing shown."""


def answer(
    loaded: LoadedRecommender,
    history: Sequence[str] = (),
    query: str | None = None,
    k: int = 10,
    rules: Stored | None = None,
    answers_with: str = "tuned",
) -> list[Pick]:
    """At most k picks, best first.

    history: ids, oldest first; ids the catalogue does not know are passed over. query: a sentence such as "a gift for
    a gardener under 20", "like X but red", or None. rules: exclude [ids], exclude_categories [names], boost {id or
    category: factor}, in_stock_only, not_bought_already (true unless set), most_per_category (0, as many as fit,
    unless set), price_min, price_max, shown [ids the person sees at the moment]. answers_with: one of picks.SYSTEMS.
    Conditions of the query and rules hold for everything shown; fewer picks come when fewer items fulfil them.
    Raises NotPossible for rules and systems that are none.
    """
    if answers_with not in SYSTEMS:
        raise NotPossible(problem=f"There is no system {answers_with[:50]!r}.")
    known = _known(loaded, history)
    set_rules = Rules.from_json(rules)
    scored = _scored(loaded, known, (query or "").strip(), set_rules, answers_with)
    if scored.usual and answers_with not in POPULAR:
        # A method that only knows what goes together would show the table as it stands.
        scored = replace(scored, values=loaded.popular)
    return _picks(loaded, _popular_first(loaded, scored), k, set_rules, answers_with)


def scored_alone(loaded: LoadedRecommender, history: Sequence[str], query: str | None, k: int) -> list[Pick]:
    """What the scores of the blend make of a question by themselves, by which a model proves that it is the same."""
    rules = Rules()
    return _picks(loaded, _scored(loaded, _known(loaded, history), query or "", rules, "tuned"), k, rules, "tuned")


def _known(loaded: LoadedRecommender, history: Sequence[str]) -> list[int]:
    return [loaded.places[item] for item in dict.fromkeys(history) if item in loaded.places][-MOST_HISTORY:]


def _popular_first(loaded: LoadedRecommender, scored: _Scored) -> _Scored:
    """Of what scores the same, what many chose comes first, and not what stands first in the table."""
    values = np.asarray(scored.values, dtype=np.float64)
    most = float(loaded.popular.max(initial=0.0))
    if not most:
        return scored
    spread = float(np.ptp(values)) or 1.0
    return replace(scored, values=values + TIE * spread * loaded.popular / most)


def similar(
    loaded: LoadedRecommender, item: str, k: int = 10, rules: Stored | None = None
) -> list[Pick]:  # fmt: skip
    """People who took this also took: at most k picks for one item; by its text when nobody took it yet."""
    if item not in loaded.places:
        return []
    place = loaded.places[item]
    set_rules = Rules.from_json(rules)
    scored = _popular_first(loaded, _Scored(_beside(loaded, place), [place], Wish(), found=False))
    return _picks(loaded, scored, k, replace(set_rules, not_bought_already=True), "tuned")


def _scored(loaded: LoadedRecommender, known: list[int], query: str, rules: Rules, system: str) -> _Scored:
    if not query:
        return _Scored(loaded.scored(known, system).values, known, Wish(), found=False, usual=not known)
    wish = parse(query)
    shown = [loaded.places[item] for item in rules.shown if item in loaded.places]
    meant = _meant(loaded, wish, shown)
    wish = settled(wish, _anchor(loaded, wish, meant, shown, known))
    if meant is not None:
        return _like(loaded, meant, wish, known, system)
    if not wish.text:
        past = known or shown
        return _Scored(loaded.scored(past, system).values, known, wish, found=False, usual=not past)
    values = measured(_find(loaded, wish.text))[0]
    if known:
        values = values + TASTE * measured(loaded.scored(known, system).values[None])[0]
    return _Scored(values, known, wish, found=True)


def _find(loaded: LoadedRecommender, text: str) -> Dense:
    """1 × items: how well each fits the words."""
    return loaded.finder.total(loaded.library.likeness(loaded.encoder, [text]))


def _meant(loaded: LoadedRecommender, wish: Wish, shown: list[int]) -> int | None:
    """The thing that a wish compares with: by its place among the shown ones, else by its name."""
    if wish.place and shown:
        place = wish.place - 1 if wish.place > 0 else len(shown) - 1
        return shown[place] if place < len(shown) else None
    if wish.like:
        return titled(loaded, wish.like)
    return None


def titled(loaded: LoadedRecommender, name: str) -> int:
    """The item whose title is nearest to a name; of shown words and spelling more than of meaning."""
    asked = {plain(word) for word in words(name)}
    scores = _find(loaded, name)[0]
    near = np.argsort(-scores, kind="stable")[:50]
    overlap = [_shared({plain(word) for word in words(loaded.items[i].title)}, asked) for i in near]
    spread = float(scores[near].std()) or 1.0
    return int(near[int(np.argmax(np.array(overlap) * 4 + scores[near] / spread))])


def _shared(title: set[str], asked: set[str]) -> float:
    """Shared words over all words of both."""
    return len(title & asked) / max(len(title | asked), 1)


def _anchor(
    loaded: LoadedRecommender, wish: Wish, meant: int | None, shown: list[int], known: list[int]
) -> Item | None:  # fmt: skip
    """What "cheaper" and "not that brand" are measured by: the thing meant, else what is shown, else the newest taken.

    Where there is none of these, "cheaper" means the cheaper half of the catalogue.
    """
    if meant is not None:
        return loaded.items[meant]
    if not (wish.cheaper or wish.other_brand):
        return None
    some = [loaded.items[i] for i in shown or known[-1:]]
    prices = [item.price for item in some if item.price is not None]
    if not prices and bool(np.isfinite(loaded.shelf.prices).any()):
        prices = [float(np.nanmedian(loaded.shelf.prices))]
    first = some[0] if some else Item("", "")
    return replace(first, price=median(prices) if prices else None)


def _like(loaded: LoadedRecommender, meant: int, wish: Wish, known: list[int], system: str) -> _Scored:
    """What goes with the thing meant and with the history; a wish beside it counts as a condition."""
    values = measured(_beside(loaded, meant)[None])[0]
    if known:
        values = values + measured(loaded.scored([*known, meant], system).values[None])[0]
    if wish.text:
        values = values + _fitting(loaded, wish.text) * (float(values.max()) - float(values.min()) + 1)
    return _Scored(values, [*known, meant], wish, found=bool(wish.text))


def _fitting(loaded: LoadedRecommender, text: str) -> NDArray[np.float32]:
    """1 for items that hold the wish's words, else 1/2 for those nearest in meaning."""
    asked = [word for word in words(text) if word not in STOP]
    holding = loaded.shelf.holding(asked)
    if holding.any():
        return holding.astype(np.float32)
    scores = _find(loaded, text)[0]
    border = np.sort(scores)[-max(20, int(len(scores) * NEAREST)) :][0]
    return np.where(scores >= border, 0.5, 0).astype(np.float32)


def _beside(loaded: LoadedRecommender, place: int) -> Dense:
    """What people who took an item also took, with likeness of text to tell ties apart and for items nobody took."""
    scores = loaded.scored([place]).values
    if not loaded.tables.cold[place]:
        return np.asarray(scores)
    sentence = loaded.library.sentence
    return np.asarray(measured((sentence[place] @ sentence.T)[None])[0] + 0.1 * scores)


def _picks(loaded: LoadedRecommender, scored: _Scored, k: int, rules: Rules, system: str) -> list[Pick]:
    allowed = loaded.shelf.allowed(rules, scored.wish)
    if rules.not_bought_already:
        allowed[scored.history] = False
    factors = loaded.shelf.factors(rules)
    values = boosted(scored.values, factors, allowed)
    shown = _chosen(loaded, values, allowed, k, rules)
    reasons = _reasons(loaded, scored, shown, system)
    usual = set(_chosen(loaded, scored.values, allowed, k, rules)) if rules.boost else set()
    for i, place in enumerate(shown):
        if rules.boost and place not in usual and factors[place] > 1:
            reasons[i] = Why("rule")
    return [Pick(loaded.items[i].item, round(float(values[i]), 5), why) for i, why in zip(shown, reasons, strict=True)]


def _chosen(loaded: LoadedRecommender, values: Scores, allowed: NDArray[np.bool_], k: int, rules: Rules) -> list[int]:
    """The k best; where one category fills the top of a large catalogue the whole of it is put in order."""
    for most in (MOST_ORDERED, len(values)):
        shown = choose(_order(values, allowed, most), loaded.items, k, rules.most_per_category)
        if len(shown) == k or len(values) <= MOST_ORDERED:
            break
    return shown


def _order(values: Scores, allowed: NDArray[np.bool_], most: int) -> list[int]:
    """The best allowed positions, at most so many, best first."""
    kept = np.flatnonzero(allowed)
    if len(kept) > most:
        kept = np.sort(kept[np.argpartition(-values[kept], most)[:most]])
    found: list[int] = kept[np.argsort(-values[kept], kind="stable")].tolist()
    return found


def _stands(word: str, held: set[str], said: str) -> bool:
    """Whether a word stands in an item, plural or not; one of several signs has to stand there as a whole."""
    signs = words(word)
    return held.issuperset(map(plain, signs)) and (len(signs) < 2 or word in said)


def _reasons(loaded: LoadedRecommender, scored: _Scored, shown: list[int], system: str) -> list[Why]:
    """The words that were found, else what in the history it follows from, else that many take it, where many do."""
    named: list[list[int]] = [[] for _ in shown]
    if scored.history and shown:
        named = because(loaded.tables, loaded.scored(scored.history, system), scored.history, shown)
    asked = [word for word in segments.words(scored.wish.text) if not STOP.issuperset(words(word))]
    found = []
    for place, past in zip(shown, named, strict=True):
        held = {plain(word) for word in words(loaded.items[place].words)}
        said = loaded.items[place].words.lower()
        matched = [word for word in dict.fromkeys(asked) if _stands(word, held, said)]
        if scored.found and (matched or not past):
            found.append(Why("text", words=matched))
        else:
            liked = Why("popular" if scored.usual or system in POPULAR or loaded.often[place] else "other")
            found.append(Why("because", [loaded.items[i].item for i in past]) if past else liked)
    return found
