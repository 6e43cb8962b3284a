"""Further tests of a recommender: new items, sentences, "like X but W", and conditions that must hold."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.answering import answer
from training.ml.recommend.blend import Blend
from training.ml.recommend.building import Described, build, ridge_of
from training.ml.recommend.choosing import Task, quality
from training.ml.recommend.linear import Dense
from training.ml.recommend.loading import LoadedRecommender
from training.ml.recommend.log import Data
from training.ml.recommend.metrics import K, ratio
from training.ml.recommend.newitems import newcomers, with_new, withheld
from training.ml.recommend.report import Conditions, Figures, LikeBut, NewItems, Sentences
from training.ml.recommend.scoring import Member, Tables
from training.ml.recommend.sentences import queries_of
from training.ml.recommend.splitting import Split
from training.ml.recommend.wishes import parse
from training.ml.scores import interval, words
from training.ml.terms import plain

QUERIES = 400
LIKES = 300
FEWEST = 20


def new_items(loaded: LoadedRecommender, data: Data, parts: Split, seed: int, most: int) -> NewItems | None:
    """Items never seen in training, ranked among themselves for so many people; None when hardly anybody took one.

    Tables are built again without them; the adapter never had them as targets.
    """
    found = newcomers(parts.learned, parts.test, data, withheld(len(data.items)).test, most)
    if found is None:
        return None
    tables = build(found.before, len(data.people), _described(loaded), loaded.choices)
    frozen = replace(tables, ridge=ridge_of(tables.ease, tables.text, ~tables.cold, 1.0), described=tables.text)
    life = loaded.choices.content_half_life
    values = {
        "tuned": quality(with_new(tables, loaded.blend, found.task.batch, loaded.new_share), found.task, found.allowed)
    }
    for name, source in (("tfidf", "words"), ("embedding", "text"), ("ridge", "ridge")):
        values[name] = _quality(frozen, Blend.of(Member(name, source, life)), found.task, found.allowed)
    count = int(found.allowed.sum())
    values["random"] = by_chance(found.task, count)
    best = max((name for name in values if name not in ("tuned", "random")), key=lambda name: values[name].mean())
    return NewItems(
        items=count,
        people=len(found.task.truth),
        ndcg={name: interval(one.tolist(), seed) for name, one in values.items()},
        best_simple=best,
        ratio_to_best=ratio(values["tuned"], values[best], seed),
        times_random=round(float(values["tuned"].mean() / values["random"].mean()), 1),
    )


def by_chance(task: Task, count: int) -> NDArray[np.float64]:
    """The ndcg@10 that each person may expect of count items in any order: every place is right as often as any other."""
    discounts = 1 / np.log2(np.arange(2, K + 2))
    wanted = np.array([len(truth) for truth in task.truth])
    ideal = discounts.cumsum()[np.minimum(wanted, K) - 1]
    expected: NDArray[np.float64] = wanted / count * discounts[: min(K, count)].sum() / ideal
    return expected


def _described(loaded: LoadedRecommender) -> Described:
    tables = loaded.tables
    library = loaded.library
    return Described(tables.words, tables.text, tables.lora, library.sentence, tables.heads, loaded.projection)


def _quality(tables: Tables, blend: Blend, task: Task, allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    return quality(blend.scores(tables, task.batch), task, allowed)


def sentences(loaded: LoadedRecommender, seed: int) -> Sentences | None:
    """Parts of the descriptions of items the adapter never saw, as they are and with typos: where the item comes."""
    chosen = [
        i for i in np.flatnonzero(withheld(len(loaded.items)).test).tolist() if len(words(loaded.items[i].words)) > 1
    ]
    chosen = chosen[:QUERIES]
    if len(chosen) < FEWEST:
        return None
    texts = [loaded.items[i].words for i in chosen]
    found: dict[str, Figures] = {}
    for kind, share in (("plain", 0.0), ("typos", 1.0)):
        likeness = loaded.library.likeness(loaded.encoder, queries_of(texts, share, seed + 1))
        systems = {
            "tuned": loaded.finder.total(likeness),
            "tfidf": likeness["words"],
            "frozen": likeness["text"],
            "frozen_tfidf": likeness["text"] + likeness["words"],
        }
        values = {name: _found(scores, chosen) for name, scores in systems.items()}
        found[kind] = {name: interval(one.tolist(), seed) for name, one in values.items()}
        found[kind]["ratio"] = ratio(values["tuned"], values["frozen_tfidf"], seed)
    return Sentences(len(chosen), found["plain"], found["typos"])


def _found(scores: Dense, wanted: list[int]) -> NDArray[np.float64]:
    """ndcg@10 with one right item: 1 / log2(place + 1), 0 beyond the tenth."""
    own = scores[np.arange(len(wanted)), wanted][:, None]
    place = (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) - 1) / 2
    return np.where(place < K, 1 / np.log2(place + 2), 0.0)


def like_but(loaded: LoadedRecommender, task: Task, seed: int) -> LikeBut | None:
    """ "Like X but W": X is the newest item taken, W a word of what was taken next; does that come up?

    Compared are: one embedding of the whole sentence, and the sentence parsed into item and wish without any history.
    """
    cases = _cases(loaded, task, seed)
    if len(cases) < FEWEST:
        return None
    values: dict[str, list[float]] = {"tuned": [], "with_history": [], "one_embedding": []}
    ids = [item.item for item in loaded.items]
    for history, sentence, truth in cases:
        rules = {"exclude": [ids[i] for i in history], "most_per_category": 0}
        taken = [ids[i] for i in history]
        near = (loaded.encoder.both([sentence])[1] @ loaded.tables.text.T)[0]
        near[history] = -np.inf
        lists = {
            "tuned": [loaded.places[pick.item] for pick in answer(loaded, [], sentence, K, rules)],
            "with_history": [loaded.places[pick.item] for pick in answer(loaded, taken, sentence, K, rules)],
            "one_embedding": np.argsort(-near, kind="stable")[:K].tolist(),
        }
        for name, shown in lists.items():
            values[name].append(_gain(shown, truth))
    arrays = {name: np.array(found) for name, found in values.items()}
    return LikeBut(
        queries=len(cases),
        ndcg={name: interval(found.tolist(), seed) for name, found in arrays.items()},
        ratio_to_one_embedding=ratio(arrays["tuned"], arrays["one_embedding"], seed),
        ratio_with_history=ratio(arrays["with_history"], arrays["one_embedding"], seed),
    )


def _cases(loaded: LoadedRecommender, task: Task, seed: int) -> list[tuple[list[int], str, set[int]]]:
    """Histories, sentences, and what was taken next that holds the wish's word."""
    chance = random.Random(f"like/{seed}")
    held = [
        {plain(word) for word in words(item.words) if len(word) > 2 and not word.isdecimal()} for item in loaded.items
    ]
    counts: dict[str, int] = {}
    for some in held:
        for word in some:
            counts[word] = counts.get(word, 0) + 1
    fewest, most = max(5, len(held) // 1000), len(held) // 4
    cases = []
    for i in chance.sample(range(len(task.truth)), min(len(task.truth), LIKES)):
        history = task.batch.histories[i].tolist()
        wanted = sorted({w for j in task.truth[i] for w in held[j] - held[history[-1]] if fewest <= counts[w] <= most})
        if wanted:
            word = chance.choice(wanted)
            truth = {j for j in task.truth[i] if word in held[j]}
            cases.append((history, f"something like {loaded.items[history[-1]].title} but {word}", truth))
    return cases


def _gain(shown: list[int], truth: set[int]) -> float:
    discounts = 1 / np.log2(np.arange(2, K + 2))
    hits = np.array([item in truth for item in shown], dtype=bool)
    return float(discounts[: len(hits)][hits].sum() / discounts[: min(K, len(truth))].sum())


def conditions(loaded: LoadedRecommender, seed: int) -> Conditions:
    """Share of shown items that fulfil a price or stock condition of the sentence; it must be all."""
    priced = [item for item in loaded.items if item.price is not None]
    chance = random.Random(f"conditions/{seed}")
    shown = held = 0
    for item in chance.sample(priced, min(len(priced), 100)):
        limit = round((item.price or 0) * chance.uniform(0.5, 2), 2)
        form = chance.choice(("{} under {}", "{} below £{}", "{} over {}", "{} up to {} in stock", "{}，不超过{}元"))
        sentence = form.format(item.title.split("(")[0], limit)
        wish = parse(sentence)
        for pick in answer(loaded, [], sentence, K):
            price = loaded.items[loaded.places[pick.item]].price
            right = price is not None and (price >= limit if "over" in form else price <= limit)
            shown += 1
            held += right and (wish.price_max is not None or wish.price_min is not None)
    return Conditions(shown, held, held / shown if shown else None)


__all__ = ["conditions", "like_but", "new_items", "sentences"]
